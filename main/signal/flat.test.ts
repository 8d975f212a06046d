import fc from "fast-check";
import { expect, test } from "vitest";
import { FlatRuns } from "./flat.ts";

const runsOf = (
  values: readonly number[],
  reasons: readonly number[],
  least: number,
  cuts: number[] = [],
) => {
  const runs = new FlatRuns(least);
  const edges = [0, ...cuts.map((cut) => cut % (values.length + 1)).sort((a, b) => a - b), values.length];
  edges.slice(1).forEach((end, i) => {
    const from = edges[i] ?? 0;
    runs.push(Float32Array.from(values.slice(from, end)), Uint8Array.from(reasons.slice(from, end)), from);
  });
  return runs.done();
};
const seen = (values: readonly number[]): number[] => values.map(() => 0);

test("a value that stays for long enough is a flat run, zero like any other, and a shorter one is not", () => {
  const values = [5, 0, 0, 0, 0, 7, 7, 7, 3, 3, 3, 3];
  expect(runsOf(values, seen(values), 4)).toEqual([
    { first: 1, count: 4 },
    { first: 8, count: 4 },
  ]);
});

test("what is missing neither ends a flat run nor counts for it", () => {
  const values = [9, 2, 2, NaN, NaN, 2, 2, NaN];
  const reasons = [0, 0, 0, 1, 3, 0, 0, 1];
  expect(runsOf(values, reasons, 4)).toEqual([{ first: 1, count: 6 }]);
  expect(runsOf(values, reasons, 5)).toEqual([]);
});

test("however it is cut, the runs are the same, of one value, long enough, and as long as can be", () => {
  const sample = fc.record({ value: fc.integer({ min: 0, max: 1 }), reason: fc.constantFrom(0, 0, 0, 1) });
  fc.assert(
    fc.property(
      fc.array(sample, { maxLength: 40 }),
      fc.integer({ min: 2, max: 5 }),
      fc.array(fc.nat(100), { maxLength: 4 }),
      (samples, least, cuts) => {
        const values = samples.map(({ value }) => value);
        const reasons = samples.map(({ reason }) => reason);
        const found = runsOf(values, reasons, least, cuts);
        expect(found).toEqual(runsOf(values, reasons, least));
        for (const { first, count } of found) {
          const inside = samples.slice(first, first + count).filter(({ reason }) => reason === 0);
          expect(new Set(inside.map(({ value }) => value)).size).toBe(1);
          expect(inside.length).toBeGreaterThanOrEqual(least);
          const next = samples.slice(first + count).find(({ reason }) => reason === 0);
          expect(next?.value).not.toBe(inside[0]?.value);
        }
      },
    ),
  );
});
