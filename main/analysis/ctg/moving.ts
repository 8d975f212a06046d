import { CTG_HZ, type Samples } from "./trace.ts";

/** Means of what is observed within +-half samples; unobserved where the sample itself is. */
export function movingMean({ values, observed }: Samples, half: number): Samples {
  const n = values.length;
  const means = new Float64Array(n);
  let [sum, count, from, to] = [0, 0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    for (; to < Math.min(n, i + half + 1); to += 1) {
      if (observed[to] !== 1) continue;
      sum += values[to] ?? 0;
      count += 1;
    }
    for (; from < i - half; from += 1) {
      if (observed[from] !== 1) continue;
      sum -= values[from] ?? 0;
      count -= 1;
    }
    if (observed[i] === 1) means[i] = sum / count;
  }
  return { values: means, observed };
}

/** Gaps of up to `longest` values between two observed samples as straight lines. Such a sample is evidence of nothing. */
export function bridgedGaps({ values, observed }: Samples, longest: number): Samples {
  const filled = { values: values.slice(), observed: observed.slice() };
  let last = -1; // observed
  for (let i = 0; i < values.length; i += 1) {
    if (observed[i] !== 1) continue;
    const gap = i - last - 1;
    if (last >= 0 && gap > 0 && gap <= longest) {
      const from = values[last] ?? 0;
      const slope = ((values[i] ?? 0) - from) / (i - last);
      for (let k = last + 1; k < i; k += 1) filled.values[k] = from + slope * (k - last);
      filled.observed.fill(1, last + 1, i);
    }
    last = i;
  }
  return filled;
}

/** Share of ones in [from, to); 0 of nothing. */
export function shareOf(observed: Uint8Array, from: number, to: number): number {
  const [begin, end] = [Math.max(0, from), Math.min(observed.length, to)];
  let count = 0;
  for (let i = begin; i < end; i += 1) count += observed[i] ?? 0;
  return to > from ? count / (to - from) : 0;
}

/**
 * Probability that what was measured as `value`, with that standard deviation, lies above a limit. The logistic function
 * stands for the normal one: they differ by less than 0.01.
 */
export const chanceAbove = (value: number, limit: number, sd: number): number =>
  1 / (1 + Math.exp((-1.702 * (value - limit)) / sd));

/** Means a second of what is observed of it; a second counts where half of its samples do. */
export function secondsOf({ values, observed }: Samples): Samples {
  const count = Math.ceil(values.length / CTG_HZ);
  const seconds = { values: new Float64Array(count), observed: new Uint8Array(count) };
  for (let second = 0; second < count; second += 1) {
    let [sum, seen] = [0, 0];
    for (let i = second * CTG_HZ; i < (second + 1) * CTG_HZ; i += 1) {
      if (observed[i] !== 1) continue;
      sum += values[i] ?? 0;
      seen += 1;
    }
    if (seen < CTG_HZ / 2) continue;
    seconds.values[second] = sum / seen;
    seconds.observed[second] = 1;
  }
  return seconds;
}
