import { expect, test } from "vitest";
import { apart } from "./fan-overlay.ts";

test("chips stand where their ways end, none upon another, and inside the panel while there is room", () => {
  const room = { low: 0, high: 200 };
  expect(apart([10, 150], room)).toEqual([10, 150]);
  expect(apart([60, 50], room)).toEqual([88, 50]); // 34 high, 4 apart, in the order of the ways
  expect(apart([199, 198, 197], room)).toEqual([200, 162, 124]);
  expect(apart([5, 5, 5], { low: 0, high: 20 })).toEqual([0, 38, 76]); // no room: from the head on
});
