import type { Marked } from "../../../model.ts";
import { secondsOf } from "../../event-net/targets.ts";
import { eventNames, eventRegimes, type EventName } from "./events.ts";

/** Labels of readers by what they say of a heart rate. */
const waysOf = new Map<string, EventName>([
  ["acceleration", "acceleration"],
  ["deceleration", "deceleration"],
  ["early-deceleration", "deceleration"],
  ["late-deceleration", "deceleration"],
  ["variable-deceleration", "deceleration"],
  ["prolonged-deceleration", "deceleration"],
]);
/** Of the baseline: where it lies high or low itself, the heart rate is not away from it. */
const baselineCodes: readonly string[] = ["tachycardia", "bradycardia"];
const isOfRate = (code: string): boolean => waysOf.has(code) || baselineCodes.includes(code);

/** How likely a reader's mark lies on a second of another regime, and how likely readers leave an event unmarked (recipe-ssm.md §6). */
const [ELSEWHERE, LEFT_OUT] = [0.02, 0.3];

/** A second as readers see it: 0 where nobody declared to have read, else one of these. */
const SAID = { nothing: 1, baseline: 2, acceleration: 3, deceleration: 4 } as const;

/** What readers say a second, of events with such labels. All zero: unlabelled. */
export function saidBySecond(
  seconds: number,
  marks: Marked | undefined,
  codes: readonly string[],
): Uint8Array {
  const said = new Uint8Array(seconds);
  if (marks === undefined || !codes.some((code) => waysOf.has(code))) return said;
  const fill = (value: number, one: Marked["read"][number]): void => {
    const { from, to } = secondsOf(one, seconds);
    said.fill(value, from, to);
  };
  for (const one of marks.read) fill(SAID.nothing, one);
  const isRead = said.map((value) => (value === 0 ? 0 : 1));
  for (const one of marks.events) if (baselineCodes.includes(one.code)) fill(SAID.baseline, one);
  for (const one of marks.events) {
    const way = waysOf.get(one.code);
    if (way !== undefined) fill(SAID[way], one);
  }
  for (const one of marks.unclear) if (isOfRate(one.code)) fill(0, one);
  return said.map((value, t) => (isRead[t] === 1 ? value : 0));
}

/** Events that labels tell of: of the others a second without a mark says nothing. */
export const namedBy = (codes: readonly string[]): readonly EventName[] =>
  eventNames.filter((name) => codes.some((code) => waysOf.get(code) === name));

/**
 * Logarithms by which each regime is less likely, [seconds x regimes]. `strength` 1: as readers are known to err, 0: not at
 * all, which is undefined, as it is where nobody read.
 */
export function toldOf(
  said: ArrayLike<number>,
  named: readonly EventName[],
  strength: number,
): Float64Array | undefined {
  const row = (of: (name: string) => number): Float64Array =>
    Float64Array.from(eventRegimes, (name) => {
      const log = strength * Math.log(of(name));
      return log === 0 ? 0 : log; // no −0
    });
  const isEvent = (name: string): boolean => eventNames.some((one) => one === name);
  const isNamed = (name: string): boolean => named.some((one) => one === name);
  const rows = new Map<number, Float64Array>([
    [SAID.nothing, row((name) => (isNamed(name) ? LEFT_OUT : 1))],
    [SAID.baseline, row((name) => (isEvent(name) ? ELSEWHERE : 1))],
    ...eventNames.map((own) => [SAID[own], row((name) => (name === own ? 1 : ELSEWHERE))] as const),
  ]);
  const told = new Float64Array(said.length * eventRegimes.length);
  for (let t = 0; t < said.length; t += 1) {
    const own = rows.get(said[t] ?? 0);
    if (own !== undefined) told.set(own, t * eventRegimes.length);
  }
  return told.some((log) => log !== 0) ? told : undefined;
}
