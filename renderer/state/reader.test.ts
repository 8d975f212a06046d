import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  carried,
  isInSight,
  isStill,
  keyPlaceOf,
  nobody,
  pageOf,
  placeOf,
  step,
  stretchMeant,
  type Reader,
  type ReaderEvent,
} from "./reader.ts";
import { page, panBy, startAt, zoomAbout, type Viewport } from "./viewport.ts";

const view: Viewport = {
  startS: 1000,
  pxPerS: 0.5,
  widthPx: 900,
  rows: 1,
  paperShare: 1,
  durationS: 20_000,
  maxPxPerS: 100,
};
const after = (...events: ReaderEvent[]): Reader => events.reduce(step, nobody);
const pointer = (xPx: number, yPx = 80): ReaderEvent => ({ kind: "pointer-moved", xPx, yPx });
const keys: ReaderEvent = { kind: "cursor-moved" };
const left: ReaderEvent = { kind: "pointer-left" };

describe("where the reader is", () => {
  test("under the pointer, and no longer there once a key moved the cursor", () => {
    expect(placeOf(after(pointer(200)), view, 1300)).toBe(1400);
    expect(placeOf(after(pointer(200), keys), view, 1300)).toBe(1300);
    expect(placeOf(after(pointer(200), keys, pointer(202)), view, 1300)).toBe(1404);
  });

  test("a pointer that rests is not a pointer that moves: browsers tell of it whenever the page changes", () => {
    expect(placeOf(after(pointer(200), keys, pointer(200)), view, 1300)).toBe(1300);
    expect(placeOf(after(pointer(200), left, keys, pointer(200)), view, 1300)).toBe(1300);
  });

  test("a click is the pointer's, even where it rested", () => {
    const pressed: ReaderEvent = { kind: "pointer-pressed", xPx: 200, yPx: 80 };
    expect(placeOf(after(pointer(200), keys, pressed), view, 1300)).toBe(1400);
  });

  test("the wheel moves the view beneath the pointer: its time is the one it has there now", () => {
    const reader = after(pointer(200), keys, { kind: "wheel-turned" });
    expect(placeOf(reader, panBy(view, 300), 1300)).toBe(2000);
    expect(placeOf(reader, zoomAbout(view, 2, 200), 1300)).toBeCloseTo(1400);
  });

  test("pages turned by key take the reader along: the same place on the screen, two pages later", () => {
    const [once, twice] = [page(view, 1), page(page(view, 1), 1)];
    const first = pageOf(after(pointer(200)), { before: view, after: once }, undefined);
    expect(placeOf(first.reader, once, first.cursorS)).toBe(once.startS + 400);
    const second = pageOf(first.reader, { before: once, after: twice }, first.cursorS);
    expect(placeOf(second.reader, twice, second.cursorS)).toBe(twice.startS + 400);
    expect(second.cursorS).toBe(twice.startS + 400);
  });

  test("a view that grows or jumps by itself changes no device", () => {
    expect(placeOf(after(pointer(200)), startAt(view, 5000), 1300)).toBe(5400);
    expect(placeOf(after(keys), { ...view, durationS: 30_000 }, 1300)).toBe(1300);
  });

  test("a cursor out of sight is no place; the pointer on the strip is", () => {
    expect(placeOf(after(keys), startAt(view, 5000), 1300)).toBeUndefined();
    expect(placeOf(after(pointer(200), keys), startAt(view, 5000), 1300)).toBe(5400);
    expect(placeOf(after(pointer(200), left), view, 1300)).toBe(1300);
    expect(placeOf(nobody, view, undefined)).toBeUndefined();
  });

  test("a pointer that leaves and comes back to where it was is still the hand used last", () => {
    const away = after(pointer(200), left);
    expect(placeOf(away, view, 1300)).toBe(1300);
    expect(placeOf(step(away, pointer(200)), view, 1300)).toBe(1400);
  });

  test("keys go on from the hand used last, not from a cursor that happens to be in sight", () => {
    expect(keyPlaceOf(after(pointer(200)), view, 1300)).toBe(1400);
    expect(keyPlaceOf(after(pointer(200), keys), view, 1300)).toBe(1300);
    expect(keyPlaceOf(after(pointer(200), left), view, 1300)).toBe(1300);
    expect(keyPlaceOf(nobody, view, 5000)).toBe(1900);
  });

  test("an answer is for the view and the place it was asked at", () => {
    const asked = { reader: after(pointer(200)), viewport: view, cursorS: 1300 };
    expect(isStill(asked, { ...asked, reader: after(pointer(200), pointer(203)) }, 40)).toBe(true);
    expect(isStill(asked, { ...asked, reader: after(pointer(200), pointer(300)) }, 40)).toBe(false);
    expect(isStill(asked, { ...asked, viewport: panBy(view, 10) }, 40)).toBe(false);
    expect(isStill(asked, { ...asked, cursorS: 1301 }, 40)).toBe(false);
    expect(isStill(asked, { ...asked, reader: after(pointer(200), keys) }, 40)).toBe(false);
  });

  test("a chosen stretch is meant only while the view shows some of it", () => {
    const range = { fromS: 1500, toS: 1600 };
    const window = { fromS: 5000, toS: 5120 };
    expect(stretchMeant(view, [range, window])).toBe(range);
    expect(stretchMeant(startAt(view, 1550), [range])).toBe(range);
    expect(stretchMeant(page(view, 1), [range])).toBeUndefined();
    expect(stretchMeant(startAt(view, 4500), [range, window])).toBe(window);
    expect(stretchMeant(startAt(view, 1600), [range])).toBeUndefined();
    const point = { fromS: 1500, toS: 1500 };
    expect(stretchMeant(view, [undefined, point])).toBeUndefined();
    expect([isInSight(view, point), isInSight(page(view, 1), point)]).toEqual([true, false]);
  });

  test("nobody at the end of a short recording is past its end", () => {
    const short = { ...view, startS: 0, durationS: 100 };
    expect(placeOf(after(pointer(880)), short, undefined)).toBe(100);
    expect(carried({ before: short, after: short }, 50)).toBe(50);
  });

  test("whatever happens, the place is in sight, and the last device decides while it has one", () => {
    const events = fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant("pointer-moved" as const),
          xPx: fc.integer({ min: 0, max: 900 }),
          yPx: fc.constant(80),
        }),
        fc.constant(left),
        fc.constant(keys),
        fc.constant<ReaderEvent>({ kind: "wheel-turned" }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(events, fc.integer({ min: -500, max: 20_500 }), (happened, cursorS) => {
        const reader = after(...happened);
        const place = placeOf(reader, view, cursorS);
        if (place !== undefined) {
          expect(place).toBeGreaterThanOrEqual(view.startS);
          expect(place).toBeLessThanOrEqual(view.startS + 1800);
        }
        if (happened.at(-1)?.kind === "cursor-moved" && cursorS >= 1000 && cursorS <= 2800)
          expect(place).toBe(cursorS);
        if (happened.at(-1)?.kind === "pointer-left" && (cursorS < 1000 || cursorS > 2800))
          expect(place).toBeUndefined();
      }),
    );
  });
});
