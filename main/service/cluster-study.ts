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
    const line = new Line(watch);
    const send = () => cluster.studies.ask(library, { ...ask, by });
    let asked = await send();
    watch.note(`${asked.recordings} recordings in ${asked.parts} job(s), ${asked.id}`);
    try {
      return await line.untilKept(async (isAgain) => {
        if (isAgain) asked = await line.send(send);
        const { id } = asked;
        await line.untilDone(
          () => cluster.works.state(id),
          ({ done, fits: of }) => watch.onProgress({ done, of }),
        );
        const how = { signal: watch.signal, again: false };
        return { job: id, ...(await line.ask(() => cluster.studies.fetch(library, id, how))) };
      });
    } catch (error) {
      if (watch.signal.aborted) await line.cancelThere(cluster.works, () => asked.id);
      throw error;
    }
  } finally {
    await cluster.close().catch(() => undefined);
  }
}
