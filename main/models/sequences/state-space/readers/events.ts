import { z } from "zod";
import type { Dynamics } from "../filter.ts";
import { switchingOf, turn, variabilityRegimes, type Switching } from "../regimes.ts";

/** Ways away from the baseline that are regimes of their own, after those of variability. */
export const eventNames = ["acceleration", "deceleration"] as const;
export type EventName = (typeof eventNames)[number];
const QUIET = variabilityRegimes.length;
export const eventRegimes: readonly string[] = [...variabilityRegimes.map(({ name }) => name), ...eventNames];

const MOST = { begins: 0.1, ends: 0.5 };
const LearnedEvent = z.object({
  target: z.number().min(-200).max(200), // what the slow deviation makes for, in units of the model
  begins: z.number().min(1e-9).max(MOST.begins), // probability a second
  ends: z.number().min(1e-9).max(MOST.ends),
});
/** Event regimes as they are saved. */
export const LearnedEvents = z.object({ acceleration: LearnedEvent, deceleration: LearnedEvent });
export type LearnedEvents = z.infer<typeof LearnedEvents>;

/** Where learning begins: marked ones of labour records last a minute and come a few times an hour. */
export const startEvents: LearnedEvents = {
  acceleration: { target: 20, begins: 0.0005, ends: 1 / 60 },
  deceleration: { target: -25, begins: 0.0008, ends: 1 / 60 },
};

/** Set by hand: seconds in which an event is reached, and its slow step, times the usual. */
const [REACHED_S, STEP] = [15, 2];

/** Regimes of variability and events in one filter. Variability moves as it does without events. */
export function switchingWith(dynamics: Dynamics, events: LearnedEvents): Switching {
  const quiet = switchingOf(dynamics, variabilityRegimes);
  const regimes = eventRegimes.length;
  const turns = new Float64Array(regimes * regimes);
  const begins = eventNames.reduce((sum, name) => sum + events[name].begins, 0);
  for (let from = 0; from < QUIET; from += 1) {
    for (let to = 0; to < QUIET; to += 1) turns[from * regimes + to] = (1 - begins) * turn(quiet, from, to);
    eventNames.forEach((name, e) => (turns[from * regimes + QUIET + e] = events[name].begins));
  }
  eventNames.forEach((name, e) => {
    const row = (QUIET + e) * regimes;
    for (let to = 0; to < QUIET; to += 1) turns[row + to] = events[name].ends / QUIET;
    turns[row + QUIET + e] = 1 - events[name].ends;
  });
  const moving = eventNames.map((name) => ({
    ...{ ...dynamics, slowTime: REACHED_S, slowStep: STEP * dynamics.slowStep },
    slowTarget: events[name].target,
  }));
  return { dwell: quiet.dwell, dynamics: [...quiet.dynamics, ...moving], turns };
}

/** Of how often each regime turned into each: how often an event began where none was, and ended where one was. */
export function ratesOf(turns: Float64Array, events: LearnedEvents): LearnedEvents {
  const regimes = eventRegimes.length;
  const at = (from: number, to: number): number => turns[from * regimes + to] ?? 0;
  let quiet = 0;
  for (let from = 0; from < QUIET; from += 1) for (let to = 0; to < regimes; to += 1) quiet += at(from, to);
  const rates = (name: EventName, e: number): LearnedEvents[EventName] => {
    let [begun, ended] = [0, 0];
    for (let k = 0; k < QUIET; k += 1) {
      begun += at(k, QUIET + e);
      ended += at(QUIET + e, k);
    }
    const start = startEvents[name];
    const stayed = at(QUIET + e, QUIET + e);
    return {
      target: events[name].target,
      begins: Math.min(MOST.begins, (begun + OWN * start.begins) / (quiet + OWN)),
      ends: Math.min(MOST.ends, (ended + OWN * start.ends) / (stayed + ended + OWN)),
    };
  };
  return { acceleration: rates("acceleration", 0), deceleration: rates("deceleration", 1) };
}

const OWN = 60; // seconds' worth that what is usual counts: a rate never becomes zero
