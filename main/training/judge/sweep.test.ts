import { expect, test } from "vitest";
import { type Run, RunConfig, type RunMetrics } from "../../../preload/contract/run.ts";
import { seededRandom } from "../../models/random.ts";
import { evaluate } from "./evaluation.ts";
import { foldReport } from "./reports.ts";
import { judgeSweep } from "./sweep.ts";

const PEOPLE = 12;
const WINDOWS = 40;
const FOLDS = 3;
const person = (p: number): string => `person ${String(p).padStart(2, "0")}`;

/** Windows of two classes of some people, each person's so many percent right. */
function testedOf(people: readonly number[], right: (p: number) => number) {
  const n = people.length * WINDOWS;
  const of = (i: number): number => people[Math.floor(i / WINDOWS)] ?? 0;
  const isRight = (i: number): boolean => (i % WINDOWS) / WINDOWS < right(of(i));
  const test = {
    classes: 2,
    labels: Int32Array.from({ length: n }, (_, i) => i % 2),
    probabilities: Float64Array.from({ length: 2 * n }, (_, at) =>
      isRight(at >> 1) === (at % 2 === (at >> 1) % 2) ? 0.8 : 0.2,
    ),
    subjects: Array.from({ length: n }, (_, i) => person(of(i))),
    recordings: Array.from({ length: n }, (_, i) => `recording ${of(i)}`),
  };
  return { test, lda: test };
}

interface Made {
  readonly right: (p: number) => number;
  readonly validation: (fold: number) => number;
  readonly seed?: number;
  readonly folds?: number | undefined;
}

const close = (value: number): unknown => expect.closeTo(value, 12);

const all = Array.from({ length: PEOPLE }, (_, p) => p);

function runOf(
  id: string,
  { right, validation, seed = 0, folds = FOLDS }: Made,
  change: Partial<Run> = {},
): Run {
  const test = evaluate(testedOf(all, right).test);
  const metrics: RunMetrics = {
    ...{ test, lda: test, distanceFromIdentity: [] },
    calibration: {
      temperature: 1,
      subjects: [],
      windows: 0,
      estimated: 0,
      eceBefore: 0,
      eceAfter: 0,
      nll: validation(0),
    },
    ...(folds === 0
      ? {}
      : {
          folds: Array.from({ length: folds }, (_, fold) =>
            foldReport(
              testedOf(
                all.filter((p) => (p + seed) % folds === fold),
                right,
              ),
              { temperature: 1, nll: validation(fold) },
            ),
          ),
        }),
  };
  return {
    id,
    config: RunConfig.parse({
      ...{ name: id, recordingIds: ["a"], labelSet: "s", labels: ["p", "q"], channels: ["one"], seed },
      ...{
        windowS: 0.5,
        strideS: 0.25,
        testSubjects: folds === 0 ? all.map(person) : [],
        validationSubjects: [],
      },
      ...(folds === 0 ? {} : { folds }),
    }),
    classes: ["p", "q"],
    ...{ phase: "done", createdAt: "2026-01-01T00:00:00.000Z", codeVersion: "0", fitS: 2, curve: [] },
    data: [{ recordingId: "a", subject: "x", checksum: "1", labels: "2" }],
    ...{ metrics, hasCheckpoint: false },
    ...change,
  };
}

function judged(runs: readonly (readonly Run[])[]) {
  const known = new Map(runs.flat().map((run) => [run.id, run]));
  const configurations = runs.map((own, i) => ({
    label: `c${i}`,
    values: { i },
    runIds: own.map(({ id }) => id),
  }));
  return judgeSweep(
    configurations,
    (id) => known.get(id) ?? runOf(id, { right: () => 1, validation: () => 0 }),
  );
}

