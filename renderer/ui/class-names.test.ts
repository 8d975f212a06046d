import { expect, test } from "vitest";
import type { LabelSet } from "../../preload/contract/label-set.ts";
import { problemOf } from "../../preload/contract/run.ts";
import { withLabelNames } from "./class-names.ts";
import { problemText } from "./said.ts";

const name = { en: "Hand closed", ja: "手を握る" };
const sets = [{ labels: [{ code: "hand-close", name }] }] as unknown as readonly LabelSet[];

test("what keeps a training from starting calls a label by its name in the language on screen", () => {
  const few = problemOf("TOO_FEW_WINDOWS", { count: 3, label: "hand-close", needed: 10 });
  const said = (language: "en" | "ja"): string => problemText(withLabelNames(few, sets, language), language);
  expect(said("en")).toContain("Hand closed");
  expect(said("ja")).toContain("手を握る");
  expect(said("ja")).not.toContain("hand-close");
  const gone = problemOf("TOO_FEW_WINDOWS", { count: 3, label: "taken-away", needed: 10 });
  expect(problemText(withLabelNames(gone, sets, "en"), "en")).toContain("taken-away");
  const other = problemOf("SUBJECT_UNKNOWN", { subjects: "S1" });
  expect(withLabelNames(other, sets, "ja")).toBe(other);
});
