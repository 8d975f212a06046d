import { matMul, mean, square, sub } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { pack, unpack } from "./packed.ts";
import { onnxRuntime } from "./onnx/runtime.ts";
import { referenceRuntime } from "./self-check/reference.ts";
import type { Runtime } from "./runtime.ts";
import { seeded } from "./seeded.ts";
import { fitLoop } from "./loop.ts";
import type { FitCheckpoint, FitOptions } from "./loop.ts";
import { rateSpec, trainingStep } from "./optimiser.ts";
import { cosineRate } from "./schedule.ts";

const [rows, width] = [16, 4];
const training = trainingStep(
  ([w], [x, y]) => mean<Scalar>(square(sub(matMul(x as Tensor2D, w as Tensor2D), y!))),
  [{ shape: [width, 1], dtype: "float32" }],
  { kind: "adam", averaging: 0.9 },
);
const feeds = [
  rateSpec,
  { shape: [rows, width], dtype: "float32" },
  { shape: [rows, 1], dtype: "float32" },
] as const;

/** The batches of an epoch depend on its number alone. */
function* batches(epoch: number): Generator<Float32Array[]> {
  const random = seeded(100 + epoch);
  for (let batch = 0; batch < 7; batch++) {
    const x = random.normals(rows * width);
    yield [x, Float32Array.from({ length: rows }, (_, row) => x[row * width]! - 2 * x[row * width + 1]!)];
  }
}

type Score = { nll: number };
async function fit(runtime: Runtime, extra: Partial<FitOptions<Score>> = {}) {
  const compiled = await runtime.compile(training.step, training.state, feeds);
  const result = await fitLoop<Score>({
    compiled,
    initialState: training.initialState([new Float32Array(width)]),
    batches,
    epochs: 5,
    stepsPerEpoch: 7,
    rate: cosineRate({ rate: 0.05, steps: 35 }),
    validate: (state) => ({ nll: Math.abs(training.parameters(state)[0]![0]! - 1) }),
    ...extra,
  });
  await compiled.dispose();
  return result;
}

describe.each([
  ["the reference", 36, () => Promise.resolve(referenceRuntime())],
  ["ONNX Runtime, a step a call", 36, () => onnxRuntime({ threads: 1, stepsPerCall: 1 })],
  ["ONNX Runtime, four steps a call", 11, () => onnxRuntime({ threads: 1, stepsPerCall: 4 })], // 4 and 3 an epoch
] as const)("a fit on %s", (_, count, start) => {
  test("resumed from any checkpoint, through the bytes on disk, ends in the same bits", async () => {
    const runtime = await start();
    const checkpoints: Uint8Array[] = [];
    const whole = await fit(runtime, {
      checkpointEveryMs: 0,
      onCheckpoint: (checkpoint) => void checkpoints.push(pack(checkpoint)),
    });
    expect(checkpoints).toHaveLength(count); // one a call, and the end
    for (const share of [0, 0.15, 0.2, 0.5, 0.95, 1]) {
      const at = Math.round(share * (count - 1));
      const resumed = await fit(runtime, { resume: unpack(checkpoints[at]!) as FitCheckpoint<Score> });
      expect(resumed.state).toEqual(whole.state);
      expect(resumed.scores).toEqual(whole.scores);
      expect(resumed.steps).toBe(35);
    }
    await runtime.dispose();
  });

  test("run twice ends in the same bits", async () => {
    const runtime = await start();
    expect((await fit(runtime)).state).toEqual((await fit(runtime)).state);
    await runtime.dispose();
  });
});

test("on ONNX Runtime ends in the same bits however many steps a call takes, also resumed in the middle of one", async () => {
  const one = await onnxRuntime({ threads: 1, stepsPerCall: 1 });
  const checkpoints: FitCheckpoint<Score>[] = [];
  const expected = await fit(one, {
    checkpointEveryMs: 0,
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
  });
  const several = await onnxRuntime({ threads: 1, stepsPerCall: 5 });
  expect(await fit(several)).toMatchObject({ state: expected.state, scores: expected.scores });
  const resumed = await fit(several, { resume: checkpoints[9]! }); // two steps into the second epoch
  expect(resumed).toMatchObject({ state: expected.state, scores: expected.scores });
  await Promise.all([one.dispose(), several.dispose()]);
});

