import { randomUUID } from "node:crypto";
import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { ErrorReport } from "../../preload/contract/errors.ts";
import type {
  ExportRequest,
  ImportOptions,
  JobProgress,
  TableOptions,
  TablePreview,
} from "../../preload/contract/exchange.ts";
import type { Connection } from "../calls/connect.ts";
import { LibraryThread, type LibraryThreadOptions } from "../calls/library-thread.ts";
import { forRows } from "../calls/thread-memory.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { outcomeOf, waitingJob } from "./jobs.ts";
import { type ExchangeCalls, jobKindOf, type JobOrder, type LibraryChange } from "./protocol.ts";

/** Finished jobs remembered for `jobs()`. */
const FINISHED_KEPT = 50;

export interface ExchangeOptions extends LibraryThreadOptions {
  readonly library: Pick<AsyncLibrary, "purgeRecording">;
  readonly fontFolder: string; // of the paper
  readonly libraryPath?: string; // where exports under way are noted beside; none: they are not
}

/** Files in and out, in a thread of its own. */
export interface Exchange {
  /** Any of those below, under an id given by the caller or made here. */
  start(order: JobOrder, jobId?: string): string;
  startImport(paths: readonly string[], options: ImportOptions): string;
  /** Tables of annotations and files without signals, nothing else; into the recording of this id where one is given. */
  startAnnotationImport(
    paths: readonly string[],
    options?: Pick<ImportOptions, "attachTo" | "readComplete">,
  ): string;
  startExport(request: ExportRequest): string;
  startReport(order: Omit<Extract<JobOrder, { kind: "report" }>, "kind">): string;
  startSample(): string;
  /** Asks the job to stop; a thread that does not hear it within a second is ended, and the next job has a new one. */
  cancel(jobId: string): void;
  jobs(): JobProgress[];
  /** Resolves when the job has ended, however it ended. */
  finished(jobId: string): Promise<JobProgress>;
  preview(path: string, table: TableOptions | undefined): Promise<TablePreview>;
  annotationTable(
    ask: ExchangeCalls["annotationTable"]["ask"],
  ): Promise<ExchangeCalls["annotationTable"]["answer"]>;
  onProgress(listener: (progress: JobProgress) => void): () => void;
  onChange(listener: (change: LibraryChange) => void): () => void;
  /** Cancels what is under way, waits a few seconds at most until it has cleaned up, ends the thread. */
  close(): Promise<void>;
}

const isOver = ({ state }: JobProgress): boolean =>
  state === "done" || state === "failed" || state === "cancelled";

/** A thread whose port to the library is closed can do nothing more; the next job needs a new one. */
const hasLostLibrary = (job: JobProgress): boolean =>
  isOver(job) && job.files.some(({ error }) => error?.code === "storage/worker-lost");

const CANCELLED: ErrorReport = { code: "cancelled/by-user", message: "Cancelled", detail: {} };

/** How a job looks that could not say itself how it ended. */
function endedAs(job: JobProgress, state: "failed" | "cancelled", error: ErrorReport): JobProgress {
  const known = job.files.length > 0 ? job.files : [outcomeOf(job.file)];
  const files = known.map((file) => (file.state === "done" ? file : { ...file, state, error }));
  return { ...job, state, files };
}

const lost = (why: string): AppError =>
  new AppError("internal/exchange-lost", `The import and export thread ended: ${why}`);

/** A job that waits or is under way. */
interface Underway {
  readonly jobId: string;
  readonly order: JobOrder;
  readonly stop: AbortController;
}

export const createExchange = (options: ExchangeOptions): Exchange => new Host(options);

/** Jobs are done one after another, each in the thread that is there when its turn comes. */
class Host implements Exchange {
  readonly #library: ExchangeOptions["library"];
  readonly #jobs = new Map<string, JobProgress>();
  readonly #progressListeners = new Set<(progress: JobProgress) => void>();
  readonly #changeListeners = new Set<(change: LibraryChange) => void>();
  readonly #thread: LibraryThread<ExchangeCalls>;
  readonly #waiting: Underway[] = [];
  #running: Underway | undefined;
  #isClosing = false;

