import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byOnset, earlier, lowerBound, stackRows, touching } from "./stacking.ts";

const events = fc
  .array(
    fc.record({
      id: fc.uuid(),
      onsetS: fc.integer({ min: 0, max: 500 }),
      durationS: fc.integer({ min: 0, max: 60 }),
      kind: fc.constantFrom("a", "d", "c"),
    }),
    { maxLength: 80 },
  )
  .map((list) => list.sort(byOnset));

describe("stacking", () => {
  test("no two events of a row share time", () => {
    fc.assert(
      fc.property(events, (list) => {
        const rows = stackRows(list, (one) => one.kind);
        for (let i = 0; i < list.length; i++) {
          for (let j = i + 1; j < list.length; j++) {
            if (rows[i] !== rows[j]) continue;
            expect(list[i]!.onsetS + list[i]!.durationS).toBeLessThanOrEqual(list[j]!.onsetS);
          }
        }
      }),
    );
  });
  test("events that do not overlap keep the row of their kind", () => {
    const list = [
      { onsetS: 0, durationS: 60, kind: "contraction" },
      { onsetS: 20, durationS: 30, kind: "deceleration" },
      { onsetS: 100, durationS: 30, kind: "deceleration" },
      { onsetS: 200, durationS: 60, kind: "contraction" },
    ];
    expect([...stackRows(list, (one) => one.kind)]).toEqual([0, 1, 1, 0]);
  });
  test("no more rows than events that overlap at once, plus one a further kind", () => {
    fc.assert(
      fc.property(events, (list) => {
        const rows = stackRows(list, (one) => one.kind);
        const most = Math.max(
          0,
          ...list.map(
            (one) =>
              list.filter(
                (other) => other.onsetS <= one.onsetS && other.onsetS + other.durationS > one.onsetS,
              ).length,
          ),
        );
        expect(Math.max(0, ...rows) + 1).toBeLessThanOrEqual(most + 3);
      }),
    );
  });
  test("lowerBound finds the first not below", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 })),
        fc.integer({ min: -60, max: 60 }),
        (list, value) => {
          const sorted = list.sort((a, b) => a - b);
          const at = lowerBound(sorted, value, (one) => one);
          expect(sorted.slice(0, at).every((one) => one < value)).toBe(true);
          expect(sorted.slice(at).every((one) => one >= value)).toBe(true);
        },
      ),
    );
  });
});

test("what touches a stretch is found without looking at all there is, points and long events too", () => {
  const interval = fc.record({ onsetS: fc.integer({ max: 500 }), durationS: fc.nat({ max: 200 }) });
  fc.assert(
    fc.property(fc.array(interval), fc.integer({ max: 600 }), fc.nat({ max: 100 }), (made, fromS, length) => {
      const intervals = made.sort(earlier);
      const toS = fromS + length;
      expect(touching(intervals, fromS, toS)).toEqual(
        intervals.filter(({ onsetS, durationS }) => onsetS <= toS && onsetS + durationS >= fromS),
      );
    }),
  );
});
