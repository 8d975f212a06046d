import type { AntepartumReference } from "../../../../preload/contract/ctg.ts";
import type { Reason, RuleEvidence } from "../../../../preload/contract/verdict.ts";
import type { Acceleration, Deceleration, Evidence, Minute } from "../trace.ts";
import { within } from "./decelerations.ts";
import {
  codesOf,
  LOOK_BACK_MIN,
  reasonOf,
  type Judged,
  type Moment,
  untold,
  type RuleEngine,
  type Told,
} from "./engine.ts";
import { sinusoidalMinutes } from "./sinusoidal.ts";

const [MET, CONTINUE, NOT_MET] = [0, 1, 2] as const;

/** From the tenth minute, every second one, over the last hour at most (ctg.md S17). */
const FIRST_MIN = 10;
const EVERY_MIN = 2;

const EPISODE_MIN = 6;
const EPISODE_OF = 5; // minutes of six
const HIGH_RANGE_MS = 32;
const RATE = [116, 160] as const; // beats a minute
const RATE_SLACK = 5; // our own number for "slightly outside", after 30 min with all else met
const LOST_BEATS = 20;
const LOST_BEATS_LONG = 100; // once more than 30 min are recorded
const LONG_MIN = 30;
const ACCELERATIONS = 3;
const LEAST_STV_MS = 3;
const MOST_FETUSES = 2;
const MANY_MOVEMENTS = 20; // more than these
const HALF = 0.5;

/** One criterion: undefined where it cannot be told. */
interface Criterion {
  readonly isMet: boolean | undefined;
  readonly reason: Reason;
}

/** The stretch that an analysis covers. */
interface Stretch {
  readonly moment: Moment;
  readonly minutes: readonly Minute[];
  readonly accelerations: readonly Acceleration[];
  readonly decelerations: readonly Deceleration[];
  readonly episode: readonly Minute[]; // minutes in episodes of high variation
  readonly isSinusoidal: boolean;
  readonly isSeen: boolean; // half of its minutes at least
  readonly movements: number | undefined; // marked by the person who marked most; undefined: none was, so that nobody knows
  readonly week: Week | Lacking; // of the reference table
}

/**
 * Computerised antepartum criteria, for research, after the description in a monitor's manual. Only before labour, and not
 * for triplets. Movements are those that people marked, as only felt ones count: what a monitor detects is none, and of
 * twins none counts. The centiles are a table that a person supplies. What cannot be known without them is not told.
 */
export const antepartum: RuleEngine = {
  name: "antepartum",
  version: "2",
  source: "Dawes-Redman-style criteria as described in the Sonicaid Team 3 manual, p. 71",
  codes: codesOf("antepartum"),
  prepare(evidence, context) {
    if (context.isLabour !== false) {
      const code = context.isLabour === undefined ? "NEEDS_BEFORE_LABOUR" : "IN_LABOUR";
      const missing: Told = () => [reasonOf(code, {}, "Antepartum criteria: before labour only", "verified")];
      return () => ({ least: MET, most: NOT_MET, reasons: untold, missing });
    }
    if (evidence.fetuses > MOST_FETUSES) return () => triplets(evidence.fetuses);
    const events = ownEvents(evidence);
    const sinusoidal = sinusoidalMinutes(evidence, 60 * LOOK_BACK_MIN);
    let latest: Judged | undefined;
    return (moment) => {
      const recorded = moment.minute + 1;
      if (recorded < FIRST_MIN) return tooEarly(recorded);
      if (latest === undefined || (recorded - FIRST_MIN) % EVERY_MIN === 0)
        latest = analyse(stretchAt(moment, events, (sinusoidal[moment.minute] ?? 0) > 0));
      return latest;
    };
  },
};

const tooEarly = (minutes: number): Judged => ({
  ...{ least: MET, most: NOT_MET, reasons: untold },
  missing: () => [
    reasonOf("NEEDS_MINUTES", { minutes, least: FIRST_MIN }, "Antepartum criteria: from 10 min", "verified"),
  ],
});

