import { randomUUID } from "node:crypto";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { ComparisonConfig } from "../../preload/contract/comparison.ts";
import type { PurgeOutcome } from "../../preload/contract/recording.ts";
import {
  isAtRest,
  type Run,
  type RunConfig,
  type RunData,
  type PackedPreview,
  type RunProgress,
  settingsSeen,
} from "../../preload/contract/run.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import type { ServiceEvents } from "./events.ts";
import type { Place } from "./place.ts";
import { dataOf, decidingOf, refuseChangedData } from "./run-data.ts";

export interface RunsOptions {
  readonly library: AsyncLibrary;
  readonly trainer: Trainer;
  readonly place: Place; // where runs are trained
  /** Where runs are done that name a place; absent: they wait until somebody can. */
  readonly there?: {
    readonly train: Place["train"];
    readonly agreed: () => string; // its name; throws where nothing may leave for it
    /** One is named: in the window, which waits until it is connected to this place; or, this very place, by whoever started the program. */
    readonly isKnown: (place: string) => boolean;
  };
  readonly events: ServiceEvents;
  readonly codeVersion: string;
  readonly failed: (where: string, error: unknown) => void; // what no caller waits for
  readonly now?: () => Date;
}

interface Start {
  readonly data?: readonly RunData[];
  readonly place?: string;
}

/** How a person, or the closing program, ends the work on a run. */
type Stop = "cancelled" | "paused";

/** A run that waits or is trained: its record as far as it is known, and what still waits to be written of it. */
interface Underway {
  run: Run;
  readonly resume: boolean;
  readonly isTakenUp: boolean; // left waiting by an earlier process
  readonly abort: AbortController;
  stop: Stop | undefined;
  progress: RunProgress | undefined;
  writes: Promise<void>;
  failure: unknown; // of a write
  readonly ended: Promise<Run>;
  readonly end: (run: Run) => void;
  readonly fail: (error: unknown) => void;
}

const isAskedBefore = (error: unknown): boolean =>
  error instanceof AppError && error.code === "storage/asked-before";

function underway(run: Run, resume: boolean, isTakenUp: boolean): Underway {
  let [end, fail]: [Underway["end"], Underway["fail"]] = [() => undefined, () => undefined];
  const ended = new Promise<Run>((resolve, reject) => ([end, fail] = [resolve, reject]));
  return {
    run,
    resume,
    isTakenUp,
    abort: new AbortController(),
    stop: undefined,
    progress: undefined,
    writes: Promise.resolve(),
    failure: undefined,
    ended,
    end,
    fail,
  };
}

/**
 * The life of a run: its record with everything needed to repeat it, the trainer's work, how it ended. Nobody else
 * writes the phase of a run.
 */
export class Runs {
  readonly #options: RunsOptions;
  readonly #now: () => Date;
  readonly #underway = new Map<string, Underway>();
  readonly #waiting: Underway[] = []; // no more are trained than their place does side by side
  /** Runs about to go on: their data is being checked, which takes a while. */
  readonly #resuming = new Set<string>();
  readonly #starting = new Map<string, Promise<Run>>(); // by idempotency key
  #training = 0;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * One asked for before under the same key is not begun twice. `data`: of its recordings, where that was read just now;
   * `place`: the cluster that does its folds.
   */
  async start(config: RunConfig, idempotencyKey: string = randomUUID(), how: Start = {}): Promise<Run> {
    const known = this.#starting.get(idempotencyKey) ?? this.#known(config, idempotencyKey, how);
    this.#starting.set(idempotencyKey, known);
    try {
      return await known;
    } finally {
      this.#starting.delete(idempotencyKey);
    }
  }

  /** A cross-validation whose folds workers of the cluster do, beside whatever is trained here. */
  async startThere(config: RunConfig): Promise<Run> {
    const { there } = this.#options;
    if (there === undefined)
      throw new AppError("contract/cluster-none", "This window is connected to no cluster");
    const place = there.agreed();
    if (config.split.folds !== undefined) return this.start(config, randomUUID(), { place });
    throw new AppError(
      "model/not-shared-out",
      "Only a cross-validation is shared out; this run has no folds",
    );
  }

  /** Every method as a run of its own on the same data, split and seed, in line one after the other. None begins where one of them could not. */
  async startComparison({ models, name, ...shared }: ComparisonConfig): Promise<Run[]> {
    const { trainer } = this.#options;
    const known = await trainer.models();
    const configs = models.map((model): RunConfig => {
      const called = known.find(({ kind }) => kind === model.kind)?.name.en ?? model.kind;
      return { ...shared, model, comparison: name, name: `${called} · ${name}` };
    });
    for (const config of configs) refuseProblems(await trainer.preview(config), config.name);
    const started: Run[] = [];
    for (const config of configs) started.push(await this.start(config));
    return started;
  }

