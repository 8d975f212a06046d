import { describe, expect, test } from "vitest";
import type { Annotation } from "../../../../preload/contract/annotation.ts";
import { ALL_LABELS, type LabelSet } from "../../../../preload/contract/label-set.ts";
import {
  bookOf,
  lanesOf,
  matches,
  type Naming,
  neighbour,
  noFilter,
  notAssessableLabel,
  setHolding,
  sortedEvents,
  startingSet,
} from "./events.ts";

const set = (version: number, deceleration: string): LabelSet => ({
  id: "ctg-events",
  version,
  name: { en: "CTG", ja: "CTG" },
  kind: "ctg",
  groups: [ALL_LABELS],
  labels: [
    {
      code: "deceleration",
      name: { en: deceleration, ja: "一過性徐脈" },
      letter: "D",
      key: "d",
      colour: "#d55e00",
      shape: "interval",
      group: "all",
    },
    {
      code: "not-analysable",
      name: { en: "Not analysable", ja: "判読不能" },
      letter: "X",
      key: "x",
      colour: "#7f7f7f",
      shape: "interval",
      group: "all",
    },
  ],
});
let next = 1;
const annotation = (change: Partial<Annotation>): Annotation => ({
  id: `a${next++}`,
  recordingId: "r",
  label: "deceleration",
  labelSet: "ctg-events",
  labelSetVersion: 1,
  onsetS: 0,
  durationS: 30,
  author: "K. Sato",
  source: "person",
  note: "",
  createdAt: "",
  changedAt: "",
  ...change,
});
const book = bookOf([set(1, "Deceleration"), set(2, "Dip")]);

const naming: Naming = { book, channels: [{ position: 0, label: "FHR" }], language: "en" };

describe("the set a model's label is accepted from", () => {
  const sets = [set(2, "Dip"), { ...set(1, "Other"), id: "other" }];
  const known = bookOf([...sets, set(1, "Deceleration")]);

  test("is its own, in the newest version, whatever set is chosen", () => {
    expect(setHolding(annotation({}), { sets, book: known })?.set).toBe(sets[0]);
    expect(setHolding(annotation({ labelSet: "other" }), { sets, book: known })?.set).toBe(sets[1]);
  });
  test("is the version it was made under where the newest has no such label", () => {
    const without = { ...sets[0]!, labels: sets[0]!.labels.slice(1) };
    const found = setHolding(annotation({}), { sets: [without], book: known });
    expect([found?.set.version, found?.label.code]).toEqual([1, "deceleration"]);
    expect(setHolding(annotation({ labelSet: "gone" }), { sets, book: known })).toBeUndefined();
  });
});

