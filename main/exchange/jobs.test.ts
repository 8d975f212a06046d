import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import { JobQueue, Meter, outcomeOf } from "./jobs.ts";

function queueAt(now: () => number = () => 0) {
  const said: JobProgress[] = [];
  const queue = new JobQueue((progress) => said.push(progress), now);
  const last = (jobId: string) => said.findLast((one) => one.jobId === jobId)!;
  return { queue, said, last };
}

test("jobs run one after another, in order", async () => {
  const { queue, last } = queueAt();
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((done) => setTimeout(done, 5));
    order.push(`${name} ends`);
  };
  queue.add("a", "import", work("a"));
  queue.add("b", "import", work("b"));
  await queue.idle();
  expect(order).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  expect([last("a").state, last("b").state, last("b").done]).toEqual(["done", "done", 1]);
});

test("progress is told ten times a second at most, and the end always", async () => {
  let nowMs = 0;
  const { queue, said } = queueAt(() => nowMs);
  queue.add("a", "import", (handle) => {
    for (let i = 0; i <= 2000; i++) {
      nowMs = i; // two seconds
      handle.progress("x.edf", i * 1000, 2_000_000);
    }
    return Promise.resolve();
  });
  await queue.idle();
  expect(said.length).toBeGreaterThan(15);
  expect(said.length).toBeLessThanOrEqual(24); // waiting, running, 20 in two seconds, done
  expect(said.at(-1)).toMatchObject({ state: "done", done: 1 });
  const midway = said[10]!;
  expect(midway.bytesPerSecond).toBeCloseTo(1e6, -3);
  expect(midway.secondsLeft).toBeCloseTo((1 - midway.done) * 2, 1);
});

test("ten thousand files are told of together, and none of their outcomes is lost", async () => {
  const { queue, said, last } = queueAt(); // a clock that stands still: no time for a message a file
  queue.add("a", "import", async ({ outcome }) => {
    for (let i = 0; i < 10_000; i++) outcome(i, outcomeOf(`${i}.edf`));
    for (let i = 0; i < 10_000; i++) outcome(i, outcomeOf(`${i}.edf`, { state: "done" }));
    await new Promise((done) => setTimeout(done, 150)); // what came too soon is told before the end
    outcome(0, outcomeOf("0.edf", { state: "failed" }));
  });
  await queue.idle();
  expect(said.length).toBeLessThan(8);
  const [before, end] = [said.at(-2)!, last("a")];
  expect(before.state).toBe("running");
  expect(before.files.every(({ state }) => state === "done")).toBe(true);
  expect(end.files.map(({ state }) => state).filter((state) => state === "failed")).toHaveLength(1);
  expect(end.files).toHaveLength(10_000);
});

test("a waiting job that is cancelled never begins", async () => {
  const { queue, last } = queueAt();
  let began = false;
  queue.add("a", "import", () => new Promise((done) => setTimeout(done, 10)));
  queue.add("b", "import", () => {
    began = true;
    return Promise.resolve();
  });
  queue.cancel("b");
  await queue.idle();
  expect([began, last("b").state, last("a").state]).toEqual([false, "cancelled", "done"]);
});

test("a job that is cancelled while it runs says so for the files it had not finished", async () => {
  const { queue, last } = queueAt();
  queue.add("a", "import", async ({ signal, outcome }) => {
    outcome(0, outcomeOf("1.edf", { state: "done", recordingIds: ["r"] }));
    outcome(1, outcomeOf("2.edf", { state: "running" }));
    await new Promise<void>((_, fail) =>
      signal.addEventListener("abort", () => fail(new AppError("cancelled/by-user", "Cancelled"))),
    );
  });
  await new Promise((done) => setTimeout(done, 5));
  queue.cancel("a");
  await queue.idle();
  expect(last("a").state).toBe("cancelled");
  expect(last("a").files.map(({ state }) => state)).toEqual(["done", "cancelled"]);
});

test("a job fails when all its files did, and the next one still runs", async () => {
  const { queue, last } = queueAt();
  queue.add("a", "import", ({ outcome }) => {
    outcome(
      0,
      outcomeOf("1.edf", { state: "failed", error: { code: "data/not-edf", message: "no", detail: {} } }),
    );
    return Promise.resolve();
  });
  queue.add("b", "import", () => Promise.reject(new AppError("storage/disk-full", "The disk is full")));
  queue.add("c", "export", () => Promise.resolve());
  await queue.idle();
  expect([last("a").state, last("b").state, last("c").state]).toEqual(["failed", "failed", "done"]);
  expect(last("b").files[0]?.error).toEqual({
    code: "storage/disk-full",
    message: "The disk is full",
    detail: {},
  });
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
