import type { Tensor } from "@tensorflow/tfjs-core";
import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { fitLoop } from "../../../compute/loop.ts";
import type { Loss } from "../../../compute/loss.ts";
import { inNames, type NamedCheckpoint, withNames } from "../../../compute/named-checkpoint.ts";
import { rateSpec, type Training, trainingStep } from "../../../compute/optimiser.ts";
import { inOrder, named, type NamedArrays, namedTensors, specsOf } from "../../../compute/parameters.ts";
import { evenParts, everyNth } from "../../../compute/parts.ts";
import type { CompiledStep, Runtime } from "../../../compute/runtime.ts";
import { oneCycleRate } from "../../../compute/schedule.ts";
import { readParameters } from "../../../compute/stored-parameters.ts";
import { rank3, type TensorSpec } from "../../../compute/tensors.ts";
import type { EventGroup, EventNetConfig } from "./config.ts";
import { cropBatch, type CropOptions, type Example } from "./crops.ts";
import { CHANNELS } from "./input.ts";
import type { LearnedEventNet, LearnedGroup } from "./learned.ts";
import { type EventRecording, type Lessons, lessonsOf } from "./lessons.ts";
import { dropoutSpecs, eventLogits, eventLoss, initialParameters, parameterShapes } from "./network.ts";
import { settleGroup } from "./settle.ts";

/** Where a fit stands: the stages that are done, and the one under way. Plain data. */
export interface EventNetCheckpoint {
  readonly done: readonly NamedArrays[]; // parameters after each stage; without their names in those of before
  readonly under: NamedCheckpoint<null> | null;
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
 * Throws model/too-few-labels where a member has no training recording that was read for a group, cancelled/by-user.
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
  const done = (tools.resume?.done ?? []).map((stored, at) =>
    readParameters(parameterShapes(plan[at]?.group.codes.length ?? 0), stored),
  );
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
          (stage.follows ? done[stage.index - 1] : undefined) ??
          initialParameters(group.codes.length, memberSeed(config, stage.member));
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
    const members = finished.map(({ index }) => sure(done[index]));
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
      members,
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
    for (const [member, { before, marked }] of lessons.members.entries()) {
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
      if (before.length > 0)
        stages.push({
          index: stages.length,
          group,
          member,
          kind: "pretraining",
          follows: false,
          steps: group.pretrainSteps,
          rate: group.pretrainRate,
          examples: before,
          crops: { ...crops, aroundEvents: AROUND_RULED, augmentation: "none", stream: PRETRAINING },
        });
      stages.push({
        index: stages.length,
        group,
        member,
        kind: "training",
        follows: before.length > 0,
        steps: lessons.steps,
        rate: lessons.rate,
        examples: marked,
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

const AROUND_RULED = 0.3; // share of the crops
const PRETRAINING = 1_000_000;
const TRAINING = 2_000_000;

interface StageOptions {
  readonly signal: AbortSignal | undefined;
  readonly resume: NamedCheckpoint<null> | undefined;
  readonly onProgress: (step: number, loss: number) => void;
  readonly onCheckpoint: ((checkpoint: NamedCheckpoint<null>) => Promise<void> | void) | undefined;
}

interface GroupTrainer {
  run(stage: Stage, start: NamedArrays, options: StageOptions): Promise<NamedArrays>;
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
  const shapes = parameterShapes(codes);
  const specs = specsOf(shapes);
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
        initialState: training.initialState(inOrder(shapes, start)),
        batches: () => cropBatches(stage),
        epochs: 1,
        stepsPerEpoch: stage.steps,
        rate: oneCycleRate({ rate: stage.rate, steps: stage.steps, rise: RISE }),
        onProgress: ({ step, loss }) => {
          onProgress(step, loss);
        },
        onCheckpoint: onCheckpoint && ((at) => onCheckpoint(withNames(at, specs))),
        checkpointEveryMs: CHECKPOINT_EVERY_MS,
        signal,
        resume: resume && inNames(resume, training),
      });
      return named(shapes, training.parameters(result.state, "averaged"));
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
  const shapes = parameterShapes(codes);
  const loss: Loss = (params, [x, y, weight, ...dropout]) => {
    if (x === undefined || y === undefined || weight === undefined)
      throw new AppError("model/wrong-feeds", "A batch of crops has x, y and weight", { rows });
    return eventLoss(eventLogits(namedTensors(shapes, params), rank3(x), codes, dropout), y, weight);
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
