import type { Interval } from "../tracks/stacking.ts";

export interface Box<E extends Interval> {
  readonly event: E;
  readonly left: number;
  readonly right: number;
}
export type Grip = "start" | "middle" | "end";
export interface Hit<E extends Interval> {
  readonly event: E;
  readonly grip: Grip;
}

/** Boxes narrower than this are still this wide to the pointer. */
export const MIN_TARGET_PX = 8;
const EDGE_PX = 5;

/** Where a box is drawn: points and very short events still get `minWidth`, centred on a point, else from the onset. */
export function boxOf<E extends Interval>(
  event: E,
  toX: (timeS: number) => number,
  minWidth: number,
): Box<E> {
  const left = toX(event.onsetS);
  const right = toX(event.onsetS + event.durationS);
  if (event.durationS === 0) return { event, left: left - minWidth / 2, right: left + minWidth / 2 };
  return { event, left, right: Math.max(right, left + minWidth) };
}

/**
 * The box under the pointer and the part of it. Edges can be gripped from a little outside as well; where two boxes
 * compete, the one whose centre is nearer wins, so a short event beside or upon a long one can still be reached.
 */
export function hitBoxes<E extends Interval>(boxes: readonly Box<E>[], x: number): Hit<E> | undefined {
  let best: Box<E> | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const slack = Math.max(EDGE_PX - 1, (MIN_TARGET_PX - (box.right - box.left)) / 2);
    if (x < box.left - slack || x > box.right + slack) continue;
    const isInside = x >= box.left && x <= box.right;
    const distance = Math.abs(x - (box.left + box.right) / 2) + (isInside ? 0 : 1e6);
    if (distance < bestDistance) {
      best = box;
      bestDistance = distance;
    }
  }
  if (!best) return undefined;
  return { event: best.event, grip: gripAt(best, x) };
}

function gripAt<E extends Interval>(box: Box<E>, x: number): Grip {
  if (box.event.durationS === 0) return "middle";
  const edge = Math.min(EDGE_PX, (box.right - box.left) / 3);
  if (x <= box.left + edge) return "start";
  if (x >= box.right - edge) return "end";
  return "middle";
}

/** An event after its grip was dragged by `byS`, kept inside the recording; an edge never crosses the other one. */
export function dragged(
  event: Interval,
  grip: Grip,
  byS: number,
  limit: { durationS: number; shortestS: number },
): Interval {
  const endS = event.onsetS + event.durationS;
  const clamp = (value: number, low: number, high: number): number =>
    Math.min(Math.max(value, low), Math.max(low, high));
  switch (grip) {
    case "middle":
      return {
        onsetS: clamp(event.onsetS + byS, 0, limit.durationS - event.durationS),
        durationS: event.durationS,
      };
    case "start": {
      const onsetS = clamp(event.onsetS + byS, 0, endS - limit.shortestS);
      return { onsetS, durationS: endS - onsetS };
    }
    case "end":
      return {
        onsetS: event.onsetS,
        durationS: clamp(endS + byS, event.onsetS + limit.shortestS, limit.durationS) - event.onsetS,
      };
  }
}
