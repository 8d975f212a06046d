import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { softmaxRows } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import {
  fitGaussianClasses,
  logJoint,
  posteriors,
  tiedWeights,
  type GaussianClasses,
} from "./gaussian-classes.ts";

function randomClasses(width: number, classes: number, seed: number): GaussianClasses {
  const random = seededRandom(seed);
  const draw = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
  const root = draw(width * width);
  const covariance = Float64Array.from({ length: width * width }, (_, at) => {
    const [i, j] = [Math.floor(at / width), at % width];
    let sum = i === j ? 0.5 : 0;
    for (let k = 0; k < width; k += 1)
      sum += (root[i * width + k] as number) * (root[j * width + k] as number);
    return sum;
  });
  const prior = softmaxRows(draw(classes), classes);
  return { width, classes, means: draw(width * classes), covariance, logPrior: prior.map(Math.log) };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, v, i) => Math.max(worst, Math.abs(v - (b[i] as number))), 0);

describe("classes as normals with one covariance", () => {
  test("the softmax of the tied weights is the Bayes posterior within 1e-12", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 2, max: 5 }),
        fc.nat(1e6),
        (d, k, seed) => {
          const model = randomClasses(d, k, seed);
          const random = seededRandom(seed, 1);
          const x = Float64Array.from({ length: 4 * d }, () => random.normal());
          const { weights, biases } = tiedWeights(model);
          const logits = Float64Array.from({ length: 4 * k }, (_, at) => {
            const [n, c] = [Math.floor(at / k), at % k];
            let sum = biases[c] as number;
            for (let i = 0; i < d; i += 1) sum += (weights[c * d + i] as number) * (x[n * d + i] as number);
            return sum;
          });
          const bayes = posteriors(logJoint(model, x, undefined, 4), k).probabilities;
          // Rounding grows with the size of the logits, which cancel in the softmax.
          const size = Math.max(1, ...logits.map(Math.abs));
          expect(largest(softmaxRows(logits, k), bayes)).toBeLessThanOrEqual(1e-12 * size);
        },
      ),
    );
  });

  test("inputs seldom observed together still give a covariance with a density", () => {
    // Each pair is seen in other rows, and says something else: 1 and 2 agree, 2 and 3 agree, 1 and 3 are opposed.
    const signs = [
      [1, 1, undefined],
      [undefined, 1, 1],
      [1, undefined, -1],
    ];
    const rows = [1, -1].flatMap((way) => signs.map((row) => row.map((one) => (one ?? 0) * way)));
    const x = rows.flat();
    const observed = [...signs, ...signs].flat().map((one) => (one === undefined ? 0 : 1));
    const weights = rows.flatMap(() => [1]);
    const fitted = fitGaussianClasses(
      { x, observed, weights, count: rows.length },
      { width: 3, classes: 1, shrink: 0.01, prior: "uniform" },
    );
    const joint = logJoint(fitted, x, undefined, rows.length);
    expect([...joint].every(Number.isFinite)).toBe(true);
  });

  test("one input follows the normal density by hand", () => {
    const model: GaussianClasses = {
      width: 1,
      classes: 2,
      means: Float64Array.of(0, 2),
      covariance: Float64Array.of(4),
      logPrior: Float64Array.of(Math.log(0.25), Math.log(0.75)),
    };
    const density = (x: number, mean: number): number =>
      Math.exp(-((x - mean) ** 2) / 8) / Math.sqrt(2 * Math.PI * 4);
    const joint = logJoint(model, [1.5], undefined, 1);
    expect(joint[0]).toBeCloseTo(Math.log(0.25 * density(1.5, 0)), 12);
    expect(joint[1]).toBeCloseTo(Math.log(0.75 * density(1.5, 2)), 12);
  });

  test("hidden entries leave the marginal: what lies behind the mask cannot matter, and no entry at all is the prior", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.uint8Array({ minLength: 3, maxLength: 3, max: 1 }), (seed, mask) => {
        const model = randomClasses(3, 3, seed);
        const random = seededRandom(seed, 1);
        const x = Float64Array.from({ length: 3 }, () => random.normal());
        const spoiled = x.map((v, i) => (mask[i] === 1 ? v : Number.NaN));
        const found = logJoint(model, spoiled, mask, 1);
        expect(found).toEqual(logJoint(model, x, mask, 1));
        const kept = [0, 1, 2].filter((i) => mask[i] === 1);
        const marginal: GaussianClasses = {
          ...model,
          width: kept.length,
          means: Float64Array.from(
            [0, 1, 2].flatMap((c) => kept.map((i) => model.means[c * 3 + i] as number)),
          ),
          covariance: Float64Array.from(
            kept.flatMap((i) => kept.map((j) => model.covariance[i * 3 + j] as number)),
          ),
        };
        const wanted = logJoint(
          marginal,
          Float64Array.from(kept, (i) => x[i] as number),
          undefined,
          1,
        );
        expect(largest(found, wanted)).toBeLessThan(1e-10);
        if (kept.length === 0) expect(largest(found, model.logPrior)).toBeLessThan(1e-12);
      }),
    );
  });

  test("means, covariance and prior of plain labels are the usual ones", () => {
    const fitted = fitGaussianClasses(
      { x: [0, 0, 2, 2, 5, 5, 7, 9], weights: [1, 0, 1, 0, 0, 1, 0, 1], count: 4 },
      { width: 2, classes: 2, shrink: 0, prior: "counts" },
    );
    expect([...fitted.means]).toEqual([1, 1, 6, 7]);
    expect([...fitted.covariance]).toEqual([1, 1.5, 1.5, 2.5]);
    expect([...fitted.logPrior]).toEqual([Math.log(0.5), Math.log(0.5)]);
  });

  test("unobserved entries and unlabelled rows count for nothing", () => {
    const options = { width: 1, classes: 2, shrink: 0, prior: "counts" as const };
    const whole = fitGaussianClasses(
      { x: [1, 3, 8, 9], weights: [1, 0, 1, 0, 0, 1, 0, 1], count: 4 },
      options,
    );
    const more = fitGaussianClasses(
      {
        x: [1, 3, 8, 9, 1000, 5],
        observed: [1, 1, 1, 1, 0, 1],
        weights: [1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0],
        count: 6,
      },
      options,
    );
    expect(more.means).toEqual(whole.means);
    expect(largest(more.covariance, whole.covariance)).toBeLessThan(1e-12);
  });
});

