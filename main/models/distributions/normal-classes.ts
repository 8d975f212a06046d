import { cholesky, invertLower, isPositiveDefinite } from "../linear-algebra.ts";
import type { GaussianClasses } from "./gaussian-classes.ts";

/** Classes as normals with a covariance each, in float64. */
export interface NormalClasses {
  readonly width: number;
  readonly classes: number;
  readonly means: Float64Array; // [k x d]
  readonly covariances: Float64Array; // [k x d x d]
  readonly logPrior: Float64Array; // [k]
}

/** Rows whose entries count where they are observed. */
export interface GappyRows {
  readonly count: number;
  readonly x: ArrayLike<number>; // [n x d]
  readonly observed: ArrayLike<number>; // [n x d]
}

/** Rows with the same entries observed. */
export interface Pattern {
  readonly kept: readonly number[];
  readonly missing: readonly number[];
  readonly rows: readonly number[];
}

export function patternsOf({ observed, count }: Omit<GappyRows, "x">, d: number): readonly Pattern[] {
  const patterns = new Map<string, { kept: number[]; missing: number[]; rows: number[] }>();
  for (let n = 0; n < count; n += 1) {
    let key = "";
    for (let i = 0; i < d; i += 1) if (observed[n * d + i] !== 1) key += `${i},`;
    let pattern = patterns.get(key);
    if (pattern === undefined) {
      pattern = { kept: [], missing: [], rows: [] };
      for (let i = 0; i < d; i += 1) (observed[n * d + i] === 1 ? pattern.kept : pattern.missing).push(i);
      patterns.set(key, pattern);
    }
    pattern.rows.push(n);
  }
  return [...patterns.values()];
}

/** All classes with the one covariance. */
export function withCovarianceEach({ covariance, ...shared }: GaussianClasses): NormalClasses {
  const covariances = new Float64Array(shared.classes * covariance.length);
  for (let c = 0; c < shared.classes; c += 1) covariances.set(covariance, c * covariance.length);
  return { ...shared, covariances };
}

/** Rows and columns of class c's covariance that stand at `rows` and `columns`. */
function block(
  { covariances, width: d }: NormalClasses,
  c: number,
  rows: readonly number[],
  columns: readonly number[],
): Float64Array {
  const from = c * d * d;
  const out = new Float64Array(rows.length * columns.length);
  let at = 0;
  for (const i of rows) for (const j of columns) out[at++] = covariances[from + i * d + j] ?? 0;
  return out;
}

/** ln N(x_o; μ_c,o, Σ_c,oo) of rows and classes: the exact marginal of what is observed. [n x k] */
export function logDensities(model: NormalClasses, rows: GappyRows): Float64Array {
  const { width: d, classes: k } = model;
  const out = new Float64Array(rows.count * k);
  for (const pattern of patternsOf(rows, d))
    for (let c = 0; c < k; c += 1) classDensities(model, c, rows, pattern, out);
  return out;
}

function classDensities(
  model: NormalClasses,
  c: number,
  { x }: GappyRows,
  { kept, rows }: Pattern,
  out: Float64Array,
): void {
  const { width: d, classes: k, means } = model;
  const m = kept.length;
  const lower = cholesky(block(model, c, kept, kept), m);
  const inverse = invertLower(lower, m);
  let constant = -0.5 * m * Math.log(2 * Math.PI);
  for (let i = 0; i < m; i += 1) constant -= Math.log(lower[i * m + i] ?? 1);
  const apart = new Float64Array(m);
  for (const n of rows) {
    for (let i = 0; i < m; i += 1) {
      const at = kept[i] ?? 0;
      apart[i] = (x[n * d + at] ?? 0) - (means[c * d + at] ?? 0);
    }
    let distance = 0;
    for (let i = 0; i < m; i += 1) {
      let z = 0;
      for (let j = 0, at = i * m; j <= i; j += 1, at += 1) z += (inverse[at] ?? 0) * (apart[j] ?? 0);
      distance += z * z;
    }
    out[n * k + c] = constant - 0.5 * distance;
  }
}

/** ln π_c plus the log densities. [n x k] */
export function logJoints(model: NormalClasses, rows: GappyRows): Float64Array {
  const { classes: k, logPrior } = model;
  const joint = logDensities(model, rows);
  for (let at = 0; at < joint.length; at += 1) joint[at] = (joint[at] ?? 0) + (logPrior[at % k] ?? 0);
  return joint;
}

