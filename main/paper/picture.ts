import type { PathCommand } from "fontkit";
import { boundsOf, coverageOf, type PixelBox, within } from "./coverage.ts";
import type { Fonts } from "./fonts.ts";
import type { Pen, Points, Stroke, TextLook } from "./pen.ts";
import { pngOf, type Raster } from "./png.ts";

const DOTS_PER_INCH = 200;
const SCALE = DOTS_PER_INCH / 72;
const CURVE_STEPS = 5;

/** A pen that draws a page as a picture; what was drawn last is what `png` gives. */
export interface PicturePen extends Pen {
  png(): Uint8Array;
}

export function openPicture(fonts: Fonts): PicturePen {
  let raster = blank(1, 1);
  let clip: PixelBox = { left: 0, top: 0, right: 1, bottom: 1 };
  const paint = (shapes: readonly Points[], colour: string, alpha: number): void =>
    paintShapes(raster, clip, shapes.map(toPixels), { colour, alpha });
  return {
    page(width, height) {
      raster = blank(Math.round(width * SCALE), Math.round(height * SCALE));
      clip = { left: 0, top: 0, right: raster.width, bottom: raster.height };
    },
    trace: (runs, stroke) =>
      paint(
        runs.flatMap((run) => dashed(run, stroke.dash).flatMap((part) => outlineOf(part, stroke.width))),
        stroke.colour,
        stroke.alpha ?? 1,
      ),
    fill: (shapes, colour, alpha = 1) => {
      for (const shape of shapes) paint([shape], colour, alpha);
    },
    text(text, x, y, look) {
      paint(outlinesOf(fonts, text, { x, y, look }), look.colour, look.alpha ?? 1);
    },
    widthOf: (text, { size, weight = 400 }) => fonts.widthOf(text, size, weight),
    isWhole: (text) => fonts.isWhole(text),
    within({ left, top, width, height }, draw) {
      const before = clip;
      clip = within(clip, {
        ...{ left: Math.round(left * SCALE), top: Math.round(top * SCALE) },
        ...{ right: Math.round((left + width) * SCALE), bottom: Math.round((top + height) * SCALE) },
      });
      draw();
      clip = before;
    },
    png: () => pngOf(raster),
  };
}

function blank(width: number, height: number): Raster {
  return { width, height, dotsPerInch: DOTS_PER_INCH, pixels: new Uint8Array(3 * width * height).fill(255) };
}

const toPixels = (points: Points): Points => points.map((length) => length * SCALE);

function paintShapes(
  { width, pixels }: Raster,
  clip: PixelBox,
  shapes: readonly Points[],
  { colour, alpha }: { readonly colour: string; readonly alpha: number },
): void {
  if (shapes.length === 0) return;
  const box = within(boundsOf(shapes), clip);
  if (box.right <= box.left || box.bottom <= box.top) return;
  const coverage = coverageOf(shapes, box);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  let at = 0;
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left; x < box.right; x++) {
      const share = (coverage[at++] ?? 0) * alpha;
      if (share === 0) continue;
      const place = 3 * (y * width + x);
      pixels[place] = mixed(pixels[place], red, share);
      pixels[place + 1] = mixed(pixels[place + 1], green, share);
      pixels[place + 2] = mixed(pixels[place + 2], blue, share);
    }
}

const mixed = (below = 255, above: number, share: number): number =>
  Math.round(below + (above - below) * share);

/** A line as rectangles, one a piece, all turned the same way; those between two pieces reach into one another. */
function outlineOf(run: Points, width: number): Points[] {
  const pieces: Points[] = [];
  const last = run.length - 4;
  for (let i = 0; i <= last; i += 2) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = run.slice(i, i + 4);
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (length === 0) continue;
    const [alongX, alongY] = [((x1 - x0) / length) * (width / 2), ((y1 - y0) / length) * (width / 2)];
    const [before, after] = [i > 0 ? 1 : 0, i < last ? 1 : 0];
    const [fromX, fromY] = [x0 - before * alongX, y0 - before * alongY];
    const [toX, toY] = [x1 + after * alongX, y1 + after * alongY];
    pieces.push([
      ...[fromX - alongY, fromY + alongX, toX - alongY, toY + alongX],
      ...[toX + alongY, toY - alongX, fromX + alongY, fromY - alongX],
    ]);
  }
  return pieces;
}

