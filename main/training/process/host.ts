import { AppError, errorFrom, reportOf, unwrap } from "../../../preload/contract/errors.ts";
import { type Run, type RunProgress, settingsSeen } from "../../../preload/contract/run.ts";
import { within } from "../../../preload/contract/within.ts";
import type { AsyncLibrary } from "../../storage/api.ts";
import { spawnTrainer } from "./child.ts";
import type { ChildLike } from "./child.ts";
import type { Trainer } from "./host-api.ts";
import type { FromTrainer, RequestName, TrainerAnswers, TrainerRequest } from "./messages.ts";

export interface TrainerOptions {
  readonly library: AsyncLibrary;
  readonly libraryPath: string;
  readonly workerFile: string; // the built trainer
  readonly spawn?: ((workerFile: string) => ChildLike | Promise<ChildLike>) | undefined; // a utility process or a fork unless given
  readonly now?: (() => Date) | undefined;
  readonly patienceMs?: number | undefined; // in place of each of those below
}

/**
 * Main's handle on the trainer process: starts it at the first request, saves what it finds, and survives its death.
 * A run whose process died is marked failed and keeps its last checkpoint; the next request starts a new process.
 */
export function createTrainer(options: TrainerOptions): Trainer {
  return new Host(options);
}

/** To say that it heard of a cancel; then to end what was cancelled; to close. After that the process is ended by force. */
const HEAR_MS = 1000;
const TIDY_MS = 3000;
const CLOSE_MS = 2000;

interface Pending {
  readonly request: TrainerRequest;
  readonly child: ChildLike;
  heard?: () => void;
  readonly resolve: (answer: TrainerAnswers[RequestName]) => void;
  readonly reject: (error: unknown) => void;
  readonly answered: Promise<unknown>;
}

/** A run under way: its record as far as it is known, and what still waits to be written of it. */
interface Underway {
  run: Run;
  progress: RunProgress | undefined;
  request: number | undefined;
  cancelled: boolean;
  writes: Promise<void>;
  failure: unknown; // of a write
}

type Fitted = TrainerAnswers["train"] | { readonly error: unknown };

class Host implements Trainer {
  readonly #options: TrainerOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #runs = new Map<string, Underway>();
  readonly #listeners = new Set<(progress: RunProgress) => void>();
  #child: Promise<ChildLike> | undefined;
  #living: ChildLike | undefined; // the same process, from before it is ready
  #requests = 0;
  #disposed = false;

  constructor(options: TrainerOptions) {
    this.#options = options;
  }

  models: Trainer["models"] = () => this.#ask({ name: "models" });

  preview: Trainer["preview"] = (config) => this.#ask({ name: "preview", config });

  layers: Trainer["layers"] = (request) => this.#ask({ name: "layers", ...request });

  rank: Trainer["rank"] = ({ runId, recordingIds, limit }) =>
    this.#ask({ name: "rank", runId, recordingIds, limit });

  predict: Trainer["predict"] = async (request) => {
    const prediction = await this.#ask({ name: "predict", ...request });
    await this.#options.library.savePrediction(prediction);
    return prediction;
  };

  exportModel: Trainer["exportModel"] = (runId) => this.#ask({ name: "export-model", runId });

