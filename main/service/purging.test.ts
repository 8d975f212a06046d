import { expect, test } from "vitest";
import { purgeInSlices } from "./purging.ts";

/** What was asked of a library in which each recording takes three slices. */
function asked(signal?: AbortController): {
  library: Parameters<typeof purgeInSlices>[0];
  calls: string[];
} {
  const calls: string[] = [];
  let left = 0;
  const library = {
    beginPurge: (ids: readonly string[]) => {
      if (ids.includes("growing")) return Promise.reject(new Error("in use"));
      calls.push(`begin ${ids.length}`);
      left = 3 * ids.length;
      return Promise.resolve();
    },
    purgeSome: () => {
      left -= 1;
      if (left === 2) signal?.abort();
      return Promise.resolve(left > 0);
    },
    endPurge: () => {
      calls.push(left > 0 ? "end too early" : "end");
      return Promise.resolve(["copy"]);
    },
  };
  return { library, calls };
}
const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i}`);

test("recordings go a hundred at a time, each to its last slice, and the files are overwritten once at the end", async () => {
  const { library, calls } = asked();
  const done: number[] = [];
  const purged = await purgeInSlices(library, ids(250), { progress: (count) => done.push(count) });
  expect(purged).toEqual({ count: 250, copies: ["copy"] });
  expect(calls).toEqual(["begin 100", "begin 100", "begin 50", "end"]);
  expect(done).toEqual([100, 200, 250]);
});

test("whoever stops it keeps those that had not begun; what had begun goes to its end", async () => {
  const stop = new AbortController();
  const { library, calls } = asked(stop);
  expect((await purgeInSlices(library, ids(250), { signal: stop.signal })).count).toBe(100);
  expect(calls).toEqual(["begin 100", "end"]);
});

test("where nothing is asked for, what could not be overwritten before is tried again; a refusal deletes nothing", async () => {
  const nothing = asked();
  expect((await purgeInSlices(nothing.library, [])).count).toBe(0);
  expect(nothing.calls).toEqual(["end"]);
  const refused = asked();
  await expect(purgeInSlices(refused.library, ["growing"])).rejects.toThrow("in use");
  expect(refused.calls).toEqual([]);
});
