import { adamStep, type AdamPlace } from "../mlp/adam.ts";
import { seededRandom, type Random } from "../random.ts";
import { DRAWS, eachPlace, isLabelled } from "./answers.ts";
import {
  contrast,
  EnergyReader,
  energyModel,
  walked,
  withFeatures,
  type EnergyRows,
  type FeatureShape,
} from "./energy.ts";
import { gapsOf } from "./gaps.ts";
import type { CoupledRows, Coupling } from "./objective.ts";
import { headsOf, parameterCount, partsOf, timesTransposed, type CoupledHeads } from "./parameters.ts";
import { invertLower } from "../linear-algebra.ts";

/**
 * Where learning begins: the coupled softmax on the inputs, seen in z = Lᵀ x, in which the spread within its classes is one in
 * every direction. Its density is whole and can be drawn from; with features that add nothing yet it is the first energy.
 */
export interface EnergyStart {
  readonly heads: CoupledHeads; // of inputs in their units
  readonly flat: Float64Array; // parameters of the same heads of z
  readonly scale: number; // apartScale(σ²)
}

export function energyStart(flat: Float64Array, width: number, classes: number, scale: number): EnergyStart {
  const heads = headsOf(flat, width, classes, scale);
  const from = partsOf(flat, width, classes);
  const whitened = new Float64Array(parameterCount(width, classes));
  const to = partsOf(whitened, width, classes);
  to.weights.set(from.weights);
  to.apartBias.set(from.apartBias);
  to.means.set(heads.projected);
  const inverse = invertLower(heads.lower, width); // w'ᵀ z = wᵀ x where w' = L⁻¹ w
  for (let c = 0; c < classes; c += 1) {
    for (let i = 0; i < width; i += 1) {
      let sum = 0;
      for (let j = 0; j <= i; j += 1) sum += (inverse[i * width + j] ?? 0) * (from.apart[c * width + j] ?? 0);
      to.apart[c * width + i] = sum;
    }
  }
  return { heads, flat: whitened, scale };
}

const WALKERS = 512; // kept between steps; 10,000 are customary for images (recalled)
const SHARE_BEGUN = 0.05; // of those that walk in a step, which begin anew (recalled)
const WALKING = 64;
const WALK = 20; // steps (recalled)
const MOST_OF_A_SIDE = 192; // labelled and unlabelled rows in a step
const RATE = 0.004;

/** Draws of z from the first density. */
function drawn(
  { flat, heads: { width: d, classes: k, logPrior } }: EnergyStart,
  count: number,
  random: Random,
): Float64Array {
  const { means } = partsOf(flat, d, k);
  const out = new Float64Array(count * d);
  for (let n = 0; n < count; n += 1) {
    let [left, c] = [random.next(), 0];
    while (c < k - 1 && (left -= Math.exp(logPrior[c] ?? 0)) > 0) c += 1;
    for (let i = 0; i < d; i += 1) out[n * d + i] = (means[c * d + i] ?? 0) + random.normal();
  }
  return out;
}

/** How far the energy has come. */
export interface EnergyPlace {
  readonly adam: AdamPlace;
  readonly walkers: Float64Array; // z of samples that go on from step to step [512 x d]
  readonly accepted: number; // share of the last step's
}

export const walkerCount = WALKERS;

export function energyBegun(
  start: EnergyStart,
  shape: FeatureShape,
  seed: number,
): Pick<EnergyPlace, "walkers"> & { readonly flat: Float64Array } {
  const random = seededRandom(seed, 7300);
  return {
    flat: withFeatures(start.flat, shape, random),
    walkers: drawn(start, WALKERS, random),
  };
}

export interface EnergyTask {
  readonly rows: CoupledRows; // x in units
  readonly order: Int32Array; // of the rows, however they came
  readonly start: EnergyStart;
  readonly shape: FeatureShape;
  readonly coupling: Coupling;
  readonly seed: number;
  readonly steps: number; // of all
}

