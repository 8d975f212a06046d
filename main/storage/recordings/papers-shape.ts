import { z } from "zod";
import { Annotation, EditKind, EditWhat } from "../../../preload/contract/annotation.ts";
import { CtgContext } from "../../../preload/contract/ctg.ts";
import { MaskSpan } from "../../../preload/contract/mask.ts";
import { Reading } from "../../../preload/contract/reading.ts";
import { RecordingState, Repair } from "../../../preload/contract/recording.ts";
import { ArrivalShape, ClockFitShape } from "../samples/arrivals.ts";

const StepShape = z.object({
  kind: EditKind,
  what: EditWhat,
  changes: z.string(), // JSON, as the history keeps it
  author: z.string(),
  at: z.string(),
  isUndone: z.boolean(),
});

/** All that is known of a recording beside its samples, as it comes from elsewhere. */
export const PapersShape = z.object({
  state: RecordingState.extract(["complete", "interrupted"]),
  note: z.string(),
  repairs: z.array(Repair),
  annotations: z.array(Annotation),
  masks: z.array(MaskSpan),
  readings: z.array(Reading),
  context: z
    .object({ recordingId: z.string(), context: CtgContext, author: z.string(), changedAt: z.string() })
    .nullable(),
  steps: z.array(StepShape),
  times: z.object({ arrivals: z.array(ArrivalShape), fits: z.array(ClockFitShape) }),
});