/** N((−2, 0), I) against N((2, 0), I): only the first input tells them apart. */
describe("two classes apart in the first input only", () => {
  const model: GaussianClasses = {
    width: 2,
    classes: 2,
    means: Float64Array.of(-2, 0, 2, 0),
    covariance: Float64Array.of(1, 0, 0, 1),
    logPrior: Float64Array.of(Math.log(0.5), Math.log(0.5)),
  };
  const random = seededRandom(7);
  const count = 4000;
  const x = Float64Array.from({ length: 2 * count }, (_, at) => {
    const centre = at % 2 === 1 ? 0 : Math.floor(at / 2) % 2 === 0 ? -2 : 2;
    return centre + random.normal();
  });
  const judge = (observed: readonly [number, number]): { accuracy: number; confidence: number } => {
    const mask = Uint8Array.from({ length: 2 * count }, (_, at) => observed[at % 2] as number);
    const { probabilities } = posteriors(logJoint(model, x, mask, count), 2);
    let right = 0;
    let confidence = 0;
    for (let n = 0; n < count; n += 1) {
      const [a, b] = [probabilities[2 * n] as number, probabilities[2 * n + 1] as number];
      right += (b > a ? 1 : 0) === n % 2 ? 1 : 0;
      confidence += Math.max(a, b);
    }
    return { accuracy: right / count, confidence: confidence / count };
  };

  test("without the second input accuracy is that of the one-dimensional Bayes rule, 97.7 %", () => {
    const rule = Array.from({ length: count }, (_, n): number => ((x[2 * n] as number) > 0 ? 1 : 0));
    const bayes = rule.filter((c, n) => c === n % 2).length / count;
    expect(Math.abs(judge([1, 0]).accuracy - bayes)).toBeLessThan(0.005);
    expect(Math.abs(bayes - 0.977)).toBeLessThan(0.01);
  });

  test("without the first input it knows that it does not know", () => {
    const { accuracy, confidence } = judge([0, 1]);
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.03);
    expect(confidence).toBeLessThanOrEqual(0.55);
  });
});
