import { expect, test } from "vitest";
import { fillIn, numbered, problemSentences, repairSentences } from "./sentences.ts";

test("what is counted agrees with its number", () => {
  expect(numbered("64 window(s) cannot be assessed")).toBe("64 windows cannot be assessed");
  expect(numbered("1 annotation(s) lie outside")).toBe("1 annotation lies outside");
  expect(numbered("0 more recording(s)")).toBe("0 more recordings");
  expect(numbered("2 file(s) are, 1 file(s) are")).toBe("2 files are, 1 file is");
  expect(numbered("In the recording(s) of a")).toBe("In the recording(s) of a");
});

test("no sentence leaves the plural open once its numbers are known", () => {
  for (const sentence of [...Object.values(problemSentences), ...Object.values(repairSentences)]) {
    const names = [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1] ?? "");
    const values: Record<string, number> = Object.fromEntries(names.map((name) => [name, 3] as const));
    expect(fillIn(sentence, values)).not.toContain("(s)");
  }
});
