import type { Interval } from "../../../signal/window.ts";
import type { EventGroup } from "./config.ts";
import { type Span, spansWhere } from "./spans.ts";

export interface MarkedEvent extends Interval {
  readonly code: string;
}

/** What a person said about a recording. */
export interface RecordingLabels {
  readonly events: readonly MarkedEvent[];
  /** Stretches read completely: there, no mark means no event. */
  readonly read: readonly Interval[];
  /** Marks whose begin or end is not known: their seconds are no lesson for their group, either way. */
  readonly unclear: readonly MarkedEvent[];
}

/** A recording's seconds as a group sees them. */
export interface Targets {
  readonly y: Float32Array; // [seconds, codes], one-hot or soft; all zero for none
  readonly weight: Uint8Array; // [seconds] 1 where it is known
  readonly marked: readonly (readonly Span[])[]; // a code
  readonly read: readonly Span[];
}

/** A second belongs to an event that holds its middle. Where events of a group overlap, the later one has it. */
export function targetsOf(seconds: number, labels: RecordingLabels, group: EventGroup): Targets {
  const k = group.codes.length;
  const y = new Float32Array(seconds * k);
  const weight = new Uint8Array(seconds);
  for (const { from, to } of labels.read.map((one) => secondsOf(one, seconds))) weight.fill(1, from, to);
  const marked = group.codes.map(({ code }, c) => {
    const spans = labels.events
      .filter((event) => event.code === code)
      .map((event) => secondsOf(event, seconds))
      .filter(({ from, to }) => to > from);
    for (const { from, to } of spans) {
      y.fill(0, from * k, to * k);
      for (let second = from; second < to; second += 1) y[second * k + c] = 1;
    }
    return spans;
  });
  const own = new Set(group.codes.map(({ code }) => code));
  for (const event of labels.unclear) {
    if (!own.has(event.code)) continue;
    const { from, to } = secondsOf(event, seconds);
    weight.fill(0, from, to);
  }
  return { y, weight, marked, read: spansWhere(seconds, (second) => weight[second] === 1) };
}

/** Targets out of events that a rule found, known wherever the group's channel is. */
export function targetsOfSpans(marked: readonly (readonly Span[])[], known: Uint8Array): Targets {
  const k = marked.length;
  const y = new Float32Array(known.length * k);
  marked.forEach((spans, c) => {
    for (const { from, to } of spans) for (let second = from; second < to; second += 1) y[second * k + c] = 1;
  });
  return {
    y,
    weight: known.slice(),
    marked,
    read: spansWhere(known.length, (second) => known[second] === 1),
  };
}

/** Targets out of probabilities [seconds, codes + 1], none first, known wherever the group's channel is. */
export function targetsOfProbabilities(probability: Float32Array, codes: number, known: Uint8Array): Targets {
  const y = new Float32Array(known.length * codes);
  for (let second = 0; second < known.length; second += 1)
    y.set(probability.subarray(second * (codes + 1) + 1, (second + 1) * (codes + 1)), second * codes);
  return {
    y,
    weight: known.slice(),
    marked: Array.from({ length: codes }, () => []),
    read: spansWhere(known.length, (second) => known[second] === 1),
  };
}

/** The seconds whose middle an interval holds. */
export const secondsOf = ({ onsetS, durationS }: Interval, seconds: number): Span => {
  const within = (timeS: number): number => Math.min(seconds, Math.max(0, Math.ceil(timeS - 0.5 - 1e-9)));
  return { from: within(onsetS), to: within(onsetS + durationS) };
};
