import { MessageChannel, Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import type { TestCalls } from "./calls.thread.ts";
import { connect } from "./connect.ts";
import type { Connection, ConnectOptions } from "./connect.ts";
import { Kept } from "./kept.ts";
import { portLine, threadLine } from "./lines.ts";
import { serve } from "./serve.ts";
import { compact, memoryOf } from "./transfer.ts";

const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

const lost: ConnectOptions["lost"] = (waiting, cause) =>
  new AppError("storage/worker-lost", "The thread ended", { waiting }, cause);

/** A real thread; what hears nothing is ended after a fifth of a second. */
function start(options: Partial<ConnectOptions> = {}): Connection<TestCalls> {
  const worker = new Worker(new URL("./calls.thread.ts", import.meta.url));
  workers.push(worker);
  return connect<TestCalls>(threadLine(worker), {
    lost,
    end: () => worker.terminate(),
    patience: { hearMs: 200, tidyMs: 200 },
    handOver: (value) => memoryOf(value),
    ...options,
  });
}
const more = (at: number): number => (at >= 0 ? 1 : 0);

const stopAt =
  (end: number, stop: AbortController) =>
  (at: number): void => {
    if (at === end) stop.abort();
  };

test("calls interleave, and each gets its own answer and what is told and asked of it, in order", async () => {
  const there = start();
  const said: [string, number][] = [];
  const count = (name: string, to: number, step: number): Promise<number> =>
    there.call("count", { to }, { back: { said: (at) => void said.push([name, at]), more: () => step } });
  expect(await Promise.all([count("a", 4, 1), count("b", 6, 3), there.call("echo", "c")])).toEqual([
    4,
    6,
    "c",
  ]);
  expect(said.filter(([name]) => name === "a").map(([, at]) => at)).toEqual([0, 1, 2, 3]);
  expect(said.filter(([name]) => name === "b").map(([, at]) => at)).toEqual([0, 3]);
});

test("what is told arrives before what is asked after it", async () => {
  const there = start();
  there.tell("note", "one");
  there.tell("note", "two");
  expect(await there.call("notes", undefined)).toEqual(["one", "two"]);
});

test("memory goes over instead of being copied, both ways", async () => {
  const there = start();
  const given = Float32Array.of(1, 2);
  expect(await there.call("double", given)).toEqual(Float32Array.of(2, 4));
  expect(given).toHaveLength(0);
  const part = new Float32Array(8).subarray(2);
  expect(memoryOf({ a: part, b: [part, Float32Array.of(1)], c: "text" })).toHaveLength(1);
  expect(compact({ a: part, b: [Buffer.from("abc")], c: 1 })).toEqual({
    a: new Float32Array(6),
    b: [Uint8Array.of(97, 98, 99)],
    c: 1,
  });
});

test("what shows all of its memory, and what holds none, goes as it is: thousands of rows are not copied first", () => {
  const rows = [{ a: 1, b: null, c: { d: "x" } }, { e: [Float32Array.of(1)] }];
  expect(compact(rows)).toBe(rows);
  const part = Float32Array.of(1, 2).subarray(1);
  const one = { a: 1, part };
  expect(compact([rows[0], one])).toEqual([rows[0], { a: 1, part: Float32Array.of(2) }]);
  expect(one.part).toBe(part); // the caller's own is left alone
});

test("a part of shared memory goes as it is: nothing but where it lies is carried", () => {
  const part = new Int16Array(new SharedArrayBuffer(64), 16, 8);
  const asked = [{ samples: part }];
  expect(compact(asked)).toBe(asked);
  expect(memoryOf(asked)).toEqual([]);
});

test("an error crosses with its code and its numbers, and what cannot cross says so; the line stays whole", async () => {
  const there = start();
  await expect(there.call("fail", { limit: 3 })).rejects.toMatchObject({
    code: "data/too-large",
    message: "It is too large",
    detail: { limit: 3 },
  });
  const back = (work: () => number): Promise<number> =>
    there.call("count", { to: 2 }, { back: { said: () => undefined, more: work } });
  const full = (): number => {
    throw new AppError("storage/disk-full", "The disk is full", { bytes: 7 });
  };
  await expect(back(full)).rejects.toMatchObject({ code: "storage/disk-full", detail: { bytes: 7 } });
  await expect(there.call("echo", () => 1)).rejects.toMatchObject({ code: "contract/bad-params" });
  await expect(there.call("unclonable", undefined)).rejects.toMatchObject({ code: "internal/unexpected" });
  await expect(there.call("none" as "echo", 1)).rejects.toMatchObject({ code: "contract/unknown-call" });
  expect(await there.call("echo", 1)).toBe(1);
});

test("a thread that dies rejects every call under way by name, and the next call may start another", async () => {
  const kept: Kept<Connection<TestCalls>> = new Kept(() => {
    const one = start({
      lost: (waiting, cause) => {
        kept.drop(one);
        return lost(waiting, cause);
      },
    });
    return one;
  });
  const first = kept.current();
  let said = 0;
  const asked = [
    first.call("die", 5000, { back: { said: () => (said += 1) } }),
    first.call("count", { to: 1e9 }, { back: { said: () => undefined, more } }),
  ];
  for (const one of asked)
    await expect(one).rejects.toMatchObject({
      code: "storage/worker-lost",
      detail: { waiting: 2 },
      cause: { message: "native memory is gone" },
    });
  expect(said).toBe(5000); // whatever it had said before was heard
  await expect(first.call("echo", 1)).rejects.toMatchObject({ code: "storage/worker-lost" });
  expect(await kept.current().call("echo", 1)).toBe(1);
  expect(kept.current()).not.toBe(first);
});

test("a cancel that is heard ends its call alone; one that comes before the call sends nothing", async () => {
  const there = start();
  const stop = new AbortController();
  const back = { said: stopAt(2, stop), more };
  const asked = there.call("count", { to: 1e9 }, { signal: stop.signal, back });
  const beside = there.call("count", { to: 20 }, { back: { said: () => undefined, more } });
  await expect(asked).rejects.toMatchObject({ code: "cancelled/by-user", detail: { at: 3 } });
  expect(await beside).toBe(20);
  await expect(there.call("stuck", undefined, { signal: stop.signal })).rejects.toMatchObject({
    code: "cancelled/by-user",
  });
  expect(await there.call("echo", 1)).toBe(1);
});

test.each(["not heard", "heard and not followed"])(
  "a cancel that is %s ends the thread: that call is cancelled, the others are lost",
  async (how) => {
    const there = start();
    const stop = new AbortController();
    const { signal } = stop;
    const endless = { to: 1e9, isStubborn: true };
    const beside = there.call("count", endless, { back: { said: () => undefined, more } });
    beside.catch(() => undefined);
    const said = stopAt(2, stop);
    const asked =
      how === "not heard"
        ? there.call("stuck", undefined, { signal })
        : there.call("count", endless, { signal, back: { said, more } });
    if (how === "not heard") stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled/by-user" });
    await expect(beside).rejects.toMatchObject({ code: "storage/worker-lost" });
  },
);

test("a port that is closed tells who answers to stop: nobody waits any more", async () => {
  const { port1, port2 } = new MessageChannel();
  interface Endless {
    wait: { ask: undefined; answer: string; back: { now: { ask: undefined; answer: undefined } } };
  }
  const ended = new Promise<string>((resolve) => {
    serve<Endless>(portLine(port2), {
      wait: async (_, { signal, ask }) => {
        const first = ask("now", undefined);
        await first
          .catch(() => ask("now", undefined))
          .then(
            // nor is a later question answered
            () => resolve("answered"),
            (error: unknown) => resolve(`${String(signal.aborted)} ${(error as AppError).code}`),
          );
        return "";
      },
    });
  });
  const there = connect<Endless>(portLine(port1), { lost });
  const asked = there.call("wait", undefined, {
    back: {
      now: () => {
        port1.close();
        return new Promise<void>(() => undefined);
      },
    },
  });
  await expect(asked).rejects.toMatchObject({ code: "storage/worker-lost" });
  expect(await ended).toBe("true cancelled/caller-lost");
});
