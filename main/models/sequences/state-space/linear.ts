import { logMiddle } from "../../distributions/student-t.ts";
import { scaleOf } from "./filter.ts";

/** How surprises move the noise scale of a model with tails; absent: normal, with a scale that stays. */
export interface MovingScale {
  readonly tails: number;
  readonly fastRise: number;
  readonly fastFall: number;
  readonly slowRise: number;
}

/**
 * x' = F x + B d + noise, y = Hx + noise, of any few states. Matrices are [n x n], row-major. Noise of both kinds moves with
 * the noise scale, but for what is `steady`.
 */
export interface LinearModel {
  readonly states: number;
  readonly F: Float64Array;
  readonly B: Float64Array; // [n] what the drive d of a step adds to the next state
  readonly H: Float64Array; // [n]
  readonly Q: Float64Array;
  readonly steady: Float64Array;
  readonly R: number; // variance of a value's noise
  readonly mean: Float64Array; // [n] at the start
  readonly covariance: Float64Array;
  readonly scale?: MovingScale | undefined;
}

export interface LinearlyFiltered {
  readonly steps: number;
  readonly mean: Float64Array; // [steps x n] knowing the values up to and with a step
  readonly covariance: Float64Array; // [steps x n x n]
  readonly meanBefore: Float64Array; // knowing the values before it
  readonly covarianceBefore: Float64Array;
  readonly surprise: Float64Array; // [steps]
  readonly variance: Float64Array; // [steps] of what was foreseen
  readonly logDensity: Float64Array; // [steps] 0 where unobserved
  readonly ls: Float64Array; // [steps] slow and fast part of the logarithm of the noise scale after a step
  readonly lf: Float64Array;
}

/** to = F p Fᵀ, with `between` as room for F p. All [n x n]. */
function turned(F: Float64Array, p: Float64Array, to: Float64Array, between: Float64Array, n: number): void {
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < n; j += 1) {
      let sum = 0;
      for (let k = 0; k < n; k += 1) sum += (F[i * n + k] ?? 0) * (p[k * n + j] ?? 0);
      between[i * n + j] = sum;
    }
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let k = 0; k < n; k += 1) sum += (between[i * n + k] ?? 0) * (F[j * n + k] ?? 0);
      to[i * n + j] = sum;
      to[j * n + i] = sum;
    }
}

/** y [steps], observed [steps], drive [steps] or none. */
export function linearFilter(
  model: LinearModel,
  {
    y,
    observed,
    drive,
  }: { readonly y: Float64Array; readonly observed: Uint8Array; readonly drive?: Float64Array },
): LinearlyFiltered {
  const { states: n, F, B, H, Q, steady, R, scale } = model;
  const steps = y.length;
  const table = (width: number): Float64Array => new Float64Array(steps * width);
  const out: LinearlyFiltered = {
    ...{ steps, mean: table(n), covariance: table(n * n), meanBefore: table(n) },
    ...{ covarianceBefore: table(n * n), surprise: table(1), variance: table(1) },
    ...{ logDensity: table(1), ls: table(1), lf: table(1) },
  };
  const x = model.mean.slice();
  const p = model.covariance.slice();
  const [xNext, pNext, room, gain] = [new Float64Array(n), p.slice(), p.slice(), new Float64Array(n)];
  const middle = scale === undefined ? 0 : logMiddle(scale.tails);
  let [ls, lf] = [0, 0];
  for (let t = 0; t < steps; t += 1) {
    if (t > 0) {
      const s = scaleOf(ls, lf);
      const d = drive?.[t - 1] ?? 0;
      for (let i = 0; i < n; i += 1) {
        let sum = (B[i] ?? 0) * d;
        for (let k = 0; k < n; k += 1) sum += (F[i * n + k] ?? 0) * (x[k] ?? 0);
        xNext[i] = sum;
      }
      turned(F, p, pNext, room, n);
      for (let i = 0; i < n * n; i += 1) p[i] = (pNext[i] ?? 0) + s * (Q[i] ?? 0) + (steady[i] ?? 0);
      x.set(xNext);
    }
    out.meanBefore.set(x, t * n);
    out.covarianceBefore.set(p, t * n * n);
    if (observed[t] === 1) {
      let [S, d] = [scaleOf(ls, lf) * R, y[t] ?? 0];
      for (let i = 0; i < n; i += 1) {
        let sum = 0;
        for (let k = 0; k < n; k += 1) sum += (p[i * n + k] ?? 0) * (H[k] ?? 0);
        gain[i] = sum;
        S += (H[i] ?? 0) * sum;
        d -= (H[i] ?? 0) * (x[i] ?? 0);
      }
      const z2 = (d * d) / S;
      out.surprise[t] = d;
      out.variance[t] = S;
      out.logDensity[t] =
        -0.5 * Math.log(S) +
        (scale === undefined
          ? -0.5 * (Math.log(2 * Math.PI) + z2)
          : middle - 0.5 * (scale.tails + 1) * Math.log1p(z2 / scale.tails));
      if (scale !== undefined) {
        const score = (((scale.tails + 1) / (scale.tails + z2)) * z2 - 1) / 2;
        ls += scale.slowRise * score;
        lf = scale.fastFall * lf + scale.fastRise * score;
      }
      for (let i = 0; i < n; i += 1) {
        const share = (gain[i] ?? 0) / S;
        x[i] = (x[i] ?? 0) + share * d;
        for (let j = 0; j < n; j += 1) p[i * n + j] = (p[i * n + j] ?? 0) - share * (gain[j] ?? 0);
      }
    } else if (scale !== undefined) lf *= scale.fastFall;
    out.mean.set(x, t * n);
    out.covariance.set(p, t * n * n);
    out.ls[t] = ls;
    out.lf[t] = lf;
  }
  return out;
}

/**
 * ∂ ln p / ∂ d of every step by one pass backwards (ctg-generative-model.md §2, derived): d acts on the next state alone, and
 * q holds what the later values say about it.
 *
 * q ← Hᵀ v/S + (F − F P Hᵀ H / S)ᵀ q where a value was observed, q ← Fᵀ q where none was. Of a model without tails.
 */
export function driveGradient(
  model: LinearModel,
  filtered: LinearlyFiltered,
  observed: Uint8Array,
): Float64Array {
  const { states: n, F, B, H } = model;
  const { steps, surprise, variance, covarianceBefore } = filtered;
  const gradient = new Float64Array(steps);
  const [q, back] = [new Float64Array(n), new Float64Array(n)];
  for (let t = steps - 1; t >= 0; t -= 1) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += (B[i] ?? 0) * (q[i] ?? 0);
    gradient[t] = sum;
    for (let j = 0; j < n; j += 1) {
      back[j] = 0;
      for (let i = 0; i < n; i += 1) back[j] = (back[j] ?? 0) + (F[i * n + j] ?? 0) * (q[i] ?? 0);
    }
    if (observed[t] === 1) {
      const S = variance[t] ?? 1;
      let along = (surprise[t] ?? 0) / S; // v/S − (P Hᵀ/S)ᵀ Fᵀ q
      for (let i = 0; i < n; i += 1) {
        let ph = 0;
        for (let k = 0; k < n; k += 1) ph += (covarianceBefore[(t * n + i) * n + k] ?? 0) * (H[k] ?? 0);
        along -= (ph / S) * (back[i] ?? 0);
      }
      for (let i = 0; i < n; i += 1) q[i] = (back[i] ?? 0) + (H[i] ?? 0) * along;
    } else q.set(back);
  }
  return gradient;
}
