import type { Tensor2D } from "@tensorflow/tfjs-core";
import { throwIfCancelled } from "../../../../../preload/contract/errors.ts";
import { type FitCheckpoint, fitLoop } from "../../../../compute/loop.ts";
import { rateSpec, type Training, trainingStep } from "../../../../compute/optimiser.ts";
import { pause } from "../../../../compute/pause.ts";
import type { CompiledStep, Runtime } from "../../../../compute/runtime.ts";
import { cosineRate } from "../../../../compute/schedule.ts";
import type { TensorSpec } from "../../../../compute/tensors.ts";
import { seededRandom, shuffle } from "../../../random.ts";
import type { Dynamics } from "../filter.ts";
import { calibrated, type Spoken } from "./calibrate.ts";
import { INPUTS } from "./inputs.ts";
import type { LearnedNet, NetCalibration } from "./learned.ts";
import {
  initialParameters,
  mixtureOf,
  netLoss,
  netOutputs,
  type NetShape,
  parameterSpecs,
  type MixtureOutputs,
} from "./network.ts";
import { ANCHORS, netRows, type NetRecording, type NetRows, standardise, standardOf } from "./rows.ts";

export interface NetOptions {
  readonly components: number;
  readonly hidden: number;
  readonly members: number;
  readonly epochs: number;
}
export const usualNet: NetOptions = { components: 6, hidden: 96, members: 4, epochs: 8 };

/** Where a fit stands: networks that are done, and the one under way. Plain data. */
export interface NetCheckpoint {
  readonly done: readonly (readonly Float32Array[])[];
  readonly under: FitCheckpoint<number> | null;
}

export interface NetTools {
  readonly runtime: () => Promise<Runtime>;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, loss?: number) => void; // share, 0 to 1
  readonly onCheckpoint?: ((place: NetCheckpoint) => Promise<void>) | undefined;
  readonly resume?: NetCheckpoint | undefined;
}

const TAILS = 5; // degrees of freedom while learning
const BATCH = 512;
const RATE = 3e-3;
const LAST_RATE = 0.1; // of it
const WARM_UP = 100; // steps
const DECAY = 0.2; // of the weights, a unit of the learning rate
const AVERAGING = 0.998; // of the parameters a step
const LEAST_ROWS = 2000;
const JUDGED = 12_000; // moments of the validation recordings after each epoch
const CALIBRATED = 25_000;
const CHECKPOINT_EVERY_MS = 30_000;

/**
 * Learns networks that correct a filter, one after the other, and sets the width of what they say right by recordings they
 * never learned from. The same recordings and seed give the same bits on the processor. Undefined for too few moments to
 * learn from: the filter is better left alone. Throws cancelled/by-user.
 */
export async function fitNetwork(
  recordings: readonly NetRecording[],
  dynamics: Dynamics,
  options: NetOptions,
  tools: NetTools,
): Promise<LearnedNet | undefined> {
  const of = (part: NetRecording["part"]): NetRows =>
    netRows(
      recordings.filter((one) => one.part === part).map(({ seen }) => seen),
      dynamics,
    );
  const train = of("train");
  if (train.count < LEAST_ROWS) return undefined;
  const standard = standardOf(train);
  const held = of("validation");
  for (const { x } of [train, held]) standardise(x, standard);
  const { hidden, components } = options;
  const shape: NetShape = { inputs: INPUTS, hidden, horizons: ANCHORS.length, components };
  const members = await learnMembers({ train, held, shape, options }, tools);
  const judge = held.count >= LEAST_ROWS ? held : train;
  const calibration = await calibrationOf(judge, shape, members, tools.signal);
  return { hidden, components, ...standard, members: members.map((one) => [...one]), calibration };
}

interface Lesson {
  readonly train: NetRows;
  readonly held: NetRows;
  readonly shape: NetShape;
  readonly options: NetOptions;
}

