import { cholesky, invertLower, logSumExp } from "../linear-algebra.ts";
import { patternsOf, type MaskedRows, type Pattern } from "./patterns.ts";
import { missingFrom, preciseView, whitenedAll, type PreciseView } from "./precise-view.ts";

/**
 * Σ_j π_j N(x; μ_j, Σ_j) in float64. What is missing in a row is integrated out, in learning as in judging. A diagonal
 * mixture keeps variances only: for wide inputs, where a full covariance a pattern of missing entries would take hours.
 */
export interface GaussianMixture {
  readonly spread: "full" | "diagonal";
  readonly width: number;
  readonly components: number;
  readonly logWeights: Float64Array; // [j]
  readonly means: Float64Array; // [j x d]
  readonly covariances: Float64Array; // full: [j x d x d]; diagonal: variances [j x d]
}

/**
 * One component seen through a pattern: with L Lᵀ = Σ_oo, z = L⁻¹ (x_o − μ_o) has ln N(x_o) = constant − ½ ‖z‖² and the
 * hidden entries have mean μ_m + R z and covariance Σ_mm − R Rᵀ, R = Σ_mo L⁻ᵀ.
 */
export interface Glimpse {
  readonly whiten: Float64Array; // L⁻¹ [o x o], lower; diagonal: its diagonal [o]
  readonly constant: number;
  readonly regress: Float64Array; // R [m x o]; diagonal: empty
  readonly conditional: Float64Array; // [m x m]; diagonal: variances [m]
  readonly view?: PreciseView; // of few missing among many, in place of L⁻¹ and R
}

const block = (
  from: Float64Array,
  at: number,
  d: number,
  rows: readonly number[],
  columns: readonly number[],
) =>
  Float64Array.from(
    { length: rows.length * columns.length },
    (_, k) =>
      from[at + (rows[Math.floor(k / columns.length)] ?? 0) * d + (columns[k % columns.length] ?? 0)] ?? 0,
  );

export function glimpse(
  mixture: GaussianMixture,
  j: number,
  { kept: seen, missing: hidden }: Omit<Pattern, "rows">,
): Glimpse {
  const { width: d, covariances } = mixture;
  const constant = -0.5 * seen.length * Math.log(2 * Math.PI);
  if (mixture.spread === "diagonal") {
    const variance = (i: number): number => covariances[j * d + i] ?? 1;
    return {
      whiten: Float64Array.from(seen, (i) => 1 / Math.sqrt(variance(i))),
      constant: seen.reduce((sum, i) => sum - 0.5 * Math.log(variance(i)), constant),
      regress: new Float64Array(0),
      conditional: Float64Array.from(hidden, variance),
    };
  }
  const [o, m, at] = [seen.length, hidden.length, j * d * d];
  const view = preciseView(covariances, at, d, { kept: seen, missing: hidden });
  if (view !== undefined) {
    const none = new Float64Array(0);
    return {
      ...{ whiten: none, regress: none },
      constant: view.constant,
      conditional: view.conditional,
      view,
    };
  }
  const lower = cholesky(block(covariances, at, d, seen, seen), o);
  const whiten = invertLower(lower, o);
  const across = block(covariances, at, d, hidden, seen);
  const regress = new Float64Array(m * o);
  for (let a = 0; a < m; a += 1)
    for (let b = 0; b < o; b += 1) {
      let sum = 0;
      for (let i = 0; i <= b; i += 1) sum += (across[a * o + i] ?? 0) * (whiten[b * o + i] ?? 0);
      regress[a * o + b] = sum;
    }
  const conditional = block(covariances, at, d, hidden, hidden);
  for (let a = 0; a < m; a += 1)
    for (let b = 0; b < m; b += 1) {
      let sum = 0;
      for (let i = 0; i < o; i += 1) sum += (regress[a * o + i] ?? 0) * (regress[b * o + i] ?? 0);
      conditional[a * m + b] = (conditional[a * m + b] ?? 0) - sum;
    }
  let total = constant;
  for (let i = 0; i < o; i += 1) total -= Math.log(lower[i * o + i] ?? 1);
  return { whiten, constant: total, regress, conditional };
}

