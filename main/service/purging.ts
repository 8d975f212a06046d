import { errorFrom, reportOf } from "../../preload/contract/errors.ts";
import type { PurgeOutcome } from "../../preload/contract/recording.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** Recordings that are taken out of the library at once, before the next are asked about. */
const AT_ONCE = 100;

export interface PurgeWatch {
  readonly signal?: AbortSignal;
  readonly progress?: (done: number) => void; // recordings
}

/**
 * Deletes recordings for good, slice by slice: the library answers others between two, and a recording goes on being
 * written. Whoever stops it keeps those that had not begun. What fails is told beside what is gone by then; throws where
 * nothing is.
 */
export async function purgeInSlices(
  library: Pick<AsyncLibrary, "beginPurge" | "purgeSome" | "endPurge">,
  ids: readonly string[],
  { signal, progress }: PurgeWatch = {},
): Promise<PurgeOutcome> {
  let count = 0; // of those that are in the library no more
  const purge = async (): Promise<void> => {
    while (count < ids.length && signal?.aborted !== true) {
      const some = ids.slice(count, count + AT_ONCE);
      await library.beginPurge(some);
      count += some.length;
      while (await library.purgeSome());
      progress?.(count);
    }
  };
  const failed = await told(purge);
  if (failed !== undefined && count === 0) throw errorFrom(failed);
  let copies: string[] = [];
  const notErased = await told(async () => {
    if (count > 0 || ids.length === 0) copies = await library.endPurge(); // none: what could not be overwritten before
  });
  if (notErased !== undefined && count === 0) throw errorFrom(notErased);
  const problem = failed ?? notErased;
  return { ids: ids.slice(0, count), copies, ...(problem === undefined ? {} : { problem }) };
}

const told = (work: () => Promise<void>): Promise<PurgeOutcome["problem"]> =>
  work().then(() => undefined, reportOf);
