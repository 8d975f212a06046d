import { expect, test } from "vitest";
import type { FindingSummary } from "../../../preload/contract/finding.ts";
import { toTurn } from "./findings.ts";

const finding = (id: string, runId: string, isShown: boolean, isOutdated = false) => ({
  isShown,
  summary: {
    ...{ id, isOutdated, recordingId: "r", createdAt: "2026-01-01T00:00:00.000Z" },
    origin: { kind: "run", runId, adaptation: "none" },
    content: { kind: "events", events: 1, unassessable: 0, codes: [] },
  } as unknown as FindingSummary,
});

test("one key hides all that a run found, shows it again, and asks anew for what is missing or outdated", () => {
  const both = (isShown: boolean) => [finding("a", "net", isShown), finding("b", "net", isShown)];
  expect(toTurn([...both(true), finding("c", "other", true)], "net")).toEqual(["a", "b"]);
  expect(toTurn([finding("a", "net", true), finding("b", "net", false)], "net")).toEqual(["a"]);
  expect(toTurn(both(false), "net")).toEqual(["a", "b"]);
  expect(toTurn([finding("c", "other", true)], "net")).toBeUndefined();
  expect(toTurn([...both(true), finding("d", "net", false, true)], "net")).toBeUndefined();
});
