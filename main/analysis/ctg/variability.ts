import { shareOf } from "./moving.ts";
import type { Span } from "./runs.ts";
import type { LeftOut } from "./signal-trust.ts";
import { type Baseline, CTG_HZ, type CtgTrace, type Minute } from "./trace.ts";

const MINUTE = 60 * CTG_HZ; // samples
const LEAST_BASELINE_S = 30; // of a minute, outside events
const EPOCH = 15; // samples: 1/16 min
const EPOCHS = MINUTE / EPOCH;
const LEAST_SUPPORT = 0.5;
const ABNORMAL_STV_BPM = 1;
const ABNORMAL_LTV_BPM = 5;

/** Stretches that are no baseline, in seconds. */
export interface Departures {
  readonly accelerations: readonly Stretch[];
  readonly decelerations: readonly Stretch[];
}
interface Stretch {
  readonly onsetS: number;
  readonly endS: number;
}

const nothing: LeftOut = { frozen: new Uint8Array(0), outside: new Uint8Array(0) };

/**
 * Variability of each whole minute. The bandwidth is the greatest less the least heart rate after a median of three samples,
 * outside events ([own], ctg.md §5.1); short and long-term variation are of epochs of 3.75 s, outside decelerations
 * (§5.2, [verified], the minute range [recalled]). What has too little observed is undefined.
 */
export function minutesOf(
  trace: CtgTrace,
  baseline: Baseline,
  events: Departures,
  leftOut: LeftOut = nothing,
): Minute[] {
  const { fhr, uc } = trace;
  const inDeceleration = painted(trace.count, events.decelerations);
  const inEvent = painted(trace.count, events.accelerations, inDeceleration.slice());
  const calm = fhr.observed.map((is, i) => (is === 1 && inEvent[i] !== 1 ? 1 : 0));
  const steady = fhr.observed.map((is, i) => (is === 1 && inDeceleration[i] !== 1 ? 1 : 0));
  const reduced = calmSpans(fhr.values, fhr.observed);
  return Array.from({ length: Math.floor(trace.count / MINUTE) }, (_, minute): Minute => {
    const span = { from: minute * MINUTE, to: (minute + 1) * MINUTE };
    const support = shareOf(fhr.observed, span.from, span.to);
    const isAssessable = support >= LEAST_SUPPORT;
    const epochs = isAssessable ? epochsOf(fhr.values, steady, span) : [];
    return {
      ...{ fromS: minute * 60, support, frozenShare: shareOf(leftOut.frozen, span.from, span.to) },
      outsideShare: shareOf(leftOut.outside, span.from, span.to),
      ...{ ucSupport: uc ? shareOf(uc.observed, span.from, span.to) : 0 },
      baselineBpm: levelOf(baseline, span),
      bandwidthBpm: bandwidthOf(fhr.values, calm, span),
      stvMs: stvOf(epochs),
      rangeMs: rangeOf(epochs, baseline, span),
      abnormalStvShare: isAssessable ? abnormalStv(fhr.values, fhr.observed, span) : undefined,
      abnormalLtvShare: isAssessable ? abnormalLtv(reduced, fhr.observed, span) : undefined,
    };
  });
}

/** Ones within the stretches. */
function painted(
  count: number,
  stretches: readonly Stretch[],
  onto: Uint8Array = new Uint8Array(count),
): Uint8Array {
  for (const { onsetS, endS } of stretches)
    onto.fill(1, Math.max(0, Math.round(onsetS * CTG_HZ)), Math.max(0, Math.round(endS * CTG_HZ)));
  return onto;
}

function levelOf({ value, observed }: Baseline, { from, to }: Span): number | undefined {
  if (shareOf(observed, from, to) < LEAST_SUPPORT) return undefined;
  let [sum, count] = [0, 0];
  for (let i = from; i < to; i += 1) {
    if (observed[i] !== 1) continue;
    sum += value[i] ?? 0;
    count += 1;
  }
  return sum / count;
}

