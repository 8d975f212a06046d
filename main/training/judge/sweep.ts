import { AppError } from "../../../preload/contract/errors.ts";
import {
  type FoldReport,
  leadingScore,
  metricsIn,
  type Run,
  type RunMetrics,
} from "../../../preload/contract/run.ts";
import type { SweepConfiguration, SweepReport, SweepRow } from "../../../preload/contract/sweep.ts";
import { type Scores, scoresOfPeople } from "./compare.ts";
import { holmFamily, pairedOverGroups } from "./paired.ts";

/** A run of a sweep that came to an end, and the people of each of its folds; one "fold" where test people are named. */
interface Judged {
  readonly run: Run;
  readonly metrics: RunMetrics;
  readonly scores: Scores; // on test people
  readonly parts: readonly Part[];
}

interface Part {
  readonly people: readonly string[]; // who are tested
  readonly validationNll: number | undefined; // of people beside them
}

/** A configuration with its runs, one a seed; undefined where one of them has no scores. */
interface Tried {
  readonly configuration: SweepConfiguration;
  readonly runs: readonly Judged[] | undefined;
  readonly failure: string | undefined;
}

/**
 * Configurations of a sweep beside the first, and the one that validation chooses. Differences are told person by person,
 * corrected for their number (Holm). The estimate nests: a fold's people are judged by the configuration that had the lowest
 * validation NLL where they were left out, so that nobody is judged by a choice they had a part in. Throws
 * model/not-comparable for runs of other people, labels or splits, model/not-trained where none has scores.
 */
export function judgeSweep(
  configurations: readonly SweepConfiguration[],
  runOf: (id: string) => Run,
): SweepReport {
  const runs = configurations.map(({ runIds }) => runIds.map(runOf));
  const first = runs.flat().find((run) => metricsIn(run) !== undefined);
  const metrics = first && metricsIn(first);
  if (first === undefined || metrics === undefined) {
    const why = runs.flat().find(({ error }) => error !== undefined)?.error?.message;
    throw new AppError(
      "model/not-trained",
      `No configuration of the sweep has scores of windows${why === undefined ? "" : `: ${why}`}`,
      { configurations: configurations.length },
    );
  }
  const score = leadingScore(metrics.test);
  const tried = configurations.map((configuration, at) => triedOf(configuration, runs[at] ?? [], score));
  refuseOthers(tried.flatMap((one) => one.runs ?? []));
  const rows = rowsOf(tried);
  const chosen = placeOfLowest(rows.map(({ validationNll }) => validationNll ?? undefined));
  return {
    score,
    people: metrics.test.subjects,
    folds: metrics.folds?.length ?? 0,
    seeds: runs[0]?.length ?? 0,
    rows,
    chosen: chosen ?? null,
    estimate: estimateOf(tried),
  };
}

function triedOf(
  configuration: SweepConfiguration,
  runs: readonly Run[],
  score: SweepReport["score"],
): Tried {
  const judged = runs.flatMap((run): Judged[] => {
    const metrics = metricsIn(run);
    if (metrics === undefined) return [];
    const scores = scoresOfPeople(run.config.name, metrics.test, score);
    return [{ run, metrics, scores, parts: partsOf(metrics) }];
  });
  if (judged.length === runs.length) return { configuration, runs: judged, failure: undefined };
  const out = runs.find((run) => metricsIn(run) === undefined);
  return {
    configuration,
    runs: undefined,
    failure: out?.error?.message ?? `it is ${out?.phase ?? "unknown"}`,
  };
}

function partsOf({ folds, test, calibration }: RunMetrics): readonly Part[] {
  const all = test.perSubject.map(({ subject }) => subject);
  if (folds === undefined) return [{ people: all, validationNll: calibration.nll }];
  return folds.map(({ subjects, validationNll }: FoldReport) => ({ people: subjects, validationNll }));
}

/** What has to be the same in all of them: what is told apart, of whom, and who is judged by whom. */
const alike: readonly (readonly [string, (one: Judged) => unknown])[] = [
  ["recordings", ({ run }) => run.data.map(({ recordingId, checksum }) => [recordingId, checksum])],
  ["labels", ({ run }) => run.data.map(({ recordingId, labels }) => [recordingId, labels])],
  ["readers", ({ run }) => run.config.data.readers ?? []],
  ["classes", ({ run }) => run.classes],
  ["split", ({ run }) => run.config.split],
];

