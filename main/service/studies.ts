import { randomUUID } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import type { Handlers, ParsedParams } from "../../preload/contract/channels.ts";
import { ctgRunsOf } from "../../preload/contract/ctg-reading.ts";
import { AppError, errorFrom, type ErrorReport, reportOf } from "../../preload/contract/errors.ts";
import type { FileOutcome, JobProgress } from "../../preload/contract/exchange.ts";
import { HERE, type Job } from "../../preload/contract/job.ts";
import type {
  StudyAsk,
  StudyAsked,
  StudyFailure,
  StudyOrder,
  StudyPreview,
  StudyProgress,
} from "../../preload/contract/study.ts";
import { readingVersion } from "../analysis/ctg/contents.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import type { ClusterLink } from "./cluster-link.ts";
import type { ServiceEvents } from "./events.ts";
import { LEFT } from "./place.ts";
import { partsOf } from "./recordings.ts";

export interface StudiesOptions {
  readonly library: AsyncLibrary;
  readonly trainer: Pick<Trainer, "models" | "predict" | "find">;
  readonly readings: Pick<Handlers, "ctg.read" | "ctg.cancel">;
  readonly link: Pick<ClusterLink, "agreed" | "refuseUnnamed" | "judge">;
  readonly events: ServiceEvents;
  readonly failed: (where: string, error: unknown) => void; // what no caller waits for
}

/** Recordings that are looked at together. */
const LOOKED_AT = 2000;
/** Recordings of a reason that are named, and failures that are told one by one. */
const NAMED = 3;
const TOLD = 100;
const TELL_MS = 250;
const FINISHED_KEPT = 20;
/** Recordings of which is told together that something was said of them. */
const SPOKEN_OF = 1000;

/** What says nothing about a recording: the others would fail as well. */
const endsAll = (code: string): boolean =>
  /^storage\/(disk-full|read-only|worker-lost|busy|io)|^internal\/closed|^model\/(no-run-chosen|not-trained)/.test(
    code,
  );

type Judge = (recordingId: string, signal: AbortSignal) => Promise<void>;

/** A study that waits or is under way. */
interface Underway {
  readonly jobId: string;
  readonly asked: StudyAsked;
  readonly place: string;
  readonly stop: AbortController;
  progress: JobProgress;
  toldAtMs: number;
}

const isOver = ({ state }: JobProgress): boolean =>
  state === "done" || state === "failed" || state === "cancelled";

const studyOf = ({ name, ids, known }: StudyAsked, place: string): StudyProgress => ({
  ...{ name, known, of: ids.length, done: 0, failed: 0 },
  place: place === HERE ? null : place,
});

/** One that an earlier process left without an end, as the tray shows it. */
export function interruptedStudy(job: Job, asked: StudyAsked | undefined, error: ErrorReport): JobProgress {
  const base = {
    ...{ jobId: job.id, state: "failed" as const, file: "", done: job.progress, bytesPerSecond: 0 },
    ...{
      kind: job.kind === "predict" ? ("predict" as const) : ("analyse" as const),
      files: [failure("", error)],
    },
  };
  if (asked === undefined) return base;
  const study = studyOf(asked, job.place);
  return { ...base, study: { ...study, done: Math.floor(job.progress * study.of) } };
}

const failure = (file: string, error: ErrorReport): FileOutcome => ({
  ...{ file, state: "failed", recordingIds: [], annotations: 0, repairs: [], error },
});

/**
 * Whole studies of this library that are predicted or read by rule: here, one after the other, or by workers of a cluster.
 * What is said of a recording is kept at once, so that whatever ends a study, asked again only the rest is done.
 */
