import { AppError } from "../../../preload/contract/errors.ts";
import {
  isCausal,
  type EngineFacts,
  type Run,
  type RunMetrics,
  type RunProgress,
} from "../../../preload/contract/run.ts";
import { augmentationFor, type AugmentationStrength } from "../../models/augmentation.ts";
import { fitGaussianClasses, logJoint, posteriors } from "../../models/distributions/gaussian-classes.ts";
import type { DescentModel, RoundsModel, WindowModel, WindowShape } from "../../models/model.ts";
import { configured, modelOf, windowModelOf } from "../../models/registry.ts";
import { descentSettings, windowSettings } from "../../models/windows/settings.ts";
import {
  adaptRecording,
  fitTemplate,
  symmetriesOf,
  wornAs,
  type LabelledRows,
  type RecordingRows,
  type TemplateFit,
} from "../../models/adaptation/adaptation.ts";
import { ensembleProbabilities, fitTemperature } from "../judge/calibration.ts";
import { pack, unpack } from "../../compute/packed.ts";
import {
  classProblems,
  fitStandardisation,
  labelledPeople,
  standardise,
  summarise,
  UNLABELLED,
  type Dataset,
  type Standardisation,
} from "../data/dataset.ts";
import { calibrationError, topOf, type Scored } from "../judge/evaluation.ts";
import { distancesFromIdentity } from "../predict/explain.ts";
import { planBatches, type TrainingWindows } from "../data/batches.ts";
import {
  fitEnsemble,
  heldOutLogits,
  probeOf,
  type EnsembleOptions,
  type EnsembleTools,
  type EpochQuality,
  type HeldOut,
  type Members,
} from "./ensemble.ts";
import type { FitCheckpoint, FitProgress } from "../../compute/loop.ts";
import type { TrainedModel } from "../model-file/model-file.ts";
import { meanDensity, opinionOf } from "../predict/predict.ts";
import { voicesOf, type Voices } from "../predict/voices.ts";
import { fitInRounds, type RoundsPlace } from "./rounds.ts";
import { leaveOutGroups, type Part } from "../data/split.ts";
import {
  isVaried,
  variedInputs,
  type Inputs,
  type OpenVaried,
  type Origin,
  type Taught,
  type VariedReader,
} from "../data/variation.ts";
import { alignedInputs, type AlignedInputs } from "./aligned.ts";
import { causalCases, causalSettings, causalTemperatures, leastMassOf, recordingRows } from "./causal.ts";
import { answerStream, guidedWindowsOf, type ScoreAligned } from "../predict/causal-stream.ts";
import type { FitTools } from "../work.ts";
import type { Preference } from "../../compute/choose.ts";
import type { Runtime } from "../../compute/runtime.ts";

/** Quantiles of the training windows' log density that a model keeps. */
const DENSITY_POINTS = 1001;
const LDA_SHRINK = 0.001;

/** How the run's time is shared out between its stretches, for one progress bar. */
export const stretches = {
  reading: [0, 0.1],
  training: [0.12, 0.7],
  aligned: [0.5, 0.7], // where there are two networks to train, the second takes the end of the first's stretch
  twin: [0.7, 0.92],
  evaluating: [0.92, 1],
} as const;

/** What is known of how training people wore a bracelet: their windows as if all had worn it alike. */
interface Worn {
  readonly orientations: ReadonlyMap<string, number>;
  readonly symmetries: readonly Int32Array[];
}

interface Prepared {
  readonly dataset: Dataset;
  readonly standardisation: Standardisation;
  readonly x: Float32Array; // standardised
  readonly template: TemplateFit | undefined;
  readonly groups: ReadonlyMap<string, number>; // training people by the member that leaves them out
  readonly taught: Taught; // windows of the training people, labelled and unlabelled
}

