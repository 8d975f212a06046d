import { add, mean, square, sub, mul } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { chooseRuntime, usefulThreads } from "./choose.ts";
import type { Probe } from "./choose.ts";
import { onnxRuntime } from "./onnx/runtime.ts";
import { runtimes } from "./registry.ts";
import type { RuntimeEntry } from "./registry.ts";
import { lossOfModels } from "./loss.ts";
import { skipWithout } from "./tensorflow/testing.ts";
import { defaultThreads } from "./threads.ts";
import { cnn, mlp } from "./self-check/workloads.ts";
import type { Workload } from "./self-check/workloads.ts";

const probe: Probe = {
  loss: ([w], [x, y]) => mean<Scalar>(square(sub(mul(x!, w!), y!))), // the second parameter is not used
  specs: [
    { shape: [1], dtype: "float32" },
    { shape: [2], dtype: "float32" },
  ],
  values: [Float32Array.of(0.5), new Float32Array(2)],
  optimiser: { kind: "adam" },
  rows: 32,
  feeds: (rows) => [
    { shape: [rows], dtype: "float32" },
    { shape: [rows], dtype: "float32" },
  ],
  batch: (rows) => [
    Float32Array.from({ length: rows }, (_, i) => i / 7),
    Float32Array.from({ length: rows }, (_, i) => i / 3),
  ],
};
const reference = runtimes.find(({ name }) => name === "reference")!;
const onnx = runtimes.find(({ name }) => name === "onnxruntime")!;
const broken: RuntimeEntry = {
  ...onnx,
  title: "Broken",
  open: () => Promise.reject(new AppError("model/engine-missing", "no library for this machine")),
};
/** Predicts as the reference does, plus a little: an engine that computes wrongly. */
const wrong: RuntimeEntry = {
  ...onnx,
  title: "Wrong",
  open: async () => {
    const runtime = await reference.open(1);
    return {
      ...runtime,
      compilePredict: (predict, ...rest) =>
        runtime.compilePredict((...given) => predict(...given).map((x: Tensor) => add(x, 0.01)), ...rest),
    };
  },
};

