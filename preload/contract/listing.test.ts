import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, isBehind, listed, RecordingView, searchText, sortKey } from "./listing.ts";

const inOrder = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0));

test("folding makes case, width, kana and accents one", () => {
  expect(fold("ＣＴＧ ０１")).toBe("ctg 01");
  expect(fold("ｻﾝﾌﾟﾙ")).toBe(fold("サンプル"));
  expect(fold("サンプル")).toBe(fold("さんぷる"));
  expect(fold("ガンマ")).toBe(fold("がんま"));
  expect(fold("Chudáček")).toBe("chudacek");
  fc.assert(fc.property(fc.string(), (text) => fold(fold(text)) === fold(text)));
});

test("numbers in names sort as numbers, signs before digits before letters, kana beside kanji", () => {
  expect(inOrder(["CTG 10", "CTG 9", "ctg 1"])).toEqual(["ctg 1", "CTG 9", "CTG 10"]);
  expect(inOrder(["a10b", "a9b", "a010a"])).toEqual(["a9b", "a010a", "a10b"]);
  expect(inOrder(["b", "1", "_", "分娩 2", "あ", "~"])).toEqual(["_", "~", "1", "b", "あ", "分娩 2"]);
  expect(sortKey("Äb ０7")).toBe(sortKey("ab 7"));
});

test("names are in the order of their language's own rules, as far as letters, digits and signs go", () => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const word = fc.string({
    unit: fc.constantFrom("a", "b", "z", "A", "Z", "0", "1", "9", " ", "-", "_", "."),
  });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const ours = sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0;
      if (ours !== 0) expect(Math.sign(collator.compare(a, b)) || ours).toBe(ours);
    }),
  );
});

const recording = (name: string, change: object = {}) => ({
  ...{ id: name, name, kind: "ctg" as const, subject: "S1", study: "", synthetic: false, note: "" },
  ...{ importedAt: "2026-01-01", durationS: 60, state: "complete" as const, channels: [], missingShare: 0 },
  ...{ annotationCount: 0, labelledS: 0, repairCount: 0 },
  ...change,
});
const names = (rows: readonly ReturnType<typeof recording>[], change: object) =>
  listed(rows, RecordingView.parse({ sort: { by: "name", isDescending: false }, ...change })).map(
    (one) => one.recording.name,
  );

test("search finds every word in any field, whatever its width or kana", () => {
  const rows = [
    recording("一", { study: "サンプル研究", subject: "Ａ０１", note: "Zwillinge" }),
    recording("二", { study: "別" }),
  ];
  const found = (query: string) => names(rows, { query });
  expect(found("ｻﾝﾌﾟﾙ")).toEqual(["一"]);
  expect(found("さんぷる a01 zwilling")).toEqual(["一"]);
  expect(found("さんぷる 別")).toEqual([]);
  expect(found("   ")).toHaveLength(2);
  expect(searchText(recording("X", { startedAt: "2020" }))).toContain("2020");
});

test.each([
  ["labelled", "b"],
  ["unlabelled", "a"],
  ["repaired", "b"],
  ["gaps", "b"],
  ["interrupted", "b"],
] as const)("filter %s keeps what it says", (filter, kept) => {
  const rows = [
    recording("a"),
    recording("b", { annotationCount: 2, repairCount: 1, missingShare: 0.4, state: "interrupted" }),
  ];
  expect(names(rows, { filter })).toEqual([kept]);
  expect(names(rows, { kind: "emg" })).toEqual([]);
});

test("equal ones are in the order of their names, then of their coming, both ways", () => {
  const rows = [
    recording("b"),
    recording("a", { durationS: 60 }),
    recording("c", { durationS: 90 }),
    recording("A"),
  ];
  expect(names(rows, { sort: { by: "length", isDescending: true } })).toEqual(["c", "a", "A", "b"]);
  expect(names(rows, { sort: { by: "length", isDescending: false } })).toEqual(["a", "A", "b", "c"]);
  expect(names(rows, { sort: { by: "added", isDescending: true } })).toEqual(["A", "c", "a", "b"]);
  expect(isBehind([1, "a", 1], [1, "a", 1], { by: "length", isDescending: true })).toBe(false);
});

test("of what is read blind neither filter nor order tells how much others labelled", () => {
  const rows = [
    recording("a", { annotationCount: 1, labelledS: 1 }),
    recording("b", { annotationCount: 3, labelledS: 9 }),
    recording("c"),
  ];
  const shown = (change: object) =>
    listed(rows, RecordingView.parse(change), new Set(["b"])).map((one) => one.recording.name);
  expect(shown({ filter: "labelled" })).toEqual(["a"]);
  expect(shown({ filter: "unlabelled" })).toEqual(["c"]);
  expect(shown({ sort: { by: "labelled", isDescending: true } })).toEqual(["a", "c", "b"]);
  expect(shown({ sort: { by: "labelled", isDescending: false } })).toEqual(["c", "a", "b"]);
});
