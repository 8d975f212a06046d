import "@tensorflow/tfjs-backend-cpu";
import { tensor2d, tidy } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { ringOf, ringWidth, withRing } from "./ring.ts";

const ring = { electrodes: 8, blocks: 2 };
const profile = (seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: 16 }, () => random.normal());
};
const turned = (x: Float32Array, by: number, direction: 1 | -1): Float32Array =>
  x.map((_, i) => x[8 * Math.floor(i / 8) + ((((direction * (i % 8) + by) % 8) + 8) % 8)] as number);

test("the shape of a profile is the same however the bracelet is turned or put on", () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(7), fc.constantFrom(1 as const, -1 as const), (seed, by, direction) => {
      const x = profile(seed);
      const [plain, again] = [ringOf(ring, x), ringOf(ring, turned(x, by, direction))];
      plain.forEach((v, j) => expect(Math.abs(v - (again[j] as number))).toBeLessThan(1e-5));
    }),
  );
});

test("a profile that goes round twice shows in its second harmonic only, its level in none", () => {
  const x = Float32Array.from({ length: 16 }, (_, i) =>
    i < 8 ? 5 + Math.cos((2 * Math.PI * 2 * i) / 8) : 1,
  );
  const found = ringOf(ring, x);
  expect(found).toHaveLength(ringWidth(ring));
  expect(found[1]).toBeCloseTo(3 * 0.5, 2); // a wave of amplitude 1 has magnitude 1/2
  for (const j of [0, 2, 3, 4, 5, 6, 7]) expect(found[j]).toBeLessThan(0.04);
});

test("tensors and float64 agree, and the inputs come first", () => {
  tidy(() => {
    const x = profile(3);
    const found = withRing(ring, tensor2d(x, [1, 16])).dataSync();
    expect(found.subarray(0, 16)).toEqual(x);
    ringOf(ring, x).forEach((v, j) => expect(found[16 + j]).toBeCloseTo(v, 4));
  });
});
