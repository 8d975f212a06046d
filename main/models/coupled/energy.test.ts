import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { contrast, energyCount, EnergyReader, energyModel, phaseOf, walked, withFeatures } from "./energy.ts";
import { couplingOf } from "./fit.ts";
import { parameterCount } from "./parameters.ts";

const SHAPE = { width: 3, hidden: 4 };
const CLASSES = 3;

/** Heads and features by chance, and rows half of which have a label. */
function made(seed: number) {
  const random = seededRandom(seed);
  const heads = Float64Array.from({ length: parameterCount(3, CLASSES) }, () => 0.4 * random.normal());
  const flat = withFeatures(heads, SHAPE, random).map((value) => value + 0.3 * random.normal());
  const count = 12;
  const y = new Float64Array(count * CLASSES);
  for (let n = 0; n < count; n += 2) y[n * CLASSES + ((n / 2) % CLASSES)] = 1;
  const z = Float64Array.from({ length: 3 * count }, () => 1.5 * random.normal());
  return {
    flat,
    rows: { count, z, y, weight: Float64Array.from({ length: count }, () => 0.5 + random.next()) },
  };
}

const coupling = couplingOf({ couplingVariance: 0.5, generativeWeight: 0.7 }, 0.01);

/** The largest difference between a derivative and what differences of the value measure. */
function apartFrom(gradient: Float64Array, at: Float64Array, value: (of: Float64Array) => number): number {
  const moved = (i: number, by: number): number => value(at.map((v, j) => (i === j ? v + by : v)));
  return Math.max(...gradient.map((own, i) => Math.abs((moved(i, 1e-5) - moved(i, -1e-5)) / 2e-5 - own)));
}

test("the derivative by heads and features is that measured", () => {
  const { flat, rows } = made(1);
  expect(flat).toHaveLength(energyCount(SHAPE, CLASSES));
  const of = (at: Float64Array) => phaseOf(at, rows, SHAPE, CLASSES, coupling);
  expect(apartFrom(of(flat).gradient, flat, (at) => of(at).value)).toBeLessThan(1e-8);
});

test("the derivative of windows against samples is that measured, the heads held together once", () => {
  const { flat, rows } = made(2);
  const samples = Float64Array.from({ length: 15 }, (_, i) => Math.sin(i));
  const of = (at: Float64Array) => contrast(at, rows, samples, SHAPE, CLASSES, coupling);
  expect(apartFrom(of(flat).gradient, flat, (at) => of(at).value)).toBeLessThan(1e-8);
});

test("the energy falls along its derivative by the inputs as measured", () => {
  const { flat, rows } = made(3);
  const reader = new EnergyReader(energyModel(flat, SHAPE, CLASSES, coupling.scale));
  const [z, slope] = [rows.z.slice(0, 3), new Float64Array(3)];
  reader.energy(z, 0, slope);
  expect(apartFrom(slope, z, (at) => reader.energy(at, 0))).toBeLessThan(1e-8);
});

test("steps of Langevin's keep to the density: means, spread and shares of two classes", () => {
  const random = seededRandom(4);
  const shape = { width: 2, hidden: 0 };
  const flat = new Float64Array(parameterCount(2, 2));
  flat.set([-1, 0, 1, 0], 0); // means; precision 1, equal shares
  const model = energyModel(flat, shape, 2, 1);
  const samples = new Float64Array(2 * 1500); // all at the middle
  expect(walked(model, samples, 60, random)).toBeGreaterThan(0.8);
  const moment = (i: number, power: number): number =>
    samples.reduce((sum, v, at) => sum + (at % 2 === i ? v ** power : 0), 0) / 1500;
  expect(moment(0, 1)).toBeCloseTo(0, 0.8);
  expect(moment(0, 2)).toBeGreaterThan(1.85); // 1 + 1² of the means
  expect(moment(0, 2)).toBeLessThan(2.15);
  expect(moment(1, 2)).toBeGreaterThan(0.9);
  expect(moment(1, 2)).toBeLessThan(1.1);
});

test("without hidden units samples say nothing: the density is whole, ∇ ln Z is 0", () => {
  const random = seededRandom(5);
  const shape = { width: 2, hidden: 0 };
  const flat = new Float64Array(parameterCount(2, 2));
  flat.set([-1, 0.5, 1, 0], 0);
  const samples = new Float64Array(2 * 4000);
  for (let n = 0; n < 4000; n += 1) {
    const c = n % 2;
    samples[2 * n] = (flat[2 * c] ?? 0) + random.normal();
    samples[2 * n + 1] = (flat[2 * c + 1] ?? 0) + random.normal();
  }
  const rows = { count: 4, z: Float64Array.of(-1, 0, 1, 0, 0, 1, 2, 2), y: new Float64Array(8) };
  const own = { ...rows, weight: new Float64Array(4).fill(1) };
  const loose = couplingOf({ couplingVariance: 1, generativeWeight: 1 }, 0);
  const exact = phaseOf(flat, own, shape, 2, loose).gradient;
  const drawn = contrast(flat, own, samples, shape, 2, loose).gradient;
  const most = Math.max(...exact.map((value, i) => Math.abs(value - (drawn[i] ?? 0))));
  expect(most).toBeLessThan(0.06); // 4,000 samples
  expect(Math.max(...exact.map(Math.abs))).toBeGreaterThan(0.2);
});
