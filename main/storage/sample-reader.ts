import { maskReasons } from "../../preload/contract/mask.ts";
import { sampleArrays, type Samples } from "../signal/block.ts";
import { paintRuns } from "../signal/mask.ts";
import { blockCapacity, decodeBlock } from "./block-codec.ts";
import type { ChannelRow } from "./channels.ts";
import type { Database } from "./database.ts";

export interface SourceSpan {
  readonly samples: Samples; // digital; 0 or NaN where nothing was recorded or the block is damaged
  readonly reasons: Uint8Array; // of the source alone
}

/** Told of a block whose checksum does not fit. */
export type OnDamage = (channel: ChannelRow, first: number, count: number) => void;

/** Digital samples [first, first + count) with the source's mask. Every block is checked against its CRC. */
export function readSource(database: Database, channel: ChannelRow, first: number, count: number, onDamage: OnDamage): SourceSpan {
  const samples = new sampleArrays[channel.sampleType](count);
  const reasons = new Uint8Array(count).fill(maskReasons.notRecorded);
  if (channel.sampleType === "float32" || channel.sampleType === "float64") samples.fill(NaN);
  const rows = database.all(
    "SELECT first_sample, sample_count, crc, samples, mask FROM block WHERE channel = ? AND first_sample > ? AND first_sample < ? ORDER BY first_sample",
    channel.key, first - blockCapacity(channel.sampleType), first + count,
  );
  for (const row of rows) {
    const start = Number(row["first_sample"]);
    const length = Number(row["sample_count"]);
    const from = Math.max(first, start);
    const to = Math.min(first + count, start + length);
    if (to <= from) continue;
    const block = decodeBlock(channel.key, channel.sampleType, row);
    if (block === undefined) {
      reasons.fill(maskReasons.damagedBlock, from - first, to - first);
      onDamage(channel, start, length);
      continue;
    }
    samples.set(block.samples.subarray(from - start, to - start), from - first);
    reasons.fill(0, from - first, to - first);
    paintRuns(reasons.subarray(from - first, to - first), from - start, block.mask);
  }
  return { samples, reasons };
}

/** physical = digital * gain + offset, rounded to float32; NaN where there is no value at all. */
export function toPhysical(span: SourceSpan, channel: ChannelRow): Float32Array {
  const { samples, reasons } = span;
  const { gain, offset } = channel;
  const values = new Float32Array(samples.length);
  if (gain === 1 && offset === 0) values.set(samples);
  else for (let i = 0; i < samples.length; i++) values[i] = samples[i]! * gain + offset;
  for (let i = 0; i < reasons.length; i++) {
    if (reasons[i] === maskReasons.notRecorded || reasons[i] === maskReasons.damagedBlock) values[i] = NaN;
  }
  return values;
}
