import { z } from "zod";
import { ErrorReport } from "./errors.ts";
import { Selection } from "./listing.ts";

/** Rules of the library that take stretches of a signal out: each its own layer above the samples. */
export const MaskRule = z.enum(["flat-uc"]); // one value for a minute and longer on a contraction channel
export type MaskRule = z.infer<typeof MaskRule>;

/** A rule that is laid on many recordings at once, or lifted from them. */
export const PassOrder = z.object({
  what: z.enum(["lay", "lift"]),
  rule: MaskRule.default("flat-uc"),
  selection: Selection,
});
export type PassOrder = z.infer<typeof PassOrder>;

const Count = z.number().int().nonnegative();

/** What a pass over recordings changes, or changed, and what it leaves alone and why. */
export const PassCounts = z.object({
  looked: Count, // recordings
  recordings: Count, // that it changes
  spans: Count,
  seconds: z.number().nonnegative(), // of signal that are observed before or after it, not both
  unchanged: Count, // with nothing to be done
  noChannel: Count, // without a channel that the rule is about
  kept: Count, // where a reader lifted it by hand: that stands
  unfinished: Count, // being recorded or imported
  unfinishedNames: z.array(z.string()), // of the first
  failed: Count,
  failures: z.array(z.object({ recording: z.string(), error: ErrorReport })), // the first
});
export type PassCounts = z.infer<typeof PassCounts>;

/** What the library keeps of a pass until it is done: enough to tell of it, and to take it back, after its process ended. */
export const PassAsked = z.object({
  what: z.enum(["lay", "lift", "undo"]),
  rule: MaskRule,
  of: Count, // recordings
  beganAt: z.string(),
});
export type PassAsked = z.infer<typeof PassAsked>;

/** How far a pass is. */
export const PassProgress = PassCounts.extend({
  ...PassAsked.shape,
  isUndone: z.boolean(), // or is being taken back
});
export type PassProgress = z.infer<typeof PassProgress>;
