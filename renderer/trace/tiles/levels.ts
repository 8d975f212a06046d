import { BUCKETS_PER_TILE, bucketSizes } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";

/**
 * Most buckets a pixel column is drawn from. Stored sizes are powers of four, so the number in use lies between a
 * quarter of this and this: with four, every column has a bucket of its own; with two, buckets up to two pixels wide
 * drew stairs at 3 cm/min (seen).
 */
const MOST_BUCKETS_PER_PX = 4;

/** Smallest stored bucket that gives at most so many buckets a pixel; the coarsest where even that gives more. */
export function bucketSizeFor(samplesPerPx: number): number {
  return bucketSizes.find((size) => size >= samplesPerPx / MOST_BUCKETS_PER_PX) ?? sure(bucketSizes.at(-1));
}

/** The next coarser stored size, to draw while the wanted tiles are on their way. */
export function coarserThan(samplesPerBucket: number): number | undefined {
  return bucketSizes.find((size) => size > samplesPerBucket);
}

export const bucketsIn = (sampleCount: number, samplesPerBucket: number): number =>
  Math.ceil(sampleCount / samplesPerBucket);
export const tilesIn = (sampleCount: number, samplesPerBucket: number): number =>
  Math.ceil(bucketsIn(sampleCount, samplesPerBucket) / BUCKETS_PER_TILE);

export interface TileRange {
  readonly first: number; // inclusive
  readonly last: number; // inclusive; below first when empty
}

/** Tiles that cover the samples [fromSample, toSample), kept inside the channel. */
export function tileRange(
  fromSample: number,
  toSample: number,
  samplesPerBucket: number,
  sampleCount: number,
): TileRange {
  const samplesPerTile = samplesPerBucket * BUCKETS_PER_TILE;
  const first = Math.max(0, Math.floor(fromSample / samplesPerTile));
  const last = Math.min(tilesIn(sampleCount, samplesPerBucket), Math.ceil(toSample / samplesPerTile)) - 1;
  return { first, last };
}

export const tileKey = (channel: number, samplesPerBucket: number, index: number): string =>
  `${channel}/${samplesPerBucket}/${index}`;
