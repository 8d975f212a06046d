import { z } from "zod";
import { ChannelHeader, ChannelRole, RecordingKind } from "./recording.ts";
import { RunThere } from "./cluster.ts";
import { EngineName } from "./engine.ts";
import { ErrorReport } from "./errors.ts";
import { ForecastReport } from "./forecast-report.ts";
import { PairedComparison, PairedComparisons } from "./paired.ts";
import { fillIn, problemSentences, type ProblemCode, type ValuesIn } from "./sentences.ts";

/** What turns samples into the network's inputs. `auto` picks by the recordings' kind. */
export const FrontName = z.enum([
  "auto",
  "emg-amplitude",
  "emg-envelope",
  "emg-pattern",
  "ctg-deviation",
  "window-mean",
  "raw-window",
]);

/**
 * What may be learned from a new person's own unlabelled recording before predicting it.
 * `transductive-balanced` (centring, bracelet orientation, EM of the class means) assumes that every gesture occurs
 * about equally often in that recording, and every result made with it says so. `causal` looks at the windows before
 * each only, as a live decoder must; `causal-guided` is told besides that the first minute holds every gesture.
 */
export const Adaptation = z.enum(["none", "transductive-balanced", "causal", "causal-guided"]);
export type Adaptation = z.infer<typeof Adaptation>;

export const isCausal = (adaptation: Adaptation): boolean => adaptation.startsWith("causal");

/** When a window without an annotation counts as the background class. */
export const BackgroundRule = z.enum([
  "never", // without an annotation a window is unlabelled
  "read-completely", // where somebody declared the label set read completely, absence means "none"
  "annotated-recordings", // of runs before 0.2: in recordings with at least one annotation of the set, absence meant "none"
]);

/** What a training batch shows equally often: windows as there are, each class, each person, or each person of each class. */
export const Sampling = z.enum(["windows", "classes", "people", "people-of-classes"]);
export type Sampling = z.infer<typeof Sampling>;

/**
 * How the samples of the training people are varied anew for every epoch but the first, which sees them as they were
 * recorded. Whom the model is judged on is never varied. Bounds: beyond them the labels would no longer fit.
 */
export const Variation = z.strictObject({
  shiftS: z.number().min(0).max(60).default(0), // the whole recording earlier or later, uniform up to so much, all channels alike
  gainSd: z.number().min(0).max(1).default(0), // a channel times exp(N(0, sd)); where the front's signals may be scaled, see its mayScale
  lossesPerMinute: z.number().min(0).max(60).default(0), // stretches of a channel that are lost, on average
  lossS: z.number().min(0).max(60).default(0), // the longest of them; lengths are uniform
});
export type Variation = z.infer<typeof Variation>;

/** Longer ones name nothing; more of them are in no study. What bounds a run also bounds what a model file can ask for. */
const NAME_MOST = 500;
const Name = z.string().max(NAME_MOST);
const isName = (one: unknown): boolean => typeof one === "string" && one.length <= NAME_MOST;
/** Of a hundred thousand zod would ask one by one, which keeps a process busy fifty times as long. */
const names = (most: number, least = 0) =>
  z
    .custom<string[]>(
      (all) => Array.isArray(all) && all.length >= least && all.length <= most && all.every(isName),
      { error: `must be a list of ${least > 0 ? `${least} to ` : "at most "}${most} names` },
    )
    .meta({
      ...{ type: "array", items: { type: "string", maxLength: NAME_MOST } },
      ...{ maxItems: most, ...(least > 0 ? { minItems: least } : {}) },
    });

/** Of a window, in seconds. */
export const WINDOW_MOST_S = 3600;

