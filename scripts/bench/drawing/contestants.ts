import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { createViewport, startAt, zoomAbout } from "../../../renderer/state/viewport.ts";
import { StripPainter } from "../../../renderer/trace/strip/painter.ts";
import { layoutStrip } from "../../../renderer/trace/strip/layout.ts";
import { bucketSizeFor } from "../../../renderer/trace/tiles/levels.ts";
import { paletteOf } from "../../../renderer/trace/tracks/palette.ts";
import { channels, CHANNELS, DURATION_S, envelopePoints, loadTiles, RATE } from "./data.ts";

export const WIDTH = 1600;
export const PANEL_PX = 100;
const REACH = 90;

/** One way to draw the recording. `show` brings the picture to a start time, synchronously. */
export interface Contestant {
  readonly name: string;
  readonly ready: () => Promise<void>;
  readonly show: (startS: number) => void;
  readonly zoom?: (factor: number) => void; // about a point a third from the left, synchronously
  readonly close: () => void;
}
export type MakeContestant = (host: HTMLElement, spanS: number, startS: number) => Contestant;

/** Draws nothing: what a frame takes on this machine, whoever draws in it. */
export const emptyPage: MakeContestant = () => ({
  name: "an empty page",
  ready: () => Promise.resolve(),
  show: () => undefined,
  zoom: () => undefined,
  close: () => undefined,
});

const palette = paletteOf("light");

export const kodo: MakeContestant = (host, spanS, startS) => {
  const surface = document.createElement("div");
  surface.style.cssText = `position: relative; overflow: hidden; width: ${WIDTH}px`;
  host.append(surface);
  const viewport = createViewport({
    startS,
    widthPx: WIDTH,
    pxPerS: WIDTH / spanS,
    durationS: DURATION_S,
    maxPxPerS: 1e5,
  });
  const layout = layoutStrip({
    kind: "emg",
    channels,
    ranges: new Map(channels.map((channel) => [channel.position, { low: -REACH, high: REACH }])),
    pixelsPerCm: 37.8,
    paperSpeed: 1,
    fhrRange: "50-210",
    rows: 1,
    lanes: [],
    prediction: undefined,
    startOfDayS: 0,
    heightPx: CHANNELS * (PANEL_PX + 8) + 50,
    dpr: 1,
    palette,
  });
  surface.style.height = `${layout.height}px`;
  const painter = new StripPainter({
    host: surface,
    viewport,
    load: loadTiles,
    onError: (error) => {
      throw error;
    },
    frames: { request: () => 0, cancel: () => undefined }, // the benchmark says when to paint
  });
  painter.show({ tracks: layout.tracks, channels, palette, dpr: 1, height: layout.height });
  return {
    name: "Kodo",
    ready: async () => {
      painter.paint();
      while (!painter.tiles.idle) await new Promise((resolve) => setTimeout(resolve, 5));
      painter.show({ tracks: layout.tracks, channels, palette, dpr: 1, height: layout.height });
      painter.paint();
    },
    show: (at) => {
      viewport.setState(startAt(viewport.getState(), at), true);
      painter.paint();
    },
    zoom: (factor) => {
      viewport.setState(zoomAbout(viewport.getState(), factor, WIDTH / 3), true);
      painter.paint();
    },
    close: () => painter.close(),
  };
};

/** What the chart libraries are given: the same envelope at the same bucket size, loaded wide enough for the whole run. */
function loaded(channel: number, spanS: number, startS: number) {
  return envelopePoints(channel, bucketSizeFor((spanS * RATE) / WIDTH), startS, startS + spanS * 3);
}

register([LineChart, GridComponent, CanvasRenderer]);

export const echartsLines: MakeContestant = (host, spanS, startS) => {
  const place = document.createElement("div");
  place.style.width = `${WIDTH}px`;
  place.style.height = `${CHANNELS * (PANEL_PX + 8)}px`;
  host.append(place);
  const chart = init(place, undefined, { renderer: "canvas", devicePixelRatio: 1 });
  const axes = (at: number) =>
    channels.map((_, i) => ({
      type: "value" as const,
      gridIndex: i,
      min: at,
      max: at + spanS,
      show: i === CHANNELS - 1,
    }));
  const pairs = channels.map((channel) => {
    const { x, y } = loaded(channel.position, spanS, startS);
    return Array.from(x, (time, n): [number, number | null] => [time, y[n] ?? null]);
  });
  // Only what is visible is handed over: with the points off screen as well ECharts took more than twice as long (measured).
  const visible = (at: number) =>
    pairs.map((all) => {
      const perS = all.length / (all[all.length - 1]![0] - all[0]![0]);
      const first = Math.max(0, Math.floor((at - all[0]![0]) * perS) - 2);
      return { data: all.slice(first, first + Math.ceil(spanS * perS) + 4) };
    });
  chart.setOption({
    animation: false,
    grid: channels.map((_, i) => ({ left: 0, right: 0, top: i * (PANEL_PX + 8), height: PANEL_PX })),
    xAxis: axes(startS),
    yAxis: channels.map((_, i) => ({
      type: "value",
      gridIndex: i,
      min: -REACH,
      max: REACH,
      splitLine: { show: false },
      axisLabel: { show: false },
    })),
    series: visible(startS).map((one, i) => ({
      ...one,
      type: "line",
      xAxisIndex: i,
      yAxisIndex: i,
      showSymbol: false,
      silent: true,
      connectNulls: false,
      lineStyle: { width: 1 },
    })),
  });
  return {
    name: "ECharts lines",
    ready: () => {
      chart.getZr().flush();
      return Promise.resolve();
    },
    show: (at) => {
      chart.setOption({ xAxis: axes(at), series: visible(at) }, { lazyUpdate: false });
      chart.getZr().flush(); // draw now, not in a frame of its own
    },
    close: () => chart.dispose(),
  };
};

export const uplot: MakeContestant = (host, spanS, startS) => {
  const charts = channels.map((channel) => {
    const { x, y } = loaded(channel.position, spanS, startS);
    return new UPlot(
      {
        width: WIDTH,
        height: PANEL_PX + 8,
        legend: { show: false },
        cursor: { show: false },
        pxAlign: 0,
        scales: { x: { time: false, range: (_self, min, max) => [min, max] }, y: { range: [-REACH, REACH] } },
        axes: [{ show: channel.position === CHANNELS - 1 }, { show: false }],
        series: [{}, { stroke: palette.tokens.trace, width: 1, points: { show: false } }],
      },
      [x, y],
      host,
    );
  });
  const show = (at: number): void => {
    for (const chart of charts) chart.setScale("x", { min: at, max: at + spanS });
  };
  return {
    name: "uPlot",
    ready: () => {
      show(startS);
      return Promise.resolve();
    },
    show,
    close: () => {
      for (const chart of charts) chart.destroy();
    },
  };
};
