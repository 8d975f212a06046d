import type { z } from "zod";
import type {
  Annotation,
  AnnotationChange,
  HistoryState,
  NewAnnotation,
  Travelled,
} from "../../preload/contract/annotation.ts";
import type { CtgContext } from "../../preload/contract/ctg.ts";
import type { ErrorReport, Outcome } from "../../preload/contract/errors.ts";
import type { Finding, FindingSpan, FindingSummary, NewFinding } from "../../preload/contract/finding.ts";
import type { Job, JobStanding, NewJob } from "../../preload/contract/job.ts";
import type {
  BinIds,
  BinPage,
  BinRequest,
  LibraryCounts,
  PageRequest,
  RecordingFilter,
  RecordingPage,
  RecordingView,
  Roster,
  Selection,
} from "../../preload/contract/listing.ts";
import type { LabelSet, LabelUse } from "../../preload/contract/label-set.ts";
import type { MaskSpan } from "../../preload/contract/mask.ts";
import type { NewReading, Reading } from "../../preload/contract/reading.ts";
import type {
  Purged,
  RecordingDetail,
  RecordingState,
  RecordingSummary,
  Repair,
  Tile,
} from "../../preload/contract/recording.ts";
import type { PassAsked } from "../../preload/contract/pass.ts";
import type { StudyAsked, StudyOrder, Unfit } from "../../preload/contract/study.ts";
import type { WantedChannel } from "../../preload/contract/match-channels.ts";
import type {
  BinnedRun,
  DataSelection,
  Prediction,
  Run,
  RunReads,
  RunSummary,
} from "../../preload/contract/run.ts";
import type { LogEntry, Settings } from "../../preload/contract/settings.ts";
import type { RecordingHeader, SampleBlock } from "../signal/block.ts";
import type { OpenRun } from "../signal/flat.ts";
import type { BegunMark, SessionTemplate } from "../../preload/contract/acquisition.ts";
import type { Arrival, ClockFit, Times } from "./samples/arrivals.ts";
import type { KeptStep, SaidContext } from "./labels/edit-history.ts";
import type { Basis, FindingMaker } from "./runs/outdated.ts";
import type { Remembered } from "./labels/templates.ts";
import type { VerifyCursor, VerifyStep } from "./file/verify.ts";

/** All that is known of a recording beside its samples: what another library needs to have the same. */
export interface Papers {
  readonly state: "complete" | "interrupted";
  readonly note: string;
  readonly repairs: readonly Repair[];
  readonly annotations: readonly Annotation[];
  readonly masks: readonly MaskSpan[];
  readonly readings: readonly Reading[];
  readonly context: SaidContext | null; // for reading it
  readonly steps: readonly KeptStep[]; // of its history
  readonly times: Times; // of what sensors sent
}

/** What came of papers of others: labels, masks, readings, and what is known for reading. */
export interface Merged {
  readonly added: number;
  readonly beside: number; // of these, that read differently here: they stand beside, labels by their author there
  readonly leftOut: number; // removed here
}

export interface NewRecording {
  readonly id?: string; // a UUID, where it is known elsewhere already
  readonly header: RecordingHeader;
  readonly subject: string;
  readonly study: string;
  readonly synthetic: boolean;
  readonly source: { readonly format: string; readonly file: string; readonly sha256: string };
  readonly state: "importing" | "recording";
}

/** A recording with everything that came with it; its annotations name its id, its source the whole file's checksum. */
export interface WholeRecording extends Omit<NewRecording, "state"> {
  readonly id: string; // a new UUID
  readonly blocks: readonly SampleBlock[];
  readonly annotations: readonly NewAnnotation[];
  readonly repairs: readonly Repair[];
}

/** What a recording was read from, for telling whether a file is here already. */
export interface RecordingFile {
  readonly id: string;
  readonly name: string;
  readonly file: string; // base name
  readonly sha256: string; // empty until it was read whole
  readonly state: RecordingState;
}

export interface AddOptions {
  /** False for annotations that came with the recording: undoing must not take away what nobody here has done. */
  readonly isUndoable?: boolean;
}

/** Where a page of annotations ends. */
export interface AnnotationPlace {
  readonly onsetS: number;
  readonly key: number;
}

export interface AnnotationPageRequest {
  readonly most: number;
  readonly after?: AnnotationPlace | undefined; // absent: from the first on
  readonly label?: string; // of this code alone
}

