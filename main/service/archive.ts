import { isReadBlind } from "../../preload/contract/settings.ts";
import type { Archive, Pulled, Pushed, SetUp } from "../cluster/archive.ts";
import { isOfPlace } from "../cluster/failures.ts";
import type { AsyncLibrary } from "../storage/api.ts";

export { ArchiveManifest, ArchivedRecording } from "../cluster/archive.ts";

/** How many papers went along with a recording; null: it is read blind, and they would tell of what others labelled. */
interface PapersTold {
  readonly papers: number | null; // labels, masks and the like that were not there before
  readonly beside: number | null; // of these: labels that read differently there
  readonly otherwise: string[] | null; // who says otherwise there what is known for reading it
}

/** No other recording would fare better: the archive is out of reach, or the disk of this machine is full. */
export const endsTransfer = (code: string): boolean => isOfPlace(code) || code === "storage/disk-full";

const untold = { papers: null, beside: null, otherwise: null } as const;

export const papersTold = async <P extends PapersTold>(
  library: Pick<AsyncLibrary, "getSettings">,
  recordingId: string, // here
  moved: P,
): Promise<P | (P & typeof untold)> =>
  isReadBlind(await library.getSettings(), recordingId) ? { ...moved, ...untold } : moved;

type Told<M> = Omit<M, "papers" | "added" | "beside" | "otherwise" | "findings"> &
  PapersTold & { readonly findings: number | null };

/** The same archive, which keeps the rule of blind reading. */
export interface BlindArchive extends Omit<Archive, "push" | "pull"> {
  push(id: string, signal?: AbortSignal): Promise<Told<Pushed>>;
  pull(id: string, signal?: AbortSignal): Promise<Told<Pulled>>;
}

/** The archive of a department, for one library. What speaks to it is loaded only now. */
export async function archiveOf(library: AsyncLibrary, address: string | undefined): Promise<BlindArchive> {
  const { author } = await library.getSettings();
  const { openArchive } = await import("../cluster/archive.ts");
  return keptBlind(library, await openArchive(address, library, author));
}

export function keptBlind(library: Pick<AsyncLibrary, "getSettings">, archive: Archive): BlindArchive {
  const isBlind = async (id: string): Promise<boolean> => isReadBlind(await library.getSettings(), id);
  return {
    ...archive,
    push: async (id, signal) => {
      const pushed = await archive.push(id, signal);
      return (await isBlind(id)) ? { ...pushed, ...untold, findings: null } : pushed;
    },
    pull: async (id, signal) => {
      const { added: papers, ...pulled } = await archive.pull(id, signal);
      return (await isBlind(pulled.id)) ? { ...pulled, ...untold, findings: null } : { ...pulled, papers };
    },
  };
}

export async function setUpArchive(address: string | undefined): Promise<SetUp & { readonly shown: string }> {
  const { setUpCluster } = await import("../cluster/archive.ts");
  return setUpCluster(address);
}
