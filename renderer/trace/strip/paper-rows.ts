import type { Settings } from "../../../preload/contract/settings.ts";
import { rowAt, type Viewport } from "../../state/viewport.ts";
import type { Point } from "../../state/reader.ts";
import type { TimeScale } from "../tracks/time-scale.ts";

/** How a recording's paper is laid on the screen. */
export interface PaperRows {
  readonly rows: number;
  readonly paperShare: number; // of its true size, in both directions, so that its proportions stay
}
export const oneRow: PaperRows = { rows: 1, paperShare: 1 };

export interface Room {
  readonly widthPx: number; // CSS pixels, as all of these
  readonly heightPx: number;
  readonly paperPx: number; // height of one row's grids at true size
  readonly besidePx: number; // what a row needs besides: lanes, predictions, its time axis
  readonly furtherPx: number; // and what more lanes and labels that overlap take: papers that fit are not taken away for it
  readonly recordingPx: number; // length of the recording at the speed of the paper, true size
}

const MOST_ROWS = 4;
const LEAST_SHARE = 0.6; // smaller, the fine lines of the grid run together
/** Of two stretches beneath each other, or rows that somebody asked for: the lanes of a reading take their part of each. */
export const LEAST_PAIR_SHARE = 0.42;

/**
 * Rows for the room there is. Left to itself the paper keeps its true size: there are as many rows as whole papers fit,
 * and none that the recording would leave empty. Where several were asked for and no two fit, the paper is made smaller,
 * by the same share in time and value.
 */
export function paperRowsFor(wanted: Settings["paperRows"], room: Room): PaperRows {
  const { widthPx, heightPx, paperPx, besidePx, furtherPx, recordingPx } = room;
  if (wanted === "one" || widthPx <= 0 || paperPx <= 0 || recordingPx <= widthPx) return oneRow;
  const fitting = Math.floor(heightPx / (paperPx + besidePx));
  if (fitting >= 2)
    return { rows: Math.min(MOST_ROWS, fitting, Math.ceil(recordingPx / widthPx)), paperShare: 1 };
  if (wanted === "auto") return oneRow;
  const shareWith = (px: number): number => Math.floor(((heightPx / 2 - px) / paperPx) * 100) / 100;
  return shareWith(besidePx) < LEAST_PAIR_SHARE
    ? oneRow
    : { rows: 2, paperShare: Math.max(LEAST_PAIR_SHARE, shareWith(besidePx + furtherPx)) };
}

/** One row whose grids all fit in sight, made smaller where they must be: what is recorded now must not hide under an edge. */
export function paperInSight(
  { heightPx, paperPx, besidePx }: Pick<Room, "heightPx" | "paperPx" | "besidePx">,
  leastShare = LEAST_SHARE,
): PaperRows {
  if (paperPx <= 0 || heightPx <= 0) return oneRow;
  const share = Math.floor(((heightPx - besidePx) / paperPx) * 100) / 100;
  return { rows: 1, paperShare: Math.min(1, Math.max(leastShare, share)) };
}

/** The part of the page's scale that one row shows. */
export function rowScale(page: TimeScale, rows: number, row: number): TimeScale {
  const width = page.width / rows;
  return { pxPerS: page.pxPerS, origin: page.origin + row * width, width };
}

/** A point of the sheet, from its upper left corner, as a place along the rows and from the top of the row it lies on. */
export function pointOnRow(
  { rows, widthPx }: Pick<Viewport, "rows" | "widthPx">,
  rowHeightPx: number,
  sheet: Point,
): Point {
  const row = Math.min(rows - 1, Math.max(0, Math.floor(sheet.yPx / rowHeightPx)));
  return { xPx: row * widthPx + sheet.xPx, yPx: sheet.yPx - row * rowHeightPx };
}

/** The reverse: where on the sheet a place along the rows is. */
export function pointOnSheet(
  viewport: Pick<Viewport, "rows" | "widthPx">,
  rowHeightPx: number,
  point: Point,
): Point {
  const row = rowAt(viewport, point.xPx);
  return { xPx: point.xPx - row * viewport.widthPx, yPx: point.yPx + row * rowHeightPx };
}
