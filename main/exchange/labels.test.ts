import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_LABELS, Label, LabelSet, OTHER_TEXT } from "../../preload/contract/label-set.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import { codeOf, mapLabels, MOST_LABELS } from "./labels.ts";

const label = (code: string, en: string, ja: string, letter: string): Label => ({
  code,
  name: { en, ja },
  letter,
  colour: "#112233",
  shape: "interval",
  group: "all",
});
const ctg: LabelSet = {
  id: "ctg-events",
  version: 3,
  name: { en: "CTG events", ja: "CTG" },
  kind: "ctg",
  groups: [ALL_LABELS],
  labels: [
    label("deceleration", "Deceleration", "一過性徐脈", "D"),
    label("acceleration", "Acceleration", "一過性頻脈", "A"),
  ],
};
const emg: LabelSet = {
  id: "gestures",
  version: 1,
  name: { en: "Gestures", ja: "動作" },
  kind: "emg",
  groups: [ALL_LABELS],
  labels: [label("fist", "Fist", "握り", "F"), label("deceleration", "Slow down", "減速", "S")],
};
const event = (word: string, durationS = 1): SourceAnnotation => ({
  onsetS: 0,
  durationS,
  label: word,
  channel: undefined,
  note: "",
});
const map = (words: readonly string[], sets: readonly LabelSet[] = [emg, ctg]) =>
  mapLabels(
    words.map((word) => event(word)),
    sets,
    { kind: "ctg", file: "a.edf" },
  );

test.each([
  ["deceleration", "its code"],
  ["Deceleration", "its English name"],
  ["  DECELERATION ", "case and blanks aside"],
  ["一過性徐脈", "its Japanese name"],
])("%j finds the label by %s, in the set of the recording's kind first", (word) => {
  const { matches, imported, repairs } = map([word]);
  expect(matches.get(word)).toEqual({ set: "ctg-events", version: 3, code: "deceleration" });
  expect(imported).toBeUndefined();
  expect(repairs).toEqual([]);
});

test("a letter means nothing by itself: the N of a beat is not noise, and D is no deceleration", () => {
  const { matches } = map(["D", "d", "N"]);
  expect([...matches.values()].map(({ set }) => set)).toEqual(["imported", "imported", "imported"]);
  expect(new Set([...matches.values()].map(({ code }) => code)).size).toBe(3);
});

test("a code that a file of ours gives beside an unknown text finds the label", () => {
  const renamed = { ...event("Decel"), code: "deceleration" };
  const { matches } = mapLabels([renamed], [emg, ctg], { kind: "ctg", file: "a.json" });
  expect(matches.get("Decel")).toMatchObject({ set: "ctg-events", code: "deceleration" });
});

test("words nobody knows extend the imported set, and no event is lost", () => {
  const { matches, imported, repairs } = mapLabels(
    [event("Spike & wave"), event("眠り"), event("眠り"), event("beat", 0)],
    [ctg],
    { kind: "ctg", file: "a.edf" },
  );
  expect(LabelSet.parse(imported).labels.map(({ name, shape }) => [name.en, shape])).toEqual([
    ["Spike & wave", "interval"],
    ["眠り", "interval"],
    ["beat", "point"],
  ]);
  expect([...matches.keys()]).toEqual(["Spike & wave", "眠り", "beat"]);
  expect(repairs.map(({ code }) => code)).toEqual(["LABELS_UNKNOWN"]);
});

test("a second file with the same words finds those of the first and adds only what is new", () => {
  const first = map(["N2", "N3"]);
  const again = mapLabels([event("N3"), event("REM")], [ctg, first.imported!], {
    kind: "ctg",
    file: "b.edf",
  });
  expect(again.imported?.labels.map(({ name }) => name.en)).toEqual(["N2", "N3", "REM"]);
  expect(again.matches.get("N3")).toEqual(first.matches.get("N3"));
});

