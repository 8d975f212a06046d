import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  byteSize,
  bytesPerSecond,
  clock,
  dateTime,
  fixed,
  length,
  moment,
  number,
  percent,
  rate,
  unbroken,
} from "./format.ts";

test("a time of the trace is written as hours, minutes, seconds", () => {
  expect(clock(3514)).toBe("00:58:34");
  expect(clock(3514.25, 2)).toBe("00:58:34.25");
  expect(clock(-5)).toBe("\u221200:00:05");
  expect(clock(90061)).toBe("25:01:01");
});

test("rounding a time never shows 60 seconds", () => {
  expect(clock(59.996, 2)).toBe("00:01:00.00");
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.integer({ min: 0, max: 3 }),
      (s, d) => !/:6\d/.test(clock(s, d)),
    ),
  );
});

test("a length changes its unit as a reader would", () => {
  expect(length(4.25, "en")).toBe("4.3 s");
  expect(length(56, "en")).toBe("56 s");
  expect(length(4200, "en")).toBe("70 min");
  expect(length(86_700, "en")).toBe("24 h 5 min");
  expect(length(86_700, "ja")).toBe("24時間5分");
  expect(length(7200, "ja")).toBe("2時間");
});

test("a share that is not zero never reads 0 %, one below one never reads 100 %", () => {
  expect(percent(0)).toBe("0 %");
  expect(percent(0.0001)).toBe("< 0.1 %");
  expect(percent(0.021)).toBe("2.1 %");
  expect(percent(0.99999)).toBe("> 99.9 %");
  expect(percent(1)).toBe("100 %");
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (share) => {
      const text = percent(share);
      return text !== "0.0 %" && text !== "0 %" && text !== "100.0 %" && text !== "100 %";
    }),
  );
});

test("numbers carry a true minus sign, and no sign when they round to zero", () => {
  expect(number(-12.345, "en", 1)).toBe("\u221212.3");
  expect(number(-0.0001, "en", 1)).toBe("0");
  expect(fixed(-0.0004, 3)).toBe("0.000");
  expect(fixed(-0.5, 2)).toBe("\u22120.50");
  expect(number(1234567, "en", 0)).toBe("1,234,567");
  expect(fixed(Number.NaN, 2)).toBe("–");
});

test("rates and speeds have their unit", () => {
  expect(rate(4, "en")).toBe("4 Hz");
  expect(rate(2048, "en")).toBe("2.05 kHz");
  expect(bytesPerSecond(48e6, "en")).toBe("48 MB/s");
  expect(bytesPerSecond(3200, "en")).toBe("3 kB/s");
});

test("a start time is not shifted by the zone of the computer", () => {
  expect(dateTime("2026-03-02T23:59:00", "en")).toBe("2026-03-02 23:59");
  expect(dateTime("2026-03-02T23:59:00Z", "ja")).toBe("2026/03/02 23:59");
  expect(dateTime("2026-03-02", "en")).toBe("2026-03-02");
  expect(dateTime("yesterday", "en")).toBe("yesterday");
});

test("what the program noted in UTC is told by the clock of the place", () => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  expect(moment("2026-03-02T20:59:00.000Z", "en")).toBe("2026-03-03 05:59");
  expect(moment("2026-03-02T20:59:00.000Z", "ja")).toBe("2026/03/03 05:59");
  expect(moment("yesterday", "en")).toBe("yesterday");
  vi.unstubAllEnvs();
});

test("a file's size never reads as nothing", () => {
  expect([640_200, 999_600, 48_234_496, 3.4e9].map((bytes) => byteSize(bytes, "en"))).toEqual([
    "640 kB",
    "1 MB",
    "48 MB",
    "3.4 GB",
  ]);
});

test("a share in running text is not parted from its sign", () =>
  expect(unbroken("LDA 94.2 %, 3 of 4")).toBe("LDA 94.2\u00a0%, 3 of 4"));
