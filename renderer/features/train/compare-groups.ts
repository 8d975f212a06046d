import type { RunSummary } from "../../../preload/contract/run.ts";
import { isRunOver } from "../../state/runs.ts";

/** Runs that can be set side by side: the same windows, the same split, the same seed. */
export interface CompareGroup {
  readonly key: string;
  readonly name: string;
  readonly runs: readonly RunSummary[]; // of a comparison also those that ended otherwise
}

const isJudged = (run: RunSummary): boolean => run.phase === "done" && run.score !== undefined;

/** Failed, cancelled or stopped half way: it stands in its group and cannot be compared. */
export const isOut = (run: RunSummary): boolean => isRunOver(run.phase) && !isJudged(run) && !isUntold(run);

/** Done, and its scores are not told while somebody it was judged on is read blind. */
export const isUntold = (run: RunSummary): boolean => isRunOver(run.phase) && run.isUntold === true;

/** Main looks closer, at checksums and labels; here only what was asked for is compared. */
export const groupKeyOf = ({ config: { data, split, seed } }: Pick<RunSummary, "config">): string =>
  JSON.stringify([data, split, seed]);

/** Groups of two and more, the one with the newest run first. */
export function compareGroups(runs: readonly RunSummary[]): readonly CompareGroup[] {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    if (!isJudged(run) && run.config.comparison === undefined) continue;
    const key = groupKeyOf(run);
    const known = groups.get(key);
    if (known) known.push(run);
    else groups.set(key, [run]);
  }
  return [...groups].flatMap(([key, own]) => {
    const [newest] = own;
    if (newest === undefined || own.length < 2) return [];
    const named = own.find(({ config }) => config.comparison !== undefined)?.config.comparison;
    return [{ key, name: named ?? newest.config.name, runs: own }];
  });
}

/** Of one kind the newest alone, so that at first each method stands once. */
export function firstTicked({ runs }: CompareGroup): readonly string[] {
  const seen = new Set<string>();
  return runs.flatMap((run) => {
    const { id, config } = run;
    if (isOut(run) || isUntold(run) || seen.has(config.model.kind)) return [];
    seen.add(config.model.kind);
    return [id];
  });
}
