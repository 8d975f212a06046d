import { clampStart, spanS, type Viewport } from "../../state/viewport.ts";

/** Back in time without a touch for this long, the view returns to now. */
export const RETURNS_AFTER_S = 60;

/** What is drawn ahead of now takes no more of the view than this. */
const AHEAD_SHARE = 0.4;

/** Seconds of what is drawn ahead of now that there is room for. */
const roomS = (viewport: Viewport, aheadS: number): number => Math.min(aheadS, spanS(viewport) * AHEAD_SHARE);

/** The tail keeps this distance from the right edge, so that its end is seen to be an end, and what may come after it. */
const tailS = (viewport: Viewport, aheadS: number): number =>
  Math.min(spanS(viewport) * 0.045, 60) + roomS(viewport, aheadS);

/** The view with as much to come as has to fit: what was recorded up to now, and the room after it. */
export const reaching = (viewport: Viewport, nowS: number, aheadS = 0): Viewport => {
  const durationS = nowS + tailS(viewport, aheadS);
  return durationS === viewport.durationS ? viewport : { ...viewport, durationS };
};

/**
 * The view with now at its tail. Where no motion is wanted it stands still until the tail reaches the edge, and turns
 * by half a page then: of what is left of it before what is drawn ahead.
 */
export function following(viewport: Viewport, nowS: number, isStill: boolean, aheadS = 0): Viewport {
  const reach = reaching(viewport, nowS, aheadS);
  const last = Math.max(0, reach.durationS - spanS(reach));
  if (!isStill) return { ...reach, startS: last };
  const room = roomS(viewport, aheadS);
  const edgeS = viewport.startS + spanS(viewport) * 0.97 - room;
  const isInSight = nowS >= viewport.startS && nowS <= edgeS;
  if (isInSight) return reach;
  const halfPageS = (spanS(reach) - room) / 2;
  const startS = Math.max(0, nowS - halfPageS);
  return { ...reach, startS, durationS: Math.max(reach.durationS, startS + spanS(reach)) };
}

/** Dragged or paged back: the view leaves the tail alone and stays where it was put. */
export const staying = (viewport: Viewport, nowS: number, aheadS = 0): Viewport =>
  clampStart(reaching(viewport, nowS, aheadS));

/** Whether a view that was moved by hand shows the tail again. */
export const showsTail = (viewport: Viewport, nowS: number, aheadS = 0): boolean =>
  viewport.startS + spanS(viewport) >= nowS + tailS(viewport, aheadS) * 0.5;
