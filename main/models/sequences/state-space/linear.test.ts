import { describe, expect, test } from "vitest";
import { seededRandom } from "../../random.ts";
import { drivenBy } from "./drive.ts";
import { fitT } from "./calibration.ts";
import { cropsOf } from "./composite.ts";
import { fitFloor, floorForeseer, floorNames } from "./floors.ts";
import { driveGradient, linearFilter, type LinearModel } from "./linear.ts";
import { flatPull, pull, pullGradient, pullLayers, pulls, secondOrder, startLayers } from "./neural-input.ts";

const input = { layers: startLayers(), delay: 7.3, omega: 0.09, zeta: 0.8 };

/** Baseline and a deceleration of second order. */
function driven(): LinearModel {
  const { F, B } = secondOrder(input);
  return {
    ...{ states: 3, H: Float64Array.of(1, 1, 0), R: 0.5, steady: new Float64Array(9) },
    F: Float64Array.of(1, 0, 0, 0, F[0] ?? 0, F[1] ?? 0, 0, F[2] ?? 0, F[3] ?? 0),
    B: Float64Array.of(0, B[0] ?? 0, B[1] ?? 0),
    Q: Float64Array.of(0.1, 0, 0, 0, 0.02, 0, 0, 0, 0.001),
    mean: Float64Array.of(140, 0, 0),
    covariance: Float64Array.of(100, 0, 0, 0, 25, 0, 0, 0, 0.1),
  };
}

function wave(steps: number, seed: number) {
  const random = seededRandom(seed);
  return {
    y: Float64Array.from({ length: steps }, () => 138 + 5 * random.normal()),
    observed: Uint8Array.from({ length: steps }, () => (random.next() < 0.25 ? 0 : 1)),
    u: Float64Array.from({ length: steps }, (_, t) => 0.5 + 0.5 * Math.sin(t / 9) + 0.1 * random.normal()),
  };
}
const total = (all: Float64Array): number => all.reduce((a, b) => a + b, 0);

describe("what drives a signal", () => {
  test("has an exact gradient of the likelihood, by one pass backwards, through missing values", () => {
    const { y, observed, u } = wave(200, 1);
    const drive = pulls(input, u);
    const model = driven();
    const found = driveGradient(model, linearFilter(model, { y, observed, drive }), observed);
    const logP = (d: Float64Array): number =>
      total(linearFilter(model, { y, observed, drive: d }).logDensity);
    for (let t = 0; t < 199; t += 11) {
      const [up, down] = [drive.slice(), drive.slice()];
      up[t] = (drive[t] ?? 0) + 1e-3;
      down[t] = (drive[t] ?? 0) - 1e-3;
      const measured = (logP(up) - logP(down)) / 2e-3;
      expect(Math.abs((found[t] ?? 0) - measured)).toBeLessThan(1e-6 * Math.max(1, Math.abs(measured)));
    }
    expect(found[199]).toBe(0); // it acts on what comes after
  });

  test("hands that gradient on to the network's weights and to the delay", () => {
    const { y, observed, u } = wave(200, 2);
    const model = driven();
    const at = (own: typeof input): number =>
      total(linearFilter(model, { y, observed, drive: pulls(own, u) }).logDensity);
    const upstream = driveGradient(
      model,
      linearFilter(model, { y, observed, drive: pulls(input, u) }),
      observed,
    );
    const { layers, delay } = pullGradient(input, u, upstream);
    const [weights, slopes] = [flatPull(input.layers), flatPull(layers)];
    const nudged = (i: number, by: number): typeof input => ({
      ...input,
      layers: pullLayers(weights.map((w, j) => (i === j ? w + by : w))),
    });
    weights.forEach((_, i) => {
      const measured = (at(nudged(i, 1e-4)) - at(nudged(i, -1e-4))) / 2e-4;
      expect(Math.abs((slopes[i] ?? 0) - measured)).toBeLessThan(1e-5 * Math.max(1, Math.abs(measured)));
    });
    const later = (by: number): number => at({ ...input, delay: input.delay + by });
    expect(delay).toBeCloseTo((later(1e-4) - later(-1e-4)) / 2e-4, 3);
  });

  test("only ever pulls down, and stays where it is held", () => {
    const depths = [-2, 0, 0.5, 1, 5].map((u) => pull(input, u).value);
    expect(depths).toEqual([...depths].sort((a, b) => b - a));
    expect(depths.every((depth) => depth < 0)).toBe(true);
    const { phi } = drivenBy(input, new Float64Array(300).fill(0.7));
    expect(phi[299]).toBeCloseTo(pull(input, 0.7).value, 9);
    const rest = drivenBy(input, new Float64Array(400).fill(0.7).fill(0, 200));
    const { phi: before } = drivenBy(input, new Float64Array(200).fill(0.7));
    expect(rest.phi.slice(0, 200)).toEqual(before);
  });
});

describe("simple methods that look ahead", () => {
  test("learn from stretches, and what comes lies in their bands as often as it should", async () => {
    const random = seededRandom(6);
    const all = [0, 1, 2, 3].map(() => {
      let [level, deviation, before] = [140, 0, 0];
      const y = Float64Array.from({ length: 900 }, () => {
        level += 0.1 * random.normal();
        [deviation, before] = [1.3 * deviation - 0.4 * before + random.normal(), deviation];
        return level + deviation;
      });
      return { y, observed: Uint8Array.from(y, () => (random.next() < 0.1 ? 0 : 1)) };
    });
    const crops = cropsOf(all, 300, 3);
    for (const name of floorNames) {
      const foreseer = floorForeseer(name, await fitFloor(name, crops, new AbortController().signal));
      const errors = all.flatMap((series) => {
        const foreseen = foreseer(series);
        return [...series.y.keys()].slice(60, -15).flatMap((t) => {
          const { mean, variance } = foreseen.at(t, 15);
          return [((series.y[t + 15] ?? 0) - mean) / Math.sqrt(variance)];
        });
      });
      expect(fitT(Float64Array.from(errors))?.scale).toBeGreaterThan(0.5);
      expect(fitT(Float64Array.from(errors))?.scale).toBeLessThan(2);
    }
  }, 60_000);

  test("a t distribution is found again from its draws", () => {
    const random = seededRandom(7);
    const draws = Float64Array.from({ length: 20_000 }, () => {
      const squares = [1, 2, 3, 4].reduce((sum) => sum + random.normal() ** 2, 0);
      return (3 * random.normal()) / Math.sqrt(squares / 4);
    });
    const { scale = 0, tails = 0 } = fitT(draws) ?? {};
    expect(Math.abs(scale - 3)).toBeLessThan(0.15);
    expect(Math.abs(tails - 4)).toBeLessThan(0.8);
  });
});
