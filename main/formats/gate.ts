import { maskReasons } from "../../preload/contract/mask.ts";
import {
  DURATION_MAX_S,
  FACT_TEXT_MAX,
  FACTS_MAX,
  NAME_MAX,
  plainText,
  repairOf,
  UNIT_MAX,
  type ChannelHeader,
  type Repair,
} from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import type {
  RecordingHeader,
  ReportRepair,
  SampleBlock,
  SourceAnnotation,
  SourceReading,
} from "../signal/block.ts";
import { checkChannelCount, checkSampleRate, checkScaling, outside } from "./bounds.ts";
import type { FormatReader, OpenRecording } from "./format.ts";
import { reasonsOf, runsOf } from "./mask-runs.ts";

/**
 * The one gate between a reader and the library. Readers say best where in a file a value went wrong; whatever one of
 * them lets through, nothing leaves here that would make a time, a duration or a tile infinite, or a name endless.
 */
export const guarded = (reader: FormatReader): FormatReader => ({
  ...reader,
  open: async (source, options, report) => {
    const repairs = new BoundedRepairs(source.name, report);
    return soundRecording(await reader.open(source, options, repairs.report), source.name, repairs);
  },
});

/** Of one kind a file may need two hundred thousand repairs; a person reads the first ones and how many there were. */
const MOST_OF_A_KIND = 50;

class BoundedRepairs {
  private readonly file: string;
  private readonly told: ReportRepair;
  private readonly counts = new Map<string, number>();

  constructor(file: string, told: ReportRepair) {
    this.file = file;
    this.told = told;
  }

  readonly report: ReportRepair = (repair) => {
    const count = (this.counts.get(repair.code) ?? 0) + 1;
    this.counts.set(repair.code, count);
    if (count <= MOST_OF_A_KIND) this.told(repair);
  };

  /** Says how many were not told one by one, and starts again at nought. */
  flush(): void {
    for (const [code, count] of this.counts) {
      const values = { file: this.file, code, count: count - MOST_OF_A_KIND };
      if (values.count > 0) this.told(repairOf("REPAIRS_MORE", "warning", values, { file: this.file }));
    }
    this.counts.clear();
  }
}

function soundRecording(opened: OpenRecording, file: string, repairs: BoundedRepairs): OpenRecording {
  const header = soundHeader(opened.header, file, repairs.report);
  return {
    header,
    blocks: (done, signal) => soundBlocks(opened.blocks(done, signal), header.channels, file, repairs.report),
    annotations: async () => {
      const annotations = soundAnnotations(await opened.annotations(), file, repairs.report);
      repairs.flush();
      return annotations;
    },
    ...(opened.readings === undefined
      ? {}
      : { readings: soundReaders(opened.readings, file, repairs.report) }), // bounded by their schema
  };
}

/** The header with its names bounded. Throws where a number is outside what a recording may have. */
export function soundHeader(header: RecordingHeader, file: string, repair: ReportRepair): RecordingHeader {
  checkChannelCount(header.channels.length, { file });
  const text = new BoundedText(file, repair);
  for (const { label, sampleRate, gain, offset } of header.channels) {
    checkSampleRate(sampleRate, { file, channel: label });
    checkScaling(gain, offset, { file, channel: label });
  }
  return {
    ...header,
    name: text.of(header.name, NAME_MAX) || "recording",
    subject: header.subject === undefined ? undefined : text.of(header.subject, NAME_MAX),
    channels: header.channels.map((channel) => ({
      ...channel,
      label: text.of(channel.label, NAME_MAX),
      unit: text.of(channel.unit, UNIT_MAX),
    })),
    facts: text.facts(header.facts),
  };
}

/** A name that a person gives beside a file, bounded as those in files are. */
export const soundName = (name: string, file: string, repair: ReportRepair): string =>
  new BoundedText(file, repair).of(name, NAME_MAX);

/** Declarations with their readers' names as other names are. */
function soundReaders(
  readings: readonly SourceReading[],
  file: string,
  repair: ReportRepair,
): readonly SourceReading[] {
  const text = new BoundedText(file, repair);
  return readings.map((one) =>
    one.author === undefined ? one : { ...one, author: text.of(one.author, NAME_MAX) },
  );
}

const MOST_TOLD = 20;

/** Texts of one file on their way through. The first twenty that had to change are told. */
class BoundedText {
  private readonly file: string;
  private readonly repair: ReportRepair;
  private told = 0;

