import type { Reason } from "../../../../preload/contract/verdict.ts";
import {
  eventsBy,
  mayAccompany,
  mayRecur,
  nadirOf,
  recurrenceOf,
  unclearOf,
  within,
  type Counted,
  type Events,
  type Recurrence,
} from "./decelerations.ts";
import { codesOf, reasonOf, type Moment, type RuleEngine } from "./engine.ts";
import { isShaped } from "../sinusoidal.ts";
import { possiblySinusoidalMinutes, sinusoidalMinutes } from "./sinusoidal.ts";
import { tachysystoleBy } from "./tachysystole.ts";

const [I, II, III] = [0, 1, 2] as const;

/** Beats a minute; the wording of category II's single features stands in the clauses below. */
const LOW = 110;
const HIGH = 160;
const UNDETECTABLE = 2; // our own number for "undetectable": heart rates come in steps of 0.25
const MINIMAL = 5;
const MARKED = 25;
const SINUSOIDAL_MIN = 20; // recalled

const NOW_MIN = 10;
const COUNTED_MIN = 20; // recalled: recurrent, with half of the contractions in any 20 min
/** Our own: decelerations in 20 min that recur where contractions cannot be told, and that may recur. */
const LEAST_ALONE = 3;
const LEAST_POSSIBLE = 2;

const CLAUSE = {
  baseline: "NICHD 2008: baseline, 10 min, rounded to 5 bpm",
  variability: "NICHD 2008: variability",
  categoryI: "NICHD 2008: category I",
  categoryII: "NICHD 2008: category II",
  categoryIII: "NICHD 2008: category III",
  recurrent: "NICHD 2008: recurrent, with 50 % of contractions in 20 min",
} as const;

type Variability = "absent" | "minimal" | "moderate" | "marked";

/** The features that make the category, at the end of a minute. */
interface Features {
  readonly baselineBpm: number; // rounded to 5
  readonly variability: Variability;
  readonly late: Recurrence;
  readonly variable: Recurrence;
  readonly prolonged: number;
  readonly sinusoidal: boolean;
}

/** Three tiers of the NICHD workshop of 2008, as ACOG took them over. */
export const nichd: RuleEngine = {
  name: "nichd-2008",
  version: "4",
  source: "NICHD workshop 2008: Macones et al., Obstet Gynecol 112:661-666",
  codes: codesOf("nichd-2008"),
  prepare(evidence, _context, { strictNichd }) {
    const events = eventsBy("nichd", evidence);
    const tachysystole = tachysystoleBy("nichd", evidence);
    const sinusoidal = sinusoidalMinutes(evidence, 60 * NOW_MIN, ({ meets }) => meets.nichd);
    const shaped = sinusoidalMinutes(evidence, 60 * NOW_MIN, isShaped.nichd);
    const oscillating = sinusoidalMinutes(evidence, 60 * NOW_MIN);
    const possible = possiblySinusoidalMinutes(evidence, NOW_MIN, isShaped.nichd);
    return (moment) => {
      const lasted = shaped[moment.minute] ?? 0;
      const swings = { lasted, others: oscillating[moment.minute] ?? 0 };
      const most = possible[moment.minute] ?? 0;
      const isSinusoidal = (sinusoidal[moment.minute] ?? 0) >= SINUSOIDAL_MIN;
      const mayBe = !isSinusoidal && lasted > 0 && most >= SINUSOIDAL_MIN;
      const seen = seenAt(moment, events, isSinusoidal);
      const grave = { ...seen.grave, sinusoidal: isSinusoidal || mayBe };
      const [least, gravest] = [category(seen.mild, strictNichd), category(grave, strictNichd)];
      return {
        ...{ least, most: gravest },
        reasons: () => [...reasonsOf(seen, moment, swings), ...tachysystole(moment.minute)],
        missing: () => [...missingOf(seen, moment), ...(mayBe ? [maySwing(lasted, most)] : [])],
      };
    };
  },
};

const maySwing = (lasted: number, most: number): Reason =>
  reasonOf(
    "NEEDS_RUN",
    { state: "run-sinusoidal", minutes: Math.round(lasted), most },
    CLAUSE.categoryIII,
    "own",
  );

/** I: all normal. III: absent variability with recurrent decelerations or bradycardia, or sinusoidal. II: the rest. */
function category(features: Features, isStrict: boolean): number {
  const { baselineBpm, variability, late, variable, prolonged, sinusoidal } = features;
  const recurs = late.isRecurrent || variable.isRecurrent;
  if (sinusoidal || (variability === "absent" && (recurs || baselineBpm < LOW))) return III;
  const isFree = isStrict ? late.count + variable.count === 0 : !recurs;
  const isNormal = baselineBpm >= LOW && baselineBpm <= HIGH && variability === "moderate";
  return isNormal && isFree && prolonged === 0 ? I : II;
}

