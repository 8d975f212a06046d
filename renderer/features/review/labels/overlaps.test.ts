import { expect, test } from "vitest";
import type { Annotation } from "../../../../preload/contract/annotation.ts";
import { LabelSet } from "../../../../preload/contract/label-set.ts";
import ctgEvents from "../../../../resources/label-sets/ctg-events.json";
import { bookOf, sortedEvents } from "./events.ts";
import { overlapsOf } from "./overlaps.ts";

const newest = { ...LabelSet.parse(ctgEvents), version: 2 };
const ungrouped = ctgEvents.labels.map((label) => ({ ...label, group: undefined }));
const before = LabelSet.parse({ ...ctgEvents, groups: [], labels: ungrouped });
const sets = { sets: [newest], book: bookOf([before, newest]) };
let count = 0;
const mark = (
  label: string,
  onsetS: number,
  durationS: number,
  change: Partial<Annotation> = {},
): Annotation => ({
  ...{ id: `a${(count += 1)}`, recordingId: "r", label, labelSet: "ctg-events", labelSetVersion: 1 },
  ...{ onsetS, durationS, author: "Sato", source: "person", note: "", createdAt: "", changedAt: "" },
  ...change,
});
/** What overlaps what, by name. */
const told = (...annotations: readonly Annotation[]) => {
  const events = sortedEvents(annotations, { book: sets.book, channels: [], language: "en" });
  const overlaps = overlapsOf(events, sets);
  return events.flatMap(({ id, name }) => {
    const found = overlaps.get(id);
    return found ? [`${name}: ${found.others.map((one) => one.name).join(", ")} (${found.group.code})`] : [];
  });
};

test("a contraction under a deceleration is no overlap, a deceleration upon an acceleration is, also of an older version", () => {
  expect(told(mark("deceleration", 10, 60), mark("contraction", 0, 60), mark("note", 20, 0))).toEqual([]);
  expect(told(mark("deceleration", 10, 60), mark("acceleration", 60, 30))).toEqual([
    "Deceleration: Acceleration (heart-rate-events)",
    "Acceleration: Deceleration (heart-rate-events)",
  ]);
});

test("marks that only touch, or of two readers, or of two channels, exclude nothing; the whole recording is every channel", () => {
  const first = mark("deceleration", 0, 60, { channel: 0 });
  expect(told(first, mark("acceleration", 60, 30))).toEqual([]);
  expect(told(first, mark("acceleration", 30, 30, { author: "Mori" }))).toEqual([]);
  expect(told(first, mark("acceleration", 30, 30, { channel: 1 }))).toEqual([]);
  expect(told(first, mark("acceleration", 30, 30))).toHaveLength(2);
});

test("of many that overlap each says a few", () => {
  const many = Array.from({ length: 50 }, (_, i) => mark("deceleration", i, 100));
  expect(told(...many).map((line) => line.match(/Deceleration/g)?.length)).toEqual(many.map(() => 4));
});
