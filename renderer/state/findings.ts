import type { FindingSummary } from "../../preload/contract/finding.ts";
import type { Prediction } from "../../preload/contract/run.ts";

/** A prediction as it is listed: its arrays are read one at a time, under its id. */
export interface StoredPrediction extends Pick<Prediction, "runId" | "adaptation" | "createdAt"> {
  readonly id: string;
  readonly isOutdated: boolean; // masks came or went since
}

/** What runs predicted, among the findings of a recording, in their order. */
export const predictionsAmong = (findings: readonly FindingSummary[]): readonly StoredPrediction[] =>
  findings.flatMap(({ id, origin, content, createdAt, isOutdated }) =>
    origin.kind === "run" && content.kind === "window-classes"
      ? [{ id, createdAt, isOutdated, runId: origin.runId, adaptation: origin.adaptation }]
      : [],
  );
