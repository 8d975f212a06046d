import { bucketSizeFor } from "../../trace/tiles/levels.ts";
import { autoRange, type ValueRange } from "../../trace/tracks/range.ts";
import type { TileSource, TraceChannel } from "../../trace/tracks/track.ts";
import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";

const LOOK_BACK_S = 12;
const SHRINKS_BELOW = 0.4; // of the range now: a smaller one is taken only where much of it is unused
const STEPS = [1, 1.5, 2, 3, 5, 7.5, 10];

/** The next round number upwards, so that a range seldom changes. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * power >= value) ?? 10) * power;
}

function newest(tiles: TileSource, channel: TraceChannel): readonly Tile[] {
  const size = bucketSizeFor(channel.sampleRate / 100);
  const perTile = size * BUCKETS_PER_TILE;
  const last = Math.floor(Math.max(0, channel.sampleCount - 1) / perTile);
  const first = Math.max(0, Math.floor((channel.sampleCount - LOOK_BACK_S * channel.sampleRate) / perTile));
  const found: Tile[] = [];
  for (let index = first; index <= last; index++) {
    const tile = tiles.get(channel.position, size, index);
    if (tile) found.push(tile);
  }
  return found;
}

/**
 * Ranges for what came in the last seconds. Electrodes share one about zero, so that muscles can be compared; every
 * other channel has its own. A range that still fits is kept: a picture that changes its scale cannot be read.
 */
export function liveRanges(
  channels: readonly TraceChannel[],
  tiles: TileSource,
  before: ReadonlyMap<number, ValueRange>,
  isShared: boolean,
): ReadonlyMap<number, ValueRange> {
  const found = new Map<number, ValueRange>();
  for (const channel of channels) {
    const range = autoRange(newest(tiles, channel), channel.role);
    if (range) found.set(channel.position, range);
  }
  const reach = Math.max(0, ...[...found.values()].map(({ low, high }) => Math.max(-low, high)));
  const wanted = new Map(
    [...found].map(([position, range]) => [position, isShared ? roundAbout(0, reach) : roundRange(range)]),
  );
  const fits = [...wanted].every(([position, range]) => isKept(before.get(position), range));
  return fits ? before : new Map([...before, ...wanted]);
}

const roundAbout = (middle: number, half: number): ValueRange => ({
  low: middle - roundUp(half),
  high: middle + roundUp(half),
});

function roundRange({ low, high }: ValueRange): ValueRange {
  const half = roundUp((high - low) / 2);
  const step = half / 2;
  return roundAbout(Math.round((low + high) / 2 / step) * step, half);
}

function isKept(now: ValueRange | undefined, wanted: ValueRange): boolean {
  if (!now) return false;
  const isInside = wanted.low >= now.low && wanted.high <= now.high;
  return isInside && wanted.high - wanted.low > SHRINKS_BELOW * (now.high - now.low);
}