/** z = L⁻¹ (x_o − μ_o), or what `hiddenMean` needs in its place, into `z` [d]; returns ln N(x_o; μ_o, Σ_oo). */
export function whitened(
  mixture: GaussianMixture,
  j: number,
  pattern: Pattern,
  { whiten, constant, view }: Glimpse,
  row: { readonly x: ArrayLike<number>; readonly at: number },
  z: Float64Array,
): number {
  const { width: d, means } = mixture;
  const { kept: seen } = pattern;
  if (view !== undefined) {
    const apart = new Float64Array(d);
    for (const i of seen) apart[i] = (row.x[row.at + i] ?? 0) - (means[j * d + i] ?? 0);
    return constant - 0.5 * squareThrough(view, pattern, apart, z);
  }
  const o = seen.length;
  for (let i = 0; i < o; i += 1) {
    const at = seen[i] ?? 0;
    z[i] = (row.x[row.at + at] ?? 0) - (means[j * d + at] ?? 0);
  }
  let distance = 0;
  // From the last on: what an entry needs of the deviations still stands before it.
  for (let i = o - 1; i >= 0; i -= 1) {
    let sum = 0;
    if (mixture.spread === "diagonal") sum = (whiten[i] ?? 0) * (z[i] ?? 0);
    else for (let k = 0, at = i * o; k <= i; k += 1, at += 1) sum += (whiten[at] ?? 0) * (z[k] ?? 0);
    z[i] = sum;
    distance += sum * sum;
  }
  return constant - 0.5 * distance;
}

/** vᵀ Σ_oo⁻¹ v of the observed entries of v [d], whose hidden ones are filled in and left at the beginning of `z` as well. */
function squareThrough(view: PreciseView, pattern: Pattern, v: Float64Array, z: Float64Array): number {
  missingFrom(view, pattern, v, z);
  pattern.missing.forEach((i, a) => (v[i] = z[a] ?? 0));
  const all = new Float64Array(v.length);
  whitenedAll(view, v, all);
  return all.reduce((sum, value) => sum + value * value, 0);
}

/** Mean of the hidden entries given z into `out`. */
export function hiddenMean(
  { width: d, means }: GaussianMixture,
  j: number,
  { kept: seen, missing: hidden }: Pattern,
  { regress, view }: Glimpse,
  z: Float64Array,
  out: Float64Array,
): void {
  if (view !== undefined) {
    hidden.forEach((i, a) => (out[a] = (means[j * d + i] ?? 0) + (z[a] ?? 0)));
    return;
  }
  const o = seen.length;
  hidden.forEach((i, a) => {
    let sum = means[j * d + i] ?? 0;
    if (regress.length > 0) for (let k = 0; k < o; k += 1) sum += (regress[a * o + k] ?? 0) * (z[k] ?? 0);
    out[a] = sum;
  });
}

/** ln π_j N(x_o; μ_j,o, Σ_j,oo) of each row and component: [n x j]. Rows of one pattern share a factorisation. */
export function mixtureLogJoint(mixture: GaussianMixture, rows: MaskedRows): Float64Array {
  const { width: d, components: k, logWeights } = mixture;
  const joint = new Float64Array(rows.count * k);
  const z = new Float64Array(d);
  for (const pattern of patternsOf(rows, d))
    for (let j = 0; j < k; j += 1) {
      const part = glimpse(mixture, j, pattern);
      for (const n of pattern.rows)
        joint[n * k + j] =
          (logWeights[j] ?? 0) + whitened(mixture, j, pattern, part, { x: rows.x, at: n * d }, z);
    }
  return joint;
}

/** ln p(x_o) of each row: [n]. */
export function mixtureLogDensity(mixture: GaussianMixture, rows: MaskedRows): Float64Array {
  const joint = mixtureLogJoint(mixture, rows);
  const k = mixture.components;
  return Float64Array.from({ length: rows.count }, (_, n) => logSumExp(joint, n * k, k));
}
