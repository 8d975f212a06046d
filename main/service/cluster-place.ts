import { setTimeout as delay } from "node:timers/promises";
import { AppError, errorFrom, reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { Cluster, FrozenRecording } from "../cluster/cluster.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer, TrainOrder, TrainWatch } from "../training/process/host-api.ts";

interface Parts {
  readonly library: AsyncLibrary;
  readonly trainer: Trainer;
  readonly codeVersion: string;
  readonly priority: number;
  readonly freeze: Freeze;
  readonly users: () => number; // of the same line to the cluster
  /** Tells that the cluster cannot be reached for the moment, and that it can again. */
  readonly note: (line: string) => void;
}

const EVERY_MS = 1000;
const AT_ONCE = 8; // that are asked for every second

type Freeze = (
  cluster: Cluster,
  data: Run["data"][number],
  how: { readonly by: string; readonly signal: AbortSignal },
) => Promise<FrozenRecording>;

/** Runs that share a line to the cluster and begin with the same recordings read and push them once. */
export function freezer(library: AsyncLibrary): Freeze {
  const byLine = new WeakMap<Cluster, Map<string, Promise<FrozenRecording>>>();
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
  cluster: Cluster,
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
  try {
    await submit(cluster, parts, run, { fits: folds + 1, signal: watch.signal });
    await finished(cluster, parts, run, watch);
  } catch (error) {
    if (watch.signal.aborted && watch.signal.reason === "cancelled")
      await cluster.works.cancel(run.id).catch(() => undefined);
    throw error;
  }
  const fits: Uint8Array[] = [];
  for (let fit = 0; fit <= folds; fit += 1) {
    const value = await cluster.works.result(run.id, fit);
    if (value === undefined)
      throw new AppError("data/job-unknown", `Fit ${fit} of the run is not on the cluster`, {
        jobId: run.id,
      });
    fits.push(value);
  }
  return parts.trainer.train({ run, resume: false, fits }, watch);
}

async function submit(
  cluster: Cluster,
  { library, codeVersion, priority, note, freeze }: Parts,
  run: Run,
  { fits, signal }: { readonly fits: number; readonly signal: AbortSignal },
): Promise<void> {
  const { author } = await library.getSettings();
  const by = author.trim();
  if (by === "")
    throw new AppError(
      "contract/bad-params",
      "The cluster keeps who asked for what: say your name in the settings first",
    );
  const recordings = [];
  for (const data of run.data) recordings.push(await freeze(cluster, data, { by, signal }));
  throwIfCancelled(signal);
  const labelSet = await library.getLabelSet(run.config.data.labelSet);
  const work = { id: run.id, run, recordings, labelSet, version: codeVersion, fits };
  const { version, known } = await cluster.works.submit(work, by, priority);
  if (known > 0) note(`${known} of its ${fits} fits are there already`);
  if (version !== codeVersion)
    note(`the run was submitted by Kodo ${version}: its fits wait for workers of that version`);
}

/** Until all fits are there. A cluster that cannot be reached is waited for: its work goes on without us. */
async function finished(
  { works }: Cluster,
  { note, users }: Parts,
  run: Run,
  { signal, onProgress }: TrainWatch,
): Promise<void> {
  let isLost = false;
  for (;;) {
    throwIfCancelled(signal);
    try {
      const { done, fits, failure, isCancelled } = await works.state(run.id);
      if (isLost) note("the cluster is back");
      isLost = false;
      if (failure !== undefined) throw errorFrom(failure);
      if (isCancelled) throw new AppError("cancelled/by-user", "Cancelled on the cluster");
      onProgress({
        runId: run.id,
        phase: "training",
        done: (0.98 * done) / fits,
        epoch: 0,
        epochs: 0,
        stepsPerSecond: 0,
        curve: [],
        fits: { done, of: fits },
      });
      if (done === fits) return;
    } catch (error) {
      const { code, message } = reportOf(error);
      if (code !== "device/cluster-lost") throw error;
      if (!isLost) note(`${message}; its work goes on, and is asked for again`);
      isLost = true;
    }
    await delay(EVERY_MS * Math.max(1, users() / AT_ONCE), undefined, { signal }).catch(() => undefined);
  }
}