test("what a text becomes is of the text alone: case, width and what came before make no difference", () => {
  const words = [
    "N2",
    "n2",
    "Ｎ２",
    "a b",
    "a-b",
    "a/b",
    "e\u0301",
    "\u00e9",
    "中文测试八个字",
    "胎動",
    "(N",
    " (N",
  ];
  const codesOf = (order: readonly string[]) => {
    let sets: readonly LabelSet[] = [ctg];
    const codes = new Map<string, string>();
    for (const word of order) {
      const { matches, imported } = map([word], sets);
      if (imported !== undefined) sets = [ctg, imported];
      codes.set(word, matches.get(word)!.code);
    }
    return codes;
  };
  const forwards = codesOf(words);
  expect(new Set(forwards.values()).size).toBe(words.length - 1); // " (N" is "(N", and its annotation keeps the blank
  expect(codesOf(words.toReversed())).toEqual(new Map(words.toReversed().map((w) => [w, forwards.get(w)])));
});

test("labels of an older Kodo, whose codes knew no digest, keep their codes", () => {
  const old: LabelSet = { ...ctg, id: "imported", kind: "other", labels: [label("n", "N", "N", "N")] };
  const { matches, imported } = map(["N", "n"], [ctg, old]);
  expect(matches.get("N")?.code).toBe("n");
  expect(imported?.labels.map(({ name }) => name.en)).toEqual(["N", "n"]);
  expect(LabelSet.parse(imported).labels.map(({ code }) => code)[1]).not.toBe("n");
});

test("the imported set stays small enough to choose from; what comes after is other text, and said", () => {
  const words = Array.from({ length: MOST_LABELS + 5 }, (_, i) => `Note ${i}`);
  const first = map(words);
  expect(first.imported?.labels).toHaveLength(MOST_LABELS + 1);
  expect(first.repairs.map(({ code }) => code)).toEqual(["LABELS_UNKNOWN", "LABELS_MANY"]);
  expect(first.matches.get(words.at(-1)!)?.code).toBe(OTHER_TEXT);
  const again = map([...words, "Note x"], [ctg, first.imported!]);
  expect(again.imported).toBeUndefined(); // nothing new to save
  expect(again.matches.get("Note x")?.code).toBe(OTHER_TEXT);
});

test("a word of points becomes one of stretches with its first, and each text beyond the most is counted once", () => {
  const words = Array.from({ length: MOST_LABELS }, (_, i) => event(`Note ${i}`, 0));
  const beyond = ["", "x", "x", " x", "y"].map((word) => event(word));
  const { matches, imported, repairs } = mapLabels([...words, event("Note 1"), ...beyond], [ctg], {
    kind: "ctg",
    file: "a.csv",
  });
  expect(imported?.labels.slice(0, 3).map(({ shape }) => shape)).toEqual(["point", "interval", "point"]);
  expect(imported?.labels.at(-1)).toMatchObject({ code: OTHER_TEXT, shape: "interval" });
  expect(beyond.map(({ label: word }) => matches.get(word)?.code)).toEqual(beyond.map(() => OTHER_TEXT));
  expect(repairs.map(({ values }) => values?.["count"])).toEqual([MOST_LABELS + 4, 4]);
  expect(repairs[0]?.values?.["labels"]).toMatch(/^Note 0, .*Note 7 and 996 more$/);
});

test("whatever words a file has, every one is mapped and the imported set is a valid label set", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { minLength: 1, maxLength: 30 }),
      (words) => {
        const { matches, imported } = map(words);
        for (const word of words) expect(matches.get(word)).toBeDefined();
        if (imported === undefined) return;
        LabelSet.parse(imported);
        expect(new Set(imported.labels.map(({ code }) => code)).size).toBe(imported.labels.length);
        const known = mapLabels(
          words.map((word) => event(word)),
          [ctg, imported],
          { kind: "ctg", file: "b.edf" },
        );
        expect(known.imported).toBeUndefined();
      },
    ),
    { numRuns: 500 },
  );
});

test("a code is the word where it can be, else its ASCII letters and a digest, and always valid", () => {
  expect(codeOf("late-decel")).toBe("late-decel");
  expect(codeOf("Décélération tardive")).toMatch(/^deceleration-tardive-[0-9a-f]{8}$/);
  expect(codeOf("一過性徐脈")).toMatch(/^label-[0-9a-f]{8}$/);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (word) => void Label.shape.code.parse(codeOf(word))),
  );
});
