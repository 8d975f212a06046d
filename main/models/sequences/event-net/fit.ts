import type { Tensor } from "@tensorflow/tfjs-core";
import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { type FitCheckpoint, fitLoop } from "../../../compute/loop.ts";
import type { Loss } from "../../../compute/loss.ts";
import { rateSpec, type Training, trainingStep } from "../../../compute/optimiser.ts";
import { evenParts, everyNth } from "../../../compute/parts.ts";
import type { CompiledStep, Runtime } from "../../../compute/runtime.ts";
import { pause } from "../../../compute/pause.ts";
import { oneCycleRate } from "../../../compute/schedule.ts";
import { rank3, type TensorSpec } from "../../../compute/tensors.ts";
import {
  biasedByRate,
  calibratedProbabilities,
  type EventCalibration,
  fitCalibration,
  thinnedOut,
  type ThinnedOut,
  uncalibrated,
} from "./calibrate.ts";
import type { EventGroup, EventNetConfig } from "./config.ts";
import { cropBatch, type CropOptions, type Example } from "./crops.ts";
import { chooseSettings, type EventRuleSettings, usualSettings } from "./events.ts";
import { CHANNELS, type EventInput } from "./input.ts";
import { type Guide, type LearnedEventNet, type LearnedGroup, namedArrays } from "./learned.ts";
import { fitLocal, type LocalModel, localLogits } from "./local.ts";
import { dropoutSpecs, eventLogits, eventLoss, initialParameters, parameterSpecs } from "./network.ts";
import { ruleEvents } from "./rule-events.ts";
import {
  type RecordingLabels,
  type Targets,
  targetsOf,
  targetsOfProbabilities,
  targetsOfSpans,
} from "./targets.ts";
import { eventScorer, groupView } from "./judge.ts";

/** A recording to learn from. Without labels only what a rule finds in it is learned. */
export interface EventRecording {
  readonly id: string;
  readonly input: EventInput;
  readonly labels: RecordingLabels | undefined;
  /** Validation: the temperature of calibration and the settings of event finding, never a step. */
  readonly part: "train" | "validation";
}

/** Where a fit stands: the stages that are done, and the one under way. Plain data. */
export interface EventNetCheckpoint {
  readonly done: readonly (readonly Float32Array[])[]; // parameters after each stage
  readonly under: FitCheckpoint<null> | null;
}

export interface EventNetProgress {
  readonly group: string;
  readonly member: number; // from 0
  readonly stage: "pretraining" | "training" | "calibrating";
  readonly done: number; // share of the whole fit, 0 to 1
  readonly loss: number;
}

export interface EventNetTools {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: EventNetProgress) => void) | undefined;
  readonly onCheckpoint?: ((checkpoint: EventNetCheckpoint) => Promise<void> | void) | undefined;
  readonly resume?: EventNetCheckpoint | undefined;
}

const RISE = 0.15; // of the steps, in which the learning rate goes up

/**
 * Learns the events of whole recordings, a group of labels after the other, a member after the other: first what a rule
 * finds in all training recordings, then what people marked. The same recordings, config and seed give the same bits on
 * the processor, resumed from a checkpoint or not.
 * Throws model/too-few-labels where a group has no training recording that was read, cancelled/by-user.
 */
