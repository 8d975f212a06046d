import type { RunThere } from "../../preload/contract/cluster.ts";
import { AppError, type ErrorReport, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { Run, RunProgress } from "../../preload/contract/run.ts";
import type { Cluster, FrozenRecording, Works } from "../cluster/cluster.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer, TrainWatch } from "../training/process/host-api.ts";
import { EVERY_MS, Line, type Patience, whoAsks } from "./cluster-line.ts";
import type { PlacedOrder } from "./place.ts";
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
  readonly freezer: Freezer;
  readonly users: () => number; // of the same line to the cluster
  readonly note: (line: string) => void;
  readonly patience?: Patience;
}

export interface JobsThere {
  readonly done: number;
  readonly of: number;
}

interface Telling {
  readonly signal: AbortSignal;
  readonly of: number; // jobs that it comes to, as far as is known
  readonly say: (jobs: JobsThere, there: RunThere) => void;
}

type WorkState = Awaited<ReturnType<Works["state"]>>;

const AT_ONCE = 8; // that are asked for every second

interface Freezer {
  freeze(
    cluster: SharedCluster,
    data: Run["data"][number],
    how: { readonly by: string; readonly signal: AbortSignal },
  ): Promise<FrozenRecording>;
  /** All of them are pushed once more: the cluster may have forgotten them. */
  forget(cluster: SharedCluster): void;
}

/** Runs that share a line to the cluster and begin with the same recordings read and push them once. */
export function freezer(library: AsyncLibrary): Freezer {
  const byLine = new WeakMap<SharedCluster, Map<string, Promise<FrozenRecording>>>();
  const freeze: Freezer["freeze"] = async (cluster, data, how) => {
    const frozen = byLine.get(cluster) ?? new Map<string, Promise<FrozenRecording>>();
    byLine.set(cluster, frozen);
    const key = JSON.stringify(data);
    const known = await frozen.get(key)?.catch(() => undefined); // whoever began it was cancelled: once more
    if (known !== undefined) return known;
    const freezing = cluster.freeze(library, data.recordingId, how);
    frozen.set(key, freezing);
    return freezing;
  };
  return { freeze, forget: (cluster) => void byLine.delete(cluster) };
}

/**
 * The fits of a cross-validation by workers of a cluster, pooled here: the same report as on this machine. One that is
 * paused goes on there, and is fetched when it goes on here; one that is cancelled is cancelled there. What the cluster
 * forgot is asked for again, and then all fits are fetched anew: what was learned after one of them was learned from it.
 */
export async function trainOnCluster(
  cluster: SharedCluster,
  parts: Parts,
  { run, isTakenUp }: Pick<PlacedOrder, "run" | "isTakenUp">,
  watch: TrainWatch,
): ReturnType<Trainer["train"]> {
  const { folds } = run.config.split;
  if (folds === undefined)
    throw new AppError(
      "contract/bad-params",
      "Only a cross-validation (--folds N) is shared out; this run has no folds",
    );
  const talk = new Talk(parts, {
    ...{ signal: watch.signal, of: folds + 1 },
    say: (fits, there) => watch.onProgress(progressOf(run, fits, there)),
  });
  const { line } = talk;
  const fetched = async (isAgain: boolean): Promise<Uint8Array[]> => {
    if (isAgain) parts.freezer.forget(cluster);
    await submit(cluster, parts, run, { fits: folds + 1, isTakenUp, talk });
    await line.untilDone(
      () => cluster.works.state(run.id),
      (state) => talk.tell(state),
      () => EVERY_MS * Math.max(1, parts.users() / AT_ONCE),
    );
    const fits: Uint8Array[] = [];
    for (let fit = 0; fit <= folds; fit += 1) fits.push(await line.ask(() => resultOf(cluster, run, fit)));
    return fits;
  };
  let fits: Uint8Array[];
  try {
    fits = await line.untilKept(fetched);
  } catch (error) {
    if (watch.signal.aborted && watch.signal.reason === "cancelled")
      await line.cancelThere(cluster.works, () => run.id);
    throw error;
  }
  await refuseChangedData(parts, run); // what was learned there is judged by what lies here
  return parts.trainer.train({ run, resume: false, fits }, watch);
}

