import type { Tensor } from "@tensorflow/tfjs-core";
import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { fitLoop } from "../../../compute/loop.ts";
import type { Loss } from "../../../compute/loss.ts";
import { inNames, type NamedCheckpoint, withNames } from "../../../compute/named-checkpoint.ts";
import { rateSpec, trainingStep } from "../../../compute/optimiser.ts";
import { inOrder, named, type NamedArrays, namedTensors, specsOf } from "../../../compute/parameters.ts";
import { evenParts, everyNth } from "../../../compute/parts.ts";
import { pause } from "../../../compute/pause.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { oneCycleRate } from "../../../compute/schedule.ts";
import { readParameters } from "../../../compute/stored-parameters.ts";
import { rank2, rank3, type TensorSpec } from "../../../compute/tensors.ts";
import type { Marked } from "../../model.ts";
import { fitCalibration, hasMhrBeside } from "./calibrate.ts";
import type { SignalTrustConfig } from "./config.ts";
import { cropBatch, type Deck, deckOf, type Example } from "./crops.ts";
import { CHANNELS, levelsOf, type TrustInput } from "./input.ts";
import type { LearnedSignalTrust, TrustCalibration } from "./learned.ts";
import { dropoutSpecs, initialParameters, parameterShapes, trustLogits, trustLoss } from "./network.ts";
import { meanOf, trustScorer } from "./scorer.ts";
import { targetsOf } from "./targets.ts";

/** A recording to learn from. */
export interface TrustRecording {
  readonly input: TrustInput;
  readonly marks: Pick<Marked, "events" | "unclear">;
  /** Validation: temperatures and biases, never a step. Of the training recordings biases too. */
  readonly part: "train" | "validation";
}

/** Where a fit stands: the parameters after each cycle that is done, and the cycle under way. Plain data. */
export interface TrustPlace {
  readonly done: readonly NamedArrays[]; // without their names in those of before
  readonly under: NamedCheckpoint<null> | null;
}

export interface TrustTools {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, loss?: number) => void) | undefined; // share of the whole fit
  readonly onCheckpoint?: ((place: TrustPlace) => Promise<void> | void) | undefined;
  readonly resume?: TrustPlace | undefined;
}

const RISE = 0.15; // of the steps of a cycle, in which the learning rate goes up
const CHECKPOINT_EVERY_MS = 30_000;
const STREAM = 3_000_000; // of a cycle's crops

/**
 * Learns what is not the fetus, one network after the other, each in cycles. The same recordings, config and seed give
 * the same bits on the processor, resumed from a checkpoint or not.
 * Throws model/too-few-labels without marks of both kinds, cancelled/by-user.
 */
export async function fitSignalTrust(
  recordings: readonly TrustRecording[],
  config: SignalTrustConfig,
  tools: TrustTools,
): Promise<LearnedSignalTrust> {
  const { onProgress, onCheckpoint, resume } = tools;
  const deck = await deckFrom(recordings, config, tools.signal);
  const trainer = await cycleTrainer(deck, config, tools);
  const done = (resume?.done ?? []).map((stored) => readParameters(parameterShapes, stored));
  let under = resume?.under ?? undefined;
  const lengths = config.cycles.map(({ steps }) => steps);
  const total = (count: number): number => lengths.slice(0, count).reduce((sum, steps) => sum + steps, 0);
  const whole = total(lengths.length);
  try {
    while (done.length < config.members * lengths.length) {
      const [member, cycle] = [Math.floor(done.length / lengths.length), done.length % lengths.length];
      const start = cycle === 0 ? initialParameters(config.seed + member) : sure(done.at(-1));
      const parameters = await trainer.run(
        { member, cycle, start, done: [...done], resume: under },
        (step, loss) => onProgress?.((member * whole + total(cycle) + step) / (config.members * whole), loss),
      );
      under = undefined;
      done.push(parameters);
      await onCheckpoint?.({ done: [...done], under: null });
    }
  } finally {
    await trainer.dispose();
  }
  const members = done.filter((_, at) => (at % lengths.length) + config.kept >= lengths.length);
  return { config, members, calibration: await calibrated(recordings, { config, members }, tools) };
}

interface CyclePlace {
  readonly member: number;
  readonly cycle: number;
  readonly start: NamedArrays;
  readonly done: readonly NamedArrays[]; // before it, for a checkpoint
  readonly resume: NamedCheckpoint<null> | undefined;
}

interface CycleTrainer {
  run(at: CyclePlace, onStep: (step: number, loss: number) => void): Promise<NamedArrays>;
  dispose(): Promise<void>;
}

