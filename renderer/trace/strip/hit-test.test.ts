import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxOf, dragged, hitBoxes, type Grip } from "./hit-test.ts";

const toX = (timeS: number): number => timeS * 2;
const box = (onsetS: number, durationS: number) => boxOf({ onsetS, durationS }, toX, 5);

describe("hit-testing labels", () => {
  test("the edges resize and the middle moves", () => {
    const boxes = [box(10, 50)]; // 20 .. 120 px
    expect(hitBoxes(boxes, 22)?.grip).toBe("start");
    expect(hitBoxes(boxes, 60)?.grip).toBe("middle");
    expect(hitBoxes(boxes, 118)?.grip).toBe("end");
    expect(hitBoxes(boxes, 123)?.grip).toBe("end");
    expect(hitBoxes(boxes, 130)).toBeUndefined();
  });
  test("a point is a target of at least 8 px and can only be moved", () => {
    const boxes = [box(10, 0)];
    for (const x of [16, 20, 24]) expect(hitBoxes(boxes, x)?.grip).toBe("middle");
    expect(hitBoxes(boxes, 30)).toBeUndefined();
  });
  test("of two boxes at the pointer the one whose centre is nearer wins, inside before outside", () => {
    const long = box(0, 100);
    const short = box(30, 4);
    expect(hitBoxes([long, short], 64)?.event).toBe(short.event);
    expect(hitBoxes([long, short], 150)?.event).toBe(long.event);
    const left = box(0, 10);
    const right = box(10, 100);
    expect(hitBoxes([left, right], 19)?.event).toBe(left.event);
  });
  test("a very short event still has a middle to take", () => {
    const tiny = box(10, 0.1);
    expect(hitBoxes([tiny], (tiny.left + tiny.right) / 2)?.grip).toBe("middle");
  });
  test("dragging never leaves the recording, never turns an event round, and moving keeps its length", () => {
    const cases = fc.record({
      onsetS: fc.double({ min: 0, max: 900, noNaN: true }),
      durationS: fc.double({ min: 1, max: 100, noNaN: true }),
      byS: fc.double({ min: -2000, max: 2000, noNaN: true }),
      grip: fc.constantFrom<Grip>("start", "middle", "end"),
    });
    fc.assert(
      fc.property(cases, ({ onsetS, durationS, byS, grip }) => {
        const moved = dragged({ onsetS, durationS }, grip, byS, { durationS: 1000, shortestS: 0.5 });
        expect(moved.onsetS).toBeGreaterThanOrEqual(0);
        expect(moved.onsetS + moved.durationS).toBeLessThanOrEqual(1000 + 1e-9);
        expect(moved.durationS).toBeGreaterThanOrEqual(0.5 - 1e-9);
        if (grip === "middle") expect(moved.durationS).toBe(durationS);
        if (grip === "start") expect(moved.onsetS + moved.durationS).toBeCloseTo(onsetS + durationS, 9);
        if (grip === "end") expect(moved.onsetS).toBe(onsetS);
      }),
    );
  });
});
