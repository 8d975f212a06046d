import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coveredS, sampleAt, windowGrid, windowOnsetS } from "./window.ts";

describe("a grid of windows", () => {
  test("ends inside the recording and leaves no room for one more", () => {
    const positive = fc.integer({ min: 1, max: 500 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), positive, positive, (tenths, windowS, strideS) => {
        const durationS = tenths / 10;
        const grid = windowGrid(durationS, windowS, strideS);
        if (grid.count === 0) return durationS < windowS;
        const end = windowOnsetS(grid, grid.count - 1) + windowS;
        return end <= durationS + 1e-6 && end + strideS > durationS + 1e-9;
      }),
    );
  });

  test("does not lose its last window to rounding", () => {
    expect(windowGrid(60, 0.1, 0.1).count).toBe(600);
    expect(windowGrid(0.3, 0.1, 0.1).count).toBe(3);
    expect(windowGrid(4.999, 5, 1).count).toBe(0);
  });
});

describe("covered seconds", () => {
  const intervals = [
    { onsetS: 1, durationS: 3 },
    { onsetS: 2, durationS: 1 }, // inside the first
    { onsetS: 6, durationS: 2 },
  ];

  test("count an overlap once", () => {
    expect(coveredS(intervals, 0, 10)).toBeCloseTo(5, 12);
    expect(coveredS(intervals, 3, 7)).toBeCloseTo(2, 12);
    expect(coveredS(intervals, 4, 6)).toBe(0);
    expect(coveredS(intervals, 0, 10, 2)).toBeCloseTo(2, 12);
  });

  test("are those of a fine raster", () => {
    const interval = fc.record({
      onsetS: fc.integer({ min: 0, max: 50 }),
      durationS: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(
        fc.array(interval, { maxLength: 8 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 30 }),
        (list, from, length) => {
          const sorted = [...list].sort((a, b) => a.onsetS - b.onsetS);
          let raster = 0;
          for (let s = from; s < from + length; s += 1) {
            if (sorted.some((one) => s >= one.onsetS && s < one.onsetS + one.durationS)) raster += 1;
          }
          expect(coveredS(sorted, from, from + length)).toBeCloseTo(raster, 9);
        },
      ),
    );
  });
});

test("the sample at a time is the first not before it, rounding apart", () => {
  expect(sampleAt(0.25, 200)).toBe(50);
  expect(sampleAt(0.1 + 0.2, 10)).toBe(3); // 0.30000000000000004
  expect(sampleAt(0.301, 10)).toBe(4);
});
