import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences, distance, evaluate, inputsOf } from "../self-check/op-battery.ts";
import { opCases } from "../self-check/op-cases.ts";
import { recordedKernels } from "../recorder.ts";
import { referenceRuntime } from "../self-check/reference.ts";
import type { Runtime } from "../runtime.ts";
import { skipWithout } from "./testing.ts";
import { tensorflowDialect, tensorflowRuntime } from "./runtime.ts";

const reference = referenceRuntime();

describe.skipIf(skipWithout("the op battery"))(
  "an op recorded for libtensorflow equals TensorFlow.js, forward and backward",
  () => {
    let tensorflow: Runtime;
    beforeAll(async () => {
      tensorflow = await tensorflowRuntime({ threads: 1 });
    });
    afterAll(() => tensorflow.dispose());

    test.each(opCases.map((opCase) => [opCase.name, opCase] as const))("%s", async (_, opCase) => {
      const inputs = inputsOf(opCase, 1);
      const [actual, expected] = [
        await evaluate(tensorflow, opCase, inputs),
        await evaluate(reference, opCase, inputs),
      ];
      expect(distance(actual.value, expected.value)).toBeLessThan(1e-5);
      if (!opCase.gradient) return;
      const exact = await differences(reference, opCase, inputs);
      expect(actual.gradients).toHaveLength(exact.length);
      actual.gradients.forEach((gradient, input) => {
        expect(distance(gradient, exact[input]!)).toBeLessThan(0.02);
        if (opCase.referenceGradientWrong !== true)
          expect(distance(gradient, expected.gradients[input]!)).toBeLessThan(1e-5);
      });
    });
  },
);

test("every kernel recorded for ONNX Runtime is recorded for libtensorflow too", () => {
  expect(recordedKernels.filter((kernel) => !tensorflowDialect.kernels.includes(kernel))).toEqual([]);
});
