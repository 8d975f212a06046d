import type { Reason } from "../../../../preload/contract/verdict.ts";
import type { Deceleration } from "../trace.ts";
import {
  endOf,
  mayAccompany,
  mayRecur,
  nadirOf,
  recurrenceOf,
  unclearOf,
  UNSEEN_REACH_S,
  within,
  type Counted,
  type Events,
  type Recurrence,
  type RecurrenceRule,
} from "./decelerations.ts";
import { clockOf, LOOK_BACK_MIN, reasonOf, untold, type Judged, type Moment, type Told } from "./engine.ts";
import {
  certain,
  FIGO_CLAUSE as CLAUSE,
  NORMAL,
  NOW_MIN,
  PATHOLOGICAL,
  REDUCED,
  SUSPICIOUS,
} from "./figo-classes.ts";
import { isShallow, isShallowUnknown } from "./flat-trace.ts";
import type { LookBack } from "./look-back.ts";

const REPEATING_OVER_MIN = 30;
const REPEATING_REDUCED_OVER_MIN = 20;
const PROLONGED_OVER_S = 300;
const EMERGENCY_BPM = 80;
const LONGEST_S = 600; // of a deceleration: what lasts longer is a change of the baseline
const HALF = 0.5;

/**
 * Our own reading, since FIGO names no span: decelerations are repetitive with more than half of the contractions of thirty
 * minutes, or of the last twenty, spans that its pathological class rests upon. In these it takes three: where contractions
 * are few, two of three would be a matter of one contraction. Alone, three in thirty minutes are repetitive.
 */
const COUNTED_MIN = 30;
const RECENT_MIN = 20;
const LEAST_RECENT = 3;
const LEAST_ALONE = 3;
const OVER_HALF_HOUR: RecurrenceRule = {
  windowS: 60 * COUNTED_MIN,
  share: (count, contractions) => 2 * count > contractions,
  leastAlone: LEAST_ALONE,
};
const RECENTLY: RecurrenceRule = {
  ...OVER_HALF_HOUR,
  windowS: 60 * RECENT_MIN,
  share: (count, contractions) => count >= LEAST_RECENT && 2 * count > contractions,
};

/** What is taken for late where it is not known: nothing, or all that might be. */
interface Reading {
  readonly isCounted: (counted: Counted) => boolean;
  readonly isGrave: (counted: Counted) => boolean; // late or prolonged
}
const isGrave = ({ type }: Counted): boolean => type === "late" || type === "prolonged";
const mild: Reading = {
  isCounted: (counted) => counted.isSure && !isShallowUnknown(counted),
  isGrave: (counted) => counted.isSure && isGrave(counted),
};
const grave: Reading = {
  isCounted: () => true,
  isGrave: (counted) => isGrave(counted) || counted.type === "unknown",
};

/**
 * None repetitive: normal. Repetitive late or prolonged ones for more than 30 min, 20 with reduced variability: pathological.
 * Decelerations may be repetitive where contractions were not seen, those of which each came with one that was seen too: that
 * is never normal, and whether they lasted is asked with contractions and without.
 */
export function repetitionOf(events: Events, moment: Moment): Judged {
  const { look, minute, endS } = moment;
  const least = repetition(events, moment, mild);
  const recent = within(events.decelerations, nadirOf, endS - 60 * LOOK_BACK_MIN, endS);
  const areContractionsSeen = look.contractionsSeenIn(minute, COUNTED_MIN) >= HALF;
  const isOpen = least.rank === NORMAL && mayRepeat(events, endS, grave);
  const isClear =
    !isOpen && recent.every(({ isSure, type }) => isSure && type !== "unknown") && !recent.some(mayAccompany);
  const hasReduced = look.variabilityIn(minute, REPEATING_REDUCED_OVER_MIN) !== undefined;
  const isTold = recent.length === 0 || (isClear && hasReduced && areContractionsSeen);
  const most = isTold ? least : repetition(events, moment, grave);
  const { reasons } = least;
  const unclear: Told = () => {
    const isUnseen = isOpen || (most.rank > least.rank && !areContractionsSeen);
    const open = isUnseen ? [reasonOf("NEEDS_CONTRACTIONS_RECURRENT", {}, CLAUSE.repetitive, "own")] : [];
    return [...unclearOf(recent), ...open];
  };
  if (minute + 1 >= NOW_MIN && look.seenIn(minute, COUNTED_MIN) >= HALF)
    return { least: least.rank, most: most.rank, reasons, missing: unclear };
  const missing: Told = () => {
    const { seen, minutes } = look.countsIn(minute, COUNTED_MIN);
    return [...unclear(), reasonOf("NEEDS_SIGNAL", { assessable: seen, minutes }, "", "own")];
  };
  const seenOnly: Told = () => reasons().filter(({ code }) => code !== "DECELERATIONS_NONE"); // nobody can tell
  return { least: least.rank, most: PATHOLOGICAL, reasons: seenOnly, missing };
}

