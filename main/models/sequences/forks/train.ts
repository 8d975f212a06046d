import { type FitCheckpoint, fitLoop } from "../../../compute/loop.ts";
import { rateSpec, trainingStep } from "../../../compute/optimiser.ts";
import type { Runtime, TypedArray } from "../../../compute/runtime.ts";
import type { Schedule } from "../../../compute/schedule.ts";
import { batchSpecs, type ForkBatchSize, forkLoss } from "./network.ts";
import { type ForkShape, parameterSpecs } from "./shape.ts";

export interface ForkTraining {
  readonly shape: ForkShape;
  readonly size: ForkBatchSize;
  readonly start: readonly Float32Array[];
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly rate: Schedule;
  /** Feeds of a step, counted from the first of the fit; the same each time it is asked. */
  readonly batch: (step: number) => readonly TypedArray[];
  /** Lower is better: the parameters of the best epoch are the result. Absent: the last ones are. */
  readonly validate?:
    ((parameters: readonly Float32Array[], epoch: number) => number | Promise<number>) | undefined;
}

export interface ForkTrainingTools {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, loss: number) => void) | undefined;
  readonly onCheckpoint?: ((checkpoint: FitCheckpoint<number>) => Promise<void>) | undefined;
  readonly resume?: FitCheckpoint<number> | undefined;
}

export const CLIP = 1; // length of the gradient; always active
const CHECKPOINT_EVERY_MS = 30_000;

/** Up over `warmup` steps, then linearly down to a tenth. */
export const fallingRate =
  ({
    rate,
    steps,
    warmup,
  }: {
    readonly rate: number;
    readonly steps: number;
    readonly warmup: number;
  }): Schedule =>
  (step) =>
    step < warmup
      ? (rate * (step + 1)) / warmup
      : rate * (1 - (0.9 * (step - warmup)) / Math.max(1, steps - warmup));

/** One network by Adam. The same batches and start give the same bits on the processor, resumed or not. */
export async function trainForks(training: ForkTraining, tools: ForkTrainingTools): Promise<Float32Array[]> {
  const { shape, size, start, epochs, stepsPerEpoch, rate, batch, validate } = training;
  const { runtime, signal, onProgress, onCheckpoint, resume } = tools;
  const specs = parameterSpecs(shape);
  const step = trainingStep(forkLoss(shape, size), specs, { kind: "adam", clipNorm: CLIP });
  const compiled = await runtime.compile(step.step, step.state, [rateSpec, ...batchSpecs(shape, size)]);
  try {
    const result = await fitLoop<number>({
      compiled,
      initialState: step.initialState(start),
      batches: (epoch) => stepsFrom(epoch * stepsPerEpoch, stepsPerEpoch, batch),
      epochs,
      stepsPerEpoch,
      rate,
      validate: validate && ((state, epoch) => validate(step.parameters(state), epoch)),
      better: validate && ((score) => score),
      onProgress: onProgress && (({ done, loss }) => onProgress(done, loss)),
      onCheckpoint,
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      signal,
      resume,
    });
    return step.parameters(result.state);
  } finally {
    await compiled.dispose();
  }
}

function* stepsFrom(
  first: number,
  count: number,
  batch: ForkTraining["batch"],
): Generator<readonly TypedArray[]> {
  for (let step = first; step < first + count; step += 1) yield batch(step);
}
