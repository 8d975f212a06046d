import { AppError } from "../../../preload/contract/errors.ts";
import {
  BESIDE,
  type ComparedMethod,
  type Comparison,
  type HolmComparison,
} from "../../../preload/contract/comparison.ts";
import { BASELINE } from "../../../preload/contract/paired.ts";
import {
  leadingScore,
  metricsIn,
  type Run,
  type RunMetrics,
  type TestReport,
} from "../../../preload/contract/run.ts";
import { holmFamily } from "./paired.ts";

export type Scores = ReadonlyMap<string, number>;

interface Judged {
  readonly run: Run;
  readonly metrics: RunMetrics;
}

/** One method's report on the people whom all were judged on. */
interface Method {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly report: TestReport;
  readonly fitS: number | undefined;
}

/**
 * Runs of one split set side by side by what is stored of each person. The family of pairs with the reference and the
 * family of all others are corrected for their number each (Holm). Throws model/not-trained for a run without scores of
 * windows, model/not-comparable for runs of other windows, people or classes, with what differs.
 */
export function compareRuns(runs: readonly Run[]): Comparison {
  const judged = runs.map(judgedRun);
  const [first, ...rest] = judged;
  if (first === undefined || rest.length === 0)
    throw new AppError("model/not-comparable", "A comparison takes two runs at least", { runs: runs.length });
  for (const other of rest) refuseOthers(first, other);
  const score = leadingScore(first.metrics.test);
  const methods = methodsOf(judged, score);
  const [reference] = methods;
  if (reference === undefined) throw new AppError("model/not-comparable", "There is nothing to compare", {});
  const scores = new Map(methods.map(({ id, name, report }) => [id, scoresOfPeople(name, report, score)]));
  const paired = (pairs: readonly (readonly [string, string])[]): Comparison["pairs"] => {
    const family = holmFamily(
      pairs.map(([a, b]) => [scores.get(a) ?? new Map(), scores.get(b) ?? new Map()] as const),
    );
    return pairs.flatMap(([a, b], i): { a: string; b: string; pair: HolmComparison }[] => {
      const pair = family[i];
      return pair === undefined ? [] : [{ a, b, pair }];
    });
  };
  const others = methods.slice(1).map(({ id }) => id);
  return {
    score,
    people: first.metrics.test.subjects,
    windows: first.metrics.test.windows,
    reference: reference.id,
    methods: methods.map(rowOf),
    pairs: [
      ...paired(others.map((id) => [id, reference.id] as const)),
      ...paired(others.flatMap((a, i) => others.slice(i + 1).map((b) => [a, b] as const))),
    ],
  };
}

function judgedRun(run: Run): Judged {
  const metrics = metricsIn(run);
  if (metrics !== undefined) return { run, metrics };
  const what = run.events ? "it follows whole recordings" : `it is ${run.phase}`;
  throw new AppError("model/not-trained", `${run.config.name} has no scores of windows: ${what}`, {
    runId: run.id,
    phase: run.phase,
  });
}

/** What makes two runs incomparable, in the order in which it is looked for. */
const fields: readonly (readonly [string, (one: Judged) => unknown])[] = [
  ["data", ({ run }) => run.config.data],
  ["split", ({ run }) => run.config.split],
  ["seed", ({ run }) => run.config.seed],
  ["recordings", ({ run }) => run.data.map(({ recordingId, checksum }) => [recordingId, checksum])],
  ["labels", ({ run }) => run.data.map(({ recordingId, labels }) => [recordingId, labels])],
  ["classes", ({ run }) => run.classes],
  ["windows", ({ metrics }) => metrics.test.perSubject.map(({ subject, windows }) => [subject, windows])],
];

const told: Readonly<Record<string, string>> = {
  data: "learned from other recordings, labels, channels or windows",
  split: "was split into other people",
  seed: "has another seed",
  recordings: "has recordings that changed since",
  labels: "has labels or masks that changed since",
  classes: "has other classes",
  windows: "was judged on other windows",
};

function refuseOthers(first: Judged, other: Judged): void {
  const [field] = fields.find(([, of]) => JSON.stringify(of(first)) !== JSON.stringify(of(other))) ?? [];
  if (field === undefined) return;
  throw new AppError(
    "model/not-comparable",
    `${other.run.config.name} ${told[field] ?? "differs"} than ${first.run.config.name}: their scores cannot be set side by side`,
    { run: other.run.config.name, other: first.run.config.name, field },
  );
}

/** The reference first, then the best first. */
function methodsOf(judged: readonly Judged[], score: Comparison["score"]): readonly Method[] {
  const trained = judged.map(({ run, metrics }): Method => ({
    id: run.id,
    kind: run.config.model.kind,
    name: run.config.name,
    report: metrics.test,
    fitS: run.fitS,
  }));
  const reference = trained.find(({ kind }) => kind === BASELINE) ?? besideOf(judged);
  const others = trained.filter(({ id }) => id !== reference?.id);
  const sorted = others.sort((a, b) => b.report[score] - a.report[score]);
  return reference === undefined ? sorted : [reference, ...sorted];
}

const besideOf = ([first]: readonly Judged[]): Method | undefined =>
  first && { id: BESIDE, kind: BASELINE, name: "LDA", report: first.metrics.lda, fitS: undefined };

/** What each test person was scored. Throws model/not-comparable for a report of before these were kept. */
export function scoresOfPeople(name: string, { perSubject }: TestReport, score: Comparison["score"]): Scores {
  return new Map(
    perSubject.map((one) => {
      const value = score === "accuracy" ? (one.byRecording ?? one.accuracy) : one.balancedAccuracy;
      if (value !== undefined) return [one.subject, value];
      throw new AppError(
        "model/not-comparable",
        `${name} was trained before scores of each person and class were kept; train it again`,
        { run: name, field: "older" },
      );
    }),
  );
}

const rowOf = ({ id, kind, name, report, fitS }: Method): ComparedMethod => ({
  ...{ id, kind, name },
  accuracy: report.accuracy,
  balancedAccuracy: report.balancedAccuracy,
  macroF1: report.macroF1,
  nll: report.nll,
  brier: report.brier,
  ece: report.ece,
  classEce: report.classEce.reduce((sum, one) => sum + one, 0) / Math.max(1, report.classEce.length),
  reliability: report.reliability,
  ...(report.eceMass === undefined ? {} : { eceMass: report.eceMass }),
  ...(report.mce === undefined ? {} : { mce: report.mce }),
  ...(report.aurc === undefined ? {} : { aurc: report.aurc }),
  ...(fitS === undefined ? {} : { fitS }),
});
