import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatClock,
  formatElapsed,
  parseTime,
  secondsOfDay,
  tickStep,
  ticksBetween,
  timeScale,
  toTime,
  toX,
} from "./time-scale.ts";

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
  test("ticks are the multiples of the step, without drift over a day", () => {
    const ticks = ticksBetween(86390, 86400, 0.1);
    expect(ticks).toHaveLength(101);
    expect(ticks[100]).toBe(86400);
    expect(ticksBetween(0.5, 0.9, 1)).toEqual([]);
  });
  test("labels keep their distance and use steps of a clock", () => {
    expect(tickStep(37.8 / 60, 74)).toBe(120); // 1 cm/min: every 2 minutes, as on paper
    expect(tickStep((3 * 37.8) / 60, 74)).toBe(60); // 3 cm/min: every minute
    expect(tickStep(1e-9, 74)).toBe(86400);
  });
  test("elapsed time shows the decimals its step needs, and carries", () => {
    expect(formatElapsed(59.96, 0.1)).toBe("01:00.0");
    expect(formatElapsed(3661)).toBe("1:01:01");
    expect(formatElapsed(0.25, 0.01)).toBe("00:00.25");
    expect(formatElapsed(-0.001)).toBe("00:00");
    expect(formatElapsed(-61)).toBe("−01:01");
  });
  test("the wall clock is read off the text and wraps at midnight", () => {
    expect(secondsOfDay("2020-05-06T23:59:30")).toBe(86370);
    expect(secondsOfDay("2020-05-06")).toBeUndefined();
    expect(secondsOfDay(undefined)).toBeUndefined();
    expect(formatClock(86370, 45, true)).toBe("00:00:15");
    expect(formatClock(86370, 45, false)).toBe("00:00");
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
