import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { Run } from "../../preload/contract/run.ts";
import type { Cluster, Session, Taken, Work } from "../cluster/cluster.ts";
import { fileError, naming } from "../exchange/file-error.ts";
import { type SpawnedLibrary, spawnLibrary } from "../storage/client.ts";
import { createTrainer } from "../training/process/host.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { Line } from "./cluster-line.ts";
import { type Kept, Shelf } from "./cluster-shelf.ts";
import { machineMark, removeLeftTemporaries } from "./left-temporaries.ts";
import { refuseChangedData } from "./run-data.ts";
import { judgePart } from "./study-work.ts";

export interface WorkerOptions {
  readonly address: string | undefined;
  readonly folder: string; // of the built processes
  readonly codeVersion: string;
  readonly lanes: number; // fits side by side
  readonly untilIdle: boolean; // ends when nothing waits and nobody is at work
  readonly cacheBytes: number; // of recordings that stay here for the next fit
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

const HOLD_MS = 1000; // a cancel is heard as soon
const PRESENT_MS = 2000;
const IDLE_MS = 500;
const LOST_MS = 2000;
const ASKED_AGAIN_MS = 15_000; // what a server that took over has forgotten comes again by then
const FULL_MS = 60_000; // others may have room
const CHECKED = 64; // runs of which it is known that their recordings are theirs

/**
 * Does fits until it is told to stop. Recordings of a run lie in a library of their own in a folder that nobody else may
 * read, and are gone when the worker ends. Returns how many fits it finished.
 */
export async function workOnCluster(options: WorkerOptions): Promise<number> {
  const { joinCluster } = await import("../cluster/cluster.ts");
  const cluster = await joinCluster(options.address);
  removeLeftTemporaries(tmpdir());
  const name = `kodo-worker-${process.pid}-${machineMark()}-`;
  const folder = await naming(tmpdir(), () => mkdtemp(join(tmpdir(), name)));
  const bench = new Bench(cluster, options, folder);
  try {
    return await bench.work();
  } finally {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
    await cluster.close().catch(() => undefined);
  }
}

/** Recordings of runs in a library of their own, and processes that have it open. */
interface OpenData extends Kept {
  readonly path: string;
  readonly trainers: Trainer[];
  readonly checked: Set<string>; // runs
}

class Bench {
  readonly #cluster: Cluster;
  readonly #options: WorkerOptions;
  readonly #folder: string;
  readonly #id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #shelf: Shelf<OpenData>;
  readonly #doing = new Map<number, Taken>(); // by lane
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal; // told to stop, or nothing can be done here any more
  #finished = 0;
  #isLost = false;
  #backMs = -Infinity;
  #fullUntilMs = 0;
  #outdated: AppError | undefined;

