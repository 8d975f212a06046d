import { setImmediate } from "node:timers/promises";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { copyOf } from "./feeds.ts";
import { runEach } from "./runtime.ts";
import type { CompiledStep, TypedArray } from "./runtime.ts";
import type { Schedule } from "./schedule.ts";

/** Where a fit stands: all it needs to go on as if it had never stopped. Plain data, see checkpoint.ts. */
export interface FitCheckpoint<Score = unknown> {
  readonly epoch: number; // the one under way
  readonly stepInEpoch: number; // steps of it that are done
  readonly step: number; // steps done in all
  readonly lossSum: number; // of the epoch's steps
  readonly state: readonly TypedArray[];
  readonly scores: readonly EpochScore<Score>[];
  readonly best: {
    readonly epoch: number;
    readonly value: number;
    readonly state: readonly TypedArray[];
  } | null;
}

export interface EpochScore<Score> {
  readonly epoch: number; // counted from 1: epochs done
  readonly loss: number; // mean over the epoch's steps
  readonly score: Score | null; // what `validate` answered
}

export interface FitProgress<Score> {
  readonly epoch: number; // the one under way, counted from 1
  readonly epochs: number;
  readonly step: number;
  readonly done: number; // share of all steps, 0 to 1
  readonly loss: number;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
  readonly scores: readonly EpochScore<Score>[];
}

export interface FitOptions<Score> {
  readonly compiled: CompiledStep;
  readonly initialState: readonly TypedArray[];
  /** The batches of an epoch, once they are ready; the same ones each time it is asked, each in arrays of its own. */
  readonly batches: (epoch: number) => Iterable<Batch> | Promise<Iterable<Batch>>;
  readonly epochs: number;
  readonly stepsPerEpoch: number; // for progress
  readonly rate?: Schedule | undefined; // put in front of each batch, see optimiser.ts
  readonly validate?: ((state: readonly TypedArray[], epoch: number) => Promise<Score> | Score) | undefined;
  readonly better?: ((score: Score) => number) | undefined; // lower is better; without it the last state is the result
  readonly patience?: number | undefined; // epochs without a better score before it stops
  readonly onProgress?: ((progress: FitProgress<Score>) => void) | undefined;
  readonly onCheckpoint?: ((checkpoint: FitCheckpoint<Score>) => Promise<void> | void) | undefined;
  readonly checkpointEveryMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly resume?: FitCheckpoint<Score> | undefined;
  readonly now?: (() => number) | undefined; // milliseconds
}

export interface FitResult<Score> {
  readonly state: readonly TypedArray[]; // of the best epoch where `better` says which
  readonly bestEpoch: number;
  readonly steps: number;
  readonly scores: readonly EpochScore<Score>[];
  readonly stepsPerSecond: number; // of this stretch
}

const PROGRESS_EVERY_MS = 250;
const BREATHE_EVERY_MS = 40; // lets messages in, a cancellation for one

/**
 * Fits: batches in, state out. Knows no model and no runtime. What it does depends on its arguments alone, so a fit
 * that is resumed from a checkpoint ends in the same bits as one that never stopped (on the CPU, same threads).
 */
export async function fitLoop<Score = null>(options: FitOptions<Score>): Promise<FitResult<Score>> {
  const { compiled, epochs, signal, patience = Infinity } = options;
  const at = begin(options);
  const clock = clockOf(options, at);
  await compiled.write(options.resume?.state ?? options.initialState);
  for (; at.epoch < epochs && !exhausted(at, patience); at.epoch++) {
    await runEpoch(options, at, clock);
    const state = await compiled.read();
    const score = await orLeave(
      options,
      at,
      async () => (await options.validate?.(state, at.epoch + 1)) ?? null,
    );
    remember(options, at, state, score);
    at.stepInEpoch = 0;
    at.lossSum = 0;
    clock.report(at, true);
    if (signal?.aborted) await checkpoint(options, { ...at, epoch: at.epoch + 1 });
    throwIfCancelled(signal);
  }
  await checkpoint(options, at); // resumed, it ends at once
  const last = await compiled.read();
  return {
    state: at.best?.state ?? last,
    bestEpoch: at.best?.epoch ?? at.epoch,
    steps: at.step,
    scores: at.scores,
    stepsPerSecond: clock.pace(at),
  };
}

interface Position<Score> {
  epoch: number;
  stepInEpoch: number;
  step: number;
  lossSum: number;
  loss: number;
  scores: EpochScore<Score>[];
  best: FitCheckpoint<Score>["best"];
}

function begin<Score>({ resume }: FitOptions<Score>): Position<Score> {
  if (resume === undefined)
    return { epoch: 0, stepInEpoch: 0, step: 0, lossSum: 0, loss: NaN, scores: [], best: null };
  const { epoch, stepInEpoch, step, lossSum, scores, best } = resume;
  return {
    epoch,
    stepInEpoch,
    step,
    lossSum,
    loss: stepInEpoch > 0 ? lossSum / stepInEpoch : NaN,
    scores: [...scores],
    best,
  };
}

