import type { Reason } from "../../../../preload/contract/verdict.ts";
import type { Evidence, Minute } from "../trace.ts";
import {
  endOf,
  eventsBy,
  nadirOf,
  recurrenceOf,
  unclearOf,
  within,
  type Counted,
  type Events,
} from "./decelerations.ts";
import {
  clockOf,
  codesOf,
  gravest,
  LOOK_BACK_MIN,
  reasonOf,
  type Judged,
  type Moment,
  type RuleEngine,
} from "./engine.ts";
import { runsOf, type LookBack, type Run } from "./look-back.ts";
import { sinusoidalMinutes } from "./sinusoidal.ts";
import { tachysystoleOf } from "./tachysystole.ts";

const [NORMAL, SUSPICIOUS, PATHOLOGICAL] = [0, 1, 2] as const;

/** What FIGO 2015 says, read in two summaries of it (ctg.md S11, S12). Baselines and bandwidths in beats a minute. */
const LOW = 110;
const HIGH = 160;
const PATHOLOGICALLY_LOW = 100;
const BASELINE_OVER_MIN = 10;
const REDUCED = 5;
const REDUCED_OVER_MIN = 50;
const INCREASED = 25;
const INCREASED_OVER_MIN = 30;
const SINUSOIDAL_OVER_MIN = 30;
const REPEATING_OVER_MIN = 30;
const REPEATING_REDUCED_OVER_MIN = 20;
const PROLONGED_OVER_S = 300;
const EMERGENCY_BPM = 80;
const LONGEST_S = 600; // of a deceleration: what lasts longer is a change of the baseline

/** Our own decisions: baseline and variability are those of the last ten minutes; decelerations are counted over thirty. */
const NOW_MIN = 10;
const COUNTED_MIN = 30;
const LEAST_ALONE = 3; // decelerations in 30 min count as repetitive where contractions cannot be told

const CLAUSE = {
  baseline: "FIGO 2015, Table 3: baseline",
  lasting: "FIGO 2015: tachycardia, bradycardia, more than 10 min",
  variability: "FIGO 2015, Table 3: variability",
  decelerations: "FIGO 2015, Table 3: decelerations",
  repetitive: "FIGO 2015: repetitive, with more than 50 % of contractions",
} as const;

interface Prepared {
  readonly events: Events;
  readonly high: readonly Run[];
  readonly low: readonly Run[];
  readonly reduced: readonly Run[];
  readonly increased: readonly Run[];
  readonly sinusoidal: Float64Array; // minutes, of what FIGO calls so
  readonly oscillating: Float64Array; // minutes, of any such stretch
}

/** FIGO consensus of 2015: normal, suspicious, pathological. Accelerations are no part of the class. */
export const figo: RuleEngine = {
  name: "figo-2015",
  version: "1",
  source: "Ayres-de-Campos et al., Int J Gynecol Obstet 131:13-24, 2015, as summarised in PMC4983203",
  codes: codesOf("figo-2015"),
  prepare(evidence) {
    const prepared = prepare(evidence);
    return (moment) => {
      const features = [
        baselineOf(prepared, moment),
        variabilityOf(prepared, moment),
        sinusoidalOf(prepared, moment),
        repetitionOf(prepared, moment),
        prolongedOf(prepared, moment),
      ];
      const judged = gravest(features);
      return { ...judged, reasons: [...judged.reasons, ...tachysystoleOf(moment, prepared.events, "figo")] };
    };
  },
};

function prepare(evidence: Evidence): Prepared {
  const { minutes } = evidence;
  const baseline = (isIn: (bpm: number) => boolean): Run[] =>
    runsOf(minutes, ({ baselineBpm }: Minute) => (baselineBpm === undefined ? undefined : isIn(baselineBpm)));
  const bandwidth = (isIn: (bpm: number) => boolean): Run[] =>
    runsOf(minutes, ({ bandwidthBpm }: Minute) =>
      bandwidthBpm === undefined ? undefined : isIn(bandwidthBpm),
    );
  return {
    events: eventsBy("figo", evidence),
    high: baseline((bpm) => bpm > HIGH),
    low: baseline((bpm) => bpm < LOW),
    reduced: bandwidth((bpm) => bpm < REDUCED),
    increased: bandwidth((bpm) => bpm > INCREASED),
    sinusoidal: sinusoidalMinutes(evidence, 60 * NOW_MIN, ({ meets }) => meets.figo),
    oscillating: sinusoidalMinutes(evidence, 60 * NOW_MIN),
  };
}

const nothing = (missing: readonly Reason[]): Judged => ({
  ...{ least: NORMAL, most: PATHOLOGICAL, reasons: [], missing },
});
const certain = (rank: number, reasons: readonly Reason[]): Judged => ({
  ...{ least: rank, most: rank, reasons, missing: [] },
});

