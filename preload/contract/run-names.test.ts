import { expect, test } from "vitest";
import { z } from "zod";
import { DataSelection, packed, PackedPreview, RunPreview, unpacked } from "./run.ts";

const data = {
  recordingIds: ["a"],
  labelSet: "s",
  labels: [],
  channels: ["FHR"],
  windows: { windowS: 1, strideS: 1 },
};

test.each([
  ["no recording", { recordingIds: [] }],
  ["a number for one", { recordingIds: ["a", 7] }],
  ["a name beyond all measure", { recordingIds: ["a".repeat(501)] }],
  ["more than are in any study", { recordingIds: Array.from({ length: 100_001 }, () => "a") }],
  ["a text for a list", { channels: "FHR" }],
  ["no list of labels", { labels: null }],
])("what a training names is checked in one go as it was one by one: %s", (_, change) => {
  expect(DataSelection.safeParse(data).success).toBe(true);
  expect(DataSelection.safeParse({ ...data, ...change }).success).toBe(false);
});

test("what a training names is described as lists of text", () => {
  const { properties } = z.toJSONSchema(DataSelection, { io: "input", unrepresentable: "any" });
  expect(properties?.["recordingIds"]).toEqual({
    ...{ type: "array", items: { type: "string", maxLength: 500 }, minItems: 1, maxItems: 100_000 },
  });
});

test("a preview whose people are one text on the way is the same behind it", () => {
  const preview = RunPreview.parse({
    ...{ model: { kind: "lda" }, classes: ["a"], windows: { labelled: 1, unlabelled: 0, unassessable: 0 } },
    ...{ perClass: [1], problems: [], advice: [] },
    subjects: [
      { subject: "妊婦-1", recordings: 1, part: "train", labelled: 1, unlabelled: 0, unassessable: 0 },
      { subject: "P-2", recordings: 1, part: "test", labelled: 0, unlabelled: 0, unassessable: 2, fold: 1 },
    ],
  });
  expect(unpacked(PackedPreview.parse(packed(preview)))).toEqual(preview);
});
