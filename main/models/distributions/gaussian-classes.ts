import { sure } from "../../../preload/contract/sure.ts";
import {
  cholesky,
  invertLower,
  isPositiveDefinite,
  logSumExp,
  solveLower,
  solveUpper,
} from "../linear-algebra.ts";
import { patternsOf, type MaskedRows, type Pattern } from "./patterns.ts";
import { missingFrom, preciseView, whitenedAll, type PreciseView } from "./precise-view.ts";

/** Classes as normals with one covariance: a linear discriminant and a density in one, in float64. */
export interface GaussianClasses {
  readonly width: number;
  readonly classes: number;
  readonly means: Float64Array; // [k x d]
  readonly covariance: Float64Array; // [d x d]
  readonly logPrior: Float64Array; // [k]
}

export interface SoftRows extends MaskedRows {
  readonly weights: ArrayLike<number>; // [n x k] soft labels; all-zero rows count for nothing
}

export interface GaussianOptions {
  readonly width: number;
  readonly classes: number;
  readonly shrink: number; // share of the mean variance mixed into the covariance's diagonal
  readonly prior: "uniform" | "counts";
}

/**
 * Means and pooled covariance from soft labels. Unobserved entries leave the sums (pairwise complete), and a covariance
 * made of such pairs need not be one: it is shrunk towards a multiple of the identity, by `shrink` or, where that is too
 * little, by the first of its doublings that makes it positive definite.
 */
export function fitGaussianClasses(rows: SoftRows, options: GaussianOptions): GaussianClasses {
  const { width: d, classes: k } = options;
  const means = new Float64Array(k * d);
  const mass = new Float64Array(k * d);
  const classMass = new Float64Array(k);
  const seen = (at: number): boolean => rows.observed === undefined || rows.observed[at] === 1;
  for (let n = 0; n < rows.count; n += 1) {
    for (let c = 0; c < k; c += 1) {
      const w = sure(rows.weights[n * k + c]);
      if (w === 0) continue;
      classMass[c] = sure(classMass[c]) + w;
      for (let i = 0; i < d; i += 1) {
        if (!seen(n * d + i)) continue;
        means[c * d + i] = sure(means[c * d + i]) + w * sure(rows.x[n * d + i]);
        mass[c * d + i] = sure(mass[c * d + i]) + w;
      }
    }
  }
  for (let j = 0; j < k * d; j += 1) means[j] = sure(mass[j]) > 0 ? sure(means[j]) / sure(mass[j]) : 0;
  const covariance = definite(pooledCovariance(rows, means, d, k), d, options.shrink);
  const total = classMass.reduce((a, b) => a + b, 0);
  const logPrior = Float64Array.from(classMass, (m) =>
    options.prior === "uniform" ? -Math.log(k) : Math.log(Math.max(m, 0.5) / Math.max(total, 0.5)),
  );
  return { width: d, classes: k, means, covariance, logPrior };
}

function pooledCovariance(rows: SoftRows, means: Float64Array, d: number, k: number): Float64Array {
  const covariance = new Float64Array(d * d);
  const pairs = new Float64Array(d * d);
  const z = new Float64Array(d);
  const complete = rows.observed === undefined;
  let total = 0;
  for (let n = 0; n < rows.count; n += 1) {
    for (let c = 0; c < k; c += 1) {
      const w = sure(rows.weights[n * k + c]);
      if (w < 1e-6) continue;
      total += w;
      for (let i = 0; i < d; i += 1) {
        const isSeen = complete || rows.observed?.[n * d + i] === 1;
        z[i] = isSeen ? sure(rows.x[n * d + i]) - sure(means[c * d + i]) : NaN;
      }
      for (let i = 0; i < d; i += 1) {
        const zi = sure(z[i]);
        if (zi !== zi) continue;
        const wz = w * zi;
        for (let j = 0; j <= i; j += 1) {
          const zj = sure(z[j]);
          if (zj !== zj) continue;
          covariance[i * d + j] = sure(covariance[i * d + j]) + wz * zj;
          if (!complete) pairs[i * d + j] = sure(pairs[i * d + j]) + w;
        }
      }
    }
  }
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const mass = complete ? total : sure(pairs[i * d + j]);
      const value = mass > 0 ? sure(covariance[i * d + j]) / mass : i === j ? 1 : 0;
      covariance[i * d + j] = value;
      covariance[j * d + i] = value;
    }
  }
  return covariance;
}

const LEAST_SHRINK = 1e-6;

function definite(covariance: Float64Array, d: number, shrink: number): Float64Array {
  for (let share = shrink; share < 1; share = Math.max(2 * share, LEAST_SHRINK)) {
    const shrunk = shrunkTowardsIdentity(covariance, d, share);
    if (isPositiveDefinite(shrunk, d)) return shrunk;
  }
  return shrunkTowardsIdentity(covariance, d, 1);
}

function shrunkTowardsIdentity(covariance: Float64Array, d: number, share: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < d; i += 1) trace += sure(covariance[i * d + i]);
  const level = Math.max(trace / d, 1e-9);
  return covariance.map(
    (value, at) => (1 - share) * value + (Math.floor(at / d) === at % d ? share * level : 0),
  );
}

/**
 * ln π_c N(x_o; μ_c,o, Σ_oo) of each row and class: the exact marginal of the observed entries. [n x k]
 * Rows with the same mask share one factorisation, which goes with them: there may be as many as rows.
 */
