import type { Sampling } from "../../../preload/contract/run.ts";
import { div, mul, sum } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Augment } from "../../models/augmentation.ts";
import {
  inOrder,
  named,
  type NamedArrays,
  namedTensors,
  type ParameterSpec,
  specsOf,
} from "../../compute/parameters.ts";
import { inNames, type NamedCheckpoint, withNames } from "../../compute/named-checkpoint.ts";
import type { TensorSpec } from "../../compute/tensors.ts";
import type { Batch, Estimator } from "../../models/estimator.ts";
import { epochBatches, type BatchPlan, type TrainingWindows } from "../data/batches.ts";
import { ensembleProbabilities, fitTemperature } from "../judge/calibration.ts";
import { calibrationError } from "../judge/calibration-error.ts";
import { negativeLogLikelihood, topOf } from "../judge/evaluation.ts";
import type { Probe } from "../../compute/choose.ts";
import { evenParts, everyNth } from "../../compute/parts.ts";
import type { Runtime, TypedArray } from "../../compute/runtime.ts";
import { fitLoop, type FitProgress, type FitResult } from "../../compute/loop.ts";
import { lossOfModels, type Loss } from "../../compute/loss.ts";
import { trainingStep, type OptimiserOptions, type Training } from "../../compute/optimiser.ts";
import { createScorer, type Scorer } from "../predict/score.ts";
import { cosineRate } from "../../compute/schedule.ts";
import type { Inputs } from "../data/variation.ts";

/** Parameters of each member. */
export type Members = readonly NamedArrays[];

export type EnsembleCheckpoint = NamedCheckpoint<EpochQuality>;

export interface EnsembleOptions {
  readonly estimator: Estimator<unknown>;
  readonly members: number;
  readonly windows: TrainingWindows;
  readonly plan: BatchPlan;
  readonly augment: Augment | undefined;
  readonly sampling: Sampling;
  readonly seed: number;
  readonly epochs: number;
  readonly patience: number | undefined; // epochs without a better score before training stops
  readonly rate: number;
  readonly optimiser: OptimiserOptions;
}

/** Labelled windows for calibration and early stopping, each of a person that whoever judges it was not trained on. */
export interface HeldOut {
  readonly x: Float32Array;
  readonly observed: Uint8Array;
  readonly labels: Int16Array;
  readonly subjects: readonly string[];
  /** The member that never saw this window's person; -1: none of them did, so all of them judge it. */
  readonly group: Int32Array;
}

/**
 * What the members that never saw each window say of it: the whole ensemble, or the one that left the person out, whose
 * word then stands alone.
 */
export function heldOutLogits(
  logits: readonly Float32Array[],
  { group }: HeldOut,
  classes: number,
): readonly Float32Array[] {
  if (group.every((member) => member < 0)) return logits;
  const own = (out: Float32Array): Float32Array => {
    group.forEach((member, n) => {
      if (member >= 0)
        out.set((logits[member] as Float32Array).subarray(n * classes, (n + 1) * classes), n * classes);
    });
    return out;
  };
  const isAlone = group.every((member) => member >= 0);
  return (isAlone ? logits.slice(0, 1) : logits).map((one) => own(one.slice()));
}

/** How the ensemble does on held-out people after an epoch. */
export interface EpochQuality {
  readonly nll: number;
  readonly ece: number;
  readonly calibratedNll: number; // at the best temperature: what decides, since a temperature follows anyway
}

const NAMES = 4; // feeds of a member: x, observed, y, weight

/** Members share one step: their losses add up, and no parameter and no batch is in two of them. */
function ensembleLoss({ estimator, members, plan }: EnsembleOptions): Loss {
  const { parameters } = estimator;
  const loss: Loss = Object.assign(
    ((params, feeds) => estimator.loss(namedTensors(parameters, params), batchFrom(feeds))) satisfies Loss,
    { inParts: (count: number) => lossesOfRows(loss, plan, count) },
  );
  return lossOfModels(
    Array.from({ length: members }, (_, m) => ({
      parameters: parameters.size,
      feeds: Array.from({ length: NAMES }, (_feed, at) => NAMES * m + at),
      loss,
    })),
  );
}

function batchFrom(feeds: readonly Tensor[]): Batch {
  const [x, observed, y, weight] = feeds as readonly Tensor2D[];
  return { x, observed, y, weight } as Batch;
}

/**
 * The loss of a batch as that of every count-th of its rows. An estimator divides by the labelled mass of its batch, so
 * each part counts by its share of that. As many parts as the rows can be dealt out to evenly, each with labelled ones.
 */
function lossesOfRows(loss: Loss, { rows, labelledRows }: BatchPlan, most: number): readonly Loss[] {
  const count = evenParts(rows, Math.min(most, labelledRows));
  if (count === 1) return [loss];
  const massOf = (feeds: readonly Tensor[]): Scalar => {
    const { y, weight } = batchFrom(feeds);
    return sum<Scalar>(mul(weight, sum(y, 1, true)));
  };
  return Array.from({ length: count }, (_, part): Loss => {
    return (params, feeds) => {
      const own = feeds.map((feed) => everyNth(feed, { axis: 0, part, count }));
      return mul(loss(params, own), div(massOf(own), massOf(feeds)));
    };
  });
}

