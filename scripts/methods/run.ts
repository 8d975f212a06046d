import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { KeptCells } from "./cells.ts";
import type { CheckTools, MethodCheck, Outcome } from "./check.ts";
import { checks } from "./checks.ts";
import { STOPPED, withRows, type Row } from "./results.ts";

/** Folder of the development recordings: KODO_SHARED/data, or shared/data beside the project or above it. */
function dataFrom(project: string): string {
  const named = process.env["KODO_SHARED"];
  if (named) return join(named, "data");
  for (let folder = project; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "shared", "data");
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`the development recordings are not here: no shared/data above ${project}`);
}

export const ids = (): readonly string[] => checks.map(({ id }) => id);

export interface RunOptions {
  readonly project: string;
  readonly say: (line: string) => void;
  readonly minutes?: number; // no cell of a long table is begun later than this after its check began
  readonly methods?: readonly string[]; // cells of long tables are begun for these alone
  readonly parts?: number; // and of so many of a table's first parts
}

interface Ran {
  readonly rows: readonly Row[];
  readonly asked: readonly string[]; // methods that long tables asked for
}

/** Runs the checks of those names one after the other; a check that fails to run is a row that did not pass. */
export async function runChecks(
  wanted: readonly string[],
  {
    project,
    say,
    minutes = Number.POSITIVE_INFINITY,
    methods = [],
    parts = Number.POSITIVE_INFINITY,
  }: RunOptions,
): Promise<Ran> {
  const rows: Row[] = [];
  const asked = new Set<string>();
  const folder = join(project, "scripts", "methods", "cells");
  for (const check of checks.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    const started = performance.now();
    say(`${check.id}: ${check.about}`);
    const sitting = { until: started + 60_000 * minutes, methods, parts, say };
    const outcomes = await outcomesOf(check, {
      data: () => dataFrom(project),
      say: (line) => say(`  ${line}`),
      cells: new KeptCells(folder, sitting, asked),
    });
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    for (const outcome of outcomes) {
      rows.push({ id: check.id, ...outcome, seconds });
      say(
        `  ${outcome.pass === null ? "open" : outcome.pass ? "reached" : "MISSED"} ${outcome.what}: ${outcome.value} (expected ${outcome.expected})`,
      );
    }
  }
  return { rows, asked: [...asked] };
}

async function outcomesOf(check: MethodCheck, tools: CheckTools): Promise<readonly Outcome[]> {
  try {
    return await check.run(tools);
  } catch (error) {
    return [
      {
        what: STOPPED,
        value: error instanceof Error ? error.message : String(error),
        expected: "runs",
        pass: false,
        evidence: "computed",
        source: check.id,
      },
    ];
  }
}

/** The text of the results file `before` with what ran now. */
export const withResults = (before: string, rows: readonly Row[]): string => withRows(before, rows, checks);
