import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { add, tensor, tensor2d, tidy, valueAndGrads, type Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coupledLinear } from "./coupled-linear.ts";
import type { Batch, Estimator } from "../estimator.ts";
import { namedTensors } from "../../compute/parameters.ts";
import { seededRandom } from "../random.ts";

const [d, k, n] = [3, 3, 8];

function batchOf(seed: number): Batch {
  const random = seededRandom(seed);
  const y = Float32Array.from({ length: n * k }, (_, at) =>
    Math.floor(at / k) < 5 && at % k === Math.floor(at / k) % k ? 1 : 0,
  );
  return {
    x: tensor2d(
      Float32Array.from({ length: n * d }, () => random.normal()),
      [n, d],
    ),
    observed: tensor2d(new Float32Array(n * d).fill(1), [n, d]),
    y: tensor2d(y, [n, k]),
    weight: tensor2d(new Float32Array(n).fill(1), [n, 1]),
  };
}

function paramsOf(model: Estimator<unknown>, seed: number, by = 0.05): Tensor[] {
  const random = seededRandom(seed, 1);
  return Object.values(model.init(0)).map(({ shape, values }) =>
    tensor(
      values.map((v) => v + by * random.normal()),
      [...shape],
    ),
  );
}

const lossOf = (model: Estimator<unknown>, params: readonly Tensor[], batch: Batch): number =>
  model.loss(namedTensors(model.parameters, params), batch).dataSync()[0] as number;

describe("the coupled classifier on the inputs themselves", () => {
  test("does not see a shift that all classes share", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        tidy(() => {
          const model = coupledLinear({ features: d, classes: k, labelledCount: 5 });
          const params = paramsOf(model, seed);
          const batch = batchOf(seed);
          const random = seededRandom(seed, 2);
          const byInput = tensor2d(
            Array.from({ length: d }, () => random.normal()),
            [d, 1],
          );
          const shifted = params.map((p, i) =>
            i === 0 ? add(p, byInput) : i === 1 ? add(p, random.normal()) : p,
          );
          const plain = lossOf(model, params, batch);
          expect(Math.abs(lossOf(model, shifted, batch) - plain)).toBeLessThan(1e-4 * (1 + Math.abs(plain)));
          // The loss is convex in a bias: moved up or down by 3, one class alone makes it rise by more than rounding.
          const moved = [3, -3].map((by) =>
            lossOf(
              model,
              params.map((p, i) => (i === 1 ? add(p, tensor([by, 0, 0])) : p)),
              batch,
            ),
          );
          expect((moved[0] as number) + (moved[1] as number) - 2 * plain).toBeGreaterThan(0.1);
        });
      }),
      { numRuns: 30 },
    );
  });

  test("is softmax regression where the coupling is loose and the density weighs nothing", () => {
    tidy(() => {
      const loose = coupledLinear({ features: d, classes: k, generativeWeight: 1e-9, couplingVariance: 1e8 });
      const logistic = coupledLinear({ features: d, classes: k, generativeWeight: 0 });
      const params = paramsOf(loose, 4);
      const batch = batchOf(4);
      const a = valueAndGrads((...p: Tensor[]) => loose.loss(namedTensors(loose.parameters, p), batch))(
        params,
      );
      const b = valueAndGrads((...p: Tensor[]) => logistic.loss(namedTensors(logistic.parameters, p), batch))(
        params.slice(0, 2),
      );
      expect(a.value.dataSync()[0]).toBeCloseTo(b.value.dataSync()[0] as number, 5);
      for (const i of [0, 1]) {
        const [x, y] = [a.grads[i]?.dataSync() as Float32Array, b.grads[i]?.dataSync() as Float32Array];
        x.forEach((v, at) => expect(Math.abs(v - (y[at] as number))).toBeLessThan(1e-5));
      }
    });
  });

  test("the loss of softmax regression is the mean negative log likelihood of the labelled rows", () => {
    tidy(() => {
      const model = coupledLinear({ features: d, classes: k, generativeWeight: 0 });
      expect(model.name).toBe("logistic");
      expect(lossOf(model, paramsOf(model, 0, 0), batchOf(1))).toBeCloseTo(Math.log(k), 6);
    });
  });

  test("its density starts at the class means it is given", () => {
    tidy(() => {
      const model = coupledLinear({ features: 1, classes: 2, classMeans: [-1, 3], inputSd: 2 });
      const params = namedTensors(model.parameters, paramsOf(model, 0, 0));
      const { logDensity } = model.forward(params, tensor2d([1], [1, 1]), tensor2d([1], [1, 1]));
      const normal = (mean: number): number => Math.exp(-((1 - mean) ** 2) / 8) / Math.sqrt(8 * Math.PI);
      expect(logDensity.dataSync()[0]).toBeCloseTo(Math.log(0.5 * normal(-1) + 0.5 * normal(3)), 5);
    });
  });
});
