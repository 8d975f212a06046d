import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { doJob, Meter, outcomeOf } from "./jobs.ts";
import type { JobOptions, JobWork } from "./jobs.ts";

/** Does one job; what it said, its end last. */
async function said(
  work: JobWork,
  { now = () => 0, signal = new AbortController().signal }: Partial<Pick<JobOptions, "now" | "signal">> = {},
): Promise<{ readonly said: JobProgress[]; readonly end: JobProgress }> {
  const told: JobProgress[] = [];
  const end = await doJob(
    { jobId: "a", kind: "import", signal, now, report: (progress) => told.push(progress) },
    work,
  );
  return { said: [...told, end], end };
}

test("progress is told ten times a second at most, and the end always", async () => {
  let nowMs = 0;
  const { said: told } = await said(
    (handle) => {
      for (let i = 0; i <= 2000; i++) {
        nowMs = i; // two seconds
        handle.progress("x.edf", i * 1000, 2_000_000);
      }
      return Promise.resolve();
    },
    { now: () => nowMs },
  );
  expect(told.length).toBeGreaterThan(15);
  expect(told.length).toBeLessThanOrEqual(23); // running, 20 in two seconds, done
  expect(told.at(-1)).toMatchObject({ state: "done", done: 1 });
  const midway = told[10]!;
  expect(midway.bytesPerSecond).toBeCloseTo(1e6, -3);
  expect(midway.secondsLeft).toBeCloseTo((1 - midway.done) * 2, 1);
});

test("ten thousand files are told of together, and none of their outcomes is lost", async () => {
  // A clock that stands still: no time for a message a file.
  const { said: told, end } = await said(async ({ outcome }) => {
    for (let i = 0; i < 10_000; i++) outcome(i, outcomeOf(`${i}.edf`));
    for (let i = 0; i < 10_000; i++) outcome(i, outcomeOf(`${i}.edf`, { state: "done" }));
    await new Promise((done) => setTimeout(done, 150)); // what came too soon is told before the end
    outcome(0, outcomeOf("0.edf", { state: "failed" }));
  });
  expect(told.length).toBeLessThan(8);
  const before = told.at(-2)!;
  expect(before.state).toBe("running");
  expect(before.files.every(({ state }) => state === "done")).toBe(true);
  expect(end.files.map(({ state }) => state).filter((state) => state === "failed")).toHaveLength(1);
  expect(end.files).toHaveLength(10_000);
});

test("a job that is cancelled while it runs says so for the files it had not finished", async () => {
  const stop = new AbortController();
  const work = said(
    async ({ signal, outcome }) => {
      outcome(0, outcomeOf("1.edf", { state: "done", recordingIds: ["r"] }));
      outcome(1, outcomeOf("2.edf", { state: "running" }));
      await new Promise<void>((_, fail) =>
        signal.addEventListener("abort", () => fail(new AppError("cancelled/by-user", "Cancelled"))),
      );
    },
    { signal: stop.signal },
  );
  stop.abort();
  const { end } = await work;
  expect(end.state).toBe("cancelled");
  expect(end.files.map(({ state }) => state)).toEqual(["done", "cancelled"]);
});

test("a job fails when all its files did, or its work throws", async () => {
  const error = { code: "data/not-edf", message: "no", detail: {} };
  const all = await said(({ outcome }) => {
    outcome(0, outcomeOf("1.edf", { state: "failed", error }));
    return Promise.resolve();
  });
  expect(all.end.state).toBe("failed");
  const thrown = await said(() => Promise.reject(new AppError("storage/disk-full", "The disk is full")));
  expect(thrown.end).toMatchObject({
    state: "failed",
    files: [{ error: { code: "storage/disk-full", message: "The disk is full", detail: {} } }],
  });
  expect((await said(() => Promise.resolve())).end.state).toBe("done");
});

test("the rate follows a change of speed within seconds", () => {
  const meter = new Meter();
  let bytes = 0;
  let ms = 0;
  const go = (perSecond: number, seconds: number) => {
    let rate = 0;
    for (let i = 0; i < seconds * 10; i++) rate = meter.update((bytes += perSecond / 10), (ms += 100));
    return rate;
  };
  expect(go(50e6, 5)).toBeCloseTo(50e6, -3);
  expect(go(5e6, 10)).toBeLessThan(8e6);
});
