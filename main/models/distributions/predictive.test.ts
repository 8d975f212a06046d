import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Predictive } from "../model.ts";
import { seededRandom } from "../random.ts";
import { type Component, crpsOf, mixturePredictive, pitMapOf } from "./predictive.ts";
import { standardLaw } from "./student-t.ts";

/** F(z) at −50, −3, −0.4, 0.2 and 2, ln f(1.7), quantile of 0.02: scipy.stats.t, 1.16. */
const STUDENT: readonly (readonly [number, readonly number[], number, number])[] = [
  [
    1.3,
    [0.002144355451293944, 0.07817229544048929, 0.3724734636426926, 0.5659092257248712, 0.8762724217462918],
    -2.4442924116359337,
    -8.925821249577806,
  ],
  [
    2.3,
    [7.622526304158119e-5, 0.04024775202305029, 0.3616507402525329, 0.5711004464489653, 0.916693210505985],
    -2.3675545713942006,
    -4.2388895616954025,
  ],
  [
    30,
    [9.357708829611355e-31, 0.0026949820328259727, 0.345995258257096, 0.5785849214703376, 0.9726874775185085],
    -2.3528251427304063,
    -2.146966279089794,
  ],
  [
    200,
    [0, 0.0015215235569529524, 0.34479170216304766, 0.5791581041207833, 0.9765734069064645],
    -2.362021195542165,
    -2.0672298801884894,
  ],
];

describe("Student's t", () => {
  test.each(STUDENT)("ν = %d is what SciPy says it is", (nu, cdf, logDensity, quantile) => {
    const law = standardLaw(nu);
    [-50, -3, -0.4, 0.2, 2].forEach((z, i) => {
      expect(law.cdf(z)).toBeCloseTo(cdf[i] ?? 0, 8);
    });
    expect(law.logDensity(1.7)).toBeCloseTo(logDensity, 10);
    expect(law.quantile(0.02)).toBeCloseTo(quantile, 6);
    expect(law.quantile(0.98)).toBeCloseTo(-quantile, 6);
  });

  test("its tail keeps its relative precision", () => {
    expect(standardLaw(4.07).cdf(-50) / 3.928292922736693e-7).toBeCloseTo(1, 5);
    expect(standardLaw(1.3).cdf(standardLaw(1.3).quantile(1e-7)) / 1e-7).toBeCloseTo(1, 5);
    expect(standardLaw(1.3).cdf(-Infinity)).toBe(0);
  });

  test("its score is the integral that SciPy finds", () => {
    expect(standardLaw(2.3).crps(0.7)).toBeCloseTo(0.4584922886423634, 8);
    expect(standardLaw(4.07).crps(-3.1)).toBeCloseTo(2.412881869000411, 8);
  });
});

/** Two t and a narrow normal. */
const three: readonly Component[] = [
  { weight: 0.5, mean: 0, scale: 1, nu: 2.3 },
  { weight: 0.3, mean: -8, scale: 4, nu: 5 },
  { weight: 0.2, mean: 12, scale: 0.5, nu: Infinity },
];

describe("a mixture", () => {
  const mixture = mixturePredictive(three);

  test("of t and normal is what SciPy says it is", () => {
    const values = (of: (x: number) => number, at: readonly number[]): number[] => at.map(of);
    const close = (reached: readonly number[], expected: readonly number[], digits: number): void => {
      reached.forEach((one, i) => {
        expect(one).toBeCloseTo(expected[i] ?? 0, digits);
      });
    };
    const at = [-10, 0, 11.5];
    close(
      values((x) => mixture.cdf(x), at),
      [0.09725954002121737, 0.5347090781755213, 0.8299414599141078],
      8,
    );
    close(
      values((x) => mixture.logDensity(x), at),
      [-3.69143263963886, -1.691049710605797, -2.331441084522129],
      9,
    );
    close(
      values((x) => mixture.quantile(x), [0.05, 0.5, 0.9]),
      [-12.343714475247285, -0.18971059119487, 12.010117673959021],
      6,
    );
    close(
      values((x) => mixture.crps(x), [-10, 0, 20]),
      [6.492529865142381, 1.3607666855170844, 15.830677188196596],
      4,
    );
  });

  test("is scored by integration as the closed form scores its like", () => {
    const one = { mean: 3, scale: 0.7, nu: 2.2 };
    const whole = mixturePredictive([{ ...one, weight: 1 }]);
    const halves = mixturePredictive([
      { ...one, weight: 0.5 },
      { ...one, weight: 0.5 },
    ]);
    for (const value of [-40, 2.9, 3, 4.4, 60])
      expect(Math.abs(halves.crps(value) - whole.crps(value))).toBeLessThan(1e-3);
    expect(Math.abs(crpsOf(plain(whole), 4.4) - whole.crps(4.4))).toBeLessThan(0.02);
  });

  test("its quantiles are where its distribution function has their shares, mapped or not", () => {
    const map = pitMapOf(Float64Array.from({ length: 4000 }, (_, i) => ((i + 0.5) / 4000) ** 1.7));
    const mapped = mixturePredictive(three, map);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 0.999, noNaN: true }), (share) => {
        for (const one of [mixture, mapped]) expect(one.cdf(one.quantile(share))).toBeCloseTo(share, 6);
      }),
    );
  });

  test("a map makes even shares of those it was learned from, and the density follows it", () => {
    const random = seededRandom(3);
    const truth = mixturePredictive([{ weight: 1, mean: 1, scale: 2, nu: Infinity }]);
    const model = mixturePredictive(three);
    const values = Array.from({ length: 20_000 }, () => truth.quantile(random.next()));
    const map = pitMapOf(values.map((value) => model.cdf(value)));
    const mapped = mixturePredictive(three, map);
    const shares = new Array<number>(10).fill(0);
    for (const value of values)
      shares[Math.floor(10 * mapped.cdf(value))] = (shares[Math.floor(10 * mapped.cdf(value))] ?? 0) + 1;
    for (const share of shares) expect(share / values.length).toBeCloseTo(0.1, 2);
    const [from, to] = [mapped.quantile(0.3), mapped.quantile(0.7)];
    const steps = 20_000;
    let area = 0;
    for (let i = 0; i < steps; i += 1)
      area += Math.exp(mapped.logDensity(from + ((i + 0.5) / steps) * (to - from))) * ((to - from) / steps);
    expect(area).toBeCloseTo(0.4, 3);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mapped.mean - mean)).toBeLessThan(0.15);
    expect(mapped.crps(1)).toBeLessThan(model.crps(1));
  });
});

/** Without its own score. */
const plain = (one: ReturnType<typeof mixturePredictive>): Predictive => ({
  mean: one.mean,
  logDensity: (value) => one.logDensity(value),
  cdf: (value) => one.cdf(value),
  quantile: (share) => one.quantile(share),
});

test("what makes no distribution is refused", () => {
  for (const broken of [{ scale: 0 }, { weight: 0 }, { mean: Number.NaN }, { nu: -1 }])
    expect(() => mixturePredictive([{ weight: 1, mean: 0, scale: 1, nu: 4, ...broken }])).toThrow();
});
