import fc from "fast-check";
import { expect, test } from "vitest";
import { averageBins } from "./resample.ts";

test("bins are means of their observed samples, judged by the share that is there", () => {
  const values = Float32Array.of(1, 2, 3, 4, 9, 9, 9, 9, 5);
  const observed = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 1, 1);
  const found = averageBins(values, observed, 4, 1, 0.5);
  expect([...found.values]).toEqual([1.5, 0, 5]); // the last bin is short and complete
  expect([...found.observed]).toEqual([1, 0, 1]);
});

test("a constant stays a constant at any rate, and masked samples cannot change it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
      (sampleRate, seen) => {
        const values = Float32Array.from(seen, (is) => (is ? 7 : NaN));
        const found = averageBins(values, Uint8Array.from(seen, Number), sampleRate, 1, 0.01);
        return found.values.every((v, i) => (found.observed[i] === 1 ? v === 7 : v === 0));
      },
    ),
  );
});
