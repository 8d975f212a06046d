/** A channel brought to a lower rate: NaN nowhere, 0 where unobserved. */
export interface Resampled {
  readonly values: Float32Array;
  readonly observed: Uint8Array;
}

/**
 * Means of the observed samples in bins of `binS` seconds. A bin counts as observed where at least `minShare` of its
 * samples are. Bins are laid from time 0; the last one may be short and is judged by the samples it has.
 */
export function averageBins(
  values: Float32Array,
  observed: Uint8Array,
  sampleRate: number,
  binS: number,
  minShare: number,
): Resampled {
  const bins = Math.ceil(values.length / (sampleRate * binS) - 1e-9);
  const out = new Float32Array(bins);
  const mask = new Uint8Array(bins);
  for (let bin = 0; bin < bins; bin += 1) {
    const from = Math.round(bin * binS * sampleRate);
    const to = Math.min(values.length, Math.round((bin + 1) * binS * sampleRate));
    let count = 0;
    let sum = 0;
    for (let i = from; i < to; i += 1) {
      if (observed[i] !== 1) continue;
      count += 1;
      sum += values[i] as number;
    }
    if (count === 0 || count < minShare * (to - from)) continue;
    out[bin] = sum / count;
    mask[bin] = 1;
  }
  return { values: out, observed: mask };
}
