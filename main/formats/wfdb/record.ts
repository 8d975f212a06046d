import { AppError } from "../../../preload/contract/errors.ts";
import { DURATION_MAX_S, repairOf } from "../../../preload/contract/recording.ts";
import type { ReportRepair } from "../../signal/block.ts";
import { outside } from "../bounds.ts";
import type { ByteSource } from "../format.ts";
import { countSamples, openFlac, type FlacInfo } from "./flac.ts";
import { parseHeader, type WfdbHeader, type WfdbSignal } from "./header.ts";
import { readableFormats, sampleFormat, type SampleFormat } from "./sample-formats.ts";

/** Signals that share one file: their samples alternate frame by frame. */
export interface SignalFile {
  readonly source: ByteSource;
  readonly format: SampleFormat;
  readonly byteOffset: number; // of a FLAC stream: samples before the first
  readonly flac: FlacInfo | undefined;
  readonly samplesPerFrame: number; // all signals of the file together
  readonly members: readonly {
    readonly signal: WfdbSignal;
    readonly position: number;
    readonly first: number;
  }[];
}

/** A stretch of the record with its own header and files. */
export interface Segment {
  readonly name: string;
  readonly startFrame: number;
  readonly frames: number; // 0 where unknown and nothing is readable
  readonly isLengthKnown: boolean;
  readonly signals: readonly WfdbSignal[];
  readonly files: readonly SignalFile[];
}

export interface WfdbRecord {
  readonly header: WfdbHeader;
  readonly layout: WfdbHeader | undefined; // variable layout: the signals the record may hold
  readonly layoutChannels: ReadonlyMap<string, number> | undefined; // their positions by description
  readonly segments: readonly Segment[];
}

const MAX_FRAME_SAMPLES = 16_000_000;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** Reads the header a source belongs to, and those of all its segments, and finds the signal files. */
export async function openRecord(
  source: ByteSource,
  decode: (bytes: Uint8Array) => string,
  repair: ReportRepair,
): Promise<WfdbRecord> {
  const headerFile = await headerOf(source);
  const header = parseHeader(decode(await whole(headerFile)), headerFile.name, repair);
  if (header.segments === undefined) {
    return {
      header,
      layout: undefined,
      layoutChannels: undefined,
      segments: [await openSegment(header, headerFile, 0, undefined, repair)],
    };
  }
  const segments: Segment[] = [];
  const headers = new Map<string, WfdbHeader>();
  const amounts = new Amounts(headerFile.name);
  let layout: WfdbHeader | undefined;
  let startFrame = 0;
  for (const [index, { name, frames }] of header.segments.entries()) {
    if (name !== "~") {
      const file = await headerFile.sibling(`${name}.hea`);
      if (file === undefined) {
        repair(missingSegment(headerFile.name, name, startFrame, frames));
      } else {
        const own = headers.get(name) ?? parseHeader(decode(await whole(file)), file.name, repair);
        headers.set(name, own);
        const isLayout = index === 0 && frames === 0;
        if (isLayout) layout = own;
        else if (own.frameRate !== header.frameRate)
          repair(foreignRate(file.name, own.frameRate, header.frameRate));
        else segments.push(amounts.add(await openSegment(own, file, startFrame, frames, repair)));
      }
    }
    startFrame += frames;
    const endS = startFrame / header.frameRate;
    if (endS > DURATION_MAX_S)
      throw outside(
        "data/bad-header",
        `its segment ${index + 1} ends after`,
        endS,
        `0 to ${DURATION_MAX_S} s`,
        {
          file: headerFile.name,
        },
      );
  }
  const named = layout?.signals.map(({ description }, index) => [description, index] as const);
  const layoutChannels = named === undefined ? undefined : new Map(named.toReversed()); // of equal ones the first
  return { header, layout, layoutChannels, segments };
}

/** Signal lines of all segments together. */
const MAX_SIGNAL_LINES = 1_000_000;
/** A record may read a file twice over, not thousands of times; small ones are not worth a refusal. */
const TIMES_READ = 2;
const SPARE_BYTES = 1 << 20;

/** What the segments of a record add up to: a short header can ask for one file twenty thousand times. */
class Amounts {
  private readonly header: string;
  private readonly sizes = new Map<string, number>();
  private held = 0; // bytes of the distinct files
  private asked = 0; // bytes to be read of them
  private lines = 0;

