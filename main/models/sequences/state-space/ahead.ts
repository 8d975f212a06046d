import { covarianceAt, fadingScale, noiseScale, STATES, type Dynamics } from "./filter.ts";

/** What is known of the value some steps ahead: its middle, and its squared scale before calibration. */
export interface Ahead {
  readonly mean: number;
  readonly variance: number;
}

/** Factors of the variances over the steps ahead. */
interface Liveliness {
  readonly slow: number;
  readonly fast: number;
  readonly noise: number;
}
const still: Liveliness = { slow: 1, fast: 1, noise: 1 };

/** What of each state is left some steps later, and how much noise has come to it: a row a step ahead. */
export interface Horizons {
  readonly dynamics: Dynamics;
  readonly slow: Float64Array; // [steps + 1] share of a left
  readonly fast: Float64Array; // [steps + 1] of v
  readonly before: Float64Array; // [steps + 1] of v one step earlier
  readonly slowNoise: Float64Array; // [steps + 1] sum of squares
  readonly fastNoise: Float64Array;
}

/** For up to so many steps ahead. */
export function horizons(dynamics: Dynamics, steps: number): Horizons {
  const [c1, c2] = dynamics.echo;
  const decay = Math.exp(-1 / dynamics.slowTime);
  const table = (first: number): Float64Array => {
    const all = new Float64Array(steps + 1);
    all[0] = first;
    return all;
  };
  const out = {
    ...{ dynamics, slow: table(1), fast: table(1), before: table(0) },
    ...{ slowNoise: table(0), fastNoise: table(0) },
  };
  for (let h = 1; h <= steps; h += 1) {
    const [slow, fast, before] = [out.slow[h - 1] ?? 0, out.fast[h - 1] ?? 0, out.before[h - 1] ?? 0];
    out.slow[h] = decay * slow;
    out.fast[h] = c1 * fast + before;
    out.before[h] = c2 * fast;
    out.slowNoise[h] = (out.slowNoise[h - 1] ?? 0) + slow * slow;
    out.fastNoise[h] = (out.fastNoise[h - 1] ?? 0) + fast * fast;
  }
  return out;
}

/**
 * The value h steps after a memory. φ: the drive then, 0 without one. `lively`: factors of the variances, where regimes say so.
 *
 * mean = gᵀx, variance = gᵀPg + s_h (qₐ² Σρ²ʲ + q_v² Σcⱼ² + R) + h q_b² + h q_k² φ²; g holds what of each state is left.
 */
export function ahead(
  memory: Float64Array,
  h: number,
  table: Horizons,
  phi = 0,
  at = 0,
  lively: Liveliness = still,
): Ahead {
  const { dynamics } = table;
  const { slowStep, fastStep, noise, baselineStep, gain } = dynamics;
  const g = [1, phi, table.slow[h] ?? 0, table.fast[h] ?? 0, table.before[h] ?? 0];
  const s = h === 0 ? noiseScale(memory, at) : fadingScale(memory, h, dynamics.fastFall, at);
  let mean = 0;
  let variance =
    s *
      (lively.slow * slowStep * slowStep * (table.slowNoise[h] ?? 0) +
        lively.fast * fastStep * fastStep * (table.fastNoise[h] ?? 0) +
        lively.noise * noise) +
    h * (baselineStep * baselineStep + (phi === 0 ? 0 : gain.step * gain.step * phi * phi));
  for (let i = 0; i < STATES; i += 1) {
    const gi = g[i] ?? 0;
    mean += gi * (memory[at + i] ?? 0);
    variance += gi * gi * (memory[at + covarianceAt(i, i)] ?? 0);
    for (let j = i + 1; j < STATES; j += 1)
      variance += 2 * gi * (g[j] ?? 0) * (memory[at + covarianceAt(i, j)] ?? 0);
  }
  return { mean, variance };
}
