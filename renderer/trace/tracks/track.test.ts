import { describe, expect, test } from "vitest";
import { endOfChannel } from "../../../preload/contract/channel-clock.ts";
import type { Tile } from "../../../preload/contract/recording.ts";
import { Envelope } from "./envelope.ts";
import { maskColumns } from "./mask.ts";
import { paletteOf } from "./palette.ts";
import { fillEnvelope, fillHidden } from "./signal.ts";
import { timeScale } from "./time-scale.ts";
import {
  columnsOf,
  columnsWithin,
  readAt,
  sampleAtColumn,
  visitBuckets,
  type TraceChannel,
  type View,
} from "./track.ts";

const channel: TraceChannel = {
  position: 0,
  label: "FHR",
  unit: "bpm",
  role: "fhr",
  sampleRate: 4,
  sampleCount: 4096,
};

/** Sample i has the value i mod 100; samples 100..119 are missing, reason 3. Sizes in `have` are loaded. */
function viewOf(have: readonly number[], pxPerS: number, startS = 0): View {
  const value = (i: number): number => (i >= 100 && i < 120 ? Number.NaN : i % 100);
  const tile = (size: number, index: number): Tile => {
    const count = Math.min(512, Math.ceil(channel.sampleCount / size) - index * 512);
    const made: Tile = {
      index,
      samplesPerBucket: size,
      min: new Float32Array(count),
      max: new Float32Array(count),
      reason: new Uint8Array(count),
    };
    for (let b = 0; b < count; b++) {
      const inside = Array.from({ length: size }, (_, k) => value((index * 512 + b) * size + k));
      const observed = inside.filter((one) => !Number.isNaN(one));
      made.min[b] = observed.length === 0 ? Number.NaN : Math.min(...observed);
      made.max[b] = observed.length === 0 ? Number.NaN : Math.max(...observed);
      made.reason[b] = observed.length < size ? 3 : 0;
    }
    return made;
  };
  return {
    scale: timeScale(startS, pxPerS, 400),
    dpr: 1,
    palette: paletteOf("light"),
    durationS: 1024,
    tiles: {
      get: (_channel, size, index) =>
        have.includes(size) && index * 512 * size < channel.sampleCount ? tile(size, index) : undefined,
    },
  };
}
/** Two seconds later than at its nominal rate, and from sample 200 on three. */
const late: TraceChannel = {
  ...channel,
  clock: [
    { first: 0, atS: 2, rate: 4 },
    { first: 200, atS: 53, rate: 4 },
  ],
};

test("a channel with a clock of its own stands, is read and is asked for where its samples lie in the recording's time", () => {
  const view = viewOf([1], 8); // two pixels a sample
  const standing: [number, number][] = [];
  visitBuckets(view, late, 0, 400, {
    bucket: (index, x) => standing.push([index, x]),
    missing: () => undefined,
  });
  expect(standing[0]).toEqual([0, 16]);
  expect(standing.find(([index]) => index === 150)).toEqual([150, 2 * 150 + 16]);
  expect(readAt(view, late, 12)).toEqual({ kind: "value", min: 40, max: 40, isExact: true });
  expect(readAt(view, late, 1)).toEqual({ kind: "outside" });
  expect(readAt(view, late, 63)).toEqual({ kind: "value", min: 40, max: 40, isExact: true }); // sample 240
  expect(sampleAtColumn(late, view.scale, 8 * 63)).toBe(240);
  expect(sampleAtColumn(channel, view.scale, 8 * 63)).toBe(252);
  expect(columnsOf(late, 8, { from: 4, to: 240 })).toEqual({ from: 24, to: 8 * 63 });
  expect(columnsOf(channel, 8, { from: 4, to: 240 })).toEqual({ from: 8, to: 480 });
  expect([endOfChannel(late), endOfChannel(channel)]).toEqual([53 + 3896 / 4, 1024]);
});

const visited = (view: View, from: number, to: number) => {
  const buckets: { index: number; x: number }[] = [];
  const missing: [number, number][] = [];
  visitBuckets(view, channel, from, to, {
    bucket: (index, x) => buckets.push({ index, x }),
    missing: (a, b) => missing.push([a, b]),
  });
  return { buckets, missing };
};

