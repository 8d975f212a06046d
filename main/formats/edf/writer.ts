import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair, Samples, SourceAnnotation } from "../../signal/block.ts";
import type { ByteSink, ExportSource, FormatWriter, WriteOptions } from "../format.ts";
import { cleanText, encodeAnnotation, encodeRecordStart } from "./annotation-list.ts";
import {
  bindText,
  isDialectText,
  isGuessedKind,
  originalsOf,
  type AnnotationOriginals,
  type Originals,
  type RecordingOriginals,
} from "./dialect.ts";
import { encodeReading } from "./declared-text.ts";
import { headerBytes, isFieldOfEdf, planHeader } from "./header-plan.ts";
import { hiddenTexts } from "./hidden.ts";
import { isOutage, missingText } from "./missing.ts";
import { commonestAuthor } from "../authors.ts";
import { RepairBook } from "../repair-book.ts";
import { cutUtf8 } from "../utf8.ts";
import { planSignals, type SignalPlan } from "./signal-plan.ts";
import { isWritten, stretches, surveyChannel, type ChannelSurvey } from "./survey.ts";

/**
 * EDF+ (BDF+ where whole numbers need 24 bits). Samples of up to 16 bits come back exactly; records in
 * which nothing of any channel was recorded are left out (EDF+D); the mask goes into annotations (see missing.ts).
 */
export const edfWriter: FormatWriter = { id: "edf", title: "EDF+", write };

const SLAB_BYTES = 1 << 20;

async function write(
  source: ExportSource,
  open: (name: string) => Promise<ByteSink>,
  options: WriteOptions,
  repair: ReportRepair,
): Promise<void> {
  const total = 2 * source.sampleCounts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  const progress = (samples: number): void => {
    seen += samples;
    options.progress?.(total === 0 ? 1 : Math.min(1, seen / total));
  };
  const surveys: ChannelSurvey[] = [];
  for (const channel of source.header.channels.keys())
    surveys.push(await surveyChannel(source, channel, options, progress));

  const book = new RepairBook(options.baseName, repair);
  const signals = planSignals(source, surveys, options, book);
  const header = planHeader(source, signals, book);
  const layout = layRecords(source, surveys, signals);
  const lists = listAnnotations(
    { source, surveys, signals, layout, options, startS: header.fractionS, subject: header.subject },
    book,
  );
  const text = new RecordText(lists, layout, header.fractionS, signals.bytesPerSample);

  const sink = await open(`${options.baseName}.${signals.isBdf ? "bdf" : "edf"}`);
  await sink.write(
    headerBytes(header, signals, {
      annotationSamples: text.samples,
      isDiscontinuous: layout.isDiscontinuous,
    }),
  );
  const recordBytes = signals.recordBytes + text.bytes;
  const perSlab = Math.max(1, Math.floor(SLAB_BYTES / recordBytes));
  let written = 0;
  for (const [from, to] of layout.stretches) {
    for (let record = from; record < to; record += perSlab) {
      throwIfCancelled(options.signal);
      const count = Math.min(perSlab, to - record);
      const slab = new Uint8Array(count * recordBytes);
      for (let k = 0; k < count; k++)
        text.fill(slab.subarray(k * recordBytes + signals.recordBytes, (k + 1) * recordBytes), record + k);
      for (const signal of signals.list) {
        progress(
          await fillSamples(
            source,
            signal,
            { slab, record, count, recordBytes, isBdf: signals.isBdf },
            options,
          ),
        );
      }
      await sink.write(slab);
      written += count;
    }
  }
  await sink.patch(236, new TextEncoder().encode(String(written).padEnd(8)));
  book.flush();
  await sink.close();
  options.progress?.(1);
}

/**
 * Which records are written: every one that holds something of some channel, always the first, and the last of what ends in
 * an outage. They stay where they are on the grid of records, so that no sample is moved: what of an outage reaches into a
 * record is filled up, with words.
 */
interface RecordLayout {
  readonly durationS: number;
  readonly stretches: readonly (readonly [number, number])[]; // [first, end) of records that follow each other
  readonly isDiscontinuous: boolean;
}

type Signals = ReturnType<typeof planSignals>;