export async function fitEventNet(
  recordings: readonly EventRecording[],
  config: EventNetConfig,
  tools: EventNetTools,
): Promise<LearnedEventNet> {
  const lessons = new Map<EventGroup, Lessons>();
  for (const group of config.groups)
    lessons.set(group, await lessonsOf(recordings, group, config, tools.signal));
  const plan = stagesOf(lessons, config);
  const done: (readonly Float32Array[])[] = [...(tools.resume?.done ?? [])];
  let under = tools.resume?.under ?? null;
  const steps = plan.reduce((total, stage) => total + stage.steps, 0);
  const groups: LearnedGroup[] = [];
  for (const group of config.groups) {
    const own = plan.filter((stage) => stage.group === group);
    const trainer = await groupTrainer(group, config, tools.runtime);
    try {
      for (const stage of own) {
        if (done[stage.index] !== undefined) continue;
        const before = plan.slice(0, stage.index).reduce((total, one) => total + one.steps, 0);
        const start =
          stage.kind === "training" && stage.follows
            ? (done[stage.index - 1] ?? [])
            : initialParameters(group.codes.length, memberSeed(config, stage.member));
        const parameters = await trainer.run(stage, start, {
          signal: tools.signal,
          resume: under ?? undefined,
          onProgress: (step, loss) =>
            tools.onProgress?.({
              group: group.name,
              member: stage.member,
              stage: stage.kind,
              done: (before + step) / steps,
              loss,
            }),
          onCheckpoint: tools.onCheckpoint && ((at) => tools.onCheckpoint?.({ done: [...done], under: at })),
        });
        under = null;
        done.push(parameters);
        await tools.onCheckpoint?.({ done: [...done], under: null });
      }
    } finally {
      await trainer.dispose();
    }
    throwIfCancelled(tools.signal);
    const finished = own.filter(({ kind }) => kind === "training");
    const members = finished.map(({ index }) => done[index] ?? []);
    const last = own.at(-1);
    if (last !== undefined)
      tools.onProgress?.({
        group: group.name,
        member: last.member,
        stage: "calibrating",
        done: plan.slice(0, last.index + 1).reduce((total, one) => total + one.steps, 0) / steps,
        loss: NaN,
      });
    const learned = {
      name: group.name,
      members: members.map((values) => namedArrays(group.codes.length, values)),
      guide: lessons.get(group)?.guide ?? null,
    };
    groups.push(await settleGroup(recordings, group, learned, tools));
  }
  return { config, groups };
}

interface Stage {
  readonly index: number;
  readonly group: EventGroup;
  readonly member: number;
  readonly kind: "pretraining" | "training";
  readonly follows: boolean; // goes on from the stage before it
  readonly steps: number;
  readonly rate: number;
  readonly examples: readonly Example[];
  readonly crops: CropOptions;
}

const memberSeed = (config: EventNetConfig, member: number): number => config.seed + member;

function stagesOf(all: ReadonlyMap<EventGroup, Lessons>, config: EventNetConfig): readonly Stage[] {
  const stages: Stage[] = [];
  for (const [group, lessons] of all) {
    for (let member = 0; member < config.members; member += 1) {
      const seed = memberSeed(config, member);
      const crops = {
        rows: config.batch,
        cropS: config.cropS,
        codes: group.codes.length,
        dropout: config.dropout,
        hiddenShare: group.hiddenShare,
        bridges: config,
        seed,
      };
      if (lessons.before.length > 0)
        stages.push({
          index: stages.length,
          group,
          member,
          kind: "pretraining",
          follows: false,
          steps: group.pretrainSteps,
          rate: group.pretrainRate,
          examples: lessons.before,
          crops: { ...crops, aroundEvents: AROUND_RULED, augmentation: "none", stream: PRETRAINING },
        });
      stages.push({
        index: stages.length,
        group,
        member,
        kind: "training",
        follows: lessons.before.length > 0,
        steps: lessons.steps,
        rate: lessons.rate,
        examples: lessons.marked,
        crops: {
          ...crops,
          aroundEvents: group.aroundEvents,
          augmentation: group.augmentation,
          stream: TRAINING,
        },
      });
    }
  }
  return stages;
}

interface Lessons {
  readonly before: readonly Example[]; // of the pretraining; none where there is nothing to learn from
  readonly marked: readonly Example[];
  readonly steps: number;
  readonly rate: number;
  readonly guide: Guide | null;
}

/** A fit on few recordings takes at least these steps, and at most this learning rate. */
const FEWEST_STEPS = 120;
const CAREFUL_RATE = 1e-3;

