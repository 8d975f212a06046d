import { randomUUID } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { AppError, unwrap } from "../../preload/contract/errors.ts";
import type { Outcome } from "../../preload/contract/errors.ts";
import type {
  ExportRequest,
  ImportOptions,
  JobProgress,
  TableOptions,
  TablePreview,
} from "../../preload/contract/exchange.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { outcomeOf } from "./jobs.ts";
import type { JobOrder, LibraryChange, Order, QuestionName, Questions, Report } from "./protocol.ts";

/** Finished jobs remembered for `jobs()`. */
const FINISHED_KEPT = 50;

export interface ExchangeOptions {
  readonly library: Pick<AsyncLibrary, "purgeRecording">;
  /** A new port to the storage thread, for a new exchange thread. */
  readonly openLibraryPort: () => MessagePort;
  readonly workerFile: string | URL;
}

/** Files in and out, in a thread of its own. */
export interface Exchange {
  startImport(paths: readonly string[], options: ImportOptions): string;
  /** Tables of annotations and files without signals, nothing else; into the recording of this id where one is given. */
  startAnnotationImport(paths: readonly string[], attachTo?: string): string;
  startExport(request: ExportRequest): string;
  startSample(): string;
  cancel(jobId: string): void;
  jobs(): JobProgress[];
  /** Resolves when the job has ended, however it ended. */
  finished(jobId: string): Promise<JobProgress>;
  preview(path: string, table: TableOptions | undefined): Promise<TablePreview>;
  annotationTable(ask: Questions["annotationTable"]["ask"]): Promise<Questions["annotationTable"]["answer"]>;
  onProgress(listener: (progress: JobProgress) => void): () => void;
  onChange(listener: (change: LibraryChange) => void): () => void;
  /** Cancels what is under way, waits until it has cleaned up, ends the thread. */
  close(): Promise<void>;
}

const isOver = ({ state }: JobProgress): boolean =>
  state === "done" || state === "failed" || state === "cancelled";

/** A thread whose port to the library is closed can do nothing more; the next job needs a new one. */
const hasLostLibrary = (job: JobProgress): boolean =>
  isOver(job) && job.files.some(({ error }) => error?.code === "storage/worker-lost");

export function createExchange(options: ExchangeOptions): Exchange {
  const jobs = new Map<string, JobProgress>();
  const progressListeners = new Set<(progress: JobProgress) => void>();
  const changeListeners = new Set<(change: LibraryChange) => void>();
  const questions = new Map<number, (outcome: Outcome<unknown>) => void>();
  const held = new Set<string>();
  let thread: Worker | undefined;
  let closing = false;
  let nextQuestion = 1;

  const note = (progress: JobProgress): void => {
    jobs.set(progress.jobId, progress);
    const over = [...jobs.values()].filter(isOver);
    for (const old of over.slice(0, Math.max(0, over.length - FINISHED_KEPT))) jobs.delete(old.jobId);
    for (const listener of progressListeners) listener(progress);
  };

  const receive = (worker: Worker, report: Report): void => {
    switch (report.kind) {
      case "progress":
        note(report.progress);
        if (hasLostLibrary(report.progress))
          void lost(worker, "the storage thread ended").then(() => worker.terminate());
        break;
      case "changed":
        for (const listener of changeListeners) listener(report.change);
        break;
      case "holding":
        if (report.held) held.add(report.recordingId);
        else held.delete(report.recordingId);
        break;
      case "answer":
        questions.get(report.id)?.(report.outcome);
        questions.delete(report.id);
        break;
    }
  };

  /** The thread died: its jobs failed, and what they had begun to write goes. */
  const lost = async (worker: Worker, cause: string): Promise<void> => {
    if (thread !== worker) return;
    thread = undefined;
    const message = `The import and export thread ended: ${cause}`;
    const error = { code: "internal/exchange-lost", message, detail: {} };
    // All taken at once: while the orphans are purged, a new thread may already be at work.
    const [orphans, asked, open] = [
      [...held],
      [...questions.values()],
      [...jobs.values()].filter((job) => !isOver(job)),
    ];
    held.clear();
    questions.clear();
    for (const id of orphans) await options.library.purgeRecording(id).catch(() => undefined);
    for (const answer of asked) answer({ ok: false, error });
    for (const job of open) {
      const known = job.files.length > 0 ? job.files : [outcomeOf(job.file)];
      const files = known.map((file) =>
        file.state === "done" ? file : { ...file, state: "failed" as const, error },
      );
      note({ ...job, state: "failed", files });
    }
    if (orphans.length > 0)
      for (const listener of changeListeners) listener({ kind: "recordings", ids: orphans });
  };

  const start = (): Worker => {
    if (thread !== undefined) return thread;
    if (closing) throw new AppError("internal/closed", "The library is being closed");
    const port = options.openLibraryPort();
    const worker = new Worker(options.workerFile, {
      workerData: { libraryPort: port },
      transferList: [port],
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

  const startJob = (job: JobOrder): string => {
    const jobId = randomUUID();
    send({ kind: "start", jobId, job });
    note({ jobId, kind: job.kind, state: "waiting", file: "", done: 0, bytesPerSecond: 0, files: [] });
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
    startAnnotationImport: (paths, attachTo) =>
      startJob({
        kind: "import",
        paths,
        options: attachTo === undefined ? {} : { attachTo },
        only: "annotations",
      }),
    startExport: (request) => startJob({ kind: "export", request }),
    startSample: () => startJob({ kind: "sample" }),
    cancel: (jobId) => thread?.postMessage({ kind: "cancel", jobId } satisfies Order),
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
      for (const { jobId } of open) worker.postMessage({ kind: "cancel", jobId } satisfies Order);
      await Promise.all(open.map(({ jobId }) => finished(jobId)));
      thread = undefined;
      await worker.terminate();
    },
  };
}