function layRecords(source: ExportSource, surveys: readonly ChannelSurvey[], signals: Signals): RecordLayout {
  const { durationS } = signals.plan;
  const counts = signals.list.map((signal, channel) =>
    Math.ceil(sure(source.sampleCounts[channel]) / signal.samplesPerRecord),
  );
  const records = signals.list.length === 0 ? 1 : Math.max(1, ...counts);
  const endsInOutage = surveys.some(({ mask }, channel) => {
    const last = mask.at(-1);
    const isAtEnd = last !== undefined && last.first + last.count >= sure(source.sampleCounts[channel]);
    return isAtEnd && last.reason !== maskReasons.notRecorded && isOutage(last.reason);
  });
  let empty: [number, number][] = [[1, endsInOutage ? records - 1 : records]];
  for (const [channel, signal] of signals.list.entries()) {
    const sampleCount = sure(source.sampleCounts[channel]);
    const runs = sure(surveys[channel]).mask.filter(({ reason }) => isOutage(reason));
    const own = [
      ...runs.map(({ first, count }) => [first, first + count] as const),
      [sampleCount, Infinity] as const,
    ];
    empty = intersect(
      empty,
      joined(own).map(([first, end]) => [
        Math.ceil(first / signal.samplesPerRecord),
        Math.min(records, Math.floor(end / signal.samplesPerRecord)),
      ]),
    );
  }
  if (signals.list.length === 0) empty = [];
  const stretches: [number, number][] = [];
  let at = 0;
  for (const [from, to] of [...empty, [records, records] as const]) {
    if (from > at) stretches.push([at, from]);
    at = Math.max(at, to);
  }
  return { durationS, stretches, isDiscontinuous: stretches.length > 1 };
}

/** Neighbouring spans as one; ascending input. */
function joined(spans: readonly (readonly [number, number])[]): [number, number][] {
  const whole: [number, number][] = [];
  for (const [first, end] of spans) {
    const last = whole.at(-1);
    if (last !== undefined && first <= last[1]) last[1] = Math.max(last[1], end);
    else whole.push([first, end]);
  }
  return whole;
}

function intersect(
  a: readonly (readonly [number, number])[],
  b: readonly (readonly [number, number])[],
): [number, number][] {
  const both: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [[fromA, toA], [fromB, toB]] = [sure(a[i]), sure(b[j])];
    const [from, to] = [Math.max(fromA, fromB), Math.min(toA, toB)];
    if (from < to) both.push([from, to]);
    if (toA < toB) i++;
    else j++;
  }
  return both;
}

interface ListSource {
  readonly source: ExportSource;
  readonly surveys: readonly ChannelSurvey[];
  readonly signals: Signals;
  readonly layout: RecordLayout;
  readonly options: WriteOptions;
  readonly startS: number;
  readonly subject: string | undefined; // as the header has it
}

/** The annotations and, where wanted, the mask, by onset; onsets count from the header's second. */
function listAnnotations(of: ListSource, book: RepairBook): Uint8Array[] {
  const { source, surveys, signals, layout, options, startS } = of;
  const lists: { onsetS: number; bytes: readonly Uint8Array[] }[] = [];
  const author = options.withAnnotations ? commonestAuthor(source.annotations) : undefined;
  const labels = new Map(signals.list.map(({ label }, index) => [label, index] as const).toReversed());
  let hidden = 0;
  for (const annotation of options.withAnnotations ? source.annotations : []) {
    const onsetS = annotation.onsetS + startS;
    const text = plainText(annotation.label, labels, book);
    const channel = channelLabel(annotation, signals);
    // `text@@label` alone would be taken for a channel's.
    const isAlike = text === annotation.label && bindText(text, labels).channel === undefined;
    const originals: AnnotationOriginals = {
      ...(isAlike ? {} : { text: annotation.label }),
      ...(annotation.note === "" ? {} : { note: annotation.note }),
      ...(channel === undefined ? {} : { channel }),
      ...(annotation.author === author ? {} : { author: annotation.author ?? "" }),
    };
    const needsMore = Object.keys(originals).length > 0;
    if (needsMore) hidden++;
    const more = needsMore ? hiddenTexts({ annotation: originals }) : [];
    lists.push({
      onsetS,
      bytes: [
        encodeAnnotation(onsetS, annotation.durationS, text),
        ...more.map((piece) => encodeAnnotation(onsetS, undefined, piece)),
      ],
    });
  }
  for (const reading of (options.withAnnotations && source.readings) || [])
    lists.push({ onsetS: reading.onsetS + startS, bytes: encodeReading(reading, startS) });
  if (hidden > 0) book.note("EDF_DETAILS", "info", { count: hidden });
  if (options.withMask) {
    for (const [channel, signal] of signals.list.entries()) {
      for (const { first, count, reason } of missingRuns(
        sure(source.sampleCounts[channel]),
        sure(surveys[channel]).mask,
        signal,
        layout,
      )) {
        const onsetS = first / signal.rate + startS;
        const text = `${missingText(reason)}@@${signal.label}`;
        lists.push({ onsetS, bytes: [encodeAnnotation(onsetS, count / signal.rate, text)] });
      }
    }
  }
  const originals = hiddenOriginals(of, author, book).map((text) =>
    encodeAnnotation(startS, undefined, text),
  );
  return [...originals, ...lists.toSorted((a, b) => a.onsetS - b.onsetS).flatMap(({ bytes }) => bytes)];
}

