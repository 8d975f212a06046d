import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";

/**
 * Lower triangular L with L Lᵀ = a. `a` is symmetric [n x n], row-major; only its lower half is read.
 * Throws model/not-positive-definite with the pivot that failed.
 */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = sure(a[i * n + j]);
      for (let k = 0; k < j; k += 1) sum -= sure(lower[i * n + k]) * sure(lower[j * n + k]);
      if (i !== j) {
        lower[i * n + j] = sum / sure(lower[j * n + j]);
        continue;
      }
      if (!(sum > 0)) {
        throw new AppError(
          "model/not-positive-definite",
          `Covariance is not positive definite at row ${i}: ${sum}`,
          {
            row: i,
            pivot: sum,
            rows: n,
          },
        );
      }
      lower[i * n + i] = Math.sqrt(sum);
    }
  }
  return lower;
}

/** Whether `a`, symmetric [n x n], row-major, has a Cholesky factor. */
export function isPositiveDefinite(a: Float64Array, n: number): boolean {
  try {
    cholesky(a, n);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "model/not-positive-definite") return false;
    throw error;
  }
}

/** Solves L z = b in place of `out`, for lower triangular L [n x n]. */
export function solveLower(lower: Float64Array, n: number, b: Float64Array, out: Float64Array): void {
  for (let i = 0; i < n; i += 1) {
    let sum = sure(b[i]);
    const row = i * n;
    for (let k = 0; k < i; k += 1) sum -= sure(lower[row + k]) * sure(out[k]);
    out[i] = sum / sure(lower[row + i]);
  }
}

/** Solves Lᵀ z = b in place of `out`, for lower triangular L [n x n]. */
export function solveUpper(lower: Float64Array, n: number, b: Float64Array, out: Float64Array): void {
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = sure(b[i]);
    for (let k = i + 1; k < n; k += 1) sum -= sure(lower[k * n + i]) * sure(out[k]);
    out[i] = sum / sure(lower[i * n + i]);
  }
}

/** Inverse of a lower triangular matrix [n x n]. */
export function invertLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column += 1) {
    for (let i = column; i < n; i += 1) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k += 1) sum -= sure(lower[i * n + k]) * sure(inverse[k * n + column]);
      inverse[i * n + column] = sum / sure(lower[i * n + i]);
    }
  }
  return inverse;
}

/** Sweeps over all pairs of columns: a handful is enough for any matrix that converges at all. */
const SWEEPS = 60;
const ORTHOGONAL = 1e-15; // cosine between two columns below which they are left alone

/**
 * Singular values of `a` [rows x columns], row-major, in descending order: columns are turned in pairs until all are
 * orthogonal (one-sided Jacobi, Hestenes 1958 [R]), which keeps small values to full relative accuracy.
 */
export function singularValues(a: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const of = Array.from({ length: columns }, (_, c) =>
    Float64Array.from({ length: rows }, (_v, r) => a[r * columns + c] ?? 0),
  );
  for (let sweep = 0, isDone = false; !isDone && sweep < SWEEPS; sweep += 1) {
    isDone = true;
    for (const [i, p] of of.entries()) for (const q of of.slice(i + 1)) if (turnApart(p, q)) isDone = false;
  }
  return Float64Array.from(of, (column) => Math.hypot(...column)).sort((x, y) => y - x);
}

/** Turns two columns within their plane until they are orthogonal; whether they were not. */
function turnApart(p: Float64Array, q: Float64Array): boolean {
  let [pp, qq, pq] = [0, 0, 0];
  for (let r = 0; r < p.length; r += 1) {
    const [x, y] = [p[r] ?? 0, q[r] ?? 0];
    pp += x * x;
    qq += y * y;
    pq += x * y;
  }
  if (pq === 0 || Math.abs(pq) <= ORTHOGONAL * Math.sqrt(pp * qq)) return false;
  const half = (qq - pp) / (2 * pq);
  const tangent = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(1, half));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let r = 0; r < p.length; r += 1) {
    const [x, y] = [p[r] ?? 0, q[r] ?? 0];
    p[r] = cosine * x - sine * y;
    q[r] = sine * x + cosine * y;
  }
  return true;
}

interface Column {
  readonly columns: number;
  readonly x: Float64Array;
  readonly at: number; // where it begins in x
}

/**
 * out[to + c] = b_c + Σ_i w_ci x_i for each row of w [rows x columns]. Four rows at once: each is summed in its own order,
 * but none waits for the addition before.
 */
export function affine(
  w: Float64Array,
  b: Float64Array,
  { columns, x, at }: Column,
  out: Float64Array,
  to: number,
): void {
  const rows = b.length;
  let c = 0;
  for (; c + 3 < rows; c += 4) {
    let [p, q, r, s] = [sure(b[c]), sure(b[c + 1]), sure(b[c + 2]), sure(b[c + 3])];
    for (let i = 0, from = c * columns; i < columns; i += 1, from += 1) {
      const value = sure(x[at + i]);
      p += sure(w[from]) * value;
      q += sure(w[from + columns]) * value;
      r += sure(w[from + 2 * columns]) * value;
      s += sure(w[from + 3 * columns]) * value;
    }
    out[to + c] = p;
    out[to + c + 1] = q;
    out[to + c + 2] = r;
    out[to + c + 3] = s;
  }
  for (; c < rows; c += 1) {
    let sum = sure(b[c]);
    for (let i = 0, from = c * columns; i < columns; i += 1, from += 1)
      sum += sure(w[from]) * sure(x[at + i]);
    out[to + c] = sum;
  }
}

/** ln Σ exp of `values[from .. from + count)`. */
export function logSumExp(values: ArrayLike<number>, from: number, count: number): number {
  let top = -Infinity;
  for (let i = from; i < from + count; i += 1) top = Math.max(top, sure(values[i]));
  if (top === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = from; i < from + count; i += 1) sum += Math.exp(sure(values[i]) - top);
  return top + Math.log(sum);
}

/** Softmax of each row of `logits` [n x k] divided by `temperature`. */
export function softmaxRows(logits: ArrayLike<number>, classes: number, temperature = 1): Float64Array {
  const out = new Float64Array(logits.length);
  for (let at = 0; at < out.length; at += classes) {
    let top = -Infinity;
    for (let c = 0; c < classes; c += 1) top = Math.max(top, sure(logits[at + c]) / temperature);
    let sum = 0;
    for (let c = 0; c < classes; c += 1) {
      const e = Math.exp(sure(logits[at + c]) / temperature - top);
      out[at + c] = e;
      sum += e;
    }
    for (let c = 0; c < classes; c += 1) out[at + c] = sure(out[at + c]) / sum;
  }
  return out;
}

/** All parts one after the other. */
export function concatenated(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
