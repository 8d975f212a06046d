import {
  backend,
  memory,
  mean,
  square,
  sub,
  mul,
  matMul,
  valueAndGrads,
  setBackend,
  tensor1d,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { referenceRuntime } from "./reference.ts";
import type { Step } from "../runtime.ts";

const step: Step = ([weight], [x, y]) => {
  const loss = (w: Tensor2D): Scalar => mean(square(sub(matMul(x as Tensor2D, w), y!)));
  const { value, grads } = valueAndGrads((w) => loss(w as Tensor2D))([weight!]);
  return { state: [sub(weight!, mul(0.1, grads[0]!))], loss: value };
};
const state = [{ shape: [2, 1], dtype: "float32" }] as const;
const feeds = [
  { shape: [4, 2], dtype: "float32" },
  { shape: [4, 1], dtype: "float32" },
] as const;
const x = Float32Array.of(1, 0, 0, 1, 1, 1, 2, 1);
const y = Float32Array.of(2, -1, 1, 3); // weights (2, -1)

describe("the reference runtime", () => {
  test("finds the weights that explain the data, and leaves no tensor", async () => {
    const before = memory().numTensors;
    const compiled = await referenceRuntime().compile(step, state, feeds);
    await compiled.write([new Float32Array(2)]);
    let loss = Infinity;
    for (let i = 0; i < 200; i++) loss = await compiled.run([x, y]);
    expect(loss).toBeLessThan(1e-6);
    const [weights] = await compiled.read();
    expect(weights![0]).toBeCloseTo(2, 3);
    expect(weights![1]).toBeCloseTo(-1, 3);
    expect(memory().numTensors).toBe(before);
  });

  test("refuses a feed of the wrong length, saying which", async () => {
    const compiled = await referenceRuntime().compile(step, state, feeds);
    await expect(compiled.run([x, y.subarray(1)])).rejects.toMatchObject({
      code: "model/wrong-feeds",
      detail: { index: 1, given: 3, expected: 4 },
    });
  });

  test("predicts with the parameters written last", async () => {
    const compiled = await referenceRuntime().compilePredict(
      ([w], [input]) => [matMul(input as Tensor2D, w as Tensor2D)],
      state,
      feeds.slice(0, 1),
    );
    await compiled.write([Float32Array.of(2, -1)]);
    const [values] = await compiled.run([x]);
    expect([...values!]).toEqual([2, -1, 1, 3]);
  });

  test("gives the caller's backend back", async () => {
    await setBackend("cpu");
    const active = backend();
    const compiled = await referenceRuntime().compile(step, state, feeds);
    await compiled.run([x, y]);
    expect(backend()).toBe(active);
    expect(tensor1d([1, 2]).dataSync()[1]).toBe(2);
  });
});