/** 110 to 160 normal, below 100 pathological, the rest suspicious; what lasts no more than 10 min is no change of it. */
function baselineOf({ high, low }: Prepared, { look, minute }: Moment): Judged {
  const counts = look.countsIn(minute, NOW_MIN);
  if (counts.minutes < NOW_MIN)
    return nothing([reasonOf("NEEDS_MINUTES", { minutes: minute + 1, least: NOW_MIN }, "", "own")]);
  const mean = look.baselineIn(minute, NOW_MIN);
  if (mean === undefined)
    return nothing([
      reasonOf("NEEDS_BASELINE", { assessable: counts.baseline, minutes: NOW_MIN }, "", "own"),
    ]);
  const bpm = Math.round(mean);
  const [above, below] = [high[minute], low[minute]];
  if (above !== undefined && above.seen > BASELINE_OVER_MIN) {
    const values = { bpm, limit: HIGH, minutes: above.seen };
    return certain(SUSPICIOUS, [reasonOf("BASELINE_HIGH", values, CLAUSE.baseline, "verified")]);
  }
  if (below !== undefined && below.seen > BASELINE_OVER_MIN) {
    const isDeep = mean < PATHOLOGICALLY_LOW;
    const values = { bpm, limit: isDeep ? PATHOLOGICALLY_LOW : LOW, minutes: below.seen };
    return certain(isDeep ? PATHOLOGICAL : SUSPICIOUS, [
      reasonOf("BASELINE_LOW", values, CLAUSE.baseline, "verified"),
    ]);
  }
  const run = (below?.possible ?? 0) > (above?.possible ?? 0) ? below : above;
  const normal = [reasonOf("BASELINE_NORMAL", { bpm }, CLAUSE.baseline, "verified")];
  if (run === undefined || run.possible === 0) return certain(NORMAL, normal);
  const values = { low: LOW, high: HIGH, minutes: run.seen, least: BASELINE_OVER_MIN };
  const brief = [...normal, reasonOf("BASELINE_NOT_YET", values, CLAUSE.lasting, "verified")];
  if (run.possible <= BASELINE_OVER_MIN && !run.isOpen) return certain(NORMAL, brief);
  const most = run === below && mean < PATHOLOGICALLY_LOW ? PATHOLOGICAL : SUSPICIOUS;
  const state = run === below ? "run-low" : "run-high";
  const lasting = { state, minutes: run.seen, most: run.possible };
  const missing = [reasonOf("NEEDS_RUN", lasting, CLAUSE.lasting, "own")];
  return { least: NORMAL, most, reasons: brief, missing };
}

/** 5 to 25 normal; below 5 for more than 50 min, or above 25 for more than 30 min, pathological; otherwise suspicious. */
function variabilityOf({ reduced, increased }: Prepared, { look, minute }: Moment): Judged {
  const long = lastingOf(reduced[minute], {
    ...{ over: REDUCED_OVER_MIN, code: "VARIABILITY_REDUCED_LONG", state: "run-reduced" },
  });
  const wide = lastingOf(increased[minute], {
    ...{ over: INCREASED_OVER_MIN, code: "VARIABILITY_INCREASED_LONG", state: "run-increased" },
  });
  const [proven] = [...long.reasons, ...wide.reasons];
  if (proven !== undefined) return certain(PATHOLOGICAL, [proven]);
  const mean = look.variabilityIn(minute, NOW_MIN);
  if (mean === undefined || minute + 1 < NOW_MIN) {
    const { bandwidth, minutes } = look.countsIn(minute, NOW_MIN);
    return nothing([reasonOf("NEEDS_VARIABILITY", { assessable: bandwidth, minutes, least: 2 }, "", "own")]);
  }
  const present = presentVariability(mean, reduced[minute], increased[minute]);
  const missing = [...long.missing, ...wide.missing];
  return { ...present, most: missing.length > 0 ? PATHOLOGICAL : present.most, missing };
}

function presentVariability(mean: number, reduced: Run | undefined, increased: Run | undefined): Judged {
  const bpm = Number(mean.toFixed(1));
  if (mean < REDUCED) {
    const values = { bpm, minutes: reduced?.seen ?? 0, least: REDUCED_OVER_MIN };
    return certain(SUSPICIOUS, [reasonOf("VARIABILITY_REDUCED", values, CLAUSE.variability, "verified")]);
  }
  if (mean > INCREASED) {
    const values = { bpm, minutes: increased?.seen ?? 0, least: INCREASED_OVER_MIN };
    return certain(SUSPICIOUS, [reasonOf("VARIABILITY_INCREASED", values, CLAUSE.variability, "verified")]);
  }
  return certain(NORMAL, [reasonOf("VARIABILITY_NORMAL", { bpm }, CLAUSE.variability, "verified")]);
}

