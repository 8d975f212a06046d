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

  test("tell whose table they rest upon, and by which row", () => {
    const { reasons } = verdictsOf(antepartum, whole, told).at(-1) ?? { reasons: [] };
    expect(reasons.find(({ code }) => code === "REFERENCE_TABLE")).toMatchObject({
      values: { table: "made up", source: "for this test only", week: 38, low: 35, high: 39 },
      evidence: "supplied",
    });
    const [first] = reasons.filter(({ values }) => values["criterion"] === "criterion-episode");
    expect(first?.evidence).toBe("supplied");
  });

  test("are not for triplets", () => {
    const triplets = evidenceOf({ minutes: 60, accelerations, fetuses: 3 });
    expect(missing(antepartum, triplets, told)).toEqual(["TOO_MANY_FETUSES"]);
    expect(lastCode(antepartum, triplets, told)).toBeNull();
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

describe("movements that people marked", () => {
  const marked = (count: number, everyS = 60): number[] =>
    Array.from({ length: count }, (_, i) => 30 + i * everyS);
  const few = { accelerations: accelerations.slice(1) };
  const none = { accelerations: [] };
  test.each<[what: string, made: Partial<MadeUp>, code: string | null]>([
    ["(4) one is enough beside two accelerations", { ...few, movements: [marked(1)] }, "met"],
    ["(4) none marked: nobody knows", { ...few, movements: [] }, null],
    ["(4) marked more than an hour before the end", { ...few, movements: [[-10]] }, null],
    [
      "(4) of twins none counts: three accelerations it is",
      { ...few, fetuses: 2, movements: [marked(30)] },
      "not-met",
    ],
    ["(4) twins of whom too little was seen", { ...few, fetuses: 2, support: 0.4 }, null],
    ["(7) 21 and high variation above the 10th centile", { ...none, movements: [marked(21)] }, "met"],
    ["(7) 20 are not enough", { ...none, movements: [marked(20)] }, "not-met"],
    [
      "(7) two people who marked 11 each may have marked the same",
      { ...none, movements: [marked(11), marked(11, 50)] },
      "not-met",
    ],
    [
      "(7) many, and variation not above the 10th centile",
      { ...none, movements: [marked(21)], ...ranges(38) },
      "not-met",
    ],
    ["(7) variation not above the 10th centile, movements not marked", { ...none, ...ranges(38) }, "not-met"],
    ["(7) no episode of high variation: movements make no difference", { ...none, ...ranges(20) }, "not-met"],
    ["(7) too little was seen", { ...none, movements: [marked(30)], support: 0.4 }, null],
  ])("%s", (_what, made, code) => {
    expect(lastCode(antepartum, evidenceOf({ minutes: 60, ...made }), told)).toBe(code);
  });

  test("(7) many of them need the table still", () => {
    const evidence = evidenceOf({ minutes: 60, ...none, movements: [marked(21)] });
    const { missing = [] } = verdictsOf(antepartum, evidence, { context: told.context }).at(-1) ?? {};
    expect(missing.map(({ code, values }) => [code, values["criterion"]])).toEqual([
      ["NEEDS_REFERENCE_TABLE", "criterion-episode"],
      ["NEEDS_REFERENCE_TABLE", "criterion-activity"],
    ]);
  });
});

function lost(lostBeats: number, depthBpm = 25): Partial<MadeUp> {
  return { decelerations: [decelerationAt(700, "variable", { lostBeats, depthBpm })] };
}
