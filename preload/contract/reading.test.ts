import { expect, test } from "vitest";
import type { LabelSet } from "./label-set.ts";
import { readingsFor, type Reading } from "./reading.ts";

const label = (code: string, group: string): LabelSet["labels"][number] => ({
  ...{ code, group, name: { en: code, ja: code }, letter: "x", colour: "#000000", shape: "interval" },
});
const set = { labels: [label("acceleration", "rate"), label("contraction", "uterus")] };
const reading = (group: string | undefined, onsetS: number, durationS: number): Reading => ({
  ...{ id: `${group ?? "all"} ${onsetS}`, recordingId: "r", labelSet: "s", labelSetVersion: 1 },
  ...{ author: "a", onsetS, durationS, createdAt: "" },
  ...(group === undefined ? {} : { group }),
});
const found = (labels: readonly string[], readings: readonly Reading[]) =>
  readingsFor({ labelSet: "s", labels }, readings, () => set).map(({ onsetS, durationS }) => [
    onsetS,
    durationS,
  ]);

test("a reading of one group speaks of that group's labels only", () => {
  const readings = [reading("rate", 0, 100)];
  expect(found(["acceleration"], readings)).toEqual([[0, 100]]);
  expect(found(["contraction"], readings)).toEqual([]);
  expect(found(["acceleration", "contraction"], readings)).toEqual([]);
});

test("readings of single groups together speak of all labels where each group was read", () => {
  const readings = [
    reading("rate", 0, 60),
    reading("rate", 60, 40),
    reading("uterus", 50, 100),
    reading(undefined, 300, 10),
  ];
  expect(found(["acceleration", "contraction"], readings)).toEqual([
    [50, 50],
    [300, 10],
  ]);
});
