import { MEMORY, state } from "../filter.ts";

/** What was seen of a recording, a value a second, and what its filter remembered after each. What lies behind a mask is never read. */
export interface Seen {
  readonly y: ArrayLike<number>; // beats a minute
  readonly observed: ArrayLike<number>;
  readonly after: Float64Array; // [seconds x MEMORY] of a filter without a drive
  readonly contractions: {
    readonly level: ArrayLike<number>; // -1 to 3
    readonly observed: ArrayLike<number>;
  };
}

const [LS, LF] = [MEMORY - 2, MEMORY - 1];
const BRIEF_LAGS = [0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 40, 52, 70, 90]; // of means over 2 s
const LAGS = [0, 4, 8, 12, 18, 25, 35, 45, 60, 80, 100, 119]; // over 5 s
const LONG_LAGS = [150, 240, 330, 420, 510, 600]; // over 15 s
const CONTRACTION_LAGS = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110];
const LEVELS_S = [60, 120, 300, 600, 1200];
const RANGES_S = [30, 120, 300, 600];
const STEPS_S = [5, 15, 60, 300, 600];
const SCALES_S = [60, 600];
const SPREAD_S = 600;
const MISSING_S = 60;
const RECENT_UC_S = 120;

/** Inputs of a moment. */
export const INPUTS =
  2 * LAGS.length +
  BRIEF_LAGS.length +
  LONG_LAGS.length +
  CONTRACTION_LAGS.length +
  3 +
  LEVELS_S.length +
  2 * RANGES_S.length +
  STEPS_S.length +
  SCALES_S.length +
  1 +
  4 +
  7;

/** The inputs of second t, by what was seen up to and with it: written to `out` from `at` on. 0 stands for what is missing. */
export function inputsAt(seen: Seen, t: number, out: Float32Array, at = 0): void {
  let place = at;
  const put = (value: number): void => {
    out[place] = value;
    place += 1;
  };
  putStates(seen, t, put);
  const level = remembered(seen, t, state.b);
  for (const lag of LAGS) {
    const { mean, count } = meanOf(seen, t - lag, 5, level);
    put(mean / 15);
    put(count > 0 ? 1 : 0);
  }
  for (const lag of BRIEF_LAGS) put(meanOf(seen, t - lag, 2, level).mean / 15);
  for (const lag of LONG_LAGS) put(meanOf(seen, t - lag, 15, level).mean / 15);
  for (const span of LEVELS_S) put(meanOf(seen, t, span, level).mean / 15);
  for (const span of RANGES_S) putRange(seen, t, span, level, put);
  for (const span of STEPS_S) put(Math.log(0.05 + meanStep(seen, t, span)));
  for (const span of SCALES_S) put(meanScale(seen, t, span));
  put(spreadOf(seen, t, level) / 10);
  putMissing(seen, t, level, put);
  putContractions(seen, t, put);
}

const remembered = ({ after }: Seen, t: number, what: number): number => after[t * MEMORY + what] ?? 0;

function putStates(seen: Seen, t: number, put: (value: number) => void): void {
  const of = (what: number): number => remembered(seen, t, what);
  put(of(state.a) / 10);
  put(of(state.v) / 10);
  put((of(state.v) - of(state.before)) / 3);
  put((of(state.b) - 140) / 15);
  put(of(LS));
  put(of(LF));
  put(of(LS) + of(LF));
}

/** Mean of what was seen, less a level, in the seconds (t − span, t]. */
function meanOf(
  { y, observed }: Seen,
  t: number,
  span: number,
  level: number,
): { mean: number; count: number } {
  let [sum, count] = [0, 0];
  for (let i = Math.max(0, t - span + 1); i <= t; i += 1) {
    if (observed[i] !== 1) continue;
    sum += (y[i] ?? 0) - level;
    count += 1;
  }
  return { mean: count === 0 ? 0 : sum / count, count };
}

function putRange(seen: Seen, t: number, span: number, level: number, put: (value: number) => void): void {
  const { y, observed } = seen;
  let [least, most] = [Infinity, -Infinity];
  for (let i = Math.max(0, t - span + 1); i <= t; i += 1) {
    if (observed[i] !== 1) continue;
    least = Math.min(least, y[i] ?? 0);
    most = Math.max(most, y[i] ?? 0);
  }
  put(least === Infinity ? 0 : (least - level) / 20);
  put(least === Infinity ? 0 : (most - level) / 20);
}

/** Mean distance of neighbouring seconds that were both seen; 1 where none were. */
function meanStep({ y, observed }: Seen, t: number, span: number): number {
  let [sum, count] = [0, 0];
  for (let i = Math.max(1, t - span + 1); i <= t; i += 1) {
    if (observed[i] !== 1 || observed[i - 1] !== 1) continue;
    sum += Math.abs((y[i] ?? 0) - (y[i - 1] ?? 0));
    count += 1;
  }
  return count === 0 ? 1 : sum / count;
}

function meanScale(seen: Seen, t: number, span: number): number {
  const from = Math.max(0, t - span + 1);
  let sum = 0;
  for (let i = from; i <= t; i += 1) sum += remembered(seen, i, LS) + remembered(seen, i, LF);
  return sum / (t - from + 1);
}

function spreadOf(seen: Seen, t: number, level: number): number {
  const { mean, count } = meanOf(seen, t, SPREAD_S, level);
  let sum = 0;
  for (let i = Math.max(0, t - SPREAD_S + 1); i <= t; i += 1)
    if (seen.observed[i] === 1) sum += ((seen.y[i] ?? 0) - level - mean) ** 2;
  return count < 2 ? 0 : Math.sqrt(sum / count);
}

/** How long nothing was seen, how much of the last minute, and what was seen last. */
function putMissing({ y, observed }: Seen, t: number, level: number, put: (value: number) => void): void {
  let gap = 0;
  while (gap < SPREAD_S && t - gap >= 0 && observed[t - gap] !== 1) gap += 1;
  let count = 0;
  for (let i = Math.max(0, t - MISSING_S + 1); i <= t; i += 1) count += observed[i] === 1 ? 1 : 0;
  put(gap === 0 ? 0 : 1);
  put(1 - count / MISSING_S);
  put(Math.log1p(gap) / 3);
  put(observed[t - gap] === 1 ? ((y[t - gap] ?? 0) - level) / 15 : 0);
}

function putContractions({ contractions }: Seen, t: number, put: (value: number) => void): void {
  const { level, observed } = contractions;
  const at = (i: number): number => (i >= 0 && observed[i] === 1 ? (level[i] ?? 0) : 0);
  for (const lag of CONTRACTION_LAGS) put(at(t - lag));
  put(observed[t] === 1 ? 1 : 0);
  put(observed[t] === 1 && t >= 10 && observed[t - 10] === 1 ? at(t) - at(t - 10) : 0);
  let most = 0;
  for (let i = Math.max(0, t - RECENT_UC_S + 1); i <= t; i += 1) most = Math.max(most, at(i));
  put(most);
}
