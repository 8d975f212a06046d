import { BIN_MOST } from "../../../preload/contract/listing.ts";
import type { BinnedRecording } from "../../../preload/contract/recording.ts";
import type { BinnedRun } from "../../../preload/contract/run.ts";

/** Something in the bin. `id` is unique among recordings and runs alike. */
export type BinRow =
  | { readonly kind: "recording"; readonly id: string; readonly recording: BinnedRecording }
  | { readonly kind: "run"; readonly id: string; readonly run: BinnedRun };

export const nameOf = (row: BinRow): string =>
  row.kind === "recording" ? row.recording.name : row.run.config.name;
export const binnedAt = (row: BinRow): string =>
  row.kind === "recording" ? row.recording.binnedAt : row.run.binnedAt;

/** What is in the bin, last binned first. */
export function binRows(recordings: readonly BinnedRecording[], runs: readonly BinnedRun[]): BinRow[] {
  return [
    ...recordings.map((recording): BinRow => ({ kind: "recording", id: recording.id, recording })),
    ...runs.map((run): BinRow => ({ kind: "run", id: run.id, run })),
  ].sort((a, b) => binnedAt(b).localeCompare(binnedAt(a)));
}

/**
 * Runs among recordings of which more follow: those that were binned after the last that is shown, and all of them where
 * nothing follows.
 */
export const runsAmong = (
  recordings: readonly BinnedRecording[],
  runs: readonly BinnedRun[],
  isWhole: boolean,
): readonly BinnedRun[] => {
  const last = recordings.at(-1);
  return isWhole || last === undefined ? runs : runs.filter((run) => run.binnedAt >= last.binnedAt);
};

/** What something is done with: all of it by id, and the rows of it that are known. */
export interface Meant {
  readonly recordings: readonly string[];
  readonly runs: readonly string[];
  readonly known: readonly BinRow[];
}

export const meantRows = (rows: readonly BinRow[]): Meant => {
  const ids = (kind: BinRow["kind"]): string[] => rows.filter((row) => row.kind === kind).map(({ id }) => id);
  return { recordings: ids("recording"), runs: ids("run"), known: rows };
};

export const countOf = ({ recordings, runs }: Pick<Meant, "recordings" | "runs">): number =>
  recordings.length + runs.length;

/** What is asked for at once: some recordings, or a run. */
export type Part =
  | { readonly kind: "recordings"; readonly ids: readonly string[] }
  | { readonly kind: "run"; readonly ids: readonly [string] };

export function partsOf({ recordings, runs }: Meant): Part[] {
  const parts: Part[] = runs.map((id) => ({ kind: "run", ids: [id] }));
  for (let from = 0; from < recordings.length; from += BIN_MOST)
    parts.push({ kind: "recordings", ids: recordings.slice(from, from + BIN_MOST) });
  return parts;
}

/** Names of those of these that are known. */
export function namesOf({ known }: Meant, ids: readonly string[]): string[] {
  const some = new Set(ids);
  return known.filter(({ id }) => some.has(id)).map(nameOf);
}

/** How many of what was asked for were no longer in the bin: somebody else had brought them back, or deleted them. */
export function missedOf(asked: readonly Part[], happened: readonly string[]): number {
  const done = new Set(happened); // a hundred thousand perhaps
  return asked.flatMap(({ ids }) => ids).filter((id) => !done.has(id)).length;
}

/** What a purge of these takes is told in these words. */
export function purgeTextOf({ recordings, runs }: Meant): `purgeText.${"recordings" | "runs" | "mixed"}` {
  return `purgeText.${runs.length === 0 ? "recordings" : recordings.length === 0 ? "runs" : "mixed"}`;
}

export interface Done<T, R> {
  readonly done: readonly T[];
  readonly results: readonly R[];
  readonly error: unknown; // what stopped it, or undefined
}

/** One after the other: a failure leaves the rest as it was, and what was done is known by name. */
export async function inTurn<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
  onStep: (done: number) => void = () => undefined,
): Promise<Done<T, R>> {
  const done: T[] = [];
  const results: R[] = [];
  for (const item of items) {
    try {
      results.push(await act(item));
    } catch (error) {
      return { done, results, error };
    }
    done.push(item);
    onStep(done.length);
  }
  return { done, results, error: undefined };
}
