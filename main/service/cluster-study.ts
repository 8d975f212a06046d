import type { StudyOrder, StudyOutcome } from "../../preload/contract/study.ts";
import type { StudyAsk } from "../cluster/cluster.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { Line, whoAsks } from "./cluster-line.ts";
import { noteWithoutWorkers } from "./cluster-work.ts";

interface Watch {
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly onProgress: (at: { readonly done: number; readonly of: number }) => void; // parts
}

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
  const by = await whoAsks(library);
  const { joinCluster } = await import("../cluster/cluster.ts");
  const cluster = await joinCluster(address);
  try {
    await noteWithoutWorkers(cluster.works, ask.version, watch.note);
    const { id, recordings, parts } = await cluster.studies.ask(library, { ...ask, by });
    watch.note(`${recordings} recordings in ${parts} job(s), ${id}`);
    const line = new Line(watch);
    try {
      await line.untilDone(
        () => cluster.works.state(id),
        ({ done, fits: of }) => watch.onProgress({ done, of }),
      );
    } catch (error) {
      if (watch.signal.aborted) await line.cancelThere(cluster.works, () => id);
      throw error;
    }
    return { job: id, ...(await cluster.studies.fetch(library, id, { signal: watch.signal, again: false })) };
  } finally {
    await cluster.close().catch(() => undefined);
  }
}
