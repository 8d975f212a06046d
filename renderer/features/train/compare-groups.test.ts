import { expect, test } from "vitest";
import { RunConfig, type RunSummary } from "../../../preload/contract/run.ts";
import { compareGroups, firstTicked, isOut, isUntold } from "./compare-groups.ts";

const run = (kind: string, phase: RunSummary["phase"], comparison?: string): RunSummary => ({
  ...{ id: `${kind} ${phase}`, phase, classes: [], createdAt: "2026-01-01T00:00:00Z", codeVersion: "1" },
  ...{ looksAhead: false, hasCheckpoint: false },
  config: RunConfig.parse({
    name: kind,
    data: {
      ...{ recordingIds: ["a"], labelSet: "s", labels: ["x"], channels: ["1"] },
      windows: { windowS: 1, strideS: 1 },
    },
    split: { testSubjects: ["p"], validationSubjects: [] },
    model: { kind },
    comparison,
  }),
});

test("a method that failed stays in sight, but is not ticked; a lone training that failed is in no comparison", () => {
  const [group, ...more] = compareGroups([
    run("qda", "failed", "both"),
    run("qda", "training", "both"),
    run("lda", "waiting", "both"),
    run("sdgm", "failed"),
  ]);
  expect(more).toEqual([]);
  expect(group?.name).toBe("both");
  expect(group?.runs.map(({ id }) => id)).toEqual(["qda failed", "qda training", "lda waiting"]);
  expect(group && firstTicked(group)).toEqual(["qda training", "lda waiting"]);
});

test("a run whose scores are not told while somebody is read blind did not fail: it stands beside, and is not ticked", () => {
  const hidden: RunSummary = { ...run("qda", "done", "both"), isUntold: true };
  const judged = { ...run("lda", "done", "both"), score: { value: 0.8, subjects: 3, windows: 9 } };
  const [group] = compareGroups([hidden, judged]);
  expect(group?.runs).toHaveLength(2);
  expect(group && firstTicked(group)).toEqual(["lda done"]);
  expect([hidden, judged].map((one) => [isOut(one), isUntold(one)])).toEqual([
    [false, true],
    [false, false],
  ]);
});
