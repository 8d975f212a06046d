import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Content, FindingSummary } from "../../../preload/contract/finding.ts";
import type { Tile } from "../../../preload/contract/recording.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { targetAt } from "../strip/input.ts";
import { layoutStrip, type LayoutInput, type StripLayout } from "../strip/layout.ts";
import { recorder, stubCanvas, type Drawn } from "./drawing.fixtures.ts";
import type { ShownFinding, TrackItem, TrackKind } from "./kind.ts";
import { paletteOf } from "./palette.ts";
import { itemsOfFinding, known, registered, trackKinds } from "./registry.ts";
import { timeScale, toTime } from "./time-scale.ts";
import type { View } from "./track.ts";

const api = createFakeApi(1, { findings: true });
const recording = unwrap(await api.request("recordings.page", {})).rows.find(({ kind }) => kind === "ctg");
if (recording === undefined) throw new Error("the study has a cardiotocogram");
const recordingId = recording.id;
const findings = unwrap(await api.request("findings.list", { recordingId }));

/** Of so many tiles a channel as a screen at one second a pixel needs. */
async function tilesOf(channel: number): Promise<readonly Tile[]> {
  const span = { recordingId, channel, firstTile: 0, tileCount: 16 };
  return [
    ...unwrap(await api.request("trace.tiles", { ...span, samplesPerBucket: 1 })),
    ...unwrap(await api.request("trace.tiles", { ...span, samplesPerBucket: 4 })),
  ];
}
const positions = [
  0,
  1,
  ...findings.flatMap(({ content }) =>
    content.kind === "curves"
      ? content.series.flatMap(({ value, low, high }) => [value, low ?? -1, high ?? -1])
      : [],
  ),
];
const tiles = new Map(
  await Promise.all(positions.map(async (position) => [position, await tilesOf(position)] as const)),
);

const view: View = {
  scale: timeScale(0, 1, 1200),
  dpr: 1,
  palette: paletteOf("light"),
  durationS: recording.durationS,
  tiles: {
    get: (channel, size, index) =>
      tiles.get(channel)?.find((tile) => tile.samplesPerBucket === size && tile.index === index),
  },
};

const layoutWith = (items: readonly TrackItem[], change: Partial<LayoutInput> = {}): StripLayout =>
  layoutStrip({
    kind: "ctg",
    channels: recording.channels,
    ranges: new Map(),
    pixelsPerCm: 37.8,
    paperSpeed: 1,
    fhrRange: "50-210",
    rows: 1,
    lanes: [],
    prediction: undefined,
    items,
    startOfDayS: undefined,
    heightPx: 800,
    dpr: 1,
    palette: paletteOf("light"),
    ...change,
  });

const shownOf = (summary: FindingSummary, content?: Content): ShownFinding => ({
  ...{
    summary,
    content,
    title: "toy",
    channels: recording.channels,
    rangeOf: () => undefined,
    beside: [],
    reasonText: ({ code }) => code,
    language: "en",
  },
  labelOf: (code) => ({ name: code, letter: code.slice(0, 1), colour: "#123456" }),
});

/** What all the tracks of a layout draw of the first twenty minutes. */
function paint(layout: StripLayout, which: (id: string) => boolean): readonly Drawn[] {
  const { context, drawn } = recorder();
  for (const track of layout.tracks) if (which(track.id)) track.paint(context, view, 0, 1200);
  return drawn;
}

beforeEach(stubCanvas);
afterEach(() => vi.unstubAllGlobals());

test("a kind that is registered draws, is hit and describes itself, and nothing else has to know it", () => {
  const toy: TrackKind<{ readonly atS: number }, { readonly atS: number; readonly top: number }, number> = {
    name: "toy",
    height: () => 30,
    place: (content, { top }) => ({ ...content, top }),
    channels: () => [],
    draw: (context, { scale }, { atS, top }) =>
      context.fillRect(atS * scale.pxPerS - scale.origin, top, 1, 30),
    hit: ({ atS }, { scale }, x) => (Math.abs(toTime(scale, x) - atS) < 5 ? atS : undefined),
    describe: (atS, { language }) => [`${language}: ${atS} s`],
    ofFinding: ({ summary, title }) =>
      summary.content.kind === "events" ? [{ id: `toy ${summary.id}`, title, content: { atS: 100 } }] : [],
  };
  const summary = findings.find(({ content }) => content.kind === "events");
  if (summary === undefined) throw new Error("the fake has events");
  const items = registered(known(toy), () => itemsOfFinding(shownOf(summary)));
  expect(items.map(({ kind }) => kind)).toEqual(["toy"]);
  expect(itemsOfFinding(shownOf(summary))).toEqual([]);
  const layout = layoutWith(items);
  const [lane] = layout.ownLanes;
  expect([lane?.title, lane?.height, layout.height - layoutWith([]).height]).toEqual(["toy", 30, 34]);
  expect(paint(layout, (id) => id.startsWith("toy"))).toMatchObject([
    { call: "fillRect", values: [100, lane?.top, 1, 30] },
  ]);
  const y = (lane?.top ?? 0) + 10;
  expect(targetAt({ view, layout }, 103, y).found?.({ language: "ja" })).toEqual(["ja: 100 s"]);
  expect(targetAt({ view, layout }, 200, y).found).toBeUndefined();
  expect(targetAt({ view, layout }, 103, y + 40).found).toBeUndefined();
});

