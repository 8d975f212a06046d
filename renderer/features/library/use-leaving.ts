import { useEffect, useRef, type RefObject } from "react";
import type { JobProgress } from "../../../preload/contract/exchange.ts";
import { dismissJob, leavesByItself } from "../../state/jobs.ts";

const SHOWN_MS = 8000;
const LOOK_MS = 1000;

/** The card of a job that needs nobody goes by itself, unless it is pointed at or has the focus. */
export function useLeaving(job: JobProgress): RefObject<HTMLDivElement | null> {
  const card = useRef<HTMLDivElement>(null);
  const leaves = leavesByItself(job);
  useEffect(() => {
    if (!leaves) return;
    let leftMs = SHOWN_MS;
    // Asked, not told: a focused button that goes away with the job's end says nothing.
    const timer = setInterval(() => {
      const isHeld = card.current?.matches(":hover, :has(:focus-visible)") === true;
      leftMs = isHeld ? SHOWN_MS : leftMs - LOOK_MS;
      if (leftMs <= 0) dismissJob(job.jobId);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [leaves, job.jobId]);
  return card;
}
