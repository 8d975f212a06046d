import { cholesky, invertLower } from "../linear-algebra.ts";
import { timesTransposed, type CoupledHeads } from "./parameters.ts";

/** Rows that have the same inputs. */
export interface Gap {
  readonly kept: readonly number[]; // inputs, ascending
  readonly missing: readonly number[];
  readonly rows: readonly number[];
}

export function gapsOf(observed: ArrayLike<number>, count: number, width: number): Gap[] {
  const found = new Map<string, { kept: number[]; missing: number[]; rows: number[] }>();
  for (let n = 0; n < count; n += 1) {
    let key = "";
    for (let i = n * width; i < (n + 1) * width; i += 1) if (observed[i] !== 1) key += `${i - n * width},`;
    const known = found.get(key);
    if (known !== undefined) {
      known.rows.push(n);
      continue;
    }
    const inputs = Array.from({ length: width }, (_, i) => i);
    found.set(key, {
      kept: inputs.filter((i) => observed[n * width + i] === 1),
      missing: inputs.filter((i) => observed[n * width + i] !== 1),
      rows: [n],
    });
  }
  return [...found.values()];
}

/**
 * What is known of missing inputs m from observed ones o, for rows of one gap. With Λ = Σ⁻¹ the rest is normal with
 * covariance Λ_mm⁻¹ and mean μ_m − A (x_o − μ_o), A = Λ_mm⁻¹ Λ_mo. A row completed by that mean has the same distance
 * from the class under Λ as its observed part has under the marginal, so nothing but Λ_mm is factored.
 */
export interface Filling {
  readonly gap: Gap;
  readonly regression: Float64Array; // A [m x o]
  readonly root: Float64Array; // inverse Cholesky factor of Λ_mm [m x m]: rootᵀ root = Λ_mm⁻¹
  readonly constant: number; // of ln N(x_o; μ_o, Σ_oo)
  readonly centres: Float64Array; // (μ_o, −A μ_o) of each class [k x d]
  readonly projected: Float64Array; // Lᵀ of these [k x d]
}

export const LOG_TWO_PI = Math.log(2 * Math.PI);

export function fillingOf(heads: CoupledHeads, gap: Gap): Filling {
  const { width: d, classes: k, precision, lower } = heads;
  const { kept, missing } = gap;
  const m = missing.length;
  const part = new Float64Array(m * m);
  missing.forEach((row, i) => {
    missing.forEach((column, j) => {
      part[i * m + j] = precision[row * d + column] ?? 0;
    });
  });
  const factor = cholesky(part, m);
  const root = invertLower(factor, m);
  let constant = heads.logDeterminant - 0.5 * kept.length * LOG_TWO_PI;
  for (let i = 0; i < m; i += 1) constant -= Math.log(factor[i * m + i] ?? 1);
  const regression = regressionOf(heads, gap, root);
  const centres = new Float64Array(k * d);
  const projected = new Float64Array(k * d);
  for (let c = 0; c < k; c += 1) {
    const centre = centres.subarray(c * d, (c + 1) * d);
    fill(gap, regression, heads.means.subarray(c * d, (c + 1) * d), centre);
    timesTransposed(lower, d, centre, projected.subarray(c * d, (c + 1) * d));
  }
  return { gap, regression, root, constant, centres, projected };
}

function regressionOf({ width: d, precision }: CoupledHeads, gap: Gap, root: Float64Array): Float64Array {
  const { kept, missing } = gap;
  const [m, o] = [missing.length, kept.length];
  const half = new Float64Array(m * o); // root Λ_mo
  for (let i = 0; i < m; i += 1) {
    for (let l = 0; l <= i; l += 1) {
      const value = root[i * m + l] ?? 0;
      const row = (missing[l] ?? 0) * d;
      for (let j = 0; j < o; j += 1)
        half[i * o + j] = (half[i * o + j] ?? 0) + value * (precision[row + (kept[j] ?? 0)] ?? 0);
    }
  }
  const regression = new Float64Array(m * o);
  for (let l = 0; l < m; l += 1) {
    for (let i = l; i < m; i += 1) {
      const value = root[i * m + l] ?? 0;
      for (let j = 0; j < o; j += 1)
        regression[l * o + j] = (regression[l * o + j] ?? 0) + value * (half[i * o + j] ?? 0);
    }
  }
  return regression;
}

/** out = (x_o, −A x_o). */
export function fill(gap: Gap, regression: Float64Array, x: Float64Array, out: Float64Array): void {
  const { kept, missing } = gap;
  const o = kept.length;
  for (let j = 0; j < o; j += 1) out[kept[j] ?? 0] = x[kept[j] ?? 0] ?? 0;
  for (let i = 0; i < missing.length; i += 1) {
    let sum = 0;
    for (let j = 0; j < o; j += 1) sum += (regression[i * o + j] ?? 0) * (x[kept[j] ?? 0] ?? 0);
    out[missing[i] ?? 0] = -sum;
  }
}

/** ln π_c N(x_o; μ_c,o, Σ_oo) of a row whose (x_o, −A x_o) is `filled`. `projected` is left holding Lᵀ of that. */
export function jointOf(
  { lower, logPrior, width: d, classes: k }: CoupledHeads,
  filling: Filling,
  filled: Float64Array,
  projected: Float64Array,
  out: Float64Array,
): void {
  timesTransposed(lower, d, filled, projected);
  for (let c = 0; c < k; c += 1) {
    let distance = 0;
    for (let i = 0; i < d; i += 1) {
      const apart = (projected[i] ?? 0) - (filling.projected[c * d + i] ?? 0);
      distance += apart * apart;
    }
    out[c] = (logPrior[c] ?? 0) + filling.constant - 0.5 * distance;
  }
}
