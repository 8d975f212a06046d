import iconv from "iconv-lite";
import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { repairOf, ChannelHeader, type SampleType } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import {
  sampleArrays,
  type RecordingHeader,
  type ReportRepair,
  type SampleBlock,
  type Samples,
} from "../../signal/block.ts";
import { guessKind, guessRole } from "../channel-role.ts";
import { soundReadings } from "../declared.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { MaskRunBuilder } from "../mask-runs.ts";
import { sampleLimits } from "../sample-limits.ts";
import { withoutGaps } from "../split-blocks.ts";
import { readAnnotationFiles, type WfdbEvents } from "./events.ts";
import { flacFrames, type FlacInfo } from "./flac.ts";
import type { WfdbSignal } from "./header.ts";
import {
  factsOf,
  headerBaseline,
  headerLabel,
  headerUnit,
  readOwnFacts,
  type OwnFacts,
} from "./own-facts.ts";
import { framesIn, openRecord, type WfdbRecord, type Segment, type SignalFile } from "./record.ts";
import { sampleFormat } from "./sample-formats.ts";
import { decodeUtf8OrLatin1 } from "./text.ts";

const BLOCK_SAMPLES = 32768;
const SLAB_BYTES = 4 * 1024 * 1024;

/** WFDB records (PhysioNet): .hea with its signal files, segments and annotation files. */
export const wfdbReader: FormatReader = {
  id: "wfdb",
  title: "WFDB (PhysioNet)",
  extensions: [".hea", ".dat"],
  recognises: (head, name) => (/\.hea$/i.test(name) ? beginsWithRecordLine(head) : /\.dat$/i.test(name)),
  open: openWfdb,
};

