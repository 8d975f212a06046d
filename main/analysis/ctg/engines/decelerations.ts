import type { Reason } from "../../../../preload/contract/verdict.ts";
import {
  isLikely,
  type Contraction,
  type Deceleration,
  type DecelerationType,
  type Evidence,
  type Guideline,
} from "../trace.ts";
import { reasonOf } from "./engine.ts";

/** A deceleration as one guideline takes it. */
export interface Counted {
  readonly deceleration: Deceleration;
  readonly type: DecelerationType; // the most probable
  readonly isSure: boolean; // half of it at least was seen
}

/** Decelerations that are more probably than not what a guideline calls one, and contractions alike; in order of time. */
export interface Events {
  readonly decelerations: readonly Counted[]; // by nadir
  readonly contractions: readonly Contraction[]; // by end
  readonly accompanied: ReadonlyMap<Contraction, readonly Counted[]>; // with their decelerations
}

const LIKELY = 0.5;
const HALF = 0.5;

export function eventsBy(guideline: Guideline, evidence: Evidence): Events {
  const decelerations = evidence.decelerations
    .filter(({ meets }) => meets[guideline] >= LIKELY)
    .map((deceleration) => ({
      deceleration,
      type: typeBy(guideline, deceleration),
      isSure: deceleration.support >= HALF,
    }))
    .sort((a, b) => a.deceleration.extremumS - b.deceleration.extremumS);
  const contractions = evidence.contractions.filter(isLikely).sort((a, b) => a.endS - b.endS);
  const accompanied = new Map<Contraction, Counted[]>();
  for (const counted of decelerations) {
    const { contraction: index } = counted.deceleration;
    const contraction = index === undefined ? undefined : evidence.contractions[index];
    if (contraction === undefined) continue;
    const known = accompanied.get(contraction);
    if (known === undefined) accompanied.set(contraction, [counted]);
    else known.push(counted);
  }
  return { decelerations, contractions, accompanied };
}

/** The most probable type; the order of the types decides between equals, the graver first. */
export function typeBy(guideline: Guideline, { types }: Deceleration): DecelerationType {
  const order: readonly DecelerationType[] = ["prolonged", "late", "variable", "unknown", "early"];
  const of = types[guideline];
  return order.reduce((best, type) => (of[type] > of[best] ? type : best));
}

/** Those of a list in order whose time lies in (fromS, toS]. */
export function within<T>(
  list: readonly T[],
  timeOf: (thing: T) => number,
  fromS: number,
  toS: number,
): readonly T[] {
  return list.slice(firstAfter(list, timeOf, fromS), firstAfter(list, timeOf, toS));
}

/** Index of the first whose time lies after a moment. */
function firstAfter<T>(list: readonly T[], timeOf: (thing: T) => number, atS: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const thing = list[middle];
    if (thing !== undefined && timeOf(thing) <= atS) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const nadirOf = ({ deceleration }: Counted): number => deceleration.extremumS;
export const endOf = ({ endS }: Contraction): number => endS;

/** How far decelerations come with contractions in the last minutes. */
export interface Recurrence {
  readonly isRecurrent: boolean;
  readonly count: number; // contractions with such a deceleration; without contractions: such decelerations
  readonly contractions: number | undefined; // undefined: they cannot be told
}

export interface RecurrenceRule {
  readonly windowS: number;
  readonly share: (count: number, contractions: number) => boolean;
  readonly leastAlone: number; // decelerations that are enough where contractions cannot be told
}

/** More than this many before anything is said to recur. */
const LEAST_WITH_CONTRACTIONS = 2;

/** Where contractions were not seen around a deceleration it may have come with one. */
export const mayAccompany = ({ deceleration }: Counted): boolean =>
  deceleration.contraction === undefined && !deceleration.isContractionKnown;

/**
 * Seconds by which a contraction that was not seen may have begun before the nadir of its deceleration, or have ended after
 * it: own reading, of contractions of two minutes whose decelerations may come a minute after them.
 */
export const UNSEEN_REACH_S = 180;

interface Asked {
  readonly isAsked: (counted: Counted) => boolean;
  readonly areContractionsSeen: boolean;
}

/** Whether the decelerations that are asked for recur by the end of a minute. */
export function recurrenceOf(events: Events, rule: RecurrenceRule, endS: number, asked: Asked): Recurrence {
  const fromS = endS - rule.windowS;
  const contractions = within(events.contractions, endOf, fromS, endS);
  if (asked.areContractionsSeen && contractions.length > 0) {
    const count = contractions.filter((contraction) =>
      (events.accompanied.get(contraction) ?? []).some((one) => asked.isAsked(one) && nadirOf(one) <= endS),
    ).length;
    const isRecurrent = count >= LEAST_WITH_CONTRACTIONS && rule.share(count, contractions.length);
    return { isRecurrent, count, contractions: contractions.length };
  }
  const count = within(events.decelerations, nadirOf, fromS, endS).filter(asked.isAsked).length;
  return { isRecurrent: count >= rule.leastAlone, count, contractions: undefined };
}

/** Whether they would recur if each that lies where contractions were not seen came with one, and there were no others. */
export function mayRecur(
  events: Events,
  rule: RecurrenceRule,
  endS: number,
  isAsked: Asked["isAsked"],
): boolean {
  const fromS = endS - rule.windowS;
  const seen = recurrenceOf(events, rule, endS, { isAsked, areContractionsSeen: true });
  const hidden = within(events.decelerations, nadirOf, fromS - UNSEEN_REACH_S, endS).filter(
    (one) => isAsked(one) && mayAccompany(one),
  ).length;
  const count = hidden + (seen.contractions === undefined ? 0 : seen.count);
  return count >= LEAST_WITH_CONTRACTIONS && rule.share(count, hidden + (seen.contractions ?? 0));
}

/** Decelerations whose kind, or whose very shape, could not be told. */
export function unclearOf(decelerations: readonly Counted[]): Reason[] {
  const unknown = decelerations.filter(({ type }) => type === "unknown").length;
  const unsure = decelerations.filter(({ isSure }) => !isSure).length;
  return [
    ...(unknown > 0 ? [reasonOf("NEEDS_CONTRACTIONS", { count: unknown }, "", "own")] : []),
    ...(unsure > 0 ? [reasonOf("NEEDS_WHOLE_DECELERATION", { count: unsure }, "", "own")] : []),
  ];
}