const triplets = (count: number): Judged => ({
  ...{ least: MET, most: NOT_MET, reasons: untold },
  missing: () => [
    reasonOf("TOO_MANY_FETUSES", { count }, "Antepartum criteria: not valid for triplets", "verified"),
  ],
});

type Own = Pick<Evidence, "accelerations" | "decelerations">;

/** Events by these criteria, from all that are more than 10 beats a minute and 10 s; the limits are recalled. */
function ownEvents({ accelerations, decelerations }: Evidence): Own {
  const byTime = <E extends Acceleration | Deceleration>(events: readonly E[]): E[] =>
    events.toSorted((a, b) => a.extremumS - b.extremumS);
  return {
    accelerations: byTime(accelerations.filter(isAcceleration)),
    decelerations: byTime(decelerations.filter(isDeceleration)),
  };
}

/** Higher than 10 for 15 s. */
const isAcceleration = ({ depthBpm, onsetS, endS }: Acceleration): boolean =>
  depthBpm > 10 && endS - onsetS >= 15;

/** Deeper than 20 for 30 s, or deeper than 10 for 60 s. */
function isDeceleration({ depthBpm, onsetS, endS }: Deceleration): boolean {
  const lasted = endS - onsetS;
  return (depthBpm > 20 && lasted >= 30) || (depthBpm > 10 && lasted >= 60);
}

const extremumOf = ({ extremumS }: { readonly extremumS: number }): number => extremumS;

function stretchAt(moment: Moment, events: Own, isSinusoidal: boolean): Stretch {
  const { evidence, minute, endS } = moment;
  const minutes = evidence.minutes.slice(Math.max(0, minute + 1 - LOOK_BACK_MIN), minute + 1);
  const fromS = endS - 60 * LOOK_BACK_MIN;
  return {
    ...{ moment, minutes, isSinusoidal, episode: highEpisode(minutes) },
    isSeen: 2 * minutes.filter(({ support }) => support >= HALF).length >= minutes.length,
    accelerations: within(events.accelerations, extremumOf, fromS, endS),
    decelerations: within(events.decelerations, extremumOf, fromS, endS),
    movements: movementsIn(evidence, fromS, endS),
    week: weekOf(moment),
  };
}

/** Those of two people are not added up: both may have marked the same ones. Of twins none counts. */
function movementsIn({ movements, fetuses }: Evidence, fromS: number, toS: number): number | undefined {
  if (fetuses > 1) return 0;
  const most = Math.max(0, ...movements.map((own) => within(own, (atS) => atS, fromS, toS).length));
  return most === 0 ? undefined : most;
}

/** Minutes that lie in six consecutive ones of which five have a range above 32 ms. */
function highEpisode(minutes: readonly Minute[]): Minute[] {
  const isHigh = ({ rangeMs }: Minute): boolean => rangeMs !== undefined && rangeMs > HIGH_RANGE_MS;
  const chosen = new Set<Minute>();
  for (let from = 0; from + EPISODE_MIN <= minutes.length; from += 1) {
    const six = minutes.slice(from, from + EPISODE_MIN);
    if (six.filter(isHigh).length >= EPISODE_OF) for (const minute of six) chosen.add(minute);
  }
  return minutes.filter((minute) => chosen.has(minute));
}