async function learnMembers(lesson: Lesson, tools: NetTools): Promise<(readonly Float32Array[])[]> {
  const done: (readonly Float32Array[])[] = [...(tools.resume?.done ?? [])];
  let under = tools.resume?.under ?? undefined;
  const { members } = lesson.options;
  if (done.length >= members) return done;
  const { training, compiled } = await compiledFor(lesson, await tools.runtime());
  try {
    while (done.length < members) {
      const before = done.length;
      done.push(
        await learnMember(
          lesson,
          { training, compiled, seed: tools.seed + 1000 * before, under },
          {
            ...tools,
            onProgress: (share, loss) => {
              tools.onProgress((before + share) / members, loss);
            },
            onCheckpoint: (at) => tools.onCheckpoint?.({ done: done.slice(0, before), under: at }),
          },
        ),
      );
      under = undefined;
      await tools.onCheckpoint?.({ done: [...done], under: null });
      throwIfCancelled(tools.signal);
    }
  } finally {
    await compiled.dispose();
  }
  return done;
}

const batchOf = ({ train }: Lesson): number => Math.min(BATCH, train.count);

async function compiledFor(
  lesson: Lesson,
  runtime: Runtime,
): Promise<{ readonly training: Training; readonly compiled: CompiledStep }> {
  const { shape } = lesson;
  const specs = parameterSpecs(shape);
  const tails = ANCHORS.map(() => TAILS);
  const training = trainingStep(
    (params, feeds) => netLoss(params, feeds as [Tensor2D, Tensor2D, Tensor2D], shape, tails),
    specs,
    {
      kind: "adam",
      averaging: AVERAGING,
      decay: specs.map((spec) => (spec.shape.length > 1 ? { rate: DECAY } : undefined)),
    },
  );
  const rows = batchOf(lesson);
  const feed = (width: number): TensorSpec => ({ shape: [rows, width], dtype: "float32" });
  const feeds = [rateSpec, feed(INPUTS), feed(ANCHORS.length), feed(ANCHORS.length)];
  return { training, compiled: await runtime.compile(training.step, training.state, feeds) };
}

interface Under {
  readonly training: Training;
  readonly compiled: CompiledStep;
  readonly seed: number;
  readonly under: FitCheckpoint<number> | undefined;
}
type LoopTools = Pick<NetTools, "signal" | "onProgress"> & {
  readonly onCheckpoint: (at: FitCheckpoint<number>) => Promise<void> | undefined;
};

async function learnMember(
  lesson: Lesson,
  { training, compiled, seed, under }: Under,
  tools: LoopTools,
): Promise<readonly Float32Array[]> {
  const { train, held, shape, options } = lesson;
  const stepsPerEpoch = Math.floor(train.count / batchOf(lesson));
  const steps = stepsPerEpoch * options.epochs;
  const isHeld = held.count >= LEAST_ROWS;
  const { state } = await fitLoop<number>({
    compiled,
    initialState: training.initialState(initialParameters(shape, seed)),
    batches: (epoch) => batches(lesson, seed, epoch),
    epochs: options.epochs,
    stepsPerEpoch,
    rate: cosineRate({ rate: RATE, steps, warmup: Math.min(WARM_UP, steps / 4), last: LAST_RATE }),
    validate: isHeld ? (at) => natsOf(held, shape, training.parameters(at, "averaged")) : undefined,
    better: isHeld ? (nats) => nats : undefined,
    onProgress: ({ done, loss }) => {
      tools.onProgress(done, loss);
    },
    onCheckpoint: async (at) => tools.onCheckpoint(at),
    checkpointEveryMs: CHECKPOINT_EVERY_MS,
    signal: tools.signal,
    resume: under,
  });
  return training.parameters(state, "averaged");
}

