import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
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
  expect(purged).toEqual({ ids: ids(250), copies: ["copy"] });
  expect(calls).toEqual(["begin 100", "begin 100", "begin 50", "end"]);
  expect(done).toEqual([100, 200, 250]);
});

test("whoever stops it keeps those that had not begun; what had begun goes to its end", async () => {
  const stop = new AbortController();
  const { library, calls } = asked(stop);
  expect((await purgeInSlices(library, ids(250), { signal: stop.signal })).ids).toEqual(ids(100));
  expect(calls).toEqual(["begin 100", "end"]);
});

test("where nothing is asked for, what could not be overwritten before is tried again; a refusal deletes nothing", async () => {
  const nothing = asked();
  expect((await purgeInSlices(nothing.library, [])).ids).toEqual([]);
  expect(nothing.calls).toEqual(["end"]);
  const refused = asked();
  await expect(purgeInSlices(refused.library, ["growing"])).rejects.toThrow("in use");
  expect(refused.calls).toEqual([]);
});

test("what fails midway is told beside what is gone by then, also where only its bytes wait to be overwritten", async () => {
  const some = asked();
  const problem = expect.objectContaining({ message: "in use" }) as unknown;
  const all = [...ids(100), "growing"];
  expect(await purgeInSlices(some.library, all)).toEqual({ ids: ids(100), copies: ["copy"], problem });
  const { library } = asked();
  const read = { code: "storage/not-erased", message: "a backup reads the library" } as const;
  const endPurge = () => Promise.reject(new AppError(read.code, read.message));
  expect(await purgeInSlices({ ...library, endPurge }, ids(2))).toEqual({
    ...{ ids: ids(2), copies: [] },
    problem: expect.objectContaining(read) as unknown,
  });
  await expect(purgeInSlices({ ...library, endPurge }, [])).rejects.toMatchObject(read);
});
