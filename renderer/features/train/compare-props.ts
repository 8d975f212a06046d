import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import type { Candidate } from "./candidates.ts";
import type { RunSummary } from "../../../preload/contract/run.ts";
import type { Draft } from "./draft.ts";

export interface ComparePageProps {
  readonly runs: readonly RunSummary[];
  readonly recordings: readonly Candidate[];
  readonly labelSets: readonly LabelSet[];
  readonly models: readonly ModelDescription[];
  readonly draft: Draft | undefined;
  readonly inUseId: string | undefined;
}
