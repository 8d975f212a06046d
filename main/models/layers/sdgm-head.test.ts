import "@tensorflow/tfjs-backend-cpu";
import {
  add,
  fill,
  matMul,
  softmax,
  tensor1d,
  tensor2d,
  type Rank,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { monomialCount, monomialsOf } from "../sdgm/monomials.ts";
import { divergence, headLogits, headLogProb, headWidth, monomialsOfRows, sparseMeans } from "./sdgm-head.ts";

const random = seededRandom(1);
const normals = (rows: number, columns: number, scale = 1): Tensor2D =>
  tensor2d(
    Float32Array.from({ length: rows * columns }, () => scale * random.normal()),
    [rows, columns],
  );

describe("the mixture as a last layer", () => {
  const shape = { features: 3, classes: 2, each: 2, form: "quadratic" } as const;
  const width = headWidth(shape);
  const h = normals(6, 3);

  test.each(["diagonal", "quadratic"] as const)("has the monomials of the stand-alone method: %s", (form) => {
    const size = monomialCount(form, 3);
    const own = new Float64Array(6 * size);
    const x = h.dataSync();
    for (let n = 0; n < 6; n += 1) monomialsOf(form, x, { at: 3 * n, width: 3 }, own, n * size);
    const found = monomialsOfRows(form, h).dataSync();
    own.filter((_, at) => at % size > 0).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
  });

  test("with one component a class is a softmax over quadratic features", () => {
    const one = { ...shape, each: 1 };
    const means = normals(2, width);
    const head = {
      means,
      logVariances: fill<Rank.R2>([2, width], -12),
      biases: tensor1d([0.3, -0.2]),
    };
    const phi = monomialsOfRows("quadratic", h);
    const plain = softmax(add(matMul(phi, means, false, true), head.biases)).dataSync();
    softmax(headLogits(head, one, h))
      .dataSync()
      .forEach((p, i) => expect(p).toBeCloseTo(plain[i] ?? 0, 5));
  });

  test("its loss lies above what drawn noise costs, and at that of the means where there is none", () => {
    const means = normals(4, width, 0.7);
    const y = tensor2d([1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0], [6, 2]);
    const biases = tensor1d([0, 0.1, -0.1, 0.2]);
    const costOf = (head: Parameters<typeof headLogProb>[0]): Float32Array =>
      Float32Array.from(headLogProb(head, shape, h, { y }).dataSync(), (value) => -value);
    const quiet = tensor2d(new Float32Array(4 * width).fill(-40), [4, width]);
    const logVariances = tensor2d(new Float32Array(4 * width).fill(-1.5), [4, width]);
    const bound = costOf({ means, logVariances, biases });
    const drawn = new Float64Array(6);
    const draws = 400;
    for (let s = 0; s < draws; s += 1) {
      const noisy = add<Tensor2D>(means, normals(4, width, Math.exp(-0.75)));
      costOf({ means: noisy, logVariances: quiet, biases }).forEach(
        (cost, n) => (drawn[n] = (drawn[n] ?? 0) + cost / draws),
      );
    }
    const still = costOf({ means, logVariances: quiet, biases });
    const logits = headLogits({ means, logVariances: quiet, biases }, shape, h).dataSync();
    bound.forEach((cost, n) => {
      expect(cost).toBeGreaterThanOrEqual((drawn[n] ?? 0) - 0.15);
      const label = n === 4 ? undefined : (y.dataSync()[2 * n] ?? 0) === 1 ? 0 : 1;
      const [a = 0, b = 0] = [logits[2 * n], logits[2 * n + 1]];
      if (label === undefined) expect(cost).toBeCloseTo(0, 6);
      else expect(still[n]).toBeCloseTo(Math.log1p(Math.exp(label === 0 ? b - a : a - b)), 4);
    });
  });

  test("a weight of which hardly anything is known is 0", () => {
    const head = {
      means: tensor2d([0.5, 0.01], [1, 2]),
      logVariances: tensor2d([-4, -4], [1, 2]),
      biases: tensor1d([0]),
    };
    expect([...sparseMeans(head).dataSync()]).toEqual([0.5, 0]);
  });

  test("the divergence is that of its table and falls with ln α", () => {
    const found = divergence(tensor2d([-10, 0, 3], [1, 3])).dataSync();
    [5.635781, 0.431239, 0.02542].forEach((wanted, i) => expect(found[i]).toBeCloseTo(wanted, 5));
  });
});
