import { describe, expect, test } from "vitest";
import { invertLower, cholesky } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import { logJoint } from "./gaussian-classes.ts";
import { glimpse, hiddenMean, mixtureLogJoint, whitened, type GaussianMixture } from "./gaussian-mixture.ts";
import { patternsOf } from "./patterns.ts";

const [d, k, count] = [70, 3, 12];
const random = seededRandom(4);
const covariances = new Float64Array(k * d * d);
for (let c = 0; c < k; c += 1) {
  const root = Float64Array.from({ length: d * d }, () => random.normal());
  for (let i = 0; i < d; i += 1)
    for (let j = 0; j < d; j += 1) {
      let sum = i === j ? 5 : 0;
      for (let l = 0; l < d; l += 1) sum += ((root[i * d + l] ?? 0) * (root[j * d + l] ?? 0)) / d;
      covariances[c * d * d + i * d + j] = sum;
    }
}
const means = Float64Array.from({ length: k * d }, () => random.normal());
const logWeights = Float64Array.of(-1, -1.2, -1.1);
const mixture: GaussianMixture = { spread: "full", width: d, components: k, logWeights, means, covariances };
const x = Float64Array.from({ length: count * d }, () => random.normal());
const observed = Uint8Array.from(x, () => (random.next() < 0.2 ? 0 : 1));

/** ln N(x_o; μ_o, Σ_oo) and what x_m is given x_o, from Σ_oo itself. */
function byTheBook(covariance: Float64Array, mean: Float64Array, n: number) {
  const kept = Array.from({ length: d }, (_, i) => i).filter((i) => observed[n * d + i] === 1);
  const missing = Array.from({ length: d }, (_, i) => i).filter((i) => observed[n * d + i] !== 1);
  const o = kept.length;
  const part = Float64Array.from(kept.flatMap((i) => kept.map((j) => covariance[i * d + j] ?? 0)));
  const lower = cholesky(part, o);
  const inverse = invertLower(lower, o);
  const z = kept.map((_, i) =>
    kept.reduce(
      (sum, at, j) => sum + (inverse[i * o + j] ?? 0) * ((x[n * d + at] ?? 0) - (mean[at] ?? 0)),
      0,
    ),
  );
  const back = kept.map((_, i) => z.reduce((sum, value, j) => sum + (inverse[j * o + i] ?? 0) * value, 0));
  const log = kept.reduce((sum, _, i) => sum - Math.log(lower[i * (o + 1)] ?? 1), 0);
  return {
    missing,
    density: log - 0.5 * o * Math.log(2 * Math.PI) - 0.5 * z.reduce((sum, value) => sum + value * value, 0),
    hidden: missing.map(
      (at) =>
        (mean[at] ?? 0) + kept.reduce((sum, i, j) => sum + (covariance[at * d + i] ?? 0) * (back[j] ?? 0), 0),
    ),
  };
}

const of = (all: Float64Array, c: number, size: number): Float64Array =>
  all.subarray(c * size, (c + 1) * size);

describe("many inputs of which some are missing, seen through the precision", () => {
  test("have the marginal of their covariance, each class with its own or all with one", () => {
    const own = mixtureLogJoint(mixture, { x, observed, count });
    const shared = {
      width: d,
      classes: k,
      means,
      covariance: of(covariances, 0, d * d),
      logPrior: logWeights,
    };
    const tied = logJoint(shared, x, observed, count);
    for (let n = 0; n < count; n += 1)
      for (let c = 0; c < k; c += 1) {
        const prior = logWeights[c] ?? 0;
        const each = byTheBook(of(covariances, c, d * d), of(means, c, d), n).density + prior;
        const one = byTheBook(shared.covariance, of(means, c, d), n).density + prior;
        expect(Math.abs((own[n * k + c] ?? NaN) - each)).toBeLessThan(1e-9);
        expect(Math.abs((tied[n * k + c] ?? NaN) - one)).toBeLessThan(1e-9);
      }
  });

  test("are expected where their covariance puts them", () => {
    for (const pattern of patternsOf({ observed, count }, d)) {
      const [n = 0] = pattern.rows;
      const part = glimpse(mixture, 1, pattern);
      expect(part.view).toBeDefined();
      const z = new Float64Array(d);
      const hidden = new Float64Array(pattern.missing.length);
      whitened(mixture, 1, pattern, part, { x, at: n * d }, z);
      hiddenMean(mixture, 1, pattern, part, z, hidden);
      const expected = byTheBook(of(covariances, 1, d * d), of(means, 1, d), n).hidden;
      hidden.forEach((value, a) => expect(Math.abs(value - (expected[a] ?? NaN))).toBeLessThan(1e-9));
    }
  });
});
