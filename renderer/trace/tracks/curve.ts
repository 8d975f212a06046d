import type { SeriesSummary } from "../../../preload/contract/finding.ts";
import { fixed, number } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import { Envelope, toY, traceEnvelope, type PathSink, type ValueScale } from "./envelope.ts";
import type { ShownFinding, TrackContent, TrackKind } from "./kind.ts";
import { laneScale, paintLane } from "./lane.ts";
import { withAlpha } from "./palette.ts";
import type { ValueRange } from "./range.ts";
import { fillEnvelope } from "./signal.ts";
import { toTime } from "./time-scale.ts";
import { readAt, type Reading, type TraceChannel, type View } from "./track.ts";
import { traceWords } from "./words.ts";

/** A value over time with the ends of its band, each a derived channel. */
export interface CurveSeries {
  readonly name: string;
  readonly letter: string;
  readonly colour: string;
  readonly value: TraceChannel;
  readonly low: TraceChannel | undefined;
  readonly high: TraceChannel | undefined;
}

/** Series of one unit, which share a scale. */
export interface CurveContent {
  readonly series: readonly CurveSeries[];
  readonly unit: string;
  readonly range: ValueRange; // of a lane of its own
}

export interface PlacedCurve extends CurveContent {
  readonly values: ValueScale;
  readonly isOver: boolean;
}

const LANE_PX = 44;
const NEAR_PX = 7; // a curve over a channel is meant where the pointer is no further away
const BAND_ALPHA = 0.22;
const LINE_PX = 1.5;
const MOST_NAMED = 3; // of the series of a lane there is room for the names of
const PROBABILITY = "probability";

const upper = new Envelope(); // painting is synchronous: one of each is enough
const lower = new Envelope();
const line = new Envelope();

/** Curves with their bands. A gap is never bridged; in a lane of its own it is hatched. */
export const curveKind: TrackKind<CurveContent, PlacedCurve, readonly ReadSeries[]> = {
  name: "curve",
  height: () => LANE_PX,
  place: (content, at) => ({
    ...content,
    isOver: at.values !== undefined,
    values: at.values ?? laneScale(content.range, at),
  }),
  channels: ({ series }) =>
    series.flatMap(({ value, low, high }) => [low, high, value].flatMap((one) => one ?? [])),
  draw(context, view, placed, span) {
    const channels = placed.series.map(({ value }) => value);
    if (!placed.isOver) paintLane(context, view, { channels, values: placed.values }, span);
    for (const series of placed.series) {
      paintBand(context, view, series, placed.values, span);
      fillEnvelope(line, view, lineOf(series.value, series.colour), span.from, span.to);
      context.strokeStyle = series.colour;
      context.lineWidth = LINE_PX * view.dpr;
      context.lineJoin = "bevel";
      context.beginPath();
      traceEnvelope(context, line, placed.values);
      context.stroke();
    }
  },
  hit(placed, view, x, y) {
    const timeS = toTime(view.scale, x);
    const read = placed.series.map((series) => readSeries(view, series, placed.unit, timeS));
    const near = placed.isOver
      ? read.filter(({ value }) => value.kind === "value" && isNear(placed.values, value, y, view.dpr))
      : read;
    const said = near.filter(({ value }) => value.kind === "value" || value.kind === "gap");
    return said.length === 0 ? undefined : said;
  },
  describe: (found, { language }) => {
    const t = translate(traceWords, language);
    return found.map(({ name, unit, value, low, high }) => {
      const [middle, bottom, top] = [value, low, high].map((one) => one && middleOf(one));
      if (middle === undefined) return t("noValue", { name });
      const show = (one: number): string => (unit === PROBABILITY ? fixed(one, 2) : number(one, language, 1));
      const facts = { name, value: show(middle), unit: unit === PROBABILITY ? "" : unit };
      return bottom === undefined || top === undefined
        ? t("value", facts).trim()
        : t("valueBand", { ...facts, low: show(bottom), high: show(top) }).trim();
    });
  },
  legend: ({ series }) =>
    series.slice(0, MOST_NAMED).map(({ name, letter, colour }) => ({ name, letter, colour })),
  ofFinding: curvesOf,
};

/** What says of every sample of a channel how probable it is that it is false: drawn along its trace, see false-signal.ts. */
export const isAlong = ({ name, unit, over }: SeriesSummary): boolean =>
  name === "false-signal" && unit === "probability" && over !== undefined;

