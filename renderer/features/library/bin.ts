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

/** What a purge of these takes is told in these words. */
export function purgeTextOf(rows: readonly BinRow[]): `purgeText.${"recordings" | "runs" | "mixed"}` {
  const runs = rows.filter(({ kind }) => kind === "run").length;
  return `purgeText.${runs === 0 ? "recordings" : runs === rows.length ? "runs" : "mixed"}`;
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
