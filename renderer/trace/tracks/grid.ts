import { ticksBetween, tickStep, toTime } from "./time-scale.ts";
import type { ValueScale } from "./envelope.ts";
import { toY } from "./envelope.ts";
import { columnsWithin, type View } from "./track.ts";

export type GridKind = "fhr" | "uc" | "plain";

export interface Grid {
  readonly kind: GridKind;
  readonly values: ValueScale;
  readonly bpmPerCm: 20 | 30; // fhr: which lines are strong
  readonly paperSpeed: 1 | 2 | 3; // cm a minute; the faint lines are half a centimetre apart at this speed
}

interface Line {
  readonly step: number;
  readonly weight: 0 | 1 | 2 | 3; // faint, clear, strong, strongest
}

const MIN_LINE_PX = 5;

/** Vertical lines, weakest first. Paper lines where they fit, else the steps of a clock. */
export function timeLines(kind: GridKind, pxPerS: number, paperSpeed: 1 | 2 | 3): readonly Line[] {
  const paper: readonly Line[] = [
    { step: 30 / paperSpeed, weight: 0 },
    { step: 60, weight: 1 },
    { step: 300, weight: 2 },
    { step: 600, weight: 3 },
  ];
  const isPaper = kind !== "plain" && 60 * pxPerS >= MIN_LINE_PX && 30 * pxPerS <= 1200;
  if (isPaper) return paper.filter((line) => line.step * pxPerS >= MIN_LINE_PX);
  const major = tickStep(pxPerS, 100);
  return [
    { step: major / 5, weight: 0 },
    { step: major, weight: 1 },
  ];
}

/** Horizontal lines as value and weight, weakest first. */
export function valueLines(
  grid: Pick<Grid, "kind" | "values" | "bpmPerCm">,
): readonly { value: number; weight: Line["weight"] }[] {
  const { low, high } = grid.values;
  const lines: { value: number; weight: Line["weight"] }[] = [];
  const every = (step: number, weight: Line["weight"]): void => {
    for (const value of ticksBetween(low, high, step)) lines.push({ value, weight });
  };
  switch (grid.kind) {
    case "fhr":
      every(5, 0);
      every(10, 1);
      every(grid.bpmPerCm, 2);
      for (const value of [110, 160]) lines.push({ value, weight: 3 });
      break;
    case "uc":
      every(10, 0);
      every(20, 1);
      break;
    case "plain":
      if (low < 0 && high > 0) lines.push({ value: 0, weight: 1 });
      break;
  }
  return lines;
}

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
  const colours = [tokens.gridMinor, tokens.gridMinor, tokens.gridMajor, tokens.gridMajor] as const;
  const thickness = [hairline, hairline, hairline, hairline * (view.dpr > 1 ? 1.5 : 1)] as const;
  if (grid.kind === "fhr") {
    context.fillStyle = tokens.gridBand;
    const top = Math.round(toY(values, 160));
    context.fillRect(inside.from, top, width, Math.round(toY(values, 110)) - top);
  }
  for (const { value, weight } of valueLines(grid)) {
    context.globalAlpha = weight === 0 ? 0.45 : 1;
    context.fillStyle = colours[weight];
    context.fillRect(inside.from, Math.round(toY(values, value)), width, thickness[weight]);
  }
  const lines = timeLines(grid.kind, view.scale.pxPerS / view.dpr, grid.paperSpeed);
  for (const { step, weight } of lines) {
    context.globalAlpha = weight === 0 ? 0.6 : 1;
    context.fillStyle = colours[weight];
    const thick = weight === 3 ? Math.max(2, Math.round(2 * view.dpr)) : thickness[weight];
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

/** Every ten minutes the scale is repeated inside the grid, so that any screenful has numbers. */
function paintInnerNumbers(
  context: CanvasRenderingContext2D,
  view: View,
  grid: Grid,
  span: { from: number; to: number },
): void {
  if (grid.kind === "plain" || 600 * view.scale.pxPerS < 200 * view.dpr) return;
  context.font = `${11 * view.dpr}px ${view.palette.font}`;
  context.textBaseline = "bottom";
  context.textAlign = "left";
  context.fillStyle = view.palette.tokens.dim;
  const reach = 40 * view.dpr;
  const strong = grid.kind === "fhr" ? grid.bpmPerCm : 20;
  const values = ticksBetween(
    grid.values.low + 1,
    grid.values.high - strong / 2,
    strong * (grid.kind === "fhr" ? 2 : 1),
  );
  context.globalAlpha = 0.75;
  for (const time of ticksBetween(toTime(view.scale, span.from - reach), toTime(view.scale, span.to), 600)) {
    if (time === 0) continue; // the axis stands there
    const x = Math.round(time * view.scale.pxPerS) - view.scale.origin + 3 * view.dpr;
    for (const value of values)
      context.fillText(String(value), x, Math.round(toY(grid.values, value)) - view.dpr);
  }
  context.globalAlpha = 1;
}
