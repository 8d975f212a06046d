import { cholesky, solveLower, solveUpper } from "../../linear-algebra.ts";
import { covarianceAt, MEMORY, STATES, type Dynamics, type Filtered } from "./filter.ts";

/** What a filter kept of one step, read into arrays that are used again. Matrices [n x n], row-major. */
export interface FilteredStep {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  readonly meanBefore: Float64Array; // of the step, knowing the values before it
  readonly covarianceBefore: Float64Array;
}

export interface Smoothed {
  readonly mean: Float64Array; // [steps x n] knowing all values
  readonly covariance: Float64Array; // [steps x n x n]
}

const RIDGE = 1e-9; // one state is a copy of another's past

/**
 * Rauch, Tung and Striebel's backward pass (1965): J = P Fᵀ (P⁻)⁻¹, x ← x + J (x' − x⁻), P ← P + J (P' − P⁻) Jᵀ. `read` fills
 * what the filter kept of a step.
 */
export function smooth(
  { steps, n, F }: { readonly steps: number; readonly n: number; readonly F: Float64Array },
  read: (step: number, into: FilteredStep) => void,
): Smoothed {
  const mean = new Float64Array(steps * n);
  const covariance = new Float64Array(steps * n * n);
  const room = (): FilteredStep => ({
    ...{ mean: new Float64Array(n), covariance: new Float64Array(n * n) },
    ...{ meanBefore: new Float64Array(n), covarianceBefore: new Float64Array(n * n) },
  });
  let [here, next] = [room(), room()];
  const [row, half, J] = [new Float64Array(n), new Float64Array(n), new Float64Array(n * n)];
  const difference = new Float64Array(n * n);
  for (let t = steps - 1; t >= 0; t -= 1) {
    read(t, here);
    mean.set(here.mean, t * n);
    covariance.set(here.covariance, t * n * n);
    if (t + 1 < steps) {
      const solvable = next.covarianceBefore.slice();
      for (let i = 0; i < n; i += 1) solvable[i * n + i] = (solvable[i * n + i] ?? 0) + RIDGE;
      const lower = cholesky(solvable, n);
      for (let i = 0; i < n; i += 1) {
        // Row i of P Fᵀ, then times the inverse of P⁻.
        for (let j = 0; j < n; j += 1) {
          let sum = 0;
          for (let k = 0; k < n; k += 1) sum += (here.covariance[i * n + k] ?? 0) * (F[j * n + k] ?? 0);
          row[j] = sum;
        }
        solveLower(lower, n, row, half);
        solveUpper(lower, n, half, row);
        J.set(row, i * n);
      }
      const from = (t + 1) * n;
      for (let i = 0; i < n * n; i += 1)
        difference[i] = (covariance[from * n + i] ?? 0) - (next.covarianceBefore[i] ?? 0);
      for (let i = 0; i < n; i += 1) {
        let sum = here.mean[i] ?? 0;
        for (let j = 0; j < n; j += 1)
          sum += (J[i * n + j] ?? 0) * ((mean[from + j] ?? 0) - (next.meanBefore[j] ?? 0));
        mean[t * n + i] = sum;
      }
      addTurned(J, difference, covariance.subarray(t * n * n, (t + 1) * n * n), n);
    }
    [here, next] = [next, here];
  }
  return { mean, covariance };
}

/** to += J d Jᵀ, kept symmetric. */
function addTurned(J: Float64Array, d: Float64Array, to: Float64Array, n: number): void {
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let k = 0; k < n; k += 1) {
        let inner = 0;
        for (let l = 0; l < n; l += 1) inner += (d[k * n + l] ?? 0) * (J[j * n + l] ?? 0);
        sum += (J[i * n + k] ?? 0) * inner;
      }
      to[i * n + j] = (to[i * n + j] ?? 0) + sum;
      if (i !== j) to[j * n + i] = to[i * n + j] ?? 0;
    }
}

/** The states of a filtered signal, knowing all of its values. Regimes share F, so that it serves them too. */
export function smoothStates({ steps, after, before }: Filtered, { slowTime, echo }: Dynamics): Smoothed {
  const n = STATES;
  const F = new Float64Array(n * n);
  F[0] = 1;
  F[6] = 1;
  F[12] = Math.exp(-1 / slowTime);
  F[18] = echo[0];
  F[19] = echo[1];
  F[23] = 1;
  const unpack = (memory: Float64Array, at: number, mean: Float64Array, covariance: Float64Array): void => {
    for (let i = 0; i < n; i += 1) {
      mean[i] = memory[at + i] ?? 0;
      for (let j = i; j < n; j += 1) {
        const own = memory[at + covarianceAt(i, j)] ?? 0;
        covariance[i * n + j] = own;
        covariance[j * n + i] = own;
      }
    }
  };
  return smooth({ steps, n, F }, (t, into) => {
    unpack(after, t * MEMORY, into.mean, into.covariance);
    unpack(before, t * MEMORY, into.meanBefore, into.covarianceBefore);
  });
}
