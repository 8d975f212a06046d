import { z } from "zod";
import { Forecast, FoundEvent, NotAssessable } from "../../preload/contract/finding.ts";
import {
  LiveDecision,
  CaptureState,
  ContactState,
  DeviceFound,
  DeviceList,
  DeviceState,
} from "../../preload/contract/acquisition.ts";
import { Agreement } from "../../preload/contract/agreement.ts";
import { BackupReport, VerifyReport } from "../../preload/contract/care.ts";
import { Comparison } from "../../preload/contract/comparison.ts";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import { CtgNumbers } from "../../preload/contract/ctg-reading.ts";
import { ErrorReport } from "../../preload/contract/errors.ts";
import { Verdict } from "../../preload/contract/verdict.ts";
import { EngineReport, Engines } from "../../preload/contract/engine.ts";
import { FileOutcome, JobState } from "../../preload/contract/exchange.ts";
import { ModelExport, ModelImport } from "../../preload/contract/model-file.ts";
import { ForecastReport } from "../../preload/contract/forecast-report.ts";
import { ArchivedRecording } from "../service/archive.ts";
import { ListedWork, ListedWorker } from "../service/cluster-work.ts";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { MaskRule, PassCounts } from "../../preload/contract/pass.ts";
import { Reading } from "../../preload/contract/reading.ts";
import {
  Purged,
  Channel,
  missingShareOf,
  RecordingDetail,
  RecordingState,
  RecordingSummary,
} from "../../preload/contract/recording.ts";
import {
  EventReport,
  Adaptation,
  CausalPart,
  Run,
  RunFields,
  RunMetrics,
  RunPreview,
} from "../../preload/contract/run.ts";
import { StudyOutcome } from "../../preload/contract/study.ts";
import { SweepConfiguration, SweepReport } from "../../preload/contract/sweep.ts";
import { SweepGrid } from "./sweep-grid.ts";
import { LogEntry } from "../../preload/contract/settings.ts";

const FileResults = z.object({ state: JobState, files: z.array(FileOutcome) });

/** What a model of whole recordings found in one. Stretches of which it can say nothing are told apart from no event. */
export const EventRows = z.object({
  runId: z.string(),
  recordingId: z.string(),
  recording: z.string(),
  events: z.array(FoundEvent),
  notAssessable: z.array(NotAssessable),
  curves: z.array(z.object({ name: z.string(), unit: z.string(), over: z.string().optional() })), // kept in the library: export --findings writes their values
});
export type EventRows = z.infer<typeof EventRows>;

/** One window of a prediction. Arrays follow `classes`; null where the window is not assessable. */
export const PredictionRow = z.object({
  onsetS: z.number(),
  probabilities: z.array(z.number().nullable()),
  low: z.array(z.number().nullable()), // 5 % over the ensemble
  high: z.array(z.number().nullable()), // 95 %
  aleatoric: z.number().nullable(), // nats
  epistemic: z.number().nullable(), // nats
  typicality: z.number().nullable(), // below 0.01: unlike the training data
  assessable: z.boolean(),
  part: CausalPart.optional(), // of a causal adaptation: which one answered
  subclass: z.number().int().positive().optional(), // way of the most probable class, as the first member counts them
});
export type PredictionRow = z.infer<typeof PredictionRow>;

export const PredictionRows = z.object({
  runId: z.string(),
  recordingId: z.string(),
  recording: z.string(),
  adaptation: Adaptation,
  classes: z.array(z.string()),
  windowS: z.number(),
  rows: z.array(PredictionRow),
});
export type PredictionRows = z.infer<typeof PredictionRows>;

export const AnnotationRow = z.object({
  recording: z.string(),
  label: z.string(), // its text
  code: z.string().optional(), // ours; absent where de-identified texts have none
  onset_s: z.number(),
  duration_s: z.number(),
  channel: z.string().optional(),
});

const channels = z.array(Channel.extend({ missingShare: z.number() }));
const ListedRecording = RecordingSummary.extend({ channels });
const DescribedRecording = RecordingDetail.extend({ channels });

/** A recording with the share each of its channels misses said rather than left to be worked out. */
export const withShares = <R extends RecordingSummary>(
  recording: R,
): Omit<R, "channels"> & Pick<z.infer<typeof ListedRecording>, "channels"> => ({
  ...recording,
  channels: recording.channels.map((one) => ({ ...one, missingShare: missingShareOf(one) })),
});

/** A recording from sensors as it was ended; `devices` as they stood last. */
const Recorded = z.object({
  recordingId: z.string(),
  state: RecordingState,
  durationS: z.number(),
  channels: z.array(Channel),
  devices: z.array(DeviceState),
  live: z
    .object({
      runId: z.string(),
      windows: z.number(),
      decisions: z.record(z.string(), z.number()), // by class
      forecasts: z.number(), // of a model that looks ahead, once a second
      unknown: z.object({ unobserved: z.number(), untypical: z.number(), unsure: z.number() }),
      latencyMs: LiveDecision.shape.latencyMs.nullable(), // of the last minute
    })
    .optional(), // with --live
});

/** What a run put where samples of a recording are missing: kept beside it as a finding, never in it. */
const FilledRecording = z.object({
  ...{ recordingId: z.string(), recording: z.string() },
  findingId: z.string().nullable(), // null: removed
  removed: z.number().int().nonnegative(), // findings
  series: z.array(
    z.object({
      ...{ name: z.string(), unit: z.string() },
      over: z.string().optional(), // the channel whose gaps they are
      seconds: z.number().nonnegative(), // filled
    }),
  ),
});
export type FilledRecording = z.infer<typeof FilledRecording>;

