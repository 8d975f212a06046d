import { z } from "zod";
import { PairedComparison } from "./paired.ts";
import { DataSelection, ModelConfig, ReliabilityBin, RunFields, SplitConfig } from "./run.ts";

/** The most methods set side by side at once. */
export const MOST_COMPARED = 20;

/** Several methods on the same windows and the same split: each becomes a run of its own that one can use. */
export const ComparisonConfig = z.object({
  name: RunFields.shape.name,
  seed: RunFields.shape.seed,
  data: DataSelection,
  split: SplitConfig,
  models: z.array(ModelConfig).min(2).max(MOST_COMPARED),
  engine: RunFields.shape.engine,
});
export type ComparisonConfig = z.infer<typeof ComparisonConfig>;

/** Two methods person by person. The interval is as wide as Holm's procedure asks for in a family of so many pairs. */
export const HolmComparison = PairedComparison.extend({
  level: z.number(), // of the interval: 0.95 for a single pair
});
export type HolmComparison = z.infer<typeof HolmComparison>;

/** Stands for the linear discriminant that every run has beside it, where none was trained as a run of its own. */
export const BESIDE = "beside";

export const ComparedMethod = z.object({
  id: z.string(), // of the run; BESIDE
  kind: z.string(),
  name: z.string(), // the run's
  accuracy: z.number(),
  balancedAccuracy: z.number(),
  macroF1: z.number(),
  nll: z.number(),
  brier: z.number(),
  ece: z.number(),
  eceMass: z.number().optional(),
  classEce: z.number(), // mean over classes
  mce: z.number().optional(),
  aurc: z.number().optional(),
  fitS: z.number().optional(),
  reliability: z.array(ReliabilityBin),
});
export type ComparedMethod = z.infer<typeof ComparedMethod>;

export const Comparison = z.object({
  score: z.enum(["accuracy", "balancedAccuracy"]), // of each person, by which they are compared
  people: z.number().int(),
  windows: z.number().int(),
  reference: z.string(), // id of the method that the others are told against
  methods: z.array(ComparedMethod), // the reference first, then the best first
  pairs: z.array(z.object({ a: z.string(), b: z.string(), pair: HolmComparison })), // a − b; of each two one
});
export type Comparison = z.infer<typeof Comparison>;

/** Of two methods, the first less the second, whichever way it is kept. */
export function pairBetween({ pairs }: Comparison, a: string, b: string): HolmComparison | undefined {
  const straight = pairs.find((one) => one.a === a && one.b === b)?.pair;
  if (straight) return straight;
  const turned = pairs.find((one) => one.a === b && one.b === a)?.pair;
  if (turned === undefined) return undefined;
  const { interval, verdict } = turned;
  return {
    ...turned,
    difference: -turned.difference,
    interval: interval && { low: -interval.high, high: -interval.low },
    better: turned.worse,
    worse: turned.better,
    verdict: verdict === "better" ? "worse" : verdict === "worse" ? "better" : verdict,
  };
}

const columns = [
  "accuracy",
  "balancedAccuracy",
  "macroF1",
  "nll",
  "brier",
  "ece",
  "eceMass",
  "classEce",
  "mce",
  "aurc",
  "fitS",
] as const;

/** The table of a comparison: a method a row, with its difference to the reference. */
export function comparisonCsv(comparison: Comparison): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const head = ["run", "kind", "name", ...columns, "difference", "low", "high", "level", "verdict"];
  const rows = comparison.methods.map((method) => {
    const pair = pairBetween(comparison, method.id, comparison.reference);
    const told = pair
      ? [pair.difference, pair.interval?.low ?? "", pair.interval?.high ?? "", pair.level, pair.verdict]
      : ["", "", "", "", "reference"];
    const figures = columns.map((column) => method[column] ?? "");
    return [method.id, method.kind, quoted(method.name), ...figures, ...told].join(",");
  });
  return `${[head.join(","), ...rows].join("\n")}\n`;
}
