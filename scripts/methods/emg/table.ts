import { createHash } from "node:crypto";
import { z } from "zod";
import { pairedSentence } from "../../../preload/contract/paired.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import type { CheckTools, Outcome } from "../check.ts";
import { fitted, rowsOf, scaled, scalingOf, type Variant } from "./fitted.ts";
import { reachedBy, sumsOf, TestSums, type Reached } from "./sums.ts";
import type { EmgWindows } from "./windows.ts";

/** Windows of a split: what is learned from, the labels that are known, and what is judged, as often as it was changed. */
export interface SplitWindows {
  readonly train: EmgWindows;
  readonly tests: readonly EmgWindows[];
  readonly known?: (n: number) => boolean;
}

export interface Split {
  readonly people: readonly string[]; // who are judged
  readonly windows: () => SplitWindows; // made anew each time: a table holds those of one split at a time
}

/** What a method made of the tests of a split, as a cell keeps it. */
const Part = z.object({ seconds: z.number(), tests: z.array(TestSums) });
type Part = z.infer<typeof Part>;

async function judged(
  { train, tests, known = () => true }: SplitWindows,
  variant: Variant,
  classes: number,
  seed: number,
): Promise<Part> {
  const scaling = scalingOf(train);
  const method = await fitted(variant, rowsOf(scaled(train, scaling), classes, known), seed, train.layout);
  const sums: TestSums[] = [];
  for (const test of tests) sums.push(sumsOf(test, await method.judge(scaled(test, scaling)), classes));
  return { seconds: Number(method.seconds.toFixed(2)), tests: sums };
}

const digests = new WeakMap<EmgWindows, string>();

function digestOf(of: EmgWindows): string {
  const known = digests.get(of);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of [of.x, of.observed, of.labels, of.segments])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  const found = hash.update([...of.recordings, ...of.people].join("\n")).digest("base64");
  digests.set(of, found);
  return found;
}

/** What makes a cell: settings, and the windows that were learned from, with a label, and judged. */
const madeOf = (
  { train, tests, known = () => true }: SplitWindows,
  { settings, members }: Variant,
): unknown => ({
  settings,
  ...(members === undefined ? {} : { members }),
  train: digestOf(train),
  known: Array.from({ length: train.count }, (_, n) => Number(known(n))).join(""),
  tests: tests.map(digestOf),
});

/** Where a table keeps its cells. */
interface Kept {
  readonly table: string;
  readonly tools: Pick<CheckTools, "cells" | "say">;
}

/** Of the parts that are there. */
export interface Judged {
  readonly tests: readonly Reached[]; // none where no part is there
  readonly seconds: number; // of learning once
  readonly parts: number;
}

/**
 * The same splits for every method, one split after the other, so that a sitting that ends early has measured all of them on
 * the same people. Windows of all splits are judged together, person by person. An answer a variant, each with one a test.
 */
export async function overTests(
  splits: readonly Split[],
  variants: readonly Variant[],
  classes: number,
  { table, tools }: Kept,
): Promise<readonly Judged[]> {
  const parts = variants.map((): Part[] => []);
  for (const [part, split] of splits.entries()) {
    const mayBe = variants.map(({ name }) => tools.cells.mayHold({ table, method: name, part }));
    if (!mayBe.includes(true)) continue;
    const all = split.windows();
    for (const [at, variant] of variants.entries()) {
      if (mayBe[at] !== true) continue;
      const windows = { ...all, tests: all.tests.slice(0, variant.judges) };
      const key = { table, method: variant.name, part, made: madeOf(windows, variant) };
      const found = await tools.cells.of(key, Part, async () => {
        const own = await judged(windows, variant, classes, part);
        tools.say(
          `${table}, ${variant.name}: ${part + 1} of ${splits.length} learned in ${own.seconds.toFixed(1)} s`,
        );
        return own;
      });
      if (found !== undefined) parts[at]?.push(found);
    }
  }
  return parts.map((own) => ({
    tests: (own[0]?.tests ?? []).map((_, test) => reachedBy(own.flatMap(({ tests }) => tests[test] ?? []))),
    seconds: own.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, own.length),
    parts: own.length,
  }));
}

export const percent = (share: number): string => (100 * share).toFixed(1);

/** How many of those that a table is about. */
export const peopleIn = (splits: readonly Split[]): number =>
  new Set(splits.flatMap(({ people }) => people)).size;

/** A row without a figure, or before it of whom the figure is. */
export const notMeasured = (what: string, people: number, source: string): Outcome => ({
  ...{ what, value: `not measured (0 of ${people} people)`, expected: "–", pass: null },
  ...{ evidence: "computed", source },
});

/** What was lost where samples or electrodes were taken from the tested windows. */
const withLess = ([whole, ...less]: readonly Reached[], names: readonly string[]): readonly string[] =>
  less.map(({ accuracy }, i) => {
    const lost = 100 * ((whole?.accuracy ?? Number.NaN) - accuracy);
    return `${names[i]}: ${percent(accuracy)} (${lost.toFixed(1)} lost)`;
  });

export interface TableOf {
  readonly about: string;
  readonly splits: readonly Split[];
  readonly classes: number;
  readonly variants: readonly Variant[];
  readonly beside?: readonly string[]; // names of those that the ones after them are paired with; LDA and QDA unless given
  readonly goals: Readonly<Record<string, number>>; // least accuracy in percent that was asked for, by variant
  readonly less: readonly string[]; // how tests after the first were changed
  readonly source: string;
}

/**
 * Every method on the same splits: its figures, its goal where there is one, and the paired difference to those beside it over
 * the people that both were measured on. Where not all people are there it is told of how many, and nothing is decided.
 */
export async function table(of: TableOf, tools: CheckTools): Promise<Outcome[]> {
  const { about, splits, classes, variants, goals, less, source, beside = ["lda", "qda"] } = of;
  const all = peopleIn(splits);
  const references = new Map<string, ReadonlyMap<string, number>>();
  const outcomes: Outcome[] = [];
  const found = await overTests(splits, variants, classes, { table: about, tools });
  for (const [at, variant] of variants.entries()) {
    const what = `${about}: ${variant.name}`;
    const { tests = [], seconds = 0 } = found[at] ?? {};
    const first = tests[0];
    if (first === undefined) {
      outcomes.push(notMeasured(what, all, source));
      continue;
    }
    const { people } = first;
    const must = goals[variant.name];
    const apart = [...references].map(
      ([name, others]) => `− ${name} ${pairedSentence(pairedOverGroups(people, others))}`,
    );
    if (beside.includes(variant.name)) references.set(variant.name, people);
    const isWhole = people.size === all;
    const figures = [
      `${isWhole ? "" : `${people.size} of ${all} people: `}${percent(first.accuracy)} %`,
      `(lowest ${percent(Math.min(...people.values()))}, five windows ${percent(first.smooth)})`,
      `NLL ${first.nll.toFixed(3)}, ECE ${first.ece.toFixed(3)}, ${seconds.toFixed(1)} s`,
      ...withLess(tests, less),
      ...apart,
    ];
    tools.say(`${variant.name}: ${figures.join("; ")}`);
    outcomes.push({
      what,
      value: figures.join("; "),
      expected: must === undefined ? "no goal" : `≥ ${must} %`,
      pass: isWhole ? must === undefined || 100 * first.accuracy >= must : null,
      evidence: "computed",
      source,
    });
  }
  return outcomes;
}

/** Several, one after the other. */
export async function tables(all: readonly TableOf[], tools: CheckTools): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const of of all) outcomes.push(...(await table(of, tools)));
  return outcomes;
}
