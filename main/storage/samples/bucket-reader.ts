import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { paintRuns } from "../../signal/mask.ts";
import {
  addMissing,
  type Bucket,
  bucketAt,
  type Buckets,
  emptyBucket,
  FINEST,
  mergeBucket,
  notRecordedBucket,
  storedSizes,
  summarise,
} from "../../signal/pyramid.ts";
import type { ChannelRow } from "./channels.ts";
import type { Database } from "../file/database.ts";
import { BUCKETS_PER_PAGE, loadPage } from "./pyramid-pages.ts";
import { type OnDamage, readPhysical, type Span } from "./sample-reader.ts";

/** A full bucket worked out under layers: good as long as the runs that touch it stay. */
export interface TouchedBucket {
  readonly under: string;
  readonly bucket: Bucket;
}

/**
 * Buckets of one channel with everything that lies above the samples. The stored pyramid knows the source alone; a
 * bucket that a layer touches, or that is still filling, is put together from the level below, down to the samples
 * at the edges of a span.
 */
export class BucketReader {
  readonly #database: Database;
  readonly #layers: readonly MaskRun[]; // laid: ascending, disjoint
  readonly #onDamage: OnDamage;
  readonly #pages = new Map<string, Buckets | undefined | "damaged">();
  readonly #touched: Map<string, TouchedBucket>;
  readonly #channel: ChannelRow;
  #countsDamaged = false;

  /** What came, whatever became of it: the samples of damaged blocks count as observed, as they did then. */
  static asItCame(database: Database, channel: ChannelRow, onDamage: OnDamage): BucketReader {
    const reader = new BucketReader(database, channel, [], onDamage);
    reader.#countsDamaged = true;
    return reader;
  }

  constructor(
    database: Database,
    channel: ChannelRow,
    layers: readonly MaskRun[],
    onDamage: OnDamage,
    touched = new Map<string, TouchedBucket>(),
  ) {
    this.#database = database;
    this.#channel = channel;
    this.#layers = layers;
    this.#onDamage = onDamage;
    this.#touched = touched;
  }

