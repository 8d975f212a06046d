import type { Evidence, Minute } from "../trace.ts";

/** Sums over the minutes before, so that a stretch of any length costs the same. */
export interface LookBack {
  /** Share of the last `width` minutes in which the heart rate and its baseline are seen. */
  seenIn(minute: number, width: number): number;
  /** Mean baseline (beats a minute) of the last `width` minutes; undefined where less than half of them have one. */
  baselineIn(minute: number, width: number): number | undefined;
  /**
   * Mean bandwidth (beats a minute) of the last `width` minutes. Minutes that lie in events, observed but without a
   * bandwidth, are left out; of the others half must have one, and two at least. Undefined otherwise.
   */
  variabilityIn(minute: number, width: number): number | undefined;
  /** Share of the last `width` minutes in which contractions could be seen. */
  contractionsSeenIn(minute: number, width: number): number;
  /** Minutes with a baseline and with a bandwidth, of the last `width`. */
  countsIn(
    minute: number,
    width: number,
  ): { minutes: number; seen: number; baseline: number; bandwidth: number };
  /** Minutes of which half is left out: because it does not move at all, or lies outside what is analysed. */
  leftOutIn(minute: number, width: number): { minutes: number; frozen: number; outside: number };
}

const HALF = 0.5;
/** NICHD: two minutes of identifiable baseline, not necessarily contiguous. */
const LEAST_MINUTES = 2;

const isSeen = ({ support, baselineBpm }: Minute): boolean => support >= HALF && baselineBpm !== undefined;

export function lookBack({ minutes }: Pick<Evidence, "minutes">): LookBack {
  const seen = sumsOf(minutes, (minute) => (isSeen(minute) ? 1 : 0));
  const withUc = sumsOf(minutes, ({ ucSupport }) => (ucSupport >= HALF ? 1 : 0));
  const withBaseline = sumsOf(minutes, ({ baselineBpm }) => (baselineBpm === undefined ? 0 : 1));
  const baseline = sumsOf(minutes, ({ baselineBpm }) => baselineBpm ?? 0);
  const withBandwidth = sumsOf(minutes, ({ bandwidthBpm }) => (bandwidthBpm === undefined ? 0 : 1));
  const bandwidth = sumsOf(minutes, ({ bandwidthBpm }) => bandwidthBpm ?? 0);
  const frozen = sumsOf(minutes, ({ frozenShare }) => (frozenShare >= HALF ? 1 : 0));
  const outside = sumsOf(minutes, ({ outsideShare }) => (outsideShare >= HALF ? 1 : 0));
  const inEvents = sumsOf(minutes, (minute) => (isSeen(minute) && minute.bandwidthBpm === undefined ? 1 : 0));
  const share = (sums: Sums, minute: number, width: number): number =>
    over(sums, minute, width) / Math.min(width, minute + 1);
  return {
    seenIn: (minute, width) => share(seen, minute, width),
    contractionsSeenIn: (minute, width) => share(withUc, minute, width),
    baselineIn(minute, width) {
      const count = over(withBaseline, minute, width);
      return count < HALF * Math.min(width, minute + 1) ? undefined : over(baseline, minute, width) / count;
    },
    variabilityIn(minute, width) {
      const count = over(withBandwidth, minute, width);
      const others = Math.min(width, minute + 1) - over(inEvents, minute, width);
      return count < LEAST_MINUTES || count < HALF * others
        ? undefined
        : over(bandwidth, minute, width) / count;
    },
    countsIn: (minute, width) => ({
      minutes: Math.min(width, minute + 1),
      seen: over(seen, minute, width),
      baseline: over(withBaseline, minute, width),
      bandwidth: over(withBandwidth, minute, width),
    }),
    leftOutIn: (minute, width) => ({
      minutes: Math.min(width, minute + 1),
      frozen: over(frozen, minute, width),
      outside: over(outside, minute, width),
    }),
  };
}

type Sums = Float64Array;

/** [n + 1], the sum of the minutes before each. */
function sumsOf(minutes: readonly Minute[], of: (minute: Minute) => number): Sums {
  const sums = new Float64Array(minutes.length + 1);
  minutes.forEach((minute, i) => (sums[i + 1] = (sums[i] ?? 0) + of(minute)));
  return sums;
}

const over = (sums: Sums, minute: number, width: number): number =>
  (sums[minute + 1] ?? 0) - (sums[Math.max(0, minute + 1 - width)] ?? 0);

/** How long a state has lasted at the end of a minute, in minutes. */
export interface Run {
  readonly seen: number; // from the first to the last minute known to be in it; 0: it is not
  readonly possible: number; // with the unknown minutes beside it, where more of the known ones are in it than not; never less than `seen`
  readonly isOpen: boolean; // no minute out of it was known before: it may have begun before the recording
}

type Known = boolean | undefined;

/**
 * The run of a state that reaches the end of each minute. A minute is in the state where it is in most of the five around
 * it, of those that were there by then: a single minute neither makes nor ends a run. An unknown minute does neither; a
 * run less than half of which is known is not seen, only possible.
 */
export function runsOf(minutes: readonly Minute[], isIn: (minute: Minute) => Known): Run[] {
  const known = minutes.map(isIn);
  const settled = new Counter();
  return known.map((_, now) => {
    if (now >= 2) settled.add(now - 2, majority(known, now - 2, now), known[now - 2]);
    const latest = settled.copy();
    for (let i = Math.max(0, now - 1); i <= now; i += 1) latest.add(i, majority(known, i, now), known[i]);
    return latest.run(now);
  });
}

/** Whether most of the five minutes around are in the state, of those up to `now`; undefined: the unknown ones decide. */
function majority(known: readonly Known[], minute: number, now: number): Known {
  let [isIn, isOut, count] = [0, 0, 0];
  for (let i = Math.max(0, minute - 2); i <= Math.min(now, minute + 2); i += 1) {
    count += 1;
    if (known[i] === true) isIn += 1;
    else if (known[i] === false) isOut += 1;
  }
  if (2 * isIn > count) return true;
  return 2 * isOut >= count ? false : undefined;
}

/** A run as it grows, minute by minute. */
class Counter {
  #lastOut = -1;
  #first = -1;
  #last = -1;
  #count = 0;
  #balance = 0; // minutes known to be in the state less those known not to be, since the last minute out of it

  copy(): Counter {
    const other = new Counter();
    other.#lastOut = this.#lastOut;
    other.#first = this.#first;
    other.#last = this.#last;
    other.#count = this.#count;
    other.#balance = this.#balance;
    return other;
  }

  /** `own` is what is known of the minute alone, `state` what those around it say. */
  add(minute: number, state: Known, own: Known): void {
    if (state === false) {
      this.#lastOut = minute;
      this.#first = -1;
      this.#count = 0;
      this.#balance = 0;
      return;
    }
    if (own !== undefined) this.#balance += own ? 1 : -1;
    if (state === undefined) return;
    if (this.#first < 0) this.#first = minute;
    this.#last = minute;
    this.#count += 1;
  }

  run(now: number): Run {
    const span = this.#first < 0 ? 0 : this.#last - this.#first + 1;
    const seen = this.#count >= HALF * span ? span : 0;
    const possible = this.#balance > 0 ? now - this.#lastOut : seen;
    return { seen, possible, isOpen: this.#lastOut < 0 && possible > 0 };
  }
}