export interface AnnotationPage {
  readonly annotations: readonly Annotation[];
  readonly next: AnnotationPlace | undefined; // undefined: that was all
}

export interface AnnotationOptions extends AddOptions {
  /** Who did it, where that is not whom the labels belong to. */
  readonly by?: string;
  /** False where nobody asks for them: thousands of them are not sent back. */
  readonly isAnswered?: boolean;
  /** More of the same are on their way: the list of recordings follows with the last, not with each. */
  readonly isMore?: boolean;
}

/** Whose things may be touched. */
export interface EditOptions {
  /** True refuses what belongs to another reader than the one who works with the library now. */
  readonly isOwnOnly?: boolean;
}

export interface ReadingOptions extends AddOptions {
  /** Its author is the one that a file names, or the file. */
  readonly isFromFile?: boolean;
}

export interface SampleSpan {
  readonly first: number;
  readonly values: Float32Array; // physical units; the value beneath a mask is kept
  readonly reasons: Uint8Array; // 0 observed, all mask layers taken together
}

/** How findings are kept that belong together. */
export interface SaveOptions {
  readonly basis?: string; // the whole as it was when they were made: where it is another by now, they are outdated at once
  readonly replaced?: readonly string[]; // findings that go as these come
}

/** Where a part of an outline begins, and which recording is looked for. */
export interface OutlineFrom {
  readonly after?: string | undefined; // where the part before ended
  readonly before: number; // how many are shown before it
  readonly find?: string | undefined;
}

/** A part of an outline, and where the next begins. */
export interface OutlineStep {
  readonly shown: number; // in this step
  readonly marks: readonly string[];
  readonly at: number | undefined; // counted from the beginning of the list
  readonly newest: number;
  readonly next: string | undefined;
}

/** A part of what a selection holds. */
export interface SelectionStep {
  readonly ids: readonly string[];
  readonly count: number; // of recordings in this step
  readonly shown: number; // of them, by the filter asked about
  readonly next: number | undefined;
}

/** Which part of a selection, and what of it is wanted. */
export interface SelectionAsk {
  readonly after: number; // 0 for the first part
  readonly limit?: number; // of ids; absent: none are wanted, only counts
  readonly filter?: RecordingFilter;
}

/** Recordings that a study is to ask about. */
export interface StudyWhich {
  readonly ids: readonly string[]; // a bounded part: about 5000
  readonly version: string; // of what reads by rule now
  readonly again: boolean; // also where the same is said already
}

/** Of some recordings, in their order. One that is gone or in the bin is in none of these. */
export interface StudyFit {
  readonly fitting: readonly string[];
  readonly known: readonly string[];
  readonly unfit: readonly { readonly name: string; readonly reason: Unfit; readonly what: string }[];
}

/** Recordings that are to be trained on, and what of them. */
export interface TrainingSumsAsk {
  readonly data: Omit<DataSelection, "recordingIds">;
  readonly ids: readonly string[]; // a bounded part: about 2000
  readonly known: readonly WantedChannel[]; // as the part before answered
}

/** What a part of them comes to, about. Windows are expected numbers. */
export interface TrainingSums {
  readonly recordings: number;
  readonly subjects: readonly string[]; // each once
  readonly seconds: number;
  readonly lacking: number; // recordings without a channel; nothing below is of them
  readonly marked: number; // recordings
  readonly perLabel: readonly { readonly windows: number; readonly events: number }[];
  readonly background: number;
  readonly assessable: number; // windows, the labelled among them
  readonly unassessable: number;
  readonly wanted: readonly WantedChannel[];
}

/** A run of one value on a channel, as a rule finds it. */
export interface RuleRun {
  readonly channel: number;
  readonly first: number;
  readonly count: number;
}

/** Which recordings are looked at for what a rule would change, and where the look goes on. */
export interface RuleAsk {
  readonly what: "lay" | "lift";
  readonly ids: readonly string[]; // a bounded part: some hundred
  readonly from?: RuleCursor | undefined; // absent: from the first on
}

/** Where a look stands: at a recording, within one of its channels. */
export interface RuleCursor {
  readonly at: number; // in the ids
  readonly channel: number;
  readonly first: number; // sample
  readonly open: OpenRun | undefined; // of one value, as far as it was read
  readonly runs: readonly RuleRun[]; // of the recording, so far
}

