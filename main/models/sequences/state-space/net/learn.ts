import { throwIfCancelled } from "../../../../../preload/contract/errors.ts";
import { fitLoop } from "../../../../compute/loop.ts";
import { inNames, type NamedCheckpoint, withNames } from "../../../../compute/named-checkpoint.ts";
import { rateSpec, type Training, trainingStep } from "../../../../compute/optimiser.ts";
import {
  inOrder,
  named,
  type NamedArrays,
  namedTensors,
  type ParameterSpec,
  specsOf,
} from "../../../../compute/parameters.ts";
import { pause } from "../../../../compute/pause.ts";
import type { CompiledStep, Runtime } from "../../../../compute/runtime.ts";
import { cosineRate } from "../../../../compute/schedule.ts";
import { readParameters } from "../../../../compute/stored-parameters.ts";
import type { TensorSpec } from "../../../../compute/tensors.ts";
import { seededRandom, shuffle } from "../../../random.ts";
import { calibrated, type Spoken } from "./calibrate.ts";
import type { NetCalibration } from "./learned.ts";
import {
  initialParameters,
  mixtureOf,
  type MixtureOutputs,
  netLoss,
  netOutputs,
  type NetShape,
  parameterShapes,
} from "./network.ts";

/** Rows to learn from, their inputs made alike. */
export interface LessonRows {
  readonly count: number;
  readonly x: Float32Array; // [n x inputs]
  readonly distance: Float32Array; // [n x horizons] of what came from a mean, in a scale; 0 where missing
  readonly weight: Float32Array; // [n x horizons] 0 where missing, else how much it counts
}

export interface NetOptions {
  readonly components: number;
  readonly hidden: number;
  readonly members: number;
  readonly epochs: number;
  readonly leastSteps: number; // more epochs where there are few rows
}

