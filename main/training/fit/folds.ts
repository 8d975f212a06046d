import { AppError } from "../../../preload/contract/errors.ts";
import type { Run, RunConfig, RunMetrics } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { labelledPeople, splitDataset, type Dataset } from "../data/dataset.ts";
import type { Chosen, RuntimeFor } from "../../compute/choose.ts";
import { fitSplit, stretches, type FittedSplit, type Report, type SplitTools } from "./fit.ts";
import type { Tested } from "../judge/scored.ts";
import type { FitElsewhere } from "./threads.ts";
import type { TrainedModel } from "../model-file/model-file.ts";
import { foldReport, pooled, reportsOf, spreadOf } from "../judge/reports.ts";
import { foldConfigs, withoutFolds } from "../data/split.ts";
import type { FitTools } from "../work.ts";

export interface FittedRun {
  readonly run: Run;
  readonly model: TrainedModel;
  readonly metrics: RunMetrics;
}

/** How far a fit has come. */
type Place =
  | { readonly kind: "waiting" }
  | { readonly kind: "under-way"; readonly checkpoint: Uint8Array }
  | { readonly kind: "done"; readonly fitted: FittedSplit };

type FoldTools = FitTools &
  Pick<SplitTools, "report" | "openVaried"> & { readonly elsewhere: FitElsewhere | undefined };

/**
 * Cross-validation by person. The model that is kept learns from everybody and comes first: the engine is chosen for
 * it, and its curve is the run's. Then one model a fold is trained without the fold's people and judges them; the
 * reports are pooled. The folds know nothing of one another, so they come out the same one by one or side by side.
 */
export async function fitFolds(started: Run, dataset: Dataset, tools: FoldTools): Promise<FittedRun> {
  const configs = fitsOf(started.config, dataset);
  const [everybody = started.config] = configs;
  const course = followed(started, configs.length, tools);
  const fit = (index: number, where: typeof fitSplit, own: Partial<SplitTools>): Promise<FittedSplit> =>
    course.fit(index, (common) => {
      const config = configs[index] as RunConfig;
      const run = { ...course.run(), config };
      return where(run, splitDataset(dataset, config), { ...common, ...own });
    });

  const runtimeFor = onceChosen(tools.runtimeFor);
  const whole = await fit(0, fitSplit, { isTested: false, runtimeFor });
  const { engine } = whole.run; // what learns in rounds has none
  const { elsewhere } = tools;
  const { lanes, threads } = (engine && elsewhere?.share(engine, configs.length - 1)) ?? {
    lanes: 1,
    threads: 1,
  };
  const isElsewhere = engine !== undefined && elsewhere !== undefined && lanes > 1;
  const where: typeof fitSplit = isElsewhere
    ? (run, ...rest) => elsewhere.fitSplit({ ...run, engine: { ...engine, threads } }, ...rest)
    : fitSplit;
  // Threads compute as this one does once it has an engine (onnx/ort.ts): a run that goes on with its folds has none yet.
  if (isElsewhere) await runtimeFor(engine.engine ?? everybody.engine);
  const stop = new AbortController();
  const signal = AbortSignal.any([tools.signal, stop.signal]);
  const folds = await inLanes(lanes, configs.length - 1, async (fold) => {
    try {
      return await fit(fold + 1, where, { runtimeFor, signal });
    } catch (error) {
      stop.abort(); // the others stop at their checkpoints
      throw error;
    }
  });

  const tested = folds.map((fold) => fold.tested as Tested);
  const reports = folds.map(({ facts }, at) => foldReport(tested[at] as Tested, facts.calibration));
  return {
    run: course.run(),
    model: whole.model,
    metrics: { ...reportsOf(pooled(tested)), ...whole.facts, folds: reports, spread: spreadOf(reports) },
  };
}

/** Who learns from everybody, then who leaves a fold out each. */
function fitsOf(config: RunConfig, dataset: Dataset): readonly RunConfig[] {
  const single = withoutFolds(config);
  const everybody: RunConfig = { ...single, split: { ...single.split, testSubjects: [] } };
  return [everybody, ...foldConfigs(config, labelledPeople(dataset))];
}

export interface OneFit {
  readonly fitted: FittedSplit;
  readonly of: number; // fits that the cross-validation has
}

