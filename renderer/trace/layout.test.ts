import { expect, test } from "vitest";
import { createFakeApi } from "../bridge/fake.ts";
import { unwrap } from "../../preload/contract/errors.ts";
import { layoutStrip, type LayoutInput } from "./layout.ts";
import { paletteOf } from "./palette.ts";

const api = createFakeApi(1);
const recordings = unwrap(await api.request("recordings.list", {}));
const ctg = recordings.find((one) => one.kind === "ctg")!;
const [run] = unwrap(await api.request("runs.list", {}));
const emg = recordings.find((one) => one.kind === "emg")!;
const prediction = unwrap(
  await api.request("predictions.make", { runId: run!.id, recordingId: emg.id, adaptation: "none" }),
);
const input: LayoutInput = {
  kind: "ctg",
  channels: ctg.channels,
  ranges: new Map(),
  pixelsPerCm: 37.8,
  paperSpeed: 1,
  fhrRange: "50-210",
  lanes: [],
  prediction: { prediction, colours: [] },
  startOfDayS: undefined,
  heightPx: 800,
  dpr: 1,
  palette: paletteOf("light"),
};

test("where there is room the curves of a prediction have their full height", () => {
  expect(layoutStrip(input).prediction?.curveHeight).toBe(60);
});

test("on a small screen the curves give way before the time axis leaves it; the paper keeps its scale", () => {
  const tight = layoutStrip({ ...input, heightPx: 568 });
  expect(tight.prediction?.curveHeight).toBeLessThan(60);
  expect(tight.height).toBeLessThanOrEqual(568);
  expect(tight.panels.map((panel) => panel.height)).toEqual(
    layoutStrip(input).panels.map((panel) => panel.height),
  );
});

test("curves never become too low to read", () => {
  expect(layoutStrip({ ...input, heightPx: 300 }).prediction?.curveHeight).toBe(36);
});
