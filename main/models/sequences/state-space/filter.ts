import { sortedQuantile } from "../../../signal/quantile.ts";
import { logMiddle } from "../../distributions/student-t.ts";

/**
 * State of a signal a step: baseline b, gain k of what drives it, slow deviation a, fast deviation v and the same one step
 * earlier. What is observed is y = b + k φ + a + v + noise, φ being the drive.
 */
export const STATES = 5;
export const state = { b: 0, k: 1, a: 2, v: 3, before: 4 } as const;
/** The upper triangle of their covariance, row by row. */
export const COVARIANCES = 15;
/** What a filter remembers: states, covariances, slow and fast part of the logarithm of the noise scale. */
export const MEMORY = STATES + COVARIANCES + 2;
const [LS, LF] = [STATES + COVARIANCES, STATES + COVARIANCES + 1];

/** Place of the covariance of two states, i not above j, in a memory. */
export const covarianceAt = (i: number, j: number): number => STATES + i * STATES - (i * (i - 1)) / 2 + j - i;

/** How a signal moves, a step of a second at a time and in its own unit (beats a minute). */
export interface Dynamics {
  readonly baselineStep: number; // sd
  readonly slowTime: number; // seconds until a deviation has fallen to 1/e
  readonly slowStep: number; // sd
  readonly slowTarget?: number | undefined; // what the slow deviation falls towards; absent: zero
  readonly fastStep: number; // sd
  readonly echo: readonly [number, number]; // what the fast deviation keeps of itself one and two steps ago
  readonly noise: number; // variance
  readonly tails: number; // degrees of freedom of the t distribution of a step's surprise; Infinity: normal
  readonly caution: number; // how much less a surprising value counts
  readonly fastRise: number; // of the noise scale by a step's score
  readonly fastFall: number; // what of it is left a step later
  readonly slowRise: number;
  readonly gain: { readonly mean: number; readonly sd: number; readonly step: number }; // of the drive
}

/** Of a deviation with two real poles. */
export const realEcho = (p1: number, p2: number): readonly [number, number] => [p1 + p2, -p1 * p2];

/** Fitted to 60 labour records of CTU-UHB (recipe-ssm.md §2, computed). */
export const ctgDynamics: Dynamics = {
  ...{ baselineStep: 0.126, slowTime: 115, slowStep: 0.926, fastStep: 2.41, echo: realEcho(0.927, 0.414) },
  ...{ noise: 0.0555, tails: 4.07, caution: 0.754, fastRise: 0.397, fastFall: 0.955, slowRise: 0.0856 },
  gain: { mean: 1, sd: 1.02, step: 0.0198 },
};

/** A value a step; what lies behind the mask is never read. Without a drive there is none. */
export interface Observations {
  readonly y: Float64Array;
  readonly observed: Uint8Array;
  readonly drive?: Float64Array | undefined; // φ
}

export interface Filtered {
  readonly steps: number;
  readonly after: Float64Array; // [steps x MEMORY] knowing the values up to and with a step
  readonly before: Float64Array; // [steps x MEMORY] knowing the values before it
  readonly surprise: Float64Array; // [steps] value minus what was foreseen; 0 where unobserved
  readonly variance: Float64Array; // [steps] squared scale of what was foreseen
  readonly logDensity: Float64Array; // [steps] nats; 0 where unobserved
}

const START = { baselineSd: 20, fastSd: 5, valuesForLevel: 30 };
const SCALE_LIMIT = 6; // of its logarithm

/** Median of the first observed values; undefined before there are as many as a start needs. */
export function startLevel({ y, observed }: Observations, needed = START.valuesForLevel): number | undefined {
  const first: number[] = [];
  for (let t = 0; t < y.length && first.length < needed; t += 1) if (observed[t] === 1) first.push(y[t] ?? 0);
  return first.length < needed
    ? undefined
    : sortedQuantile(
        first.sort((a, b) => a - b),
        first.length,
        0.5,
      );
}

/** Before the first value. */
export function startMemory(dynamics: Dynamics, level: number, isDriven: boolean): Float64Array {
  const memory = new Float64Array(MEMORY);
  const decay = Math.exp(-1 / dynamics.slowTime);
  memory[state.b] = level;
  memory[covarianceAt(state.b, state.b)] = START.baselineSd ** 2;
  if (isDriven) {
    memory[state.k] = dynamics.gain.mean;
    memory[covarianceAt(state.k, state.k)] = dynamics.gain.sd ** 2;
  }
  memory[covarianceAt(state.a, state.a)] = dynamics.slowStep ** 2 / (1 - decay * decay);
  memory[covarianceAt(state.v, state.v)] = START.fastSd ** 2;
  memory[covarianceAt(state.before, state.before)] = START.fastSd ** 2;
  return memory;
}
/** The noise scale of a slow and a fast part of its logarithm. */
export const scaleOf = (ls: number, lf: number): number =>
  Math.exp(Math.min(SCALE_LIMIT, Math.max(-SCALE_LIMIT, ls + lf)));

