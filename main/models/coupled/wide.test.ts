import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { coupledSoftmaxModel } from "../windows/coupled-softmax.ts";
import { placesOf } from "./answers.ts";
import { coupledRows, couplingOf, startOf, unitsOf } from "./fit.ts";
import { coupledLoss, narrowDensity } from "./objective.ts";
import { headsOf } from "./parameters.ts";
import { WIDE, wideDensity } from "./wide.ts";

interface Shape {
  readonly count: number;
  readonly width: number;
  readonly classes: number;
  readonly gaps: number; // share of the inputs
  readonly alike?: boolean; // rows in tens miss the same
}

function made({ count, width, classes, gaps, alike = false }: Shape) {
  const random = seededRandom(5);
  const y = new Float32Array(count * classes);
  for (let n = 0; n < count; n += 2) y[n * classes + ((n / 2) % classes)] = 1;
  const observed = new Uint8Array(count * width);
  for (let n = 0; n < count; n += 1) {
    const first = alike && n % 10 > 0 ? (n - (n % 10)) * width : -1;
    for (let i = 0; i < width; i += 1)
      observed[n * width + i] = first >= 0 ? (observed[first + i] ?? 0) : random.next() < gaps ? 0 : 1;
  }
  const x = Float32Array.from(
    { length: count * width },
    (_, at) => random.normal() + ((Math.floor(at / width) >> 1) % classes),
  );
  return { count, width, classes, x, observed, y };
}

const apart = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);

describe("a density of many inputs, summed at once, is that summed row by row", () => {
  const shapes: readonly Shape[] = [
    { count: 40, width: 5, classes: 3, gaps: 0 },
    { count: 40, width: 5, classes: 3, gaps: 0.3 },
    { count: 40, width: 5, classes: 6, gaps: 0.3, alike: true },
    { count: 60, width: WIDE + 3, classes: 5, gaps: 0.1, alike: true },
    { count: 20, width: WIDE + 3, classes: 2, gaps: 0.9 },
  ];
  test.each(shapes)("%j", (shape) => {
    const data = made(shape);
    const rows = coupledRows(data, unitsOf(data));
    const coupling = couplingOf({ couplingVariance: 0.5, generativeWeight: 0.7 }, 0.01);
    const random = seededRandom(2);
    const at = startOf(rows).map((value) => value + 0.1 * random.normal());
    const places = placesOf(headsOf(at, shape.width, shape.classes, coupling.scale), rows);
    const [one, other] = [new Float64Array(at.length), new Float64Array(at.length)];
    const value = coupledLoss(rows, places, coupling, narrowDensity)(at, one);
    expect(Math.abs(coupledLoss(rows, places, coupling, wideDensity)(at, other) - value)).toBeLessThan(
      1e-12 * Math.abs(value) + 1e-12,
    );
    expect(apart(one, other)).toBeLessThan(1e-10);
  });
});

test("of hundreds of inputs no settings are tried, for which there is no time; of few all are", () => {
  const config = coupledSoftmaxModel.config.parse({});
  const first = (width: number): number =>
    coupledSoftmaxModel.learning.begin(config, made({ count: 60, width, classes: 2, gaps: 0 }), 0)
      .couplingVariance;
  expect([first(8), first(WIDE), first(600)]).toEqual([0.1, 0.1, 10]);
});
