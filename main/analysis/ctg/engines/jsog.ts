import type { Reason } from "../../../../preload/contract/verdict.ts";
import { eventsBy, nadirOf, unclearOf, within, type Counted } from "./decelerations.ts";
import { clockOf, codesOf, reasonOf, type Judged, type Moment, type RuleEngine } from "./engine.ts";
import {
  jsogCell,
  type JsogBaseline,
  type JsogCell,
  type JsogDeceleration,
  type JsogVariability,
} from "./jsog-table.ts";
import { sinusoidalMinutes } from "./sinusoidal.ts";

/** Beats a minute. 110 and 160 are read (ctg.md S16), 80 is recalled; "undetectable" below 2 is our own number. */
const LOW = 110;
const HIGH = 160;
const VERY_LOW = 80;
const UNDETECTABLE = 2;
const MINIMAL = 5;
const MARKED = 25;

/** A segment is judged; recalled. It is the ten minutes before the end of each minute, our own decision. */
const SEGMENT_MIN = 10;

const CLAUSE = {
  table: "JSOG 2010: 82 patterns",
  severity: "JSOG 2010: severity of decelerations",
  care: "JSOG 2010: management by level",
} as const;
const CARE = ["JSOG_CARE_1", "JSOG_CARE_2", "JSOG_CARE_3", "JSOG_CARE_4", "JSOG_CARE_5"] as const;

const anyVariability: readonly JsogVariability[] = ["normal", "decreased", "absent", "increased"];
const anyBaseline: readonly JsogBaseline[] = ["normal", "tachycardia", "bradycardia", "severe-bradycardia"];

/** A pattern with its level. */
interface Pattern extends JsogCell {
  readonly variability: JsogVariability;
  readonly baseline: JsogBaseline;
  readonly deceleration: JsogDeceleration;
  readonly by: Counted | undefined;
}

/** Five levels of the Japan Society of Obstetrics and Gynecology, a segment of ten minutes. */
export const jsog: RuleEngine = {
  name: "jsog-2010",
  version: "1",
  source: "Okai et al., J Obstet Gynaecol Res 2010; JSOG terms and definitions, 2002",
  codes: codesOf("jsog-2010"),
  prepare(evidence) {
    const events = eventsBy("jsog", evidence);
    const sinusoidal = sinusoidalMinutes(evidence, 0, ({ meets }) => meets.jsog);
    return (moment) => {
      const recent = within(events.decelerations, nadirOf, moment.endS - 60 * SEGMENT_MIN, moment.endS);
      return judgeSegment(moment, recent, (sinusoidal[moment.minute] ?? 0) > 0);
    };
  },
};

function judgeSegment(moment: Moment, recent: readonly Counted[], isSinusoidal: boolean): Judged {
  const { look, minute } = moment;
  const hasTen = minute + 1 >= SEGMENT_MIN;
  const bandwidth = hasTen ? look.variabilityIn(minute, SEGMENT_MIN) : undefined;
  const mean = hasTen ? look.baselineIn(minute, SEGMENT_MIN) : undefined;
  const isSeen = hasTen && look.seenIn(minute, SEGMENT_MIN) >= 0.5;
  const variabilities = isSinusoidal ? (["sinusoidal"] as const) : variabilitiesOf(bandwidth);
  const baselines = baselinesOf(mean);
  const segments = variabilities.flatMap((variability) =>
    baselines.map((baseline) => ({
      least: highest(variability, baseline, mildest(recent)),
      most: isSeen ? highest(variability, baseline, gravest(recent)).level : 5,
    })),
  );
  const [first] = segments;
  const least = Math.min(...segments.map((segment) => segment.least.level));
  const most = Math.max(...segments.map((segment) => segment.most));
  const isKnown = bandwidth !== undefined || isSinusoidal;
  return {
    ...{ least: least - 1, most: most - 1 },
    reasons: () => [
      ...(first !== undefined && isKnown && mean !== undefined ? patternReasons(first.least) : []),
      ...(least === most ? careReasons(least) : []),
    ],
    missing: () =>
      missingOf(moment, { hasVariability: isKnown, hasBaseline: mean !== undefined, isSeen }, recent),
  };
}

function variabilitiesOf(bandwidth: number | undefined): readonly JsogVariability[] {
  if (bandwidth === undefined) return anyVariability;
  if (bandwidth < UNDETECTABLE) return ["absent"];
  if (bandwidth <= MINIMAL) return ["decreased"];
  return bandwidth <= MARKED ? ["normal"] : ["increased"];
}

