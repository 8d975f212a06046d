import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findContractions } from "./contractions.ts";
import { hidden, later, levelOf, toco, traceOf } from "./ctg.fixtures.ts";
import { isLikely } from "./trace.ts";
import { uterineMinutes } from "./uterine-activity.ts";
import { minutesOf } from "./variability.ts";

const every = (fromS: number, toS: number, times: number): number[] =>
  Array.from({ length: times }, (_, i) => fromS + ((i + 0.5) * (toS - fromS)) / times);

const activity = (peaks: readonly number[], seconds: number) => {
  const trace = traceOf(seconds, () => 140, toco(peaks));
  const contractions = findContractions(trace);
  const minutes = minutesOf(trace, levelOf(seconds, 140), { accelerations: [], decelerations: [] });
  return { contractions, minutes, said: uterineMinutes(minutes, contractions, []) };
};

describe("a contraction", () => {
  test("is found with its onset, peak and end", () => {
    const [one, ...others] = findContractions(traceOf(900, () => 140, toco([400]))).filter(isLikely);
    expect(others).toEqual([]);
    expect(Math.abs((one?.peakS ?? 0) - 400)).toBeLessThan(1);
    expect(one?.heightOverTonus).toBeGreaterThan(40);
    expect(one?.onsetS).toBeGreaterThan(345);
    expect(one?.onsetS).toBeLessThan(375);
    expect(Math.abs((one?.endS ?? 0) + (one?.onsetS ?? 0) - 800)).toBeLessThan(2);
  });

  test("is the more likely the higher it is, and doubtful near 16 units", () => {
    const chance = (units: number): number =>
      findContractions(
        traceOf(
          900,
          () => 140,
          (s) => 10 + (units / 50) * (toco([400])(s) - 10),
        ),
      )[0]?.probability ?? 0;
    expect(chance(6)).toBeLessThan(0.2);
    expect(chance(18)).toBeGreaterThan(0.2);
    expect(chance(18)).toBeLessThan(0.8);
    expect(chance(50)).toBeGreaterThan(0.9);
  });

  test("with two tops and a shallow valley is one; with a deep one they are two", () => {
    const likely = (apartS: number) =>
      findContractions(traceOf(900, () => 140, toco([400, 400 + apartS]))).filter(isLikely).length;
    expect(likely(45)).toBe(1);
    expect(likely(110)).toBe(2);
  });

  test("does not change with what lies behind the mask, and moves with whole minutes", () => {
    const { uc, ...trace } = traceOf(1200, () => 140, toco([200, 500, 800]));
    if (uc === undefined) throw new Error("no contractions to hide");
    const found = findContractions({ ...trace, uc: hidden(uc, 560, 700, 0) });
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.integer({ min: 1, max: 9 }),
        (junk, lead) => {
          expect(findContractions({ ...trace, uc: hidden(uc, 560, 700, junk) })).toEqual(found);
          const moved = later(hidden(uc, 560, 700, junk), lead);
          const again = findContractions({ ...trace, count: moved.values.length, uc: moved });
          expect(again.map(({ peakS }) => peakS - 60 * lead)).toEqual(found.map(({ peakS }) => peakS));
          again.forEach((one, i) => expect(one.probability).toBeCloseTo(found[i]?.probability ?? 0, 9));
        },
      ),
      { numRuns: 20 },
    );
  });

  test("needs a channel: without one nothing is said", () => {
    expect(findContractions(traceOf(600, () => 140))).toEqual([]);
  });
});

describe("the rate of contractions", () => {
  test("ctg.md 8.5 no. 8: six in 10 min over 30 min are a tachysystole", () => {
    const last = activity(every(0, 1800, 18), 1800).said.at(-1);
    expect(last).toMatchObject({ per10Min: 6, isTachysystole: true, isTachysystoleFigo: true });
  });

  test("ctg.md 8.5 no. 8: six in one 10 min, below five averaged, are none", () => {
    const peaks = [...every(0, 600, 4), ...every(600, 1200, 4), ...every(1200, 1800, 6)];
    const last = activity(peaks, 1800).said.at(-1);
    expect(last?.per10Min).toBeCloseTo(14 / 3, 5);
    expect(last).toMatchObject({ isTachysystole: false, isTachysystoleFigo: false });
  });

  test("six in each of two successive 10 min are one by FIGO's second clause alone", () => {
    const peaks = [...every(0, 600, 2), ...every(600, 1800, 12)];
    const last = activity(peaks, 1800).said.at(-1);
    expect(last).toMatchObject({ isTachysystole: false, isTachysystoleFigo: true });
  });

  test("cannot be assessed where 30 % of the last 30 min were not seen", () => {
    const { contractions, minutes } = activity(every(0, 1800, 18), 1800);
    const unseen = minutes.map((one, i) => (i < 10 ? { ...one, ucSupport: 0 } : one));
    expect(uterineMinutes(unseen, contractions, []).at(-1)).toMatchObject({
      per10Min: undefined,
      isTachysystole: undefined,
    });
    expect(uterineMinutes(minutes, contractions, [])[15]?.per10Min).toBeUndefined();
  });
});
