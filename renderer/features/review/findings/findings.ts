import type { FindingSummary } from "../../../../preload/contract/finding.ts";
import type { Label, LabelSet } from "../../../../preload/contract/label-set.ts";
import type { DataSelection, RunSummary } from "../../../../preload/contract/run.ts";

/** Classes of windows that a run predicted have a place of their own, where one of them is chosen. */
export const isListed = ({ origin, content }: FindingSummary): boolean =>
  !(origin.kind === "run" && content.kind === "window-classes");

/** Of what a run found, that which one key shows or hides together; undefined where nothing is found yet. */
export function toTurn(
  listed: readonly { readonly summary: FindingSummary; readonly isShown: boolean }[],
  runId: string,
): readonly string[] | undefined {
  const own = listed.filter(({ summary: { origin } }) => origin.kind === "run" && origin.runId === runId);
  if (own.length === 0) return undefined;
  const isAnyShown = own.some(({ isShown }) => isShown);
  return own.filter(({ isShown }) => isShown === isAnyShown).map(({ summary }) => summary.id);
}

/** What said it: the name of the run, or the rule with its version. */
export function titleOf(
  { origin }: FindingSummary,
  runs: readonly { readonly id: string; readonly config: Pick<RunSummary["config"], "name"> }[],
): string {
  if (origin.kind === "rule") return `${origin.rule} ${origin.version}`;
  return runs.find(({ id }) => id === origin.runId)?.config.name ?? origin.runId.slice(0, 13);
}

/** The label set whose codes a finding says, where that is known. */
export function setIdOf(
  { origin, content }: Pick<FindingSummary, "origin" | "content">,
  runs: readonly {
    readonly id: string;
    readonly config: { readonly data: Pick<DataSelection, "labelSet"> };
  }[],
): string | undefined {
  if (content.kind === "events") return content.labelSet;
  return origin.kind === "run" ? runs.find(({ id }) => id === origin.runId)?.config.data.labelSet : undefined;
}

/** A label in its own set; where that does not have it, in the first that does. */
export function labelInSets(
  code: string,
  sets: readonly LabelSet[],
  setId: string | undefined,
): Label | undefined {
  const own = sets.filter(({ id }) => id === setId);
  for (const set of [...own, ...sets]) {
    const label = set.labels.find((one) => one.code === code);
    if (label !== undefined) return label;
  }
  return undefined;
}