/** The step, compiled once for all cycles of all networks. */
async function cycleTrainer(
  deck: Deck,
  config: SignalTrustConfig,
  { runtime, signal, onCheckpoint }: TrustTools,
): Promise<CycleTrainer> {
  const specs = specsOf(parameterShapes);
  const training = trainingStep(lossOf(config), specs, {
    kind: "adam",
    clipNorm: config.clipNorm,
    averaging: config.averaging,
    decay: specs.map(() => ({ rate: config.weightDecay })),
  });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...batchSpecs(config)]);
  return {
    run: async ({ member, cycle, start, done, resume }, onStep) => {
      const { steps, rate } = config.cycles[cycle] ?? { steps: 0, rate: 0 };
      const seeded = { ...config, seed: config.seed + member };
      const { state } = await fitLoop({
        compiled,
        initialState: training.initialState(inOrder(parameterShapes, start)),
        batches: () => crops(deck, steps, seeded, STREAM * (cycle + 1)),
        epochs: 1,
        stepsPerEpoch: steps,
        rate: oneCycleRate({ rate, steps, rise: RISE }),
        onProgress: ({ step, loss }) => onStep(step, loss),
        onCheckpoint: onCheckpoint && ((at) => onCheckpoint({ done, under: withNames(at, specs) })),
        checkpointEveryMs: CHECKPOINT_EVERY_MS,
        signal,
        resume: resume && inNames(resume, training),
      });
      return named(parameterShapes, training.parameters(state, "averaged"));
    },
    dispose: () => compiled.dispose(),
  };
}

async function deckFrom(
  recordings: readonly TrustRecording[],
  { pastOnly }: SignalTrustConfig,
  signal: AbortSignal | undefined,
): Promise<Deck> {
  const examples: Example[] = [];
  for (const { input, marks, part } of recordings) {
    if (part !== "train") continue;
    const targets = targetsOf(input, marks);
    if (targets.known.length > 0) examples.push({ input, targets, levels: levelsOf(input, pastOnly) });
    await pause(signal);
  }
  const count = (of: (one: Example) => number): number => examples.reduce((sum, one) => sum + of(one), 0);
  const isFalse = count(({ targets }) => targets.false.length);
  const isTrue = count(({ targets }) => targets.known.length) - isFalse;
  if (isFalse > 0 && isTrue > 0) return deckOf(examples);
  throw new AppError(
    "model/too-few-labels",
    "Stretches of true and of false signal must both be marked in training recordings",
    { isFalse, isTrue },
  );
}

function* crops(
  deck: Deck,
  steps: number,
  config: SignalTrustConfig,
  stream: number,
): Generator<Float32Array[]> {
  for (let step = 0; step < steps; step += 1) yield cropBatch(deck, step, config, stream);
}

const batchSpecs = ({ batch, cropSamples }: SignalTrustConfig): readonly TensorSpec[] => [
  { shape: [batch, cropSamples, CHANNELS], dtype: "float32" },
  { shape: [batch, cropSamples], dtype: "float32" },
  { shape: [batch, cropSamples], dtype: "float32" },
  ...dropoutSpecs(batch),
];

/** A mean over the weighted samples of the batch, so rows of it add up and may be computed side by side. */
function lossOf({ batch: rows, pastOnly }: SignalTrustConfig): Loss {
  const loss: Loss = (params, [x, y, weight, ...dropout]) => {
    if (x === undefined || y === undefined || weight === undefined)
      throw new AppError("model/wrong-feeds", "A batch of crops has x, y and weight", { rows });
    const logits = trustLogits(namedTensors(parameterShapes, params), rank3(x), { pastOnly, dropout });
    return trustLoss(logits, rank2(y), rank2(weight));
  };
  const inParts = (most: number): readonly Loss[] => {
    const count = evenParts(rows, most);
    return Array.from(
      { length: count },
      (_, part): Loss =>
        (params, feeds) =>
          loss(
            params,
            feeds.map((feed: Tensor) => everyNth(feed, { axis: 0, part, count })),
          ),
    );
  };
  return Object.assign(loss, { inParts });
}

const EVERY = 8; // samples between those that calibration looks at: neighbours say the same

/** Temperatures by the validation recordings, biases by all. */
async function calibrated(
  recordings: readonly TrustRecording[],
  { config: { pastOnly }, members }: Pick<LearnedSignalTrust, "config" | "members">,
  { runtime, signal }: Pick<TrustTools, "runtime" | "signal">,
): Promise<TrustCalibration> {
  const recording: number[] = [];
  const logit: number[] = [];
  const [isFalse, hasMhr, isUnseen]: [number[], number[], number[]] = [[], [], []];
  const scorer = await trustScorer(runtime, members, { pastOnly });
  try {
    for (const [which, { input, marks, part }] of recordings.entries()) {
      throwIfCancelled(signal);
      const { y, known } = targetsOf(input, marks);
      if (known.length === 0) continue;
      const mean = meanOf(await scorer.logits(input, { signal }));
      const beside = hasMhrBeside(input.mhr.observed, pastOnly);
      for (const i of known.filter((_, at) => at % EVERY === 0)) {
        recording.push(which);
        logit.push(mean[i] ?? 0);
        isFalse.push(y[i] ?? 0);
        hasMhr.push(beside[i] ?? 0);
        isUnseen.push(part === "validation" ? 1 : 0);
      }
    }
  } finally {
    await scorer.dispose();
  }
  return fitCalibration({
    recording: Int32Array.from(recording),
    logit: Float32Array.from(logit),
    isFalse: Uint8Array.from(isFalse),
    hasMhr: Uint8Array.from(hasMhr),
    isUnseen: Uint8Array.from(isUnseen),
  });
}
