import { z } from "zod";
import { CtgSettings } from "./ctg.ts";
import { CtgRule } from "./ctg-reading.ts";
import { ErrorReport } from "./errors.ts";
import { RunThere } from "./cluster.ts";
import { Selection } from "./listing.ts";
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

/** Why a recording cannot be asked about: of another kind, without a channel that is looked at, with nothing observed in any of them, too short for a window, or still coming in. */
export const Unfit = z.enum(["kind", "channels", "unobserved", "short", "unfinished"]);
export type Unfit = z.infer<typeof Unfit>;

/** What an order comes to for a selection of this library. */
export const StudyPreview = z.object({
  fitting: Count, // to be asked about
  known: Count, // of which the same is said already
  unfit: z.array(
    z.object({
      reason: Unfit,
      what: z.string(), // names of channels that are lacking or saw nothing; else ""
      count: Count,
      names: z.array(z.string()), // of the first
    }),
  ), // the most frequent first
});
export type StudyPreview = z.infer<typeof StudyPreview>;

/** An order for recordings of this library. */
export const StudyAsk = z.object({
  order: StudyOrder,
  selection: Selection,
  again: z.boolean().default(false), // also where the same is said already
});
export type StudyAsk = z.infer<typeof StudyAsk>;

/** What the library keeps of an order until it is done, so that it can go on after its process ended. */
export const StudyAsked = z.object({
  order: StudyOrder,
  name: z.string(), // of the run; of rules ""
  ids: z.array(z.string()), // recordings
  known: Count, // that were left out, since the same was said of them
  again: z.boolean(), // also where it was said already
  work: z.string().optional(), // at the cluster, once it was told
});
export type StudyAsked = z.infer<typeof StudyAsked>;

/** How far an order is. */
export const StudyProgress = z.object({
  name: z.string(), // of the run; of rules ""
  place: z.string().nullable(), // name of the cluster; null: this machine
  of: Count, // recordings
  done: Count, // said of, or found not to be possible
  failed: Count,
  known: Count, // left out
  jobs: z.object({ done: Count, of: Count }).optional(), // of the cluster
  there: RunThere.optional(),
});
export type StudyProgress = z.infer<typeof StudyProgress>;
