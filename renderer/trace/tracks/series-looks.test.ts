import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Content, FindingSummary, Series } from "../../../preload/contract/finding.ts";
import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";
import { targetAt } from "../strip/input.ts";
import { layoutStrip, type StripLayout } from "../strip/layout.ts";
import { recorder, stubCanvas, type Drawn } from "./drawing.fixtures.ts";
import { gapsOf, lengthsAt } from "./filled.ts";
import type { ShownFinding } from "./kind.ts";
import { paletteOf } from "./palette.ts";
import { itemsOfFinding } from "./registry.ts";
import { timeScale } from "./time-scale.ts";
import type { TraceChannel, View } from "./track.ts";

const LENGTH_S = 240;
const fhr: TraceChannel = {
  ...{ position: 0, label: "FHR", unit: "bpm", role: "fhr" },
  ...{ sampleRate: 1, sampleCount: LENGTH_S },
};

beforeEach(stubCanvas);
afterEach(() => vi.unstubAllGlobals());

const series = (facts: Partial<Series>, of: (s: number) => number): Series => {
  const value = Float32Array.from({ length: LENGTH_S }, (_, s) => of(s));
  const observed = Uint8Array.from(value, (one) => Number(!Number.isNaN(one)));
  return { name: "x", unit: "probability", sampleRate: 1, value, observed, ...facts };
};

/** A finding of these series as the strip shows it, one second a pixel. */
function shown(all: readonly Series[]): { readonly layout: StripLayout; readonly view: View } {
  const arrays = new Map<number, Float32Array>();
  const keep = (values: Float32Array): number => {
    arrays.set(100 + arrays.size, values);
    return 99 + arrays.size;
  };
  const content: Content = { kind: "curves", series: [...all], forecasts: [] };
  const summary: FindingSummary = {
    ...{ id: "finding-1", recordingId: "r", createdAt: "2026-11-29T00:00:00Z", isOutdated: false },
    origin: { kind: "rule", rule: "toy", version: "1", config: {} },
    content: {
      ...{ kind: "curves", forecasts: 0 },
      series: all.map(({ name, unit, over, as, notable, sampleRate, value, low, high }) => ({
        ...{ name, unit, over, as, notable, sampleRate },
        ...{ sampleCount: value.length, value: keep(value) },
        ...(low && high ? { low: keep(low), high: keep(high) } : {}),
      })),
    },
  };
  const finding: ShownFinding = {
    ...{ summary, content, title: "toy", channels: [fhr], language: "en" },
    beside: [],
    reasonText: ({ code }) => code,
    rangeOf: () => ({ low: 0, high: 4 }),
    labelOf: (code) => ({ name: code, letter: code.slice(0, 1).toUpperCase(), colour: "#123456" }),
  };
  const layout = layoutStrip({
    ...{ kind: "ctg", channels: [fhr], ranges: new Map(), pixelsPerCm: 37.8, paperSpeed: 1 },
    ...{ fhrRange: "50-210", rows: 1, lanes: [], prediction: undefined, items: itemsOfFinding(finding) },
    ...{ startOfDayS: undefined, heightPx: 800, dpr: 1, palette: paletteOf("light") },
  });
  const tileOf = (channel: number, samplesPerBucket: number, index: number): Tile | undefined => {
    const values = arrays.get(channel);
    if (values === undefined || samplesPerBucket !== 1) return undefined;
    const min = values.slice(index * BUCKETS_PER_TILE, (index + 1) * BUCKETS_PER_TILE);
    const reason = Uint8Array.from(min, (one) => (Number.isNaN(one) ? 1 : 0));
    return { samplesPerBucket, index, min, max: min, reason };
  };
  return {
    layout,
    view: {
      ...{ scale: timeScale(0, 1, LENGTH_S), dpr: 1, palette: paletteOf("light"), durationS: LENGTH_S },
      tiles: { get: tileOf },
    },
  };
}

function paint({ layout, view }: ReturnType<typeof shown>, kind: string): readonly Drawn[] {
  const { context, drawn } = recorder();
  for (const track of layout.items.filter((one) => one.kind === kind))
    track.paint(context, view, 0, LENGTH_S);
  return drawn;
}

const isGap = (s: number): boolean => s >= 100 && s < 150;
const reduced = series({ name: "reduced", as: "share" }, (s) => (isGap(s) ? Number.NaN : 0.25));
const moderate = series({ name: "moderate", as: "share" }, (s) => (isGap(s) ? Number.NaN : 0.75));

/** Lines of a path that lead from one side of a stretch to the other. */
function across(drawn: readonly Drawn[], fromX: number, toX: number): readonly Drawn[] {
  let lastX = Number.NaN;
  return drawn.filter(({ call, values }) => {
    if (call !== "moveTo" && call !== "lineTo") return false;
    const x = Number(values[0]);
    const isAcross = call === "lineTo" && Math.min(x, lastX) < fromX && Math.max(x, lastX) > toX;
    lastX = x;
    return isAcross;
  });
}