/** Noise scale of the step that a memory lies before. */
export const noiseScale = (memory: Float64Array, at = 0): number =>
  scaleOf(memory[at + LS] ?? 0, memory[at + LF] ?? 0);

/** The fast part of its logarithm to reckon with over the next h steps: what is left of it, on average. */
export const fadingLogScale = (lf: number, h: number, fastFall: number): number =>
  fastFall === 1 ? lf : (lf * (1 - fastFall ** h)) / (h * (1 - fastFall));

/** The noise scale to reckon with over the next h steps. */
export const fadingScale = (memory: Float64Array, h: number, fastFall: number, at = 0): number =>
  scaleOf(memory[at + LS] ?? 0, fadingLogScale(memory[at + LF] ?? 0, h, fastFall));

/** One step on, in place: what is known before the next value. */
export function advance(p: Float64Array, dynamics: Dynamics, isDriven: boolean, o = 0): void {
  const { baselineStep, slowTime, slowStep, slowTarget, fastStep, echo, gain } = dynamics;
  const decay = Math.exp(-1 / slowTime);
  const [c1, c2] = echo;
  const s = scaleOf(p[o + 20] ?? 0, p[o + 21] ?? 0);
  const [v, before] = [p[o + 3] ?? 0, p[o + 4] ?? 0];
  p[o + 2] = decay * (p[o + 2] ?? 0);
  if (slowTarget !== undefined) p[o + 2] = (p[o + 2] ?? 0) + (1 - decay) * slowTarget;
  p[o + 3] = c1 * v + c2 * before;
  p[o + 4] = v;
  const [p03, p04, p13, p14] = [p[o + 8] ?? 0, p[o + 9] ?? 0, p[o + 12] ?? 0, p[o + 13] ?? 0];
  const [p23, p24] = [p[o + 15] ?? 0, p[o + 16] ?? 0];
  const [p33, p34, p44] = [p[o + 17] ?? 0, p[o + 18] ?? 0, p[o + 19] ?? 0];
  p[o + 5] = (p[o + 5] ?? 0) + baselineStep * baselineStep;
  p[o + 7] = decay * (p[o + 7] ?? 0);
  p[o + 8] = c1 * p03 + c2 * p04;
  p[o + 9] = p03;
  p[o + 10] = (p[o + 10] ?? 0) + (isDriven ? gain.step * gain.step : 0);
  p[o + 11] = decay * (p[o + 11] ?? 0);
  p[o + 12] = c1 * p13 + c2 * p14;
  p[o + 13] = p13;
  p[o + 14] = decay * decay * (p[o + 14] ?? 0) + s * slowStep * slowStep;
  p[o + 15] = decay * (c1 * p23 + c2 * p24);
  p[o + 16] = decay * p23;
  p[o + 17] = c1 * c1 * p33 + 2 * c1 * c2 * p34 + c2 * c2 * p44 + s * fastStep * fastStep;
  p[o + 18] = c1 * p33 + c2 * p34;
  p[o + 19] = p33;
}

/** A step without a value, in place: the fast part of the noise scale fades. */
export function miss(p: Float64Array, { fastFall }: Dynamics, o = 0): void {
  p[o + LF] = fastFall * (p[o + LF] ?? 0);
}

/** What a value was against what was foreseen. */
export interface Heard {
  surprise: number;
  variance: number;
  logDensity: number;
}

let last = { tails: 0, value: 0 };

/** The same at every step, so computed once. */
function keptMiddle(tails: number): number {
  if (last.tails !== tails) last = { tails, value: logMiddle(tails) };
  return last.value;
}

