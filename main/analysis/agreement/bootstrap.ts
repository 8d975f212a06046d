import type { Estimate } from "../../../preload/contract/agreement.ts";
import { sortedQuantile } from "../../signal/quantile.ts";
import { uniformFrom } from "../../signal/random.ts";

const DRAWS = 1000;
const FEWEST_UNITS = 6; // fewer say nothing about how others would have differed
const FEWEST_DEFINED = 0.9; // of the draws; where more are undefined the interval would be of the rest only

/** How often each unit was drawn, with replacement, in each draw. The same draws serve every statistic. */
export interface Resampling {
  readonly units: number;
  readonly times: readonly Uint16Array[]; // [draws][units]; none where there are too few units
}

export function resamplingOf(units: number, seed: number): Resampling {
  if (units < FEWEST_UNITS) return { units, times: [] };
  const uniform = uniformFrom(seed);
  const times = Array.from({ length: DRAWS }, () => {
    const drawn = new Uint16Array(units);
    for (let i = 0; i < units; i += 1) {
      const unit = Math.floor(uniform() * units);
      drawn[unit] = (drawn[unit] ?? 0) + 1;
    }
    return drawn;
  });
  return { units, times };
}

/** A statistic of sums over units; null where it says nothing. sums: one vector a unit, an empty one counts as zeros. */
export function estimateOf(
  sums: readonly ArrayLike<number>[],
  statistic: (sum: Float64Array) => number,
  { times }: Resampling,
): Estimate | null {
  const told = [...sums.entries()].filter(([, vector]) => Array.from(vector).some((one) => one !== 0));
  const length = Math.max(0, ...told.map(([, vector]) => vector.length));
  const under = (timesOf: (unit: number) => number): number => {
    const sum = new Float64Array(length);
    for (const [unit, vector] of told) {
      const weight = timesOf(unit);
      if (weight > 0) for (let i = 0; i < length; i += 1) sum[i] = (sum[i] ?? 0) + weight * (vector[i] ?? 0);
    }
    return statistic(sum);
  };
  if (told.length === 0) return null;
  return withInterval(
    under(() => 1),
    times.map((drawn) => under((unit) => drawn[unit] ?? 0)),
  );
}

/** The median of values that lie in units, each value in one. */
export function medianOf(
  values: readonly { readonly value: number; readonly unit: number }[],
  { times }: Resampling,
): Estimate | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a.value - b.value);
  const under = (timesOf: (unit: number) => number): number => {
    const drawn = sorted.flatMap(({ value, unit }) => Array.from({ length: timesOf(unit) }, () => value));
    return sortedQuantile(drawn, drawn.length, 0.5);
  };
  return withInterval(
    under(() => 1),
    times.map((drawn) => under((unit) => drawn[unit] ?? 0)),
  );
}

function withInterval(value: number, drawn: readonly number[]): Estimate | null {
  if (!Number.isFinite(value)) return null;
  const defined = drawn.filter((one) => Number.isFinite(one)).sort((a, b) => a - b);
  if (drawn.length === 0 || defined.length < FEWEST_DEFINED * drawn.length) return { value, interval: null };
  const at = (share: number): number => sortedQuantile(defined, defined.length, share);
  return { value, interval: { low: at(0.025), high: at(0.975) } };
}
