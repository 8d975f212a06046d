import { createStore, type StoreApi } from "zustand/vanilla";

/** What of a recording is on screen. Lengths are CSS pixels; the trace turns them into device pixels. */
export interface Viewport {
  readonly startS: number;
  readonly pxPerS: number;
  readonly widthPx: number; // of one row; 0 until the strip is laid out
  readonly rows: number; // of paper beneath each other; each goes on in time where the one above it ends
  readonly paperShare: number; // of its true size that the paper is drawn at; 1 but where rows were asked for that do not fit
  readonly durationS: number;
  readonly maxPxPerS: number; // closest zoom
}
export type ViewportStore = StoreApi<Viewport>;

/** Width of all rows laid end to end. A place on the paper is counted along it, so that time runs on from row to row. */
export const pageWidthPx = ({ widthPx, rows }: Pick<Viewport, "widthPx" | "rows">): number => widthPx * rows;
export const rowSpanS = (viewport: Viewport): number => viewport.widthPx / viewport.pxPerS;
export const spanS = (viewport: Viewport): number => pageWidthPx(viewport) / viewport.pxPerS;
export const endS = (viewport: Viewport): number => viewport.startS + spanS(viewport);

/** The widest view shows the whole recording; a strip at paper speed may be wider than a short recording. */
export const minPxPerS = (viewport: Viewport): number =>
  viewport.durationS > 0 && viewport.widthPx > 0
    ? pageWidthPx(viewport) / viewport.durationS
    : viewport.pxPerS;

/** Kept inside the recording; one that is shorter than the screen starts at the left edge. */
export function clampStart(viewport: Viewport): Viewport {
  const last = Math.max(0, viewport.durationS - spanS(viewport));
  const startS = Math.min(Math.max(0, viewport.startS), last);
  return startS === viewport.startS ? viewport : { ...viewport, startS };
}

export const panBy = (viewport: Viewport, px: number): Viewport =>
  clampStart({ ...viewport, startS: viewport.startS + px / viewport.pxPerS });

export const startAt = (viewport: Viewport, startS: number): Viewport => clampStart({ ...viewport, startS });

/** To the middle of the middle row: of two rows the upper, since the middle of the page is where they part. */
export function centreOn(viewport: Viewport, timeS: number): Viewport {
  const rowsBefore = Math.floor((viewport.rows - 1) / 2);
  return clampStart({ ...viewport, startS: timeS - (rowsBefore + 0.5) * rowSpanS(viewport) });
}

/** Scrolls only when `timeS` is outside, or within a tenth of a row of an edge; then it ends up well inside. */
export function reveal(viewport: Viewport, fromS: number, toS = fromS): Viewport {
  const margin = rowSpanS(viewport) * 0.1;
  const isInside = fromS >= viewport.startS + margin && toS <= endS(viewport) - margin;
  if (isInside) return viewport;
  if (toS - fromS > rowSpanS(viewport) * 0.8) return startAt(viewport, fromS - margin);
  return centreOn(viewport, (fromS + toS) / 2);
}

/** Scrolls just enough to keep a moving cursor on screen. */
export function follow(viewport: Viewport, timeS: number): Viewport {
  const margin = rowSpanS(viewport) * 0.05;
  if (timeS < viewport.startS + margin) return startAt(viewport, timeS - margin);
  if (timeS > endS(viewport) - margin) return startAt(viewport, timeS + margin - spanS(viewport));
  return viewport;
}

/** Zooms by `factor` (above 1: closer) and keeps the time under `anchorPx`, counted along the rows, where it is. */
export function zoomAbout(viewport: Viewport, factor: number, anchorPx: number): Viewport {
  const widest = Math.min(minPxPerS(viewport), viewport.pxPerS);
  const pxPerS = Math.min(Math.max(viewport.pxPerS * factor, widest), viewport.maxPxPerS);
  return withScale(viewport, pxPerS, anchorPx);
}

export function withScale(
  viewport: Viewport,
  pxPerS: number,
  anchorPx = pageWidthPx(viewport) / 2,
): Viewport {
  if (pxPerS === viewport.pxPerS) return viewport;
  const anchorS = viewport.startS + anchorPx / viewport.pxPerS;
  return clampStart({ ...viewport, pxPerS, startS: anchorS - anchorPx / pxPerS });
}

/** Which row shows a place that lies `alongPx` along them. */
export const rowAt = ({ widthPx, rows }: Pick<Viewport, "widthPx" | "rows">, alongPx: number): number =>
  widthPx > 0 ? Math.min(rows - 1, Math.max(0, Math.floor(alongPx / widthPx))) : 0;

/** Pages by all rows less the overlap: 2 minutes, or a tenth of a shorter page. */
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
    rows: 1,
    paperShare: 1,
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
