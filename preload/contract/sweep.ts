import { z } from "zod";
import { HolmComparison } from "./comparison.ts";
import { PairedComparison } from "./paired.ts";

const Count = z.number().int().nonnegative();

/** The most trainings of one sweep: its configurations times its seeds. */
export const MOST_SWEPT = 500;

/** One configuration of a sweep: what it sets, and its runs, one a seed. */
export const SweepConfiguration = z.object({
  label: z.string(),
  values: z.record(z.string(), z.unknown()), // field of the configuration: what it has here
  runIds: z.array(z.string()).min(1),
});
export type SweepConfiguration = z.infer<typeof SweepConfiguration>;

export const SweepRow = SweepConfiguration.extend({
  failure: z.string().optional(), // why there is nothing to tell of it
  /** Mean over folds and seeds of the NLL, in nats, of people whom the judging network never saw: what is chosen by. */
  validationNll: z.number().nullable(),
  score: z.number().nullable(), // on test people, mean over them
  windows: Count.nullable(), // of theirs that it is made of: others where a configuration sets how long these are or which channels are heard
  pair: HolmComparison.nullable(), // less the first configuration, person by person; null for the first
  fitS: z.number().nullable(), // of the models that are kept, together
});
export type SweepRow = z.infer<typeof SweepRow>;

/**
 * Configurations on the same people, and which of them validation chooses. The best test score among them is optimistic:
 * it was looked for. What choosing reaches is told by `estimate`, made of people who had no part in the choice.
 */
export const SweepReport = z.object({
  score: z.enum(["accuracy", "balancedAccuracy"]), // of each person
  people: Count,
  folds: Count, // 0: test people are named
  seeds: Count,
  rows: z.array(SweepRow),
  chosen: Count.nullable(), // place in rows; null: none has a validation score
  /** In each fold the configuration that validation within the other folds chooses; else the chosen one on the test people. */
  estimate: z
    .object({
      score: z.number(),
      interval: z.object({ low: z.number(), high: z.number() }).nullable(), // 95 %, by resampling whole people
      gain: PairedComparison, // less the first configuration
      picked: z.array(Count), // a row: by how many folds it was chosen
    })
    .nullable(),
});
export type SweepReport = z.infer<typeof SweepReport>;