interface Repetition {
  readonly rank: number;
  readonly reasons: Told;
}

function repetition(events: Events, moment: Moment, reading: Reading): Repetition {
  const { look, minute, endS } = moment;
  const recurrence = worstOf(events, moment, reading);
  const areContractionsSeen = look.contractionsSeenIn(minute, COUNTED_MIN) >= HALF;
  const lastingS = repeatingS(events, moment, reading, areContractionsSeen);
  const isReduced = isReducedIn(look, minute, reading);
  const least = isReduced ? REPEATING_REDUCED_OVER_MIN : REPEATING_OVER_MIN;
  const repeats = (): Reason[] => [
    repetitionReason(recurrence, minute),
    ...shallowReasons(events, moment, reading),
  ];
  const isRepetitive = recurrence.isRecurrent || (reading === grave && mayRepeat(events, endS, reading));
  if (lastingS <= 60 * least) return { rank: isRepetitive ? SUSPICIOUS : NORMAL, reasons: repeats };
  const code = isReduced ? "DECELERATIONS_LATE_LONG_REDUCED" : "DECELERATIONS_LATE_LONG";
  const values = { minutes: Math.floor(lastingS / 60), least };
  return {
    rank: PATHOLOGICAL,
    reasons: () => [reasonOf(code, values, CLAUSE.decelerations, "verified"), ...repeats()],
  };
}

/** Told where decelerations count that would not in a trace that is not flat. */
function shallowReasons(events: Events, { endS }: Moment, { isCounted }: Reading): Reason[] {
  const recent = within(events.decelerations, nadirOf, endS - 60 * COUNTED_MIN, endS);
  const count = recent.filter((one) => isCounted(one) && isShallow(one.deceleration)).length;
  const values = { count, minutes: COUNTED_MIN };
  return count === 0 ? [] : [reasonOf("LATE_SHALLOW", values, CLAUSE.shallow, "recalled")];
}

interface CountedOver extends Recurrence {
  readonly minutes: number;
}

/** Over thirty minutes; where they do not recur in these, over the last twenty if they do among the contractions seen there. */
function worstOf(events: Events, { look, minute, endS }: Moment, reading: Reading): CountedOver {
  const over = (rule: RecurrenceRule): CountedOver => {
    const minutes = rule.windowS / 60;
    const areContractionsSeen = look.contractionsSeenIn(minute, minutes) >= HALF;
    const asked = { isAsked: reading.isCounted, areContractionsSeen };
    return { minutes, ...recurrenceOf(events, rule, endS, asked) };
  };
  const whole = over(OVER_HALF_HOUR);
  if (whole.isRecurrent) return whole;
  const recent = over(RECENTLY);
  return recent.isRecurrent && recent.contractions !== undefined ? recent : whole;
}

const mayRepeat = (events: Events, endS: number, { isCounted }: Reading): boolean =>
  [OVER_HALF_HOUR, RECENTLY].some((rule) => mayRecur(events, rule, endS, isCounted));

function isReducedIn(look: LookBack, minute: number, reading: Reading): boolean {
  const mean = look.variabilityIn(minute, REPEATING_REDUCED_OVER_MIN);
  return mean === undefined ? reading === grave : mean < REDUCED;
}

function repetitionReason(
  { isRecurrent, count, contractions, minutes }: CountedOver,
  minute: number,
): Reason {
  if (count === 0) {
    const values = { minutes: Math.min(minutes, minute + 1) };
    return reasonOf("DECELERATIONS_NONE", values, CLAUSE.decelerations, "verified");
  }
  if (contractions === undefined) {
    const code = isRecurrent ? "DECELERATIONS_MANY_NO_UC" : "DECELERATIONS_FEW_NO_UC";
    return reasonOf(code, { count, minutes, least: LEAST_ALONE }, CLAUSE.repetitive, "own");
  }
  const values = { count, contractions, minutes };
  if (isRecurrent) return reasonOf("DECELERATIONS_REPETITIVE", values, CLAUSE.repetitive, "own");
  const recently = { recent: RECENT_MIN, least: LEAST_RECENT };
  return reasonOf("DECELERATIONS_NOT_REPETITIVE", { ...values, ...recently }, CLAUSE.repetitive, "own");
}

