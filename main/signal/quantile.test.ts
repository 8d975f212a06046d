import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pastMedians, runningQuantiles, sortedQuantile } from "./quantile.ts";

test("a quantile lies between order statistics in proportion", () => {
  expect(sortedQuantile([1, 2, 4], 3, 0.5)).toBe(2);
  expect(sortedQuantile([1, 2, 4], 3, 0.75)).toBe(3);
  expect(sortedQuantile([5], 1, 0.1)).toBe(5);
  expect(sortedQuantile([], 0, 0.5)).toBeNaN();
});

describe("running quantiles", () => {
  const options = { halfWidth: 3, step: 2, minCount: 2, shares: [0.5] };
  const median = (values: ArrayLike<number>, seen: ArrayLike<number>, more = {}): Float32Array =>
    runningQuantiles(Float32Array.from(values), Uint8Array.from(seen), {
      ...options,
      ...more,
    })[0] as Float32Array;

  test("are the sorted middle at every knot and straight in between", () => {
    const values = [5, 1, 4, 2, 8, 7, 3, 6, 9];
    const found = median(
      values,
      values.map(() => 1),
    );
    for (const knot of [0, 2, 4, 6, 8]) {
      const near = values.slice(Math.max(0, knot - 3), knot + 4).sort((a, b) => a - b);
      expect(found[knot]).toBeCloseTo(sortedQuantile(near, near.length, 0.5), 6);
    }
    expect(found[3]).toBeCloseTo(((found[2] as number) + (found[4] as number)) / 2, 6);
  });

  test("are those of the sorted stretch, ties and holes included", () => {
    const sample = fc.tuple(fc.integer({ min: -4, max: 4 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 80 }), fc.nat(9), (list, halfWidth) => {
        const shares = [0.1, 0.5, 0.95];
        const found = runningQuantiles(
          Float32Array.from(list, ([value]) => value / 3),
          Uint8Array.from(list, ([, is]) => Number(is)),
          { halfWidth, step: 1, minCount: 1, shares },
        );
        list.forEach((_, i) => {
          const near = list.slice(Math.max(0, i - halfWidth), i + halfWidth + 1).filter(([, is]) => is);
          if (near.length === 0) return;
          const sorted = Float32Array.from(near, ([value]) => value / 3).sort();
          shares.forEach((share, s) => {
            expect(found[s]?.[i]).toBe(Math.fround(sortedQuantile(sorted, sorted.length, share)));
          });
        });
      }),
    );
  });

  test("take the nearest stretch that has enough samples, and are NaN where none has", () => {
    const seen = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const values = seen.map((_, i) => i);
    const found = median(values, seen);
    expect(found[12]).toBe(found[4]); // knot 4 reaches back to samples 1 and 2
    expect(
      median(
        values,
        seen.map(() => 0),
      ).every(Number.isNaN),
    ).toBe(true);
    expect(median([], [])).toHaveLength(0);
    const ends = Array.from({ length: 16 }, (_, i) => Number(i < 3 || i > 12));
    const between = median([...ends.keys()], ends);
    expect(between[6]).toBe(between[4]);
    expect(between[8]).toBe(between[4]); // as near to 4 as to 12: the earlier one
    expect(between[10]).toBe(between[12]);
  });

  test("do not depend on unobserved samples and stay within the observed range", () => {
    const sample = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: -999, max: 999 }),
        (list, junk) => {
          const seen = list.map(([, is]) => Number(is));
          const a = median(
            list.map(([v]) => v),
            seen,
          );
          const b = median(
            list.map(([v, is]) => (is ? v : junk)),
            seen,
          );
          expect(b).toEqual(a);
          const kept = list.filter(([, is]) => is).map(([v]) => v);
          return a.every(
            (v) => Number.isNaN(v) || (v >= Math.min(...kept) - 1e-4 && v <= Math.max(...kept) + 1e-4),
          );
        },
      ),
    );
  });
});

test("a median of the past is that of the sorted samples before, and none where they are too few", () => {
  const sample = fc.tuple(fc.integer({ min: -4, max: 4 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (list, width) => {
      const values = Float32Array.from(list, ([value]) => value / 3);
      const observed = Uint8Array.from(list, ([, is]) => Number(is));
      const found = pastMedians(values, observed, { width, minCount: 2 });
      list.forEach((_, i) => {
        const near = list.slice(Math.max(0, i - width), i).filter(([, is]) => is);
        const sorted = Float32Array.from(near, ([value]) => value / 3).sort();
        const median = near.length < 2 ? NaN : Math.fround(sortedQuantile(sorted, sorted.length, 0.5));
        expect(found[i]).toBe(median);
      });
    }),
  );
});