/** Windows of equal length, cut out of every recording, each judged on its own. */
export const WindowSelection = z.object({
  windowS: z.number().positive().max(WINDOW_MOST_S),
  strideS: z.number().min(0.001).max(WINDOW_MOST_S),
  centreS: z.number().positive().max(WINDOW_MOST_S).optional(), // judge the label on the central part only
  minOverlap: z.number().gt(0).max(1).default(0.5), // share of the judged part one label must cover
  minObserved: z.number().min(0).max(1).default(0.5), // less of a channel that the labels speak about (of electrodes: on average): not assessable
});
export type WindowSelection = z.infer<typeof WindowSelection>;

/** What a run learns from. */
export const DataSelection = z.object({
  recordingIds: names(100_000, 1),
  labelSet: Name,
  labels: names(256), // codes that are classes, in order; none only where the model learns without labels
  readers: names(100, 1).optional(), // whose labels teach, the consensus among them by its name; absent: of a recording the consensus where there is one, else everybody's
  background: BackgroundRule.default("never"), // adds class "none" in front when not "never"
  channels: names(1024, 1), // channel labels, in order
  labelledShare: z.number().gt(0).max(1).default(1), // share of training labels kept, by annotation; the rest is unlabelled
  windows: WindowSelection,
});
export type DataSelection = z.infer<typeof DataSelection>;

/** Who is trained on and who is judged. Always whole people. */
export const SplitConfig = z.object({
  testSubjects: names(100_000), // never trained on; none with folds
  validationSubjects: names(100_000), // temperature, early stopping; none: every training person in turn, by the member that left them out
  folds: z.number().int().min(2).max(50).optional(), // cross-validation: each labelled person is tested in exactly one fold, by a model that never saw them
});
export type SplitConfig = z.infer<typeof SplitConfig>;

/**
 * Which model, and its settings beside its kind. What they may be is the model's own schema (main/models); here they pass
 * as they are, so that a new model needs nothing here.
 */
export const ModelConfig = z.looseObject({ kind: Name.min(1).default("identity-coupled") });
export type ModelConfig = z.infer<typeof ModelConfig>;

/** Settings of a model that pages and progress look at; a model need not have any of them. */
const Seen = z.object({
  adaptation: Adaptation.catch("none"),
  epochs: z.number().optional().catch(undefined),
  layers: z.number().optional().catch(undefined),
  members: z.number().optional().catch(undefined),
  pastOnly: z.boolean().catch(false), // it judges nothing by what comes after
  variation: Variation.optional().catch(undefined),
});

export const settingsSeen = ({ model }: { readonly model: ModelConfig }): z.infer<typeof Seen> =>
  Seen.parse(model);

/** The settings of the one model that version 0.1 knew: there they stood beside everything else. */
const MODEL_FIELDS = [
  "kind",
  "front",
  "adaptation",
  "layers",
  "members",
  "epochs",
  "patience",
  "sampling",
  "batchSize",
  "learningRate",
  "generativeWeight",
  "couplingVariance",
  "augmentation",
  "variation",
] as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where each field lies now that runs before 0.2 kept beside one another. */
const placeOf = new Map<string, readonly string[]>([
  ...Object.keys(DataSelection.shape).map((key) => [key, ["data"]] as const),
  ...Object.keys(WindowSelection.shape).map((key) => [key, ["data", "windows"]] as const),
  ...Object.keys(SplitConfig.shape).map((key) => [key, ["split"]] as const),
  ...MODEL_FIELDS.map((key) => [key, ["model"]] as const),
]);

/**
 * Fields that stand beside one another, as in runs before 0.2 and as a person types them, put in their places; a field
 * that is in its place already gives way. What is not an object stays what it is.
 */
export function inPlaces(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const placed: Record<string, unknown> = {};
  const set = (into: Record<string, unknown>, [first, ...rest]: readonly string[], value: unknown): void => {
    if (first === undefined) return;
    const inner = into[first];
    if (rest.length === 0) into[first] = value;
    else set((into[first] = isRecord(inner) ? { ...inner } : {}), rest, value);
  };
  for (const [key, value] of Object.entries(given)) if (!placeOf.has(key)) placed[key] = value;
  for (const [key, value] of Object.entries(given)) {
    const place = placeOf.get(key);
    if (place !== undefined && value !== undefined) set(placed, [...place, key], value);
  }
  for (const part of ["data", "split", "model"]) if ("data" in placed && !(part in placed)) placed[part] = {};
  return placed;
}

