import { type Baseline, CTG_HZ, type CtgTrace, type Samples } from "./trace.ts";

const MINUTE = 60 * CTG_HZ;

export const samplesOf = (seconds: number, valueAt: (s: number) => number): Samples => {
  const count = Math.round(seconds * CTG_HZ);
  return {
    values: Float64Array.from({ length: count }, (_, i) => valueAt(i / CTG_HZ)),
    observed: new Uint8Array(count).fill(1),
  };
};

/** Heart rate and contractions as functions of the time in seconds. */
export function traceOf(seconds: number, fhr: (s: number) => number, uc?: (s: number) => number): CtgTrace {
  return {
    count: Math.round(seconds * CTG_HZ),
    fhr: samplesOf(seconds, fhr),
    uc: uc && samplesOf(seconds, uc),
    mhr: undefined,
  };
}

/** A level known to within `sd` beats a minute. */
export function levelOf(seconds: number, bpm: number, sd = 1): Baseline {
  const { values, observed } = samplesOf(seconds, () => bpm);
  return {
    ...{ value: values, observed },
    low: values.map((v) => v - 1.645 * sd),
    high: values.map((v) => v + 1.645 * sd),
  };
}

/** Rises to 1 in the middle; half of that 25 s before and after. */
export const bell = (s: number, peakS: number, halfS = 25): number => 2 ** -(((s - peakS) / halfS) ** 2);

/** Contractions of 50 units on a tonus of 10. */
export const toco =
  (peaks: readonly number[]) =>
  (s: number): number =>
    10 + peaks.reduce((sum, peakS) => sum + (Math.abs(s - peakS) < 200 ? 50 * bell(s, peakS) : 0), 0);

/** Hides what lies in [fromS, toS), and what is behind the mask says `junk`. */
export function hidden({ values, observed }: Samples, fromS: number, toS: number, junk = 0): Samples {
  const [from, to] = [Math.round(fromS * CTG_HZ), Math.round(toS * CTG_HZ)];
  return { values: values.slice().fill(junk, from, to), observed: observed.slice().fill(0, from, to) };
}

/** As if the recording had begun some minutes earlier, with nothing observed there. */
export function later({ values, observed }: Samples, minutes: number): Samples {
  const lead = minutes * MINUTE;
  const whole = {
    values: new Float64Array(lead + values.length),
    observed: new Uint8Array(lead + values.length),
  };
  whole.values.set(values, lead);
  whole.observed.set(observed, lead);
  return whole;
}
