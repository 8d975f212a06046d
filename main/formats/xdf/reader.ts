import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { CHANNELS_MAX, type ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair, SampleBlock, SourceAnnotation } from "../../signal/block.ts";
import { checkSampleRate, outside } from "../bounds.ts";
import { guessKind } from "../channel-role.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { RepairBook } from "../repair-book.ts";
import { StreamBuffer } from "./buffers.ts";
import { tags, walkChunks, type Chunk } from "./chunks.ts";
import { Clock, clockRanges, type ClockOffset, type ClockRange } from "./clock.ts";
import { startOf, walkSamples, type StreamState } from "./samples.ts";
import { readStreamHeader, type XdfStream } from "./streams.ts";
import { placed, rateOf, Segmenter, type Segment, type Stretch } from "./timing.ts";
import { parseXml, textAt } from "./xml.ts";

/**
 * XDF of the lab streaming layer: the streams of a recording with their clocks brought together as pyxdf does. Streams
 * of even rate are the channels of one recording, markers its annotations.
 */
export const xdfReader: FormatReader = {
  id: "xdf",
  title: "XDF (lab streaming layer)",
  extensions: [".xdf", ".xdfz"],
  recognises: (head) => head[0] === 0x58 && head[1] === 0x44 && head[2] === 0x46 && head[3] === 0x3a, // XDF:
  open: openXdf,
};

const MAX_STREAMS = 2000;
const MAX_XML_BYTES = 1 << 22;
const MAX_OFFSETS = 1_000_000;
const MAX_SEGMENTS = 100_000;
const MAX_MARKERS = 1_000_000;

/** What a first walk finds: everything but samples. */
interface Outline {
  readonly streams: ReadonlyMap<number, XdfStream>;
  readonly offsets: ReadonlyMap<number, readonly ClockOffset[]>;
  readonly startedAt: string | undefined;
}

/** A stream of even rate with its place among the recording's channels. */
interface Placed {
  readonly stream: XdfStream;
  readonly segments: readonly Segment[];
  readonly rate: number;
  readonly firstChannel: number;
}

async function openXdf(
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  const book = new RepairBook(source.name, repair);
  const outline = await readOutline(source, book);
  const clocks = new Map([...outline.offsets].map(([id, offsets]) => [id, clockRanges(offsets)] as const));
  const { segments, markers } = await readTimes(source, outline, clocks, book);
  const streams: Placed[] = [];
  let channelCount = 0;
  for (const [id, found] of segments) {
    const stream = sure(outline.streams.get(id));
    const rate = checkSampleRate(rateOf(found, stream.nominalRate), {
      file: source.name,
      channel: stream.name,
    });
    if (rate !== stream.nominalRate)
      book.note("XDF_RATE", "info", {
        stream: stream.name,
        nominal: stream.nominalRate,
        rate: Number(rate.toPrecision(9)),
      });
    streams.push({ stream, segments: found, rate, firstChannel: channelCount });
    channelCount += stream.channels.length;
  }
  const zeroS = streams.reduce(
    (least, one) => Math.min(least, one.segments[0]?.startS ?? Infinity),
    Infinity,
  );
  for (const { stream, segments: found, rate } of streams) {
    let count = 0;
    for (const { isMoved } of placed(found, rate, zeroS)) if (isMoved) count++;
    if (count > 0) book.note("XDF_TIMES", "warning", { stream: stream.name, count });
  }
  const channels = labelled(streams);
  const annotations = markers
    .map((marker) => ({ ...marker, onsetS: marker.onsetS - (Number.isFinite(zeroS) ? zeroS : 0) }))
    .sort((a, b) => a.onsetS - b.onsetS);
  book.flush();
  return {
    header: {
      name: source.name.replace(/\.[^.]*$/, ""),
      kind: options.kind ?? guessKind(channels),
      subject: undefined,
      startedAt: outline.startedAt,
      channels,
      facts: Object.fromEntries([...outline.streams.values()].map(factOf)),
    },
    blocks: (done, signal) => readBlocks({ source, streams, zeroS }, done, signal),
    annotations: () => Promise.resolve(annotations),
  };
}

const factOf = ({ id, name, type, channels, nominalRate, format, host }: XdfStream): [string, string] => [
  `stream ${id}`,
  `${name}${type === "" ? "" : ` (${type})`}, ${channels.length} × ${format.name}, ${nominalRate === 0 ? "irregular" : `${nominalRate} Hz nominal`}${host === "" ? "" : `, from ${host}`}`,
];

/** Channels in the order of their streams; a label that two streams use says which stream it is of. */
function labelled(streams: readonly Placed[]): ChannelHeader[] {
  const uses = new Map<string, number>();
  for (const { stream } of streams)
    for (const label of new Set(stream.channels.map((channel) => channel.label)))
      uses.set(label, (uses.get(label) ?? 0) + 1);
  return streams.flatMap(({ stream, rate }) =>
    stream.channels.map(({ label, unit, role }) => ({
      label: (uses.get(label) ?? 0) > 1 ? `${stream.name} ${label}` : label,
      unit,
      sampleRate: rate,
      role,
      sampleType: stream.format.sampleType,
      gain: 1,
      offset: 0,
    })),
  );
}

