import { AppError } from "../../../preload/contract/errors.ts";
import { isCausal, type EngineFacts, type Run, type RunProgress } from "../../../preload/contract/run.ts";
import type { Preference } from "../../compute/choose.ts";
import type { FitProgress } from "../../compute/loop.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { augmentationFor, type AugmentationStrength } from "../../models/augmentation.ts";
import type { DescentModel, RoundsModel, WindowModel, WindowShape } from "../../models/model.ts";
import { configured, windowModelOf } from "../../models/registry.ts";
import { inputDensityOf } from "../../models/windows/input-density.ts";
import { descentSettings, windowSettings } from "../../models/windows/settings.ts";
import { planBatches, type TrainingWindows } from "../data/batches.ts";
import { classProblems, summarise, type Dataset } from "../data/dataset.ts";
import {
  isVaried,
  variedInputs,
  type OpenVaried,
  type Taught,
  type VariedReader,
} from "../data/variation.ts";
import type { FitTools } from "../work.ts";
import { alignedInputs } from "./aligned.ts";
import {
  fitEnsemble,
  probeOf,
  type EnsembleOptions,
  type EnsembleCheckpoint,
  type EnsembleTools,
  type EpochQuality,
  type Members,
} from "./ensemble.ts";
import { judge, type JudgedSplit, type Saved } from "./judge-split.ts";
import { alignedWindows, heldOut, prepare, twinWindows, withEstimates, withInputs } from "./prepare.ts";
import { fitInRounds, type RoundsPlace } from "./rounds.ts";

/** How the run's time is shared out between its stretches, for one progress bar. */
export const stretches = {
  reading: [0, 0.1],
  training: [0.12, 0.7],
  aligned: [0.5, 0.7], // where there are two networks to train, the second takes the end of the first's stretch
  twin: [0.7, 0.92],
  evaluating: [0.92, 1],
} as const;

/** What a network is made for, from the windows it learns from. */
const shapeOf = ({ layout, classes }: Dataset, labelledCount: number): WindowShape => ({
  features: layout.width,
  columns: layout.columns,
  classes: classes.length,
  maskInputs: layout.maskInputs,
  ring: layout.ring,
  labelledCount: Math.max(1, labelledCount),
});

/** An ensemble's options, and what its networks are made of. */
type Options = EnsembleOptions & { readonly network: Readonly<Record<string, unknown>> };

function ensembleOptions<Config>(
  run: Run,
  { learning }: DescentModel<Config>,
  own: Config,
  dataset: Dataset,
  windows: TrainingWindows,
  strength?: AugmentationStrength,
): Options {
  const settings = descentSettings(run.config.model);
  const plan = planBatches(windows, settings.batchSize);
  const shape = shapeOf(dataset, plan.labelled.length);
  const network = learning.network(own, shape);
  const unit = dataset.layout.scaling === "none" ? 0.5 : 0.4;
  return {
    estimator: learning.estimator(network),
    network,
    members: settings.members,
    windows,
    plan,
    augment: augmentationFor(dataset.front.name, dataset.layout, strength ?? settings.augmentation, unit),
    sampling: settings.sampling,
    seed: run.config.seed,
    epochs: settings.epochs,
    patience: settings.patience,
    rate: settings.learningRate ?? learning.rate(own, shape),
    optimiser: { kind: "adam" },
  };
}

/** A run that goes on stays on its engine and its threads, though others may be faster by now: they could give other bits. */
const engineOf = ({ engine, config }: Run): Preference => engine?.engine ?? config.engine;

/** Why it was chosen, as the run's first part says. */
const choiceIn = ({ chosenBecause, reason, trials }: EngineFacts): Partial<EngineFacts> => ({
  chosenBecause,
  ...(reason === undefined ? {} : { reason }),
  ...(trials === undefined ? {} : { trials }),
});

export type Report = (phase: RunProgress["phase"], done: number, more?: Partial<RunProgress>) => void;

/** Progress of one stretch of fitting, as a share of the whole run. */
function fitReporter(
  report: Report,
  phase: RunProgress["phase"],
  [from, to]: readonly [number, number],
  keepsCurve: boolean,
) {
  return (progress: FitProgress<EpochQuality>): void => {
    report(phase, from + (to - from) * progress.done, {
      epoch: progress.epoch,
      epochs: progress.epochs,
      stepsPerSecond: progress.stepsPerSecond,
      secondsLeft: progress.secondsLeft / Math.max(0.01, (to - from) / (1 - from)),
      ...(keepsCurve ? { curve: curveOf(progress.scores) } : {}),
    });
  };
}

