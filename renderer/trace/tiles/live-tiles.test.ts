import fc from "fast-check";
import { expect, test } from "vitest";
import { BUCKETS_PER_TILE, bucketSizes, type Tile } from "../../../preload/contract/recording.ts";
import { tilesOf } from "../../fake/study.ts";
import { visitBuckets, type TraceChannel, type View } from "../tracks/track.ts";
import { LiveRing } from "./live-ring.ts";
import { LiveTiles } from "./live-tiles.ts";

const nothing = { get: () => undefined };
const sizes = bucketSizes.slice(0, 4);

/** Samples as a device sends them, some unobserved, cut into pieces anywhere. */
const sent = fc
  .record({
    samples: fc.array(
      fc.record({ value: fc.integer({ min: -500, max: 500 }), reason: fc.constantFrom(0, 0, 0, 3, 13, 16) }),
      { minLength: 1, maxLength: 3000 },
    ),
    cuts: fc.array(fc.nat(3000), { maxLength: 12 }),
  })
  .map(({ samples, cuts }) => {
    const reasons = Uint8Array.from(samples, ({ reason }) => reason);
    const values = Float32Array.from(samples, ({ value, reason }) => (reason === 0 ? value : Number.NaN));
    const inside = cuts.filter((cut) => cut > 0 && cut < samples.length).sort((a, b) => a - b);
    return { values, reasons, cuts: [...new Set([0, ...inside, samples.length])] };
  });

function taken({ values, reasons, cuts }: { values: Float32Array; reasons: Uint8Array; cuts: number[] }) {
  const live = new LiveTiles();
  cuts.slice(1).forEach((to, i) => {
    const first = cuts[i] ?? 0;
    const channel = { channel: 0, first, values: values.slice(first, to), reasons: reasons.slice(first, to) };
    live.take({ recordingId: "r", sentS: 0, channels: [channel] });
    for (const size of sizes) live.over(nothing, false).get(0, size, 0); // looked at while it grows
  });
  return live;
}

const wholeTile = (samples: { values: Float32Array; reasons: Uint8Array }, size: number, index: number) =>
  tilesOf(samples, { samplesPerBucket: size, firstTile: index, tileCount: 1 })[0];

const filled = (tile: Tile | undefined, buckets: number) => ({
  min: tile?.min.subarray(0, buckets),
  max: tile?.max.subarray(0, buckets),
  reason: tile?.reason.subarray(0, buckets),
});

