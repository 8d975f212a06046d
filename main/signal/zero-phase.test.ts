import { expect, test } from "vitest";
import { gentleBandPass, gentleLowPass, zeroPhase } from "./zero-phase.ts";

const RATE = 4;
const wave = (hz: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * hz * i) / RATE));
/** Of a wave far from the ends: how much is left of it, and whether it stays where it was. */
const gain = (of: Float64Array, filtered: Float64Array): number => {
  const middle = [of, filtered].map((row) => row.subarray(2000, -2000));
  const [own, left] = middle;
  const product = (a: Float64Array = Float64Array.of(), b: Float64Array = Float64Array.of()): number =>
    a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);
  return product(own, left) / product(own, own);
};

test("half of a wave at an edge is left, in its place; far below all of it, far above nothing", () => {
  const of = (hz: number) => {
    const values = wave(hz, 8000);
    return gain(values, zeroPhase(values, [gentleLowPass(0.1, RATE)]));
  };
  expect(of(0.1)).toBeCloseTo(0.5, 3);
  expect(of(0.005)).toBeGreaterThan(0.99);
  expect(of(1)).toBeLessThan(0.01);
});

test("a band keeps half at both its edges and all at their geometric middle", () => {
  const of = (hz: number) => {
    const values = wave(hz, 16000);
    return gain(values, zeroPhase(values, [gentleBandPass(0.05, 0.2, RATE)]));
  };
  expect(of(0.05)).toBeCloseTo(0.5, 2);
  expect(of(0.2)).toBeCloseTo(0.5, 2);
  expect(of(0.1)).toBeGreaterThan(0.98);
  expect(of(0.002)).toBeLessThan(0.01);
});

test("what stays is kept from the first value on", () => {
  const still = new Float64Array(50).fill(140);
  for (const value of zeroPhase(still, [gentleLowPass(0.02, RATE)])) expect(value).toBeCloseTo(140, 9);
  expect(zeroPhase(new Float64Array(0), [gentleLowPass(0.02, RATE)])).toHaveLength(0);
});