/** The mean rounded to 5 beats a minute, as NICHD has it; recalled of JSOG. */
function baselinesOf(mean: number | undefined): readonly JsogBaseline[] {
  if (mean === undefined) return anyBaseline;
  const bpm = 5 * Math.round(mean / 5);
  if (bpm > HIGH) return ["tachycardia"];
  if (bpm >= LOW) return ["normal"];
  return bpm >= VERY_LOW ? ["bradycardia"] : ["severe-bradycardia"];
}

interface Column {
  readonly column: JsogDeceleration;
  readonly by: Counted | undefined;
}
const none: Column = { column: "none", by: undefined };

const mildest = (recent: readonly Counted[]): readonly Column[] =>
  recent.filter(({ isSure }) => isSure).map((by) => ({ column: columnOf(by, "early"), by }));
const gravest = (recent: readonly Counted[]): readonly Column[] =>
  recent.map((by) => ({ column: columnOf(by, "late"), by }));

/**
 * Severity, recalled: a variable one is severe where it stays below 70 for 30 s or below 80 for 60 s, a late one from a
 * depth of 15 on, a prolonged one with a nadir below 80. Of a deceleration whose contraction is unknown, `unknown` says
 * what to take it for.
 */
function columnOf({ deceleration, type }: Counted, unknown: "early" | "late"): JsogDeceleration {
  const { below70S, below80S, depthBpm, extremumBpm } = deceleration;
  switch (type === "unknown" ? unknown : type) {
    case "early":
      return "early";
    case "variable":
      return below70S >= 30 || below80S >= 60 ? "variable-severe" : "variable-mild";
    case "late":
      return depthBpm >= 15 ? "late-severe" : "late-mild";
    case "prolonged":
      return extremumBpm < VERY_LOW ? "prolonged-severe" : "prolonged-mild";
  }
}

/** The highest level in a segment counts (recalled). */
function highest(variability: JsogVariability, baseline: JsogBaseline, columns: readonly Column[]): Pattern {
  const patterns = [none, ...columns].map(({ column, by }): Pattern => ({
    ...{ variability, baseline, deceleration: column, by },
    ...jsogCell(variability, baseline, column),
  }));
  return patterns.reduce((best, pattern) =>
    pattern.level > best.level || (best.by === undefined && pattern.level === best.level) ? pattern : best,
  );
}

function patternReasons({ variability, baseline, deceleration, level, isFilled, by }: Pattern): Reason[] {
  const words = {
    variability: `variability-${variability}`,
    baseline: `baseline-${baseline}`,
    deceleration: `deceleration-${deceleration}`,
  };
  const reasons = [reasonOf("JSOG_CELL", { ...words, level }, CLAUSE.table, "measured")];
  if (!isFilled) reasons.push(reasonOf("JSOG_NO_CELL", words, CLAUSE.table, "own"));
  if (by !== undefined) {
    const { onsetS, extremumBpm, depthBpm } = by.deceleration;
    const values = { at: clockOf(onsetS), nadir: Math.round(extremumBpm), depth: Math.round(depthBpm) };
    reasons.push(reasonOf("JSOG_AT", values, CLAUSE.severity, "recalled"));
  }
  return reasons;
}

/** Shown as what the guideline says, no advice. */
function careReasons(level: number): Reason[] {
  const code = CARE[level - 1];
  return code === undefined ? [] : [reasonOf(code, {}, CLAUSE.care, "recalled")];
}

interface SeenOfSegment {
  readonly hasVariability: boolean;
  readonly hasBaseline: boolean;
  readonly isSeen: boolean;
}

function missingOf({ look, minute }: Moment, seen: SeenOfSegment, recent: readonly Counted[]): Reason[] {
  if (minute + 1 < SEGMENT_MIN)
    return [reasonOf("NEEDS_MINUTES", { minutes: minute + 1, least: SEGMENT_MIN }, "", "own")];
  const counts = look.countsIn(minute, SEGMENT_MIN);
  const minutes = SEGMENT_MIN;
  const missing: Reason[] = [];
  if (!seen.hasBaseline)
    missing.push(reasonOf("NEEDS_BASELINE", { assessable: counts.baseline, minutes }, CLAUSE.table, "own"));
  if (!seen.hasVariability) {
    const values = { assessable: counts.bandwidth, minutes, least: 2 };
    missing.push(reasonOf("NEEDS_VARIABILITY", values, CLAUSE.table, "own"));
  }
  if (!seen.isSeen)
    missing.push(reasonOf("NEEDS_SIGNAL", { assessable: counts.seen, minutes }, CLAUSE.table, "own"));
  return [...missing, ...unclearOf(recent)];
}