const curveOf = (scores: FitProgress<EpochQuality>["scores"]): RunProgress["curve"] =>
  scores.flatMap(({ epoch, loss, score }) =>
    score ? [{ epoch, loss, validationNll: score.nll, validationEce: score.ece }] : [],
  );

export interface SplitTools extends Pick<FitTools, "runtimeFor" | "signal" | "onCheckpoint" | "resume"> {
  readonly report: Report;
  readonly openVaried: OpenVaried; // asked only where the run varies its samples
  /** Test people are judged, beside the supervised twin and the linear discriminant. */
  readonly isTested: boolean;
}

/** Where the model and its supervised twin, which comes after it, stand. */
interface SplitCheckpoint {
  readonly main: EnsembleCheckpoint | undefined;
  readonly aligned?: EnsembleCheckpoint | undefined; // the network for windows centred and oriented
  readonly twin: EnsembleCheckpoint | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the registry
const learnsInRounds = (model: WindowModel): model is RoundsModel<any, any> =>
  model.learning.kind === "rounds";

/** Of a fit that was not broken off. */
const secondsSince = (begun: number, { resume }: Pick<SplitTools, "resume">): Pick<Run, "fitS"> =>
  resume === undefined ? { fitS: (performance.now() - begun) / 1000 } : {};

/** One split, trained and judged. */
export interface FittedSplit extends JudgedSplit {
  readonly run: Run;
}

/** Trains on the training people of a dataset and judges its test people. Same configuration, data and seed: same numbers on a CPU. */
export async function fitSplit(started: Run, dataset: Dataset, tools: SplitTools): Promise<FittedSplit> {
  const { config } = started;
  const { settings } = configured(config.model);
  const model = windowModelOf(config.model.kind);
  const { members } = windowSettings(config.model);
  const problems = classProblems(dataset, { members, isTested: tools.isTested });
  if (problems.length > 0)
    throw new AppError("model/too-few-labels", problems.map(({ message }) => message).join(" "), {
      problems: problems.length,
    });
  if (learnsInRounds(model)) return fitByRounds(started, model, settings, dataset, tools);
  const reader = isVaried(descentSettings(config.model)) ? tools.openVaried(tools.signal) : undefined;
  try {
    return await fitByDescent(started, model, settings, dataset, tools, reader);
  } finally {
    await reader?.close();
  }
}

async function fitByDescent<Config>(
  started: Run,
  model: DescentModel<Config>,
  settings: Config,
  dataset: Dataset,
  tools: SplitTools,
  reader: VariedReader | undefined,
): Promise<FittedSplit> {
  const { config } = started;
  const { report, isTested } = tools;
  const prepared = prepare(dataset, config, model.can.includes("adaptation"));
  const { windows } = summarise(dataset);

  const options = ensembleOptions(started, model, settings, dataset, prepared.taught.windows);
  report("engine", stretches.reading[1]);
  const { runtime, facts } = await tools.runtimeFor(engineOf(started), probeOf(options), {
    threads: started.engine?.threads,
  });
  const engine: EngineFacts = { ...facts, ...choiceIn(started.engine ?? facts) };
  let run: Run = { ...started, classes: [...dataset.classes], engine, windows };

  const validation = heldOut(prepared, withEstimates(prepared));
  const byHand = heldOut(prepared);
  let reached = tools.resume ? (unpack(tools.resume) as SplitCheckpoint) : undefined;
  const keep = async (place: SplitCheckpoint): Promise<void> => {
    reached = place;
    await tools.onCheckpoint(run, pack(place));
  };
  const fit = async (
    own: EnsembleOptions,
    taught: Taught,
    rest: Omit<EnsembleTools, "runtime" | "signal">,
  ) => {
    const { signal } = tools;
    const { standardisation } = prepared;
    const { strideS } = config.data.windows;
    const varied =
      reader &&
      variedInputs({ taught, dataset, standardisation, strideS, epochs: own.epochs, reader, signal });
    try {
      return await fitEnsemble(own, { ...rest, runtime, signal, inputs: varied && ((n) => varied.at(n)) });
    } finally {
      varied?.stop();
    }
  };
  const begun = performance.now();
  const main = await fit(options, prepared.taught, {
    heldOut: validation,
    resume: reached?.main,
    onProgress: fitReporter(report, "training", stretches.training, true),
    onCheckpoint: async (checkpoint) => {
      run = { ...run, curve: [...curveOf(checkpoint.scores)] };
      await keep({ main: checkpoint, aligned: reached?.aligned, twin: reached?.twin });
    },
  });
  run = {
    ...run,
    curve: [...curveOf(main.result.scores)],
    engine: {
      ...engine,
      stepsPerSecond: main.result.stepsPerSecond || (started.engine?.stepsPerSecond ?? 0), // nothing was left to do
    },
  };
  const aligned =
    isCausal(descentSettings(config.model).adaptation) && prepared.template
      ? alignedInputs(dataset, prepared.x, prepared.template)
      : undefined;
  const alignedTaught = aligned && alignedWindows(prepared, aligned);
  const alignedOptions =
    alignedTaught && ensembleOptions(started, model, settings, dataset, alignedTaught.windows, "mild");
  const alignedFit =
    alignedOptions &&
    (await fit(alignedOptions, alignedTaught, {
      heldOut: heldOut(withInputs(prepared, aligned), withEstimates(prepared)),
      resume: reached?.aligned,
      onProgress: fitReporter(report, "training", stretches.aligned, false),
      onCheckpoint: (checkpoint) => keep({ main: reached?.main, aligned: checkpoint, twin: undefined }),
    }));
  run = { ...run, ...secondsSince(begun, tools) };
  const supervised = model.learning.withoutUnlabelled?.(settings);
  const twinTaught = isTested && supervised !== undefined ? twinWindows(prepared) : undefined;
  const twinOptions =
    twinTaught && supervised !== undefined
      ? ensembleOptions(started, model, supervised, dataset, twinTaught.windows)
      : undefined;
  const twin =
    twinOptions &&
    (await fit(twinOptions, twinTaught as Taught, {
      heldOut: byHand,
      resume: reached?.twin,
      onProgress: fitReporter(report, "supervised-only", stretches.twin, false),
      onCheckpoint: (checkpoint) =>
        keep({ main: reached?.main, aligned: reached?.aligned, twin: checkpoint }),
    }));

  report("calibrating", stretches.evaluating[0]);
  const { kind } = model;
  const savedAs = (own: Options, members: Members): Saved => {
    const density = inputDensityOf(own.windows, dataset.layout, config.seed);
    return { kind, network: own.network, members, learned: [], ...(density ? { density } : {}) };
  };
  const outcome = await judge({
    run,
    prepared,
    validation,
    byHand,
    runtime: () => Promise.resolve(runtime),
    saved: savedAs(options, main.members),
    aligned: alignedFit && { ...savedAs(alignedOptions, alignedFit.members), inputs: aligned },
    twin: twin && savedAs(twinOptions, twin.members),
    isTested,
    signal: tools.signal,
  });
  report("evaluating", stretches.evaluating[1]);
  return { run, ...outcome };
}

/** Members learn as people were worn, from labels as they are: what a round makes of unlabelled windows is the model's own. */
async function fitByRounds<Config, Learned>(
  started: Run,
  model: RoundsModel<Config, Learned>,
  settings: Config,
  dataset: Dataset,
  tools: SplitTools,
): Promise<FittedSplit> {
  const { config } = started;
  const { report, isTested, signal } = tools;
  const { members } = windowSettings(config.model);
  const prepared = prepare(dataset, config, false);
  const { windows } = summarise(dataset);
  const run: Run = { ...started, classes: [...dataset.classes], windows };
  const begun = performance.now();
  const [from, to] = stretches.training;
  const { mostRounds } = model.learning;
  const learned = await fitInRounds(
    model,
    settings,
    prepared.taught.windows,
    { members, seed: config.seed },
    {
      signal,
      resume: tools.resume ? (unpack(tools.resume) as RoundsPlace) : undefined,
      onRound: ({ member, round }) =>
        report("training", from + ((to - from) * (member + round / mostRounds)) / members, {
          rounds: round,
        }),
      onCheckpoint: (place) => tools.onCheckpoint(run, pack(place)),
    },
  );
  const timed = { ...run, ...secondsSince(begun, tools) };
  report("calibrating", stretches.evaluating[0]);
  const validation = heldOut(prepared);
  const outcome = await judge({
    run: timed,
    prepared,
    validation,
    byHand: validation,
    runtime: () => Promise.reject(new AppError("model/no-network", `${model.kind} needs no engine`)),
    saved: { kind: model.kind, network: {}, members: [], learned: [...learned] },
    aligned: undefined,
    twin: undefined,
    isTested,
    signal,
  });
  report("evaluating", stretches.evaluating[1]);
  return { run: timed, ...outcome };
}
