import { AppError } from "../../../preload/contract/errors.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import { seededRandom } from "../../models/random.ts";
import { augmentWith, type Augmentation } from "../../models/sample-augmentation.ts";
import { UNLABELLED } from "../dataset.ts";
import { balancedDealer, keysOf, nearby } from "../deal.ts";
import { sidesOf } from "../fit-batches.ts";
import { SampleReader, type ChannelScale } from "./sample-reader.ts";
import type { WindowIndex } from "./window-index.ts";

export interface FeedOptions {
  readonly config: Pick<RunConfig, "seed" | "batchSize" | "sampling">;
  readonly augmentations: readonly Augmentation[];
}

/** What the batches of a feed hold. */
export interface FeedShape {
  readonly rows: number; // of a batch
  readonly steps: number; // an epoch
  readonly channels: number;
  readonly columns: number; // samples of a window; its inputs are [channels x columns]
  readonly classes: number;
  readonly labelled: number; // windows
  readonly unlabelled: number;
  readonly scales: readonly ChannelScale[];
}

/** x, observed [rows x channels * columns], y [rows x classes] and weight [rows] of one step. */
export type FeedBatch = readonly [Float32Array, Float32Array, Float32Array, Float32Array];

/** Stretches in memory at most: 24 h of 8 channels at 1 kHz are 2700 of about 1.3 MB. */
const MOST_KEPT = 160;
/** Stretches whose windows are mixed, at most: 17 minutes of signal from all over the archive. */
const MOST_MIXED = 32;

/** So that all that is dealt side by side, each class or person from its own stretches, finds them in memory. */
function poolOf({ label }: WindowIndex, keys: ReturnType<typeof keysOf>): number {
  const dealt = new Set<string>();
  label.forEach((c, n) => {
    const side = c === UNLABELLED ? "unlabelled" : "labelled";
    dealt.add([side, ...keys[side].map((key) => key[n])].join(" "));
  });
  return Math.max(1, Math.min(MOST_MIXED, Math.floor(MOST_KEPT / dealt.size)));
}

export function feedShape(
  index: WindowIndex,
  { config }: FeedOptions,
  scales: readonly ChannelScale[],
): FeedShape {
  const labelled = index.label.reduce((sum, c) => sum + (c === UNLABELLED ? 0 : 1), 0);
  if (labelled === 0)
    throw new AppError("model/too-few-labels", "No training window has a label", { windows: index.count });
  return {
    rows: config.batchSize,
    steps: Math.ceil(index.count / config.batchSize),
    channels: index.rows,
    columns: index.columns,
    classes: index.classes,
    labelled,
    unlabelled: index.count - labelled,
    scales,
  };
}

/** The batches of one epoch, labelled and unlabelled windows side by side. The same seed and epoch give the same ones. */
export function* feedBatches(
  index: WindowIndex,
  shape: FeedShape,
  options: FeedOptions,
  epoch: number,
): Generator<FeedBatch> {
  const { config } = options;
  const { rows, classes, steps } = shape;
  const width = shape.channels * shape.columns;
  const random = seededRandom(config.seed, 1000 + epoch);
  const keys = keysOf(config.sampling, { classOf: Int32Array.from(index.label), person: index.person });
  const mix = nearby(index.stretch, poolOf(index, keys));
  const having = (isLabelled: boolean): Int32Array =>
    Int32Array.from({ length: index.count }, (_, n) => n).filter(
      (n) => (index.label[n] !== UNLABELLED) === isLabelled,
    );
  const labelled = balancedDealer(having(true), keys.labelled, random, mix);
  const unlabelled = balancedDealer(having(false), keys.unlabelled, random, mix);
  const { labelledRows, unlabelledWeight } = sidesOf(rows, shape.labelled, shape.unlabelled);
  const reader = new SampleReader(index, shape.scales, MOST_KEPT);
  const augment = augmentWith(options.augmentations, { rows: shape.channels, columns: shape.columns });
  for (let step = 0; step < steps; step += 1) {
    const x = new Float32Array(rows * width);
    const observed = new Float32Array(rows * width);
    const y = new Float32Array(rows * classes);
    const weight = new Float32Array(rows).fill(1, 0, labelledRows).fill(unlabelledWeight, labelledRows);
    for (let i = 0; i < rows; i += 1) {
      const row = i < labelledRows ? labelled() : unlabelled();
      reader.copy(row, x, observed, i * width);
      if (i < labelledRows) y[i * classes + (index.label[row] as number)] = 1;
      augment?.(x, observed, i * width, random);
    }
    yield [x, observed, y, weight];
  }
}