  async #known(config: RunConfig, idempotencyKey: string, how: Start): Promise<Run> {
    const { library } = this.#options;
    const job = await library.findJob(idempotencyKey);
    if (job === undefined) return this.#begin(config, idempotencyKey, how);
    if (job.kind === "run") return library.getRun(job.id);
    throw new AppError(
      "storage/asked-before",
      `What this key stands for was asked before: ${job.kind} ${job.id}`,
      {
        ...{ kind: job.kind, id: job.id },
      },
    );
  }

  async #begin(config: RunConfig, idempotencyKey: string, { data, place }: Start): Promise<Run> {
    const { library, trainer } = this.#options;
    const preview = await trainer.preview(config);
    refuseProblems(preview);
    const run: Run = {
      id: randomUUID(),
      config: { ...config, model: preview.model },
      classes: preview.classes,
      phase: "waiting",
      createdAt: this.#now().toISOString(),
      codeVersion: this.#options.codeVersion,
      data: [...(data ?? (await this.dataOf(config)))],
      windows: preview.windows,
      curve: [],
      hasCheckpoint: false,
      ...(place === undefined ? {} : { place }),
    };
    try {
      await library.saveRun(run, idempotencyKey);
    } catch (error) {
      const earlier = isAskedBefore(error) ? await library.findJob(idempotencyKey) : undefined;
      if (earlier?.kind !== "run") throw error;
      return library.getRun(earlier.id); // another process was asked the same, and was quicker
    }
    await this.#launch(run, "run.start", false);
    return run;
  }

  /** The recordings of a configuration as they are now. */
  async dataOf(config: RunConfig): Promise<RunData[]> {
    const { library, trainer } = this.#options;
    const deciding = await decidingOf(trainer, config);
    const data: RunData[] = [];
    for (const id of config.data.recordingIds) data.push(await dataOf(library, id, deciding));
    return data;
  }

  /**
   * Goes on from the last checkpoint, on the data the run began with. One that was paused or interrupted before its
   * first checkpoint begins again, which comes to the same; `isFromNothing`: so does one that was cancelled or failed.
   */
  async resume(id: string, { isFromNothing = false } = {}): Promise<Run> {
    const run = await this.#options.library.getRun(id);
    this.#refuseUnderway(run);
    this.#resuming.add(id);
    try {
      return await this.#goOn(run, isFromNothing);
    } finally {
      this.#resuming.delete(id);
    }
  }

  async #goOn(found: Run, isFromNothing: boolean): Promise<Run> {
    const { library } = this.#options;
    const { id } = found;
    const wasLeft = !isAtRest(found.phase) && (await library.takeWaitingRuns(id)).includes(id);
    const run = await library.getRun(id); // its process may be found to have ended
    if (!wasLeft && !isAtRest(run.phase)) throw alreadyRunning(run); // elsewhere
    if (run.phase === "done")
      throw new AppError("model/already-done", `${run.config.name} is trained already`, { runId: id });
    const wasInterrupted = wasLeft || run.phase === "paused" || run.error?.code === "internal/interrupted";
    if (run.place !== undefined && this.#options.there?.isKnown(run.place) !== true)
      throw new AppError(
        "contract/cluster-none",
        `The folds of ${run.config.name} are done at ${run.place}: go on with it there (--on cluster)`,
        { runId: id },
      );
    if (!run.hasCheckpoint && !wasInterrupted && !isFromNothing && run.place === undefined)
      throw new AppError("model/no-checkpoint", `${run.config.name} has no checkpoint to go on from`, {
        runId: id,
      });
    await refuseChangedData(this.#options, run);
    const resumed: Run = { ...run, phase: "waiting" };
    delete resumed.error;
    delete resumed.finishedAt;
    await library.saveRun(resumed);
    await this.#launch(resumed, "run.resume", run.hasCheckpoint);
    return resumed;
  }

  cancel(id: string): void {
    this.#stop(id, "cancelled");
  }

  /** Stops a run at a checkpoint; the next one that waits takes its place. Workers elsewhere do not pause. */
  pause(id: string): void {
    const run = this.#underway.get(id)?.run;
    if (run?.place !== undefined)
      throw new AppError(
        "model/not-paused",
        `${run.config.name} is done at ${run.place}, where nothing is paused`,
      );
    this.#stop(id, "paused");
  }

  /** To the bin. A run under way is stopped by a person first. */
  async remove(id: string): Promise<void> {
    const { library, events } = this.#options;
    this.#refuseUnderway(await library.getRun(id));
    await library.removeRun(id);
    events.emit("runs.changed", { id });
  }

  /** For good, where it is still in the bin. A run under way is stopped by a person first. */
  async purge(id: string): Promise<PurgeOutcome> {
    const { library, events } = this.#options;
    if (!(await library.listRunBin()).some((one) => one.id === id)) return { ids: [], copies: [] };
    this.#refuseUnderway(await library.getRun(id));
    try {
      const { copies } = await library.purgeRuns([id]);
      return { ids: [id], copies };
    } catch (error) {
      const problem = reportOf(error);
      if (problem.code !== "storage/not-erased") throw error;
      return { ids: [id], copies: [], problem };
    } finally {
      events.emit("runs.changed", { id }); // deleted, also where its bytes wait to be overwritten
    }
  }

  /** The run once it has ended, however it ended. */
  async finished(id: string): Promise<Run> {
    return this.#underway.get(id)?.ended ?? this.#options.library.getRun(id);
  }

  progress(): RunProgress[] {
    const told = [...this.#underway.values()].flatMap(({ progress }) => progress ?? []);
    return [...told, ...this.#waiting.map(inLine)];
  }

  /** Puts the runs in line that an earlier process left waiting. */
  async takeUp(): Promise<void> {
    const { library } = this.#options;
    if ((await library.info()).readOnly) return;
    for (const id of await library.takeWaitingRuns()) {
      const run = await library.getRun(id);
      if (!this.#underway.has(id) && !this.#resuming.has(id)) this.#queue(run, run.hasCheckpoint, true);
    }
  }

  /**
   * Pauses the run that is trained and waits until it has been left where it can go on. Those that wait go on waiting,
   * and those that others do go on there: their results are fetched by the next process.
   */
  async close(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    for (const { run } of waiting) this.#underway.delete(run.id);
    const ends = [...this.#underway.values()].map(({ ended }) => ended);
    for (const id of this.#underway.keys()) this.#stop(id, "paused");
    for (const { run, end } of waiting) end(run);
    await Promise.allSettled(ends);
  }

  #refuseUnderway(run: Run): void {
    if (!this.#underway.has(run.id) && !this.#resuming.has(run.id)) return;
    throw alreadyRunning(run);
  }

  async #launch(run: Run, action: "run.start" | "run.resume", resume: boolean): Promise<void> {
    const { library } = this.#options;
    const detail = { seed: run.config.seed, recordings: run.config.data.recordingIds.length };
    await library.log({ actor: "kodo", action, subject: run.id, detail });
    this.#queue(run, resume);
  }

  #queue(run: Run, resume: boolean, isTakenUp = false): void {
    const { events } = this.#options;
    const entry = underway(run, resume, isTakenUp);
    entry.ended.catch((error: unknown) => this.#options.failed("run", error));
    this.#underway.set(run.id, entry);
    if (run.place === undefined) this.#waiting.push(entry);
    events.emit("runs.changed", { id: run.id });
    if (run.place === undefined) this.#next();
    else void this.#end(entry, this.#train(entry)); // others do it: nothing here waits for it
  }

  /** Lets the next in line begin, where there is room. */
  #next(): void {
    while (this.#training < this.#options.place.atOnce) {
      const entry = this.#waiting.shift();
      if (entry === undefined) break;
      this.#training += 1;
      void this.#end(entry, this.#train(entry)).then(() => {
        this.#training -= 1;
        this.#next();
      });
    }
    this.#waiting.map(inLine).forEach((one) => this.#options.events.emit("runs.progress", one));
  }

  #stop(id: string, stop: Stop): void {
    const entry = this.#underway.get(id);
    if (entry === undefined) return;
    entry.stop ??= stop;
    const place = this.#waiting.indexOf(entry);
    if (place < 0) {
      entry.abort.abort(stop); // a place beyond this machine goes on with what is only paused
      return;
    }
    this.#waiting.splice(place, 1);
    const neverBegun = new AppError("cancelled/by-user", "Stopped before it began");
    void this.#end(entry, this.#stopped(entry, neverBegun)).then(() => this.#next());
  }

  /** Saves how it ended: its model first, so that a run which says it is done has one. */
  async #train(entry: Underway): Promise<Run> {
    const { library, place, there } = this.#options;
    const { run, resume, isTakenUp, abort } = entry;
    const { train } = run.place === undefined ? place : (there ?? place);
    try {
      const trained = await train(
        { run, resume, isTakenUp },
        {
          signal: abort.signal,
          onProgress: (progress) => this.#progressed(entry, progress),
          onCheckpoint: (at, bytes) => this.#checkpointed(entry, at, bytes),
        },
      );
      await entry.writes;
      if (entry.failure !== undefined) throw entry.failure as Error;
      const finishedAt = this.#now().toISOString();
      const done: Run = { ...trained.run, phase: "done", finishedAt, hasCheckpoint: false };
      delete done.error; // of an earlier try
      await library.saveModel(done.id, "model", trained.model);
      await library.saveRun(done);
      return done;
    } catch (error) {
      await entry.writes;
      return this.#stopped(entry, entry.failure ?? error);
    }
  }

  #progressed(entry: Underway, progress: RunProgress): void {
    const { library, events } = this.#options;
    const { phase, curve } = progress;
    if (entry.run.place !== undefined) {
      entry.progress = progress; // its record goes on waiting: it outlives this process
      events.emit("runs.progress", progress);
      return;
    }
    const isNew = phase !== entry.run.phase || curve.length !== entry.run.curve.length;
    entry.progress = progress;
    entry.run = { ...entry.run, phase, curve };
    const { run } = entry;
    if (isNew) this.#write(entry, () => library.saveRun(run)).catch(() => undefined); // the run ends with it
    events.emit("runs.progress", progress);
  }

  #checkpointed(entry: Underway, run: Run, bytes: Uint8Array): Promise<void> {
    const { library } = this.#options;
    const before = entry.run;
    const saved: Run = { ...run, phase: before.phase, hasCheckpoint: true };
    entry.run = saved;
    return this.#write(entry, async () => {
      try {
        await library.saveModel(run.id, "checkpoint", bytes);
        await library.saveRun(saved);
      } catch (error) {
        entry.run = before; // what could not be written is not written as the end of it either
        throw error;
      }
    });
  }

  /** One write after the other. The first that fails ends the run: a result that cannot be kept is not worth computing. */
  #write(entry: Underway, work: () => Promise<void>): Promise<void> {
    const written = entry.writes.then(work);
    entry.writes = written.catch((error: unknown) => {
      entry.failure ??= error;
      entry.abort.abort();
    });
    return written;
  }

  /** Writes down how a run ended and tells who waits for it. Never rejects. */
  async #end(entry: Underway, work: Promise<Run>): Promise<void> {
    const { library, events } = this.#options;
    const { id } = entry.run;
    try {
      const ended = await work;
      if (ended.phase !== "waiting")
        await library.log({
          actor: "kodo",
          action: `run.${ended.phase}`,
          subject: id,
          detail: detailOf(ended),
        });
      if (entry.progress !== undefined) events.emit("runs.progress", lastOf(ended, entry.progress));
      entry.end(ended);
    } catch (error) {
      entry.fail(error);
    } finally {
      this.#underway.delete(id);
      events.emit("runs.changed", { id });
    }
  }

  /** The run keeps what was saved of it. One that was paused goes on from there, another says why it ended. */
  async #stopped(entry: Underway, cause: unknown): Promise<Run> {
    const { library } = this.#options;
    const { code, message, detail } = reportOf(cause);
    const isCancelled = code.startsWith("cancelled/");
    const run: Run =
      isCancelled && entry.stop === "paused"
        ? { ...entry.run, phase: entry.run.place === undefined ? "paused" : "waiting" }
        : {
            ...entry.run,
            phase: isCancelled ? "cancelled" : "failed",
            finishedAt: this.#now().toISOString(),
            error: { code, message, detail },
          };
    await library.saveRun(run);
    return library.getRun(run.id);
  }
}

/** `name`: of the run, where several are asked for at once. */
function refuseProblems({ problems }: Pick<PackedPreview, "problems">, name?: string): void {
  if (problems.length === 0) return;
  const said = problems.map(({ message }) => message).join(" ");
  throw new AppError("model/cannot-start", name === undefined ? said : `${name}: ${said}`, {
    problems: problems.length,
  });
}

const alreadyRunning = ({ id, config }: Run): AppError =>
  new AppError("model/already-running", `${config.name} is training already`, { runId: id });

/** The last progress of a run says how it ended. */
const lastOf = ({ phase, curve }: Run, last: RunProgress): RunProgress => {
  const told: RunProgress = { ...last, phase, curve, done: phase === "done" ? 1 : last.done };
  delete told.secondsLeft;
  return told;
};

const detailOf = ({ error }: Run): { code?: string } => (error === undefined ? {} : { code: error.code });

/** What there is to say of a run that waits for others. */
const inLine = ({ run }: Underway, place: number): RunProgress => ({
  runId: run.id,
  phase: "waiting",
  done: 0,
  epoch: 0,
  epochs: settingsSeen(run.config).epochs ?? 0,
  stepsPerSecond: 0,
  curve: run.curve,
  ahead: place + 1, // the one that trains, too
});
