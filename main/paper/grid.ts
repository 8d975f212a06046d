import {
  edgeStep,
  fhrBand,
  INNER_NUMBERS_S,
  innerNumbers,
  lineLooks,
  paperTimeLines,
  valueLines,
} from "../../preload/strip/grid.ts";
import { stripColours } from "../../preload/strip/colours.ts";
import { fhrScales, type FhrRange, ucRange } from "../../preload/strip/scale.ts";
import { formatClock, formatElapsed, ticksBetween } from "../../preload/strip/ticks.ts";
import { type Box, corners, type Pen, type Points } from "./pen.ts";
import { type Stretch, xOf } from "./sheet.ts";

const colours = stripColours.light;
const HAIRLINE = 0.35;
const TEN_MINUTES_WIDTH = 2.4; // hairlines
const SMALL = 6.5;

/** A grid with its scale. */
export interface PaperGrid {
  readonly kind: "fhr" | "uc";
  readonly box: Box;
  readonly low: number;
  readonly high: number;
  readonly bpmPerCm: 20 | 30;
}

export function gridOf(kind: "fhr" | "uc", box: Box, fhrRange: FhrRange): PaperGrid {
  const { low, high, bpmPerCm } = fhrScales[fhrRange];
  return { kind, box, bpmPerCm, ...(kind === "fhr" ? { low, high } : ucRange) };
}

/** Values outside the range lie on its edge; the trace marks them. */
export function yOf({ box, low, high }: PaperGrid, value: number): number {
  const clipped = Math.min(high, Math.max(low, value));
  return box.top + ((high - clipped) / (high - low)) * box.height;
}

/** As far as the recording reaches on this page. */
const spanOf = (stretch: Stretch): { left: number; right: number } => ({
  left: xOf(stretch, stretch.fromS),
  right: xOf(stretch, stretch.toS),
});

export function drawGrid(pen: Pen, grid: PaperGrid, stretch: Stretch): void {
  const { kind, box, bpmPerCm } = grid;
  const { left, right } = spanOf(stretch);
  if (kind === "fhr") {
    const top = yOf(grid, fhrBand.high);
    const band = { left, top, width: right - left, height: yOf(grid, fhrBand.low) - top };
    pen.fill([corners(band)], colours.gridBand);
  }
  const values = valueLines({ kind, values: grid, bpmPerCm });
  for (const [weight, { colour, valueAlpha, width }] of lineLooks.entries()) {
    const lines = values
      .filter((line) => line.weight === weight)
      .map(({ value }): Points => [left, yOf(grid, value), right, yOf(grid, value)]);
    pen.trace(lines, { colour: colours[colour], alpha: valueAlpha, width: width * HAIRLINE });
  }
  for (const { step, weight } of paperTimeLines(stretch.speed)) {
    const { colour, timeAlpha, width } = lineLooks[weight];
    const lines = ticksBetween(stretch.fromS, stretch.toS, step).map((time): Points => {
      const x = xOf(stretch, time);
      return [x, box.top, x, box.top + box.height];
    });
    const hairlines = weight === 3 ? TEN_MINUTES_WIDTH : width;
    pen.trace(lines, { colour: colours[colour], alpha: timeAlpha, width: hairlines * HAIRLINE });
  }
  drawNumbers(pen, grid, stretch);
}

function drawNumbers(pen: Pen, grid: PaperGrid, stretch: Stretch): void {
  const { kind, box, bpmPerCm } = grid;
  const look = { size: SMALL, colour: colours.dim };
  for (const value of ticksBetween(grid.low, grid.high, edgeStep(kind, bpmPerCm))) {
    const y = Math.min(Math.max(yOf(grid, value) + 2.3, box.top + 4.6), box.top + box.height);
    pen.text(String(value), box.left - 3, y, { ...look, align: "right" });
  }
  const inside = ticksBetween(stretch.fromS, stretch.toS - 30, INNER_NUMBERS_S).filter(
    (time) => time > stretch.startS, // the edge has its own
  );
  for (const time of inside)
    for (const value of innerNumbers(kind, grid, bpmPerCm))
      pen.text(String(value), xOf(stretch, time) + 2, yOf(grid, value) - 0.8, { ...look, alpha: 0.75 });
}

/** Clock and elapsed time, every two minutes at 1 cm a minute, else every minute. */
export function drawAxis(pen: Pen, stretch: Stretch, top: number, startOfDayS: number | undefined): void {
  const step = stretch.speed === 1 ? 120 : 60;
  for (const time of ticksBetween(stretch.fromS, stretch.toS, step)) {
    const x = xOf(stretch, time);
    pen.trace([[x, top, x, top + 3]], { colour: colours.lineStrong, width: 0.5 });
    const elapsed = formatElapsed(time);
    const align = "centre";
    if (startOfDayS === undefined)
      pen.text(elapsed, x, top + 9.5, { size: SMALL, colour: colours.dim, align });
    else {
      pen.text(formatClock(startOfDayS, time, false), x, top + 9.5, {
        size: SMALL + 0.5,
        colour: colours.ink,
        align,
      });
      pen.text(`+${elapsed}`, x, top + 17, { size: SMALL - 0.5, colour: colours.dim, align });
    }
  }
}
