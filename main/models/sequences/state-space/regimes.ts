import { logSumExp } from "../../linear-algebra.ts";
import {
  advance,
  hear,
  MEMORY,
  miss,
  startLevel,
  startMemory,
  STATES,
  type Dynamics,
  type Filtered,
  type Heard,
  type Observations,
} from "./filter.ts";

/** How lively a signal is in a regime: factors of the variances of the usual one. */
export interface Regime {
  readonly name: string;
  readonly slow: number;
  readonly fast: number;
  readonly noise: number;
}

const lively = (name: string, times: number): Regime => ({
  ...{ name, fast: times * times, noise: times * times, slow: times },
});

/** Factors of the fast step of 1, 0.75 and 1.5, of the slow one their roots (recipe-ssm.md §6, set by hand). */
export const variabilityRegimes: readonly Regime[] = [
  lively("reduced", 0.75),
  lively("moderate", 1),
  lively("increased", 1.5),
];
export const oneRegime: readonly Regime[] = [lively("moderate", 1)];
const DWELL = 60; // steps in a regime, on average

/** A filter that does not know the regime: one for each, mixed at every step (IMM, Blom and Bar-Shalom 1988). */
export interface Switching {
  readonly dynamics: readonly Dynamics[]; // a regime
  readonly dwell: number; // steps
  /** Probabilities from a regime to another a step, [regimes x regimes]; absent: all alike, by the dwell. */
  readonly turns?: Float64Array | undefined;
  /** Of these regimes a value is noise that says nothing: its density, and nothing is learned from it. */
  readonly artefact?: { readonly regime: number; readonly density: number } | undefined;
}

export const switchingOf = (dynamics: Dynamics, regimes: readonly Regime[], dwell = DWELL): Switching => ({
  dwell,
  dynamics: regimes.map(({ slow, fast, noise }) => ({
    ...dynamics,
    slowStep: dynamics.slowStep * Math.sqrt(slow),
    fastStep: dynamics.fastStep * Math.sqrt(fast),
    noise: dynamics.noise * noise,
  })),
});

/** What it remembers: a memory a regime, and how probable each is. */
export interface RegimeMemory {
  readonly own: Float64Array; // [regimes x MEMORY]
  readonly shares: Float64Array; // [regimes], sum to 1
}

export function startRegimes({ dynamics }: Switching, level: number, isDriven: boolean): RegimeMemory {
  const own = new Float64Array(dynamics.length * MEMORY);
  dynamics.forEach((one, k) => {
    own.set(startMemory(one, level, isDriven), k * MEMORY);
  });
  return { own, shares: new Float64Array(dynamics.length).fill(1 / dynamics.length) };
}

const stay = (k: number, dwell: number, from: number, to: number): number =>
  from === to ? 1 - 1 / dwell : 1 / (dwell * (k - 1));

/** How probable it is that a regime turns into another within a step. */
export const turn = ({ dynamics, dwell, turns }: Switching, from: number, to: number): number =>
  turns === undefined ? stay(dynamics.length, dwell, from, to) : (turns[from * dynamics.length + to] ?? 0);

/** One memory for all, by their moments: `weights` [regimes] sum to 1. */
export function collapse(own: Float64Array, weights: ArrayLike<number>, into: Float64Array, at = 0): void {
  const regimes = own.length / MEMORY;
  if (regimes === 1) {
    into.set(own, at);
    return;
  }
  into.fill(0, at, at + MEMORY);
  for (let k = 0; k < regimes; k += 1) {
    const w = weights[k] ?? 0;
    for (let i = 0; i < MEMORY; i += 1) into[at + i] = (into[at + i] ?? 0) + w * (own[k * MEMORY + i] ?? 0);
  }
  for (let k = 0; k < regimes; k += 1) {
    const w = weights[k] ?? 0;
    for (let i = 0, place = at + STATES; i < STATES; i += 1) {
      const di = (own[k * MEMORY + i] ?? 0) - (into[at + i] ?? 0);
      for (let j = i; j < STATES; j += 1, place += 1)
        into[place] = (into[place] ?? 0) + w * di * ((own[k * MEMORY + j] ?? 0) - (into[at + j] ?? 0));
    }
  }
}

