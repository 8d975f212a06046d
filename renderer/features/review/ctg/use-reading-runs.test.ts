import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunSummary } from "../../../../preload/contract/run.ts";
import { choicesOfRuns, partsOfChoice, runChoice } from "./use-reading-runs.ts";

const run = (id: string, name: string): RunSummary => ({ id, config: { name } }) as RunSummary;
const words = { of: "run", title: "a trained model", gone: "gone" };

test("what is chosen is read back, whatever the id of the run", () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      expect(partsOfChoice(runChoice("both", id))).toEqual({ of: "both", runId: id });
    }),
  );
  expect(partsOfChoice("wmfb")).toEqual({ of: "wmfb", runId: undefined });
});

test("a chosen run that the recording has no use for stands among the choices as such; without runs there is no group", () => {
  const runs = [run("a", "whole"), run("b", "half")];
  const labels = (chosen: string | undefined): string[] =>
    choicesOfRuns(runs, { ...words, chosen }).flatMap(({ items }) => items.map(({ label }) => label));
  expect(labels("b")).toEqual(["whole", "half"]);
  expect(labels("c")).toEqual(["whole", "half", "gone"]);
  expect(choicesOfRuns([], { ...words, chosen: undefined })).toEqual([]);
});
