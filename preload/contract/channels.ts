import { z } from "zod";
import { ModelDescription } from "./model.ts";
import {
  Annotation,
  AnnotationChange,
  HistoryState,
  NewAnnotation,
  OfOthers,
  Travelled,
} from "./annotation.ts";
import { Agreed, Agreement, AgreementRequest, Disagreement, Verdict } from "./agreement.ts";
import {
  BegunMark,
  CaptureState,
  CaptureRequest,
  ContactState,
  DeviceChoice,
  DeviceFound,
  DeviceList,
  GuideStep,
  LiveDecision,
  LiveSamples,
  NewMark,
  RecorderState,
  SessionSetup,
  SessionTemplate,
  StoppedRecording,
} from "./acquisition.ts";
import { BackupReport, VerifyProgress, VerifyReport } from "./care.ts";
import {
  ArchiveRow,
  ArchiveTransfer,
  ClusterEntry,
  ClusterReached,
  ClusterStanding,
  ClusterState,
} from "./cluster.ts";
import { Comparison, ComparisonConfig, MOST_COMPARED } from "./comparison.ts";
import { EngineInstall, Engines, EngineVariant } from "./engine.ts";
import { AntepartumReference, CtgContext } from "./ctg.ts";
import { CtgMeasure, CtgNumbers, CtgProgress, CtgRead, KnownContext } from "./ctg-reading.ts";
import { ErrorReport, type Outcome } from "./errors.ts";
import { ExportRequest, ImportOptions, JobProgress, TableOptions, TablePreview } from "./exchange.ts";
import { Finding, FindingSpan, FindingSummary, Forecast } from "./finding.ts";
import { LabelSet, LabelUse } from "./label-set.ts";
import {
  BIN_MOST,
  BinIds,
  BinPage,
  BinRequest,
  Cursor,
  IdPage,
  IDS_MOST,
  LibraryCounts,
  Outline,
  PAGE_MOST,
  PageRequest,
  RecordingFilter,
  RecordingPage,
  RecordingView,
  Roster,
  Selected,
  Selection,
} from "./listing.ts";
import { MaskSpan } from "./mask.ts";
import { NewReading, Reading } from "./reading.ts";
import { PassCounts, PassOrder } from "./pass.ts";
import { Picture } from "./method.ts";
import { ReportRequest } from "./report.ts";
import { EstimateAsk, RunCounted, RunEstimate } from "./estimate.ts";
import { StudyAsk, StudyPreview } from "./study.ts";
import { ModelExport, ModelExportRequest, ModelImport, ModelImportRequest } from "./model-file.ts";
import {
  PurgeOutcome,
  RecordingDetail,
  RecordingKind,
  RecordingSummary,
  Tile,
  TypedName,
} from "./recording.ts";
import {
  Adaptation,
  BinnedRun,
  LayerReport,
  Prediction,
  RankedWindow,
  Run,
  RunConfig,
  PackedPreview,
  RunProgress,
  RunReads,
  RunSummary,
} from "./run.ts";
import { LogEntry, Settings } from "./settings.ts";

const nothing = z.object({});
const done = z.void();
const Id = z.object({ id: z.string() });
const OfRecording = z.object({ recordingId: z.string() });

const ComparedRuns = z.object({ runIds: z.array(z.string()).min(2).max(MOST_COMPARED) });

/** Who asks again with the same key gets the job of before, where that is under way or done. */
const Once = { idempotencyKey: z.string().min(1).max(200).optional() };

/** Of recordings by their ids, or of a selection. */
const ExportStart = ExportRequest.extend({
  ...Once,
  recordingIds: z.array(z.string()).default([]),
  selection: Selection.optional(),
}).refine(({ recordingIds, selection }) => recordingIds.length > 0 || selection !== undefined);

