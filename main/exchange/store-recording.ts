import type { ImportOptions } from "../../preload/contract/exchange.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import type { OpenRecording } from "../formats/format.ts";
import type { RecordingHeader, SampleBlock, SourceAnnotation } from "../signal/block.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { declareRead } from "./declare-read.ts";
import { IMPORTED_SET, mapLabels } from "./labels.ts";
import type { LibraryChange } from "./protocol.ts";

/** Samples handed to the library at once: large enough to be one cheap transaction, small enough to be on disk at once. */
const BATCH_BYTES = 1 << 20;

/** What a job needs of its surroundings. */
export interface JobContext {
  readonly library: AsyncLibrary;
  readonly changed: (change: LibraryChange) => void;
  readonly holding: (recordingId: string, held: boolean) => void;
}

export interface Origin {
  readonly format: string;
  readonly file: string; // base name
  readonly author: string; // of its annotations
  readonly sha256: (signal: AbortSignal) => Promise<string>; // once every sample has been read
}

export interface StoreOptions extends Pick<
  ImportOptions,
  "study" | "subject" | "synthetic" | "readComplete"
> {
  readonly signal: AbortSignal;
  readonly done: (bytes: number) => void;
  readonly labelSet?: string;
}

/**
 * Writes an opened recording with its annotations into the library. It either becomes complete or leaves nothing:
 * whatever goes wrong, and cancelling, purges it.
 */
export async function storeRecording(
  context: JobContext,
  opened: OpenRecording,
  header: RecordingHeader,
  origin: Origin,
  repairs: Repair[],
  options: StoreOptions,
): Promise<{ readonly id: string; readonly annotations: number }> {
  const { library } = context;
  throwIfCancelled(options.signal);
  const id = await library.createRecording({
    header,
    subject: options.subject ?? header.subject ?? header.name,
    study: options.study ?? "",
    synthetic: options.synthetic ?? false,
    source: { format: origin.format, file: origin.file, sha256: "" },
    state: "importing",
  });
  context.holding(id, true);
  let annotations: number;
  try {
    const samples = await storeBlocks(
      library,
      id,
      opened.blocks(options.done, options.signal),
      options.signal,
    );
    if (samples === 0) throw noSamples(origin.file);
    const found = await opened.annotations();
    const sha256 = await origin.sha256(options.signal);
    throwIfCancelled(options.signal);
    annotations = await storeAnnotations(context, id, found, {
      kind: header.kind,
      file: origin.file,
      author: origin.author,
      prefer: options.labelSet,
      repairs,
    });
    if (options.readComplete === true)
      await declareRead(library, id, { ...origin, isUndoable: false, repairs });
    await library.closeRecording(id, { state: "complete", repairs, sha256 });
  } catch (error) {
    await library.purgeRecording(id);
    context.holding(id, false);
    throw error;
  }
  // From here on it is stored: nothing that fails now makes the import a failure.
  context.holding(id, false);
  context.changed({ kind: "recordings", ids: [id] });
  return { id, annotations };
}

/** Appends in batches, one on its way while the next is read: two are in memory at most. Returns how many samples. */
async function storeBlocks(
  library: AsyncLibrary,
  id: string,
  blocks: AsyncIterable<SampleBlock>,
  signal: AbortSignal,
): Promise<number> {
  let batch: SampleBlock[] = [];
  let [bytes, samples] = [0, 0];
  let underway: Promise<void> = Promise.resolve();
  const send = async (): Promise<void> => {
    await underway;
    underway = library.appendBlocks(id, batch);
    underway.catch(() => undefined); // seen by the next await
    batch = [];
    bytes = 0;
  };
  for await (const block of blocks) {
    throwIfCancelled(signal);
    batch.push(block);
    bytes += block.samples.byteLength;
    samples += block.samples.length;
    if (bytes >= BATCH_BYTES) await send();
  }
  if (batch.length > 0) await send();
  await underway;
  return samples;
}

/** A header without a sample after it, as a device leaves that was stopped at once: nothing to see, nothing to label. */
const noSamples = (file: string): AppError =>
  new AppError("data/no-samples", `${file} has a header, and no sample follows it`, {
    file,
    value: 0,
    allowed: ">= 1 sample",
  });

export interface AnnotationTarget {
  readonly kind: RecordingHeader["kind"];
  readonly file: string;
  readonly author: string;
  readonly prefer?: string | undefined;
  readonly repairs: Repair[];
}

/** Maps a source's words to labels and adds its annotations. They are where the recording begins, not an edit of it. */
export async function storeAnnotations(
  context: JobContext,
  recordingId: string,
  found: readonly SourceAnnotation[],
  target: AnnotationTarget,
): Promise<number> {
  if (found.length === 0) return 0;
  const annotations = await readyAnnotations(context, recordingId, found, target);
  await context.library.addAnnotations(annotations, { isUndoable: false });
  return annotations.length;
}

/**
 * Adds annotations to a recording that people may have worked on since it came: one step of its history, which they can
 * undo. What the recording has already, label, times and author alike, does not come twice.
 */
export async function addToRecording(
  context: JobContext,
  recordingId: string,
  found: readonly SourceAnnotation[],
  target: AnnotationTarget,
): Promise<number> {
  const ready = await readyAnnotations(context, recordingId, found, target);
  const fresh = await withoutKnown(context.library, recordingId, ready, target);
  if (fresh.length > 0) await context.library.addAnnotations(fresh);
  return fresh.length;
}

/** Those the recording does not have yet; how many it has is said. */
export async function withoutKnown(
  library: AsyncLibrary,
  recordingId: string,
  annotations: readonly NewAnnotation[],
  { file, repairs }: Pick<AnnotationTarget, "file" | "repairs">,
): Promise<readonly NewAnnotation[]> {
  const key = ({ label, labelSet, onsetS, durationS, channel, author, note }: NewAnnotation): string =>
    JSON.stringify([label, labelSet, onsetS, durationS, channel ?? null, author, note]);
  const known = new Set((await library.listAnnotations(recordingId)).map(key));
  const fresh = annotations.filter((one) => !known.has(key(one)));
  const count = annotations.length - fresh.length;
  if (count > 0) repairs.push(repairOf("ANNOTATIONS_KNOWN", "info", { file, count }, { file }));
  return fresh;
}

/** The annotations as the library takes them; extends the `imported` label set where words are new. */
export async function readyAnnotations(
  { library, changed }: JobContext,
  recordingId: string,
  found: readonly SourceAnnotation[],
  { kind, file, author, prefer, repairs }: AnnotationTarget,
): Promise<NewAnnotation[]> {
  const mapping = mapLabels(found, await library.listLabelSets(), { kind, file, prefer });
  repairs.push(...mapping.repairs);
  let importedVersion = 1;
  if (mapping.imported !== undefined) {
    importedVersion = (await library.saveLabelSet(mapping.imported)).version;
    changed({ kind: "label-sets" });
  }
  return found.map(({ onsetS, durationS, label, channel, note }) => {
    const match = mapping.matches.get(label)!; // mapLabels knows every word it was given
    const version =
      mapping.imported !== undefined && match.set === IMPORTED_SET ? importedVersion : match.version;
    return {
      recordingId,
      ...(channel === undefined ? {} : { channel }),
      label: match.code,
      labelSet: match.set,
      labelSetVersion: version,
      onsetS,
      durationS,
      author,
      source: "import",
      note,
    };
  });
}
