import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleaningProposals, without } from "./cleaning.ts";
import { countingProposals, maternalProposals } from "./proposals.ts";
import type { Samples } from "./trace.ts";

/** Pieces of so many seconds at one value; NaN: not observed. */
const made = (...pieces: readonly (readonly [number, number])[]): Samples => {
  const values = Float64Array.from(pieces.flatMap(([s, bpm]) => new Array<number>(s * 4).fill(bpm)));
  return { values, observed: new Uint8Array(values.map((v) => (Number.isNaN(v) ? 0 : 1))) };
};
const told = (fhr: Samples): readonly unknown[] =>
  cleaningProposals(fhr).map(({ first, count, code }) => [first / 4, count / 4, code]);

describe("ctg.md §2", () => {
  test("step 2: outside 50–220 bpm", () => {
    expect(told(made([10, 140], [6, 230], [10, 140], [6, 49]))).toEqual([
      [10, 6, "out-of-range"],
      [26, 6, "out-of-range"],
    ]);
    expect(told(made([10, 50], [10, 220]))).toEqual([]);
  });

  test("step 3: runs shorter than 5 s, what the range cut off among them", () => {
    expect(told(made([10, 140], [1, NaN], [4, 141], [1, NaN], [5, 142]))).toEqual([[11, 4, "short-run"]]);
    expect(told(made([10, 140], [1, 240], [3, 141], [1, 30], [9, 140])).map((of) => of)).toHaveLength(3);
  });

  test("step 4: islands under 30 s that hang more than 25 bpm on one side of both neighbours", () => {
    const island = (seconds: number, bpm: number, after: number): readonly unknown[] =>
      told(made([60, 140], [2, NaN], [seconds, bpm], [2, NaN], [60, after]));
    expect(island(20, 100, 140)).toEqual([[62, 20, "island"]]);
    expect(island(20, 180, 140)).toEqual([[62, 20, "island"]]);
    expect(island(30, 100, 140)).toEqual([]);
    expect(island(20, 115, 140)).toEqual([]);
    expect(island(20, 170, 200)).toEqual([]);
  });
});

describe("a heart rate that does not move at all", () => {
  const moving = (seconds: number): readonly (readonly [number, number])[] =>
    Array.from({ length: seconds }, (_, i) => [1, 140 + (i % 7)] as const);

  test("is proposed from two minutes on, all of it, and with no probability, which nobody measured", () => {
    const stuck = (seconds: number): Samples => made(...moving(60), [seconds, 139], ...moving(60));
    expect(told(stuck(119))).toEqual([]);
    expect(told(stuck(120))).toEqual([[60, 120, "frozen"]]);
    expect(cleaningProposals(stuck(1800)).map(({ probability }) => probability)).toEqual([undefined]);
  });

  test("what is missing within neither ends it nor counts, and is not proposed", () => {
    const gaps = made(...moving(60), [70, 139], [600, NaN], [70, 139], ...moving(60));
    expect(told(gaps)).toEqual([
      [60, 70, "frozen"],
      [730, 70, "frozen"],
    ]);
    expect(told(made(...moving(60), [59, 139], [600, NaN], [60, 139], ...moving(60)))).toEqual([]);
  });

  test("of a channel that says few values so many have to be alike", () => {
    const slow = made([600, 139], ...moving(60));
    const at = (hz: number): number => cleaningProposals(slow, hz).length;
    expect([at(4), at(1), at(0.21), at(0.19), at(1 / 60)]).toEqual([1, 1, 1, 0, 0]);
  });
});

test("nothing is taken that was not proposed, nothing is proposed twice or where nothing was, and no value changes", () => {
  const piece = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(NaN, 40, 100, 140, 150, 230));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const fhr = made(...pieces);
      const proposals = cleaningProposals(fhr);
      const left = without(fhr, proposals);
      const taken = fhr.observed.reduce((sum, is, i) => sum + is - (left.observed[i] ?? 0), 0);
      expect(proposals.reduce((sum, { count }) => sum + count, 0)).toBe(taken);
      expect(left.values).toBe(fhr.values);
      expect(cleaningProposals(left).filter(({ code }) => code !== "island")).toEqual([]);
    }),
  );
});

test("the mother's rate for 5 s and longer is proposed, the surer the longer, a chance crossing is not", () => {
  const mhr = made([400, 90]);
  const [short, long, ...others] = maternalProposals(
    made([50, 140], [4, 92], [50, 140], [12, 88], [2, 140], [6, 94], [20, 140], [200, 91]),
    mhr,
  );
  expect([short?.first, short?.count]).toEqual([104 * 4, 20 * 4]);
  expect([long?.first, long?.count]).toEqual([144 * 4, 200 * 4]);
  expect(long?.probability).toBeGreaterThan(short?.probability ?? 1);
  expect(others).toEqual([]);
});

test("a step by a factor of two is half or double counting on the side that stands alone", () => {
  const of = (fhr: Samples) =>
    countingProposals(fhr).map(({ first, count, code }) => [first / 4, count / 4, code]);
  expect(of(made([300, 140], [40, 70], [300, 141]))).toEqual([[300, 40, "halved"]]);
  expect(of(made([300, 90], [40, 180], [3, NaN], [300, 92]))).toEqual([[300, 40, "doubled"]]);
  expect(of(made([30, 70], [300, 140]))).toEqual([[0, 30, "halved"]]);
  expect(of(made([300, 140], [20, 70], [40, NaN], [300, 140]))).toEqual([[300, 20, "halved"]]);
  expect(of(made([300, 140], [60, 90], [300, 140]))).toEqual([]); // a deceleration
  const slow = made(...Array.from({ length: 70 }, (_, i) => [1, 140 - i] as const), [30, 70]);
  expect(of(slow)).toEqual([]);
});
