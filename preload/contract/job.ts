import { z } from "zod";
import type { PassAsked } from "./pass.ts";
import type { StudyAsked } from "./study.ts";

export const JobKind = z.enum(["run", "import", "export", "sample", "engine", "predict", "analyse", "masks"]);
export type JobKind = z.infer<typeof JobKind>;

/** Waiting, running and paused ones have something to come; an interrupted one was under way when its process ended. */
export const JobStanding = z.enum([
  "waiting",
  "running",
  "paused",
  "done",
  "failed",
  "cancelled",
  "interrupted",
]);
export type JobStanding = z.infer<typeof JobStanding>;

/** This machine. */
export const HERE = "here";

/** What the library keeps of a job, whatever it is. Nothing in it names a file or a person. */
export const Job = z.object({
  id: z.string().min(1), // of a run: the run's own
  kind: JobKind,
  place: z.string().min(1), // where it is done: "here", or the name of another machine
  state: JobStanding,
  progress: z.number().min(0).max(1),
  attempt: z.number().int().min(1), // counts how often it was begun anew
  idempotencyKey: z.string().min(1), // who asks twice with the same key gets the same job
});
export type Job = z.infer<typeof Job>;

/** One that is to be done. */
export type NewJob = Pick<Job, "id" | "kind" | "place" | "idempotencyKey"> & {
  readonly asked?: StudyAsked | PassAsked; // of a study, of a pass
};
