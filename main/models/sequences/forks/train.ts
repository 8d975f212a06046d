import { fitLoop } from "../../../compute/loop.ts";
import { inNames, type NamedCheckpoint, withNames } from "../../../compute/named-checkpoint.ts";
import { rateSpec, trainingStep } from "../../../compute/optimiser.ts";
import { inOrder, named, type NamedArrays, specsOf } from "../../../compute/parameters.ts";
import type { Runtime, TypedArray } from "../../../compute/runtime.ts";
import type { Schedule } from "../../../compute/schedule.ts";
import { batchSpecs, type ForkBatchSize, forkLoss } from "./network.ts";
import { type ForkShape, parameterShapes } from "./shape.ts";

export interface ForkTraining {
  readonly shape: ForkShape;
  readonly size: ForkBatchSize;
  readonly start: NamedArrays;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly rate: Schedule;
  /** Feeds of a step, counted from the first of the fit; the same each time it is asked. */
  readonly batch: (step: number) => readonly TypedArray[];
  /** Lower is better: the parameters of the best epoch are the result. Absent: the last ones are. */
  readonly validate?: ((parameters: NamedArrays, epoch: number) => number | Promise<number>) | undefined;
}

export interface ForkTrainingTools {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, loss: number) => void) | undefined;
  readonly onCheckpoint?: ((checkpoint: NamedCheckpoint<number>) => Promise<void>) | undefined;
  readonly resume?: NamedCheckpoint<number> | undefined;
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
export async function trainForks(training: ForkTraining, tools: ForkTrainingTools): Promise<NamedArrays> {
  const { shape, size, start, epochs, stepsPerEpoch, rate, batch, validate } = training;
  const { runtime, signal, onProgress, onCheckpoint, resume } = tools;
  const shapes = parameterShapes(shape);
  const specs = specsOf(shapes);
  const step = trainingStep(forkLoss(shape, size), specs, { kind: "adam", clipNorm: CLIP });
  const compiled = await runtime.compile(step.step, step.state, [rateSpec, ...batchSpecs(shape, size)]);
  try {
    const result = await fitLoop<number>({
      compiled,
      initialState: step.initialState(inOrder(shapes, start)),
      batches: (epoch) => stepsFrom(epoch * stepsPerEpoch, stepsPerEpoch, batch),
      epochs,
      stepsPerEpoch,
      rate,
      validate: validate && ((state, epoch) => validate(named(shapes, step.parameters(state)), epoch)),
      better: validate && ((score) => score),
      onProgress: onProgress && (({ done, loss }) => onProgress(done, loss)),
      onCheckpoint: onCheckpoint && ((at) => onCheckpoint(withNames(at, specs))),
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      signal,
      resume: resume && inNames(resume, step),
    });
    return named(shapes, step.parameters(result.state));
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
