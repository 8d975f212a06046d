import { oneHot, tensor1d, tidy } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lawBatch } from "../../models/laws.ts";
import { estimators } from "../../models/estimators.ts";
import { inOrder, namedTensors, specsOf } from "../../compute/parameters.ts";
import { onnxRuntime } from "../../compute/onnx/runtime.ts";
import { distance } from "../../compute/self-check/op-battery.ts";
import { referenceRuntime } from "../../compute/self-check/reference.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { gradientError } from "../../compute/self-check/self-check.ts";
import type { Tested } from "../../compute/self-check/self-check.ts";
import { trained } from "../../compute/self-check/workloads.shared.ts";

/** Not Adam, which makes a whole step out of a gradient that is nothing but rounding. */
const training = { steps: 12, rate: 1e-4, kind: "sgd" } as const;
const batch = lawBatch(12, 5, 3);

/** An estimator's loss on a batch with gaps, unlabelled rows and one that only fills it. */
function tested(entry: (typeof estimators)[number]): Tested {
  const { rows, features, classes } = batch;
  const model = entry.build({ features, classes, labelledCount: 9 });
  const { parameters } = model;
  const spec = (columns: number) => ({ shape: [rows, columns], dtype: "float32" as const });
  const y = tidy(() => Float32Array.from(oneHot(tensor1d([...batch.labels], "int32"), classes).dataSync()));
  return {
    specs: specsOf(parameters),
    values: inOrder(parameters, model.init(3)),
    feedSpecs: [spec(features), spec(features), spec(classes), spec(1)],
    feeds: [
      batch.x.map((value, index) => (batch.observed[index] === 1 ? value : 0)),
      batch.observed,
      y,
      new Float32Array(rows).fill(1).fill(0, rows - 1),
    ],
    loss: (params: readonly Tensor[], feeds: readonly Tensor[]): Scalar => {
      const [x, observed, labels, weight] = feeds as Tensor2D[];
      const own = namedTensors(parameters, params);
      return model.loss(own, { x: x!, observed: observed!, y: labels!, weight: weight! });
    },
  };
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

describe.each(estimators)("$name, recorded for ONNX Runtime", (entry) => {
  test("has the reference's loss and gradients", async () => {
    expect(await gradientError(runtime, tested(entry))).toBeLessThan(1e-5);
  });

  test(`comes to the reference's parameters after ${training.steps} steps`, async () => {
    const [actual, expected] = [
      await trained(runtime, tested(entry), training),
      await trained(referenceRuntime(), tested(entry), training),
    ];
    expect(distance(actual.losses, expected.losses)).toBeLessThan(1e-5);
    expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0]!);
    const [parameters, start] = [expected.state[0]!, tested(entry).values.flatMap((one) => [...one])];
    expect(distance(parameters, start)).toBeGreaterThan(2e-4); // they did move
    expect(distance(actual.state[0]!, parameters)).toBeLessThan(1e-5);
  });
});
