import { concatenated, logSumExp } from "../linear-algebra.ts";
import type { Random } from "../random.ts";
import { isLabelled } from "./answers.ts";
import { coupledLoss, softmaxAt, type CoupledRows, type Coupling, type Places } from "./objective.ts";
import {
  flatOf,
  headsOf,
  parameterCount,
  partsOf,
  timesLower,
  timesTransposed,
  type CoupledHeads,
  type CoupledParameters,
} from "./parameters.ts";

/**
 * Features h = z + V tanh(U z + a) of inputs z: at first, with V zero, the inputs themselves. What is added is bounded, so
 * that an energy which grows with ‖h‖² has a density, and no feature can fall to a point however long one learns.
 */
export interface FeatureShape {
  readonly width: number; // d
  readonly hidden: number; // m
}

interface FeatureParts {
  readonly inward: Float64Array; // U [m x d]
  readonly bias: Float64Array; // a [m]
  readonly outward: Float64Array; // V [d x m]
}
interface Features extends FeatureShape, FeatureParts {}

/** Parameters of the heads on features, and of the features. */
export interface EnergyParameters {
  readonly heads: CoupledParameters;
  readonly features: FeatureParts;
}

const featureCount = ({ width, hidden }: FeatureShape): number => hidden * (2 * width + 1);

/** Numbers of heads and features together. */
export const energyCount = (shape: FeatureShape, classes: number): number =>
  parameterCount(shape.width, classes) + featureCount(shape);

/** The parts of one flat vector, which share its memory. */
export function energyParts(flat: Float64Array, shape: FeatureShape, classes: number): EnergyParameters {
  const { inward, bias, outward } = featuresOf(flat, shape);
  return { heads: partsOf(flat, shape.width, classes), features: { inward, bias, outward } };
}

/** The same parts as one vector. */
export const energyFlat = ({ heads, features: { inward, bias, outward } }: EnergyParameters): Float64Array =>
  concatenated([flatOf(heads), inward, bias, outward]);

/** The parts of a flat vector that ends in the features, which share its memory. */
function featuresOf(flat: Float64Array, { width: d, hidden: m }: FeatureShape): Features {
  const own = flat.subarray(flat.length - featureCount({ width: d, hidden: m }));
  const [bias, outward] = [m * d, m * (d + 1)];
  return {
    ...{ width: d, hidden: m, inward: own.subarray(0, bias) },
    ...{ bias: own.subarray(bias, outward), outward: own.subarray(outward) },
  };
}

/** Hidden units that look in directions by chance and add nothing yet, after the parameters of the heads. */
export function withFeatures(heads: Float64Array, shape: FeatureShape, random: Random): Float64Array {
  const flat = new Float64Array(heads.length + featureCount(shape));
  flat.set(heads);
  const { inward, bias } = featuresOf(flat, shape);
  for (let i = 0; i < inward.length; i += 1) inward[i] = random.normal() / Math.sqrt(shape.width);
  for (let j = 0; j < bias.length; j += 1) bias[j] = random.normal();
  return flat;
}

/** h of the row of z that begins at `at`, into `out`; `units` is left holding tanh(U z + a). */
function forward(
  { width: d, hidden: m, inward, bias, outward }: Features,
  z: Float64Array,
  at: number,
  units: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < d; i += 1) out[i] = z[at + i] ?? 0;
  for (let j = 0; j < m; j += 1) {
    let sum = bias[j] ?? 0;
    for (let i = 0; i < d; i += 1) sum += (inward[j * d + i] ?? 0) * (z[at + i] ?? 0);
    const unit = Math.tanh(sum);
    units[j] = unit;
    for (let i = 0; i < d; i += 1) out[i] = (out[i] ?? 0) + (outward[i * m + j] ?? 0) * unit;
  }
}