/** What rules say of a recording, or why they cannot. */
const AnalysedRecording = z.object({
  recordingId: z.string().optional(), // absent: it could not be found or read
  recording: z.string(),
  error: ErrorReport.optional(),
  numbers: CtgNumbers.optional(), // of all of it
  events: z.array(FoundEvent),
  notAssessable: z.array(NotAssessable),
  classes: z.array(
    z.object({
      scheme: z.string(),
      minutes: z.record(z.string(), z.number().int()), // by class
      notAssessable: z.number().int(), // minutes
      verdicts: z.array(Verdict), // a minute each; with --reasons also why
    }),
  ),
});
export type AnalysedRecording = z.infer<typeof AnalysedRecording>;

/** What went into the archive, or came out of it. */
const MovedRecordings = z.object({
  archive: z.string(),
  recordings: z.array(
    z.object({
      ...{ id: z.string(), name: z.string(), state: z.enum(["new", "merged", "failed"]) },
      bytes: z.number(), // of samples over the line
      papers: z.number().nullable(), // labels, masks, readings and steps that were not there; null: the recording is read blind
      beside: z.number().nullable(), // of these, that read differently there: they stand beside
      otherwise: z.array(z.string()).nullable(), // who says otherwise there what is known for reading it
      subject: z.string().nullable(), // under which the archive keeps it, where that is another
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
  runs: z.number(), // that were not there
});

/** What each command prints with `--json`: one document on standard output. */
export const outputs = {
  error: z.object({ error: ErrorReport }), // of any command that failed before it had another; code: "usage" where it makes no sense
  import: FileResults.extend({ recordings: z.array(RecordingSummary) }),
  sample: FileResults.extend({ recordings: z.array(RecordingSummary) }),
  "annotations import": FileResults,
  "annotations export": z.object({
    file: z.string().nullable(),
    annotations: z.number(),
    rows: z.array(AnnotationRow).optional(),
  }),
  "annotations complete": z.object({ isUndone: z.boolean(), readings: z.array(Reading) }),
  agreement: Agreement,
  "list bin": z.object({
    library: z.string(),
    recordings: z.array(ListedRecording.extend({ binnedAt: z.string() })),
  }),
  list: z.object({ library: z.string(), recordings: z.array(ListedRecording), runs: z.array(Run) }),
  export: FileResults,
  report: FileResults,
  train: Run,
  predict: z.object({ predictions: z.array(PredictionRows) }),
  events: z.object({ recordings: z.array(EventRows) }),
  engines: Engines,
  "engines install": EngineReport,
  "engines remove": z.object({ removedBytes: z.number() }),
  "models export": ModelExport,
  "models import": ModelImport,
  compare: Comparison,
  "sweep preview": z.object({
    name: z.string(),
    fits: z.number().int(),
    seeds: z.array(z.number().int()),
    configurations: z.array(SweepConfiguration.omit({ runIds: true })),
    preview: RunPreview, // of the first
  }),
  sweep: z.object({ name: z.string(), fits: z.number().int(), report: SweepReport }),
  evaluate: z.object({
    runId: z.string(),
    name: z.string(),
    classes: z.array(z.string()),
    metrics: RunMetrics.optional(), // of a classifier of windows
    events: EventReport.optional(), // of a model of whole recordings that found what readers had marked
    forecast: ForecastReport.optional(), // of one that looks ahead
  }),
  forecast: z.object({
    ...{ runId: z.string(), recordingId: z.string(), recording: z.string() },
    forecast: Forecast,
  }),
  analyse: z.object({ settings: CtgSettings, recordings: z.array(AnalysedRecording) }),
  study: StudyOutcome.extend({ job: z.string() }), // predict and analyse --on cluster
  fill: z.object({ runId: z.string(), recordings: z.array(FilledRecording) }),
  "describe recording": DescribedRecording,
  "describe run": Run,
  devices: DeviceList,
  "devices identify": DeviceFound,
  "devices impedance": ContactState,
  record: Recorded,
  replay: Recorded,
  capture: CaptureState,
  "label-sets": z.object({ labelSets: z.array(LabelSet) }),
  verify: VerifyReport,
  backup: BackupReport,
  restore: z.object({ library: z.string(), aside: z.string().nullable(), problems: z.number() }),
  purge: Purged,
  log: z.object({ entries: z.array(LogEntry) }),
  "cluster init": z.object({ archive: z.string(), from: z.number(), to: z.number() }), // steps of its tables
  worker: z.object({ fits: z.number() }), // that it finished
  jobs: z.object({ cluster: z.string(), jobs: z.array(ListedWork), workers: z.array(ListedWorker) }),
  "archive list": z.object({ archive: z.string(), recordings: z.array(ArchivedRecording) }), // archive pull --manifest reads it, too
  masks: PassCounts.extend({
    what: z.enum(["lay", "lift", "undo"]),
    rule: MaskRule,
    dryRun: z.boolean(),
    pass: z.string().nullable(), // "masks undo" takes it back; null: nothing was changed
  }),
  "archive push": MovedRecordings,
  "archive pull": MovedRecordings,
} as const;
export type OutputName = keyof typeof outputs;

/** What the command line reads. */
export const inputs = {
  "train --config": RunFields,
  "sweep GRID.json": SweepGrid,
  "label-sets save": LabelSet,
} as const;

/** All schemas as JSON Schema (2020-12), for `kodo describe schemas`. */
export function jsonSchemas(): {
  readonly outputs: Record<string, unknown>;
  readonly inputs: Record<string, unknown>;
} {
  const convert = (
    table: Readonly<Record<string, z.ZodType>>,
    io: "input" | "output",
  ): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(table).map(([name, schema]) => [
        name,
        z.toJSONSchema(schema, { io, unrepresentable: "any" }),
      ]),
    );
  return { outputs: convert(outputs, "output"), inputs: convert(inputs, "input") };
}
