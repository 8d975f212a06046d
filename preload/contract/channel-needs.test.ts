import { expect, test } from "vitest";
import { labelsApart } from "./channel-needs.ts";
import { ALL_LABELS, type LabelSet } from "./label-set.ts";
import type { ChannelRole } from "./recording.ts";

const label = (code: string, about?: ChannelRole[]): LabelSet["labels"][number] => ({
  ...{ code, name: { en: code, ja: code }, letter: "", colour: "#000000", shape: "interval", group: "all" },
  ...(about ? { about } : {}),
});
const set: LabelSet = {
  ...{ id: "ctg", version: 1, name: { en: "CTG", ja: "CTG" }, kind: "ctg" },
  groups: [ALL_LABELS],
  labels: [
    label("acceleration", ["fhr"]),
    label("contraction", ["uc"]),
    label("late-deceleration", ["fhr", "uc"]),
    label("not-analysable"),
  ],
};

test("a label about other channels says nothing about a run's classes; one that declares nothing may say anything", () => {
  expect([...labelsApart(set, ["acceleration"])]).toEqual(["contraction"]);
  expect([...labelsApart(set, ["contraction"])]).toEqual(["acceleration"]);
  expect([...labelsApart(set, ["acceleration", "contraction"])]).toEqual([]);
  expect([...labelsApart(set, ["not-analysable"])]).toEqual([]);
  expect([...labelsApart(undefined, ["acceleration"])]).toEqual([]);
});