describe("choosing an engine", () => {
  test("takes ONNX Runtime where it passes, with speed, threads and error in one sentence", async () => {
    const candidates = [onnx, reference];
    const { runtime, facts } = await chooseRuntime("auto", probe, { threads: 1, candidates });
    expect(facts).toMatchObject({ name: "onnxruntime cpu x1", threads: 1 });
    expect(facts.stepsPerSecond).toBeGreaterThan(10);
    expect(facts.chosenBecause).toMatch(
      /^ONNX Runtime [\d.]+ on one core passed its test: \d+ steps a second, gradients within \S+ of the reference\.$/,
    );
    await runtime.dispose();
  });

  test("never falls back in silence", async () => {
    const { runtime, facts } = await chooseRuntime("auto", probe, { candidates: [broken, reference] });
    expect(runtime.name).toContain("op by op");
    expect(facts.chosenBecause).toBe(
      "Broken cannot be used: no library for this machine; the op-by-op reference is used instead and is many times slower.",
    );
  });

  test("refuses an engine whose gradients are wrong", async () => {
    const { facts } = await chooseRuntime("auto", probe, { candidates: [wrong, reference] });
    expect(facts.reason).toBe("last-resort");
    expect(facts.trials).toMatchObject([
      { engine: "reference" },
      { engine: "onnxruntime", error: { code: "model/engine-wrong" } },
    ]);
    expect(facts.chosenBecause).toMatch(
      /^Wrong cannot be used: its gradients differ from the reference by 0\.\d+, more than 0\.0001; /,
    );
  });

  test("does not replace an engine that a person named", async () => {
    await expect(
      chooseRuntime("onnxruntime", probe, { candidates: [broken, reference] }),
    ).rejects.toMatchObject({ code: "model/engine-missing" });
    await expect(chooseRuntime("onnxruntime", probe, { candidates: [reference] })).rejects.toThrow(
      'There is no engine "onnxruntime" here',
    );
    expect((await chooseRuntime("reference", probe)).facts.chosenBecause).toBe(
      "The op-by-op reference was asked for by name.",
    );
  });

  test("does not mention an engine that nobody installed, and says how to install it when asked for it", async () => {
    const absent: RuntimeEntry = {
      ...onnx,
      name: "libtensorflow",
      installed: () => false,
      open: () => Promise.reject(new AppError("model/engine-missing", '"npm run tensorflow" installs it')),
    };
    const { runtime, facts } = await chooseRuntime("auto", probe, { candidates: [absent, onnx, reference] });
    expect(facts.chosenBecause).not.toContain("tensorflow");
    await runtime.dispose();
    await expect(chooseRuntime("libtensorflow", probe, { candidates: [absent] })).rejects.toThrow(
      "npm run tensorflow",
    );
  });

  test.skipIf(skipWithout("the choice between engines"))(
    "times libtensorflow on the model beside ONNX Runtime, and says what both did",
    async () => {
      const { runtime, facts } = await chooseRuntime("auto", probe);
      expect(facts.chosenBecause).toMatch(
        /^(ONNX Runtime|Libtensorflow) .+ the fastest that passed its test: [\d.]+ steps a second, .+; (ONNX Runtime|libtensorflow) [\d.]+ steps a second\.$/,
      );
      await runtime.dispose();
    },
  );

  test("does not count the first call of an engine, which may prepare the whole graph", async () => {
    let [clockMs, calls] = [0, 0];
    const slowToBegin: RuntimeEntry = {
      ...onnx,
      title: "Slow to begin",
      open: async () => {
        const runtime = await onnxRuntime({ threads: 1, stepsPerCall: 1 });
        const compile: typeof runtime.compile = async (...given) => {
          const step = await runtime.compile(...given);
          const run: typeof step.run = (feeds) => {
            clockMs += calls++ === 0 ? 5000 : 10;
            return step.run(feeds);
          };
          return { ...step, run };
        };
        return { ...runtime, compile };
      },
    };
    const options = { threads: 1, candidates: [slowToBegin], now: () => clockMs };
    const { runtime, facts } = await chooseRuntime("auto", probe, options);
    expect(facts).toMatchObject({
      stepsPerSecond: 100,
      reason: "only",
      engine: "onnxruntime",
      device: "cpu",
    });
    expect(facts.trials).toEqual([
      expect.objectContaining({ engine: "onnxruntime", stepsPerSecond: 100, threads: 1 }),
    ]);
    await runtime.dispose();
  });

  test("opens without a test where nothing is to be trained", async () => {
    const { runtime, facts } = await chooseRuntime("auto");
    expect(facts).toMatchObject({ stepsPerSecond: 0, reason: "first" });
    await runtime.dispose();
  });

  test("gives a small model one thread, a large one all, several models one each", () => {
    const of = ({ loss, specs, values, feedSpecs, feeds }: Workload): Probe => ({
      loss,
      specs,
      values,
      optimiser: { kind: "adam" },
      rows: feedSpecs[0]!.shape[0]!,
      feeds: () => feedSpecs,
      batch: () => feeds,
    });
    expect(usefulThreads(of(mlp({ rows: 16, width: 16 })), 6)).toBe(1);
    expect(usefulThreads(of(mlp()), 6)).toBe(6);
    expect(usefulThreads(of(cnn({ rows: 16 })), 6)).toBe(4); // equal parts of 16 rows
    const { loss, specs, values, ...rest } = mlp();
    const three = lossOfModels([0, 1, 2].map(() => ({ loss, parameters: specs.length, feeds: [0, 1] })));
    const [thrice, starts] = [[specs, specs, specs].flat(), [values, values, values].flat()];
    expect(usefulThreads(of({ ...rest, loss: three, specs: thrice, values: starts }), 6)).toBe(3); // one a model
    expect(usefulThreads(undefined, 6)).toBe(6);
  });

  test("leaves one core for the interface", () => expect(defaultThreads()).toBeGreaterThanOrEqual(1));
});
