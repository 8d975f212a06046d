import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { searched, searchFrom } from "./lbfgs.ts";
import { softmaxLoss, type Design } from "./softmax-regression.ts";
import { columnsOf, quadraticTerms, standardise, termCount, writeTerms, type Terms } from "./terms.ts";

/** Labels by a line with noise, on standardised terms. */
function design(count: number, d: number, classes: number, terms: Terms, seed = 1): Design {
  const random = seededRandom(seed);
  const x = Float64Array.from({ length: count * d }, () => random.normal());
  const y = new Float64Array(count * classes);
  for (let n = 0; n < count; n += 1) {
    const at = Math.floor(Math.abs((x[n * d] ?? 0) + 0.7 * random.normal()) * 1.5) % classes;
    y[n * classes + at] = 1;
  }
  const features = termCount(d, terms);
  const write = (row: number, out: Float64Array, at: number): void =>
    writeTerms(x, row * d, { d, terms }, out, at);
  const columns = columnsOf(
    { count, features },
    (row, out) => write(row, out, 0),
    () => 1,
  );
  return {
    ...{ count, features, classes, isPerClass: false, y },
    fill(_c, first, rows, out) {
      for (let row = 0; row < rows; row += 1) {
        write(first + row, out, row * features);
        standardise(columns, out, row * features);
      }
    },
  };
}

test("the gradient of a softmax regression is the one of finite differences", () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom<Terms>("linear", "squares", "products"), (seed, terms) => {
      const of = design(41, 3, 3, terms, seed);
      const objective = softmaxLoss(
        { ...of, offsets: new Float64Array(41 * 3).map((_, at) => (at % 7) / 7) },
        0.01,
      );
      const random = seededRandom(seed, 1);
      const at = Float64Array.from({ length: 3 * of.features }, () => 0.3 * random.normal());
      const gradient = new Float64Array(at.length);
      objective(at, gradient);
      const i = random.below(at.length);
      const moved = (by: number): number =>
        objective(
          at.map((v, j) => (j === i ? v + by : v)),
          new Float64Array(at.length),
        );
      expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(gradient[i] ?? NaN, 7);
    }),
    { numRuns: 30 },
  );
});

test("five starts arrive at one optimum", () => {
  const of = design(300, 4, 3, quadraticTerms(4));
  const objective = softmaxLoss(of, 1e-3);
  const ends = [1, 2, 3, 4, 5].map((seed) => {
    const random = seededRandom(seed);
    const start = Float64Array.from({ length: 3 * of.features }, () => 3 * random.normal());
    return searched(searchFrom(start, objective), objective, { steps: 2000, tolerance: 1e-9 });
  });
  expect(ends.every(({ isSettled }) => isSettled)).toBe(true);
  const losses = ends.map(({ value }) => value);
  expect(Math.max(...losses) - Math.min(...losses)).toBeLessThan(1e-12);
});

test("a search cut in pieces goes the same way to the same bits", () => {
  const of = design(120, 3, 2, "products");
  const objective = softmaxLoss(of, 1e-3);
  const start = searchFrom(new Float64Array(2 * of.features), objective);
  const whole = searched(start, objective, { steps: 60, tolerance: 1e-9 });
  let pieces = start;
  for (let piece = 0; piece < 12; piece += 1)
    pieces = searched(structuredClone(pieces), objective, { steps: 5, tolerance: 1e-9 });
  expect(pieces.at).toEqual(whole.at);
});

test("a narrow valley is followed to its end", () => {
  // Of condition 1e6: straight down alone would take millions of steps.
  const objective = (at: Float64Array, gradient: Float64Array): number =>
    at.reduce((sum, v, i) => {
      const curvature = 10 ** i;
      gradient[i] = curvature * (v - 1);
      return sum + 0.5 * curvature * (v - 1) ** 2;
    }, 0);
  const end = searched(searchFrom(new Float64Array(7), objective), objective, {
    steps: 300,
    tolerance: 1e-9,
  });
  expect(end.isSettled).toBe(true);
  expect(Math.max(...end.at.map((v) => Math.abs(v - 1)))).toBeLessThan(1e-8);
});
