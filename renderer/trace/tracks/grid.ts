import {
  fhrBand,
  type GridKind,
  INNER_NUMBERS_S,
  innerNumbers,
  type Line,
  lineLooks,
  paperTimeLines,
  valueLines,
} from "../../../preload/strip/grid.ts";
import type { PaperSpeed } from "../../../preload/strip/scale.ts";
import { ticksBetween } from "../../../preload/strip/ticks.ts";
import { tickStep, toTime } from "./time-scale.ts";
import type { ValueScale } from "./envelope.ts";
import { toY } from "./envelope.ts";
import { columnsWithin, type View } from "./track.ts";

export interface Grid {
  readonly kind: GridKind;
  readonly values: ValueScale;
  readonly bpmPerCm: 20 | 30; // fhr: which lines are strong
  readonly paperSpeed: PaperSpeed; // the faint lines are half a centimetre apart at this speed
}

const MIN_LINE_PX = 5;

/** Vertical lines, weakest first. Paper lines where they fit, else the steps of a clock. */
export function timeLines(kind: GridKind, pxPerS: number, paperSpeed: PaperSpeed): readonly Line[] {
  const isPaper = kind !== "plain" && 60 * pxPerS >= MIN_LINE_PX && 30 * pxPerS <= 1200;
  if (isPaper) return paperTimeLines(paperSpeed).filter((line) => line.step * pxPerS >= MIN_LINE_PX);
  const major = tickStep(pxPerS, 100);
  return [
    { step: major / 5, weight: 0 },
    { step: major, weight: 1 },
  ];
}

const MIN_FAINT_PX = 4.4;

/** The faintest horizontal lines run together where the paper is much smaller than true: then there are none. */
const isFaintSeen = ({ kind, values: { height, low, high } }: Grid, dpr: number): boolean =>
  ((kind === "fhr" ? 5 : 10) * height) / (high - low) >= MIN_FAINT_PX * dpr;

export function paintGrid(
  context: CanvasRenderingContext2D,
  view: View,
  grid: Grid,
  from: number,
  to: number,
): void {
  const { tokens } = view.palette;
  const { values } = grid;
  const inside = columnsWithin(view, from, to);
  const width = inside.to - inside.from;
  if (width <= 0) return;
  const hairline = Math.max(1, Math.round(view.dpr * 0.75));
  const thickness = (weight: Line["weight"]): number =>
    hairline * (view.dpr > 1 ? lineLooks[weight].width : 1);
  if (grid.kind === "fhr") {
    context.fillStyle = tokens.gridBand;
    const top = Math.round(toY(values, fhrBand.high));
    context.fillRect(inside.from, top, width, Math.round(toY(values, fhrBand.low)) - top);
  }
  for (const { value, weight } of valueLines(grid)) {
    if (weight === 0 && !isFaintSeen(grid, view.dpr)) continue;
    const look = lineLooks[weight];
    context.globalAlpha = look.valueAlpha;
    context.fillStyle = tokens[look.colour];
    context.fillRect(inside.from, Math.round(toY(values, value)), width, thickness(weight));
  }
  const lines = timeLines(grid.kind, view.scale.pxPerS / view.dpr, grid.paperSpeed);
  for (const { step, weight } of lines) {
    const look = lineLooks[weight];
    context.globalAlpha = look.timeAlpha;
    context.fillStyle = tokens[look.colour];
    const thick = weight === 3 ? Math.max(2, Math.round(2 * view.dpr)) : thickness(weight);
    for (const time of ticksBetween(
      toTime(view.scale, inside.from - 3),
      toTime(view.scale, inside.to),
      step,
    )) {
      context.fillRect(
        Math.round(time * view.scale.pxPerS) - view.scale.origin,
        values.top,
        thick,
        values.height,
      );
    }
  }
  context.globalAlpha = 1;
  paintInnerNumbers(context, view, grid, inside);
}

const INNER_PX = 11;

/** Every ten minutes the scale is repeated inside the grid, so that any screenful has numbers. */
function paintInnerNumbers(
  context: CanvasRenderingContext2D,
  view: View,
  grid: Grid,
  span: { from: number; to: number },
): void {
  if (grid.kind === "plain" || INNER_NUMBERS_S * view.scale.pxPerS < 200 * view.dpr) return;
  context.font = `${INNER_PX * view.dpr}px ${view.palette.font}`;
  context.textBaseline = "bottom";
  context.textAlign = "left";
  context.fillStyle = view.palette.tokens.dim;
  const reach = 40 * view.dpr;
  const values = innerNumbers(grid.kind, grid.values, grid.bpmPerCm);
  context.globalAlpha = 0.75;
  for (const time of ticksBetween(
    toTime(view.scale, span.from - reach),
    toTime(view.scale, span.to),
    INNER_NUMBERS_S,
  )) {
    if (time === 0) continue; // the axis stands there
    const x = Math.round(time * view.scale.pxPerS) - view.scale.origin + 3 * view.dpr;
    for (const value of values) {
      const y = Math.round(toY(grid.values, value)) - view.dpr;
      if (y - INNER_PX * view.dpr >= grid.values.top) context.fillText(String(value), x, y);
    }
  }
  context.globalAlpha = 1;
}
