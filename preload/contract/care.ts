import { z } from "zod";

/** The parts of a library that a check goes through, in order. */
export const VerifyPart = z.enum(["file", "rows", "blocks", "overviews", "log"]);
export type VerifyPart = z.infer<typeof VerifyPart>;

/** Something that is not what was written. */
export const VerifyProblem = z.object({
  part: VerifyPart,
  code: z.string(), // of a sentence in verify-sentences.ts
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  message: z.string(), // the English sentence
  recordingId: z.string().optional(),
  recording: z.string().optional(), // its name
});
export type VerifyProblem = z.infer<typeof VerifyProblem>;

export const VerifyProgress = z.object({ part: VerifyPart, done: z.number().min(0).max(1) }); // of the whole
export type VerifyProgress = z.infer<typeof VerifyProgress>;

/** What a check of the whole library found. A problem more than are listed is counted all the same. */
export const VerifyReport = z.object({
  problems: z.array(VerifyProblem),
  count: z.number().int().nonnegative(),
  rows: z.number().int().nonnegative(),
  blocks: z.number().int().nonnegative(),
  overviews: z.number().int().nonnegative(), // pages of the pyramid
  entries: z.number().int().nonnegative(), // of the log
  logHead: z.string(), // hash the log ends in: written down elsewhere, it shows a later change
});
export type VerifyReport = z.infer<typeof VerifyReport>;

/** A copy that was opened and checked before it got its name. */
export const BackupReport = z.object({
  path: z.string(),
  bytes: z.number().int().nonnegative(),
  problems: z.number().int().nonnegative(), // of the library, which the copy has too
});
export type BackupReport = z.infer<typeof BackupReport>;
