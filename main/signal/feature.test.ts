import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amplitude, observedMean } from "./feature.ts";

const all = (n: number): Uint8Array => new Uint8Array(n).fill(1);

describe("amplitude of a stretch", () => {
  test("is the mean absolute deviation and the mean absolute difference", () => {
    const found = amplitude(Float32Array.of(1, -1, 1, -1), all(4), 0, 4);
    expect(found).toEqual({ observedShare: 1, meanAbsolute: 1, meanDifference: 2 });
  });

  test("does not see a constant offset", () => {
    const values = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (list, offset) => {
        const plain = amplitude(Float32Array.from(list), all(list.length), 0, list.length);
        const raised = amplitude(
          Float32Array.from(list, (v) => v + offset),
          all(list.length),
          0,
          list.length,
        );
        expect(raised.meanAbsolute).toBeCloseTo(plain.meanAbsolute, 6);
        expect(raised.meanDifference).toBeCloseTo(plain.meanDifference, 6);
      }),
    );
  });

  test("is the same whatever lies behind the mask, NaN included", () => {
    const observed = Uint8Array.of(1, 1, 0, 1, 1, 0);
    const a = amplitude(Float32Array.of(1, 3, 1e9, 2, 4, NaN), observed, 0, 6);
    const b = amplitude(Float32Array.of(1, 3, NaN, 2, 4, -5), observed, 0, 6);
    expect(a).toEqual(b);
    expect(a.observedShare).toBeCloseTo(4 / 6, 12);
    expect(a.meanDifference).toBe(2); // 1 to 3 and 2 to 4; never across the gap
  });

  test("is NaN where nothing is observed, and a difference needs two neighbours", () => {
    expect(amplitude(Float32Array.of(1, 2), Uint8Array.of(0, 0), 0, 2).meanAbsolute).toBeNaN();
    expect(amplitude(Float32Array.of(1, 2, 3), Uint8Array.of(1, 0, 1), 0, 3).meanDifference).toBeNaN();
  });
});

test("an observed mean leaves out what is masked or beyond the ends, and says which share is there", () => {
  const values = Float32Array.of(1, NaN, 3, 8);
  expect(observedMean(values, Uint8Array.of(1, 0, 1, 1), 0, 3)).toEqual({ mean: 2, observedShare: 2 / 3 });
  expect(observedMean(values, Uint8Array.of(1, 0, 1, 1), 3, 5)).toEqual({ mean: 8, observedShare: 0.5 });
  expect(observedMean(values, Uint8Array.of(0, 0, 0, 0), 0, 4).mean).toBeNaN();
});

test("of a stretch without length nothing is observed", () => {
  const values = Float32Array.of(1, 2);
  const observed = Uint8Array.of(1, 1);
  expect(amplitude(values, observed, 1, 1)).toEqual({
    observedShare: 0,
    meanAbsolute: NaN,
    meanDifference: NaN,
  });
  expect(observedMean(values, observed, 1, 1)).toEqual({ mean: NaN, observedShare: 0 });
});
