import { afterAll, beforeAll, expect, test } from "vitest";
import { sizeOf } from "../../../compute/feeds.ts";
import { onnxRuntime } from "../../../compute/onnx/runtime.ts";
import { inOrder, specsOf } from "../../../compute/parameters.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { seeded } from "../../../compute/seeded.ts";
import { gradientError } from "../../../compute/self-check/self-check.ts";
import { networkOf } from "./evaluate.ts";
import { forksOf, logDensityOf, varianceParts } from "./mixture.ts";
import { batchSpecs, forkLoss, forkPredict } from "./network.ts";
import { type ForkShape, initialParameters, parameterShapes } from "./shape.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const shapes: readonly ForkShape[] = [
  {
    ...{ inputs: 3, hidden: 4, classes: 3, components: 2, horizons: 4, dims: 2, head: 6 },
    ...{ seesInputs: false, squash: "relu", weights: "path", firstSpread: [0, 0] },
    leastSpread: [-4, -4, -4, -4],
  },
  {
    ...{ inputs: 3, hidden: 4, classes: 3, components: 2, horizons: 4, dims: 1, head: 6 },
    ...{ seesInputs: true, squash: "tanh", weights: "horizon", firstSpread: [-1, 0.5] },
    leastSpread: [-2, -2, -3, -3],
  },
  {
    ...{ inputs: 2, hidden: 3, classes: 1, components: 3, horizons: 2, dims: 1, head: 4 },
    ...{ seesInputs: false, squash: "tanh", weights: "path", firstSpread: [0, 0], leastSpread: [-4, -4] },
  },
];
const [time, rows] = [7, 3];
const size = { time, rows, origins: 5, unlabelled: 4 };

test.each(shapes)(
  "recorded gradients of $dims dimensions and $classes classes are those op by op",
  async (shape) => {
    const random = seeded(5);
    const specs = batchSpecs(shape, size);
    const feeds = specs.map((spec) => {
      const count = sizeOf(spec.shape);
      if (spec.dtype === "int32")
        return Int32Array.from({ length: count }, () => Math.floor(random.uniform() * time * rows));
      return spec.shape.length === 3
        ? random.normals(count)
        : Float32Array.from({ length: count }, () => random.uniform() / 4);
    });
    const parameters = parameterShapes(shape);
    const error = await gradientError(runtime, {
      ...{ loss: forkLoss(shape, size), specs: specsOf(parameters) },
      values: inOrder(parameters, initialParameters(shape, 1)),
      ...{ feedSpecs: specs, feeds },
    });
    expect(error).toBeLessThan(1e-4);
  },
);

test.each(shapes)(
  "what is recorded for $dims dimensions and $classes classes says what is computed step by step",
  async (shape) => {
    const parameters = initialParameters(shape, 3);
    const named = parameterShapes(shape);
    const predict = await runtime.compilePredict(forkPredict(shape), specsOf(named), [
      { shape: [time, rows, shape.inputs], dtype: "float32" },
      { shape: [time * rows], dtype: "int32" },
    ]);
    await predict.write(inOrder(named, parameters));
    const x = seeded(4).normals(time * rows * shape.inputs);
    const found = forksOf(
      shape,
      await predict.run([x, Int32Array.from({ length: time * rows }, (_, i) => i)]),
    );
    await predict.dispose();
    const network = networkOf(shape, parameters);
    for (let row = 0; row < rows; row += 1) {
      let memory = network.start;
      for (let t = 0; t < time; t += 1) {
        const at = (t * rows + row) * shape.inputs;
        const own = x.slice(at, at + shape.inputs);
        memory = network.step(memory, own);
        const [recorded, plain] = [found[t * rows + row], network.fork(memory, own)];
        if (recorded === undefined) expect.fail("no fork");
        const target = [0.3, -0.2].slice(0, shape.dims);
        for (let h = 0; h < shape.horizons; h += 1)
          expect(logDensityOf(recorded, h, target)).toBeCloseTo(logDensityOf(plain, h, target), 4);
      }
    }
  },
);

test("noise, fork and disagreement add up to the variance of the whole mixture", () => {
  const shape = shapes[1];
  if (shape === undefined) expect.fail("no shape");
  const members = [1, 2].map((seed) => {
    const network = networkOf(shape, initialParameters(shape, seed));
    return network.fork(network.step(network.start, [1, 2, 3]), [1, 2, 3]);
  });
  const each = members.flatMap(({ probability, futures }) =>
    futures.flatMap(({ share, means, spreads }, c) =>
      [0, 1].map((k) => {
        const i = k * shape.horizons + 1;
        const weight = ((probability[c] ?? 0) * (share[i] ?? 0)) / members.length;
        return { weight, mean: means[0]?.[i] ?? 0, spread: spreads[0]?.[i] ?? 0 };
      }),
    ),
  );
  const mean = each.reduce((sum, one) => sum + one.weight * one.mean, 0);
  const square = each.reduce((sum, one) => sum + one.weight * (one.mean ** 2 + one.spread ** 2), 0);
  const { noise, fork, model } = varianceParts(members, 1);
  expect(noise + fork + model).toBeCloseTo(square - mean * mean, 10);
  expect(Math.min(noise, fork, model)).toBeGreaterThan(0);
});
