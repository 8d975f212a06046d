import { spread } from "../bridge.ts";
import { CTG_HZ, type Samples } from "../trace.ts";
import { MINUTE_MS, pulseIntervals, referenceLevel } from "./intervals.ts";

const EPOCH = 2.5 * CTG_HZ; // samples
const WINDOW = 1536; // epochs: 64 min
const NEAR_MS = 60;
const KEEP = 0.95;
/** Excursions beyond these are trimmed, round by round (bpm). */
const ABOVE = [20, 15, 10, 5] as const;
const BELOW = 20;
const LOOK = { smooth: [0, 1, 0], mayBe: () => true } as const;

/**
 * Baseline of Mantel 1990, as in ctg.md §3.2 [V]: pulse intervals near a reference level, smoothed forwards and backwards, and
 * excursions trimmed in four rounds. What is bridged moves nothing [D].
 */
export function mantelLevel(fhr: Samples): Float64Array {
  const intervals = pulseIntervals(fhr, EPOCH);
  const levels = references(intervals);
  let series = intervals.values;
  let line = smoothed(series, intervals.observed, levels);
  for (const above of ABOVE) {
    series = trimmed(series, line, above);
    line = smoothed(series, intervals.observed, levels);
  }
  return spread(
    line.map((interval) => MINUTE_MS / interval),
    EPOCH,
    fhr.values.length,
    (EPOCH - 1) / 2,
  );
}

/** The reference level of each epoch: that of its window, the last one right-aligned; of one before where a window has none. */
function references(intervals: Samples): Float64Array {
  const count = intervals.values.length;
  const levels = new Float64Array(count);
  let before = referenceLevel(intervals, LOOK) ?? NaN;
  for (let from = 0; from < count; from += WINDOW) {
    const start = Math.max(0, Math.min(from, count - WINDOW));
    const window = {
      values: intervals.values.subarray(start, start + WINDOW),
      observed: intervals.observed.subarray(start, start + WINDOW),
    };
    before = referenceLevel(window, LOOK) ?? before;
    levels.fill(before, from);
  }
  return levels;
}

/** A first-order filter that moves only where an observed interval lies near the reference level; forwards, then backwards. */
function smoothed(series: Float64Array, observed: Uint8Array, levels: Float64Array): Float64Array {
  const line = new Float64Array(series.length);
  let state = levels[0] ?? NaN;
  for (let k = 0; k < line.length; k += 1) {
    const interval = series[k] ?? 0;
    const isNear = observed[k] === 1 && Math.abs(interval - (levels[k] ?? 0)) <= NEAR_MS;
    if (isNear) state = KEEP * state + (1 - KEEP) * interval;
    line[k] = state;
  }
  for (let k = line.length - 1; k >= 0; k -= 1) {
    state = KEEP * state + (1 - KEEP) * (line[k] ?? 0);
    line[k] = state;
  }
  return line;
}

/** The series with what leaves the line too far, from crossing to crossing, put onto the line. */
function trimmed(series: Float64Array, line: Float64Array, above: number): Float64Array {
  const left = Float64Array.from(series);
  const over = series.map((interval, k) => MINUTE_MS / interval - MINUTE_MS / (line[k] ?? 0));
  for (let from = 0; from < over.length;) {
    const isAbove = (over[from] ?? 0) > 0;
    let to = from;
    let furthest = 0;
    for (; to < over.length && (over[to] ?? 0) > 0 === isAbove; to += 1)
      furthest = Math.max(furthest, Math.abs(over[to] ?? 0));
    if (furthest > (isAbove ? above : BELOW)) left.set(line.subarray(from, to), from);
    from = to;
  }
  return left;
}