/** What is missing, given what is observed and the class: N(μ_m + B (x_o − μ_o), C). */
export interface Conditional {
  readonly slope: Float64Array; // B [m x o]
  readonly covariance: Float64Array; // C [m x m]
}

export function conditionalOf(model: NormalClasses, c: number, { kept, missing }: Pattern): Conditional {
  const [o, m] = [kept.length, missing.length];
  const inverse = invertLower(cholesky(block(model, c, kept, kept), o), o);
  const across = block(model, c, missing, kept);
  const half = new Float64Array(m * o); // Σ_mo L⁻ᵀ
  for (let i = 0; i < m; i += 1)
    for (let j = 0; j < o; j += 1) half[i * o + j] = dot(across, i * o, inverse, j * o, j + 1);
  const slope = new Float64Array(m * o);
  for (let i = 0; i < m; i += 1)
    for (let l = 0; l < o; l += 1) {
      const h = half[i * o + l] ?? 0;
      for (let j = 0; j <= l; j += 1)
        slope[i * o + j] = (slope[i * o + j] ?? 0) + h * (inverse[l * o + j] ?? 0);
    }
  const covariance = block(model, c, missing, missing);
  for (let i = 0; i < m; i += 1)
    for (let j = 0; j < m; j += 1)
      covariance[i * m + j] = (covariance[i * m + j] ?? 0) - dot(half, i * o, half, j * o, o);
  return { slope, covariance };
}

function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += (a[fromA + i] ?? 0) * (b[fromB + i] ?? 0);
  return sum;
}

/** Mean and covariance of each class under weights, what is missing in expectation under the model before. */
export interface Moments {
  readonly mass: Float64Array; // [k]
  readonly means: Float64Array; // [k x d]; the model's own where there is no mass
  readonly covariances: Float64Array; // [k x d x d], maximum likelihood; 0 where there is no mass
}

/** The E step of a normal a class: `weights` [n x k] say how much a row counts for a class. */
export function expectedMoments(model: NormalClasses, rows: GappyRows, weights: ArrayLike<number>): Moments {
  const { width: d, classes: k } = model;
  const sums = {
    mass: new Float64Array(k),
    first: new Float64Array(k * d),
    second: new Float64Array(k * d * d),
  };
  for (const pattern of patternsOf(rows, d))
    for (let c = 0; c < k; c += 1) addMoments(model, c, { rows, pattern, weights }, sums);
  return centred(model, sums);
}

type Sums = { readonly mass: Float64Array; readonly first: Float64Array; readonly second: Float64Array };

/** Adds Σ w, Σ w (x̂ − μ) and Σ w ((x̂ − μ)(x̂ − μ)ᵀ + C) of the rows of one pattern; of the last the lower half. */
function addMoments(
  model: NormalClasses,
  c: number,
  of: { readonly rows: GappyRows; readonly pattern: Pattern; readonly weights: ArrayLike<number> },
  { mass, first, second }: Sums,
): void {
  const { width: d, classes: k, means } = model;
  const { kept, missing, rows } = of.pattern;
  const counted = rows.filter((n) => (of.weights[n * k + c] ?? 0) > 1e-12);
  if (counted.length === 0) return;
  const conditional = missing.length === 0 ? undefined : conditionalOf(model, c, of.pattern);
  const apart = new Float64Array(d);
  let total = 0;
  for (const n of counted) {
    const weight = of.weights[n * k + c] ?? 0;
    total += weight;
    for (const i of kept) apart[i] = (of.rows.x[n * d + i] ?? 0) - (means[c * d + i] ?? 0);
    if (conditional !== undefined) fill(apart, of.pattern, conditional);
    for (let i = 0; i < d; i += 1) {
      const own = weight * (apart[i] ?? 0);
      first[c * d + i] = (first[c * d + i] ?? 0) + own;
      for (let j = 0, at = (c * d + i) * d; j <= i; j += 1, at += 1)
        second[at] = (second[at] ?? 0) + own * (apart[j] ?? 0);
    }
  }
  mass[c] = (mass[c] ?? 0) + total;
  missing.forEach((i, a) => {
    missing.slice(0, a + 1).forEach((j, b) => {
      const at = (c * d + i) * d + j;
      second[at] = (second[at] ?? 0) + total * (conditional?.covariance[a * missing.length + b] ?? 0);
    });
  });
}

