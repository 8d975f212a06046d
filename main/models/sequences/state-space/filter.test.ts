import { describe, expect, test } from "vitest";
import { cholesky, solveLower } from "../../linear-algebra.ts";
import { seededRandom } from "../../random.ts";
import { ahead, horizons } from "./ahead.ts";
import { filterRegimes, oneRegime, smoothRegimes, switchingOf, variabilityRegimes } from "./regimes.ts";
import { smoothStates } from "./smoother.ts";
import { ctgDynamics, filter, MEMORY, STATES, type Dynamics, type Observations } from "./filter.ts";

/** Without tails and without a moving noise scale: linear and normal, so that everything is known exactly. */
const normal: Dynamics = {
  ...ctgDynamics,
  ...{ tails: Infinity, caution: 0, fastRise: 0, slowRise: 0 },
};

function observations(steps: number, seed: number, missing = 0.3): Observations {
  const random = seededRandom(seed);
  const observed = Uint8Array.from({ length: steps }, () => (random.next() < missing ? 0 : 1));
  const y = Float64Array.from({ length: steps }, (_, t) =>
    observed[t] === 1 ? 140 + 8 * random.normal() : 7,
  );
  return { y, observed, drive: Float64Array.from({ length: steps }, () => -5 * random.next()) };
}

/** Mean and covariance of all values of a signal, written out from the definition of the model. */
function written({ drive }: Observations, steps: number, d: Dynamics, level: number) {
  const decay = Math.exp(-1 / d.slowTime);
  const transition = [
    [1, 0, 0, 0, 0],
    [0, 1, 0, 0, 0],
    [0, 0, decay, 0, 0],
    [0, 0, 0, ...d.echo],
    [0, 0, 0, 1, 0],
  ];
  const start = [400, d.gain.sd ** 2, d.slowStep ** 2 / (1 - decay ** 2), 25, 25];
  const step = [d.baselineStep, d.gain.step, d.slowStep, d.fastStep, 0];
  const h = (t: number): number[] => [1, drive?.[t] ?? 0, 1, 1, 0];
  const times = (row: readonly number[]): number[] =>
    transition.map((_, j) => row.reduce((sum, r, i) => sum + r * (transition[i]?.[j] ?? 0), 0));
  // Row t of `ways`: how the noise that came in at each earlier step is seen in the value at t.
  const ways = Array.from({ length: steps }, (_, t) => {
    const rows = [h(t)];
    for (let back = 0; back < t; back += 1) rows.push(times(rows[back] ?? []));
    return rows;
  });
  const covariance = new Float64Array(steps * steps);
  for (let t = 0; t < steps; t += 1)
    for (let u = 0; u < steps; u += 1) {
      let sum = t === u ? d.noise : 0;
      for (let from = 0; from <= Math.min(t, u); from += 1)
        for (let i = 0; i < STATES; i += 1)
          sum +=
            (ways[t]?.[t - from]?.[i] ?? 0) *
            (ways[u]?.[u - from]?.[i] ?? 0) *
            (from === 0 ? (start[i] ?? 0) : (step[i] ?? 0) ** 2);
      covariance[t * steps + u] = sum;
    }
  const mean = Float64Array.from({ length: steps }, (_, t) => level + d.gain.mean * (drive?.[t] ?? 0));
  return { mean, covariance };
}

function logNormal(x: Float64Array, covariance: Float64Array): number {
  const n = x.length;
  const lower = cholesky(covariance, n);
  const z = new Float64Array(n);
  solveLower(lower, n, x, z);
  return z.reduce(
    (sum, v, i) => sum - 0.5 * (Math.log(2 * Math.PI) + v * v) - Math.log(lower[i * n + i] ?? 0),
    0,
  );
}

