import { runningQuantiles } from "../../../signal/quantile.ts";
import type { Dynamics, Observations } from "./filter.ts";
import { linearFilter, type LinearModel } from "./linear.ts";
import { smooth } from "./smoother.ts";

/** A line under the short deviations, with its band. */
export interface Baseline {
  readonly value: Float32Array;
  readonly sd: Float32Array;
  readonly observed: Uint8Array; // 0 where nothing was seen within half a minute
}

const MEDIAN = { halfWidth: 300, step: 5, minCount: 30, shares: [0.5] };
/** How far the line may leave the running median (beats a minute), and for how long (seconds). */
const LEAVE = { sd: 1, time: 300 };
/**
 * Beside its own spread, how far a line drawn by another method may lie away (beats a minute): 90 % bands then hold some 90 %
 * of the stored baselines of the fhrma-ma records. Like LEAVE chosen with all 108 records in view.
 */
export const BASELINE_BAND_SD = 4.4;

/** What is over the running median: a line that returns to it, and the deviations of the dynamics. */
function anchoredModel(dynamics: Dynamics): LinearModel {
  const keep = Math.exp(-1 / LEAVE.time);
  const decay = Math.exp(-1 / dynamics.slowTime);
  const wander = LEAVE.sd ** 2;
  const diagonal = (...of: readonly number[]): Float64Array => {
    const all = new Float64Array(16);
    of.forEach((v, i) => (all[5 * i] = v));
    return all;
  };
  const slow = dynamics.slowStep ** 2;
  return {
    ...{ states: 4, B: new Float64Array(4), H: Float64Array.of(1, 1, 1, 0), R: dynamics.noise },
    F: Float64Array.of(...[keep, 0, 0, 0], ...[0, decay, 0, 0], ...[0, 0, ...dynamics.echo], ...[0, 0, 1, 0]),
    Q: diagonal(0, slow, dynamics.fastStep ** 2, 0),
    steady: diagonal(wander * (1 - keep * keep), 0, 0, 0),
    mean: new Float64Array(4),
    covariance: diagonal(wander, slow / (1 - decay * decay), 25, 25),
    scale: dynamics,
  };
}

/** Knows all values; of fewer than a median needs it says nothing. In units of the model. */
export function baselineOf({ y, observed }: Observations, dynamics: Dynamics): Baseline {
  const steps = y.length;
  const none = (): Float32Array => new Float32Array(steps);
  const [median = none()] = runningQuantiles(Float32Array.from(y), observed, MEDIAN);
  if (median.some(Number.isNaN)) return { value: none(), sd: none(), observed: new Uint8Array(steps) };
  const model = anchoredModel(dynamics);
  const over = y.map((v, t) => v - (median[t] ?? 0));
  const kept = linearFilter(model, { y: over, observed });
  const n = model.states;
  const row = (all: Float64Array, t: number, width: number): Float64Array =>
    all.subarray(t * width, (t + 1) * width);
  const { mean, covariance } = smooth({ steps, n, F: model.F }, (t, into) => {
    into.mean.set(row(kept.mean, t, n));
    into.covariance.set(row(kept.covariance, t, n * n));
    into.meanBefore.set(row(kept.meanBefore, t, n));
    into.covarianceBefore.set(row(kept.covarianceBefore, t, n * n));
  });
  return {
    value: median.map((v, t) => v + (mean[t * n] ?? 0)),
    sd: Float32Array.from(median, (_, t) => Math.sqrt(covariance[t * n * n] ?? 0)),
    observed: nearBy(observed),
  };
}

const NEAR_S = 30;

/** 1 up to half a minute from what was seen: a longer gap has no baseline, however sure the line on either side is. */
function nearBy(observed: Uint8Array): Uint8Array {
  const near = new Uint8Array(observed.length);
  observed.forEach((is, t) => {
    if (is === 1) near.fill(1, Math.max(0, t - NEAR_S), t + NEAR_S + 1);
  });
  return near;
}
