import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALL_LABELS, type LabelSet } from "../../../preload/contract/label-set.ts";
import {
  addLabel,
  changeLabel,
  codeFrom,
  draftOf,
  moveLabel,
  newDraft,
  problemsOf,
  removeLabel,
  setOf,
} from "./draft.ts";

const set: LabelSet = {
  id: "ctg-events",
  version: 3,
  name: { en: "CTG events", ja: "CTG所見" },
  kind: "ctg",
  groups: [ALL_LABELS],
  labels: [
    {
      code: "acceleration",
      name: { en: "Acceleration", ja: "一過性頻脈" },
      letter: "A",
      key: "a",
      colour: "#009e73",
      shape: "interval",
      group: "all",
    },
    {
      code: "note",
      name: { en: "Note", ja: "メモ" },
      letter: "N",
      colour: "#4d4d4d",
      shape: "point",
      group: "all",
    },
  ],
};
const kinds = (draft: Parameters<typeof problemsOf>[0], taken: readonly string[] = []) =>
  problemsOf(draft, taken).map((one) => one.kind);

describe("editing a label set", () => {
  test("an unchanged draft is the set it came from", () => {
    expect(setOf(draftOf(set), [])).toEqual(set);
    expect(problemsOf(draftOf(set), ["ctg-events"])).toEqual([]);
  });
  test("renaming a label keeps its code, since annotations refer to it", () => {
    const renamed = changeLabel(draftOf(set), 0, { en: "Rise" });
    expect(setOf(renamed, []).labels[0]).toMatchObject({ code: "acceleration", name: { en: "Rise" } });
  });
  test("a new label takes its code from its English name, and a colour nobody has", () => {
    const grown = addLabel(draftOf(set));
    const row = grown.labels[2]!;
    expect(set.labels.map((label) => label.colour)).not.toContain(row.colour);
    const named = changeLabel(grown, row.rowId, {
      en: "Late deceleration ",
      ja: "遅発一過性徐脈",
      letter: "L",
      key: "L",
    });
    expect(setOf(named, []).labels[2]).toMatchObject({
      code: "late-deceleration",
      key: "l",
      name: { en: "Late deceleration" },
    });
  });
  test("a key or a code given twice is said at its field, with the label that has it", () => {
    const twice = changeLabel(draftOf(set), 1, { key: "A" });
    expect(problemsOf(twice, [])).toEqual([
      { kind: "sameKey", field: "key", row: 1, value: "A", other: "Acceleration" },
    ]);
    expect(problemsOf(twice, [], "ja")[0]?.other).toBe("一過性頻脈");
    const named = changeLabel(addLabel(draftOf(set)), 2, { en: "note", ja: "メモ", letter: "M" });
    expect(problemsOf(named, [])).toEqual([
      { kind: "sameCode", field: "en", row: 2, value: "note", other: "Note" },
    ]);
  });
  test.each(["[", "+", "?", " ", "あ", "ab"])(
    "the key %j would never reach its label and is refused",
    (key) => {
      expect(problemsOf(changeLabel(draftOf(set), 0, { key }), [])).toEqual([
        { kind: "key", field: "key", row: 0, value: key },
      ]);
    },
  );
  test("what is missing or misshapen is refused", () => {
    expect(kinds(newDraft("emg"))).toEqual(["name", "name", "letter"]);
    expect(kinds(removeLabel(removeLabel(draftOf(set), 0), 1))).toEqual(["noLabels"]);
    expect(kinds(changeLabel(draftOf(set), 0, { colour: "red", letter: "ABC", key: "ab" }))).toEqual([
      "letter",
      "key",
      "colour",
    ]);
    expect(kinds({ ...draftOf(set), id: undefined }, ["ctg-events"])).toEqual(["sameId"]);
    expect(kinds(changeLabel(addLabel(draftOf(set)), 2, { en: "a", letter: "L", code: "Ä" }))).toEqual([
      "code",
    ]);
  });
  test("one language is enough; without an English name codes and the set's id are numbered", () => {
    let draft = newDraft("ctg");
    draft = { ...draft, ja: "病棟の所見" };
    draft = changeLabel(draft, 0, { ja: "遅発一過性徐脈", letter: "遅" });
    draft = changeLabel(addLabel(draft), 1, { ja: "体動", letter: "動" });
    expect(problemsOf(draft, ["set-1"])).toEqual([]);
    const saved = setOf(draft, ["set-1"]);
    expect([saved.id, saved.name]).toEqual(["set-2", { en: "", ja: "病棟の所見" }]);
    expect(saved.labels.map(({ code }) => code)).toEqual(["label-1", "label-2"]);
    const grown = changeLabel(addLabel(draftOf(saved)), 2, { ja: "メモ", letter: "メ" });
    expect(setOf(grown, []).labels.map(({ code }) => code)).toEqual(["label-1", "label-2", "label-3"]);
  });
  test("moving and moving back changes nothing, and the ends stay ends", () => {
    const draft = draftOf(set);
    expect(moveLabel(moveLabel(draft, 0, 1), 0, -1)).toEqual(draft);
    expect(moveLabel(draft, 0, -1)).toEqual(draft);
    expect(moveLabel(draft, 1, 1)).toEqual(draft);
    expect(moveLabel(draft, 0, 1).labels.map((label) => label.code)).toEqual(["note", "acceleration"]);
  });
  test("a code made from any name is empty or well formed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        expect(codeFrom(name)).toMatch(/^$|^[a-z0-9][a-z0-9_-]*$/);
      }),
    );
  });
});
