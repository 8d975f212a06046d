import { reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { FileOutcome, JobProgress } from "../../preload/contract/exchange.ts";

/** Progress and outcomes leave at most ten times a second. */
const REPORT_EVERY_MS = 100;

/** What a job's work gets: the signal to stop on, and where to say how far it is. */
export interface JobHandle {
  readonly signal: AbortSignal;
  /** Adds a file to the list, or replaces its outcome; told in time, with the last at the job's end at the latest. */
  readonly outcome: (index: number, outcome: FileOutcome) => void;
  /** `file` is being worked on; `doneBytes` of `totalBytes` of the whole job are through. */
  readonly progress: (file: string, doneBytes: number, totalBytes: number) => void;
}

export type JobWork = (handle: JobHandle) => Promise<void>;

/**
 * Rate over roughly the last three seconds, so that the time left follows the disk without flickering.
 * `now` in milliseconds.
 */
export class Meter {
  #atMs: number | undefined;
  #bytes = 0;
  #rate = 0;

  update(bytes: number, nowMs: number): number {
    if (this.#atMs === undefined || bytes < this.#bytes) {
      this.#atMs = nowMs;
      this.#bytes = bytes;
      return this.#rate;
    }
    const seconds = (nowMs - this.#atMs) / 1000;
    if (seconds < 0.05) return this.#rate;
    const rate = (bytes - this.#bytes) / seconds;
    const keep = Math.exp(-seconds / 3);
    this.#rate = this.#rate === 0 ? rate : keep * this.#rate + (1 - keep) * rate;
    this.#atMs = nowMs;
    this.#bytes = bytes;
    return this.#rate;
  }
}

interface Job {
  readonly work: JobWork;
  readonly stop: AbortController;
  readonly meter: Meter;
  readonly files: FileOutcome[];
  progress: JobProgress; // its files as they were last reported
  reportedMs: number;
  later?: NodeJS.Timeout; // tells what came too soon after the last report
}

/** Runs jobs one after another. What a job changed stays if it ends well; the work itself cleans up if it does not. */
export class JobQueue {
  readonly #report: (progress: JobProgress) => void;
  readonly #now: () => number;
  readonly #jobs = new Map<string, Job>();
  #tail: Promise<void> = Promise.resolve();

  constructor(report: (progress: JobProgress) => void, now: () => number = () => performance.now()) {
    this.#report = report;
    this.#now = now;
  }

  add(jobId: string, kind: JobProgress["kind"], work: JobWork): void {
    const progress: JobProgress = {
      jobId,
      kind,
      state: "waiting",
      file: "",
      done: 0,
      bytesPerSecond: 0,
      files: [],
    };
    const job: Job = {
      work,
      stop: new AbortController(),
      meter: new Meter(),
      files: [],
      progress,
      reportedMs: -Infinity,
    };
    this.#jobs.set(jobId, job);
    this.#say(job, {});
    this.#tail = this.#tail.then(() => this.#run(job));
  }

  cancel(jobId: string): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    job.stop.abort();
    if (job.progress.state === "waiting") this.#end(job, "cancelled");
  }

  /** Resolves once no job is under way. */
  idle(): Promise<void> {
    return this.#tail;
  }

  async #run(job: Job): Promise<void> {
    if (job.progress.state !== "waiting") return;
    this.#say(job, { state: "running" });
    try {
      throwIfCancelled(job.stop.signal);
      await job.work(this.#handle(job));
      const failed = job.files.some((file) => file.state === "failed");
      const done = job.files.some((file) => file.state === "done");
      this.#end(job, failed && !done ? "failed" : "done");
    } catch (error) {
      const { code, message, detail } = reportOf(error);
      const state = code.startsWith("cancelled/") ? "cancelled" : "failed";
      if (job.files.length === 0) job.files.push(outcomeOf(job.progress.file));
      for (const [index, file] of job.files.entries())
        if (isOpen(file)) job.files[index] = { ...file, state, error: { code, message, detail } };
      this.#end(job, state);
    }
  }

  #handle(job: Job): JobHandle {
    return {
      signal: job.stop.signal,
      outcome: (index, outcome) => {
        job.files[index] = outcome;
        this.#sayInTime(job);
      },
      progress: (file, doneBytes, totalBytes) => {
        const nowMs = this.#now();
        const bytesPerSecond = job.meter.update(doneBytes, nowMs);
        const done = totalBytes > 0 ? Math.min(1, Math.max(0, doneBytes / totalBytes)) : 0;
        const left = bytesPerSecond > 0 ? Math.max(0, totalBytes - doneBytes) / bytesPerSecond : undefined;
        const next = { ...job.progress, file, done, bytesPerSecond };
        job.progress = left === undefined ? next : { ...next, secondsLeft: left };
        this.#sayInTime(job);
      },
    };
  }

  /** A folder may hold ten thousand files: telling of each how every one of them is doing would take longer than they do. */
  #sayInTime(job: Job): void {
    if (this.#now() - job.reportedMs >= REPORT_EVERY_MS) this.#say(job, {});
    else job.later ??= setTimeout(() => this.#say(job, {}), REPORT_EVERY_MS);
  }

  #say(job: Job, change: Partial<JobProgress>): void {
    clearTimeout(job.later);
    delete job.later;
    job.progress = { ...job.progress, ...change, files: [...job.files] };
    job.reportedMs = this.#now();
    this.#report(job.progress);
  }

  #end(job: Job, state: JobProgress["state"]): void {
    const done = state === "done" ? 1 : job.progress.done;
    const ended = { ...job.progress, state, done, files: job.files };
    delete ended.secondsLeft;
    clearTimeout(job.later);
    job.progress = ended;
    this.#report(job.progress);
    this.#jobs.delete(job.progress.jobId);
  }
}

const isOpen = (file: FileOutcome): boolean => file.state === "waiting" || file.state === "running";

export const outcomeOf = (file: string, change: Partial<FileOutcome> = {}): FileOutcome => ({
  file,
  state: "waiting",
  recordingIds: [],
  annotations: 0,
  repairs: [],
  ...change,
});
