import { z } from "zod";

/** How far a rule's wording is secured: read in its source, measured, our own decision, or recalled and not checked. */
export const RuleEvidence = z.enum(["verified", "measured", "own", "recalled", "supplied"]);
export type RuleEvidence = z.infer<typeof RuleEvidence>;

/** Why a rule says what it says: the code of a sentence with its values, and the clause that it follows. */
export const Reason = z.object({
  code: z.string(), // of a sentence in rule-sentences.ts
  clause: z.string(), // such as "FIGO 2015, Table 3: decelerations"
  evidence: RuleEvidence,
  values: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});
export type Reason = z.infer<typeof Reason>;

const Share = z.number().min(0).max(1);

/** What is said of one stretch, a minute mostly. */
export const Verdict = z.object({
  onsetS: z.number().nonnegative(),
  durationS: z.number().positive(),
  code: z.string().nullable(), // null: cannot be assessed
  value: z.number().optional(), // what was measured, in the scheme's unit
  probability: z.record(z.string(), Share).default({}), // of each code, over joint draws of what it rests on; empty: not drawn
  assessable: Share, // of the stretch that it looked back over
  reasons: z.array(Reason).default([]),
  missing: z.array(Reason).default([]), // what would have been needed
});
export type Verdict = z.infer<typeof Verdict>;

/** A class a stretch by one scheme, in order of time: of an engine, or of the variability. */
export const Verdicts = z.object({
  kind: z.literal("verdicts"),
  scheme: z.string(), // such as "figo-2015", "variability"
  unit: z.string().optional(), // of the values
  codes: z.array(z.string()).min(1), // that it may say, the most reassuring first
  verdicts: z.array(Verdict),
});
export type Verdicts = z.infer<typeof Verdicts>;
