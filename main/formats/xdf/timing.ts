import type { XdfStream } from "./streams.ts";

/** Consecutive samples of a stream whose stamps go on evenly: from its first sample's time at its own rate. */
export interface Segment {
  readonly first: number; // sample of the stream
  readonly count: number;
  readonly startS: number; // by a straight line through all of its stamps
  readonly rate: number; // Hz by that line; 0 for a single sample
}

// As pyxdf: a step of more than a second, or of five hundred samples, ends a segment.
const BREAK_S = 1;
const BREAK_SAMPLES = 500;
/** A stream that may lose frames has a gap wherever more than one is missing. */
const DROPPED_SAMPLES = 2;

/** Finds the segments of a stream from its corrected stamps, one after another. */
export class Segmenter {
  readonly segments: Segment[] = [];
  private readonly breakS: number;
  private readonly nominalRate: number;
  private index = 0;
  private last = NaN;
  private first = 0;
  private origin = 0; // stamps and indices are summed from the segment's first, so that sums stay exact
  private sums = { n: 0, k: 0, kk: 0, t: 0, kt: 0 };

  constructor(stream: Pick<XdfStream, "nominalRate" | "canDropSamples">) {
    this.nominalRate = stream.nominalRate;
    const period = 1 / stream.nominalRate;
    this.breakS = stream.canDropSamples
      ? DROPPED_SAMPLES * period
      : Math.max(BREAK_S, BREAK_SAMPLES * period);
  }

  add(stamp: number): void {
    if (Math.abs(stamp - this.last) > this.breakS) this.close();
    if (this.sums.n === 0) {
      this.first = this.index;
      this.origin = stamp;
    }
    const k = this.index - this.first;
    const t = stamp - this.origin;
    this.sums.n++;
    this.sums.k += k;
    this.sums.kk += k * k;
    this.sums.t += t;
    this.sums.kt += k * t;
    this.index++;
    this.last = stamp;
  }

  /** All segments, the one under way included. */
  end(): readonly Segment[] {
    this.close();
    return this.segments;
  }

  private close(): void {
    const { n, k, kk, t, kt } = this.sums;
    if (n === 0) return;
    const spread = n * kk - k * k;
    const slope = n > 1 ? (n * kt - k * t) / spread : 0;
    const startS = this.origin + (t - slope * k) / n;
    const isForward = slope > 0 && Number.isFinite(startS);
    this.segments.push({
      first: this.first,
      count: n,
      startS: isForward ? startS : this.origin,
      rate: isForward ? 1 / slope : n > 1 ? this.nominalRate : 0,
    });
    this.sums = { n: 0, k: 0, kk: 0, t: 0, kt: 0 };
  }
}

/** Samples of a segment that go to consecutive places of the recording's grid. */
export interface Stretch {
  readonly first: number; // sample of the stream
  readonly count: number;
  readonly at: number; // sample of the channel
  readonly isMoved: boolean; // its own time could not be kept
}

/** LSL's clocks agree to about a millisecond; a shift of less than this is none. */
const SAME_TIME_S = 0.005;
/** Fewer samples than this tell no rate. */
const LONG = 100;

/**
 * The one rate of a channel. The nominal one, where by it no sample lies 5 ms from its own time; else the fastest that
 * was measured over a long segment: the slower ones then have places to spare, which stay unrecorded, and none is lost.
 */
export function rateOf(segments: readonly Segment[], nominalRate: number): number {
  const long = segments.filter(({ count, rate }) => count >= LONG && rate > 0);
  const isNominal = long.every(
    ({ count, rate }) => Math.abs(count / rate - count / nominalRate) <= SAME_TIME_S,
  );
  return isNominal ? nominalRate : Math.max(...long.map(({ rate }) => rate));
}

const LONGEST_GAP_S = 366 * 86400;

/**
 * Places segments on a grid of `rate` that starts at `zeroS`. What would come too early, or more than a year later,
 * follows what is there.
 */
export function* placed(segments: readonly Segment[], rate: number, zeroS: number): Generator<Stretch> {
  const tolerance = Math.max(1, SAME_TIME_S * rate); // in places
  let next = 0;
  for (const { first, count, startS, rate: own } of segments) {
    const drift = own > 0 ? rate / own - 1 : 0; // places a sample falls behind
    const step = drift > 0 ? Math.max(1, Math.floor(tolerance / drift)) : count;
    for (let done = 0; done < count; done += step) {
      const length = Math.min(step, count - done);
      const startsAt = Math.round((startS - zeroS) * rate + done * (1 + drift));
      const isFar = !(startsAt - next <= LONGEST_GAP_S * rate);
      const at = isFar ? next : Math.max(next, startsAt);
      yield { first: first + done, count: length, at, isMoved: isFar || next - startsAt > tolerance + 1 };
      next = at + length;
    }
  }
}