async function lessonsOf(
  recordings: readonly EventRecording[],
  group: EventGroup,
  { guidedBelow }: EventNetConfig,
  signal: AbortSignal | undefined,
): Promise<Lessons> {
  const codes = group.codes.length;
  const training = recordings.filter(({ part }) => part === "train");
  const marked = training
    .flatMap(({ input, labels }): Example[] =>
      labels === undefined ? [] : [{ input, targets: targetsOf(input.seconds, labels, group) }],
    )
    .filter(({ targets }) => targets.read.length > 0);
  if (marked.length === 0)
    throw new AppError("model/too-few-labels", `No training recording was read for ${group.name}`, {
      group: group.name,
      recordings: training.length,
    });
  const share = marked.length / Math.max(1, guidedBelow);
  const isGuided = share < 1;
  const taught = isGuided ? group.pretrainFewOn : group.pretrainOn;
  const takesLocal = group.pretrainSteps > 0 && taught === "local";
  const local = isGuided || takesLocal ? await fitLocal(marked, codes, () => pause(signal)) : undefined;
  const ruled = (input: EventInput): Targets => {
    const spans = group.codes.map((code) => ruleEvents(input, group, code));
    return targetsOfSpans(spans, input[group.channel].observed);
  };
  const said = (input: EventInput, model: LocalModel): Targets => {
    const probability = calibratedProbabilities(localLogits(model, input), uncalibrated(codes));
    return targetsOfProbabilities(probability, codes, input[group.channel].observed);
  };
  const before: Example[] = [];
  for (const { input } of group.pretrainSteps === 0 ? [] : training) {
    before.push({ input, targets: takesLocal && local !== undefined ? said(input, local) : ruled(input) });
    await pause(signal);
  }
  const isLesson = takesLocal || before.some(({ targets }) => targets.marked.flat().length > 0);
  return {
    before: isLesson ? before : [],
    marked,
    steps: isGuided
      ? Math.min(group.steps, Math.max(FEWEST_STEPS, Math.round(share * group.steps)))
      : group.steps,
    rate: isGuided ? Math.min(group.rate, CAREFUL_RATE) : group.rate,
    guide: isGuided && local !== undefined ? { ...local, share: 0.5 * (1 - share) } : null,
  };
}

const AROUND_RULED = 0.3; // share of the crops
const PRETRAINING = 1_000_000;
const TRAINING = 2_000_000;

interface StageOptions {
  readonly signal: AbortSignal | undefined;
  readonly resume: FitCheckpoint<null> | undefined;
  readonly onProgress: (step: number, loss: number) => void;
  readonly onCheckpoint: ((checkpoint: FitCheckpoint<null>) => Promise<void> | void) | undefined;
}

