import { AppError } from "../../../preload/contract/errors.ts";
import { cholesky, solveLower, solveUpper } from "../linear-algebra.ts";
import type { Random } from "../random.ts";
import type { Design } from "./components.ts";

/** Λ, the negative Hessian of the penalised objective in the weights that are left, factored. */
export interface Curvature {
  solve(gradient: Float64Array): Float64Array; // Λ⁻¹ g
  variances(): Float64Array; // diagonal of Λ⁻¹
  draw(random: Random): Float64Array; // out of N(0, Λ⁻¹)
  readonly logVolume: number; // ln |Λ| − Σ ln α: how much narrower the labels make the weights
}

/** The weights that are left: what each multiplies, where it belongs and how strongly it is held to 0. */
export interface Active {
  readonly component: Int32Array; // [p], not falling
  readonly atom: Int32Array; // [p]
  readonly precision: Float64Array; // [p]
}

/** What each weight that is left multiplies, row by row: [n x p]. */
export function packed(
  {
    rows,
    monomials: h,
    phi,
    dictionary,
    values,
    atoms,
  }: Pick<Design, "rows" | "monomials" | "phi" | "dictionary" | "values" | "atoms">,
  { atom }: Pick<Active, "atom">,
): Float64Array {
  const p = atom.length;
  const out = new Float64Array(rows * p);
  for (let n = 0; n < rows; n += 1)
    for (let q = 0; q < p; q += 1) {
      const of = atom[q] ?? 0;
      if (dictionary === undefined) {
        out[n * p + q] = phi[n * h + of] ?? 0;
        continue;
      }
      if (values !== undefined) {
        out[n * p + q] = values[n * atoms + of] ?? 0;
        continue;
      }
      let sum = 0;
      for (let i = 0; i < h; i += 1) sum += (dictionary[of * h + i] ?? 0) * (phi[n * h + i] ?? 0);
      out[n * p + q] = sum;
    }
  return out;
}

/** Where each component's weights begin among [p], and where the last one's end. */
function bounds(
  component: Int32Array,
): { readonly of: number; readonly from: number; readonly to: number }[] {
  const found: { of: number; from: number; to: number }[] = [];
  component.forEach((of, q) => {
    const last = found.at(-1);
    if (last?.of === of) last.to = q + 1;
    else found.push({ of, from: q, to: q + 1 });
  });
  return found;
}

/** Beside the largest such a share of a row moves nothing. */
const NOTHING = 1e-13;

/** Σ_n m_n y_k (δ_kl − y_l) ψ_k ψ_lᵀ, lower half: [p x p]. shares: y [n x k]; mass: m [n]. */
export function gram(
  features: Float64Array,
  component: Int32Array,
  {
    shares,
    mass,
    count,
  }: { readonly shares: Float64Array; readonly mass: Float64Array; readonly count: number },
): Float64Array {
  const p = component.length;
  const out = new Float64Array(p * p);
  const parts = bounds(component);
  const rows = new Int32Array(mass.length);
  const scale = new Float64Array(mass.length);
  for (const [which, first] of parts.entries())
    for (const second of parts.slice(0, which + 1)) {
      let found = 0;
      for (let n = 0; n < mass.length; n += 1) {
        const own = shares[n * count + first.of] ?? 0;
        const other = first.of === second.of ? 1 - own : -(shares[n * count + second.of] ?? 0);
        const value = (mass[n] ?? 0) * own * other;
        if (Math.abs(value) <= NOTHING) continue;
        rows[found] = n;
        scale[found] = value;
        found += 1;
      }
      addBlock(out, features, { p, first, second }, { rows, scale, found });
    }
  return out;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Two rows at a time: the block is written half as often. */
function addBlock(
  out: Float64Array,
  features: Float64Array,
  { p, first, second }: { readonly p: number; readonly first: Range; readonly second: Range },
  { rows, scale, found }: { readonly rows: Int32Array; readonly scale: Float64Array; readonly found: number },
): void {
  const isSame = first.from === second.from;
  for (let at = 0; at < found; at += 2) {
    const one = (rows[at] ?? 0) * p;
    const two = (rows[at + 1 < found ? at + 1 : at] ?? 0) * p;
    const scaleOne = scale[at] ?? 0;
    const scaleTwo = at + 1 < found ? (scale[at + 1] ?? 0) : 0;
    for (let i = first.from; i < first.to; i += 1) {
      const a = scaleOne * (features[one + i] ?? 0);
      const b = scaleTwo * (features[two + i] ?? 0);
      const end = isSame ? i + 1 : second.to;
      const row = i * p;
      for (let j = second.from; j < end; j += 1)
        out[row + j] = (out[row + j] ?? 0) + a * (features[one + j] ?? 0) + b * (features[two + j] ?? 0);
    }
  }
}

/** Cholesky of a matrix that rounding may have made indefinite: a little is added to its diagonal until it is not. */
function firmly(matrix: Float64Array, size: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += matrix[i * size + i] ?? 0;
  let firm = matrix;
  for (let share = 1e-10; share < 1; share *= 10)
    try {
      return cholesky(firm, size);
    } catch (error) {
      if (!(error instanceof AppError && error.code === "model/not-positive-definite")) throw error;
      const more = (share * trace) / Math.max(size, 1);
      firm = Float64Array.from(matrix, (value, at) => (at % (size + 1) === 0 ? value + more : value));
    }
  return cholesky(firm, size);
}

/** ln |L Lᵀ| */
function logDeterminant(lower: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i += 1) sum += 2 * Math.log(lower[i * size + i] ?? 1);
  return sum;
}

