import type { FindingSummary } from "../../../preload/contract/finding.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import type { Run } from "../../../preload/contract/run.ts";

/** Classes of windows that a run predicted have a place of their own, where one of them is chosen. */
export const isListed = ({ origin, content }: FindingSummary): boolean =>
  !(origin.kind === "run" && content.kind === "window-classes");

/** What said it: the name of the run, or the rule with its version. */
export function titleOf(
  { origin }: FindingSummary,
  runs: readonly { readonly id: string; readonly config: Pick<Run["config"], "name"> }[],
): string {
  if (origin.kind === "rule") return `${origin.rule} ${origin.version}`;
  return runs.find(({ id }) => id === origin.runId)?.config.name ?? origin.runId.slice(0, 13);
}

export function labelInSets(code: string, sets: readonly LabelSet[]): Label | undefined {
  for (const set of sets) {
    const label = set.labels.find((one) => one.code === code);
    if (label !== undefined) return label;
  }
  return undefined;
}
