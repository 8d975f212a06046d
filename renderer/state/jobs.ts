import { create } from "zustand";
import type { FileOutcome, JobProgress } from "../../preload/contract/exchange.ts";
import { on, request } from "../bridge/client.ts";

export interface Jobs {
  readonly jobs: readonly JobProgress[]; // in the order they began
  readonly dismissed: ReadonlySet<string>;
}
export const noJobs: Jobs = { jobs: [], dismissed: new Set() };

export const isOver = ({ state }: Pick<JobProgress, "state">): boolean =>
  state === "done" || state === "failed" || state === "cancelled";

/** One that an earlier process of the program left without an end: it is listed until somebody has seen it. */
export const isInterrupted = ({ files }: Pick<JobProgress, "files">): boolean =>
  files.some(({ error }) => error?.code === "internal/interrupted");

/** A file a person stopped is no failure. */
export const isFailure = ({ error }: Pick<FileOutcome, "error">): boolean =>
  error !== undefined && !error.code.startsWith("cancelled/");

/** A rule over many recordings that is over, has or may have changed some, and has not been taken back. */
export const canBeUndone = (job: JobProgress): boolean =>
  isOver(job) && job.pass?.isUndone === false && (job.pass.recordings > 0 || isInterrupted(job));

/** Whether a job's end needs nobody: it went well, or a person ended it. What failed, or was mended with a warning, stays. */
export const leavesByItself = (job: JobProgress): boolean =>
  (job.state === "done" || job.state === "cancelled") &&
  !canBeUndone(job) &&
  (job.pass?.failed ?? 0) + (job.pass?.unfinished ?? 0) === 0 &&
  job.files.every((one) => !isFailure(one) && !one.repairs.some(({ severity }) => severity === "warning"));

/** The newest word about a job replaces what was known. A late progress message never reopens a job that is over, but for a study that goes on. */
export function withJob(state: Jobs, job: JobProgress): Jobs {
  const at = state.jobs.findIndex((one) => one.jobId === job.jobId);
  if (at < 0) return { ...state, jobs: [...state.jobs, job] };
  const known = state.jobs[at];
  if (known && isOver(known) && !isOver(job)) {
    if (job.study === undefined || known.state !== "failed") return state;
    const dismissed = new Set([...state.dismissed].filter((id) => id !== job.jobId));
    return { jobs: [...state.jobs.toSpliced(at, 1), job], dismissed };
  }
  return { ...state, jobs: state.jobs.map((one, i) => (i === at ? job : one)) };
}

/** Takes a finished job off the list on screen; one still under way stays. */
export function withoutJob(state: Jobs, jobId: string): Jobs {
  const job = state.jobs.find((one) => one.jobId === jobId);
  if (!job || !isOver(job)) return state;
  return { ...state, dismissed: new Set([...state.dismissed, jobId]) };
}

export const shownJobs = ({ jobs, dismissed }: Jobs): readonly JobProgress[] =>
  jobs.filter((one) => !dismissed.has(one.jobId));

export const useJobs = create<Jobs>(() => noJobs);
/** The newest on screen that can be taken back: the one that the key is about. */
export const newestUndoable = (jobs: Jobs): JobProgress | undefined => shownJobs(jobs).findLast(canBeUndone);

/** All of it as one. */
export const undoPass = (jobId: string): Promise<unknown> => request("passes.undo", { jobId });

export function dismissJob(jobId: string): void {
  const job = useJobs.getState().jobs.find((one) => one.jobId === jobId);
  if (job !== undefined && isInterrupted(job)) request("jobs.dismiss", { jobId }).catch(() => undefined); // listed once more
  useJobs.setState((state) => withoutJob(state, jobId));
}

/** Keeps the list right from now on; jobs begun before the window opened come first. */
export function watchJobs(): () => void {
  const stop = on("jobs.progress", (job) => useJobs.setState((state) => withJob(state, job)));
  request("jobs.list", {}).then(
    (jobs) => {
      for (const job of jobs)
        if (!isOver(job) || isInterrupted(job) || canBeUndone(job))
          useJobs.setState((state) => withJob(state, job));
    },
    () => undefined, // the next progress message says the same
  );
  return stop;
}