test("every kind has a name of its own", () => {
  const names = trackKinds().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

const [found, probabilities, baseline] = findings;
if (found === undefined || probabilities === undefined || baseline === undefined)
  throw new Error("the fake has three findings");

test("a curve in its channel's unit lies over that channel, one in another unit has a lane; where it is hidden, too", () => {
  const items = [baseline, probabilities].flatMap((one) => itemsOfFinding(shownOf(one)));
  const layout = layoutWith(items);
  expect(layout.ownLanes.map(({ kind }) => kind)).toEqual(["curve"]);
  const [panel] = layout.tracks;
  expect(panel?.channels.map(({ label }) => label)).toEqual(["FHR", "baseline", "baseline", "baseline"]);
  const uc = recording.channels.filter(({ role }) => role === "uc");
  expect(layoutWith(items, { channels: uc }).ownLanes).toHaveLength(2);
});

test("neither a curve nor its band bridges the stretch without values, which is hatched in a lane of its own", () => {
  const layout = layoutWith(itemsOfFinding(shownOf(probabilities)));
  const drawn = paint(layout, (id) => id.startsWith("curve"));
  let lastX = Number.NaN;
  const across = drawn.filter(({ call, values }) => {
    if (call !== "moveTo" && call !== "lineTo") return false;
    const x = Number(values[0]);
    const isAcross = call === "lineTo" && Math.min(x, lastX) < 419.5 && Math.max(x, lastX) > 570.5;
    lastX = x;
    return isAcross;
  });
  expect(across).toEqual([]);
  expect(drawn.filter(({ call }) => call === "fill").length).toBe(2); // a band a series
  expect(
    drawn
      .filter(({ fill }) => typeof fill === "object")
      .map(({ call, values }) => [call, values[0], values[2]]),
  ).toEqual([["fillRect", 419, 151]]);
  const [lane] = layout.ownLanes;
  const read = (x: number) => targetAt({ view, layout }, x, (lane?.top ?? 0) + 5).found?.({ language: "en" });
  expect(read(500)).toEqual(["acceleration: not assessable", "deceleration: not assessable"]);
  expect(read(200)?.[0]).toMatch(/^acceleration 0\.\d\d \(0\.\d\d to 0\.\d\d\)$/);
});

test("events are filled as strongly as they are probable, what cannot be assessed is hatched, and both say so", async () => {
  const { content } = unwrap(await api.request("findings.get", { id: found.id }));
  if (content.kind !== "events") throw new Error("the fake has events");
  const [first, second] = content.events;
  const layout = layoutWith(itemsOfFinding(shownOf(found, content)));
  const drawn = paint(layout, (id) => id.startsWith("found-events"));
  const fills = drawn.filter(({ call, fill }) => call === "fillRect" && String(fill).startsWith("#123456"));
  expect(fills.slice(0, 2).map(({ fill }) => String(fill).slice(7))).toEqual(["f4", "bc"]);
  expect([first?.probability, second?.probability]).toEqual([0.95, 0.7]);
  const hatched = drawn.filter(({ fill }) => typeof fill === "object");
  expect(hatched.map(({ values }) => [values[0], values[2]])).toEqual([[420, 150]]);
  const read = (x: number) =>
    targetAt({ view, layout }, x, (layout.ownLanes[0]?.top ?? 0) + 5).found?.({ language: "ja" });
  expect(read((first?.onsetS ?? 0) + 5)?.[0]).toBe(`${first?.code ?? ""} · FHR`);
  expect(read((first?.onsetS ?? 0) + 5)?.[2]).toMatch(/^確率 0\.95（0\.83–1\.00）$/);
  expect(read(500)).toEqual(["判定不可：acceleration, deceleration"]);
});

test("where two groups of labels cannot be assessed at once, both are named", () => {
  const silent = (codes: string[]) => ({ onsetS: 400, durationS: 200, codes });
  const content: Content = {
    ...{ kind: "events", labelSet: "ctg-events", events: [] },
    notAssessable: [silent(["deceleration"]), silent(["contraction"])],
  };
  const layout = layoutWith(itemsOfFinding(shownOf(found, content)));
  const said = targetAt({ view, layout }, 500, (layout.ownLanes[0]?.top ?? 0) + 5).found;
  expect(said?.({ language: "en" })).toEqual(["not assessable: deceleration, contraction"]);
});

test("windows that a rule classed are drawn as a prediction is", async () => {
  const [run] = unwrap(await api.request("runs.list", {}));
  const emg = unwrap(await api.request("recordings.page", {})).rows.find(({ kind }) => kind === "emg");
  const made = { runId: run?.id ?? "", recordingId: emg?.id ?? "", adaptation: "none" } as const;
  await api.request("predictions.make", made);
  const [listed] = unwrap(await api.request("findings.list", { recordingId: made.recordingId }));
  if (listed === undefined) throw new Error("a prediction is a finding");
  const { content } = unwrap(await api.request("findings.get", { id: listed.id }));
  const items = itemsOfFinding(shownOf(listed, content));
  expect(items.map(({ kind }) => kind)).toEqual(["prediction"]);
  const layout = layoutWith(items);
  expect(
    paint(layout, (id) => id.startsWith("prediction")).filter(({ call }) => call === "stroke").length,
  ).toBeGreaterThan(3);
});