interface Limit {
  readonly over: number; // minutes
  readonly code: "VARIABILITY_REDUCED_LONG" | "VARIABILITY_INCREASED_LONG";
  readonly state: string;
}

/** Whether a run lasts long enough, or may do so where minutes beside it are unknown. */
function lastingOf(run: Run | undefined, { over, code, state }: Limit): Pick<Judged, "reasons" | "missing"> {
  if (run === undefined || run.possible <= over) return { reasons: [], missing: [] };
  if (run.seen > over)
    return {
      reasons: [reasonOf(code, { minutes: run.seen, least: over }, CLAUSE.variability, "verified")],
      missing: [],
    };
  const values = { state, minutes: run.seen, most: run.possible };
  return { reasons: [], missing: [reasonOf("NEEDS_RUN", values, CLAUSE.variability, "own")] };
}

function sinusoidalOf({ sinusoidal, oscillating }: Prepared, { minute }: Moment): Judged {
  const lasted = sinusoidal[minute] ?? 0;
  if (lasted > SINUSOIDAL_OVER_MIN) {
    const reason = reasonOf("SINUSOIDAL", { minutes: Math.round(lasted) }, CLAUSE.variability, "verified");
    return certain(PATHOLOGICAL, [reason]);
  }
  const minutes = Math.round(oscillating[minute] ?? 0);
  if (minutes === 0) return certain(NORMAL, []);
  const values = { minutes, least: SINUSOIDAL_OVER_MIN };
  return certain(NORMAL, [reasonOf("SINUSOIDAL_SHORT", values, CLAUSE.variability, "own")]);
}

/** What is taken for late where it is not known: nothing, or all that might be. */
interface Reading {
  readonly isCounted: (counted: Counted) => boolean;
  readonly isGrave: (counted: Counted) => boolean; // late or prolonged
}
const isGrave = ({ type }: Counted): boolean => type === "late" || type === "prolonged";
const mild: Reading = {
  isCounted: ({ isSure }) => isSure,
  isGrave: (counted) => counted.isSure && isGrave(counted),
};
const grave: Reading = {
  isCounted: () => true,
  isGrave: (counted) => isGrave(counted) || counted.type === "unknown",
};

/** None repetitive: normal. Repetitive late or prolonged ones for more than 30 min, 20 with reduced variability: pathological. */
function repetitionOf({ events }: Prepared, moment: Moment): Judged {
  const { look, minute } = moment;
  const counts = look.countsIn(minute, COUNTED_MIN);
  const least = repetition(events, moment, mild);
  const recent = within(events.decelerations, nadirOf, moment.endS - 60 * LOOK_BACK_MIN, moment.endS);
  const isClear = recent.every(({ isSure, type }) => isSure && type !== "unknown");
  const hasReduced = look.variabilityIn(minute, REPEATING_REDUCED_OVER_MIN) !== undefined;
  const most = isClear && hasReduced ? least.rank : repetition(events, moment, grave).rank;
  const judged = { least: least.rank, most, reasons: least.reasons, missing: unclearOf(recent) };
  if (2 * counts.seen >= counts.minutes && counts.minutes >= NOW_MIN) return judged;
  const missing = [reasonOf("NEEDS_SIGNAL", { assessable: counts.seen, minutes: counts.minutes }, "", "own")];
  return { ...judged, most: PATHOLOGICAL, missing: [...judged.missing, ...missing] };
}

function repetition(events: Events, moment: Moment, reading: Reading): { rank: number; reasons: Reason[] } {
  const { look, minute, endS } = moment;
  const areContractionsSeen = look.contractionsSeenIn(minute, COUNTED_MIN) >= 0.5;
  const recurrence = recurrenceOf(
    events,
    { windowS: 60 * COUNTED_MIN, share: (count, of) => 2 * count > of, leastAlone: LEAST_ALONE },
    endS,
    { isAsked: reading.isCounted, areContractionsSeen },
  );
  const lastingS = repeatingS(events, moment, reading, areContractionsSeen);
  const isReduced = isReducedIn(look, minute, reading);
  const least = isReduced ? REPEATING_REDUCED_OVER_MIN : REPEATING_OVER_MIN;
  const repeats = repetitionReason(recurrence);
  if (lastingS > 60 * least) {
    const code = isReduced ? "DECELERATIONS_LATE_LONG_REDUCED" : "DECELERATIONS_LATE_LONG";
    const lasting = reasonOf(
      code,
      { minutes: Math.floor(lastingS / 60), least },
      CLAUSE.decelerations,
      "verified",
    );
    return { rank: PATHOLOGICAL, reasons: [lasting, repeats] };
  }
  return { rank: recurrence.isRecurrent ? SUSPICIOUS : NORMAL, reasons: [repeats] };
}

