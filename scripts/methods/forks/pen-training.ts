import type { Runtime } from "../../../main/compute/runtime.ts";
import { initialParameters } from "../../../main/models/sequences/forks/shape.ts";
import { fallingRate, trainForks } from "../../../main/models/sequences/forks/train.ts";
import { dealtDigits, penFeeds, penShape, scalesOf } from "./pen-network.ts";
import type { PenModel } from "./pen-scores.ts";
import { type Digit, MOST } from "./pens.ts";

export const [BATCH, ORIGINS, RATE, WARMUP] = [64, 4, 3e-3, 50];

export interface Plan {
  readonly classes: number;
  readonly components: number;
  readonly epochs: number;
  readonly hidden?: number;
}

/** Taught with whole digits of which the label is known. */
export async function penModel(
  runtime: Runtime,
  train: readonly Digit[],
  { classes, components, epochs, hidden = 0 }: Plan,
): Promise<PenModel> {
  const [shape, scales] = [penShape({ classes, components }), scalesOf(train)];
  const stepsPerEpoch = Math.floor(train.length / BATCH);
  const parameters = await trainForks(
    {
      ...{ shape, start: initialParameters(shape, 1), epochs, stepsPerEpoch },
      size: { time: MOST, rows: BATCH, origins: BATCH * ORIGINS, unlabelled: 0 },
      rate: fallingRate({ rate: RATE, steps: epochs * stepsPerEpoch, warmup: WARMUP }),
      batch: (step) => {
        const labelled = dealtDigits(train, step, BATCH, 1);
        return penFeeds(
          shape,
          scales,
          { labelled, unlabelled: [], origins: ORIGINS, hidden, marginal: 0 },
          step,
        );
      },
    },
    { runtime },
  );
  return { shape, parameters, scales };
}
