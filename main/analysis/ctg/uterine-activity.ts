import { type Contraction, type Deceleration, isLikely, type Minute } from "./trace.ts";

const WINDOW_MIN = 30;
const PERIOD_MIN = 10;
const LEAST_SUPPORT = 0.7; // of the window's contraction channel; below it there is no rate
const MOST_PER_10_MIN = 5;
const LONG_S = 120;

/** What is said of the uterus at the end of each minute, looking back. Undefined: cannot be assessed. */
export interface UterineMinute {
  readonly fromS: number; // a multiple of 60
  readonly support: number; // share of the last 30 min in which contractions could be seen
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
    return { support, rate: support >= LEAST_SUPPORT ? rate : undefined, has: going.some(within) };
  };
  return minutes.map(({ fromS }, minute) => {
    const { support, rate, has } = window(minute + 1, WINDOW_MIN);
    const periods = [window(minute + 1, PERIOD_MIN), window(minute + 1 - PERIOD_MIN, PERIOD_MIN)];
    return {
      ...{ fromS, support, per10Min: rate, hasDecelerations: has },
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

export interface ContractionFigures {
  readonly count: number;
  readonly meanDurationS: number | undefined;
  readonly meanRelaxationS: number | undefined; // end of one to onset of the next, where the channel was seen between
  readonly long: number; // contractions above 120 s
}

/** Of the likely ones. */
export function contractionFigures(
  contractions: readonly Contraction[],
  minutes: readonly Minute[],
): ContractionFigures {
  const likely = contractions.filter(isLikely);
  const isSeen = (fromS: number, toS: number): boolean =>
    minutes.every((one) => one.fromS + 60 <= fromS || one.fromS >= toS || one.ucSupport >= 0.5);
  const rests = likely.flatMap(({ onsetS }, i) => {
    const before = likely[i - 1];
    return before === undefined || !isSeen(before.endS, onsetS) ? [] : Math.max(0, onsetS - before.endS);
  });
  const durations = likely.map(({ onsetS, endS }) => endS - onsetS);
  return {
    count: likely.length,
    meanDurationS: meanOf(durations),
    meanRelaxationS: meanOf(rests),
    long: durations.filter((duration) => duration > LONG_S).length,
  };
}

const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
