import { CONSENSUS } from "../../preload/contract/agreement.ts";
import { agreementOfFake } from "./agreement.ts";
import type { Annotation, EditKind, EditWhat, Travelled } from "../../preload/contract/annotation.ts";
import type { CtgContext, CtgSettings } from "../../preload/contract/ctg.ts";
import type { KnownContext } from "../../preload/contract/ctg-reading.ts";
import {
  events,
  requests,
  type Api,
  type EventName,
  type EventPayload,
  type Handlers,
  type Params,
  type ParsedParams,
  type RequestName,
  type Result,
} from "../../preload/contract/channels.ts";
import {
  InstallStep,
  type EngineInstall,
  type Engines,
  type EngineVariant,
  type InstalledEngine,
} from "../../preload/contract/engine.ts";
import { VerifyPart, type VerifyProblem, type VerifyReport } from "../../preload/contract/care.ts";
import { AppError, reportOf, settle, type Outcome } from "../../preload/contract/errors.ts";
import type { FileOutcome, JobProgress } from "../../preload/contract/exchange.ts";
import { noteOf } from "../../preload/contract/noted.ts";
import type { StudyProgress } from "../../preload/contract/study.ts";
import { passAnswers } from "./passes.ts";
import { studyAnswers } from "./study-asked.ts";
import { findingOf, type FindingSummary } from "../../preload/contract/finding.ts";
import type { LabelSet } from "../../preload/contract/label-set.ts";
import type { Reading } from "../../preload/contract/reading.ts";
import { maskReasons, type MaskSpan } from "../../preload/contract/mask.ts";
import {
  type PurgeOutcome,
  repairOf,
  type RecordingDetail,
  type Repair,
} from "../../preload/contract/recording.ts";
import {
  packed,
  settingsSeen,
  runSummary,
  type Prediction,
  type Run,
  type RunPhase,
  type RunProgress,
  type RunReads,
  type RunConfig,
} from "../../preload/contract/run.ts";
import { FakeCluster, type FakeClusterStanding } from "./cluster.ts";
import { FakeFindings, summaryOf, toyFindings } from "./findings.ts";
import { toyNumbers, toyReading } from "./reading.ts";
import { toyFill, toyForecast } from "./forecasts.ts";
import { fakeStateSpace, toyForecastReport, toyStates } from "./states.ts";
import { FakeRecorder, type RecorderHost } from "./recorder.ts";
import { comparisonOf } from "./comparison.ts";
import { picturesOf } from "./pictures.ts";
import { fakeKinds, filledModel } from "./model-kinds.ts";
import { defaultSettings, type LogEntry, type Settings } from "../../preload/contract/settings.ts";
import {
  cardOf,
  classesOf,
  curvePoint,
  type FakeMarks,
  layersOf,
  metricsOf,
  predictionOf,
  estimateIn,
  previewOf,
} from "./models.ts";
import { wantedChannels } from "../../preload/contract/match-channels.ts";
import { FakeListing } from "./listing.ts";
import {
  ctgEvents,
  emgGestures,
  fakeCtg,
  fakeEmg,
  fakeRow,
  flatStretches,
  grown,
  recordingUnderWay,
  tilesOf,
  type FakeRecording,
  type Samples,
} from "./study.ts";

export interface FakeOptions {
  readonly empty?: boolean; // a library without recordings; sample.open fills it
  readonly rows?: number; // further recordings without samples, for long tables
  readonly tickMs?: number; // pace of jobs and runs
  readonly failing?: readonly RequestName[]; // these answer storage/disk-full
  readonly settings?: Partial<Settings>;
  readonly readOnly?: boolean; // the library can be looked at, and every change is refused
  readonly findings?: boolean; // a rule and a model have said what they find in the cardiotocograms
  readonly reading?: boolean; // the cardiotocograms have been read by rule
  readonly forecasts?: boolean; // a run looks ahead, and has said what it finds in the cardiotocograms
  readonly recorderClock?: "running" | "manual"; // of what devices send
  readonly cluster?: FakeClusterStanding; // none unless said
  readonly archivePage?: number; // rows that the archive gives at once
  readonly damaged?: boolean; // rows and samples of the first recordings are not what was written
}

/** What a library that can only be read refuses. */
const writes =
  /^(settings\.set|sample\.open|import\.start|labelSets\.save|models\.import|(recordings|runs)\.(start|resume|change|remove|removeAll|restore|restoreAll|restoreThese|purge)|ctg\.(setContext|read)|(annotations|masks|readings)\.(add|change|remove|undo|redo|layRules|liftRules)|passes\.(start|undo))$/;

interface Step {
  readonly kind: EditKind;
  readonly what: EditWhat;
  readonly back: () => void;
  readonly forth: () => void;
}

const NOW = "2026-11-24T10:00:00Z";
const PEOPLE = 10;

/**
 * An Api with everything behind it in memory: for vitest and for the renderer in a plain browser. Parameters and
 * answers pass the contract's schemas, so that the fake cannot drift from the real library. Same seed, same study.
 */
export function createFakeApi(seed = 1, options: FakeOptions = {}): Api {
  return new FakeLibrary(seed, options);
}

/** The same, with the recorder behind it, whose devices can be unplugged and whose clock can be moved. */
export function createFakeRecording(
  seed = 1,
  options: FakeOptions = {},
): { readonly api: Api; readonly recorder: FakeRecorder } {
  const library = new FakeLibrary(seed, options);
  return { api: library, recorder: library.recorder };
}

class FakeLibrary implements Api {
  private readonly seed: number;
  private readonly tickMs: number;
  private readonly failing: ReadonlySet<RequestName>;
  private readonly recordings = new Map<string, FakeRecording>();
  private readonly together = new Map<string, readonly string[]>(); // ids last put in the bin at a moment
  private readonly listing = new FakeListing(
    () => this.listedDetails(),
    () => this.binned().length,
    () => {
      const { blind, author } = this.settings;
      return new Set(blind.filter(({ reader }) => reader === author).map(({ recordingId }) => recordingId));
    },
  );
  private readonly annotations = new Map<string, Annotation>();
  private readonly readings = new Map<string, Reading>();
  private readonly masks = new Map<string, MaskSpan>();
  private readonly contexts = new Map<string, CtgContext>(); // by recording
  private readonly labelSets: LabelSet[] = [ctgEvents, emgGestures];
  private readonly runs = new Map<string, Run>();
  readonly recorder: FakeRecorder;
  private readonly cluster: FakeCluster;
  private readonly running = new Map<string, RunProgress>();
  private readonly predictions = new Map<string, Prediction>();
  private readonly findings = new FakeFindings(NOW);
  private readonly jobs = new Map<string, JobProgress>();
  private readonly cancelled = new Set<string>();
  private readonly paused = new Set<string>();
  private readonly isReadOnly: boolean;
  private readonly isDamaged: boolean;
  private readonly hasForecaster: boolean;
  private isVerifying = false;
  private readonly binnedRuns = new Map<string, string>(); // when each went there
  private readonly undo = new Map<string, Step[]>();
  private readonly redo = new Map<string, Step[]>();
  private readonly log: LogEntry[] = [];
  private readonly listeners = new Map<EventName, Set<(payload: never) => void>>();
  private settings: Settings;
  private tensorflow: InstalledEngine | undefined;
  private install: EngineInstall | undefined;
  private counter = 0;
  private readonly handlers: Handlers;