/** Over a channel only values of its own unit are drawn: they share its scale. The others share a lane a unit. */
function curvesOf(finding: ShownFinding): readonly TrackContent<CurveContent>[] {
  const { summary, title, channels } = finding;
  if (summary.content.kind !== "curves") return [];
  const groups = new Map<string, SeriesSummary[]>();
  for (const series of summary.content.series.filter((one) => one.as === undefined && !isAlong(one))) {
    const over = channels.find(({ label, unit }) => label === series.over && unit === series.unit);
    const key = JSON.stringify([series.unit, over?.label ?? null]);
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  return [...groups].map(([key, series]) => {
    const [first] = series;
    const over = channels.find(({ label, unit }) => label === first?.over && unit === first.unit)?.label;
    const unit = first?.unit ?? "";
    return {
      id: `curve ${summary.id} ${key}`,
      title,
      ...(over === undefined ? {} : { over }),
      content: {
        unit,
        range: unit === PROBABILITY ? { low: 0, high: 1 } : rangeOf(finding, series),
        series: series.map((one) => seriesOf(finding, one)),
      },
    };
  });
}

/** Of a finding, as a series of it shows the values at a position. */
export const derivedChannel = (series: SeriesSummary, label: string, position: number): TraceChannel => ({
  ...{ position, label, unit: series.unit, role: "other" },
  ...{ sampleRate: series.sampleRate, sampleCount: series.sampleCount },
});

export function seriesOf({ labelOf }: ShownFinding, series: SeriesSummary): CurveSeries {
  const { name, letter, colour } = labelOf(series.name);
  const channel = (position: number): TraceChannel => derivedChannel(series, name, position);
  return {
    ...{ name, letter, colour, value: channel(series.value) },
    low: series.low === undefined ? undefined : channel(series.low),
    high: series.high === undefined ? undefined : channel(series.high),
  };
}

/** What holds all of them with their bands; zero to one while nothing is known. */
export function rangeOf(finding: ShownFinding, series: readonly SeriesSummary[]): ValueRange {
  const known = series
    .flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
    .flatMap((position) => finding.rangeOf(position) ?? []);
  if (known.length === 0) return { low: 0, high: 1 };
  return {
    low: Math.min(...known.map(({ low }) => low)),
    high: Math.max(...known.map(({ high }) => high)),
  };
}

export const lineOf = (channel: TraceChannel, colour: string) => ({
  ...{ channel, colour, width: LINE_PX, dash: [] },
  breakStep: Number.POSITIVE_INFINITY,
});

export function paintBand(
  context: CanvasRenderingContext2D,
  view: View,
  { low, high, colour }: CurveSeries,
  values: ValueScale,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (low === undefined || high === undefined) return;
  fillEnvelope(lower, view, lineOf(low, colour), from, to);
  fillEnvelope(upper, view, lineOf(high, colour), from, to);
  context.fillStyle = withAlpha(colour, BAND_ALPHA);
  context.beginPath();
  traceBand(context, { lower, upper }, values);
  context.fill();
}

/** Outlines of the band, one for each run without a gap. Both ends have the same gaps, once the tiles of both are there. */
export function traceBand(
  path: PathSink,
  { lower: low, upper: high }: { readonly lower: Envelope; readonly upper: Envelope },
  values: ValueScale,
): void {
  if (low.count !== high.count) return;
  for (let start = 0; start < high.count;) {
    let end = start + 1;
    while (end < high.count && high.startsRun[end] !== 1) end += 1;
    const isAlone = end === start + 1; // a single value still shows its band
    for (let i = start; i < end; i += 1) {
      const x = (high.x[i] ?? 0) - (isAlone ? 0.5 : 0);
      const y = toY(values, high.max[i] ?? 0);
      if (i === start) path.moveTo(x, y);
      else path.lineTo(x, y);
      if (isAlone) path.lineTo(x + 1, y);
    }
    for (let i = end - 1; i >= start; i -= 1) {
      const x = (low.x[i] ?? 0) + (isAlone ? 0.5 : 0);
      const y = toY(values, low.min[i] ?? 0);
      path.lineTo(x, y);
      if (isAlone) path.lineTo(x - 1, y);
    }
    start = end;
  }
}

/** What a series shows at a time. */
export interface ReadSeries {
  readonly name: string;
  readonly unit: string;
  readonly value: Reading;
  readonly low: Reading | undefined;
  readonly high: Reading | undefined;
}

export const readSeries = (
  view: View,
  { name, value, low, high }: CurveSeries,
  unit: string,
  timeS: number,
): ReadSeries => ({
  ...{ name, unit, value: readAt(view, value, timeS) },
  low: low && readAt(view, low, timeS),
  high: high && readAt(view, high, timeS),
});

export const middleOf = (reading: Reading): number | undefined =>
  reading.kind === "value" ? (reading.min + reading.max) / 2 : undefined;

function isNear(
  values: ValueScale,
  { min, max }: { readonly min: number; readonly max: number },
  y: number,
  dpr: number,
): boolean {
  return y >= toY(values, max) - NEAR_PX * dpr && y <= toY(values, min) + NEAR_PX * dpr;
}
