import { bridgedGaps, chanceAbove, secondsOf, shareOf } from "./moving.ts";
import {
  type Acceleration,
  type Baseline,
  type CtgTrace,
  type Guideline,
  isLikely,
  type Samples,
  type SinusoidalStretch,
} from "./trace.ts";

/*
 * Windows of 10 min, a minute apart, that one wave of 2 to 6 cycles a minute makes up (ctg.md §6, detector [own]). What follows
 * from it is "look", no class, below FIGO's 30 min.
 */
const WINDOW_MIN = 10;
const LEAST_SUPPORT = 0.7;
const BAND = { low: 2, high: 6 }; // cycles a minute
const TO_MINUTE = 10; // frequencies lie 1/10 cycle a minute apart: whole waves of a window
const LEAST_SHARE = 0.6; // of the power, in the band
const MOST_WIDTH = 1; // cycles a minute that hold four fifths of the band's power
const WIDTH_HOLDS = 0.8;
const LEAST_CHANCE = 0.5;
/** Of the record's minutes, how many are as smooth as what is left of the window without its wave. */
const SMOOTH_SHARE = 0.2;
const EPOCH_S = 4; // whole seconds; an epoch has 3.75 s
const BRIDGE_S = 15;

/** A window of one wave. */
interface Wave {
  readonly minute: number; // its first
  readonly cyclesPerMinute: number;
  readonly amplitudeBpm: number;
  readonly probability: number;
}

/** In order of time; windows that overlap or touch are one stretch. */
export function sinusoidalStretches(
  trace: CtgTrace,
  baseline: Baseline,
  accelerations: readonly Acceleration[],
): SinusoidalStretch[] {
  const deviation = deviationOf(trace, baseline);
  const minutes = Math.floor(deviation.values.length / 60);
  const sums = minuteSums(deviation, minutes);
  const smooth = smoothness(deviation, minutes);
  const likely = accelerations.filter(isLikely);
  const waves: Wave[] = [];
  for (let minute = 0; minute + WINDOW_MIN <= minutes; minute += 1) {
    const [fromS, toS] = [minute * 60, (minute + WINDOW_MIN) * 60];
    if (shareOf(deviation.observed, fromS, toS) < LEAST_SUPPORT) continue;
    if (likely.some(({ onsetS, endS }) => onsetS < toS && endS > fromS)) continue;
    const wave = waveOf(deviation, sums, minute, smooth);
    if (wave !== undefined) waves.push(wave);
  }
  return chained(waves, deviation.observed);
}

/** A second each, less the baseline; what is short is bridged, so that it does not spread over all frequencies. */
function deviationOf({ fhr, count }: CtgTrace, baseline: Baseline): Samples {
  const values = new Float64Array(count);
  const observed = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    if (fhr.observed[i] !== 1 || baseline.observed[i] !== 1) continue;
    values[i] = (fhr.values[i] ?? 0) - (baseline.value[i] ?? 0);
    observed[i] = 1;
  }
  const seconds = secondsOf({ values, observed });
  return { values: bridgedGaps(seconds, BRIDGE_S).values, observed: seconds.observed };
}

const FIRST = BAND.low * TO_MINUTE;
const COUNT = (BAND.high - BAND.low) * TO_MINUTE + 1;

/** Sums of each minute's values, their squares, and their products with the waves of each frequency in the band. */
interface MinuteSums {
  readonly sum: Float64Array; // [minutes]
  readonly square: Float64Array;
  readonly cosine: Float64Array; // [minutes x COUNT]
  readonly sine: Float64Array;
}