/** From a derivative by h to that by U z + a, into `slopes`; and by z, where it is wanted, into `back`. */
function backward(
  { width: d, hidden: m, inward, outward }: Features,
  units: Float64Array,
  pull: Float64Array,
  slopes: Float64Array,
  back?: Float64Array,
): void {
  back?.set(pull);
  for (let j = 0; j < m; j += 1) {
    let sum = 0;
    for (let i = 0; i < d; i += 1) sum += (outward[i * m + j] ?? 0) * (pull[i] ?? 0);
    const slope = sum * (1 - (units[j] ?? 0) ** 2);
    slopes[j] = slope;
    if (back) for (let i = 0; i < d; i += 1) back[i] = (back[i] ?? 0) + slope * (inward[j * d + i] ?? 0);
  }
}

/** Heads on features, worked out once from one flat vector. */
export interface EnergyModel {
  readonly heads: CoupledHeads;
  readonly features: Features;
}

export function energyModel(
  flat: Float64Array,
  shape: FeatureShape,
  classes: number,
  scale: number,
): EnergyModel {
  const heads = flat.subarray(0, parameterCount(shape.width, classes));
  return { heads: headsOf(heads, shape.width, classes, scale), features: featuresOf(flat, shape) };
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** ln π_c N(h; μ_c, Σ) of all classes into `out`; `projected` is left holding Lᵀ h. */
function jointAt(heads: CoupledHeads, h: Float64Array, projected: Float64Array, out: Float64Array): void {
  const { width: d, classes: k, lower, logPrior, logDeterminant } = heads;
  timesTransposed(lower, d, h, projected);
  const constant = logDeterminant - 0.5 * d * LOG_TWO_PI;
  for (let c = 0; c < k; c += 1) {
    let distance = 0;
    for (let i = 0; i < d; i += 1) distance += ((projected[i] ?? 0) - (heads.projected[c * d + i] ?? 0)) ** 2;
    out[c] = (logPrior[c] ?? 0) + constant - 0.5 * distance;
  }
}

/** Σ_c r_c Λ (μ_c − h), the derivative of Σ_c r_c ln π_c N(h; μ_c, Σ), into `out`. `projected` is Lᵀ h and is used up. */
function towards(heads: CoupledHeads, r: Float64Array, projected: Float64Array, out: Float64Array): void {
  const { width: d, classes: k, lower } = heads;
  let total = 0;
  for (let c = 0; c < k; c += 1) total += r[c] ?? 0;
  for (let i = 0; i < d; i += 1) {
    let sum = -total * (projected[i] ?? 0);
    for (let c = 0; c < k; c += 1) sum += (r[c] ?? 0) * (heads.projected[c * d + i] ?? 0);
    projected[i] = sum;
  }
  timesLower(lower, d, projected, out);
}

/** What a model says of one z, with memory of its own that every question uses. */
export class EnergyReader {
  readonly #model: EnergyModel;
  readonly #units: Float64Array;
  readonly #slopes: Float64Array;
  readonly #projected: Float64Array;
  readonly #pull: Float64Array;
  readonly h: Float64Array; // features of the last z
  readonly shares: Float64Array; // P(c|z) of the density at the last z

  constructor(model: EnergyModel) {
    const { width: d, hidden: m } = model.features;
    this.#model = model;
    [this.#units, this.#slopes] = [new Float64Array(m), new Float64Array(m)];
    [this.#projected, this.#pull, this.h] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
    this.shares = new Float64Array(model.heads.classes);
  }

  /** E(z) = −ln Σ_c π_c N(h; μ_c, Σ); its derivative by z into `slope`. */
  energy(z: Float64Array, at: number, slope?: Float64Array): number {
    const { heads, features } = this.#model;
    forward(features, z, at, this.#units, this.h);
    jointAt(heads, this.h, this.#projected, this.shares);
    const value = logSumExp(this.shares, 0, heads.classes);
    for (let c = 0; c < heads.classes; c += 1) this.shares[c] = Math.exp((this.shares[c] ?? 0) - value);
    if (slope) {
      towards(heads, this.shares, this.#projected, this.#pull);
      backward(features, this.#units, this.#pull, this.#slopes, slope);
      for (let i = 0; i < slope.length; i += 1) slope[i] = -(slope[i] ?? 0);
    }
    return -value;
  }

  /** P(c|z) of the classifier, after `energy` of that z. */
  classified(out: Float64Array, to: number): void {
    softmaxAt(this.#model.heads, this.h, 0, out, to);
  }
}

/** Rows to learn from, complete. A row of y sums to 1, or is all zero where unlabelled. */
export interface EnergyRows {
  readonly count: number;
  readonly z: Float64Array; // [n x d]
  readonly y: ArrayLike<number>; // [n x k]
  readonly weight: Float64Array; // [n]
}

export interface Phase {
  readonly value: number;
  readonly gradient: Float64Array;
}

/**
 * −J / n of coupledLoss on the features of the rows, without the constant ln Z that a density of z needs, and its derivative
 * by heads and features alike.
 */
export function phaseOf(
  flat: Float64Array,
  rows: EnergyRows,
  shape: FeatureShape,
  classes: number,
  coupling: Coupling,
): Phase {
  const model = energyModel(flat, shape, classes, coupling.scale);
  const h = new Float64Array(rows.z.length);
  const units = new Float64Array(rows.count * shape.hidden);
  const [own, feature] = [new Float64Array(shape.hidden), new Float64Array(shape.width)];
  for (let n = 0; n < rows.count; n += 1) {
    forward(model.features, rows.z, n * shape.width, own, feature);
    h.set(feature, n * shape.width);
    units.set(own, n * shape.hidden);
  }
  const gradient = new Float64Array(flat.length);
  const seen = featureRows(rows, h, shape.width, classes);
  const heads = gradient.subarray(0, parameterCount(shape.width, classes));
  const loss = coupledLoss(seen, wholePlaces(seen), coupling);
  const value = loss(flat.subarray(0, heads.length), heads);
  throughFeatures(model, { ...rows, h, units }, coupling.generativeWeight, featuresOf(gradient, shape));
  return { value, gradient };
}

function featureRows(
  { count, y, weight }: EnergyRows,
  h: Float64Array,
  width: number,
  classes: number,
): CoupledRows {
  const all = Array.from({ length: count }, (_, n) => n);
  const kept = Array.from({ length: width }, (_, i) => i);
  return { ...{ count, width, classes, x: h, y, weight }, gaps: [{ kept, missing: [], rows: all }] };
}

/** Labelled rows, each at its own place. */
function wholePlaces(rows: CoupledRows): Places {
  const { width: d, x } = rows;
  const labelled = Int32Array.from({ length: rows.count }, (_, n) => n).filter((n) => isLabelled(rows, n));
  const own = new Float64Array(labelled.length * d);
  labelled.forEach((n, at) => own.set(x.subarray(n * d, (n + 1) * d), at * d));
  return {
    ...{ rows: labelled, x: own, share: new Float64Array(labelled.length).fill(1) },
    from: Int32Array.from({ length: labelled.length + 1 }, (_, at) => at),
  };
}

interface Passed extends EnergyRows {
  readonly h: Float64Array; // [n x d]
  readonly units: Float64Array; // [n x m]
}

/** Derivative of −J / n by the features' parameters. */
function throughFeatures({ heads, features }: EnergyModel, rows: Passed, λ: number, out: Features): void {
  const { width: d, hidden: m } = features;
  const k = heads.classes;
  const mass = rows.weight.reduce((a, b) => a + b, 0);
  const [pull, slopes, projected] = [new Float64Array(d), new Float64Array(m), new Float64Array(d)];
  const [r, p] = [new Float64Array(k), new Float64Array(k)];
  for (let n = 0; n < rows.count; n += 1) {
    const h = rows.h.subarray(n * d, (n + 1) * d);
    const isTaught = isLabelled({ y: rows.y, classes: k }, n);
    jointAt(heads, h, projected, r);
    const total = logSumExp(r, 0, k);
    for (let c = 0; c < k; c += 1) {
      const share = isTaught ? (rows.y[n * k + c] ?? 0) : Math.exp((r[c] ?? 0) - total);
      r[c] = λ * share;
    }
    towards(heads, r, projected, pull);
    if (isTaught) taughtBy(heads, h, rows.y, n, p, pull);
    for (let i = 0; i < d; i += 1) pull[i] = (-(rows.weight[n] ?? 0) * (pull[i] ?? 0)) / mass;
    const units = rows.units.subarray(n * m, (n + 1) * m);
    backward(features, units, pull, slopes);
    for (let j = 0; j < m; j += 1) {
      const [slope, unit] = [slopes[j] ?? 0, units[j] ?? 0];
      out.bias[j] = (out.bias[j] ?? 0) + slope;
      for (let i = 0; i < d; i += 1) {
        out.inward[j * d + i] = (out.inward[j * d + i] ?? 0) + slope * (rows.z[n * d + i] ?? 0);
        out.outward[i * m + j] = (out.outward[i * m + j] ?? 0) + unit * (pull[i] ?? 0);
      }
    }
  }
}

/** Adds Σ_c (y_c − P_c) w_c, the derivative of ln P(y|h) by h. */
function taughtBy(
  heads: CoupledHeads,
  h: Float64Array,
  y: ArrayLike<number>,
  n: number,
  p: Float64Array,
  pull: Float64Array,
): void {
  const { width: d, classes: k, w } = heads;
  softmaxAt(heads, h, 0, p, 0);
  for (let c = 0; c < k; c += 1) {
    const own = (y[n * k + c] ?? 0) - (p[c] ?? 0);
    for (let i = 0; i < d; i += 1) pull[i] = (pull[i] ?? 0) + own * (w[c * d + i] ?? 0);
  }
}

/**
 * The derivative of the objective with its ln Z: that of windows less λ_g times the mean of that of samples, since
 * ∇ ln Z = −E ∇E(z⁻) for z⁻ of the density (energy-based models; inferred for this method).
 */
export function contrast(
  flat: Float64Array,
  rows: EnergyRows,
  samples: Float64Array,
  shape: FeatureShape,
  classes: number,
  coupling: Coupling,
): Phase {
  const count = samples.length / shape.width;
  const drawn = {
    count,
    z: samples,
    y: new Float64Array(count * classes),
    weight: new Float64Array(count).fill(1),
  };
  const positive = phaseOf(flat, rows, shape, classes, coupling);
  const negative = phaseOf(flat, drawn, shape, classes, {
    ...{ ...coupling, jitter: 0, couplingVariance: Number.POSITIVE_INFINITY },
  });
  return {
    value: positive.value - negative.value,
    gradient: positive.gradient.map((value, i) => value - (negative.gradient[i] ?? 0)),
  };
}

/** Length of a step of Langevin's, in units of the classes' own spread. */
const STEP = 0.3;

/**
 * Steps of Langevin dynamics z ← z − (η/2) ∇E + √η ε on each row of `samples`, in place (Welling and Teh 2011). Each is
 * accepted by Metropolis' rule, which the customary form leaves out: no bias by η, and no chain that flies off. Returns the
 * share accepted.
 */
export function walked(model: EnergyModel, samples: Float64Array, steps: number, random: Random): number {
  const d = model.features.width;
  const reader = new EnergyReader(model);
  const [slope, other, tried] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  let accepted = 0;
  for (let from = 0; from < samples.length; from += d) {
    let energy = reader.energy(samples, from, slope);
    for (let step = 0; step < steps; step += 1) {
      for (let i = 0; i < d; i += 1)
        tried[i] =
          (samples[from + i] ?? 0) - 0.5 * STEP * (slope[i] ?? 0) + Math.sqrt(STEP) * random.normal();
      const next = reader.energy(tried, 0, other);
      let balance = energy - next; // and ln of the densities of going back and of coming
      for (let i = 0; i < d; i += 1) {
        const apart = (tried[i] ?? 0) - (samples[from + i] ?? 0);
        balance +=
          ((apart + 0.5 * STEP * (slope[i] ?? 0)) ** 2 - (apart - 0.5 * STEP * (other[i] ?? 0)) ** 2) /
          (2 * STEP);
      }
      if (!(Math.log(random.next()) < balance)) continue;
      accepted += 1;
      energy = next;
      samples.set(tried, from);
      slope.set(other);
    }
  }
  return accepted / Math.max(1, (samples.length / d) * steps);
}
