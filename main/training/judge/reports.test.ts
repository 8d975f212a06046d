import { expect, test } from "vitest";
import type { ScoredWindows } from "./scored.ts";
import { pooled, reportsOf } from "./reports.ts";

/** Ten windows of two classes a person, the first so many of them right. */
const judged = (right: readonly number[]): ScoredWindows => {
  const rows = right.flatMap((count, person) =>
    Array.from({ length: 10 }, (_, i) => ({ label: i % 2, isRight: i < count, subject: `person ${person}` })),
  );
  return {
    classes: 2,
    probabilities: Float64Array.from(
      rows.flatMap(({ label, isRight }) => (isRight === (label === 0) ? [0.9, 0.1] : [0.1, 0.9])),
    ),
    labels: Int32Array.from(rows.map(({ label }) => label)),
    subjects: rows.map(({ subject }) => subject),
    recordings: rows.map(({ subject }) => subject),
  };
};

test("the model is set beside each of its opponents person by person, and beside those alone", () => {
  const test = judged([9, 8, 7, 9, 8, 10, 6]);
  const lda = judged([8, 7, 6, 8, 7, 9, 5]);
  const { paired } = reportsOf({ test, lda, transductive: test });
  expect(paired?.score).toBe("accuracy");
  expect(Object.keys(paired?.against ?? {})).toEqual(["lda", "transductive"]);
  expect(paired?.against.lda).toMatchObject({ groups: 7, better: 7, worse: 0, verdict: "better" });
  expect(paired?.against.lda?.difference).toBeCloseTo(0.1, 12);
  expect(paired?.against.transductive).toMatchObject({ equal: 7, verdict: "no-difference-shown" });
  expect(reportsOf({ test: judged([9]), lda: judged([2]) }).paired?.against.lda).toMatchObject({
    groups: 1,
    verdict: "too-few",
  });
});

test("what layers put right is told of all folds together", () => {
  const one = { test: judged([9]), lda: judged([8]), layers: { right: [3, 9], windows: 10 } };
  const other = { test: judged([5]), lda: judged([5]), layers: { right: [4, 5], windows: 10 } };
  expect(reportsOf(pooled([one, other])).layerAccuracy).toEqual([0.35, 0.7]);
  expect(reportsOf({ test: judged([9]), lda: judged([8]) }).layerAccuracy).toBeUndefined();
});