export class Studies {
  readonly #options: StudiesOptions;
  readonly #known = new Map<string, Underway>(); // also some that are over, for the tray
  readonly #listeners = new Set<(progress: JobProgress) => void>();
  readonly #toLook = new Map<string, Promise<StudyPreview>>(); // questions that wait, by what they ask
  #looking: Promise<unknown> = Promise.resolve();
  #asking: Promise<unknown> = Promise.resolve();
  #line: Promise<void> = Promise.resolve(); // of those that are done here
  #isClosing = false;

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  readonly handlers: Pick<Handlers, `studies.${"preview" | "start" | "goOn"}`> = {
    "studies.preview": (ask) => this.#preview(ask),
    "studies.start": (ask) => this.#inTurn(() => this.#start(ask)),
    "studies.goOn": ({ jobId }) => this.#inTurn(() => this.#goOn(jobId)),
  };

  jobs(): JobProgress[] {
    return [...this.#known.values()].map(({ progress }) => progress);
  }

  onProgress(listener: (progress: JobProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops after the recording under way; what was said stays. False where it is none of these. */
  cancel(jobId: string): boolean {
    const entry = this.#known.get(jobId);
    entry?.stop.abort("cancelled");
    return entry !== undefined;
  }

  /** Follows the studies that others do and that an earlier process asked for. */
  async takeUp(): Promise<void> {
    const { library } = this.#options;
    if ((await library.info()).readOnly) return;
    for (const { id, place } of await library.takeStudies()) {
      const asked = await library.studyAsked(id);
      if (asked !== undefined && !this.#known.has(id)) this.#begin(id, asked, place);
    }
  }

  /** Leaves what others do to them. Says which of those that are done here came to no end. */
  async close(): Promise<readonly { readonly id: string; readonly progress: number }[]> {
    this.#isClosing = true;
    const open = [...this.#known.values()].filter(({ progress }) => !isOver(progress));
    for (const { stop } of open) stop.abort(LEFT);
    await this.#line;
    return open
      .filter(({ place }) => place === HERE)
      .map(({ jobId, progress }) => ({ id: jobId, progress: progress.done }));
  }

  /** One look after the other: they are asked for with every recording that is said of, and one at a large library takes seconds. */
  #preview(ask: StudyAsk): Promise<StudyPreview> {
    const key = JSON.stringify(ask);
    const waiting = this.#toLook.get(key);
    if (waiting !== undefined) return waiting;
    const looked = this.#looking.then(async () => {
      this.#toLook.delete(key);
      const { fitting, known, unfit } = await this.#look(ask);
      return { fitting: fitting.length, known, unfit };
    });
    this.#toLook.set(key, looked);
    this.#looking = looked.catch(() => undefined);
    return looked;
  }

  /** Whoever asks the same twice at once finds the first begun. */
  #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const asked = this.#asking.then(ask);
    this.#asking = asked.catch(() => undefined);
    return asked;
  }

  async #look({
    order,
    selection,
    again,
  }: StudyAsk): Promise<{ fitting: string[] } & Omit<StudyPreview, "fitting">> {
    const { library } = this.#options;
    const fitting: string[] = [];
    const unfit = new Map<string, StudyPreview["unfit"][number]>();
    let known = 0;
    for await (const ids of partsOf(library, selection, LOOKED_AT)) {
      const part = await library.studyFit(order, { ids, version: readingVersion, again });
      fitting.push(...part.fitting);
      known += part.known.length;
      for (const { reason, what, name } of part.unfit) {
        const key = `${reason} ${what}`;
        const before = unfit.get(key) ?? { reason, what, count: 0, names: [] };
        const names = before.count < NAMED ? [...before.names, name] : before.names;
        unfit.set(key, { ...before, count: before.count + 1, names });
      }
    }
    return { fitting, known, unfit: [...unfit.values()].sort((a, b) => b.count - a.count) };
  }

  async #start(ask: ParsedParams<"studies.start">): Promise<{ readonly jobId: string }> {
    const { library, link } = this.#options;
    const { order, again, where } = ask;
    const name = await this.#refuseUnready(order);
    if (where === "there") await link.refuseUnnamed();
    const place = where === "there" ? link.agreed() : HERE;
    const { fitting: ids, known } = await this.#look(ask);
    if (ids.length === 0)
      throw new AppError(
        "data/nothing-to-ask",
        "None of these recordings can be asked about, or all of it is said",
        {
          known,
        },
      );
    const asked: StudyAsked = { order, name, ids, known, again };
    const same = [...this.#known.values()].find(
      (one) =>
        !isOver(one.progress) && !one.stop.signal.aborted && one.place === place && isSame(one.asked, asked),
    );
    if (same !== undefined) return { jobId: same.jobId };
    const id = randomUUID();
    const idempotencyKey = ask.idempotencyKey ?? id;
    const { job, isNew } = await library.queueJob({ id, kind: order.kind, place, idempotencyKey, asked });
    if (isNew) this.#begin(job.id, asked, place);
    return { jobId: job.id };
  }

  /** Name of the run that is asked. Throws where there is nobody to ask. */
  async #refuseUnready(order: StudyOrder): Promise<string> {
    if (order.kind === "predict") {
      const { config, phase } = await this.#options.library.getRun(order.runId);
      if (phase === "done") return config.name;
      throw new AppError("model/not-trained", `${config.name} has no model: it is ${phase}`, {
        runId: order.runId,
      });
    }
    for (const [part, runId] of ctgRunsOf(order.settings))
      if (runId === undefined)
        throw new AppError("model/no-run-chosen", `No run is chosen for the ${part}`, { part });
    return "";
  }

  async #goOn(jobId: string): Promise<void> {
    const { library } = this.#options;
    const ended = this.#known.get(jobId)?.progress;
    if (ended !== undefined) {
      if (!isOver(ended)) return;
      await library.changeJob(jobId, { state: ended.state, progress: ended.done }); // on a full disk it was not written
    }
    const job = (await library.listJobs()).find(({ id }) => id === jobId);
    const asked = await library.studyAsked(jobId);
    if (job === undefined || asked === undefined)
      throw new AppError("data/job-unknown", `Nothing is kept of job ${jobId}; ask once more`, { jobId });
    const { place } = job;
    const rest = place === HERE ? await this.#restOf(asked, job.progress) : askedAnew(asked);
    const { isNew } = await library.queueJob({ ...job, asked: rest });
    if (isNew) this.#begin(jobId, rest, place);
  }

  /** Of what was to be done again all that comes after the place it had reached; else what is not said yet. */
  async #restOf(asked: StudyAsked, progress: number): Promise<StudyAsked> {
    const { ids, order, again } = asked;
    if (again) return { ...asked, ids: ids.slice(Math.floor(progress * ids.length)) };
    const { library } = this.#options;
    const rest: string[] = [];
    for (let at = 0; at < ids.length; at += LOOKED_AT) {
      const part = ids.slice(at, at + LOOKED_AT);
      rest.push(...(await library.studyFit(order, { ids: part, version: readingVersion, again })).fitting);
    }
    return { ...asked, ids: rest, known: asked.known + ids.length - rest.length };
  }

  #begin(jobId: string, asked: StudyAsked, place: string): void {
    const study = studyOf(asked, place);
    const progress: JobProgress = {
      ...{ jobId, kind: asked.order.kind, state: "waiting", file: "", done: 0, bytesPerSecond: 0, files: [] },
      study,
    };
    const entry: Underway = {
      jobId,
      asked,
      place,
      stop: new AbortController(),
      progress,
      toldAtMs: -Infinity,
    };
    this.#forgetOld();
    this.#known.delete(jobId); // begun anew, it is the newest
    this.#known.set(jobId, entry);
    this.#tell(entry, {});
    if (place !== HERE) {
      void this.#end(entry, () => this.#judgeThere(entry));
      return;
    }
    const before = this.#line;
    const ended = this.#end(entry, async () => {
      await unlessStopped(before, entry.stop.signal);
      await this.#judgeHere(entry);
    });
    this.#line = before.then(() => ended);
  }

  #forgetOld(): void {
    const over = [...this.#known.values()].filter(({ progress }) => isOver(progress));
    for (const { jobId } of over.slice(0, Math.max(0, over.length - FINISHED_KEPT)))
      this.#known.delete(jobId);
  }

  /** Tells how it ended. Never rejects. */
  async #end(entry: Underway, work: () => Promise<void>): Promise<void> {
    const { signal } = entry.stop;
    try {
      if (!signal.aborted) await work();
      if (signal.reason === LEFT) return; // the next process goes on with it
      const { failed, of } = entry.progress.study ?? { failed: 0, of: 0 };
      const state = signal.aborted ? "cancelled" : failed > 0 && failed === of ? "failed" : "done";
      this.#tell(entry, { state, done: state === "done" ? 1 : entry.progress.done, file: "" });
    } catch (error) {
      if (signal.reason === LEFT || this.#isClosing) return;
      const report = reportOf(error);
      const isCancelled = signal.aborted || report.code.startsWith("cancelled/");
      if (!isCancelled) this.#options.failed("study", error);
      const isToldOf = !isCancelled || report.code === "cancelled/not-told";
      const files = isToldOf ? [failure("", report), ...entry.progress.files] : entry.progress.files;
      this.#tell(entry, { state: isCancelled ? "cancelled" : "failed", files, file: "" });
    } finally {
      const { order } = entry.asked;
      if (order.kind === "predict") this.#options.events.emit("runs.changed", { id: order.runId });
    }
  }

  async #judgeHere(entry: Underway): Promise<void> {
    const { ids, order } = entry.asked;
    const { signal } = entry.stop;
    const judge = order.kind === "predict" ? await this.#predictor(order) : this.#reader(order);
    let names: Readonly<Record<string, string>> = {};
    for (const [at, id] of ids.entries()) {
      if (at % NAMED_AT_ONCE === 0)
        names = await this.#options.library.namesOf(ids.slice(at, at + NAMED_AT_ONCE));
      const name = names[id] ?? id;
      this.#tell(entry, { state: "running", file: name });
      try {
        await unlessStopped(judge(id, signal), signal);
      } catch (error) {
        const report = reportOf(error);
        if (signal.aborted) return;
        if (endsAll(report.code)) throw error;
        this.#failed(entry, [{ recording: name, error: report }]);
      }
      if (signal.aborted) return;
      this.#tell(entry, { done: (at + 1) / ids.length, study: { done: at + 1 } });
    }
  }

  /** As one recording is predicted: windows with the adaptation that is asked for, or what a model of whole recordings says. */
  async #predictor({ runId, adaptation }: Extract<StudyOrder, { kind: "predict" }>): Promise<Judge> {
    const { library, trainer, events } = this.#options;
    const { config } = await library.getRun(runId);
    const model = (await trainer.models()).find(({ kind }) => kind === config.model.kind);
    const asked =
      model?.over === "sequences"
        ? async (recordingId: string) => {
            const said = await trainer.find({ runId, recordingId });
            const origin = { kind: "run", runId, adaptation: "none" } as const;
            return () => library.saveFindings(said.map((content) => ({ recordingId, origin, content })));
          }
        : async (recordingId: string) => {
            const prediction = await trainer.predict({ runId, recordingId, adaptation });
            return () => library.savePrediction(prediction);
          };
    return async (recordingId, signal) => {
      const before = await library.basisOf(recordingId);
      const keep = await asked(recordingId);
      if (signal.aborted) return;
      if ((await library.basisOf(recordingId)).samples !== before.samples)
        throw await this.#changed(recordingId);
      await keep();
      events.emit("findings.changed", { ids: [recordingId] });
    };
  }

  async #changed(recordingId: string): Promise<AppError> {
    const recording = (await this.#options.library.namesOf([recordingId]))[recordingId] ?? recordingId;
    return errorFrom(changedMeanwhile(recording));
  }

  #reader({ settings, rules }: Extract<StudyOrder, { kind: "analyse" }>): Judge {
    const { readings } = this.#options;
    return async (recordingId, signal) => {
      const cancel = (): void => void readings["ctg.cancel"]({ recordingId });
      signal.addEventListener("abort", cancel, { once: true });
      try {
        const found = await readings["ctg.read"]({ recordingId, settings, rules });
        if (found.some(({ isOutdated }) => isOutdated)) throw await this.#changed(recordingId);
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    };
  }

  async #judgeThere(entry: Underway): Promise<void> {
    const { jobId, asked, place, stop } = entry;
    const { library, link } = this.#options;
    const outcome = await link.judge(
      { asked, place, keepWork: (work) => library.keepStudyWork(jobId, work) },
      {
        signal: stop.signal,
        onSaid: (jobs, there) => {
          const isWaiting =
            there.lost !== undefined || (there.handing === undefined && jobs.done + there.active === 0);
          const done = there.handing === undefined ? (0.98 * jobs.done) / Math.max(1, jobs.of) : 0;
          this.#tell(entry, { state: isWaiting ? "waiting" : "running", done, study: { jobs, there } });
        },
      },
    );
    const differ = outcome.differ.map((recording): StudyFailure => ({
      recording,
      error: changedMeanwhile(recording),
    }));
    this.#failed(entry, [...outcome.failures, ...differ]);
    const done = Math.min(asked.ids.length, outcome.recordings - outcome.elsewhere);
    this.#tell(entry, { study: { done } });
    for (let from = 0; from < asked.ids.length; from += SPOKEN_OF) {
      this.#options.events.emit("findings.changed", { ids: asked.ids.slice(from, from + SPOKEN_OF) });
      await breathe();
    }
  }

  #failed(entry: Underway, failures: readonly StudyFailure[]): void {
    const { study, files } = entry.progress;
    const told = failures.slice(0, Math.max(0, TOLD - files.length));
    entry.progress = {
      ...entry.progress,
      files: [...files, ...told.map(({ recording, error }) => failure(recording, error))],
      ...(study && { study: { ...study, failed: study.failed + failures.length } }),
    };
  }

  /** At most four times a second, and every change of state. */
  #tell(
    entry: Underway,
    { study, ...change }: Partial<Omit<JobProgress, "study">> & { study?: Partial<StudyProgress> },
  ): void {
    const before = entry.progress;
    const now = { ...before, ...change, ...(before.study && { study: { ...before.study, ...study } }) };
    entry.progress = now;
    const atMs = performance.now();
    const isNew = entry.toldAtMs < 0 || now.state !== before.state;
    if (!isNew && atMs - entry.toldAtMs < TELL_MS) return;
    entry.toldAtMs = atMs;
    for (const listener of this.#listeners) listener(now);
  }
}

/** Recordings whose names are asked for together. */
const NAMED_AT_ONCE = 20;

/** Who stops waits for nobody: what is said afterwards is not kept. */
function unlessStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new AppError("cancelled/by-user", "Cancelled"));
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** The same question of the same recordings. */
const isSame = (a: StudyAsked, b: StudyAsked): boolean =>
  a.again === b.again && JSON.stringify([a.order, a.ids]) === JSON.stringify([b.order, b.ids]);

/** The cluster is told once more: what is done there is not done again, and what failed there goes on. */
function askedAnew(asked: StudyAsked): StudyAsked {
  const anew = { ...asked };
  delete anew.work;
  return anew;
}

const changedMeanwhile = (recording: string): ErrorReport => ({
  code: "data/study-differs",
  message: `${recording} has other masks, or other facts, than when it was asked about: what was said of it does not hold`,
  detail: { recording },
});
