import type { CtgContext, CtgEngine, CtgSettings } from "../../../../preload/contract/ctg.ts";
import { ruleClasses, type RuleCode, type RuleValues } from "../../../../preload/contract/rule-sentences.ts";
import type { Reason, RuleEvidence, Verdict } from "../../../../preload/contract/verdict.ts";
import { RANGE_BPM } from "../cleaning.ts";
import type { Evidence } from "../trace.ts";
import { lookBack, type LookBack } from "./look-back.ts";

/**
 * What an engine, or one feature of it, says at the end of a minute: the classes that what is seen allows, and why. Classes
 * are places in the engine's codes, 0 the most reassuring.
 */
export interface Judged {
  readonly least: number;
  readonly most: number; // the same: that is the class; more: it cannot be assessed
  readonly reasons: Told;
  readonly missing: Told;
}
/** Reasons are put into words only when asked for: hundreds of draws ask for the class alone. */
export type Told = () => readonly Reason[];
export const untold: Told = () => [];

/** Everything that a judgement at the end of one minute may rest on. */
export interface Moment {
  readonly minute: number; // its index; judged at its end
  readonly endS: number;
  readonly look: LookBack;
  readonly evidence: Evidence;
  readonly context: CtgContext;
  readonly settings: CtgSettings;
}

/** A scheme of classification. A new one is one file and one line in registry.ts. Pure. */
export interface RuleEngine {
  readonly name: CtgEngine;
  readonly version: string;
  readonly source: string;
  readonly codes: readonly string[]; // the most reassuring first
  /** Looks back only: what comes after the minute changes nothing. */
  prepare(evidence: Evidence, context: CtgContext, settings: CtgSettings): (moment: Moment) => Judged;
}

/** Minutes that an engine looks back over, at most. */
export const LOOK_BACK_MIN = 60;

/** Codes of an engine, the most reassuring first. */
export const codesOf = (engine: CtgEngine): readonly string[] => ruleClasses[engine].map(({ code }) => code);

/** A reason with the values that its sentence needs. */
export function reasonOf<Code extends RuleCode>(
  code: Code,
  values: RuleValues<Code>,
  clause: string,
  evidence: RuleEvidence,
): Reason {
  return { code, clause, evidence, values };
}

/** Time since the start as h:mm:ss. */
export function clockOf(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number): string => `${n}`.padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** A verdict a minute by one engine, in order of time. Where what is seen allows several classes the code is null. */
export function judge(
  engine: RuleEngine,
  evidence: Evidence,
  context: CtgContext,
  settings: CtgSettings,
): Verdict[] {
  const look = lookBack(evidence);
  const judgeAt = engine.prepare(evidence, context, settings);
  return evidence.minutes.map(({ fromS }, minute) => {
    const endS = Math.min(fromS + 60, evidence.durationS);
    const judged = judgeAt({ minute, endS, look, evidence, context, settings });
    const isOpen = judged.least !== judged.most;
    const leftOut = leftOutReasons(look, minute);
    return {
      onsetS: fromS,
      durationS: Math.max(endS - fromS, 1),
      code: onlyOf(engine, judged) ?? null,
      probability: {},
      assessable: look.seenIn(minute, LOOK_BACK_MIN),
      reasons: [...judged.reasons(), ...(isOpen ? [] : leftOut)],
      missing: isOpen ? [...leftOut, ...judged.missing(), ...between(engine, judged)] : [],
    };
  });
}

/** Minutes that are left out though the monitor drew a heart rate: no absent variability is made of them, nor a normal one. */
function leftOutReasons(look: LookBack, minute: number): readonly Reason[] {
  const { frozen, outside, minutes } = look.leftOutIn(minute, LOOK_BACK_MIN);
  return [
    ...(frozen === 0 ? [] : [reasonOf("FROZEN", { count: frozen, minutes }, "", "own")]),
    ...(outside === 0 ? [] : [reasonOf("OUTSIDE", { count: outside, minutes, ...RANGE_BPM }, "", "own")]),
  ];
}

/** The class a minute, and no reasons. */
export function classify(
  engine: RuleEngine,
  evidence: Evidence,
  context: CtgContext,
  settings: CtgSettings,
): (string | undefined)[] {
  const look = lookBack(evidence);
  const judgeAt = engine.prepare(evidence, context, settings);
  return evidence.minutes.map(({ fromS }, minute) => {
    const endS = Math.min(fromS + 60, evidence.durationS);
    return onlyOf(engine, judgeAt({ minute, endS, look, evidence, context, settings }));
  });
}

const onlyOf = ({ codes }: RuleEngine, { least, most }: Judged): string | undefined =>
  least === most ? codes[least] : undefined;

/** Says which classes remain, where not all of them do. */
function between({ name, codes }: RuleEngine, { least, most }: Judged): Reason[] {
  if (least === 0 && most === codes.length - 1) return [];
  const values = { least: `${name}/${codes[least]}`, most: `${name}/${codes[most]}` };
  return [reasonOf("BETWEEN", values, "", "own")];
}

/** The gravest of several features counts. */
export function gravest(features: readonly Judged[]): Judged {
  let [least, most] = [0, 0];
  for (const feature of features) {
    least = Math.max(least, feature.least);
    most = Math.max(most, feature.most);
  }
  return {
    ...{ least, most },
    reasons: () => features.flatMap(({ reasons }) => reasons()),
    missing: () => features.flatMap(({ missing }) => missing()),
  };
}
