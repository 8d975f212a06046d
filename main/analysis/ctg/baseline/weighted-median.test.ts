import fc from "fast-check";
import { expect, test } from "vitest";
import { WeightedMedians } from "./weighted-median.ts";

const REACH = 50;
const cell = fc.record({ value: fc.integer({ min: 60, max: 200 }), weight: fc.integer({ min: 0, max: 8 }) });
const series = fc.record({
  cells: fc.array(cell, { minLength: 1, maxLength: 400 }),
  anywhere: fc.nat(399),
  extra: fc.integer({ min: 60, max: 200 }),
  topUpTo: fc.constantFrom(0, 0.3, 3),
  low: fc.constantFrom(-Infinity, 100),
});

test("on each side of the median lies half of the weight, of one more value too, whatever lies below the limit", () => {
  fc.assert(
    fc.property(series, ({ cells, anywhere, extra, topUpTo, low }) => {
      const centre = anywhere % cells.length;
      const medians = new WeightedMedians(
        Float64Array.from(cells, ({ value }) => value),
        Float64Array.from(cells, ({ weight }) => weight / 8),
        4,
      );
      const { value, mass } = medians.find({ centre, reach: REACH, low, high: Infinity, extra, topUpTo });
      const under = cells.map((_, i) => Math.max(0, 1 - Math.abs(i - centre) / REACH) ** 4);
      const whole = under.reduce((sum, v) => sum + v, 0);
      const weights = cells.map((own, i) => (own.value < low ? 0 : ((under[i] ?? 0) * own.weight) / 8));
      const all = [
        ...cells.map((own, i) => ({ value: own.value, weight: weights[i] ?? 0 })),
        { value: extra, weight: Math.max(0, topUpTo - mass) * whole },
      ];
      const sum = (is: (value: number) => boolean): number =>
        all.filter((own) => is(own.value)).reduce((total, { weight }) => total + weight, 0);
      const half = sum(() => true) / 2;
      const slack = 1e-4; // what a window leaves out at its ends
      expect(Math.abs(mass * whole - weights.reduce((total, v) => total + v, 0))).toBeLessThan(slack);
      if (half < slack) return;
      expect(sum((v) => v <= value)).toBeGreaterThanOrEqual(half - slack);
      expect(sum((v) => v < value)).toBeLessThanOrEqual(half + slack);
    }),
  );
});
