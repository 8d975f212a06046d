import { expect, test, describe } from "vitest";
import { innerNumbers, paperTimeLines, valueLines } from "./grid.ts";
import { liftedName, liftedScale, liftsOf, rateLines } from "./lines.ts";
import { fhrScales, paperHeightCm } from "./scale.ts";
import { categorical, stripColours } from "./colours.ts";
import { formatClock, formatElapsed, secondsOfDay, ticksBetween } from "./ticks.ts";

describe("times", () => {
  test("ticks are the multiples of the step, without drift over a day", () => {
    const ticks = ticksBetween(86390, 86400, 0.1);
    expect(ticks).toHaveLength(101);
    expect(ticks[100]).toBe(86400);
    expect(ticksBetween(0.5, 0.9, 1)).toEqual([]);
  });
  test("elapsed time shows the decimals its step needs, and carries", () => {
    expect(formatElapsed(59.96, 0.1)).toBe("01:00.0");
    expect(formatElapsed(3661)).toBe("1:01:01");
    expect(formatElapsed(0.25, 0.01)).toBe("00:00.25");
    expect(formatElapsed(-0.001)).toBe("00:00");
    expect(formatElapsed(-61)).toBe("−01:01");
  });
  test("the wall clock is read off the text and wraps at midnight", () => {
    expect(secondsOfDay("2020-05-06T23:59:30")).toBe(86370);
    expect(secondsOfDay("2020-05-06")).toBeUndefined();
    expect(secondsOfDay(undefined)).toBeUndefined();
    expect(formatClock(86370, 45, true)).toBe("00:00:15");
    expect(formatClock(86370, 45, false)).toBe("00:00");
  });
});

describe("the paper", () => {
  test("8 cm of 20 bpm, or 7 cm of 30", () => {
    expect(paperHeightCm("fhr", "50-210")).toBe(8);
    expect(paperHeightCm("fhr", "30-240")).toBe(7);
    expect(paperHeightCm("uc", "50-210")).toBe(4);
  });
  test.each([1, 2, 3] as const)(
    "at %i cm a minute the faintest lines are half a centimetre apart",
    (speed) => {
      const [faintest] = paperTimeLines(speed);
      expect(((faintest?.step ?? 0) / 60) * speed).toBe(0.5);
    },
  );
  test("its strongest lines are those of 110 and 160", () => {
    const values = fhrScales["30-240"];
    const lines = valueLines({ kind: "fhr", values, bpmPerCm: values.bpmPerCm });
    expect(lines.filter(({ weight }) => weight === 3).map(({ value }) => value)).toEqual([110, 160]);
    expect(lines.filter(({ weight }) => weight === 2).map(({ value }) => value)).toContain(150);
    expect(innerNumbers("fhr", fhrScales["50-210"], 20)).toEqual([80, 120, 160, 200]);
  });
  test("no two heart rates on one grid look alike, also printed in grey", () => {
    const palette = { tokens: stripColours.light, categorical: categorical.light };
    const lines = rateLines([{ role: "fhr" }, { role: "fhr" }, { role: "fhr" }, { role: "mhr" }], palette);
    const styles = lines.map(({ dash, width }) => JSON.stringify([dash, width]));
    expect(new Set(styles).size).toBe(lines.length);
  });
});

test("twins drawn apart: the second 20 bpm up, a third 20 down; never the first, the mother or a fourth", () => {
  const roles = (["mhr", "fhr", "fhr", "fhr", "fhr"] as const).map((role) => ({ role }));
  expect(liftsOf(roles, true)).toEqual([0, 0, 20, -20, 0]);
  expect(liftsOf(roles, false)).toEqual([0, 0, 0, 0, 0]);
  expect(liftedScale({ low: 50, high: 210 }, 20)).toEqual({ low: 30, high: 190 }); // 120 lies where 140 was
  expect(["FHR2", "FHR3"].map((name, i) => liftedName(name, i === 0 ? 20 : -20))).toEqual([
    "FHR2 +20",
    "FHR3 −20",
  ]);
  expect(liftedName("FHR1", 0)).toBe("FHR1");
});
