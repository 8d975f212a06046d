import { z } from "zod";

/** Ways to a baseline: published algorithms, or the states of a run that follows recordings (then `runId` names it). */
export const BaselineMethod = z.enum([
  "wmfb",
  "lu-wei",
  "wrobel",
  "ayres",
  "mantel",
  "pardey",
  "maeda",
  "run",
]);
export type BaselineMethod = z.infer<typeof BaselineMethod>;

/** Schemes of classification, in the order they are shown. */
export const CtgEngine = z.enum(["figo-2015", "nichd-2008", "jsog-2010", "antepartum"]);
export type CtgEngine = z.infer<typeof CtgEngine>;

/** Who proposes events: the rule, an event network, or the rule with the network accepting. */
export const EventSource = z.enum(["rule", "network", "both"]);
export type EventSource = z.infer<typeof EventSource>;

/** A point that a person set: the baseline passes there. */
export const Anchor = z.object({ atS: z.number().nonnegative(), bpm: z.number().min(30).max(240) });
export type Anchor = z.infer<typeof Anchor>;

/** What is known of a recording and cannot be seen in its signals. What is absent is not known, and never guessed. */
export const CtgContext = z.object({
  gestationDays: z.number().int().min(100).max(330).optional(),
  isLabour: z.boolean().optional(),
  secondStageFromS: z.number().nonnegative().optional(), // seconds from the recording's start
  anchors: z.array(Anchor).max(500).default([]), // in order of time
});
export type CtgContext = z.infer<typeof CtgContext>;

/** What a table of centiles may hold: completed weeks, and ranges of minutes in ms. */
export const referenceRange = { week: [20, 45], ms: [1, 500] } as const;
const RangeMs = z.number().min(referenceRange.ms[0]).max(referenceRange.ms[1]);

/**
 * Centiles by gestational age of the mean range (ms) of the minutes in episodes of high variation. A person supplies it:
 * no such table is public in the sources read, and none is shipped.
 */
export const AntepartumReference = z.object({
  name: z.string().min(1).max(200),
  source: z.string().min(1).max(500), // publication, or how it was made
  weeks: z
    .array(
      z
        .object({
          week: z.number().int().min(referenceRange.week[0]).max(referenceRange.week[1]), // completed weeks
          p1Ms: RangeMs, // 1st centile
          p10Ms: RangeMs, // 10th centile
        })
        .refine(({ p1Ms, p10Ms }) => p1Ms <= p10Ms, { message: "the 1st centile lies above the 10th" }),
    )
    .min(1)
    .max(26)
    .refine((rows) => new Set(rows.map(({ week }) => week)).size === rows.length, {
      message: "a week stands in the table twice",
    }),
});
export type AntepartumReference = z.infer<typeof AntepartumReference>;

/** How a cardiotocogram is read by rule. */
export const CtgSettings = z.object({
  baseline: BaselineMethod.default("wmfb"),
  baselineRunId: z.string().optional(),
  events: EventSource.default("rule"),
  eventRunId: z.string().optional(),
  falseSignalRunId: z.string().optional(), // absent: by rules and local features
  strictNichd: z.boolean().default(true), // category I: no late or variable deceleration at all (2008), else none recurrent
  antepartumReference: AntepartumReference.optional(), // absent: what needs it cannot be assessed
  draws: z.number().int().min(0).max(2000).default(200), // for probabilities; 0: none
});
export type CtgSettings = z.infer<typeof CtgSettings>;
