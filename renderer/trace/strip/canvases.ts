import type { TimeScale } from "../tracks/time-scale.ts";

/**
 * The picture is drawn in strips of this many device pixels, each a canvas of its own, at fixed places along the
 * recording. Panning only moves them: without a GPU, changing one pixel of a 1600 px canvas cost 13 ms of processor
 * time a frame for its upload, moving it 6 ms (measured, Electron 33).
 */
export const STRIP_PX = 256;

export interface StripRange {
  readonly first: number; // inclusive
  readonly last: number; // inclusive
}

/** Strips that touch the screen. */
export const visibleStrips = ({ origin, width }: Pick<TimeScale, "origin" | "width">): StripRange => ({
  first: Math.floor(origin / STRIP_PX),
  last: Math.floor((origin + Math.max(1, width) - 1) / STRIP_PX),
});

/** Strips to have ready beyond the edges, nearest first, the side towards which the picture moves before the other. */
export function stripsAround({ first, last }: StripRange, ahead: number, direction: 1 | -1): number[] {
  const wanted: number[] = [];
  for (let i = 1; i <= ahead; i++) {
    const [after, before] = [last + i, first - i];
    wanted.push(...(direction === 1 ? [after, before] : [before, after]));
  }
  return wanted;
}

/** What the screen shows, counted in pixels of another scale; whole columns, none of the screen's left out. */
export function scaleOf(scale: TimeScale, pxPerS: number): TimeScale {
  const stretch = scale.pxPerS / pxPerS;
  const origin = Math.floor(scale.origin / stretch);
  return { pxPerS, origin, width: Math.ceil((scale.origin + scale.width) / stretch) - origin };
}

/** The scale of one strip: the same pixels of the recording, counted from the strip's own left edge. */
export const stripScale = (scale: TimeScale, strip: number): TimeScale => ({
  pxPerS: scale.pxPerS,
  origin: strip * STRIP_PX,
  width: STRIP_PX,
});
