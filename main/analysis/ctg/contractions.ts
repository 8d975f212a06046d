import { runningQuantiles } from "../../signal/quantile.ts";
import { bridgedGaps, movingMean, secondsOf } from "./moving.ts";
import { type Contraction, type CtgTrace, type Samples } from "./trace.ts";

/** Twice: a triangle of 20 s at half of its height (ctg.md §7: 10 to 20 s). */
const SMOOTH_S = 20;
/** A gap up to this does not end a contraction. */
const BRIDGE_S = 30;
/** Tonus: a low quantile of what lies around. */
const TONUS = { share: 0.1, halfWidth: 150, step: 5, minCount: 30 };
/** Two peaks with a valley shallower than this share of the smaller one are one contraction. */
const LEAST_VALLEY = 0.3;
/** How far to either side a foot is looked for, in seconds. */
const REACH_S = 180;
/**
 * Where a contraction begins and ends, as a share of its prominence above the foot. Measured: at 0.1, as ctg.md §7 has it, it
 * begins 6 s before and ends 11 s after the marks of CTU-UHB's reader; here half a second from them, 4 and 6 s in the middle of all.
 */
const END_AT = 0.3;
const LEAST_CHANCE = 0.05;

/**
 * Logit of a reader marking a rise of the contraction channel: a constant, then what each feature of `featuresOf` adds. Learned
 * on CTU-UHB (5,032 contractions), in units of an external transducer ([measured]). It lies at one half for about 16 units of
 * prominence, and falls off below half a minute and beyond three.
 */
const CHANCE = [1.1796, 2.4976, -1.3832, -0.6369, -3.1777] as const;

/** A rise with what its probability was told from. */
export interface Rise {
  readonly contraction: Contraction;
  readonly features: readonly number[];
}

/** The contraction channel, a value a second. */
interface Toco {
  readonly raw: Samples;
  readonly smooth: Samples;
  readonly tonus: Float32Array;
}

/** Doubtful ones too, in order of time. None where there is no contraction channel. */
export const findContractions = (trace: CtgTrace): Contraction[] =>
  risesOf(trace).map(({ contraction }) => contraction);

export function risesOf(trace: CtgTrace): Rise[] {
  const toco = tocoOf(trace);
  if (toco === undefined) return [];
  const peaks = peaksOf(toco);
  return peaks.map((peak, i) => ({
    contraction: contractionAt(peak, toco, {
      before: peaks[i - 1]?.at ?? -Infinity,
      after: peaks[i + 1]?.at ?? Infinity,
    }),
    features: peak.features,
  }));
}

function tocoOf({ uc }: CtgTrace): Toco | undefined {
  if (uc === undefined) return undefined;
  const seconds = secondsOf(uc);
  const raw = bridgedGaps(seconds, BRIDGE_S);
  const half = SMOOTH_S >> 1;
  return {
    ...{ raw, smooth: movingMean(movingMean(raw, half), half) },
    tonus: tonusOf(seconds),
  };
}

/** [seconds] NaN where nothing is observed at all. */
function tonusOf({ values, observed }: Samples): Float32Array {
  const { share, ...running } = TONUS;
  const [level] = runningQuantiles(Float32Array.from(values), observed, { ...running, shares: [share] });
  return level ?? new Float32Array(0);
}

interface Peak {
  readonly at: number; // second
  readonly features: readonly number[];
  readonly probability: number;
}

function peaksOf({ raw, smooth, tonus }: Toco): Peak[] {
  const peaks: Peak[] = [];
  const height = (at: number): number => (smooth.observed[at] === 1 ? (smooth.values[at] ?? NaN) : NaN);
  for (let at = 1; at + 1 < smooth.values.length; at += 1) {
    const top = height(at);
    if (!(top > height(at - 1) && top >= height(at + 1))) continue;
    const prominence = top - Math.max(footOf(height, at, -1), footOf(height, at, 1));
    if (prominence <= 0 || prominence < LEAST_VALLEY * (top - (tonus[at] ?? 0))) continue;
    const features = featuresOf(prominence, at, { raw, smooth, height });
    const probability = chanceOf(features);
    if (probability >= LEAST_CHANCE) peaks.push({ at, features, probability });
  }
  return peaks;
}

function chanceOf(features: readonly number[]): number {
  const [constant, ...weights] = CHANCE;
  const logit = features.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), constant);
  return 1 / (1 + Math.exp(-logit));
}

interface Signal {
  readonly raw: Samples;
  readonly smooth: Samples;
  readonly height: (second: number) => number;
}

/** Prominence in 20 units, width at half of it in minutes and that squared, all as logarithms; roughness as a share of it. */
function featuresOf(prominence: number, at: number, { raw, smooth, height }: Signal): readonly number[] {
  const ends = (share: number): readonly [number, number] => {
    const level = height(at) - share * prominence;
    return [edgeOf(height, at, -1, { level }), edgeOf(height, at, 1, { level })];
  };
  const [from, to] = ends(0.5);
  const width = Math.log((to - from) / 60);
  const [first, last] = ends(0.7).map(Math.round);
  let [square, count] = [0, 0];
  for (let i = first ?? at; i <= (last ?? at); i += 1) {
    square += ((raw.values[i] ?? 0) - (smooth.values[i] ?? 0)) ** 2;
    count += 1;
  }
  return [Math.log(prominence / 20), width, width ** 2, Math.sqrt(square / count) / prominence];
}

/** The lowest value before the signal is higher than at the peak, or unknown. */
function footOf(height: (second: number) => number, peak: number, step: 1 | -1): number {
  const top = height(peak);
  let lowest = top;
  for (let at = peak + step; Math.abs(at - peak) <= REACH_S; at += step) {
    const value = height(at);
    if (!(value <= top)) break;
    lowest = Math.min(lowest, value);
  }
  return lowest;
}

/** Where the signal first falls to a level, between two seconds; where it is lost, or `most` away, if it does not. */
function edgeOf(
  height: (second: number) => number,
  peak: number,
  step: 1 | -1,
  { level, most = Infinity }: { readonly level: number; readonly most?: number },
): number {
  let at = peak;
  while (Math.abs(at - peak) < most && height(at + step) >= level) at += step;
  const [above, below] = [height(at), height(at + step)];
  const part = (above - level) / (above - below);
  return at + step * (Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0);
}

function contractionAt(
  { at, probability }: Peak,
  { smooth, tonus }: Toco,
  { before, after }: { readonly before: number; readonly after: number }, // peaks beside it
): Contraction {
  const height = (second: number): number =>
    smooth.observed[second] === 1 ? (smooth.values[second] ?? NaN) : NaN;
  const top = height(at);
  const end = (step: 1 | -1, reach: number): number => {
    const { foot, most } = valleyOf(height, at, step, Math.min(REACH_S, reach));
    return edgeOf(height, at, step, { level: foot + END_AT * (top - foot), most });
  };
  return {
    onsetS: end(-1, at - before) + 0.5, // a second's value stands in its middle
    peakS: at + 0.5,
    endS: end(1, after - at) + 0.5,
    heightOverTonus: top - (tonus[at] ?? 0),
    probability,
  };
}

/** Lowest value within reach, and how far away it lies. */
function valleyOf(
  height: (second: number) => number,
  peak: number,
  step: 1 | -1,
  reach: number,
): { readonly foot: number; readonly most: number } {
  let [foot, most] = [height(peak), 0];
  for (let away = 1; away <= reach; away += 1) {
    const value = height(peak + step * away);
    if (Number.isNaN(value)) break;
    if (value < foot) [foot, most] = [value, away];
  }
  return { foot, most };
}
