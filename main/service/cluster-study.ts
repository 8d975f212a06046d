import { setTimeout as delay } from "node:timers/promises";
import { AppError, errorFrom, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { StudyOrder, StudyOutcome } from "../../preload/contract/study.ts";
import type { Cluster, StudyAsk } from "../cluster/cluster.ts";
import type { AsyncLibrary } from "../storage/api.ts";

interface Watch {
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly onProgress: (at: { readonly done: number; readonly of: number }) => void; // parts
}

const EVERY_MS = 1000;

/**
 * What workers say of recordings of the archive, into this library. It may be left and asked again: what was done meanwhile
 * is fetched, and nothing comes twice. Cancelled, it is cancelled there.
 */
export async function studyOnCluster(
  library: AsyncLibrary,
  address: string | undefined,
  ask: Pick<StudyAsk, "where" | "version" | "priority"> & { readonly order: StudyOrder },
  watch: Watch,
): Promise<StudyOutcome & { readonly job: string }> {
  const by = (await library.getSettings()).author.trim();
  if (by === "")
    throw new AppError(
      "contract/bad-params",
      "The cluster keeps who asked for what: say your name in the settings first",
    );
  const { joinCluster } = await import("../cluster/cluster.ts");
  const cluster = await joinCluster(address);
  try {
    const { id, recordings, parts } = await cluster.studies.ask(library, { ...ask, by });
    watch.note(`${recordings} recordings in ${parts} job(s), ${id}`);
    try {
      await ended(cluster, id, watch);
    } catch (error) {
      if (watch.signal.aborted) await cluster.works.cancel(id).catch(() => undefined);
      throw error;
    }
    return { job: id, ...(await cluster.studies.fetch(library, id, watch.signal)) };
  } finally {
    await cluster.close().catch(() => undefined);
  }
}

/** Until every part is done. A cluster that cannot be reached is waited for: its work goes on without us. */
async function ended({ works }: Cluster, id: string, { signal, note, onProgress }: Watch): Promise<void> {
  let isLost = false;
  for (;;) {
    throwIfCancelled(signal);
    try {
      const { done, fits: of, failure, isCancelled } = await works.state(id);
      if (isLost) note("the cluster is back");
      isLost = false;
      if (failure !== undefined) throw errorFrom(failure);
      if (isCancelled) throw new AppError("cancelled/by-user", "Cancelled on the cluster");
      onProgress({ done, of });
      if (done === of) return;
    } catch (error) {
      const { code, message } = reportOf(error);
      if (code !== "device/cluster-lost") throw error;
      if (!isLost) note(`${message}; its work goes on, and is asked for again`);
      isLost = true;
    }
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