function minuteSums({ values }: Samples, minutes: number): MinuteSums {
  const sums = {
    ...{ sum: new Float64Array(minutes), square: new Float64Array(minutes) },
    ...{ cosine: new Float64Array(minutes * COUNT), sine: new Float64Array(minutes * COUNT) },
  };
  const turns = Array.from({ length: WINDOW_MIN * 60 }, (_, k) => (2 * Math.PI * k) / (WINDOW_MIN * 60));
  const [cosines, sines] = [turns.map(Math.cos), turns.map(Math.sin)];
  for (let s = 0; s < minutes * 60; s += 1) {
    const value = values[s] ?? 0;
    const minute = Math.floor(s / 60);
    sums.sum[minute] = (sums.sum[minute] ?? 0) + value;
    sums.square[minute] = (sums.square[minute] ?? 0) + value * value;
    if (value === 0) continue;
    for (let f = 0; f < COUNT; f += 1) {
      const at = ((FIRST + f) * s) % turns.length;
      const own = minute * COUNT + f;
      sums.cosine[own] = (sums.cosine[own] ?? 0) + value * (cosines[at] ?? 0);
      sums.sine[own] = (sums.sine[own] ?? 0) + value * (sines[at] ?? 0);
    }
  }
  return sums;
}

interface Spectrum {
  readonly variance: number;
  readonly power: Float64Array; // [COUNT] of the band, parts of the variance
  readonly cosine: Float64Array; // amplitudes
  readonly sine: Float64Array;
}

function spectrumOf(sums: MinuteSums, minute: number): Spectrum {
  const n = WINDOW_MIN * 60;
  let [sum, square] = [0, 0];
  const [cosine, sine] = [new Float64Array(COUNT), new Float64Array(COUNT)];
  for (let m = minute; m < minute + WINDOW_MIN; m += 1) {
    sum += sums.sum[m] ?? 0;
    square += sums.square[m] ?? 0;
    for (let f = 0; f < COUNT; f += 1) {
      cosine[f] = (cosine[f] ?? 0) + (2 / n) * (sums.cosine[m * COUNT + f] ?? 0);
      sine[f] = (sine[f] ?? 0) + (2 / n) * (sums.sine[m * COUNT + f] ?? 0);
    }
  }
  const power = cosine.map((c, f) => (c ** 2 + (sine[f] ?? 0) ** 2) / 2);
  return { variance: square / n - (sum / n) ** 2, power, cosine, sine };
}

function waveOf(deviation: Samples, sums: MinuteSums, minute: number, smooth: number): Wave | undefined {
  const spectrum = spectrumOf(sums, minute);
  const { power, variance } = spectrum;
  const total = power.reduce((sum, own) => sum + own, 0);
  if (!(variance > 0) || total < 0.8 * LEAST_SHARE * variance) return undefined;
  const { peak, width } = peakOf(power, total);
  const shape =
    chanceAbove(total / variance, LEAST_SHARE, 0.05) * chanceAbove(-width, -MOST_WIDTH - 0.05, 0.1);
  if (shape < LEAST_CHANCE) return undefined;
  const rest = restOf(deviation, spectrum, minute);
  const probability = shape * chanceAbove(-rest, -smooth, 0.1 * smooth + 0.05);
  if (probability < LEAST_CHANCE) return undefined;
  return {
    ...{ minute, probability, amplitudeBpm: Math.sqrt(2 * total) },
    cyclesPerMinute: (FIRST + peak) / TO_MINUTE,
  };
}

/** The strongest frequency, and the narrowest width about it that holds four fifths of the band's power. */
function peakOf(power: Float64Array, total: number): { readonly peak: number; readonly width: number } {
  const peak = power.indexOf(Math.max(...power));
  let [low, high, held] = [peak, peak, power[peak] ?? 0];
  while (held < WIDTH_HOLDS * total) {
    const [left, right] = [power[low - 1] ?? -1, power[high + 1] ?? -1];
    held += Math.max(left, right);
    if (left > right) low -= 1;
    else high += 1;
  }
  return { peak, width: (high - low) / TO_MINUTE };
}

/** Mean difference of epochs that follow each other once the band's waves are taken out. */
function restOf({ values, observed }: Samples, { cosine, sine }: Spectrum, minute: number): number {
  const n = WINDOW_MIN * 60;
  const rest = new Float64Array(n);
  for (let s = 0; s < n; s += 1) {
    let wave = 0;
    for (let f = 0; f < COUNT; f += 1) {
      const angle = (2 * Math.PI * (FIRST + f) * (s + minute * 60)) / n;
      wave += (cosine[f] ?? 0) * Math.cos(angle) + (sine[f] ?? 0) * Math.sin(angle);
    }
    rest[s] = (values[s + minute * 60] ?? 0) - wave;
  }
  return epochDifference(rest, observed.subarray(minute * 60, minute * 60 + n));
}

