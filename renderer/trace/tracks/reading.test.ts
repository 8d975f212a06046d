import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Content, FindingSummary, Series } from "../../../preload/contract/finding.ts";
import type { Tile } from "../../../preload/contract/recording.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { targetAt } from "../strip/input.ts";
import { layoutStrip, type StripLayout } from "../strip/layout.ts";
import { CHIP_PX, HEAD_PX, placeChips, type ChipWish } from "./chips.ts";
import { recorder, stubCanvas, type Drawn } from "./drawing.fixtures.ts";
import { falseStretches } from "./false-signal.ts";
import { minuteText } from "../../../preload/strip/readings.ts";
import { paletteOf } from "./palette.ts";
import { itemsOfFinding } from "./registry.ts";
import { timeScale } from "./time-scale.ts";
import type { View } from "./track.ts";

const api = createFakeApi(1, { reading: true });
const recording = unwrap(await api.request("recordings.page", {})).rows.find(({ kind }) => kind === "ctg");
if (recording === undefined) throw new Error("the study has a cardiotocogram");
const { id: recordingId, channels } = recording;
const findings = unwrap(await api.request("findings.list", { recordingId }));
const contents = new Map<string, Content>(
  await Promise.all(
    findings.map(async ({ id }) => [id, unwrap(await api.request("findings.get", { id })).content] as const),
  ),
);
const byRule = (rule: string): FindingSummary => {
  const found = findings.find(({ origin }) => origin.kind === "rule" && origin.rule === rule);
  if (found === undefined) throw new Error(`the fake has ${rule}`);
  return found;
};

const positions = [
  0,
  1,
  ...findings.flatMap(({ content }) =>
    content.kind === "curves" ? content.series.map(({ value }) => value) : [],
  ),
];
const tiles = new Map<number, readonly Tile[]>();
for (const channel of positions)
  tiles.set(
    channel,
    unwrap(
      await api.request("trace.tiles", {
        ...{ recordingId, channel, firstTile: 0, tileCount: 16, samplesPerBucket: 4 },
      }),
    ),
  );

const view: View = {
  scale: timeScale(0, 1, 4200),
  dpr: 1,
  palette: paletteOf("light"),
  durationS: recording.durationS,
  tiles: {
    get: (channel, size, index) =>
      tiles.get(channel)?.find((tile) => tile.samplesPerBucket === size && tile.index === index),
  },
};

function layoutOf(rules: readonly string[]): StripLayout {
  const items = rules.map(byRule).flatMap((summary) =>
    itemsOfFinding({
      ...{ summary, content: contents.get(summary.id), title: summary.id, channels },
      ...{ beside: findings, rangeOf: () => undefined, language: "en" },
      labelOf: (code) => ({ name: code, letter: code.slice(0, 1).toUpperCase(), colour: "#123456" }),
      reasonText: ({ code }) => code,
    }),
  );
  return layoutStrip({
    ...{ kind: "ctg", channels, ranges: new Map(), pixelsPerCm: 37.8, paperSpeed: 1 },
    ...{ fhrRange: "50-210", rows: 1, lanes: [], prediction: undefined, items },
    ...{ startOfDayS: undefined, heightPx: 800, dpr: 1, palette: paletteOf("light") },
  });
}

function paint(layout: StripLayout, [from, to]: readonly [number, number]): readonly Drawn[] {
  const { context, drawn } = recorder();
  for (const track of layout.items) track.paint(context, view, from, to);
  return drawn;
}

beforeEach(stubCanvas);
afterEach(() => vi.unstubAllGlobals());

test("an event is filled between the trace and its baseline, within its own time, and gaps stay open", () => {
  const content = contents.get(byRule("ctg/events").id);
  if (content?.kind !== "events") throw new Error("events");
  const dip = content.events.find(({ code }) => code === "late-deceleration");
  if (dip === undefined) throw new Error("the fake has a late deceleration");
  const endS = dip.onsetS + dip.durationS;
  const drawn = paint(layoutOf(["ctg/events"]), [Math.floor(dip.onsetS) - 60, Math.ceil(endS) + 60]);
  const filled = drawn.filter(({ fill }) => String(fill).startsWith(view.palette.tokens.deceleration));
  const xs = filled
    .filter(({ call }) => call === "lineTo")
    .map(({ values }) => Number(values[0]))
    .sort((a, b) => a - b);
  expect(xs.length).toBeGreaterThan(20);
  expect(xs[0]).toBeGreaterThanOrEqual(dip.onsetS - 1.5);
  expect(xs.at(-1)).toBeLessThanOrEqual(endS + 1.5);
  expect(drawn.some(({ call, values }) => call === "fillText" && values[0] === "L")).toBe(true);
});

test("ribbons lie close under the panels, what cannot be judged is hatched and never coloured", () => {
  const layout = layoutOf(["ctg/variability", "ctg/figo-2015"]);
  expect(layout.ownLanes.map(({ kind }) => kind)).toEqual(["minute-values", "class-ribbon"]);
  const [values, figo] = layout.ownLanes;
  expect((figo?.top ?? 0) - (values?.top ?? 0)).toBe(15);
  const said = (x: number) =>
    targetAt({ view, layout }, x, (figo?.top ?? 0) + 3).found?.({ language: "en" }) ?? [];
  expect(said(90)[0]).toContain("not assessable"); // ten minutes are needed first
  expect(said(90)[1]).toBe("NEEDS_MINUTES");
  expect(said(1000)[0]).toMatch(/: normal$/);
  const drawn = paint(layout, [0, 1200]);
  const coloured = drawn.filter(({ call, fill }) => call === "fillRect" && fill === "#123456");
  const early = coloured.filter(({ values: [x, y] }) => Number(x) < 600 && y === figo?.top);
  expect(early).toEqual([]);
});

