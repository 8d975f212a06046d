import { createStore, type StoreApi } from "zustand/vanilla";

/** What of a recording is on screen. Lengths are CSS pixels; the trace turns them into device pixels. */
export interface Viewport {
  readonly startS: number;
  readonly pxPerS: number;
  readonly widthPx: number; // 0 until the strip is laid out
  readonly durationS: number;
  readonly maxPxPerS: number; // closest zoom
}
export type ViewportStore = StoreApi<Viewport>;

export const spanS = (viewport: Viewport): number => viewport.widthPx / viewport.pxPerS;
export const endS = (viewport: Viewport): number => viewport.startS + spanS(viewport);

/** The widest view shows the whole recording; a strip at paper speed may be wider than a short recording. */
export const minPxPerS = (viewport: Viewport): number =>
  viewport.durationS > 0 && viewport.widthPx > 0 ? viewport.widthPx / viewport.durationS : viewport.pxPerS;

/** Kept inside the recording; one that is shorter than the screen starts at the left edge. */
export function clampStart(viewport: Viewport): Viewport {
  const last = Math.max(0, viewport.durationS - spanS(viewport));
  const startS = Math.min(Math.max(0, viewport.startS), last);
  return startS === viewport.startS ? viewport : { ...viewport, startS };
}

export const panBy = (viewport: Viewport, px: number): Viewport =>
  clampStart({ ...viewport, startS: viewport.startS + px / viewport.pxPerS });

export const startAt = (viewport: Viewport, startS: number): Viewport => clampStart({ ...viewport, startS });

export const centreOn = (viewport: Viewport, timeS: number): Viewport =>
  clampStart({ ...viewport, startS: timeS - spanS(viewport) / 2 });

/** Scrolls only when `timeS` is outside, or within a tenth of an edge; then it ends up well inside. */
export function reveal(viewport: Viewport, fromS: number, toS = fromS): Viewport {
  const margin = spanS(viewport) * 0.1;
  const isInside = fromS >= viewport.startS + margin && toS <= endS(viewport) - margin;
  if (isInside) return viewport;
  if (toS - fromS > spanS(viewport) * 0.8) return startAt(viewport, fromS - margin);
  return centreOn(viewport, (fromS + toS) / 2);
}

/** Scrolls just enough to keep a moving cursor on screen. */
export function follow(viewport: Viewport, timeS: number): Viewport {
  const margin = spanS(viewport) * 0.05;
  if (timeS < viewport.startS + margin) return startAt(viewport, timeS - margin);
  if (timeS > endS(viewport) - margin) return startAt(viewport, timeS + margin - spanS(viewport));
  return viewport;
}

/** Zooms by `factor` (above 1: closer) and keeps the time under `anchorPx` where it is. */
export function zoomAbout(viewport: Viewport, factor: number, anchorPx: number): Viewport {
  const widest = Math.min(minPxPerS(viewport), viewport.pxPerS);
  const pxPerS = Math.min(Math.max(viewport.pxPerS * factor, widest), viewport.maxPxPerS);
  return withScale(viewport, pxPerS, anchorPx);
}

export function withScale(viewport: Viewport, pxPerS: number, anchorPx = viewport.widthPx / 2): Viewport {
  if (pxPerS === viewport.pxPerS) return viewport;
  const anchorS = viewport.startS + anchorPx / viewport.pxPerS;
  return clampStart({ ...viewport, pxPerS, startS: anchorS - anchorPx / pxPerS });
}

/** Pages by a screen less the overlap: 2 minutes, or a tenth of a shorter screen. */
export function page(viewport: Viewport, direction: 1 | -1): Viewport {
  const span = spanS(viewport);
  const overlapS = Math.min(120, span * 0.1);
  return startAt(viewport, viewport.startS + direction * (span - overlapS));
}

export function createViewport(initial: Partial<Viewport> = {}): ViewportStore {
  return createStore<Viewport>()(() => ({
    startS: 0,
    pxPerS: 1,
    widthPx: 0,
    durationS: 0,
    maxPxPerS: 1000,
    ...initial,
  }));
}

/** Applies a change and notifies only when something moved. */
export function change(store: ViewportStore, how: (viewport: Viewport) => Viewport): void {
  const before = store.getState();
  const after = how(before);
  if (after !== before) store.setState(after, true);
}
