import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom, shuffle } from "./random.ts";

const draw = (seed: number, stream?: number): number[] => {
  const random = seededRandom(seed, stream);
  return Array.from({ length: 8 }, () => random.next());
};

test("one seed and stream give the same numbers, another seed or stream others", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.integer({ min: 1, max: 1e6 }), (seed, by) => {
      expect(draw(seed, by)).toEqual(draw(seed, by));
      expect(draw(seed, by)).not.toEqual(draw(seed));
      expect(draw(seed + by)).not.toEqual(draw(seed));
    }),
  );
  expect(draw(2 ** 32 + 5)).not.toEqual(draw(5)); // seeds beyond 32 bits are not folded onto others
});

test("uniform numbers lie in [0, 1), integers below their limit, normals have mean 0 and variance 1", () => {
  const random = seededRandom(4);
  const uniform = Array.from({ length: 20_000 }, () => random.next());
  expect(uniform.every((v) => v >= 0 && v < 1)).toBe(true);
  expect(uniform.reduce((a, b) => a + b, 0) / uniform.length).toBeCloseTo(0.5, 1.9);
  const dice = Array.from({ length: 6000 }, () => random.below(6));
  for (let side = 0; side < 6; side += 1)
    expect(Math.abs(dice.filter((v) => v === side).length - 1000)).toBeLessThan(150); // 5 sd
  const normal = Array.from({ length: 20_000 }, () => random.normal());
  const mean = normal.reduce((a, b) => a + b, 0) / normal.length;
  const variance = normal.reduce((a, b) => a + (b - mean) ** 2, 0) / normal.length;
  expect(Math.abs(mean)).toBeLessThan(0.035); // 5 sd
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
});

test("a shuffle keeps every item and depends on its seed alone", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 40 }), fc.nat(1000), (items, seed) => {
      const once = shuffle([...items], seededRandom(seed));
      expect(once).toEqual(shuffle([...items], seededRandom(seed)));
      expect([...once].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
    }),
  );
});

test("every order of three is equally likely", () => {
  const counts = new Map<string, number>();
  const random = seededRandom(11);
  for (let i = 0; i < 6000; i += 1) {
    const key = shuffle([0, 1, 2], random).join("");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