  constructor(options: ExchangeOptions) {
    this.#library = options.library;
    this.#thread = new LibraryThread(options, {
      ...{
        name: "kodo exchange",
        lost,
        data: { fontFolder: options.fontFolder, libraryPath: options.libraryPath },
      },
      limits: forRows,
    });
  }

  start: Exchange["start"] = (order, jobId) => this.#begin(order, jobId);

  startImport: Exchange["startImport"] = (paths, options) =>
    this.#begin({ kind: "import", paths, options, only: undefined });

  startAnnotationImport: Exchange["startAnnotationImport"] = (paths, options = {}) =>
    this.#begin({ kind: "import", paths, options, only: "annotations" });

  startExport: Exchange["startExport"] = (request) => this.#begin({ kind: "export", request });

  startReport: Exchange["startReport"] = (order) => this.#begin({ kind: "report", ...order });

  startSample: Exchange["startSample"] = () => this.#begin({ kind: "sample" });

  cancel: Exchange["cancel"] = (jobId) => {
    if (this.#running?.jobId === jobId) this.#running.stop.abort();
    const place = this.#waiting.findIndex((one) => one.jobId === jobId);
    const [waiting] = place < 0 ? [] : this.#waiting.splice(place, 1);
    if (waiting !== undefined) this.#note(endedAs(waitingJob(kindOf(waiting)), "cancelled", CANCELLED));
  };

  jobs: Exchange["jobs"] = () => [...this.#jobs.values()];

  finished: Exchange["finished"] = (jobId) => {
    const known = this.#jobs.get(jobId);
    if (known === undefined)
      return Promise.reject(new AppError("data/job-unknown", `No job ${jobId}`, { jobId }));
    if (isOver(known)) return Promise.resolve(known);
    return new Promise((resolve) => {
      const stop = this.onProgress((progress) => {
        if (progress.jobId !== jobId || !isOver(progress)) return;
        stop();
        resolve(progress);
      });
    });
  };

  preview: Exchange["preview"] = async (path, table) => this.#connection().call("preview", { path, table });

  annotationTable: Exchange["annotationTable"] = async (ask) =>
    this.#connection().call("annotationTable", ask);

  onProgress: Exchange["onProgress"] = (listener) => {
    this.#progressListeners.add(listener);
    return () => this.#progressListeners.delete(listener);
  };

  onChange: Exchange["onChange"] = (listener) => {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  };

  close: Exchange["close"] = async () => {
    this.#isClosing = true;
    const ended = this.#running === undefined ? undefined : this.finished(this.#running.jobId);
    for (const { jobId } of [...this.#waiting]) this.cancel(jobId);
    this.#running?.stop.abort();
    await ended;
    await this.#thread.end("the library is being closed");
  };

  #begin(order: JobOrder, jobId: string = randomUUID()): string {
    this.#refuseClosing();
    const job = { jobId, order, stop: new AbortController() };
    this.#waiting.push(job);
    this.#note(waitingJob(kindOf(job)));
    this.#next();
    return job.jobId;
  }

  #next(): void {
    const job = this.#running === undefined ? this.#waiting.shift() : undefined;
    if (job === undefined) return;
    this.#running = job;
    void this.#do(job).then((ended) => {
      this.#running = undefined;
      this.#note(ended);
      this.#next();
    });
  }

  /** A thread that died, or was ended, failed its job; what it had begun to write goes. Never rejects. */
  async #do(job: Underway): Promise<JobProgress> {
    const held = new Set<string>();
    try {
      const ended = await this.#connection().call(
        "job",
        { jobId: job.jobId, order: job.order },
        {
          signal: job.stop.signal,
          back: {
            progress: (progress) => this.#note(progress),
            changed: (change) => this.#changed(change),
            holding: (one) => (one.held ? held.add(one.recordingId) : held.delete(one.recordingId)),
          },
        },
      );
      if (hasLostLibrary(ended)) await this.#thread.end("the storage thread ended");
      await this.#purge([...held]);
      return ended;
    } catch (error) {
      await this.#purge([...held]);
      const known = this.#jobs.get(job.jobId) ?? waitingJob(kindOf(job));
      return job.stop.signal.aborted
        ? endedAs(known, "cancelled", CANCELLED)
        : endedAs(known, "failed", reportOf(error));
    }
  }

  async #purge(orphans: readonly string[]): Promise<void> {
    for (const id of orphans) await this.#library.purgeRecording(id).catch(() => undefined);
    if (orphans.length > 0) this.#changed({ kind: "recordings", ids: orphans });
  }

  #note(progress: JobProgress): void {
    this.#jobs.set(progress.jobId, progress);
    const over = [...this.#jobs.values()].filter(isOver);
    for (const old of over.slice(0, Math.max(0, over.length - FINISHED_KEPT))) this.#jobs.delete(old.jobId);
    for (const listener of this.#progressListeners) listener(progress);
  }

  #changed(change: LibraryChange): void {
    for (const listener of this.#changeListeners) listener(change);
  }

  #refuseClosing(): void {
    if (this.#isClosing) throw new AppError("internal/closed", "The library is being closed");
  }

  #connection(): Connection<ExchangeCalls> {
    this.#refuseClosing();
    return this.#thread.current();
  }
}

const kindOf = ({ jobId, order }: Underway): Pick<JobProgress, "jobId" | "kind"> => ({
  jobId,
  kind: jobKindOf(order),
});
