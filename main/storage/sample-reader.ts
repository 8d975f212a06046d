import { maskReasons } from "../../preload/contract/mask.ts";
import { sampleArrays, type Samples } from "../signal/block.ts";
import { paintRuns } from "../signal/mask.ts";
import { blockCapacity, decodeBlock } from "./block-codec.ts";
import type { ChannelRow } from "./channels.ts";
import type { Database } from "./database.ts";

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
  const { gain, offset } = channel;
  const values = new Float32Array(span.count);
  const reasons = walk(database, channel, span, onDamage, {
    put: (block, at) => {
      if (gain === 1 && offset === 0) values.set(block, at);
      else for (let i = 0; i < block.length; i++) values[at + i] = block[i]! * gain + offset;
    },
    leaveOut: (from, to) => values.fill(NaN, from, to),
  });
  return { values, reasons };
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
