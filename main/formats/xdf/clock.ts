import { sure } from "../../../preload/contract/sure.ts";
/** One measurement of a stream's clock against the recorder's: add `value` to stamps near `time`. */
export interface ClockOffset {
  readonly time: number;
  readonly value: number;
}

/** Stamps from one reset of the stream's clock to the next: corrected = t + intercept + slope * t. */
export interface ClockRange {
  readonly first: number; // times of its first and last measurement
  readonly last: number;
  readonly intercept: number;
  readonly slope: number;
}

// As pyxdf does (load_xdf, 1.17): a reset is a jump of both the times and the values of the measurements.
const RESET_TIME = { deviations: 5, seconds: 5 };
const RESET_VALUE = { deviations: 10, seconds: 1 };
/** Errors of a measurement beyond this many seconds count linearly, not squared. */
const WINSOR_S = 1e-4;
const ITERATIONS = 1000;
/** A measurement every five seconds for a day are 17,280; more are thinned out. */
const MOST_MEASURED = 20_000;

/** Lines through the offsets between resets; empty where nothing was measured. */
export function clockRanges(offsets: readonly ClockOffset[]): readonly ClockRange[] {
  const ranges: ClockRange[] = [];
  let from = 0;
  for (const end of [...resets(offsets), offsets.length]) {
    const part = thinned(offsets.slice(from, end));
    const [first, last] = [part[0], part.at(-1)];
    if (first !== undefined && last !== undefined)
      ranges.push({ first: first.time, last: last.time, ...robustLine(part) });
    from = end;
  }
  return ranges;
}

/** Indices of the measurements that come after a reset. */
function resets(offsets: readonly ClockOffset[]): number[] {
  const steps = offsets.slice(1).map((offset, i) => ({
    time: offset.time - sure(offsets[i]).time,
    value: offset.value - sure(offsets[i]).value,
  }));
  const time = glitches(
    steps.map((step) => step.time),
    RESET_TIME,
  );
  const value = glitches(
    steps.map((step) => step.value),
    RESET_VALUE,
  );
  return steps.flatMap((step, i) => (step.time < 0 || (time[i] && value[i]) ? [i + 1] : []));
}

function glitches(values: readonly number[], limit: { deviations: number; seconds: number }): boolean[] {
  const middle = median(values);
  const away = values.map((value) => Math.abs(value - middle));
  const deviation = median(away) + Number.EPSILON;
  return away.map((one) => one / deviation > limit.deviations && one > limit.seconds);
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sure(sorted[half]) : (sure(sorted[half - 1]) + sure(sorted[half])) / 2;
}

function thinned(offsets: readonly ClockOffset[]): readonly ClockOffset[] {
  const every = Math.ceil(offsets.length / MOST_MEASURED);
  return every <= 1 ? offsets : offsets.filter((_, i) => i % every === 0);
}

/**
 * value = intercept + slope * time with Huber's loss (knee at 0.1 ms), by the alternating direction method of
 * multipliers (S. Boyd and others, 2011, section 6.1.1), as pyxdf does.
 */
function robustLine(offsets: readonly ClockOffset[]): { readonly intercept: number; readonly slope: number } {
  const n = offsets.length;
  const origin = offsets.reduce((sum, { time }) => sum + time / n, 0);
  const t = Float64Array.from(offsets, ({ time }) => (time - origin) / WINSOR_S);
  const y = Float64Array.from(offsets, ({ value }) => value / WINSOR_S);
  const squares = t.reduce((sum, one) => sum + one * one, 0);
  const meanOf = (values: Float64Array): number => values.reduce((sum, one) => sum + one / n, 0);
  if (!(squares > 0)) return { intercept: meanOf(y) * WINSOR_S, slope: 0 };
  const z = new Float64Array(n);
  const u = new Float64Array(n);
  let [level, slope] = [0, 0];
  for (let step = 0; step < ITERATIONS; step++) {
    let [sum, along] = [0, 0];
    for (let i = 0; i < n; i++) {
      const target = sure(y[i]) + sure(z[i]) - sure(u[i]);
      sum += target;
      along += sure(t[i]) * target;
    }
    const [before, steepBefore] = [level, slope];
    level = sum / n; // t has mean 0, so the two are independent
    slope = along / squares;
    for (let i = 0; i < n; i++) {
      const d = level + slope * sure(t[i]) - sure(y[i]) + sure(u[i]);
      const shrunk = Math.max(0, 1 - 2 / Math.abs(d)) * d;
      const half = (d + (d === 0 ? 0 : shrunk)) / 2;
      z[i] = half;
      u[i] = d - half;
    }
    if (step > 20 && Math.abs(level - before) < 1e-12 && Math.abs(slope - steepBefore) < 1e-15) break;
  }
  return { intercept: level * WINSOR_S - slope * origin, slope };
}

/** Corrects stamps one after another: from each range to the next where a stamp lies nearer to the latter. */
export class Clock {
  private readonly ranges: readonly ClockRange[];
  private at = 0;

  constructor(ranges: readonly ClockRange[]) {
    this.ranges = ranges;
  }

  correct(stamp: number): number {
    let range = this.ranges[this.at];
    for (; range !== undefined; range = this.ranges[this.at]) {
      const next = this.ranges[this.at + 1];
      if (next === undefined || Math.abs(stamp - range.last) < Math.abs(stamp - next.first)) break;
      this.at++;
    }
    return range === undefined ? stamp : stamp + range.intercept + range.slope * stamp;
  }
}
