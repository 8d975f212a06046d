import { seededRandom, type Random } from "../../../main/models/random.ts";
import { linearFilter, type LinearModel } from "../../../main/models/sequences/state-space/linear.ts";
import { smooth, type Smoothed } from "../../../main/models/sequences/state-space/smoother.ts";

/** A made-up cardiotocogram whose every parameter is known (ctg-generative-model.md §2). */
export interface MadeUp {
  readonly y: Float64Array;
  readonly observed: Uint8Array;
  readonly u: Float64Array; // contractions over 60
  readonly drive: Float64Array; // the true pull a step
  readonly states: Float64Array; // [steps x 5]
}

/** What the contractions pull, before the second-order filter: 30 beats a minute at their height. */
export const truePull = (u: number): number => -30 / (1 + Math.exp(-(60 * u - 35) / 5));

/** Contractions every two to four minutes over a resting tone. */
function contractions(seconds: number, stepS: number, random: Random): Float64Array {
  const steps = Math.round(seconds / stepS);
  const u = new Float64Array(steps).fill(10 / 60);
  for (let at = 60 * random.next(); at < seconds; at += 120 + 120 * random.next()) {
    const [height, width] = [(30 + 25 * random.next()) / 60, 14 + 8 * random.next()];
    for (let t = 0; t < steps; t += 1)
      u[t] = (u[t] ?? 0) + height * Math.exp(-0.5 * ((t * stepS - at) / width) ** 2);
  }
  return u;
}

/** 1 where seen: bursts of a mean length are hidden until a share is. */
export function bursts(steps: number, share: number, meanSteps: number, random: Random): Uint8Array {
  const seen = new Uint8Array(steps).fill(1);
  for (let hidden = 0; hidden < share * steps;) {
    const from = random.below(steps);
    const length = 1 + Math.floor(-meanSteps * Math.log(1 - random.next()));
    for (let t = from; t < Math.min(steps, from + length); t += 1) {
      hidden += seen[t] ?? 0;
      seen[t] = 0;
    }
  }
  return seen;
}

/** Draws a record from a model whose only drive is the pull of contractions `delayS` ago. */
export function drawn(
  model: LinearModel,
  options: {
    readonly seconds: number;
    readonly stepS: number;
    readonly delayS: number;
    readonly seed: number;
  },
): MadeUp {
  const { seconds, stepS, delayS, seed } = options;
  const random = seededRandom(seed);
  const u = contractions(seconds, stepS, random);
  const drive = u.map((_, t) => truePull(u[Math.max(0, t - Math.round(delayS / stepS))] ?? 0));
  const { y, states } = drawnFrom(model, drive, random);
  const observed = bursts(u.length, 0.2, 12 / stepS, random);
  return { y, observed, u, drive, states };
}

/** Values and states of a linear model with independent noise. */
export function drawnFrom(model: LinearModel, drive: Float64Array, random: Random) {
  const { states: n, F, B, H, Q, R, mean, covariance } = model;
  const sd = (of: Float64Array, i: number): number => Math.sqrt(of[i * (n + 1)] ?? 0);
  let x = mean.map((m, i) => m + sd(covariance, i) * random.normal());
  const y = new Float64Array(drive.length);
  const states = new Float64Array(drive.length * n);
  for (let t = 0; t < drive.length; t += 1) {
    if (t > 0) {
      const before = x;
      const force = drive[t - 1] ?? 0;
      x = before.map(
        (_, i) =>
          before.reduce((sum, v, k) => sum + (F[i * n + k] ?? 0) * v, 0) +
          (B[i] ?? 0) * force +
          sd(Q, i) * random.normal(),
      );
    }
    states.set(x, t * n);
    y[t] = x.reduce((sum, v, i) => sum + (H[i] ?? 0) * v, 0) + Math.sqrt(R) * random.normal();
  }
  return { y, states };
}

/** What all values together say of the states. */
export function smoothedLinear(
  model: LinearModel,
  series: { readonly y: Float64Array; readonly observed: Uint8Array; readonly drive?: Float64Array },
): Smoothed {
  const n = model.states;
  const kept = linearFilter(model, series);
  const rows = (all: Float64Array, t: number, width: number) => all.subarray(t * width, (t + 1) * width);
  return smooth({ steps: kept.steps, n, F: model.F }, (t, into) => {
    into.mean.set(rows(kept.mean, t, n));
    into.covariance.set(rows(kept.covariance, t, n * n));
    into.meanBefore.set(rows(kept.meanBefore, t, n));
    into.covarianceBefore.set(rows(kept.covarianceBefore, t, n * n));
  });
}