test("buckets made from what came are those of the samples, however it was cut and at whatever size", () => {
  fc.assert(
    fc.property(sent, (samples) => {
      const tiles = taken(samples).over(nothing, false);
      for (const size of sizes) {
        const buckets = Math.ceil(samples.values.length / size);
        for (let index = 0; index * BUCKETS_PER_TILE < buckets; index++) {
          const inTile = Math.min(BUCKETS_PER_TILE, buckets - index * BUCKETS_PER_TILE);
          expect(filled(tiles.get(0, size, index), inTile)).toEqual(
            filled(wholeTile(samples, size, index), inTile),
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("stored buckets and those that came later are together those of all samples, wherever they meet", () => {
  fc.assert(
    fc.property(sent, fc.nat(3000), (samples, at) => {
      const { values, reasons } = samples;
      const from = Math.min(at, values.length - 1);
      const live = new LiveTiles();
      const channel = { channel: 0, first: from, values: values.slice(from), reasons: reasons.slice(from) };
      live.take({ recordingId: "r", sentS: 0, channels: [channel] });
      const storedTo = Math.min(values.length, from + 100); // the library may know some of it too
      const stored = { values: values.slice(0, storedTo), reasons: reasons.slice(0, storedTo) };
      for (const size of sizes) {
        const tiles = live.over({ get: (_, each, index) => wholeTile(stored, each, index) }, false);
        const buckets = Math.ceil(values.length / size);
        for (let index = 0; index * BUCKETS_PER_TILE < buckets; index++) {
          const inTile = Math.min(BUCKETS_PER_TILE, buckets - index * BUCKETS_PER_TILE);
          const [found, whole] = [tiles.get(0, size, index), wholeTile(samples, size, index)];
          expect(filled(found, inTile).min).toEqual(filled(whole, inTile).min);
          expect(filled(found, inTile).max).toEqual(filled(whole, inTile).max);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("a ring that is full forgets its oldest samples, and says from where on it knows", () => {
  const ring = new LiveRing(4096);
  for (let first = 0; first < 10_000; first += 500)
    ring.append(first, new Float32Array(500).fill(first), new Uint8Array(500));
  expect([ring.begin, ring.end]).toEqual([10_000 - 4096, 10_000]);
  const tile = ring.tile(4, 2);
  expect(tile?.knownFrom).toBe((10_000 - 4096) / 4 - 2 * BUCKETS_PER_TILE);
  expect(tile?.min[tile.knownFrom]).toBe(5500);
  expect(ring.tile(4, 1)).toBeUndefined();
});

test("what is neither stored nor here is drawn as not loaded, never as a gap or a line", () => {
  const live = new LiveTiles();
  const late = { channel: 0, first: 400, values: new Float32Array(50).fill(1), reasons: new Uint8Array(50) };
  live.take({ recordingId: "r", sentS: 0, channels: [late] });
  const channel: TraceChannel = {
    ...{ position: 0, label: "FHR1", unit: "bpm", role: "fhr", sampleRate: 1, sampleCount: 450 },
  };
  const view = {
    ...{ scale: { pxPerS: 1, origin: 0, width: 450 }, dpr: 1, durationS: 450 },
    tiles: live.over(nothing, false),
  };
  const missing: number[][] = [];
  let drawn = 0;
  visitBuckets(view as unknown as View, channel, 0, 450, {
    bucket: () => (drawn += 1),
    missing: (from, to) => missing.push([from, to]),
  });
  expect([missing, drawn]).toEqual([[[0, 400]], 50]);
});

test("another recording is counted anew, and samples said again replace what was there", () => {
  const live = new LiveTiles();
  const piece = (recordingId: string, first: number, value: number) =>
    live.take({
      ...{ recordingId, sentS: 0 },
      channels: [{ channel: 0, first, values: new Float32Array(8).fill(value), reasons: new Uint8Array(8) }],
    });
  piece("a", 0, 1);
  piece("a", 8, 2);
  piece("a", 4, 9);
  expect([...(live.over(nothing, false).get(0, 1, 0)?.min.subarray(0, 12) ?? [])]).toEqual([
    ...[1, 1, 1, 1],
    ...Array.from({ length: 8 }, () => 9),
  ]);
  piece("b", 0, 5);
  expect(live.end(0)).toBe(8);
  expect(live.over(nothing, false).get(0, 1, 0)?.min[3]).toBe(5);
});

test("with filters on, a channel that has none is drawn as it was received, beside one that has", () => {
  const live = new LiveTiles();
  const eight = (value: number): Float32Array => new Float32Array(8).fill(value);
  const reasons = new Uint8Array(8);
  live.take({
    ...{ recordingId: "r", sentS: 0 },
    channels: [
      { channel: 0, first: 0, values: eight(140), reasons },
      { channel: 1, first: 0, values: eight(900), filtered: eight(3), reasons },
    ],
  });
  const tiles = live.over(nothing, true);
  expect([tiles.get(0, 1, 0)?.min[0], tiles.get(1, 1, 0)?.min[0]]).toEqual([140, 3]);
});

test("the library is not asked for tiles that are known here", () => {
  const live = new LiveTiles();
  const values = new Float32Array(3000).fill(1);
  live.take({
    ...{ recordingId: "r", sentS: 0 },
    channels: [{ channel: 0, first: 600, values, reasons: new Uint8Array(3000) }],
  });
  const need = { channel: 0, samplesPerBucket: 1, first: 0, last: 6 };
  expect(live.missing(need)).toEqual({ ...need, last: 1 });
  expect(live.missing({ ...need, channel: 1 })).toEqual({ ...need, channel: 1 });
});

test("a gap whose reason is told keeps what lies before it; one that nothing tells of does not", () => {
  const ring = new LiveRing();
  const some = (n: number): Float32Array => new Float32Array(n).fill(5);
  ring.append(0, some(8), new Uint8Array(8));
  ring.append(16, some(8), new Uint8Array(8), 13);
  const tile = ring.tile(4, 0);
  expect([...(tile?.min ?? [])].slice(0, 6)).toEqual([5, 5, NaN, NaN, 5, 5]);
  expect([...(tile?.reason ?? [])].slice(0, 6)).toEqual([0, 0, 13, 13, 0, 0]);
  ring.append(40, some(8), new Uint8Array(8));
  expect([ring.begin, ring.end]).toEqual([40, 48]);
});