/** Everything the window may ask for. Types, router, preload and the test fake follow from this table. */
export const requests = {
  "app.info": {
    params: nothing,
    result: z.object({
      version: z.string(),
      electron: z.string(),
      library: z.string(),
      schema: z.number(),
      locale: z.string(),
      platform: z.string(),
      openAtStart: z.array(z.string()), // recording ids from `npm start -- FILE...`
      readOnly: z.boolean(), // the library can be looked at, and every change is refused
    }),
  },
  "app.log": { params: z.object({ limit: z.number().int().min(1).max(1000) }), result: z.array(LogEntry) },
  "library.verify": { params: nothing, result: VerifyReport }, // minutes where there is much; library.verifying tells
  "library.cancelVerify": { params: nothing, result: done },
  "library.backup": { params: nothing, result: BackupReport.nullable() }, // where the system's dialog says
  "settings.get": { params: nothing, result: Settings },
  "settings.set": { params: Settings.partial(), result: Settings },

  "recordings.page": { params: PageRequest, result: RecordingPage }, // a part of the list; nothing asks for all of it
  "recordings.outline": {
    params: z.object({ view: RecordingView, find: z.string().optional() }),
    result: Outline,
  }, // how long a list is, and where its pages begin
  "recordings.counts": { params: nothing, result: LibraryCounts },
  "recordings.some": {
    params: z.object({ ids: z.array(z.string()).max(PAGE_MOST) }),
    result: z.array(RecordingSummary),
  }, // those of them that are not in the bin
  "recordings.names": {
    params: z.object({ ids: z.array(z.string()).max(IDS_MOST) }),
    result: z.record(z.string(), z.string()),
  }, // by id, also of those in the bin
  "recordings.selected": {
    params: z.object({ selection: Selection, filter: RecordingFilter }),
    result: Selected,
  },
  "recordings.ids": {
    params: z.object({
      selection: Selection,
      after: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(IDS_MOST).default(IDS_MOST),
    }),
    result: IdPage,
  }, // in the order they were added
  "recordings.roster": {
    params: z.object({ after: z.number().int().nonnegative().default(0) }),
    result: Roster,
  }, // a part at a time
  "recordings.removeAll": {
    params: z.object({ selection: Selection }),
    result: z.object({
      count: z.number().int().nonnegative(),
      at: z.string(),
      failure: ErrorReport.optional(), // what stopped it before its end
    }),
  }, // to the bin, as of one moment
  "recordings.restoreAll": {
    params: z.object({ at: z.string() }),
    result: z.object({ count: z.number().int().nonnegative() }),
  }, // what was put in the bin at that moment
  "recordings.get": { params: Id, result: RecordingDetail },
  "recordings.change": {
    params: Id.extend({
      name: TypedName.min(1).optional(),
      subject: TypedName.min(1).optional(),
      study: TypedName.optional(),
      note: z.string().optional(),
      kind: RecordingKind.optional(),
    }),
    result: RecordingDetail,
  },
  "recordings.remove": { params: Id, result: done }, // to the bin
  "recordings.restore": { params: Id, result: RecordingDetail },
  "recordings.bin": { params: BinRequest, result: BinPage }, // a part at a time
  "recordings.binIds": {
    params: z.object({ after: Cursor.optional() }),
    result: BinIds,
  }, // last binned first
  "recordings.restoreThese": {
    params: z.object({ ids: z.array(z.string()).max(BIN_MOST) }),
    result: z.object({ ids: z.array(z.string()) }), // those that were still in the bin
  },
  "recordings.purge": {
    params: z.object({ ids: z.array(z.string()).min(1).max(BIN_MOST) }),
    result: PurgeOutcome,
  }, // those of them that are in the bin, for good
  "recordings.checksum": {
    params: Id,
    result: z.object({ sha256: z.string(), damagedBlocks: z.number().int() }),
  },

  "trace.tiles": {
    params: z.object({
      recordingId: z.string(),
      channel: z.number().int().nonnegative(),
      samplesPerBucket: z.number().int().positive(),
      firstTile: z.number().int().nonnegative(),
      tileCount: z.number().int().min(1).max(64),
    }),
    result: z.array(Tile),
  },
  "trace.samples": {
    params: z.object({
      recordingId: z.string(),
      channel: z.number().int().nonnegative(),
      first: z.number().int().nonnegative(),
      count: z.number().int().min(1).max(2_000_000),
    }),
    result: z.object({
      first: z.number(),
      values: z.instanceof(Float32Array<ArrayBufferLike>), // physical; the value beneath a mask is kept
      reasons: z.instanceof(Uint8Array<ArrayBufferLike>), // 0 observed
    }),
  },
  "masks.list": { params: OfRecording, result: z.array(MaskSpan) },
  "masks.add": { params: MaskSpan.omit({ id: true, createdAt: true }), result: MaskSpan },
  "masks.remove": { params: Id, result: done },
  "masks.layRules": { params: OfRecording, result: z.array(MaskSpan) }, // what the library takes out by rule and is not out yet
  "masks.liftRules": { params: OfRecording, result: done }, // takes all of it away; both are one step of the history

  "passes.look": { params: PassOrder, result: PassCounts }, // what it would change; passes.looked tells. One at a time: another ends it
  "passes.stopLooking": { params: nothing, result: done },
  "passes.start": { params: PassOrder, result: z.object({ jobId: z.string() }) }, // jobs.progress tells; a recording is changed wholly or not at all
  "passes.undo": { params: z.object({ jobId: z.string() }), result: z.object({ jobId: z.string() }) }, // all of one that is over, or as much of it as stands

  "annotations.list": { params: OfRecording, result: z.array(Annotation) },
  "annotations.add": { params: NewAnnotation, result: Annotation },
  "annotations.change": { params: AnnotationChange.extend(OfOthers.shape), result: Annotation },
  "annotations.remove": { params: Id.extend(OfOthers.shape), result: done },
  "annotations.undo": { params: OfRecording.extend(OfOthers.shape), result: Travelled },
  "annotations.redo": { params: OfRecording.extend(OfOthers.shape), result: Travelled },
  "annotations.history": { params: OfRecording, result: HistoryState },

  "readings.list": { params: OfRecording, result: z.array(Reading) },
  "readings.add": { params: NewReading, result: Reading },
  "readings.remove": { params: Id.extend(OfOthers.shape), result: done },

  "agreement.report": { params: AgreementRequest, result: Agreement }, // of readers, where they read completely
  "agreement.decide": {
    params: OfRecording.extend({
      labelSet: z.string(),
      place: Disagreement.pick({ group: true, onsetS: true, durationS: true, opinions: true }),
      choice: z.discriminatedUnion("kind", [
        z.object({
          kind: z.literal("label"),
          label: z.string(),
          channel: z.number().int().nonnegative().optional(),
          onsetS: z.number(),
          durationS: z.number().nonnegative(),
        }),
        z.object({ kind: z.literal("verdict"), verdict: Verdict }),
      ]),
    }),
    result: Annotation,
  }, // as a label of the consensus, with a note of who decided
  "agreement.keep": {
    params: OfRecording.extend({
      labelSet: z.string(),
      events: z.array(Agreed).min(1),
      readers: z.array(z.string()),
    }),
    result: z.array(Annotation),
  }, // what all agree on, for the consensus; one step of the history

  "ctg.context": { params: OfRecording, result: KnownContext }, // what a cardiotocogram is read with, beside its signals
  "ctg.setContext": {
    params: OfRecording.extend({ context: CtgContext.nullable() }), // null: what the header says again
    result: KnownContext,
  }, // one step of the history
  "ctg.read": { params: CtgRead, result: z.array(FindingSummary) }, // what rules say of it; ctg.progress tells. Kept until it is asked for again
  "ctg.measure": { params: CtgMeasure, result: CtgNumbers }, // of a stretch; keeps nothing
  "ctg.chooseReference": { params: nothing, result: AntepartumReference.nullable() }, // the system's dialog for a table of centiles; null: none was chosen
  "ctg.cancel": { params: OfRecording, result: done }, // every reading of it that is under way: nothing of it is kept

  "labelSets.list": { params: nothing, result: z.array(LabelSet) }, // newest version of each
  "labelSets.get": { params: z.object({ id: z.string(), version: z.number().int() }), result: LabelSet },
  "labelSets.usage": { params: Id, result: z.array(LabelUse) },
  "labelSets.save": { params: LabelSet, result: LabelSet }, // version is given by the library

  "import.choose": { params: nothing, result: z.array(z.string()) }, // the system's file dialog
  "import.preview": {
    params: z.object({ path: z.string(), table: TableOptions.optional() }),
    result: TablePreview,
  },
  "import.start": {
    params: z.object({ paths: z.array(z.string()).min(1), options: ImportOptions }).extend(Once),
    result: z.object({ jobId: z.string() }),
  },
  "sample.open": { params: nothing, result: z.object({ jobId: z.string() }) }, // generates the synthetic study, then imports it
  "export.chooseDirectory": { params: nothing, result: z.string().nullable() },
  "export.start": { params: ExportStart, result: z.object({ jobId: z.string() }) },
  "report.start": { params: ReportRequest.extend(Once), result: z.object({ jobId: z.string() }) },
  "jobs.list": { params: nothing, result: z.array(JobProgress) },
  "jobs.dismiss": { params: z.object({ jobId: z.string() }), result: done }, // one that an earlier process left without an end
  "jobs.cancel": { params: z.object({ jobId: z.string() }), result: done },

  "studies.preview": { params: StudyAsk, result: StudyPreview },
  "studies.start": {
    params: StudyAsk.extend({ ...Once, where: z.enum(["here", "there"]) }),
    result: z.object({ jobId: z.string() }),
  }, // jobs.progress tells; what is done is kept, however it ends
  "studies.goOn": { params: z.object({ jobId: z.string() }), result: done }, // with one that came to no end

  "devices.list": { params: nothing, result: DeviceList }, // ports, and the protocols that may be spoken there
  "devices.identify": { params: DeviceChoice, result: DeviceFound }, // opens, asks who is there, closes; stores nothing
  "contact.start": { params: DeviceChoice, result: ContactState }, // measures how its electrodes lie; never while a session is under way
  "contact.stop": { params: nothing, result: ContactState }, // once the device has its settings again
  "contact.state": { params: nothing, result: ContactState.nullable() },
  "recorder.state": { params: nothing, result: RecorderState },
  "recorder.arm": { params: SessionSetup, result: RecorderState }, // every device answers and streams; nothing is stored yet
  "recorder.record": { params: nothing, result: z.object({ recordingId: z.string() }) },
  "recorder.stop": { params: nothing, result: StoppedRecording.nullable() }, // ends, and lets the devices go
  "recorder.mark": { params: NewMark, result: Annotation },
  "recorder.begun": {
    params: z.object({ marks: z.array(BegunMark).max(1000), zeroS: NewMark.shape.zeroS }), // all that are; by which the new ones were reckoned
    result: done,
  },
  "recorder.silence": { params: nothing, result: done }, // the sound of the alarms that stand now, not that of the next
  "recorder.guide": { params: z.object({ step: GuideStep }), result: done }, // of a guided recording
  "recorder.templates": { params: nothing, result: z.array(SessionTemplate) }, // newest first
  "recorder.saveTemplate": { params: SessionTemplate, result: done },
  "recorder.removeTemplate": { params: z.object({ name: z.string() }), result: done },
  "capture.start": { params: CaptureRequest, result: CaptureState.nullable() }, // into a new file, where the system's dialog says
  "capture.stop": { params: nothing, result: CaptureState },
  "capture.state": { params: nothing, result: CaptureState.nullable() },

  "methods.learned": { params: z.object({ runId: z.string() }), result: z.array(Picture) }, // what a run's model shows of itself
  "models.list": { params: nothing, result: z.array(ModelDescription) }, // that can be trained
  "comparisons.start": { params: ComparisonConfig, result: z.array(Run) }, // a run a method, one after the other; none where one cannot start
  "comparisons.report": { params: ComparedRuns, result: Comparison },
  "comparisons.saveTable": { params: ComparedRuns, result: z.object({ path: z.string() }).nullable() }, // as CSV, where the dialog says
  "runs.estimate": { params: EstimateAsk, result: RunEstimate }, // at once, about
  "runs.preview": { params: RunConfig, result: PackedPreview }, // counts, which runs.counted tells of; one at a time: another ends it
  "runs.stopCounting": { params: nothing, result: done },
  "runs.start": { params: RunConfig, result: Run },
  "runs.startThere": { params: RunConfig, result: Run }, // a cross-validation, whose folds workers of the cluster do
  "runs.cancel": { params: Id, result: done },
  "runs.pause": { params: Id, result: done }, // keeps its checkpoint and leaves the engine to the next run
  "runs.resume": { params: Id, result: Run }, // from its checkpoint; a paused run without one begins again
  "runs.change": {
    params: Id.extend({ name: z.string().trim().min(1).max(500).optional(), note: z.string().optional() }),
    result: Run,
  },
  "runs.remove": { params: Id, result: done }, // to the bin
  "runs.restore": { params: Id, result: Run },
  "runs.bin": { params: nothing, result: z.array(BinnedRun) }, // last binned first
  "runs.purge": { params: Id, result: PurgeOutcome }, // where it is in the bin, for good, with its model and its predictions
  "runs.saveRecord": { params: Id, result: z.object({ path: z.string() }).nullable() }, // as JSON, where the dialog says
  "runs.reads": { params: nothing, result: z.record(z.string(), RunReads) }, // what each run's model reads, by its id
  "runs.list": { params: nothing, result: z.array(RunSummary) },
  "runs.get": { params: Id, result: Run },
  "runs.progress": { params: nothing, result: z.array(RunProgress) }, // of runs under way
  "engines.list": { params: z.object({ again: z.boolean().default(false) }), result: Engines }, // each opened and tested once, or `again`
  "engines.install": { params: z.object({ variant: EngineVariant }), result: done }, // begins; engines.progress tells
  "engines.cancel": { params: nothing, result: done },
  "engines.remove": { params: nothing, result: done },
  "engines.progress": { params: nothing, result: EngineInstall.nullable() }, // of the installation under way, or the last
  "models.export": { params: ModelExportRequest, result: ModelExport }, // writes a new .onnx file
  "models.choose": { params: nothing, result: z.string().nullable() }, // the system's dialog for one .onnx file
  "models.import": { params: ModelImportRequest, result: ModelImport }, // from such a file, as a run marked imported
  "predictions.make": {
    params: z.object({ runId: z.string(), recordingId: z.string(), adaptation: Adaptation }),
    result: Prediction,
  },
  "predictions.list": { params: OfRecording, result: z.array(Prediction) }, // stored ones, newest first
  "findings.lists": {
    params: z.object({ recordingIds: z.array(z.string()).max(PAGE_MOST) }),
    result: z.array(z.array(FindingSummary)),
  }, // of several at once, in their order; nothing is said of one that is gone
  "findings.list": { params: OfRecording, result: z.array(FindingSummary) }, // predictions among them, newest first
  "findings.make": {
    params: z.object({ runId: z.string(), recordingId: z.string() }),
    result: z.array(FindingSummary),
  }, // what a model of whole recordings says of one
  "findings.fill": {
    params: z.object({ runId: z.string(), recordingId: z.string() }),
    result: FindingSummary,
  }, // what may have been where samples are missing: kept beside the recording, never in it
  "findings.remove": { params: z.object({ ids: z.array(z.string()).min(1).max(1000) }), result: done }, // for good; no prediction
  "forecasts.at": {
    params: z.object({ runId: z.string(), recordingId: z.string(), atS: z.number().nonnegative() }),
    result: Forecast.nullable(),
  }, // what may come, seen from that moment; null where too little is known. Milliseconds once the first has been asked for
  "findings.get": { params: Id.extend({ span: FindingSpan.optional() }), result: Finding }, // what of it touches the span
  "layers.get": {
    params: z.object({ runId: z.string(), recordingId: z.string(), timeS: z.number() }),
    result: LayerReport,
  },
  "windows.next": {
    params: z.object({
      runId: z.string(),
      recordingIds: z.array(z.string()).optional(),
      limit: z.number().int().min(1).max(500),
    }),
    result: z.array(RankedWindow),
  },

  "archive.list": {
    params: z.object({ text: z.string().max(500), after: z.string().optional() }), // after: id of the last one shown
    result: z.object({ recordings: z.array(ArchiveRow), isWhole: z.boolean() }), // isWhole: there are no more behind them
  },
  "archive.push": { params: z.object({ ids: z.array(z.string()).min(1) }), result: ArchiveTransfer }, // begins; archive.moved tells
  "archive.pull": {
    params: z.object({ recordings: z.array(ArchiveRow.pick({ id: true, name: true })).min(1) }),
    result: ArchiveTransfer,
  },
  "archive.cancel": { params: nothing, result: done }, // after the recording on its way
  "archive.transfer": { params: nothing, result: ArchiveTransfer.nullable() }, // under way, or the last
  "cluster.state": { params: nothing, result: ClusterState },
  "cluster.chooseCertificate": { params: nothing, result: z.string().nullable() }, // the system's dialog for one file
  "cluster.test": { params: ClusterEntry, result: ClusterReached }, // keeps nothing
  "cluster.connect": { params: ClusterEntry, result: ClusterState }, // tested first; one that is not reached is not kept
  "cluster.agree": { params: z.object({ name: z.string() }), result: ClusterState }, // to what leaves this machine for the one that was named
  "cluster.standing": { params: nothing, result: ClusterStanding },
  "cluster.forget": { params: nothing, result: ClusterState }, // address, password and agreement; what lies there stays
} as const;