/** Λ itself. */
export function directCurvature(hessian: Float64Array, precision: Float64Array): Curvature {
  const p = precision.length;
  for (let q = 0; q < p; q += 1) hessian[q * p + q] = (hessian[q * p + q] ?? 0) + (precision[q] ?? 0);
  const lower = firmly(hessian, p);
  const prior = precision.reduce((sum, one) => sum + Math.log(one), 0);
  return {
    logVolume: logDeterminant(lower, p) - prior,
    solve(gradient) {
      const out = new Float64Array(p);
      solveLower(lower, p, gradient, out);
      solveUpper(lower, p, out, out);
      return out;
    },
    draw(random) {
      const noise = Float64Array.from({ length: p }, () => random.normal());
      const out = new Float64Array(p);
      solveUpper(lower, p, noise, out);
      return out;
    },
    variances() {
      const out = new Float64Array(p);
      const column = new Float64Array(p);
      // (Λ⁻¹)_qq = ‖L⁻¹ e_q‖²; what lies above q is 0.
      for (let q = 0; q < p; q += 1) {
        let sum = 0;
        for (let i = q; i < p; i += 1) {
          let value = i === q ? 1 : 0;
          for (let k = q; k < i; k += 1) value -= (lower[i * p + k] ?? 0) * (column[k] ?? 0);
          value /= lower[i * p + i] ?? 1;
          column[i] = value;
          sum += value * value;
        }
        out[q] = sum;
      }
      return out;
    },
  };
}

/**
 * Λ = A + B G Bᵀ with more weights than monomials: Λ⁻¹ = A⁻¹ − A⁻¹ B F (I + Fᵀ V F)⁻¹ Fᵀ Bᵀ A⁻¹ with G = F Fᵀ and
 * V = Bᵀ A⁻¹ B. Over a kernel's dictionary the work is that of the quadratic form, whatever the number of centres.
 * lowRank: G [r x r], lower half; loadings: B [p x r], each weight's monomials at its component's place.
 */
export function lowRankCurvature(
  lowRank: Float64Array,
  r: number,
  loadings: Float64Array,
  precision: Float64Array,
): Curvature {
  const p = precision.length;
  const root = firmly(lowRank, r);
  const reach = times(loadings, root, p, r); // B F [p x r]
  const inner = new Float64Array(r * r); // I + Fᵀ V F
  for (let q = 0; q < p; q += 1)
    for (let i = 0; i < r; i += 1) {
      const own = (reach[q * r + i] ?? 0) / (precision[q] ?? 1);
      if (own !== 0)
        for (let j = 0; j <= i; j += 1)
          inner[i * r + j] = (inner[i * r + j] ?? 0) + own * (reach[q * r + j] ?? 0);
    }
  for (let i = 0; i < r; i += 1) inner[i * r + i] = (inner[i * r + i] ?? 0) + 1;
  const lower = firmly(inner, r);
  const solve = (gradient: Float64Array): Float64Array => {
    const half = new Float64Array(r);
    for (let q = 0; q < p; q += 1) {
      const own = (gradient[q] ?? 0) / (precision[q] ?? 1);
      for (let i = 0; i < r; i += 1) half[i] = (half[i] ?? 0) + own * (reach[q * r + i] ?? 0);
    }
    solveLower(lower, r, half, half);
    solveUpper(lower, r, half, half);
    return Float64Array.from(gradient, (own, q) => {
      let sum = own;
      for (let i = 0; i < r; i += 1) sum -= (reach[q * r + i] ?? 0) * (half[i] ?? 0);
      return sum / (precision[q] ?? 1);
    });
  };
  return {
    logVolume: logDeterminant(lower, r),
    solve,
    /** A draw of N(0, Λ), A½ u + B F v, carried back by Λ⁻¹. */
    draw(random) {
      const noise = Float64Array.from({ length: r }, () => random.normal());
      return solve(
        Float64Array.from(precision, (own, q) => {
          let sum = Math.sqrt(own) * random.normal();
          for (let i = 0; i < r; i += 1) sum += (reach[q * r + i] ?? 0) * (noise[i] ?? 0);
          return sum;
        }),
      );
    },
    variances() {
      const half = new Float64Array(r);
      return Float64Array.from(precision, (own, q) => {
        solveLower(lower, r, reach.subarray(q * r, (q + 1) * r), half);
        const explained = half.reduce((sum, value) => sum + value * value, 0);
        return 1 / own - explained / (own * own);
      });
    },
  };
}

/** a [p x r] times lower triangular b [r x r]. */
function times(a: Float64Array, b: Float64Array, p: number, r: number): Float64Array {
  const out = new Float64Array(p * r);
  for (let q = 0; q < p; q += 1)
    for (let i = 0; i < r; i += 1) {
      const own = a[q * r + i] ?? 0;
      if (own !== 0)
        for (let j = 0; j <= i; j += 1) out[q * r + j] = (out[q * r + j] ?? 0) + own * (b[i * r + j] ?? 0);
    }
  return out;
}
