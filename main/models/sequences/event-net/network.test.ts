import { expect, test } from "vitest";
import { valuesOf } from "../../../compute/parameters.ts";
import { initialParameters, parameterCount, parameterShapes } from "./network.ts";

test("a network with four outputs has the 139,124 parameters of the recipe, each with a name of its own", () => {
  expect(parameterCount(4)).toBe(139_124);
  expect(parameterCount(1)).toBe(139_124 - 3 * 25);
  expect(parameterShapes(2).get("down0.halve.filter")).toEqual([4, 14, 24]);
  expect(parameterShapes(2).get("head.bias")).toEqual([2]);
});

test("initial weights are bounded by the inputs of an output, and the seed decides them", () => {
  const first = valuesOf(initialParameters(2, 1), "down0.halve.filter");
  expect(Math.max(...first.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(4 * 14));
  expect(initialParameters(2, 1)).toEqual(initialParameters(2, 1));
  expect(initialParameters(2, 2)).not.toEqual(initialParameters(2, 1));
});
