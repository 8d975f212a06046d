import { setTimeout as delay } from "node:timers/promises";
import type { RunThere } from "../../preload/contract/cluster.ts";
import {
  AppError,
  errorFrom,
  type ErrorReport,
  reportOf,
  throwIfCancelled,
} from "../../preload/contract/errors.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { Cluster, FrozenRecording, Works } from "../cluster/cluster.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer, TrainOrder, TrainWatch } from "../training/process/host-api.ts";
import { refuseChangedData } from "./run-data.ts";

/** What is asked of a cluster for a run. */
export type SharedCluster = Pick<Cluster, "freeze"> & {
  readonly works: Pick<Works, "submit" | "state" | "result" | "cancel">;
};

interface Parts {
  readonly library: AsyncLibrary;
  readonly trainer: Trainer;
  readonly codeVersion: string;
  readonly priority: number;
  readonly freeze: Freeze;
  readonly users: () => number; // of the same line to the cluster
  /** Tells that the cluster cannot be reached for the moment, and that it can again. */
  readonly note: (line: string) => void;
  readonly patience?: Patience;
}

/** What is waited for, and how. */
export interface Patience {
  readonly passes: (code: string) => boolean; // by itself, or by what a person does meanwhile
  readonly longestMs: number; // between two questions while there is no answer
  readonly woken: (signal: AbortSignal) => Promise<void>; // something was done about it: it is asked at once
}

const usual: Patience = {
  passes: (code) => code === "device/cluster-lost",
  longestMs: 1000,
  woken: () => new Promise(() => undefined),
};

const EVERY_MS = 1000;
const AT_ONCE = 8; // that are asked for every second

type Freeze = (
  cluster: SharedCluster,
  data: Run["data"][number],
  how: { readonly by: string; readonly signal: AbortSignal },
) => Promise<FrozenRecording>;

/** Runs that share a line to the cluster and begin with the same recordings read and push them once. */
export function freezer(library: AsyncLibrary): Freeze {
  const byLine = new WeakMap<SharedCluster, Map<string, Promise<FrozenRecording>>>();
  return async (cluster, data, how) => {
    const frozen = byLine.get(cluster) ?? new Map<string, Promise<FrozenRecording>>();
    byLine.set(cluster, frozen);
    const key = JSON.stringify(data);
    const known = await frozen.get(key)?.catch(() => undefined); // whoever began it was cancelled: once more
    if (known !== undefined) return known;
    const freezing = cluster.freeze(library, data.recordingId, how);
    frozen.set(key, freezing);
    return freezing;
  };
}

/**
 * The fits of a cross-validation by workers of a cluster, pooled here: the same report as on this machine. One that is
 * paused goes on there, and is fetched when it goes on here; one that is cancelled is cancelled there.
 */
export async function trainOnCluster(
  cluster: SharedCluster,
  parts: Parts,
  { run }: TrainOrder,
  watch: TrainWatch,
): ReturnType<Trainer["train"]> {
  const { folds } = run.config.split;
  if (folds === undefined)
    throw new AppError(
      "contract/bad-params",
      "Only a cross-validation (--folds N) is shared out; this run has no folds",
    );
  const talk = new Talk(parts, run, watch);
  const fits: Uint8Array[] = [];
  try {
    await submit(cluster, parts, run, { fits: folds + 1, talk });
    await finished(cluster, parts, run, talk);
    for (let fit = 0; fit <= folds; fit += 1) fits.push(await talk.ask(() => resultOf(cluster, run, fit)));
  } catch (error) {
    if (watch.signal.aborted && watch.signal.reason === "cancelled") await cancelled(cluster, run);
    throw error;
  }
  await refuseChangedData(parts, run); // what was learned there is judged by what lies here
  return parts.trainer.train({ run, resume: false, fits }, watch);
}

async function resultOf({ works }: SharedCluster, run: Run, fit: number): Promise<Uint8Array> {
  const value = await works.result(run.id, fit);
  if (value !== undefined) return value;
  throw new AppError("data/job-unknown", `Fit ${fit} of the run is not on the cluster`, { jobId: run.id });
}

async function cancelled({ works }: SharedCluster, run: Run): Promise<void> {
  try {
    await works.cancel(run.id);
  } catch (error) {
    throw new AppError(
      "cancelled/not-told",
      "Cancelled here; the cluster could not be told, and its workers may go on until it is: kodo jobs --cancel",
      { jobId: run.id },
      error,
    );
  }
}

/** What is there already is not sent again: its recordings stay as they were frozen. */
async function submit(
  cluster: SharedCluster,
  { library, codeVersion, priority, note, freeze }: Parts,
  run: Run,
  { fits, talk }: { readonly fits: number; readonly talk: Talk },
): Promise<void> {
  const by = (await library.getSettings()).author.trim();
  if (by === "")
    throw new AppError(
      "data/no-reader",
      "The cluster keeps who asked for what: say your name in the settings first",
    );
  const isThere = await talk.ask(() => isKnown(cluster.works, run.id));
  const recordings = [];
  const { works } = cluster;
  const { signal } = talk;
  const data = isThere ? [] : run.data;
  for (const [done, one] of data.entries()) {
    talk.hand({ done, of: data.length });
    recordings.push(await talk.ask(() => freeze(cluster, one, { by, signal })));
  }
  throwIfCancelled(signal);
  const labelSet = await library.getLabelSet(run.config.data.labelSet);
  const work = { id: run.id, run, recordings, labelSet, version: codeVersion, fits };
  const { version, known } = await talk.ask(() => works.submit(work, by, priority));
  if (known > 0 && !isThere) note(`${known} of its ${fits} fits are there already`);
  if (version !== codeVersion)
    note(`the run was submitted by Kodo ${version}: its fits wait for workers of that version`);
}

