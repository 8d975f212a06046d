import fc from "fast-check";
import { expect, test } from "vitest";
import ctgEvents from "../../resources/label-sets/ctg-events.json" with { type: "json" };
import { ALL_LABELS, LabelSet, labelsByGroup, withLabels, wordIn, Words } from "./label-set.ts";

test("a name needs one of its two languages, and that one stands for both", () => {
  for (const names of [
    { en: "", ja: "遅発一過性徐脈" },
    { en: "Late deceleration", ja: " " },
  ]) {
    expect(Words.safeParse(names).success).toBe(true);
    for (const language of ["en", "ja"] as const)
      expect(wordIn(names, language)).toBe(names.en === "" ? names.ja : names.en);
  }
  expect(wordIn({ en: "Late", ja: "遅発" }, "en")).toBe("Late");
  expect(wordIn({ en: "Late", ja: "遅発" }, "ja")).toBe("遅発");
  expect(Words.safeParse({ en: " ", ja: "" }).success).toBe(false);
});

const words = (text: string) => ({ en: text, ja: text });
const label = (code: string, group?: unknown) => ({
  ...{ code, name: words(code), letter: "L", colour: "#112233", shape: "interval" },
  ...(group === undefined ? {} : { group }),
});
const given = (labels: readonly object[], groups?: readonly string[]) => ({
  ...{ id: "s", version: 1, name: words("Set"), kind: "other", labels },
  ...(groups === undefined ? {} : { groups: groups.map((code) => ({ code, name: words(code) })) }),
});
const placed = (set: LabelSet) =>
  labelsByGroup(set).map(({ group, labels }) => [group.code, ...labels.map(({ code }) => code)]);

test("a set without groups reads as one group of all its labels", () => {
  for (const old of [given([label("a"), label("b")]), given([label("a"), label("b")], [])]) {
    const set = LabelSet.parse(old);
    expect(set.groups).toEqual([ALL_LABELS]);
    expect(placed(set)).toEqual([["all", "a", "b"]]);
    expect(LabelSet.parse(set)).toEqual(set);
  }
});

test("labels read in the order of their groups, and a set cut down keeps the groups that are left", () => {
  const set = LabelSet.parse(given([label("a", "y"), label("b", "x"), label("c", "y")], ["x", "y"]));
  expect(set.labels.map(({ code }) => code)).toEqual(["b", "a", "c"]);
  expect(placed(withLabels(set, set.labels.slice(1)))).toEqual([["y", "a", "c"]]);
  expect(placed(LabelSet.parse(ctgEvents))[1]).toEqual(["contractions", "contraction"]);
});

test.each([
  [
    "in no group",
    given([label("a", "x"), label("b")], ["x"]),
    "labels.1.group",
    'label "b" stands in no group',
  ],
  [
    "in a group that is not there",
    given([label("a", "x"), label("b", "z")], ["x"]),
    "labels.1.group",
    'label "b" names group "z"; the set has x',
  ],
  [
    "of groups that are all missing",
    given([label("a", "x")]),
    "labels.0.group",
    'label "a" names group "x"; the set has no groups',
  ],
  [
    "in two groups",
    given([label("a", ["x", "y"])], ["x", "y"]),
    "labels.0.group",
    "a label stands in exactly one group: give that group's code",
  ],
  ["beside an empty group", given([label("a", "x")], ["x", "y"]), "groups.1", 'group "y" has no label'],
  [
    "with a group twice",
    given([label("a", "x")], ["x", "x"]),
    "groups.1.code",
    'two groups have the code "x"',
  ],
])("a label %s is refused at its field", (_, set, field, message) => {
  const issues = LabelSet.safeParse(set).error?.issues.map((one) => [one.path.join("."), one.message]);
  expect(issues).toEqual([[field, message]]);
});

test("whatever a file calls groups is read whole or refused, never half", () => {
  const code = fc.constantFrom("x", "y", "z");
  fc.assert(
    fc.property(
      fc.array(fc.option(code, { nil: undefined }), { minLength: 1, maxLength: 5 }),
      fc.option(fc.array(code, { maxLength: 4 }), { nil: undefined }),
      (of, groups) => {
        const set = LabelSet.safeParse(
          given(
            of.map((group, i) => label(`l${i}`, group)),
            groups,
          ),
        ).data;
        if (set === undefined) return;
        expect(placed(set).flatMap(([, ...codes]) => codes)).toHaveLength(of.length);
        expect(placed(set).every((codes) => codes.length > 1)).toBe(true);
      },
    ),
  );
});