function refuseOthers(all: readonly Judged[]): void {
  const bySeed = new Map<number, Judged>();
  for (const one of all) {
    const [first] = all;
    const same = bySeed.get(one.run.config.seed) ?? one;
    bySeed.set(one.run.config.seed, same);
    const found =
      alike.find(([, of]) => first && JSON.stringify(of(first)) !== JSON.stringify(of(one)))?.[0] ??
      (samePeople(same, one) ? undefined : "people");
    if (found === undefined) continue;
    throw new AppError(
      "model/not-comparable",
      `${one.run.config.name} has other ${found} than ${same.run.config.name}: they are no one sweep`,
      { run: one.run.config.name, other: same.run.config.name, field: found },
    );
  }
}

const samePeople = (a: Judged, b: Judged): boolean =>
  JSON.stringify(a.parts.map(({ people }) => people)) === JSON.stringify(b.parts.map(({ people }) => people));

function rowsOf(tried: readonly Tried[]): SweepRow[] {
  const scores = tried.map(({ runs }) => runs && meanScores(runs.map((one) => one.scores)));
  const [baseline] = scores;
  const others = [...tried.keys()].filter(
    (at) => at > 0 && scores[at] !== undefined && baseline !== undefined,
  );
  const none: Scores = new Map();
  const family = holmFamily(others.map((at) => [scores[at] ?? none, baseline ?? none] as const));
  const pairs = new Map(others.map((at, i) => [at, family[i]]));
  return tried.map(({ configuration, runs, failure }, at) => ({
    ...configuration,
    ...(failure === undefined ? {} : { failure }),
    validationNll: runs ? meanOf(runs.flatMap(({ parts }) => parts.map((part) => part.validationNll))) : null,
    score: meanOf([...(scores[at]?.values() ?? [])]),
    windows: runs?.[0]?.metrics.test.windows ?? null,
    pair: pairs.get(at) ?? null,
    fitS: runs ? sumOf(runs.map(({ run }) => run.fitS)) : null,
  }));
}

/** What the whole procedure reaches, choosing included. */
function estimateOf(tried: readonly Tried[]): SweepReport["estimate"] {
  const picked = tried.map(() => 0);
  const [baseline] = tried;
  const seeds = baseline?.configuration.runIds.length ?? 0;
  const nested: Scores[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const own = tried.map(({ runs }) => runs?.[seed]);
    const parts = own.find((one) => one !== undefined)?.parts ?? [];
    const scores = new Map<string, number>();
    for (const [part, { people }] of parts.entries()) {
      const at = placeOfLowest(own.map((one) => one?.parts[part]?.validationNll));
      if (at === undefined) return null;
      picked[at] = (picked[at] ?? 0) + 1;
      for (const person of people) {
        const value = own[at]?.scores.get(person);
        if (value !== undefined) scores.set(person, value);
      }
    }
    nested.push(scores);
  }
  const scores = meanScores(nested);
  const zero = new Map([...scores.keys()].map((person) => [person, 0]));
  const { difference: score, interval } = pairedOverGroups(scores, zero);
  const first = meanScores((baseline?.runs ?? []).map((one) => one.scores));
  return { score, interval, gain: pairedOverGroups(scores, first), picked };
}

/** Of each person the mean over those that have one. */
function meanScores(all: readonly Scores[]): Scores {
  const people = new Set(all.flatMap((scores) => [...scores.keys()]));
  return new Map(
    [...people].map((person) => [person, meanOf(all.map((scores) => scores.get(person))) ?? Number.NaN]),
  );
}

/** Undefined where one is missing of what should be there. */
function meanOf(values: readonly (number | undefined)[]): number | null {
  const known = values.flatMap((value) => (value === undefined ? [] : [value]));
  return known.length === 0 || known.length < values.length ? null : (sumOf(known) ?? 0) / known.length;
}

function sumOf(values: readonly (number | undefined)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return null;
    sum += value;
  }
  return sum;
}

/** The first of the lowest. */
function placeOfLowest(values: readonly (number | undefined)[]): number | undefined {
  let found: number | undefined;
  for (const [at, value] of values.entries())
    if (value !== undefined && value < (found === undefined ? Infinity : (values[found] ?? Infinity)))
      found = at;
  return found;
}
