import { createStore, type StoreApi } from "zustand/vanilla";
import type { TimeRange } from "./selection.ts";
import { endS, spanS, type Viewport } from "./viewport.ts";

/** A point of the strip in CSS pixels. Pixels, not seconds: the view moves beneath it. */
export interface Point {
  readonly xPx: number; // along the rows of paper, laid end to end
  readonly yPx: number; // from the top of its row
}

/** Which hand the reader used last, and where the pointer is. The cursor itself is part of the selection. */
export interface Reader {
  readonly pointer: Point | undefined; // while it is on the strip
  readonly rested: Point | undefined; // where it was seen last, also after it left
  readonly by: "pointer" | "keys" | undefined;
}
export type ReaderStore = StoreApi<Reader>;

export type ReaderEvent =
  | ({ readonly kind: "pointer-moved" | "pointer-pressed" } & Point)
  | { readonly kind: "pointer-left" }
  | { readonly kind: "wheel-turned" } // on the strip, so beneath the pointer
  | { readonly kind: "cursor-moved" }; // by a key, or by a choice elsewhere on the page

export const nobody: Reader = { pointer: undefined, rested: undefined, by: undefined };

export function step(reader: Reader, event: ReaderEvent): Reader {
  switch (event.kind) {
    case "pointer-moved": {
      const at = { xPx: event.xPx, yPx: event.yPx };
      // Browsers repeat the last position whenever something changes beneath it or a dialog goes away.
      const isRest = reader.rested?.xPx === at.xPx && reader.rested.yPx === at.yPx;
      return { pointer: at, rested: at, by: isRest ? reader.by : "pointer" };
    }
    case "pointer-pressed": {
      const at = { xPx: event.xPx, yPx: event.yPx };
      return { pointer: at, rested: at, by: "pointer" };
    }
    case "pointer-left":
      return { ...reader, pointer: undefined };
    case "wheel-turned":
      return reader.pointer === undefined ? reader : { ...reader, by: "pointer" };
    case "cursor-moved":
      return { ...reader, by: "keys" };
  }
}

/** Which device says where the reader is: the last one used while it has a place in sight, else the other. */
export function deciding(
  reader: Reader,
  viewport: Viewport,
  cursorS: number | undefined,
): "pointer" | "cursor" | undefined {
  if (reader.by === "pointer" && reader.pointer) return "pointer";
  if (cursorS !== undefined && cursorS >= viewport.startS && cursorS <= endS(viewport)) return "cursor";
  return reader.pointer ? "pointer" : undefined;
}

/**
 * The moment the reader means: cursors and the readout at hand ask here, labels and masks where no stretch in sight is
 * chosen. Computed anew from the view each time, so it is right after the view moved. Undefined where nothing in sight
 * is meant.
 */
export function placeOf(reader: Reader, viewport: Viewport, cursorS: number | undefined): number | undefined {
  const who = deciding(reader, viewport, cursorS);
  if (who === undefined) return undefined;
  const timeS = who === "cursor" ? cursorS : timeAtPx(viewport, reader.pointer?.xPx ?? 0);
  return timeS === undefined ? undefined : Math.min(Math.max(0, timeS), viewport.durationS);
}

/** Where keys go on from: the moment the reader means, else the middle of the view. */
export const keyPlaceOf = (reader: Reader, viewport: Viewport, cursorS: number | undefined): number =>
  placeOf(reader, viewport, cursorS) ?? viewport.startS + spanS(viewport) / 2;

/** Whether the view shows some of a stretch, or the point that one without length is. */
export const isInSight = (viewport: Viewport, { fromS, toS }: TimeRange): boolean =>
  fromS < endS(viewport) && (toS > viewport.startS || fromS >= viewport.startS);

/**
 * The stretch a label or a mask is given to: the first of those chosen that is in sight. One the view has left is not
 * what the reader is looking at, and nobody would see what became of it.
 */
export const stretchMeant = (
  viewport: Viewport,
  chosen: readonly (TimeRange | undefined)[],
): TimeRange | undefined =>
  chosen.find((one) => one !== undefined && one.toS > one.fromS && isInSight(viewport, one));

/** Where a question about the strip was asked. */
export interface Standing {
  readonly reader: Reader;
  readonly viewport: Viewport;
  readonly cursorS: number | undefined;
}

/** Whether an answer still goes to where it was asked: the same view and hand, and no more than a tremble between. */
export function isStill(asked: Standing, now: Standing, tremblePx: number): boolean {
  const placeOfKeys = ({ reader, viewport, cursorS }: Standing): number =>
    keyPlaceOf(reader, viewport, cursorS);
  return (
    asked.viewport === now.viewport &&
    asked.cursorS === now.cursorS &&
    asked.reader.by === now.reader.by &&
    Math.abs(placeOfKeys(asked) - placeOfKeys(now)) * now.viewport.pxPerS <= tremblePx
  );
}

const timeAtPx = (viewport: Viewport, xPx: number): number => viewport.startS + xPx / viewport.pxPerS;

interface Turn {
  readonly before: Viewport;
  readonly after: Viewport;
}

/** The time that is, in the view after, where `timeS` was in the view before. */
export function carried({ before, after }: Turn, timeS: number): number {
  const moved = timeAtPx(after, (timeS - before.startS) * before.pxPerS);
  return Math.min(Math.max(0, moved), after.durationS);
}

/** A page turned by key takes the reader along, as a page of text takes the caret: the cursor is where the reader was. */
export function pageOf(
  reader: Reader,
  turn: Turn,
  cursorS: number | undefined,
): { readonly reader: Reader; readonly cursorS: number | undefined } {
  const place = placeOf(reader, turn.before, cursorS);
  if (place === undefined) return { reader, cursorS };
  return { reader: step(reader, { kind: "cursor-moved" }), cursorS: carried(turn, place) };
}

export const createReader = (): ReaderStore => createStore<Reader>()(() => nobody);

/** Takes in what happened, and notifies only when it changed something. */
export function tell(store: ReaderStore, event: ReaderEvent): void {
  const before = store.getState();
  const after = step(before, event);
  if (after !== before) store.setState(after, true);
}
