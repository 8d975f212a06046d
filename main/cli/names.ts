import { AppError } from "../../preload/contract/errors.ts";
import { PAGE_MOST, PageRequest } from "../../preload/contract/listing.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import type { Run } from "../../preload/contract/run.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { Service } from "../service/service.ts";

/** One page after the other, each asked for once it is wanted. */
export async function* pagesOf<P extends { readonly next?: string | undefined }>(
  ask: (after: string | undefined) => Promise<P> | P,
): AsyncGenerator<P> {
  let after: string | undefined;
  do {
    const page = await ask(after);
    yield page;
    after = page.next;
  } while (after !== undefined);
}

/** All that are not in the bin, or those of a study, in the order they were added, a page at a time. */
export async function* everyRecording(
  { handlers }: Pick<Service, "handlers">,
  study?: string,
): AsyncGenerator<RecordingSummary> {
  const request = PageRequest.parse({});
  for await (const { rows } of pagesOf((after) => handlers["recordings.page"]({ ...request, after })))
    yield* study === undefined ? rows : rows.filter((one) => one.study === study);
}

export async function allOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Those of these that are not in the bin, in their order. */
export async function someRecordings(
  { handlers }: Pick<Service, "handlers">,
  ids: readonly string[],
): Promise<RecordingSummary[]> {
  const found: RecordingSummary[] = [];
  for (let from = 0; from < ids.length; from += PAGE_MOST)
    found.push(...(await handlers["recordings.some"]({ ids: ids.slice(from, from + PAGE_MOST) })));
  return found;
}

const NAMED = 20; // of many of one name

/** Nobody or several go by a name that means one. */
export function notOne(wanted: string, found: readonly string[], where: string): AppError {
  const rest = found.length > NAMED ? ` and ${found.length - NAMED} more` : "";
  return found.length === 0
    ? new AppError("data/recording-unknown", `No recording ${wanted} ${where}`, { value: wanted })
    : new AppError(
        "data/recording-ambiguous",
        `${found.length} recordings are named ${wanted}; say which by id: ${found.slice(0, NAMED).join(", ")}${rest}`,
        { value: wanted, recordings: found.length },
      );
}

export async function findRecording(service: Service, nameOrId: string): Promise<RecordingSummary> {
  const found = await service.library.recordingsNamed(nameOrId);
  const [only] = found.length === 1 ? await someRecordings(service, found) : [];
  if (only !== undefined) return only;
  const { recordings } = await service.handlers["recordings.counts"]({});
  throw notOne(nameOrId, found, `in the library (it has ${recordings})`);
}

export async function findRecordings(
  service: Service,
  names: readonly string[],
): Promise<RecordingSummary[]> {
  const found = new Map<string, RecordingSummary>();
  for (const name of names) {
    const recording = await findRecording(service, name);
    found.set(recording.id, recording);
  }
  return [...found.values()];
}

export async function findRun(service: Service, nameOrId: string): Promise<Run> {
  const all = await service.library.listRuns();
  const matches =
    [all.filter(({ id }) => id === nameOrId), all.filter(({ config }) => config.name === nameOrId)].find(
      (list) => list.length > 0,
    ) ?? [];
  if (matches.length === 1) return sure(matches[0]);
  if (matches.length > 1) {
    const message = `${matches.length} runs are named ${nameOrId}; say which by id: ${matches.map(({ id }) => id).join(", ")}`;
    throw new AppError("data/run-ambiguous", message, { value: nameOrId, runs: matches.length });
  }
  throw new AppError("data/run-unknown", `No run ${nameOrId} in the library (it has ${all.length})`, {
    value: nameOrId,
    runs: all.length,
  });
}
