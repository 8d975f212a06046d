import { sure } from "../../../preload/contract/sure.ts";
import type { GridKind } from "../../../preload/strip/grid.ts";
import {
  APART_AGAIN_CM,
  apartLineBpm,
  HIDDEN_ALPHA,
  liftedName,
  liftedScale,
  MARK_ALPHA,
  type TraceLine,
} from "../../../preload/strip/lines.ts";
import type { DrawnEvent } from "./annotation.ts";
import { withAlpha } from "./palette.ts";
import { Envelope, toY, traceEnvelope, type ValueScale } from "./envelope.ts";
import { paintGrid, type Grid } from "./grid.ts";
import type { TrackKind } from "./kind.ts";
import { paintMask } from "./mask.ts";
import type { ValueRange } from "./range.ts";
import { toTime } from "./time-scale.ts";
import {
  columnsWithin,
  readAt,
  samplesPerPx,
  visitBuckets,
  type Reading,
  type TraceChannel,
  type View,
} from "./track.ts";

export interface Series extends TraceLine {
  readonly channel: TraceChannel;
  readonly breakStep: number; // neighbours further apart are not joined; infinite where the unit has no such rule
  readonly liftBpm?: number; // drawn so much higher than it is; absent: where it is
}

/** Channels that share a grid. */
export interface PanelContent {
  readonly id: string;
  readonly title: string; // channel labels
  readonly unit: string;
  readonly kind: GridKind;
  readonly range: ValueRange;
  readonly paperPx: number | undefined; // at the scale of the paper; undefined: as high as there is room
  readonly paperSpeed: Grid["paperSpeed"];
  readonly bpmPerCm: Grid["bpmPerCm"];
  readonly series: readonly Series[];
  readonly isMarkedWhenClipped: boolean;
  readonly marks: readonly DrawnEvent[]; // events of these channels alone
}

export interface SignalPanel extends PanelContent {
  readonly top: number;
  readonly height: number;
  readonly grid: Grid;
}

const envelope = new Envelope(); // one for all: painting is synchronous
const hidden = new Envelope();

const channelsOf = ({ series }: Pick<PanelContent, "series">): readonly TraceChannel[] =>
  series.map(({ channel }) => channel);

/** Signals on their grid, with the gaps they have in common, and the events that are of these channels alone. */
export const signalKind: TrackKind<
  PanelContent,
  SignalPanel,
  readonly { readonly channel: TraceChannel; readonly reading: Reading }[]
> = {
  name: "signal",
  height: ({ paperPx }, { plainPx }) => paperPx ?? plainPx,
  place: (content, { top, height }) => {
    const { kind, paperSpeed, bpmPerCm, range } = content;
    return {
      ...{ ...content, top, height },
      grid: { kind, paperSpeed, bpmPerCm, values: { top, height, low: range.low, high: range.high } },
    };
  },
  channels: channelsOf,
  draw(context, view, panel, { from, to }) {
    paintGrid(context, view, panel.grid, from, to);
    for (const mark of panel.marks) paintMark(context, view, panel, mark, { from, to });
    paintMask(context, view, { channels: channelsOf(panel), values: panel.grid.values }, { from, to });
    const inside = columnsWithin(view, from, to);
    for (const series of panel.series) paintLifted(context, view, panel, series, inside);
    for (const series of panel.series) paintSeries(context, view, panel, series, from, to);
  },
  hit: (panel, view, x) =>
    channelsOf(panel).map((channel) => ({ channel, reading: readAt(view, channel, toTime(view.scale, x)) })),
  describe: (found) => found.map(({ channel }) => channel.label), // values are read out by the page, in its words
};

/** An event of one channel is seen on it too: a bar at its head and a tint beneath the trace. */
function paintMark(
  context: CanvasRenderingContext2D,
  view: View,
  panel: SignalPanel,
  mark: DrawnEvent,
  span: { readonly from: number; readonly to: number },
): void {
  const thin = Math.max(1, Math.round(view.dpr));
  const left = Math.round(mark.onsetS * view.scale.pxPerS) - view.scale.origin;
  const right = Math.round((mark.onsetS + mark.durationS) * view.scale.pxPerS) - view.scale.origin;
  const width = Math.max(thin, right - left);
  if (left >= span.to || left + width <= span.from) return;
  const colour = view.palette.ofLabel(mark.label.colour);
  context.fillStyle = withAlpha(colour, MARK_ALPHA);
  context.fillRect(left, panel.top, width, panel.height);
  context.fillStyle = colour;
  context.fillRect(left, panel.top, width, 3 * thin);
}

/** Fills the envelope with the columns [from, to) and a little more, so that neighbouring paints join. */
export function fillEnvelope(into: Envelope, view: View, series: Series, from: number, to: number): void {
  const bucketPx = Math.max(1, view.scale.pxPerS / series.channel.sampleRate);
  const reach = Math.ceil(3 * bucketPx) + Math.ceil(12 * view.dpr); // also as far as an arrow at the edge may start
  into.begin(series.breakStep);
  visitBuckets(view, series.channel, from - reach, to + reach, {
    bucket: (index, x, min, max, reason) => into.add(index, x, min, max, reason !== 0 && !Number.isNaN(min)),
    missing: () => into.gap(),
  });
}

