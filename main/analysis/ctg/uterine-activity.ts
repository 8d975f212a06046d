import { type Contraction, type Deceleration, isLikely, type Minute } from "./trace.ts";

const WINDOW_MIN = 30;
const PERIOD_MIN = 10;
const LEAST_SUPPORT = 0.7; // of the window's contraction channel; below it there is no rate
const MOST_PER_10_MIN = 5;

/** What is said of the uterus at the end of each minute, looking back. Undefined: cannot be assessed. */
export interface UterineMinute {
  readonly per10Min: number | undefined; // averaged over 30 min
  readonly isTachysystole: boolean | undefined; // above 5 in 10 min, averaged over 30 (NICHD/ACOG [verified])
  readonly isTachysystoleFigo: boolean | undefined; // that, or above 5 in each of the last two 10 min ([recalled])
  readonly hasDecelerations: boolean; // one goes with a contraction of the window
}

/** One value each minute. Contractions are counted by their peaks, and scaled to the time in which they could be seen. */
export function uterineMinutes(
  minutes: readonly Minute[],
  contractions: readonly Contraction[],
  decelerations: readonly Deceleration[],
): UterineMinute[] {
  const peaks = contractions.filter(isLikely).map(({ peakS }) => peakS);
  const going = decelerations
    .filter(isLikely)
    .flatMap(({ contraction }) =>
      contraction === undefined ? [] : (contractions[contraction]?.peakS ?? []),
    );
  const window = (end: number, count: number) => {
    const seen = minutes.slice(Math.max(0, end - count), end);
    const support = seen.reduce((sum, { ucSupport }) => sum + ucSupport, 0) / count;
    const [fromS, toS] = [(end - count) * 60, end * 60];
    const within = (peakS: number): boolean => peakS >= fromS && peakS < toS;
    const rate = (peaks.filter(within).length * PERIOD_MIN) / (support * count);
    return { rate: support >= LEAST_SUPPORT ? rate : undefined, has: going.some(within) };
  };
  return minutes.map((_, minute) => {
    const { rate, has } = window(minute + 1, WINDOW_MIN);
    const periods = [window(minute + 1, PERIOD_MIN), window(minute + 1 - PERIOD_MIN, PERIOD_MIN)];
    return {
      per10Min: rate,
      hasDecelerations: has,
      isTachysystole: isAbove(rate),
      isTachysystoleFigo: either(
        isAbove(rate),
        periods.map((one) => isAbove(one.rate)),
      ),
    };
  });
}

const isAbove = (rate: number | undefined): boolean | undefined =>
  rate === undefined ? undefined : rate > MOST_PER_10_MIN;

function either(
  averaged: boolean | undefined,
  periods: readonly (boolean | undefined)[],
): boolean | undefined {
  if (averaged === true || periods.every((is) => is === true)) return true;
  const cannotBe = averaged === false && periods.includes(false);
  return cannotBe ? false : undefined;
}
