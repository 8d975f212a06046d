import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUCKETS_PER_TILE, bucketSizes } from "../../../preload/contract/recording.ts";
import { bucketSizeFor, bucketsIn, coarserThan, tileRange, tilesIn } from "./levels.ts";

describe("levels", () => {
  test("at most four buckets a pixel, and at least one unless samples are further apart", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 2e6, noNaN: true }), (perPx) => {
        const size = bucketSizeFor(perPx);
        expect(bucketSizes).toContain(size);
        expect(perPx / size).toBeLessThanOrEqual(4);
        if (size > 1) expect(perPx / size).toBeGreaterThan(1);
      }),
    );
  });
  test("beyond the coarsest stored size the coarsest is used", () => {
    expect(bucketSizeFor(1e9)).toBe(1048576);
    expect(coarserThan(1048576)).toBeUndefined();
    expect(coarserThan(4)).toBe(16);
  });
  test("a tile range covers the samples asked for and stays inside the channel", () => {
    const cases = fc.record({
      from: fc.integer({ min: -1e6, max: 1e7 }),
      length: fc.integer({ min: 1, max: 1e6 }),
      size: fc.constantFrom(...bucketSizes),
      count: fc.integer({ min: 1, max: 1e7 }),
    });
    fc.assert(
      fc.property(cases, ({ from, length, size, count }) => {
        const { first, last } = tileRange(from, from + length, size, count);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(last).toBeLessThan(tilesIn(count, size));
        const samplesPerTile = size * BUCKETS_PER_TILE;
        for (const sample of [from, from + length - 1]) {
          if (sample < 0 || sample >= count) continue;
          const tile = Math.floor(sample / samplesPerTile);
          expect(tile >= first && tile <= last).toBe(true);
        }
      }),
    );
  });
  test("the last bucket and the last tile may be shorter", () => {
    expect(bucketsIn(1, 64)).toBe(1);
    expect(bucketsIn(65, 64)).toBe(2);
    expect(tilesIn(512 * 64, 64)).toBe(1);
    expect(tilesIn(512 * 64 + 1, 64)).toBe(2);
    expect(tilesIn(0, 1)).toBe(0);
  });
});