/** Deviations from the mean where nothing is observed, by what is. */
function fill(apart: Float64Array, { kept, missing }: Pattern, { slope }: Conditional): void {
  const o = kept.length;
  missing.forEach((i, a) => {
    let sum = 0;
    for (let b = 0; b < o; b += 1) sum += (slope[a * o + b] ?? 0) * (apart[kept[b] ?? 0] ?? 0);
    apart[i] = sum;
  });
}

function centred(
  { width: d, classes: k, means: before }: NormalClasses,
  { mass, first, second }: Sums,
): Moments {
  const means = before.slice();
  const covariances = new Float64Array(k * d * d);
  for (let c = 0; c < k; c += 1) {
    const own = mass[c] ?? 0;
    if (own === 0) continue;
    for (let i = 0; i < d; i += 1) {
      const moved = (first[c * d + i] ?? 0) / own;
      means[c * d + i] = (means[c * d + i] ?? 0) + moved;
      for (let j = 0; j <= i; j += 1) {
        const value = (second[(c * d + i) * d + j] ?? 0) / own - (moved * (first[c * d + j] ?? 0)) / own;
        covariances[(c * d + i) * d + j] = value;
        covariances[(c * d + j) * d + i] = value;
      }
    }
  }
  return { mass, means, covariances };
}

/** How a class's own covariance is held back: shares that, with what is left for its own, sum to 1. */
export interface HeldBack {
  readonly pooled: number; // of the covariance within classes, all together
  readonly diagonal: number; // of its own diagonal
}

/** The M step: means, prior and covariances, each (1 − p − q) S_c + p S + q diag S_c, and definite whatever came. */
export function fromMoments(moments: Moments, { pooled, diagonal }: HeldBack, width: number): NormalClasses {
  const { mass, means } = moments;
  const [d, k] = [width, mass.length];
  const total = mass.reduce((a, b) => a + b, 0);
  const within = pooledCovariance(moments, d);
  const covariances = new Float64Array(k * d * d);
  for (let c = 0; c < k; c += 1) {
    const isThere = (mass[c] ?? 0) > 0;
    const own = moments.covariances.subarray(c * d * d, (c + 1) * d * d);
    const held = within.map((shared, at) => {
      if (!isThere) return shared;
      const value = own[at] ?? 0;
      return (1 - pooled - diagonal) * value + pooled * shared + (at % (d + 1) === 0 ? diagonal * value : 0);
    });
    covariances.set(definite(held, within, d), c * d * d);
  }
  const logPrior = mass.map((own) => Math.log(Math.max(own, 0.5) / Math.max(total, 0.5)));
  return { width, classes: k, means, covariances, logPrior };
}

function pooledCovariance({ mass, covariances }: Moments, d: number): Float64Array {
  const within = new Float64Array(d * d);
  const total = mass.reduce((a, b) => a + b, 0);
  if (total === 0) return within.map((_, at) => (at % (d + 1) === 0 ? 1 : 0));
  mass.forEach((own, c) => {
    for (let at = 0; at < d * d; at += 1)
      within[at] = (within[at] ?? 0) + (own / total) * (covariances[c * d * d + at] ?? 0);
  });
  return within;
}

const LEAST_SHARE = 1e-6;
const ROOM = 1e-9; // of the variance that a pivot has at least
const LEAST_VARIANCE = 1e-9;

/**
 * Mixed with the diagonal of the pooled covariance by the first of 1e-6, 2e-6, … that leaves a factor with some room,
 * where it has none by itself: a pivot made of rounding errors is no variance.
 */
function definite(covariance: Float64Array, within: Float64Array, d: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < d; i += 1) trace += within[i * (d + 1)] ?? 0;
  const least = Math.max(LEAST_VARIANCE, (1e-3 * trace) / d);
  const isDiagonal = (at: number): boolean => at % (d + 1) === 0;
  const floor = covariance.map((_, at) => (isDiagonal(at) ? Math.max(within[at] ?? 0, least) : 0));
  const mixed = (share: number): Float64Array =>
    covariance.map((value, at) => (1 - share) * value + share * (floor[at] ?? 0));
  const hasRoom = (tried: Float64Array): boolean =>
    isPositiveDefinite(
      tried.map((value, at) => value - ROOM * (floor[at] ?? 0)),
      d,
    );
  if (hasRoom(covariance)) return covariance;
  for (let share = LEAST_SHARE; share < 1; share *= 2) {
    const tried = mixed(share);
    if (hasRoom(tried)) return tried;
  }
  return mixed(1);
}