/** What a rule would change of a recording. */
export interface RuleLook {
  readonly id: string;
  readonly name: string;
  readonly state: "fits" | "unchanged" | "no-channel" | "kept" | "unfinished" | "failed";
  readonly runs: readonly RuleRun[]; // where it lays
  readonly spans: number; // of these, that are not there yet; or that are lifted
  readonly seconds: number; // of signal that are observed before or after, not both
  readonly isKept: boolean; // a reader lifted some by hand, and they stay so
  readonly error?: ErrorReport; // what is damaged of it
}

/** A part of a look; of a recording that is gone it says nothing. */
export interface RuleStep {
  readonly looks: readonly RuleLook[];
  readonly next: RuleCursor | undefined; // absent: that was all
}

/** A recording that a pass changes. */
export interface RulePart {
  readonly id: string;
  readonly runs: readonly RuleRun[]; // where a rule is laid; else none
}

/** What a pass does to recordings; what it did is found again by its name. */
export interface RuleOrder {
  readonly pass: string;
  readonly what: "lay" | "lift" | "undo";
  readonly undoes?: string; // the pass that is taken back
  readonly parts: readonly RulePart[];
}

/** What came of one. */
export interface RuleTaken {
  readonly id: string;
  readonly state: "changed" | "unchanged" | "kept" | "unfinished" | "gone" | "failed";
  readonly spans: number;
  readonly seconds: number;
  readonly error?: ErrorReport;
}

export interface BackUpOptions {
  readonly replace: boolean;
  readonly part?: string;
}

/**
 * Everything the storage thread does, one call at a time, in order. Reads are also offered by a read-only connection
 * of another process (`openLibrary(path, { readOnly: true })`), which then throws storage/read-only on the rest.
 * What a resolved promise acknowledges survives a kill.
 */
export interface Library {
  info(): {
    path: string;
    readFrom: string; // where another process reads it: a private copy where the library's own place does not allow it
    schema: number;
    interrupted: readonly string[];
    readOnly: boolean;
  };

  listRecordings(): RecordingSummary[]; // all of them: never for a window
  /** Part of the list, in the order of a view; pages that follow one another hold everything that stays, once. */
  listPage(request: z.input<typeof PageRequest>): RecordingPage;
  outlineStep(view: RecordingView, from: OutlineFrom, most?: number): OutlineStep;
  selectionStep(selection: Selection, ask: SelectionAsk): SelectionStep;
  firstOf(selection: Selection, most: number): RecordingSummary[]; // by name
  libraryCounts(): LibraryCounts;
  roster(after: number): Roster; // the next of all recordings
  someRecordings(ids: readonly string[]): RecordingSummary[]; // those of them that are not in the bin
  namesOf(ids: readonly string[]): Record<string, string>; // also of what is in the bin
  binRecordings(ids: readonly string[], at: string): void; // as of one moment
  restoreBinned(at: string, most: number): string[]; // some of those of that moment
  listSources(): RecordingFile[]; // of the recordings that are not in the bin
  getRecording(id: string): RecordingDetail;
  findRecording(nameOrId: string): string | undefined; // exact id, else unique name
  recordingsNamed(nameOrId: string, where?: "library" | "library and bin"): string[]; // ids: of that id, else all of that name
  changeRecording(
    id: string,
    change: {
      name?: string;
      subject?: string;
      study?: string;
      note?: string;
      kind?: RecordingDetail["kind"];
    },
  ): RecordingDetail;
  removeRecording(id: string): void; // to the bin
  restoreRecording(id: string): RecordingDetail;
  binPage(request: z.input<typeof BinRequest>): BinPage;
  binIds(after?: string, most?: number): BinIds; // last binned first
  stillBinned(ids: readonly string[]): string[]; // those of them that are in the bin
  restoreThese(ids: readonly string[]): string[]; // those of them that are in the bin, in one step
  purgeRecording(id: string): void; // for good: a cancelled or failed import
  beginPurge(ids: readonly string[]): void; // for good: they are gone, their samples go with purgeSome
  purgeSome(): boolean; // a bounded slice; false: nothing is left
  endPurge(): string[]; // overwrites what may still lie in unused parts of the files; copies beside it that hold it too
  createRecording(recording: NewRecording): string;
  /**
   * Small recordings, complete at once, in one durable transaction. One that cannot be taken is told of in its place and
   * leaves nothing, the others are stored; where the library itself fails, all of them leave nothing.
   */
  addRecordings(recordings: readonly WholeRecording[]): Outcome<null>[];
  /** One durable transaction, the pyramid grown alongside: send several blocks of 64 KiB a call where there is no hurry. */
  appendBlocks(
    recordingId: string,
    blocks: readonly SampleBlock[],
    times?: Times,
    how?: { readonly isSafeOnceClosed?: boolean }, // what can come again is on the disk for good once it is closed, not before
  ): void;
  listArrivals(recordingId: string): Arrival[];
  listClockFits(recordingId: string): ClockFit[];
  /** One whose process ended before it did goes on growing, in this process. */
  reopenRecording(id: string): void;
  closeRecording(
    id: string,
    closing: { state: RecordingState; repairs: readonly Repair[]; sha256?: string },
  ): RecordingSummary;
  /** Of a recording at rest. Throws storage/corrupt where something of it is damaged. */
  papersOf(recordingId: string): Papers;
  /** Blocks of a channel from a sample on, as they are stored, about a mebibyte; none after the last. */
  storedBlocks(recordingId: string, channel: number, from: number): SampleBlock[];
  closeWithPapers(recordingId: string, papers: Papers): void; // of one that came from another library
  mergePapers(recordingId: string, others: { readonly papers: Papers; readonly lane: string }): Merged; // changes nothing that is here
  checksum(recordingId: string): { sha256: string; damagedBlocks: number };