/** Reads what the run names and brings it into the form the network learns from. */
function prepare(dataset: Dataset, config: Run["config"], canAdapt: boolean): Prepared {
  const standardisation = fitStandardisation(dataset);
  const x = standardise(dataset.x, dataset.observed, standardisation);
  const width = dataset.layout.width;
  const classes = dataset.classes.length;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const rows = training.map((one): LabelledRows => ({
    ...recordingRows(dataset, x, one),
    subject: one.subject,
    labels: hardLabels(dataset, one),
  }));
  const template =
    canAdapt && dataset.layout.isAdaptable
      ? fitTemplate(rows, width, classes, symmetriesOf(width, dataset.layout.ring))
      : undefined;
  // A person who is labelled in part or not at all gets posteriors in place of missing labels where the front allows a
  // person to be oriented and adapted; elsewhere such windows stay unlabelled and teach through the density alone.
  const labels = template ? template.softLabels : rows.map((row) => row.labels);
  const worn = template && { orientations: template.orientations, symmetries: template.template.symmetries };
  const orders = rows.map(({ subject }) => orderOf(subject, worn));
  const groups = groupsOf(dataset, config);
  return {
    dataset,
    standardisation,
    x,
    template,
    groups,
    taught: {
      windows: {
        ...joinWindows(inOrder(rows, orders), labels, width, classes),
        group: groupOf(rows, groups),
        person: personOf(rows),
      },
      origins: training.map(({ id, from, to }, i) => ({
        recordingId: id,
        rows: Int32Array.from({ length: to - from }, (_, n) => from + n),
        order: orders[i],
      })),
    },
  };
}

function groupsOf({ recordings, label }: Dataset, config: Run["config"]): ReadonlyMap<string, number> {
  const training = recordings.filter(({ part }) => part === "train");
  const people = training.map(({ subject }) => subject);
  return leaveOutGroups(people, labelledPeople({ recordings: training, label }), {
    members: windowSettings(config.model).members,
    seed: config.seed,
  });
}

/**
 * Only training people are turned; whom the network judges is met as they come. It then learns one way of wearing and,
 * by augmentation, its neighbours and mirror images. Learning from bracelets as they happened to sit was no better on
 * people never seen (20 people, five folds, paired): -1.6 points [-4.4, +1.7] with strong augmentation, -1.0
 * [-3.8, +1.6] with mild, and what adapts beside it lost 0.1 and 0.6.
 */
const orderOf = (subject: string, worn: Worn | undefined): Int32Array | undefined =>
  worn?.symmetries[worn.orientations.get(subject) ?? 0];

const inOrder = (
  rows: readonly RecordingRows[],
  orders: readonly (Int32Array | undefined)[],
): RecordingRows[] =>
  rows.map((row, i) => {
    const order = orders[i];
    return order ? wornAs(row, order) : row;
  });

/** A number a person, by window. */
function personOf(rows: readonly LabelledRows[]): Int32Array {
  const people = [...new Set(rows.map(({ subject }) => subject))].sort();
  return Int32Array.from(
    rows.flatMap(({ subject, count }) => new Array<number>(count).fill(people.indexOf(subject))),
  );
}

type DatasetRecording = Dataset["recordings"][number];

function hardLabels(dataset: Dataset, { from, to }: DatasetRecording): Float64Array {
  const k = dataset.classes.length;
  const labels = new Float64Array((to - from) * k);
  for (let n = from; n < to; n += 1) {
    const c = dataset.label[n] as number;
    if (c !== UNLABELLED) labels[(n - from) * k + c] = 1;
  }
  return labels;
}

const groupOf = (rows: readonly LabelledRows[], groups: ReadonlyMap<string, number>): Int32Array =>
  Int32Array.from(
    rows.flatMap(({ subject, count }) => new Array<number>(count).fill(groups.get(subject) ?? -1)),
  );

function joinWindows(
  rows: readonly RecordingRows[],
  labels: readonly Float64Array[],
  width: number,
  classes: number,
): Omit<TrainingWindows, "group" | "person"> {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const joined = {
    count,
    width,
    classes,
    x: new Float32Array(count * width),
    observed: new Uint8Array(count * width),
    y: new Float32Array(count * classes),
  };
  let at = 0;
  rows.forEach((row, i) => {
    joined.x.set(row.x, at * width);
    joined.observed.set(row.observed, at * width);
    joined.y.set(labels[i] as Float64Array, at * classes);
    at += row.count;
  });
  return joined;
}

/** The labelled windows of every training recording that has some, with their hard labels. */
function labelledRows({ dataset, x }: Prepared): (LabelledRows & Pick<Origin, "recordingId" | "rows">)[] {
  const { width } = dataset.layout;
  const k = dataset.classes.length;
  return dataset.recordings.flatMap((recording) => {
    const { part, subject, from, to, id } = recording;
    const kept: number[] = [];
    for (let n = from; n < to; n += 1) if (dataset.label[n] !== UNLABELLED) kept.push(n);
    if (part !== "train" || kept.length === 0) return [];
    const rows = {
      recordingId: id,
      rows: Int32Array.from(kept),
      subject,
      count: kept.length,
      x: new Float32Array(kept.length * width),
      observed: new Uint8Array(kept.length * width),
      labels: new Float64Array(kept.length * k),
    };
    kept.forEach((n, i) => {
      rows.x.set(x.subarray(n * width, (n + 1) * width), i * width);
      rows.observed.set(dataset.observed.subarray(n * width, (n + 1) * width), i * width);
      rows.labels[i * k + (dataset.label[n] as number)] = 1;
    });
    return [rows];
  });
}

