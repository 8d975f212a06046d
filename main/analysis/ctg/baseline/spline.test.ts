import { expect, test } from "vitest";
import { naturalSpline } from "./spline.ts";

test("as SciPy's CubicSpline with natural ends", () => {
  // CubicSpline([0, 2, 3, 7], [1, 3, 2, 5], bc_type="natural")(arange(8))
  const expected = [1.0, 2.552966101695, 3.0, 2.0, 1.637711864407, 2.228813559322, 3.455508474576, 5.0];
  const curve = naturalSpline(Float64Array.of(0, 2, 3, 7), Float64Array.of(1, 3, 2, 5), 8);
  curve.forEach((v, i) => expect(v).toBeCloseTo(expected[i] ?? NaN, 9));
});

test("beyond its knots it goes on straight, and two knots are a line", () => {
  expect([...naturalSpline(Float64Array.of(1, 3), Float64Array.of(2, 6), 6)]).toEqual([0, 2, 4, 6, 8, 10]);
  const curve = naturalSpline(Float64Array.of(2, 4, 6), Float64Array.of(0, 1, 0), 10);
  const [a = NaN, b = NaN, c = NaN] = [curve[7], curve[8], curve[9]];
  expect(c - b).toBeCloseTo(b - a, 12);
  expect((curve[6] ?? NaN) - a).toBeCloseTo(a - b, 12);
});
