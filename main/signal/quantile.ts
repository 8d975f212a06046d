/** Quantile of a sorted array with linear interpolation between order statistics. */
export function sortedQuantile(sorted: ArrayLike<number>, count: number, share: number): number {
  if (count === 0) return NaN;
  const at = share * (count - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, count - 1)] as number;
  return low + (high - low) * (at - below);
}

export interface RunningOptions {
  readonly halfWidth: number; // samples on each side
  readonly step: number; // samples between exact values; in between linear
  readonly minCount: number; // fewer observed samples than this: the nearest exact value is taken
  readonly shares: readonly number[]; // quantiles wanted
}

/**
 * Quantiles of the observed samples within +-halfWidth of every sample, exact on a grid of `step` samples and linear
 * in between. Where a stretch has too few observed samples the nearest stretch that has enough stands in; without any
 * the result is NaN. Not causal: it looks ahead by halfWidth.
 * @returns one array [n] a share
 */
export function runningQuantiles(
  values: Float32Array,
  observed: Uint8Array,
  options: RunningOptions,
): readonly Float32Array[] {
  const { halfWidth, step, minCount, shares } = options;
  const n = values.length;
  const knots = n === 0 ? 0 : Math.floor((n - 1) / step) + 1;
  const exact = shares.map(() => new Float64Array(knots).fill(NaN));
  const scratch = new Float32Array(2 * halfWidth + 1);
  for (let knot = 0; knot < knots; knot += 1) {
    const centre = knot * step;
    let count = 0;
    for (let i = Math.max(0, centre - halfWidth); i <= Math.min(n - 1, centre + halfWidth); i += 1) {
      if (observed[i] === 1) scratch[count++] = values[i] as number;
    }
    if (count < minCount) continue;
    const sorted = scratch.subarray(0, count).sort();
    shares.forEach((share, s) => {
      (exact[s] as Float64Array)[knot] = sortedQuantile(sorted, count, share);
    });
  }
  return exact.map((knotValues) => interpolate(fillNearest(knotValues), step, n));
}

/** Replaces NaN by the nearest value that is not; ties go to the earlier one. All NaN stays NaN. */
function fillNearest(values: Float64Array): Float64Array {
  const n = values.length;
  const before = new Int32Array(n).fill(-1);
  const after = new Int32Array(n).fill(-1);
  for (let i = 0, last = -1; i < n; i += 1) {
    if (!Number.isNaN(values[i])) last = i;
    before[i] = last;
  }
  for (let i = n - 1, next = -1; i >= 0; i -= 1) {
    if (!Number.isNaN(values[i])) next = i;
    after[i] = next;
  }
  return Float64Array.from(values, (_, i) => {
    const left = before[i] as number;
    const right = after[i] as number;
    if (left < 0 && right < 0) return NaN;
    if (left < 0) return values[right] as number;
    if (right < 0) return values[left] as number;
    return values[i - left <= right - i ? left : right] as number;
  });
}

function interpolate(knots: Float64Array, step: number, n: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const at = i / step;
    const left = Math.floor(at);
    const low = knots[left] as number;
    const high = knots[Math.min(left + 1, knots.length - 1)] as number;
    return low + (high - low) * (at - left);
  });
}
