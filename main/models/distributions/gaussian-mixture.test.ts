import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { drawCompletions, eachCompletion } from "./completions.ts";
import { mixtureLogDensity, mixtureLogJoint, type GaussianMixture } from "./gaussian-mixture.ts";
import { kMeans } from "./k-means.ts";
import { fitMixture, mixtureFromClusters, mixtureStep } from "./mixture-fit.ts";
import { hermiteNodes, normalDesigns } from "./normal-design.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** Two components over three inputs that belong together. */
const mixture: GaussianMixture = {
  spread: "full",
  width: 3,
  components: 2,
  logWeights: Float64Array.of(Math.log(0.3), Math.log(0.7)),
  means: Float64Array.of(-1, 0, 1, 2, 1, 0),
  covariances: Float64Array.of(
    ...[1, 0.5, 0.2, 0.5, 1, 0.3, 0.2, 0.3, 1],
    ...[0.5, -0.3, 0, -0.3, 0.8, 0.1, 0, 0.1, 0.6],
  ),
};
const diagonalOf = (full: GaussianMixture): GaussianMixture => ({
  ...full,
  spread: "diagonal",
  covariances: Float64Array.from({ length: full.components * full.width }, (_, at) => {
    const [j, i] = [Math.floor(at / full.width), at % full.width];
    return full.covariances[(j * full.width + i) * full.width + i] ?? 0;
  }),
});

/** Rows of it; a third of the entries hidden and NaN. */
function drawnRows(count: number, seed: number, share = 1 / 3) {
  const random = seededRandom(seed);
  const x = new Float64Array(count * 3);
  const observed = Uint8Array.from(x, () => (random.next() < share ? 0 : 1));
  const none = { x: new Float64Array(3).fill(NaN), observed: new Uint8Array(3), count: 1 };
  for (let n = 0; n < count; n += 1)
    drawCompletions(mixture, none, { draws: 1, random }, (_, row) => {
      row.forEach((value, i) => (x[3 * n + i] = observed[3 * n + i] === 1 ? value : NaN));
    });
  return { x, observed, count };
}

const startOf = (rows: ReturnType<typeof drawnRows>, spread: GaussianMixture["spread"], seed: number) => {
  const filled = rows.x.map((value) => (Number.isNaN(value) ? 0 : value));
  const { labels } = kMeans(filled, { count: rows.count, width: 3, clusters: 2 }, seededRandom(seed));
  return mixtureFromClusters(rows, labels, { width: 3, components: 2, spread });
};

describe("a mixture of normals learned with gaps", () => {
  test.each(["full", "diagonal"] as const)("the likelihood never falls: %s", (spread) => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const rows = drawnRows(60, seed);
        let [at, before] = [startOf(rows, spread, seed), -Infinity];
        for (let round = 0; round < 15; round += 1) {
          const next = mixtureStep(at, rows, { least: 0, pooled: 0 });
          expect(next.logLikelihood).toBeGreaterThanOrEqual(before - 1e-8);
          [at, before] = [next.mixture, next.logLikelihood];
        }
      }),
      { numRuns: 10 },
    );
  });

  test("finds the mixture behind rows of which a third is hidden", () => {
    const rows = drawnRows(4000, 3);
    const options = { least: 1e-6, pooled: 0, rounds: 300, tolerance: 1e-7 };
    const { mixture: found } = fitMixture(rows, startOf(rows, "full", 1), options);
    const order = (found.means[0] ?? 0) < (found.means[3] ?? 0) ? [0, 1] : [1, 0];
    order.forEach((j, wanted) => {
      expect(Math.exp(found.logWeights[j] ?? 0)).toBeCloseTo([0.3, 0.7][wanted] ?? 0, 1);
      for (let i = 0; i < 3; i += 1)
        expect(Math.abs((found.means[j * 3 + i] ?? 0) - (mixture.means[wanted * 3 + i] ?? 0))).toBeLessThan(
          0.15,
        );
      for (let i = 0; i < 9; i += 1)
        expect(
          Math.abs((found.covariances[j * 9 + i] ?? 0) - (mixture.covariances[wanted * 9 + i] ?? 0)),
        ).toBeLessThan(0.2);
    });
  });

  test("what lies behind the mask changes nothing, and the order of rows neither", () => {
    const rows = drawnRows(40, 5);
    const other = { ...rows, x: rows.x.map((value) => (Number.isNaN(value) ? 77 : value)) };
    expect(mixtureLogJoint(mixture, other)).toEqual(mixtureLogJoint(mixture, rows));
    const start = mixtureFromClusters(rows, new Int32Array(40), { width: 3, components: 1, spread: "full" });
    expect(mixtureStep(start, other, { least: 0, pooled: 1 })).toEqual(
      mixtureStep(start, rows, { least: 0, pooled: 1 }),
    );
  });
});

