import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import type { NamedCheckpoint } from "../../../compute/named-checkpoint.ts";
import type { NamedArrays } from "../../../compute/parameters.ts";
import { pause } from "../../../compute/pause.ts";
import type { Runtime, TypedArray } from "../../../compute/runtime.ts";
import { readParameters } from "../../../compute/stored-parameters.ts";
import type { Marked } from "../../model.ts";
import { seededRandom, type Random } from "../../random.ts";
import { HORIZONS_S, INPUTS } from "./blocks.ts";
import { calibrate } from "./calibrate.ts";
import { type Lesson, lessonOf, targetOf } from "./lesson.ts";
import type { LearnedForks } from "./learned.ts";
import type { ForkBatchSize } from "./network.ts";
import type { Seconds } from "../seconds.ts";
import { type ForkShape, initialParameters, parameterShapes } from "./shape.ts";
import { fallingRate, trainForks } from "./train.ts";

export interface ForkRecording {
  readonly part: "train" | "validation";
  readonly seconds: Seconds;
  readonly marks: Marked | undefined; // absent: only what follows is learned from it
}

export interface ForkPlan {
  readonly codes: readonly string[];
  readonly components: number; // of a class
  readonly members: number;
  readonly epochs: number;
  readonly fewestSteps: number; // of few recordings the epochs are more
  readonly hidden: number; // units of the memory
  readonly head: number;
  readonly seed: number;
}

export interface ForkPlace {
  readonly done: readonly NamedArrays[]; // of the finished members; without their names in those of before
  readonly under: NamedCheckpoint<number> | null;
}

export interface ForkTools {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, loss: number) => void) | undefined;
  readonly onCheckpoint?: ((place: ForkPlace) => Promise<void>) | undefined;
  readonly resume?: ForkPlace | undefined;
}

export const CROP = 120; // blocks
const WARM = 24; // blocks at the head of a crop that fill the memory and are not scored
const SCORED = CROP - WARM;
const BATCH = 32; // crops
const [RATE, WARMUP, RAMP] = [3e-3, 50, 0.3];
const LEAST_BPM = 0.3; // deviation: one step in twenty of a heart rate is exactly 0

/**
 * Learns what follows, a member after the other. Labelled moments teach the future of their class and the classes, the
 * others all futures by what each explains. The same recordings, plan and seed give the same bits on the processor.
 * Throws model/too-few-labels, model/too-little-observed where nothing can be learned from, cancelled/by-user.
 */
export async function fitForks(
  recordings: readonly ForkRecording[],
  plan: ForkPlan,
  tools: ForkTools,
): Promise<LearnedForks> {
  const lessons: (Lesson & Pick<ForkRecording, "part">)[] = [];
  for (const recording of recordings) {
    lessons.push({ ...lessonOf(recording.seconds, recording.marks, plan.codes), part: recording.part });
    await pause(tools.signal);
  }
  const training = lessons.filter(({ part }) => part === "train");
  const scales = scalesOf(training);
  const shape = ctgShape(plan, scales);
  const school = schoolOf(training, shape, scales);
  const shapes = parameterShapes(shape);
  const done = (tools.resume?.done ?? []).map((stored) => readParameters(shapes, stored));
  let under = tools.resume?.under ?? undefined;
  for (let member = done.length; member < plan.members; member += 1) {
    done.push(await taught(school, { ...tools, plan, member, under, done }));
    under = undefined;
    await tools.onCheckpoint?.({ done: [...done], under: null });
  }
  throwIfCancelled(tools.signal);
  const plain = {
    codes: [...plan.codes],
    ...{ shape, scales: [...scales], members: done },
    calibration: {
      temperature: 1,
      biases: plan.codes.map(() => 0),
      widths: HORIZONS_S.map(() => 1),
    },
  };
  const validation = lessons.filter(({ part }) => part === "validation");
  return { ...plain, calibration: await calibrate(plain, validation, () => pause(tools.signal)) };
}

export const ctgShape = (
  { codes, components, hidden, head }: Pick<ForkPlan, "codes" | "components" | "hidden" | "head">,
  scales: Float64Array,
): ForkShape => ({
  ...{
    inputs: INPUTS,
    hidden,
    classes: codes.length + 1,
    components,
    horizons: HORIZONS_S.length,
    dims: 1,
    head,
  },
  ...{ seesInputs: true, squash: "tanh", weights: "horizon", firstSpread: [-1, 0.5] },
  leastSpread: Array.from(scales, (scale) => Math.log(LEAST_BPM / scale)),
});

