import { profile, tensor } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxRuntime } from "../onnx/runtime.ts";
import { differences, distance, evaluate, inputsOf } from "./op-battery.ts";
import { opCases } from "./op-cases.ts";
import { recordedKernels } from "../recorder.ts";
import { referenceRuntime } from "./reference.ts";
import type { Runtime } from "../runtime.ts";

const reference = referenceRuntime();
let onnx: Runtime;
beforeAll(async () => {
  onnx = await onnxRuntime({ threads: 1 });
});
afterAll(() => onnx.dispose());

describe("an op recorded for ONNX Runtime equals TensorFlow.js, forward and backward", () => {
  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))("%s", async (_, opCase) => {
    const inputs = inputsOf(opCase, 1);
    const [actual, expected] = [
      await evaluate(onnx, opCase, inputs),
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
});

test("the battery covers every kernel that has a recorded form", () => {
  const seen = new Set<string>();
  for (const opCase of opCases) for (const kernel of opCase.kernels) seen.add(kernel);
  expect(recordedKernels.filter((kernel) => !seen.has(kernel))).toEqual([]);
  expect([...seen].filter((kernel) => !recordedKernels.includes(kernel))).toEqual([]);
});

test("a case that names a kernel runs it", async () => {
  const strangers: string[] = [];
  for (const opCase of opCases.filter(({ gradient }) => !gradient)) {
    const inputs = inputsOf(opCase, 1);
    const { kernelNames } = await profile(() =>
      opCase.run(
        ...opCase.inputs.map(({ shape, dtype }, index) => tensor(inputs[index]!, [...shape], dtype)),
      ),
    );
    for (const kernel of opCase.kernels)
      if (!kernelNames.includes(kernel)) strangers.push(`${opCase.name} does not run ${kernel}`);
  }
  expect(strangers).toEqual([]);
});