/** A value, in place. φ: the drive at this step. */
export function hear(p: Float64Array, y: number, phi: number, dynamics: Dynamics, out: Heard, o = 0): void {
  const { noise, tails, caution, fastRise, fastFall, slowRise } = dynamics;
  const [ls, lf] = [p[o + LS] ?? 0, p[o + LF] ?? 0];
  const s = scaleOf(ls, lf);
  const [p01, p02, p03, p04] = [p[o + 6] ?? 0, p[o + 7] ?? 0, p[o + 8] ?? 0, p[o + 9] ?? 0];
  const [p12, p13, p14] = [p[o + 11] ?? 0, p[o + 12] ?? 0, p[o + 13] ?? 0];
  const [p23, p24, p34] = [p[o + 15] ?? 0, p[o + 16] ?? 0, p[o + 18] ?? 0];
  const h0 = (p[o + 5] ?? 0) + phi * p01 + p02 + p03;
  const h1 = p01 + phi * (p[o + 10] ?? 0) + p12 + p13;
  const h2 = p02 + phi * p12 + (p[o + 14] ?? 0) + p23;
  const h3 = p03 + phi * p13 + p23 + (p[o + 17] ?? 0);
  const h4 = p04 + phi * p14 + p24 + p34;
  const S = h0 + phi * h1 + h2 + h3 + s * noise;
  const d = y - (p[o] ?? 0) - phi * (p[o + 1] ?? 0) - (p[o + 2] ?? 0) - (p[o + 3] ?? 0);
  const z2 = (d * d) / S;
  const isNormal = tails === Infinity;
  const w = isNormal ? 1 : (tails + 1) / (tails + z2);
  out.surprise = d;
  out.variance = S;
  out.logDensity =
    -0.5 * Math.log(S) +
    (isNormal
      ? -0.5 * (Math.log(2 * Math.PI) + z2)
      : keptMiddle(tails) - 0.5 * (tails + 1) * Math.log1p(z2 / tails));
  const score = (w * z2 - 1) / 2;
  p[o + LS] = ls + slowRise * score;
  p[o + LF] = fastFall * lf + fastRise * score;
  const S2 = S + s * noise * caution * (1 / Math.min(w, 1) - 1);
  const [k0, k1, k2, k3, k4] = [h0 / S2, h1 / S2, h2 / S2, h3 / S2, h4 / S2];
  p[o] = (p[o] ?? 0) + k0 * d;
  p[o + 1] = (p[o + 1] ?? 0) + k1 * d;
  p[o + 2] = (p[o + 2] ?? 0) + k2 * d;
  p[o + 3] = (p[o + 3] ?? 0) + k3 * d;
  p[o + 4] = (p[o + 4] ?? 0) + k4 * d;
  p[o + 5] = (p[o + 5] ?? 0) - k0 * h0;
  p[o + 6] = p01 - k0 * h1;
  p[o + 7] = p02 - k0 * h2;
  p[o + 8] = p03 - k0 * h3;
  p[o + 9] = p04 - k0 * h4;
  p[o + 10] = (p[o + 10] ?? 0) - k1 * h1;
  p[o + 11] = p12 - k1 * h2;
  p[o + 12] = p13 - k1 * h3;
  p[o + 13] = p14 - k1 * h4;
  p[o + 14] = (p[o + 14] ?? 0) - k2 * h2;
  p[o + 15] = p23 - k2 * h3;
  p[o + 16] = p24 - k2 * h4;
  p[o + 17] = (p[o + 17] ?? 0) - k3 * h3;
  p[o + 18] = p34 - k3 * h4;
  p[o + 19] = (p[o + 19] ?? 0) - k4 * h4;
}

/** The whole of a signal. `level`: of the baseline at the start; absent: the median of its first values. */
export function filter(series: Observations, dynamics: Dynamics, level?: number): Filtered {
  const { y, observed, drive } = series;
  const steps = y.length;
  const isDriven = drive !== undefined;
  const memory = startMemory(dynamics, level ?? startLevel(series) ?? startLevel(series, 1) ?? 0, isDriven);
  const [after, before] = [new Float64Array(steps * MEMORY), new Float64Array(steps * MEMORY)];
  const [surprise, variance] = [new Float64Array(steps), new Float64Array(steps)];
  const logDensity = new Float64Array(steps);
  const heard: Heard = { surprise: 0, variance: 0, logDensity: 0 };
  for (let t = 0; t < steps; t += 1) {
    if (t > 0) advance(memory, dynamics, isDriven);
    before.set(memory, t * MEMORY);
    if (observed[t] === 1) {
      hear(memory, y[t] ?? 0, drive?.[t] ?? 0, dynamics, heard);
      surprise[t] = heard.surprise;
      variance[t] = heard.variance;
      logDensity[t] = heard.logDensity;
    } else miss(memory, dynamics);
    after.set(memory, t * MEMORY);
  }
  return { steps, after, before, surprise, variance, logDensity };
}
