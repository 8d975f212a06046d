import type { Reason } from "../../../../preload/contract/verdict.ts";
import type { Evidence, Minute } from "../trace.ts";
import type { Events } from "./decelerations.ts";
import {
  codesOf,
  gravest,
  reasonOf,
  untold,
  type Judged,
  type Moment,
  type RuleEngine,
  type Told,
} from "./engine.ts";
import {
  FIGO_CLAUSE as CLAUSE,
  NORMAL,
  PATHOLOGICAL,
  REDUCED,
  SUSPICIOUS,
  NOW_MIN,
  certain,
  open,
} from "./figo-classes.ts";
import { prolongedOf, repetitionOf } from "./figo-decelerations.ts";
import { figoEvents } from "./flat-trace.ts";
import { runsOf, type Run } from "./look-back.ts";
import { isShaped } from "../sinusoidal.ts";
import { possiblySinusoidalMinutes, sinusoidalMinutes } from "./sinusoidal.ts";
import { tachysystoleBy } from "./tachysystole.ts";

/** What FIGO 2015 says, read in two summaries of it (ctg.md S11, S12). Baselines and bandwidths in beats a minute. */
const LOW = 110;
const HIGH = 160;
const PATHOLOGICALLY_LOW = 100;
const BASELINE_OVER_MIN = 10;
const REDUCED_OVER_MIN = 50;
const INCREASED = 25;
const INCREASED_OVER_MIN = 30;
const SINUSOIDAL_OVER_MIN = 30;

interface Prepared {
  readonly events: Events;
  readonly high: readonly Run[];
  readonly low: readonly Run[];
  readonly reduced: readonly Run[];
  readonly increased: readonly Run[];
  readonly sinusoidal: Float64Array; // minutes, of what FIGO calls so
  readonly shaped: Float64Array; // minutes, of a stretch of that frequency and amplitude
  readonly oscillating: Float64Array; // minutes, of any such stretch
  readonly possible: Float64Array; // minutes, with what is not seen beside it
}

