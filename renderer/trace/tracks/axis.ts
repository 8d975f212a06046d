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
/** No label is wider, CSS pixels. */
const WIDEST_PX = 58;

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

/** The first label would be cut by the left edge of the recording: it starts at its tick. */
const startsAtTick = (timeS: number): boolean => timeS === 0;

/**
 * How far labels that an edge of the screen cuts reach into it, CSS pixels: half a time reads as another one. 0 where none
 * is cut.
 */
export function cutLabels({ scale, dpr }: Pick<View, "scale" | "dpr">): {
  readonly left: number;
  readonly right: number;
} {
  const step = tickStep(scale.pxPerS / dpr, LABEL_PX);
  const widest = WIDEST_PX * dpr;
  let [left, right] = [0, 0];
  for (const edge of [0, scale.width]) {
    const fromS = Math.max(0, toTime(scale, edge - widest));
    for (const time of ticksBetween(fromS, toTime(scale, edge + widest), step)) {
      const x = Math.round(time * scale.pxPerS) - scale.origin;
      const begins = startsAtTick(time) ? x : x - widest / 2;
      const ends = begins + widest;
      if (begins < left && ends > left) left = ends; // what is covered with one that is cut goes, too
      if (begins < scale.width && ends > scale.width) right = Math.max(right, scale.width - begins);
    }
  }
  return { left: left / dpr, right: right / dpr };
}

function paintLabel(
  context: CanvasRenderingContext2D,
  view: View,
  axis: Axis,
  tick: { readonly time: number; readonly x: number; readonly step: number },
): void {
  const { dpr, palette } = view;
  context.textAlign = startsAtTick(tick.time) ? "left" : "center";
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