interface Seen {
  readonly baselineBpm: number | undefined;
  readonly bandwidthBpm: number | undefined;
  readonly isSeen: boolean; // enough of the heart rate to tell that there was no deceleration
  readonly recent: readonly Counted[];
  readonly mild: Features; // what is unknown taken for the best
  readonly grave: Features; // and for the worst
}

function seenAt(moment: Moment, events: Events, sinusoidal: boolean): Seen {
  const { look, minute, endS } = moment;
  const hasTen = minute + 1 >= NOW_MIN;
  const baseline = hasTen ? look.baselineIn(minute, NOW_MIN) : undefined;
  const bandwidthBpm = hasTen ? look.variabilityIn(minute, NOW_MIN) : undefined;
  const isSeen = hasTen && look.seenIn(minute, COUNTED_MIN) >= 0.5;
  const baselineBpm = baseline === undefined ? undefined : 5 * Math.round(baseline / 5);
  const variability = bandwidthBpm === undefined ? undefined : variabilityOf(bandwidthBpm);
  const mild = {
    ...{ baselineBpm: baselineBpm ?? HIGH, variability: variability ?? "moderate", sinusoidal },
    ...countOf(moment, events, {
      isLate: ({ isSure, type }) => isSure && type === "late",
      isCounted: ({ isSure }) => isSure,
      leastAlone: LEAST_ALONE,
      isWorst: false,
    }),
  };
  const worst = countOf(moment, events, {
    isLate: ({ type }) => type === "late" || type === "unknown",
    isCounted: () => true,
    leastAlone: LEAST_POSSIBLE,
    isWorst: true,
  });
  const grave = {
    ...{ baselineBpm: baselineBpm ?? LOW - 1, variability: variability ?? "absent", sinusoidal },
    ...(isSeen ? worst : { ...worst, late: { ...worst.late, count: 1, isRecurrent: true } }),
  };
  const recent = within(events.decelerations, nadirOf, endS - 60 * COUNTED_MIN, endS);
  return { baselineBpm, bandwidthBpm, isSeen, recent, mild, grave };
}

interface Counting {
  readonly isLate: (counted: Counted) => boolean;
  readonly isCounted: (counted: Counted) => boolean;
  readonly leastAlone: number;
  readonly isWorst: boolean; // where contractions were not seen, each deceleration came with one
}

function countOf(
  moment: Moment,
  events: Events,
  counting: Counting,
): Pick<Features, "late" | "variable" | "prolonged"> {
  const { look, minute, endS } = moment;
  const areContractionsSeen = look.contractionsSeenIn(minute, COUNTED_MIN) >= 0.5;
  const recurrence = (isAsked: (counted: Counted) => boolean): Recurrence => {
    const rule = {
      windowS: 60 * COUNTED_MIN,
      share: (count: number, of: number) => 2 * count >= of,
      leastAlone: counting.leastAlone,
    };
    const { isRecurrent, count, contractions } = recurrenceOf(events, rule, endS, {
      isAsked,
      areContractionsSeen,
    });
    const all = within(events.decelerations, nadirOf, endS - rule.windowS, endS).filter(isAsked).length;
    const may = counting.isWorst && mayRecur(events, rule, endS, isAsked);
    return {
      isRecurrent: isRecurrent || may,
      count: contractions === undefined ? all : Math.max(count, all),
      contractions,
    };
  };
  const is = (type: Counted["type"]) => (counted: Counted) =>
    counting.isCounted(counted) && counted.type === type;
  return {
    late: recurrence(counting.isLate),
    variable: recurrence(is("variable")),
    prolonged: recurrence(is("prolonged")).count,
  };
}

function variabilityOf(bandwidthBpm: number): Variability {
  if (bandwidthBpm < UNDETECTABLE) return "absent";
  if (bandwidthBpm <= MINIMAL) return "minimal";
  return bandwidthBpm <= MARKED ? "moderate" : "marked";
}

