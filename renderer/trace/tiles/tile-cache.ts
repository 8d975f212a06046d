import { BUCKETS_PER_TILE } from "../../../preload/contract/recording.ts";
import type { Tile } from "../../../preload/contract/recording.ts";
import { tileKey, tileRange } from "./levels.ts";

export interface TileRequest {
  readonly channel: number;
  readonly samplesPerBucket: number;
  readonly firstTile: number;
  readonly tileCount: number;
}
export type LoadTiles = (request: TileRequest, signal: AbortSignal) => Promise<readonly Tile[]>;

/** Tiles a view would like to have; earlier entries are fetched first. */
export interface TileNeed {
  readonly channel: number;
  readonly samplesPerBucket: number;
  readonly first: number; // tile, inclusive
  readonly last: number; // tile, inclusive
}

export interface TileCacheOptions {
  readonly load: LoadTiles;
  readonly onTiles: (request: TileRequest) => void; // tiles arrived: repaint them
  readonly onError: (error: unknown) => void;
  readonly onSettled?: () => void; // a request ended, one way or another
  readonly capacity?: number; // tiles kept; about 4.6 kB each
  readonly concurrency?: number; // requests under way at once
}

interface Entry {
  readonly tile: Tile;
  stale: boolean; // drawn until its successor arrives
}
interface Flight {
  readonly request: TileRequest;
  readonly abort: AbortController;
  readonly keys: ReadonlySet<string>;
  isOutdated: boolean; // what it brings was true before a change
  hasGrown: boolean; // what it brings is true, and there is more by now
}

const MAX_TILES_PER_REQUEST = 16;

/**
 * Tiles of one recording, least recently used first to go. `want` names everything the view needs now: what is not
 * there is fetched, what waited for an earlier view is dropped, and a request under way that nobody wants any more is
 * aborted. A tile that changed on the other side stays visible until its successor arrives.
 */
export class TileCache {
  private readonly entries = new Map<string, Entry>(); // insertion order is age
  private readonly flights = new Set<Flight>();
  private readonly capacity: number;
  private readonly concurrency: number;
  private readonly options: TileCacheOptions;
  private waiting: TileRequest[] = [];
  private closed = false;
  private broken = new Set<string>(); // failed tiles are not asked for again until something changes

  constructor(options: TileCacheOptions) {
    this.options = options;
    this.capacity = options.capacity ?? 4096;
    this.concurrency = options.concurrency ?? 4;
  }

  get size(): number {
    return this.entries.size;
  }
  get idle(): boolean {
    return this.flights.size === 0 && this.waiting.length === 0;
  }

  /** The tile, or undefined while it is not there. Counts as a use. */
  get(channel: number, samplesPerBucket: number, index: number): Tile | undefined {
    const key = tileKey(channel, samplesPerBucket, index);
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.tile;
  }

  want(needs: readonly TileNeed[]): void {
    if (this.closed) return;
    const wanted = new Set<string>();
    const flying = new Set<string>();
    for (const flight of this.flights) {
      if (flight.abort.signal.aborted) continue;
      for (const key of flight.keys) flying.add(key);
    }
    this.waiting = [];
    for (const need of needs) {
      let run: { first: number; count: number } | undefined;
      const close = (): void => {
        if (run) {
          this.waiting.push({
            channel: need.channel,
            samplesPerBucket: need.samplesPerBucket,
            firstTile: run.first,
            tileCount: run.count,
          });
        }
        run = undefined;
      };
      for (let index = need.first; index <= need.last; index++) {
        const key = tileKey(need.channel, need.samplesPerBucket, index);
        const known = wanted.has(key);
        wanted.add(key);
        const entry = this.entries.get(key);
        if (known || (entry && !entry.stale) || flying.has(key) || this.broken.has(key)) {
          close();
        } else if (run && run.count < MAX_TILES_PER_REQUEST) {
          run.count++;
        } else {
          close();
          run = { first: index, count: 1 };
        }
      }
      close();
    }
    for (const flight of this.flights) {
      let stillWanted = false;
      for (const key of flight.keys) stillWanted ||= wanted.has(key);
      if (!stillWanted) flight.abort.abort();
    }
    this.pump();
  }

