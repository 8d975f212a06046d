import { seededRandom } from "../../models/random.ts";

/** Below, resampling says little more than which of a handful did best and which did worst. */
export const FEWEST_PAIRS = 6;
const DRAWS = 10_000;
const STREAM = 303;

/** What two methods scored on the same people (or recordings), set side by side person by person. */
export interface PairedComparison {
  readonly groups: number;
  readonly difference: number; // mean over groups of a − b
  /** Ends of its 95 % percentile bootstrap interval; null for fewer than six groups. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly better: number; // groups in which a scores higher
  readonly worse: number;
  readonly equal: number;
  /** A difference is shown only where the interval leaves zero out. */
  readonly verdict: "better" | "worse" | "no-difference-shown" | "too-few";
}

/**
 * Compares two scores of the same groups. People differ far more from one another than methods do, so each is compared
 * with itself and whole groups are resampled: two means with intervals of their own would hide what every person shows.
 * Groups that only one side scored are left out. The same scores and seed always give the same interval, in whatever
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
    if (own !== undefined && other !== undefined) differences.push(own - other);
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

/** One English sentence, for tables. Differences are of shares, so they are told in points of 100. */
export function pairedSentence({
  groups,
  difference,
  interval,
  better,
  worse,
  equal,
  verdict,
}: PairedComparison): string {
  const points = (value: number): string => `${value >= 0 ? "+" : "−"}${(100 * Math.abs(value)).toFixed(1)}`;
  const counted = `of ${groups}, ${better} better, ${worse} worse, ${equal} equal`;
  if (interval === null) return `${points(difference)} points (${counted}; too few for an interval)`;
  const figures = `${points(difference)} points [${points(interval.low)}, ${points(interval.high)}] (${counted})`;
  return verdict === "no-difference-shown" ? `${figures}: no difference shown` : figures;
}