test("the choice is validation's, and each fold's people are judged by what was chosen without them", () => {
  const first = runOf("first", { right: () => 0.5, validation: () => 0.6 });
  // the best on test people, and the worst by validation: what a look at the test scores would take
  const lucky = runOf("lucky", { right: () => 0.9, validation: () => 0.9 });
  const better = runOf("better", { right: () => 0.7, validation: (fold) => (fold === 1 ? 0.7 : 0.1) });
  const report = judged([[first], [lucky], [better]]);
  expect(report).toMatchObject({ chosen: 2, folds: FOLDS, seeds: 1, people: PEOPLE });
  expect(report.rows.map(({ validationNll }) => validationNll)).toEqual([0.6, 0.9, close(0.3)]);
  expect(report.rows.map(({ score }) => Number(score?.toFixed(3)))).toEqual([0.5, 0.9, 0.7]);
  expect(report.rows.map(({ windows }) => windows)).toEqual([1, 2, 3].map(() => PEOPLE * WINDOWS));
  expect(report.rows.map(({ pair }) => pair?.verdict)).toEqual([undefined, "better", "better"]);
  expect(report.rows[1]?.pair?.level).toBeGreaterThan(0.95); // two were looked at
  expect(report.estimate).toMatchObject({
    picked: [1, 0, 2],
    score: close((4 * 0.5 + 8 * 0.7) / 12),
  });
  expect(report.estimate?.gain).toMatchObject({ better: 8, equal: 4 });
});

test("among configurations that differ by nothing but chance the estimate is not the best of them", () => {
  const random = seededRandom(3);
  const right = new Map<string, number>();
  const at = (c: number, p: number): number => {
    const key = `${c} ${p}`;
    const value = right.get(key) ?? 0.6 + 0.2 * (random.next() - 0.5);
    right.set(key, value);
    return value;
  };
  const runs = Array.from({ length: 24 }, (_, c) => [
    runOf(`r${c}`, { right: (p) => at(c, p), validation: () => random.next() }),
  ]);
  const { rows, estimate } = judged(runs);
  const best = Math.max(...rows.map(({ score }) => score ?? 0));
  expect(best).toBeGreaterThan(0.62);
  expect(estimate?.score).toBeLessThan(best - 0.01);
  expect(rows.filter(({ pair }) => pair?.verdict === "better")).toEqual([]);
});

test("with named test people the chosen one is told on them; seeds are averaged person by person", () => {
  const named = (id: string, right: number, nll: number): Run =>
    runOf(id, { right: () => right, validation: () => nll, folds: 0 });
  expect(judged([[named("a", 0.5, 0.4)], [named("b", 0.8, 0.5)]])).toMatchObject({
    ...{ chosen: 0, folds: 0 },
    estimate: { score: close(0.5), picked: [1, 0] },
  });
  const seeds = [0, 1].map((seed) =>
    runOf(`s${seed}`, { right: () => 0.25 + 0.5 * seed, validation: () => 1, seed }),
  );
  const report = judged([seeds]);
  expect(report).toMatchObject({ seeds: 2, estimate: { score: close(0.5), picked: [6] } });
});

test("one that failed is told and not chosen; without the first there is nothing to tell the others against", () => {
  const made = { right: () => 0.6, validation: () => 0.5 };
  const failed: Run = {
    ...runOf("bare", made),
    phase: "failed",
    error: { code: "model/x", message: "Too few labels" },
  };
  delete failed.metrics;
  const report = judged([[failed], [runOf("b", made)]]);
  expect(report.rows[0]).toMatchObject({ failure: "Too few labels", score: null, validationNll: null });
  expect(report).toMatchObject({ chosen: 1, rows: [{}, { pair: null }], estimate: { picked: [0, FOLDS] } });
  expect(() => judged([[failed]])).toThrow(/no configuration .*: Too few labels/i);
});

function readBy(reader: string): RunConfig {
  const { config } = runOf("x", { right: () => 1, validation: () => 1 });
  return { ...config, data: { ...config.data, readers: [reader] } };
}

test.each([
  [
    "split",
    { config: RunConfig.parse({ ...runOf("x", { right: () => 1, validation: () => 1 }).config, folds: 2 }) },
  ],
  ["labels", { data: [{ recordingId: "a", subject: "x", checksum: "1", labels: "3" }] }],
  ["readers", { config: readBy("Mori") }],
  ["classes", { classes: ["p", "r"] }],
] as const)("runs with another %s are no one sweep", (field, change) => {
  const made = { right: () => 0.6, validation: () => 0.5 };
  const other = runOf("b", made, change as Partial<Run>);
  expect(() => judged([[runOf("a", made)], [other]])).toThrow(new RegExp(`other ${field}`));
});