  // `keepsBlind`: for whoever reads the recording blind without what others and models masked
  tiles(
    recordingId: string,
    channel: number,
    samplesPerBucket: number,
    firstTile: number,
    tileCount: number,
    keepsBlind?: boolean,
  ): Tile[];
  samples(
    recordingId: string,
    channel: number,
    first: number,
    count: number,
    keepsBlind?: boolean,
  ): SampleSpan;
  // for export, source mask and layers merged
  digitalBlock(
    recordingId: string,
    channel: number,
    first: number,
    count: number,
    keepsBlind?: boolean,
  ): SampleBlock;

  listMasks(recordingId: string): MaskSpan[];
  observedBy(recordingId: string, reader: string): number[]; // of each channel, as the reader sees it who reads blind
  addMask(span: Omit<MaskSpan, "id" | "createdAt">): MaskSpan;
  removeMask(id: string): string; // id of its recording
  /** What the library takes for unobserved by rule, laid at closing: once more where it was taken away, or away. */
  layRules(recordingId: string): MaskSpan[]; // those that were not there
  liftRules(recordingId: string): number; // spans taken away
  /** The same for many: a bounded look at what it would change, and recordings that are changed as parts of one pass. */
  ruleStep(ask: RuleAsk): RuleStep;
  takeRules(order: RuleOrder): RuleTaken[]; // of the first of them, one at least

  listAnnotations(recordingId: string): Annotation[];
  annotationPage(recordingId: string, wanted: AnnotationPageRequest): AnnotationPage; // in order of time; damaged ones are left out
  addAnnotations(annotations: readonly NewAnnotation[], options?: AnnotationOptions): Annotation[]; // one step of the history
  changeAnnotation(change: AnnotationChange, options?: EditOptions): Annotation;
  removeAnnotation(id: string, options?: EditOptions): string; // id of its recording

  listReadings(recordingId: string): Reading[];
  addReading(reading: NewReading, options?: ReadingOptions): Reading;
  removeReading(id: string, options?: EditOptions): string; // id of its recording
  /** What a person said of a recording for reading it; undefined where nobody did. Null takes it away. */
  getCtgContext(recordingId: string): CtgContext | undefined;
  setCtgContext(recordingId: string, said: CtgContext | null): void;
  basisOf(recordingId: string): Basis;
  /** Edits of annotations, masks, readings and of what is known of a recording are one history, in the order they were made. */
  undo(recordingId: string, options?: EditOptions): Travelled;
  redo(recordingId: string, options?: EditOptions): Travelled;
  history(recordingId: string): HistoryState;

  listLabelSets(): LabelSet[];
  getLabelSet(id: string, version?: number): LabelSet;
  labelUsage(id: string): LabelUse[];
  takeLabelSet(set: LabelSet): void; // this version of it, as another library has it; refused where it reads differently here
  saveLabelSet(set: LabelSet): LabelSet; // same content: same version; changed content: next version

