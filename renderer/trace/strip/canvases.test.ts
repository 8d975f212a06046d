import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scaleOf, stripScale, stripsAround, STRIP_PX, visibleStrips } from "./canvases.ts";
import { timeScale, toX } from "../tracks/time-scale.ts";

const scales = fc
  .record({
    startS: fc.double({ min: 0, max: 9e4, noNaN: true }),
    pxPerS: fc.double({ min: 0.01, max: 4e4, noNaN: true }),
    width: fc.integer({ min: 1, max: 6000 }),
  })
  .map(({ startS, pxPerS, width }) => timeScale(startS, pxPerS, width));

describe("strips", () => {
  test("every column of the screen lies in exactly one visible strip, and no strip more is visible", () => {
    fc.assert(
      fc.property(scales, (scale) => {
        const { first, last } = visibleStrips(scale);
        expect(first * STRIP_PX).toBeLessThanOrEqual(scale.origin);
        expect((first + 1) * STRIP_PX).toBeGreaterThan(scale.origin);
        expect((last + 1) * STRIP_PX).toBeGreaterThanOrEqual(scale.origin + scale.width);
        expect(last * STRIP_PX).toBeLessThan(scale.origin + scale.width);
      }),
    );
  });
  test("a time has the same place on its strip as on the screen", () => {
    fc.assert(
      fc.property(scales, fc.double({ min: 0, max: 9e4, noNaN: true }), (scale, time) => {
        const strip = Math.floor((toX(scale, time) + scale.origin) / STRIP_PX);
        const onStrip = toX(stripScale(scale, strip), time) + strip * STRIP_PX - scale.origin;
        expect(onStrip).toBeCloseTo(toX(scale, time), 4);
      }),
    );
  });
  test("a row of another scale shows, stretched, all that the screen does, and hardly more", () => {
    fc.assert(
      fc.property(scales, fc.double({ min: 0.3, max: 3, noNaN: true }), (scale, ratio) => {
        const own = scaleOf(scale, scale.pxPerS * ratio);
        expect(own.origin / ratio).toBeLessThanOrEqual(scale.origin + 1e-6);
        expect((own.origin + own.width) / ratio).toBeGreaterThanOrEqual(scale.origin + scale.width - 1e-6);
        expect(own.width / ratio).toBeLessThanOrEqual(scale.width + 2 / ratio + 1e-6);
        expect(scaleOf(scale, scale.pxPerS)).toEqual(scale);
      }),
    );
  });
  test("what comes next is drawn ahead on the side of the movement first", () => {
    expect(stripsAround({ first: 4, last: 6 }, 2, 1)).toEqual([7, 3, 8, 2]);
    expect(stripsAround({ first: 4, last: 6 }, 1, -1)).toEqual([3, 7]);
  });
});