async function resultOf({ works }: SharedCluster, run: Run, fit: number): Promise<Uint8Array> {
  const value = await works.result(run.id, fit);
  if (value !== undefined) return value;
  throw new AppError("storage/cluster-forgot", `Fit ${fit} of the run is not on the cluster any more`, {
    jobId: run.id,
  });
}

/** What is there already is not sent again: its recordings stay as they were frozen. Jobs of it that are gone are. */
async function submit(
  cluster: SharedCluster,
  { library, codeVersion, priority, note, freezer: own }: Parts,
  run: Run,
  { fits, isTakenUp, talk }: { readonly fits: number; readonly isTakenUp: boolean; readonly talk: Talk },
): Promise<void> {
  const by = await whoAsks(library);
  const { line } = talk;
  const there = await line.ask(() => knownOf(cluster.works, run.id));
  const isThere = there !== undefined;
  if (isTakenUp && (there?.isCancelled === true || there?.failure !== undefined)) return; // until a person goes on with it
  const recordings = [];
  const { works } = cluster;
  const { signal } = line;
  const data = isThere ? [] : run.data;
  for (const [done, one] of data.entries()) {
    talk.hand({ done, of: data.length });
    recordings.push(await line.ask(() => own.freeze(cluster, one, { by, signal })));
  }
  throwIfCancelled(signal);
  const labelSet = await library.getLabelSet(run.config.data.labelSet);
  const work = { id: run.id, run, recordings, labelSet, version: codeVersion, fits };
  const { version, known } = await line.send(() => works.submit(work, by, priority));
  if (known > 0 && !isThere) note(`${known} of its ${fits} fits are there already`);
  if (version !== codeVersion)
    note(`the run was submitted by Kodo ${version}: its fits wait for workers of that version`);
}

async function knownOf(works: SharedCluster["works"], id: string): Promise<WorkState | undefined> {
  try {
    return await works.state(id);
  } catch (error) {
    if (reportOf(error).code === "data/job-unknown") return undefined;
    throw error;
  }
}

/** What is told of a work that is done elsewhere. */
export class Talk {
  readonly line: Line;
  readonly #say: () => void;
  #at: Pick<RunThere, "waiting" | "active"> = { waiting: 0, active: 0 };
  #heardAt: string | undefined;
  #handing: RunThere["handing"];
  #lost: Pick<RunThere, "lost" | "retryAt"> | undefined;
  #jobs: JobsThere;

  constructor({ note, patience }: Pick<Parts, "note" | "patience">, { signal, of, say }: Telling) {
    this.#jobs = { done: 0, of };
    this.#say = () => say(this.#jobs, this.#there());
    this.line = new Line({
      ...{ signal, note, patience },
      heard: () => this.#heard(),
      lost: (why, waitMs) => this.#lose(why, waitMs),
    });
  }

  /** Recordings go there first. */
  hand(handing: NonNullable<RunThere["handing"]>): void {
    this.#handing = handing;
    this.#say();
  }

  tell({ done, fits: of, waiting, active }: WorkState): void {
    this.#jobs = { done, of };
    this.#at = { waiting, active };
    this.#handing = undefined;
    this.#say();
  }

  #heard(): void {
    this.#lost = undefined;
    this.#heardAt = new Date().toISOString();
  }

  #lose(lost: ErrorReport, waitMs: number): void {
    this.#lost = { lost, retryAt: new Date(Date.now() + waitMs).toISOString() };
    this.#say();
  }

  #there(): RunThere {
    return {
      ...this.#at,
      ...(this.#heardAt === undefined ? {} : { heardAt: this.#heardAt }),
      ...(this.#handing === undefined ? {} : { handing: this.#handing }),
      ...this.#lost,
    };
  }
}

const progressOf = (run: Run, fits: JobsThere, there: RunThere): RunProgress => ({
  ...{ runId: run.id, phase: fits.done === 0 && there.active === 0 ? "waiting" : "training" },
  ...{ done: (0.98 * fits.done) / Math.max(1, fits.of), epoch: 0, epochs: 0, stepsPerSecond: 0, curve: [] },
  ...{ fits, there },
});
