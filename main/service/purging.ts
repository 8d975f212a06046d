import type { Purged } from "../../preload/contract/recording.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** Recordings that are taken out of the library at once, before the next are asked about. */
const AT_ONCE = 100;

export interface PurgeWatch {
  readonly signal?: AbortSignal;
  readonly progress?: (done: number) => void; // recordings
}

/**
 * Deletes recordings for good, slice by slice: the library answers others between two, and a recording goes on being
 * written. Whoever stops it keeps those that had not begun.
 */
export async function purgeInSlices(
  library: Pick<AsyncLibrary, "beginPurge" | "purgeSome" | "endPurge">,
  ids: readonly string[],
  { signal, progress }: PurgeWatch = {},
): Promise<Purged> {
  let [count, copies]: [number, string[]] = [0, []];
  try {
    while (count < ids.length && signal?.aborted !== true) {
      const some = ids.slice(count, count + AT_ONCE);
      await library.beginPurge(some);
      count += some.length;
      while (await library.purgeSome());
      progress?.(count);
    }
  } finally {
    if (count > 0 || ids.length === 0) copies = await library.endPurge(); // none: what could not be overwritten before
  }
  return { count, copies };
}
