import { sure } from "../../preload/contract/sure.ts";

/** Amplitude of one stretch of one channel, over its observed samples only. */
export interface Amplitude {
  readonly observedShare: number;
  readonly meanAbsolute: number; // mean |x - mean x|; NaN where nothing is observed
  readonly meanDifference: number; // mean |x[i + 1] - x[i]| over neighbouring observed pairs; NaN without one
}

/**
 * Mean absolute deviation and mean absolute difference of values[from .. to) where observed (1) is set.
 * The mean is taken out first, so a constant offset of the amplifier is no amplitude. Beyond the values nothing is observed.
 */
export function amplitude(values: Float32Array, observed: Uint8Array, from: number, to: number): Amplitude {
  const end = Math.min(to, values.length);
  let count = 0;
  let sum = 0;
  for (let i = from; i < end; i += 1) {
    if (observed[i] !== 1) continue;
    count += 1;
    sum += sure(values[i]);
  }
  const mean = sum / count;
  let absolute = 0;
  let difference = 0;
  let pairs = 0;
  for (let i = from; i < end; i += 1) {
    if (observed[i] !== 1) continue;
    absolute += Math.abs(sure(values[i]) - mean);
    if (i + 1 >= end || observed[i + 1] !== 1) continue;
    difference += Math.abs(sure(values[i + 1]) - sure(values[i]));
    pairs += 1;
  }
  return {
    observedShare: to > from ? count / (to - from) : 0,
    meanAbsolute: count > 0 ? absolute / count : NaN,
    meanDifference: pairs > 0 ? difference / pairs : NaN,
  };
}

/** Mean of the observed values[from .. to) and the share that is observed. */
export function observedMean(
  values: Float32Array,
  observed: Uint8Array,
  from: number,
  to: number,
): { mean: number; observedShare: number } {
  let count = 0;
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(to, values.length); i += 1) {
    if (observed[i] !== 1) continue;
    count += 1;
    sum += sure(values[i]);
  }
  return { mean: count > 0 ? sum / count : NaN, observedShare: to > from ? count / (to - from) : 0 };
}
