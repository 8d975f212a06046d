import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTime, tickStep, timeScale, toTime, toX } from "./time-scale.ts";

const scales = fc.record({
  startS: fc.double({ min: 0, max: 1e5, noNaN: true }),
  pxPerS: fc.double({ min: 1e-3, max: 5e4, noNaN: true }),
  width: fc.integer({ min: 1, max: 8000 }),
});

describe("time scale", () => {
  test("a time survives the way to a pixel and back", () => {
    fc.assert(
      fc.property(scales, fc.double({ min: 0, max: 1e5, noNaN: true }), ({ startS, pxPerS, width }, time) => {
        const scale = timeScale(startS, pxPerS, width);
        expect(toTime(scale, toX(scale, time))).toBeCloseTo(time, 5);
      }),
    );
  });
  test("panning moves every drawn point by the same whole number of pixels", () => {
    fc.assert(
      fc.property(
        scales,
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        (s, time, px) => {
          const from = timeScale(s.startS, s.pxPerS, s.width);
          const to = timeScale(s.startS + px / s.pxPerS, s.pxPerS, s.width);
          const shift = from.origin - to.origin;
          expect(Number.isInteger(shift)).toBe(true);
          expect(toX(to, time) - toX(from, time)).toBeCloseTo(shift, 4);
        },
      ),
    );
  });
  test("labels keep their distance and use steps of a clock", () => {
    expect(tickStep(37.8 / 60, 74)).toBe(120); // 1 cm/min: every 2 minutes, as on paper
    expect(tickStep((3 * 37.8) / 60, 74)).toBe(60); // 3 cm/min: every minute
    expect(tickStep(1e-9, 74)).toBe(86400);
  });
  test("a typed time is seconds, minutes or hours, or a wall clock with @; full-width digits are read", () => {
    expect(parseTime("90", undefined)).toBe(90);
    expect(parseTime("90.5 s", undefined)).toBe(90.5);
    expect(parseTime("12:30", undefined)).toBe(750);
    expect(parseTime("１：０２：０３", undefined)).toBe(3723);
    expect(parseTime("@00:10", 86370)).toBe(630);
    expect(parseTime("@00:10", undefined)).toBeUndefined();
    for (const bad of ["", "abc", "1:60", "1:2:3:4", "-5", "1::2"]) expect(parseTime(bad, 0)).toBeUndefined();
  });
});
