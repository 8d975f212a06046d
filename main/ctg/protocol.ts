import type { CtgMeasure, CtgNumbers, CtgProgress, CtgRead } from "../../preload/contract/ctg-reading.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";

/** What the thread answers that reads cardiotocograms. Runs that a reading asks have said before what they find, kept in the library. */
export interface CtgCalls {
  /** Keeps what it finds in the library. */
  read: {
    ask: CtgRead;
    answer: FindingSummary[];
    back: { progress: { ask: Pick<CtgProgress, "done" | "step">; answer: undefined } };
  };
  measure: { ask: CtgMeasure; answer: CtgNumbers };
}
