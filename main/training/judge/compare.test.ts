import { describe, expect, test } from "vitest";
import { BESIDE, comparisonCsv, pairBetween } from "../../../preload/contract/comparison.ts";
import type { Run, RunMetrics } from "../../../preload/contract/run.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import { seededRandom } from "../../models/random.ts";
import { compareRuns } from "./compare.ts";
import { evaluate } from "./evaluation.ts";
import { holmFamily } from "./paired.ts";

const PEOPLE = 12;
const WINDOWS = 40;

/** Windows of two classes, each person's so many percent right. */
function reportOf(right: (person: number) => number) {
  const n = PEOPLE * WINDOWS;
  const isRight = (i: number): boolean => (i % WINDOWS) / WINDOWS < right(Math.floor(i / WINDOWS));
  return evaluate({
    classes: 2,
    labels: Int32Array.from({ length: n }, (_, i) => i % 2),
    probabilities: Float64Array.from({ length: 2 * n }, (_, at) => {
      const [i, c] = [at >> 1, at % 2];
      return isRight(i) === (c === i % 2) ? 0.8 : 0.2;
    }),
    subjects: Array.from({ length: n }, (_, i) => `person ${Math.floor(i / WINDOWS)}`),
    recordings: Array.from({ length: n }, (_, i) => `recording ${Math.floor(i / WINDOWS)}`),
  });
}

const level = (person: number): number => 0.5 + 0.03 * person;

function runOf(kind: string, right: (person: number) => number, change: Record<string, unknown> = {}): Run {
  const metrics: RunMetrics = {
    test: reportOf(right),
    lda: reportOf(level),
    calibration: { temperature: 1, subjects: [], windows: 0, estimated: 0, eceBefore: 0, eceAfter: 0 },
    distanceFromIdentity: [],
  };
  return {
    id: `run of ${kind}`,
    config: RunConfig.parse({
      name: kind,
      ...{ recordingIds: ["a"], labelSet: "s", labels: ["p", "q"], channels: ["one"] },
      ...{ windowS: 0.5, strideS: 0.25, testSubjects: ["x"], validationSubjects: [], kind, ...change },
    }),
    classes: ["p", "q"],
    phase: "done",
    createdAt: "2026-01-01T00:00:00.000Z",
    codeVersion: "0",
    data: [{ recordingId: "a", subject: "x", checksum: "1", labels: "2" }],
    metrics,
    fitS: 1.5,
    curve: [],
    hasCheckpoint: false,
  };
}

const lda = runOf("lda", level);
const better = runOf("qda", (person) => level(person) + 0.1);
const unclear = runOf("logistic", (person) => level(person) + (person % 2 === 0 ? 0.1 : -0.1));

describe("runs of one split", () => {
  test("are told against LDA, person by person; the reference stands first, then the best", () => {
    const comparison = compareRuns([unclear, better, lda]);
    expect(comparison.methods.map(({ kind }) => kind)).toEqual(["lda", "qda", "logistic"]);
    expect(comparison).toMatchObject({ reference: lda.id, people: PEOPLE, windows: PEOPLE * WINDOWS });
    const pair = pairBetween(comparison, better.id, lda.id);
    expect(pair?.difference).toBeCloseTo(0.1, 10);
    expect([pair?.verdict, pair?.better]).toEqual(["better", PEOPLE]);
    expect(pairBetween(comparison, unclear.id, lda.id)?.verdict).toBe("no-difference-shown");
    expect(pairBetween(comparison, lda.id, better.id)).toMatchObject({ verdict: "worse", worse: PEOPLE });
    const lines = comparisonCsv(comparison).trim().split("\n");
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.split(",").length)).size).toBe(1);
  });

  test("have the discriminant beside them for a reference where none of them is one", () => {
    const comparison = compareRuns([better, unclear]);
    expect(comparison.reference).toBe(BESIDE);
    expect(pairBetween(comparison, better.id, BESIDE)?.difference).toBeCloseTo(0.1, 10);
  });
});

test.each([
  [{ testSubjects: ["y"] }, /split into other people/],
  [{ seed: 4 }, /another seed/],
  [{ windowS: 1 }, /other recordings, labels, channels or windows/],
])("a run of another split or of other windows is refused by name: %j", (change, message) => {
  expect(() => compareRuns([lda, runOf("qda", level, change)])).toThrow(message);
  expect(() => compareRuns([lda, runOf("qda", level, change)])).toThrow(/qda/);
});

test("labels that changed between two runs, and a run without scores, are refused", () => {
  const changed = { ...better, data: [{ recordingId: "a", subject: "x", checksum: "1", labels: "3" }] };
  expect(() => compareRuns([lda, changed])).toThrow(/labels or masks that changed/);
  const { metrics, ...failed } = better;
  expect(metrics).toBeDefined();
  expect(() => compareRuns([lda, { ...failed, phase: "failed" }])).toThrow(
    /has no scores of windows: it is failed/,
  );
});

describe("Holm's procedure", () => {
  const random = seededRandom(5);
  const zero = new Map(Array.from({ length: 20 }, (_, i) => [`person ${i}`, 0]));
  const shifted = (by: number): Map<string, number> =>
    new Map([...zero.keys()].map((person) => [person, by + random.normal()]));

  test("tells a single pair at 95 %, the clearest of several at the widest, and the first that fails for all after it", () => {
    const clear = shifted(3);
    expect(holmFamily([[clear, zero]])[0]?.level).toBeCloseTo(0.95, 12);
    const family = holmFamily([
      [shifted(0), zero],
      [clear, zero],
      [shifted(0), zero],
      [shifted(0), zero],
    ]);
    expect(family[1]?.level).toBeCloseTo(1 - 0.05 / 4, 12);
    expect(family[1]?.verdict).toBe("better");
    for (const at of [0, 2, 3]) expect(family[at]?.level).toBeCloseTo(1 - 0.05 / 3, 12);
  });

  test("seldom finds what is not there, however many pairs are looked at", () => {
    let found = 0;
    for (let study = 0; study < 40; study += 1) {
      const family = holmFamily(Array.from({ length: 6 }, () => [shifted(0), zero] as const));
      if (family.some(({ verdict }) => verdict === "better" || verdict === "worse")) found += 1;
    }
    expect(found / 40).toBeLessThan(0.15); // at 95 % each: 1 − 0.95⁶ = 0.26
  });
});
