import { expect, test } from "vitest";
import { CtgSettings } from "../../../../preload/contract/ctg.ts";
import { ctgConfigOf, type CtgRule } from "../../../../preload/contract/ctg-reading.ts";
import { unwrap } from "../../../../preload/contract/errors.ts";
import type { FindingSummary } from "../../../../preload/contract/finding.ts";
import { createFakeApi } from "../../../fake/fake.ts";
import { change, createViewport, panBy, zoomAbout } from "../../../state/viewport.ts";
import { isBySettings, isOfReading, shownReading } from "../../../../preload/contract/ctg-shown.ts";
import { linked } from "../strip/use-pinned.ts";

const settings = CtgSettings.parse({});
const finding = (id: string, rule: CtgRule, by: CtgSettings, isOutdated = false): FindingSummary => ({
  ...{ id, recordingId: "r", createdAt: "2026-11-29T00:00:00Z", isOutdated },
  origin: { kind: "rule", rule, version: "1", config: ctgConfigOf(rule, by) },
  content: { kind: "curves", series: [], forecasts: 0 },
});

test("of several baselines that by the settings on screen is drawn, else the newest, and rules keep their order", () => {
  const other = CtgSettings.parse({ baseline: "maeda" });
  const found = [
    finding("newest", "ctg/baseline", other),
    finding("own", "ctg/baseline", settings),
    finding("false", "ctg/false-signal", settings),
  ];
  expect(shownReading(found, settings).map(({ id }) => id)).toEqual(["false", "own"]);
  const third = CtgSettings.parse({ baseline: "wrobel" });
  expect(shownReading(found, third).map(({ id }) => id)).toEqual(["false", "newest"]);
  expect(found.map((one) => isBySettings(one, third))).toEqual([false, false, true]);
});

test("a rule that says two things says both, and nothing of what it said by other settings", () => {
  const doubts = finding("doubts", "ctg/false-signal", settings);
  const byRun = finding("by-run", "ctg/false-signal", CtgSettings.parse({ falseSignalRunId: "x" }));
  const found = [byRun, doubts, finding("curve", "ctg/false-signal", settings)];
  expect(shownReading(found, settings).map(({ id }) => id)).toEqual(["doubts", "curve"]);
});

test("what another rule or a run says is no part of a reading", () => {
  const toy = { kind: "rule", rule: "toy-baseline", version: "1", config: {} } as const;
  expect(isOfReading({ origin: toy })).toBe(false);
  expect(isOfReading({ origin: { kind: "run", runId: "x", adaptation: "none" } })).toBe(false);
});

test("a mask or a fact makes a reading outdated, and points set by hand draw the baseline to them", async () => {
  const api = createFakeApi(1, { tickMs: 1 });
  const recordingId = "ctg-01";
  const read = async (): Promise<readonly FindingSummary[]> =>
    unwrap(await api.request("ctg.read", { recordingId, settings }));
  const levelAt = async (atS: number): Promise<number> => {
    const baseline = (await read()).find(
      ({ origin }) => origin.kind === "rule" && origin.rule === "ctg/baseline",
    );
    const { content } = unwrap(await api.request("findings.get", { id: baseline?.id ?? "" }));
    return content.kind === "curves" ? (content.series[0]?.value[atS * 4] ?? 0) : 0;
  };
  const before = await levelAt(600);
  await api.request("ctg.setContext", {
    recordingId,
    context: { anchors: [{ atS: 600, bpm: before + 20 }] },
  });
  const list = unwrap(await api.request("findings.list", { recordingId }));
  expect(list.filter(isOfReading).every(({ isOutdated }) => isOutdated)).toBe(true);
  expect(await levelAt(600)).toBeCloseTo(before + 20, 0);
});

test("two stretches beneath each other are at one scale, and each is moved by itself", () => {
  const a = createViewport({ widthPx: 800, durationS: 4000, pxPerS: 1, startS: 100 });
  const b = createViewport({ widthPx: 800, durationS: 4000, pxPerS: 1, startS: 2000 });
  const stop = linked(a, b);
  change(a, (now) => panBy(now, 50));
  expect([a.getState().startS, b.getState().startS]).toEqual([150, 2000]);
  change(b, (now) => zoomAbout(now, 2, 0));
  expect([a.getState().pxPerS, b.getState().pxPerS]).toEqual([2, 2]);
  expect([a.getState().startS, b.getState().startS]).toEqual([150, 2000]);
  stop();
  change(b, (now) => zoomAbout(now, 2, 0));
  expect(a.getState().pxPerS).toBe(2);
});