function feedSpecs(options: EnsembleOptions, rows: number): readonly TensorSpec[] {
  const { width, classes } = options.windows;
  const own = [width, width, classes, 1].map((columns) => ({
    shape: [rows, columns],
    dtype: "float32" as const,
  }));
  return Array.from({ length: options.members }, () => own).flat();
}

interface Built {
  readonly probe: Probe;
  readonly training: Training;
  readonly specs: readonly ParameterSpec[];
  readonly values: readonly Float32Array[];
}

function build(options: EnsembleOptions): Built {
  const { estimator, members, optimiser } = options;
  const { parameters } = estimator;
  const each = Array.from({ length: members }, (_, m) => m);
  const specs = each.flatMap((m) => specsOf(parameters, `member${m}.`));
  const values = each.flatMap((m) => inOrder(parameters, estimator.init(options.seed + m)));
  const loss = ensembleLoss(options);
  const batch = (rows: number): readonly TypedArray[] => {
    const plan = {
      ...options.plan,
      rows,
      labelledRows: Math.max(1, Math.round((options.plan.labelledRows / options.plan.rows) * rows)),
    };
    return epochBatches({ ...options, plan }, 0).next().value as readonly Float32Array[];
  };
  const probe: Probe = {
    loss,
    specs,
    values,
    optimiser,
    rows: options.plan.rows,
    feeds: (rows) => feedSpecs(options, rows),
    batch,
  };
  return { probe, training: trainingStep(loss, specs, optimiser), specs, values };
}

/** What a runtime is tested and timed on before it is chosen. */
export const probeOf = (options: EnsembleOptions): Probe => build(options).probe;

export interface EnsembleTools {
  readonly runtime: Runtime;
  readonly heldOut: HeldOut;
  /** Inputs of the training windows in an epoch; without it they are the same in each. */
  readonly inputs?: ((epoch: number) => Promise<Inputs>) | undefined;
  readonly onProgress?: ((progress: FitProgress<EpochQuality>) => void) | undefined;
  readonly onCheckpoint?: ((checkpoint: EnsembleCheckpoint) => Promise<void>) | undefined;
  readonly resume?: EnsembleCheckpoint | undefined;
  readonly signal?: AbortSignal | undefined;
}

const CHECKPOINT_EVERY_MS = 10_000;

/**
 * Where a run does not say. Not fewer than a dozen: while the rate is high the NLL of few labelled people jumps about,
 * and stopping then cost 3 and 5 points (bracelet, 5 % of the labels, two folds of five). The best epoch is kept either way.
 */
const patienceFor = (epochs: number): number => Math.max(12, Math.ceil(epochs / 3));

export async function fitEnsemble(
  options: EnsembleOptions,
  tools: EnsembleTools,
): Promise<{ readonly members: Members; readonly result: FitResult<EpochQuality> }> {
  const { plan, epochs, rate, windows } = options;
  const { training, specs, values } = build(options);
  const compiled = await tools.runtime.compile(training.step, training.state, [
    { shape: [], dtype: "float32" },
    ...feedSpecs(options, plan.rows),
  ]);
  const membersOf = (state: readonly TypedArray[]): Members => {
    const which = options.optimiser.averaging === undefined ? "last" : "averaged";
    const flat = training.parameters(state, which);
    const shapes = options.estimator.parameters;
    return Array.from({ length: options.members }, (_, m) =>
      named(shapes, flat.slice(m * shapes.size, (m + 1) * shapes.size)),
    );
  };
  let scorer: Scorer | undefined;
  try {
    const { members } = options;
    const { width, classes } = windows;
    const own = (scorer = await createScorer(tools.runtime, options.estimator, { members, width, classes }));
    const result = await fitLoop<EpochQuality>({
      compiled,
      initialState: training.initialState(values),
      batches: async (epoch) => {
        const inputs = await tools.inputs?.(epoch);
        return epochBatches({ ...options, windows: { ...windows, ...inputs } }, epoch);
      },
      epochs,
      stepsPerEpoch: plan.steps,
      rate: cosineRate({ rate, steps: epochs * plan.steps, warmup: Math.min(20, plan.steps) }),
      validate: async (state) => {
        await own.write(membersOf(state));
        const { logits } = await own.score(tools.heldOut.x, tools.heldOut.observed, tools.signal);
        return qualityOf(
          heldOutLogits(logits, tools.heldOut, windows.classes),
          tools.heldOut,
          windows.classes,
        );
      },
      better: (quality) => quality.calibratedNll,
      patience: options.patience ?? patienceFor(epochs),
      onProgress: tools.onProgress,
      onCheckpoint: (checkpoint) => tools.onCheckpoint?.(withNames(checkpoint, specs)),
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      signal: tools.signal,
      resume: tools.resume && inNames(tools.resume, training),
    });
    return { members: membersOf(result.state), result };
  } finally {
    await compiled.dispose();
    await scorer?.dispose();
  }
}

function qualityOf(
  logits: readonly Float32Array[],
  { labels, subjects }: HeldOut,
  classes: number,
): EpochQuality {
  const raw = ensembleProbabilities(logits, classes, 1);
  const temperature = fitTemperature({ members: logits, labels, subjects, classes });
  const { confidence, isRight } = topOf(raw, labels, classes);
  return {
    nll: negativeLogLikelihood(raw, labels, classes),
    ece: calibrationError(confidence, isRight),
    calibratedNll: negativeLogLikelihood(
      ensembleProbabilities(logits, classes, temperature),
      labels,
      classes,
    ),
  };
}