interface GroupTrainer {
  run(stage: Stage, start: readonly Float32Array[], options: StageOptions): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

const CHECKPOINT_EVERY_MS = 30_000;

/** The step of a group, compiled once for all of its stages. */
async function groupTrainer(
  group: EventGroup,
  config: EventNetConfig,
  runtime: Runtime,
): Promise<GroupTrainer> {
  const codes = group.codes.length;
  const specs = parameterSpecs(codes);
  const training: Training = trainingStep(lossOf(codes, config.batch), specs, {
    kind: "adam",
    clipNorm: config.clipNorm,
    averaging: config.averaging,
    decay: specs.map(() => ({ rate: config.weightDecay })),
  });
  const compiled: CompiledStep = await runtime.compile(training.step, training.state, [
    rateSpec,
    ...batchSpecs(codes, config),
  ]);
  return {
    run: async (stage, start, { signal, resume, onProgress, onCheckpoint }) => {
      const result = await fitLoop({
        compiled,
        initialState: training.initialState(start),
        batches: () => cropBatches(stage),
        epochs: 1,
        stepsPerEpoch: stage.steps,
        rate: oneCycleRate({ rate: stage.rate, steps: stage.steps, rise: RISE }),
        onProgress: ({ step, loss }) => {
          onProgress(step, loss);
        },
        onCheckpoint,
        checkpointEveryMs: CHECKPOINT_EVERY_MS,
        signal,
        resume,
      });
      return training.parameters(result.state, "averaged");
    },
    dispose: () => compiled.dispose(),
  };
}

function* cropBatches({ examples, steps, crops }: Stage): Generator<readonly Float32Array[]> {
  for (let step = 0; step < steps; step += 1) yield [...cropBatch(examples, step, crops)];
}

const batchSpecs = (codes: number, { batch, cropS }: EventNetConfig): readonly TensorSpec[] => [
  { shape: [batch, cropS, CHANNELS], dtype: "float32" },
  { shape: [batch, cropS, codes], dtype: "float32" },
  { shape: [batch, cropS], dtype: "float32" },
  ...dropoutSpecs(batch),
];

/** A mean over the weighted seconds of the batch, so rows of it add up and may be computed side by side. */
function lossOf(codes: number, rows: number): Loss {
  const loss: Loss = (params, [x, y, weight, ...dropout]) => {
    if (x === undefined || y === undefined || weight === undefined)
      throw new AppError("model/wrong-feeds", "A batch of crops has x, y and weight", { rows });
    return eventLoss(eventLogits(params, rank3(x), codes, dropout), y, weight);
  };
  const partOf =
    (part: number, count: number): Loss =>
    (params, feeds) =>
      loss(
        params,
        feeds.map((feed: Tensor) => everyNth(feed, { axis: 0, part, count })),
      );
  const inParts = (most: number): readonly Loss[] => {
    const count = evenParts(rows, most);
    return Array.from({ length: count }, (_, part) => partOf(part, count));
  };
  return Object.assign(loss, { inParts });
}

/** What was learned with calibration and event finding chosen anew: where validation recordings or their marks changed. */
export async function settleEventNet(
  recordings: readonly EventRecording[],
  { config, groups }: LearnedEventNet,
  tools: Pick<EventNetTools, "runtime" | "signal">,
): Promise<LearnedEventNet> {
  const settled: LearnedGroup[] = [];
  for (const group of config.groups) {
    const own = groups.find(({ name }) => name === group.name);
    if (own === undefined)
      throw new AppError("model/wrong-parameters", `The group ${group.name} was not learned`, {
        group: group.name,
      });
    settled.push(await settleGroup(recordings, group, own, tools));
  }
  return { config, groups: settled };
}

interface ScoredRecording extends Example {
  readonly logits: readonly Float32Array[];
}

/** Calibration by all recordings that were read, the settings of event finding by those for validation. */
async function settleGroup(
  recordings: readonly EventRecording[],
  group: EventGroup,
  { name, members, guide }: Pick<LearnedGroup, "name" | "members" | "guide">,
  { runtime, signal }: Pick<EventNetTools, "runtime" | "signal">,
): Promise<LearnedGroup> {
  const plain: LearnedGroup = {
    name,
    members,
    guide,
    calibration: uncalibrated(group.codes.length),
    settings: group.codes.map((code) => usualSettings(group.finding, code)),
  };
  const examplesOf = (wanted: EventRecording["part"]): Example[] =>
    recordings.flatMap(({ part, input, labels }) =>
      part === wanted && labels !== undefined
        ? [{ input, targets: targetsOf(input.seconds, labels, group) }]
        : [],
    );
  const validation = examplesOf("validation");
  if (validation.length === 0) return plain;
  const scorer = await eventScorer(runtime, group, plain);
  const score = async ({ input, targets }: Example): Promise<ScoredRecording> => {
    throwIfCancelled(signal);
    return { input, targets, logits: await scorer.logits(input) };
  };
  try {
    const scored: ScoredRecording[] = [];
    for (const one of validation) scored.push(await score(one));
    const training: ThinnedOut[] = [];
    for (const one of group.isCalibrated ? examplesOf("train") : [])
      training.push(thinnedRecording(await score(one), group));
    const calibration = group.isCalibrated
      ? await calibrationOf(scored, training, group, () => pause(signal))
      : plain.calibration;
    const settings: EventRuleSettings[] = [];
    for (const [c, code] of group.codes.entries()) {
      const views = scored.map(({ input, targets, logits }) => ({
        ...groupView({ input, group, calibration, logits }, c),
        marked: targets.marked[c] ?? [],
        read: targets.read,
      }));
      settings.push(await chooseSettings(views, code, group.finding, () => pause(signal)));
    }
    return { ...plain, calibration, settings };
  } finally {
    await scorer.dispose();
  }
}

const thinnedRecording = ({ logits, targets }: ScoredRecording, { codes }: EventGroup): ThinnedOut =>
  thinnedOut(logits, targets.y, targets.weight, codes.length);

/** The temperature is that of recordings which the networks never saw; how often a code is marked, all can tell. */
async function calibrationOf(
  validation: readonly ScoredRecording[],
  training: readonly ThinnedOut[],
  group: EventGroup,
  rest: () => Promise<void>,
): Promise<EventCalibration> {
  const joined = (of: (one: ScoredRecording) => Float32Array): Float32Array =>
    joinedArrays(validation.map(of));
  const fitted = await fitCalibration(
    (validation[0]?.logits ?? []).map((_, member) =>
      joined(({ logits }) => logits[member] ?? new Float32Array(0)),
    ),
    joined(({ targets }) => targets.y),
    Uint8Array.from(joined(({ targets }) => Float32Array.from(targets.weight))),
    group.codes.length,
    rest,
  );
  return biasedByRate(fitted, [...validation.map((one) => thinnedRecording(one, group)), ...training], rest);
}

function joinedArrays(arrays: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(arrays.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}
