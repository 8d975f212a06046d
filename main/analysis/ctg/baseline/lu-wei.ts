import { bridge, epochs, spread, wholeMeans } from "../bridge.ts";
import { CTG_HZ, type Samples } from "../trace.ts";
import { extremaOf, withoutFastModes } from "./modes.ts";

const FAST_MODES = 2;
const WINDOW_S = 20 * 60;
const STEP_S = 2 * 60;
const AVERAGE_S = 60; // on each side

interface Turn {
  readonly atS: number;
  readonly value: number;
}

/**
 * Baseline of Lu and Wei 2012, as in ctg.md §3.2 [V]: of 1 s means without their two fastest modes the extrema that neither
 * jump nor stand out of the 20 min around them, joined by straight lines and averaged over 1 min on each side. Extrema within a
 * gap are left out, and envelopes that swing beyond all that was observed are cut there [D].
 */
export function luWeiLevel(fhr: Samples): Float64Array {
  const seconds = wholeMeans(bridge(fhr), CTG_HZ);
  const { observed } = epochs(fhr, CTG_HZ);
  const slow = withoutFastModes(seconds, FAST_MODES);
  const { maxima, minima } = extremaOf(slow);
  const seen = rangeOf(seconds, observed);
  const turns = [...maxima, ...minima]
    .sort((a, b) => a - b)
    .filter((atS) => observed[atS] === 1)
    .map((atS) => ({ atS, value: Math.min(seen.high, Math.max(seen.low, slow[atS] ?? 0)) }));
  const kept = typical(calm(turns));
  const line = kept.length > 0 ? joined(kept, slow.length) : constant(seconds, observed);
  return spread(averaged(line), CTG_HZ, fhr.values.length, (CTG_HZ - 1) / 2);
}

/** Without those whose jump to a neighbour exceeds the mean jump by half a standard deviation. */
function calm(turns: readonly Turn[]): readonly Turn[] {
  const jumps = turns.slice(1).map(({ value }, k) => Math.abs(value - (turns[k]?.value ?? 0)));
  const { mean, sd } = moments(jumps);
  const most = mean + 0.5 * sd;
  return turns.filter((_, k) => Math.max(jumps[k - 1] ?? 0, jumps[k] ?? 0) <= most);
}

/** Those within a standard deviation of the mean of the 20 min around their 2 min. */
function typical(turns: readonly Turn[]): readonly Turn[] {
  const kept: Turn[] = [];
  let [from, to] = [0, 0];
  let step = -1;
  let of = { mean: 0, sd: 0 };
  for (const turn of turns) {
    const own = Math.floor(turn.atS / STEP_S);
    if (own !== step) {
      step = own;
      const middle = (own + 0.5) * STEP_S;
      while ((turns[from]?.atS ?? Infinity) < middle - WINDOW_S / 2) from += 1;
      while ((turns[to]?.atS ?? Infinity) <= middle + WINDOW_S / 2) to += 1;
      of = moments(turns.slice(from, to).map(({ value }) => value));
    }
    if (Math.abs(turn.value - of.mean) <= of.sd + 1e-9) kept.push(turn);
  }
  return kept;
}

function moments(values: readonly number[]): { readonly mean: number; readonly sd: number } {
  const count = Math.max(1, values.length);
  const mean = values.reduce((sum, v) => sum + v, 0) / count;
  return { mean, sd: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count) };
}

/** Straight lines through turns, constant beyond: a value a second. */
function joined(turns: readonly Turn[], count: number): Float64Array {
  const line = new Float64Array(count);
  let next = 0;
  for (let s = 0; s < count; s += 1) {
    while ((turns[next]?.atS ?? Infinity) < s) next += 1;
    const after = turns[next] ?? turns.at(-1);
    const before = turns[next - 1] ?? after;
    if (before === undefined || after === undefined) continue;
    const width = after.atS - before.atS;
    const share = width > 0 ? Math.min(1, Math.max(0, (s - before.atS) / width)) : 0;
    line[s] = before.value + share * (after.value - before.value);
  }
  return line;
}

function rangeOf(
  seconds: Float64Array,
  observed: Uint8Array,
): { readonly low: number; readonly high: number } {
  const seen = seconds.filter((_, s) => observed[s] === 1);
  return {
    low: seen.reduce((least, v) => Math.min(least, v), Infinity),
    high: seen.reduce((most, v) => Math.max(most, v), -Infinity),
  };
}

/** A heart rate that never turns: its mean where it was observed. */
function constant(seconds: Float64Array, observed: Uint8Array): Float64Array {
  const seen = [...seconds.filter((_, s) => observed[s] === 1)];
  return new Float64Array(seconds.length).fill(seen.length > 0 ? moments(seen).mean : NaN);
}

function averaged(line: Float64Array): Float64Array {
  const upTo = new Float64Array(line.length + 1);
  line.forEach((v, s) => (upTo[s + 1] = (upTo[s] ?? 0) + v));
  return line.map((_, s) => {
    const [from, to] = [Math.max(0, s - AVERAGE_S), Math.min(line.length, s + AVERAGE_S + 1)];
    return ((upTo[to] ?? 0) - (upTo[from] ?? 0)) / (to - from);
  });
}