const exhausted = <Score>({ epoch, best }: Position<Score>, patience: number): boolean =>
  best !== null && epoch - best.epoch >= patience;

async function runEpoch<Score>(
  options: FitOptions<Score>,
  at: Position<Score>,
  clock: Clock<Score>,
): Promise<void> {
  const { compiled, signal, rate } = options;
  let skip = at.stepInEpoch; // of a resumed epoch: these are in the state already
  const left = await orLeave(options, at, () => options.batches(at.epoch));
  for (const batches of inGroups(left, () => skip-- > 0, compiled.stepsPerCall)) {
    if (signal?.aborted) {
      await checkpoint(options, at);
      throwIfCancelled(signal);
    }
    const feeds = batches.map((batch, index) =>
      rate === undefined ? batch : [Float32Array.of(rate(at.step + index)), ...batch],
    );
    for (const loss of await runEach(compiled, feeds)) {
      at.loss = loss;
      if (!Number.isFinite(loss)) throw diverged(at);
      at.lossSum += loss;
      at.step++;
      at.stepInEpoch++;
    }
    clock.report(at, false);
    if (clock.checkpointDue()) await checkpoint(options, at);
    await clock.breathe();
  }
}

type Batch = readonly TypedArray[];

/** A cancel that is heard while batches are made ready, or the epoch is validated, leaves a checkpoint too. */
async function orLeave<Score, T>(
  options: FitOptions<Score>,
  at: Position<Score>,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (options.signal?.aborted) await checkpoint(options, at);
    throw error;
  }
}

/** As many batches at a time as the runtime takes in one call. */
function* inGroups(batches: Iterable<Batch>, skipped: () => boolean, size = 1): Generator<readonly Batch[]> {
  let group: Batch[] = [];
  for (const batch of batches) {
    if (skipped()) continue;
    group.push(batch);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function remember<Score>(
  { better }: FitOptions<Score>,
  at: Position<Score>,
  state: readonly TypedArray[],
  score: Score | null,
): void {
  const epoch = at.epoch + 1;
  at.scores = [...at.scores, { epoch, loss: at.lossSum / Math.max(1, at.stepInEpoch), score }];
  if (better === undefined || score === null) return;
  const value = better(score);
  if (at.best === null || value < at.best.value) at.best = { epoch, value, state: copyOf(state) };
}

async function checkpoint<Score>(
  { compiled, onCheckpoint }: FitOptions<Score>,
  at: Position<Score>,
): Promise<void> {
  if (onCheckpoint === undefined) return;
  const { epoch, stepInEpoch, step, lossSum, scores, best } = at;
  await onCheckpoint({ epoch, stepInEpoch, step, lossSum, scores, best, state: await compiled.read() });
}

const diverged = <Score>({ loss, step, epoch }: Position<Score>): AppError =>
  new AppError(
    "model/diverged",
    `The loss became ${loss} at step ${step + 1}, epoch ${epoch + 1}; a lower learning rate may help`,
    {
      loss: String(loss),
      step: step + 1,
      epoch: epoch + 1,
    },
  );

interface Clock<Score> {
  report(at: Position<Score>, force: boolean): void;
  checkpointDue(): boolean;
  breathe(): Promise<void>;
  pace(at: Position<Score>): number;
}

function clockOf<Score>(options: FitOptions<Score>, from: Position<Score>): Clock<Score> {
  const {
    now = () => performance.now(),
    onProgress,
    checkpointEveryMs = Infinity,
    epochs,
    stepsPerEpoch,
  } = options;
  const [started, firstStep] = [now(), from.step];
  let [reported, saved, breathed] = [-Infinity, started, started];
  const pace = ({ step }: Position<Score>): number =>
    (step - firstStep) / Math.max(1e-3, (now() - started) / 1000);
  return {
    pace,
    report: (at, force) => {
      if (onProgress === undefined || (!force && now() - reported < PROGRESS_EVERY_MS)) return;
      reported = now();
      const stepsPerSecond = pace(at);
      const done = Math.min(1, (at.epoch + (force ? 1 : at.stepInEpoch / stepsPerEpoch)) / epochs);
      const secondsLeft = ((1 - done) * epochs * stepsPerEpoch) / Math.max(1e-9, stepsPerSecond);
      onProgress({
        epoch: Math.min(epochs, at.epoch + 1),
        epochs,
        step: at.step,
        done,
        loss: at.loss,
        stepsPerSecond,
        secondsLeft,
        scores: at.scores,
      });
    },
    checkpointDue: () => {
      if (now() - saved < checkpointEveryMs) return false;
      saved = now();
      return true;
    },
    breathe: async () => {
      if (now() - breathed < BREATHE_EVERY_MS) return;
      await setImmediate();
      breathed = now();
    },
  };
}
