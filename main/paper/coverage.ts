import type { Points } from "./pen.ts";

/** Whole pixels: [left, right) and [top, bottom). */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const within = (a: PixelBox, b: PixelBox): PixelBox => ({
  left: Math.max(a.left, b.left),
  top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
});

export function boundsOf(shapes: readonly Points[]): PixelBox {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const shape of shapes)
    for (let i = 0; i + 1 < shape.length; i += 2) {
      left = Math.min(left, shape[i] ?? 0);
      right = Math.max(right, shape[i] ?? 0);
      top = Math.min(top, shape[i + 1] ?? 0);
      bottom = Math.max(bottom, shape[i + 1] ?? 0);
    }
  return {
    ...{ left: Math.floor(left), top: Math.floor(top) },
    ...{ right: Math.ceil(right) + 1, bottom: Math.ceil(bottom) + 1 },
  };
}

/**
 * How much of each pixel of a box shapes cover, 0 to 1, row by row: every edge adds the area to its right, and a sum from
 * the left gives what is inside. What runs the other way round cuts a hole. Corners in pixels.
 */
export function coverageOf(shapes: readonly Points[], box: PixelBox): Float32Array {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const area = new Float32Array((width + 1) * height);
  for (const shape of shapes) {
    const count = shape.length;
    for (let i = 0; i + 1 < count; i += 2) {
      const [x0, y0] = [shape[i] ?? 0, shape[i + 1] ?? 0];
      const [x1, y1] = [shape[(i + 2) % count] ?? 0, shape[(i + 3) % count] ?? 0];
      addEdge(area, width, height, [x0 - box.left, y0 - box.top, x1 - box.left, y1 - box.top]);
    }
  }
  const coverage = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    let sum = 0;
    for (let x = 0; x < width; x++) {
      sum += area[y * (width + 1) + x] ?? 0;
      coverage[y * width + x] = Math.min(1, Math.abs(sum));
    }
  }
  return coverage;
}

type Edge = readonly [x0: number, y0: number, x1: number, y1: number];

function addEdge(area: Float32Array, width: number, height: number, [x0, y0, x1, y1]: Edge): void {
  if (y0 === y1) return;
  const direction = y0 < y1 ? 1 : -1;
  const [topX, topY, bottomX, bottomY] = y0 < y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
  const slope = (bottomX - topX) / (bottomY - topY);
  for (let y = Math.max(0, Math.floor(topY)); y < Math.min(height, Math.ceil(bottomY)); y++) {
    const from = Math.max(y, topY);
    const to = Math.min(y + 1, bottomY);
    if (to <= from) continue;
    const [a, b] = [topX + (from - topY) * slope, topX + (to - topY) * slope];
    const row = y * (width + 1);
    addRow(area, row, width, {
      left: Math.min(a, b),
      right: Math.max(a, b),
      weight: direction * (to - from),
    });
  }
}

/** An edge's part within one row of pixels, from `left` to `right`: each pixel gets the share that lies right of it. */
function addRow(
  area: Float32Array,
  row: number,
  width: number,
  edge: { readonly left: number; readonly right: number; readonly weight: number },
): void {
  const left = Math.min(width, Math.max(0, edge.left));
  const right = Math.min(width, Math.max(0, edge.right));
  const first = Math.floor(left);
  if (right - left < 1e-9) {
    const share = first + 1 - left;
    area[row + first] = (area[row + first] ?? 0) + edge.weight * share;
    if (first < width) area[row + first + 1] = (area[row + first + 1] ?? 0) + edge.weight * (1 - share);
    return;
  }
  let before = 0; // of the edge's weight, given to pixels so far
  for (let x = first; x <= Math.min(width, Math.floor(right)); x++) {
    const [a, b] = [Math.max(left, x), Math.min(right, x + 1)];
    const passed = (a - left + (b - left)) / 2 / (right - left); // mean share of the edge left of what it crosses here
    const inside = ((b - left) / (right - left)) * (x + 1 - b) + passed * (b - a);
    const total = edge.weight * inside;
    area[row + x] = (area[row + x] ?? 0) + total - before;
    before = total;
  }
  const next = Math.min(width, Math.floor(right)) + 1;
  if (next <= width) area[row + next] = (area[row + next] ?? 0) + edge.weight - before;
}
