import { maskReasons } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock, type Samples } from "../../signal/block.ts";
import { paintRuns } from "../../signal/mask.ts";
import { blockCapacity, decodeBlock } from "./block-codec.ts";
import type { ChannelRow } from "./channels.ts";
import type { Database } from "../file/database.ts";

/** Told of a block whose checksum does not fit. */
export type OnDamage = (channel: ChannelRow, first: number, count: number) => void;

export interface Span {
  readonly first: number;
  readonly count: number;
}

interface Sink {
  /** Sound samples that belong at `at` of the span. */
  put(samples: Samples, at: number): void;
  /** No value is known in [from, to) of the span. */
  leaveOut(from: number, to: number): void;
}

export interface DigitalSpan {
  readonly samples: Samples; // as the source gave them; 0 or NaN where there is no value
  readonly reasons: Uint8Array; // of the source alone
}

export interface PhysicalSpan {
  readonly values: Float32Array; // digital * gain + offset, rounded to float32; NaN where there is no value
  readonly reasons: Uint8Array; // of the source alone
}

export function readDigital(
  database: Database,
  channel: ChannelRow,
  span: Span,
  onDamage: OnDamage,
): DigitalSpan {
  const samples = new sampleArrays[channel.sampleType](span.count);
  const isFloat = channel.sampleType === "float32" || channel.sampleType === "float64";
  const reasons = walk(database, channel, span, onDamage, {
    put: (block, at) => samples.set(block, at),
    leaveOut: (from, to) => isFloat && samples.fill(NaN, from, to),
  });
  return { samples, reasons };
}

export function readPhysical(
  database: Database,
  channel: ChannelRow,
  span: Span,
  onDamage: OnDamage,
): PhysicalSpan {
  const values = new Float32Array(span.count);
  const reasons = walk(database, channel, span, onDamage, {
    put: (block, at) => scaleInto(values, at, block, channel),
    leaveOut: (from, to) => values.fill(NaN, from, to),
  });
  return { values, reasons };
}

function scaleInto(values: Float32Array, at: number, block: Samples, { gain, offset }: ChannelRow): void {
  if (gain === 1 && offset === 0) values.set(block, at);
  else for (let i = 0; i < block.length; i++) values[at + i] = sure(block[i]) * gain + offset;
}

/** A whole channel as reading it would give it, from the blocks that were written of it. */
export function physicalOf(channel: ChannelRow, blocks: readonly SampleBlock[]): PhysicalSpan {
  const own = blocks.filter((block) => block.channel === channel.position);
  const count = own.reduce((end, { firstSample, samples }) => Math.max(end, firstSample + samples.length), 0);
  const values = new Float32Array(count).fill(NaN);
  const reasons = new Uint8Array(count).fill(maskReasons.notRecorded);
  for (const block of own) {
    const { firstSample, samples } = block;
    scaleInto(values, firstSample, samples, channel);
    const known = reasonsOf(block, channel);
    if (known === undefined) reasons.fill(0, firstSample, firstSample + samples.length);
    else reasons.set(known, firstSample);
  }
  return { values, reasons };
}

/** A reason a sample, or undefined when all are observed. A number that is none cannot have been observed. */
export function reasonsOf(
  block: Pick<SampleBlock, "samples" | "mask">,
  channel: Pick<ChannelRow, "sampleType" | "gain" | "offset">,
): Uint8Array | undefined {
  const { samples, mask } = block;
  let reasons: Uint8Array | undefined;
  if (mask.length > 0) {
    reasons = new Uint8Array(samples.length);
    paintRuns(reasons, 0, mask);
  }
  if (channel.sampleType !== "float32" && channel.sampleType !== "float64") return reasons;
  for (let i = 0; i < samples.length; i++) {
    const value = sure(samples[i]);
    if (Number.isFinite(Math.fround(value * channel.gain + channel.offset))) continue;
    reasons ??= new Uint8Array(samples.length);
    if (reasons[i] === 0)
      reasons[i] = Number.isNaN(value) ? maskReasons.missingInSource : maskReasons.outOfRange;
  }
  return reasons;
}

/** Hands the span's samples to the sink, every block checked against its CRC, and returns the source's reasons. */
function walk(
  database: Database,
  channel: ChannelRow,
  { first, count }: Span,
  onDamage: OnDamage,
  sink: Sink,
): Uint8Array {
  const reasons = new Uint8Array(count);
  const leaveOut = (from: number, to: number, reason: number): void => {
    if (to <= from) return;
    reasons.fill(reason, from, to);
    sink.leaveOut(from, to);
  };
  const rows = database.all(
    "SELECT first_sample, sample_count, crc, samples, mask FROM block WHERE channel = ? AND first_sample > ? AND first_sample < ? ORDER BY first_sample",
    channel.key,
    first - blockCapacity(channel.sampleType),
    first + count,
  );
  let end = 0;
  for (const row of rows) {
    const start = Number(row["first_sample"]) - first;
    const length = Number(row["sample_count"]);
    const from = Math.max(end, start);
    const to = Math.min(count, start + length);
    if (to <= from) continue;
    leaveOut(end, from, maskReasons.notRecorded);
    end = to;
    const block = decodeBlock(channel.key, channel.sampleType, row);
    if (block === undefined) {
      leaveOut(from, to, maskReasons.damagedBlock);
      onDamage(channel, start + first, length);
      continue;
    }
    sink.put(block.samples.subarray(from - start, to - start), from);
    paintRuns(reasons.subarray(from, to), from - start, block.mask);
  }
  leaveOut(end, count, maskReasons.notRecorded);
  return reasons;
}
