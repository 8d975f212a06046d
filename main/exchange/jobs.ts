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

export interface JobOptions {
  readonly jobId: string;
  readonly kind: JobProgress["kind"];
  readonly signal: AbortSignal;
  readonly report: (progress: JobProgress) => void;
  readonly now?: () => number; // milliseconds
}

/**
 * Does one job and answers how it ended, however that was. What a job changed stays if it ends well; the work itself
 * cleans up if it does not.
 */
export const doJob = (options: JobOptions, work: JobWork): Promise<JobProgress> => new Job(options).run(work);

/** A job that nobody has begun. */
export const waitingJob = ({ jobId, kind }: Pick<JobProgress, "jobId" | "kind">): JobProgress => ({
  jobId,
  kind,
  state: "waiting",
  file: "",
  done: 0,
  bytesPerSecond: 0,
  files: [],
});

class Job {
  readonly #signal: AbortSignal;
  readonly #report: (progress: JobProgress) => void;
  readonly #now: () => number;
  readonly #meter = new Meter();
  readonly #files: FileOutcome[] = [];
  #progress: JobProgress; // its files as they were last reported
  #reportedMs = -Infinity;
  #later: NodeJS.Timeout | undefined; // tells what came too soon after the last report

  constructor({ signal, report, now = () => performance.now(), ...job }: JobOptions) {
    this.#signal = signal;
    this.#report = report;
    this.#now = now;
    this.#progress = { ...waitingJob(job), state: "running" };
  }

  async run(work: JobWork): Promise<JobProgress> {
    this.#say();
    try {
      throwIfCancelled(this.#signal);
      await work(this.#handle());
      const failed = this.#files.some((file) => file.state === "failed");
      const done = this.#files.some((file) => file.state === "done");
      return this.#ended(failed && !done ? "failed" : "done");
    } catch (error) {
      const { code, message, detail } = reportOf(error);
      const state = code.startsWith("cancelled/") ? "cancelled" : "failed";
      if (this.#files.length === 0) this.#files.push(outcomeOf(this.#progress.file));
      for (const [index, file] of this.#files.entries())
        if (isOpen(file)) this.#files[index] = { ...file, state, error: { code, message, detail } };
      return this.#ended(state);
    }
  }

  #handle(): JobHandle {
    return {
      signal: this.#signal,
      outcome: (index, outcome) => {
        this.#files[index] = outcome;
        this.#sayInTime();
      },
      progress: (file, doneBytes, totalBytes) => {
        const nowMs = this.#now();
        const bytesPerSecond = this.#meter.update(doneBytes, nowMs);
        const done = totalBytes > 0 ? Math.min(1, Math.max(0, doneBytes / totalBytes)) : 0;
        const left = bytesPerSecond > 0 ? Math.max(0, totalBytes - doneBytes) / bytesPerSecond : undefined;
        const next = { ...this.#progress, file, done, bytesPerSecond };
        this.#progress = left === undefined ? next : { ...next, secondsLeft: left };
        this.#sayInTime();
      },
    };
  }

  /** A folder may hold ten thousand files: telling of each how every one of them is doing would take longer than they do. */
  #sayInTime(): void {
    if (this.#now() - this.#reportedMs >= REPORT_EVERY_MS) this.#say();
    else this.#later ??= setTimeout(() => this.#say(), REPORT_EVERY_MS);
  }

  #say(): void {
    this.#quiet();
    this.#progress = { ...this.#progress, files: [...this.#files] };
    this.#reportedMs = this.#now();
    this.#report(this.#progress);
  }

  #quiet(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
  }

  #ended(state: JobProgress["state"]): JobProgress {
    this.#quiet();
    const done = state === "done" ? 1 : this.#progress.done;
    const ended = { ...this.#progress, state, done, files: [...this.#files] };
    delete ended.secondsLeft;
    return ended;
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
