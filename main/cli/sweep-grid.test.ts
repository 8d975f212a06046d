import { expect, test } from "vitest";
import { parseGrid, pointsOf } from "./sweep-grid.ts";

const points = (given: Record<string, unknown>, base = {}) =>
  pointsOf(parseGrid(given, "g.json", undefined), base, "g.json");

test("lists are crossed, the first values first; a field stands by its name alone or by its place", () => {
  const made = points(
    { grid: { learningRate: [0.01, 0.1], "model.components": [2, 3], windowS: [1] } },
    { kind: "sdgm", strideS: 0.5 },
  );
  expect(made.map(({ label }) => label)).toEqual([
    "learningRate 0.01, components 2, windowS 1",
    "learningRate 0.01, components 3, windowS 1",
    "learningRate 0.1, components 2, windowS 1",
    "learningRate 0.1, components 3, windowS 1",
  ]);
  expect(made[3]?.fields).toEqual({
    data: { windows: { windowS: 1, strideS: 0.5 } },
    split: {},
    model: { kind: "sdgm", learningRate: 0.1, components: 3 },
  });
});

test("configurations one by one stay in their order, the first being what all are told against", () => {
  const made = points({ configurations: [{}, { layers: 3 }] });
  expect(made.map(({ label }) => label)).toEqual(["as it is", "layers 3"]);
});

test.each([
  [{}, /it needs "grid" or "configurations"/],
  [{ grid: { layers: [1] }, configurations: [{}] }, /one of them/],
  [{ grid: { layers: [] } }, /grid\.layers: .*>=1/],
  [{ grid: { layers: 3 } }, /grid\.layers: .*expected array/],
  [{ grid: { layers: [1] }, folds: 1 }, /folds: .*>=2/],
  [{ grid: { layers: [1] }, seeds: [1, 1] }, /seeds: a seed stands there twice/],
  [{ grid: { layers: [1] }, seeds: [-1] }, /seeds\.0: .*>=0/],
  [{ gird: { layers: [1] } }, /gird/],
  [{ grid: { seed: [1, 2] } }, /seed cannot differ between configurations; it stands in "seeds"/],
  [{ grid: { "data.labels": [["a"], ["b"]] } }, /data\.labels cannot differ/],
  [{ configurations: [{}, { testSubjects: ["x"] }] }, /testSubjects cannot differ/],
  [{ configurations: [{}, { split: { testSubjects: ["x"] } }] }, /split\.testSubjects cannot differ/],
  [{ grid: { split: [{ folds: 3 }, { folds: 4 }] } }, /split\.folds cannot differ/],
  [{ grid: { readers: [["Aoki"], ["Mori"]] } }, /readers cannot differ/],
  [{ grid: { labelledShare: [0.1, 1] } }, /labelledShare cannot differ/],
  [{ grid: { minOverlap: [0.5, 1] } }, /minOverlap cannot differ/],
  [
    { grid: Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, [1, 2, 3, 4, 5]])), seeds: [1, 2] },
    /625 configurations × 2 seed\(s\) are 1250 runs; a sweep has at most 500/,
  ],
  [{ grid: { layers: [1, 1] } }, /two configurations are the same: layers 1/],
])("%j is refused in words", (given, message) => {
  expect(() => points(given)).toThrow(message);
});

test.each([
  [[], /seeds: .*>=1/],
  [[0, 0], /seeds: a seed stands there twice/],
  [[0.5], /seeds\.0: .*int/],
])("seeds %j that are given beside the file are checked as its own are", (seeds, message) => {
  const grid = { grid: { layers: [1, 2] }, seeds: [3] };
  expect(parseGrid(grid, "g.json", [1, 2]).seeds).toEqual([1, 2]);
  expect(() => parseGrid(grid, "g.json", seeds)).toThrow(message);
});