/**
 * Seconds that late or prolonged decelerations have repeated by the end of a minute: from the earliest contraction from
 * which on more than half have one, if the latest came within ten minutes. Without contractions: from the earliest
 * deceleration from which on there were three in 30 min. At the worst each that lies where contractions were not seen came
 * with one, and there were no others.
 */
function repeatingS(
  events: Events,
  { endS }: Moment,
  reading: Reading,
  areContractionsSeen: boolean,
): number {
  const fromS = endS - 60 * LOOK_BACK_MIN;
  const contractions = within(events.contractions, endOf, fromS, endS);
  const graves = within(events.decelerations, nadirOf, fromS, endS).filter(reading.isGrave);
  const withContractions = (hidden: readonly Counted[]): number => {
    const steps = contractions.map((contraction) => {
      const own = (events.accompanied.get(contraction) ?? []).find(
        (one) => reading.isGrave(one) && nadirOf(one) <= endS,
      );
      const { onsetS } = contraction;
      return { onsetS, earliestS: onsetS, isGrave: own !== undefined };
    });
    const all = [...steps, ...hidden.map(unseenStepOf)].sort((a, b) => a.onsetS - b.onsetS);
    return spanOf(all, endS, (found, count) => found >= 2 && 2 * found > count);
  };
  const worstS = reading === grave ? withContractions(graves.filter(mayAccompany)) : 0;
  if (areContractionsSeen && contractions.length > 0) return Math.max(worstS, withContractions([]));
  const alone = spanOf(graves.map(stepOf), endS, (found, _count, lastingS) => {
    return found >= LEAST_ALONE && found * 60 * COUNTED_MIN >= LEAST_ALONE * lastingS;
  });
  return Math.max(worstS, alone);
}

interface Step {
  readonly onsetS: number; // at the latest
  readonly earliestS: number;
  readonly isGrave: boolean;
}

const stepOf = ({ deceleration: { onsetS } }: Counted): Step => ({
  ...{ onsetS, earliestS: onsetS },
  isGrave: true,
});

/** Of a contraction that was not seen. */
const unseenStepOf = (counted: Counted): Step => {
  const onsetS = nadirOf(counted);
  return { onsetS, earliestS: onsetS - UNSEEN_REACH_S, isGrave: true };
};

/** Seconds to the earliest grave step from which on they repeat; 0 where they do not, or the last is long past. */
function spanOf(
  steps: readonly Step[],
  endS: number,
  repeats: (graves: number, count: number, lastingS: number) => boolean,
): number {
  const latest = steps.findLast((step) => step.isGrave);
  if (latest === undefined || latest.onsetS < endS - 60 * NOW_MIN) return 0;
  let [graves, count, longest] = [0, 0, 0];
  for (const step of steps.toReversed()) {
    count += 1;
    if (!step.isGrave) continue;
    graves += 1;
    const lastingS = endS - step.earliestS;
    if (repeats(graves, count, lastingS)) longest = Math.max(longest, lastingS);
  }
  return longest;
}

/** One deceleration of more than five minutes, as far as it has come by the end of the minute. */
export function prolongedOf(events: Events, { endS }: Moment): Judged {
  const fromS = endS - 60 * LOOK_BACK_MIN;
  const near = within(events.decelerations, nadirOf, fromS - LONGEST_S, endS + LONGEST_S);
  const long = near.filter(({ deceleration: { onsetS, endS: untilS } }) => {
    return untilS > fromS && Math.min(untilS, endS) - onsetS > PROLONGED_OVER_S;
  });
  const latest = long.findLast(({ isSure }) => isSure);
  if (latest !== undefined) return certain(PATHOLOGICAL, () => prolongedReasons(latest.deceleration, endS));
  const most = long.length > 0 ? PATHOLOGICAL : NORMAL;
  return { least: NORMAL, most, reasons: untold, missing: () => unclearOf(long) };
}

function prolongedReasons(deceleration: Deceleration, nowS: number): Reason[] {
  const { onsetS, endS, extremumBpm, bandwidthInsideBpm } = deceleration;
  const seconds = Math.round(Math.min(endS, nowS) - onsetS);
  const values = { at: clockOf(onsetS), seconds, least: PROLONGED_OVER_S };
  const over = reasonOf("PROLONGED_OVER", values, CLAUSE.decelerations, "verified");
  if (extremumBpm >= EMERGENCY_BPM || bandwidthInsideBpm === undefined || bandwidthInsideBpm >= REDUCED)
    return [over];
  const bpm = Number(bandwidthInsideBpm.toFixed(1));
  return [over, reasonOf("PROLONGED_BELOW_80", { bpm }, CLAUSE.decelerations, "verified")];
}
