import { ahead, type Ahead, horizons, type Horizons } from "../ahead.ts";
import { type Dynamics, filter, MEMORY, noiseScale, type Observations, state, STATES } from "../filter.ts";
import { type Smoothed, smoothStates } from "../smoother.ts";

/** Longer gaps stay gaps: nothing was learned about them. */
export const LONGEST_GAP_S = 60;

/** A signal gone through from both ends by the same filter, a value a second. */
export interface BothWays {
  readonly y: ArrayLike<number>;
  readonly observed: ArrayLike<number>;
  readonly forwards: Float64Array; // [seconds x MEMORY] knowing the values up to a second
  readonly backwards: Float64Array; // [seconds x MEMORY] knowing the values from a second on
  readonly smoothed: Smoothed; // knowing all
  readonly table: Horizons;
  readonly contractions: { readonly level: ArrayLike<number>; readonly observed: ArrayLike<number> };
}

/** Missing seconds between two that were observed: [from, to). */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export function bothWays(
  { y, observed }: Observations,
  contractions: BothWays["contractions"],
  dynamics: Dynamics,
): BothWays {
  const there = filter({ y, observed }, dynamics);
  const back = filter({ y: y.slice().reverse(), observed: observed.slice().reverse() }, dynamics).after;
  const backwards = new Float64Array(back.length);
  for (let t = 0; t < y.length; t += 1) {
    const from = (y.length - 1 - t) * MEMORY;
    backwards.set(back.subarray(from, from + MEMORY), t * MEMORY);
  }
  const table = horizons(dynamics, LONGEST_GAP_S + 1);
  const smoothed = smoothStates(there, dynamics);
  return { y, observed, forwards: there.after, backwards, smoothed, table, contractions };
}

/** Gaps that are not longer than may be filled. */
export function gapsOf(observed: ArrayLike<number>, longest = LONGEST_GAP_S): Gap[] {
  const gaps: Gap[] = [];
  let last = -1; // second observed
  for (let t = 0; t < observed.length; t += 1) {
    if (observed[t] !== 1) continue;
    if (last >= 0 && t - last > 1 && t - last - 1 <= longest) gaps.push({ from: last + 1, to: t });
    last = t;
  }
  return gaps;
}

/** What is known of a second in a gap: from before it, from after it, from both by the smoother, and on the line between its ends. */
export interface Known {
  readonly before: Ahead;
  readonly after: Ahead;
  readonly mean: number;
  readonly scale: number;
  readonly straight: number;
}

export function knownAt(seen: BothWays, { from, to }: Gap, t: number): Known {
  const { y, forwards, backwards, table } = seen;
  const share = (t - from + 1) / (to - from + 1);
  return {
    before: ahead(forwards, t - from + 1, table, 0, (from - 1) * MEMORY),
    after: ahead(backwards, to - t, table, 0, to * MEMORY),
    ...smoothedAt(seen, t),
    straight: (1 - share) * (y[from - 1] ?? 0) + share * (y[to] ?? 0),
  };
}

const SHOWN = [state.b, state.a, state.v]; // what a value is the sum of, with noise

function smoothedAt({ smoothed, forwards, table }: BothWays, t: number): { mean: number; scale: number } {
  let mean = 0;
  let variance = noiseScale(forwards, t * MEMORY) * table.dynamics.noise;
  for (const i of SHOWN) {
    mean += smoothed.mean[t * STATES + i] ?? 0;
    for (const j of SHOWN) variance += smoothed.covariance[(t * STATES + i) * STATES + j] ?? 0;
  }
  return { mean, scale: Math.sqrt(variance) };
}