/** One step on, in place: regimes may have changed. */
export function advanceRegimes(memory: RegimeMemory, switching: Switching, isDriven: boolean): void {
  const { dynamics } = switching;
  const regimes = dynamics.length;
  const { own, shares } = memory;
  if (regimes > 1) {
    const mixed = new Float64Array(own.length);
    const next = new Float64Array(regimes);
    const weights = new Float64Array(regimes);
    for (let to = 0; to < regimes; to += 1) {
      let sum = 0;
      for (let from = 0; from < regimes; from += 1) {
        weights[from] = (shares[from] ?? 0) * turn(switching, from, to);
        sum += weights[from] ?? 0;
      }
      for (let from = 0; from < regimes; from += 1) weights[from] = (weights[from] ?? 0) / sum;
      next[to] = sum;
      collapse(own, weights, mixed, to * MEMORY);
    }
    own.set(mixed);
    shares.set(next);
  }
  dynamics.forEach((one, k) => {
    advance(own, one, isDriven, k * MEMORY);
  });
}

/** A value, in place; `out` tells what it was against what all regimes together foresaw. */
export function hearRegimes(
  memory: RegimeMemory,
  y: number,
  phi: number,
  { dynamics, artefact }: Switching,
  out: Heard,
): void {
  const { own, shares } = memory;
  const regimes = dynamics.length;
  const logs = new Float64Array(regimes);
  const surprises = new Float64Array(regimes);
  let [mean, variance] = [0, 0];
  for (let k = 0; k < regimes; k += 1) {
    const share = shares[k] ?? 0;
    const one = dynamics[k];
    if (one === undefined) continue;
    if (artefact?.regime === k) {
      miss(own, one, k * MEMORY);
      logs[k] = Math.log(share) + Math.log(artefact.density);
      continue;
    }
    hear(own, y, phi, one, out, k * MEMORY);
    logs[k] = Math.log(share) + out.logDensity;
    surprises[k] = out.surprise;
    mean += share * out.surprise;
    variance += share * out.variance;
  }
  if (regimes === 1) return;
  for (let k = 0; k < regimes; k += 1)
    if (artefact?.regime !== k) variance += (shares[k] ?? 0) * ((surprises[k] ?? 0) - mean) ** 2;
  out.surprise = mean;
  out.variance = variance;
  out.logDensity = logSumExp(logs, 0, regimes);
  for (let k = 0; k < regimes; k += 1) shares[k] = Math.exp((logs[k] ?? 0) - out.logDensity);
}

/** A step without a value, in place. */
export function missRegimes({ own }: RegimeMemory, { dynamics }: Switching): void {
  dynamics.forEach((one, k) => {
    miss(own, one, k * MEMORY);
  });
}

/** What somebody says of the regimes at a step, in place: a logarithm a regime is added. Returns ln of its probability. */
function tell({ shares }: RegimeMemory, told: Float64Array): number {
  const logs = shares.map((share, k) => Math.log(share) + (told[k] ?? 0));
  const total = logSumExp(logs, 0, logs.length);
  shares.set(logs.map((own) => Math.exp(own - total)));
  return total;
}

export interface RegimeFiltered extends Filtered {
  readonly shares: Float64Array; // [steps x regimes] of each regime, knowing the values up to and with a step
  readonly foreseen: Float64Array; // [steps x regimes] knowing the values before it
  readonly logTold: Float64Array; // [steps] nats of what was told; 0 where nothing was
}

/** What a walk through a signal comes by at a step; without `heard` no value was observed. */
interface Visitor {
  readonly foreseen?: (t: number, memory: RegimeMemory) => void;
  readonly known: (t: number, memory: RegimeMemory, heard: Heard | undefined, logTold: number) => void;
}

function walk(
  { y, observed, drive }: Observations,
  switching: Switching,
  told: Float64Array | undefined,
  { foreseen, known }: Visitor,
): void {
  const regimes = switching.dynamics.length;
  const isDriven = drive !== undefined;
  const start = startLevel({ y, observed }) ?? startLevel({ y, observed }, 1) ?? 0;
  const memory = startRegimes(switching, start, isDriven);
  const heard: Heard = { surprise: 0, variance: 0, logDensity: 0 };
  for (let t = 0; t < y.length; t += 1) {
    if (t > 0) advanceRegimes(memory, switching, isDriven);
    foreseen?.(t, memory);
    const isHeard = observed[t] === 1;
    if (isHeard) hearRegimes(memory, y[t] ?? 0, drive?.[t] ?? 0, switching, heard);
    else missRegimes(memory, switching);
    const own = told?.subarray(t * regimes, (t + 1) * regimes);
    const logTold = own?.some((log) => log !== 0) === true ? tell(memory, own) : 0;
    known(t, memory, isHeard ? heard : undefined, logTold);
  }
}

