import { type ClockPiece, sampleAtTime, timeOfSample } from "../../../preload/contract/channel-clock.ts";
import type { ChannelRole, Tile } from "../../../preload/contract/recording.ts";
import { BUCKETS_PER_TILE } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { bucketSizeFor, bucketsIn, coarserThan } from "../tiles/levels.ts";
import type { Palette } from "./palette.ts";
import type { TimeScale } from "./time-scale.ts";

export interface TraceChannel {
  readonly position: number;
  readonly label: string;
  readonly unit: string;
  readonly role: ChannelRole;
  readonly sampleRate: number;
  readonly sampleCount: number;
  /** Where its samples lie in the recording's time; absent: at its nominal rate. */
  readonly clock?: readonly ClockPiece[] | undefined;
}

export interface TileSource {
  /** A tile; with `knownFrom` where its buckets before that one are not known yet. */
  get(
    channel: number,
    samplesPerBucket: number,
    index: number,
  ): (Tile & { readonly knownFrom?: number }) | undefined;
}
type KnownTile = NonNullable<ReturnType<TileSource["get"]>>;

/** Everything a track needs to draw itself. All lengths are device pixels. */
export interface View {
  readonly scale: TimeScale;
  readonly dpr: number;
  readonly palette: Palette;
  readonly tiles: TileSource;
  readonly durationS: number;
}

/**
 * A horizontal piece of the strip. `paint` may be asked for any columns [from, to); the canvas is clipped to them and
 * cleared, and two neighbouring paints must join without a seam. So a track draws at absolute positions only.
 */
export interface Track {
  readonly id: string;
  readonly top: number;
  readonly height: number;
  readonly channels: readonly TraceChannel[]; // whose tiles it shows
  paint(context: CanvasRenderingContext2D, view: View, from: number, to: number): void;
}

/** Buckets of a channel from left to right; `missing` where no tile is there yet. */
export interface BucketVisitor {
  /** `x` is the middle of the bucket and `half` half its width, in pixels; a stand-in is wider than asked for. */
  bucket(index: number, x: number, min: number, max: number, reason: number, half: number): void;
  missing(fromX: number, toX: number): void;
  /** What lies beneath a mask in the bucket just visited: the source's own extremes. */
  beneath?(index: number, x: number, min: number, max: number): void;
}

const COARSER_TRIES = 4;

/** Where a sample of a channel stands, in pixels from the begin of the recording. */
const placer = (channel: TraceChannel, pxPerS: number): ((sample: number) => number) => {
  const { clock, sampleRate } = channel;
  const pxPerSample = pxPerS / sampleRate;
  return clock === undefined
    ? (sample) => sample * pxPerSample
    : (sample) => timeOfSample(clock, sampleRate, sample) * pxPerS;
};

/** Columns from the begin of the recording that the samples [from, to) take. */
export function columnsOf(
  channel: TraceChannel,
  pxPerS: number,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly from: number; readonly to: number } {
  const at = placer(channel, pxPerS);
  return { from: at(from), to: at(to) };
}

export const samplesPerPx = (channel: TraceChannel, scale: TimeScale): number =>
  channel.sampleRate / scale.pxPerS;

/** The sample, with its fraction, that stands at a column. */
export function sampleAtColumn(channel: TraceChannel, scale: TimeScale, x: number): number {
  const { clock, sampleRate } = channel;
  const place = x + scale.origin;
  return clock === undefined
    ? place * samplesPerPx(channel, scale)
    : sampleAtTime(clock, sampleRate, place / scale.pxPerS);
}

/**
 * Visits the buckets that touch the columns [from, to). Where the exact tile is not there, a coarser one stands in:
 * still the true envelope, only in wider steps.
 */
export function visitBuckets(
  view: View,
  channel: TraceChannel,
  from: number,
  to: number,
  visitor: BucketVisitor,
): void {
  const { scale } = view;
  const perPx = samplesPerPx(channel, scale);
  const size = bucketSizeFor(perPx);
  const count = bucketsIn(channel.sampleCount, size);
  const first = Math.max(0, Math.floor(sampleAtColumn(channel, scale, from) / size));
  const last = Math.min(count - 1, Math.ceil(sampleAtColumn(channel, scale, to) / size));
  const pxPerSample = scale.pxPerS / channel.sampleRate;
  const place = placer(channel, scale.pxPerS);
  for (let at = first; at <= last;) {
    const index = Math.floor(at / BUCKETS_PER_TILE);
    const end = Math.min(last, (index + 1) * BUCKETS_PER_TILE - 1);
    const tile = view.tiles.get(channel.position, size, index);
    if (tile) visitTile(tile, { at, end, pxPerSample, place, origin: scale.origin }, visitor);
    else visitCoarser(view, channel, { fromSample: at * size, toSample: (end + 1) * size, size }, visitor);
    at = end + 1;
  }
}