/** What the supervised twin learns from: labelled windows only, of people turned by what those alone tell. */
function twinWindows(prepared: Prepared): Taught {
  const { width, ring, isAdaptable } = prepared.dataset.layout;
  const rows = labelledRows(prepared);
  const classes = prepared.dataset.classes.length;
  const symmetries = symmetriesOf(width, ring);
  const worn = isAdaptable ? { ...fitTemplate(rows, width, classes, symmetries), symmetries } : undefined;
  const orders = rows.map(({ subject }) => orderOf(subject, worn));
  const windows = joinWindows(
    inOrder(rows, orders),
    rows.map((row) => row.labels),
    width,
    classes,
  );
  return {
    windows: { ...windows, group: groupOf(rows, prepared.groups), person: personOf(rows) },
    origins: rows.map((row, i) => ({ recordingId: row.recordingId, rows: row.rows, order: orders[i] })),
  };
}

/** What a model said of each labelled window of people it never saw, in a form that a checkpoint keeps. */
export interface ScoredWindows extends Scored {
  readonly probabilities: Float64Array;
  readonly labels: Int32Array;
}

/** What a model that adapts to the past of a stream said, and when. */
export interface CausalWindows extends ScoredWindows {
  readonly sinceS: Float64Array; // of each window, from the first of its recording
  readonly parts: Uint8Array; // index into causalParts
}

/** The test windows of a split, as the model and those it is compared with judged them. */
export type Tested = { readonly [method in "test" | "lda"]: ScoredWindows } & {
  readonly supervisedOnly?: ScoredWindows; // of a model that learns from unlabelled windows too
  readonly transductive?: ScoredWindows;
  readonly causal?: CausalWindows;
  readonly guided?: CausalWindows; // as if somebody had seen to it that the first minute holds every class
};

/** The same people and labels with other inputs. */
const withInputs = (prepared: Prepared, { x, observed }: Inputs): Prepared => ({
  ...prepared,
  x,
  dataset: { ...prepared.dataset, observed },
});

/** What the network for centred, oriented windows learns from: every training recording less its own mean, turned. */
function alignedWindows(prepared: Prepared, aligned: AlignedInputs): Taught {
  const own = withInputs(prepared, aligned);
  const { dataset, taught } = prepared;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const rows = training.map((one) => recordingRows(own.dataset, own.x, one));
  const labels = prepared.template?.softLabels ?? [];
  const { group, person } = taught.windows;
  return {
    windows: { ...joinWindows(rows, labels, dataset.layout.width, dataset.classes.length), group, person },
    origins: taught.origins.map((origin) => ({ ...origin, centre: aligned.centres.get(origin.recordingId) })),
  };
}

interface Judged extends HeldOut {
  readonly recordings: readonly string[];
}

/**
 * What calibration and early stopping are judged on: the validation people where the run names some, else the training
 * people whom a member left out, each by that member. The supervised twin is judged by labels given by hand alone.
 */
function heldOut(prepared: Prepared, label = prepared.dataset.label): Judged {
  const { dataset, groups } = prepared;
  if (dataset.recordings.some(({ part }) => part === "validation")) return judged(prepared, "validation");
  return judged(prepared, "train", { isWanted: (subject) => (groups.get(subject) ?? -1) >= 0, label });
}

/**
 * Labels to judge left-out training people by. Of a person who is labelled in part, what orienting and adapting to that
 * person made most probable stands in for the missing ones: too few windows to stop or to calibrate by cost more
 * (bracelet, 5 % of the labels, five folds: ECE on test people 0.074 without, 0.050 with them). Who is labelled nearly
 * in full has no posteriors, and keeps to the labels given. Never for test people.
 */
