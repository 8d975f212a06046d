import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LEAST_PAIR_SHARE,
  paperRowsFor,
  pointOnRow,
  pointOnSheet,
  rowScale,
  type Room,
} from "./paper-rows.ts";
import { timeScale, toTime, toX } from "../tracks/time-scale.ts";

const cm = 37.8;
const room: Room = {
  widthPx: 1400,
  heightPx: 1250,
  paperPx: 12 * cm,
  besidePx: 100,
  furtherPx: 0,
  recordingPx: 90 * cm,
};

describe("rows of paper", () => {
  test("are as many as whole papers fit at true size, and none that the recording would leave empty", () => {
    expect(paperRowsFor("auto", room)).toEqual({ rows: 2, paperShare: 1 });
    expect(paperRowsFor("auto", { ...room, heightPx: 1100 })).toEqual({ rows: 1, paperShare: 1 });
    expect(paperRowsFor("auto", { ...room, heightPx: 2300 })).toEqual({ rows: 3, paperShare: 1 });
    expect(paperRowsFor("auto", { ...room, recordingPx: 1399 })).toEqual({ rows: 1, paperShare: 1 });
    expect(paperRowsFor("one", room)).toEqual({ rows: 1, paperShare: 1 });
  });
  test("where several are asked for and none fits, two are smaller in proportion, and fit; too small they are not", () => {
    const tight = { ...room, heightPx: 890 };
    const { rows, paperShare } = paperRowsFor("several", tight);
    expect([rows, paperShare]).toEqual([2, 0.76]);
    expect(2 * (paperShare * room.paperPx + room.besidePx)).toBeLessThanOrEqual(890);
    expect(paperRowsFor("several", { ...room, heightPx: 560 })).toEqual({ rows: 1, paperShare: 1 });
    expect(paperRowsFor("several", room)).toEqual(paperRowsFor("auto", room));
  });
  test("labels that overlap make paper smaller that was made smaller already; they take no row of it away", () => {
    const tight = { ...room, heightPx: 890, furtherPx: 36 };
    const { paperShare } = paperRowsFor("several", tight);
    expect(2 * (paperShare * room.paperPx + room.besidePx + 36)).toBeLessThanOrEqual(890);
    expect(paperRowsFor("auto", { ...room, furtherPx: 200 })).toEqual({ rows: 2, paperShare: 1 });
    expect(paperRowsFor("several", { ...tight, furtherPx: 200 })).toEqual({
      rows: 2,
      paperShare: LEAST_PAIR_SHARE,
    });
  });
  test("run on in time: the right edge of a row is the left edge of the next", () => {
    const page = timeScale(600, 0.63, 2 * 1423);
    const [upper, lower] = [rowScale(page, 2, 0), rowScale(page, 2, 1)];
    expect(toTime(upper, 0)).toBe(toTime(page, 0));
    expect(toTime(upper, 1423)).toBe(toTime(lower, 0));
    expect(toTime(lower, 1423)).toBe(toTime(page, 2 * 1423));
  });
  test("a point on any row is the moment that is drawn there, and the way back leads to the same point", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 100, max: 3000 }),
        fc.nat(10_000),
        fc.nat(10_000),
        (rows, widthPx, x, y) => {
          const heightPx = 550;
          const sheet = { xPx: x % widthPx, yPx: y % (rows * heightPx) };
          const point = pointOnRow({ rows, widthPx }, heightPx, sheet);
          const row = Math.floor(sheet.yPx / heightPx);
          const page = timeScale(1000, 0.63, rows * widthPx);
          expect(toX(rowScale(page, rows, row), toTime(page, point.xPx))).toBeCloseTo(sheet.xPx, 6);
          expect(point.yPx).toBe(sheet.yPx - row * heightPx);
          expect(pointOnSheet({ rows, widthPx }, heightPx, point)).toEqual(sheet);
        },
      ),
    );
  });
  test("a pointer dragged off the sheet stays on the nearest row", () => {
    const view = { rows: 2, widthPx: 1000 };
    expect(pointOnRow(view, 500, { xPx: 10, yPx: -40 })).toEqual({ xPx: 10, yPx: -40 });
    expect(pointOnRow(view, 500, { xPx: 10, yPx: 1200 })).toEqual({ xPx: 1010, yPx: 700 });
  });
});
