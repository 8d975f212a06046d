import type { Departures } from "../variability.ts";
import { CTG_HZ, type Baseline, type Minute, type Samples } from "../trace.ts";

const WINDOW_S = 600;
/** So much of ten minutes must be left, not in one piece (NICHD 2008 [V]). */
const LEAST_S = 120;
const ROUNDED_BPM = 5;
const DIFFERS_BPM = 25;
const MARKED_BPM = 25;

/** Seconds of ten minutes, by why they do not count; together with `identifiableS` the whole stretch. */
export interface LeftOut {
  readonly unobservedS: number;
  readonly eventsS: number; // accelerations and decelerations
  readonly markedS: number; // minutes of marked variability: a bandwidth over 25 bpm
  readonly differsS: number; // more than 25 bpm from the baseline, or no baseline to be told there
}

/**
 * The baseline of ten minutes, as two guidelines give it: FIGO 2015 the mean of its most horizontal segments [V], NICHD 2008
 * rounded to 5 with two identifiable minutes at least [V].
 */
export interface BaselineFigure {
  readonly fromS: number; // a multiple of 600
  readonly toS: number;
  readonly figoBpm: number | undefined; // undefined: of less than half of it a baseline can be told
  readonly nichdBpm: number | undefined; // undefined: indeterminate
  readonly identifiableS: number;
  readonly leftOut: LeftOut;
}

/**
 * Figures of each ten minutes; the last ones may be fewer. FIGO: the mean level of the most horizontal and least oscillating
 * segments, which is what the baseline's line is drawn through; so the mean of the line where it can be told and no event is.
 * NICHD: the mean heart rate, rounded to 5 bpm, of what is left without events, marked variability and segments that differ.
 */
export function baselineFigures(baseline: Baseline, fhr: Samples, seen: Seen): readonly BaselineFigure[] {
  const paint = paintedOf(baseline, fhr, seen);
  const whole = fhr.values.length;
  const size = WINDOW_S * CTG_HZ;
  return Array.from({ length: Math.ceil(whole / size) }, (_, k) =>
    figureOf(paint, k * size, Math.min(whole, (k + 1) * size)),
  );
}

/** The same of a stretch that a person chose, of any length. */
export const baselineFigure = (
  baseline: Baseline,
  fhr: Samples,
  seen: Seen,
  { fromS, toS }: { readonly fromS: number; readonly toS: number },
): BaselineFigure =>
  figureOf(
    paintedOf(baseline, fhr, seen),
    Math.max(0, Math.round(fromS * CTG_HZ)),
    Math.min(fhr.values.length, Math.ceil(toS * CTG_HZ)),
  );

interface Seen {
  readonly events: Departures;
  readonly minutes: readonly Pick<Minute, "fromS" | "bandwidthBpm">[];
}

function paintedOf(baseline: Baseline, fhr: Samples, { events, minutes }: Seen): Painted {
  const marked = minutes.filter(({ bandwidthBpm = 0 }) => bandwidthBpm > MARKED_BPM);
  return {
    ...{ baseline, fhr },
    isEvent: painted(fhr.values.length, [...events.accelerations, ...events.decelerations]),
    isMarked: painted(
      fhr.values.length,
      marked.map(({ fromS }) => ({ onsetS: fromS, endS: fromS + 60 })),
    ),
  };
}

interface Painted {
  readonly baseline: Baseline;
  readonly fhr: Samples;
  readonly isEvent: Uint8Array;
  readonly isMarked: Uint8Array;
}

function figureOf(of: Painted, from: number, to: number): BaselineFigure {
  const samples = { unobserved: 0, events: 0, marked: 0, differs: 0, left: 0 };
  const line = { sum: 0, count: 0, told: 0 };
  let sum = 0;
  for (let i = from; i < to; i += 1) {
    const value = of.baseline.value[i] ?? 0;
    const why = whyLeftOut(of, i);
    samples[why] += 1;
    if (why === "left") sum += of.fhr.values[i] ?? 0;
    if (of.baseline.observed[i] !== 1) continue;
    line.told += 1;
    if (of.isEvent[i] === 1) continue;
    line.sum += value;
    line.count += 1;
  }
  const isIdentified = samples.left >= LEAST_S * CTG_HZ;
  return {
    ...{ fromS: from / CTG_HZ, toS: to / CTG_HZ, identifiableS: samples.left / CTG_HZ },
    figoBpm: line.count > 0 && line.told >= (to - from) / 2 ? line.sum / line.count : undefined,
    nichdBpm: isIdentified ? ROUNDED_BPM * Math.round(sum / samples.left / ROUNDED_BPM) : undefined,
    leftOut: {
      unobservedS: samples.unobserved / CTG_HZ,
      eventsS: samples.events / CTG_HZ,
      markedS: samples.marked / CTG_HZ,
      differsS: samples.differs / CTG_HZ,
    },
  };
}

function whyLeftOut(
  { baseline, fhr, isEvent, isMarked }: Painted,
  i: number,
): "unobserved" | "events" | "marked" | "differs" | "left" {
  if (fhr.observed[i] !== 1) return "unobserved";
  if (isEvent[i] === 1) return "events";
  if (isMarked[i] === 1) return "marked";
  const isNear = Math.abs((fhr.values[i] ?? 0) - (baseline.value[i] ?? 0)) <= DIFFERS_BPM;
  return baseline.observed[i] === 1 && isNear ? "left" : "differs";
}

function painted(
  count: number,
  stretches: readonly { readonly onsetS: number; readonly endS: number }[],
): Uint8Array {
  const paint = new Uint8Array(count);
  for (const { onsetS, endS } of stretches)
    paint.fill(1, Math.max(0, Math.round(onsetS * CTG_HZ)), Math.max(0, Math.round(endS * CTG_HZ)));
  return paint;
}