test("parts of a whole are stacked up to it, each with its letter and name, and their gap is hatched, not bridged", () => {
  const ribbon = shown([reduced, moderate]);
  const [lane] = ribbon.layout.ownLanes;
  if (lane === undefined) throw new Error("a ribbon has a lane of its own");
  const drawn = paint(ribbon, "ribbon");
  const ys = drawn
    .filter(({ call }) => call === "moveTo" || call === "lineTo")
    .map(({ values }) => values[1]);
  const [top, bottom] = [lane.top + 2, lane.top + lane.height - 2];
  const edge = bottom - 0.25 * (bottom - top);
  expect([...new Set(ys)].sort((a, b) => Number(a) - Number(b))).toEqual([top, edge, bottom]);
  expect(new Set(drawn.filter(({ call }) => call === "fillText").map(({ values }) => values[0]))).toEqual(
    new Set(["M"]), // the lower part is too thin for a letter here
  );
  expect(across(drawn, 99.5, 150.5)).toEqual([]);
  const hatched = drawn.filter(({ fill }) => typeof fill === "object");
  expect(hatched.map(({ call, values }) => [call, values[0], values[2]])).toEqual([["fillRect", 99, 51]]);
  expect(lane.legend(paletteOf("light"), "en").map(({ letter, name }) => `${letter ?? ""} ${name}`)).toEqual([
    "M moderate",
    "R reduced",
  ]);
  const colours = lane.legend(paletteOf("dark"), "en").map(({ colour }) => colour);
  expect(new Set(colours).size).toBe(2); // although the labels told them apart by nothing
});

test("a ribbon reads out the most probable part first, and says where nothing can be said", () => {
  const { layout, view } = shown([reduced, moderate]);
  const read = (x: number) =>
    targetAt({ view, layout }, x, (layout.ownLanes[0]?.top ?? 0) + 9).found?.({ language: "en" });
  expect(read(20)).toEqual(["moderate 0.75", "reduced 0.25"]);
  expect(read(120)).toEqual(["reduced: not assessable", "moderate: not assessable"]);
});

test("parts whose tiles are not there yet are not drawn as if they were none", () => {
  const ribbon = shown([reduced, moderate]);
  const { tiles } = ribbon.view;
  const view = {
    ...ribbon.view,
    tiles: { get: (...at: Parameters<typeof tiles.get>) => (at[0] === 100 ? undefined : tiles.get(...at)) },
  };
  expect(paint({ ...ribbon, view }, "ribbon").filter(({ call }) => call === "fill")).toEqual([]);
});

test("bars above what is notable are of another tone and say so; the dotted line has its meaning in words", () => {
  const bars = shown([
    series({ name: "surprise", unit: "nat", as: "bars", notable: 3 }, (s) =>
      s === 40 ? 3.5 : isGap(s) ? NaN : 1,
    ),
  ]);
  const drawn = paint(bars, "bars");
  const { unsure } = bars.view.palette.tokens;
  const notable = drawn.filter(({ call, fill }) => call === "fillRect" && fill === unsure);
  expect(notable.map(({ values }) => Number(values[0]) + Number(values[2]) / 2)).toEqual([40]);
  const read = (x: number) =>
    targetAt({ view: bars.view, layout: bars.layout }, x, (bars.layout.ownLanes[0]?.top ?? 0) + 9).found?.({
      language: "en",
    });
  expect(read(40)).toEqual(["surprise 3.5 nat", "above the dotted line, as one in a hundred is"]);
  expect(read(20)).toEqual(["surprise 1 nat"]);
  expect(read(120)).toEqual(["surprise: not assessable"]);
  expect(bars.layout.ownLanes[0]?.legend(paletteOf("light"), "en")).toEqual([
    { name: "1 in 100 lies above the dotted line" },
  ]);
});

const put = series({ name: "filled", unit: "bpm", over: "FHR", as: "filled" }, (s) =>
  isGap(s) || (s >= 60 && s < 68) ? 130 : Number.NaN,
);
const filled = { ...put, low: put.value.map((v) => v - 5), high: put.value.map((v) => v + 5) };

test("a filled gap lies over its channel, dashed, still hatched, with its length, and nothing joins it to the trace", () => {
  const one = shown([filled]);
  expect(one.layout.ownLanes).toEqual([]);
  const drawn = paint(one, "filled");
  expect(drawn.filter(({ call }) => call === "setLineDash").map(({ values }) => values[0])).toEqual([
    [4, 3],
    [],
  ]);
  const xs = drawn
    .filter(({ call }) => call === "moveTo" || call === "lineTo")
    .map(({ values }) => Number(values[0]));
  expect(xs.every((x) => (x >= 59.5 && x <= 67.5) || (x >= 99.5 && x <= 149.5))).toBe(true);
  expect(across(drawn, 68, 99)).toEqual([]);
  const hatched = drawn.filter(({ fill }) => typeof fill === "object");
  expect(hatched.map(({ values }) => [values[0], values[2]])).toEqual([
    [60, 8],
    [100, 50],
  ]);
  const texts = drawn.filter(({ call }) => call === "fillText").map(({ values }) => values[0]);
  expect(texts).toEqual(["8 s", "50 s"]);
  const said = targetAt(one, 120, (one.layout.panels[0]?.top ?? 0) + 9).found?.({ language: "en" });
  expect(said).toEqual(["filled 130 (125 to 135) bpm", "gap of 50 s, filled by a model, not recorded"]);
  expect(targetAt(one, 80, (one.layout.panels[0]?.top ?? 0) + 9).found).toBeUndefined();
});

test("of lengths that would lie upon each other the longer gap keeps its own", () => {
  const gaps = gapsOf(
    Uint8Array.from({ length: 60 }, (_, i) => Number(i < 4 || (i > 10 && i < 20) || i > 50)),
    1,
  );
  expect(gaps.map(({ fromS, toS }) => [fromS, toS])).toEqual([
    [0, 4],
    [11, 20],
    [51, 60],
  ]);
  const wide = (pxPerS: number) =>
    lengthsAt(gaps, pxPerS, (text) => 7 * text.length, 1).map(({ text }) => text);
  expect(wide(10)).toEqual(["4 s", "9 s", "9 s"]);
  expect(wide(1)).toEqual(["9 s", "9 s"]);
  expect(wide(0.1)).toEqual(["9 s"]);
});
