import { expect, test } from "vitest";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { chosenOf, named } from "./chosen.ts";

const recording = (id: string): RecordingSummary => ({
  id,
  name: id,
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
});

test("ticked recordings are meant, not the one shown beside them; without a tick it is the one shown", () => {
  const [a, b, c] = ["a", "b", "c"].map(recording);
  const all = [a!, b!, c!];
  expect(chosenOf(all, new Set(["a", "c"]), b)).toEqual([a, c]);
  expect(chosenOf(all, new Set(), b)).toEqual([b]);
  expect(chosenOf(all, new Set(["gone since"]), b)).toEqual([b]);
  expect(chosenOf(all, new Set(), undefined)).toEqual([]);
});

test("names are listed whole while they are few, and counted after that", () => {
  const names = Array.from({ length: 7 }, (_, i) => `CTG ${i + 1}`);
  expect(named(names.slice(0, 1), "en")).toBe("CTG 1");
  expect(named(names.slice(0, 4), "en")).toBe("CTG 1, CTG 2, CTG 3 and CTG 4");
  expect(named(names, "en")).toBe("CTG 1, CTG 2, CTG 3 and 4 more");
  expect(named(names.slice(0, 2), "ja")).toBe("CTG 1、CTG 2");
  expect(named(names, "ja")).toBe("CTG 1、CTG 2、CTG 3、ほか4件");
});
