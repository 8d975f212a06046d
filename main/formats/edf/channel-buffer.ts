import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { SampleBlock } from "../../signal/block.ts";
import { MaskRunBuilder } from "../mask-runs.ts";

/** What a channel's digital values say by themselves, without any annotation. */
export interface ValueRule {
  readonly low: number; // below the declared range: counted and kept, since headers are often narrower than the data
  readonly high: number;
  readonly missing: number | undefined; // exactly this: missingInSource
}

/** Known unobserved runs of a channel, ascending and apart, counted from the recording's first sample. */
export type KnownRuns = readonly MaskRun[];

/** Limits of what 24 bits can hold: a range as wide as this needs no look at the samples. */
export const LOWEST = -8388608;
export const HIGHEST = 16777215;

type Values = Int16Array | Int32Array;
const BLOCK_BYTES = 65536;

/** Gathers a channel's samples from record after record into blocks of 64 KiB with their mask. */
export class ChannelBuffer {
  readonly ready: SampleBlock[] = [];
  outsideRange = 0; // samples so far outside the declared digital range
  readonly channel: number;
  private readonly rule: ValueRule;
  private readonly known: KnownRuns;
  private readonly make: (length: number) => Values;
  private readonly capacity: number;
  private buffer: Values;
  private filled = 0;
  private first = 0; // index of buffer[0]
  private knownAt = 0;

  /** `expected` samples at most will come, as far as the file's size tells: no more is ever allocated. */
  constructor(channel: number, bytesPerSample: 2 | 3, expected: number, rule: ValueRule, known: KnownRuns) {
    this.channel = channel;
    this.rule = rule;
    this.known = known;
    this.make = (length) => (bytesPerSample === 2 ? new Int16Array(length) : new Int32Array(length));
    this.capacity = Math.max(1, Math.min(BLOCK_BYTES / (bytesPerSample === 2 ? 2 : 4), expected));
    this.buffer = this.make(0);
  }

  get next(): number {
    return this.first + this.filled;
  }

  /** Leaves a gap: the next sample is number `index`, which is not before the last one. */
  skipTo(index: number): void {
    if (index <= this.next) return;
    this.flush();
    this.first = index;
  }

  /** What is known to be missing from here to sample `index` for a reason of its own. */
  knownBefore(index: number): MaskRun[] {
    return this.known.flatMap((run) => {
      const first = Math.max(run.first, this.next);
      const count = Math.min(endOf(run), index) - first;
      return count > 0 && run.reason !== maskReasons.notRecorded ? [{ ...run, first, count }] : [];
    });
  }

  /** A block of samples that the file left out, and whose reasons are known. */
  leftOut(count: number, value: number): void {
    this.flush();
    const values = this.make(count).fill(value);
    this.emit(values);
    this.first += count;
  }

  /** Appends little-endian samples of two bytes. `values` may be a view of a shared slab: it is copied. */
  append16(values: Int16Array): void {
    for (let at = 0; at < values.length;) {
      const take = Math.min(values.length - at, this.room());
      this.buffer.set(values.subarray(at, at + take), this.filled);
      this.advance(take);
      at += take;
    }
  }

  /** Appends little-endian samples of three bytes, two's complement, or unsigned for a status word. */
  append24(bytes: Uint8Array, isUnsigned: boolean): void {
    const count = Math.floor(bytes.length / 3);
    for (let at = 0; at < count;) {
      const take = Math.min(count - at, this.room());
      const { buffer, filled } = this;
      for (let i = 0, from = at * 3; i < take; i++, from += 3) {
        const value = sure(bytes[from]) | (sure(bytes[from + 1]) << 8) | (sure(bytes[from + 2]) << 16);
        buffer[filled + i] = isUnsigned ? value : (value << 8) >> 8;
      }
      this.advance(take);
      at += take;
    }
  }

  /** Turns what is gathered into blocks. */
  flush(): void {
    if (this.filled === 0) return;
    const isFull = this.filled === this.buffer.length;
    this.emit(isFull ? this.buffer : this.buffer.slice(0, this.filled));
    if (isFull) this.buffer = this.make(0);
    this.first += this.filled;
    this.filled = 0;
  }

  private room(): number {
    if (this.buffer.length === 0) this.buffer = this.make(this.capacity);
    return this.buffer.length - this.filled;
  }

  private advance(count: number): void {
    this.filled += count;
    if (this.filled === this.buffer.length) this.flush();
  }

  /** One block, or several where known runs say that part of it was not recorded. */
  private emit(values: Values): void {
    const end = this.first + values.length;
    const runs: MaskRun[] = [];
    for (let k = this.knownAt; k < this.known.length; k++) {
      const run = sure(this.known[k]);
      if (run.first >= end) break;
      if (endOf(run) > this.first) runs.push(run);
      else this.knownAt = k + 1;
    }
    let from = this.first;
    for (const run of runs) {
      if (run.reason !== maskReasons.notRecorded) continue;
      this.emitPart(values, from, Math.max(from, run.first), runs);
      from = Math.max(from, Math.min(end, endOf(run)));
    }
    this.emitPart(values, from, end, runs);
  }

  private emitPart(values: Values, from: number, to: number, runs: readonly MaskRun[]): void {
    if (to <= from) return;
    const isWhole = from === this.first && to === this.first + values.length;
    const samples = isWhole ? values : values.slice(from - this.first, to - this.first);
    const builder = new MaskRunBuilder();
    let at = from;
    for (const run of runs) {
      const first = Math.max(at, run.first);
      const last = Math.min(to, endOf(run));
      if (last <= first) continue;
      this.scan(samples, at - from, first - from, builder);
      builder.add(first - from, last - first, run.reason);
      at = last;
    }
    this.scan(samples, at - from, to - from, builder);
    this.ready.push({ channel: this.channel, firstSample: from, samples, mask: builder.done() });
  }

  private scan(samples: Values, from: number, to: number, builder: MaskRunBuilder): void {
    const { low, high, missing } = this.rule;
    if (missing !== undefined) addRuns(samples.subarray(from, to), missing, from, builder);
    if (low <= LOWEST && high >= HIGHEST) return;
    for (let first = from; first < to; first += CHUNK) {
      const end = Math.min(to, first + CHUNK);
      let sign = 0; // negative as soon as one sample is outside
      for (let i = first; i < end; i++) {
        const value = sure(samples[i]);
        sign |= (value - low) | (high - value);
      }
      if (sign >= 0) continue;
      for (let i = first; i < end; i++) {
        const value = sure(samples[i]);
        if ((value < low || value > high) && value !== missing) this.outsideRange++;
      }
    }
  }
}

const CHUNK = 2048;

/** Runs of one value; the built-in search is several times faster than a loop where there are few. */
function addRuns(samples: Values, value: number, offset: number, builder: MaskRunBuilder): void {
  for (let first = samples.indexOf(value); first !== -1;) {
    let end = first + 1;
    while (end < samples.length && samples[end] === value) end++;
    builder.add(offset + first, end - first, maskReasons.missingInSource);
    first = samples.indexOf(value, end);
  }
}

const endOf = (run: MaskRun): number => run.first + run.count;