/**
 * One fit of a cross-validation by itself, on this machine or another: 0 learns from everybody and chooses the engine; the
 * others need what came of it. `placesOf` puts them together again, and they are what they would be in one run.
 */
export async function fitOneOf(
  started: Run,
  { index, whole }: { readonly index: number; readonly whole: FittedSplit | undefined },
  dataset: Dataset,
  tools: FoldTools,
): Promise<OneFit> {
  const configs = fitsOf(started.config, dataset);
  const config = configs[index];
  if (config === undefined || index > 0 !== (whole !== undefined))
    throw new AppError("contract/bad-params", `There is no fit ${index} of ${configs.length}`, {
      ...{ value: index, allowed: configs.length - 1 },
    });
  const run = whole === undefined ? started : kept(started, whole.run);
  const fitted = await fitSplit({ ...run, config }, splitDataset(dataset, config), {
    ...tools,
    isTested: index > 0,
  });
  return { fitted, of: configs.length };
}

/** The checkpoint of a run whose fits are all done: it goes on by pooling them. */
export const placesOf = (fits: readonly FittedSplit[]): Uint8Array =>
  pack(fits.map((fitted): Place => ({ kind: "done", fitted })));

/** What the fit of everybody tells of the run. */
function kept(run: Run, { curve, engine, windows, classes, fitS }: Run): Run {
  return {
    ...run,
    curve,
    classes,
    ...(fitS === undefined ? {} : { fitS }),
    ...(engine ? { engine } : {}),
    ...(windows ? { windows } : {}),
  };
}

/** The engine is tested and timed once for all fits. */
function onceChosen(choose: RuntimeFor): RuntimeFor {
  let chosen: Promise<Chosen> | undefined;
  return (...given) => (chosen ??= choose(...given));
}

interface Course {
  run(): Run;
  fit(index: number, work: (tools: SplitTools) => Promise<FittedSplit>): Promise<FittedSplit>;
}

/** One progress and one checkpoint for all fits. */
function followed(started: Run, count: number, tools: FoldTools): Course {
  const places: Place[] = tools.resume
    ? (unpack(tools.resume) as Place[])
    : Array.from({ length: count }, () => ({ kind: "waiting" }));
  const shares = places.map(({ kind }): number => (kind === "done" ? 1 : 0));
  const done = (): number => shares.reduce((a, b) => a + b, 0) / count;
  const [begun, before] = [performance.now(), done()];
  const first = stretches.reading[1];
  let run = started;
  const keep = (whole: Run): void => {
    run = kept(run, whole);
  };
  const [whole] = places;
  if (whole?.kind === "done") keep(whole.fitted.run);

  const report =
    (index: number): Report =>
    (_phase, share, { curve, epoch, epochs, stepsPerSecond } = {}) => {
      shares[index] = Math.max(sure(shares[index]), (share - first) / (1 - first));
      const made = done() - before;
      const secondsLeft = (((performance.now() - begun) / 1000) * (1 - done())) / Math.max(1e-6, made);
      tools.report("training", first + (1 - first) * done(), {
        fits: { done: places.filter(({ kind }) => kind === "done").length, of: count },
        ...(made > 0 ? { secondsLeft } : {}),
        ...(index === 0 && curve ? { curve } : {}),
        ...(epoch === undefined ? {} : { epoch }),
        ...(epochs === undefined ? {} : { epochs }),
        ...(stepsPerSecond === undefined ? {} : { stepsPerSecond }),
      });
    };
  const save = (): Promise<void> => tools.onCheckpoint(run, pack(places));
  return {
    run: () => run,
    async fit(index, work) {
      const place = places[index] as Place;
      if (place.kind === "done") return place.fitted;
      const fitted = await work({
        runtimeFor: tools.runtimeFor,
        openVaried: tools.openVaried,
        signal: tools.signal,
        isTested: true,
        report: report(index),
        resume: place.kind === "under-way" ? place.checkpoint : undefined,
        onCheckpoint: async (at, checkpoint) => {
          if (index === 0) keep(at);
          places[index] = { kind: "under-way", checkpoint };
          await save();
        },
      });
      if (index === 0) keep(fitted.run);
      places[index] = { kind: "done", fitted };
      report(index)("training", 1);
      await save();
      return fitted;
    },
  };
}

/** Works through all, so many at a time; fails with the first failure, once those under way have ended too. */
async function inLanes<T>(lanes: number, count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