async function readOutline(source: ByteSource, book: RepairBook): Promise<Outline> {
  const streams = new Map<number, XdfStream>();
  const offsets = new Map<number, ClockOffset[]>();
  let [startedAt, channels, measured] = [undefined as string | undefined, 0, 0];
  const xml = async ({ start, end }: Chunk): Promise<string> => {
    if (end - start > MAX_XML_BYTES)
      throw outside("data/bad-header", "a description of bytes", end - start, `0 to ${MAX_XML_BYTES}`, {
        file: source.name,
        offset: start,
      });
    return new TextDecoder().decode(await source.read(start, end - start));
  };
  for await (const chunk of chunksOf(source, book)) {
    const { tag, stream: id = -1, start } = chunk;
    if (tag === tags.fileHeader) startedAt ??= isoOf(textAt(parseXml(await xml(chunk)), "datetime"));
    else if (tag === tags.streamHeader && !streams.has(id)) {
      const stream = readStreamHeader(id, await xml(chunk), { file: source.name, offset: start });
      streams.set(id, stream);
      channels += stream.channels.length;
      if (streams.size > MAX_STREAMS || channels > CHANNELS_MAX)
        throw outside(
          "data/too-many-channels",
          `${streams.size} streams with a number of channels`,
          channels,
          `0 to ${CHANNELS_MAX} channels in ${MAX_STREAMS} streams`,
          { file: source.name, offset: start },
        );
    } else if (tag === tags.clockOffset && measured < MAX_OFFSETS) {
      const bytes = await source.read(start, 16);
      if (bytes.length < 16 || chunk.end - start < 16) continue;
      const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
      const offset = { time: view.getFloat64(0, true), value: view.getFloat64(8, true) };
      if (!Number.isFinite(offset.time) || !Number.isFinite(offset.value)) continue;
      const list = offsets.get(id) ?? [];
      list.push(offset);
      offsets.set(id, list);
      measured++;
    }
  }
  if (streams.size === 0)
    throw new AppError("data/no-signals", `${source.name} describes no stream`, {
      file: source.name,
      value: 0,
      allowed: ">= 1 stream",
    });
  return { streams, offsets, startedAt };
}

/** `2023-04-05T06:07:08+0900` as ISO 8601 has it; undefined where it is no such time. */
function isoOf(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const zone =
    match[2] === undefined || match[2] === "Z" ? (match[2] ?? "") : match[2].replace(/^(...):?/, "$1:");
  return Number.isNaN(Date.parse(`${sure(match[1])}${zone}`)) ? undefined : `${sure(match[1])}${zone}`;
}

/** Chunks, with what is damaged told on the first walk and passed over on later ones. */
async function* chunksOf(source: ByteSource, book?: RepairBook): AsyncGenerator<Chunk, void, void> {
  const corrupt = ({ at, resumedAt }: { at: number; resumedAt: number }): void =>
    book?.count("XDF_CORRUPT", { byte: at, resumed: resumedAt }, at);
  for await (const chunk of walkChunks(source, corrupt)) {
    if (chunk.isCut) book?.note("XDF_CUT", "warning", { tag: chunk.tag }, source.size);
    yield chunk;
  }
}

interface Times {
  readonly segments: ReadonlyMap<number, readonly Segment[]>; // of the streams that become channels
  readonly markers: readonly SourceAnnotation[]; // onsets by the recorder's clock
}

interface Walk {
  readonly state: StreamState;
  readonly clock: Clock;
  readonly times: Segmenter;
  left: number; // values that become nothing
}