/** The channel an annotation is about, as the file names it; of a file without signals as the recording does. */
const channelLabel = (
  { channel, channelLabel: label }: SourceAnnotation,
  signals: Signals,
): string | undefined => label ?? (channel === undefined ? undefined : signals.list[channel]?.label);

/** A label as every reader takes it for one text: a line of its own, not empty, none of our own marks. */
function plainText(label: string, labels: ReadonlyMap<string, number>, book: RepairBook): string {
  const line = cleanText(label).replace(/[\n\r]/g, " ");
  if (line !== label) book.count("EDF_ANNOTATION_CONTROL", { label: line.slice(0, 40) });
  if (line.trim() === "") {
    book.count("EDF_ANNOTATION_EMPTY", {});
    return "(empty)";
  }
  const [cut = ""] = cutUtf8(line, LONGEST_TEXT);
  if (cut !== line) book.count("EDF_ANNOTATION_LONG", { label: line.slice(0, 40), limit: LONGEST_TEXT });
  const { text, channel } = bindText(cut, labels);
  return isDialectText(text, channel !== undefined) ? ` ${cut}` : cut;
}

/** EDFlib keeps 512 bytes of a text; and every record has room for the longest. */
const LONGEST_TEXT = 510;

/** What the header's short ASCII fields could not hold. */
function hiddenOriginals(
  { source, signals, layout, subject }: ListSource,
  author: string | undefined,
  book: RepairBook,
): string[] {
  const { header, sampleCounts } = source;
  const { facts } = header;
  const homeless = Object.entries(facts).flatMap(([name, value]) =>
    isFieldOfEdf(name, value) ? [] : [name],
  );
  if (homeless.length > 0)
    book.note("EDF_FACTS", "info", { count: homeless.length, names: homeless.slice(0, 8).join(", ") });
  const isPadded = signals.list.some(({ samplesPerRecord }, channel) => {
    const lastRecord = layout.stretches.at(-1)?.[1] ?? 0;
    return (sampleCounts[channel] ?? 0) < lastRecord * samplesPerRecord;
  });
  if (isPadded) book.note("EDF_PADDED", "info", { duration: signals.plan.durationText });
  const isOther = header.subject !== undefined && header.subject !== subject;
  const recording: RecordingOriginals = {
    ...(isOther && header.subject !== undefined ? { subject: header.subject } : {}),
    ...(isGuessedKind(header) ? {} : { kind: header.kind }),
    ...(Object.keys(facts).length > 0 ? { facts } : {}),
    ...(author === undefined ? {} : { author }),
    ...(isPadded ? { sampleCounts } : {}),
  };
  const channels: Record<number, Originals> = {};
  for (const [channel, { label, scale }] of signals.list.entries()) {
    const own = sure(header.channels[channel]);
    const originals = originalsOf(own, { label, unit: scale.unit, isUnitChanged: scale.isUnitChanged });
    if (originals !== undefined) channels[channel] = originals;
  }
  const value = {
    ...(Object.keys(recording).length > 0 ? { recording } : {}),
    ...(Object.keys(channels).length > 0 ? { channels } : {}),
  };
  return Object.keys(value).length > 0 ? hiddenTexts(value) : [];
}

/** A channel's mask. What was never recorded needs words only in the records that are written. */
function* missingRuns(
  sampleCount: number,
  mask: readonly MaskRun[],
  signal: SignalPlan,
  layout: RecordLayout,
): Generator<MaskRun> {
  const perRecord = signal.samplesPerRecord;
  yield* mask.filter(({ reason }) => reason !== maskReasons.notRecorded);
  const unrecorded = mask.filter(({ reason }) => reason === maskReasons.notRecorded);
  let at = 0; // first run that may reach into the stretch
  for (const [from, to] of layout.stretches) {
    const [first, end] = [from * perRecord, to * perRecord];
    let padFrom = Math.max(first, sampleCount);
    for (let k = at; k < unrecorded.length; k++) {
      const run = sure(unrecorded[k]);
      if (run.first >= end) break;
      if (run.first + run.count <= first) {
        at = k + 1;
        continue;
      }
      const runFirst = Math.max(run.first, first);
      const runEnd = Math.min(run.first + run.count, end);
      if (runEnd === padFrom)
        padFrom = runFirst; // joins the padding
      else yield { first: runFirst, count: runEnd - runFirst, reason: run.reason };
    }
    if (padFrom < end) yield { first: padFrom, count: end - padFrom, reason: maskReasons.notRecorded };
  }
}