/** The same of what lies beneath masks. Nothing where nothing is hidden: what the source lacks is a gap. */
export function fillHidden(into: Envelope, view: View, series: Series, from: number, to: number): void {
  const bucketPx = Math.max(1, view.scale.pxPerS / series.channel.sampleRate);
  const reach = Math.ceil(3 * bucketPx);
  into.begin(series.breakStep);
  let last = Number.NEGATIVE_INFINITY;
  visitBuckets(view, series.channel, from - reach, to + reach, {
    bucket: () => undefined,
    missing: () => into.gap(),
    beneath: (index, x, min, max) => {
      if (index !== last + 1) into.gap();
      last = index;
      into.add(index, x, min, max, false);
    },
  });
}

function paintSeries(
  context: CanvasRenderingContext2D,
  view: View,
  panel: SignalPanel,
  series: Series,
  from: number,
  to: number,
): void {
  const values = liftedScale(panel.grid.values, series.liftBpm ?? 0);
  fillHidden(hidden, view, series, from, to);
  if (hidden.count > 0) {
    context.strokeStyle = withAlpha(series.colour, HIDDEN_ALPHA);
    context.lineWidth = view.dpr <= 1 ? Math.min(1, series.width) : series.width * view.dpr;
    context.lineJoin = "bevel";
    context.beginPath();
    traceEnvelope(context, hidden, values);
    context.stroke();
  }
  fillEnvelope(envelope, view, series, from, to);
  context.strokeStyle = series.colour;
  // Up to one device pixel the rasteriser draws hairlines, which is several times faster than outlining a stroke.
  context.lineWidth = view.dpr <= 1 ? Math.min(1, series.width) : series.width * view.dpr;
  context.lineJoin = "bevel";
  context.setLineDash(series.dash.map((length) => length * view.dpr));
  context.beginPath();
  traceEnvelope(context, envelope, values);
  context.stroke();
  if (series.dash.length > 0) context.setLineDash([]);
  if (samplesPerPx(series.channel, view.scale) < 1 / (7 * view.dpr))
    paintSamples(context, view, series.colour, values);
  if (panel.isMarkedWhenClipped) paintClipped(context, view, series.colour, values);
}

const APART_AGAIN_PX = 110; // at least
const FONT_PX = 11;

/** Of what is drawn apart: its own line of one value, dotted, saying whose and which it is again and again. */
function paintLifted(
  context: CanvasRenderingContext2D,
  { scale, dpr, palette, durationS }: View,
  { grid, paperSpeed }: SignalPanel,
  { channel, colour, liftBpm = 0 }: Series,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (liftBpm === 0 || to <= from) return;
  const bpm = apartLineBpm(liftBpm);
  const y = Math.round(toY(liftedScale(grid.values, liftBpm), bpm)) + 0.5;
  const dots = 4 * dpr;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1, Math.round(dpr));
  context.setLineDash([dots / 4, (dots * 3) / 4]);
  const start = Math.floor((from + scale.origin) / dots) * dots - scale.origin; // so that neighbouring paints join
  context.beginPath();
  context.moveTo(start, y);
  context.lineTo(to, y);
  context.stroke();
  context.setLineDash([]);
  const cm = (scale.pxPerS * 60) / paperSpeed;
  const again = APART_AGAIN_CM * cm * Math.ceil((APART_AGAIN_PX * dpr) / (APART_AGAIN_CM * cm));
  const text = `${liftedName(channel.label, liftBpm)}: ${bpm}`;
  context.font = `${FONT_PX * dpr}px ${palette.font}`;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  const width = context.measureText(text).width;
  for (let n = Math.floor((from + scale.origin - width) / again); ; n += 1) {
    const place = Math.round((n + 0.5) * again); // from the start of the recording
    const left = place - scale.origin;
    if (left > to || place + width > durationS * scale.pxPerS) return;
    if (place < 0) continue;
    context.fillStyle = palette.tokens.panel;
    context.globalAlpha = 0.8;
    context.fillRect(left - 2 * dpr, y - (FONT_PX + 4) * dpr, width + 4 * dpr, (FONT_PX + 3) * dpr);
    context.globalAlpha = 1;
    context.fillStyle = colour;
    context.fillText(text, left, y - dpr);
  }
}

/** Zoomed in far enough, every sample is a dot: the line between them is only a guide. */
function paintSamples(
  context: CanvasRenderingContext2D,
  view: View,
  colour: string,
  values: ValueScale,
): void {
  const size = Math.round(3 * view.dpr);
  context.fillStyle = colour;
  for (let i = 0; i < envelope.count; i++) {
    context.fillRect(
      sure(envelope.x[i]) - size / 2,
      toY(values, sure(envelope.max[i])) - size / 2,
      size,
      size,
    );
  }
}

/** A small arrow at the edge beyond which a value lies. */
function paintClipped(
  context: CanvasRenderingContext2D,
  view: View,
  colour: string,
  values: ValueScale,
): void {
  const size = 3 * view.dpr;
  let lastX = Number.NEGATIVE_INFINITY;
  context.fillStyle = colour;
  context.beginPath();
  for (let i = 0; i < envelope.count; i++) {
    const isAbove = sure(envelope.max[i]) > values.high;
    const isBelow = sure(envelope.min[i]) < values.low;
    if (!isAbove && !isBelow) continue;
    // One arrow for every 8 pixels of the recording, at fixed places, so that neighbouring paints agree.
    const slot = Math.floor((sure(envelope.x[i]) + view.scale.origin) / (8 * view.dpr));
    if (slot === lastX) continue;
    lastX = slot;
    const x = (slot + 0.5) * 8 * view.dpr - view.scale.origin;
    const tip = isAbove ? values.top : values.top + values.height;
    const foot = tip + (isAbove ? size * 1.6 : -size * 1.6);
    context.moveTo(x - size, foot);
    context.lineTo(x, tip);
    context.lineTo(x + size, foot);
  }
  context.fill();
}