export function logJoint(
  model: GaussianClasses,
  x: ArrayLike<number>,
  observed: ArrayLike<number> | undefined,
  count: number,
): Float64Array {
  const { width: d, classes: k } = model;
  const out = new Float64Array(count * k);
  const z = new Float64Array(d);
  for (const pattern of patternsOf({ observed, count }, d)) {
    const { kept, rows } = pattern;
    const view = preciseView(model.covariance, 0, d, pattern);
    if (view !== undefined) {
      jointThrough(model, view, pattern, x, out);
      continue;
    }
    const { inverse, centres, constant } = project(model, kept);
    const m = kept.length;
    for (const n of rows) {
      for (let i = 0; i < m; i += 1) {
        let sum = 0;
        for (let j = 0; j <= i; j += 1) sum += sure(inverse[i * m + j]) * sure(x[n * d + sure(kept[j])]);
        z[i] = sum;
      }
      for (let c = 0; c < k; c += 1) {
        let distance = 0;
        for (let i = 0; i < m; i += 1) {
          const difference = sure(z[i]) - sure(centres[c * m + i]);
          distance += difference * difference;
        }
        out[n * k + c] = sure(model.logPrior[c]) + constant - 0.5 * distance;
      }
    }
  }
  return out;
}

/** The same of rows of few missing entries among many. */
function jointThrough(
  model: GaussianClasses,
  view: PreciseView,
  pattern: Pattern,
  x: ArrayLike<number>,
  out: Float64Array,
): void {
  const { width: d, classes: k, means, logPrior } = model;
  const { kept, missing, rows } = pattern;
  const [v, hidden, z] = [new Float64Array(d), new Float64Array(missing.length), new Float64Array(d)];
  const seen = (from: ArrayLike<number>, at: number, to: Float64Array): void => {
    for (const i of kept) v[i] = from[at + i] ?? 0;
    missingFrom(view, pattern, v, hidden);
    missing.forEach((i, a) => (v[i] = hidden[a] ?? 0));
    whitenedAll(view, v, to);
  };
  const centres = new Float64Array(k * d);
  for (let c = 0; c < k; c += 1) seen(means, c * d, centres.subarray(c * d, (c + 1) * d));
  for (const n of rows) {
    seen(x, n * d, z);
    for (let c = 0; c < k; c += 1) {
      let distance = 0;
      for (let i = 0; i < d; i += 1) distance += (sure(z[i]) - sure(centres[c * d + i])) ** 2;
      out[n * k + c] = sure(logPrior[c]) + view.constant - 0.5 * distance;
    }
  }
}

interface Projection {
  readonly inverse: Float64Array; // inverse Cholesky factor of Σ_oo
  readonly centres: Float64Array; // [k x m] that times the means
  readonly constant: number;
}

function project(model: GaussianClasses, kept: readonly number[]): Projection {
  const { width: d, classes: k } = model;
  const m = kept.length;
  const part = new Float64Array(m * m);
  kept.forEach((from, i) => {
    kept.forEach((to, j) => {
      part[i * m + j] = sure(model.covariance[from * d + to]);
    });
  });
  const lower = cholesky(part, m);
  const inverse = invertLower(lower, m);
  let constant = -0.5 * m * Math.log(2 * Math.PI);
  for (let i = 0; i < m; i += 1) constant -= Math.log(sure(lower[i * m + i]));
  const centres = new Float64Array(k * m);
  for (let c = 0; c < k; c += 1) {
    for (let i = 0; i < m; i += 1) {
      let sum = 0;
      for (let j = 0; j <= i; j += 1)
        sum += sure(inverse[i * m + j]) * sure(model.means[c * d + sure(kept[j])]);
      centres[c * m + i] = sum;
    }
  }
  return { inverse, centres, constant };
}

/** Rows of log joints turned into posteriors; returns the log evidence of each row as well. */
export function posteriors(
  joint: Float64Array,
  classes: number,
): { probabilities: Float64Array; logEvidence: Float64Array } {
  const count = joint.length / classes;
  const probabilities = new Float64Array(joint.length);
  const logEvidence = new Float64Array(count);
  for (let n = 0; n < count; n += 1) {
    const evidence = logSumExp(joint, n * classes, classes);
    logEvidence[n] = evidence;
    for (let c = 0; c < classes; c += 1)
      probabilities[n * classes + c] = Math.exp(sure(joint[n * classes + c]) - evidence);
  }
  return { probabilities, logEvidence };
}

/** The tied linear classifier: w_c = Σ⁻¹ μ_c [k x d], b_c = ln π_c − ½ μ_cᵀ Σ⁻¹ μ_c [k]. Its softmax is the posterior. */
export function tiedWeights(model: GaussianClasses): { weights: Float64Array; biases: Float64Array } {
  const { width: d, classes: k } = model;
  const lower = cholesky(model.covariance, d);
  const weights = new Float64Array(k * d);
  const half = new Float64Array(d);
  const biases = new Float64Array(k);
  for (let c = 0; c < k; c += 1) {
    const mean = model.means.subarray(c * d, (c + 1) * d);
    const row = weights.subarray(c * d, (c + 1) * d);
    solveLower(lower, d, mean, half);
    solveUpper(lower, d, half, row);
    let inner = 0;
    for (let i = 0; i < d; i += 1) inner += sure(mean[i]) * sure(row[i]);
    biases[c] = sure(model.logPrior[c]) - 0.5 * inner;
  }
  return { weights, biases };
}