/** The annotation signal: each record's start, then as many lists as fit, in order, wherever they belong in time. */
class RecordText {
  readonly samples: number;
  readonly bytes: number;
  private readonly lists: readonly Uint8Array[];
  private readonly durationS: number;
  private readonly startS: number;
  private next = 0;

  constructor(lists: readonly Uint8Array[], layout: RecordLayout, startS: number, bytesPerSample: number) {
    this.lists = lists;
    this.durationS = layout.durationS;
    this.startS = startS;
    const records = layout.stretches.reduce((sum, [from, to]) => sum + to - from, 0);
    const last = sure(layout.stretches.at(-1))[1] - 1;
    // Decimal fractions may be longer for some record in the middle than for the last: 10 digits leave room for them.
    const stamp = this.start(last).length + 10;
    const total = lists.reduce((sum, { length }) => sum + length, 0);
    const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
    const room = stamp + Math.ceil(total / records) + (records === 1 ? 0 : longest);
    this.samples = Math.ceil(Math.max(room, 30) / bytesPerSample);
    this.bytes = this.samples * bytesPerSample;
  }

  fill(into: Uint8Array, record: number): void {
    const stamp = this.start(record);
    into.set(stamp);
    for (let at = stamp.length; this.next < this.lists.length; this.next++) {
      const list = sure(this.lists[this.next]);
      if (at + list.length > into.length) return;
      into.set(list, at);
      at += list.length;
    }
  }

  private start(record: number): Uint8Array {
    return encodeRecordStart(record * this.durationS + this.startS);
  }
}

interface Slab {
  readonly slab: Uint8Array;
  readonly record: number;
  readonly count: number;
  readonly recordBytes: number;
  readonly isBdf: boolean;
}

/** Puts a channel's samples into the records of a slab; returns how many of them the source had. */
async function fillSamples(
  source: ExportSource,
  signal: SignalPlan,
  to: Slab,
  options: WriteOptions,
): Promise<number> {
  const perRecord = signal.samplesPerRecord;
  const { samples, mask } = await source.read(signal.channel, to.record * perRecord, to.count * perRecord);
  const digital = new Int32Array(to.count * perRecord).fill(signal.missing);
  for (const { from, to: end, reason } of stretches(mask, samples.length)) {
    if (isWritten(reason, options)) encode(samples.subarray(from, end), signal, digital.subarray(from, end));
  }
  if (to.isBdf) scatter24(digital, signal, to);
  else scatter16(digital, signal, to);
  return samples.length;
}

/** Digital values of a stretch; what is no finite number stays the missing code. */
function encode(samples: Samples, { toDigital }: SignalPlan, into: Int32Array): void {
  if (toDigital === undefined) into.set(samples);
  else
    for (let i = 0; i < samples.length; i++) {
      const value = sure(samples[i]);
      if (Number.isFinite(value)) into[i] = toDigital(value);
    }
}

function scatter16(
  digital: Int32Array,
  { samplesPerRecord, byteOffset }: SignalPlan,
  { slab, count, recordBytes }: Slab,
): void {
  const words = new Int16Array(slab.buffer);
  for (let k = 0; k < count; k++) {
    words.set(
      digital.subarray(k * samplesPerRecord, (k + 1) * samplesPerRecord),
      (k * recordBytes + byteOffset) / 2,
    );
  }
}

function scatter24(
  digital: Int32Array,
  { samplesPerRecord, byteOffset }: SignalPlan,
  { slab, count, recordBytes }: Slab,
): void {
  for (let k = 0, i = 0; k < count; k++) {
    let at = k * recordBytes + byteOffset;
    for (const end = i + samplesPerRecord; i < end; i++, at += 3) {
      const value = sure(digital[i]);
      slab[at] = value;
      slab[at + 1] = value >> 8;
      slab[at + 2] = value >> 16;
    }
  }
}
