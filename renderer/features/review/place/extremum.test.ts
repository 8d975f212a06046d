import { expect, test } from "vitest";
import { extremumIn } from "./extremum.ts";

const of = (values: readonly number[], missing: readonly number[] = []): number | undefined =>
  extremumIn(
    Float32Array.from(values),
    Uint8Array.from(values, (_, i) => (missing.includes(i) ? 1 : 0)),
  );

test("the nearest extremum is the observed value that stands out most, a trough or a peak", () => {
  expect(of([140, 141, 139, 80, 120, 140, 150])).toBe(3);
  expect(of([10, 11, 60, 70, 65, 9, 10, 11])).toBe(3);
  expect(of([140, 141, 139, 0, 120, 140, 150], [3])).toBe(4);
  expect(of([5, 5, 5])).toBe(0);
  expect(of([1, 2], [0, 1])).toBeUndefined();
});