/**
 * The whole of a signal; `after` and `before` are of all regimes together. `told` [steps x regimes]: logarithms by which
 * somebody finds a regime more or less likely; a row of zeros says nothing.
 */
export function filterRegimes(
  series: Observations,
  switching: Switching,
  told?: Float64Array,
): RegimeFiltered {
  const [steps, regimes] = [series.y.length, switching.dynamics.length];
  const table = (width: number): Float64Array => new Float64Array(steps * width);
  const out = {
    ...{ steps, after: table(MEMORY), before: table(MEMORY), surprise: table(1), variance: table(1) },
    ...{ logDensity: table(1), logTold: table(1), shares: table(regimes), foreseen: table(regimes) },
  };
  walk(series, switching, told, {
    foreseen: (t, { own, shares }) => {
      collapse(own, shares, out.before, t * MEMORY);
      out.foreseen.set(shares, t * regimes);
    },
    known: (t, { own, shares }, heard, logTold) => {
      if (heard !== undefined) {
        out.surprise[t] = heard.surprise;
        out.variance[t] = heard.variance;
        out.logDensity[t] = heard.logDensity;
      }
      out.logTold[t] = logTold;
      collapse(own, shares, out.after, t * MEMORY);
      out.shares.set(shares, t * regimes);
    },
  });
  return out;
}

/** ln p of its values and of what was told, alone. */
export function logLikelihood(series: Observations, switching: Switching, told?: Float64Array): number {
  let sum = 0;
  walk(series, switching, told, {
    known: (_, __, heard, logTold) => (sum += (heard?.logDensity ?? 0) + logTold),
  });
  return sum;
}

/** Probabilities of the regimes knowing all values (Kim 1994): γ(i) = w(i) Σ_j T(i, j) γ'(j) / c'(j). */
export function smoothRegimes(
  { steps, shares, foreseen }: Pick<RegimeFiltered, "steps" | "shares" | "foreseen">,
  switching: Switching,
): Float64Array {
  const regimes = switching.dynamics.length;
  const out = shares.slice();
  for (let t = steps - 2; t >= 0; t -= 1) {
    let total = 0;
    for (let i = 0; i < regimes; i += 1) {
      let sum = 0;
      for (let j = 0; j < regimes; j += 1) {
        const next = (t + 1) * regimes + j;
        sum += (turn(switching, i, j) * (out[next] ?? 0)) / Math.max(1e-300, foreseen[next] ?? 0);
      }
      out[t * regimes + i] = (shares[t * regimes + i] ?? 0) * sum;
      total += out[t * regimes + i] ?? 0;
    }
    for (let i = 0; i < regimes; i += 1) out[t * regimes + i] = (out[t * regimes + i] ?? 0) / total;
  }
  return out;
}

/** How often each regime is expected to turn into each, knowing all values: Σ_t w(i) T(i, j) γ'(j) / c'(j). [regimes x regimes] */
export function turnsOf(
  { steps, shares, foreseen }: Pick<RegimeFiltered, "steps" | "shares" | "foreseen">,
  smoothed: Float64Array,
  switching: Switching,
): Float64Array {
  const regimes = switching.dynamics.length;
  const sums = new Float64Array(regimes * regimes);
  for (let t = 0; t + 1 < steps; t += 1)
    for (let i = 0; i < regimes; i += 1)
      for (let j = 0; j < regimes; j += 1) {
        const next = (t + 1) * regimes + j;
        const joint = (shares[t * regimes + i] ?? 0) * turn(switching, i, j) * (smoothed[next] ?? 0);
        sums[i * regimes + j] = (sums[i * regimes + j] ?? 0) + joint / Math.max(1e-300, foreseen[next] ?? 0);
      }
  return sums;
}

/** Factors of the variances to reckon with over the next h steps: regimes come and go, and all are as frequent. */
export function livelinessAhead(
  shares: ArrayLike<number>,
  regimes: readonly Regime[],
  h: number,
  { dwell = DWELL, at = 0 }: { readonly dwell?: number; readonly at?: number } = {},
): Omit<Regime, "name"> {
  const k = regimes.length;
  const kept = k === 1 ? 1 : 1 - k / (dwell * (k - 1));
  const part = kept === 1 || h === 0 ? 1 : (1 - kept ** h) / (h * (1 - kept));
  const out = { slow: 0, fast: 0, noise: 0 };
  regimes.forEach(({ slow, fast, noise }, i) => {
    const share = 1 / k + ((shares[at + i] ?? 0) - 1 / k) * part;
    out.slow += share * slow;
    out.fast += share * fast;
    out.noise += share * noise;
  });
  return out;
}