  constructor(header: string) {
    this.header = header;
  }

  add(segment: Segment): Segment {
    this.lines += segment.signals.length;
    if (this.lines > MAX_SIGNAL_LINES)
      throw outside(
        "data/bad-header",
        "a number of signal lines in its segments",
        this.lines,
        `0 to ${MAX_SIGNAL_LINES}`,
        {
          file: this.header,
        },
      );
    for (const file of segment.files) {
      const { source } = file;
      if (!this.sizes.has(source.name)) {
        this.sizes.set(source.name, source.size);
        this.held +=
          file.flac === undefined
            ? source.size
            : file.format.bytesFor(file.flac.samples * file.flac.channels);
      }
      this.asked += file.format.bytesFor(Math.min(framesIn(file), segment.frames) * file.samplesPerFrame);
      const limit = TIMES_READ * this.held + SPARE_BYTES;
      if (this.asked > limit)
        throw outside(
          "data/repeated-segments",
          `segments that read ${source.name} again and again, to a total`,
          this.asked,
          `0 to ${limit} bytes, twice what its files hold`,
          { file: this.header },
        );
    }
    return segment;
  }
}

async function headerOf(source: ByteSource): Promise<ByteSource> {
  if (/\.hea$/i.test(source.name)) return source;
  const stem = source.name.replace(/\.[^.]*$/, "");
  const header = (await source.sibling(`${stem}.hea`)) ?? (await source.sibling(`${stem}.HEA`));
  if (header !== undefined) return header;
  throw new AppError(
    "data/no-header",
    `${source.name} has no ${stem}.hea beside it; a WFDB signal file cannot be read without its header`,
    {
      file: source.name,
      expected: `${stem}.hea`,
    },
  );
}

async function whole(source: ByteSource): Promise<Uint8Array> {
  if (source.size > MAX_HEADER_BYTES) {
    throw new AppError(
      "data/bad-header",
      `${source.name} has ${source.size} bytes; a WFDB header has at most ${MAX_HEADER_BYTES}`,
      {
        file: source.name,
        value: source.size,
        allowed: `at most ${MAX_HEADER_BYTES}`,
      },
    );
  }
  return source.read(0, source.size);
}

async function openSegment(
  header: WfdbHeader,
  headerFile: ByteSource,
  startFrame: number,
  masterFrames: number | undefined,
  repair: ReportRepair,
): Promise<Segment> {
  const files: SignalFile[] = [];
  let readable = 0;
  for (const group of byFile(header.signals, headerFile.name)) {
    const name = group[0]?.signal.file ?? "";
    const code = group[0]?.signal.format ?? 0;
    if (name === "~" || code === 0) continue; // a signal without samples
    const format = sampleFormat(code);
    if (format === undefined) throw unsupported(headerFile.name, code);
    const source = await headerFile.sibling(name);
    if (source === undefined) {
      repair(
        repairOf(
          "WFDB_NO_SIGNAL_FILE",
          "warning",
          { file: headerFile.name, signalFile: name, channels: group.length },
          { file: headerFile.name },
        ),
      );
      continue;
    }
    const file = await layOut(source, format, group);
    readable = Math.max(readable, framesIn(file));
    files.push(file);
  }
  if (files.length === 0 && masterFrames === undefined && header.signals.some((s) => s.file !== "~")) {
    throw new AppError("data/no-signal-file", `${headerFile.name}: none of its signal files is beside it`, {
      file: headerFile.name,
      expected: [...new Set(header.signals.map((s) => s.file))].slice(0, 8).join(", "),
    });
  }
  const declared = masterFrames ?? header.frames;
  if (masterFrames !== undefined && header.frames !== undefined && header.frames !== masterFrames) {
    repair(
      repairOf(
        "WFDB_SEGMENT_LENGTH",
        "warning",
        { file: headerFile.name, frames: header.frames, used: masterFrames },
        { file: headerFile.name },
      ),
    );
  }
  return {
    name: header.name,
    startFrame,
    frames: declared ?? readable,
    isLengthKnown: declared !== undefined,
    signals: header.signals,
    files,
  };
}

