import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { bendsOf, bent } from "./johnson-classes.ts";
import {
  bendOf,
  johnsonCdf,
  johnsonLogDensity,
  johnsonQuantile,
  SLIFKER_Z,
  slifkerShapiro,
  toNormalScale,
  type JohnsonSu,
} from "./johnson-su.ts";
import { standardNormalCdf } from "./standard-normal.ts";

const parameters = fc.record({
  gamma: fc.double({ min: -3, max: 3, noNaN: true }),
  delta: fc.double({ min: 0.4, max: 4, noNaN: true }),
  xi: fc.double({ min: -5, max: 5, noNaN: true }),
  lambda: fc.double({ min: 0.1, max: 5, noNaN: true }),
});

const drawn = (of: JohnsonSu, count: number, seed: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, () => johnsonQuantile(of, random.normal())).sort();
};

test("Φ is SciPy's, far into its tails too", () => {
  // scipy.stats.norm.cdf
  for (const [z, p] of [
    [0, 0.5],
    [0.5244, 0.699999821735177],
    [1.96, 0.9750021048517795],
    [-3, 0.0013498980316300933],
    [-3.1, 0.0009676032132183563],
    [-6, 9.865876450376946e-10],
    [-12, 1.776482112077653e-33],
  ] as const)
    expect(Math.abs(standardNormalCdf(z) / p - 1)).toBeLessThan(1e-12);
});

describe("Johnson's S_U", () => {
  test("quantile and distribution are inverse, and the density is its slope", () => {
    fc.assert(
      fc.property(parameters, fc.double({ min: -2.5, max: 2.5, noNaN: true }), (of, z) => {
        const x = johnsonQuantile(of, z);
        expect(johnsonCdf(of, x)).toBeCloseTo(standardNormalCdf(z), 10);
        const step = 1e-5 * of.lambda * Math.cosh((z - of.gamma) / of.delta);
        const slope = (johnsonCdf(of, x + step) - johnsonCdf(of, x - step)) / (2 * step);
        expect(slope / Math.exp(johnsonLogDensity(of, x))).toBeCloseTo(1, 5);
      }),
    );
  });

  test("four exact quantiles give the parameters back where the tails are heavy enough to tell", () => {
    fc.assert(
      fc.property(parameters, (of) => {
        const at = (times: number): number => johnsonQuantile(of, times * SLIFKER_Z);
        const found = slifkerShapiro([at(-3), at(-1), at(1), at(3)]);
        if (found === undefined) return;
        expect(found.delta / of.delta).toBeCloseTo(1, 6);
        expect(found.gamma).toBeCloseTo(of.gamma, 5);
      }),
    );
  });
});

describe("where an input bends", () => {
  test("heavy tails by their quantiles; a normal hardly; light tails hardly", () => {
    const skewed = bendOf(drawn({ gamma: -1, delta: 1.5, xi: 0.3, lambda: 2 }, 4000, 1));
    expect(skewed.isSu).toBe(true);
    expect(skewed.lambda).toBeCloseTo(2, 0);
    const light = bendOf(Float64Array.from({ length: 1000 }, (_, i) => i));
    expect(light).toMatchObject({ isSu: false, xi: 499.5 });
    expect(light.lambda).toBeGreaterThan(800);
  });

  test("an atom at an end, as a share cut off at 0 leaves it, does not bend the rest", () => {
    const values = drawn({ gamma: -1, delta: 1.5, xi: 0.3, lambda: 2 }, 2000, 2).map((v) => v + 10);
    const cut = Float64Array.from([...new Float64Array(400), ...values]);
    expect(bendOf(cut)).toEqual(bendOf(values));
  });

  test("values that are no sample leave numbers: none, one, all the same, two of them", () => {
    for (const values of [[], [3], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 1]]) {
      const { xi, lambda } = bendOf(Float64Array.from(values));
      expect(Number.isFinite(xi) && lambda > 0 && Number.isFinite(lambda)).toBe(true);
    }
  });

  test("a value beyond all numbers of interest stays a number", () => {
    expect(toNormalScale(1e30, 0, 1)).toBeCloseTo(Math.asinh(1e6), 9);
    expect(Number.isFinite(johnsonLogDensity({ gamma: 0, delta: 1, xi: 0, lambda: 1 }, -1e300))).toBe(true);
  });

  test("a class with fewer than forty values of an input takes the bend of all", () => {
    const [few, many] = [
      drawn({ gamma: 0, delta: 1, xi: 5, lambda: 1 }, 39, 3),
      drawn({ gamma: -1, delta: 1, xi: 0, lambda: 2 }, 60, 4),
    ];
    const rows = { x: [...few, ...many], observed: new Uint8Array(99).fill(1), count: 99 };
    const all = [...rows.x.keys()];
    const { xi, lambda } = bendsOf(rows, 1, [all.slice(0, 39), all.slice(39)]);
    const pooled = bendOf(Float64Array.from(rows.x).sort());
    expect([xi[0], lambda[0]]).toEqual([pooled.xi, pooled.lambda]);
    expect(xi[1]).toBe(bendOf(many).xi);
  });
});

test("what is unobserved is bent to nothing and has no slope", () => {
  const bends = {
    width: 2,
    views: 1,
    xi: Float64Array.of(0, 0),
    lambda: Float64Array.of(1, 2),
    isSu: Uint8Array.of(1, 1),
  };
  const { y, logSlope } = bent(bends, 0, { x: [3, NaN], observed: [1, 0], count: 1 });
  expect([...y]).toEqual([Math.asinh(3), 0]);
  expect(logSlope[0]).toBeCloseTo(-0.5 * Math.log(1 + 9), 12);
});
