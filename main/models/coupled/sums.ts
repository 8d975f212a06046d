import { logSumExp } from "../linear-algebra.ts";
import type { Filling, Gap } from "./gaps.ts";

/** Rows as a density sees them. A row of y sums to 1, or is all zero where unlabelled. */
export interface DensityRows {
  readonly width: number;
  readonly classes: number;
  readonly x: Float64Array; // [n x d]
  readonly y: ArrayLike<number>; // [n x k]
  readonly weight: Float64Array; // [n]: how many rows it stands for
  readonly gaps: readonly Gap[];
}

/** Expected sums over what is missing: all that the derivative of a density of the rows needs. */
export interface DensitySums {
  readonly mass: Float64Array; // Σ r [k]
  readonly offset: Float64Array; // Σ r (x − μ_c) [k x d]
  readonly scatter: Float64Array; // Σ_c r (x − μ_c)(x − μ_c)ᵀ [d x d], lower half
}

/** Adds times v vᵀ, lower half. */
export function addSquare(to: Float64Array, v: Float64Array, times: number, d: number): void {
  for (let i = 0; i < d; i += 1) {
    const value = times * (v[i] ?? 0);
    if (value === 0) continue;
    for (let j = 0; j <= i; j += 1) to[i * d + j] = (to[i * d + j] ?? 0) + value * (v[j] ?? 0);
  }
}

/** Adds times (a bᵀ + b aᵀ), lower half. */
export function addCross(to: Float64Array, a: Float64Array, b: Float64Array, times: number, d: number): void {
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1)
      to[i * d + j] = (to[i * d + j] ?? 0) + times * ((a[i] ?? 0) * (b[j] ?? 0) + (b[i] ?? 0) * (a[j] ?? 0));
  }
}

/** Adds times Λ_mm⁻¹ at the places of the missing inputs, lower half. */
export function addSpread(
  to: Float64Array,
  { gap: { missing }, root }: Pick<Filling, "gap" | "root">,
  times: number,
  d: number,
): void {
  const m = missing.length;
  for (let i = 0; i < m; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let l = i; l < m; l += 1) sum += (root[l * m + i] ?? 0) * (root[l * m + j] ?? 0);
      const at = (missing[i] ?? 0) * d + (missing[j] ?? 0);
      to[at] = (to[at] ?? 0) + times * sum;
    }
  }
}

/** The log density of a row: of its class where labelled, of all classes else. `joint` is left holding its shares. */
export function shared(joint: Float64Array, y: ArrayLike<number>, at: number): number {
  let [labelled, value] = [0, 0];
  for (let c = 0; c < joint.length; c += 1) {
    const label = y[at + c] ?? 0;
    labelled += label;
    if (label > 0) value += label * (joint[c] ?? 0);
  }
  if (labelled > 0) {
    for (let c = 0; c < joint.length; c += 1) joint[c] = y[at + c] ?? 0;
    return value;
  }
  const total = logSumExp(joint, 0, joint.length);
  for (let c = 0; c < joint.length; c += 1) joint[c] = Math.exp((joint[c] ?? 0) - total);
  return total;
}
