import { randomUUID } from "node:crypto";
import type { ImportOptions } from "../../preload/contract/exchange.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { IMPORTED_SET } from "../../preload/contract/label-set.ts";
import { noteIn } from "../../preload/contract/noted.ts";
import { repairOf, type Repair } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { OpenRecording } from "../formats/format.ts";
import type { RecordingHeader, SampleBlock, SourceAnnotation } from "../signal/block.ts";
import type { AddOptions, AnnotationPlace, AsyncLibrary, NewRecording } from "../storage/api.ts";
import { storeReadings } from "./readings.ts";
import { declareRead } from "./declare-read.ts";
import { LabelNames } from "./label-texts.ts";
import { mapLabels, type LabelMatch } from "./labels.ts";
import { type JobContext, RecordingGroup } from "./recording-group.ts";

/** Samples handed to the library at once, one transaction: each writes the last page of every level of every channel anew. */
const BATCH_BYTES = 1 << 22;

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
  /** Small recordings that are stored together; without one each is stored before its turn ends. */
  readonly group?: RecordingGroup | undefined;
}

/** What became of a recording that was read to its end. */
export interface Stored {
  readonly id: string;
  readonly annotations: number;
  /** Resolves once the library has it for good, rejects where it was refused. In a group it waits for the others. */
  readonly done: Promise<void>;
}

/**
 * Reads an opened recording with its annotations into the library. It either becomes complete or leaves nothing: a small
 * one is stored at once, with others where there is a group of them; a longer one is written as it is read, and whatever
 * goes wrong, and cancelling, purges it.
 */
export async function storeRecording(
  context: JobContext,
  opened: OpenRecording,
  header: RecordingHeader,
  origin: Origin,
  repairs: Repair[],
  options: StoreOptions,
): Promise<Stored> {
  const batches = batchesOf(opened.blocks(options.done, options.signal), options.signal);
  const first = await batches.next();
  if (first.done === true) throw noSamples(origin.file);
  const group = options.group ?? new RecordingGroup(context);
  const work: Work = { context, opened, header, origin, repairs, options };
  const found = first.value.isLast ? await opened.annotations() : undefined;
  const isSmall = found !== undefined && found.length <= BATCH_ANNOTATIONS;
  if (isSmall && opened.readings === undefined && options.readComplete !== true) {
    const stored = await joinGroup(work, group, { blocks: first.value.blocks, found });
    if (options.group !== undefined) return stored;
    await group.flush();
    await stored.done;
    return stored;
  }
  await group.flush(); // the library lists recordings in the order they came in
  return await storeAsRead(work, first.value, batches);
}

interface Work {
  readonly context: JobContext;
  readonly opened: OpenRecording;
  readonly header: RecordingHeader;
  readonly origin: Origin;
  readonly repairs: Repair[];
  readonly options: StoreOptions;
}

const newRecording = ({ header, origin, options }: Work, sha256: string): Omit<NewRecording, "state"> => ({
  header,
  subject: options.subject ?? header.subject ?? header.name,
  study: options.study ?? "",
  synthetic: options.synthetic ?? false,
  source: { format: origin.format, file: origin.file, sha256 },
});

const annotationTarget = ({ header, origin, options, repairs }: Work): AnnotationTarget => ({
  kind: header.kind,
  file: origin.file,
  author: origin.author,
  prefer: options.labelSet,
  repairs,
});

async function joinGroup(
  work: Work,
  group: RecordingGroup,
  { blocks, found }: { readonly blocks: readonly SampleBlock[]; readonly found: readonly SourceAnnotation[] },
): Promise<Stored> {
  const { context, header, origin, repairs, options } = work;
  const id = randomUUID();
  const fields = newRecording(work, await origin.sha256(options.signal));
  throwIfCancelled(options.signal);
  const of = [{ recordingId: id, kind: header.kind, found }];
  const ready = found.length === 0 ? [] : await readyAnnotations(context, of, annotationTarget(work));
  const done = group.add({ ...fields, id, blocks, annotations: [...ready], repairs: [...repairs] });
  await group.makeRoom();
  return { id, annotations: found.length, done };
}