/** The second walk: every stamp, corrected; markers are kept, values are not looked at. */
async function readTimes(
  source: ByteSource,
  { streams }: Outline,
  clocks: ReadonlyMap<number, readonly ClockRange[]>,
  book: RepairBook,
): Promise<Times> {
  const walks = new Map<number, Walk>(
    [...streams].map(([id, stream]): [number, Walk] => [
      id,
      {
        state: startOf(stream),
        clock: new Clock(clocks.get(id) ?? []),
        times: new Segmenter(stream),
        left: 0,
      },
    ]),
  );
  const markers: SourceAnnotation[] = [];
  const mark = (onsetS: number, label: string, note: string): void => {
    if (label === "") return;
    if (markers.length >= MAX_MARKERS)
      throw outside(
        "data/too-many-annotations",
        "a number of markers",
        markers.length + 1,
        `0 to ${MAX_MARKERS}`,
        { file: source.name },
      );
    markers.push({ onsetS, durationS: 0, label, channel: undefined, note });
  };
  for await (const chunk of chunksOf(source)) {
    if (chunk.tag !== tags.samples || chunk.stream === undefined) continue;
    const walk = walks.get(chunk.stream);
    if (walk === undefined) {
      book.count("XDF_NO_HEADER", { stream: chunk.stream }, chunk.start);
      continue;
    }
    const { state, clock, times } = walk;
    const { stream } = state;
    const samples = walkSamples(source, chunk, state, (stamp, view, at, texts) => {
      const time = clock.correct(stamp);
      if (isSignal(stream)) times.add(time);
      else if (stream.format.bytes === 0) {
        const [label = "", ...more] = texts.map((text) => text.trim()).filter((text) => text !== "");
        mark(time, label, more.join("\n"));
      } else if (isMarker(stream)) mark(time, numberAt(stream, view, at), "");
      else walk.left++;
    });
    if (!(await ended(samples))) book.count("XDF_SAMPLES", { stream: stream.name }, chunk.start);
    if (times.segments.length > MAX_SEGMENTS)
      throw outside(
        "data/bad-times",
        `stream "${stream.name}" with a number of jumps in time`,
        times.segments.length,
        `0 to ${MAX_SEGMENTS}`,
        { file: source.name, offset: chunk.start },
      );
  }
  const segments = new Map<number, readonly Segment[]>();
  for (const [id, { state, times, left }] of walks) {
    const { stream } = state;
    const found = times.end();
    if (found.length > 0) segments.set(id, found);
    else if (isSignal(stream)) book.note("XDF_EMPTY_STREAM", "info", { stream: stream.name });
    if (left > 0) book.note("XDF_IRREGULAR", "warning", { stream: stream.name, count: left });
  }
  return { segments, markers };
}

const isSignal = ({ nominalRate, format, channels }: XdfStream): boolean =>
  nominalRate > 0 && format.bytes > 0 && channels.length > 0;

/** Numbers at odd times: of one channel, or called so, they are marks. */
const isMarker = ({ channels, type }: XdfStream): boolean =>
  channels.length > 0 && (/mark|event|trigger|stim/i.test(type) || (channels.length === 1 && type === ""));

function numberAt({ format }: XdfStream, view: DataView, at: number): string {
  switch (format.name) {
    case "int8":
      return String(view.getInt8(at));
    case "int16":
      return String(view.getInt16(at, true));
    case "int32":
      return String(view.getInt32(at, true));
    case "int64":
      return String(view.getBigInt64(at, true));
    case "float32":
      return String(view.getFloat32(at, true));
    default:
      return String(view.getFloat64(at, true));
  }
}

/** Runs a walk to its end and gives what it returns. */
async function ended<T>(walk: AsyncGenerator<void, T, void>): Promise<T> {
  for (;;) {
    const step = await walk.next();
    if (step.done === true) return step.value;
  }
}

interface Reading {
  readonly source: ByteSource;
  readonly streams: readonly Placed[];
  readonly zeroS: number;
}

/** One stream's samples on their way to their places. */
interface Writing {
  readonly state: StreamState;
  readonly buffer: StreamBuffer;
  readonly stretches: Generator<Stretch>;
  stretch: Stretch | undefined;
  index: number;
}

/** The third walk: samples to blocks. */
async function* readBlocks(
  { source, streams, zeroS }: Reading,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock, void, void> {
  throwIfCancelled(signal);
  const writings = new Map(
    streams.map(({ stream, segments, rate, firstChannel }): readonly [number, Writing] => {
      const count = segments.reduce((sum, segment) => sum + segment.count, 0);
      const stretches = placed(segments, rate, zeroS);
      const buffer = new StreamBuffer(stream.format, firstChannel, stream.channels.length, count);
      return [stream.id, { state: startOf(stream), buffer, stretches, stretch: undefined, index: 0 }];
    }),
  );
  for await (const chunk of chunksOf(source)) {
    throwIfCancelled(signal);
    const writing = chunk.tag === tags.samples ? writings.get(chunk.stream ?? -1) : undefined;
    if (writing === undefined) continue;
    const { buffer } = writing;
    const samples = walkSamples(source, chunk, writing.state, (_stamp, view, at) => {
      const index = writing.index++;
      if (writing.stretch === undefined || index >= writing.stretch.first + writing.stretch.count) {
        const next = writing.stretches.next();
        writing.stretch = next.done === true ? undefined : next.value;
      }
      const { stretch } = writing;
      if (stretch !== undefined) buffer.add(stretch.at + index - stretch.first, view, at);
    });
    while ((await samples.next()).done !== true) {
      throwIfCancelled(signal);
      yield* buffer.ready.splice(0);
    }
    yield* buffer.ready.splice(0);
    done(chunk.end);
  }
  for (const { buffer } of writings.values()) {
    buffer.flush(0);
    yield* buffer.ready.splice(0);
  }
  done(source.size);
}
