import type { Deceleration, Evidence } from "../trace.ts";
import { type Counted, eventsBy, type Events, typeBy } from "./decelerations.ts";
import { REDUCED } from "./figo-classes.ts";
import { type LookBack, lookBack } from "./look-back.ts";

/** The text names no span: the thirty minutes in which decelerations are counted, ten at least ([own]). */
const SPAN_MIN = 30;
const LEAST_MIN = 10;
const LIKELY = 0.5;

/**
 * Decelerations and contractions as FIGO 2015 counts them. In a trace without accelerations and with reduced variability late
 * decelerations count from 10 bpm on, not from 15 ([recalled], ctg.md §4.2): on a flat trace nothing deeper need be seen. Those
 * whose contraction is not known may be such.
 */
export function figoEvents(evidence: Evidence): Events {
  const shallow = shallowLate(evidence);
  if (shallow.size === 0) return eventsBy("figo", evidence);
  const decelerations = evidence.decelerations.map((one) =>
    shallow.has(one) ? { ...one, meets: { ...one.meets, figo: one.shallowProbability } } : one,
  );
  return eventsBy("figo", { ...evidence, decelerations });
}

type Seen = Pick<Evidence, "accelerations" | "decelerations" | "minutes">;

/** Those that count by that clause alone. */
export const shallowLate = (evidence: Seen): ReadonlySet<Deceleration> =>
  new Set(
    shallowInFlat(evidence).filter((one) => {
      const type = typeBy("figo", one);
      return type === "late" || type === "unknown";
    }),
  );

/** Shallow ones of any type where the trace is flat: what they swing is no variability of its baseline. */
export function shallowInFlat(evidence: Seen): readonly Deceleration[] {
  const shallow = evidence.decelerations.filter(isShallow);
  if (shallow.length === 0) return [];
  const look = lookBack(evidence);
  return shallow.filter(({ extremumS }) => isFlat(evidence, look, extremumS));
}

/** More probably than not above 10 bpm for 15 s, but not above 15. */
export const isShallow = ({ probability, shallowProbability }: Deceleration): boolean =>
  shallowProbability >= LIKELY && probability < LIKELY;

/** Whether one counts only if a contraction that was not seen made it a late one. */
export const isShallowUnknown = ({ deceleration, type }: Counted): boolean =>
  type === "unknown" && isShallow(deceleration);

/** Over the minutes up to a moment; of the first ones over the first ten. */
function isFlat(
  { accelerations, minutes }: Omit<Seen, "decelerations">,
  look: LookBack,
  atS: number,
): boolean {
  if (minutes.length < LEAST_MIN) return false;
  const minute = Math.min(minutes.length - 1, Math.max(LEAST_MIN - 1, Math.floor(atS / 60)));
  const [fromS, toS] = [60 * (minute + 1 - SPAN_MIN), 60 * (minute + 1)];
  const hasOne = accelerations.some(
    ({ meets, onsetS }) => meets.figo >= LIKELY && onsetS >= fromS && onsetS < toS,
  );
  const bandwidth = look.variabilityIn(minute, SPAN_MIN);
  return !hasOne && bandwidth !== undefined && bandwidth < REDUCED;
}
