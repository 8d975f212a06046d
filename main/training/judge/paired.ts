import type { PairedComparison } from "../../../preload/contract/paired.ts";
import { seededRandom } from "../../models/random.ts";

/** Below, resampling says little more than which of a handful did best and which did worst. */
export const FEWEST_PAIRS = 6;
const DRAWS = 10_000;
const STREAM = 303;

/**
 * Compares two scores of the same groups. People differ far more from one another than methods do, so each is compared
 * with itself and whole groups are resampled: two means with intervals of their own would hide what every person shows.
 * Groups that only one side scored, or one of them with no number, are left out. The same scores and seed always give the same interval, in whatever
 * order the groups come.
 */
export function pairedOverGroups(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  seed = 0,
): PairedComparison {
  const differences: number[] = [];
  for (const group of [...a.keys()].sort()) {
    const [own, other] = [a.get(group), b.get(group)];
    if (own !== undefined && other !== undefined && Number.isFinite(own - other))
      differences.push(own - other);
  }
  const interval = differences.length < FEWEST_PAIRS ? null : bootstrapOfMean(differences, seed);
  const count = (is: (difference: number) => boolean): number => differences.filter(is).length;
  return {
    groups: differences.length,
    difference: differences.length === 0 ? 0 : sumOf(differences) / differences.length,
    interval,
    better: count((one) => one > 0),
    worse: count((one) => one < 0),
    equal: count((one) => one === 0),
    verdict: verdictOf(interval),
  };
}

function verdictOf(interval: PairedComparison["interval"]): PairedComparison["verdict"] {
  if (interval === null) return "too-few";
  if (interval.low > 0) return "better";
  return interval.high < 0 ? "worse" : "no-difference-shown";
}

function bootstrapOfMean(values: readonly number[], seed: number): { low: number; high: number } {
  const random = seededRandom(seed, STREAM);
  const means = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    let sum = 0;
    for (let pick = 0; pick < values.length; pick += 1) sum += values[random.below(values.length)] ?? 0;
    means[draw] = sum / values.length;
  }
  means.sort();
  const at = (share: number): number => means[Math.round(share * (DRAWS - 1))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