async function layOut(
  source: ByteSource,
  format: SampleFormat,
  group: readonly { signal: WfdbSignal; position: number }[],
): Promise<SignalFile> {
  let first = 0;
  const members = group.map(({ signal, position }) => {
    const member = { signal, position, first };
    first += signal.samplesPerFrame;
    return member;
  });
  if (first > MAX_FRAME_SAMPLES) {
    throw new AppError(
      "data/bad-header",
      `${source.name}: ${first} samples a frame; at most ${MAX_FRAME_SAMPLES} are possible`,
      {
        file: source.name,
        value: first,
        allowed: `at most ${MAX_FRAME_SAMPLES}`,
      },
    );
  }
  const byteOffset = group[0]?.signal.byteOffset ?? 0;
  const flac = format.isFlac === true ? await openSignals(source, format, group) : undefined;
  return { source, format, byteOffset, flac, samplesPerFrame: first, members };
}

/** A constant costs FLAC nearly nothing: more than this is no recording. */
const UNPACKED_RATIO = 60;
const UNPACKED_SPARE_BYTES = 4 << 20;

/** The stream of some signals, where it is theirs: as many channels, as wide as the format says, as many samples each. */
async function openSignals(
  source: ByteSource,
  format: SampleFormat,
  group: readonly { signal: WfdbSignal }[],
): Promise<FlacInfo> {
  const opened = await openFlac(source);
  const place = { file: source.name, offset: 18 };
  if (opened.channels !== group.length)
    throw outside(
      "data/bad-flac",
      "a number of FLAC channels",
      opened.channels,
      `${group.length}, as many as its signals`,
      place,
    );
  const bits = format.code - 500;
  if (opened.bits > bits)
    throw outside(
      "data/bad-flac",
      "a number of bits a sample",
      opened.bits,
      `4 to ${bits} in format ${format.code}`,
      place,
    );
  const widths = new Set(group.map(({ signal }) => signal.samplesPerFrame));
  if (widths.size > 1)
    throw outside("data/bad-flac", "a number of rates in one stream", widths.size, "1", place);
  const flac = opened.samples > 0 ? opened : { ...opened, samples: await countSamples(source, opened) };
  const limit = UNPACKED_RATIO * source.size + UNPACKED_SPARE_BYTES;
  const unpacked = format.bytesFor(flac.samples * flac.channels);
  if (unpacked > limit)
    throw outside(
      "data/too-large",
      "a FLAC stream with unpacked bytes",
      unpacked,
      `0 to ${limit}, ${UNPACKED_RATIO} times its own`,
      place,
    );
  return flac;
}

/** Whole frames a signal file holds. */
export const framesIn = (file: SignalFile): number =>
  file.flac === undefined
    ? Math.floor(
        file.format.samplesIn(Math.max(0, file.source.size - file.byteOffset)) / file.samplesPerFrame,
      )
    : Math.floor(
        (Math.max(0, file.flac.samples - file.byteOffset) * file.flac.channels) / file.samplesPerFrame,
      );

function byFile(
  signals: readonly WfdbSignal[],
  header: string,
): { signal: WfdbSignal; position: number }[][] {
  const groups = new Map<string, { signal: WfdbSignal; position: number }[]>();
  signals.forEach((signal, position) => {
    const group = groups.get(signal.file);
    if (group === undefined) groups.set(signal.file, [{ signal, position }]);
    else {
      const format = group[0]?.signal.format;
      if (signal.file !== "~" && format !== signal.format) {
        throw new AppError(
          "data/bad-header",
          `${header}: signal ${position} has format ${signal.format} in ${signal.file}, whose first signal has format ${format}; one file has one format`,
          { file: header, value: signal.format, allowed: format ?? 0 },
        );
      }
      group.push({ signal, position });
    }
  });
  return [...groups.values()];
}

const unsupported = (file: string, code: number): AppError =>
  new AppError(
    "data/unsupported-format",
    `${file}: storage format ${code} cannot be read; readable are ${readableFormats.join(", ")}`,
    { file, value: code, allowed: readableFormats.join(", ") },
  );

const missingSegment = (file: string, name: string, startFrame: number, frames: number) =>
  repairOf(
    "WFDB_NO_SEGMENT",
    "warning",
    { file, segment: name, first: startFrame, last: startFrame + frames - 1 },
    { file },
  );

const foreignRate = (file: string, rate: number, expected: number) =>
  repairOf("WFDB_SEGMENT_RATE", "warning", { file, rate, expected }, { file });