/** One step down: some rows, gaps filled by one draw each, against samples that have walked on. */
export function energyStep(place: EnergyPlace, task: EnergyTask): EnergyPlace & { readonly value: number } {
  const { shape, coupling, start, seed, steps } = task;
  const { step } = place.adam;
  const random = seededRandom(seed, 7400 + step);
  const k = start.heads.classes;
  const rows = someRows(task, random);
  const model = energyModel(place.adam.flat, shape, k, coupling.scale);
  const walkers = place.walkers.slice();
  const first = (step * WALKING) % WALKERS;
  const own = walkers.subarray(first * shape.width, (first + WALKING) * shape.width);
  const fresh = drawn(start, WALKING, random);
  for (let n = 0; n < WALKING; n += 1)
    if (random.next() < SHARE_BEGUN)
      own.set(fresh.subarray(n * shape.width, (n + 1) * shape.width), n * shape.width);
  const accepted = walked(model, own, WALK, random);
  const { value, gradient } = contrast(place.adam.flat, rows, own, shape, k, coupling);
  const rate = RATE * Math.max(0, 1 - step / steps);
  return { adam: adamStep(place.adam, gradient, rate), walkers, accepted, value };
}

/** All rows of a side that is small, else as many by chance, each standing for those left out. */
function someRows(task: EnergyTask, random: Random): EnergyRows {
  const { rows, order, start } = task;
  const { width: d, classes: k } = rows;
  const taught = [...order].filter((n) => isLabelled(rows, n));
  const others = [...order].filter((n) => !isLabelled(rows, n));
  const sides = [taught, others].map((side) => ({ kept: picked(side, random), of: side.length }));
  const chosen = sides.flatMap(({ kept }) => kept);
  const weight = Float64Array.from(sides.flatMap(({ kept, of }) => kept.map(() => of / kept.length)));
  const x = filled(task, chosen, random);
  const z = new Float64Array(chosen.length * d);
  for (let at = 0; at < z.length; at += d)
    timesTransposed(start.heads.lower, d, x.subarray(at, at + d), z.subarray(at, at + d));
  const y = Float64Array.from(
    { length: chosen.length * k },
    (_, at) => rows.y[(chosen[Math.floor(at / k)] ?? 0) * k + (at % k)] ?? 0,
  );
  return { count: chosen.length, z, y, weight };
}

function picked(side: readonly number[], random: Random): readonly number[] {
  if (side.length <= MOST_OF_A_SIDE) return side;
  const every = side.length / MOST_OF_A_SIDE;
  return Array.from({ length: MOST_OF_A_SIDE }, (_, i) => side[Math.floor((i + random.next()) * every)] ?? 0);
}

/** Rows complete, what is missing drawn from the first density given the rest and, where it is known, the class. */
function filled(
  { rows, start: { heads } }: EnergyTask,
  chosen: readonly number[],
  random: Random,
): Float64Array {
  const { width: d, classes: k } = rows;
  const out = new Float64Array(chosen.length * d);
  const observed = new Uint8Array(chosen.length * d);
  const gapOf = new Map(rows.gaps.flatMap(({ kept, rows: own }) => own.map((n) => [n, kept] as const)));
  chosen.forEach((n, at) => {
    out.set(rows.x.subarray(n * d, (n + 1) * d), at * d);
    for (const i of gapOf.get(n) ?? []) observed[at * d + i] = 1;
  });
  const gaps = gapsOf(observed, chosen.length, d).filter(({ missing }) => missing.length > 0);
  const gone = new Float64Array(chosen.length);
  eachPlace(heads, { gaps, x: out.slice() }, 2, ({ n, x, share, c }) => {
    const label = rows.y[(chosen[n] ?? 0) * k + c] ?? 0;
    const isTaught = isLabelled(rows, chosen[n] ?? 0);
    const own = isTaught ? Math.max(label, 1e-6) * share : share;
    gone[n] = (gone[n] ?? 0) + own;
    if (random.next() * (gone[n] ?? 1) < own) out.set(x, n * d);
  });
  return out;
}

