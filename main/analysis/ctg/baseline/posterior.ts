import type { Anchor } from "../../../../preload/contract/ctg.ts";
import { epochs, spread } from "../bridge.ts";
import { CTG_HZ, type Baseline, type Samples } from "../trace.ts";
import { conditioned } from "./anchors.ts";

/** Epochs in which a line is judged; between their middles all is linear. */
const EPOCH_S = 6;
const EPOCH = EPOCH_S * CTG_HZ; // samples
const MIDDLE = (EPOCH - 1) / 2;
/** On each side of an epoch: together NICHD's ten minutes. */
const HALF = 300 / EPOCH_S;
/** So much of ten minutes must be identifiable baseline (NICHD 2008 [V]); an anchor counts for as much [D]. */
const LEAST_S = 120;
/** A heart rate this near its baseline is baseline: segments that differ by more than 25 bpm are left out (NICHD 2008 [V]). */
const NEAR_BPM = 12.5;
/** Further than this from anything observed nothing is identified [D]. */
const FURTHEST_S = 150;
/** Seconds of a heart rate that tell of its level as much as one reading on its own [D]. */
const INDEPENDENT_S = 20;
/** From the middle of a normal distribution to the ends of its middle 90 %, in standard deviations. */
export const BAND_SDS = 1.6448536269514722;

/**
 * Standard deviation of a method's line (beats a minute), beside the method's own and what a median of so many readings leaves
 * open: `restless` for each bpm that the heart rate lies away from it on average, `gap` at most where nothing was observed
 * nearby [D]. No expert stands behind it: `restless` and the methods' own are fitted so that 90 % of the distances between the
 * lines of WMFB, Lu and Wei, and Wróbel are what two independent errors of that size make (ctg-fhrma-ma [M]; check
 * ctg-baselines). Their size overall, 3.3 bpm, is near the 2.6–2.9 bpm by which the best methods differ from experts [V].
 */
const SPREAD = { restless: 0.32, gap: 8, gapTimeS: 300 } as const;

interface MethodLine {
  readonly level: Float64Array; // [n] beats a minute
  readonly ownSd: number; // of the method, where nothing is uncertain
}

/** A method's line as a baseline: with its 90 % band, where it can be told at all, and with a person's anchors seen to. */
export function asBaseline(line: MethodLine | undefined, fhr: Samples, anchors: readonly Anchor[]): Baseline {
  const n = fhr.values.length;
  if (line === undefined || Number.isNaN(line.level[0])) return nothing(n);
  const { level, ownSd } = line;
  const near = nearness(level, fhr, anchors);
  const sd = spreads(near, ownSd);
  const { shift, narrowed } = conditioned({ level: near.level, sd }, anchors, {
    firstS: MIDDLE / CTG_HZ,
    everyS: EPOCH_S,
  });
  const moved = spread(shift, EPOCH, n, MIDDLE);
  const halves = sd.map((own, k) => BAND_SDS * own * (narrowed[k] ?? 1));
  const half = spread(halves, EPOCH, n, MIDDLE);
  const value = level.map((v, i) => v + (moved[i] ?? 0));
  return {
    value,
    low: value.map((v, i) => v - (half[i] ?? 0)),
    high: value.map((v, i) => v + (half[i] ?? 0)),
    observed: new Uint8Array(n).map((_, i) => near.isTold[Math.floor(i / EPOCH)] ?? 0),
  };
}

const nothing = (n: number): Baseline => ({
  value: new Float64Array(n),
  low: new Float64Array(n),
  high: new Float64Array(n),
  observed: new Uint8Array(n),
});

/** Of each epoch: the line there, and what of the heart rate lies around it within five minutes on each side. */
interface Nearness {
  readonly level: Float64Array;
  readonly nearS: Float64Array; // seconds near the line
  readonly squared: Float64Array; // mean squared distance of those
  readonly away: Float64Array; // mean distance of all that is observed
  readonly gapS: Float64Array; // to the nearest epoch with anything observed
  readonly isTold: Uint8Array;
}

