import { z } from "zod";

const Count = z.number().int().nonnegative();

/** What two methods scored on the same people (or recordings), set side by side person by person. */
export const PairedComparison = z.object({
  groups: Count,
  difference: z.number(), // mean over groups of a − b
  /** Ends of its 95 % percentile bootstrap interval; null for fewer than six groups. */
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  better: Count, // groups in which a scores higher
  worse: Count,
  equal: Count,
  /** A difference is shown only where the interval leaves zero out. */
  verdict: z.enum(["better", "worse", "no-difference-shown", "too-few"]),
});
export type PairedComparison = Readonly<z.infer<typeof PairedComparison>>;

/** The kind of model that every run is compared with. */
export const BASELINE = "lda";

/** What the model of a run is compared with on the same windows. */
export const Opponent = z.enum(["lda", "supervisedOnly", "causal", "transductive"]);
export type Opponent = z.infer<typeof Opponent>;

/** The model of a run against each of its opponents: model − opponent, person by person. */
export const PairedComparisons = z.object({
  score: z.enum(["accuracy", "balancedAccuracy"]), // of each person: the one the result is told by
  against: z.partialRecord(Opponent, PairedComparison),
});
export type PairedComparisons = z.infer<typeof PairedComparisons>;

/** One English sentence, for tables. Differences are of shares, so they are told in points of 100. */
export function pairedSentence(
  { groups, difference, interval, better, worse, equal, verdict }: PairedComparison,
  who: "people" | "recordings" = "people",
): string {
  const points = (value: number): string => `${value >= 0 ? "+" : "−"}${(100 * Math.abs(value)).toFixed(1)}`;
  const counted = `of ${groups}, ${better} better, ${worse} worse, ${equal} equal`;
  if (interval === null) return `${points(difference)} points (${counted}): too few ${who} for an interval`;
  const figures = `${points(difference)} points [${points(interval.low)}, ${points(interval.high)}] (${counted})`;
  return verdict === "no-difference-shown" ? `${figures}: no difference shown` : figures;
}

/** The same with how wide the interval is, where there is one. */
export const pairedSentenceAt = (pair: PairedComparison & { readonly level: number }): string =>
  pair.interval === null
    ? pairedSentence(pair)
    : `${pairedSentence(pair)}, ${(100 * pair.level).toFixed(1)} % interval`;
