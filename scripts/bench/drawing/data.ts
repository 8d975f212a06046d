import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";
import type { TileRequest } from "../../../renderer/trace/tiles/tile-cache.ts";
import type { TraceChannel } from "../../../renderer/trace/tracks/track.ts";

/** The recording everyone draws: 24 hours of 8 channels at 1 kHz, as its min-max pyramid would come from the library. */
export const HOURS = 24;
export const RATE = 1000;
export const CHANNELS = 8;
export const DURATION_S = HOURS * 3600;

export const channels: readonly TraceChannel[] = Array.from({ length: CHANNELS }, (_, position) => ({
  position,
  label: `EMG ${position + 1}`,
  unit: "uV",
  role: "emg",
  sampleRate: RATE,
  sampleCount: DURATION_S * RATE,
}));

/** A number from 0 to 1 that depends on its arguments alone. */
function noise(channel: number, bucket: number, salt: number): number {
  let h =
    Math.imul(bucket | 0, 0x9e3779b1) ^ Math.imul(channel + 1, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Bursts of muscle activity, in microvolts RMS. */
const levelAt = (channel: number, timeS: number): number =>
  6 + 50 * Math.max(0, Math.sin(timeS / 1.7 + channel)) ** 4;

/** Extremes of `size` samples of Gaussian noise of that level; about one bucket in 400 is a gap. */
export function bucketAt(channel: number, size: number, bucket: number): readonly [min: number, max: number] {
  if (noise(channel, Math.floor((bucket * size) / 4096), 9) < 0.0025) return [Number.NaN, Number.NaN];
  const spread = levelAt(channel, (bucket * size) / RATE) * (size === 1 ? 1 : Math.sqrt(2 * Math.log(size)));
  const top =
    spread * (0.6 + 0.5 * noise(channel, bucket, 1)) * (size === 1 ? 2 * noise(channel, bucket, 3) - 1 : 1);
  if (size === 1) return [top, top];
  return [-spread * (0.6 + 0.5 * noise(channel, bucket, 2)), top];
}

export function tileOf(channel: number, size: number, index: number): Tile {
  const first = index * BUCKETS_PER_TILE;
  const count = Math.min(BUCKETS_PER_TILE, Math.ceil((DURATION_S * RATE) / size) - first);
  const tile: Tile = {
    index,
    samplesPerBucket: size,
    min: new Float32Array(count),
    max: new Float32Array(count),
    reason: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const [min, max] = bucketAt(channel, size, first + i);
    tile.min[i] = min;
    tile.max[i] = max;
    if (Number.isNaN(min)) tile.reason[i] = 3;
  }
  return tile;
}

const made = new Map<string, Tile>();
function knownTile(channel: number, size: number, index: number): Tile {
  const key = `${channel}/${size}/${index}`;
  const tile = made.get(key) ?? tileOf(channel, size, index);
  made.set(key, tile);
  return tile;
}

let copyMs = 0;
/** Time since the last call that went into copying tiles: script of the page as well, between its frames. */
export function takeCopyMs(): number {
  const taken = copyMs;
  copyMs = 0;
  return taken;
}

/** Answers in a later turn and copies, as the bridge does. What was made once is at hand, as in the library. */
export async function loadTiles(request: TileRequest): Promise<readonly Tile[]> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const tiles = Array.from({ length: request.tileCount }, (_, i) =>
    knownTile(request.channel, request.samplesPerBucket, request.firstTile + i),
  );
  const begun = performance.now();
  const copy = structuredClone(tiles);
  copyMs += performance.now() - begun;
  return copy;
}

/** The envelope of a stretch as chart libraries take it: a time and a value, twice a bucket, null in a gap. */
export function envelopePoints(
  channel: number,
  size: number,
  fromS: number,
  toS: number,
): { x: Float64Array; y: (number | null)[] } {
  const first = Math.max(0, Math.floor((fromS * RATE) / size));
  const last = Math.min(Math.ceil((DURATION_S * RATE) / size), Math.ceil((toS * RATE) / size));
  const x = new Float64Array((last - first) * 2);
  const y: (number | null)[] = [];
  for (let bucket = first; bucket < last; bucket++) {
    const [min, max] = bucketAt(channel, size, bucket);
    const time = ((bucket + 0.5) * size) / RATE;
    x[(bucket - first) * 2] = time;
    x[(bucket - first) * 2 + 1] = time;
    y.push(Number.isNaN(min) ? null : min, Number.isNaN(max) ? null : max);
  }
  return { x, y };
}
