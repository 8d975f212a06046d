/** A record duration that holds a whole number of samples of every channel. */
export interface RecordPlan {
  readonly durationS: number; // its decimal has at most eight characters
  readonly durationText: string;
  readonly samples: readonly number[]; // a record, by channel
  readonly rates: readonly number[]; // as they will be read: samples / duration
}

import { sure } from "../../../preload/contract/sure.ts";
import { formatDecimal, parseDecimal, rateOf } from "./decimal.ts";

const PREFERRED_BYTES = 61440; // advised by the standard
const MOST_BYTES = 8 << 20; // EDFlib refuses records over 10 MiB
const LONGEST_S = 99_999_999; // eight characters

/**
 * Nearest to one second, at most 61,440 bytes where that can be, and exact: each rate is a fraction p/q, so durations
 * are multiples of lcm(q)/gcd(n). Where `counts` are given, a duration that divides them is preferred. Where the exact one is too long the rates are approached ever more loosely.
 */
export function planRecords(
  rates: readonly number[],
  bytesPerSample: number,
  counts: readonly number[] = [],
): RecordPlan {
  for (const tolerance of [1e-15, 1e-13, 1e-11, 1e-9, 1e-8, 1e-7, 1e-6]) {
    const plan = tryPlan(rates, { bytesPerSample, tolerance, counts });
    if (plan !== undefined) return plan;
  }
  return nearest(rates, bytesPerSample);
}

/** No duration suits all rates: the whole seconds that suit them best. */
function nearest(rates: readonly number[], bytesPerSample: number): RecordPlan {
  const bytesPerSecond = rates.reduce((sum, rate) => sum + rate * bytesPerSample, 0);
  const longest = Math.max(1, Math.min(20_000, Math.floor(MOST_BYTES / bytesPerSecond)));
  let [durationS, least] = [1, Infinity];
  for (let seconds = 1; seconds <= longest; seconds++) {
    const error = Math.max(
      ...rates.map((rate) => Math.abs(Math.max(1, Math.round(rate * seconds)) / (rate * seconds) - 1)),
    );
    if (error < least) [durationS, least] = [seconds, error];
  }
  return finish(
    durationS,
    String(durationS),
    rates.map((rate) => Math.max(1, Math.round(rate * durationS))),
  );
}

function tryPlan(
  rates: readonly number[],
  {
    bytesPerSample,
    tolerance,
    counts: wanted,
  }: { readonly bytesPerSample: number; readonly tolerance: number; readonly counts: readonly number[] },
): RecordPlan | undefined {
  const fractions = rates.map((rate) => fraction(rate, tolerance));
  const whole = fractions.reduce((lcm, [, q]) => (lcm / gcd(lcm, q)) * q, 1);
  if (!(whole <= LONGEST_S)) return undefined;
  const counts = fractions.map(([p, q]) => p * (whole / q));
  const divisor = counts.reduce(gcd);
  const least = counts.map((count) => count / divisor); // samples in whole / divisor seconds
  const bytes = least.reduce((sum, count) => sum + count * bytesPerSample, 0);
  if (!(bytes <= MOST_BYTES)) return undefined;
  let best: { times: number; text: string; cost: number } | undefined;
  const fits = (times: number): boolean =>
    wanted.length > 0 && wanted.every((count, i) => count % ((least[i] ?? 1) * times) === 0);
  const shortest = wanted.map((count, i) => count / (least[i] ?? 1));
  const shared = shortest.every(Number.isSafeInteger) ? shortest.reduce(gcd, 0) : 0;
  for (const times of [...multiples(divisor, whole), ...divisorsNear(shared, divisor / whole)]) {
    if (bytes * times > Math.max(PREFERRED_BYTES, bytes)) continue;
    const text = exactText(whole * times, divisor);
    if (text === undefined) continue;
    const cost = Math.abs(Math.log(Number(text))) + (fits(times) ? 0 : FILLING_COST);
    if (best === undefined || cost < best.cost) best = { times, text, cost };
  }
  if (best === undefined) {
    const text = exactText(whole, 1); // always written exactly, but may be long
    if (text === undefined || bytes * divisor > MOST_BYTES) return undefined;
    best = { times: divisor, text, cost: 0 };
  }
  return finish(
    Number(best.text),
    best.text,
    least.map((count) => count * best.times),
  );
}

function finish(durationS: number, durationText: string, samples: readonly number[]): RecordPlan {
  const duration = sure(parseDecimal(durationText));
  return { durationS, durationText, samples, rates: samples.map((count) => rateOf(count, duration)) };
}

/** Records of a fifth of a second to five are worth it where the last then needs no filling up. */
const FILLING_COST = Math.log(5);

/** Divisors of `count` within a factor of five of `near`. */
function divisorsNear(count: number, near: number): number[] {
  const found: number[] = [];
  for (let times = Math.max(1, Math.ceil(near / 5)); times <= near * 5 && times - near / 5 < 20_000; times++)
    if (count > 0 && count % times === 0) found.push(times);
  return found;
}

/** How many of the shortest duration (whole / divisor) to try: all up to 10 s in coarse steps, and one second itself. */
function multiples(divisor: number, whole: number): number[] {
  const tried = new Set<number>();
  for (let times = 1; times <= 64; times++) tried.add(times);
  for (const seconds of [
    0.001, 0.002, 0.004, 0.005, 0.01, 0.02, 0.025, 0.04, 0.05, 0.1, 0.125, 0.2, 0.25, 0.4, 0.5, 1, 2, 4, 5, 8,
    10,
  ]) {
    const times = Math.round((seconds * divisor) / whole);
    if (times >= 1) tried.add(times);
  }
  return [...tried];
}

/** The fraction as an exact decimal of at most eight characters. */
function exactText(numerator: number, denominator: number): string | undefined {
  const text = formatDecimal(numerator / denominator, "nearest");
  if (text === undefined || Number(text) <= 0) return undefined;
  const { mantissa, scale } = sure(parseDecimal(text));
  return mantissa * denominator === numerator * 10 ** scale ? text : undefined;
}

/** The simplest fraction within a relative tolerance, by continued fractions. */
function fraction(value: number, tolerance: number): readonly [number, number] {
  let [p0, q0, p1, q1] = [0, 1, 1, 0];
  let rest = value;
  for (let step = 0; step < 40; step++) {
    const whole = Math.floor(rest);
    [p0, q0, p1, q1] = [p1, q1, whole * p1 + p0, whole * q1 + q0];
    if (p1 > 0 && Math.abs(p1 / q1 - value) <= value * tolerance) break;
    if (rest === whole) break;
    rest = 1 / (rest - whole);
  }
  return [p1, q1];
}

const gcd = (a: number, b: number): number => {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
};
