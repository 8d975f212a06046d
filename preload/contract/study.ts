import { z } from "zod";
import { CtgSettings } from "./ctg.ts";
import { CtgRule } from "./ctg-reading.ts";
import { ErrorReport } from "./errors.ts";
import { Adaptation } from "./run.ts";

/** What is asked of many recordings at once, wherever they are judged. Plain data. */
export const StudyOrder = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("predict"), runId: z.string(), adaptation: Adaptation }), // a model of whole recordings adapts to nobody
  z.object({ kind: z.literal("analyse"), settings: CtgSettings, rules: z.array(CtgRule).min(1) }),
]);
export type StudyOrder = z.infer<typeof StudyOrder>;

const Count = z.number().int().nonnegative();

/** One that could not be judged, and why. */
export const StudyFailure = z.object({ recording: z.string(), error: ErrorReport });
export type StudyFailure = z.infer<typeof StudyFailure>;

/** What came of an order into a library: asked for again it brings nothing new. */
export const StudyOutcome = z.object({
  recordings: Count, // that were asked about
  taken: Count, // findings that are new here
  known: Count, // that were here
  elsewhere: Count, // recordings that this library has not: pulled, they come with what was said of them
  differ: z.array(z.string()), // names of those whose masks, or what is known of them, are others here: nothing of them was taken
  failures: z.array(StudyFailure),
});
export type StudyOutcome = z.infer<typeof StudyOutcome>;
