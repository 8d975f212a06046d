import { shareOf } from "./moving.ts";
import type { Span } from "./runs.ts";
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

/**
 * Variability of each whole minute. The bandwidth is the greatest less the least heart rate after a median of three samples,
 * outside events ([own], ctg.md §5.1); short and long-term variation are of epochs of 3.75 s, outside decelerations
 * (§5.2, [verified], the minute range [recalled]). What has too little observed is undefined.
 */
export function minutesOf(trace: CtgTrace, baseline: Baseline, events: Departures): Minute[] {
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
      ...{ fromS: minute * 60, support, ucSupport: uc ? shareOf(uc.observed, span.from, span.to) : 0 },
      baselineBpm: levelOf(baseline, span),
      bandwidthBpm: bandwidthOf(fhr.values, calm, span),
      stvMs: stvOf(epochs),
      rangeMs: rangeOf(epochs, baseline, span),
      ...(isAssessable ? sisPorto(fhr.values, fhr.observed, span) : noSisPorto),
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

const noSisPorto = { abnormalStvShare: undefined, stvBpm: undefined } as const;

/** Of samples with an observed next one: share that differs by less than 1 bpm, and the mean difference ([verified]). */
function sisPorto(
  values: Float64Array,
  observed: Uint8Array,
  { from, to }: Span,
): Pick<Minute, "abnormalStvShare" | "stvBpm"> {
  let [abnormal, sum, count] = [0, 0, 0];
  for (let i = from; i < to; i += 1) {
    if (observed[i] !== 1 || observed[i + 1] !== 1) continue;
    const difference = Math.abs((values[i + 1] ?? 0) - (values[i] ?? 0));
    if (difference < ABNORMAL_STV_BPM) abnormal += 1;
    sum += difference;
    count += 1;
  }
  return count === 0 ? noSisPorto : { abnormalStvShare: abnormal / count, stvBpm: sum / count };
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

/** Bandwidth of several minutes. */
export interface SegmentVariability {
  readonly meanBpm: number;
  readonly medianBpm: number;
  readonly reducedShare: number; // of its assessable minutes, below 5 bpm
  readonly increasedShare: number; // above 25 bpm
  readonly assessable: number; // share of its minutes
}

/** Undefined below half of the minutes assessable ([own], ctg.md §5.1). */
export function segmentVariability(minutes: readonly Minute[]): SegmentVariability | undefined {
  const known = minutes.flatMap(({ bandwidthBpm }) => bandwidthBpm ?? []).sort((a, b) => a - b);
  if (known.length === 0 || known.length < LEAST_SUPPORT * minutes.length) return undefined;
  const half = (known.length - 1) / 2;
  const share = (is: (bpm: number) => boolean): number => known.filter(is).length / known.length;
  return {
    meanBpm: known.reduce((sum, bpm) => sum + bpm, 0) / known.length,
    medianBpm: ((known[Math.floor(half)] ?? 0) + (known[Math.ceil(half)] ?? 0)) / 2,
    reducedShare: share((bpm) => bpm < 5),
    increasedShare: share((bpm) => bpm > 25),
    assessable: known.length / minutes.length,
  };
}

/** Short and long-term variation of a stretch of whole minutes. */
export interface Variation {
  readonly stvMs: number | undefined; // means over its minutes
  readonly rangeMs: number | undefined;
  readonly high: Episodes;
  readonly low: Episodes;
}

export interface Episodes {
  readonly minutes: number;
  readonly rangeMs: number | undefined; // mean over them
}

const HIGH_MS = 32;
const LOW_MS = 30;

export function variationOf(minutes: readonly Minute[]): Variation {
  return {
    stvMs: meanOf(minutes.flatMap(({ stvMs }) => stvMs ?? [])),
    rangeMs: meanOf(minutes.flatMap(({ rangeMs }) => rangeMs ?? [])),
    high: episodes(minutes, (ms) => ms > HIGH_MS),
    low: episodes(minutes, (ms) => ms < LOW_MS),
  };
}

const IN_A_ROW = 6;
const OF_THEM = 5;

/** Minutes of a high or low range within six in a row of which five are so ([verified], ctg.md §5.2). */
function episodes(minutes: readonly Minute[], isSo: (rangeMs: number) => boolean): Episodes {
  const so = minutes.map(({ rangeMs }) => rangeMs !== undefined && isSo(rangeMs));
  const within = new Set<number>();
  for (let first = 0; first + IN_A_ROW <= so.length; first += 1) {
    if (so.slice(first, first + IN_A_ROW).filter(Boolean).length < OF_THEM) continue;
    for (let i = first; i < first + IN_A_ROW; i += 1) within.add(i);
  }
  const ranges = [...within].flatMap((i) => minutes[i]?.rangeMs ?? []);
  return { minutes: within.size, rangeMs: meanOf(ranges) };
}

const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
