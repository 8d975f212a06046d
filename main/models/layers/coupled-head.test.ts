import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import {
  add,
  matMul,
  softmax,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logJoint, tiedWeights, type GaussianClasses } from "../distributions/gaussian-classes.ts";
import { seededRandom } from "../random.ts";
import {
  GENERATIVE_SCALE,
  couplingPenalty,
  generativeHead,
  generativeLogJoint,
  generativeLogProb,
  jitterPenalty,
} from "./coupled-head.ts";

const [k, d] = [3, 2];

/** One random head, and the same classes in float64. Σ = (L Lᵀ)⁻¹ with L = [[a, 0], [b, c]]. */
function randomHead(seed: number) {
  const random = seededRandom(seed);
  const means = Array.from({ length: k * d }, () => random.normal());
  const weights = Array.from({ length: k }, () => random.normal());
  const [p, q, b] = [0.5 * random.normal(), 0.5 * random.normal(), random.normal()] as const;
  const stored = (values: readonly number[]): number[] => values.map((v) => v / GENERATIVE_SCALE);
  const head = generativeHead({
    means: tensor2d(stored(means), [k, d]),
    weights: tensor1d(stored(weights)),
    logDiagonal: tensor1d(stored([p, q])),
    below: tensor2d(stored([9, 9, b, 9]), [d, d]), // only the part below the diagonal is used
  });
  const [a, c] = [Math.exp(p), Math.exp(q)];
  const determinant = (a * c) ** 2;
  const total = Math.log(weights.reduce((sum, w) => sum + Math.exp(w), 0));
  const classes: GaussianClasses = {
    width: d,
    classes: k,
    means: Float64Array.from(means),
    covariance: Float64Array.of(b * b + c * c, -a * b, -a * b, a * a).map((v) => v / determinant),
    logPrior: Float64Array.from(weights, (w) => w - total),
  };
  return { head, classes };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, v, i) => Math.max(worst, Math.abs(v - (b[i] as number))), 0);

describe("the Gaussian-coupled head", () => {
  test("gives ln π N(h; μ, Σ) as float64 arithmetic does", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        tidy(() => {
          const { head, classes } = randomHead(seed);
          const random = seededRandom(seed, 1);
          const h = Float32Array.from({ length: 4 * d }, () => random.normal());
          const wanted = logJoint(classes, h, undefined, 4);
          const size = Math.max(1, ...wanted.map(Math.abs));
          expect(largest(generativeLogJoint(head, tensor2d(h, [4, d])).dataSync(), wanted)).toBeLessThan(
            2e-5 * size,
          );
        });
      }),
      { numRuns: 40 },
    );
  });

  test("labelled rows count ln π N of their class, unlabelled rows the sum over classes", () => {
    tidy(() => {
      const { head, classes } = randomHead(3);
      const h = Float32Array.of(0.3, -0.7, 0.3, -0.7, 0.3, -0.7);
      const joint = logJoint(classes, h, undefined, 1);
      const y = tensor2d([0, 1, 0, 0, 0, 0, 0.5, 0, 0.5], [3, k]);
      const found = generativeLogProb(head, tensor2d(h, [3, d]), y).dataSync();
      expect(found[0]).toBeCloseTo(joint[1] as number, 4);
      expect(found[1]).toBeCloseTo(Math.log(joint.reduce((sum, v) => sum + Math.exp(v), 0)), 4);
      expect(found[2]).toBeCloseTo(((joint[0] as number) + (joint[2] as number)) / 2, 4);
    });
  });

  test("is not penalised exactly where the classifier is the Bayes posterior, up to a common shift", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        tidy(() => {
          const { head, classes } = randomHead(seed);
          const random = seededRandom(seed, 1);
          const { weights, biases } = tiedWeights(classes);
          const size = Math.max(1, ...weights.map(Math.abs), ...biases.map(Math.abs));
          const w = tensor2d([...weights], [k, d]);
          const b = tensor2d([...biases], [1, k]);
          const penaltyOf = (x: Tensor, y: Tensor): number =>
            couplingPenalty(head, x as Tensor2D, y as Tensor2D).dataSync()[0] as number;
          const tolerance = 1e-9 * size ** 2;
          expect(penaltyOf(w, b)).toBeLessThan(tolerance);
          const shift = tensor([random.normal(), random.normal()], [1, d]);
          expect(penaltyOf(add(w, shift), add(b, random.normal()))).toBeLessThan(tolerance + 1e-9);
          // One class alone moved by 1 in one weight: what is left after the class mean is 1 − 1/k.
          const alone = tensor2d([1, 0, 0, 0, 0, 0], [k, d]);
          expect(Math.abs(penaltyOf(add(w, alone), b) - (1 - 1 / k))).toBeLessThan(1e-5 * size);
        });
      }),
      { numRuns: 40 },
    );
  });

  test("with tied weights the classifier's probabilities are the density's posterior", () => {
    tidy(() => {
      const { head, classes } = randomHead(8);
      const { weights, biases } = tiedWeights(classes);
      const h = tensor2d([0.1, 0.2, -1, 0.5], [2, d]);
      const logits = add(matMul(h, tensor2d([...weights], [k, d]), false, true), tensor1d([...biases]));
      expect(
        largest(softmax(logits).dataSync(), softmax(generativeLogJoint(head, h)).dataSync()),
      ).toBeLessThan(1e-5);
    });
  });

  test("a jitter costs half its variance times the squared norm of L", () => {
    tidy(() => {
      const head = generativeHead({
        means: tensor2d([0, 0, 0, 0], [2, 2]),
        weights: tensor1d([0, 0]),
        logDiagonal: tensor1d([Math.log(2) / GENERATIVE_SCALE, 0]),
        below: tensor2d([0, 0, 3 / GENERATIVE_SCALE, 0], [2, 2]),
      });
      expect(jitterPenalty(head, 0.1).dataSync()[0]).toBeCloseTo(0.05 * (4 + 9 + 1), 5);
    });
  });
});
