import { BLOCK_S, blockMedians } from "../../signal/block-medians.ts";
import { sortedQuantile } from "../../signal/quantile.ts";
import { CTG_HZ, type Samples } from "./trace.ts";

/** What the fetal channel, and a maternal one beside it, look like around each sample. */
export interface LocalSignal {
  readonly fhr: Samples;
  readonly mhr: Samples | undefined;
  readonly isScalp: boolean;
}

/** The first of them are of the fetal channel, and where the mother's rate lay around; the others need one beside it. */
export const featureNames = [
  "one",
  "level", // mean of 20 s, from 130 bpm in steps of 40
  "level squared",
  "below 110", // in steps of 20
  "from its median", // of +-5 min, in steps of 20
  "from its median, either way",
  "from the recording's median",
  "spread of 20 s", // logarithm of 1 + standard deviation
  "spread of 2 min",
  "step", // logarithm of 1 + mean change from sample to sample, 20 s
  "missing of 20 s", // share
  "missing of 2 min",
  "jumps", // logarithm of 1 + those of over 10 bpm, a minute
  "scalp",
  "a mother somewhere",
  "from the mother's median",
  "near the mother's median",
  "2 min near the mother's median",
  "alike, 4 s", // mean of a bell of 5 bpm over the difference
  "alike, 20 s",
  "alike, 1 min",
  "twice the mother's",
  "apart", // mean distance of 20 s in steps of 20
  "spread of the difference",
  "moving together", // correlation over a minute
] as const;
export const WITHOUT_MHR = 18;

const [SHORT, MIDDLE, MINUTE, LONG] = [2 * CTG_HZ, 10 * CTG_HZ, 30 * CTG_HZ, 60 * CTG_HZ] as const;
const JUMP_BPM = 10;
const [FEWEST_SAMPLES, USUAL_BPM] = [100, 140];

const clip = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
const bell = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2));

/** Sums over +-half samples, by running sums. */
function windowed(values: Float64Array): (at: number, half: number) => number {
  const upTo = new Float64Array(values.length + 1);
  values.forEach((value, i) => (upTo[i + 1] = (upTo[i] ?? 0) + value));
  return (at, half) =>
    (upTo[Math.min(values.length, at + half + 1)] ?? 0) - (upTo[Math.max(0, at - half)] ?? 0);
}

/** Over the samples that count within +-half samples; 0 where none does. */
interface Moments {
  mean(at: number, half: number): number;
  spread(at: number, half: number): number; // standard deviation
  sum(at: number, half: number): number;
  share(at: number, half: number): number; // of samples that count
}

function momentsOf(counts: Uint8Array, value: (i: number) => number): Moments {
  const own = Float64Array.from(counts, (is, i) => (is === 1 ? value(i) : 0));
  const count = windowed(Float64Array.from(counts));
  const sum = windowed(own);
  const square = windowed(own.map((one) => one * one));
  const mean = (at: number, half: number): number => sum(at, half) / Math.max(1, count(at, half));
  return {
    ...{ mean, sum },
    spread: (at, half) =>
      Math.sqrt(Math.max(0, square(at, half) / Math.max(1, count(at, half)) - mean(at, half) ** 2)),
    share: (at, half) => {
      const length = Math.min(counts.length, at + half + 1) - Math.max(0, at - half);
      return count(at, half) / length;
    },
  };
}

/** The features of a sample, into `out`. [WITHOUT_MHR], or all of them where the mother's rate is asked for too. */
export type Featured = (at: number, withMhr: boolean, out: Float64Array) => void;

/** They look 5 min ahead: for review. About 60 ms for 90 min. */
export function featuresOf({ fhr, mhr, isScalp }: LocalSignal): Featured {
  const alone = fetal(fhr, isScalp);
  const near = mhr === undefined ? undefined : maternal(mhr);
  const beside = mhr === undefined ? undefined : compared(fhr, mhr);
  return (at, withMhr, out) => {
    out.fill(0);
    const { level, level2min } = alone(at, out);
    near?.(at, level, level2min, out);
    if (withMhr) beside?.(at, out);
  };
}

