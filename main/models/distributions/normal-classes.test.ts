import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { fitGaussianClasses, logJoint } from "./gaussian-classes.ts";
import {
  expectedMoments,
  fromMoments,
  logJoints,
  withCovarianceEach,
  type NormalClasses,
} from "./normal-classes.ts";

const random = seededRandom(3);
const [count, d, k] = [600, 3, 2];
const full = new Uint8Array(count * d).fill(1);
const y = Float64Array.from({ length: count * k }, (_, at) => (Math.floor(at / k) % k === at % k ? 1 : 0));
const x = Float64Array.from({ length: count * d }, () => 0);
for (let n = 0; n < count; n += 1) {
  const shared = random.normal();
  for (let i = 0; i < d; i += 1)
    x[n * d + i] = (n % k) * 1.5 + shared + (0.3 + 0.4 * (n % k)) * random.normal();
}
const begun = withCovarianceEach(
  fitGaussianClasses(
    { x, observed: full, weights: y, count },
    { width: d, classes: k, shrink: 0, prior: "counts" },
  ),
);
const own = { pooled: 0, diagonal: 0 };

test("with one covariance they are the linear discriminant, gaps or none", () => {
  const gappy = full.map((_, at) => (at % 5 === 0 ? 0 : 1));
  const tied = fitGaussianClasses(
    { x, observed: gappy, weights: y, count },
    { width: d, classes: k, shrink: 0.01, prior: "counts" },
  );
  const found = logJoints(withCovarianceEach(tied), { x, observed: gappy, count });
  logJoint(tied, x, gappy, count).forEach((value, at) => expect(found[at]).toBeCloseTo(value, 9));
});

test("moments of complete rows are the sample's", () => {
  const { means, covariances } = expectedMoments(begun, { x, observed: full, count }, y);
  const values = [...Array(count).keys()].filter((n) => n % k === 1).map((n) => x[n * d + 2] ?? 0);
  const mean = values.reduce((a, b) => a + b) / values.length;
  expect(means[1 * d + 2]).toBeCloseTo(mean, 12);
  expect(covariances[(1 * d + 2) * d + 2]).toBeCloseTo(
    values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length,
    12,
  );
});

test("what is missing comes in by regression: two of three inputs missing wherever the first is small changes no slope", () => {
  // Missing at random, not completely: means of what is there are biased, the expectation is not.
  const observed = full.map((_, at) => (at % d !== 0 && (x[at - (at % d)] ?? 0) < 0 ? 0 : 1));
  let model: NormalClasses = begun;
  for (let round = 0; round < 60; round += 1)
    model = fromMoments(expectedMoments(model, { x, observed, count }, y), own, d);
  const complete = fromMoments(expectedMoments(begun, { x, observed: full, count }, y), own, d);
  let naive = 0;
  let seen = 0;
  for (let n = 0; n < count; n += 2) {
    if (observed[n * d + 1] !== 1) continue;
    naive += x[n * d + 1] ?? 0;
    seen += 1;
  }
  expect(Math.abs((model.means[1] ?? 0) - (complete.means[1] ?? 0))).toBeLessThan(0.1);
  expect(Math.abs(naive / seen - (complete.means[1] ?? 0))).toBeGreaterThan(0.5);
});