  constructor(seed: number, options: FakeOptions) {
    this.seed = seed;
    this.tickMs = options.tickMs ?? 60;
    this.failing = new Set(options.failing ?? []);
    this.settings = { ...defaultSettings, author: "K. Sato", ...options.settings };
    this.isReadOnly = options.readOnly ?? false;
    this.isDamaged = options.damaged ?? false;
    this.hasForecaster = options.forecasts ?? false;
    this.recorder = new FakeRecorder(this.recorderHost(), {
      seed,
      isManual: options.recorderClock === "manual",
    });
    this.cluster = new FakeCluster(
      {
        emit: (name, payload) => this.emit(name, payload),
        nameOf: (id) => this.recordingOf(id).detail.name,
        idsHere: () => [...this.recordings.keys()].slice(0, 3),
        tickMs: this.tickMs,
        ...(options.archivePage === undefined ? {} : { pageRows: options.archivePage }),
      },
      options.cluster ?? "none",
    );
    this.handlers = this.table();
    if (options.empty !== true) {
      this.addStudy();
      this.addFinishedRun();
    }
    for (let i = 0; i < (options.rows ?? 0); i++) this.addRecording(fakeRow(i, seed));
    if (options.findings === true)
      for (const recording of this.recordings.values())
        for (const finding of toyFindings(recording)) this.findings.save(finding);
    if (options.reading === true)
      for (const recording of this.recordings.values())
        for (const finding of toyReading(recording, this.settings.ctg, [])) this.findings.save(finding);
    if (options.forecasts === true) this.addForecaster();
    if (this.isDamaged) this.damage();
  }

  private damage(): void {
    const faults = [
      "Its row is not what was written",
      "3 of its annotations, masks, readings, predictions or findings cannot be read",
    ];
    for (const [i, one] of [...this.recordings.values()].slice(0, faults.length).entries())
      one.detail = { ...one.detail, fault: faults[i] };
  }

  private problems(): VerifyProblem[] {
    const faulty = [...this.recordings.values()].filter(({ detail }) => detail.fault !== undefined);
    return faulty.flatMap(({ detail: { id, name, fault } }, i) => {
      const whose = { recordingId: id, recording: name };
      const block = (n: number): VerifyProblem => ({
        part: "blocks",
        ...{ code: "BLOCK", values: { channel: 0, count: 4096, fromS: `${1024 * n}.000` } },
        message: `Channel 0: 4096 samples from ${1024 * n}.000 s on are not what was written`,
        ...whose,
      });
      const row: VerifyProblem = {
        ...{ part: "rows", code: "ROW", values: { table: "recording", row: i + 1 } },
        message: fault ?? "",
        ...whose,
      };
      return [row, ...[0, 1, 2].slice(i).map(block)];
    });
  }

