import { randomUUID } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { AppError, unwrap } from "../../preload/contract/errors.ts";
import type { ErrorReport, Outcome } from "../../preload/contract/errors.ts";
import type {
  ExportRequest,
  ImportOptions,
  JobProgress,
  TableOptions,
  TablePreview,
} from "../../preload/contract/exchange.ts";
import { within } from "../../preload/contract/within.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { outcomeOf } from "./jobs.ts";
import type { JobOrder, LibraryChange, Order, QuestionName, Questions, Report } from "./protocol.ts";

/** Finished jobs remembered for `jobs()`. */
const FINISHED_KEPT = 50;

/** What V8 lets rubbish grow to before it looks: rows live for a moment, and the default of 48 MB stays taken. */
const YOUNG_MB = 24;

/** For a thread to say that it heard of a cancel, and then for the job to clean up after itself. */
const PATIENCE = { hearMs: 1000, tidyMs: 3000 } as const;

export interface ExchangeOptions {
  readonly library: Pick<AsyncLibrary, "purgeRecording">;
  /** A new port to the storage thread, for a new exchange thread. */
  readonly openLibraryPort: () => MessagePort;
  readonly workerFile: string | URL;
  readonly patience?: { readonly hearMs: number; readonly tidyMs: number };
}

/** Files in and out, in a thread of its own. */
export interface Exchange {
  startImport(paths: readonly string[], options: ImportOptions): string;
  /** Tables of annotations and files without signals, nothing else; into the recording of this id where one is given. */
  startAnnotationImport(
    paths: readonly string[],
    options?: Pick<ImportOptions, "attachTo" | "readComplete">,
  ): string;
  startExport(request: ExportRequest): string;
  startSample(): string;
  /** Asks the job to stop; a thread that does not hear it within a second is ended, and the next job has a new one. */
  cancel(jobId: string): void;
  jobs(): JobProgress[];
  /** Resolves when the job has ended, however it ended. */
  finished(jobId: string): Promise<JobProgress>;
  preview(path: string, table: TableOptions | undefined): Promise<TablePreview>;
  annotationTable(ask: Questions["annotationTable"]["ask"]): Promise<Questions["annotationTable"]["answer"]>;
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

const lostFor = (cause: string): ErrorReport => ({
  code: "internal/exchange-lost",
  message: `The import and export thread ended: ${cause}`,
  detail: {},
});

/** What a thread that ended had in hand. */
interface Taken {
  readonly orphans: readonly string[];
  readonly asked: readonly ((outcome: Outcome<unknown>) => void)[];
  readonly begun: readonly { readonly job: JobProgress; readonly order: JobOrder | undefined }[];
}

export function createExchange(options: ExchangeOptions): Exchange {
  const jobs = new Map<string, JobProgress>();
  const progressListeners = new Set<(progress: JobProgress) => void>();
  const changeListeners = new Set<(change: LibraryChange) => void>();
  const questions = new Map<number, (outcome: Outcome<unknown>) => void>();
  const held = new Set<string>();
  const orders = new Map<string, JobOrder>(); // of jobs that are not over
  const stops = new Map<string, Promise<void>>(); // of jobs that were told to stop
  const hearing = new Map<string, () => void>(); // called when their thread has heard of it
  const strays = new Set<string>(); // recordings a thread began while it was being ended
  const { hearMs, tidyMs } = options.patience ?? PATIENCE;
  let thread: Worker | undefined;
  let closing = false;
  let nextQuestion = 1;

  const note = (progress: JobProgress): void => {
    jobs.set(progress.jobId, progress);
    if (isOver(progress)) {
      orders.delete(progress.jobId);
      stops.delete(progress.jobId);
      hearing.delete(progress.jobId);
    }
    const over = [...jobs.values()].filter(isOver);
    for (const old of over.slice(0, Math.max(0, over.length - FINISHED_KEPT))) jobs.delete(old.jobId);
    for (const listener of progressListeners) listener(progress);
  };

  const receive = (worker: Worker, report: Report): void => {
    switch (report.kind) {
      case "progress":
        if (!orders.has(report.progress.jobId)) break; // said to be over, while its thread heard nothing
        note(report.progress);
        if (hasLostLibrary(report.progress))
          void lost(worker, "the storage thread ended").then(() => worker.terminate());
        break;
      case "heard":
        hearing.get(report.jobId)?.();
        break;
      case "changed":
        for (const listener of changeListeners) listener(report.change);
        break;
      case "holding":
        if (!report.held) held.delete(report.recordingId);
        else (worker === thread ? held : strays).add(report.recordingId);
        break;
      case "answer":
        questions.get(report.id)?.(report.outcome);
        questions.delete(report.id);
        break;
    }
  };

  /** What a thread has in hand, taken at once: while the rest is seen to, a new thread may already be at work. */
  const take = (worker: Worker): Taken | undefined => {
    if (thread !== worker) return undefined;
    thread = undefined;
    const open = [...jobs.values()].filter((job) => !isOver(job));
    const begun = open.map((job) => ({ job, order: orders.get(job.jobId) }));
    const taken = { orphans: [...held], asked: [...questions.values()], begun };
    held.clear();
    questions.clear();
    for (const { jobId } of open) orders.delete(jobId);
    return taken;
  };

  const bury = async (orphans: readonly string[], { asked }: Taken, error: ErrorReport): Promise<void> => {
    for (const id of orphans) await options.library.purgeRecording(id).catch(() => undefined);
    for (const answer of asked) answer({ ok: false, error });
    if (orphans.length > 0)
      for (const listener of changeListeners) listener({ kind: "recordings", ids: [...orphans] });
  };

  const endedWith = (job: JobProgress, error: ErrorReport): JobProgress =>
    stops.has(job.jobId) ? endedAs(job, "cancelled", CANCELLED) : endedAs(job, "failed", error);

  /** The thread died: its jobs failed, and what they had begun to write goes. */
  const lost = async (worker: Worker, cause: string): Promise<void> => {
    const taken = take(worker);
    if (taken === undefined) return;
    const error = lostFor(cause);
    await bury(taken.orphans, taken, error);
    for (const { job } of taken.begun) note(endedWith(job, error));
  };

  /** Ends a thread that does not hear. What waited behind the job that kept it busy begins in a new one. */
  const end = async (worker: Worker): Promise<void> => {
    const taken = take(worker);
    if (taken === undefined) return;
    await within(hearMs, worker.terminate()); // one deep in the system may not even end
    const error = lostFor("it did not answer");
    await bury([...taken.orphans, ...strays], taken, error);
    strays.clear();
    for (const { job, order } of taken.begun) {
      if (job.state === "waiting" && order !== undefined && !stops.has(job.jobId)) begin(job.jobId, order);
      else note(endedWith(job, error));
    }
  };

  const stop = (jobId: string): Promise<void> => {
    const known = stops.get(jobId);
    const job = jobs.get(jobId);
    if (known !== undefined || job === undefined || isOver(job)) return known ?? Promise.resolve();
    const stopped = stopJob(jobId);
    stops.set(jobId, stopped);
    return stopped;
  };

  const stopJob = async (jobId: string): Promise<void> => {
    const worker = thread;
    const over = finished(jobId);
    const heard = new Promise<void>((resolve) => hearing.set(jobId, resolve));
    worker?.postMessage({ kind: "cancel", jobId } satisfies Order);
    const isHeard = await within(hearMs, Promise.race([heard, over]));
    if (isHeard && (await within(tidyMs, over))) return;
    const now = jobs.get(jobId);
    if (now === undefined || isOver(now)) return;
    // Another keeps the thread busy: that one is not to be ended for this one.
    if (now.state === "waiting" && !closing) note(endedAs(now, "cancelled", CANCELLED));
    else if (worker !== undefined) await end(worker);
  };

  const start = (): Worker => {
    if (thread !== undefined) return thread;
    if (closing) throw new AppError("internal/closed", "The library is being closed");
    const port = options.openLibraryPort();
    const worker = new Worker(options.workerFile, {
      workerData: { libraryPort: port },
      transferList: [port],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      name: "kodo exchange",
    });
    let cause = "it ended";
    worker.on("message", (report: Report) => receive(worker, report));
    worker.on("error", (error) => {
      cause = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", () => void lost(worker, cause));
    thread = worker;
    return worker;
  };

  const send = (order: Order): void => start().postMessage(order);

  const begin = (jobId: string, job: JobOrder): void => {
    send({ kind: "start", jobId, job });
    orders.set(jobId, job);
    note({ jobId, kind: job.kind, state: "waiting", file: "", done: 0, bytesPerSecond: 0, files: [] });
  };

  const startJob = (job: JobOrder): string => {
    const jobId = randomUUID();
    begin(jobId, job);
    return jobId;
  };

  const ask = async <Q extends QuestionName>(
    name: Q,
    question: Questions[Q]["ask"],
  ): Promise<Questions[Q]["answer"]> => {
    const id = nextQuestion++;
    const outcome = await new Promise<Outcome<unknown>>((resolve) => {
      questions.set(id, resolve);
      send({ kind: "ask", id, name, ask: question } as Order);
    });
    return unwrap(outcome as Outcome<Questions[Q]["answer"]>);
  };

  const finished = (jobId: string): Promise<JobProgress> => {
    const known = jobs.get(jobId);
    if (known === undefined)
      return Promise.reject(new AppError("data/job-unknown", `No job ${jobId}`, { jobId }));
    if (isOver(known)) return Promise.resolve(known);
    return new Promise((resolve) => {
      const listener = (progress: JobProgress): void => {
        if (progress.jobId !== jobId || !isOver(progress)) return;
        progressListeners.delete(listener);
        resolve(progress);
      };
      progressListeners.add(listener);
    });
  };

  const listen = <T>(listeners: Set<T>, listener: T): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return {
    startImport: (paths, importOptions) =>
      startJob({ kind: "import", paths, options: importOptions, only: undefined }),
    startAnnotationImport: (paths, importOptions = {}) =>
      startJob({ kind: "import", paths, options: importOptions, only: "annotations" }),
    startExport: (request) => startJob({ kind: "export", request }),
    startSample: () => startJob({ kind: "sample" }),
    cancel: (jobId) => void stop(jobId),
    jobs: () => [...jobs.values()],
    finished,
    preview: (path, table) => ask("preview", { path, table }),
    annotationTable: (question) => ask("annotationTable", question),
    onProgress: (listener) => listen(progressListeners, listener),
    onChange: (listener) => listen(changeListeners, listener),
    close: async () => {
      closing = true;
      const worker = thread;
      if (worker === undefined) return;
      const open = [...jobs.values()].filter((job) => !isOver(job));
      await Promise.all(open.map(({ jobId }) => stop(jobId)));
      if (thread !== worker) return;
      thread = undefined;
      await within(hearMs, worker.terminate());
    },
  };
}
