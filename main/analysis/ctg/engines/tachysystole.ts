import type { Reason } from "../../../../preload/contract/verdict.ts";
import { endOf, nadirOf, within, type Events } from "./decelerations.ts";
import { reasonOf, type Moment } from "./engine.ts";

const AVERAGED_MIN = 30;
const SEEN = 0.7; // of the 30 min; our own decision
const MOST = 5; // contractions in 10 min
const TEN_MIN_S = 600;

/**
 * Contractions in 10 min, averaged over the 30 min before the end of a minute, by the moment each ended; undefined where
 * contractions could be seen in less than 70 % of them, or fewer than 30 min were recorded.
 */
export function contractionRate(
  { look, minute, endS }: Moment,
  { contractions }: Events,
): number | undefined {
  if (minute + 1 < AVERAGED_MIN || look.contractionsSeenIn(minute, AVERAGED_MIN) < SEEN) return undefined;
  return within(contractions, endOf, endS - 60 * AVERAGED_MIN, endS).length / (AVERAGED_MIN / 10);
}

/**
 * Tachysystole as reasons, no part of a class: more than five contractions in 10 min, averaged over 30 min (NICHD, ACOG;
 * read); FIGO also takes more than five in two successive 10 min (recalled).
 */
export function tachysystoleOf(moment: Moment, events: Events, guideline: "figo" | "nichd"): Reason[] {
  const rate = contractionRate(moment, events);
  if (rate === undefined) return [];
  const { endS } = moment;
  const inTen = (from: number, to: number): number => within(events.contractions, endOf, from, to).length;
  const [first, second] = [inTen(endS - 2 * TEN_MIN_S, endS - TEN_MIN_S), inTen(endS - TEN_MIN_S, endS)];
  const reasons: Reason[] = [];
  if (rate > MOST) {
    const values = { rate: Number(rate.toFixed(1)) };
    reasons.push(reasonOf("TACHYSYSTOLE", values, "ACOG/NICHD: tachysystole", "verified"));
  } else if (guideline === "figo" && first > MOST && second > MOST)
    reasons.push(reasonOf("TACHYSYSTOLE_TWICE", { first, second }, "FIGO 2015: tachysystole", "recalled"));
  const count = within(events.decelerations, nadirOf, endS - 60 * AVERAGED_MIN, endS).length;
  if (reasons.length > 0 && count > 0)
    reasons.push(reasonOf("TACHYSYSTOLE_DECELERATIONS", { count }, "ACOG/NICHD: tachysystole", "verified"));
  return reasons;
}
