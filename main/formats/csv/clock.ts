import { sure } from "../../../preload/contract/sure.ts";

/** How the rows of a table lie in time. Positions are sample indices from the first row. */
export interface Clock {
  /** The sample of a row by its time (seconds, or counts for a counter), given in file order; undefined: it repeats one that is filled. */
  place(time: number): number | undefined;
}

/** What the first rows tell about the steps of a time column. */
export interface Steps {
  readonly period: number;
  readonly tolerance: number; // how far a row may be off its sample and still be the next one
  readonly jitter: number; // how far the usual steps are apart: stamps rounded to milliseconds have one of them
  readonly isRegular: boolean;
  readonly shortest: number;
  readonly longest: number;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;

/**
 * The period of a time column. Regular: at least 80 % of the steps within half of the median (stamps rounded to
 * milliseconds pass, gaps are the rest). Coarse: stamps that repeat (whole seconds over 4 Hz), a steady number of rows each.
 */
export function measureSteps(times: readonly number[]): Steps | undefined {
  if (times.length < 2) return undefined;
  const steps = times.slice(1).map((t, i) => t - sure(times[i]));
  const sorted = [...steps].sort((a, b) => a - b);
  const [shortest, longest] = [sure(sorted[0]), sorted.at(-1) as number];
  const positive = sorted.filter((s) => s > 0);
  if (positive.length === 0) return undefined;
  const repeats = steps.filter((s) => s === 0).length / steps.length;
  if (repeats > 0.2) return coarseSteps(times, positive, { shortest, longest });
  const median = quantile(sorted, 0.5);
  const near = steps.filter((s) => s > 0.5 * median && s < 1.5 * median);
  const period = near.reduce((sum, s) => sum + s, 0) / near.length;
  return {
    period,
    tolerance: 0.6 * period,
    jitter: spread(near),
    isRegular: near.length >= 0.8 * steps.length && shortest > -period,
    shortest,
    longest,
  };
}

function spread(values: readonly number[]): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return Math.max(0, high - low);
}

function coarseSteps(
  times: readonly number[],
  positive: readonly number[],
  ends: { shortest: number; longest: number },
): Steps {
  const starts = times.flatMap((t, i) => (i === 0 || t === times[i - 1] ? [] : [i])); // the first stamp may be cut short
  const [first, last] = [starts[0] ?? 0, starts.at(-1) ?? 0];
  const resolution = quantile(positive, 0.5);
  const counts = starts
    .slice(1)
    .map((s, i) => s - sure(starts[i]))
    .sort((a, b) => a - b);
  const usual = quantile(counts, 0.5);
  const steady = counts.filter((c) => Math.abs(c - usual) <= 1).length >= 0.8 * counts.length;
  const period =
    last > first
      ? (sure(times[last]) - sure(times[first])) / (last - first)
      : resolution / Math.max(1, usual || 1);
  return {
    period: steady && usual > 0 ? resolution / usual : period,
    tolerance: resolution + period,
    jitter: resolution + period,
    isRegular: steady && counts.length >= 2 && ends.shortest >= 0,
    ...ends,
  };
}

/**
 * Follows a regular time column: the expected moment of the next row adapts slowly, so a clock a little off its
 * nominal rate makes no gaps; a row later than the tolerance opens a gap of whole samples.
 */
export function followingClock(steps: Steps): Clock {
  let [at, expected] = [-1, NaN];
  return {
    place(time) {
      if (at < 0) {
        [at, expected] = [0, time];
        return 0;
      }
      const next = expected + steps.period;
      const late = time - next;
      if (Math.abs(late) <= steps.tolerance) {
        at += 1;
        expected = next + 0.05 * late;
        return at;
      }
      if (late < 0) return undefined;
      at = at + 1 + Math.round(late / steps.period);
      expected = time;
      return at;
    },
  };
}

/** A fixed grid from the first row: each row at its nearest sample, the next one where it is within the tolerance. */
export function gridClock(sampleRate: number, tolerance: number): Clock {
  let [at, origin] = [-1, NaN];
  return {
    place(time) {
      if (at < 0) {
        [at, origin] = [0, time];
        return 0;
      }
      const nearest = Math.round((time - origin) * sampleRate);
      const isNext = Math.abs(time - origin - (at + 1) / sampleRate) <= tolerance;
      const wanted = isNext ? at + 1 : nearest;
      if (wanted <= at) return undefined;
      at = wanted;
      return at;
    },
  };
}

/** A counter of samples that perhaps wraps: a jump is that many lost samples. A repeat counts as the next. */
export function counterClock({ step, period }: Counting): Clock {
  let at = -1;
  let last = NaN;
  return {
    place(count) {
      let ahead = count - last;
      if (period !== undefined && ahead < 0) ahead += period;
      last = count;
      at = at < 0 ? 0 : at + Math.max(1, Math.round(ahead / step));
      return at;
    },
  };
}

export interface Counting {
  readonly step: number; // 2 where only even numbers are sent (Cyton with Daisy)
  readonly period: number | undefined; // of a counter that wraps
}

/** The usual step of a counter, and where it wraps by its first rows: one step above its highest value. */
export function measureCounter(counts: readonly number[]): Counting {
  const steps = counts.slice(1).map((c, i) => c - sure(counts[i]));
  const rises = steps.filter((s) => s > 0).sort((a, b) => a - b);
  const step = Math.max(1, quantile(rises, 0.5) || 1);
  if (!steps.some((s) => s < 0)) return { step, period: undefined };
  let [low, high] = [Infinity, -Infinity];
  for (const count of counts) [low, high] = [Math.min(low, count), Math.max(high, count)];
  return { step, period: high + step - low };
}

/**
 * A measured rate as the number that was meant, where one lies within the measurement's error: a whole number, else
 * one with a short decimal, else one with a short period.
 */
export function nominalRate(measured: number, relativeError: number): number {
  const isNear = (candidate: number): boolean =>
    candidate > 0 && Math.abs(candidate - measured) <= relativeError * measured;
  for (const part of [1, 2, 4, 5, 10, 100]) {
    const candidate = Math.round(measured * part) / part;
    if (isNear(candidate)) return candidate;
  }
  for (const digits of [1, 2, 3, 4]) {
    const candidate = 1 / Number((1 / measured).toPrecision(digits));
    if (isNear(candidate)) return candidate;
  }
  return Number(measured.toPrecision(9));
}