function nearness(level: Float64Array, fhr: Samples, anchors: readonly Anchor[]): Nearness {
  const { values, observed } = epochs(fhr, EPOCH);
  const count = values.length;
  const line = epochs({ values: level, observed: new Uint8Array(level.length).fill(1) }, EPOCH).values;
  const seconds = epochSeconds(fhr.observed, count);
  const anchored = new Float64Array(count);
  for (const { atS } of anchors) anchored[Math.min(count - 1, Math.floor(atS / EPOCH_S))] = LEAST_S;
  const distance = values.map((v, k) => (observed[k] === 1 ? Math.abs(v - (line[k] ?? 0)) : 0));
  const nearEach = seconds.map((s, k) => ((distance[k] ?? 0) <= NEAR_BPM ? s : 0));
  const nearS = windowSums(nearEach);
  const all = windowSums(seconds);
  const anchorS = windowSums(anchored);
  const squared = windowSums(nearEach.map((s, k) => s * (distance[k] ?? 0) ** 2));
  const away = windowSums(seconds.map((s, k) => s * (distance[k] ?? 0)));
  const untoldS = gaps(seconds.map((s, k) => s + (anchored[k] ?? 0)));
  return {
    ...{ level: line, nearS, gapS: gaps(seconds) },
    squared: squared.map((sum, k) => sum / Math.max(1, nearS[k] ?? 0)),
    away: away.map((sum, k) => sum / Math.max(1, all[k] ?? 0)),
    isTold: Uint8Array.from(untoldS, (gap, k) =>
      gap <= FURTHEST_S && (nearS[k] ?? 0) + (anchorS[k] ?? 0) >= LEAST_S ? 1 : 0,
    ),
  };
}

function spreads({ nearS, squared, away, gapS }: Nearness, ownSd: number): Float64Array {
  return nearS.map((near, k) => {
    const readings = Math.max(1, near / INDEPENDENT_S);
    const ofMedian = ((Math.PI / 2) * (squared[k] ?? 0)) / readings;
    const restless = SPREAD.restless * (away[k] ?? 0);
    const inGap = SPREAD.gap * (1 - Math.exp(-(gapS[k] ?? 0) / SPREAD.gapTimeS));
    return Math.sqrt(ownSd ** 2 + ofMedian + restless ** 2 + inGap ** 2);
  });
}

/** Seconds that are observed in each epoch. */
function epochSeconds(observed: Uint8Array, count: number): Float64Array {
  const seconds = new Float64Array(count);
  observed.forEach((is, i) => {
    const epoch = Math.floor(i / EPOCH);
    seconds[epoch] = (seconds[epoch] ?? 0) + is / CTG_HZ;
  });
  return seconds;
}

/** Sums over five minutes on each side. */
function windowSums(values: Float64Array): Float64Array {
  const before = new Float64Array(values.length + 1);
  values.forEach((v, k) => (before[k + 1] = (before[k] ?? 0) + v));
  const end = values.length;
  return values.map(
    (_, k) => (before[Math.min(end, k + HALF + 1)] ?? 0) - (before[Math.max(0, k - HALF)] ?? 0),
  );
}

/** Seconds from each epoch to the nearest that has anything. */
function gaps(seconds: Float64Array): Float64Array {
  const gap = new Float64Array(seconds.length).fill(Infinity);
  const go = (k: number, before: number): number => {
    const own = (seconds[k] ?? 0) > 0 ? 0 : Math.min(gap[k] ?? 0, before + EPOCH_S);
    return (gap[k] = own);
  };
  for (let k = 0, last = Infinity; k < gap.length; k += 1) last = go(k, last);
  for (let k = gap.length - 1, last = Infinity; k >= 0; k -= 1) last = go(k, last);
  return gap;
}