  /** Buckets [from, to) of a stored level. `to` may not pass the channel's last bucket. */
  range(level: number, from: number, to: number): Buckets {
    const size = sizeOf(level);
    const count = to - from;
    const min = new Float32Array(count).fill(NaN);
    const max = new Float32Array(count).fill(NaN);
    const missing = new Map<number, Uint32Array>();
    const again = new Set<number>();
    for (let page = Math.floor(from / BUCKETS_PER_PAGE); page * BUCKETS_PER_PAGE < to; page++) {
      const first = page * BUCKETS_PER_PAGE;
      const begin = Math.max(from, first);
      const end = Math.min(to, first + BUCKETS_PER_PAGE);
      const stored = this.#page(level, page);
      if (stored === "damaged") {
        for (let b = begin; b < end; b++) again.add(b);
        continue;
      }
      const held = stored === undefined ? begin : Math.max(begin, Math.min(end, first + stored.min.length));
      if (stored !== undefined) {
        min.set(stored.min.subarray(begin - first, held - first), begin - from);
        max.set(stored.max.subarray(begin - first, held - first), begin - from);
        for (const [reason, counts] of stored.missing) {
          for (let b = begin; b < held; b++)
            if (sure(counts[b - first]) > 0)
              addMissing(missing, count, reason, b - from, sure(counts[b - first]));
        }
      }
      for (let b = held; b < end; b++) addMissing(missing, count, maskReasons.notRecorded, b - from, size);
    }
    for (const run of this.#touching(from * size, to * size)) {
      const last = Math.min(to, Math.ceil((run.first + run.count) / size));
      for (let b = Math.max(from, Math.floor(run.first / size)); b < last; b++) again.add(b);
    }
    if (to * size > this.#channel.sampleCount) again.add(to - 1);
    for (const b of again) {
      const bucket = this.bucket(level, b);
      min[b - from] = bucket.min;
      max[b - from] = bucket.max;
      for (const counts of missing.values()) counts[b - from] = 0;
      for (const [reason, samples] of bucket.missing) addMissing(missing, count, reason, b - from, samples);
    }
    return { min, max, missing };
  }

  bucket(level: number, b: number): Bucket {
    const size = sizeOf(level);
    const first = b * size;
    const end = Math.min(first + size, this.#channel.sampleCount);
    if (end <= first) return emptyBucket;
    const runs = this.#touching(first, end);
    const isFull = end - first === size;
    const stored = isFull ? this.#stored(level, b) : undefined;
    if (stored !== undefined && runs.length === 0) return stored;
    if (stored !== undefined && runs.length === 1) {
      const only = sure(runs[0]);
      if (only.first <= first && only.first + only.count >= end) return covered(stored, only.reason, size);
    }
    if (!isFull) return this.#compute(level, first, end);
    const name = `${level}/${b}`;
    const under = runs.map((run) => `${run.first}+${run.count}:${run.reason}`).join(" ");
    const known = this.#touched.get(name);
    if (known?.under === under) return known.bucket;
    const bucket = this.#compute(level, first, end);
    this.#touched.set(name, { under, bucket });
    return bucket;
  }

  /** Observed samples of [first, end), end cut to the channel's. */
  observedIn(first: number, end: number): number {
    const stop = Math.min(end, this.#channel.sampleCount);
    const top = storedSizes.length - 1;
    let observed = 0;
    for (let at = first; at < stop;) {
      let level = top;
      while (level >= 0 && (at % sizeOf(level) !== 0 || at + sizeOf(level) > stop)) level--;
      if (level < 0) {
        const next = Math.min(stop, (Math.floor(at / FINEST) + 1) * FINEST);
        observed += next - at - missingIn(this.#fromSamples(at, next));
        at = next;
      } else {
        observed += sizeOf(level) - missingIn(this.bucket(level, at / sizeOf(level)));
        at += sizeOf(level);
      }
    }
    return observed;
  }

  #compute(level: number, first: number, end: number): Bucket {
    if (level === 0) return this.#fromSamples(first, end);
    const child = sizeOf(level - 1);
    let bucket = emptyBucket;
    for (let c = first / child; c * child < end; c++) bucket = mergeBucket(bucket, this.bucket(level - 1, c));
    return bucket;
  }

  #fromSamples(first: number, end: number): Bucket {
    const damaged: Span[] = [];
    const { values, reasons } = readPhysical(
      this.#database,
      this.#channel,
      { first, count: end - first },
      (channel, from, count) => {
        damaged.push({ first: from, count });
        this.#onDamage(channel, from, count);
      },
    );
    if (this.#countsDamaged)
      for (const block of damaged)
        reasons.fill(0, Math.max(0, block.first - first), Math.max(0, block.first + block.count - first));
    paintRuns(reasons, first, this.#layers);
    return bucketAt(summarise(values, reasons, FINEST), 0);
  }

  /** Undefined when the row is damaged. */
  #stored(level: number, b: number): Bucket | undefined {
    const page = this.#page(level, Math.floor(b / BUCKETS_PER_PAGE));
    if (page === "damaged") return undefined;
    const at = b % BUCKETS_PER_PAGE;
    return page === undefined || at >= page.min.length
      ? notRecordedBucket(sizeOf(level))
      : bucketAt(page, at);
  }

  #page(level: number, page: number): Buckets | undefined | "damaged" {
    const name = `${level}/${page}`;
    if (this.#pages.has(name)) return this.#pages.get(name);
    const loaded = loadPage(this.#database, this.#channel.key, level, page);
    this.#pages.set(name, loaded);
    return loaded;
  }

  #touching(first: number, end: number): MaskRun[] {
    let low = 0;
    let high = this.#layers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = sure(this.#layers[middle]);
      if (run.first + run.count <= first) low = middle + 1;
      else high = middle;
    }
    const found: MaskRun[] = [];
    for (let i = low; i < this.#layers.length; i++) {
      const run = sure(this.#layers[i]);
      if (run.first >= end) break;
      found.push(run);
    }
    return found;
  }
}

const sizeOf = (level: number): number => sure(storedSizes[level]);

const missingIn = (bucket: Bucket): number => {
  let missing = 0;
  for (const samples of bucket.missing.values()) missing += samples;
  return missing;
};

/** A bucket wholly under one span: what the source had lost keeps its reason, a damaged block hides even that. */
function covered(stored: Bucket, reason: number, size: number): Bucket {
  if (reason === maskReasons.damagedBlock) return { min: NaN, max: NaN, missing: new Map([[reason, size]]) };
  const missing = new Map(stored.missing);
  let observed = size;
  for (const samples of stored.missing.values()) observed -= samples;
  if (observed > 0) missing.set(reason, (missing.get(reason) ?? 0) + observed);
  return { min: NaN, max: NaN, missing };
}