/** The first line that is neither blank nor a comment: a record's name, then its numbers. */
function beginsWithRecordLine(head: Uint8Array): boolean {
  const first = iconv
    .decode(head, "latin1")
    .split("\n")
    .find((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  return first !== undefined && /^[\p{L}\p{N}_.-]+(?:\/\S+)?[ \t]+[ -~]/u.test(first.trimStart());
}

/** A signal's samples on their way to a channel. */
interface Target {
  readonly channel: number;
  readonly header: ChannelHeader;
  readonly missing: number | undefined;
  readonly zeroIsMissing: number | undefined; // this digital value too: 0 bpm
  readonly rescale: WfdbSignal | undefined; // the segment's own scale differs from the channel's
  readonly sampleLimit: number;
}

async function openWfdb(
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  const decode = (bytes: Uint8Array): string => decodeText(bytes, options.headerEncoding);
  const record = await openRecord(source, decode, repair);
  const own = ownFactsOf(record);
  const channels = channelsOf(record, own, repair);
  const events = await readAnnotationFiles(source, record, channels, repair);
  const header: RecordingHeader = {
    name: own?.name ?? record.header.name,
    kind: options.kind ?? own?.kind ?? guessKind(channels),
    subject: own ? own.subject : undefined,
    startedAt: own ? own.startedAt : startedAt(record),
    channels,
    facts: own?.facts ?? foreignFacts(record),
  };
  return {
    header,
    blocks: (done, signal) => readBlocks({ record, channels, own, events, repair }, done, signal),
    annotations: () => Promise.resolve(events.annotations),
    ...soundReadings(events.declared, source.name, repair),
  };
}

/** ASCII as the manual asks, or what the options say; a byte order mark is left out. */
const decodeText = (bytes: Uint8Array, encoding: ImportOptions["headerEncoding"]): string =>
  (encoding === undefined || encoding === "ascii"
    ? decodeUtf8OrLatin1(bytes)
    : iconv.decode(bytes, encoding)
  ).replace(/^\ufeff/, "");

function ownFactsOf(record: WfdbRecord): OwnFacts | undefined {
  const own = readOwnFacts(record.header.comments);
  return own?.channels.length === record.header.signals.length ? own : undefined;
}

function startedAt({ header }: WfdbRecord): string | undefined {
  return header.startDate === undefined || header.startTime === undefined
    ? undefined
    : `${header.startDate}T${header.startTime}`;
}

function foreignFacts(record: WfdbRecord): { [name: string]: string } {
  const { header } = record;
  const facts = factsOf(header.comments);
  if (header.startTime !== undefined && header.startDate === undefined)
    facts["start time"] = header.startTime;
  return facts;
}

/** The channels of the record: its own signals, those of the layout header, or those of its first segment. */
function channelsOf(
  record: WfdbRecord,
  own: OwnFacts | undefined,
  repair: ReportRepair,
): readonly ChannelHeader[] {
  const { header, layout, segments } = record;
  const template =
    header.segments === undefined ? header.signals : (layout?.signals ?? segments[0]?.signals ?? []);
  const all = partsOf(record, template.length);
  return template.map((signal, index) => {
    const mine = own?.channels[index];
    const parts = all[index] ?? [];
    const scales = new Set(parts.map((s) => `${s.gain} ${s.baseline}`));
    const types = parts.map((s) => sampleFormat(s.format)?.sampleType ?? "int16");
    const scale = scales.size === 1 ? (parts[0] ?? signal) : signal;
    const samplesPerFrame = parts[0]?.samplesPerFrame ?? signal.samplesPerFrame;
    if (!scale.isCalibrated && mine === undefined) repair(uncalibrated(header.name, signal.description));
    if (scales.size > 1) repair(severalScales(header.name, signal.description));
    const line = {
      label: signal.description,
      unit: signal.unit,
      sampleRate: header.frameRate * samplesPerFrame,
      role: guessRole(signal.description, signal.unit),
      sampleType: scales.size > 1 ? "float64" : widest(types),
      gain: scales.size > 1 ? 1 : 1 / scale.gain,
      offset: scales.size > 1 ? 0 : -scale.baseline / scale.gain + 0,
    };
    return mine === undefined ? line : reconcile(line, ChannelHeader.parse(mine), header.name, repair);
  });
}

/**
 * Our own comment holds the exact channel; the signal line holds it as far as WFDB can say. Where the line tells
 * something else, someone changed it since, and the line is right.
 */
function reconcile(
  line: ChannelHeader,
  own: ChannelHeader,
  record: string,
  repair: ReportRepair,
): ChannelHeader {
  const isNear = (a: number, b: number, scale: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(scale);
  const changed = {
    ...([line.label, ""].includes(headerLabel(own.label)) ? {} : { label: line.label }),
    ...(headerUnit(own.unit) === line.unit ? {} : { unit: line.unit }),
    ...(isNear(own.sampleRate, line.sampleRate, line.sampleRate) ? {} : { sampleRate: line.sampleRate }),
    ...(isNear(own.gain, line.gain, line.gain) &&
    Math.abs(headerBaseline(own.gain, own.offset) + line.offset / line.gain) < 0.5
      ? {}
      : { gain: line.gain, offset: line.offset }),
  };
  const fields = Object.keys(changed);
  if (fields.length === 0) return own;
  repair(repairOf("WFDB_CHANGED_SINCE", "warning", { label: line.label, record, fields: fields.join(", ") }));
  return { ...own, ...changed };
}

const widest = (types: readonly SampleType[]): SampleType =>
  types.includes("int32") ? "int32" : types.includes("int16") || types.length === 0 ? "int16" : "int8";

/** The signal lines that feed each channel, over all segments. */
function partsOf(record: WfdbRecord, channels: number): readonly (readonly WfdbSignal[])[] {
  const parts = Array.from({ length: channels }, (): WfdbSignal[] => []);
  for (const { signals } of record.segments)
    for (const [position, signal] of signals.entries())
      parts[channelOf(signal, position, record)]?.push(signal);
  return parts;
}

/** Which channel a segment's signal feeds: the same position, or in a variable layout the same description. */
const channelOf = (signal: WfdbSignal, position: number, { layoutChannels }: WfdbRecord): number =>
  layoutChannels === undefined ? position : (layoutChannels.get(signal.description) ?? -1);

interface Reading {
  readonly record: WfdbRecord;
  readonly channels: readonly ChannelHeader[];
  readonly own: OwnFacts | undefined;
  readonly events: WfdbEvents;
  readonly repair: ReportRepair;
}

async function* readBlocks(
  reading: Reading,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  let consumed = 0;
  for (const segment of reading.record.segments) {
    for (const file of segment.files) {
      const before = consumed;
      yield* readFile(reading, segment, file, (bytes) => done(before + bytes), signal);
      consumed += file.source.size;
      done(consumed);
    }
  }
}

async function* readFile(
  reading: Reading,
  segment: Segment,
  file: SignalFile,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const targets = file.members.map(({ signal: s, position }) => targetOf(reading, segment, s, position));
  const maxSkew = file.members.reduce((most, m) => Math.max(most, m.signal.skew), 0);
  const available = framesIn(file);
  const frames = Math.min(available, segment.frames + maxSkew);
  if (segment.isLengthKnown) checkLength(file, segment, available, maxSkew, reading.repair);
  const sums = file.members.map((m) => new Checksum(m.signal, file.format.code));
  let read = 0;
  for await (const { frame, count, slab, end } of slabsOf(file, frames, reading.repair)) {
    throwIfCancelled(signal);
    for (const [i, member] of file.members.entries()) {
      const spf = member.signal.samplesPerFrame;
      const values = pick(slab, file.samplesPerFrame, member.first, spf, count);
      const checked = Math.max(0, Math.min(count, segment.frames - frame)) * spf;
      (sums[i] as Checksum).add(values, checked);
      const target = targets[i];
      if (target === undefined) continue;
      const block = toBlock(
        values,
        (segment.startFrame + frame - member.signal.skew) * spf,
        segment,
        spf,
        target,
      );
      if (block !== undefined) yield* withoutGaps(withReasons(block, reading.events));
    }
    read = frame + count;
    done(end);
  }
  if (read >= segment.frames) for (const sum of sums) sum.verify(file.source.name, reading.repair);
}

/** Some frames of a signal file, all of its samples as they stand in it; `end` is the byte after them. */
interface Slab {
  readonly frame: number;
  readonly count: number;
  readonly slab: Int32Array;
  readonly end: number;
}

/** The first `frames` frames, some at a time. */
async function* slabsOf(file: SignalFile, frames: number, repair: ReportRepair): AsyncGenerator<Slab> {
  if (file.flac !== undefined) {
    yield* flacSlabs(file, file.flac, frames, repair);
    return;
  }
  const step = slabFrames(file);
  for (let frame = 0; frame < frames; frame += step) {
    const count = Math.min(step, frames - frame);
    const total = count * file.samplesPerFrame;
    const start = file.byteOffset + file.format.bytesFor(frame * file.samplesPerFrame);
    const bytes = await file.source.read(start, file.format.bytesFor(total));
    if (bytes.length < file.format.bytesFor(total)) throw shrunk(file.source.name, start, bytes.length);
    const slab = new Int32Array(total);
    file.format.decode(bytes, total, slab);
    yield { frame, count, slab, end: start + bytes.length };
  }
}

/** A FLAC stream's channels as the signals of frames. What a damaged stream does not give stays not recorded. */
async function* flacSlabs(
  file: SignalFile,
  flac: FlacInfo,
  frames: number,
  repair: ReportRepair,
): AsyncGenerator<Slab> {
  const width = file.members[0]?.signal.samplesPerFrame ?? 1; // of every signal
  const channels = file.members.length;
  let frame = 0;
  let skip = file.byteOffset;
  let rest = file.members.map(() => new Int32Array(0)); // of a frame that the next block ends
  const blocks = flacFrames(file.source, flac);
  for (let next = await blocks.next(); frame < frames; next = await blocks.next()) {
    if (next.done === true) {
      const values = { file: file.source.name, byte: next.value.at, frames: frame };
      repair(
        repairOf("WFDB_FLAC_DAMAGED", "warning", values, { file: file.source.name, offset: next.value.at }),
      );
      return;
    }
    const passed = Math.min(skip, next.value.channels[0]?.length ?? 0);
    skip -= passed;
    const held = next.value.channels.map((samples, c) => joined(sure(rest[c]), samples.subarray(passed)));
    const count = Math.min(frames - frame, Math.floor((held[0]?.length ?? 0) / width));
    rest = held.map((samples) => samples.slice(count * width));
    if (count === 0) continue;
    const slab = new Int32Array(count * width * channels);
    for (let c = 0; c < channels; c++) {
      const samples = sure(held[c]);
      for (let f = 0; f < count; f++)
        for (let k = 0; k < width; k++) slab[(f * channels + c) * width + k] = sure(samples[f * width + k]);
    }
    yield { frame, count, slab, end: next.value.at };
    frame += count;
  }
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length === 0) return b;
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function targetOf(
  { record, channels, own, repair }: Reading,
  segment: Segment,
  signal: WfdbSignal,
  position: number,
): Target | undefined {
  const channel = channelOf(signal, position, record);
  const header = channels[channel];
  if (
    header === undefined ||
    Math.abs(header.sampleRate - record.header.frameRate * signal.samplesPerFrame) > 1e-6 * header.sampleRate
  ) {
    repair(
      repairOf(
        "WFDB_FOREIGN_SIGNAL",
        "warning",
        { segment: segment.name, label: signal.description },
        { file: `${segment.name}.hea` },
      ),
    );
    return undefined;
  }
  const isRate =
    (header.role === "fhr" || header.role === "mhr") && /bpm/i.test(header.unit) && own === undefined;
  const rescale =
    record.header.segments !== undefined && header.sampleType === "float64" ? signal : undefined;
  return {
    channel,
    header,
    missing: sampleFormat(signal.format)?.missing,
    zeroIsMissing: isRate ? signal.baseline : undefined,
    rescale,
    sampleLimit: own?.channels[channel]?.sampleCount ?? Infinity,
  };
}

/** Frames to read at once: about one block of the fastest signal, whole packing groups, and a bounded slab. */
function slabFrames(file: SignalFile): number {
  const fastest = file.members.reduce((most, m) => Math.max(most, m.signal.samplesPerFrame), 1);
  const byBlock = Math.floor(BLOCK_SAMPLES / fastest);
  const byMemory = Math.floor(SLAB_BYTES / (4 * file.samplesPerFrame));
  const group = file.format.group;
  return Math.max(1, Math.floor(Math.min(byBlock, byMemory) / group)) * group;
}

function pick(slab: Int32Array, stride: number, first: number, width: number, frames: number): Int32Array {
  if (width === stride) return slab;
  const out = new Int32Array(frames * width);
  for (let f = 0, o = 0; f < frames; f++) {
    const base = f * stride + first;
    for (let k = 0; k < width; k++) out[o++] = sure(slab[base + k]);
  }
  return out;
}

/** Codes become mask, values the channel's type; what a skew moves out of the segment is cut. */
function toBlock(
  values: Int32Array,
  firstSample: number,
  segment: Segment,
  spf: number,
  target: Target,
): SampleBlock | undefined {
  const low = segment.startFrame * spf;
  const high = Math.min((segment.startFrame + segment.frames) * spf, target.sampleLimit);
  const from = Math.max(0, low - firstSample);
  const to = Math.min(values.length, high - firstSample);
  if (to <= from) return undefined;
  const type = target.header.sampleType;
  const part = values.subarray(from, to);
  const samples: Samples = new sampleArrays[type](part.length);
  const { rescale } = target;
  if (rescale === undefined) samples.set(part);
  else for (let i = 0; i < part.length; i++) samples[i] = (sure(part[i]) - rescale.baseline) / rescale.gain;
  const mask = maskCodes(part, samples, target, sampleLimits[type]);
  return { channel: target.channel, firstSample: firstSample + from, samples, mask };
}

/** Finds missing codes and what the channel's type cannot hold; beneath them the block has 0. */
function maskCodes(
  values: Int32Array,
  samples: Samples,
  target: Target,
  [min, max]: readonly [number, number],
): readonly MaskRun[] {
  const missing = target.missing ?? NaN;
  const zero = target.zeroIsMissing ?? NaN;
  const mask = new MaskRunBuilder();
  for (let i = 0; i < values.length; i++) {
    const value = sure(values[i]);
    const isMissing = value === missing || value === zero;
    if (!isMissing && value >= min && value <= max) continue;
    mask.add(i, 1, isMissing ? maskReasons.missingInSource : maskReasons.outOfRange);
    samples[i] = 0;
  }
  return mask.done();
}

const LOWEST_INT32 = -(2 ** 31);

/** The reasons our own annotation file gives for missing samples replace "missing in source". */
function withReasons(block: SampleBlock, events: WfdbEvents): SampleBlock {
  const spans = events.reasons.get(block.channel);
  if (spans === undefined || block.mask.length === 0) return block;
  const mask = new MaskRunBuilder();
  let k = 0;
  for (const run of block.mask) {
    let at = run.first;
    const end = run.first + run.count;
    while (at < end) {
      const sample = at + block.firstSample;
      while (k > 0 && (spans[k]?.first ?? Infinity) > sample) k--;
      while (k < spans.length && sample >= (spans[k]?.first ?? 0) + (spans[k]?.count ?? 0)) k++;
      const span = spans[k];
      const inside = span !== undefined && sample >= span.first;
      const until =
        span === undefined ? end : (inside ? span.first + span.count : span.first) - block.firstSample;
      const stop = Math.min(end, until);
      const isCode = inside && run.reason === maskReasons.missingInSource;
      if (isCode && span.reason === 0) block.samples.fill(LOWEST_INT32, at, stop);
      mask.add(at, stop - at, isCode ? span.reason : run.reason);
      at = stop;
    }
  }
  return { ...block, mask: mask.done() };
}

function checkLength(
  file: SignalFile,
  segment: Segment,
  available: number,
  maxSkew: number,
  repair: ReportRepair,
): void {
  const name = file.source.name;
  if (available < segment.frames) {
    repair(
      repairOf(
        "WFDB_TRUNCATED",
        "warning",
        { file: name, frames: available, declared: segment.frames },
        { file: name, offset: file.source.size },
      ),
    );
  }
  if (file.flac !== undefined) return;
  const spare =
    file.source.size -
    file.byteOffset -
    file.format.bytesFor((segment.frames + maxSkew) * file.samplesPerFrame);
  if (spare > 0 && available > segment.frames + maxSkew) {
    repair(
      repairOf(
        "WFDB_TRAILING_BYTES",
        "info",
        { file: name, bytes: spare, frames: segment.frames },
        { file: name, offset: file.source.size - spare },
      ),
    );
  }
}

/** 16-bit sum and first value of a signal against its header line. */
class Checksum {
  private sum = 0;
  private first: number | undefined;
  private readonly signal: WfdbSignal;
  private readonly isDifference: boolean;
  private last: number;

  constructor(signal: WfdbSignal, format: number) {
    this.signal = signal;
    this.isDifference = format === 8;
    this.last = signal.initialValue ?? 0;
  }

  /** Sums `count` raw values. Format 8: turns differences into values first, in place. */
  add(values: Int32Array, count: number): void {
    if (this.isDifference) {
      for (let i = 0; i < values.length; i++) {
        this.last = (this.last + sure(values[i])) | 0;
        values[i] = this.last;
      }
    }
    if (this.first === undefined && count > 0) this.first = values[0];
    let sum = this.sum;
    for (let i = 0; i < count; i++) sum = (sum + sure(values[i])) | 0;
    this.sum = sum;
  }

  verify(file: string, repair: ReportRepair): void {
    const { initialValue, checksum, description } = this.signal;
    const sum = (this.sum << 16) >> 16;
    if (checksum !== undefined && sum !== (checksum << 16) >> 16) {
      repair(repairOf("WFDB_CHECKSUM", "warning", { file, label: description, sum, checksum }, { file }));
    }
    if (
      initialValue !== undefined &&
      this.first !== undefined &&
      initialValue !== this.first &&
      !this.isDifference
    ) {
      repair(
        repairOf(
          "WFDB_INITIAL_VALUE",
          "warning",
          { file, label: description, first: this.first, declared: initialValue },
          { file },
        ),
      );
    }
  }
}

const shrunk = (file: string, offset: number, got: number): AppError =>
  new AppError(
    "data/file-changed",
    `${file} became shorter while it was read: only ${got} bytes at byte ${offset}`,
    {
      file,
      offset,
      value: got,
    },
  );

const uncalibrated = (record: string, label: string) =>
  repairOf("WFDB_UNCALIBRATED", "info", { label, record });

const severalScales = (record: string, label: string) =>
  repairOf("WFDB_SEVERAL_SCALES", "info", { label, record });
