import { expect, test } from "vitest";
import { createFakeApi } from "../../fake/fake.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { laneOf, type DrawnEvent, type Lane } from "../tracks/annotation.ts";
import { AXIS_PX } from "../tracks/axis.ts";
import type { TrackItem } from "../tracks/kind.ts";
import { heightNeeded, layoutStrip, type LayoutInput } from "./layout.ts";
import { paletteOf } from "../tracks/palette.ts";

const api = createFakeApi(1);
const recordings = unwrap(await api.request("recordings.page", {})).rows;
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
  rows: 1,
  lanes: [],
  prediction: { prediction, colours: [] },
  startOfDayS: undefined,
  heightPx: 800,
  dpr: 1,
  palette: paletteOf("light"),
};

test("where a tall window has room to spare the curves of a prediction take it, up to a limit", () => {
  expect(layoutStrip({ ...input, heightPx: 590 }).prediction?.curveHeight).toBe(57);
  expect(layoutStrip(input).prediction?.curveHeight).toBe(150);
  expect(layoutStrip({ ...input, heightPx: 2000 }).prediction?.curveHeight).toBe(150);
});

test("few channels share a tall window between them; many keep a height that can be read, and scroll", () => {
  const few = layoutStrip({ ...input, kind: "emg", channels: emg.channels.slice(0, 2), heightPx: 880 });
  expect(few.height + AXIS_PX).toBeGreaterThan(840);
  expect(few.height + AXIS_PX).toBeLessThanOrEqual(880);
  const many = Array.from({ length: 64 }, (_, i) => ({ ...emg.channels[0]!, position: i }));
  expect(layoutStrip({ ...input, kind: "emg", channels: many }).panels[0]?.height).toBe(44);
});

test("the time axis is not one of the rows: it stays in sight however many there are", () => {
  const { tracks, axis, height, bottom } = layoutStrip(input);
  expect(tracks).not.toContain(axis);
  expect(Math.max(...tracks.map((track) => track.top + track.height))).toBeLessThanOrEqual(bottom);
  expect(height).toBe(bottom);
});

test("of several rows each has its axis, and takes no more than the height that was asked for it", () => {
  const without = { ...input, prediction: undefined };
  const needed = heightNeeded(without, 0);
  const heightPx = needed.paperPx + needed.besidePx;
  const { tracks, axis, height } = layoutStrip({ ...without, rows: 2, heightPx });
  expect(tracks).toContain(axis);
  expect(axis.top + axis.height).toBeLessThanOrEqual(height);
  expect(height).toBeLessThanOrEqual(heightPx);
  const predicted = heightNeeded(input, 0);
  const row = layoutStrip({ ...input, rows: 2, heightPx: predicted.paperPx + predicted.besidePx });
  expect(row.height).toBeLessThanOrEqual(predicted.paperPx + predicted.besidePx);
});

const lane = (id: string, kind: DrawnEvent["kind"], count: number): Lane =>
  laneOf(
    id,
    id,
    Array.from({ length: count }, (_, i) => ({
      ...{ id: `${id} ${i}`, kind, onsetS: i, durationS: 60, name: "", isOutlined: false },
      label: { code: "one", letter: "O", colour: "#000000" },
    })),
  );

test("a third reader, and masks that overlap, take height beyond the usual lanes, and no row hides its axis", () => {
  const lanes = [lane("a", "annotation", 1), lane("b", "annotation", 1), lane("masks", "mask", 2)];
  const without = { ...input, prediction: undefined, lanes };
  const { paperPx, besidePx, furtherPx } = heightNeeded(without, lanes.length);
  expect(furtherPx).toBe(18 + 4 + 18);
  const heightPx = paperPx + besidePx + furtherPx;
  expect(layoutStrip({ ...without, rows: 2, heightPx }).height).toBeLessThanOrEqual(heightPx);
});

test("readers' lanes lie above the ribbons of a reading, that of masks beneath them", () => {
  const ribbon: TrackItem = {
    ...{ id: "ribbon", kind: "class-ribbon", title: "FIGO", channels: [], isRibbon: true },
    heightPx: () => 14,
    place: ({ top, height }) => ({
      ...{ id: "ribbon", kind: "class-ribbon", title: "FIGO", channels: [], top, height },
      ...{ legend: () => [], paint: () => undefined, at: () => undefined },
    }),
  };
  const lanes = [lane("masks", "mask", 1), lane("reader", "annotation", 1), lane("empty", "annotation", 0)];
  const order = (areRibbonsFirst: boolean): readonly string[] =>
    layoutStrip({ ...input, prediction: undefined, lanes, items: [ribbon], areRibbonsFirst })
      .tracks.toSorted((a, b) => a.top - b.top)
      .map(({ id }) => id)
      .slice(-4);
  expect(order(false)).toEqual(["reader", "empty", "ribbon", "masks"]);
  expect(order(true)).toEqual(["ribbon", "reader", "empty", "masks"]); // of two stretches readings are compared
});

test("on a small screen the curves give way before the time axis leaves it; the paper keeps its scale", () => {
  const tight = layoutStrip({ ...input, heightPx: 568 });
  expect(tight.prediction?.curveHeight).toBeLessThan(60);
  expect(tight.height + AXIS_PX).toBeLessThanOrEqual(568);
  expect(tight.panels.map((panel) => panel.height)).toEqual(
    layoutStrip(input).panels.map((panel) => panel.height),
  );
});

test("curves never become too low to read", () => {
  expect(layoutStrip({ ...input, heightPx: 300 }).prediction?.curveHeight).toBe(36);
});

test("what is drawn over a twin that is drawn apart moves with it", () => {
  const lows: (number | undefined)[] = [];
  const over: TrackItem = {
    ...{ id: "fills", kind: "event-fills", title: "", channels: [], over: "FHR2" },
    heightPx: () => 44,
    place: ({ top, height, values }) => {
      lows.push(values?.low);
      return {
        ...{ id: "fills", kind: "event-fills", title: "", channels: [], top, height },
        ...{ legend: () => [], paint: () => undefined, at: () => undefined },
      };
    },
  };
  const channels = ctg.channels.flatMap((one) =>
    one.role === "fhr" ? [one, { ...one, position: 9, label: "FHR2" }] : [one],
  );
  for (const isApart of [false, true]) layoutStrip({ ...input, channels, items: [over], isApart });
  expect(lows).toEqual([50, 30]);
});