  importModel: Trainer["importModel"] = async ({ file, bytes }) => {
    const { run, model, labelSet, card } = await this.#ask({ name: "import-model", file, bytes });
    return { run: await this.#options.library.addTrainedRun({ run, model, labelSet }), card };
  };

  progress: Trainer["progress"] = () =>
    [...this.#runs.values()].flatMap(({ progress }) => (progress === undefined ? [] : [progress]));

  onProgress: Trainer["onProgress"] = (listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  train: Trainer["train"] = async (run, { resume }) => {
    if (this.#runs.has(run.id))
      throw new AppError("model/already-running", `${run.config.name} is training already`, {
        runId: run.id,
      });
    const underway: Underway = {
      run,
      progress: undefined,
      request: undefined,
      cancelled: false,
      writes: Promise.resolve(),
      failure: undefined,
    };
    this.#runs.set(run.id, underway);
    try {
      const ended = await this.#conclude(underway, await this.#fit(underway, resume));
      this.#announce(ended, underway.progress);
      return ended;
    } finally {
      this.#runs.delete(run.id);
    }
  };

  cancel: Trainer["cancel"] = (runId) => {
    const underway = this.#runs.get(runId);
    if (underway === undefined || underway.cancelled) return;
    underway.cancelled = true;
    void this.#stop(underway);
  };

  dispose: Trainer["dispose"] = async () => {
    this.#disposed = true;
    const child = this.#living;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.onExit(() => resolve()));
    child.postMessage({ kind: "close" });
    if (!(await within(this.#patience(CLOSE_MS), ended))) child.kill();
  };

  #patience(usualMs: number): number {
    return this.#options.patienceMs ?? usualMs;
  }

  /** What the trainer answered, or what went wrong. */
  async #fit(underway: Underway, resume: boolean): Promise<Fitted> {
    try {
      const answer = await this.#ask({ name: "train", run: underway.run, resume }, (request) => {
        underway.request = request;
        if (underway.cancelled) void this.#cancelRequest(request);
      });
      await underway.writes;
      return underway.failure === undefined ? answer : { error: underway.failure };
    } catch (error) {
      await underway.writes;
      return { error: underway.failure ?? error };
    }
  }

  /** Saves how a run ended: its model first, so that a run which says it is done has one. */
  async #conclude(underway: Underway, result: Fitted): Promise<Run> {
    const { library, now = () => new Date() } = this.#options;
    const finishedAt = now().toISOString();
    if ("error" in result) {
      const { code, message, detail } = reportOf(result.error);
      const phase = underway.cancelled || code.startsWith("cancelled/") ? "cancelled" : "failed";
      const run: Run = { ...underway.run, phase, finishedAt, error: { code, message, detail } };
      await library.saveRun(run);
      return run;
    }
    const run: Run = { ...result.run, phase: "done", finishedAt, hasCheckpoint: false };
    delete run.error; // of an earlier try
    await library.saveModel(run.id, "model", result.model);
    await library.saveRun(run);
    return run;
  }

  /** The last progress of a run says how it ended. */
  #announce({ id, phase, curve, config }: Run, last: RunProgress | undefined): void {
    const { done, epoch, stepsPerSecond } = last ?? { done: 0, epoch: 0, stepsPerSecond: 0 };
    const share = phase === "done" ? 1 : done;
    this.#tell({
      runId: id,
      phase,
      done: share,
      epoch,
      epochs: last?.epochs ?? settingsSeen(config).epochs ?? 0,
      stepsPerSecond,
      curve,
    });
  }

  #tell(progress: RunProgress): void {
    for (const listener of this.#listeners) listener(progress);
  }

  async #ask<N extends RequestName>(
    request: TrainerRequest & { readonly name: N },
    sent: (id: number) => void = () => undefined,
  ): Promise<TrainerAnswers[N]> {
    if (this.#disposed) throw new AppError("cancelled/by-user", "The program is closing");
    const child = await this.#started();
    const id = ++this.#requests;
    let [resolve, reject]: [Pending["resolve"], Pending["reject"]] = [() => undefined, () => undefined];
    const answered = new Promise<TrainerAnswers[RequestName]>((done, failed) => {
      [resolve, reject] = [done, failed];
    });
    this.#pending.set(id, { request, child, resolve, reject, answered });
    child.postMessage({ kind: "request", id, request });
    sent(id);
    return (await answered) as TrainerAnswers[N];
  }

  async #stop(underway: Underway): Promise<void> {
    const isReady = await within(this.#patience(HEAR_MS), this.#child ?? Promise.resolve());
    if (!isReady)
      this.#end(this.#living); // it does not even open the library
    else if (underway.request !== undefined) await this.#cancelRequest(underway.request);
  }

  /** Asks politely; a process that does not listen, deep in a native call, is ended. */
  async #cancelRequest(id: number): Promise<void> {
    const child = this.#living;
    const pending = this.#pending.get(id);
    if (child === undefined || pending === undefined || pending.heard !== undefined) return; // told already
    const heard = new Promise<void>((resolve) => (pending.heard = resolve));
    child.postMessage({ kind: "cancel", id });
    const isHeard = await within(this.#patience(HEAR_MS), Promise.race([heard, pending.answered]));
    if (isHeard && (await within(this.#patience(TIDY_MS), pending.answered))) return;
    if (this.#pending.delete(id)) pending.reject(new AppError("cancelled/by-user", "Cancelled"));
    this.#end(child);
  }

  /** By force; the next request has a new process. */
  #end(child: ChildLike | undefined): void {
    if (child !== undefined && child === this.#living) [this.#child, this.#living] = [undefined, undefined];
    child?.kill();
  }

  #started(): Promise<ChildLike> {
    if (this.#child !== undefined) return this.#child;
    const starting = this.#start();
    this.#child = starting;
    starting.catch(() => {
      if (this.#child === starting) this.#child = undefined;
    });
    return starting;
  }

  async #start(): Promise<ChildLike> {
    const { spawn = spawnTrainer, workerFile, libraryPath } = this.#options;
    const child = await spawn(workerFile);
    this.#living = child;
    await new Promise<void>((resolve, reject) => {
      child.onExit((reason) => {
        if (this.#living === child) [this.#child, this.#living] = [undefined, undefined];
        const died = new AppError(
          "model/trainer-died",
          `The training process ended unexpectedly (${reason})`,
          { reason },
        );
        reject(died);
        for (const [id, pending] of this.#pending) {
          if (pending.child !== child) continue; // of its successor
          this.#pending.delete(id);
          pending.reject(died);
        }
      });
      child.onMessage((message) => {
        if (message.kind === "ready") resolve();
        else if (message.kind === "refused") reject(errorFrom(message.error));
        else this.#receive(child, message);
      });
      child.postMessage({ kind: "open", libraryPath });
    });
    return child;
  }

  #receive(child: ChildLike, message: Exclude<FromTrainer, { kind: "ready" | "refused" }>): void {
    switch (message.kind) {
      case "heard":
        this.#pending.get(message.id)?.heard?.();
        return;
      case "answer": {
        const pending = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        try {
          pending?.resolve(unwrap(message.outcome));
        } catch (error) {
          pending?.reject(error);
        }
        return;
      }
      case "progress":
        this.#progressed(message.progress);
        return;
      case "checkpoint":
        this.#checkpointed(child, message);
    }
  }

  #progressed(progress: RunProgress): void {
    const underway = this.#runs.get(progress.runId);
    if (underway === undefined) return;
    const moved =
      progress.phase !== underway.run.phase || progress.curve.length !== underway.run.curve.length;
    underway.progress = progress;
    underway.run = { ...underway.run, phase: progress.phase, curve: progress.curve };
    if (moved) this.#write(underway, () => this.#options.library.saveRun(underway.run));
    this.#tell(progress);
  }

  #checkpointed(
    child: ChildLike,
    { checkpoint, run, bytes }: Extract<FromTrainer, { kind: "checkpoint" }>,
  ): void {
    const underway = this.#runs.get(run.id);
    if (underway === undefined) return;
    underway.run = { ...run, phase: underway.run.phase, hasCheckpoint: true };
    this.#write(underway, async () => {
      try {
        await this.#options.library.saveModel(run.id, "checkpoint", bytes);
        await this.#options.library.saveRun(underway.run);
      } finally {
        child.postMessage({ kind: "handled", checkpoint }); // also where it failed: the fit waits, and is cancelled then
      }
    });
  }

  /** One write after the other. The first that fails ends the run: a result that cannot be kept is not worth computing. */
  #write(underway: Underway, work: () => Promise<void>): void {
    underway.writes = underway.writes.then(work).catch((error: unknown) => {
      underway.failure ??= error;
      if (underway.request !== undefined) void this.#cancelRequest(underway.request);
    });
  }
}