/** Root mean square of where the heart rate went, a horizon. */
function scalesOf(lessons: readonly Lesson[]): Float64Array {
  return Float64Array.from(HORIZONS_S, (_, h) => {
    let [sum, count] = [0, 0];
    for (const { seconds, blocks } of lessons)
      for (let block = 0; block < blocks.count; block += 1) {
        const target = targetOf({ seconds, blocks }, block, h);
        if (Number.isNaN(target)) continue;
        sum += target * target;
        count += 1;
      }
    return Math.max(LEAST_BPM, Math.sqrt(sum / Math.max(1, count)));
  });
}

interface School {
  readonly shape: ForkShape;
  readonly size: ForkBatchSize;
  readonly stepsPerEpoch: number;
  readonly batch: (random: Random, marginal: number) => TypedArray[];
}

/** Recordings with a class somewhere beside those without; where there is only one sort, all rows of a batch are of it. */
function schoolOf(lessons: readonly Lesson[], shape: ForkShape, scales: Float64Array): School {
  const teaching = lessons.filter(isTeaching);
  const known = teaching.filter(({ future }) => future.some((c) => c >= 0));
  const unknown = teaching.filter(({ future }) => future.every((c) => c < 0));
  if (lessons.length > 0 && teaching.length === 0)
    throw new AppError(
      "model/too-little-observed",
      "No training recording has an observed heart rate beyond its first two minutes",
      { recordings: lessons.length },
    );
  if (known.length === 0)
    throw new AppError(
      "model/too-few-labels",
      "No training recording can be learned from: none was read for these labels",
      {
        recordings: lessons.length,
      },
    );
  const rows = unknown.length === 0 ? BATCH : BATCH / 2;
  const others = BATCH - rows;
  const blocks = teaching.reduce((sum, lesson) => sum + lesson.blocks.count, 0);
  const [drawKnown, drawUnknown] = [known, unknown].map((own) => drawnFrom(own));
  return {
    shape,
    size: { time: CROP, rows: BATCH, origins: rows * SCORED, unlabelled: others * SCORED },
    stepsPerEpoch: Math.max(1, Math.round(blocks / (SCORED * BATCH))),
    batch: (random, marginal) => {
      const crops = Array.from({ length: BATCH }, (_, row) =>
        (row < rows ? drawKnown : drawUnknown)?.(random),
      );
      return feedsOf(
        crops.flatMap((crop) => crop ?? []),
        { shape, scales, rows, marginal },
      );
    },
  };
}

/** Whether anything came after a moment that is scored. */
function isTeaching(lesson: Lesson): boolean {
  for (let block = WARM; block < lesson.blocks.count; block += 1)
    if (HORIZONS_S.some((_, h) => !Number.isNaN(targetOf(lesson, block, h)))) return true;
  return false;
}

interface Crop {
  readonly lesson: Lesson;
  readonly first: number; // block
}

/** Crops from any place of any recording, each block as likely as the next. */
function drawnFrom(lessons: readonly Lesson[]): (random: Random) => Crop | undefined {
  const room = lessons.map(({ blocks }) => Math.max(1, blocks.count - CROP + 1));
  const total = room.reduce((a, b) => a + b, 0);
  return (random) => {
    let left = random.below(Math.max(1, total));
    for (const [at, lesson] of lessons.entries()) {
      if (left < (room[at] ?? 0)) return { lesson, first: left };
      left -= room[at] ?? 0;
    }
    return undefined;
  };
}

interface FeedOptions {
  readonly shape: ForkShape;
  readonly scales: Float64Array;
  readonly rows: number; // labelled, the first of them
  readonly marginal: number; // weight of the others
}

