import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  clampStart,
  endS,
  page,
  pageWidthPx,
  panBy,
  reveal,
  spanS,
  withScale,
  zoomAbout,
  type Viewport,
} from "./viewport.ts";

const viewports = fc
  .record({
    startS: fc.double({ min: 0, max: 9000, noNaN: true }),
    pxPerS: fc.double({ min: 0.2, max: 500, noNaN: true }),
    widthPx: fc.integer({ min: 100, max: 3000 }),
    rows: fc.integer({ min: 1, max: 3 }),
    paperShare: fc.constant(1),
    durationS: fc.double({ min: 1, max: 1e5, noNaN: true }),
    maxPxPerS: fc.constant(1000),
  })
  .map((viewport): Viewport => clampStart(viewport));

const oneRow = { rows: 1, paperShare: 1 };
const isInside = (viewport: Viewport): boolean =>
  viewport.startS >= 0 && viewport.startS <= Math.max(0, viewport.durationS - spanS(viewport)) + 1e-9;

describe("viewport", () => {
  test("whatever is done, it stays inside the recording", () => {
    fc.assert(
      fc.property(
        viewports,
        fc.double({ min: -1e5, max: 1e5, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (v, px, factor) => {
          for (const next of [
            panBy(v, px),
            zoomAbout(v, factor, 50),
            page(v, 1),
            page(v, -1),
            reveal(v, Math.abs(px)),
          ]) {
            expect(isInside(next)).toBe(true);
          }
        },
      ),
    );
  });
  test("zooming keeps the time under the pointer, unless an end of the recording is in the way", () => {
    fc.assert(
      fc.property(
        viewports,
        fc.double({ min: 1, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (v, factor, share) => {
          const anchor = share * pageWidthPx(v);
          const time = v.startS + anchor / v.pxPerS;
          fc.pre(time < v.durationS);
          const next = zoomAbout(v, factor, anchor);
          fc.pre(next.startS > 0 && endS(next) < next.durationS);
          expect(next.startS + anchor / next.pxPerS).toBeCloseTo(time, 6);
        },
      ),
    );
  });
  test("it never zooms closer than allowed nor wider than the recording", () => {
    const v: Viewport = { ...oneRow, startS: 0, pxPerS: 1, widthPx: 1000, durationS: 10000, maxPxPerS: 50 };
    expect(zoomAbout(v, 1e6, 0).pxPerS).toBe(50);
    expect(zoomAbout(v, 1e-6, 0).pxPerS).toBe(0.1);
  });
  test("a recording shorter than the screen at paper speed is not stretched by zooming out", () => {
    const v: Viewport = { ...oneRow, startS: 0, pxPerS: 0.63, widthPx: 1000, durationS: 60, maxPxPerS: 50 };
    expect(zoomAbout(v, 0.5, 0)).toEqual(v);
  });
  test("a page leaves two minutes of the last one on screen", () => {
    const v: Viewport = { ...oneRow, startS: 0, pxPerS: 0.63, widthPx: 1000, durationS: 1e5, maxPxPerS: 50 };
    expect(endS(v) - page(v, 1).startS).toBeCloseTo(120, 6);
  });
  test("revealing something on screen moves nothing", () => {
    const v: Viewport = { ...oneRow, startS: 100, pxPerS: 1, widthPx: 1000, durationS: 1e5, maxPxPerS: 50 };
    expect(reveal(v, 500)).toBe(v);
    expect(reveal(v, 5000).startS).toBe(4500);
    expect(withScale(v, 1)).toBe(v);
  });
  test("of two rows, what is gone to comes to the middle of the upper one, not to where they part", () => {
    const v: Viewport = {
      startS: 0,
      pxPerS: 1,
      widthPx: 1000,
      rows: 2,
      paperShare: 1,
      durationS: 1e5,
      maxPxPerS: 50,
    };
    expect(reveal(v, 5000).startS).toBe(4500);
    expect(reveal(v, 1500)).toBe(v); // in sight on the lower row
    expect(page(v, 1).startS).toBe(2000 - 120); // both rows are turned over
  });
});
