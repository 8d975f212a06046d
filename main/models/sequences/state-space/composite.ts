import { standardLaw } from "../../distributions/student-t.ts";
import type { Ahead } from "./ahead.ts";
import type { Observations } from "./filter.ts";

/** What a method that went through a signal says of it. */
export interface Foreseen {
  readonly logDensity: Float64Array; // [steps] of each value, knowing those before it; 0 where unobserved
  /** The value h steps after a step, knowing those up to and with it. */
  at(step: number, h: number): Ahead;
}
export type Foreseer = (series: Observations) => Foreseen;

/** Horizons that a fit looks at besides the next step, with the tails it takes for granted there. */
export const fitHorizons = [
  { h: 15, tails: 2.3 },
  { h: 30, tails: 2.2 },
  { h: 60, tails: 2.2 },
] as const;
/** Steps at the start that do not count, and steps between moments that are looked ahead from. */
const [WARMING, EVERY] = [30, 2];

/**
 * Mean negative log likelihood of the next value plus that of the three further horizons. The next step alone would let the
 * states lose their meaning (recipe-ssm.md §2).
 */
export function compositeLoss(crops: readonly Observations[], foreseer: Foreseer): number {
  const sums = [0, 0, 0, 0];
  const counts = [0, 0, 0, 0];
  const add = (at: number, value: number): void => {
    sums[at] = (sums[at] ?? 0) + value;
    counts[at] = (counts[at] ?? 0) + 1;
  };
  for (const series of crops) {
    const { y, observed } = series;
    const foreseen = foreseer(series);
    for (let t = WARMING; t < y.length; t += 1) if (observed[t] === 1) add(0, foreseen.logDensity[t] ?? 0);
    fitHorizons.forEach(({ h, tails }, i) => {
      const law = standardLaw(tails);
      for (let t = WARMING; t + h < y.length; t += EVERY) {
        if (observed[t + h] !== 1) continue;
        const { mean, variance } = foreseen.at(t, h);
        const scale = Math.sqrt(variance);
        add(i + 1, law.logDensity(((y[t + h] ?? 0) - mean) / scale) - Math.log(scale));
      }
    });
  }
  const [one = 0, ...further] = sums.map((sum, i) => -sum / Math.max(1, counts[i] ?? 0));
  return one + further.reduce((sum, v) => sum + v, 0) / further.length;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Stretches to fit by, one of each signal: anywhere in it, for what is seen best moves otherwise, but where at least half of
 * it was observed; of many signals some.
 */
export function cropsOf(all: readonly Observations[], steps: number, most: number): readonly Observations[] {
  const crops = all.flatMap((series, i) => {
    const length = Math.min(steps, series.y.length);
    const places = Array.from({ length: TRIED }, (_, k) =>
      Math.floor(((GOLDEN * (i + 1) + k / TRIED) % 1) * (series.y.length - length + 1)),
    );
    const from = places.find((at) => observedShare(series, at, length) >= LEAST_OBSERVED);
    return from === undefined ? [] : [cropOf(series, from, from + length)];
  });
  if (crops.length <= most) return crops;
  const every = crops.length / most;
  return Array.from({ length: most }, (_, i) => crops[Math.floor(i * every)]).filter(
    (crop) => crop !== undefined,
  );
}

const [TRIED, LEAST_OBSERVED] = [8, 0.5];

function observedShare({ observed }: Observations, from: number, length: number): number {
  return observed.subarray(from, from + length).reduce((sum, is) => sum + is, 0) / length;
}

const cropOf = ({ y, observed, drive }: Observations, from: number, to: number): Observations => ({
  y: y.slice(from, to),
  observed: observed.slice(from, to),
  drive: drive?.slice(from, to),
});
