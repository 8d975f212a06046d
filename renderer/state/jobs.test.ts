import { expect, test } from "vitest";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { ErrorReport } from "../../preload/contract/errors.ts";
import { isOver, leavesByItself, noJobs, shownJobs, withJob, withoutJob } from "./jobs.ts";

const job = (jobId: string, change: Partial<JobProgress> = {}): JobProgress => ({
  jobId,
  kind: "import",
  state: "running",
  file: "a.edf",
  done: 0.5,
  bytesPerSecond: 1,
  files: [],
  ...change,
});

test("jobs stay in the order they began, each with its newest word", () => {
  const state = [job("a"), job("b"), job("a", { done: 0.9 })].reduce(withJob, noJobs);
  expect(state.jobs.map((one) => [one.jobId, one.done])).toEqual([
    ["a", 0.9],
    ["b", 0.5],
  ]);
});

test("a late message never reopens a job that is over", () => {
  const state = [job("a", { state: "done", done: 1 }), job("a", { done: 0.7 })].reduce(withJob, noJobs);
  expect(state.jobs[0]?.state).toBe("done");
});

test("a study that came to no end goes on under its own card, also where that was put away", () => {
  const study = { name: "", place: null, of: 2, done: 1, failed: 0, known: 0 };
  const ended = withoutJob(withJob(noJobs, job("a", { state: "failed", study })), "a");
  expect(shownJobs(withJob(ended, job("a", { state: "waiting", study })))).toMatchObject([
    { state: "waiting" },
  ]);
});

test("only a job that is over can be put away", () => {
  const running = withJob(noJobs, job("a"));
  expect(withoutJob(running, "a")).toBe(running);
  expect(withoutJob(running, "unknown")).toBe(running);
  const over = withJob(running, job("a", { state: "failed" }));
  expect(shownJobs(withoutJob(over, "a"))).toEqual([]);
  expect(shownJobs(over)).toHaveLength(1);
});

test.each([
  ["waiting", false],
  ["running", false],
  ["done", true],
  ["failed", true],
  ["cancelled", true],
] as const)("%s is over: %s", (state, over) => {
  expect(isOver({ state })).toBe(over);
});

const file = (change: Partial<JobProgress["files"][number]> = {}): JobProgress["files"][number] => ({
  file: "a.edf",
  state: "done",
  recordingIds: [],
  annotations: 0,
  repairs: [],
  ...change,
});
const failed = (code: string): ErrorReport => ({ code, message: "", detail: {} });
const repair = (severity: "info" | "warning") => ({ code: "EDF_TAIL", severity, message: "" });

test.each<[string, boolean, Partial<JobProgress>]>([
  ["ended well", true, { state: "done", files: [file()] }],
  ["ended with a note", true, { state: "done", files: [file({ repairs: [repair("info")] })] }],
  [
    "was stopped by a person",
    true,
    {
      state: "cancelled",
      files: [file(), file({ state: "cancelled", error: failed("cancelled/by-user") })],
    },
  ],
  ["is under way", false, { files: [file()] }],
  ["mended something of weight", false, { state: "done", files: [file({ repairs: [repair("warning")] })] }],
  ["could not read one file", false, { state: "done", files: [file({ error: failed("data/not-edf") })] }],
  ["failed", false, { state: "failed", files: [file()] }],
])("a job that %s leaves by itself: %s", (_what, leaves, change) => {
  expect(leavesByItself(job("a", change))).toBe(leaves);
});