export const RunFields = z.object({
  name: Name.min(1),
  seed: z.number().int().nonnegative().default(0),
  data: DataSelection,
  split: SplitConfig,
  model: ModelConfig,
  engine: z.enum(["auto", ...EngineName.options]).default("auto"),
  comparison: Name.optional(), // that it was trained for
});
export const RunConfig = z.preprocess(inPlaces, RunFields);
export type RunConfig = z.infer<typeof RunConfig>;

/** What a run's model reads: the channels it was trained on with what they measure, and the kinds of its recordings. */
export const RunReads = z.object({
  channels: z.array(z.object({ label: z.string(), role: ChannelRole.optional() })),
  kinds: z.array(RecordingKind), // none where its recordings are gone
});
export type RunReads = z.infer<typeof RunReads>;

const Count = z.number().int().nonnegative();

/** What a configuration would train on, by subject: shown before anything starts. */
/** Something to put right before a run can start. */
export const Problem = z.object({
  code: z.string(),
  message: z.string(), // an English sentence
  values: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Problem = z.infer<typeof Problem>;

export const problemOf = <Code extends ProblemCode>(
  code: Code,
  values: ValuesIn<(typeof problemSentences)[Code]>,
): Problem => ({ code, message: fillIn(problemSentences[code], values), values });

/** Whoever labelled or read recordings of a run. */
export const TrainingReader = z.object({
  name: z.string(), // of the consensus: its own
  recordings: Count, // with labels or readings of theirs
  labels: Count,
  teaches: Count, // recordings of which their labels teach
});
export type TrainingReader = z.infer<typeof TrainingReader>;

export const RunPreview = z.object({
  model: ModelConfig, // with every setting that the configuration leaves to the model
  /** What is counted. Of events, labelled are events and unlabelled recordings; of recordings, all are unlabelled. */
  unit: z.enum(["windows", "events", "recordings"]).default("windows"),
  classes: z.array(z.string()),
  windows: z.object({ labelled: Count, unlabelled: Count, unassessable: Count }),
  perClass: z.array(Count),
  subjects: z.array(
    z.object({
      subject: z.string(),
      recordings: Count,
      part: z.enum(["train", "validation", "test"]),
      labelled: Count,
      unlabelled: Count,
      unassessable: Count,
      fold: Count.optional(), // that tests this person, counted from 0
      hours: z.number().nonnegative().optional(), // of this person's recordings, where these are counted
    }),
  ),
  inTurn: z.boolean().optional(), // each network leaves other training people out, where nobody is named for validation
  readers: z.array(TrainingReader).default([]), // of the label set, in the chosen recordings
  problems: z.array(Problem), // a run cannot start while there are any
  advice: z.array(Problem), // what should be known before it does
});
export type RunPreview = z.infer<typeof RunPreview>;

/** A preview on its way through processes that read none of its people: the rows of tens of thousands are one text there. */
export const PackedPreview = RunPreview.omit({ subjects: true }).extend({ people: z.string() });
export type PackedPreview = z.infer<typeof PackedPreview>;

export const packed = ({ subjects, ...rest }: RunPreview): PackedPreview => ({
  ...rest,
  people: JSON.stringify(subjects),
});

const PeopleRows = z.custom<RunPreview["subjects"]>(Array.isArray); // as `packed` wrote them
export const unpacked = ({ people, ...rest }: PackedPreview): RunPreview => ({
  ...rest,
  subjects: PeopleRows.parse(JSON.parse(people)),
});

export const ReliabilityBin = z.object({
  from: z.number(),
  to: z.number(),
  confidence: z.number(),
  accuracy: z.number(),
  count: Count,
});

/** Ends of a 95 % interval. */
export const Interval = z.object({ low: z.number(), high: z.number() });

/** Of the scores of a report, by resampling whole people. */
export const ReportIntervals = z.object({
  people: Count,
  accuracy: Interval.nullable(),
  subjectAccuracy: Interval.nullable(),
  balancedAccuracy: Interval.nullable(),
  macroF1: Interval.nullable(),
  nll: Interval.nullable(),
  brier: Interval.nullable(),
  ece: Interval.nullable(),
  recall: z.array(Interval.nullable()), // a class; null where it seldom occurs
  precision: z.array(Interval.nullable()),
});

/** Scores on subjects never trained on. NLL in nats; ECE over 15 equal-width bins of the top probability. */
export const TestReport = z.object({
  windows: Count,
  subjects: Count,
  accuracy: z.number(), // mean over windows
  subjectAccuracy: z.number(), // mean over recordings of a person, then over people
  balancedAccuracy: z.number(),
  macroF1: z.number(),
  nll: z.number(),
  brier: z.number(),
  ece: z.number(),
  eceMass: z.number().optional(), // ECE over 15 bins of equal mass. This and the next two: absent in runs of before
  mce: z.number().optional(), // the largest gap of the equal-width bins
  aurc: z.number().optional(), // area under the risk-coverage curve
  auroc: z.array(z.number().nullable()), // one class against the rest; null where a class is absent
  classEce: z.array(z.number()),
  recall: z.array(z.number().nullable()).optional(), // a class; null where it does not occur. This and the following: absent in runs of version 0.1.0
  precision: z.array(z.number().nullable()).optional(), // null where it is never predicted
  intervals: ReportIntervals.optional(), // absent too where there are too few people
  confusion: z.array(z.array(Count)), // [true][predicted]
  reliability: z.array(ReliabilityBin),
  riskCoverage: z.array(z.object({ coverage: z.number(), risk: z.number() })),
  perSubject: z.array(
    z.object({
      ...{ subject: z.string(), windows: Count, accuracy: z.number(), nll: z.number(), ece: z.number() },
      byRecording: z.number().optional(), // accuracy, mean over the person's recordings. This and the next two: absent in runs of before
      balancedAccuracy: z.number().optional(), // over the classes that occur in this person
      brier: z.number().optional(),
    }),
  ),
});
export type TestReport = z.infer<typeof TestReport>;

/** From this ratio of the commonest class to the rarest on, the share of right windows tells mostly of the commonest. */
const UNEVEN = 1.5;

/** Windows of each class, as people labelled them. */
export const classCounts = ({ confusion }: Pick<TestReport, "confusion">): number[] =>
  confusion.map((row) => row.reduce((sum, one) => sum + one, 0));

/** The score a result is told by: where classes are unequal, the mean of what is found of each. */
export function leadingScore(test: Pick<TestReport, "confusion">): "accuracy" | "balancedAccuracy" {
  const counts = classCounts(test).filter((count) => count > 0);
  return Math.max(...counts) >= UNEVEN * Math.min(...counts) ? "balancedAccuracy" : "accuracy";
}

/** One fold of a cross-validation: the scores of a model on people it never saw. */
export const FoldReport = TestReport.pick({
  windows: true,
  accuracy: true,
  subjectAccuracy: true,
  balancedAccuracy: true,
  macroF1: true,
  nll: true,
  brier: true,
  ece: true,
}).extend({
  subjects: z.array(z.string()),
  temperature: z.number(),
  validationNll: z.number().optional(), // of people beside them, whom the judging network never saw; absent in runs of before
});
export type FoldReport = z.infer<typeof FoldReport>;

/** The scores of which a cross-validation tells the spread. */
export const foldScores = [
  "accuracy",
  "subjectAccuracy",
  "balancedAccuracy",
  "macroF1",
  "nll",
  "brier",
  "ece",
] as const;

/** Over folds, each counted once. sd: n - 1 in the denominator. */
export const Spread = z.object({ mean: z.number(), sd: z.number(), lowest: z.number(), highest: z.number() });

/** Parts of the causal adaptation, by the number a prediction keeps for each window. See main/models/adaptation/causal.ts. */
export const CausalPart = z.enum(["static", "cautious", "causal", "means"]);
export type CausalPart = z.infer<typeof CausalPart>;

/** Each test recording judged window by window, by nothing but what came before it. */
export const CausalReport = z.object({
  test: TestReport,
  /** As if somebody had seen to it that the first minute holds every class: recordings in which it does; null: none. */
  guided: TestReport.nullable(),
  /** Accuracy by how long the person had been heard, mean over people. */
  after: z.array(
    z.object({
      fromS: z.number(),
      toS: z.number().nullable(), // null: to the end
      windows: Count,
      accuracy: z.number(),
      guided: z.number().nullable(),
    }),
  ),
  parts: z.partialRecord(CausalPart, z.number()), // share of the windows that each part answered
});
export type CausalReport = z.infer<typeof CausalReport>;

/** With folds the reports are pooled: every labelled person once, each judged by the model of the fold that left them out. */
export const RunMetrics = z.object({
  test: TestReport,
  lda: TestReport, // linear discriminant on the same windows
  supervisedOnly: TestReport.optional(), // the same network without the unlabelled windows and the generative term
  transductive: TestReport.optional(), // with the new person's unlabelled recording, gestures balanced
  causal: CausalReport.optional(), // with the past of the new person's own stream
  paired: PairedComparisons.optional(), // of `test` with each of the others, person by person; absent in runs of before
  calibration: z.object({
    temperature: z.number(),
    subjects: z.array(z.string()),
    windows: Count,
    estimated: Count.default(0), // of those windows: the label was missing and the most probable one stands in
    eceBefore: z.number(),
    eceAfter: z.number(),
    nll: z.number().optional(), // of those whose label was given by hand, calibrated; absent in runs of before
  }),
  distanceFromIdentity: z.array(z.number()), // a layer: ||W - I||_F / sqrt(width), mean over members
  layerAccuracy: z.array(z.number()).optional(), // a layer: share of the test people's windows that its own answer, mean over members, puts right
  folds: z.array(FoldReport).optional(), // the model that is kept learned from all of them
  spread: z.record(z.enum(foldScores), Spread).optional(),
});
export type RunMetrics = z.infer<typeof RunMetrics>;

/** Per second of the recordings that were read, one label against the rest. */
export const SecondReport = z.object({
  seconds: Count,
  prevalence: z.number(),
  auroc: z.number().nullable(), // null without both
  averagePrecision: z.number().nullable(),
  ece: z.number(), // 15 equal-width bins of the label's own probability
  nll: z.number(), // binary, nats
});

/** Event by event: one-to-one, largest overlap first. */
export const EventCounts = z.object({
  marked: Count,
  said: Count,
  found: Count,
  missed: Count,
  hours: z.number(), // read
  falseAnHour: z.number().nullable(),
  sensitivity: z.number().nullable(), // null where none is marked
  precision: z.number().nullable(), // null where none is said
  f1: z.number().nullable(),
  f1Iou: z.number().nullable(), // only pairs with intersection / union of a half count
});

/** The simplest method that says the same, learned from the same recordings, on the seconds that the model was judged on. */
export const EventFloor = z.object({
  seconds: SecondReport.nullable(),
  assessable: SecondReport.nullable(),
  auroc: PairedComparison, // the model's less the floor's, recording by recording, of every second that was read
});

/** How events of whole recordings were found in recordings of people never trained on. */
export const EventReport = z.object({
  recordings: Count,
  subjects: z.array(z.string()),
  validation: z.array(z.string()), // people by whom thresholds and temperature were chosen
  inTurn: z.boolean().optional(), // they are training people, each left out by a network of its own
  labels: z.array(
    z.object({
      code: z.string(),
      group: z.string(),
      events: EventCounts.nullable(), // null: the model says how probable it is at every moment, and marks no events
      intervals: z
        .object({ sensitivity: Interval.nullable(), precision: Interval.nullable(), f1: Interval.nullable() })
        .nullable(), // 95 %, by resampling whole recordings; null where there are too few
      seconds: SecondReport.nullable(), // of every second that was read
      assessable: SecondReport.nullable(), // of those in which the group's channel was observed
      floor: EventFloor.optional(), // absent in runs of before, and where the model has none
    }),
  ),
});
export type EventReport = z.infer<typeof EventReport>;

export const RunPhase = z.enum([
  "waiting",
  "reading",
  "engine",
  "training",
  "supervised-only",
  "calibrating",
  "evaluating",
  "paused", // by a person, or because the program was closed; goes on from its checkpoint
  "done",
  "failed",
  "cancelled",
]);
export type RunPhase = z.infer<typeof RunPhase>;

/** Nothing works on a run in this phase, and it waits for nothing. */
export const isAtRest = (phase: RunPhase): boolean =>
  phase === "done" || phase === "failed" || phase === "cancelled" || phase === "paused";

export const CurvePoint = z.object({
  epoch: z.number(),
  loss: z.number(),
  validationNll: z.number(),
  validationEce: z.number(),
});

export const RunProgress = z.object({
  runId: z.string(),
  phase: RunPhase,
  done: z.number().min(0).max(1),
  epoch: Count,
  epochs: Count, // 0: it does not learn in epochs
  rounds: Count.optional(), // done so far by what learns in rounds until it settles
  stepsPerSecond: z.number().nonnegative(),
  secondsLeft: z.number().nonnegative().optional(),
  curve: z.array(CurvePoint),
  ahead: Count.optional(), // of one that waits: how many others wait before it
  fits: z.object({ done: Count, of: Count }).optional(), // of a cross-validation: one a fold, and the model that is kept
  there: RunThere.optional(), // of one that workers of a cluster do
});
export type RunProgress = z.infer<typeof RunProgress>;

/** How one engine did on the model before training: its pace, or why it cannot be used. */
export const EngineTrial = z.object({
  engine: EngineName,
  version: z.string().optional(),
  device: z.string().optional(),
  threads: z.number().int().positive().optional(),
  stepsPerSecond: z.number().nonnegative().optional(),
  largestError: z.number().nonnegative().optional(), // of a gradient, relative, against the reference
  error: ErrorReport.optional(),
});
export type EngineTrial = z.infer<typeof EngineTrial>;

/** Why an engine trains a run. */
export const EngineReason = z.enum([
  "fastest", // of those that passed their test
  "only", // the only one that passed
  "first", // to open: nothing was there to time them by
  "named", // a person asked for it
  "last-resort", // no other can be used
]);

export const EngineFacts = z.object({
  name: z.string(), // "onnxruntime cpu x1"
  version: z.string(),
  threads: z.number().int().positive(),
  chosenBecause: z.string(), // one English sentence
  stepsPerSecond: z.number().nonnegative(),
  engine: EngineName.optional(), // this and the following: absent in runs of version 0.1.0
  device: z.string().optional(), // "cpu", "cuda"
  reason: EngineReason.optional(),
  trials: z.array(EngineTrial).optional(), // the chosen one first
});
export type EngineFacts = z.infer<typeof EngineFacts>;

/** One recording of a run's data, as it was when the run began. Checksums are SHA-256, in hexadecimal. */
export const RunData = z.object({
  recordingId: z.string(),
  recording: z.string().optional(), // its name then
  subject: z.string(),
  checksum: z.string(), // samples, and what the source said was missing
  labels: z.string().optional(), // annotations of the run's label set, and the masks laid over the samples
});
export type RunData = z.infer<typeof RunData>;

/** Where a model that was not trained in this library came from. Its recordings stayed there. */
export const ImportedModel = z.object({
  file: z.string(), // base name
  sha256: z.string(), // of the file
  importedAt: z.string(),
  channels: z.array(ChannelHeader),
});
export type ImportedModel = z.infer<typeof ImportedModel>;

export const Run = z.object({
  id: z.string(),
  config: RunConfig,
  classes: z.array(z.string()), // with the background first where there is one
  phase: RunPhase,
  createdAt: z.string(),
  finishedAt: z.string().optional(),
  codeVersion: z.string(),
  data: z.array(RunData),
  engine: EngineFacts.optional(),
  windows: z.object({ labelled: Count, unlabelled: Count, unassessable: Count }).optional(),
  metrics: RunMetrics.optional(), // of a classifier of windows
  events: EventReport.optional(), // of a model that follows whole recordings and says events
  forecast: ForecastReport.optional(), // of one that looks ahead
  fitS: z.number().nonnegative().optional(), // seconds the model that is kept took to learn; absent where it was broken off, imported or of before
  curve: z.array(CurvePoint),
  hasCheckpoint: z.boolean(), // can be resumed
  place: z.string().min(1).optional(), // name of the cluster whose workers do its folds; absent: this machine
  note: z.string().optional(), // what a person wrote about it
  imported: ImportedModel.optional(), // absent: trained in this library
  error: ErrorReport.partial({ detail: true }).optional(),
  isUntold: z.literal(true).optional(), // its scores would tell what others labelled in a recording that is read blind now; never stored
});
export type Run = z.infer<typeof Run>;

type Reports = Pick<Run, "metrics" | "events" | "forecast">;

/**
 * What came out of a run: how windows were told apart, or how events of whole recordings were found, how what was looked
 * ahead came true, or both.
 */
export type RunReport =
  | { readonly kind: "classification"; readonly metrics: RunMetrics }
  | {
      readonly kind: "sequences";
      readonly events: EventReport | undefined;
      readonly forecast: ForecastReport | undefined;
    };

/** What a stored run carries; undefined as long as nothing came out. */
export function runReport({ metrics, events, forecast }: Reports): RunReport | undefined {
  if (events !== undefined || forecast !== undefined) return { kind: "sequences", events, forecast };
  return metrics === undefined ? undefined : { kind: "classification", metrics };
}

/** Of a classifier of windows, what it scored. */
export function metricsIn(run: Reports): RunMetrics | undefined {
  const report = runReport(run);
  return report?.kind === "classification" ? report.metrics : undefined;
}

/** What lists tell of a run. How it did in full, whom it learned from and its curve are told of one at a time. */
export const RunSummary = Run.omit({
  ...{ data: true, windows: true, fitS: true, curve: true },
  ...{ metrics: true, events: true, forecast: true },
}).extend({
  says: z.enum(["windows", "events", "ahead"]).optional(), // classes of windows, events of whole recordings, what comes; absent as long as nothing came out
  looksAhead: z.boolean(),
  score: z.object({ value: z.number(), subjects: Count, windows: Count }).optional(), // the leading one, of test people
  bandsHeld: z.number().optional(), // share that the 90 % bands held at the longest look ahead
});
export type RunSummary = z.infer<typeof RunSummary>;

const ScoredTest = TestReport.pick({
  ...{ subjects: true, windows: true },
  ...{ accuracy: true, balancedAccuracy: true, confusion: true },
});

/** As much of a run as its summary is made of. */
export const SummarisedRun = RunSummary.omit({
  ...{ says: true, looksAhead: true, score: true, bandsHeld: true },
}).extend({
  metrics: z.object({ test: ScoredTest }).optional(),
  events: z.unknown().optional(),
  forecast: ForecastReport.pick({ coverage: true }).optional(),
});

const untold = ["data", "windows", "fitS", "curve", "metrics", "events", "forecast"] as const;

/** What is listed of a run. */
export function runSummary(run: z.infer<typeof SummarisedRun>): RunSummary {
  const told = { ...run };
  for (const key of untold) Reflect.deleteProperty(told, key);
  const { metrics, events, forecast } = run;
  const test = metrics?.test;
  const { subjects = 0, windows = 0 } = test ?? {};
  const reached = forecast?.coverage.find(({ share }) => share === 0.9)?.reached.at(-1);
  const says = events !== undefined ? "events" : forecast !== undefined ? "ahead" : test && "windows";
  return {
    ...told,
    ...(says === undefined ? {} : { says }),
    looksAhead: forecast !== undefined,
    ...(test && says === "windows" ? { score: { value: test[leadingScore(test)], subjects, windows } } : {}),
    ...(typeof reached === "number" ? { bandsHeld: reached } : {}),
  };
}

/** A run in the bin: it can be brought back, or purged for good. */
export const BinnedRun = RunSummary.extend({ binnedAt: z.string() });
export type BinnedRun = z.infer<typeof BinnedRun>;

const floats = z.instanceof(Float32Array<ArrayBufferLike>);

/** One run's view of one recording. Matrices are row-major [windows x classes]. */
export const Prediction = z.object({
  runId: z.string(),
  recordingId: z.string(),
  classes: z.array(z.string()),
  adaptation: Adaptation,
  windowS: z.number(),
  onsetS: z.instanceof(Float64Array<ArrayBufferLike>), // [n] start of each window
  probabilities: floats, // calibrated ensemble mean; NaN where not assessable
  low: floats, // mean of the voices − 1.645 standard deviations, at least 0
  high: floats, // mean + 1.645 of them, at most 1
  aleatoric: floats, // [n] nats
  epistemic: floats, // [n] nats
  typicality: floats, // [n] share of training windows with a lower density; below 0.01 "unlike the training data"
  assessable: z.instanceof(Uint8Array<ArrayBufferLike>), // [n] 1 or 0
  part: z.instanceof(Uint8Array<ArrayBufferLike>).optional(), // [n] with a causal adaptation an index into CausalPart; else of the most probable class the sub-class, from 1, 0 for none, as the first member sees it
  createdAt: z.string(),
});
export type Prediction = z.infer<typeof Prediction>;

/** A layer aligned in time with the trace. Rows are inputs, columns are stretches of time. */
export const LayerView = z.object({
  index: z.number().int().nonnegative(),
  distanceFromIdentity: z.number(),
  accuracy: z.number().optional(), // share of the run's test windows that this layer alone puts right
  likelihood: z.array(z.number()), // softmax of the class block here, for the window asked about
  contribution: floats, // [rows x columns] h - x: raised above, or pushed below, the input
  relevance: floats, // [rows x columns] evidence for the leading class against the runner-up, logits
});
export type LayerView = z.infer<typeof LayerView>;

export const LayerReport = z.object({
  runId: z.string(),
  recordingId: z.string(),
  onsetS: z.number(),
  windowS: z.number(),
  classes: z.array(z.string()),
  leading: z.number().int(),
  runnerUp: z.number().int(),
  probabilities: z.array(z.number()),
  rows: z.array(z.string()), // input names
  columnOnsetS: z.instanceof(Float64Array<ArrayBufferLike>),
  columnS: z.number(),
  input: floats, // [rows x columns], NaN where unobserved
  isIntegrated: z.boolean(), // the prediction averages over what the window hides; the layers know its mask alone
  layers: z.array(LayerView),
  decidedAt: z.number().int(), // first layer from which the leading class stays the final one
  evidenceSum: z.number(), // total evidence + biases, equals the logit difference
});
export type LayerReport = z.infer<typeof LayerReport>;

/** "Label this next". */
export const RankedWindow = z.object({
  recordingId: z.string(),
  recording: z.string(),
  onsetS: z.number(),
  windowS: z.number(),
  epistemic: z.number(),
  leading: z.string(),
  probability: z.number(),
  typicality: z.number(), // as in a prediction
});
export type RankedWindow = z.infer<typeof RankedWindow>;
