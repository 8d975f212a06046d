import { cholesky, invertLower } from "../linear-algebra.ts";
import type { Pattern } from "./patterns.ts";

/** From so many inputs on, and with no more than half of them missing, a pattern is seen through the precision. */
const WIDE = 64;

/**
 * A normal seen through a pattern of few missing entries among many. With Λ = Σ⁻¹ the missing ones are, given the others,
 * normal about μ_m − A (x_o − μ_o), A = Λ_mm⁻¹ Λ_mo, with covariance Λ_mm⁻¹, and a row completed by that mean lies as far
 * from μ under Λ as its observed part under its marginal. So nothing but Λ_mm is factored for a pattern, in place of Σ_oo.
 */
export interface PreciseView {
  readonly constant: number; // of ln N(x_o; μ_o, Σ_oo)
  readonly conditional: Float64Array; // Λ_mm⁻¹ [m x m]
  readonly precise: Precise;
}

/** Of one covariance Σ = C Cᵀ, for all patterns. */
interface Precise {
  readonly whiten: Float64Array; // C⁻¹ [d x d], lower
  readonly precision: Float64Array; // Λ [d x d]
  readonly logRoot: number; // ln |C|
}

const known = new WeakMap<Float64Array, Map<number, Precise>>();

/** Of the covariance that begins at `at`: worked out once, for as long as the array is there. It is not written to. */
function preciseOf(covariances: Float64Array, at: number, d: number): Precise {
  const own = known.get(covariances) ?? new Map<number, Precise>();
  known.set(covariances, own);
  const before = own.get(at);
  if (before !== undefined) return before;
  const lower = cholesky(covariances.subarray(at, at + d * d), d);
  const whiten = invertLower(lower, d);
  const precision = new Float64Array(d * d);
  for (let l = 0; l < d; l += 1)
    for (let i = 0; i <= l; i += 1) {
      const value = whiten[l * d + i] ?? 0;
      for (let j = 0; j <= i; j += 1)
        precision[i * d + j] = (precision[i * d + j] ?? 0) + value * (whiten[l * d + j] ?? 0);
    }
  let logRoot = 0;
  for (let i = 0; i < d; i += 1) {
    logRoot += Math.log(lower[i * (d + 1)] ?? 1);
    for (let j = 0; j < i; j += 1) precision[j * d + i] = precision[i * d + j] ?? 0;
  }
  const made = { whiten, precision, logRoot };
  own.set(at, made);
  return made;
}

/** Undefined where Σ_oo is factored as well. */
export function preciseView(
  covariances: Float64Array,
  at: number,
  d: number,
  { kept, missing }: Omit<Pattern, "rows">,
): PreciseView | undefined {
  const m = missing.length;
  if (d < WIDE || m === 0 || 2 * m > d) return undefined;
  const precise = preciseOf(covariances, at, d);
  const part = Float64Array.from(
    { length: m * m },
    (_, k) => precise.precision[(missing[Math.floor(k / m)] ?? 0) * d + (missing[k % m] ?? 0)] ?? 0,
  );
  const factor = cholesky(part, m);
  const root = invertLower(factor, m);
  const conditional = new Float64Array(m * m);
  for (let l = 0; l < m; l += 1)
    for (let a = 0; a <= l; a += 1)
      for (let b = 0; b <= l; b += 1)
        conditional[a * m + b] =
          (conditional[a * m + b] ?? 0) + (root[l * m + a] ?? 0) * (root[l * m + b] ?? 0);
  let constant = -0.5 * kept.length * Math.log(2 * Math.PI) - precise.logRoot;
  for (let i = 0; i < m; i += 1) constant -= Math.log(factor[i * (m + 1)] ?? 1);
  return { constant, conditional, precise };
}

/** −A v_o into `out` [m], for v [d] of which the observed entries are looked at. */
export function missingFrom(
  { conditional, precise: { precision } }: PreciseView,
  { kept, missing }: Omit<Pattern, "rows">,
  v: Float64Array,
  out: Float64Array,
): void {
  const [d, m] = [v.length, missing.length];
  const pulled = new Float64Array(m);
  missing.forEach((row, a) => {
    let sum = 0;
    for (const i of kept) sum += (precision[row * d + i] ?? 0) * (v[i] ?? 0);
    pulled[a] = sum;
  });
  for (let a = 0; a < m; a += 1) {
    let sum = 0;
    for (let b = 0; b < m; b += 1) sum += (conditional[a * m + b] ?? 0) * (pulled[b] ?? 0);
    out[a] = -sum;
  }
}

/** C⁻¹ v into `out` [d]: ‖C⁻¹ v‖² = vᵀΛv. */
export function whitenedAll({ precise: { whiten } }: PreciseView, v: Float64Array, out: Float64Array): void {
  const d = v.length;
  for (let i = 0; i < d; i += 1) {
    let sum = 0;
    for (let j = 0, at = i * d; j <= i; j += 1, at += 1) sum += (whiten[at] ?? 0) * (v[j] ?? 0);
    out[i] = sum;
  }
}