describe("events under review", () => {
  test("an annotation of one channel says which, and is found by it", () => {
    const [event, lost] = sortedEvents([annotation({ channel: 0 }), annotation({ channel: 4 })], naming);
    expect(event!.channel).toEqual({ position: 0, label: "FHR" });
    expect(matches(event!, { ...noFilter, text: "fhr" })).toBe(true);
    expect(matches(lost!, { ...noFilter, text: "fhr" })).toBe(false);
    expect(lost!.channel).toEqual({ position: 4, label: "5" });
  });
  test("an annotation keeps the name of the version it was made under", () => {
    const events = sortedEvents([annotation({}), annotation({ labelSetVersion: 2, onsetS: 5 })], naming);
    expect(events.map((event) => event.name)).toEqual(["Deceleration", "Dip"]);
  });
  test("an annotation of an unknown set is shown under its code, not dropped", () => {
    const [event] = sortedEvents([annotation({ labelSet: "gone", label: "odd" })], {
      ...naming,
      language: "ja",
    });
    expect(event).toMatchObject({ name: "odd", label: { letter: "O" } });
  });
  test("the filter finds a note in either width and case, and hides by label, author and source", () => {
    const [event] = sortedEvents([annotation({ note: "ＳＣＡＬＰ electrode" })], naming);
    expect(matches(event!, { ...noFilter, text: "scalp" })).toBe(true);
    expect(matches(event!, { ...noFilter, text: "徐脈" })).toBe(true);
    expect(matches(event!, { ...noFilter, text: "toco" })).toBe(false);
    expect(matches(event!, { ...noFilter, labels: new Set(["deceleration"]) })).toBe(false);
    expect(matches(event!, { ...noFilter, authors: new Set(["K. Sato"]) })).toBe(false);
    expect(matches(event!, { ...noFilter, sources: new Set(["person"] as const) })).toBe(false);
  });
  test("a lane a reader: people, then files, then models", () => {
    const events = sortedEvents(
      [
        annotation({ source: "model", author: "" }),
        annotation({ author: "B" }),
        annotation({ source: "import", author: "events.csv" }),
        annotation({ author: "" }),
      ],
      naming,
    );
    expect(
      lanesOf(events, { unnamed: "unnamed reader", model: "model", ofFile: (name) => `${name} (file)` }).map(
        (lane) => lane.title,
      ),
    ).toEqual(["unnamed reader", "B", "events.csv (file)", "model"]);
  });
  test("what was read completely is drawn under the lane of whoever read it", () => {
    const events = sortedEvents(
      [annotation({ author: "A" }), annotation({ source: "import", author: "events.csv" })],
      naming,
    );
    const reading = (author: string, onsetS: number) => ({ author, onsetS, durationS: 60 });
    const titles = { unnamed: "unnamed", model: "model", ofFile: (name: string) => name };
    const readings = [reading("B", 0), reading("events.csv", 100), reading("B", 200)];
    expect(
      lanesOf(events, titles, readings).map(({ title, read, rows }) => [title, rows.flat().length, read]),
    ).toEqual([
      ["A", 1, undefined],
      [
        "B",
        0,
        [
          { fromS: 0, toS: 60 },
          { fromS: 200, toS: 260 },
        ],
      ],
      ["events.csv", 1, [{ fromS: 100, toS: 160 }]],
    ]);
  });
  test("a text that found no place in the imported set is shown itself, and is found by it", () => {
    const imported: LabelSet = {
      ...set(1, "x"),
      id: "imported",
      labels: [
        { ...set(1, "x").labels[0]!, code: "other-text", name: { en: "Other text", ja: "その他の文字" } },
      ],
    };
    const of = { label: "other-text", labelSet: "imported" };
    const [event, bare] = sortedEvents([annotation({ ...of, text: "Cough at 3" }), annotation(of)], {
      ...naming,
      book: bookOf([imported]),
    });
    expect([event?.name, bare?.name]).toEqual(["Cough at 3", "Other text"]);
    expect(matches(event!, { ...noFilter, text: "cough" })).toBe(true);
    const [known] = sortedEvents([annotation({ text: "decel." })], naming);
    expect(known?.name).toBe("Deceleration");
  });
  test("next and previous leave the event at the cursor", () => {
    const events = sortedEvents(
      [annotation({ onsetS: 10 }), annotation({ onsetS: 20 }), annotation({ onsetS: 30 })],
      naming,
    );
    expect(neighbour(events, 20, 1)?.onsetS).toBe(30);
    expect(neighbour(events, 20, -1)?.onsetS).toBe(10);
    expect(neighbour(events, 30, 1)).toBeUndefined();
  });
  test("the set most annotations use comes first, then the first of the recording's kind", () => {
    const other: LabelSet = { ...set(1, "x"), id: "emg-gestures", kind: "emg" };
    expect(startingSet([other, set(1, "x")], "emg", [annotation({})])).toBe("ctg-events");
    expect(startingSet([other, set(1, "x")], "emg", [])).toBe("emg-gestures");
    expect(startingSet([], "ctg", [])).toBeUndefined();
  });
  test("the label for what cannot be read is found by its code", () => {
    expect(notAssessableLabel(set(1, "x"))?.key).toBe("x");
    expect(notAssessableLabel(undefined)).toBeUndefined();
  });
});