/** Greatest less least median of three samples in a row; undefined below 30 s of samples. */
function bandwidthOf(values: Float64Array, taken: Uint8Array, { from, to }: Span): number | undefined {
  let [count, low, high] = [0, Infinity, -Infinity];
  for (let i = from; i < to; i += 1) {
    if (taken[i] !== 1) continue;
    count += 1;
    if (i === from || i + 1 === to || taken[i - 1] !== 1 || taken[i + 1] !== 1) continue;
    const middle = medianOfThree(values[i - 1] ?? 0, values[i] ?? 0, values[i + 1] ?? 0);
    low = Math.min(low, middle);
    high = Math.max(high, middle);
  }
  return count >= LEAST_BASELINE_S * CTG_HZ && high >= low ? high - low : undefined;
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** Mean pulse interval of each epoch, in ms; undefined where less than half of it may be taken. */
function epochsOf(values: Float64Array, taken: Uint8Array, { from }: Span): readonly (number | undefined)[] {
  return Array.from({ length: EPOCHS }, (_, epoch) => {
    let [sum, count] = [0, 0];
    for (let i = from + epoch * EPOCH; i < from + (epoch + 1) * EPOCH; i += 1) {
      if (taken[i] !== 1) continue;
      sum += 60_000 / (values[i] ?? 1);
      count += 1;
    }
    return count >= LEAST_SUPPORT * EPOCH ? sum / count : undefined;
  });
}

/** Mean absolute difference of epochs that follow each other; undefined below half of the pairs. */
function stvOf(epochs: readonly (number | undefined)[]): number | undefined {
  let [sum, pairs] = [0, 0];
  epochs.forEach((epoch, i) => {
    const before = epochs[i - 1];
    if (epoch === undefined || before === undefined) return;
    sum += Math.abs(epoch - before);
    pairs += 1;
  });
  return pairs >= LEAST_SUPPORT * (EPOCHS - 1) ? sum / pairs : undefined;
}

/** Farthest upward and farthest downward of the baseline, added ([recalled]). */
function rangeOf(
  epochs: readonly (number | undefined)[],
  { value, observed }: Baseline,
  { from }: Span,
): number | undefined {
  let [up, down, count] = [0, 0, 0];
  epochs.forEach((epoch, i) => {
    const middle = from + i * EPOCH + (EPOCH >> 1);
    if (epoch === undefined || observed[middle] !== 1) return;
    const away = epoch - 60_000 / (value[middle] ?? 1);
    up = Math.max(up, away);
    down = Math.max(down, -away);
    count += 1;
  });
  return count >= LEAST_SUPPORT * EPOCHS ? up + down : undefined;
}

/** Share of the samples with an observed next one that differ from it by less than 1 bpm ([verified]). */
function abnormalStv(values: Float64Array, observed: Uint8Array, { from, to }: Span): number | undefined {
  let [abnormal, count] = [0, 0];
  for (let i = from; i < to; i += 1) {
    if (observed[i] !== 1 || observed[i + 1] !== 1) continue;
    if (Math.abs((values[i + 1] ?? 0) - (values[i] ?? 0)) < ABNORMAL_STV_BPM) abnormal += 1;
    count += 1;
  }
  return count === 0 ? undefined : abnormal / count;
}

/** 1 where the minute around a sample spans less than 5 bpm. */
function calmSpans(values: Float64Array, observed: Uint8Array): Uint8Array {
  const lows = slidingExtreme(values, observed, -1);
  const highs = slidingExtreme(values, observed, 1);
  return observed.map((is, i) => (is === 1 && (highs[i] ?? 0) - (lows[i] ?? 0) < ABNORMAL_LTV_BPM ? 1 : 0));
}

/** Greatest (1) or least (-1) observed value within half a minute to each side, by a queue of those that still matter. */
function slidingExtreme(values: Float64Array, observed: Uint8Array, sign: 1 | -1): Float64Array {
  const n = values.length;
  const half = MINUTE / 2;
  const queue = new Int32Array(n);
  let [head, tail, next] = [0, 0, 0];
  return Float64Array.from({ length: n }, (_, i) => {
    for (; next < Math.min(n, i + half + 1); next += 1) {
      if (observed[next] !== 1) continue;
      const own = sign * (values[next] ?? 0);
      while (tail > head && sign * (values[queue[tail - 1] ?? 0] ?? 0) <= own) tail -= 1;
      queue[tail] = next;
      tail += 1;
    }
    while (head < tail && (queue[head] ?? 0) < i - half) head += 1;
    return head < tail ? (values[queue[head] ?? 0] ?? NaN) : NaN;
  });
}

/** Share of observed samples in a calm minute ([recalled]). */
function abnormalLtv(calm: Uint8Array, observed: Uint8Array, { from, to }: Span): number {
  return shareOf(calm, from, to) / shareOf(observed, from, to);
}
