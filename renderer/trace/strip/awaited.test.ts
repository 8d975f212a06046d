import { expect, test } from "vitest";
import { awaitedOn, type LiveNow } from "./awaited.ts";

const panel = (top: number, ...positions: readonly number[]) => ({
  ...{ top, height: 40 },
  series: positions.map((position) => ({ channel: { position } })),
});
const live: LiveNow = {
  ...{ endS: 20, nowS: 20, text: "live", isAlarm: false },
  missing: [
    { channel: 1, fromS: 12 },
    { channel: 2, fromS: 14 },
    { channel: 3, fromS: 20 },
  ],
};

test("a panel of which nothing comes is hatched from where it ends up to now, one of which anything comes is not", () => {
  expect(awaitedOn([panel(0, 0), panel(50, 1), panel(100, 1, 2), panel(150, 0, 1)], live)).toEqual([
    { top: 50, height: 40, fromS: 12, toS: 20 },
    { top: 100, height: 40, fromS: 14, toS: 20 },
  ]);
  expect(awaitedOn([panel(0, 3), panel(50)], live), "nothing to hatch yet").toEqual([]);
  expect(awaitedOn([panel(0, 1)], { ...live, isAlarm: true }), "all of the strip is").toEqual([]);
  expect(awaitedOn([panel(0, 1)], { ...live, missing: [] })).toEqual([]);
});