/** FIGO consensus of 2015: normal, suspicious, pathological. Accelerations are no part of the class. */
export const figo: RuleEngine = {
  name: "figo-2015",
  version: "5",
  source: "Ayres-de-Campos et al., Int J Gynecol Obstet 131:13-24, 2015, as summarised in PMC4983203",
  codes: codesOf("figo-2015"),
  prepare(evidence) {
    const prepared = prepare(evidence);
    const tachysystole = tachysystoleBy("figo", evidence);
    return (moment) => {
      const features = [
        baselineOf(prepared, moment),
        variabilityOf(prepared, moment),
        sinusoidalOf(prepared, moment),
        repetitionOf(prepared.events, moment),
        prolongedOf(prepared.events, moment),
      ];
      const judged = gravest(features);
      const reasons: Told = () => [...judged.reasons(), ...tachysystole(moment.minute)];
      return { ...judged, reasons };
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
    events: figoEvents(evidence),
    high: baseline((bpm) => bpm > HIGH),
    low: baseline((bpm) => bpm < LOW),
    reduced: bandwidth((bpm) => bpm < REDUCED),
    increased: bandwidth((bpm) => bpm > INCREASED),
    sinusoidal: sinusoidalMinutes(evidence, 60 * NOW_MIN, ({ meets }) => meets.figo),
    shaped: sinusoidalMinutes(evidence, 60 * NOW_MIN, isShaped.figo),
    oscillating: sinusoidalMinutes(evidence, 60 * NOW_MIN),
    possible: possiblySinusoidalMinutes(evidence, NOW_MIN, isShaped.figo),
  };
}

/** 110 to 160 normal, below 100 pathological, the rest suspicious; what lasts no more than 10 min is no change of it. */
function baselineOf({ high, low }: Prepared, { look, minute }: Moment): Judged {
  if (minute + 1 < NOW_MIN)
    return open(() => [reasonOf("NEEDS_MINUTES", { minutes: minute + 1, least: NOW_MIN }, "", "own")]);
  const mean = look.baselineIn(minute, NOW_MIN);
  if (mean === undefined)
    return open(() => {
      const { baseline, minutes } = look.countsIn(minute, NOW_MIN);
      return [reasonOf("NEEDS_BASELINE", { assessable: baseline, minutes }, "", "own")];
    });
  const bpm = Math.round(mean);
  const [above, below] = [high[minute], low[minute]];
  if (above !== undefined && above.seen > BASELINE_OVER_MIN) {
    const values = { bpm, limit: HIGH, minutes: above.seen };
    return certain(SUSPICIOUS, () => [reasonOf("BASELINE_HIGH", values, CLAUSE.baseline, "verified")]);
  }
  const isDeep = mean < PATHOLOGICALLY_LOW;
  if (below !== undefined && below.seen > BASELINE_OVER_MIN) {
    const values = { bpm, limit: LOW, minutes: below.seen };
    const code = isDeep ? "BASELINE_VERY_LOW" : "BASELINE_LOW";
    const reasons: Told = () => [reasonOf(code, values, CLAUSE.baseline, "verified")];
    return certain(isDeep ? PATHOLOGICAL : SUSPICIOUS, reasons);
  }
  const isLow = (below?.possible ?? 0) > (above?.possible ?? 0);
  const run = isLow ? below : above;
  const most = isLow && isDeep ? PATHOLOGICAL : SUSPICIOUS;
  return briefRun(bpm, run, { most, state: isLow ? "run-low" : "run-high" });
}

/** A baseline outside its limits that has not lasted long enough, as far as is seen. */
function briefRun(
  bpm: number,
  run: Run | undefined,
  { most, state }: { readonly most: number; readonly state: string },
): Judged {
  const normal: Told = () => [reasonOf("BASELINE_NORMAL", { bpm }, CLAUSE.baseline, "verified")];
  if (run === undefined || run.possible === 0) return certain(NORMAL, normal);
  const values = { low: LOW, high: HIGH, minutes: run.seen, least: BASELINE_OVER_MIN };
  const soFar: Told = () => [reasonOf("BASELINE_NOT_YET", values, CLAUSE.lasting, "verified")];
  const reasons: Told = () => [...normal(), ...(run.seen === 0 ? [] : soFar())];
  if (run.possible <= BASELINE_OVER_MIN && !run.isOpen) return certain(NORMAL, reasons);
  return { least: NORMAL, most, reasons, missing: () => [mayLastReason(run, state, CLAUSE.lasting)] };
}

/** 5 to 25 normal; below 5 for more than 50 min, or above 25 for more than 30 min, pathological; otherwise suspicious. */
function variabilityOf({ reduced, increased }: Prepared, { look, minute }: Moment): Judged {
  const [narrow, wide] = [reduced[minute], increased[minute]];
  const isLong = (run: Run | undefined, over: number): run is Run => run !== undefined && run.seen > over;
  if (isLong(narrow, REDUCED_OVER_MIN)) {
    const values = { minutes: narrow.seen, least: REDUCED_OVER_MIN };
    return certain(PATHOLOGICAL, () => [
      reasonOf("VARIABILITY_REDUCED_LONG", values, CLAUSE.variability, "verified"),
    ]);
  }
  if (isLong(wide, INCREASED_OVER_MIN)) {
    const values = { minutes: wide.seen, least: INCREASED_OVER_MIN };
    return certain(PATHOLOGICAL, () => [
      reasonOf("VARIABILITY_INCREASED_LONG", values, CLAUSE.variability, "verified"),
    ]);
  }
  const mean = look.variabilityIn(minute, NOW_MIN);
  if (mean === undefined || minute + 1 < NOW_MIN)
    return open(() => {
      const { bandwidth, minutes } = look.countsIn(minute, NOW_MIN);
      return [reasonOf("NEEDS_VARIABILITY", { assessable: bandwidth, minutes, least: 2 }, "", "own")];
    });
  const present = presentVariability(mean, narrow, wide);
  const may = (run: Run | undefined, over: number): run is Run => run !== undefined && run.possible > over;
  if (may(narrow, REDUCED_OVER_MIN)) return mayLast(present, narrow, "run-reduced");
  return may(wide, INCREASED_OVER_MIN) ? mayLast(present, wide, "run-increased") : present;
}

/** Long enough only if minutes beside it that are not known belong to it. */
function mayLast(present: Judged, run: Run, state: string): Judged {
  return {
    ...present,
    ...{ most: PATHOLOGICAL, missing: () => [mayLastReason(run, state, CLAUSE.variability)] },
  };
}

function mayLastReason({ seen, possible }: Run, state: string, clause: string): Reason {
  return seen === 0
    ? reasonOf("NEEDS_RUN_UNSEEN", { state, most: possible }, clause, "own")
    : reasonOf("NEEDS_RUN", { state, minutes: seen, most: possible }, clause, "own");
}

function presentVariability(mean: number, narrow: Run | undefined, wide: Run | undefined): Judged {
  const bpm = Number(mean.toFixed(1));
  const outside = (run: Run | undefined, direction: "reduced" | "increased"): Judged =>
    certain(SUSPICIOUS, () => [outsideReason(bpm, run?.seen ?? 0, direction)]);
  if (mean < REDUCED) return outside(narrow, "reduced");
  if (mean > INCREASED) return outside(wide, "increased");
  return certain(NORMAL, () => [reasonOf("VARIABILITY_NORMAL", { bpm }, CLAUSE.variability, "verified")]);
}

/** The mean may lie outside where no run of minutes does: then no time is told. */
function outsideReason(bpm: number, minutes: number, direction: "reduced" | "increased"): Reason {
  const { variability: clause } = CLAUSE;
  if (minutes === 0)
    return reasonOf("VARIABILITY_IS", { bpm, variability: `variability-${direction}` }, clause, "verified");
  return direction === "reduced"
    ? reasonOf("VARIABILITY_REDUCED", { bpm, minutes, least: REDUCED_OVER_MIN }, clause, "verified")
    : reasonOf("VARIABILITY_INCREASED", { bpm, minutes, least: INCREASED_OVER_MIN }, clause, "verified");
}

function sinusoidalOf({ sinusoidal, shaped, oscillating, possible }: Prepared, { minute }: Moment): Judged {
  const lasted = sinusoidal[minute] ?? 0;
  if (lasted > SINUSOIDAL_OVER_MIN) {
    const values = { minutes: Math.round(lasted) };
    return certain(PATHOLOGICAL, () => [reasonOf("SINUSOIDAL", values, CLAUSE.variability, "verified")]);
  }
  const minutes = Math.round(shaped[minute] ?? 0);
  const others = Math.round(oscillating[minute] ?? 0);
  if (minutes === 0 && others === 0) return certain(NORMAL, untold);
  if (minutes === 0)
    return certain(NORMAL, () => [
      reasonOf("SINUSOIDAL_OTHER", { minutes: others }, CLAUSE.variability, "own"),
    ]);
  const values = { minutes, least: SINUSOIDAL_OVER_MIN };
  const short = certain(NORMAL, () => [reasonOf("SINUSOIDAL_SHORT", values, CLAUSE.variability, "own")]);
  const most = possible[minute] ?? 0;
  if (most <= SINUSOIDAL_OVER_MIN) return short;
  return mayLast(short, { seen: minutes, possible: most, isOpen: false }, "run-sinusoidal");
}