async function isKnown(works: SharedCluster["works"], id: string): Promise<boolean> {
  try {
    await works.state(id);
    return true;
  } catch (error) {
    if (reportOf(error).code === "data/job-unknown") return false;
    throw error;
  }
}

/** Until all fits are there. */
async function finished({ works }: SharedCluster, { users }: Parts, run: Run, talk: Talk): Promise<void> {
  for (;;) {
    const { done, fits, failure, isCancelled, waiting, active } = await talk.ask(() => works.state(run.id));
    if (failure !== undefined) throw errorFrom(failure);
    if (isCancelled) throw new AppError("cancelled/by-user", "Cancelled on the cluster");
    talk.tell({ done, of: fits }, { waiting, active });
    if (done === fits) return;
    await delay(EVERY_MS * Math.max(1, users() / AT_ONCE), undefined, { signal: talk.signal }).catch(
      () => undefined,
    );
  }
}

/** Questions to a cluster about one run. One that cannot be reached is waited for: its work goes on without us. */
class Talk {
  readonly signal: AbortSignal;
  readonly #note: (line: string) => void;
  readonly #patience: Patience;
  readonly #run: Run;
  readonly #onProgress: TrainWatch["onProgress"];
  #at: Pick<RunThere, "waiting" | "active"> = { waiting: 0, active: 0 };
  #heardAt: string | undefined;
  #handing: RunThere["handing"];
  #lost: Pick<RunThere, "lost" | "retryAt"> | undefined;
  #fits = { done: 0, of: 0 };

  constructor({ note, patience = usual }: Parts, run: Run, { signal, onProgress }: TrainWatch) {
    this.#note = note;
    this.#patience = patience;
    this.#run = run;
    this.signal = signal;
    this.#onProgress = onProgress;
    this.#fits = { done: 0, of: (run.config.split.folds ?? 0) + 1 };
  }

  /** Asks until there is an answer, after a while that grows. Rejects with what does not pass. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let waitMs = EVERY_MS; ; waitMs = Math.min(2 * waitMs, this.#patience.longestMs)) {
      throwIfCancelled(this.signal);
      try {
        const answer = await this.#unlessStopped(question());
        this.#heard();
        return answer;
      } catch (error) {
        const why = reportOf(error);
        if (why.code === "data/job-unknown") this.#heard();
        if (this.signal.aborted || !this.#patience.passes(why.code)) throw error;
        this.#lose(why, waitMs);
      }
      await this.#pause(waitMs);
    }
  }

  /** Who stops waits for no server. */
  #unlessStopped<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new AppError("cancelled/by-user", "Cancelled"));
      this.signal.addEventListener("abort", stop, { once: true });
      answer.then(resolve, reject).finally(() => this.signal.removeEventListener("abort", stop));
    });
  }

  /** Recordings go there first. */
  hand(handing: NonNullable<RunThere["handing"]>): void {
    this.#handing = handing;
    this.#say();
  }

  tell(fits: { readonly done: number; readonly of: number }, at: Pick<RunThere, "waiting" | "active">): void {
    this.#fits = fits;
    this.#at = at;
    this.#handing = undefined;
    this.#say();
  }

  #heard(): void {
    if (this.#lost !== undefined) this.#note("the cluster is back");
    this.#lost = undefined;
    this.#heardAt = new Date().toISOString();
  }

  #lose(lost: ErrorReport, waitMs: number): void {
    if (this.#lost === undefined) this.#note(`${lost.message}; its work goes on, and is asked for again`);
    this.#lost = { lost, retryAt: new Date(Date.now() + waitMs).toISOString() };
    this.#say();
  }

  #say(): void {
    const { done, of } = this.#fits;
    this.#onProgress({
      ...{ runId: this.#run.id, phase: done === 0 && this.#at.active === 0 ? "waiting" : "training" },
      ...{ done: (0.98 * done) / Math.max(1, of), epoch: 0, epochs: 0, stepsPerSecond: 0, curve: [] },
      fits: this.#fits,
      there: {
        ...this.#at,
        ...(this.#heardAt === undefined ? {} : { heardAt: this.#heardAt }),
        ...(this.#handing === undefined ? {} : { handing: this.#handing }),
        ...this.#lost,
      },
    });
  }

  async #pause(ms: number): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.signal, ended.signal]);
    const wait = delay(ms, undefined, { signal }).catch(() => undefined);
    await Promise.race([wait, this.#patience.woken(signal)]).catch(() => undefined);
    ended.abort();
  }
}