function reasonsOf(
  { baselineBpm, bandwidthBpm, isSeen, mild, recent }: Seen,
  moment: Moment,
  { lasted, others }: { readonly lasted: number; readonly others: number }, // minutes of NICHD's frequency, and of any
): Reason[] {
  const reasons: Reason[] = [];
  if (baselineBpm !== undefined) reasons.push(baselineReason(baselineBpm));
  if (bandwidthBpm !== undefined) {
    const values = { bpm: Number(bandwidthBpm.toFixed(1)), variability: `variability-${mild.variability}` };
    reasons.push(reasonOf("VARIABILITY_IS", values, CLAUSE.variability, "verified"));
  }
  const minutes = Math.round(lasted);
  if (mild.sinusoidal) reasons.push(reasonOf("SINUSOIDAL", { minutes }, CLAUSE.categoryIII, "recalled"));
  else if (lasted > 0) {
    const values = { minutes, least: SINUSOIDAL_MIN };
    reasons.push(reasonOf("SINUSOIDAL_SHORT", values, CLAUSE.categoryIII, "recalled"));
  } else if (others > 0)
    reasons.push(
      reasonOf("SINUSOIDAL_OTHER", { minutes: Math.round(others) }, CLAUSE.categoryIII, "recalled"),
    );
  const isTold = isSeen || recent.length > 0; // that there was none can be told only of what was seen
  return isTold ? [...reasons, ...decelerationReasons(mild, recent, moment)] : reasons;
}

function baselineReason(bpm: number): Reason {
  if (bpm > HIGH) return reasonOf("BASELINE_TACHYCARDIA", { bpm }, CLAUSE.baseline, "verified");
  const code = bpm < LOW ? "BASELINE_BRADYCARDIA" : "BASELINE_NORMAL";
  return reasonOf(code, { bpm }, CLAUSE.baseline, "verified");
}

function decelerationReasons(features: Features, recent: readonly Counted[], moment: Moment): Reason[] {
  const { late, variable } = features;
  const minutes = Math.min(COUNTED_MIN, moment.minute + 1);
  if (recent.length === 0) return [reasonOf("DECELERATIONS_NONE", { minutes }, CLAUSE.categoryI, "verified")];
  const of = (type: Counted["type"]): number => recent.filter((counted) => counted.type === type).length;
  const counts = {
    late: of("late"),
    variable: of("variable"),
    prolonged: of("prolonged"),
    early: of("early"),
  };
  const seen = reasonOf("DECELERATIONS_SEEN", { minutes, ...counts }, CLAUSE.categoryI, "verified");
  return [seen, ...recurrent("LATE", late), ...recurrent("VARIABLE", variable)];
}

function recurrent(kind: "LATE" | "VARIABLE", { isRecurrent, count, contractions }: Recurrence): Reason[] {
  const minutes = COUNTED_MIN;
  if (!isRecurrent) return [];
  if (contractions === undefined)
    return [reasonOf(`RECURRENT_${kind}_NO_UC`, { count, minutes }, CLAUSE.recurrent, "own")];
  return [reasonOf(`RECURRENT_${kind}`, { count, contractions, minutes }, CLAUSE.recurrent, "recalled")];
}

function missingOf(
  { baselineBpm, bandwidthBpm, isSeen, mild, grave, recent }: Seen,
  { look, minute }: Moment,
): Reason[] {
  if (minute + 1 < NOW_MIN)
    return [reasonOf("NEEDS_MINUTES", { minutes: minute + 1, least: NOW_MIN }, "", "own")];
  const [ten, twenty] = [look.countsIn(minute, NOW_MIN), look.countsIn(minute, COUNTED_MIN)];
  const missing: Reason[] = [];
  if (baselineBpm === undefined) {
    const values = { assessable: ten.baseline, minutes: NOW_MIN };
    missing.push(reasonOf("NEEDS_BASELINE", values, CLAUSE.baseline, "own"));
  }
  if (bandwidthBpm === undefined) {
    const values = { assessable: ten.bandwidth, minutes: NOW_MIN, least: 2 };
    missing.push(reasonOf("NEEDS_VARIABILITY", values, CLAUSE.variability, "own"));
  }
  if (!isSeen) {
    const values = { assessable: twenty.seen, minutes: twenty.minutes };
    missing.push(reasonOf("NEEDS_SIGNAL", values, CLAUSE.categoryI, "own"));
  }
  const isOpen = (["late", "variable"] as const).some((kind) => {
    const { isRecurrent, count, contractions } = mild[kind];
    if (isRecurrent) return false;
    const mayRecur = isSeen && grave[kind].isRecurrent && recent.some(mayAccompany);
    return mayRecur || (count >= LEAST_POSSIBLE && contractions === undefined);
  });
  if (isOpen) missing.push(reasonOf("NEEDS_CONTRACTIONS_RECURRENT", {}, CLAUSE.recurrent, "own"));
  return [...missing, ...unclearOf(recent)];
}
