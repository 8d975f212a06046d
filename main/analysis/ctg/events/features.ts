import { movingMean, shareOf } from "../moving.ts";
import { type Contraction, CTG_HZ, isLikely } from "../trace.ts";
import { type Departure, type Excursion, signOf } from "./detect.ts";

/** How an excursion goes out and comes back. */
export interface Shape {
  readonly outS: number; // onset to the beginning of the extremum: 90 % of the depth
  readonly backS: number; // from the end of the extremum
  readonly levelSd: number; // of the baseline there, beats a minute
  readonly durationSd: number; // seconds by which a baseline that is off by one standard deviation moves its ends
  readonly outSd: number;
}

const AT_EXTREMUM = 0.9; // of the depth
const SLOPE_S = 5;
const LEAST_SLOPE = 0.3; // bpm a second
const SD_OF_90 = 1.645;
const NOISE_S = 1; // of an end, besides
const UNSEEN_S = 30; // how far off an onset may be that lies in a gap

export function shapeOf({ from, to, extremum, depthBpm, kind }: Excursion, departure: Departure): Shape {
  const { edges, baseline } = departure;
  const sign = signOf(kind);
  const out = (i: number): number => (edges.observed[i] === 1 ? sign * (edges.values[i] ?? 0) : 0);
  let [first, last] = [from, to - 1];
  while (first < extremum && out(first) < AT_EXTREMUM * depthBpm) first += 1;
  while (last > extremum && out(last) < AT_EXTREMUM * depthBpm) last -= 1;
  const levelSd = ((baseline.high[extremum] ?? 0) - (baseline.low[extremum] ?? 0)) / (2 * SD_OF_90);
  const steps = SLOPE_S * CTG_HZ;
  const slope = (at: number, step: 1 | -1): number =>
    Math.max(LEAST_SLOPE, (out(at + step * steps) - out(at)) / SLOPE_S);
  const [onset, end] = [levelSd / slope(from, 1), levelSd / slope(to - 1, -1)];
  return {
    outS: (first - from) / CTG_HZ,
    backS: (to - 1 - last) / CTG_HZ,
    levelSd,
    durationSd: Math.hypot(onset + end, NOISE_S),
    outSd: edges.observed[from - 1] === 1 ? Math.hypot(onset, NOISE_S) : UNSEEN_S,
  };
}

/** What of a deceleration is measured in absolute beats, ctg.md §4.3 ([own]). */
export interface DecelerationFeatures {
  readonly bandwidthInsideBpm: number | undefined; // after a trend of 15 s is taken out
  readonly below80S: number;
  readonly below70S: number;
  readonly lostBeats: number; // of observed samples, scaled to all of them
  readonly overshootBpm: number | undefined; // 0: none; undefined: not observed
}

const TREND_S = 15;
const LEAST_INSIDE_S = 15;

export function decelerationFeatures(
  excursion: Excursion,
  next: Excursion | undefined,
  departure: Departure,
): DecelerationFeatures {
  const { fhr } = departure.trace;
  const { from, to } = excursion;
  let [below80, below70] = [0, 0];
  for (let i = from; i < to; i += 1) {
    if (fhr.observed[i] !== 1) continue;
    if ((fhr.values[i] ?? 0) < 80) below80 += 1;
    if ((fhr.values[i] ?? 0) < 70) below70 += 1;
  }
  return {
    bandwidthInsideBpm: bandwidthInside(excursion, departure),
    below80S: below80 / CTG_HZ,
    below70S: below70 / CTG_HZ,
    lostBeats: excursion.areaBpmS / 60,
    overshootBpm: overshoot(to, next, departure),
  };
}

function bandwidthInside({ from, to }: Excursion, { trace }: Departure): number | undefined {
  const own = {
    values: trace.fhr.values.subarray(from, to),
    observed: trace.fhr.observed.subarray(from, to),
  };
  if (shareOf(own.observed, 0, to - from) * (to - from) < LEAST_INSIDE_S * CTG_HZ) return undefined;
  const trend = movingMean(own, (TREND_S * CTG_HZ) >> 1);
  let [low, high] = [Infinity, -Infinity];
  own.values.forEach((value, i) => {
    if (own.observed[i] !== 1) return;
    const rest = value - (trend.values[i] ?? 0);
    low = Math.min(low, rest);
    high = Math.max(high, rest);
  });
  return high - low;
}

const OVERSHOOT = { leastBpm: 10, leastS: 15, withinS: 10 };

function overshoot(end: number, next: Excursion | undefined, { deviation }: Departure): number | undefined {
  const soon = end + OVERSHOOT.withinS * CTG_HZ;
  if (next?.kind === "acceleration" && next.from <= soon) {
    const isOne = next.depthBpm >= OVERSHOOT.leastBpm && next.to - next.from >= OVERSHOOT.leastS * CTG_HZ;
    if (isOne) return next.depthBpm;
  }
  const until = soon + OVERSHOOT.leastS * CTG_HZ;
  return shareOf(deviation.observed, end, until) >= 0.5 ? 0 : undefined;
}

/** How a deceleration lies to the contractions around it. */
export interface Association {
  readonly contraction: number | undefined; // index
  readonly isContractionKnown: boolean;
  readonly onsetLagS: number | undefined;
  readonly nadirLagS: number | undefined;
}

const AROUND_S = 120;
const LEAST_SEEN = 0.5; // of the channel, within 2 min to either side of the nadir
const AFTER_S = 60; // a nadir this long after a contraction's end still belongs to it

/**
 * The likely contraction whose peak is nearest to the nadir, among those that the deceleration overlaps, or follows within a
 * minute. None where contractions could not be seen.
 */
export function associationOf(
  { from, extremum, to }: Excursion,
  contractions: readonly Contraction[],
  { trace }: Departure,
): Association {
  const around = AROUND_S * CTG_HZ;
  const isContractionKnown =
    trace.uc !== undefined && shareOf(trace.uc.observed, extremum - around, extremum + around) > LEAST_SEEN;
  const [onsetS, nadirS, endS] = [from / CTG_HZ, extremum / CTG_HZ, to / CTG_HZ];
  let [contraction, nearest] = [-1, Infinity];
  contractions.forEach((one, i) => {
    const belongs = isLikely(one) && nadirS >= one.onsetS && onsetS <= one.endS && endS >= one.onsetS;
    const away = Math.abs(nadirS - one.peakS);
    if (!belongs || nadirS > one.endS + AFTER_S || away >= nearest) return;
    [contraction, nearest] = [i, away];
  });
  const one = isContractionKnown ? contractions[contraction] : undefined;
  return {
    contraction: one && contraction,
    isContractionKnown,
    onsetLagS: one && onsetS - one.onsetS,
    nadirLagS: one && nadirS - one.peakS,
  };
}
