import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";
import type { LiveSamples } from "../../../preload/contract/acquisition.ts";
import { LiveRing, type LiveTile } from "./live-ring.ts";
import type { TileNeed } from "./tile-cache.ts";

interface Tiles {
  get(channel: number, samplesPerBucket: number, index: number): Tile | undefined;
}

/** Samples that came: [from, to) of a channel. */
export interface Grown {
  readonly channel: number;
  readonly from: number;
  readonly to: number;
}

interface Rings {
  readonly raw: LiveRing;
  filtered: LiveRing | undefined; // where the channel has a filter
}

/**
 * What is on the line now, stored or not yet. The newest seconds are not in the library: their buckets are made here,
 * from the samples as they came, and join the stored ones. Both tell the same samples, so where they meet nothing jumps.
 */
export class LiveTiles {
  readonly #rings = new Map<number, Rings>();
  readonly #listeners = new Set<(grown: readonly Grown[]) => void>();
  readonly #capacity: number | undefined;
  #recordingId: string | undefined;

  constructor(capacity?: number) {
    this.#capacity = capacity;
  }

  /** Of the recording whose samples these are; undefined while devices are armed only. */
  get recordingId(): string | undefined {
    return this.#recordingId;
  }

  take({ recordingId, channels }: LiveSamples): void {
    if (recordingId !== this.#recordingId) this.clear(recordingId);
    const grown = channels.map(({ channel, first, gap, values, filtered, reasons }) => {
      const rings = this.#ringsOf(channel);
      rings.raw.append(first, values, reasons, gap);
      if (filtered) {
        rings.filtered ??= new LiveRing(this.#capacity);
        rings.filtered.append(first, filtered, reasons, gap);
      }
      return { channel, from: first, to: first + values.length };
    });
    for (const listener of this.#listeners) listener(grown);
  }

  /** Another recording, or none: its samples are counted anew. */
  clear(recordingId: string | undefined): void {
    this.#recordingId = recordingId;
    this.#rings.clear();
  }

  /** Samples of a channel so far, from the start of the recording. */
  end(channel: number): number {
    return this.#rings.get(channel)?.raw.end ?? 0;
  }

  subscribe(listener: (grown: readonly Grown[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The stored tiles with what is newer. Filtered samples are nowhere stored: there is only what came. A channel without a
   * filter, such as a heart rate beside electrodes, is drawn as it was received.
   */
  over(stored: Tiles, isFiltered: boolean): Tiles {
    return {
      get: (channel, samplesPerBucket, index) => {
        const rings = this.#rings.get(channel);
        const filtered = isFiltered ? rings?.filtered : undefined;
        if (filtered) return filtered.tile(samplesPerBucket, index);
        const live = rings?.raw.tile(samplesPerBucket, index);
        if (live?.knownFrom === 0) return live;
        const known = stored.get(channel, samplesPerBucket, index);
        return live && known ? joined(known, live) : (live ?? known);
      },
    };
  }

  /** What of a need the library has to be asked for: not the tiles at its end that are known here. */
  missing(need: TileNeed): TileNeed {
    const ring = this.#rings.get(need.channel)?.raw;
    if (!ring) return need;
    const samples = need.samplesPerBucket * BUCKETS_PER_TILE;
    const firstKnown = Math.ceil(ring.begin / samples);
    return firstKnown > need.last ? need : { ...need, last: firstKnown - 1 };
  }

  #ringsOf(channel: number): Rings {
    const known = this.#rings.get(channel);
    if (known) return known;
    const made: Rings = { raw: new LiveRing(this.#capacity), filtered: undefined };
    this.#rings.set(channel, made);
    return made;
  }
}

/** Buckets that only the library knows whole come from there; the one that lies across is that of both. */
function joined(stored: Tile, live: LiveTile): Tile {
  const min = live.min.slice();
  const max = live.max.slice();
  const reason = live.reason.slice();
  const { knownFrom, partFrom } = live;
  const from = Math.min(knownFrom, stored.min.length);
  min.set(stored.min.subarray(0, from));
  max.set(stored.max.subarray(0, from));
  reason.set(stored.reason.subarray(0, from));
  if (partFrom < from) {
    min[partFrom] = least(stored.min[partFrom], live.min[partFrom]);
    max[partFrom] = -least(negative(stored.max[partFrom]), negative(live.max[partFrom]));
    if (reason[partFrom] === 0) reason[partFrom] = live.reason[partFrom] ?? 0;
  }
  // Between the end of what was stored when the tile was made and the first bucket here nothing is known.
  const tile: LiveTile = { ...live, min, max, reason, knownFrom: 0, partFrom: 0 };
  if (from === knownFrom) return stored.beneath ? { ...tile, beneath: stored.beneath } : tile;
  return live;
}

const negative = (value: number | undefined): number => -(value ?? Number.NaN);

/** The smaller of two of which either may not be there. */
function least(a: number | undefined, b: number | undefined): number {
  const [one, other] = [a ?? Number.NaN, b ?? Number.NaN];
  if (Number.isNaN(one)) return other;
  return Number.isNaN(other) ? one : Math.min(one, other);
}
