import type { JobProgress } from "../../../preload/contract/exchange.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { isOver } from "../../state/jobs.ts";
import { recordingFor, steps } from "./steps.ts";

/** Where the synthetic study of the tour stands. A library that holds recordings is added to when a person says so. */
export type Study = "unknown" | "absent" | "asked" | "making" | "failed" | "ready";

export interface Making {
  readonly jobId: string | undefined; // undefined until the job has begun
  readonly hasFailed: boolean; // it could not begin
}

export function studyOf(
  recordings: readonly RecordingSummary[] | undefined, // synthetic ones
  making: Making | undefined,
  jobs: readonly JobProgress[],
  isEmpty: boolean, // the library
): Study {
  if (recordings === undefined) return "unknown";
  if (steps.every((step) => step.opens === undefined || recordingFor(step, recordings) !== undefined))
    return "ready";
  if (jobs.some((one) => one.kind === "sample" && !isOver(one))) return "making";
  if (making === undefined) return isEmpty ? "absent" : "asked";
  const job = jobs.find((one) => one.jobId === making.jobId);
  if (job?.state === "done") return "asked"; // it was made, and has been removed since
  return making.hasFailed || (job !== undefined && isOver(job)) ? "failed" : "making";
}
