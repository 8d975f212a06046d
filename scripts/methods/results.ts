import type { Outcome } from "./check.ts";

export interface Row extends Outcome {
  readonly id: string;
  readonly seconds: number;
}

/** What a check that stopped has in place of its table: nothing of its table is exchanged. */
export const STOPPED = "the check itself";

const passed = (pass: boolean | null): string => (pass === null ? "–" : pass ? "yes" : "**no**");

/** Text within a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", String.raw`\|`).replaceAll("\n", " ");

interface Section {
  readonly head: string; // what stands above its rows
  readonly rows: readonly (readonly string[])[]; // what, reached, expected, passed, mark, source
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((text) => text.trim());

/** Sections of a results file by name; rows as prettier leaves them. */
function sectionsOf(text: string): ReadonlyMap<string, Section> {
  return new Map(
    text
      .split(/^(?=## )/m)
      .filter((section) => section.startsWith("## "))
      .map((section) => {
        const [title = "", ...lines] = section.split("\n");
        const isRow = (line: string): boolean => line.startsWith("|");
        const rows = lines.filter(isRow).slice(2).map(cellsOf);
        const head = lines.filter((line) => line !== "" && !isRow(line)).join("\n");
        return [title.slice(3), { head, rows }];
      }),
  );
}

/** Prettier writes _so_ for *so* and \_ for _ ; by what they say rows are known again. */
const nameOf = ([what = ""]: readonly string[]): string => what.replaceAll(/[\\*_]/g, "");
const isOpen = ([, , , mark]: readonly string[]): boolean => mark === "–";

/**
 * The rows of a check that ran now. What was decided before is not exchanged for what is not measured now, or on fewer: the
 * cells that it rests on may lie on another machine.
 */
const merged = (fresh: Section, before: Section | undefined): Section => {
  const decided = new Map(before?.rows.filter((row) => !isOpen(row)).map((row) => [nameOf(row), row]));
  return {
    head: fresh.head,
    rows: fresh.rows.map((row) => (isOpen(row) ? (decided.get(nameOf(row)) ?? row) : row)),
  };
};

export interface Told {
  readonly id: string;
  readonly about: string;
  readonly isInPieces?: true;
}

const sectionOf = ({ about, isInPieces }: Told, rows: readonly Row[]): Section => ({
  head: isInPieces
    ? `${about}. Measured in pieces beside other work: seconds, of learning once, are upper bounds.`
    : `${about}. ${rows[0]?.seconds ?? 0} s.`,
  rows: rows.map(({ what, value, expected, pass, evidence, source }) =>
    [what, String(value), expected, passed(pass), evidence, source].map(cell),
  ),
});

const written = (name: string, { head, rows }: Section): string =>
  [
    `## ${name}`,
    "",
    head,
    "",
    "| what | reached | expected | | mark | source |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");

const ABOUT = [
  "# What the methods reach",
  "",
  "`npm run methods -- --markdown` writes this. Marks are of the figure expected: *verified* in a publication, *computed*",
  "by an implementation of ours, *derived*, *inferred*, or *recalled*. A dash instead of yes or no: not measured, or on",
  "fewer than the table is about, as it says.",
  "",
  "Some choices were made with these very figures in view and are no independent evidence: by which start SDGM stays (Ripley),",
  "its density of the inputs (ring), ramp and scale of its layer (Ripley, moons), the coupled softmax's rule for σ² (its toys),",
  "shuffled batches and three data sets for the layers of identity networks, the network that corrects the filter (its size by",
  "validation, with test figures in sight), how gaps are hidden and filled, the baseline's anchor and band, what counts as having",
  "come in the forks of heart rates, steps of the fork's toy, shape and augmentation of the false-signal network (by its recipe),",
  "its temperatures of at least 1 (after a first look: AUC .9899, ECE .021),",
  "how much recordings nobody read count for regimes of events, the three tenths that a QDA shares (by its recipe, on people of Myo),",
  "level and spread as what a low pH is predicted from, when a network accepts what a rule proposes (weights and limit, folds 0 and 1),",
  "where late begins among decelerations, and details of Wróbel's, Ayres-de-Campos's and Maeda's baselines.",
  'The 85 records "kept for the end" were looked at when the networks that correct the filter stood, and twice again for widths',
  "between their horizons and widths that follow a record, which validation records alone chose.",
  "",
];

/**
 * The results file anew: sections of checks that ran now are exchanged, new ones come at their place in the list, and those
 * that did not run, or stopped, stay as they are. `before`: the file's text, "" where there is none.
 */
export function withRows(before: string, rows: readonly Row[], checks: readonly Told[]): string {
  const known = sectionsOf(before);
  const sections = checks.flatMap((check) => {
    const own = rows.filter(({ id }) => id === check.id);
    const old = known.get(check.id);
    const isStopped = own.some(({ what }) => what === STOPPED);
    const section = own.length === 0 || isStopped ? old : merged(sectionOf(check, own), old);
    return section === undefined ? [] : [written(check.id, section)];
  });
  return [...ABOUT, sections.join("\n\n"), ""].join("\n");
}
