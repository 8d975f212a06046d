import { expect, test } from "vitest";
import type { FindingSummary } from "../../../../preload/contract/finding.ts";
import { unwrap } from "../../../../preload/contract/errors.ts";
import { createFakeApi } from "../../../fake/fake.ts";
import { labelInSets, setIdOf, toTurn } from "./findings.ts";

const events: FindingSummary = {
  ...{ id: "a", recordingId: "r", createdAt: "2026-01-01T00:00:00.000Z", isOutdated: false },
  origin: { kind: "run", runId: "net", adaptation: "none" },
  content: { kind: "events", labelSet: "copy", codes: ["deceleration"], events: 1, notAssessable: 0 },
};
const finding = (id: string, runId: string, isShown: boolean) => ({
  isShown,
  summary: { ...events, id, origin: { kind: "run", runId, adaptation: "none" } } satisfies FindingSummary,
});

test("one key hides all that a run found and shows it again; where nothing is found yet it is asked for", () => {
  const both = (isShown: boolean) => [finding("a", "net", isShown), finding("b", "net", isShown)];
  expect(toTurn([...both(true), finding("c", "other", true)], "net")).toEqual(["a", "b"]);
  expect(toTurn([finding("a", "net", true), finding("b", "net", false)], "net")).toEqual(["a"]);
  expect(toTurn(both(false), "net")).toEqual(["a", "b"]);
  expect(toTurn([finding("c", "other", true)], "net")).toBeUndefined();
});

test("a code that two sets have is called and coloured as in the set of what found it", async () => {
  const ctg = unwrap(await createFakeApi(1).request("labelSets.list", {})).find(({ kind }) => kind === "ctg");
  if (ctg === undefined) throw new Error("the fake library has a set for CTG");
  const copy = { ...ctg, id: "copy", labels: ctg.labels.map((one) => ({ ...one, colour: "#123456" })) };
  const runs = [{ id: "net", config: { data: { labelSet: "copy" } } }];
  const curves: FindingSummary = { ...events, content: { kind: "curves", series: [], forecasts: 0 } };
  for (const one of [events, curves])
    expect(labelInSets("deceleration", [ctg, copy], setIdOf(one, runs))?.colour).toBe("#123456");
  expect(labelInSets("deceleration", [ctg, copy], setIdOf(curves, []))?.colour).not.toBe("#123456");
  expect(labelInSets("nothing", [ctg, copy], "gone")).toBeUndefined();
});