const floats = ({ values, observed }: Samples) => ({ values: Float32Array.from(values), observed });

function fetal({ values, observed }: Samples, isScalp: boolean) {
  const value = (i: number): number => values[i] ?? 0;
  const rate = momentsOf(observed, value);
  const follows = observed.map((is, i) => (is === 1 && observed[i - 1] === 1 ? 1 : 0));
  const change = (i: number): number => Math.abs(value(i) - value(i - 1));
  const steps = momentsOf(follows, change);
  const jumps = momentsOf(follows, (i) => Number(change(i) > JUMP_BPM));
  const seen = floats({ values, observed })
    .values.filter((_, i) => observed[i] === 1)
    .sort();
  const middle = seen.length < FEWEST_SAMPLES ? USUAL_BPM : sortedQuantile(seen, seen.length, 0.5);
  const medians = blockMedians(floats({ values, observed }), CTG_HZ);
  return (at: number, out: Float64Array): { readonly level: number; readonly level2min: number } => {
    const level = rate.mean(at, MIDDLE);
    const away = clip((level - (medians?.[Math.floor(at / (BLOCK_S * CTG_HZ))] ?? middle)) / 20, 4);
    const height = (level - 130) / 40;
    out.set([1, height, height * height, Math.max(0, 110 - level) / 20, away, Math.abs(away)]);
    out[6] = clip((level - middle) / 20, 4);
    out[7] = Math.log1p(rate.spread(at, MIDDLE));
    out[8] = Math.log1p(rate.spread(at, LONG));
    out[9] = Math.log1p(steps.mean(at, MIDDLE));
    out[10] = 1 - rate.share(at, MIDDLE);
    out[11] = 1 - rate.share(at, LONG);
    out[12] = Math.log1p(jumps.sum(at, MINUTE));
    out[13] = Number(isScalp);
    return { level, level2min: rate.mean(at, LONG) };
  };
}

function maternal(mhr: Samples) {
  const medians = blockMedians(floats(mhr), CTG_HZ);
  return (at: number, level: number, level2min: number, out: Float64Array): void => {
    const mother = medians?.[Math.floor(at / (BLOCK_S * CTG_HZ))];
    if (mother === undefined) return;
    out[14] = 1;
    out[15] = clip((level - mother) / 20, 4);
    out[16] = bell(level - mother, 8);
    out[17] = bell(level2min - mother, 8);
  };
}

function compared(fhr: Samples, mhr: Samples) {
  const [f, m] = [(i: number) => fhr.values[i] ?? 0, (i: number) => mhr.values[i] ?? 0];
  const both = fhr.observed.map((is, i) => (is === 1 && mhr.observed[i] === 1 ? 1 : 0));
  const alike = momentsOf(both, (i) => bell(f(i) - m(i), 5));
  const twice = momentsOf(both, (i) => bell(f(i) - 2 * m(i), 8));
  const apart = momentsOf(both, (i) => Math.abs(f(i) - m(i)));
  const difference = momentsOf(both, (i) => f(i) - m(i));
  const [fetus, mother, sum] = [momentsOf(both, f), momentsOf(both, m), momentsOf(both, (i) => f(i) + m(i))];
  return (at: number, out: Float64Array): void => {
    out[18] = alike.mean(at, SHORT);
    out[19] = alike.mean(at, MIDDLE);
    out[20] = alike.mean(at, MINUTE);
    out[21] = twice.mean(at, MIDDLE);
    out[22] = clip(apart.mean(at, MIDDLE) / 20, 4);
    out[23] = Math.log1p(difference.spread(at, MIDDLE));
    const [a, b] = [fetus.spread(at, MINUTE), mother.spread(at, MINUTE)];
    const shared = (sum.spread(at, MINUTE) ** 2 - a * a - b * b) / 2; // covariance
    out[24] = shared / (a * b + 1);
  };
}