describe("reading tiles for a view", () => {
  test("one sample a pixel: each at its own time", () => {
    const { buckets, missing } = visited(viewOf([1], 4), 10, 14);
    expect(buckets.map((one) => one.index)).toEqual([10, 11, 12, 13, 14]);
    expect(buckets.map((one) => one.x)).toEqual([10, 11, 12, 13, 14]);
    expect(missing).toEqual([]);
  });
  test("a tile that is not there is replaced by a coarser one, else reported as missing", () => {
    expect(visited(viewOf([16], 4), 0, 64).missing).toEqual([]);
    expect(visited(viewOf([16], 4), 0, 64).buckets.map((one) => one.index)).toEqual([0, 1, 2, 3, 4]);
    expect(visited(viewOf([], 4), 0, 64).missing).toEqual([[0, 65]]);
  });
  test("nothing is visited before the start or after the end", () => {
    const { buckets } = visited(viewOf([1], 4, 1000), 0, 400);
    expect(Math.max(...buckets.map((one) => one.index))).toBe(4095);
    expect(columnsWithin(viewOf([1], 4, 1000), 0, 400)).toEqual({ from: 0, to: 96 });
  });
  test("a reading is a value, a gap with its reason, loading, or outside", () => {
    const view = viewOf([1], 4);
    expect(readAt(view, channel, 5)).toEqual({ kind: "value", min: 20, max: 20, isExact: true });
    expect(readAt(view, channel, 26)).toEqual({ kind: "gap", reason: 3 });
    expect(readAt(viewOf([], 4), channel, 5)).toEqual({ kind: "loading" });
    expect(readAt(view, channel, 1025)).toEqual({ kind: "outside" });
  });
  test("what a mask hides is read as a gap with the value beneath it; what the source lacks has none", () => {
    const plain = viewOf([1], 4);
    const get = (index: number): Tile | undefined => {
      const tile = plain.tiles.get(0, 1, index);
      if (!tile || index > 0) return tile;
      const [min, max] = [new Float32Array(512).fill(Number.NaN), new Float32Array(512).fill(Number.NaN)];
      for (let i = 200; i < 220; i++) {
        min[i] = max[i] = tile.min[i]!;
        tile.min[i] = tile.max[i] = Number.NaN;
        tile.reason[i] = 7;
      }
      return { ...tile, beneath: { min, max } };
    };
    const view: View = {
      ...plain,
      tiles: { get: (_channel, size, index) => (size === 1 ? get(index) : undefined) },
    };
    expect(readAt(view, channel, 51)).toEqual({ kind: "gap", reason: 7, beneath: { min: 4, max: 4 } });
    expect(readAt(view, channel, 26)).toEqual({ kind: "gap", reason: 3 });
    const hidden = new Envelope();
    fillHidden(hidden, view, { channel, colour: "#000000", width: 1, dash: [], breakStep: 30 }, 0, 400);
    expect(Array.from({ length: hidden.count }, (_, i) => [hidden.firstBucket[i], hidden.min[i]])).toEqual(
      Array.from({ length: 20 }, (_, i) => [200 + i, i]),
    );
  });
  test("a gap is hatched from half a step before its first missing sample to half a step after its last", () => {
    const { gaps, partial } = maskColumns(viewOf([1], 4), channel, 0, 400);
    expect(gaps).toEqual([[99.5, 119.5]]);
    expect(partial).toEqual([]);
  });
  test("at a coarser zoom the buckets at the edges of the gap are marked as partly missing", () => {
    const { gaps, partial } = maskColumns(viewOf([16], 0.5), channel, 0, 200);
    expect(gaps).toEqual([]); // 100..119 covers no bucket of 16 whole: 96..111 and 112..127 are partly observed
    expect(partial).toEqual([[(96 - 0.5) / 8, (128 - 0.5) / 8]]);
  });
  test("two paints of neighbouring columns see the same columns at their seam", () => {
    const series = { channel, colour: "#000000", width: 1, dash: [], breakStep: 30 };
    const view = viewOf([1], 2.5);
    const seen = (from: number, to: number) => {
      const envelope = new Envelope();
      fillEnvelope(envelope, view, series, from, to);
      return new Map(
        Array.from({ length: envelope.count }, (_, i) => [
          Math.floor(envelope.x[i]!),
          [envelope.min[i], envelope.max[i], envelope.startsRun[i]],
        ]),
      );
    };
    const [left, right, whole] = [seen(0, 100), seen(100, 200), seen(0, 200)];
    for (let column = 0; column < 100; column++) expect(left.get(column)).toEqual(whole.get(column));
    for (let column = 100; column < 200; column++) expect(right.get(column)).toEqual(whole.get(column));
  });
});
