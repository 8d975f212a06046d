import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import {
  concat,
  tensor,
  tensor2d,
  tidy,
  valueAndGrads,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { Batch } from "../estimator.ts";
import { identityCoupled, networkShape, type IdentityCoupledConfig } from "./identity-coupled.ts";
import { type NamedTensors, namedTensors } from "../../compute/parameters.ts";
import { seededRandom } from "../random.ts";

const [d, k] = [4, 3];
const cases = [
  ["of 2 layers", { layers: 2 }],
  ["of 50 layers", { layers: 50 }],
  ["without mask inputs", { maskInputs: false }],
  ["on a bracelet", { ring: { electrodes: d, blocks: 1 } }],
  ["without a density", { generativeWeight: 0 }],
] as const;

type Model = ReturnType<typeof identityCoupled>;
const modelOf = (change: Partial<IdentityCoupledConfig>): Model =>
  identityCoupled({ features: d, classes: k, layers: 4, labelledCount: 3, ...change });

const tensorsOf = (model: Model, by = 0): Tensor[] => {
  const random = seededRandom(5);
  return Object.values(model.init(0)).map(({ shape, values }) =>
    tensor(
      values.map((v) => v + by * random.normal()),
      [...shape],
    ),
  );
};
const paramsOf = (model: Model, by = 0): NamedTensors => namedTensors(model.parameters, tensorsOf(model, by));

/** Windows within [−1, 1], one sample in four unobserved; those from `labelled` on have no label. */
function batchOf(rows: number, labelled: number, seed: number): Batch {
  const random = seededRandom(seed);
  const observed = Float32Array.from({ length: rows * d }, () => (random.next() < 0.75 ? 1 : 0));
  return {
    x: tensor2d(
      observed.map((seen) => (seen === 1 ? 2 * random.next() - 1 : 0)),
      [rows, d],
    ),
    observed: tensor2d(observed, [rows, d]),
    y: tensor2d(
      Float32Array.from({ length: rows * k }, (_, at) =>
        Math.floor(at / k) < labelled && at % k === Math.floor(at / k) % k ? 1 : 0,
      ),
      [rows, k],
    ),
    weight: tensor2d(new Float32Array(rows).fill(1), [rows, 1]),
  };
}

describe.each(cases)("a network %s at its start", (_name, change) => {
  test("passes every window on unchanged through all layers and prefers no class", () => {
    tidy(() => {
      const model = modelOf(change);
      const { x, observed } = batchOf(6, 0, 1);
      const { logits, hidden } = model.forward(paramsOf(model), x, observed);
      const width = networkShape(model.config).features;
      expect(hidden).toHaveLength(model.config.layers);
      const first = hidden[0]?.dataSync() as Float32Array;
      for (let n = 0; n < 6; n += 1)
        expect(first.subarray(n * width, n * width + d)).toEqual(x.dataSync().subarray(n * d, (n + 1) * d));
      const clipped = first.map((v) => Math.max(-1, Math.min(1, v)));
      hidden.slice(1).forEach((state) => {
        const all = state.dataSync() as Float32Array;
        for (let n = 0; n < 6; n += 1) {
          const row = all.subarray(n * (width + k), (n + 1) * (width + k));
          expect(row.subarray(0, width)).toEqual(clipped.subarray(n * width, (n + 1) * width));
          expect([...row.subarray(width)]).toEqual([0, 0, 0]);
        }
      });
      expect(logits.dataSync().every((v) => v === 0)).toBe(true);
    });
  });
});

describe("windows without a label", () => {
  const labelled = batchOf(3, 3, 1);
  const others = batchOf(5, 0, 2);
  const join = (a: Tensor2D, b: Tensor2D): Tensor2D => concat([a, b]);
  const both: Batch = {
    x: join(labelled.x, others.x),
    observed: join(labelled.observed, others.observed),
    y: join(labelled.y, others.y),
    weight: join(labelled.weight, others.weight),
  };
  const gradientsOf = (model: Model, batch: Batch): readonly Tensor[] =>
    valueAndGrads((...p: Tensor[]) => model.loss(namedTensors(model.parameters, p), batch))(
      tensorsOf(model, 0.05),
    ).grads;
  const apart = (a: Tensor, b: Tensor): number =>
    Math.max(...(a.dataSync() as Float32Array).map((v, i) => Math.abs(v - (b.dataSync()[i] as number))));

  test("move the density alone: the network hears of them through the coupling only", () => {
    tidy(() => {
      const model = modelOf({ generativeWeight: 10 });
      const [without, withThem] = [gradientsOf(model, labelled), gradientsOf(model, both)];
      const names = [...model.parameters.keys()];
      expect(model.held).toEqual(names.filter((name) => !name.startsWith("density.")));
      without.forEach((gradient, i) => {
        const [name, difference] = [names[i], apart(gradient, withThem[i] as Tensor)];
        if (model.held?.includes(name as string)) expect(difference, name).toBeLessThan(1e-6);
        else expect(difference, name).toBeGreaterThan(1e-3);
      });
    });
  });

  test("mean nothing to a network without a density", () => {
    tidy(() => {
      const model = modelOf({ generativeWeight: 0 });
      expect(model.held).toEqual([]);
      const [without, withThem] = [gradientsOf(model, labelled), gradientsOf(model, both)];
      without.forEach((gradient, i) => expect(apart(gradient, withThem[i] as Tensor)).toBeLessThan(1e-6));
    });
  });
});

test("the coupling counts once for all labelled windows, and less the looser it is", () => {
  tidy(() => {
    const batch = batchOf(6, 4, 3);
    const lossOf = (couplingVariance: number, labelledCount: number): number => {
      const model = modelOf({ couplingVariance, labelledCount });
      return model.loss(paramsOf(model, 0.05), batch).dataSync()[0] as number;
    };
    const uncoupled = lossOf(1e12, 1);
    const penalty = lossOf(1, 1) - uncoupled;
    expect(penalty).toBeGreaterThan(1);
    expect((lossOf(1, 40) - uncoupled) / penalty).toBeCloseTo(1 / 40, 3);
    expect((lossOf(40, 1) - uncoupled) / penalty).toBeCloseTo(1 / 40, 3);
  });
});