  /**
   * A channel grew: tiles at and after its old end are out of date. Those on their way are shown all the same: a channel may
   * grow quicker than its tiles come, and would never be seen.
   */
  refreshFrom(channel: number, oldSampleCount: number): void {
    for (const [key, entry] of this.entries) {
      const samplesPerTile = entry.tile.samplesPerBucket * BUCKETS_PER_TILE;
      if (key.startsWith(`${channel}/`) && (entry.tile.index + 1) * samplesPerTile > oldSampleCount)
        entry.stale = true;
    }
    for (const flight of this.flights) {
      const { firstTile, tileCount, samplesPerBucket } = flight.request;
      const end = (firstTile + tileCount) * samplesPerBucket * BUCKETS_PER_TILE;
      if (flight.request.channel === channel && end > oldSampleCount) flight.hasGrown = true;
    }
    this.broken.clear();
  }

  /** The masks or the samples changed: everything is out of date. */
  refreshAll(): void {
    for (const entry of this.entries.values()) entry.stale = true;
    this.broken.clear();
    for (const flight of this.flights) this.outdate(flight);
  }

  /** Asks again for what failed, with the next `want`. */
  retry(): void {
    this.broken.clear();
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    for (const flight of this.flights) flight.abort.abort();
    this.entries.clear();
  }

  private outdate(flight: Flight): void {
    flight.isOutdated = true;
    flight.abort.abort();
  }

  private pump(): void {
    while (this.flights.size < this.concurrency) {
      const request = this.waiting.shift();
      if (!request) return;
      void this.fetch(request);
    }
  }

  private async fetch(request: TileRequest): Promise<void> {
    const abort = new AbortController();
    const keys = new Set<string>();
    for (let i = 0; i < request.tileCount; i++) {
      keys.add(tileKey(request.channel, request.samplesPerBucket, request.firstTile + i));
    }
    const flight: Flight = { request, abort, keys, isOutdated: false, hasGrown: false };
    this.flights.add(flight);
    try {
      const tiles = await this.options.load(request, abort.signal);
      // A loader may not be able to stop: what arrives all the same is still true, unless something changed.
      if (!flight.isOutdated && !this.closed) this.keep(flight, tiles);
    } catch (error) {
      if (!abort.signal.aborted && !this.closed) {
        for (const key of keys) this.broken.add(key);
        this.options.onError(error);
      }
    } finally {
      this.flights.delete(flight);
      if (!this.closed) {
        this.pump();
        this.options.onSettled?.();
      }
    }
  }

  private keep({ request, hasGrown }: Flight, tiles: readonly Tile[]): void {
    for (const tile of tiles) {
      const key = tileKey(request.channel, request.samplesPerBucket, tile.index);
      this.entries.delete(key);
      this.entries.set(key, { tile, stale: hasGrown });
    }
    for (const key of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(key);
    }
    this.options.onTiles(request);
  }
}

/** What a view of the samples [fromSample, toSample) needs: the visible tiles first, then one screen on each side. */
export function needsFor(
  channel: number,
  samplesPerBucket: number,
  span: { readonly fromSample: number; readonly toSample: number; readonly sampleCount: number },
): { visible: TileNeed; around: TileNeed } {
  const screen = span.toSample - span.fromSample;
  const cover = (from: number, to: number): TileNeed => ({
    channel,
    samplesPerBucket,
    ...tileRange(from, to, samplesPerBucket, span.sampleCount),
  });
  return {
    visible: cover(span.fromSample, span.toSample),
    around: cover(span.fromSample - screen, span.toSample + screen),
  };
}