function visitTile(
  tile: KnownTile,
  span: {
    readonly at: number;
    readonly end: number;
    readonly pxPerSample: number;
    readonly place: (sample: number) => number;
    readonly origin: number;
  },
  visitor: BucketVisitor,
): void {
  const size = tile.samplesPerBucket;
  const base = tile.index * BUCKETS_PER_TILE;
  // A sample stands at its own time; a bucket at the middle of its samples.
  const centre = (size - 1) / 2;
  const half = (size / 2) * span.pxPerSample; // a sample owns half a step on each side
  const end = Math.min(span.end, base + tile.min.length - 1);
  const { beneath, knownFrom = 0 } = tile;
  const known = Math.min(end + 1, Math.max(span.at, base + knownFrom));
  if (known > span.at) {
    const edge = (bucket: number): number => span.place(bucket * size) - span.origin;
    visitor.missing(edge(span.at), edge(known));
  }
  for (let bucket = known; bucket <= end; bucket++) {
    const i = bucket - base;
    const x = span.place(bucket * size + centre) - span.origin;
    visitor.bucket(bucket, x, sure(tile.min[i]), sure(tile.max[i]), sure(tile.reason[i]), half);
    if (beneath) visitor.beneath?.(bucket, x, beneath.min[i] ?? Number.NaN, beneath.max[i] ?? Number.NaN);
  }
}

function visitCoarser(
  view: View,
  channel: TraceChannel,
  span: { readonly fromSample: number; readonly toSample: number; readonly size: number },
  visitor: BucketVisitor,
): void {
  const pxPerSample = view.scale.pxPerS / channel.sampleRate;
  const place = placer(channel, view.scale.pxPerS);
  let size = coarserThan(span.size);
  for (let tries = 0; size !== undefined && tries < COARSER_TRIES; tries++, size = coarserThan(size)) {
    const tile = view.tiles.get(
      channel.position,
      size,
      Math.floor(span.fromSample / (size * BUCKETS_PER_TILE)),
    );
    if (!tile) continue;
    const at = Math.floor(span.fromSample / size);
    const end = Math.ceil(Math.min(span.toSample, channel.sampleCount) / size) - 1;
    visitTile(tile, { at, end, pxPerSample, place, origin: view.scale.origin }, visitor);
    return;
  }
  visitor.missing(place(span.fromSample) - view.scale.origin, place(span.toSample) - view.scale.origin);
}

interface Extremes {
  readonly min: number;
  readonly max: number;
}

/** What a channel shows at a time. */
export type Reading =
  | { readonly kind: "value"; readonly min: number; readonly max: number; readonly isExact: boolean }
  | { readonly kind: "gap"; readonly reason: number; readonly beneath?: Extremes } // beneath: a mask hides it
  | { readonly kind: "loading" }
  | { readonly kind: "outside" };

export function readAt(view: View, channel: TraceChannel, timeS: number): Reading {
  const sample = Math.round(sampleAtTime(channel.clock, channel.sampleRate, timeS));
  if (sample < 0 || sample >= channel.sampleCount) return { kind: "outside" };
  const size = bucketSizeFor(samplesPerPx(channel, view.scale));
  const bucket = Math.floor(sample / size);
  const tile = view.tiles.get(channel.position, size, Math.floor(bucket / BUCKETS_PER_TILE));
  const i = bucket % BUCKETS_PER_TILE;
  if (!tile || i >= tile.min.length || i < (tile.knownFrom ?? 0)) return { kind: "loading" };
  const min = sure(tile.min[i]);
  if (Number.isNaN(min)) {
    const hidden = tile.beneath?.min[i] ?? Number.NaN;
    const reason = sure(tile.reason[i]);
    if (Number.isNaN(hidden)) return { kind: "gap", reason };
    return { kind: "gap", reason, beneath: { min: hidden, max: tile.beneath?.max[i] ?? hidden } };
  }
  return { kind: "value", min, max: sure(tile.max[i]), isExact: size === 1 };
}

/** Columns of the recording among [from, to); empty where it has not begun or has ended. */
export function columnsWithin(view: View, from: number, to: number): { from: number; to: number } {
  const start = -view.scale.origin;
  const end = Math.ceil(view.durationS * view.scale.pxPerS) - view.scale.origin;
  return { from: Math.max(from, start), to: Math.max(Math.max(from, start), Math.min(to, end)) };
}
