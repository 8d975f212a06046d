import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALL_LABELS, type LabelSet } from "../../../preload/contract/label-set.ts";
import {
  addGroup,
  addLabel,
  changeGroup,
  changeLabel,
  codeFrom,
  draftOf,
  moveGroup,
  moveLabel,
  newDraft,
  problemsOf,
  putInGroup,
  removeGroup,
  removeLabel,
  setOf,
  type Draft,
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

describe("groups of a label set", () => {
  /** Two groups: movements with one label, moments with one. */
  const grouped = putInGroup(changeGroup(addGroup(draftOf(set)), 1, { en: "Moments", ja: "時点" }), 1, 1);
  const places = (draft: Draft) =>
    setOf(draft, []).groups.map(({ code }) => [
      code,
      ...setOf(draft, []).labels.flatMap((label) => (label.group === code ? [label.code] : [])),
    ]);

  test("a new group takes its code from its English name, else a number, and one of before keeps its own", () => {
    expect(places(grouped)).toEqual([
      ["all", "acceleration"],
      ["moments", "note"],
    ]);
    const renamed = changeGroup(changeGroup(grouped, 0, { en: "Events" }), 1, { en: "" });
    expect(places(renamed).map(([code]) => code)).toEqual(["all", "group-1"]);
    expect(setOf(renamed, []).groups[0]?.name.en).toBe("Events");
  });
  test("a label goes on from the edge of its group into the next, and back to where it was", () => {
    const moved = moveLabel(addLabel(grouped, 0), 0, 1); // below the new label
    expect(moved.labels.map(({ rowId }) => rowId)).toEqual([2, 0, 1]);
    const over = moveLabel(moved, 0, 1);
    expect(over.labels.map(({ rowId, groupId }) => [rowId, groupId])).toEqual([
      [2, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(moveLabel(over, 0, -1)).toEqual(moved);
    expect(moveLabel(over, 1, 1)).toBe(over);
  });
  test("a group moves with its labels; one that is removed leaves them to its neighbour", () => {
    const turned = moveGroup(grouped, 1, -1);
    expect(places(turned)).toEqual([
      ["moments", "note"],
      ["all", "acceleration"],
    ]);
    expect(places(removeGroup(turned, 1))).toEqual([["all", "note", "acceleration"]]);
    expect(places(removeGroup(turned, 0))).toEqual([["moments", "note", "acceleration"]]);
    const one = draftOf(set);
    expect(removeGroup(one, 0)).toBe(one);
  });
  test("a group without a label or a name, or with the code of another, is said at its name", () => {
    const problemsAt = (draft: Draft) => problemsOf(draft, []).map(({ kind, group }) => [kind, group]);
    expect(problemsAt(addGroup(grouped))).toEqual([["name", 2]]);
    expect(problemsAt(changeGroup(addGroup(grouped), 2, { ja: "空" }))).toEqual([["emptyGroup", 2]]);
    expect(problemsOf(changeGroup(grouped, 1, { en: "All" }), [])).toEqual([
      { kind: "sameGroup", field: "en", row: undefined, group: 1, value: "all", other: "All labels" },
    ]);
  });
  test("whatever is done with groups, every label stays in one that is there, in the order of the groups", () => {
    const id = fc.nat(4);
    const step: fc.Arbitrary<(draft: Draft) => Draft> = fc.oneof(
      fc.constant(addGroup),
      id.map((at) => (draft: Draft) => removeGroup(draft, at)),
      fc.tuple(id, fc.constantFrom(1 as const, -1 as const)).map(
        ([at, by]) =>
          (draft: Draft) =>
            moveGroup(draft, at, by),
      ),
      fc.tuple(id, fc.constantFrom(1 as const, -1 as const)).map(
        ([at, by]) =>
          (draft: Draft) =>
            moveLabel(draft, at, by),
      ),
      fc.tuple(id, id).map(
        ([row, at]) =>
          (draft: Draft) =>
            draft.groups.some(({ groupId }) => groupId === at) ? putInGroup(draft, row, at) : draft,
      ),
      fc.constant((draft: Draft) => addLabel(draft)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let draft = grouped;
        let rows = 2;
        for (const take of steps) {
          rows += take(draft).labels.length - draft.labels.length;
          draft = take(draft);
        }
        const order = draft.groups.map(({ groupId }) => groupId);
        const found = draft.labels.map(({ groupId }) => order.indexOf(groupId));
        expect(found).toEqual([...found].sort((a, b) => a - b));
        expect(found).not.toContain(-1);
        expect(new Set(draft.labels.map(({ rowId }) => rowId)).size).toBe(rows);
      }),
    );
  });
});
