import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Envelope, toY, traceEnvelope } from "./envelope.ts";

interface Bucket {
  readonly min: number;
  readonly max: number;
  readonly isPartial: boolean;
}
const observed = fc
  .tuple(
    fc.double({ min: -300, max: 300, noNaN: true }),
    fc.double({ min: 0, max: 60, noNaN: true }),
    fc.boolean(),
  )
  .map(([low, height, isPartial]): Bucket => ({
    min: Math.fround(low),
    max: Math.fround(low + height),
    isPartial,
  }));
const missing = fc.constant<Bucket>({ min: Number.NaN, max: Number.NaN, isPartial: false });
const buckets = fc.array(fc.oneof({ weight: 5, arbitrary: observed }, { weight: 1, arbitrary: missing }), {
  maxLength: 200,
});
const pxPerBucket = fc.double({ min: 0.5, max: 12, noNaN: true });

function envelopeOf(list: readonly Bucket[], step: number, breakStep?: number): Envelope {
  const envelope = new Envelope();
  envelope.begin(breakStep);
  list.forEach((one, i) => envelope.add(i, (i + 0.5) * step, one.min, one.max, one.isPartial));
  return envelope;
}

/** Lines as drawn: pairs of points joined by one stroke. */
function strokes(envelope: Envelope): { x0: number; y0: number; x1: number; y1: number }[] {
  const drawn: { x0: number; y0: number; x1: number; y1: number }[] = [];
  let at = { x: Number.NaN, y: Number.NaN };
  traceEnvelope(
    {
      moveTo: (x, y) => (at = { x, y }),
      lineTo: (x, y) => {
        drawn.push({ x0: at.x, y0: at.y, x1: x, y1: y });
        at = { x, y };
      },
    },
    envelope,
    { top: 0, height: 1000, low: -500, high: 500 },
  );
  return drawn;
}

describe("envelope", () => {
  test("no stroke ever crosses a bucket without an observed sample", () => {
    fc.assert(
      fc.property(buckets, pxPerBucket, (list, step) => {
        const empty = list.flatMap((one, i) => (Number.isNaN(one.min) ? [(i + 0.5) * step] : []));
        for (const { x0, x1 } of strokes(envelopeOf(list, step))) {
          const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
          // A lone value is drawn one pixel wide; within a column several buckets share one x.
          for (const x of empty)
            expect(right - left > 1.001 && x > left + 0.501 && x < right - 0.501).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });
  test("no run holds buckets of both sides of a gap", () => {
    fc.assert(
      fc.property(buckets, pxPerBucket, (list, step) => {
        const envelope = envelopeOf(list, step);
        let runFirst = 0;
        for (let i = 0; i < envelope.count; i++) {
          if (envelope.startsRun[i] === 1) runFirst = envelope.firstBucket[i]!;
          for (let b = runFirst; b <= envelope.lastBucket[i]!; b++)
            expect(Number.isNaN(list[b]!.min)).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });
  test("a bucket with an unobserved sample is joined to neither neighbour", () => {
    const whole = { min: 1, max: 2, isPartial: false };
    const envelope = envelopeOf([whole, whole, { min: 1, max: 2, isPartial: true }, whole, whole], 4);
    expect([...envelope.startsRun.subarray(0, envelope.count)]).toEqual([1, 0, 1, 1, 0]);
  });
  test("every observed bucket is inside the extremes of its column, and no column invents a value", () => {
    fc.assert(
      fc.property(buckets, pxPerBucket, (list, step) => {
        const envelope = envelopeOf(list, step);
        const covered = new Set<number>();
        for (let i = 0; i < envelope.count; i++) {
          const from = envelope.firstBucket[i]!;
          const to = envelope.lastBucket[i]!;
          const inside = list.slice(from, to + 1);
          expect(envelope.min[i] === Math.min(...inside.map((one) => one.min))).toBe(true); // -0 is 0
          expect(envelope.max[i] === Math.max(...inside.map((one) => one.max))).toBe(true);
          for (let b = from; b <= to; b++) covered.add(b);
        }
        expect(covered.size).toBe(list.filter((one) => !Number.isNaN(one.min)).length);
      }),
      { numRuns: 300 },
    );
  });
  test("two heart rates more than 30 bpm apart are not joined, exactly 30 are", () => {
    const at = (value: number): Bucket => ({ min: value, max: value, isPartial: false });
    const envelope = envelopeOf([at(140), at(170), at(201), at(171), at(140)], 5, 30);
    expect([...envelope.startsRun.subarray(0, envelope.count)]).toEqual([1, 0, 1, 0, 1]);
  });
  test("a single value is seen as a stroke one pixel wide", () => {
    const drawn = strokes(envelopeOf([{ min: 5, max: 5, isPartial: false }], 10));
    expect(drawn).toHaveLength(1);
    expect(drawn[0]!.x1 - drawn[0]!.x0).toBe(1);
  });
  test("values outside the range lie on its edge", () => {
    const scale = { top: 10, height: 100, low: 50, high: 210 };
    expect(toY(scale, 250)).toBe(10);
    expect(toY(scale, 20)).toBe(110);
    expect(toY(scale, 130)).toBe(60);
  });
  test("more columns than room at first are kept", () => {
    const envelope = envelopeOf(
      Array.from({ length: 10000 }, () => ({ min: 1, max: 2, isPartial: false })),
      1.01,
    );
    expect(envelope.count).toBeGreaterThan(9000);
    expect(envelope.max[envelope.count - 1]).toBe(2);
  });
});