/** What an energy says of rows in their units; a window's answer depends on it alone. */
export interface EnergyAnswers {
  readonly probabilities: Float64Array; // [n x k] of the classifier
  readonly logDensity: Float64Array; // [n] ln p(x_o)
}

/**
 * Both on rows. Where inputs are missing what they may be is drawn from the first density, whose marginals are exact, and
 * each draw weighed by how much likelier the energy makes it: as many draws as it takes make the marginal of the energy.
 */
export function energyAnswers(
  start: EnergyStart,
  shape: FeatureShape,
  { flat, logTotal }: { readonly flat: Float64Array; readonly logTotal: number },
  x: Float64Array,
  observed: ArrayLike<number>,
): EnergyAnswers {
  const { width: d } = shape;
  const { classes: k } = start.heads;
  const count = x.length / d;
  const [energy, first] = readersOf(start, shape, flat);
  const probabilities = new Float64Array(count * k);
  const logDensity = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const [z, p] = [new Float64Array(d), new Float64Array(k)];
  eachPlace(start.heads, { gaps: gapsOf(observed, count, d), x }, DRAWS, ({ n, x: at, share, told }) => {
    timesTransposed(start.heads.lower, d, at, z);
    const ratio = first.energy(z, 0) - energy.energy(z, 0); // ln of the energy's density to the first one's
    const own = told.logDensity + Math.log(share) + ratio - logTotal;
    energy.classified(p, 0);
    const before = logDensity[n] ?? Number.NEGATIVE_INFINITY;
    const after = Math.max(before, own) + Math.log1p(Math.exp(-Math.abs(before - own)));
    const keep = before === Number.NEGATIVE_INFINITY ? 0 : Math.exp(before - after);
    const gain = before === Number.NEGATIVE_INFINITY ? 1 : Math.exp(own - after);
    for (let c = 0; c < k; c += 1)
      probabilities[n * k + c] = keep * (probabilities[n * k + c] ?? 0) + gain * (p[c] ?? 0);
    logDensity[n] = after;
  });
  return { probabilities, logDensity };
}

function readersOf(
  { flat: begun, scale, heads }: EnergyStart,
  shape: FeatureShape,
  flat: Float64Array,
): readonly [EnergyReader, EnergyReader] {
  const none = { width: shape.width, hidden: 0 };
  return [
    new EnergyReader(energyModel(flat, shape, heads.classes, scale)),
    new EnergyReader(energyModel(begun, none, heads.classes, scale)),
  ];
}

/** Draws of the first density, weighed by the energy: what stands for the energy's own density. */
export interface Weighed {
  readonly z: Float64Array; // [n x d]
  readonly share: Float64Array; // [n], summing to 1
  readonly byClass: Float64Array; // P(c|z) of the density [n x k]
  readonly logTotal: number; // ln Z
  readonly effective: number; // draws as good as so many of equal share, as a share of all
}

const WEIGHED = 2000;

export function weighed(start: EnergyStart, shape: FeatureShape, flat: Float64Array): Weighed {
  const { width: d } = shape;
  const { classes: k } = start.heads;
  const [energy, first] = readersOf(start, shape, flat);
  const z = drawn(start, WEIGHED, seededRandom(0, 7301));
  const byClass = new Float64Array(WEIGHED * k);
  const log = Float64Array.from({ length: WEIGHED }, (_, n) => {
    const ratio = first.energy(z, n * d) - energy.energy(z, n * d);
    byClass.set(energy.shares, n * k);
    return ratio;
  });
  const top = log.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const share = log.map((value) => Math.exp(value - top));
  const total = share.reduce((a, b) => a + b, 0);
  const squares = share.reduce((sum, value) => sum + value * value, 0);
  return {
    ...{ z, byClass, share: share.map((value) => value / total) },
    logTotal: top + Math.log(total / WEIGHED),
    effective: total ** 2 / squares / WEIGHED,
  };
}