function withEstimates({ dataset, template }: Prepared): Int16Array {
  const label = dataset.label.slice();
  const k = dataset.classes.length;
  const training = dataset.recordings.filter(({ part }) => part === "train");
  const known = labelledPeople({ recordings: training, label });
  training.forEach(({ subject, from, to }, i) => {
    const soft = template?.softLabels[i];
    if (!soft || !known.includes(subject)) return;
    for (let n = from; n < to; n += 1) {
      const row = soft.subarray((n - from) * k, (n - from + 1) * k);
      const most = Math.max(...row);
      if (label[n] === UNLABELLED && most > 0) label[n] = row.indexOf(most);
    }
  });
  return label;
}

/** Labelled windows of the people of one part, or of some of them. */
function judged(
  { dataset, x, groups }: Prepared,
  part: Part,
  {
    isWanted = () => true,
    label = dataset.label,
  }: { readonly isWanted?: (subject: string) => boolean; readonly label?: Int16Array } = {},
): Judged {
  const { width } = dataset.layout;
  const kept: { n: number; subject: string; id: string }[] = [];
  for (const { part: own, from, to, subject, id } of dataset.recordings) {
    if (own !== part || !isWanted(subject)) continue;
    for (let n = from; n < to; n += 1) if (label[n] !== UNLABELLED) kept.push({ n, subject, id });
  }
  const out = {
    x: new Float32Array(kept.length * width),
    observed: new Uint8Array(kept.length * width),
    labels: new Int16Array(kept.length),
  };
  kept.forEach(({ n }, i) => {
    out.x.set(x.subarray(n * width, (n + 1) * width), i * width);
    out.observed.set(dataset.observed.subarray(n * width, (n + 1) * width), i * width);
    out.labels[i] = label[n] as number;
  });
  const group = Int32Array.from(kept, ({ subject }) => groups.get(subject) ?? -1);
  return {
    ...out,
    group,
    subjects: kept.map(({ subject }) => subject),
    recordings: kept.map(({ id }) => id),
  };
}

const scoredOn = (
  classes: number,
  probabilities: Float64Array,
  { labels, subjects, recordings }: Pick<Judged, "labels" | "subjects" | "recordings">,
): ScoredWindows => ({ classes, probabilities, labels: Int32Array.from(labels), subjects, recordings });

