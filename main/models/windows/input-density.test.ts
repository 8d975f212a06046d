import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evenCompletions } from "../distributions/completions.ts";
import type { GaussianMixture } from "../distributions/gaussian-mixture.ts";
import { latinDesigns } from "../distributions/normal-design.ts";
import { seededRandom } from "../random.ts";
import { completed, COMPLETIONS, inputDensityOf, type DenseWindows } from "./input-density.ts";

const layout = { maskInputs: true, columns: 1 };

/** Two groups of windows whose second input follows the first. */
function windows(count: number, seed: number, hidden = 0): DenseWindows {
  const random = seededRandom(seed);
  const [x, observed] = [new Float32Array(2 * count), new Uint8Array(2 * count).fill(1)];
  for (let n = 0; n < count; n += 1) {
    const middle = n % 2 === 0 ? -2 : 2;
    const own = middle + 0.5 * random.normal();
    x.set([own, 0.8 * own + 0.1 * random.normal()], 2 * n);
    if (random.next() < hidden) {
      x[2 * n + 1] = 0;
      observed[2 * n + 1] = 0;
    }
  }
  return { count, width: 2, classes: 2, x, observed };
}

const density = inputDensityOf(windows(2000, 1), layout, 0) as GaussianMixture;

/** Mean over completions of each input of one row. */
function meanOf(row: readonly number[], observed: readonly number[], of = density): number[] {
  const { x, weights } = completed(of, { count: 1, x: Float32Array.from(row), observed });
  return row.map((_, i) =>
    weights.reduce((sum, weight, s) => sum + weight * (x[s * row.length + i] ?? 0), 0),
  );
}

describe("what windows hide", () => {
  test("is completed as the other inputs let expect, by as many points whatever is hidden, and what is seen stays", () => {
    for (const seen of [-2.5, -1.5, 1.5, 2.5]) {
      const [first, second] = meanOf([seen, 0], [1, 0]);
      expect(first).toBeCloseTo(seen, 6);
      expect(second).toBeCloseTo(0.8 * seen, 1);
    }
    const [first = NaN, second = NaN] = meanOf([0, 0], [0, 0]); // nothing seen: both groups
    expect(Math.abs(first)).toBeLessThan(0.4);
    expect(Math.abs(second)).toBeLessThan(0.4);
    const { weights } = completed(density, { count: 1, x: new Float32Array(2), observed: [0, 0] });
    expect(weights).toHaveLength(COMPLETIONS);
    expect(weights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
  });

  test("is completed alike alone and beside other windows, in any order", () => {
    const row = fc.tuple(fc.float({ min: -4, max: 4, noNaN: true }), fc.constantFrom([1, 0], [0, 1], [0, 0]));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 6 }), (rows) => {
        const at = (own: typeof rows) =>
          completed(density, {
            count: own.length,
            x: Float32Array.from(own.flatMap(([value, seen]) => seen.map((isSeen) => (isSeen ? value : 0)))),
            observed: own.flatMap(([, seen]) => seen),
          }).x;
        const together = at(rows);
        rows.forEach((one, n) => {
          const size = 2 * COMPLETIONS;
          expect([...together.subarray(n * size, (n + 1) * size)]).toEqual([...at([one])]);
        });
      }),
    );
  });

  test("spreads as it varies given what is seen", () => {
    let [mean, square] = [0, 0];
    const rows = { count: 1, x: Float32Array.of(2, 0), observed: [1, 0] };
    evenCompletions(density, rows, latinDesigns(512, 1), (_n, x, weight) => {
      mean += weight * (x[1] ?? 0);
      square += weight * (x[1] ?? 0) ** 2;
    });
    expect(Math.sqrt(square - mean * mean)).toBeGreaterThan(0.08);
    expect(Math.sqrt(square - mean * mean)).toBeLessThan(0.14);
  });
});

describe("a density of the inputs", () => {
  test("is learned from windows with gaps too, the same for the same seed", () => {
    const gappy = windows(6000, 2, 0.4); // more than are learned from
    const own = inputDensityOf(gappy, layout, 3);
    expect(own).toEqual(inputDensityOf(gappy, layout, 3));
    expect(own).not.toEqual(inputDensityOf(gappy, layout, 4));
    expect(meanOf([2, 0], [1, 0], own)[1]).toBeCloseTo(1.6, 1);
  });

  test("is none where gaps are inputs, inputs run along time or are too many, or there are no windows", () => {
    const some = windows(20, 1);
    expect(inputDensityOf(some, { ...layout, maskInputs: false }, 0)).toBeUndefined();
    expect(inputDensityOf(some, { ...layout, columns: 10 }, 0)).toBeUndefined();
    expect(inputDensityOf({ ...some, count: 0 }, layout, 0)).toBeUndefined();
    const wide = { ...some, count: 2, width: 49, x: new Float32Array(98), observed: new Uint8Array(98) };
    expect(inputDensityOf(wide, layout, 0)).toBeUndefined();
  });

  test("is one of few windows, of equal ones, and of an input that nobody ever saw", () => {
    const one = { count: 1, width: 2, classes: 2, x: Float32Array.of(1, 0), observed: Uint8Array.of(1, 0) };
    const equal = {
      ...one,
      count: 3,
      x: Float32Array.of(1, 0, 1, 0, 1, 0),
      observed: Uint8Array.of(1, 0, 1, 0, 1, 0),
    };
    for (const few of [one, equal]) {
      const { x } = completed(inputDensityOf(few, layout, 0) as GaussianMixture, { ...few, count: 1 });
      expect(x.every(Number.isFinite)).toBe(true);
    }
  });
});