function analyse(stretch: Stretch): Judged {
  const recorded = stretch.moment.minute + 1;
  const others = [episode, largeDecelerations, movement, noSinusoidal, shortTerm, activity, cleanEnd].map(
    (criterion) => criterion(stretch),
  );
  const isAllMet = others.every(({ isMet }) => isMet === true);
  const criteria = [...others, rate(stretch, isAllMet && recorded > LONG_MIN)];
  const failing = recorded < LOOK_BACK_MIN ? CONTINUE : NOT_MET;
  const said = criteria.filter(({ isMet }) => isMet !== undefined).map(({ reason }) => reason);
  const missing = criteria.filter(({ isMet }) => isMet === undefined).map(({ reason }) => reason);
  const isFailed = criteria.some(({ isMet }) => isMet === false);
  const { week, moment } = stretch;
  const { fetuses } = moment.evidence;
  const table = moment.settings.antepartumReference;
  if (typeof week !== "string" && table !== undefined) {
    const { week: number, p1Ms: low, p10Ms: high } = week;
    const values = { table: table.name, source: table.source, week: number, low, high };
    said.push(reasonOf("REFERENCE_TABLE", values, "Antepartum criteria (1), (7)", "supplied"));
  }
  if (fetuses > 1)
    said.push(
      reasonOf("MOVEMENTS_IGNORED", { count: fetuses }, "Antepartum criteria: for twins", "verified"),
    );
  const waiting = { minutes: recorded, most: LOOK_BACK_MIN };
  const going = reasonOf("STILL_RECORDING", waiting, "Antepartum criteria: until 60 min", "verified");
  const reasons = isFailed && failing === CONTINUE ? [going, ...said] : said;
  const most = isFailed || missing.length > 0 ? failing : MET;
  return { least: isFailed ? failing : MET, most, reasons: () => reasons, missing: () => missing };
}

type Name = "episode" | "decelerations" | "rate" | "movement" | "sinusoidal" | "stv" | "activity" | "end";
const NUMBER: Readonly<Record<Name, number>> = {
  ...{ episode: 1, decelerations: 2, rate: 3, movement: 4 },
  ...{ sinusoidal: 5, stv: 6, activity: 7, end: 8 },
};
const clauseOf = (name: Name): string => `Antepartum criteria (${NUMBER[name]})`;

function toldOf(
  name: Name,
  isMet: boolean,
  measured?: { readonly value: number; readonly unit: string; readonly evidence?: RuleEvidence },
): Criterion {
  const criterion = `criterion-${name}`;
  const evidence = measured?.evidence ?? "verified";
  if (measured === undefined) {
    const code = isMet ? "CRITERION_MET" : "CRITERION_NOT_MET";
    return { isMet, reason: reasonOf(code, { criterion }, clauseOf(name), evidence) };
  }
  const code = isMet ? "CRITERION_VALUE_MET" : "CRITERION_VALUE_NOT_MET";
  const values = { criterion, value: Number(measured.value.toFixed(1)), unit: measured.unit };
  return { isMet, reason: reasonOf(code, values, clauseOf(name), evidence) };
}

type Lacking = "NEEDS_REFERENCE_TABLE" | "NEEDS_GESTATION" | "NEEDS_MOVEMENTS" | "NEEDS_MEASURE";
const lacking = (name: Name, code: Lacking): Criterion => ({
  isMet: undefined,
  reason: reasonOf(code, { criterion: `criterion-${name}` }, clauseOf(name), "verified"),
});

const meanOf = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 || known.length < HALF * values.length) return undefined;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** (1) An episode of high variation above the 1st centile for gestational age. */
function episode({ minutes, episode: high, week }: Stretch): Criterion {
  if (high.length === 0) {
    const isSeen = meanOf(minutes.map(({ rangeMs }) => rangeMs)) !== undefined;
    return isSeen ? toldOf("episode", false) : lacking("episode", "NEEDS_MEASURE");
  }
  if (typeof week === "string") return lacking("episode", week);
  const value = variationOf(high);
  return toldOf("episode", value > week.p1Ms, { value, unit: "ms", evidence: "supplied" });
}

const variationOf = (high: readonly Minute[]): number => meanOf(high.map(({ rangeMs }) => rangeMs)) ?? 0;

type Week = AntepartumReference["weeks"][number];

/** The row of the reference table for the recording's gestational age, or what it lacks. */
function weekOf({
  settings: { antepartumReference: table },
  context: { gestationDays },
}: Moment): Week | Lacking {
  if (table === undefined) return "NEEDS_REFERENCE_TABLE";
  if (gestationDays === undefined) return "NEEDS_GESTATION";
  return table.weeks.find(({ week }) => week === Math.floor(gestationDays / 7)) ?? "NEEDS_GESTATION";
}

