import { expect, test } from "vitest";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { isOver, noJobs, shownJobs, withJob, withoutJob } from "./jobs.ts";

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
