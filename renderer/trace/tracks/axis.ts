import { formatClock, formatElapsed, ticksBetween } from "../../../preload/strip/ticks.ts";
import type { TrackKind } from "./kind.ts";
import { tickStep, toTime } from "./time-scale.ts";
import type { View } from "./track.ts";

export interface AxisContent {
  readonly startOfDayS: number | undefined; // undefined: the source gave no start time, only elapsed time is shown
}

export interface Axis extends AxisContent {
  readonly top: number;
  readonly height: number;
}

export const AXIS_PX = 34;

/** Labels at least this far apart, in CSS pixels. */
const LABEL_PX = 74;

/** Time says itself: there is nothing to find on it. */
export const axisKind: TrackKind<AxisContent, Axis, never> = {
  name: "axis",
  height: () => AXIS_PX,
  place: ({ startOfDayS }, { top, height }) => ({ startOfDayS, top, height }),
  channels: () => [],
  draw(context, view, axis, { from, to }) {
    const step = tickStep(view.scale.pxPerS / view.dpr, LABEL_PX);
    const reach = 60 * view.dpr;
    const { tokens } = view.palette;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.font = `${11 * view.dpr}px ${view.palette.font}`;
    const fromS = Math.max(0, toTime(view.scale, from - reach));
    const toS = Math.min(view.durationS, toTime(view.scale, to + reach));
    for (const time of ticksBetween(fromS, toS, step)) {
      const x = Math.round(time * view.scale.pxPerS) - view.scale.origin;
      context.fillStyle = tokens.lineStrong;
      context.fillRect(x, axis.top, Math.max(1, Math.round(view.dpr)), 4 * view.dpr);
      paintLabel(context, view, axis, { time, x, step });
    }
  },
  hit: () => undefined,
  describe: () => [],
};

function paintLabel(
  context: CanvasRenderingContext2D,
  view: View,
  axis: Axis,
  tick: { readonly time: number; readonly x: number; readonly step: number },
): void {
  const { dpr, palette } = view;
  // The first label would be cut by the left edge: it starts at its tick.
  context.textAlign = tick.time === 0 ? "left" : "center";
  // A clock without fractions would repeat itself: below a second only the elapsed time is shown.
  if (axis.startOfDayS === undefined || tick.step < 1) {
    context.fillStyle = palette.tokens.dim;
    context.fillText(formatElapsed(tick.time, tick.step), tick.x, axis.top + 6 * dpr);
    return;
  }
  context.fillStyle = palette.tokens.ink;
  context.fillText(formatClock(axis.startOfDayS, tick.time, tick.step < 60), tick.x, axis.top + 5 * dpr);
  context.fillStyle = palette.tokens.dim;
  context.fillText(`+${formatElapsed(tick.time, tick.step)}`, tick.x, axis.top + 19 * dpr);
}
