import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import { readers, writers } from "../formats/registry.ts";
import type { SampleRecording } from "../synthesis/sample-study.ts";
import { sampleStudy } from "../synthesis/sample-study.ts";
import { openFileSource } from "./file-source.ts";
import { FileGroup } from "./file-sink.ts";
import { importRecording, KnownFiles } from "./import-job.ts";
import type { JobHandle, JobWork } from "./jobs.ts";
import { outcomeOf } from "./jobs.ts";
import type { JobContext } from "./recording-group.ts";

/**
 * The synthetic sample study: generated, written as the files a device would leave, and imported as any file is, marked
 * synthetic. Recordings that are in the library already stay as they are; a cancelled job takes back those it added.
 */
export const sampleJob =
  (
    context: JobContext,
    study: () => ReturnType<typeof sampleStudy> = sampleStudy,
    temporary = tmpdir(),
  ): JobWork =>
  async (handle) => {
    const { name, recordings } = study();
    const folder = await mkdtemp(join(temporary, `kodo-sample-${process.pid}-`));
    const added: string[] = [];
    try {
      for (const [index, { fileName }] of recordings.entries()) handle.outcome(index, outcomeOf(fileName));
      for (const index of recordings.keys())
        await addOne(context, { name, recordings, folder, added, handle }, index);
    } catch (error) {
      for (const id of added) await context.library.purgeRecording(id);
      if (added.length > 0) context.changed({ kind: "recordings", ids: added });
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

interface Study {
  readonly name: string;
  readonly recordings: readonly SampleRecording[];
  readonly folder: string;
  readonly added: string[];
  readonly handle: JobHandle;
}

async function addOne(
  context: JobContext,
  { name, recordings, folder, added, handle }: Study,
  index: number,
): Promise<void> {
  const recording = sure(recordings[index]);
  const { fileName, subject, isRead } = recording;
  const repairs: Repair[] = [];
  const sizes = recordings.map(({ source }) => source.sampleCounts.reduce((sum, count) => sum + count, 0));
  const before = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  handle.outcome(index, outcomeOf(fileName, { state: "running" }));
  handle.progress(fileName, before, total);
  throwIfCancelled(handle.signal);
  const path = await write(recording, folder, handle.signal);
  const source = await openFileSource(path, { signal: handle.signal });
  try {
    const head = await source.read(0, 4096);
    const reader = readers.find((one) => one.recognises(head, source.name));
    if (reader === undefined) throw new Error(`no reader knows ${fileName}, which we wrote ourselves`);
    const tell = (bytes: number): void =>
      handle.progress(fileName, before + (bytes / source.totalSize) * sure(sizes[index]), total);
    const options = { study: name, subject, synthetic: true, readComplete: isRead };
    const stored = await importRecording(context, reader, source, {
      options,
      repairs,
      signal: handle.signal,
      tell,
      known: await KnownFiles.of(context.library),
    });
    added.push(stored.id);
    handle.outcome(
      index,
      outcomeOf(fileName, {
        state: "done",
        recordingIds: [stored.id],
        annotations: stored.annotations,
        repairs,
      }),
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "data/already-imported") throw error;
    const values = { file: fileName, recording: String(error.detail.recording) };
    repairs.push(repairOf("ALREADY_THERE", "info", values, { file: fileName }));
    handle.outcome(
      index,
      outcomeOf(fileName, { state: "done", recordingIds: [String(error.detail.recordingId)], repairs }),
    );
  } finally {
    await source.close();
  }
}

async function write(
  { source, format, baseName, fileName }: SampleRecording,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const writer = writers.find(({ id }) => id === format);
  if (writer === undefined) throw new Error(`no writer for ${format}`);
  const files = new FileGroup(folder);
  await writer.write(
    source,
    files.open,
    { baseName, withAnnotations: true, withMask: true, signal },
    () => undefined,
  );
  await files.publish();
  return join(folder, fileName);
}