async function storeAsRead(work: Work, first: Batch, rest: AsyncIterable<Batch>): Promise<Stored> {
  const { context, opened, origin, repairs, options } = work;
  const { library } = context;
  const id = await library.createRecording({ ...newRecording(work, ""), state: "importing" });
  context.holding(id, true);
  let annotations: number;
  try {
    await storeBatches(library, id, first, rest);
    const found = await opened.annotations();
    const sha256 = await origin.sha256(options.signal);
    throwIfCancelled(options.signal);
    annotations = await storeAnnotations(context, id, found, annotationTarget(work));
    await storeReadings(library, id, opened.readings ?? [], { file: origin.file, repairs });
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
  return { id, annotations, done: Promise.resolve() };
}

/** Appends batch by batch, one on its way while the next is read: two are in memory at most. */
async function storeBatches(
  library: AsyncLibrary,
  id: string,
  first: Batch,
  rest: AsyncIterable<Batch>,
): Promise<void> {
  let underway = library.appendBlocks(id, first.blocks);
  underway.catch(() => undefined); // seen by the next await
  for await (const { blocks } of rest) {
    await underway;
    underway = library.appendBlocks(id, blocks);
    underway.catch(() => undefined);
  }
  await underway;
}

interface Batch {
  readonly blocks: readonly SampleBlock[];
  readonly isLast: boolean; // false: more may come
}

/** Nothing for a source without a sample. */
async function* batchesOf(blocks: AsyncIterable<SampleBlock>, signal: AbortSignal): AsyncGenerator<Batch> {
  let batch: SampleBlock[] = [];
  let bytes = 0;
  for await (const block of blocks) {
    throwIfCancelled(signal);
    batch.push(block);
    bytes += block.samples.byteLength;
    if (bytes < BATCH_BYTES) continue;
    yield { blocks: batch, isLast: false };
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield { blocks: batch, isLast: true };
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
  const ready = await readyAnnotations(context, [{ recordingId, kind: target.kind, found }], target);
  await addInBatches(context.library, ready, { isUndoable: false });
  return found.length;
}

/** So many at once: what is in memory, in one row of the log and in one step of the history stays small. */
const BATCH_ANNOTATIONS = 2000;

/** All of them, batch by batch. Where one fails, those before it stay: added again, they are known and do not come twice. */
export async function addInBatches(
  library: AsyncLibrary,
  annotations: Iterable<NewAnnotation>,
  options?: AddOptions,
): Promise<void> {
  let batch: NewAnnotation[] = [];
  for (const annotation of annotations) {
    if (batch.length === BATCH_ANNOTATIONS) {
      await library.addAnnotations(batch, { ...options, isAnswered: false, isMore: true });
      batch = [];
    }
    batch.push(annotation);
  }
  if (batch.length > 0) await library.addAnnotations(batch, { ...options, isAnswered: false });
}

/**
 * Adds annotations to a recording that people may have worked on since it came: a step of its history (of thousands a
 * few), which they can undo. What the recording has already does not come twice.
 */
export async function addToRecording(
  context: JobContext,
  recordingId: string,
  found: readonly SourceAnnotation[],
  target: AnnotationTarget,
): Promise<number> {
  const fresh = await withoutKnown(context.library, recordingId, found, target);
  const ready = await readyAnnotations(context, [{ recordingId, kind: target.kind, found: fresh }], target);
  await addInBatches(context.library, ready);
  return fresh.length;
}

type Placed = Pick<SourceAnnotation, "onsetS" | "durationS" | "note"> & {
  readonly channel?: number | undefined;
};

/** Times closer than this are the same: files keep them in decimals, and seconds of different origins. */
const SAME_TIME_S = 1e-6;

/**
 * Those the recording does not have yet; how many it has is said. The same are those of the same text, times, channel
 * and note, and of the same author where the file names one.
 */
export async function withoutKnown(
  library: AsyncLibrary,
  recordingId: string,
  found: readonly SourceAnnotation[],
  { file, repairs }: Pick<AnnotationTarget, "file" | "repairs">,
): Promise<readonly SourceAnnotation[]> {
  const isKnown = new Uint8Array(found.length);
  let places: Places | undefined;
  let names: LabelNames | undefined;
  for (
    let after: AnnotationPlace | undefined, isFirst = true;
    isFirst || after !== undefined;
    isFirst = false
  ) {
    const page = await library.annotationPage(recordingId, { most: BATCH_ANNOTATIONS, after });
    after = page.next;
    if (page.annotations.length === 0) continue;
    places ??= new Places(found);
    const untold = page.annotations.filter(({ text }) => text === undefined);
    if (untold.length > 0) await (names ??= await LabelNames.open(library)).learn(untold);
    for (const one of page.annotations)
      for (const word of one.text === undefined ? [...(names?.textOf(one) ?? []), one.label] : [one.text])
        for (const place of places.of(keyOf(one, word))) {
          const { author } = found[place] ?? {};
          if (author === undefined || author === one.author) isKnown[place] = 1;
        }
  }
  if (places === undefined) return found;
  const fresh = found.filter((_, place) => isKnown[place] === 0);
  const count = found.length - fresh.length;
  if (count > 0) repairs.push(repairOf("ANNOTATIONS_KNOWN", "info", { file, count }, { file }));
  return fresh;
}

const ticks = (seconds: number): number => Math.round(seconds / SAME_TIME_S);

/** What makes two the same, as files have it. A text's length says where it ends. */
const keyOf = (one: Placed, word: string): string =>
  `${ticks(one.onsetS)} ${ticks(one.durationS)} ${one.channel ?? ""} ${word.length} ${word}${noteIn(one.note, "en")}`;

/** Places in a list by key: the last of each, and before each the one that has the same. Most keys have one, and there are many. */
class Places {
  readonly #last = new Map<string, number>();
  readonly #before: Int32Array; // -1: none

  constructor(found: readonly SourceAnnotation[]) {
    this.#before = new Int32Array(found.length);
    for (const [place, one] of found.entries()) {
      const key = keyOf(one, one.label);
      this.#before[place] = this.#last.get(key) ?? -1;
      this.#last.set(key, place);
    }
  }

  *of(key: string): Generator<number> {
    for (let place = this.#last.get(key) ?? -1; place >= 0; place = this.#before[place] ?? -1) yield place;
  }
}

/** Annotations of one recording among those that are mapped together. */
export interface FoundIn {
  readonly recordingId: string;
  readonly kind: RecordingHeader["kind"];
  readonly found: readonly SourceAnnotation[];
}

interface Mapped {
  readonly matches: ReadonlyMap<string, LabelMatch>;
  readonly imported: number | undefined; // version of the set, where it grew
}

/**
 * The annotations as the library takes them, made as they are asked for; extends the `imported` label set before, once
 * for all recordings of a kind, where words are new.
 */
export async function readyAnnotations(
  { library, changed }: JobContext,
  groups: readonly FoundIn[],
  { file, author, prefer, repairs }: Omit<AnnotationTarget, "kind">,
): Promise<Iterable<NewAnnotation>> {
  const mapped = new Map<RecordingHeader["kind"], Mapped>();
  for (const kind of new Set(groups.map((group) => group.kind))) {
    const words = function* (): Generator<SourceAnnotation> {
      for (const group of groups) if (group.kind === kind) yield* group.found;
    };
    const { matches, ...mapping } = mapLabels(words(), await library.listLabelSets(), { kind, file, prefer });
    repairs.push(...mapping.repairs);
    if (mapping.imported === undefined) {
      mapped.set(kind, { matches, imported: undefined });
      continue;
    }
    const { version } = await library.saveLabelSet(mapping.imported);
    changed({ kind: "label-sets" });
    mapped.set(kind, { matches, imported: version });
  }
  const ready = function* (): Generator<NewAnnotation> {
    for (const { recordingId, kind, found } of groups) {
      const { matches, imported } = sure(mapped.get(kind));
      for (const one of found) {
        const match = matches.get(one.label);
        if (match === undefined) throw new AppError("internal/unexpected", `no label for "${one.label}"`);
        yield {
          recordingId,
          ...(one.channel === undefined ? {} : { channel: one.channel }),
          label: match.code,
          labelSet: match.set,
          labelSetVersion: match.set === IMPORTED_SET ? (imported ?? match.version) : match.version,
          text: one.label,
          onsetS: one.onsetS,
          durationS: one.durationS,
          author: one.author ?? author,
          source: "import",
          note: one.note,
        };
      }
    }
  };
  return ready();
}
