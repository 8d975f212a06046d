import fc from "fast-check";
import { expect, test } from "vitest";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import {
  allFiltersOff,
  channelSummary,
  filters,
  filtersOn,
  rowsOf,
  sortable,
  sortedBy,
  type View,
  visibleRange,
  wholeLibrary,
  without,
} from "./rows.ts";

const channel = (label: string, sampleRate: number): RecordingSummary["channels"][number] => ({
  label,
  sampleRate,
  unit: "uV",
  role: "emg",
  sampleType: "int16",
  gain: 1,
  offset: 0,
  position: 0,
  sampleCount: 10,
  observedCount: 10,
});
const recording = (name: string, change: Partial<RecordingSummary> = {}): RecordingSummary => ({
  id: name,
  name,
  kind: "ctg",
  subject: "S1",
  study: "",
  synthetic: false,
  importedAt: "2026-01-01",
  durationS: 60,
  state: "complete",
  channels: [],
  missingShare: 0,
  annotationCount: 0,
  labelledS: 0,
  repairCount: 0,
  ...change,
});
const names = (rows: readonly RecordingSummary[]) => rows.map((one) => one.name);

test("filters that are on are known, and taking them away leaves the order as it was", () => {
  const view = { ...wholeLibrary, query: " ", sort: { by: "length", isDescending: true } } as const;
  expect(filtersOn(view)).toEqual([]);
  const narrow = { ...view, query: "ward", kind: "emg", filter: "gaps" } as const;
  expect(filtersOn(narrow)).toEqual(["query", "kind", "filter"]);
  expect(filtersOn(without(narrow, "kind"))).toEqual(["query", "filter"]);
  expect(allFiltersOff(narrow)).toEqual({ ...view, query: "" });
});

test("numbers in names sort as numbers", () => {
  const rows = [recording("CTG 10"), recording("CTG 9"), recording("ctg 1")];
  expect(names(rowsOf(rows, wholeLibrary))).toEqual(["ctg 1", "CTG 9", "CTG 10"]);
});

test("search finds every word in any field, whatever its width or kana", () => {
  const rows = [
    recording("一", { study: "サンプル研究", subject: "Ａ０１" }),
    recording("二", { study: "別" }),
  ];
  const found = (query: string) => names(rowsOf(rows, { ...wholeLibrary, query }));
  expect(found("ｻﾝﾌﾟﾙ")).toEqual(["一"]);
  expect(found("さんぷる a01")).toEqual(["一"]);
  expect(found("さんぷる 別")).toEqual([]);
  expect(found("   ")).toHaveLength(2);
});

test("every sort order is total: the same rows in any order give the same table", () => {
  const one = fc.record({
    name: fc.string(),
    missingShare: fc.constantFrom(0, 0.5),
    durationS: fc.constantFrom(1, 2),
    repairCount: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(one, { selector: (row) => row.name, maxLength: 12 }),
      fc.constantFrom(...sortable),
      fc.boolean(),
      (facts, by, isDescending) => {
        const rows = facts.map((row, i) => recording(row.name, { ...row, id: String(i) }));
        const view = { ...wholeLibrary, sort: { by, isDescending } };
        expect(rowsOf([...rows].reverse(), view)).toEqual(rowsOf(rows, view));
      },
    ),
  );
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
  expect(names(rowsOf(rows, { ...wholeLibrary, filter }))).toEqual([kept]);
  expect(filters).toContain(filter);
});

test("of what is read blind neither filter nor order tells how much others labelled", () => {
  const rows = [
    recording("a", { annotationCount: 1, labelledS: 1 }),
    recording("b", { annotationCount: 3, labelledS: 9 }),
    recording("c"),
  ];
  const blind = new Set(["b"]);
  const shown = (change: Partial<View>) => names(rowsOf(rows, { ...wholeLibrary, ...change }, blind));
  expect(shown({ filter: "labelled" })).toEqual(["a"]);
  expect(shown({ filter: "unlabelled" })).toEqual(["c"]);
  expect(shown({ sort: { by: "labelled", isDescending: true } })).toEqual(["a", "c", "b"]);
  expect(shown({ sort: { by: "labelled", isDescending: false } })).toEqual(["c", "a", "b"]);
});

test("a second press turns the order round; numbers begin with the largest", () => {
  const once = sortedBy({ by: "name", isDescending: false }, "missing");
  expect(once).toEqual({ by: "missing", isDescending: true });
  expect(sortedBy(once, "missing")).toEqual({ by: "missing", isDescending: false });
  expect(sortedBy(once, "name").isDescending).toBe(false);
});

test("channels of one kind are counted, few are named, unlike rates are all told", () => {
  const rate = (hertz: number) => `${hertz} Hz`;
  expect(channelSummary({ channels: [channel("FHR", 4), channel("UC", 4)] }, rate)).toBe("FHR, UC · 4 Hz");
  expect(channelSummary({ channels: [1, 2, 3].map((i) => channel(`EMG ${i}`, 200)) }, rate)).toBe(
    "3 × EMG · 200 Hz",
  );
  expect(channelSummary({ channels: [channel("a", 1), channel("b", 2), channel("c", 2)] }, rate)).toBe(
    "3 · 1 Hz, 2 Hz",
  );
  expect(channelSummary({ channels: [] }, rate)).toBe("–");
});

test("the rows drawn cover the view and never more than a few beyond", () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.integer({ min: 0, max: 3000 }),
      fc.nat(20_000),
      (scrollTop, height, count) => {
        const [from, to] = visibleRange(scrollTop, height, 46, count);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
        expect(from).toBeLessThanOrEqual(to);
        const lastVisible = Math.min(count - 1, Math.floor((scrollTop + height - 1) / 46));
        const firstVisible = Math.floor(scrollTop / 46);
        if (firstVisible < count && height > 0) {
          expect(from).toBeLessThanOrEqual(firstVisible);
          expect(to).toBeGreaterThan(lastVisible);
        }
        expect(to - from).toBeLessThanOrEqual(Math.ceil(height / 46) + 14);
      },
    ),
  );
});