/** The parts of a line that a dash leaves. */
function dashed(run: Points, [on, off = on]: Stroke["dash"] & readonly number[] = []): Points[] {
  if (on === undefined || off === undefined) return [run];
  const parts: number[][] = [];
  let [left, isOn] = [on, true];
  let part: number[] = [run[0] ?? 0, run[1] ?? 0];
  for (let i = 0; i + 3 < run.length; i += 2) {
    let [x, y] = [run[i] ?? 0, run[i + 1] ?? 0];
    const [endX, endY] = [run[i + 2] ?? 0, run[i + 3] ?? 0];
    for (let length = Math.hypot(endX - x, endY - y); length > 0; length = Math.hypot(endX - x, endY - y)) {
      const step = Math.min(left, length);
      [x, y] = [x + ((endX - x) / length) * step, y + ((endY - y) / length) * step];
      part.push(x, y);
      left -= step;
      if (left > 1e-9) break;
      if (isOn) parts.push(part);
      [part, isOn] = [[x, y], !isOn];
      left = isOn ? on : off;
    }
  }
  return isOn && part.length > 2 ? [...parts, part] : parts;
}

function outlinesOf(
  fonts: Fonts,
  text: string,
  { x, y, look }: { readonly x: number; readonly y: number; readonly look: TextLook },
): Points[] {
  const { size, weight = 400, align = "left" } = look;
  const width = fonts.widthOf(text, size, weight);
  let left = x - (align === "left" ? 0 : align === "right" ? width : width / 2);
  const shapes: Points[] = [];
  for (const { face, text: part } of fonts.runs(text, weight)) {
    const { glyphs, positions } = face.font.layout(part);
    const scale = size / face.font.unitsPerEm;
    for (const [i, glyph] of glyphs.entries()) {
      const { xAdvance = 0, xOffset = 0, yOffset = 0 } = positions[i] ?? {};
      const place = { x: left + xOffset * scale, y: y - yOffset * scale, scale };
      shapes.push(...flattened(glyph.path.commands, place));
      left += xAdvance * scale;
    }
  }
  return shapes;
}

/** The outlines of a glyph as corners, on the page. */
function flattened(
  commands: readonly PathCommand[],
  at: { readonly x: number; readonly y: number; readonly scale: number },
): Points[] {
  const shapes: number[][] = [];
  let [lastX, lastY] = [0, 0];
  const put = (x: number, y: number): void => {
    shapes[shapes.length - 1]?.push(at.x + x * at.scale, at.y - y * at.scale);
    [lastX, lastY] = [x, y];
  };
  for (const { command, args } of commands) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
    const [fromX, fromY] = [lastX, lastY];
    if (command === "moveTo") shapes.push([]);
    if (command === "moveTo" || command === "lineTo") put(a, b);
    else if (command === "quadraticCurveTo")
      for (let k = 1; k <= CURVE_STEPS; k++) {
        const t = k / CURVE_STEPS;
        const u = 1 - t;
        put(u * u * fromX + 2 * u * t * a + t * t * c, u * u * fromY + 2 * u * t * b + t * t * d);
      }
    else if (command === "bezierCurveTo")
      for (let k = 1; k <= CURVE_STEPS; k++) {
        const t = k / CURVE_STEPS;
        const u = 1 - t;
        const weights = [u ** 3, 3 * u * u * t, 3 * u * t * t, t ** 3] as const;
        put(
          weights[0] * fromX + weights[1] * a + weights[2] * c + weights[3] * e,
          weights[0] * fromY + weights[1] * b + weights[2] * d + weights[3] * f,
        );
      }
  }
  return shapes;
}
