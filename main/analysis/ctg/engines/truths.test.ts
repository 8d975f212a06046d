import { expect, test } from "vitest";
import type { Evidence } from "../trace.ts";
import { figo } from "./figo.ts";
import { nichd } from "./nichd.ts";
import { jsog } from "./jsog.ts";
import { engines } from "./registry.ts";
import {
  contractionAt,
  decelerationAt,
  evidenceOf,
  labour,
  lastCode,
  verdictsOf,
  type MadeUp,
} from "./evidence.fixtures.ts";

const classes = (evidence: Evidence): unknown[] =>
  [figo, nichd, jsog].map((engine) => lastCode(engine, evidence));

test("ctg.md 8.5, 1: twenty minutes of pure dropout cannot be assessed by any engine", () => {
  const dropout = evidenceOf({ minutes: 20, support: 0, ucSupport: 0 });
  for (const engine of engines)
    for (const { code, missing, assessable } of verdictsOf(engine, dropout, {
      context: { isLabour: false },
    })) {
      expect(code).toBeNull();
      expect(assessable).toBe(0);
      expect(missing).not.toEqual([]);
    }
});

test("ctg.md 8.5, 2: 140 with a bandwidth of 12 and no event is normal, category I, level 1", () => {
  expect(classes(evidenceOf({ minutes: 30 }))).toEqual(["normal", "I", "1"]);
});

test.each([
  ["alone", 11, 0],
  ["after half an hour at 140", 41, 30],
])(
  "ctg.md 8.5, 3: eleven minutes at 165, %s, are suspicious, category II, level 2",
  (_how, minutes, from) => {
    const fast = { minutes, baselineBpm: (minute: number) => (minute < from ? 140 : 165) };
    expect(classes(evidenceOf(fast))).toEqual(["suspicious", "II", "2"]);
  },
);

test("ctg.md 8.5, 4: a baseline of 95 is pathological, category II, level 3", () => {
  expect(classes(evidenceOf({ minutes: 30, baselineBpm: 95 }))).toEqual(["pathological", "II", "3"]);
});

test.each([
  ["alone", 0],
  ["after normal minutes", 12],
])("ctg.md 8.5, 5: a bandwidth of 3 is suspicious for 49 min and pathological for 51, %s", (_how, from) => {
  const quiet = (lasts: number): Evidence =>
    evidenceOf({ minutes: from + lasts, bandwidthBpm: (minute) => (minute < from ? 12 : 3) });
  expect(classes(quiet(51))).toEqual(["pathological", "II", "2"]);
  expect(classes(quiet(49))).toEqual(["suspicious", "II", "2"]);
});

test("ctg.md 8.5, 6: absent variability with late decelerations at 60 % of contractions is pathological once over 20 min, III, 5", () => {
  const pattern = labour(2400, 150, (i) => [true, true, false, true, false][i % 5] === true, "late");
  const evidence = evidenceOf({ minutes: 40, bandwidthBpm: 1.5, ...pattern });
  const codes = verdictsOf(figo, evidence).map(({ code }) => code);
  expect(codes.slice(0, 20)).not.toContain("pathological");
  expect(codes.slice(21).every((code) => code === "pathological")).toBe(true);
  expect(classes(evidence)).toEqual(["pathological", "III", "5"]);
});

test.each([
  [301, "pathological"],
  [299, "normal"], // one deceleration is not repetitive: at most suspicious
])("ctg.md 8.5, 7: one deceleration of %i s is %s", (lastsS, code) => {
  const inside = (minute: number): boolean => minute >= 30 && minute < 35;
  const one = evidenceOf({
    ...{ minutes: 45, bandwidthBpm: (minute: number) => (inside(minute) ? undefined : 12) },
    decelerations: [decelerationAt(1800, "prolonged", { lastsS })],
  });
  expect(lastCode(figo, one)).toBe(code);
});

test("ctg.md 8.5, 8: six contractions in 10 min over half an hour are tachysystole; six once, 4.7 on average, are not", () => {
  const every = (onsets: readonly number[]): Evidence =>
    evidenceOf({ minutes: 30, contractions: onsets.map((onsetS) => contractionAt(onsetS)) });
  const reasons = (evidence: Evidence): unknown[] =>
    verdictsOf(nichd, evidence)
      .at(-1)!
      .reasons.filter(({ code }) => code.startsWith("TACHYSYSTOLE"))
      .map(({ code, values }) => [code, values.rate]);
  const six = Array.from({ length: 18 }, (_, i) => 100 * i);
  expect(reasons(every(six))).toEqual([["TACHYSYSTOLE", 6]]);
  const once = [
    ...Array.from({ length: 6 }, (_, i) => 100 * i),
    ...Array.from({ length: 8 }, (_, i) => 600 + 150 * i),
  ];
  expect(reasons(every(once))).toEqual([]);
});

test("ctg.md 8.5, 9: where contractions are not seen a gradual deceleration is neither early nor late", () => {
  const quiet: MadeUp = { minutes: 30, decelerations: [decelerationAt(1500, "unknown")] };
  const [before] = [evidenceOf({ ...quiet, ucSupport: 0 })];
  expect(classes(before)).toEqual(["normal", null, null]);
  const { missing } = verdictsOf(nichd, before).at(-1)!;
  expect(missing.map(({ code }) => code)).toEqual(["NEEDS_CONTRACTIONS", "BETWEEN"]);
});

test("ctg.md 8.5, 10: thirty per cent less of every minute changes no class", () => {
  expect(classes(evidenceOf({ minutes: 30, support: 0.7 }))).toEqual(["normal", "I", "1"]);
});

test("a heart rate that does not move at all is no absent variability: what is told says so, and no class is made of it", () => {
  const frozen = { support: (m: number) => (m < 15 ? 1 : 0), frozenShare: (m: number) => (m < 15 ? 0 : 1) };
  const stuck = evidenceOf({ minutes: 40, ...frozen });
  expect(classes(stuck)).toEqual([null, null, null]);
  for (const engine of engines) {
    const { missing, reasons } = verdictsOf(engine, stuck, { context: { isLabour: false } }).at(-1)!;
    expect(missing[0]).toMatchObject({ code: "FROZEN", values: { count: 25, minutes: 40 } });
    expect(reasons.map(({ code }) => code)).not.toContain("FROZEN");
  }
  const brief = evidenceOf({
    minutes: 40,
    support: (m) => (m === 30 ? 0 : 1),
    frozenShare: (m) => Number(m === 30),
  });
  expect(classes(brief)).toEqual(["normal", "I", "1"]);
  for (const engine of [figo, nichd, jsog]) {
    const { reasons, missing } = verdictsOf(engine, brief).at(-1)!;
    expect(reasons.at(-1)).toMatchObject({ code: "FROZEN", values: { count: 1, minutes: 40 } });
    expect(missing).toEqual([]);
  }
});

test("a heart rate that is left out because it lies outside what is analysed is said to be drawn there", () => {
  const below = evidenceOf({
    minutes: 40,
    support: (m) => Number(m < 20),
    more: (m) => ({ outsideShare: Number(m >= 20) }),
  });
  for (const engine of [figo, nichd, jsog]) {
    const { code, missing } = verdictsOf(engine, below).at(-1)!;
    expect(code).toBeNull();
    expect(missing[0]).toMatchObject({
      code: "OUTSIDE",
      values: { count: 20, minutes: 40, low: 50, high: 220 },
    });
  }
});
