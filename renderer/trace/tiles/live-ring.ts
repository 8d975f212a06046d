import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";

const FIRST_CAPACITY = 4096; // samples
export const RING_CAPACITY = 2 ** 18; // samples kept of a channel: 18 h at 4 Hz, 17 min at 250 Hz
const TILES_KEPT = 64; // of each channel, made so far

/** A tile of which only the buckets from `knownFrom` on are known whole. */
export interface LiveTile extends Tile {
  readonly knownFrom: number; // bucket within the tile
  readonly partFrom: number; // bucket within the tile that is known in part; `knownFrom` where there is none
}

interface Made {
  readonly tile: LiveTile;
  upTo: number; // sample, exclusive, that its buckets count
}

/** The newest samples of one channel as they arrived, and the buckets they make at any size. */
export class LiveRing {
  #values = new Float32Array(FIRST_CAPACITY);
  #reasons = new Uint8Array(FIRST_CAPACITY);
  #begin = 0; // sample, inclusive
  #end = 0; // sample, exclusive
  readonly #capacity: number;
  readonly #made = new Map<string, Made>(); // insertion order is age

  constructor(capacity = RING_CAPACITY) {
    this.#capacity = capacity;
  }

  get begin(): number {
    return this.#begin;
  }
  get end(): number {
    return this.#end;
  }

  /**
   * Takes in samples from `first` on. `gap`: why none came between those before and these. Where they do not join what is
   * there, and nothing says why, the ring begins anew with them: what lies before is told by the library alone.
   */
  append(first: number, values: Float32Array, reasons: Uint8Array, gap = 0): void {
    const missing = first - this.#end;
    if (gap !== 0 && missing > 0 && missing < this.#capacity && this.#end > this.#begin)
      this.append(this.#end, new Float32Array(missing).fill(Number.NaN), new Uint8Array(missing).fill(gap));
    if (first > this.#end || first < this.#begin) this.#restart(first);
    else if (first < this.#end) this.#forgetFrom(first);
    this.#makeRoom(first + values.length - this.#begin);
    const from = Math.max(0, values.length - this.#values.length);
    const mask = this.#values.length - 1;
    for (let i = from; i < values.length; i++) {
      const at = (first + i) & mask;
      this.#values[at] = values[i] ?? Number.NaN;
      this.#reasons[at] = reasons[i] ?? 0;
    }
    this.#end = first + values.length;
    this.#begin = Math.max(this.#begin, this.#end - this.#values.length);
  }

  /** The tile as far as the samples here tell it; undefined where they tell none of its buckets. */
  tile(samplesPerBucket: number, index: number): LiveTile | undefined {
    const first = index * BUCKETS_PER_TILE * samplesPerBucket;
    const end = Math.min(this.#end, first + BUCKETS_PER_TILE * samplesPerBucket);
    const key = `${samplesPerBucket}/${index}`;
    const known = this.#made.get(key);
    if (!known && (end <= this.#begin || end <= first)) return undefined;
    const made = known ?? this.#make(samplesPerBucket, index);
    if (!known) this.#keep(key, made);
    for (let sample = made.upTo; sample < end;) {
      const bucket = Math.floor((sample - first) / samplesPerBucket);
      const bucketEnd = Math.min(end, first + (bucket + 1) * samplesPerBucket);
      this.#fill(made.tile, bucket, first + bucket * samplesPerBucket, bucketEnd);
      sample = bucketEnd;
    }
    made.upTo = Math.max(made.upTo, end);
    return made.tile;
  }

  #make(samplesPerBucket: number, index: number): Made {
    const first = index * BUCKETS_PER_TILE * samplesPerBucket;
    const knownFrom = Math.max(0, (this.#begin - first) / samplesPerBucket);
    return {
      tile: {
        index,
        samplesPerBucket,
        min: new Float32Array(BUCKETS_PER_TILE).fill(Number.NaN),
        max: new Float32Array(BUCKETS_PER_TILE).fill(Number.NaN),
        reason: new Uint8Array(BUCKETS_PER_TILE),
        knownFrom: Math.ceil(knownFrom),
        partFrom: Math.floor(knownFrom),
      },
      upTo: Math.max(first, this.#begin),
    };
  }

  #keep(key: string, made: Made): void {
    this.#made.set(key, made);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= TILES_KEPT) break;
      this.#made.delete(oldest);
    }
  }

  /** The bucket of the samples [from, to), as the pyramid makes it: extremes of what was observed, and the commonest reason. */
  #fill(tile: LiveTile, bucket: number, from: number, to: number): void {
    const mask = this.#values.length - 1;
    const counts = new Map<number, number>();
    const isCut = from < this.#begin; // its first samples are forgotten, not their extremes
    const [least, most] = [tile.min[bucket] ?? Number.NaN, tile.max[bucket] ?? Number.NaN];
    let low = isCut && !Number.isNaN(least) ? least : Number.POSITIVE_INFINITY;
    let high = isCut && !Number.isNaN(most) ? most : Number.NEGATIVE_INFINITY;
    for (let sample = Math.max(from, this.#begin); sample < to; sample++) {
      const reason = this.#reasons[sample & mask] ?? 0;
      const value = this.#values[sample & mask] ?? Number.NaN;
      if (reason !== 0) counts.set(reason, (counts.get(reason) ?? 0) + 1);
      else {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    tile.min[bucket] = low <= high ? low : Number.NaN;
    tile.max[bucket] = low <= high ? high : Number.NaN;
    tile.reason[bucket] = commonest(counts) || (isCut ? (tile.reason[bucket] ?? 0) : 0);
  }

  #restart(first: number): void {
    this.#begin = first;
    this.#end = first;
    this.#made.clear();
  }

  /** What comes now replaces what was there: its buckets are made again. */
  #forgetFrom(sample: number): void {
    this.#end = sample;
    for (const [key, { upTo }] of this.#made) if (upTo > sample) this.#made.delete(key);
  }

  /** Powers of two, so that a sample's place is its index under a mask. */
  #makeRoom(samples: number): void {
    const before = this.#values;
    let length = before.length;
    while (length < samples && length < this.#capacity) length *= 2;
    if (length === before.length) return;
    const beforeReasons = this.#reasons;
    this.#values = new Float32Array(length);
    this.#reasons = new Uint8Array(length);
    for (let sample = this.#begin; sample < this.#end; sample++) {
      this.#values[sample & (length - 1)] = before[sample & (before.length - 1)] ?? Number.NaN;
      this.#reasons[sample & (length - 1)] = beforeReasons[sample & (before.length - 1)] ?? 0;
    }
  }
}

/** The commonest of the reasons, the one that came first of equals; 0 where there is none. */
function commonest(counts: ReadonlyMap<number, number>): number {
  let most = 0;
  let found = 0;
  for (const [reason, count] of counts) {
    if (count <= most) continue;
    most = count;
    found = reason;
  }
  return found;
}
