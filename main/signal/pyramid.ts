import { maskReasons } from "../../preload/contract/mask.ts";
import { bucketSizes } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";

/** Bucket sizes that are kept: 64 samples and then four times as many a level. Smaller ones come from the samples. */
export const storedSizes = bucketSizes.filter((size) => size >= 64);
export const FINEST = sure(storedSizes[0]);

/** Consecutive buckets: physical min and max of the observed samples, and how many samples are missing, by reason. */
export interface Buckets {
  readonly min: Float32Array; // NaN where none is observed
  readonly max: Float32Array;
  readonly missing: ReadonlyMap<number, Uint32Array>; // reason -> unobserved samples of each bucket
}

/** One bucket. */
export interface Bucket {
  readonly min: number;
  readonly max: number;
  readonly missing: ReadonlyMap<number, number>;
}

/** NaN counts as "nothing": the smaller (larger) of two, or the one that is there. */
export const lower = (a: number, b: number): number => (a < b || b !== b ? a : b);
export const higher = (a: number, b: number): number => (a > b || b !== b ? a : b);

/**
 * Buckets of [n] physical values with their [n] reasons (0 observed).
 * `phase` is how many samples of the first bucket came before; the last bucket may be short.
 */
export function summarise(
  values: Float32Array,
  reasons: Uint8Array,
  samplesPerBucket: number,
  phase = 0,
): Buckets {
  const count = Math.ceil((values.length + phase) / samplesPerBucket);
  const min = new Float32Array(count).fill(NaN);
  const max = new Float32Array(count).fill(NaN);
  const missing = new Map<number, Uint32Array>();
  for (let bucket = 0; bucket < count; bucket++) {
    const from = Math.max(0, bucket * samplesPerBucket - phase);
    const to = Math.min(values.length, (bucket + 1) * samplesPerBucket - phase);
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i < to; i++) {
      const reason = sure(reasons[i]);
      if (reason !== 0) {
        addMissing(missing, count, reason, bucket, 1);
        continue;
      }
      const value = sure(values[i]);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low <= high) {
      min[bucket] = low;
      max[bucket] = high;
    }
  }
  return { min, max, missing };
}

export function addMissing(
  missing: Map<number, Uint32Array>,
  buckets: number,
  reason: number,
  bucket: number,
  samples: number,
): void {
  let counts = missing.get(reason);
  if (counts === undefined) {
    counts = new Uint32Array(buckets);
    missing.set(reason, counts);
  }
  counts[bucket] = sure(counts[bucket]) + samples;
}

/** Puts `b` behind `a`. `shared`: the last bucket of `a` and the first of `b` are two parts of one bucket. */
export function joinBuckets(a: Buckets, b: Buckets, shared: boolean): Buckets {
  const overlap = shared && a.min.length > 0 && b.min.length > 0 ? 1 : 0;
  const offset = a.min.length - overlap;
  const count = offset + b.min.length;
  const min = new Float32Array(count).fill(NaN);
  const max = new Float32Array(count).fill(NaN);
  const missing = new Map<number, Uint32Array>();
  for (const [part, at] of [
    [a, 0],
    [b, offset],
  ] as const) {
    for (let i = 0; i < part.min.length; i++) {
      min[at + i] = lower(sure(min[at + i]), sure(part.min[i]));
      max[at + i] = higher(sure(max[at + i]), sure(part.max[i]));
    }
    for (const [reason, counts] of part.missing) {
      counts.forEach((samples, i) => addMissing(missing, count, reason, at + i, samples));
    }
  }
  return { min, max, missing };
}

/** Buckets `factor` times as large. */
export function coarsen(buckets: Buckets, factor = 4): Buckets {
  const count = Math.ceil(buckets.min.length / factor);
  const min = new Float32Array(count).fill(NaN);
  const max = new Float32Array(count).fill(NaN);
  const missing = new Map<number, Uint32Array>();
  for (let i = 0; i < buckets.min.length; i++) {
    const parent = Math.floor(i / factor);
    min[parent] = lower(sure(min[parent]), sure(buckets.min[i]));
    max[parent] = higher(sure(max[parent]), sure(buckets.max[i]));
  }
  for (const [reason, counts] of buckets.missing) {
    counts.forEach((samples, i) => addMissing(missing, count, reason, Math.floor(i / factor), samples));
  }
  return { min, max, missing };
}

/** Two parts of one bucket. */
export function mergeBucket(a: Bucket, b: Bucket): Bucket {
  const missing = new Map(a.missing);
  for (const [reason, samples] of b.missing) missing.set(reason, (missing.get(reason) ?? 0) + samples);
  return { min: lower(a.min, b.min), max: higher(a.max, b.max), missing };
}

export const emptyBucket: Bucket = { min: NaN, max: NaN, missing: new Map() };

export const notRecordedBucket = (samples: number): Bucket => ({
  min: NaN,
  max: NaN,
  missing: new Map([[maskReasons.notRecorded, samples]]),
});

export function bucketAt(buckets: Buckets, index: number): Bucket {
  const missing = new Map<number, number>();
  for (const [reason, counts] of buckets.missing) {
    const count = sure(counts[index]);
    if (count > 0) missing.set(reason, count);
  }
  return { min: sure(buckets.min[index]), max: sure(buckets.max[index]), missing };
}

/** For each bucket the reason most of its missing samples have (of equals the smaller code), 0 where none is missing. */
export function commonestReasons(buckets: Buckets): Uint8Array {
  const reasons = new Uint8Array(buckets.min.length);
  const most = new Uint32Array(buckets.min.length);
  for (const [reason, counts] of [...buckets.missing].sort(([a], [b]) => a - b)) {
    for (let i = 0; i < reasons.length; i++) {
      const count = sure(counts[i]);
      if (count > sure(most[i])) {
        most[i] = count;
        reasons[i] = reason;
      }
    }
  }
  return reasons;
}
