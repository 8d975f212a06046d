import { useMemo } from "react";
import type { RunSummary } from "../../../../preload/contract/run.ts";
import { useRequest, useSummary } from "../../../bridge/hooks.ts";
import { ableRuns, type Reads } from "../../../state/runs.ts";

/** Runs that a reading of the recording may rest upon, by what they say, newest first. */
export interface ReadingRuns {
  readonly baseline: readonly RunSummary[];
  readonly events: readonly RunSummary[];
  readonly trust: readonly RunSummary[];
}

const noReads: Reads = {};

export function useReadingRuns(recordingId: string): ReadingRuns {
  const models = useRequest("models.list", {}).data;
  const runs = useRequest("runs.list", {}).data;
  const reads = useRequest("runs.reads", {}).data;
  const recording = useSummary(recordingId);
  return useMemo(() => {
    const of = (can: keyof ReadingRuns): readonly RunSummary[] =>
      ableRuns(runs ?? [], recording, { models: models ?? [], reads: reads ?? noReads }, can).fitting;
    return { baseline: of("baseline"), events: of("events"), trust: of("trust") };
  }, [models, runs, reads, recording]);
}

/** A choice among rules and runs: a rule by its name, a run by what it is asked for and its id. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

const SEPARATOR = " ";

export const runChoice = (of: string, runId: string): string => `${of}${SEPARATOR}${runId}`;

/** The rule, or what a run is asked for and which. */
export function partsOfChoice(value: string): { readonly of: string; readonly runId: string | undefined } {
  const at = value.indexOf(SEPARATOR);
  return at < 0
    ? { of: value, runId: undefined }
    : { of: value.slice(0, at), runId: value.slice(at + SEPARATOR.length) };
}

/** The runs as choices; one that is chosen and is not among them stands there too, so that it is seen what is chosen. */
export function choicesOfRuns(
  runs: readonly RunSummary[],
  { of, chosen, title, gone }: { of: string; chosen: string | undefined; title: string; gone: string },
): { group: string; items: Choice[] }[] {
  const items = runs.map(({ id, config }) => ({ value: runChoice(of, id), label: config.name }));
  const isMissing = chosen !== undefined && !runs.some(({ id }) => id === chosen);
  const all = isMissing ? [...items, { value: runChoice(of, chosen), label: gone }] : items;
  return all.length === 0 ? [] : [{ group: title, items: all }];
}