describe("what a row hides", () => {
  const row = { x: Float64Array.of(0.5, NaN, NaN), observed: Uint8Array.of(1, 0, 0), count: 1 };
  /** Mean and second moments of the completions. */
  const momentsOf = (go: (visit: (n: number, x: Float64Array, weight: number) => void) => void) => {
    const out = new Float64Array(6);
    go((_, [x = 0, y = 0, z = 0], weight) =>
      [1, x, y, z, y * y, y * z].forEach((value, i) => (out[i] = (out[i] ?? 0) + weight * value)),
    );
    return out;
  };

  test("design and draws agree with each other and with the density", () => {
    const exact = momentsOf((visit) => eachCompletion(mixture, row, normalDesigns(1), visit));
    const random = seededRandom(2);
    const drawn = momentsOf((visit) => drawCompletions(mixture, row, { draws: 40_000, random }, visit));
    expect(exact[0]).toBeCloseTo(1, 10);
    expect(exact[1]).toBeCloseTo(0.5, 10);
    exact.forEach((value, i) => expect(Math.abs(value - (drawn[i] ?? 0))).toBeLessThan(0.03));
    // E[y | x] from the density itself, by a fine sum over y.
    let [mass, sum] = [0, 0];
    for (let y = -8; y <= 8; y += 0.01) {
      const at = { x: Float64Array.of(0.5, y, NaN), observed: Uint8Array.of(1, 1, 0), count: 1 };
      const density = Math.exp(mixtureLogDensity(mixture, at)[0] ?? 0);
      mass += density;
      sum += density * y;
    }
    // Components that explain less than a ten thousandth are left out.
    expect(Math.abs((exact[2] ?? 0) - sum / mass)).toBeLessThan(1e-3);
  });

  test("a diagonal mixture is the full one with nothing beside the diagonal", () => {
    const flat = diagonalOf(mixture);
    const same: GaussianMixture = {
      ...mixture,
      covariances: Float64Array.from({ length: 18 }, (_, at) => {
        const [j, i, l] = [Math.floor(at / 9), Math.floor((at % 9) / 3), at % 3];
        return i === l ? (flat.covariances[j * 3 + i] ?? 0) : 0;
      }),
    };
    const rows = drawnRows(30, 8);
    const [a, b] = [mixtureLogJoint(flat, rows), mixtureLogJoint(same, rows)];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i] ?? 0, 10));
    const [p, q] = [flat, same].map((of) =>
      momentsOf((visit) => eachCompletion(of, row, normalDesigns(1), visit)),
    );
    p?.forEach((value, i) => expect(value).toBeCloseTo(q?.[i] ?? 0, 6));
  });
});

test("Gauss-Hermite integrates polynomials exactly", () => {
  const { points, weights } = hermiteNodes(20);
  const moment = (power: number) => points.reduce((sum, x, s) => sum + (weights[s] ?? 0) * x ** power, 0);
  expect(moment(0)).toBeCloseTo(1, 12);
  expect(moment(2)).toBeCloseTo(1, 10);
  expect(moment(4)).toBeCloseTo(3, 9);
  expect(moment(6)).toBeCloseTo(15, 8);
  expect(moment(3)).toBeCloseTo(0, 10);
});

test("the quantiles of the normal are those of its table", () => {
  expect(normalQuantile(0.5)).toBeCloseTo(0, 9);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 7);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 7);
});

test("k-means keeps three heaps apart, and the same seed finds the same", () => {
  const random = seededRandom(4);
  const x = Float64Array.from({ length: 180 }, (_, at) => 10 * (Math.floor(at / 2) % 3) + random.normal());
  const shape = { count: 90, width: 2, clusters: 3 };
  const { labels, within } = kMeans(x, shape, seededRandom(1));
  expect(new Set([0, 1, 2].map((c) => labels[c])).size).toBe(3);
  for (let n = 0; n < 90; n += 1) expect(labels[n]).toBe(labels[n % 3]);
  expect(within).toBeLessThan(300);
  expect(kMeans(x, shape, seededRandom(1)).labels).toEqual(labels);
});