  request<N extends RequestName>(name: N, params: Params<N>): Promise<Outcome<Result<N>>> {
    return settle(async () => {
      const parsed = requests[name].params.safeParse(params);
      if (!parsed.success) throw new AppError("contract/bad-params", `${name}: ${parsed.error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 0)); // answers never come in the same turn
      if (this.failing.has(name))
        throw new AppError("storage/disk-full", "No space left on the disk of the library", { freeBytes: 0 });
      if (this.isReadOnly && writes.test(name))
        throw new AppError("storage/read-only", "library.kodo can only be read here; nothing was changed", {
          file: "library.kodo",
        });
      const handler = this.handlers[name] as (params: ParsedParams<N>) => unknown;
      const answer = await handler(parsed.data as ParsedParams<N>);
      const checked = requests[name].result.safeParse(answer);
      if (!checked.success) throw new AppError("contract/bad-result", `${name}: ${checked.error.message}`);
      return structuredClone(checked.data) as Result<N>;
    });
  }

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known);
    known.add(listener);
    return () => known.delete(listener);
  }

  zoomFactor(): number {
    return 1;
  }

  pathOf(file: unknown): string {
    return file instanceof File ? `/dropped/${file.name}` : "";
  }

  private emit<N extends EventName>(name: N, payload: EventPayload<N>): void {
    const checked = structuredClone(events[name].parse(payload)) as never;
    for (const listener of this.listeners.get(name) ?? []) listener(checked);
  }

  private id(prefix: string): string {
    this.counter += 1;
    return `${prefix}-${this.counter}`;
  }

  private record(action: string, subject: string, detail: unknown = {}): void {
    this.log.push({
      sequence: this.log.length + 1,
      at: NOW,
      actor: this.settings.author,
      action,
      subject,
      detail: JSON.stringify(detail),
    });
  }

  // ── the study ─────────────────────────────────────────────────────────────────────────────────────────────

  private addStudy(): string[] {
    const made = [
      ...Array.from({ length: 3 }, (_, i) => fakeCtg(i, this.seed)),
      ...Array.from({ length: PEOPLE }, (_, i) => fakeEmg(i, this.seed)),
    ];
    const repaired = made[1];
    if (repaired) {
      const repairs: Repair[] = [
        {
          code: "EDF_RECORD_COUNT",
          severity: "warning",
          message: "Record count was \u22121; 70 records found from the file size.",
          file: repaired.detail.source.file,
          offset: 236,
        },
        {
          code: "EDF_DATE_FORM",
          severity: "info",
          message: 'Start date written "02:03:26"; read as 2 March 2026.',
          file: repaired.detail.source.file,
          offset: 168,
        },
      ];
      repaired.detail = { ...repaired.detail, repairs, repairCount: repairs.length };
    }
    for (const one of made) this.addRecording(one);
    return made.map((one) => one.detail.id);
  }

  private addRecording(recording: FakeRecording): void {
    this.recordings.set(recording.detail.id, recording);
    for (const span of this.flatSpans(recording.detail.id)) this.masks.set(span.id, span);
    for (const one of recording.events) {
      const id = this.id("annotation");
      this.annotations.set(id, {
        ...one,
        id,
        recordingId: recording.detail.id,
        createdAt: NOW,
        changedAt: NOW,
      });
    }
    const [labelSet] = new Set(recording.events.map((one) => one.labelSet));
    if (labelSet !== undefined) {
      const id = this.id("reading");
      const facts = { recordingId: recording.detail.id, labelSet, labelSetVersion: 1, author: "generated" };
      const { durationS } = recording.detail;
      this.readings.set(id, { ...facts, id, onsetS: 0, durationS, createdAt: NOW });
    }
    this.record("recording.create", recording.detail.id, {
      state: "importing",
      file: recording.detail.source.file,
    });
  }

  private addFinishedRun(): void {
    const people = [...this.recordings.values()].filter((one) => one.detail.kind === "emg");
    const subjects = people.map((one) => one.detail.subject);
    const config = requests["runs.start"].params.parse({
      name: "Gestures, first run",
      recordingIds: people.map((one) => one.detail.id),
      labelSet: emgGestures.id,
      labels: emgGestures.labels.map((one) => one.code),
      channels: Array.from({ length: 8 }, (_, c) => `EMG ${c + 1}`),
      windowS: 0.26,
      strideS: 0.26,
      testSubjects: subjects.slice(-3),
      validationSubjects: subjects.slice(-5, -3),
      adaptation: "transductive-balanced",
    });
    const run = this.newRun(config, "2026-11-24T09:30:00Z");
    this.finish(run);
  }

  private addForecaster(): void {
    const people = [...this.recordings.values()].filter(({ detail }) => detail.kind === "ctg");
    const run = this.newRun(
      requests["runs.start"].params.parse({
        ...{ name: "State space, first run", recordingIds: people.map(({ detail }) => detail.id) },
        ...{
          labelSet: ctgEvents.id,
          labels: ["deceleration"],
          channels: ["FHR", "UC"],
          windowS: 60,
          strideS: 60,
        },
        ...{ testSubjects: [], validationSubjects: [] },
        model: { kind: fakeStateSpace.kind },
      }),
      "2026-11-24T09:45:00Z",
    );
    this.update(run, {
      ...{ phase: "done", finishedAt: NOW },
      forecast: toyForecastReport(people.slice(0, 3).map(({ detail }) => detail.subject)),
    });
    for (const one of people) {
      const states = toyStates(one, run.id);
      if (states !== undefined) this.findings.save(states);
    }
  }

  private found<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
    const value = map.get(id);
    if (value === undefined) throw new AppError("storage/not-found", `No ${what} "${id}"`, { id });
    return value;
  }

  private channelsOf({ config }: Run): RecordingDetail["channels"] {
    const detail = this.recordings.get(config.data.recordingIds[0] ?? "")?.detail;
    return (detail?.channels ?? []).filter(({ label }) => config.data.channels.includes(label));
  }

  private recordingOf(id: string): FakeRecording {
    const one = this.found(this.recordings, id, "recording");
    if (one.removed)
      throw new AppError("storage/in-bin", `Recording "${one.detail.name}" is in the bin`, { recording: id });
    return one;
  }

  private readingsOf(recordingId: string): Reading[] {
    return [...this.readings.values()].filter((one) => one.recordingId === recordingId);
  }

  private marksOf(recordingId: string): FakeMarks {
    return { annotations: this.annotationsOf(recordingId), readings: this.readingsOf(recordingId) };
  }

  private annotationsOf(recordingId: string): Annotation[] {
    return [...this.annotations.values()]
      .filter((one) => one.recordingId === recordingId)
      .sort((a, b) => a.onsetS - b.onsetS || a.durationS - b.durationS);
  }

  private detailOf({ detail }: FakeRecording, own = this.annotationsOf(detail.id)): RecordingDetail {
    if (own.length === 0) return detail;
    let labelledS = 0;
    let reached = 0;
    for (const one of own) {
      const end = one.onsetS + one.durationS;
      labelledS += Math.max(0, end - Math.max(reached, one.onsetS));
      reached = Math.max(reached, end);
    }
    return { ...detail, annotationCount: own.length, labelledS: Math.min(labelledS, detail.durationS) };
  }

  private listedDetails(): RecordingDetail[] {
    const owned = new Map<string, Annotation[]>();
    for (const one of this.annotations.values()) {
      const list = owned.get(one.recordingId);
      if (list) list.push(one);
      else owned.set(one.recordingId, [one]);
    }
    return [...this.recordings.values()]
      .filter((one) => !one.removed)
      .map((one) =>
        this.detailOf(
          one,
          (owned.get(one.detail.id) ?? []).sort((a, b) => a.onsetS - b.onsetS),
        ),
      );
  }

  private readsOf({ config, imported }: Run): RunReads {
    const there = this.listedDetails().filter(({ id }) => config.data.recordingIds.includes(id));
    const channels = wantedChannels(
      { config, imported },
      (id) => there.find((one) => one.id === id)?.channels,
    );
    return {
      channels: channels.map(({ label, role }) => ({ label, ...(role === undefined ? {} : { role }) })),
      kinds: [...new Set(there.map(({ kind }) => kind))],
    };
  }

  private async verify(): Promise<VerifyReport> {
    this.isVerifying = true;
    for (const [step, part] of VerifyPart.options.entries()) {
      this.emit("library.verifying", { part, done: step / VerifyPart.options.length });
      await new Promise((done) => setTimeout(done, this.tickMs));
      if (!this.isVerifying) throw new AppError("cancelled/by-user", "Cancelled");
    }
    const [rows, blocks, overviews, entries] = [214, 1630, 208, this.log.length];
    const problems = this.problems();
    return { problems, count: problems.length, rows, blocks, overviews, entries, logHead: "3f".repeat(32) };
  }

  private binned(): FakeRecording[] {
    return [...this.recordings.values()].filter((one) => one.removed);
  }

  private purge(recordings: readonly FakeRecording[]): PurgeOutcome {
    const ids = recordings.map(({ detail }) => detail.id);
    for (const id of ids) {
      this.recordings.delete(id);
      for (const one of this.annotationsOf(id)) this.annotations.delete(one.id);
      for (const one of this.readingsOf(id)) this.readings.delete(one.id);
      for (const one of this.masks.values()) if (one.recordingId === id) this.masks.delete(one.id);
      this.record("recording.purge", id);
    }
    this.emit("recordings.changed", { ids });
    return { ids, copies: [] };
  }

  private purgeRun(id: string): PurgeOutcome {
    if (!this.binnedRuns.has(id)) return { ids: [], copies: [] };
    if (this.running.has(id))
      throw new AppError("model/already-running", `Run ${id} is training already`, { runId: id });
    this.runs.delete(id);
    this.binnedRuns.delete(id);
    this.record("run.purge", id);
    this.emit("runs.changed", { id });
    return { ids: [id], copies: [] };
  }

  private samplesOf(recordingId: string, channel: number): Samples {
    const recording = this.recordingOf(recordingId);
    const derived = this.findings.samples(channel);
    if (derived) return derived;
    const header = recording.detail.channels[channel];
    if (!header)
      throw new AppError("data/no-channel", `Recording "${recordingId}" has no channel ${channel}`, {
        channel,
      });
    const { values, reasons } = recording.signal(channel);
    const spans = [...this.masks.values()].filter(
      (one) => one.recordingId === recordingId && (one.channel === undefined || one.channel === channel),
    );
    if (spans.length === 0) return { values, reasons };
    const layered = reasons.slice();
    for (const one of spans) {
      const first = Math.max(0, Math.ceil(one.onsetS * header.sampleRate));
      const end = Math.min(layered.length, Math.ceil((one.onsetS + one.durationS) * header.sampleRate));
      for (let i = first; i < end; i++) if (layered[i] === 0) layered[i] = one.reason;
    }
    return { values, reasons: layered };
  }

  private rulesOf(recordingId: string): MaskSpan[] {
    return [...this.masks.values()].filter((one) => one.recordingId === recordingId && one.layer === "rule");
  }

  private freshRules(recordingId: string): MaskSpan[] {
    const known = new Set(this.rulesOf(recordingId).map((one) => one.onsetS));
    return this.flatSpans(recordingId).filter((one) => !known.has(one.onsetS));
  }

  private flatSpans(recordingId: string): MaskSpan[] {
    const recording = this.recordingOf(recordingId);
    return recording.detail.channels
      .filter(({ role }) => role === "uc")
      .flatMap(({ position, sampleRate }) =>
        flatStretches(recording.signal(position), sampleRate).map((stretch) => ({
          ...stretch,
          id: this.id("mask"),
          recordingId,
          channel: position,
          layer: "rule" as const,
          reason: maskReasons.flatSignal,
          author: "",
          createdAt: NOW,
        })),
      );
  }

  // ── recordings under way ──────────────────────────────────────────────────────────────────────────────────

  private recorderHost(): RecorderHost {
    return {
      emit: (name, payload) => this.emit(name, payload),
      begin: ({ setup, channels, signal }) => {
        const id = this.id("recording");
        const name = setup.name || `${setup.subject} ${NOW.slice(0, 16).replace("T", " ")}`;
        const one = recordingUnderWay(
          { ...setup, id, name, startedAt: "2026-11-24T10:00:00" },
          channels,
          signal,
        );
        this.recordings.set(id, one);
        this.emit("recordings.changed", { ids: [id] });
        return id;
      },
      grew: (id, isEnded) => {
        const one = this.recordingOf(id);
        one.detail = grown(one, isEnded);
        if (isEnded) this.emit("recordings.changed", { ids: [id] });
      },
      forecast: (recordingId, atS) => {
        const one = this.recordingOf(recordingId);
        return toyForecast({ ...one, detail: { ...one.detail, durationS: atS } }, atS); // of what has come
      },
      annotate: (recordingId, { atS, ...mark }) => {
        const made: Annotation = {
          ...{ ...mark, id: this.id("annotation"), recordingId, onsetS: atS },
          ...{ labelSetVersion: 1, source: "person", createdAt: NOW, changedAt: NOW },
        };
        this.annotations.set(made.id, made);
        this.emit("annotations.changed", { recordingId });
        return made;
      },
    };
  }

  // ── history ───────────────────────────────────────────────────────────────────────────────────────────────

  private did(recordingId: string, step: Step): void {
    step.forth();
    this.undo.set(recordingId, [...(this.undo.get(recordingId) ?? []), step]);
    this.redo.set(recordingId, []);
    this.record(`${step.kind}.${step.what}`, recordingId);
    this.edited(recordingId, step.kind);
  }

  private edited(recordingId: string, kind: EditKind): void {
    if (kind === "mask") this.emit("recordings.changed", { ids: [recordingId] });
    else this.emit("annotations.changed", { recordingId });
    if (kind !== "mask" && kind !== "context") return;
    this.findings.outdate(recordingId);
    this.emit("findings.changed", { ids: [recordingId] });
  }

  private async readCtg(recordingId: string, settings: CtgSettings): Promise<FindingSummary[]> {
    const recording = this.recordingOf(recordingId);
    this.cancelled.delete(recordingId);
    for (const [i, step] of (["signal", "baseline", "events", "verdicts", "draws"] as const).entries()) {
      this.emit("ctg.progress", { recordingId, done: i / 5, step });
      await new Promise((done) => setTimeout(done, this.tickMs));
      if (this.cancelled.delete(recordingId)) throw new AppError("cancelled/by-user", "Cancelled");
    }
    this.findings.removeReading(recordingId);
    const { anchors } = this.contextOf(recordingId).context;
    const found = toyReading(recording, settings, anchors).map((finding) => this.findings.save(finding));
    this.emit("findings.changed", { ids: [recordingId] });
    return found;
  }

  /** As if the header said the weeks, and a person may have said more. */
  private contextOf(recordingId: string): KnownContext {
    this.recordingOf(recordingId);
    const said = this.contexts.get(recordingId);
    const gestationDays = { value: 280, fact: "Gest. weeks" };
    return {
      context: said ?? { gestationDays: gestationDays.value, anchors: [] },
      isSaid: said !== undefined,
      header: { gestationDays },
    };
  }

  private historyOf(recordingId: string) {
    return { undo: this.undo.get(recordingId)?.length ?? 0, redo: this.redo.get(recordingId)?.length ?? 0 };
  }

  private travel(
    recordingId: string,
    from: Map<string, Step[]>,
    to: Map<string, Step[]>,
    way: "back" | "forth",
  ): Travelled {
    const steps = from.get(recordingId) ?? [];
    const step = steps.at(-1);
    if (!step) return { history: this.historyOf(recordingId) };
    from.set(recordingId, steps.slice(0, -1));
    to.set(recordingId, [...(to.get(recordingId) ?? []), step]);
    step[way]();
    this.edited(recordingId, step.kind);
    return { history: this.historyOf(recordingId), step: { kind: step.kind, what: step.what } };
  }

  // ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────

  private startJob(
    kind: JobProgress["kind"],
    files: readonly string[],
    finish: (file: string) => FileOutcome,
    study?: Pick<StudyProgress, "name" | "place" | "known">,
  ): { jobId: string } {
    const jobId = this.id("job");
    const waiting = (file: string): FileOutcome => ({
      file,
      state: "waiting",
      recordingIds: [],
      annotations: 0,
      repairs: [],
    });
    let job: JobProgress = {
      jobId,
      kind,
      state: "running",
      file: files[0] ?? "",
      done: 0,
      bytesPerSecond: 0,
      files: files.map(waiting),
    };
    const tell = (change: Partial<JobProgress>) => {
      job = { ...job, ...change };
      const done = job.files.filter((one) => one.state === "done").length;
      if (study !== undefined) job = { ...job, study: { ...study, of: files.length, done, failed: 0 } };
      this.jobs.set(jobId, job);
      this.emit("jobs.progress", job);
    };
    const STEPS = 4;
    const step = (at: number) => {
      if (this.cancelled.has(jobId)) {
        tell({
          state: "cancelled",
          files: job.files.map((one) => (one.state === "done" ? one : { ...one, state: "cancelled" })),
        });
        return;
      }
      const index = Math.floor(at / STEPS);
      const file = files[index];
      if (file === undefined) {
        tell({
          state: job.files.some((one) => one.state === "done") ? "done" : "failed",
          done: 1,
          secondsLeft: 0,
          bytesPerSecond: 0,
        });
        return;
      }
      const last = at % STEPS === STEPS - 1;
      tell({
        file,
        done: (at + 1) / (files.length * STEPS),
        bytesPerSecond: 48e6,
        secondsLeft: Math.ceil((files.length * STEPS - at) / STEPS),
        files: job.files.map((one, i) =>
          i !== index ? one : last ? finish(file) : { ...one, state: "running" },
        ),
      });
      setTimeout(() => step(at + 1), this.tickMs);
    };
    tell({});
    setTimeout(() => step(0), this.tickMs);
    return { jobId };
  }

  private importFile(
    file: string,
    facts: { study?: string | undefined; subject?: string | undefined },
  ): FileOutcome {
    const name = (file.split(/[\\/]/).pop() ?? file).replace(/\.[^.]+$/, "");
    if (/\.(png|pdf|docx?)$/i.test(file))
      return {
        file,
        state: "failed",
        recordingIds: [],
        annotations: 0,
        repairs: [],
        error: {
          code: "data/unknown-format",
          message: `${file}: the first bytes fit no known format (EDF, BDF, WFDB, FHRMA, CSV, JSON).`,
          detail: { file, offset: 0 },
        },
      };
    const made = fakeCtg(3 + this.recordings.size, this.seed, 20);
    made.detail = {
      ...made.detail,
      id: this.id("imported"),
      name,
      subject: facts.subject ?? name,
      study: facts.study ?? "",
      synthetic: false,
      source: { ...made.detail.source, format: "csv", file: file.split(/[\\/]/).pop() ?? file },
    };
    this.addRecording(made);
    this.emit("recordings.changed", { ids: [made.detail.id] });
    return {
      file,
      state: "done",
      recordingIds: [made.detail.id],
      annotations: made.events.length,
      repairs: [],
    };
  }

  private start(config: RunConfig, place?: string): Run {
    const made = this.newRun({ ...config, model: filledModel(config.model) }, NOW);
    const run = place === undefined ? made : this.update(made, { place });
    this.record("run.start", run.id, { recordings: config.data.recordingIds.length });
    setTimeout(() => this.tick(run.id, 0), this.tickMs);
    this.emit("runs.changed", { id: run.id });
    return run;
  }

  // ── runs ──────────────────────────────────────────────────────────────────────────────────────────────────

  private newRun(config: Run["config"], createdAt: string): Run {
    const chosen = config.data.recordingIds.map((id) => this.recordingOf(id));
    const run: Run = {
      id: this.id("run"),
      config,
      classes: classesOf(config),
      phase: "waiting",
      createdAt,
      codeVersion: "0.1.0",
      data: chosen.map(({ detail }) => ({
        recordingId: detail.id,
        subject: detail.subject,
        checksum: detail.source.sha256,
      })),
      windows: previewOf(config, chosen, (id) => this.marksOf(id)).windows,
      curve: [],
      hasCheckpoint: false,
    };
    this.runs.set(run.id, run);
    return run;
  }

  private update(run: Run, change: Partial<Run>): Run {
    const next = { ...run, ...change };
    this.runs.set(run.id, next);
    return next;
  }

  private finish(run: Run): void {
    const isDescent = fakeKinds.find(({ kind }) => kind === run.config.model.kind)?.learning !== "rounds";
    const epochs = isDescent ? (settingsSeen(run.config).epochs ?? 12) : 0;
    this.update(run, {
      phase: "done",
      finishedAt: NOW,
      ...(isDescent
        ? {
            engine: {
              name: "onnxruntime cpu x2",
              version: "1.30.0",
              threads: 2,
              chosenBecause:
                "ONNX Runtime 1.30.0 on 2 cores the fastest that passed its test: 42 steps a second, gradients within 5e-7 of the reference; libtensorflow 31 steps a second.",
              stepsPerSecond: 41.5,
              engine: "onnxruntime",
              device: "cpu",
              reason: run.config.engine === "auto" ? "fastest" : "named",
              trials: [
                { engine: "onnxruntime", version: "1.30.0", device: "cpu", threads: 2, stepsPerSecond: 42 },
                { engine: "libtensorflow", version: "2.18.1", device: "cpu", threads: 2, stepsPerSecond: 31 },
              ],
            },
          }
        : {}),
      metrics: metricsOf(run.config, this.seed, [...new Set(run.data.map(({ subject }) => subject))].sort()),
      curve: Array.from({ length: epochs }, (_, e) => curvePoint(e + 1, epochs)),
      hasCheckpoint: true,
    });
    this.running.delete(run.id);
    this.record("run.done", run.id);
    this.emit("runs.changed", { id: run.id });
  }

  private engines(): Engines {
    const selfTest = { largestError: 4.8e-7, tolerance: 1e-4, seconds: 0.6 };
    const found = { state: "ready", device: "cpu", threads: 2, selfTest } as const;
    const noCard = (what: string) =>
      ({
        state: "failed",
        error: reportOf(new AppError("model/engine-no-card", `${what} found no graphics card to compute on`)),
      }) as const;
    return {
      engines: [
        { name: "onnxruntime", version: "1.30.0", ...found },
        this.tensorflow === undefined
          ? { name: "libtensorflow", state: "absent" }
          : { name: "libtensorflow", version: this.tensorflow.version, ...found, installed: this.tensorflow },
        { name: "onnxruntime-webgpu", ...noCard("WebGPU") },
        { name: "onnxruntime-directml", ...noCard("DirectML") },
        { name: "reference", state: "ready", version: "4.22.0", device: "cpu", threads: 1 },
      ],
      offers: [
        {
          variant: "cpu",
          version: "2.18.1",
          downloadBytes: 230_350_167,
          diskBytes: 914_350_167,
          licence: "Apache-2.0",
        },
      ],
    };
  }

  private tellInstall(progress: EngineInstall): void {
    this.install = progress;
    this.emit("engines.progress", progress);
    if (progress.state !== "running") this.emit("engines.changed", {});
  }

  private installEngine(variant: EngineVariant): void {
    const steps = InstallStep.options;
    const next = (at: number): void => {
      if (this.install?.state !== "running") return; // cancelled
      const step = steps[at];
      if (step === undefined) {
        const source = "PyPI, tensorflow-cpu 2.18.1";
        this.tensorflow = { variant, version: "2.18.1", bytes: 683_158_398, licence: "Apache-2.0", source };
        this.tellInstall({ variant, state: "done", step: "test", done: 1 });
        return;
      }
      this.tellInstall({ variant, state: "running", step, done: 0.4 });
      setTimeout(() => next(at + 1), this.tickMs);
    };
    this.install = { variant, state: "running", step: "download", done: 0 };
    next(0);
  }

  private tick(id: string, epoch: number): void {
    const run = this.found(this.runs, id, "run");
    const epochs = settingsSeen(run.config).epochs ?? 12;
    if (this.cancelled.has(id)) {
      this.cancelled.delete(id);
      this.running.delete(id);
      this.update(run, { phase: this.paused.delete(id) ? "paused" : "cancelled", hasCheckpoint: epoch > 1 });
      this.emit("runs.changed", { id });
      return;
    }
    const phase: RunPhase = epoch === 0 ? "reading" : epoch <= epochs ? "training" : "evaluating";
    const at = Math.min(epoch, epochs);
    const curve = Array.from({ length: at }, (_, e) => curvePoint(e + 1, epochs));
    const progress: RunProgress = {
      runId: id,
      phase,
      done: at / (epochs + 1),
      epoch: at,
      epochs,
      stepsPerSecond: 41.5,
      secondsLeft: epochs + 1 - at,
      curve,
      ...(run.place === undefined ? {} : this.fitsThere(run, at / (epochs + 1))),
    };
    this.running.set(id, progress);
    this.update(run, { phase, curve });
    this.emit("runs.progress", progress);
    if (epoch > epochs) {
      this.finish(this.found(this.runs, id, "run"));
      this.emit("runs.progress", { ...progress, phase: "done", done: 1, secondsLeft: 0 });
    } else setTimeout(() => this.tick(id, epoch + 1), this.tickMs);
  }

  /** Workers elsewhere tell no epochs: how many fits are done, and what is heard of them. */
  private fitsThere({ config }: Run, done: number): Partial<RunProgress> {
    const of = (config.split.folds ?? 0) + 1;
    const fits = { done: Math.floor(done * of), of };
    return { epoch: 0, epochs: 0, stepsPerSecond: 0, curve: [], fits, there: this.cluster.there() };
  }

  private predict(runId: string, recordingId: string, adaptation: Prediction["adaptation"]): Prediction {
    const run = this.found(this.runs, runId, "run");
    const recording = this.recordingOf(recordingId);
    const missing = run.config.data.channels.filter(
      (label) => !recording.detail.channels.some((one) => one.label === label),
    );
    if (missing.length > 0)
      throw new AppError(
        "model/wrong-channels",
        `${recording.detail.name} lacks the channel ${missing.join(", ")} this run was trained on`,
        { missing: missing.join(", ") },
      );
    return predictionOf(run, recording, this.marksOf(recordingId), adaptation);
  }

  private foundIn(recordingId: string): FindingSummary[] {
    return [
      ...[...this.predictions.values()]
        .filter((one) => one.recordingId === recordingId)
        .map((one) => summaryOf(findingOf(one)))
        .reverse(),
      ...this.findings.list(recordingId),
    ];
  }

  // ── the table of answers ──────────────────────────────────────────────────────────────────────────────────

  private table(): Handlers {
    return {
      "app.info": () => ({
        version: "0.1.0",
        electron: "33.4.11",
        library: "/home/sato/Kodo/library.kodo",
        schema: 1,
        locale: typeof navigator === "undefined" ? "en" : navigator.language,
        platform: "linux",
        openAtStart: [],
        readOnly: this.isReadOnly,
      }),
      "library.verify": () => this.verify(),
      "library.cancelVerify": () => void (this.isVerifying = false),
      "library.backup": () => ({
        path: "/home/sato/kodo-backup.kodo",
        bytes: 48_234_496,
        problems: this.problems().length,
      }),
      "app.log": ({ limit }) => this.log.slice(-limit).reverse(),
      "settings.get": () => this.settings,
      "settings.set": (change) => {
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
        this.settings = { ...this.settings, ...given };
        this.emit("settings.changed", this.settings);
        return this.settings;
      },
      ...this.recordingAnswers(),
      ...this.annotationAnswers(),
      ...this.exchangeAnswers(),
      ...this.modelAnswers(),
      ...this.recorder.answers(),
    };
  }

  private recordingAnswers() {
    const list = this.listing;
    const removeOrRestore = (id: string, removed: boolean) => {
      const one = this.found(this.recordings, id, "recording");
      one.removed = removed;
      this.record(removed ? "recording.remove" : "recording.restore", id);
      this.emit("recordings.changed", { ids: [id] });
      return one;
    };
    return {
      "recordings.page": (request) => list.page(request),
      "recordings.outline": ({ view, find }) => list.outline(view, find),
      "recordings.counts": () => list.counts(),
      "recordings.some": ({ ids }) => this.listedDetails().filter(({ id }) => ids.includes(id)),
      "recordings.names": ({ ids }) =>
        Object.fromEntries(
          [...this.recordings.values()]
            .filter(({ detail }) => ids.includes(detail.id))
            .map(({ detail }) => [detail.id, detail.name]),
        ),
      "recordings.selected": ({ selection, filter }) => list.selected(selection, filter),
      "recordings.roster": () => list.roster(),
      "recordings.ids": ({ selection, after, limit }) => list.ids(selection, after, limit),
      "recordings.removeAll": ({ selection }) => {
        const ids = list.chosen(selection).map(({ id }) => id);
        for (const id of ids) removeOrRestore(id, true);
        this.together.set(NOW, ids);
        return { count: ids.length, at: NOW };
      },
      "recordings.restoreAll": ({ at }) => {
        const ids = (this.together.get(at) ?? []).filter((id) => this.recordings.get(id)?.removed === true);
        for (const id of ids) removeOrRestore(id, false);
        return { count: ids.length };
      },
      "recordings.get": ({ id }) => this.detailOf(this.recordingOf(id)),
      "recordings.change": ({ id, ...change }) => {
        const one = this.recordingOf(id);
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
        const before = one.detail;
        one.detail = { ...one.detail, ...given };
        const changed = Object.entries(given).map(([field, after]) => [
          field,
          { before: before[field as keyof typeof before], after },
        ]);
        this.record("recording.change", id, Object.fromEntries(changed));
        this.emit("recordings.changed", { ids: [id] });
        return this.detailOf(one);
      },
      "recordings.remove": ({ id }) => void removeOrRestore(id, true),
      "recordings.restore": ({ id }) => this.detailOf(removeOrRestore(id, false)),
      "recordings.bin": ({ after, limit }) => {
        const all = this.binned();
        const from = after === undefined ? 0 : Number(after);
        const rows = all.slice(from, from + limit);
        return {
          rows: rows.map((one) => ({ ...this.detailOf(one), binnedAt: NOW })),
          count: all.length,
          ...(from + limit < all.length ? { next: String(from + limit) } : {}),
        };
      },
      "recordings.binIds": () => ({ ids: this.binned().map(({ detail }) => detail.id) }),
      "recordings.restoreThese": ({ ids }) => {
        const binned = this.binned().flatMap(({ detail: { id } }) => (ids.includes(id) ? [id] : []));
        for (const id of binned) removeOrRestore(id, false);
        return { ids: binned };
      },
      "recordings.purge": ({ ids }) =>
        this.purge(this.binned().filter(({ detail }) => ids.includes(detail.id))),
      "recordings.checksum": ({ id }) => ({
        sha256: this.recordingOf(id).detail.source.sha256,
        damagedBlocks: 0,
      }),
      "trace.tiles": ({ recordingId, channel, samplesPerBucket, firstTile, tileCount }) =>
        tilesOf(
          this.samplesOf(recordingId, channel),
          { samplesPerBucket, firstTile, tileCount },
          (this.findings.samples(channel) ?? this.recordingOf(recordingId).signal(channel)).reasons,
        ),
      "trace.samples": ({ recordingId, channel, first, count }) => {
        const { values, reasons } = this.samplesOf(recordingId, channel);
        return {
          first,
          values: values.slice(first, first + count),
          reasons: reasons.slice(first, first + count),
        };
      },
      "masks.list": ({ recordingId }) =>
        [...this.masks.values()].filter((one) => one.recordingId === recordingId),
      "masks.add": (span) => {
        this.recordingOf(span.recordingId);
        const made: MaskSpan = { ...span, id: this.id("mask"), createdAt: NOW };
        this.did(span.recordingId, {
          kind: "mask",
          what: "add",
          forth: () => void this.masks.set(made.id, made),
          back: () => void this.masks.delete(made.id),
        });
        return made;
      },
      "masks.layRules": ({ recordingId }) => {
        const fresh = this.freshRules(recordingId);
        if (fresh.length > 0)
          this.did(recordingId, {
            kind: "mask",
            what: "add",
            forth: () => fresh.forEach((one) => this.masks.set(one.id, one)),
            back: () => fresh.forEach((one) => this.masks.delete(one.id)),
          });
        return fresh;
      },
      "masks.liftRules": ({ recordingId }) => {
        const laid = this.rulesOf(recordingId);
        if (laid.length > 0)
          this.did(recordingId, {
            kind: "mask",
            what: "remove",
            forth: () => laid.forEach((one) => this.masks.delete(one.id)),
            back: () => laid.forEach((one) => this.masks.set(one.id, one)),
          });
      },
      "masks.remove": ({ id }) => {
        const before = this.found(this.masks, id, "mask");
        this.did(before.recordingId, {
          kind: "mask",
          what: "remove",
          forth: () => void this.masks.delete(id),
          back: () => void this.masks.set(id, before),
        });
      },
    } satisfies Partial<Handlers>;
  }

  private ofConsensus(
    recordingId: string,
    given: Pick<Annotation, "labelSet" | "label" | "onsetS" | "durationS">,
  ): Annotation {
    const of = { recordingId, labelSetVersion: 1, author: CONSENSUS, source: "person" } as const;
    const note = noteOf({ code: "decided", by: this.settings.author, opinions: [] });
    const made = { ...given, ...of, note, id: this.id("annotation"), createdAt: NOW, changedAt: NOW };
    this.did(recordingId, {
      kind: "annotation",
      what: "add",
      forth: () => void this.annotations.set(made.id, made),
      back: () => void this.annotations.delete(made.id),
    });
    return made;
  }

  private annotationAnswers() {
    return {
      "readings.list": ({ recordingId }) => this.readingsOf(recordingId),
      "readings.add": (given) => {
        this.recordingOf(given.recordingId);
        const made: Reading = { ...given, id: this.id("reading"), createdAt: NOW };
        this.did(given.recordingId, {
          kind: "reading",
          what: "add",
          forth: () => void this.readings.set(made.id, made),
          back: () => void this.readings.delete(made.id),
        });
        return made;
      },
      "readings.remove": ({ id }) => {
        const before = this.found(this.readings, id, "reading");
        this.did(before.recordingId, {
          kind: "reading",
          what: "remove",
          forth: () => void this.readings.delete(id),
          back: () => void this.readings.set(id, before),
        });
      },
      "ctg.context": ({ recordingId }) => this.contextOf(recordingId),
      "ctg.setContext": ({ recordingId, context }) => {
        const before = this.contexts.get(recordingId);
        const put = (one: CtgContext | null | undefined): void => {
          if (one) this.contexts.set(recordingId, one);
          else this.contexts.delete(recordingId);
        };
        this.did(recordingId, {
          kind: "context",
          what: before === undefined ? "add" : context === null ? "remove" : "change",
          forth: () => put(context),
          back: () => put(before),
        });
        return this.contextOf(recordingId);
      },
      "agreement.report": (request) =>
        agreementOfFake(
          request,
          request.recordingIds.map((id) => this.recordingOf(id).detail),
        ),
      "agreement.decide": ({ recordingId, labelSet, place, choice }) => {
        const isLabel = choice.kind === "label";
        const { onsetS, durationS } = isLabel ? choice : place;
        const label = isLabel ? choice.label : choice.verdict;
        return this.ofConsensus(recordingId, {
          labelSet: isLabel ? labelSet : "decisions",
          label,
          onsetS,
          durationS,
        });
      },
      "agreement.keep": ({ recordingId, labelSet, events }) =>
        events.map(({ label, onsetS, durationS }) =>
          this.ofConsensus(recordingId, { labelSet, label, onsetS, durationS }),
        ),
      "ctg.read": ({ recordingId, settings }) => this.readCtg(recordingId, settings),
      "ctg.cancel": ({ recordingId }) => void this.cancelled.add(this.recordingOf(recordingId).detail.id),
      "ctg.chooseReference": () => ({
        ...{ name: "made-up centiles", source: "made up for this study" },
        weeks: Array.from({ length: 13 }, (_, i) => ({ week: 28 + i, p1Ms: 24 + i, p10Ms: 30 + i })),
      }),
      "ctg.measure": ({ recordingId, fromS, toS }) => {
        this.recordingOf(recordingId);
        return toyNumbers(fromS, toS);
      },
      "annotations.list": ({ recordingId }) => this.annotationsOf(recordingId),
      "annotations.add": (given) => {
        this.recordingOf(given.recordingId);
        const made: Annotation = { ...given, id: this.id("annotation"), createdAt: NOW, changedAt: NOW };
        this.did(given.recordingId, {
          kind: "annotation",
          what: "add",
          forth: () => void this.annotations.set(made.id, made),
          back: () => void this.annotations.delete(made.id),
        });
        return made;
      },
      "annotations.change": ({ id, ...asked }) => {
        const before = this.found(this.annotations, id, "annotation");
        const given = Object.fromEntries(
          Object.entries(asked).filter(([name, value]) => value !== undefined && name !== "evenOfOthers"),
        );
        const after: Annotation = { ...before, ...given, changedAt: NOW };
        if ("channel" in asked && asked.channel === undefined) delete after.channel; // to the whole recording
        this.did(before.recordingId, {
          kind: "annotation",
          what: "change",
          forth: () => void this.annotations.set(id, after),
          back: () => void this.annotations.set(id, before),
        });
        return after;
      },
      "annotations.remove": ({ id }) => {
        const before = this.found(this.annotations, id, "annotation");
        this.did(before.recordingId, {
          kind: "annotation",
          what: "remove",
          forth: () => void this.annotations.delete(id),
          back: () => void this.annotations.set(id, before),
        });
      },
      "annotations.undo": ({ recordingId }) => this.travel(recordingId, this.undo, this.redo, "back"),
      "annotations.redo": ({ recordingId }) => this.travel(recordingId, this.redo, this.undo, "forth"),
      "annotations.history": ({ recordingId }) => this.historyOf(recordingId),
      "labelSets.list": () => {
        const newest = new Map<string, LabelSet>();
        for (const one of this.labelSets)
          if (one.version > (newest.get(one.id)?.version ?? 0)) newest.set(one.id, one);
        return [...newest.values()];
      },
      "labelSets.usage": ({ id }) => {
        const own = [...this.annotations.values()].filter((one) => one.labelSet === id);
        return [...new Set(own.map((one) => one.label))].sort().map((label) => {
          const given = own.filter((one) => one.label === label);
          const recordings = new Set(given.map((one) => one.recordingId)).size;
          return { label, annotations: given.length, recordings };
        });
      },
      "labelSets.get": ({ id, version }) => {
        const one = this.labelSets.find((set) => set.id === id && set.version === version);
        if (!one)
          throw new AppError("storage/not-found", `No label set "${id}" version ${version}`, { id, version });
        return one;
      },
      "labelSets.save": (set) => {
        const newest = Math.max(
          0,
          ...this.labelSets.filter((one) => one.id === set.id).map((one) => one.version),
        );
        const saved: LabelSet = { ...set, version: newest + 1 };
        this.labelSets.push(saved);
        this.record("labelSet.save", set.id, { version: saved.version });
        this.emit("labelSets.changed", {});
        return saved;
      },
    } satisfies Partial<Handlers>;
  }

  private exchangeAnswers() {
    return {
      "import.choose": () => ["/home/sato/measurements/ward-07.csv", "/home/sato/measurements/1221.hea"],
      "import.preview": ({ path, table }) => ({
        options: {
          encoding: "shift_jis" as const,
          separator: "," as const,
          decimal: "." as const,
          headerRows: 1,
          timeColumn: 0,
          sampleRate: 4,
          missing: [],
          columns: [
            { index: 1, label: "FHR", unit: "bpm", role: "fhr" as const },
            { index: 2, label: "UC", unit: "nd", role: "uc" as const },
          ],
          ...Object.fromEntries(Object.entries(table ?? {}).filter(([, value]) => value !== undefined)),
        },
        rows: [
          ["時刻 (s)", "胎児心拍 (bpm)", "子宮収縮"],
          ...Array.from({ length: 19 }, (_, i) => [
            (i / 4).toFixed(2),
            i % 6 === 4 ? "" : String(138 + (i % 5)),
            String(8 + (i % 3)),
          ]),
        ],
        problems: [repairOf("CSV_TIME_SECONDS", "warning", { file: path.split("/").at(-1) ?? path })],
      }),
      "import.start": ({ paths, options }) =>
        this.startJob("import", paths, (file) => this.importFile(file, options)),
      "sample.open": () =>
        this.startJob("sample", ["sample study"], (file) => {
          const recordingIds = this.recordings.has("ctg-01") ? [...this.recordings.keys()] : this.addStudy();
          this.emit("recordings.changed", { ids: recordingIds });
          return { file, state: "done", recordingIds, annotations: this.annotations.size, repairs: [] };
        }),
      "export.chooseDirectory": () => "/home/sato/export",
      "export.start": ({ recordingIds, selection, format }) =>
        this.startJob(
          "export",
          (selection ? this.listing.chosen(selection).map(({ id }) => id) : recordingIds).map(
            (id) => `${this.recordingOf(id).detail.name}.${format === "wfdb" ? "hea" : format}`,
          ),
          (file) => ({ file, state: "done", recordingIds: [], annotations: 0, repairs: [] }),
        ),
      "report.start": ({ recordingIds, files }) =>
        this.startJob(
          "export",
          recordingIds.flatMap((id) => files.map((file) => `${this.recordingOf(id).detail.name}.${file}`)),
          (file) => ({ file, state: "done", recordingIds: [], annotations: 0, repairs: [] }),
        ),
      ...studyAnswers({
        chosen: (selection) => this.listing.chosen(selection),
        place: () => this.cluster.agreedName(),
        nameOf: (runId) => this.found(this.runs, runId, "run").config.name,
        start: (kind, names, study) =>
          this.startJob(
            kind,
            names,
            (file) => ({ file, state: "done", recordingIds: [], annotations: 0, repairs: [] }),
            study,
          ),
      }),
      ...passAnswers({
        chosen: (selection) => this.listing.chosen(selection),
        fresh: (recordingId) => this.freshRules(recordingId),
        laid: (recordingId) => this.rulesOf(recordingId),
        change: (recordingId, what, spans) => {
          const lay = () => spans.forEach((one) => this.masks.set(one.id, one));
          const lift = () => spans.forEach((one) => this.masks.delete(one.id));
          const [forth, back] = what === "add" ? [lay, lift] : [lift, lay];
          this.did(recordingId, { kind: "mask", what, forth, back });
        },
        job: (jobId) => this.jobs.get(jobId),
        tell: (job) => {
          this.jobs.set(job.jobId, job);
          this.emit("jobs.progress", job);
        },
        newId: () => this.id("job"),
        now: NOW,
      }),
      "jobs.list": () => [...this.jobs.values()],
      "jobs.dismiss": ({ jobId }) => {
        this.found(this.jobs, jobId, "job");
      },
      "jobs.cancel": ({ jobId }) => {
        this.found(this.jobs, jobId, "job");
        this.cancelled.add(jobId);
      },
    } satisfies Partial<Handlers>;
  }

  private modelAnswers() {
    return {
      "comparisons.start": ({ models, name, ...shared }) =>
        models.map((model) =>
          this.start({ ...shared, model, comparison: name, name: `${name} · ${model.kind}` }),
        ),
      "comparisons.report": ({ runIds }) =>
        comparisonOf(runIds.map((id) => this.found(this.runs, id, "run"))),
      "comparisons.saveTable": () => ({ path: "/fake/comparison.csv" }),
      "methods.learned": ({ runId }) => picturesOf(this.found(this.runs, runId, "run")),
      "models.list": () => [...fakeKinds, ...(this.hasForecaster ? [fakeStateSpace] : [])],
      "runs.estimate": (data) =>
        estimateIn(
          data,
          data.recordingIds.map((id) => this.recordingOf(id)),
          (id) => this.marksOf(id),
        ),
      "runs.stopCounting": () => undefined,
      "runs.preview": (config) =>
        packed(
          previewOf(
            config,
            config.data.recordingIds.map((id) => this.recordingOf(id)),
            (id) => this.marksOf(id),
          ),
        ),
      ...this.cluster.handlers,
      "runs.start": (config) => this.start(config),
      "runs.startThere": (config) => this.start(config, this.cluster.agreedName()),
      "runs.cancel": ({ id }) => {
        this.found(this.runs, id, "run");
        if (this.running.has(id)) this.cancelled.add(id);
      },
      "runs.pause": ({ id }) => {
        this.found(this.runs, id, "run");
        if (!this.running.has(id)) return;
        this.cancelled.add(id);
        this.paused.add(id);
      },
      "runs.change": ({ id, name, note }) => {
        const run = this.found(this.runs, id, "run");
        const config = { ...run.config, ...(name === undefined ? {} : { name }) };
        const next = this.update(run, { config, ...(note === undefined ? {} : { note }) });
        this.emit("runs.changed", { id });
        return next;
      },
      "runs.remove": ({ id }) => {
        this.found(this.runs, id, "run");
        this.binnedRuns.set(id, NOW);
        this.emit("runs.changed", { id });
      },
      "runs.restore": ({ id }) => {
        const run = this.found(this.runs, id, "run");
        this.binnedRuns.delete(id);
        this.emit("runs.changed", { id });
        return run;
      },
      "runs.bin": () =>
        [...this.runs.values()].flatMap((run) => {
          const binnedAt = this.binnedRuns.get(run.id);
          return binnedAt === undefined ? [] : [{ ...runSummary(run), binnedAt }];
        }),
      "runs.purge": ({ id }) => this.purgeRun(id),
      "runs.saveRecord": ({ id }) => ({ path: `/fake/${this.found(this.runs, id, "run").config.name}.json` }),
      "models.export": ({ runId, directory, name }) => {
        const run = this.found(this.runs, runId, "run");
        if (run.metrics === undefined)
          throw new AppError("model/not-trained", `${run.config.name} has no trained model yet`, { runId });
        return {
          file: `${directory}/${name ?? run.config.name}.onnx`,
          bytes: 412_345,
          card: cardOf(run, this.channelsOf(run)),
          check: { windows: 24, largestDifference: 3.1e-7 },
        };
      },
      "engines.list": () => this.engines(),
      "engines.install": ({ variant }) => this.installEngine(variant),
      "engines.cancel": () => {
        if (this.install?.state === "running") this.tellInstall({ ...this.install, state: "cancelled" });
      },
      "engines.remove": () => {
        this.tensorflow = undefined;
        this.emit("engines.changed", {});
      },
      "engines.progress": () => this.install ?? null,
      "models.choose": () => "/home/sato/models/ward-b.onnx",
      "models.import": ({ file }) => {
        const [trained] = this.runs.values();
        if (!file.endsWith(".onnx") || trained === undefined)
          throw new AppError(
            "data/not-onnx",
            `${file} is not an ONNX file; expected a model exported by Kodo`,
            {
              file,
            },
          );
        const channels = this.channelsOf(trained);
        const run: Run = {
          ...trained,
          id: this.id("imported-run"),
          config: { ...trained.config, name: file.replace(/^.*\//, "").replace(/\.onnx$/, "") },
          imported: { file, sha256: "0".repeat(64), importedAt: new Date(0).toISOString(), channels },
        };
        this.runs.set(run.id, run);
        this.emit("runs.changed", { id: run.id });
        return { run, card: cardOf(run, channels) };
      },
      "runs.resume": ({ id }) => {
        const run = this.found(this.runs, id, "run");
        if (!run.hasCheckpoint && run.phase !== "paused")
          throw new AppError("model/no-checkpoint", `Run "${run.config.name}" has no checkpoint`, { id });
        const next = this.update(run, { phase: "training" });
        setTimeout(() => this.tick(id, run.curve.length + 1), this.tickMs);
        return next;
      },
      "runs.list": () =>
        [...this.runs.values()]
          .filter(({ id }) => !this.binnedRuns.has(id))
          .map(runSummary)
          .reverse(),
      "runs.reads": () =>
        Object.fromEntries([...this.runs.values()].map((run) => [run.id, this.readsOf(run)])),
      "runs.get": ({ id }) => this.found(this.runs, id, "run"),
      "runs.progress": () => [...this.running.values()],
      "predictions.make": ({ runId, recordingId, adaptation }) => {
        const made = this.predict(runId, recordingId, adaptation);
        this.predictions.set(`${runId}/${recordingId}/${adaptation}`, made);
        this.emit("findings.changed", { ids: [recordingId] });
        this.emit("runs.changed", { id: runId });
        return made;
      },
      "predictions.list": ({ recordingId }) =>
        [...this.predictions.values()].filter((one) => one.recordingId === recordingId).reverse(),
      "findings.list": ({ recordingId }) => this.foundIn(recordingId),
      "findings.lists": ({ recordingIds }) => recordingIds.map((id) => this.foundIn(id)),
      "findings.make": ({ runId, recordingId }) => {
        this.found(this.runs, runId, "run");
        this.emit("findings.changed", { ids: [recordingId] });
        return this.findings.list(recordingId);
      },
      "findings.fill": ({ runId, recordingId }) => {
        this.found(this.runs, runId, "run");
        const content = toyFill(this.recordingOf(recordingId));
        if (content === undefined)
          throw new AppError("model/wrong-channels", `${recordingId} has no heart rate`, { recordingId });
        this.findings.remove(
          this.findings
            .list(recordingId)
            .filter(({ origin }) => origin.kind === "run" && origin.runId === runId && origin.step === "fill")
            .map(({ id }) => id),
        );
        const origin = { kind: "run", runId, adaptation: "none", step: "fill" } as const;
        const filled = this.findings.save({ recordingId, origin, content });
        this.emit("findings.changed", { ids: [recordingId] });
        return filled;
      },
      "findings.remove": ({ ids }) => {
        for (const recordingId of this.findings.remove(ids))
          this.emit("findings.changed", { ids: [recordingId] });
      },
      "forecasts.at": ({ runId, recordingId, atS }) => {
        this.found(this.runs, runId, "run");
        return toyForecast(this.recordingOf(recordingId), atS);
      },
      "findings.get": ({ id }) => {
        const predicted = [...this.predictions.values()].map(findingOf).find((one) => one.id === id);
        return predicted ?? this.findings.get(id);
      },
      "layers.get": ({ runId, recordingId, timeS }) => {
        const run = this.found(this.runs, runId, "run");
        const prediction = this.predict(runId, recordingId, "none");
        return layersOf(run, this.recordingOf(recordingId), prediction, timeS);
      },
      "windows.next": ({ runId, recordingIds, limit }) => {
        const run = this.found(this.runs, runId, "run");
        const ids = recordingIds ?? run.config.data.recordingIds;
        const ranked = ids.flatMap((recordingId) => {
          const { detail } = this.recordingOf(recordingId);
          const made = this.predict(runId, recordingId, "none");
          const k = made.classes.length;
          return Array.from(made.onsetS, (onsetS, i) => {
            const own = made.probabilities.subarray(i * k, (i + 1) * k);
            const probability = Math.max(...own);
            const leading = made.classes[own.indexOf(probability)] ?? "";
            return {
              recordingId,
              recording: detail.name,
              onsetS,
              windowS: made.windowS,
              epistemic: made.epistemic[i] ?? 0,
              leading,
              probability,
              typicality: made.typicality[i] ?? 1,
            };
          }).filter((one) => Number.isFinite(one.epistemic) && one.leading !== "");
        });
        return ranked.sort((a, b) => b.epistemic - a.epistemic).slice(0, limit);
      },
    } satisfies Partial<Handlers>;
  }
}
