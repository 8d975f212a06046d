import { sure } from "../../preload/contract/sure.ts";
import { normalFrom, uniformFrom } from "../signal/random.ts";

/** A seeded source of randomness. Same seed and stream, same numbers. */
export interface Random {
  next(): number; // uniform in [0, 1)
  below(limit: number): number; // integer in [0, limit)
  normal(): number; // standard normal
}

/** Two uses of one seed do not share their numbers where their streams differ. */
export function seededRandom(seed: number, stream = 0): Random {
  const next = uniformFrom(seed, stream);
  return { next, below: (limit) => Math.floor(next() * limit), normal: normalFrom(next) };
}

/** Shuffles in place (Fisher and Yates). */
export function shuffle<T extends { length: number; [index: number]: number }>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    const held = sure(items[i]);
    items[i] = sure(items[j]);
    items[j] = held;
  }
  return items;
}
