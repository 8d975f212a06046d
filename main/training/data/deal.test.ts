import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../models/random.ts";
import { balancedDealer, dealer, keysOf, type Deal } from "./deal.ts";

const deal = (from: Deal, count: number): number[] => Array.from({ length: count }, () => from());
const rowsTo = (count: number): Int32Array => Int32Array.from({ length: count }, (_, n) => n);
const counts = (values: readonly number[]): Map<number, number> => {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
};
/** How far apart the counts of what was dealt are; what never came counts as 0. */
const unevenness = (found: Map<number, number>, of: number): number => {
  const all = Array.from({ length: of }, (_, value) => found.get(value) ?? 0);
  return Math.max(...all) - Math.min(...all);
};

/** A class and a person a row, as lopsided as chance makes them, with every class and person in it. */
const tables = fc
  .record({
    classes: fc.integer({ min: 1, max: 5 }),
    people: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(999),
  })
  .map(({ classes, people, seed }) => {
    const random = seededRandom(seed);
    const rows: [number, number][] = [];
    for (let c = 0; c < classes; c += 1)
      for (let p = 0; p < people; p += 1) for (let n = 1 + random.below(30); n > 0; n -= 1) rows.push([c, p]);
    return {
      classes,
      people,
      seed,
      rows: rowsTo(rows.length),
      classOf: Int32Array.from(rows, ([c]) => c),
      person: Int32Array.from(rows, ([, p]) => p),
    };
  });

describe("a dealer", () => {
  test("deals every row once before any comes again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(99), (count, seed) => {
        const from = dealer(rowsTo(count), seededRandom(seed));
        const round = (): number[] => deal(from, count).sort((a, b) => a - b);
        expect([round(), round()]).toEqual([[...rowsTo(count)], [...rowsTo(count)]]);
      }),
    );
  });

  test("balanced by class shows every class equally often, whatever there is of each", () => {
    fc.assert(
      fc.property(tables, ({ rows, classOf, classes, seed }) => {
        const dealt = deal(balancedDealer(rows, [classOf], seededRandom(seed)), 7 * classes + 3);
        expect(unevenness(counts(dealt.map((row) => classOf[row] as number)), classes)).toBeLessThanOrEqual(
          1,
        );
      }),
    );
  });

  test("balanced by person within each class shows each pair equally often", () => {
    fc.assert(
      fc.property(tables, ({ rows, classOf, person, classes, people, seed }) => {
        const dealt = deal(balancedDealer(rows, [classOf, person], seededRandom(seed)), 5 * classes * people);
        const pairs = dealt.map((row) => (classOf[row] as number) * people + (person[row] as number));
        expect(unevenness(counts(pairs), classes * people)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("balanced leaves no row out", () => {
    fc.assert(
      fc.property(tables, ({ rows, classOf, person, seed }) => {
        const from = balancedDealer(rows, [classOf, person], seededRandom(seed));
        expect(new Set(deal(from, 4 * 5 * 31)).size).toBe(rows.length); // 30 rows of a pair at most
      }),
    );
  });

  test("deals the same for the same seed, and otherwise for another", () => {
    fc.assert(
      fc.property(tables, ({ rows, classOf, seed }) => {
        const once = deal(balancedDealer(rows, [classOf], seededRandom(seed)), 200);
        expect(deal(balancedDealer(rows, [classOf], seededRandom(seed)), 200)).toEqual(once);
        if (rows.length < 10) return;
        expect(deal(balancedDealer(rows, [classOf], seededRandom(seed + 1)), 200)).not.toEqual(once);
      }),
    );
  });
});

test("without labels a window is balanced by person at most", () => {
  const by = { classOf: Int32Array.of(0), person: Int32Array.of(1) };
  expect(keysOf("windows", by)).toEqual({ labelled: [], unlabelled: [] });
  expect(keysOf("classes", by)).toEqual({ labelled: [by.classOf], unlabelled: [] });
  expect(keysOf("people", by)).toEqual({ labelled: [by.person], unlabelled: [by.person] });
  expect(keysOf("people-of-classes", by)).toEqual({
    labelled: [by.classOf, by.person],
    unlabelled: [by.person],
  });
});