  listJobs(): Job[]; // in the order they began to wait
  findJob(idempotencyKey: string): Job | undefined;
  /** A job that is no run, to be done here. One that is under way or done under this key is not done twice. */
  queueJob(job: NewJob): { readonly job: Job; readonly isNew: boolean };
  changeJob(id: string, change: { readonly state: JobStanding; readonly progress: number }): void;
  forgetJob(id: string): void; // no run
  studyAsked(id: string): StudyAsked | undefined;
  passAsked(id: string): PassAsked | undefined;
  keepStudyWork(id: string, work: string): void; // at the cluster
  takeStudies(): Job[]; // that others do and no other living process follows: this one does now
  studyFit(order: StudyOrder, which: StudyWhich): StudyFit;
  trainingSums(ask: TrainingSumsAsk): TrainingSums; // no sample is read
  /** Ids of the runs that wait and that no other living process has in its line, in their order: they are in this one's now. */
  takeWaitingRuns(only?: string): string[];

  listRuns(): Run[];
  summariseRuns(): RunSummary[]; // the same, as lists tell of them: many times quicker
  runReads(): Record<string, RunReads>; // of the runs listed, by id
  getRun(id: string): Run;
  /** Insert or replace; its note, and its name once changed, stay. Its job stands as it says, under the key it was first saved with. */
  saveRun(run: Run, idempotencyKey?: string): void;
  changeRun(id: string, change: { name?: string; note?: string }): Run;
  removeRun(id: string): void; // to the bin
  restoreRun(id: string): Run;
  listRunBin(): BinnedRun[]; // last binned first
  purgeRuns(ids: readonly string[]): Purged; // for good, with their models and predictions
  /** A run trained elsewhere with its model, and its label set where the library has none of that id: all or nothing. From the bin it comes back. */
  addTrainedRun(trained: { run: Run; model: Uint8Array; labelSet?: LabelSet | undefined }): Run;
  saveModel(runId: string, kind: "model" | "checkpoint", bytes: Uint8Array): void;
  loadModel(runId: string, kind: "model" | "checkpoint"): Uint8Array | undefined;
  savePrediction(prediction: Prediction): void; // replaces the same run, recording and adaptation
  listPredictions(recordingId: string): Prediction[];

  /**
   * Replaces what the same maker, with the same settings, said of the recording in the same kind of content; what another
   * version of it said is outdated from now on, in every recording, and stays. Windows of a run are its prediction. What
   * rules said of a recording is outdated once a mask of it, or what is known of it, has changed.
   */
  saveFinding(finding: NewFinding): FindingSummary;
  saveFindings(findings: readonly NewFinding[], how?: SaveOptions): FindingSummary[]; // all of them or none
  outdateFindings(maker: FindingMaker): string[]; // of other versions; ids of the recordings that had one
  removeFindings(ids: readonly string[]): string[]; // for good, all of them or none; ids of their recordings. No prediction
  listFindings(recordingId: string): FindingSummary[]; // newest first, predictions among them; runs in the bin left out
  getFinding(id: string, span?: FindingSpan): Finding; // what of it touches the span, or all of it

  /** The secret behind the codes that stand in for names in exports. It never leaves the library with them. */
  pseudonymKey(): string;
  /** One bounded step of a check of everything; `next` of the step before leads on. */
  verifyStep(cursor: VerifyCursor): VerifyStep;
  /**
   * Over a connection of its own: while it copies, that connection answers nothing else. `part` is what it writes until
   * the copy is whole, for who may have to end the thread.
   */
  backUp(path: string, how: BackUpOptions): Promise<{ readonly bytes: number }>;
  otherProcesses(): number[]; // that have the library open to write

  listTemplates(): SessionTemplate[]; // of recordings from sensors, newest first
  saveTemplate(template: SessionTemplate): void;
  removeTemplate(name: string): void;
  listRemembered(): Remembered[]; // how devices were set up, last used first
  rememberDevices(devices: readonly Remembered[]): void;
  /** Labels of a recording under way that are begun and not ended: one that is cut off ends them, and reopened it has them again. */
  keepBegun(recordingId: string, marks: readonly BegunMark[]): void;

  getSettings(): Settings;
  changeSettings(change: Partial<Settings>): Settings;
  log(entry: { actor: string; action: string; subject: string; detail: unknown }): void;
  readLog(limit: number): LogEntry[];
}

export type LibraryMethod = keyof Library;
/** The same calls from another thread. */
export type AsyncLibrary = {
  [M in LibraryMethod]: (...args: Parameters<Library[M]>) => Promise<Awaited<ReturnType<Library[M]>>>;
};
