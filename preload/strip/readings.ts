import type { Verdict } from "../contract/verdict.ts";

const LEAST_FILL = 0.14; // of an event of no probability: still seen
const MOST_FILL = 0.36; // the trace shows through

/** How strongly the area between a trace and its baseline is filled: as the event is probable. */
export const fillAlpha = (probability = 1): number => LEAST_FILL + (MOST_FILL - LEAST_FILL) * probability;

/** Levels of the halo along what may not be the fetus; beneath the first there is none. */
export const HALO_LEVELS = 5;
const HALO_LEAST = 0.15; // probability at which the first begins
export const HALO_PX = 7;
const MOST_HALO = 0.5; // the trace shows through

export const haloAlpha = (level: number): number => (level / HALO_LEVELS) * MOST_HALO;

/** Level of a probability, 0 where there is no halo. */
export const haloLevel = (probability: number): number =>
  probability < HALO_LEAST
    ? 0
    : Math.min(HALO_LEVELS, 1 + Math.floor(((probability - HALO_LEAST) / (1 - HALO_LEAST)) * HALO_LEVELS));

const LOW_BELOW = 5; // bpm of bandwidth; FIGO 2015 [V S11, S12], see ctg.md 5.1
const HIGH_ABOVE = 25;
const MOST_SHOWN = 40; // beyond, the number only says that it is more

/** What stands in a minute: its variability, and whether that is low or high; nothing where it cannot be assessed. */
export function minuteText({ code, value }: Pick<Verdict, "code" | "value">): string {
  if (code === null || value === undefined) return "";
  if (value > MOST_SHOWN) return `${MOST_SHOWN}+`;
  const arrow = value < LOW_BELOW ? "↓" : value > HIGH_ABOVE ? "↑" : "";
  return `${value.toFixed(value < 2 ? 1 : 0)}${arrow}`;
}
