import { type EventCounts, scoreEvents } from "../../../main/models/sequences/event-net/score.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { figure } from "../check.ts";

const DRAWS = 2000;
const SEED = 11;

/** Counts of the same test records, a fold each, by two ways. */
export interface Pair {
  readonly one: readonly (readonly EventCounts[])[];
  readonly other: readonly (readonly EventCounts[])[];
}

export interface Difference {
  readonly value: number;
  readonly low: number; // ends of the 95 % interval
  readonly high: number;
}

/** F1, of pairs with half of their union in common too, of one way less that of the other, mean of the folds; its interval by drawing the records of each fold again, for both alike. */
export function differenceOf(pair: Pair, of: "f1" | "f1Iou" = "f1"): Difference {
  const random = seededRandom(SEED);
  const draws = Array.from({ length: DRAWS }, () =>
    differenceOn(
      pair,
      pair.one.map((fold) => fold.map(() => random.below(fold.length))),
      of,
    ),
  ).sort((a, b) => a - b);
  const at = (share: number): number => draws[Math.round(share * (DRAWS - 1))] ?? NaN;
  const everyone = pair.one.map((fold) => fold.map((_, record) => record));
  return { value: differenceOn(pair, everyone, of), low: at(0.025), high: at(0.975) };
}

/** `rows`: numbers of the records that count, a fold each. */
function differenceOn(
  { one, other }: Pair,
  rows: readonly (readonly number[])[],
  of: "f1" | "f1Iou",
): number {
  const f1 = (folds: Pair["one"]): number =>
    rows.reduce(
      (sum, picked, fold) => sum + scoreEvents(picked.flatMap((row) => folds[fold]?.[row] ?? []))[of],
      0,
    ) / rows.length;
  return f1(one) - f1(other);
}

export const differenceText = ({ value, low, high }: Difference): string =>
  `${figure(value)} (${figure(low)} to ${figure(high)})`;
