import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { matMul, sub } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rateSpec, trainingStep } from "../optimiser.ts";
import { onnxRuntime } from "../onnx/runtime.ts";
import { referenceRuntime } from "../self-check/reference.ts";
import type { CompiledStep, Runtime, TypedArray } from "../runtime.ts";
import { cnn, lstm, mlp } from "../self-check/workloads.ts";
import type { Workload } from "../self-check/workloads.ts";
import { loadAddon } from "./addon.ts";
import { skipWithout } from "./testing.ts";
import { tensorflowRuntime } from "./runtime.ts";

const threads = 2; // the process's: see op-battery.test.ts for one

/** The three workloads, small enough for the reference. */
const small: readonly Workload[] = [
  mlp({ rows: 32, width: 32 }),
  cnn({ rows: 4, time: 30, channels: 6 }),
  lstm({ rows: 5, time: 7, hidden: 8 }),
];

async function ready(
  runtime: Runtime,
  workload: Workload,
): Promise<{ step: CompiledStep; feeds: TypedArray[] }> {
  const { specs, values, feedSpecs, feeds, loss } = workload;
  const training = trainingStep(loss, specs, { kind: "adam" });
  const step = await runtime.compile(training.step, training.state, [rateSpec, ...feedSpecs]);
  await step.write(training.initialState(values));
  return { step, feeds: [Float32Array.of(1e-3), ...feeds] };
}

async function losses(runtime: Runtime, workload: Workload, steps: number): Promise<number[]> {
  const { step, feeds } = await ready(runtime, workload);
  const seen: number[] = [];
  for (let at = 0; at < steps; at++) seen.push(await step.run(feeds));
  await step.dispose();
  return seen;
}

const graphsLeft = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("kodo-step-"));

