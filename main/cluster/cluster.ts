import { PapersShape } from "../storage/recordings/papers-shape.ts";
import { addressFrom } from "./address.ts";
import { type ArchiveLibrary, headerOf, headerOfFits, withoutNames } from "./archive-rows.ts";
import { type ClusterDatabase, openCluster } from "./database.ts";
import { pullFrozen } from "./pull.ts";
import { pushRecording } from "./push.ts";
import { openQueue, type Queue, refuseOtherQueue } from "./queue.ts";
import { refuseOther } from "./schema.ts";
import { type Studies, studiesOf } from "./studies.ts";
import { type FrozenRecording, type Works, worksOf } from "./works.ts";

export type { Judgement, StudyAsk, StudyPart } from "./studies.ts";
export type { Session } from "./database.ts";
export type { Taken } from "./queue.ts";
export { type FrozenRecording, ListedWork, ListedWorker, type Work, type Works } from "./works.ts";

/** Work that machines share: its queue, its store, and the recordings that it needs. */
export interface Cluster {
  readonly shown: string;
  readonly works: Works;
  readonly queue: Queue;
  readonly studies: Studies;
  /** Into the archive where it is not there; what fits of a run will see of it. */
  freeze(
    library: ArchiveLibrary,
    id: string,
    how: { readonly by: string; readonly signal: AbortSignal },
  ): Promise<FrozenRecording>;
  /** Into a library that has it not. */
  fetch(library: ArchiveLibrary, recording: FrozenRecording, signal: AbortSignal): Promise<void>;
  /** Throws where a newer Kodo has set it up since it was joined. */
  refuseOther(): Promise<void>;
  close(): Promise<void>;
}

/** Throws where the database is not set up for this Kodo, or does not let this user in. */
export async function joinCluster(text: string | undefined): Promise<Cluster> {
  const address = addressFrom(text);
  const database: ClusterDatabase = await openCluster(address);
  try {
    await refuseOther(database);
    const queue = await openQueue(address, database);
    return {
      shown: database.shown,
      works: worksOf(database, queue),
      queue,
      studies: studiesOf(database, queue),
      freeze: async (library, id, { by, signal }) => {
        const { id: archived } = await pushRecording(database, library, id, { by, signal });
        const { sha256 } = await library.checksum(id);
        const papers = PapersShape.parse(withoutNames(await library.papersOf(id)));
        const header = headerOfFits(headerOf(await library.getRecording(id)));
        return { id, archived, sha256, header, papers };
      },
      refuseOther: async () => {
        await refuseOther(database);
        await refuseOtherQueue(database);
      },
      fetch: (library, recording, signal) => pullFrozen(database, library, recording, signal),
      close: async () => {
        await queue.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
