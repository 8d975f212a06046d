import { maskReasons } from "../../preload/contract/mask.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { Samples } from "./block.ts";
import { type Bucket, FINEST, higher, lower, storedSizes } from "./pyramid.ts";

/** Told of every bucket that is full: its level (index into `storedSizes`), its number, what it holds. */
export type KeepBucket = (level: number, bucket: number, content: GrowingBucket) => void;

/** A bucket being filled. `missing` is indexed by reason; only the reasons in `seen` can be non-zero. */
export interface GrowingBucket {
  readonly min: number;
  readonly max: number;
  readonly missing: Uint32Array;
  readonly seen: readonly number[];
}

interface Open {
  bucket: number; // its number
  samples: number; // so far
  min: number;
  max: number;
  readonly missing: Uint32Array;
  readonly seen: number[];
}

const startOpen = (bucket: number): Open => ({
  bucket,
  samples: 0,
  min: NaN,
  max: NaN,
  missing: new Uint32Array(256),
  seen: [],
});

/**
 * Grows the min-max pyramid of one channel sample by sample: a full bucket is handed to `keep` and added to its
 * parent, like a carry. What is only partly full stays here; readers compute it from the level below.
 */
export class PyramidGrowth {
  readonly #open: Open[];
  readonly #gain: number;
  readonly #offset: number;
  readonly #keep: KeepBucket;

  /** `partial` gives the unfinished bucket of a level when growth resumes at `position`. */
  constructor(
    scale: { readonly gain: number; readonly offset: number },
    keep: KeepBucket,
    resume?: { readonly position: number; readonly partial: (level: number, bucket: number) => Bucket },
  ) {
    this.#gain = scale.gain;
    this.#offset = scale.offset;
    this.#keep = keep;
    const position = resume?.position ?? 0;
    this.#open = storedSizes.map((size) => startOpen(Math.floor(position / size)));
    if (resume !== undefined) this.#resume(position, resume.partial);
  }

  /** `partial(level, bucket)` is asked for full buckets of a level below and for the unfinished finest one. */
  #resume(position: number, partial: (level: number, bucket: number) => Bucket): void {
    for (const [level, size] of storedSizes.entries()) {
      const open = sure(this.#open[level]);
      if (level === 0) {
        if (position % size > 0) fill(open, partial(0, open.bucket), position % size);
        continue;
      }
      const child = sure(storedSizes[level - 1]);
      const firstChild = open.bucket * 4;
      for (let c = firstChild; (c + 1) * child <= position; c++) fill(open, partial(level - 1, c), child);
    }
  }

  /** Samples that follow the last ones. `reasons`: one a sample, 0 observed; absent when all are. */
  append(samples: Samples, reasons: Uint8Array | undefined): void {
    const open = sure(this.#open[0]);
    for (let from = 0; from < samples.length;) {
      const to = Math.min(samples.length, from + FINEST - open.samples);
      this.#scan(open, samples, reasons, from, to);
      open.samples += to - from;
      from = to;
      if (open.samples === FINEST) this.#close(0);
    }
  }

  /** `count` samples that nothing was recorded for. Takes time in the logarithm of the gap, not in its length. */
  skip(count: number): void {
    const finest = sure(this.#open[0]);
    const head = finest.samples === 0 ? 0 : Math.min(count, FINEST - finest.samples);
    if (head > 0) addNotRecorded(finest, head);
    if (finest.samples === FINEST) this.#close(0);
    const rest = count - head;
    this.#skipBuckets(0, Math.floor(rest / FINEST));
    if (rest % FINEST > 0) addNotRecorded(finest, rest % FINEST);
  }

  /** `count` whole buckets of a level that has none begun. They are not kept: what is absent was not recorded. */
  #skipBuckets(level: number, count: number): void {
    const size = sure(storedSizes[level]);
    const open = sure(this.#open[level]);
    open.bucket += count;
    const parent = this.#open[level + 1];
    if (parent === undefined || count === 0) return;
    const head = parent.samples === 0 ? 0 : Math.min(count, 4 - parent.samples / size);
    if (head > 0) addNotRecorded(parent, head * size);
    if (parent.samples === 4 * size) this.#close(level + 1);
    this.#skipBuckets(level + 1, Math.floor((count - head) / 4));
    const tail = (count - head) % 4;
    if (tail > 0) addNotRecorded(parent, tail * size);
  }

  #scan(open: Open, samples: Samples, reasons: Uint8Array | undefined, from: number, to: number): void {
    let low = Infinity;
    let high = -Infinity;
    if (reasons === undefined && samples instanceof Int16Array) {
      [low, high] = boundsOf(samples, from, to);
    } else if (reasons === undefined) {
      low = high = sure(samples[from]); // whole numbers stay such: half the time of starting at infinity
      for (let i = from + 1; i < to; i++) {
        const value = sure(samples[i]);
        low = value < low ? value : low;
        high = value > high ? value : high;
      }
      if (Number.isNaN(low)) [low, high] = finiteBounds(samples, from, to);
    } else {
      for (let i = from; i < to; i++) {
        const reason = sure(reasons[i]);
        if (reason !== 0) {
          count(open, reason, 1);
          continue;
        }
        const value = sure(samples[i]);
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (low > high) return;
    // Rounding to float32 keeps the order, so the bounds of the physical values are those of the digital ones.
    const a = Math.fround(low * this.#gain + this.#offset);
    const b = Math.fround(high * this.#gain + this.#offset);
    open.min = lower(open.min, Math.min(a, b));
    open.max = higher(open.max, Math.max(a, b));
  }

  #close(level: number): void {
    const open = sure(this.#open[level]);
    this.#keep(level, open.bucket, open);
    const parent = this.#open[level + 1];
    if (parent !== undefined) {
      parent.min = lower(parent.min, open.min);
      parent.max = higher(parent.max, open.max);
      for (const reason of open.seen) count(parent, reason, sure(open.missing[reason]));
      parent.samples += open.samples;
    }
    open.bucket++;
    open.samples = 0;
    open.min = NaN;
    open.max = NaN;
    if (open.seen.length > 0) {
      for (const reason of open.seen) open.missing[reason] = 0;
      open.seen.length = 0;
    }
    if (parent !== undefined && parent.samples === storedSizes[level + 1]) this.#close(level + 1);
  }
}

/** Without a branch, which noise would mislead: half the time. No difference of two of them leaves 32 bits. */
function boundsOf(samples: Int16Array, from: number, to: number): [number, number] {
  let low = sure(samples[from]);
  let high = low;
  for (let i = from + 1; i < to; i++) {
    const value = sure(samples[i]);
    const below = value - low;
    low += below & (below >> 31);
    const above = high - value;
    high -= above & (above >> 31);
  }
  return [low, high];
}

/** Lowest and highest of those that are numbers; Infinity and -Infinity where none is. */
function finiteBounds(samples: Samples, from: number, to: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = from; i < to; i++) {
    const value = sure(samples[i]);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function count(open: Open, reason: number, samples: number): void {
  if (open.missing[reason] === 0) open.seen.push(reason);
  open.missing[reason] = sure(open.missing[reason]) + samples;
}

function addNotRecorded(open: Open, samples: number): void {
  count(open, maskReasons.notRecorded, samples);
  open.samples += samples;
}

function fill(open: Open, bucket: Bucket, samples: number): void {
  open.min = lower(open.min, bucket.min);
  open.max = higher(open.max, bucket.max);
  for (const [reason, missing] of bucket.missing) count(open, reason, missing);
  open.samples += samples;
}