describe.skipIf(skipWithout("the runtime"))("libtensorflow", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await tensorflowRuntime({ threads });
  });
  afterAll(() => runtime.dispose());

  test("says what it is", () => {
    expect(runtime.name).toMatch(/^libtensorflow (cpu|cuda)( xla)? x2$/);
    expect(runtime.version).toMatch(/^2\.\d+\.\d+/);
  });

  test("shares out a step of much work, to the losses of one thread and the same bits twice", async () => {
    const large = lstm({ rows: 16, time: 64, hidden: 128 });
    const onnx = await onnxRuntime({ threads: 1 });
    const [alone, first, second] = [
      await losses(onnx, large, 4),
      await losses(runtime, large, 4),
      await losses(runtime, large, 4),
    ];
    await onnx.dispose();
    expect(second).toEqual(first);
    first.forEach((loss, step) => expect(Math.abs(loss - alone[step]!)).toBeLessThan(1e-4));
  });

  describe.each(small.map((workload) => [workload.name, workload] as const))("%s", (_, workload) => {
    test("has the reference's and ONNX Runtime's first 20 losses", async () => {
      const onnx = await onnxRuntime({ threads: 1 });
      const actual = await losses(runtime, workload, 20);
      for (const other of [referenceRuntime(), onnx]) {
        const expected = await losses(other, workload, 20);
        expect(expected.at(-1)).toBeLessThan(expected[0]!);
        actual.forEach((loss, step) =>
          expect(Math.abs(loss - expected[step]!)).toBeLessThan(2e-5 * Math.abs(expected[step]!)),
        );
      }
      await onnx.dispose();
    });

    test("gives the same bits twice", async () => {
      expect(await losses(runtime, workload, 20)).toEqual(await losses(runtime, workload, 20));
    });

    test("gives the same bits four steps a call as one by one", async () => {
      const fours = await tensorflowRuntime({ threads, stepsPerCall: 4 });
      const { step, feeds } = await ready(fours, workload);
      expect(step.stepsPerCall).toBe(4);
      const together: number[] = [];
      for (let call = 0; call < 3; call++)
        together.push(...(await step.runMany!([feeds, feeds, feeds, feeds])));
      together.push(...(await step.runMany!([feeds, feeds]))); // the end of an epoch
      const state = await step.read();
      await fours.dispose();

      const single = await ready(runtime, workload);
      const apart: number[] = [];
      for (let at = 0; at < 14; at++) apart.push(await single.step.run(single.feeds));
      expect(together).toEqual(apart);
      expect(state).toEqual(await single.step.read());
      await single.step.dispose();
    });
  });

  test("goes on from a state that was read as if it had never stopped", async () => {
    const first = await ready(runtime, small[0]!);
    for (let at = 0; at < 5; at++) await first.step.run(first.feeds);
    const kept = await first.step.read();
    const expected = await first.step.run(first.feeds);
    const second = await ready(runtime, small[0]!);
    await second.step.write(kept);
    expect(await second.step.run(second.feeds)).toBe(expected);
    await first.step.dispose();
    await second.step.dispose();
  });

  test("states that change places keep their values", async () => {
    const spec = { shape: [2], dtype: "float32" } as const;
    const step = await runtime.compile(
      ([a, b], [x]) => ({ state: [b!, a!], loss: x as Scalar }),
      [spec, spec],
      [{ shape: [], dtype: "float32" }],
    );
    await step.write([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    for (let at = 0; at < 3; at++) await step.run([Float32Array.of(7)]);
    expect(await step.read()).toEqual([Float32Array.of(3, 4), Float32Array.of(1, 2)]);
    await step.dispose();
  });

  test("predicts with the parameters written last", async () => {
    const compiled = await runtime.compilePredict(
      ([w], [input]) => [matMul(input as Tensor2D, w as Tensor2D), sub(w!, 1)],
      [{ shape: [2, 1], dtype: "float32" }],
      [{ shape: [4, 2], dtype: "float32" }],
    );
    await compiled.write([Float32Array.of(2, -1)]);
    const results = await compiled.run([Float32Array.of(1, 0, 0, 1, 1, 1, 2, 1)]);
    expect(results).toEqual([Float32Array.of(2, -1, 1, 3), Float32Array.of(1, -2)]);
    await compiled.dispose();
  });

  test("refuses a feed of the wrong length, saying which", async () => {
    const { step, feeds } = await ready(runtime, small[0]!);
    await expect(step.run([...feeds.slice(0, -1), new Float32Array(3)])).rejects.toMatchObject({
      code: "model/wrong-feeds",
      detail: { index: 2, given: 3 },
    });
    await step.dispose();
  });

  test("leaves no file and no tensor behind", async () => {
    const before = graphsLeft();
    const tensors = loadAddon({ threads }).addon.getNumOfTensors();
    await losses(runtime, small[0]!, 3);
    expect(graphsLeft()).toEqual(before);
    expect(loadAddon({ threads }).addon.getNumOfTensors()).toBe(tensors);
  });

  test("refuses another number of threads in the same process", async () => {
    await expect(tensorflowRuntime({ threads: 3 })).rejects.toMatchObject({ code: "model/engine-fixed" });
  });

  test(
    "ten thousand steps leave memory and tensors as they were after a thousand",
    { timeout: 300_000 },
    async () => {
      const { addon } = loadAddon({ threads });
      const { step, feeds } = await ready(runtime, mlp({ rows: 8, width: 8 }));
      const after = async (steps: number): Promise<{ rss: number; tensors: number }> => {
        for (let at = 0; at < steps; at++) await step.run(feeds);
        return { rss: process.memoryUsage().rss, tensors: addon.getNumOfTensors() };
      };
      const early = await after(1000);
      const late = await after(9000);
      await step.dispose();
      expect(late.tensors).toBe(early.tensors);
      expect(late.rss - early.rss).toBeLessThan(24 * 2 ** 20);
    },
  );

  test("sixty sessions, disposed of, leave their memory", async () => {
    const sizes: number[] = [];
    for (let session = 0; session < 60; session++) {
      await losses(runtime, small[0]!, 1);
      if (session % 20 === 19) sizes.push(process.memoryUsage().rss);
    }
    expect(sizes[2]! - sizes[0]!).toBeLessThan(48 * 2 ** 20);
  });
});
