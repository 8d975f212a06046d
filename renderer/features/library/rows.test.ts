import fc from "fast-check";
import { expect, test } from "vitest";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import {
  allFiltersOff,
  channelSummary,
  filtersOn,
  sortedBy,
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

test("filters that are on are known, and taking them away leaves the order as it was", () => {
  const view = { ...wholeLibrary, query: " ", sort: { by: "length", isDescending: true } } as const;
  expect(filtersOn(view)).toEqual([]);
  const narrow = { ...view, query: "ward", kind: "emg", filter: "gaps" } as const;
  expect(filtersOn(narrow)).toEqual(["query", "kind", "filter"]);
  expect(filtersOn(without(narrow, "kind"))).toEqual(["query", "filter"]);
  expect(allFiltersOff(narrow)).toEqual({ ...view, query: "" });
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