function epochDifference(values: Float64Array, observed: Uint8Array): number {
  let [sum, pairs, before] = [0, 0, NaN];
  for (let from = 0; from + EPOCH_S <= values.length; from += EPOCH_S) {
    let [own, seen] = [0, 0];
    for (let s = from; s < from + EPOCH_S; s += 1) {
      if (observed[s] !== 1) continue;
      own += values[s] ?? 0;
      seen += 1;
    }
    const mean = seen >= EPOCH_S / 2 ? own / seen : NaN;
    if (Number.isFinite(mean - before)) {
      sum += Math.abs(mean - before);
      pairs += 1;
    }
    before = mean;
  }
  return pairs === 0 ? NaN : sum / pairs;
}

/** The difference of epochs that a fifth of the record's minutes stay below, whatever they do, in beats a minute. */
function smoothness({ values, observed }: Samples, minutes: number): number {
  const each = Array.from({ length: minutes }, (_, minute) => {
    const [from, to] = [minute * 60, (minute + 1) * 60];
    return epochDifference(values.subarray(from, to), observed.subarray(from, to));
  })
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  return each[Math.floor(SMOOTH_SHARE * each.length)] ?? 0;
}

/** A window may begin or end where nothing is seen: a stretch lasts from the first second that is to the last. */
function chained(waves: readonly Wave[], observed: Uint8Array): SinusoidalStretch[] {
  const chains: Wave[][] = [];
  for (const wave of waves) {
    const last = chains.at(-1);
    const end = (last?.at(-1)?.minute ?? -Infinity) + WINDOW_MIN;
    if (last !== undefined && wave.minute <= end) last.push(wave);
    else chains.push([wave]);
  }
  return chains.map((chain) => {
    const mean = (of: (wave: Wave) => number): number =>
      chain.reduce((sum, wave) => sum + of(wave), 0) / chain.length;
    const toS = ((chain.at(-1)?.minute ?? 0) + WINDOW_MIN) * 60;
    const stretch = {
      fromS: observed.indexOf(1, (chain[0]?.minute ?? 0) * 60),
      toS: observed.lastIndexOf(1, toS - 1) + 1,
      cyclesPerMinute: mean((wave) => wave.cyclesPerMinute),
      amplitudeBpm: mean((wave) => wave.amplitudeBpm),
      probability: mean((wave) => wave.probability),
    };
    const most = Math.max(...chain.map(({ amplitudeBpm }) => amplitudeBpm));
    return { ...stretch, meets: verdictsOf(stretch, most) };
  });
}

/**
 * FIGO: 3–5 a minute ([recalled]), 5–15 bpm, above 30 min ([verified]). NICHD: 3–5 a minute, from 20 min on ([recalled]). JSOG: 2–6
 * a minute, 5–15 bpm in the mean and at most 35, of any length ([verified]).
 */
function verdictsOf(
  stretch: Omit<SinusoidalStretch, "meets">,
  most: number,
): Readonly<Record<Guideline, boolean>> {
  const { fromS, toS, cyclesPerMinute } = stretch;
  return {
    figo: isShaped.figo(stretch) && toS - fromS > 30 * 60,
    nichd: isShaped.nichd(stretch) && toS - fromS >= 20 * 60,
    jsog: cyclesPerMinute >= 2 && cyclesPerMinute <= 6 && isModerate(stretch) && most <= 35,
  };
}

type Shape = Pick<SinusoidalStretch, "cyclesPerMinute" | "amplitudeBpm">;
const isUsual = ({ cyclesPerMinute }: Shape): boolean => cyclesPerMinute >= 3 && cyclesPerMinute <= 5;
const isModerate = ({ amplitudeBpm }: Shape): boolean => amplitudeBpm >= 5 && amplitudeBpm <= 15;

/** Frequency and amplitude of a guideline's pattern, however long it lasts. */
export const isShaped = {
  figo: (stretch: Shape): boolean => isUsual(stretch) && isModerate(stretch),
  nichd: isUsual,
} as const;
