import type { CtgMeasure, CtgNumbers, CtgProgress, CtgRead } from "../../preload/contract/ctg-reading.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";

/** Findings of runs that a reading rests upon, by id: made before, kept in the library. */
export interface RunFindings {
  readonly baseline?: readonly string[];
  readonly events?: readonly string[];
  readonly falseSignal?: readonly string[];
}

/** What the thread answers that reads cardiotocograms. */
export interface CtgCalls {
  /** Keeps what it finds in the library. */
  read: {
    ask: CtgRead & { readonly runs: RunFindings };
    answer: FindingSummary[];
    back: { progress: { ask: Pick<CtgProgress, "done" | "step">; answer: undefined } };
  };
  measure: { ask: CtgMeasure & { readonly runs: RunFindings }; answer: CtgNumbers };
}