/** Feeds of the loss, in network.ts's order. */
function feedsOf(crops: readonly Crop[], { shape, scales, rows, marginal }: FeedOptions): TypedArray[] {
  const { classes } = shape;
  const x = new Float32Array(CROP * BATCH * INPUTS);
  crops.forEach(({ lesson, first }, row) => {
    const length = Math.min(CROP, lesson.blocks.count - first);
    for (let t = 0; t < length; t += 1)
      x.set(
        lesson.blocks.x.subarray((first + t) * INPUTS, (first + t + 1) * INPUTS),
        (t * BATCH + row) * INPUTS,
      );
  });
  const known = originsOf(crops.slice(0, rows), { scales, first: 0, needsClass: true });
  const feeds: TypedArray[] = [x];
  const own = new Float32Array(known.place.length * classes);
  if (classes > 1) {
    const target = new Float32Array(CROP * BATCH * classes);
    const many = Math.max(
      1,
      known.future.reduce((sum, c) => sum + Number(c >= 0), 0),
    );
    known.future.forEach((c, i) => {
      if (c < 0) return;
      own[i * classes + c] = 1;
      target[(known.place[i] ?? 0) * classes + c] = 1 / many;
    });
    feeds.push(target);
  }
  feeds.push(known.place, ...(classes > 1 ? [own] : []), known.target);
  feeds.push(known.share.map((one) => one / Math.max(1, known.count)));
  if (rows === BATCH) return feeds;
  const rest = originsOf(crops.slice(rows), { scales, first: rows, needsClass: false });
  const weight = rest.isScored.map((is) => (is * marginal) / Math.max(1, rest.count));
  return [...feeds, rest.place, rest.target, rest.share, Float32Array.from(weight)];
}

interface OriginOptions {
  readonly scales: Float64Array;
  readonly first: number; // row
  readonly needsClass: boolean;
}

/** The scored moments of crops: what followed in units of the scales, shares of the horizons seen that sum to 1. */
function originsOf(crops: readonly Crop[], { scales, first, needsClass }: OriginOptions) {
  const [n, width] = [crops.length * SCORED, scales.length];
  const [target, share] = [new Float32Array(n * width), new Float32Array(n * width)];
  const [place, future, isScored] = [new Int32Array(n), new Int8Array(n).fill(-1), new Float32Array(n)];
  crops.forEach(({ lesson, first: from }, row) => {
    for (let s = 0; s < SCORED; s += 1) {
      const [i, block] = [row * SCORED + s, from + WARM + s];
      place[i] = (WARM + s) * BATCH + first + row;
      if (block >= lesson.blocks.count) continue;
      future[i] = lesson.future[block] ?? -1;
      if (needsClass && (future[i] ?? -1) < 0) continue;
      const each = Float64Array.from(scales, (_, h) => targetOf(lesson, block, h));
      const seen = each.reduce((sum, own) => sum + Number(!Number.isNaN(own)), 0);
      if (seen === 0) continue;
      isScored[i] = 1;
      each.forEach((own, h) => {
        if (Number.isNaN(own)) return;
        target[i * width + h] = own / (scales[h] ?? 1);
        share[i * width + h] = 1 / seen;
      });
    }
  });
  return { place, future, target, share, isScored, count: isScored.reduce((a, b) => a + b, 0) };
}

interface Teaching extends ForkTools {
  readonly plan: ForkPlan;
  readonly member: number;
  readonly under: NamedCheckpoint<number> | undefined;
  readonly done: readonly NamedArrays[];
}

/** One member. */
function taught({ shape, size, stepsPerEpoch, batch }: School, teaching: Teaching): Promise<NamedArrays> {
  const { plan, member, under, done, runtime, signal, onProgress, onCheckpoint } = teaching;
  const epochs = Math.max(plan.epochs, Math.ceil(plan.fewestSteps / stepsPerEpoch));
  const steps = epochs * stepsPerEpoch;
  const seed = plan.seed + member;
  return trainForks(
    {
      ...{ shape, size, epochs, stepsPerEpoch, start: initialParameters(shape, seed) },
      rate: fallingRate({ rate: RATE, steps, warmup: Math.min(WARMUP, steps / 4) }),
      batch: (step) => batch(seededRandom(seed, 1000 + step), Math.min(1, step / (RAMP * steps))),
    },
    {
      ...{ runtime, signal, resume: under },
      onProgress: (share, loss) => onProgress?.((member + share) / plan.members, loss),
      onCheckpoint: onCheckpoint && ((at) => onCheckpoint({ done: [...done], under: at })),
    },
  );
}
