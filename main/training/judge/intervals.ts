import type { z } from "zod";
import type { Interval, ReportIntervals } from "../../../preload/contract/run.ts";
import { seededRandom } from "../../models/random.ts";

type Range = z.infer<typeof Interval>;
type Intervals = z.infer<typeof ReportIntervals>;

/** Below, the ends are little more than the worst and the best of a handful, and hold the truth far less often than 95 %. */
export const FEWEST_PEOPLE = 6;
const DRAWS = 1000;
const SEED = 20;

/** Sums over the windows of one person, from which every score of any group of them follows. */
export interface Sums {
  readonly windows: number;
  readonly nll: number;
  readonly brier: number;
  readonly accuracy: number; // of the person: mean over recordings
  readonly confusion: Float64Array; // [true x predicted]
  readonly bins: Float64Array; // [bin x (windows, confidence, right)]
}

/** Scores of a group, from its sums. */
export interface GroupScores {
  readonly accuracy: number;
  readonly subjectAccuracy: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  readonly nll: number;
  readonly brier: number;
  readonly ece: number;
  readonly recall: readonly number[]; // NaN where the class does not occur
  readonly precision: readonly number[]; // NaN where it is never predicted
}

export function groupScores(
  confusion: Float64Array,
  bins: Float64Array,
  classes: number,
): Omit<GroupScores, "nll" | "brier" | "subjectAccuracy"> {
  const recall: number[] = [];
  const precision: number[] = [];
  const f1: number[] = [];
  let hitsInAll = 0;
  let all = 0;
  for (let c = 0; c < classes; c += 1) {
    const hits = confusion[c * classes + c] ?? 0;
    let occurs = 0;
    let said = 0;
    for (let other = 0; other < classes; other += 1) {
      occurs += confusion[c * classes + other] ?? 0;
      said += confusion[other * classes + c] ?? 0;
    }
    recall.push(hits / occurs);
    precision.push(hits / said);
    if (occurs + said > 0) f1.push((2 * hits) / (occurs + said));
    hitsInAll += hits;
    all += occurs;
  }
  let error = 0;
  for (let at = 0; at < bins.length; at += 3) error += Math.abs((bins[at + 2] ?? 0) - (bins[at + 1] ?? 0));
  return {
    accuracy: hitsInAll / all,
    balancedAccuracy: meanOfNumbers(recall),
    macroF1: meanOfNumbers(f1),
    ece: error / all,
    recall,
    precision,
  };
}

/**
 * 95 % percentile intervals of every score by resampling whole people: windows of one person are alike, so resampling
 * windows would promise too much. Undefined for fewer than six. The same sums always give the same intervals. The ECE of a
 * resample is larger than it should be, each person counting twice or not at all: its interval is widened to the figure.
 */
export function bootstrapIntervals(
  groups: readonly Sums[],
  classes: number,
  ece: number,
): Intervals | undefined {
  if (groups.length < FEWEST_PEOPLE) return undefined;
  const random = seededRandom(SEED);
  const draws: GroupScores[] = [];
  const confusion = new Float64Array(classes * classes);
  const bins = new Float64Array(groups[0]?.bins.length ?? 0);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    confusion.fill(0);
    bins.fill(0);
    let windows = 0;
    let nll = 0;
    let brier = 0;
    let accuracy = 0;
    for (let pick = 0; pick < groups.length; pick += 1) {
      const group = groups[random.below(groups.length)];
      if (group === undefined) continue;
      windows += group.windows;
      nll += group.nll;
      brier += group.brier;
      accuracy += group.accuracy;
      addTo(confusion, group.confusion);
      addTo(bins, group.bins);
    }
    draws.push({
      ...groupScores(confusion, bins, classes),
      nll: nll / windows,
      brier: brier / windows,
      subjectAccuracy: accuracy / groups.length,
    });
  }
  const of = (score: (one: GroupScores) => number): Range | null => range(draws.map(score));
  const each = (score: (one: GroupScores) => readonly number[]): (Range | null)[] =>
    Array.from({ length: classes }, (_, c) => of((one) => score(one)[c] ?? Number.NaN));
  const eces = of((one) => one.ece);
  return {
    people: groups.length,
    accuracy: of((one) => one.accuracy),
    subjectAccuracy: of((one) => one.subjectAccuracy),
    balancedAccuracy: of((one) => one.balancedAccuracy),
    macroF1: of((one) => one.macroF1),
    nll: of((one) => one.nll),
    brier: of((one) => one.brier),
    ece: eces && { low: Math.min(ece, eces.low), high: Math.max(ece, eces.high) },
    recall: each((one) => one.recall),
    precision: each((one) => one.precision),
  };
}

function addTo(sums: Float64Array, more: Float64Array): void {
  for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] ?? 0) + (more[at] ?? 0);
}

/** The middle 95 % of the draws in which the score is defined; null where it seldom is. */
function range(values: readonly number[]): Range | null {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (sorted.length < values.length / 2) return null;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}

function meanOfNumbers(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}
