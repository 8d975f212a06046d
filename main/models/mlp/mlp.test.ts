import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { mlpBackward, mlpForward, mlpStart, mlpTrace } from "./mlp.ts";

test("derivatives by weights and inputs are those measured", () => {
  const shape = { inputs: 3, hidden: 5, outputs: 2 };
  const random = seededRandom(1);
  const flat = mlpStart(shape, random).map((value) => value + 0.1 * random.normal());
  const x = Float64Array.from({ length: 3 }, () => random.normal());
  const slope = Float64Array.of(0.7, -1.3);
  const trace = mlpTrace(shape);
  const value = (weights: Float64Array, row: Float64Array): number => {
    mlpForward(shape, weights, row, trace);
    return (trace.out[0] ?? 0) * 0.7 - (trace.out[1] ?? 0) * 1.3;
  };
  value(flat, x);
  const gradient = new Float64Array(flat.length);
  const byRow = mlpBackward(shape, flat, x, trace, slope, gradient);
  const moved = (of: Float64Array, i: number, by: number) => of.map((v, j) => (i === j ? v + by : v));
  const step = 1e-6;
  const apart = [
    ...flat.map(
      (_, i) =>
        (value(moved(flat, i, step), x) - value(moved(flat, i, -step), x)) / (2 * step) - (gradient[i] ?? 0),
    ),
    ...x.map(
      (_, i) =>
        (value(flat, moved(x, i, step)) - value(flat, moved(x, i, -step))) / (2 * step) - (byRow[i] ?? 0),
    ),
  ];
  expect(Math.max(...apart.map(Math.abs))).toBeLessThan(1e-7);
});