  constructor(cluster: Cluster, options: WorkerOptions, folder: string) {
    this.#cluster = cluster;
    this.#options = options;
    this.#folder = folder;
    this.#shelf = new Shelf(options.cacheBytes);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  async work(): Promise<number> {
    const present = setInterval(() => void this.#tellPresence(), PRESENT_MS);
    try {
      await this.#tellPresence();
      await Promise.all(Array.from({ length: this.#options.lanes }, (_, lane) => this.#lane(lane)));
    } finally {
      clearInterval(present);
      await this.#cluster.works.leave(this.#id).catch(() => undefined);
    }
    if (this.#outdated !== undefined) throw this.#outdated;
    return this.#finished;
  }

  close(): Promise<void> {
    return this.#shelf.close();
  }

  async #tellPresence(): Promise<void> {
    const { lanes, codeVersion: version } = this.#options;
    const doing = [...this.#doing.values()].map(({ job }) => job);
    try {
      await this.#cluster.works.present({ id: this.#id, version, lanes, doing });
      await this.#cluster.refuseOther();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "storage/newer-schema") return; // the line: told by what is asked next
      this.#outdated = error;
      this.#stop.abort();
    }
  }

  async #lane(lane: number): Promise<void> {
    const { untilIdle } = this.#options;
    const signal = this.#signal;
    while (!signal.aborted) {
      const restMs = this.#fullUntilMs - performance.now();
      if (restMs > 0) await delay(restMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const taken = await this.#take();
      if (taken === undefined) {
        if (untilIdle && !this.#isLost && (await this.#isIdle())) return;
        await delay(this.#isLost ? LOST_MS : IDLE_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      this.#doing.set(lane, taken);
      try {
        await this.#do(taken);
      } finally {
        this.#doing.delete(lane);
      }
    }
  }

  async #take(): Promise<Taken | undefined> {
    try {
      const taken = await this.#cluster.queue.take(this.#options.codeVersion);
      if (this.#isLost) {
        this.#options.note("the cluster is back");
        this.#backMs = performance.now();
      }
      this.#isLost = false;
      return taken;
    } catch (error) {
      if (!this.#isLost) this.#options.note(`${reportOf(error).message}; trying again`);
      this.#isLost = true;
      return undefined;
    }
  }

  /** What is under way may open up more, or come back to be done again. */
  async #isIdle(): Promise<boolean> {
    if (performance.now() - this.#backMs < ASKED_AGAIN_MS) return false;
    return this.#cluster.queue.isIdle(this.#options.codeVersion).catch(() => false);
  }

  /** Never rejects: what cannot be done is told where it belongs. */
  async #do(taken: Taken): Promise<void> {
    const { works, queue } = this.#cluster;
    const { work, fit } = taken.job;
    const held = heldUntil(this.#cluster, taken, this.#signal);
    try {
      await (taken.job.kind === "study" ? this.#judge(taken, held.signal) : this.#fit(taken, held.signal));
      this.#finished += 1;
    } catch (error) {
      const report = reportOf(fileError(error, this.#folder));
      const lost = held.isGone() ? "it was cancelled, or another worker has taken it over" : report.message;
      const why = this.#signal.aborted ? "given back, for this worker ends" : lost;
      this.#options.note(`${taken.job.kind === "study" ? "part" : "fit"} ${fit} of ${work}: ${why}`);
      if (held.isGone()) return; // cancelled, or another has it
      if (isFull(report.code)) this.#fullUntilMs = performance.now() + FULL_MS;
      const told =
        this.#signal.aborted || isPassing(report.code)
          ? queue.giveBack(taken, why)
          : works.fail(taken, report);
      await told.catch(() => undefined); // nobody holds it any more: somebody takes it up
    } finally {
      held.stop();
    }
  }

  async #fit(taken: Taken, signal: AbortSignal): Promise<void> {
    const { works } = this.#cluster;
    if (await works.finishKnown(taken)) return;
    const work = await works.load(taken.job.work);
    await this.#shelf.use(
      dataKey(work),
      () => this.#fetch(work, signal),
      async (data) => {
        await this.#refuseOther(work, data);
        await this.#fitOn(data, work.run, taken, signal);
      },
    );
  }

  async #fitOn(data: OpenData, run: Run, taken: Taken, signal: AbortSignal): Promise<void> {
    const { works } = this.#cluster;
    const { work: id, fit } = taken.job;
    const began = performance.now();
    const trainer = data.trainers.pop() ?? this.#trainer(data.path);
    const kept = new Checkpoints((bytes) => works.saveCheckpoint(taken, bytes));
    try {
      const { fitted } = await trainer.fold(
        {
          run,
          index: fit,
          whole: fit === 0 ? undefined : await this.#whole(id),
          resume: await works.checkpoint(taken),
        },
        {
          signal,
          onProgress: () => undefined,
          onCheckpoint: (_, bytes) => {
            kept.save(bytes);
            return Promise.resolve();
          },
        },
      );
      const seconds = (performance.now() - began) / 1000;
      const finished = { value: fitted, worker: this.#id, seconds };
      await this.#handIn(() => works.finish(taken, finished));
    } finally {
      kept.stop();
      data.trainers.push(trainer);
    }
  }

  /** Some recordings of a study; what is said of them lies in the archive once the part is done, or nothing of it does. */
  async #judge(taken: Taken, signal: AbortSignal): Promise<void> {
    const { works, studies } = this.#cluster;
    if (await works.finishKnown(taken)) return;
    const part = await studies.part(taken.job.work, taken.job.fit);
    const began = performance.now();
    const place = {
      ...{ cluster: this.#cluster, processes: this.#options.folder, isPassing },
      folder: join(this.#folder, `part-${randomUUID()}`),
    };
    const { judged, failures } = await judgePart(place, part, signal);
    const value = studies.result(judged, failures);
    const seconds = (performance.now() - began) / 1000;
    const finished = { value, worker: this.#id, seconds };
    const keep = (session: Session): Promise<void> => studies.keep(session, judged, part.by);
    await this.#handIn(() => works.finish(taken, finished, keep));
  }

  /**
   * What was computed is kept while the line is lost, until the server takes it in or refuses it. That the job is not ours any
   * more may be heard before the answer: it is done.
   */
  async #handIn(finish: () => Promise<void>): Promise<void> {
    const meanwhile = "what was computed is kept here, and handed in again";
    await new Line({ signal: this.#signal, note: this.#options.note, meanwhile }).ask(finish);
  }

  async #whole(work: string): Promise<Uint8Array> {
    const value = await this.#cluster.works.result(work, 0);
    if (value !== undefined) return value;
    throw new AppError("storage/cluster-forgot", "The first fit of the run is not on the cluster any more", {
      jobId: work,
    });
  }

  /** Once for each run: it must find what it began with. */
  async #refuseOther({ run }: Work, data: OpenData): Promise<void> {
    if (data.checked.has(run.id)) return;
    const storage = this.#library(data.path);
    const trainer = data.trainers.pop() ?? this.#trainer(data.path);
    try {
      await refuseChangedData({ library: storage.library, trainer }, run);
      if (data.checked.size >= CHECKED) data.checked.clear();
      data.checked.add(run.id);
    } finally {
      data.trainers.push(trainer);
      await storage.close();
    }
  }

  async #fetch(work: Work, signal: AbortSignal): Promise<OpenData> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }); // a system tidies up old temporary files
    const folder = await mkdtemp(join(this.#folder, "run-"));
    const path = join(folder, "work.kodo");
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const storage = this.#library(path);
    try {
      await storage.library.takeLabelSet(work.labelSet);
      for (const recording of work.recordings) await this.#cluster.fetch(storage.library, recording, signal);
    } catch (error) {
      await storage.close();
      await remove();
      throw error;
    }
    await storage.close();
    const trainers: Trainer[] = [];
    const rest = async (): Promise<void> => {
      await Promise.all(trainers.splice(0).map((trainer) => trainer.dispose()));
    };
    return {
      ...{ path, trainers, checked: new Set<string>(), bytes: await sizeOf(folder), rest },
      remove: () => rest().then(remove),
    };
  }

  #library(path: string): SpawnedLibrary {
    return spawnLibrary(path, join(this.#options.folder, "storage-worker.js"));
  }

  #trainer(libraryPath: string): Trainer {
    return createTrainer({ libraryPath, workerFile: join(this.#options.folder, "trainer.js") });
  }
}

/** The same recordings, whatever is learned from them, are fetched once. */
const dataKey = ({ recordings, labelSet }: Work): string =>
  createHash("sha256")
    .update(JSON.stringify([recordings, labelSet]))
    .digest("hex");

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

/** The disk of this machine, or that of the server. */
const isFull = (code: string): boolean => code === "storage/disk-full" || code === "storage/cluster-full";

/** What another worker, or this one later, may do better: the line, the disk, a process that died. */
const isPassing = (code: string): boolean =>
  /^device\/cluster-|^storage\/(cluster-|newer-schema|disk-full|worker-lost|busy)|^model\/trainer-died|^cancelled\//.test(
    code,
  );

/** Kept on the way one at a time, the last that there is; the fit waits for none, and one that cannot be kept is left. */
class Checkpoints {
  readonly #save: (bytes: Uint8Array) => Promise<void>;
  #next: Uint8Array | undefined;
  #isSaving = false;

  constructor(save: (bytes: Uint8Array) => Promise<void>) {
    this.#save = save;
  }

  save(bytes: Uint8Array): void {
    this.#next = bytes;
    if (!this.#isSaving) void this.#saveAll();
  }

  /** No more: one that is under way is refused where the fit has ended. */
  stop(): void {
    this.#next = undefined;
  }

  async #saveAll(): Promise<void> {
    this.#isSaving = true;
    for (let bytes = this.#take(); bytes !== undefined; bytes = this.#take())
      await this.#save(bytes).catch(() => undefined); // the line, or its disk: told by what is asked next
    this.#isSaving = false;
  }

  #take(): Uint8Array | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }
}

interface Held {
  readonly signal: AbortSignal; // also once it is no longer ours
  isGone(): boolean;
  stop(): void;
}

/** Says every second that the job is worked on; stops the work once it is not ours any more. */
function heldUntil({ queue }: Cluster, taken: Taken, stopped: AbortSignal): Held {
  const gone = new AbortController();
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    queue
      .hold(taken)
      .then((isOurs) => !isOurs && gone.abort())
      .catch(() => undefined) // the line: the fit goes on, and its end is refused if another has it by then
      .finally(() => (isAsking = false));
  }, HOLD_MS);
  return {
    signal: AbortSignal.any([gone.signal, stopped]),
    isGone: () => gone.signal.aborted,
    stop: () => clearInterval(timer),
  };
}