describe("a fit", () => {
  const runtime = referenceRuntime();

  test("lowers the loss, and tells it an epoch at a time", async () => {
    const { scores } = await fit(runtime, { epochs: 40, rate: () => 0.05 });
    expect(scores.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(scores.at(-1)!.loss).toBeLessThan(0.1 * scores[0]!.loss);
  });

  test("returns the state of the best epoch and stops when none better comes", async () => {
    const scores = [5, 3, 4, 2.5, 9, 9, 9, 1];
    const result = await fit(runtime, {
      epochs: 8,
      validate: (_, epoch) => ({ nll: scores[epoch - 1]! }),
      better: ({ nll }) => nll,
      patience: 3,
    });
    expect(result.bestEpoch).toBe(4);
    expect(result.scores).toHaveLength(7);
  });

  test("that is cancelled leaves a checkpoint of where it stood, and says it was cancelled", async () => {
    const stop = new AbortController();
    const checkpoints: FitCheckpoint<Score>[] = [];
    const work = fit(runtime, {
      signal: stop.signal,
      now: () => 0,
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
      onProgress: ({ step }) => {
        if (step === 1) stop.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(checkpoints.map(({ step }) => step)).toEqual([1]);
  });

  test("whose loss leaves the numbers ends with a name and the step", async () => {
    const work = fit(runtime, {
      batches: function* () {
        yield [new Float32Array(rows * width).fill(NaN), new Float32Array(rows)];
      },
    });
    await expect(work).rejects.toMatchObject({ code: "model/diverged", detail: { step: 1, epoch: 1 } });
  });

  test("reports at most four times a second, and always the end of an epoch", async () => {
    let clock = 0;
    const seen: number[] = [];
    await fit(runtime, {
      now: () => (clock += 10),
      onProgress: ({ step, done }) => {
        seen.push(step);
        expect(done).toBeLessThanOrEqual(1);
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(35);
    expect(seen.length).toBeLessThanOrEqual(5 + Math.ceil(clock / 250));
  });

  test("takes batches that are made ready later", async () => {
    const later = async (epoch: number) => {
      await Promise.resolve();
      return batches(epoch);
    };
    expect((await fit(runtime, { batches: later })).state).toEqual((await fit(runtime)).state);
  });

  test("cancelled while batches are made ready leaves a checkpoint to go on from", async () => {
    const cancel = new AbortController();
    const checkpoints: FitCheckpoint<Score>[] = [];
    const work = fit(runtime, {
      signal: cancel.signal,
      batches: (epoch) => {
        if (epoch < 2) return batches(epoch);
        cancel.abort();
        return Promise.reject(new AppError("cancelled/by-user", "Cancelled"));
      },
      onCheckpoint: (one) => void checkpoints.push(one),
    });
    await expect(work).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(checkpoints.map(({ epoch, step }) => [epoch, step])).toEqual([[2, 14]]);
    const [resume] = checkpoints;
    expect((await fit(runtime, { resume })).state).toEqual((await fit(runtime)).state);
  });

  test("cancelled while an epoch is validated leaves a checkpoint from which it is validated", async () => {
    const cancel = new AbortController();
    const checkpoints: FitCheckpoint<Score>[] = [];
    const work = fit(runtime, {
      signal: cancel.signal,
      validate: (_state, epoch) => {
        if (epoch < 2) return { nll: 1 };
        cancel.abort();
        return Promise.reject(new AppError("cancelled/by-user", "Cancelled"));
      },
      onCheckpoint: (one) => void checkpoints.push(one),
    });
    await expect(work).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(checkpoints.map(({ epoch, stepInEpoch, step }) => [epoch, stepInEpoch, step])).toEqual([
      [1, 7, 14],
    ]);
    const [resume] = checkpoints;
    const validated: number[] = [];
    const validate = (_state: unknown, epoch: number) => ({ nll: validated.push(epoch) });
    const resumed = await fit(runtime, { resume, validate });
    expect(validated).toEqual([2, 3, 4, 5]);
    expect(resumed.state).toEqual((await fit(runtime)).state);
  });
});
