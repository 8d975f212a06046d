import { sure } from "../../../preload/contract/sure.ts";
import type { Palette } from "./palette.ts";

export type HatchKind = "gap" | "loading" | "unassessable";

/** Period of every hatch in device pixels for one CSS pixel; a whole number, so that shifted paints join. */
const PERIOD = 8;

const patterns = new Map<string, CanvasPattern>();

function draw(kind: HatchKind, palette: Palette, period: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = period;
  canvas.height = period;
  const context = sure(canvas.getContext("2d"));
  const { tokens } = palette;
  context.strokeStyle = kind === "loading" ? tokens.line : tokens.lineStrong;
  context.lineWidth = Math.max(1, period / 8);
  context.beginPath();
  for (const shift of [-period, 0, period]) {
    if (kind !== "unassessable") {
      context.moveTo(shift - 1, period + 1); // "/": measured as missing
      context.lineTo(shift + period + 1, -1);
    }
    if (kind !== "gap") {
      context.moveTo(shift - 1, -1); // "\": the model declined; both ways and faint: nothing is known yet
      context.lineTo(shift + period + 1, period + 1);
    }
  }
  context.stroke();
  return canvas;
}

/** A fill that stays put against the recording: the pattern is anchored at the recording's start, not at the screen. */
export function hatch(
  context: CanvasRenderingContext2D,
  kind: HatchKind,
  view: { readonly palette: Palette; readonly dpr: number; readonly scale: { readonly origin: number } },
): CanvasPattern {
  const period = Math.max(4, Math.round(PERIOD * view.dpr));
  const key = `${kind} ${view.palette.scheme} ${period}`;
  let pattern = patterns.get(key);
  if (!pattern) {
    pattern = sure(context.createPattern(draw(kind, view.palette, period), "repeat"));
    patterns.set(key, pattern);
  }
  pattern.setTransform(new DOMMatrix().translate(-(view.scale.origin % period), 0));
  return pattern;
}