describe("the filter of a state-space model", () => {
  test("is the multivariate normal of the observed values, written out", () => {
    for (const seed of [1, 2, 3]) {
      const steps = 12;
      const series = observations(steps, seed);
      const { mean, covariance } = written(series, steps, normal, 139);
      const at = [...series.observed.keys()].filter((t) => series.observed[t] === 1);
      const part = Float64Array.from(at.flatMap((t) => at.map((u) => covariance[t * steps + u] ?? 0)));
      const exact = logNormal(
        Float64Array.from(at, (t) => (series.y[t] ?? 0) - (mean[t] ?? 0)),
        part,
      );
      const found = filter(series, normal, 139).logDensity.reduce((a, b) => a + b, 0);
      expect(Math.abs(found - exact)).toBeLessThan(1e-8);
    }
  });

  test("looks ahead as filtering on without values does", () => {
    const series = observations(200, 4);
    const [cut, most] = [100, 90];
    const observed = series.observed.map((is, t) => (t < cut ? is : 0));
    const { before, after } = filter({ ...series, observed }, normal);
    const table = horizons(normal, most);
    for (const h of [1, 15, 60, most]) {
      const at = (cut - 1 + h) * MEMORY;
      const phi = series.drive?.[cut - 1 + h] ?? 0;
      const direct = ahead(before, 0, table, phi, at);
      const { mean, variance } = ahead(after, h, table, phi, (cut - 1) * MEMORY);
      expect(mean).toBeCloseTo(direct.mean, 9);
      expect(variance / direct.variance).toBeCloseTo(1, 9);
    }
  });

  test("says nothing of what it never saw, and knows less and less", () => {
    const steps = 300;
    const { logDensity, before } = filter(
      { y: new Float64Array(steps).fill(NaN), observed: new Uint8Array(steps) },
      ctgDynamics,
      140,
    );
    expect(logDensity.every((v) => v === 0)).toBe(true);
    const table = horizons(ctgDynamics, 1);
    const widths = [0, 100, 200, 299].map((t) => ahead(before, 0, table, 0, t * MEMORY).variance);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
  });

  test("with one regime is the plain filter, with equal ones as probable", () => {
    const series = observations(400, 8);
    const plain = filter(series, ctgDynamics);
    expect(filterRegimes(series, switchingOf(ctgDynamics, oneRegime)).after).toEqual(plain.after);
    const twice = filterRegimes(series, { dwell: 60, dynamics: [ctgDynamics, ctgDynamics] });
    twice.logDensity.forEach((v, t) => {
      expect(Math.abs(v - (plain.logDensity[t] ?? 0))).toBeLessThan(1e-9);
    });
  });

  test("knows the regime better from both sides, and the states no worse", () => {
    const random = seededRandom(9);
    let v = 0;
    const y = Float64Array.from({ length: 1200 }, (_, t) => {
      v = 0.9 * v + (t < 600 ? 1 : 8) * random.normal();
      return 140 + v;
    });
    const series = { y, observed: Uint8Array.from(y, () => (random.next() < 0.2 ? 0 : 1)) };
    const still = { ...normal, fastStep: 3, echo: [0.9, 0] as const, gain: { mean: 0, sd: 0, step: 0 } };
    const switching = switchingOf(still, variabilityRegimes);
    const kept = filterRegimes(series, switching);
    const shares = smoothRegimes(kept, switching);
    const livelier = (from: number, to: number): number =>
      Array.from({ length: to - from }, (_, i) => shares[3 * (from + i) + 2] ?? 0).reduce((a, b) => a + b) /
      (to - from);
    expect(livelier(650, 1150)).toBeGreaterThan(0.9);
    expect(livelier(50, 550)).toBeLessThan(0.1);
    const { covariance } = smoothStates(kept, still);
    for (let t = 0; t < 1200; t += 50)
      expect(covariance[t * STATES * STATES] ?? 0).toBeLessThanOrEqual(
        (kept.after[t * MEMORY + STATES] ?? 0) + 1e-9,
      );
  });

  test("never reads what lies behind the mask", () => {
    const series = observations(100, 5);
    const other = { ...series, y: series.y.map((v, t) => (series.observed[t] === 1 ? v : NaN)) };
    expect(filter(other, ctgDynamics).after).toEqual(filter(series, ctgDynamics).after);
  });
});