test("a minute says its value, with an arrow where it is reduced or increased, and nothing where it is unknown", () => {
  expect(minuteText({ code: "normal", value: 12.25 })).toBe("12");
  expect(minuteText({ code: "reduced", value: 4 })).toBe("4↓");
  expect(minuteText({ code: "reduced", value: 1.25 })).toBe("1.3↓");
  expect(minuteText({ code: "increased", value: 30 })).toBe("30↑");
  expect(minuteText({ code: "increased", value: 52 })).toBe("40+");
  expect(minuteText({ code: null })).toBe("");
});

test("false stretches are joined over short interruptions, the briefest are left out, what is unobserved counts for nothing", () => {
  const value = new Float32Array(400).fill(0.02);
  value.fill(0.8, 40, 80); // 10 s
  value.fill(0.6, 100, 120); // 5 s later, 5 s
  value.fill(0.9, 300, 310); // 2.5 s: too brief
  const observed = new Uint8Array(400).fill(1);
  observed.fill(0, 60, 70);
  const series: Series = { name: "false-signal", unit: "probability", sampleRate: 4, value, observed };
  expect(falseStretches(series)).toEqual([
    { fromS: 10, toS: 30, probability: expect.closeTo((30 * 0.8 + 20 * 0.6) / 50, 5) as number },
  ]);
});

test("chips never lie upon each other nor beyond their panel; one that had to move is led to", () => {
  const wishes = Array.from({ length: 12 }, (_, i): ChipWish => ({
    ...{ x: 100 + 9 * i, y: 170, side: 1, letter: "L", text: "0.58" },
  }));
  const bounds = { top: 0, bottom: 200 };
  const chips = placeChips(wishes, bounds, { dpr: 1, widthOf: () => 24 });
  for (const [i, a] of chips.entries()) {
    expect(a.top).toBeGreaterThanOrEqual(bounds.top);
    expect(a.top + a.height).toBeLessThanOrEqual(bounds.bottom);
    for (const b of chips.slice(0, i))
      expect(
        a.left < b.left + b.width &&
          b.left < a.left + a.width &&
          a.top < b.top + b.height &&
          b.top < a.top + a.height,
      ).toBe(false);
  }
  expect(chips[0]?.isMoved).toBe(false);
  expect(chips.some(({ isMoved }) => isMoved)).toBe(true);
  expect(chips.length).toBeGreaterThan(4);
});

test("no letter scrolls under the name that stands at the head of its panel", () => {
  const layout = layoutOf(["ctg/false-signal", "ctg/events"]);
  const rate = layout.panels.find(({ grid }) => grid.kind === "fhr");
  const letters = paint(layout, [0, 4200]).filter(
    ({ call, values: [text, , y] }) =>
      call === "fillText" &&
      /^[A-Z]$/.test(String(text)) &&
      Number(y) < (rate?.top ?? 0) + (rate?.height ?? 0),
  );
  expect(letters.some(({ values }) => values[0] === "F")).toBe(true);
  for (const { values } of letters)
    expect(Number(values[2])).toBeGreaterThanOrEqual((rate?.top ?? 0) + HEAD_PX + CHIP_PX.height / 2);
});

test("of twins what a reading draws lies over the one that was read, though another stands first", () => {
  const [first] = channels;
  if (first === undefined) throw new Error("the fake has channels");
  const twins = [{ ...first, position: 90, label: "FHR0" }, ...channels];
  const overs = ["ctg/events", "ctg/false-signal"].flatMap((rule) =>
    findings
      .filter(({ origin }) => origin.kind === "rule" && origin.rule === rule)
      .flatMap((summary) =>
        itemsOfFinding({
          ...{ summary, content: contents.get(summary.id), title: "", channels: twins, beside: findings },
          ...{ rangeOf: () => undefined, language: "en", reasonText: ({ code }) => code },
          labelOf: (code) => ({ name: code, letter: "X", colour: "#123456" }),
        }),
      )
      .map(({ kind, over }) => [kind, over]),
  );
  expect(overs).toContainEqual(["event-fills", first.label]);
  expect(overs.map(([, over]) => over)).not.toContain("FHR0");
});

test("where UC is silent it is said so, and no bracket stands there", () => {
  const summary = byRule("ctg/events");
  const silent: Content = {
    ...{ kind: "events", labelSet: "ctg-events", events: [] },
    notAssessable: [{ onsetS: 600, durationS: 240, codes: ["contraction"] }],
  };
  contents.set(summary.id, silent);
  const layout = layoutOf(["ctg/events"]);
  const uc = layout.panels.find(({ grid }) => grid.kind === "uc");
  const read = (x: number) => targetAt({ view, layout }, x, (uc?.top ?? 0) + 40).found?.({ language: "en" });
  expect(read(700)).toEqual(["no UC signal"]);
  expect(read(900)).toBeUndefined();
  expect(
    paint(layout, [500, 900]).some(({ call, values }) => call === "fillText" && values[0] === "no UC signal"),
  ).toBe(true);
});