function isReducedIn(look: LookBack, minute: number, reading: Reading): boolean {
  const mean = look.variabilityIn(minute, REPEATING_REDUCED_OVER_MIN);
  return mean === undefined ? reading === grave : mean < REDUCED;
}

function repetitionReason(recurrence: ReturnType<typeof recurrenceOf>): Reason {
  const { isRecurrent, count, contractions } = recurrence;
  const minutes = COUNTED_MIN;
  if (count === 0) return reasonOf("DECELERATIONS_NONE", { minutes }, CLAUSE.decelerations, "verified");
  if (contractions === undefined) {
    const code = isRecurrent ? "DECELERATIONS_MANY_NO_UC" : "DECELERATIONS_FEW_NO_UC";
    return reasonOf(code, { count, minutes, least: LEAST_ALONE }, CLAUSE.repetitive, "own");
  }
  return isRecurrent
    ? reasonOf("DECELERATIONS_REPETITIVE", { count, contractions, minutes }, CLAUSE.repetitive, "verified")
    : reasonOf("DECELERATIONS_NOT_REPETITIVE", { count, contractions }, CLAUSE.repetitive, "verified");
}

/**
 * Seconds that late or prolonged decelerations have repeated by the end of a minute: from the earliest contraction from
 * which on more than half have one, if the latest came within ten minutes. Without contractions: from the earliest
 * deceleration from which on there were three in 30 min.
 */
function repeatingS(
  events: Events,
  { endS }: Moment,
  reading: Reading,
  areContractionsSeen: boolean,
): number {
  const fromS = endS - 60 * LOOK_BACK_MIN;
  const contractions = within(events.contractions, endOf, fromS, endS);
  if (areContractionsSeen && contractions.length > 0) {
    const steps = contractions.map((contraction) => {
      const own = (events.accompanied.get(contraction) ?? []).find(
        (one) => reading.isGrave(one) && nadirOf(one) <= endS,
      );
      return { onsetS: contraction.onsetS, isGrave: own !== undefined };
    });
    return spanOf(steps, endS, (graves, count) => graves >= 2 && 2 * graves > count);
  }
  const steps = within(events.decelerations, nadirOf, fromS, endS)
    .filter(reading.isGrave)
    .map(({ deceleration }) => ({ onsetS: deceleration.onsetS, isGrave: true }));
  return spanOf(steps, endS, (graves, _count, lastingS) => {
    return graves >= LEAST_ALONE && graves * 60 * COUNTED_MIN >= LEAST_ALONE * lastingS;
  });
}

interface Step {
  readonly onsetS: number;
  readonly isGrave: boolean;
}

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
    if (repeats(graves, count, endS - step.onsetS)) longest = endS - step.onsetS;
  }
  return longest;
}

/** One deceleration of more than five minutes, as far as it has come by the end of the minute. */
function prolongedOf({ events }: Prepared, { endS }: Moment): Judged {
  const fromS = endS - 60 * LOOK_BACK_MIN;
  const near = within(events.decelerations, nadirOf, fromS - LONGEST_S, endS + LONGEST_S);
  const long = near.filter(({ deceleration: { onsetS, endS: untilS } }) => {
    return untilS > fromS && Math.min(untilS, endS) - onsetS > PROLONGED_OVER_S;
  });
  const latest = long.findLast(({ isSure }) => isSure);
  if (latest === undefined) {
    const missing = unclearOf(long.filter(({ isSure }) => !isSure));
    return { least: NORMAL, most: long.length > 0 ? PATHOLOGICAL : NORMAL, reasons: [], missing };
  }
  const { onsetS, endS: untilS, extremumBpm, bandwidthInsideBpm } = latest.deceleration;
  const seconds = Math.round(Math.min(untilS, endS) - onsetS);
  const values = { at: clockOf(onsetS), seconds, least: PROLONGED_OVER_S };
  const over = reasonOf("PROLONGED_OVER", values, CLAUSE.decelerations, "verified");
  if (extremumBpm >= EMERGENCY_BPM || bandwidthInsideBpm === undefined || bandwidthInsideBpm >= REDUCED)
    return certain(PATHOLOGICAL, [over]);
  const bpm = Number(bandwidthInsideBpm.toFixed(1));
  return certain(PATHOLOGICAL, [
    over,
    reasonOf("PROLONGED_BELOW_80", { bpm }, CLAUSE.decelerations, "verified"),
  ]);
}