function* batches(lesson: Lesson, seed: number, epoch: number): Generator<readonly Float32Array[]> {
  const { train } = lesson;
  const rows = batchOf(lesson);
  const width = ANCHORS.length;
  const order = shuffle(
    Int32Array.from({ length: train.count }, (_, i) => i),
    seededRandom(seed, 20_000 + epoch),
  );
  for (let from = 0; from + rows <= order.length; from += rows) {
    const picked = [INPUTS, width, width].map((size) => new Float32Array(rows * size));
    const [x, distance, weight] = picked;
    for (let i = 0; i < rows; i += 1) {
      const row = order[from + i] ?? 0;
      x?.set(train.x.subarray(row * INPUTS, (row + 1) * INPUTS), i * INPUTS);
      distance?.set(train.distance.subarray(row * width, (row + 1) * width), i * width);
      weight?.set(train.weight.subarray(row * width, (row + 1) * width), i * width);
    }
    yield picked;
  }
}

/** What a network says of some of the moments at an anchor and what came, of those after which something did. */
function spokenOf(
  rows: NetRows,
  outputs: readonly (readonly [number, MixtureOutputs])[],
  anchor: number,
): Spoken {
  const there = outputs.filter(([row]) => rows.weight[row * ANCHORS.length + anchor] === 1);
  const components =
    there[0]?.[1].centre.length === undefined ? 1 : there[0][1].centre.length / ANCHORS.length;
  const one = (): Float32Array => new Float32Array(there.length * components);
  const spoken = {
    ...{ count: there.length, components, centre: one(), logScale: one(), logWeight: one() },
    distance: Float32Array.from(there, ([row]) => rows.distance[row * ANCHORS.length + anchor] ?? 0),
  };
  there.forEach(([, { centre, logScale, logWeight }], i) => {
    const own = [anchor * components, (anchor + 1) * components] as const;
    spoken.centre.set(centre.subarray(...own), i * components);
    spoken.logScale.set(logScale.subarray(...own), i * components);
    spoken.logWeight.set(logWeight.subarray(...own), i * components);
  });
  return spoken;
}

const somewhat = (count: number, most: number): number[] => {
  const every = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.floor((count - 1) / every) + 1 }, (_, i) => i * every);
};

/** Mean −ln density a horizon of what came, up to constants. */
function natsOf(rows: NetRows, shape: NetShape, member: readonly Float32Array[]): number {
  const width = ANCHORS.length;
  let [sum, count] = [0, 0];
  for (const row of somewhat(rows.count, JUDGED)) {
    const { centre, logScale, logWeight } = mixtureOf(shape, [netOutputs(shape, member, rowOf(rows, row))]);
    for (let h = 0; h < width; h += 1) {
      if (rows.weight[row * width + h] !== 1) continue;
      let density = 0;
      for (let at = h * shape.components; at < (h + 1) * shape.components; at += 1) {
        const z = ((rows.distance[row * width + h] ?? 0) - (centre[at] ?? 0)) / Math.exp(logScale[at] ?? 0);
        density +=
          Math.exp((logWeight[at] ?? 0) - (logScale[at] ?? 0)) * (1 + (z * z) / TAILS) ** (-(TAILS + 1) / 2);
      }
      sum -= Math.log(density + 1e-300);
      count += 1;
    }
  }
  return sum / count;
}

const rowOf = ({ x }: NetRows, row: number): Float32Array => x.subarray(row * INPUTS, (row + 1) * INPUTS);

async function calibrationOf(
  rows: NetRows,
  shape: NetShape,
  members: readonly (readonly Float32Array[])[],
  signal: AbortSignal,
): Promise<NetCalibration[]> {
  const outputs = somewhat(rows.count, CALIBRATED).map(
    (row) =>
      [
        row,
        mixtureOf(
          shape,
          members.map((member) => netOutputs(shape, member, rowOf(rows, row))),
        ),
      ] as const,
  );
  const all: NetCalibration[] = [];
  for (const anchor of ANCHORS.keys()) {
    await pause(signal);
    const { scale, tails, map } = await calibrated(spokenOf(rows, outputs, anchor), TAILS, signal);
    all.push({ scale, tails: tails === Infinity ? null : tails, map: map ?? null });
  }
  return all;
}
