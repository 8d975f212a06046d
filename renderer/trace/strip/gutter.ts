import { sure } from "../../../preload/contract/sure.ts";
import { toY, type ValueScale } from "../tracks/envelope.ts";
import type { Grid } from "../tracks/grid.ts";
import type { StripLayout } from "./layout.ts";
import type { Palette } from "../tracks/palette.ts";
import { edgeStep } from "../../../preload/strip/grid.ts";
import { ticksBetween } from "../../../preload/strip/ticks.ts";

/** Width of the column of value numbers, CSS pixels. */
export const GUTTER_PX = 64;

/** A step of 1, 2 or 5 times a power of ten that gives about `wanted` intervals. */
export function niceStep(span: number, wanted: number): number {
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

const MINUS = "−";
export const formatTick = (value: number, step: number): string => {
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
};

const MIN_TICK_PX = 11;
const APART_PX = 10; // so far the numbers of a panel lie apart at least

interface Numbered {
  readonly value: number;
  readonly y: number; // device pixels
  readonly step: number;
}

/** The values beside a panel. A low one has fewer, for they would run into each other. */
export function numbersOf({ values, kind, bpmPerCm }: Grid, dpr: number): readonly Numbered[] {
  const placed = (step: number): readonly Numbered[] =>
    // 50-210 is read as 60, 80, ... 200; the edges themselves are not on the 20 bpm lines.
    ticksBetween(values.low, values.high, step).map((value) => {
      const [top, bottom] = [values.top + 5 * dpr, values.top + values.height - 5 * dpr];
      return { value, step, y: Math.min(Math.max(toY(values, value), top), bottom) };
    });
  let step = kind === "plain" ? plainStep(values, dpr) : edgeStep(kind, bpmPerCm);
  const isCrowded = (numbers: readonly Numbered[]): boolean =>
    numbers.some(({ y }, i) => i > 0 && sure(numbers[i - 1]).y - y < APART_PX * dpr);
  while (isCrowded(placed(step))) step *= 2;
  return placed(step);
}

/** About a number every 36 pixels, but at least three of them where the height allows it: one zero gives no scale. */
function plainStep(values: ValueScale, dpr: number): number {
  const span = values.high - values.low;
  const step = niceStep(span, Math.max(2, values.height / (36 * dpr)));
  const isTooFew = ticksBetween(values.low, values.high, step).length < 3;
  const finer = niceStep(span, span / (step / 2.2));
  return isTooFew && (finer / span) * values.height >= MIN_TICK_PX * dpr ? finer : step;
}

/** The values of each panel's grid lines, at its left edge. */
export function paintGutter(
  canvas: HTMLCanvasElement,
  layout: StripLayout,
  palette: Palette,
  dpr: number,
): void {
  canvas.width = Math.round(GUTTER_PX * dpr);
  canvas.height = Math.round(layout.rows * layout.height * dpr);
  const context = sure(canvas.getContext("2d", { alpha: false }));
  context.fillStyle = palette.tokens.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = palette.tokens.dim;
  context.font = `${11 * dpr}px ${palette.font}`;
  for (let row = 0; row < layout.rows; row += 1) {
    context.setTransform(1, 0, 0, 1, 0, Math.round(row * layout.height * dpr));
    paintRow(context, layout, canvas.width - 6 * dpr, dpr);
  }
}

function paintRow(context: CanvasRenderingContext2D, layout: StripLayout, right: number, dpr: number): void {
  for (const panel of layout.panels) {
    for (const { value, step, y } of numbersOf(panel.grid, dpr))
      context.fillText(formatTick(value, step), right, y);
  }
  const lane = layout.prediction;
  if (lane) {
    context.fillText("1", right, lane.top + 5 * dpr);
    context.fillText("0", right, lane.top + lane.curveHeight - 5 * dpr);
  }
}
