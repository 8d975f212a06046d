import { expect, test } from "vitest";
import { measureSamples } from "./measure.ts";

test("unobserved samples count for nothing but the missing share", () => {
  const measured = measureSamples(Float32Array.of(3, 999, -4, 0), Uint8Array.of(0, 1, 0, 7));
  expect(measured).toMatchObject({ observedShare: 0.5, mean: -0.5, lowest: -4, lowestAt: 2, highest: 3 });
  expect(measured.rms).toBeCloseTo(Math.sqrt(12.5), 12);
});
test("a stretch without an observed sample has no values, only its missing share", () => {
  expect(measureSamples(Float32Array.of(1), Uint8Array.of(2))).toMatchObject({
    observedShare: 0,
    mean: undefined,
    lowest: undefined,
  });
  expect(measureSamples(new Float32Array(), new Uint8Array()).observedShare).toBe(0);
});
