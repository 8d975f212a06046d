import { MEMORY, state } from "../filter.ts";
import type { BothWays, Gap, Known } from "./both-ways.ts";

const LEVELS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 1],
  [3, 2],
  [5, 3],
  [8, 4],
  [12, 5],
  [18, 8],
  [28, 10],
  [42, 15],
  [60, 20],
  [85, 30],
]; // seconds beyond an end where a mean begins, and its length
const CONTRACTION_LAGS = [-80, -60, -40, -30, -20, -10, 0, 10, 20, 30, 40];
const STATES = 4;

/** Inputs of a second in a gap. */
export const GAP_INPUTS = 12 + 2 * STATES + 4 * LEVELS.length + CONTRACTION_LAGS.length + 1;

/** Written to `out` from `at` on; 0 stands for what is missing. Nothing in the gap is read. */
export function gapInputsAt(
  seen: BothWays,
  gap: Gap,
  { t, known }: { readonly t: number; readonly known: Known },
  out: Float32Array,
  at = 0,
): void {
  let place = at;
  const put = (value: number): void => {
    out[place] = value;
    place += 1;
  };
  const { from, to } = gap;
  const { before, after, mean, scale, straight } = known;
  put(Math.log(t - from + 1));
  put(Math.log(to - t));
  put((t - from + 1) / (to - from + 1));
  put(Math.log(to - from));
  put((straight - mean) / scale);
  put((before.mean - straight) / 15);
  put((after.mean - straight) / 15);
  put((before.mean - after.mean) / 15);
  put(0.5 * Math.log(before.variance));
  put(0.5 * Math.log(after.variance));
  put(Math.log(scale));
  put(((seen.y[to] ?? 0) - (seen.y[from - 1] ?? 0)) / 15);
  putStates(seen.forwards, from - 1, straight, put);
  putStates(seen.backwards, to, straight, put);
  for (const [beyond, span] of LEVELS) {
    putLevel(seen, from - beyond - span + 1, from - beyond + 1, straight, put);
    putLevel(seen, to + beyond - 1, to + beyond + span - 1, straight, put);
  }
  const { level, observed } = seen.contractions;
  for (const lag of CONTRACTION_LAGS) put(observed[t + lag] === 1 ? (level[t + lag] ?? 0) : 0);
  put(observed[t] === 1 ? 1 : 0);
}

function putStates(memory: Float64Array, t: number, straight: number, put: (value: number) => void): void {
  const of = (what: number): number => memory[t * MEMORY + what] ?? 0;
  put((of(state.b) - straight) / 15);
  put(of(state.a) / 10);
  put((of(state.v) - of(state.before)) / 3);
  put(of(MEMORY - 2) + of(MEMORY - 1)); // of the noise scale
}

/** Mean of what was observed in [from, to), and whether anything was. */
function putLevel(
  { y, observed }: BothWays,
  from: number,
  to: number,
  straight: number,
  put: (value: number) => void,
): void {
  let [sum, count] = [0, 0];
  for (let i = Math.max(0, from); i < to; i += 1) {
    if (observed[i] !== 1) continue;
    sum += (y[i] ?? 0) - straight;
    count += 1;
  }
  put(count === 0 ? 0 : sum / count / 15);
  put(count === 0 ? 0 : 1);
}
