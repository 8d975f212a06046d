import { z } from "zod";
import { finiteDoubles } from "../file-parts.ts";
import { concatenated } from "../linear-algebra.ts";

/** Classes as normals with one precision matrix L Lᵀ, and how far the classifier is from the posterior of these. */
export interface CoupledParameters {
  readonly means: Float64Array; // μ [k x d]
  readonly weights: Float64Array; // ρ [k]: π = softmax ρ
  readonly factor: Float64Array; // [d x d]: below the diagonal L, on it ln L; above unused
  readonly apart: Float64Array; // [k x d]: (w − w~) / scale
  readonly apartBias: Float64Array; // [k]
}

export const parameterCount = (width: number, classes: number): number =>
  2 * classes * (width + 1) + width * width;

/** The parts of one flat vector, which share its memory. */
export function partsOf(flat: Float64Array, width: number, classes: number): CoupledParameters {
  let at = 0;
  const take = (length: number): Float64Array => flat.subarray(at, (at += length));
  return {
    means: take(classes * width),
    weights: take(classes),
    factor: take(width * width),
    apart: take(classes * width),
    apartBias: take(classes),
  };
}

/** The same parts as one vector. */
export const flatOf = ({ means, weights, factor, apart, apartBias }: CoupledParameters): Float64Array =>
  concatenated([means, weights, factor, apart, apartBias]);

/** As they are saved, each by its name. */
export const SavedParameters = z.strictObject({
  means: finiteDoubles,
  weights: finiteDoubles,
  factor: finiteDoubles,
  apart: finiteDoubles,
  apartBias: finiteDoubles,
});

/** What each must be as long as, by its name in a file. */
export const parameterLengths = (own: CoupledParameters, width: number, classes: number, name: string) =>
  ({
    [`${name}.means`]: [own.means, classes * width],
    [`${name}.weights`]: [own.weights, classes],
    [`${name}.factor`]: [own.factor, width * width],
    [`${name}.apart`]: [own.apart, classes * width],
    [`${name}.apartBias`]: [own.apartBias, classes],
  }) as const;

/** What the parameters mean, worked out once. */
export interface CoupledHeads {
  readonly width: number;
  readonly classes: number;
  readonly means: Float64Array; // μ [k x d]
  readonly logPrior: Float64Array; // ln π [k]
  readonly lower: Float64Array; // L [d x d]
  readonly precision: Float64Array; // L Lᵀ [d x d]
  readonly logDeterminant: number; // ln |L|
  readonly projected: Float64Array; // Lᵀ μ_c [k x d]
  readonly w: Float64Array; // [k x d]: of the classifier
  readonly b: Float64Array; // [k]
}

/** How the distance of the two heads is scaled: w = w~ + scale · apart, so that tight coupling stays well conditioned. */
export const apartScale = (couplingVariance: number): number => Math.min(1, Math.sqrt(couplingVariance));

/**
 * w_c = Σ⁻¹μ_c + s·apart_c and b_c = ln π_c − ½ μ_cᵀΣ⁻¹μ_c + s·apartBias_c: with `apart` zero the classifier is the Bayes
 * posterior of the density.
 */
export function headsOf(flat: Float64Array, width: number, classes: number, scale: number): CoupledHeads {
  const { means, weights, factor, apart, apartBias } = partsOf(flat, width, classes);
  const lower = new Float64Array(width * width);
  let logDeterminant = 0;
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < i; j += 1) lower[i * width + j] = factor[i * width + j] ?? 0;
    logDeterminant += factor[i * width + i] ?? 0;
    lower[i * width + i] = Math.exp(factor[i * width + i] ?? 0);
  }
  const logPrior = logShares(weights);
  const projected = new Float64Array(classes * width);
  const w = new Float64Array(classes * width);
  const b = new Float64Array(classes);
  for (let c = 0; c < classes; c += 1) {
    const from = c * width;
    timesTransposed(lower, width, means.subarray(from, from + width), projected.subarray(from, from + width));
    timesLower(lower, width, projected.subarray(from, from + width), w.subarray(from, from + width));
    let square = 0;
    for (let i = from; i < from + width; i += 1) {
      square += (projected[i] ?? 0) ** 2;
      w[i] = (w[i] ?? 0) + scale * (apart[i] ?? 0);
    }
    b[c] = (logPrior[c] ?? 0) - 0.5 * square + scale * (apartBias[c] ?? 0);
  }
  const precision = productOf(lower, width);
  return { width, classes, means, logPrior, lower, precision, logDeterminant, projected, w, b };
}

/** ln softmax. */
function logShares(weights: Float64Array): Float64Array {
  const top = weights.reduce((most, weight) => Math.max(most, weight), Number.NEGATIVE_INFINITY);
  const total = top + Math.log(weights.reduce((sum, weight) => sum + Math.exp(weight - top), 0));
  return weights.map((weight) => weight - total);
}

/** out = Lᵀ v for lower triangular L [d x d]. */
export function timesTransposed(lower: Float64Array, d: number, v: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (let i = 0; i < d; i += 1) {
    const value = v[i] ?? 0;
    if (value === 0) continue;
    for (let j = 0; j <= i; j += 1) out[j] = (out[j] ?? 0) + (lower[i * d + j] ?? 0) * value;
  }
}

/** out = L v for lower triangular L [d x d]. */
export function timesLower(lower: Float64Array, d: number, v: Float64Array, out: Float64Array): void {
  for (let i = 0; i < d; i += 1) {
    let sum = 0;
    for (let j = 0; j <= i; j += 1) sum += (lower[i * d + j] ?? 0) * (v[j] ?? 0);
    out[i] = sum;
  }
}

function productOf(lower: Float64Array, d: number): Float64Array {
  const product = new Float64Array(d * d);
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let l = 0; l <= j; l += 1) sum += (lower[i * d + l] ?? 0) * (lower[j * d + l] ?? 0);
      product[i * d + j] = sum;
      product[j * d + i] = sum;
    }
  }
  return product;
}