  constructor(file: string, repair: ReportRepair) {
    this.file = file;
    this.repair = repair;
  }

  of(text: string, limit: number): string {
    const { file } = this;
    const plain = plainText(text);
    if (plain !== text)
      this.tell(repairOf("TEXT_CONTROL", "warning", { file, text: shown(plain) }, { file }));
    if (plain.length <= limit) return plain;
    const values = { file, text: shown(plain), length: plain.length, limit };
    this.tell(repairOf("TEXT_CUT", "warning", values, { file }));
    return plain.slice(0, limit).replace(/\p{Cs}$/u, ""); // never half of a pair
  }

  facts(facts: RecordingHeader["facts"]): RecordingHeader["facts"] {
    const { file } = this;
    const all = Object.entries(facts);
    if (all.length > FACTS_MAX) {
      const values = { file, count: all.length - FACTS_MAX, limit: FACTS_MAX };
      this.repair(repairOf("FACTS_LEFT_OUT", "warning", values, { file }));
    }
    const line = (value: string): string => value.replace(/[\t\r\n]/g, " "); // of several lines: nothing is wrong with it
    return Object.fromEntries(
      all
        .slice(0, FACTS_MAX)
        .map(([key, value]) => [this.of(key, NAME_MAX), this.of(line(value), FACT_TEXT_MAX)]),
    );
  }

  private tell(repair: Repair): void {
    if (this.told++ < MOST_TOLD) this.repair(repair);
  }
}

const shown = (text: string): string =>
  text.length > 40 ? `${text.slice(0, 40).replace(/\p{Cs}$/u, "")}…` : text;

/** Blocks end within the longest recording, and what is observed in them is a number that can be drawn. */
async function* soundBlocks(
  blocks: AsyncIterable<SampleBlock>,
  channels: readonly ChannelHeader[],
  file: string,
  repair: ReportRepair,
): AsyncGenerator<SampleBlock> {
  const lost = channels.map(() => 0);
  for await (const block of blocks) {
    const header = channels[block.channel];
    if (header === undefined) {
      yield block; // a broken law, for the battery to name
      continue;
    }
    const endS = (block.firstSample + block.samples.length) / header.sampleRate;
    if (!(endS <= DURATION_MAX_S))
      throw outside("data/too-long", "a sample after", endS, `0 to ${DURATION_MAX_S} s`, {
        file,
        channel: header.label,
      });
    const isFloat = block.samples instanceof Float32Array || block.samples instanceof Float64Array;
    yield isFloat
      ? drawable(block, header, (count) => (lost[block.channel] = sure(lost[block.channel]) + count))
      : block;
  }
  for (const [channel, count] of lost.entries()) {
    const { label = "" } = channels[channel] ?? {};
    if (count > 0) repair(repairOf("VALUES_TOO_LARGE", "warning", { label, count }, { file }));
  }
}

const LARGEST = 3.4e38; // of a 32-bit float, which tiles are made of

/** Observed values that are no finite 32-bit number in physical units become 0 and out of range. */
function drawable(
  block: SampleBlock,
  { gain, offset }: ChannelHeader,
  tell: (count: number) => void,
): SampleBlock {
  const { samples } = block;
  const limit = (LARGEST - Math.abs(offset)) / Math.abs(gain);
  let isSound = true;
  for (let i = 0; i < samples.length; i++) if (!(Math.abs(sure(samples[i])) <= limit)) isSound = false;
  if (isSound) return block;
  const reasons = reasonsOf(block.mask, samples.length);
  const values = samples.slice();
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(sure(values[i])) <= limit) continue;
    values[i] = 0;
    if (reasons[i] !== maskReasons.observed) continue;
    reasons[i] = maskReasons.outOfRange;
    count++;
  }
  tell(count);
  return { ...block, samples: values, mask: runsOf(reasons) };
}

/** Without those whose times no recording can have. */
function soundAnnotations(
  annotations: readonly SourceAnnotation[],
  file: string,
  repair: ReportRepair,
): readonly SourceAnnotation[] {
  const isTime = ({ onsetS, durationS }: SourceAnnotation): boolean =>
    Math.abs(onsetS) <= DURATION_MAX_S && durationS >= 0 && durationS <= DURATION_MAX_S;
  if (annotations.every(isTime)) return annotations;
  const kept = annotations.filter(isTime);
  const count = annotations.length - kept.length;
  repair(repairOf("ANNOTATIONS_FAR", "warning", { file, count, limit: DURATION_MAX_S }, { file }));
  return kept;
}
