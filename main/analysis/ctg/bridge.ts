import type { Samples } from "./trace.ts";

/**
 * A series without gaps, for filters that need one: straight lines across gaps, constant at both ends (ctg.md §2 step 5).
 * What is bridged is no evidence for anything. Zeros where nothing was observed at all.
 * @returns [n]
 */
export function bridge({ values, observed }: Samples): Float64Array {
  const n = values.length;
  const whole = new Float64Array(n);
  let last = -1;
  for (let i = 0; i < n; i += 1) {
    if (observed[i] !== 1) continue;
    const value = values[i] ?? 0;
    if (last < 0) whole.fill(value, 0, i);
    const before = values[last] ?? value;
    const slope = (value - before) / (i - last);
    for (let k = last + 1; k < i && last >= 0; k += 1) whole[k] = before + slope * (k - last);
    whole[i] = value;
    last = i;
  }
  if (last >= 0) whole.fill(values[last] ?? 0, last + 1);
  return whole;
}

/**
 * Means of observed samples in epochs of `size` samples, laid from the start; the last one may be short. An epoch counts
 * as observed where it has any.
 */
export function epochs({ values, observed }: Samples, size: number): Samples {
  const count = Math.ceil(values.length / size);
  const means = { values: new Float64Array(count), observed: new Uint8Array(count) };
  for (let epoch = 0; epoch < count; epoch += 1) {
    let [sum, seen] = [0, 0];
    const to = Math.min(values.length, (epoch + 1) * size);
    for (let i = epoch * size; i < to; i += 1) {
      if (observed[i] !== 1) continue;
      sum += values[i] ?? 0;
      seen += 1;
    }
    if (seen === 0) continue;
    means.values[epoch] = sum / seen;
    means.observed[epoch] = 1;
  }
  return means;
}

/** Straight lines between knots, the first at sample `first` and then one every so many, constant beyond: [n]. */
export function spread(knots: Float64Array, every: number, n: number, first = 0): Float64Array {
  const last = knots.length - 1;
  const all = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const at = Math.min(last, Math.max(0, (i - first) / every));
    const left = Math.floor(at);
    const low = knots[left] ?? NaN;
    all[i] = low + ((knots[Math.min(last, left + 1)] ?? NaN) - low) * (at - left);
  }
  return all;
}

/** Means of `size` neighbours, as many as are whole; of fewer values one of them all. */
export function wholeMeans(values: Float64Array, size: number): Float64Array {
  const count = Math.max(Math.min(1, values.length), Math.floor(values.length / size));
  const means = new Float64Array(count);
  for (let epoch = 0; epoch < count; epoch += 1) {
    const of = values.subarray(epoch * size, (epoch + 1) * size);
    means[epoch] = of.reduce((sum, v) => sum + v, 0) / of.length;
  }
  return means;
}
