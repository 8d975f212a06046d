import fc from "fast-check";
import { expect, test } from "vitest";
import { normalFrom, uniformFrom } from "./random.ts";

const first = (seed: number, stream?: number): number[] => {
  const next = uniformFrom(seed, stream);
  return Array.from({ length: 8 }, next);
};

test("the same seed and stream give the same numbers in [0, 1), any other seed or stream gives others", () => {
  const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const stream = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(seed, stream, seed, stream, (seedA, streamA, seedB, streamB) => {
      const numbers = first(seedA, streamA);
      expect(first(seedA, streamA)).toEqual(numbers);
      numbers.forEach((value) => expect(value >= 0 && value < 1).toBe(true));
      if (seedA !== seedB || streamA !== streamB) expect(first(seedB, streamB)).not.toEqual(numbers);
    }),
  );
  expect(first(7)).toEqual(first(7, 0));
});

test("normal numbers have mean 0, variance 1 and the tails of a normal distribution", () => {
  const next = normalFrom(uniformFrom(3));
  const numbers = Array.from({ length: 20_000 }, next);
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  expect(numbers.filter((value) => Math.abs(value) > 1.96).length / numbers.length).toBeCloseTo(0.05, 2);
});
