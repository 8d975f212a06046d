import { bridged, type EventInput, ROWS, rowOf, SCALE } from "./input.ts";
import { type Span, spansWhere } from "./spans.ts";
import type { EventCode, EventGroup } from "./config.ts";

/** A gap up to this is bridged before a rule looks at the heart rate: an event is not two for a lost contact. */
const BRIDGE_S = 10;

/** Stretches beyond `edge` that last `minS` and lie beyond `limit` for `beyondS` of it, in the signal's unit. */
export interface Excursion {
  readonly edge: number;
  readonly limit: number;
  readonly minS: number;
  readonly beyondS: number;
}

/** FIGO 2015: 15 bpm from the baseline for 15 s; here its baseline is a running median, and an event ends at 5 bpm. */
export const figoExcursion: Excursion = { edge: 5, limit: 15, minS: 15, beyondS: 15 };

/** signal NaN where nothing is known of it, which no event reaches into. */
export function excursions(signal: Float32Array, { edge, limit, minS, beyondS }: Excursion): Span[] {
  return spansWhere(signal.length, (second) => (signal[second] ?? NaN) >= edge).filter(({ from, to }) => {
    if (to - from < minS) return false;
    let beyond = 0;
    for (const value of signal.subarray(from, to)) if (value >= limit) beyond += 1;
    return beyond >= beyondS;
  });
}

/** Heart rate above (rise) or below (fall) its +-5 min median, in beats a minute; NaN where neither is known. */
export function heartRateDeviation(input: EventInput, shape: "rise" | "fall"): Float32Array {
  return deviationFrom(
    rowOf(input, ROWS.slow).map((value) => value * SCALE.deviation),
    input.fhr.observed,
    shape,
  );
}

/** deviation [seconds], signed; short gaps bridged. */
export function deviationFrom(
  deviation: Float32Array,
  observed: Uint8Array,
  shape: "rise" | "fall",
): Float32Array {
  const whole = bridged({ values: deviation, observed }, BRIDGE_S);
  const sign = shape === "rise" ? 1 : -1;
  return whole.values.map((value, second) => (whole.observed[second] === 1 ? sign * value : NaN));
}

/** How contractions are found without a network: rises of the smoothed signal by their prominence. */
export const contractionRule = {
  smoothS: 15,
  /** Of the span between the 10 % and 95 % quantiles within +-15 min. */
  prominence: 0.3,
  /** How far to either side a lower foot is looked for. */
  reachS: 150,
  /** An event lies where the signal is above this share of the prominence, counted from the peak. */
  height: 0.7,
  minS: 25,
  maxS: 240,
} as const;

export function contractionsByRule(input: EventInput): Span[] {
  const { smoothS, prominence, reachS, height, minS, maxS } = contractionRule;
  const signal = smoothed(rowOf(input, ROWS.uc), rowOf(input, ROWS.ucMask), smoothS);
  const spans: Span[] = [];
  for (let peak = 1; peak + 1 < signal.length; peak += 1) {
    const top = signal[peak] ?? NaN;
    if (!(top > (signal[peak - 1] ?? NaN) && top >= (signal[peak + 1] ?? NaN))) continue;
    const foot = Math.max(footOf(signal, peak, -1, reachS), footOf(signal, peak, 1, reachS));
    if (!(top - foot >= prominence)) continue;
    const floor = top - height * (top - foot);
    const from = edgeOf(signal, peak, -1, floor) + 1;
    const to = edgeOf(signal, peak, 1, floor);
    if (to - from < minS || to - from > maxS) continue;
    const last = spans.at(-1);
    if (last === undefined || from >= last.to) spans.push({ from, to });
  }
  return spans;
}

/** The lowest value before the signal is higher than at the peak, or unknown. */
function footOf(signal: Float32Array, peak: number, step: 1 | -1, reachS: number): number {
  const top = signal[peak] ?? NaN;
  let lowest = top;
  for (let at = peak + step; Math.abs(at - peak) <= reachS; at += step) {
    const value = signal[at] ?? NaN;
    if (!(value <= top)) break;
    lowest = Math.min(lowest, value);
  }
  return lowest;
}

function edgeOf(signal: Float32Array, peak: number, step: 1 | -1, floor: number): number {
  let at = peak;
  while ((signal[at] ?? NaN) >= floor) at += step;
  return at;
}

/** Means of what is known within +-widthS / 2; NaN where the value itself is not known. */
export function smoothed(values: Float32Array, mask: ArrayLike<number>, widthS: number): Float32Array {
  const half = Math.floor(widthS / 2);
  const n = values.length;
  const sums = new Float64Array(n + 1);
  const counts = new Uint32Array(n + 1);
  values.forEach((value, i) => {
    const is = mask[i] === 1;
    sums[i + 1] = (sums[i] ?? 0) + (is ? value : 0);
    counts[i + 1] = (counts[i] ?? 0) + Number(is);
  });
  return values.map((_, i) => {
    if (mask[i] !== 1) return NaN;
    const [from, to] = [Math.max(0, i - half), Math.min(n, i + half + 1)];
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / ((counts[to] ?? 0) - (counts[from] ?? 0));
  });
}

/** The events of a code by rule; none where there is no rule for it. */
export function ruleEvents(input: EventInput, group: EventGroup, { shape }: EventCode): readonly Span[] {
  if (group.channel === "uc") return shape === "rise" ? contractionsByRule(input) : [];
  return shape === "any" ? [] : excursions(heartRateDeviation(input, shape), figoExcursion);
}