/** What a network is made for, from the windows it learns from. */
const shapeOf = ({ layout, classes }: Dataset, labelledCount: number): WindowShape => ({
  features: layout.width,
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
  readonly main: FitCheckpoint<EpochQuality> | undefined;
  readonly aligned?: FitCheckpoint<EpochQuality> | undefined; // the network for windows centred and oriented
  readonly twin: FitCheckpoint<EpochQuality> | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the registry
const learnsInRounds = (model: WindowModel): model is RoundsModel<any, any> =>
  model.learning.kind === "rounds";

/** One split, trained and judged. */
export interface FittedSplit {
  readonly run: Run;
  readonly model: TrainedModel;
  readonly facts: Pick<RunMetrics, "calibration" | "distanceFromIdentity">;
  readonly tested: Tested | undefined;
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
  const savedAs = (own: Options, members: Members): Saved => ({
    kind,
    network: own.network,
    members: members.map((member) => [...member]),
    learned: [],
  });
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
          epoch: round,
          epochs: mostRounds,
        }),
      onCheckpoint: (place) => tools.onCheckpoint(run, pack(place)),
    },
  );
  report("calibrating", stretches.evaluating[0]);
  const validation = heldOut(prepared);
  const outcome = await judge({
    run,
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
  return { run, ...outcome };
}

/** What learning left: everything a model file holds beside calibration and standardisation. */
type Saved = Pick<TrainedModel, "kind" | "network" | "members" | "learned">;

interface AlignedNetwork extends Saved {
  readonly inputs: AlignedInputs;
}

interface Trained {
  readonly run: Run;
  readonly prepared: Prepared;
  readonly validation: Judged;
  readonly byHand: Judged; // the same people's windows with labels given by hand
  readonly runtime: () => Promise<Runtime>;
  readonly saved: Saved;
  /** The network for windows centred and oriented, where the run adapts to the past of a stream. */
  readonly aligned: AlignedNetwork | undefined;
  readonly twin: Saved | undefined;
  readonly isTested: boolean;
  readonly signal: AbortSignal;
}

async function withVoices<T>(
  { runtime, prepared: { dataset } }: Pick<Trained, "runtime" | "prepared">,
  saved: Saved,
  work: (voices: Voices) => Promise<T>,
): Promise<T> {
  const voices = await voicesOf({ ...saved, classes: [...dataset.classes] }, dataset.layout.width, runtime);
  try {
    return await work(voices);
  } finally {
    await voices.dispose();
  }
}

/** Calibration on validation people, then what is said of the test people. */
async function judge(trained: Trained): Promise<Omit<FittedSplit, "run">> {
  const { run, prepared, validation, byHand, saved, aligned, twin, isTested, signal } = trained;
  const { dataset, standardisation } = prepared;
  const k = dataset.classes.length;
  const test = judged(prepared, "test");
  const { windows } = prepared.taught;

  return withVoices(trained, saved, async (scorer) => {
    const onValidation = heldOutLogits(
      (await scorer.score(validation.x, validation.observed, signal)).logits,
      validation,
      k,
    );
    const temperature = fitTemperature({
      members: onValidation,
      labels: validation.labels,
      subjects: validation.subjects,
      classes: k,
    });
    const training = await scorer.score(windows.x, windows.observed, signal);
    const causal =
      aligned && prepared.template
        ? await withVoices(trained, aligned, (other) =>
            judgeCausal({
              trained,
              aligned,
              fit: prepared.template as TemplateFit,
              scorer,
              other,
              temperature,
              test,
            }),
          )
        : undefined;
    const tested: Tested | undefined = !isTested
      ? undefined
      : {
          test: scoredOn(
            k,
            ensembleProbabilities((await scorer.score(test.x, test.observed, signal)).logits, k, temperature),
            test,
          ),
          lda: scoredOn(k, ldaProbabilities(prepared, test), test),
          ...(twin
            ? {
                supervisedOnly: scoredOn(
                  k,
                  await withVoices(trained, twin, (other) =>
                    twinProbabilities(other, byHand, test, k, signal),
                  ),
                  test,
                ),
              }
            : {}),
          ...causal?.tested,
          ...(descentSettings(run.config.model).adaptation !== "none" && prepared.template
            ? { transductive: scoredOn(k, adaptedProbabilities(prepared, prepared.template, test), test) }
            : {}),
        };
    const ece = (t: number): number => eceOf(ensembleProbabilities(onValidation, k, t), validation.labels, k);
    const model: TrainedModel = {
      ...saved,
      front: dataset.front.name,
      classes: [...dataset.classes],
      standardisation,
      temperature,
      densities: quantiles(training.logDensity),
      template: prepared.template
        ? {
            ...prepared.template.template,
            symmetries: [...prepared.template.template.symmetries],
          }
        : null,
      ...(causal ? { causal: causal.model } : {}),
    };
    const facts = {
      calibration: {
        temperature,
        subjects: [...new Set(validation.subjects)].sort(),
        windows: validation.labels.length,
        estimated: validation.labels.length - byHand.labels.length,
        eceBefore: ece(1),
        eceAfter: ece(temperature),
      },
      distanceFromIdentity: modelOf(model.kind).can.includes("layers") ? distancesFromIdentity(model) : [],
    };
    return { model, facts, tested };
  });
}

/** Thresholds and temperatures of the causal adaptation, then what it says of the test people. */
async function judgeCausal({
  trained: { run, prepared, saved, signal },
  aligned,
  fit,
  scorer,
  other,
  temperature,
  test,
}: {
  readonly trained: Trained;
  readonly aligned: AlignedNetwork;
  readonly fit: TemplateFit;
  readonly scorer: Voices;
  readonly other: Voices;
  readonly temperature: number;
  readonly test: Judged;
}): Promise<{
  readonly model: NonNullable<TrainedModel["causal"]>;
  readonly tested: Pick<Tested, "causal" | "guided">;
}> {
  const { dataset, x, groups } = prepared;
  const { strideS } = run.config.data.windows;
  const classes = dataset.classes.length;
  const cases = await causalCases({
    dataset,
    x,
    groups,
    labels: withEstimates(prepared),
    fit,
    aligned: aligned.inputs,
    score: (rows, observed) => scorer.score(rows, observed, signal),
    members: saved.members.length,
  });
  const score: ScoreAligned = (rows, observed) => other.score(rows, observed, signal);
  const settings = causalSettings(strideS, leastMassOf(cases, strideS));
  const temperatures = await causalTemperatures(cases, settings, { score, strideS, asItIs: temperature });
  const model = {
    network: aligned.network,
    members: aligned.members.map((member) => [...member]),
    settings,
    temperatures,
  };
  const recordings = dataset.recordings.filter(({ part, from, to }) => part === "test" && to > from);
  const answered = async (guidedWindows: number): Promise<CausalWindows> => {
    const probabilities = new Float64Array(test.labels.length * classes);
    const [sinceS, parts] = [new Float64Array(test.labels.length), new Uint8Array(test.labels.length)];
    let at = 0;
    for (const recording of recordings) {
      const rows = recordingRows(dataset, x, recording);
      const { logits } = await scorer.score(rows.x, rows.observed, signal);
      const stream = { rows, asItIs: logits, template: fit.template, settings, guidedWindows };
      const { voices, parts: own } = await answerStream(stream, score, temperatures);
      const mean = opinionOf(voices, classes).mean;
      const startS = dataset.onsetS[recording.from] ?? 0;
      for (let n = recording.from; n < recording.to; n += 1) {
        if (dataset.label[n] === UNLABELLED) continue;
        const row = n - recording.from;
        probabilities.set(mean.subarray(row * classes, (row + 1) * classes), at * classes);
        sinceS[at] = (dataset.onsetS[n] ?? 0) - startS;
        parts[at] = own[row] ?? 0;
        at += 1;
      }
    }
    return { ...scoredOn(classes, probabilities, test), sinceS, parts };
  };
  return { model, tested: { causal: await answered(0), guided: await answered(guidedWindowsOf(strideS)) } };
}

/** The twin at its own temperature. */
async function twinProbabilities(
  twin: Voices,
  validation: Judged,
  test: Judged,
  classes: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  const { logits } = await twin.score(validation.x, validation.observed, signal);
  const temperature = fitTemperature({
    members: heldOutLogits(logits, validation, classes),
    labels: validation.labels,
    subjects: validation.subjects,
    classes,
  });
  return ensembleProbabilities(
    (await twin.score(test.x, test.observed, signal)).logits,
    classes,
    temperature,
  );
}

function eceOf(probabilities: Float64Array, labels: Int16Array, classes: number): number {
  const { confidence, isRight } = topOf(probabilities, labels, classes);
  return calibrationError(confidence, isRight);
}

function ldaProbabilities(prepared: Prepared, test: Judged): Float64Array {
  const { dataset } = prepared;
  const { width } = dataset.layout;
  const classes = dataset.classes.length;
  const rows = labelledRows(prepared);
  const labelled = joinWindows(
    rows,
    rows.map((row) => row.labels),
    width,
    classes,
  );
  const lda = fitGaussianClasses(
    { x: labelled.x, observed: labelled.observed, weights: labelled.y, count: labelled.count },
    { width, classes, shrink: LDA_SHRINK, prior: "counts" },
  );
  return posteriors(logJoint(lda, test.x, test.observed, test.labels.length), classes).probabilities;
}

/**
 * Each recording of a test person, adapted to on its own, without labels. The probability is that of the adapted
 * Gaussian classes, at temperature 1: one fitted on training people raised the calibration error from 0.036 to 0.065
 * (bracelet, five folds), for how well a person is adapted to differs more between people than a temperature can say.
 */
function adaptedProbabilities(
  { dataset, x }: Prepared,
  { template }: TemplateFit,
  test: Judged,
): Float64Array {
  const probabilities = new Float64Array(test.labels.length * dataset.classes.length);
  let at = 0;
  for (const recording of dataset.recordings) {
    if (recording.part !== "test" || recording.to === recording.from) continue;
    const k = dataset.classes.length;
    const adapted = adaptRecording(template, recordingRows(dataset, x, recording));
    for (let n = recording.from; n < recording.to; n += 1) {
      if (dataset.label[n] === UNLABELLED) continue;
      const row = (n - recording.from) * k;
      probabilities.set(adapted.probabilities.subarray(row, row + k), at * k);
      at += 1;
    }
  }
  return probabilities;
}

/** The training windows' log densities, mean over members, at even steps from the lowest to the highest. */
function quantiles(logDensity: readonly Float32Array[]): Float64Array {
  const count = logDensity[0]?.length ?? 0;
  const sorted = Float64Array.from({ length: count }, (_, n) => meanDensity(logDensity, n)).sort();
  const points = Math.min(DENSITY_POINTS, count);
  return Float64Array.from(
    { length: points },
    (_, i) => sorted[Math.round((i * (count - 1)) / Math.max(1, points - 1))] as number,
  );
}
