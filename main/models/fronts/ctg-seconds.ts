import { sure } from "../../../preload/contract/sure.ts";
import { runningQuantiles } from "../../signal/quantile.ts";
import { averageBins, type Resampled } from "../../signal/resample.ts";
import type { SignalSource } from "./front.ts";

/** Seconds read at a time. */
export const CHUNK_S = 3600;
/** A heart rate outside this range, or a valid run shorter than this, is not believed. */
export const FHR_RANGE_BPM = [50, 220] as const;
export const MIN_RUN_S = 5;
/** A toco value that does not move for this long is a belt without a signal. */
export const CONSTANT_UC_S = 60;
/** Seconds of signal a running quantile needs. */
export const MIN_QUANTILE_S = 30;
/** No channel of a cardiotocograph says more, whatever its unit: what does is no measurement, whatever its mask says. */
const MOST = 1e6;

/** Whether it is a number that a channel can say. */
export const isSaid = (value: number): boolean => Math.abs(value) <= MOST; // not of NaN

/** Seconds on each side that a running quantile looks at, and between those where it is exact. */
export const levels = {
  slow: { halfWidth: 300, step: 5 },
  fast: { halfWidth: 120, step: 5 },
  tone: { halfWidth: 150, step: 5 },
  span: { halfWidth: 900, step: 15 },
} as const;

type Believe = (values: Float32Array, observed: Uint8Array, sampleRate: number) => Uint8Array;

/**
 * A channel as means a second; a second counts where half of its samples do. A sample that is no number, or one that no
 * channel can say, counts as not observed. Of less than one sample a second each
 * stands for the time up to the next.
 */
export function readSeconds(source: SignalSource, channel: number | undefined, believe: Believe): Resampled {
  const seconds = Math.ceil(source.durationS);
  const whole = { values: new Float32Array(seconds), observed: new Uint8Array(seconds) };
  const facts = channel === undefined ? undefined : source.channels[channel];
  if (channel === undefined || facts === undefined) return whole;
  const rate = facts.sampleRate;
  // Runs are judged across chunk borders by reading a margin on each side.
  const margin = Math.ceil(CONSTANT_UC_S * rate);
  for (let from = 0; from < seconds; from += CHUNK_S) {
    const begin = Math.round(from * rate);
    const end = Math.min(facts.sampleCount, Math.round((from + CHUNK_S) * rate));
    if (end <= begin) break;
    const first = Math.max(0, begin - margin);
    const read = source.read(channel, first, end + margin - first);
    const observed = read.observed.map((is, i) => (is === 1 && isSaid(sure(read.values[i])) ? 1 : 0));
    const believed = believe(read.values, observed, rate);
    const here =
      rate < 1
        ? heldSeconds({ values: read.values, observed: believed }, { first, rate, from })
        : averageBins(
            read.values.subarray(begin - first, end - first),
            believed.subarray(begin - first, end - first),
            rate,
            1,
            0.5,
          );
    whole.values.set(here.values.subarray(0, seconds - from), from);
    whole.observed.set(here.observed.subarray(0, seconds - from), from);
  }
  return whole;
}

interface Held {
  readonly first: number; // index of the first sample read
  readonly rate: number;
  readonly from: number; // second
}
function heldSeconds(read: Resampled, { first, rate, from }: Held): Resampled {
  const values = new Float32Array(CHUNK_S);
  const observed = new Uint8Array(CHUNK_S);
  for (let second = 0; second < CHUNK_S; second += 1) {
    const at = Math.floor((from + second) * rate + 1e-9) - first;
    if (read.observed[at] !== 1) continue;
    values[second] = sure(read.values[at]);
    observed[second] = 1;
  }
  return { values, observed };
}

export const believableRate: Believe = (values, observed, rate) => {
  const [low, high] = FHR_RANGE_BPM;
  const valid = Uint8Array.from(observed, (seen, i) => {
    const value = sure(values[i]);
    return seen === 1 && value >= low && value <= high ? 1 : 0;
  });
  eachRun(
    valid,
    (i, j) => sure(valid[i]) === sure(valid[j]),
    (from, to) => {
      if (valid[from] === 1 && to - from < MIN_RUN_S * rate) valid.fill(0, from, to);
    },
  );
  return valid;
};

export const hideConstant: Believe = (values, observed, rate) => {
  const valid = Uint8Array.from(observed);
  const isSame = (i: number, j: number): boolean =>
    observed[i] === 1 && observed[j] === 1 && values[i] === values[j];
  eachRun(valid, isSame, (from, to) => {
    if (to - from >= CONSTANT_UC_S * rate) valid.fill(0, from, to);
  });
  return valid;
};

/** Calls `found` for each maximal run [from, to) whose neighbours are alike. */
function eachRun(
  items: { readonly length: number },
  isAlike: (i: number, j: number) => boolean,
  found: (from: number, to: number) => void,
): void {
  let from = 0;
  for (let i = 1; i <= items.length; i += 1) {
    if (i < items.length && isAlike(i - 1, i)) continue;
    found(from, i);
    from = i;
  }
}

/** The seven rows at one value a second. */
export function deviations(fhr: Resampled, uc: Resampled): readonly Resampled[] {
  const levelsOf = (
    { values, observed }: Resampled,
    running: { readonly halfWidth: number; readonly step: number },
    shares: readonly number[],
  ): readonly Float32Array[] =>
    runningQuantiles(values, observed, { ...running, minCount: MIN_QUANTILE_S, shares });
  const [slow] = levelsOf(fhr, levels.slow, [0.5]) as readonly [Float32Array];
  const [fast] = levelsOf(fhr, levels.fast, [0.5]) as readonly [Float32Array];
  const [tone] = levelsOf(uc, levels.tone, [0.1]) as readonly [Float32Array];
  const [low, high] = levelsOf(uc, levels.span, [0.1, 0.95]) as readonly [Float32Array, Float32Array];
  const row = (of: Resampled, value: (x: number, i: number) => number): Resampled => {
    const values = new Float32Array(of.values.length);
    const observed = new Uint8Array(of.values.length);
    for (let i = 0; i < values.length; i += 1) {
      const found = of.observed[i] === 1 ? value(sure(of.values[i]), i) : NaN;
      if (Number.isNaN(found)) continue; // too little signal anywhere for a level to compare with
      values[i] = found;
      observed[i] = 1;
    }
    return { values, observed };
  };
  const mask = (of: Resampled): Resampled => ({
    values: Float32Array.from(of.observed),
    observed: new Uint8Array(of.observed.length).fill(1),
  });
  return [
    row(fhr, (x, i) => (x - sure(slow[i])) / 20),
    row(fhr, (x, i) => (x - sure(fast[i])) / 20),
    row(fhr, (x) => (x - 140) / 40),
    mask(fhr),
    row(uc, (x, i) => {
      const span = Math.max(5, sure(high[i]) - sure(low[i]));
      return Math.min(3, Math.max(-1.5, (x - sure(tone[i])) / span));
    }),
    row(uc, (x) => (x - 30) / 30),
    mask(uc),
  ];
}