export type RequestName = keyof typeof requests;
export type Params<N extends RequestName> = z.input<(typeof requests)[N]["params"]>;
export type ParsedParams<N extends RequestName> = z.output<(typeof requests)[N]["params"]>;
export type Result<N extends RequestName> = z.output<(typeof requests)[N]["result"]>;
export type Handlers = { [N in RequestName]: (params: ParsedParams<N>) => Promise<Result<N>> | Result<N> };

/** Everything main tells the window without being asked. */
export const events = {
  "jobs.progress": JobProgress,
  "passes.looked": z.object({ looked: z.number().int(), of: z.number().int() }), // recordings
  "runs.progress": RunProgress,
  "runs.counted": RunCounted,
  "engines.progress": EngineInstall,
  "engines.changed": nothing,
  "recordings.changed": z.object({ ids: z.array(z.string()) }),
  "recordings.grew": z.object({ id: z.string(), sampleCounts: z.array(z.number().int()) }),
  "annotations.changed": z.object({ recordingId: z.string() }),
  "findings.changed": z.object({ ids: z.array(z.string()) }), // of recordings: a bounded part of many
  "ctg.progress": CtgProgress,
  "labelSets.changed": nothing,
  "runs.changed": z.object({ id: z.string() }),
  "recorder.changed": RecorderState,
  "recorder.samples": LiveSamples,
  "recorder.decided": LiveDecision,
  "capture.changed": CaptureState,
  "contact.changed": ContactState,
  "library.verifying": VerifyProgress,
  "cluster.changed": ClusterState,
  "archive.moved": ArchiveTransfer,
  "settings.changed": Settings,
  "open.recording": z.object({ id: z.string() }),
  "menu.command": z.object({ command: z.string() }),
} as const;
export type EventName = keyof typeof events;
export type EventPayload<N extends EventName> = z.output<(typeof events)[N]>;

/**
 * What the preload puts on `window.api`. `pathOf` gives the path of a file a person dropped on the window, and lets
 * it be named in requests, which take no path but those a person gave; `zoomFactor`
 * how many times larger than usual the page is shown: what is drawn true to scale must know.
 */
export interface Api {
  request<N extends RequestName>(name: N, params: Params<N>): Promise<Outcome<Result<N>>>;
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
  pathOf(file: unknown): string;
  zoomFactor(): number;
}
