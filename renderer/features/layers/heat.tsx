import { useCallback, type ReactNode } from "react";
import type { LayerReport } from "../../../preload/contract/run.ts";
import { useCanvas } from "../../ui/canvas.ts";
import { useTokens } from "../../ui/scheme.ts";
import { mix } from "../../ui/tokens.ts";
import { isObserved, spanOf } from "./report.ts";

/** Colours of a diverging scale. Evidence has those of the two classes it speaks for, so that a colour means one thing. */
export interface Ends {
  readonly zero: string;
  readonly above: string;
  readonly below: string;
}

export function tint(value: number, scale: number, { zero, above, below }: Ends): string {
  const share = Math.min(1, Math.abs(value) / scale);
  return mix(zero, value >= 0 ? above : below, share ** 0.7);
}

/** A single stretch of time has no time axis: its inputs stand side by side instead. */
export const isAcross = (report: Pick<LayerReport, "columnOnsetS">): boolean =>
  report.columnOnsetS.length === 1;

export function hatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let d = -height; d < width; d += 4) {
    context.moveTo(x + d, y + height);
    context.lineTo(x + d + height, y);
  }
  context.stroke();
  context.restore();
}

/** One layer's values as tint, time (or input) from left to right. Cells without an observed sample are hatched. */
export function Heat({
  report,
  values,
  scale,
  ends,
  height,
}: {
  readonly report: LayerReport;
  readonly values: Float32Array;
  readonly scale: number;
  readonly ends: Ends;
  readonly height: number;
}): ReactNode {
  const tokens = useTokens();
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, high: number) => {
      const columns = report.columnOnsetS.length;
      const rows = report.rows.length;
      const across = isAcross(report);
      const { fromS, lengthS } = spanOf(report);
      const timeX = (column: number, end: number) =>
        Math.round((((report.columnOnsetS[column] ?? 0) + end * report.columnS - fromS) / lengthS) * width);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          // Columns stand at their time: windows left out between them leave a blank.
          const x = across ? Math.round((row * width) / rows) : timeX(column, 0);
          const w = (across ? Math.round(((row + 1) * width) / rows) : timeX(column, 1)) - x;
          const y = across ? 0 : Math.round((row * high) / rows);
          const h = across ? high : Math.round(((row + 1) * high) / rows) - y;
          if (isObserved(report, row, column)) {
            context.fillStyle = tint(values[row * columns + column] ?? 0, scale, ends);
            context.fillRect(x, y, w, h);
          } else hatch(context, x, y, w, h, tokens.gap);
        }
      }
    },
    [report, values, scale, ends, tokens],
  );
  const canvas = useCanvas(draw);
  return <canvas ref={canvas} style={{ height }} aria-hidden />;
}
