import fc from "fast-check";
import { expect, test } from "vitest";
import { Label, LabelSet } from "../../preload/contract/label-set.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import { codeOf, mapLabels } from "./labels.ts";

const label = (code: string, en: string, ja: string, letter: string): Label => ({
  code,
  name: { en, ja },
  letter,
  colour: "#112233",
  shape: "interval",
});
const ctg: LabelSet = {
  id: "ctg-events",
  version: 3,
  name: { en: "CTG events", ja: "CTG" },
  kind: "ctg",
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

test("a letter alone is taken, and said", () => {
  const { matches, repairs } = map(["D"]);
  expect(matches.get("D")?.code).toBe("deceleration");
  expect(repairs.map(({ code, severity }) => [code, severity])).toEqual([["LABEL_BY_LETTER", "warning"]]);
});

test("a letter means nothing in sets made for other recordings: the N of a beat is not noise", () => {
  const heart = mapLabels([event("D"), event("F")], [emg, ctg], { kind: "other", file: "100.hea" });
  expect([...heart.matches.values()].map(({ set }) => set)).toEqual(["imported", "imported"]);
  expect(map(["F"]).matches.get("F")?.set).toBe("imported");
});

test("a letter of the other case is not that letter", () => {
  expect(map(["d"]).matches.get("d")).toMatchObject({ set: "imported", code: "d" });
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
  expect(again.imported?.labels.map(({ code }) => code)).toEqual(["n2", "n3", "rem"]);
  expect(again.matches.get("N3")).toMatchObject({ set: "imported", code: "n3" });
});

test("two words of one slug get codes of their own", () => {
  const { imported } = map(["a b", "a-b", "a/b"]);
  expect(imported?.labels.map(({ code }) => code)).toEqual(["a-b", "a-b-2", "a-b-3"]);
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

test("a code is made of a word's ASCII letters, else of its digest, and is always valid", () => {
  expect(codeOf("Décélération tardive")).toBe("deceleration-tardive");
  expect(codeOf("一過性徐脈")).toMatch(/^label-[0-9a-f]{8}$/);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (word) => void Label.shape.code.parse(codeOf(word))),
  );
});
