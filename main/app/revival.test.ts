import { expect, test } from "vitest";
import { reviveAt } from "./revival.ts";

/** When the page is loaded after each of these crashes. */
function after(timesMs: readonly number[], isRecording: boolean): (number | undefined)[] {
  let crashes: readonly number[] = [];
  return timesMs.map((atMs) => {
    const revival = reviveAt(crashes, atMs, isRecording);
    crashes = revival.crashes;
    return revival.afterMs;
  });
}

test("a page that dies again and again is left dead, unless a recording is under way", () => {
  expect(after([0, 1000, 2000, 3000], false)).toEqual([0, 0, 0, undefined]);
  expect(after([0, 1000, 2000, 3000, 14_000], true)).toEqual([0, 0, 0, 10_000, 10_000]);
  expect(after([0, 1000, 2000, 90_000], false)).toEqual([0, 0, 0, 0]);
});