/** Where a fit stands: networks that are done, and the one under way. Plain data. */
export interface NetCheckpoint {
  readonly done: readonly NamedArrays[]; // without their names in those of before
  readonly under: NamedCheckpoint<number> | null;
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
const AVERAGING = 0.99; // of the parameters a step
const LEAST = { train: 2000, held: 500 }; // moments

/** Too little to learn from, or to set widths by: those of recordings that were learned from would be too narrow. */
export const isTooLittle = (rows: Readonly<Record<"train" | "held", { readonly count: number }>>): boolean =>
  rows.train.count < LEAST.train || rows.held.count < LEAST.held;

const JUDGED = 12_000; // moments of the validation recordings after each epoch
const CALIBRATED = 25_000;
const CHECKPOINT_EVERY_MS = 30_000;

export interface Lesson {
  readonly train: LessonRows;
  readonly held: LessonRows; // of recordings that nothing is learned from
  readonly shape: NetShape;
  readonly options: NetOptions;
}

/**
 * Networks of mixtures, one after the other, each as it was after the epoch that said most of the rows held back. The same rows and seed
 * give the same bits on the processor, resumed or not. Throws cancelled/by-user.
 */
export async function learnMembers(lesson: Lesson, tools: NetTools): Promise<NamedArrays[]> {
  const shapes = parameterShapes(lesson.shape);
  const done = (tools.resume?.done ?? []).map((stored) => readParameters(shapes, stored));
  let under = tools.resume?.under ?? undefined;
  const { members } = lesson.options;
  if (done.length >= members) return done;
  const own = await compiledFor(lesson, await tools.runtime());
  try {
    while (done.length < members) {
      const before = done.length;
      done.push(
        await learnMember(
          lesson,
          { ...own, seed: tools.seed + 1000 * before, under },
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
    await own.compiled.dispose();
  }
  return done;
}

const batchOf = ({ train }: Lesson): number => Math.min(BATCH, train.count);

interface Compiled {
  readonly specs: readonly ParameterSpec[];
  readonly training: Training;
  readonly compiled: CompiledStep;
}

async function compiledFor(lesson: Lesson, runtime: Runtime): Promise<Compiled> {
  const { shape } = lesson;
  const shapes = parameterShapes(shape);
  const specs = specsOf(shapes);
  const tails = new Array<number>(shape.horizons).fill(TAILS);
  const training = trainingStep(
    (params, feeds) => netLoss(namedTensors(shapes, params), feeds, shape, tails),
    specs,
    {
      kind: "adam",
      averaging: AVERAGING,
      decay: specs.map((spec) => (spec.shape.length > 1 ? { rate: DECAY } : undefined)),
    },
  );
  const rows = batchOf(lesson);
  const feed = (width: number): TensorSpec => ({ shape: [rows, width], dtype: "float32" });
  const feeds = [rateSpec, feed(shape.inputs), feed(shape.horizons), feed(shape.horizons)];
  return { specs, training, compiled: await runtime.compile(training.step, training.state, feeds) };
}

interface Under extends Compiled {
  readonly seed: number;
  readonly under: NamedCheckpoint<number> | undefined;
}
type LoopTools = Pick<NetTools, "signal" | "onProgress"> & {
  readonly onCheckpoint: (at: NamedCheckpoint<number>) => Promise<void> | undefined;
};

async function learnMember(
  lesson: Lesson,
  { specs, training, compiled, seed, under }: Under,
  tools: LoopTools,
): Promise<NamedArrays> {
  const { train, held, shape, options } = lesson;
  const shapes = parameterShapes(shape);
  const stepsPerEpoch = Math.floor(train.count / batchOf(lesson));
  const epochs = Math.max(options.epochs, Math.ceil(options.leastSteps / stepsPerEpoch));
  const steps = stepsPerEpoch * epochs;
  const { state } = await fitLoop<number>({
    compiled,
    initialState: training.initialState(inOrder(shapes, initialParameters(shape, seed))),
    batches: (epoch) => batches(lesson, seed, epoch),
    epochs,
    stepsPerEpoch,
    rate: cosineRate({ rate: RATE, steps, warmup: Math.min(WARM_UP, steps / 4), last: LAST_RATE }),
    validate: (at) => natsOf(held, shape, named(shapes, training.parameters(at, "averaged"))),
    better: (nats) => nats,
    onProgress: ({ done, loss }) => {
      tools.onProgress(done, loss);
    },
    onCheckpoint: async (at) => tools.onCheckpoint(withNames(at, specs)),
    checkpointEveryMs: CHECKPOINT_EVERY_MS,
    signal: tools.signal,
    resume: under && inNames(under, training),
  });
  return named(shapes, training.parameters(state, "averaged"));
}

function* batches(lesson: Lesson, seed: number, epoch: number): Generator<readonly Float32Array[]> {
  const { train } = lesson;
  const rows = batchOf(lesson);
  const { inputs, horizons: width } = lesson.shape;
  const order = shuffle(
    Int32Array.from({ length: train.count }, (_, i) => i),
    seededRandom(seed, 20_000 + epoch),
  );
  for (let from = 0; from + rows <= order.length; from += rows) {
    const picked = [inputs, width, width].map((size) => new Float32Array(rows * size));
    const [x, distance, weight] = picked;
    for (let i = 0; i < rows; i += 1) {
      const row = order[from + i] ?? 0;
      x?.set(train.x.subarray(row * inputs, (row + 1) * inputs), i * inputs);
      distance?.set(train.distance.subarray(row * width, (row + 1) * width), i * width);
      weight?.set(train.weight.subarray(row * width, (row + 1) * width), i * width);
    }
    yield picked;
  }
}

/** What networks say at a horizon of the rows, and what came, of those rows after which something did. */
function spokenOf(
  rows: LessonRows,
  outputs: readonly (readonly [number, MixtureOutputs])[],
  { horizon, horizons, components, read }: Read & { readonly horizons: number; readonly components: number },
): Spoken {
  const there = outputs.filter(([row]) => (rows.weight[row * horizons + horizon] ?? 0) > 0);
  const one = (): Float32Array => new Float32Array(there.length * components);
  const spoken = {
    ...{ count: there.length, components, centre: one(), logScale: one(), logWeight: one() },
    distance: Float32Array.from(there, ([row]) => rows.distance[row * horizons + horizon] ?? 0),
  };
  there.forEach(([, own], i) => {
    const { centre, logScale, logWeight } = read(own, horizon);
    spoken.centre.set(centre, i * components);
    spoken.logScale.set(logScale, i * components);
    spoken.logWeight.set(logWeight, i * components);
  });
  return spoken;
}

const somewhat = (count: number, most: number): number[] => {
  const every = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.floor((count - 1) / every) + 1 }, (_, i) => i * every);
};

/** Mean −ln density a horizon of what came, up to constants. */
function natsOf(rows: LessonRows, shape: NetShape, member: NamedArrays): number {
  const width = shape.horizons;
  let [sum, count] = [0, 0];
  for (const row of somewhat(rows.count, JUDGED)) {
    const { centre, logScale, logWeight } = mixtureOf(shape, [
      netOutputs(shape, member, rowOf(rows, shape, row)),
    ]);
    for (let h = 0; h < width; h += 1) {
      const weight = rows.weight[row * width + h] ?? 0;
      if (weight === 0) continue;
      let density = 0;
      for (let at = h * shape.components; at < (h + 1) * shape.components; at += 1) {
        const z = ((rows.distance[row * width + h] ?? 0) - (centre[at] ?? 0)) / Math.exp(logScale[at] ?? 0);
        density +=
          Math.exp((logWeight[at] ?? 0) - (logScale[at] ?? 0)) * (1 + (z * z) / TAILS) ** (-(TAILS + 1) / 2);
      }
      sum -= weight * Math.log(density + 1e-300);
      count += weight;
    }
  }
  return sum / count;
}

const rowOf = ({ x }: LessonRows, { inputs }: NetShape, row: number): Float32Array =>
  x.subarray(row * inputs, (row + 1) * inputs);

interface Reading {
  readonly signal: AbortSignal;
  /** Mixtures at a horizon of the rows, where these are not those that networks speak about. */
  readonly read?: Read["read"];
}
interface Read {
  readonly horizon: number; // index
  readonly read: (own: MixtureOutputs, horizon: number) => MixtureOutputs; // [components]
}

/** What makes their widths and shares right at each horizon of the rows. */
export async function calibrationOf(
  rows: LessonRows,
  shape: NetShape,
  members: readonly NamedArrays[],
  { signal, read = horizonOf(shape.components * members.length) }: Reading,
): Promise<NetCalibration[]> {
  const outputs = somewhat(rows.count, CALIBRATED).map((row) => {
    const own = members.map((member) => netOutputs(shape, member, rowOf(rows, shape, row)));
    return [row, mixtureOf(shape, own)] as const;
  });
  const all: NetCalibration[] = [];
  const horizons = rows.distance.length / rows.count;
  const components = shape.components * members.length;
  for (let horizon = 0; horizon < horizons; horizon += 1) {
    await pause(signal);
    const { scale, tails, map } = await calibrated(
      spokenOf(rows, outputs, { horizon, horizons, components, read }),
      TAILS,
      signal,
    );
    all.push({ scale, tails: tails === Infinity ? null : tails, map: map ?? null });
  }
  return all;
}

const horizonOf =
  (components: number): Read["read"] =>
  ({ centre, logScale, logWeight }, horizon) => {
    const own = [horizon * components, (horizon + 1) * components] as const;
    return {
      centre: centre.subarray(...own),
      logScale: logScale.subarray(...own),
      logWeight: logWeight.subarray(...own),
    };
  };
