import { AppError } from "../../preload/contract/errors.ts";
import type { ExportFormat, ImportOptions } from "../../preload/contract/exchange.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import {
  ChannelHeader,
  FACT_TEXT_MAX,
  NAME_MAX,
  Repair,
  type SampleType,
} from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock } from "../signal/block.ts";
import { isGain, isOffset, isSampleRate } from "./bounds.ts";
import type { ByteSource, FormatReader, FormatWriter, WriteOptions } from "./format.ts";
import {
  bytesSource,
  exportSource,
  memoryFolder,
  readWhole,
  type ReadResult,
  type RecordingContent,
} from "./memory.ts";

/**
 * What every registered reader and writer must obey. A broken law is a sentence; an empty list is a pass. A new format
 * is under all of these by standing in the registry.
 */

/** Files as they lie beside each other; the one named `main` is opened. */
export interface FileSet {
  readonly main: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What the laws cannot know by themselves: the time, and how many bytes buffers take now. */
export interface Meters {
  readonly now: () => number; // ms
  readonly bufferBytes?: () => number;
}

export interface ReadOutcome {
  readonly code: string; // "ok" or the error's code
  readonly broken: readonly string[];
  readonly result: ReadResult | undefined;
  readonly ms: number;
}

export const LONGEST_MS = 2000;
/** Slabs and blocks a reader may hold however small the file is. */
const SPARE_BYTES = 8 << 20;

export const sourceOf = ({ main, files }: FileSet): ByteSource =>
  bytesSource(main, sure(files.get(main)), files);

const sizeOf = ({ files }: FileSet): number =>
  [...files.values()].reduce((sum, { length }) => sum + length, 0);

/**
 * Reads whatever the bytes are, to the end. Laws: it ends in time, holds no more than four times the files and a few
 * slabs, throws nothing but a named data error that says the file, and what it yields is well-formed.
 */
export async function readAnything(
  reader: FormatReader,
  set: FileSet,
  options: ImportOptions,
  meters: Meters,
): Promise<ReadOutcome> {
  const broken: string[] = [];
  const size = sizeOf(set);
  const start = meters.now();
  const before = meters.bufferBytes?.() ?? 0;
  let most = 0;
  let yielded = 0;
  const next = new Map<number, number>();
  const inspect = (block: SampleBlock): void => {
    broken.push(...flawsOf(block, next));
    yielded += block.samples.byteLength;
    most = Math.max(most, (meters.bufferBytes?.() ?? 0) - before);
    if (meters.now() - start > LONGEST_MS) throw new StoppedError("more than 2 s");
    if (yielded > 64 * size + SPARE_BYTES)
      throw new StoppedError(`${yielded} bytes of samples out of ${size}`);
    if (broken.length > 10) throw new StoppedError("ten broken laws");
  };
  let code = "ok";
  let result: ReadResult | undefined;
  try {
    result = await readStream(reader, sourceOf(set), options, inspect);
    broken.push(...flawsOfResult(result));
  } catch (error) {
    if (error instanceof StoppedError) broken.push(error.message);
    else if (error instanceof AppError && error.code.startsWith("data/")) {
      code = error.code;
      if (typeof error.detail["file"] !== "string")
        broken.push(`${error.code} does not say which file: ${error.message}`);
    } else broken.push(`threw ${String(error instanceof Error ? (error.stack ?? error.message) : error)}`);
  }
  most = Math.max(most, (meters.bufferBytes?.() ?? 0) - before);
  const ms = meters.now() - start;
  if (ms > LONGEST_MS) broken.push(`took ${Math.round(ms)} ms`);
  if (most > 4 * size + SPARE_BYTES) broken.push(`buffers grew by ${most} bytes for files of ${size}`);
  return { code, broken, result, ms };
}

class StoppedError extends Error {}

/** Header, repairs and annotations of a recording read block by block; the samples are looked at and let go. */
async function readStream(
  reader: FormatReader,
  source: ByteSource,
  options: ImportOptions,
  inspect: (block: SampleBlock) => void,
): Promise<ReadResult> {
  const repairs: ReadResult["repairs"][number][] = [];
  const recording = await reader.open(source, options, (repair) => repairs.push(repair));
  const { channels } = recording.header;
  for await (const block of recording.blocks(() => undefined)) {
    const header = channels[block.channel];
    if (header === undefined)
      throw new StoppedError(`a block of channel ${block.channel} of ${channels.length}`);
    if (!(block.samples instanceof sampleArrays[header.sampleType])) {
      throw new StoppedError(`samples of channel ${block.channel} are not ${header.sampleType}`);
    }
    inspect(block);
  }
  return { header: recording.header, channels: [], annotations: await recording.annotations(), repairs };
}

/** Blocks of a channel ascend without overlap; mask runs ascend within the block, apart, with a reason. */
function flawsOf(block: SampleBlock, next: Map<number, number>): string[] {
  const broken: string[] = [];
  const { channel, firstSample, samples, mask } = block;
  const expected = next.get(channel) ?? 0;
  if (!Number.isSafeInteger(firstSample) || firstSample < expected)
    broken.push(`channel ${channel}: block at ${firstSample} after ${expected}`);
  if (samples.length === 0) broken.push(`channel ${channel}: empty block at ${firstSample}`);
  next.set(channel, firstSample + samples.length);
  let end = 0;
  for (const { first, count, reason } of mask) {
    const isSound =
      first >= end && count >= 1 && first + count <= samples.length && reason >= 1 && reason <= 255;
    if (!isSound)
      broken.push(
        `channel ${channel}: mask run ${first}+${count} (${reason}) in a block of ${samples.length} after ${end}`,
      );
    end = first + count;
  }
  return broken;
}

function flawsOfResult({ header, annotations, repairs }: ReadResult): string[] {
  const broken: string[] = [];
  for (const channel of header.channels) {
    const parsed = ChannelHeader.safeParse(channel);
    if (!parsed.success) broken.push(`channel header ${JSON.stringify(channel)}: ${parsed.error.message}`);
    const { sampleRate, gain, offset } = channel;
    if (!isSampleRate(sampleRate) || !isGain(gain) || !isOffset(offset))
      broken.push(`channel "${channel.label}": ${sampleRate} Hz, gain ${gain}, offset ${offset}`);
  }
  const names = [header.name, header.subject ?? "", ...header.channels.map(({ label }) => label)];
  if (names.some((name) => name.length > NAME_MAX || /\p{Cc}/u.test(name)))
    broken.push("an endless or unprintable name");
  if (Object.values(header.facts).some((text) => text.length > FACT_TEXT_MAX)) broken.push("an endless fact");
  if (
    header.startedAt !== undefined &&
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.test(header.startedAt)
  ) {
    broken.push(`startedAt "${header.startedAt}" is not ISO 8601`);
  }
  for (const { onsetS, durationS, channel } of annotations) {
    const isSound = Number.isFinite(onsetS) && durationS >= 0 && Number.isFinite(durationS);
    if (!isSound || (channel !== undefined && header.channels[channel] === undefined))
      broken.push(`annotation at ${onsetS} for ${durationS} s on ${String(channel)}`);
  }
  for (const repair of repairs) {
    if (!Repair.safeParse(repair).success || !/^[A-Z][A-Z0-9_]+$/.test(repair.code) || repair.message === "")
      broken.push(`repair ${JSON.stringify(repair)}`);
  }
  return broken;
}

/** The same bytes out of buffers at odd addresses, a copy each: views must not assume where they lie. */
export function unalignedSource(set: FileSet): ByteSource {
  const wrap = (inner: ByteSource): ByteSource => ({
    name: inner.name,
    size: inner.size,
    read: async (offset, length) => {
      const bytes = await inner.read(offset, length);
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      return shifted.subarray(1);
    },
    sibling: async (name) => {
      const found = await inner.sibling(name);
      return found === undefined ? undefined : wrap(found);
    },
  });
  return wrap(sourceOf(set));
}

/** What a format promises to keep. */
export interface Fidelity {
  readonly digital: readonly SampleType[]; // sample types that come back digit by digit
  readonly relativeError: number; // of other physical values, against the channel's largest, masked ones included
  readonly reasons: boolean; // why a sample is missing, not only that it is
  readonly tailGaps: boolean; // unobserved samples at the very end are still counted, if they were recorded
  readonly notes: boolean; // an annotation's note
}

/** Stated for every writer that a reader can read back; a writer missing here fails the battery. */
export const fidelity: Readonly<Record<ExportFormat, Fidelity>> = {
  edf: {
    digital: ["int8", "uint8", "int16"],
    relativeError: 2e-5,
    reasons: true,
    tailGaps: true,
    notes: true,
  },
  wfdb: {
    digital: ["int8", "uint8", "int16"], // and int32 but for its lowest value, which is the missing code
    relativeError: 1e-6,
    reasons: true,
    tailGaps: false,
    notes: true,
  },
  csv: { digital: [], relativeError: 1e-6, reasons: true, tailGaps: false, notes: true },
  json: {
    digital: ["int8", "uint8", "int16", "int32"],
    relativeError: 1e-9,
    reasons: true,
    tailGaps: true,
    notes: true,
  },
};

export const allOptions: WriteOptions = {
  baseName: "round",
  withAnnotations: true,
  withMask: true,
};

/** Writes a recording, finds the reader of what was written, reads it, and names every difference. */
export async function roundTrip(
  writer: FormatWriter,
  findReader: (head: Uint8Array, name: string) => FormatReader | undefined,
  content: RecordingContent,
  options: WriteOptions = allOptions,
): Promise<{ set: FileSet; result: ReadResult; repairs: readonly Repair[]; differences: string[] }> {
  const folder = memoryFolder();
  const repairs: Repair[] = [];
  await writer.write(exportSource(content), folder.open, options, (repair) => repairs.push(repair));
  const main = mainOf(folder.files, options.baseName, findReader);
  if (main === undefined) throw new Error(`no reader takes any of ${[...folder.files.keys()].join(", ")}`);
  const set = { main, files: folder.files };
  const reader = sure(findReader(sure(folder.files.get(main)).subarray(0, 4096), main));
  const result = await readWhole(reader, sourceOf(set));
  const promise = fidelity[writer.id];
  return { set, result, repairs, differences: differencesOf(content, result, promise) };
}

/** Of what a writer wrote, the file to open: `<base>.<extension>`, the reader's own extensions in their order. */
export function mainOf(
  files: ReadonlyMap<string, Uint8Array>,
  base: string,
  findReader: (head: Uint8Array, name: string) => FormatReader | undefined,
): string | undefined {
  const ranked = [...files.keys()]
    .filter((name) => name.startsWith(`${base}.`) && !name.slice(base.length + 1).includes("."))
    .flatMap((name) => {
      const reader = findReader(sure(files.get(name)).subarray(0, 4096), name);
      const rank = reader?.extensions.findIndex((extension) => name.toLowerCase().endsWith(extension)) ?? -1;
      return rank === -1 ? [] : [{ name, rank }];
    });
  return ranked.toSorted((a, b) => a.rank - b.rank)[0]?.name;
}

/** Differences between a recording and what came back of it, beyond what the format may change. */
export function differencesOf(content: RecordingContent, result: ReadResult, promise: Fidelity): string[] {
  const { header } = content;
  const found: string[] = [];
  const same = (what: string, wanted: unknown, got: unknown): void => {
    if (wanted !== got) found.push(`${what}: ${JSON.stringify(wanted)} became ${JSON.stringify(got)}`);
  };
  same("channels", header.channels.length, result.header.channels.length);
  same("startedAt", header.startedAt, result.header.startedAt);
  same("subject", header.subject, result.header.subject);
  if (found.length > 0) return found;
  for (const [index, channel] of header.channels.entries()) {
    const back = sure(result.header.channels[index]);
    same(`label ${index}`, channel.label, back.label);
    same(`role ${index}`, channel.role, back.role);
    if (Math.abs(back.sampleRate / channel.sampleRate - 1) > 1e-9)
      same(`rate ${index}`, channel.sampleRate, back.sampleRate);
    found.push(...sampleDifferences(index, content, result, promise));
  }
  found.push(...annotationDifferences(content, result, promise));
  return found;
}

function sampleDifferences(
  index: number,
  content: RecordingContent,
  result: ReadResult,
  promise: Fidelity,
): string[] {
  const [wanted, got] = [sure(content.channels[index]), sure(result.channels[index])];
  const [header, back] = [sure(content.header.channels[index]), sure(result.header.channels[index])];
  const found: string[] = [];
  const { observed, notRecorded } = maskReasons;
  const length =
    1 + wanted.reason.findLastIndex((code) => (promise.tailGaps ? code !== notRecorded : code === observed));
  if (got.samples.length < length || (promise.tailGaps && got.samples.length !== length)) {
    return [`channel ${index}: ${wanted.samples.length} samples became ${got.samples.length}`];
  }
  const isExact = promise.digital.includes(header.sampleType);
  let largest = 0;
  for (let i = 0; i < length; i++) {
    largest = Math.max(largest, Math.abs(sure(wanted.samples[i]) * header.gain + header.offset));
  }
  for (let i = 0; i < length && found.length < 3; i++) {
    const [was, is] = [sure(wanted.reason[i]), sure(got.reason[i])];
    if (promise.reasons ? was !== is : (was === 0) !== (is === 0))
      found.push(`channel ${index} sample ${i}: reason ${was} became ${is}`);
    if (was !== 0) continue;
    const [digital, digitalBack] = [sure(wanted.samples[i]), sure(got.samples[i])];
    if (isExact && digital !== digitalBack)
      found.push(`channel ${index} (${header.sampleType}) sample ${i}: ${digital} became ${digitalBack}`);
    const [value, valueBack] = [
      digital * header.gain + header.offset,
      (digitalBack * back.gain + back.offset) * unitFactor(back.unit, header.unit),
    ];
    if (Math.abs(value - valueBack) > largest * promise.relativeError)
      found.push(`channel ${index} sample ${i}: ${value} ${header.unit} became ${valueBack} (${back.unit})`);
  }
  return found;
}

const powers: Readonly<Record<string, number>> = {
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** A writer may move to another SI prefix and say so; the quantity must stay. */
function unitFactor(from: string, to: string): number {
  if (from === to || from.at(-1) !== to.at(-1)) return 1;
  const size = (unit: string): number => (unit.length === 2 ? (powers[unit.charAt(0)] ?? NaN) : 1);
  return size(from) / size(to);
}

function annotationDifferences(content: RecordingContent, result: ReadResult, promise: Fidelity): string[] {
  const key = (a: RecordingContent["annotations"][number]): string =>
    [
      a.onsetS.toFixed(6),
      a.durationS.toFixed(6),
      a.label,
      String(a.channel),
      String(a.author),
      promise.notes ? a.note : "",
    ].join(" | ");
  const wanted = content.annotations.map(key).toSorted();
  const got = result.annotations.map(key).toSorted();
  const at = wanted.findIndex((text, index) => text !== got[index]);
  if (at === -1 && wanted.length === got.length) return [];
  return [
    `annotations: ${JSON.stringify(wanted[at] ?? "none more")} became ${JSON.stringify(got[at === -1 ? wanted.length : at] ?? "nothing")} (${wanted.length} became ${got.length})`,
  ];
}
