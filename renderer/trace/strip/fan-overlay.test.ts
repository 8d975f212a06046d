import { expect, test } from "vitest";
import { apart, piecesIn } from "./fan-overlay.ts";

test("chips stand where their ways end, none upon another, and inside the panel while there is room", () => {
  const room = { low: 0, high: 200 };
  expect(apart([10, 150], room)).toEqual([10, 150]);
  expect(apart([60, 50], room)).toEqual([88, 50]); // 34 high, 4 apart, in the order of the ways
  expect(apart([199, 198, 197], room)).toEqual([200, 162, 124]);
  expect(apart([5, 5, 5], { low: 0, high: 20 })).toEqual([0, 38, 76]); // no room: from the head on
});

test("of a wide fan only the pieces near the screen are drawn, of one that fits all", () => {
  expect(piecesIn({ left: 300, width: 200 }, 1200)).toEqual({ first: 0, last: 0 });
  expect(piecesIn({ left: 300, width: 20_000 }, 1200)).toEqual({ first: 0, last: 1 });
  expect(piecesIn({ left: -9000, width: 20_000 }, 1200)).toEqual({ first: 3, last: 5 });
  expect(piecesIn({ left: -30_000, width: 20_000 }, 1200)).toEqual({ first: 9, last: 9 });
});
