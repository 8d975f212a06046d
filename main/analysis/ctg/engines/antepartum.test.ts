import { describe, expect, test } from "vitest";
import { AntepartumReference } from "../../../../preload/contract/ctg.ts";
import { antepartum } from "./antepartum.ts";
import {
  accelerationAt,
  decelerationAt,
  evidenceOf,
  lastCode,
  sinusoidalFrom,
  verdictsOf,
  type MadeUp,
} from "./evidence.fixtures.ts";

const antepartumReference = AntepartumReference.parse({
  ...{ name: "made up", source: "for this test only" },
  weeks: [{ week: 38, p1Ms: 35, p10Ms: 39 }],
});
const told = {
  context: { isLabour: false, gestationDays: 7 * 38 + 3 },
  settings: { antepartumReference },
};
const accelerations = [200, 500, 800].map(accelerationAt);
const ranges = (rangeMs: number): Pick<MadeUp, "more"> => ({ more: () => ({ rangeMs }) });

describe("antepartum criteria, one by one", () => {
  test.each<[clause: string, made: Partial<MadeUp>, early: string | null, late: string | null]>([
    ["all met", {}, "met", "met"],
    ["(1) high variation not above the 1st centile", ranges(34), "continue", "not-met"],
    ["(1) no episode of high variation", ranges(31), "continue", "not-met"],
    ["(2) 21 lost beats, allowed once more than 30 min are recorded", lost(21), "continue", "met"],
    ["(2) 101 lost beats", lost(101), "continue", "not-met"],
    ["(2) a dip that is no deceleration by these criteria", lost(101, 9), "met", "met"],
    ["(3) a rate of 115, which may pass after 30 min", { baselineBpm: 115 }, "continue", "met"],
    ["(3) a rate of 105", { baselineBpm: 105 }, "continue", "not-met"],
    [
      "(4) two accelerations and movements not recorded",
      { accelerations: accelerations.slice(1) },
      null,
      null,
    ],
    ["(5) sinusoidal", { sinusoidal: [sinusoidalFrom(300, 1300)] }, "continue", "not-met"],
    ["(6) short-term variation of 2.9 ms", { more: () => ({ stvMs: 2.9 }) }, "continue", "not-met"],
    ["(7) no acceleration", { accelerations: [] }, null, null],
  ])("%s", (_clause, made, early, late) => {
    const usual = { accelerations, ...made };
    expect(lastCode(antepartum, evidenceOf({ minutes: 28, ...usual }), told)).toBe(early);
    expect(lastCode(antepartum, evidenceOf({ minutes: 60, ...usual }), told)).toBe(late);
  });

  test("(8) a deceleration or lost signal at the end of an analysis", () => {
    const lostAtEnd = evidenceOf({
      minutes: 30,
      accelerations,
      support: (minute) => (minute === 29 ? 0 : 1),
    });
    const deceleration = decelerationAt(1780, "variable", { lostBeats: 5, extremumS: 1790, endS: 1850 });
    const falling = evidenceOf({ minutes: 30, accelerations, decelerations: [deceleration] });
    for (const evidence of [lostAtEnd, falling])
      expect(lastCode(antepartum, evidence, told)).toBe("continue");
  });
});

describe("antepartum criteria", () => {
  const whole = evidenceOf({ minutes: 60, accelerations });
  const missing = (...of: Parameters<typeof verdictsOf>): unknown[] =>
    verdictsOf(...of)
      .at(-1)!
      .missing.map(({ code }) => code);

  test("are only for before labour, and only where that is stated", () => {
    expect(missing(antepartum, whole)).toEqual(["NEEDS_BEFORE_LABOUR"]);
    expect(missing(antepartum, whole, { context: { isLabour: true } })).toEqual(["IN_LABOUR"]);
    expect(lastCode(antepartum, whole, { context: { isLabour: true } })).toBeNull();
  });

  test("need the reference table and a gestational age that stands in it", () => {
    const { context, settings } = told;
    expect(missing(antepartum, whole, { context })).toContain("NEEDS_REFERENCE_TABLE");
    expect(missing(antepartum, whole, { context: { isLabour: false }, settings })).toContain(
      "NEEDS_GESTATION",
    );
    const early = { isLabour: false, gestationDays: 7 * 30 };
    expect(lastCode(antepartum, whole, { context: early, settings })).toBeNull();
  });

  test("are analysed from the tenth minute, then every second one", () => {
    const verdicts = verdictsOf(
      antepartum,
      evidenceOf({ minutes: 20, accelerations: [accelerationAt(640)] }),
      told,
    );
    expect(verdicts.slice(0, 9).every(({ code }) => code === null)).toBe(true);
    const reasons = verdicts.map((verdict) => verdict.missing.map(({ values }) => values.criterion));
    expect(reasons[10]).toContain("criterion-activity"); // the acceleration at 10:40 counts from minute 12 on
    expect(reasons[11]).not.toContain("criterion-activity");
  });

  test("a table whose 1st centile lies above the 10th, or with a week twice, is none", () => {
    const week = { week: 38, p1Ms: 40, p10Ms: 39 };
    const parsed = (weeks: readonly unknown[]): boolean =>
      AntepartumReference.safeParse({ name: "n", source: "s", weeks }).success;
    expect(parsed([week])).toBe(false);
    expect(parsed([{ ...week, p1Ms: 30 }])).toBe(true);
    expect(
      parsed([
        { ...week, p1Ms: 30 },
        { ...week, p1Ms: 31 },
      ]),
    ).toBe(false);
  });
});

function lost(lostBeats: number, depthBpm = 25): Partial<MadeUp> {
  return { decelerations: [decelerationAt(700, "variable", { lostBeats, depthBpm })] };
}