/** (2) No deceleration of more than 20 lost beats, 100 once more than 30 min are recorded. */
function largeDecelerations({ moment, isSeen, decelerations }: Stretch): Criterion {
  const limit = moment.minute + 1 > LONG_MIN ? LOST_BEATS_LONG : LOST_BEATS;
  const value = Math.max(0, ...decelerations.map(({ lostBeats }) => lostBeats));
  if (value > limit) return toldOf("decelerations", false, { value, unit: "unit-beats" });
  const isWhole = decelerations.every(({ support }) => support >= HALF);
  return isSeen && isWhole
    ? toldOf("decelerations", true, { value, unit: "unit-beats" })
    : lacking("decelerations", "NEEDS_MEASURE");
}

/** (3) Basal rate of 116 to 160; slightly outside may pass after 30 min where all else is met. */
function rate({ minutes }: Stretch, mayPass: boolean): Criterion {
  const value = meanOf(minutes.map(({ baselineBpm }) => baselineBpm));
  if (value === undefined) return lacking("rate", "NEEDS_MEASURE");
  const slack = mayPass ? RATE_SLACK : 0;
  const isMet = value >= RATE[0] - slack && value <= RATE[1] + slack;
  const isOutside = value < RATE[0] || value > RATE[1];
  return toldOf("rate", isMet, { value, unit: "bpm", evidence: isMet && isOutside ? "own" : "verified" });
}

/** (4) A fetal movement or three accelerations. */
function movement({ accelerations, movements, isSeen }: Stretch): Criterion {
  if (accelerations.length >= ACCELERATIONS) return toldOf("movement", true);
  if (movements === undefined) return lacking("movement", "NEEDS_MOVEMENTS");
  if (movements > 0) return toldOf("movement", true, { value: movements, unit: "unit-movements" });
  return isSeen ? toldOf("movement", false) : lacking("movement", "NEEDS_MEASURE");
}

/** (5) No sinusoidal rhythm. */
const noSinusoidal = ({ isSinusoidal, isSeen }: Stretch): Criterion =>
  isSinusoidal || isSeen ? toldOf("sinusoidal", !isSinusoidal) : lacking("sinusoidal", "NEEDS_MEASURE");

/** (6) Short-term variation of 3 ms or more. */
function shortTerm({ minutes }: Stretch): Criterion {
  const value = meanOf(minutes.map(({ stvMs }) => stvMs));
  if (value === undefined) return lacking("stv", "NEEDS_MEASURE");
  return toldOf("stv", value >= LEAST_STV_MS, { value, unit: "ms" });
}

/** (7) An acceleration; or variability in high episodes above the 10th centile with more than 20 movements. */
function activity({ accelerations, isSeen, episode: high, week, movements }: Stretch): Criterion {
  if (accelerations.length > 0) return toldOf("activity", true);
  if (!isSeen) return lacking("activity", "NEEDS_MEASURE");
  if (high.length === 0) return toldOf("activity", false);
  const moved = movements === undefined ? undefined : { value: movements, unit: "unit-movements" };
  if (movements !== undefined && movements <= MANY_MOVEMENTS) return toldOf("activity", false, moved);
  if (typeof week === "string") return lacking("activity", week);
  const value = variationOf(high);
  if (value <= week.p10Ms) return toldOf("activity", false, { value, unit: "ms", evidence: "supplied" });
  return moved === undefined ? lacking("activity", "NEEDS_MOVEMENTS") : toldOf("activity", true, moved);
}

/** (8) No deceleration and no loss of signal at the end: in the last minute before the analysis. */
function cleanEnd({ moment, minutes, decelerations, isSeen }: Stretch): Criterion {
  if (!isSeen) return lacking("end", "NEEDS_MEASURE");
  const last = minutes.at(-1);
  const isLost = last === undefined || last.support < HALF;
  const isFalling = decelerations.some(({ endS }) => endS > moment.endS - 60);
  return toldOf("end", !isLost && !isFalling);
}
