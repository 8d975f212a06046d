import type { Archive, SetUp } from "../cluster/archive.ts";
import type { AsyncLibrary } from "../storage/api.ts";

export { ArchiveManifest, ArchivedRecording } from "../cluster/archive.ts";

/** The archive of a department, for one library. What speaks to it is loaded only now. */
export async function archiveOf(library: AsyncLibrary, address: string | undefined): Promise<Archive> {
  const { author } = await library.getSettings();
  const { openArchive } = await import("../cluster/archive.ts");
  return openArchive(address, library, author);
}

export async function setUpArchive(address: string | undefined): Promise<SetUp & { readonly shown: string }> {
  const { setUpCluster } = await import("../cluster/archive.ts");
  return setUpCluster(address);
}
