import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countEvents, matchEvents, scoreEvents, scoreSeconds } from "./score.ts";

const seconds = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), {
  minLength: 2,
  maxLength: 40,
});
const arrays = (list: readonly (readonly [number, boolean])[]): [Float32Array, Uint8Array] => [
  Float32Array.from(list, ([p]) => p / 8),
  Uint8Array.from(list, ([, is]) => Number(is)),
];

describe("scores of seconds", () => {
  test("the area under the ROC curve is the share of pairs in the right order, ties half", () => {
    fc.assert(
      fc.property(seconds, (list) => {
        const positive = list.filter(([, is]) => is);
        const negative = list.filter(([, is]) => !is);
        fc.pre(positive.length > 0 && negative.length > 0);
        let pairs = 0;
        for (const [p] of positive) for (const [q] of negative) pairs += p > q ? 1 : p === q ? 0.5 : 0;
        const { auroc } = scoreSeconds(...arrays(list));
        expect(auroc).toBeCloseTo(pairs / (positive.length * negative.length), 10);
      }),
    );
  });

  test("average precision is the mean precision at the positives, those of one level together", () => {
    fc.assert(
      fc.property(seconds, (list) => {
        const positive = list.filter(([, is]) => is);
        fc.pre(positive.length > 0);
        const at = ([level]: readonly [number, boolean]): number => {
          const said = list.filter(([p]) => p >= level);
          return said.filter(([, is]) => is).length / said.length;
        };
        const expected = positive.reduce((sum, one) => sum + at(one), 0) / positive.length;
        expect(scoreSeconds(...arrays(list)).averagePrecision).toBeCloseTo(expected, 10);
      }),
    );
  });

  test("calibration is compared a bin, and what is certain and wrong costs much but not everything", () => {
    const score = scoreSeconds(Float32Array.of(0.9, 0.9, 0.1, 1), Uint8Array.of(1, 0, 0, 0));
    expect(score.ece).toBeCloseTo((Math.abs(1.8 - 1) + 0.1 + 1) / 4, 6);
    expect(score.nll).toBeGreaterThan(4);
    expect(score.nll).toBeLessThan(6);
  });
});

describe("events match", () => {
  const span = (from: number, to: number) => ({ from, to });

  test("by more than the least overlap, or by more than half of the shorter one", () => {
    expect(matchEvents([span(0, 60)], [span(54, 90)], 5)).toEqual([[0, 0]]);
    expect(matchEvents([span(0, 60)], [span(55, 90)], 5)).toEqual([]);
    expect(matchEvents([span(0, 60)], [span(57, 62)], 5)).toEqual([[0, 0]]); // 3 of 5 s
  });

  test("one to one, the largest overlap first", () => {
    expect(matchEvents([span(0, 40), span(50, 100)], [span(30, 90)], 5)).toEqual([[1, 0]]);
  });

  test("and are counted as found, missed and false an hour, well only with half of their union", () => {
    const counts = countEvents([span(0, 40), span(100, 140)], [span(5, 40), span(110, 300), span(400, 420)], {
      matchS: 5,
      hours: 0.5,
    });
    const scores = scoreEvents([counts, { ...counts, marked: 2, said: 0, found: 0, foundWell: 0 }]);
    expect(scores).toMatchObject({ marked: 4, found: 2, missed: 2, foundWell: 1, falseAnHour: 1 });
    expect(scores.f1).toBeCloseTo((2 * 2) / (4 + 3), 10);
    expect(scores.f1Iou).toBeCloseTo((2 * 1) / (4 + 3), 10);
  });
});
