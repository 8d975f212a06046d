import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { seededRandom } from "../../models/random.ts";
import {
  adaptiveCalibrationError,
  calibrationError,
  maximumCalibrationError,
  reliabilityBins,
} from "./calibration-error.ts";
import {
  auroc,
  evaluate,
  negativeLogLikelihood,
  outlierAuroc,
  riskCoverageArea,
  scoreOfPeople,
  topOf,
  type Scored,
} from "./evaluation.ts";

/** Two people; the second with two recordings. Right: rows 0, 1, 4, 5. */
const scored: Scored = {
  classes: 2,
  probabilities: [0.9, 0.1, 0.3, 0.7, 0.6, 0.4, 0.8, 0.2, 0.2, 0.8, 0.55, 0.45],
  labels: [0, 1, 1, 1, 1, 0],
  subjects: ["a", "a", "a", "b", "b", "b"],
  recordings: ["r1", "r1", "r1", "r2", "r3", "r3"],
};

describe("a report by hand", () => {
  const report = evaluate(scored);

  test("counts accuracy by window, by person and by class", () => {
    expect([report.windows, report.subjects]).toEqual([6, 2]);
    expect(report.accuracy).toBeCloseTo(4 / 6, 12);
    expect(report.subjectAccuracy).toBeCloseTo((2 / 3 + (0 + 1) / 2) / 2, 12);
    expect(report.confusion).toEqual([
      [2, 0],
      [2, 2],
    ]);
    expect(report.balancedAccuracy).toBeCloseTo((1 + 0.5) / 2, 12);
    expect(report.macroF1).toBeCloseTo((4 / 6 + 4 / 6) / 2, 12);
    expect(report.perSubject.map(({ subject, windows }) => [subject, windows])).toEqual([
      ["a", 3],
      ["b", 3],
    ]);
    expect(report.perSubject[1]?.accuracy).toBeCloseTo(2 / 3, 12);
  });

  test("scores each person alone, over their recordings or over the classes that they made", () => {
    const [accuracy, balanced] = (["accuracy", "balancedAccuracy"] as const).map((score) => [
      ...scoreOfPeople(scored, score),
    ]);
    expect(accuracy?.map(([, value]) => value)).toEqual([2 / 3, 1 / 2]);
    expect(balanced).toEqual([
      ["a", (1 + 1 / 2) / 2],
      ["b", (1 + 1 / 2) / 2],
    ]);
  });

  test("has NLL in nats, Brier score and calibration error", () => {
    const of = [0.9, 0.7, 0.4, 0.2, 0.8, 0.55];
    expect(report.nll).toBeCloseTo(-of.reduce((sum, p) => sum + Math.log(p), 0) / 6, 12);
    expect(report.brier).toBeCloseTo(of.reduce((sum, p) => sum + 2 * (1 - p) ** 2, 0) / 6, 12);
    // Bins of 1/15: 0.55 right; 0.6 wrong; 0.7 right; 0.8 twice, one right; 0.9 right.
    const expected = (0.45 + 0.6 + 0.3 + 2 * 0.3 + 0.1) / 6;
    expect(report.ece).toBeCloseTo(expected, 12);
    expect(report.reliability.map(({ count }) => count)).toEqual([1, 1, 1, 2, 1]);
    expect(report.perSubject[0]?.ece).toBeCloseTo((0.1 + 0.3 + 0.6) / 3, 12);
  });

  test("ranks each class against the rest", () => {
    // Class 1 by P: of 2 x 4 pairs (negatives 0.1, 0.45; positives 0.7, 0.4, 0.2, 0.8) six are in order.
    expect(report.auroc).toEqual([6 / 8, 6 / 8]);
  });

  test("abstains from the least confident first", () => {
    const at = (coverage: number): number | undefined =>
      report.riskCoverage.find((point) => Math.abs(point.coverage - coverage) < 1e-9)?.risk;
    expect(report.riskCoverage).toHaveLength(20);
    expect(at(0.05)).toBe(0); // the most confident one, 0.9, is right
    expect(at(0.5)).toBeCloseTo(1 / 3, 12); // 0.9 right, 0.8 and 0.8: one of them wrong
    expect(at(1)).toBeCloseTo(2 / 6, 12);
  });
});

describe("calibration error", () => {
  test("is 0 where confidence is what happens, and the gap where it is not", () => {
    expect(calibrationError([0.75, 0.75, 0.75, 0.75], [1, 1, 1, 0])).toBeCloseTo(0, 12);
    expect(calibrationError([1, 1, 1, 1], [1, 0, 1, 0])).toBeCloseTo(0.5, 12);
    expect(calibrationError([], [])).toBe(0);
  });

  test("has fifteen equal bins that hold every window once, 1 among them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (p) => {
          const bins = reliabilityBins(p, new Uint8Array(p.length).fill(1));
          expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(p.length);
          for (const { from, to, confidence } of bins) {
            expect(to - from).toBeCloseTo(1 / 15, 12);
            expect(confidence).toBeGreaterThanOrEqual(from - 1e-9);
            expect(confidence).toBeLessThanOrEqual(to + 1e-9);
          }
        },
      ),
    );
    expect(reliabilityBins([1], [1])).toEqual([
      { from: 14 / 15, to: 1, confidence: 1, accuracy: 1, count: 1 },
    ]);
  });
});

describe("AUROC", () => {
  test("counts ties half, and is unknown where one side is empty", () => {
    expect(auroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(auroc([0.5, 0.5, 0.5], [0, 1, 1])).toBe(0.5);
    expect(auroc([0.2, 0.7], [1, 1])).toBeNull();
    expect(auroc([], [])).toBeNull();
  });

  test("is the share of pairs in order", () => {
    const score = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(score, fc.integer({ min: 0, max: 1 })), { maxLength: 25 }), (rows) => {
        let sum = 0;
        let pairs = 0;
        for (const [a, isA] of rows) {
          for (const [b, isB] of rows) {
            if (isA !== 1 || isB !== 0) continue;
            pairs += 1;
            sum += a > b ? 1 : a === b ? 0.5 : 0;
          }
        }
        const found = auroc(
          rows.map(([v]) => v),
          rows.map(([, is]) => is),
        );
        if (pairs === 0) expect(found).toBeNull();
        else expect(found).toBeCloseTo(sum / pairs, 10);
      }),
    );
  });
});

test("a probability of 0 for what happened costs much but stays finite", () => {
  expect(negativeLogLikelihood([0, 1], [0], 2)).toBeCloseTo(-Math.log(1e-12), 10);
  expect(negativeLogLikelihood([], [], 2)).toBe(0);
});

test("of equal probabilities the first class is taken", () => {
  const top = topOf([0.4, 0.4, 0.2, 0.2, 0.2, 0.6], [1, 2], 3);
  expect([...top.predicted]).toEqual([0, 2]);
  expect([...top.isRight]).toEqual([0, 1]);
  expect([...top.confidence]).toEqual([0.4, 0.6]);
});

test("a report on any windows stays within its bounds and does not depend on their order", () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 30 }), (seed, n) => {
      const random = seededRandom(seed);
      const logits = Float64Array.from({ length: 3 * n }, () => 3 * random.normal());
      const any: Scored = {
        classes: 3,
        probabilities: softmaxRows(logits, 3),
        labels: Array.from({ length: n }, () => random.below(3)),
        subjects: Array.from({ length: n }, () => `s${random.below(3)}`),
        recordings: Array.from({ length: n }, () => `r${random.below(3)}`),
      };
      const report = evaluate(any);
      for (const share of [
        report.accuracy,
        report.subjectAccuracy,
        report.balancedAccuracy,
        report.macroF1,
        report.ece,
      ]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1 + 1e-12);
      }
      expect(report.confusion.flat().reduce((a, b) => a + b, 0)).toBe(n);
      const turned = evaluate({
        classes: 3,
        probabilities: Array.from({ length: n }, (_, i) =>
          [...(any.probabilities as Float64Array)].slice(3 * (n - 1 - i), 3 * (n - i)),
        ).flat(),
        labels: [...(any.labels as number[])].reverse(),
        subjects: [...any.subjects].reverse(),
        recordings: [...any.recordings].reverse(),
      });
      expect(turned.nll).toBeCloseTo(report.nll, 9);
      expect(turned.ece).toBeCloseTo(report.ece, 9);
      expect(turned.subjectAccuracy).toBeCloseTo(report.subjectAccuracy, 9);
    }),
    { numRuns: 50 },
  );
});

describe("intervals", () => {
  /** 40 people of 50 windows; each is right on a share of their own, drawn around 0.7. */
  const people = (seed: number): Scored => {
    const random = seededRandom(seed);
    const rows = Array.from({ length: 40 }, (_, person) => {
      const share = Math.min(1, Math.max(0, 0.7 + 0.15 * random.normal()));
      return Array.from({ length: 50 }, () => ({ person: `P${person}`, isRight: random.next() < share }));
    }).flat();
    return {
      classes: 2,
      labels: rows.map((_, i) => i % 2),
      probabilities: rows.flatMap(({ isRight }, i) => ((i % 2 === 0) === isRight ? [0.8, 0.2] : [0.2, 0.8])),
      subjects: rows.map(({ person }) => person),
      recordings: rows.map(({ person }) => person),
    };
  };

  test("hold the truth about as often as they say, where windows of one person are alike", () => {
    let held = 0;
    for (let seed = 0; seed < 40; seed += 1) {
      const interval = evaluate(people(seed)).intervals?.accuracy;
      if (interval && interval.low <= 0.7 && 0.7 <= interval.high) held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(34);
  });

  test("of a class that nobody found say so, and come out the same each time", () => {
    const { probabilities, ...rest } = people(1);
    const blind = { ...rest, probabilities: Array.from(probabilities, (_, i) => (i % 2 === 0 ? 0.9 : 0.1)) };
    const report = evaluate(blind);
    expect(report.recall).toEqual([1, 0]);
    expect(report.precision).toEqual([0.5, null]);
    expect(report.intervals?.recall[1]).toEqual({ low: 0, high: 0 });
    expect(report.intervals?.precision[1]).toBeNull();
    expect(evaluate(blind)).toEqual(report);
  });

  test("are absent where there are too few people to resample", () => {
    const of = (count: number): Scored => {
      const all = people(2);
      const rows = [...all.subjects.keys()].filter((row) => Number(all.subjects[row]?.slice(1)) < count);
      return {
        ...all,
        labels: rows.map((row) => all.labels[row] ?? 0),
        probabilities: rows.flatMap((row) => [
          all.probabilities[2 * row] ?? 0,
          all.probabilities[2 * row + 1] ?? 0,
        ]),
        subjects: rows.map((row) => all.subjects[row] ?? ""),
        recordings: rows.map((row) => all.recordings[row] ?? ""),
      };
    };
    expect(evaluate(of(5)).intervals).toBeUndefined();
    expect(evaluate(of(6)).intervals).toMatchObject({ people: 6 });
  });

  test("of every score hold the score itself", () => {
    const report = evaluate(people(3));
    for (const score of [
      "accuracy",
      "subjectAccuracy",
      "balancedAccuracy",
      "macroF1",
      "nll",
      "brier",
      "ece",
    ] as const) {
      const interval = report.intervals?.[score];
      expect(interval?.low, score).toBeLessThanOrEqual(report[score]);
      expect(interval?.high, score).toBeGreaterThanOrEqual(report[score]);
    }
  });
});

describe("fixtures of the metrics", () => {
  // Thirty windows: one in each half of every bin, the right ones by the bin's number. By hand below.
  const confidence = Float64Array.from({ length: 30 }, (_, i) => (i + 0.5) / 30);
  const isRight = Uint8Array.from({ length: 30 }, (_, i) => (i >= 20 ? 1 : 0));
  const gaps = Array.from({ length: 15 }, (_, bin) => Math.abs((bin >= 10 ? 1 : 0) - (2 * bin + 1) / 30));

  test("evenly spread windows have the same bins by width and by mass", () => {
    const mean = gaps.reduce((a, b) => a + b, 0) / 15;
    expect(calibrationError(confidence, isRight)).toBeCloseTo(mean, 12);
    expect(adaptiveCalibrationError(confidence, isRight)).toBeCloseTo(mean, 12);
    expect(maximumCalibrationError(confidence, isRight)).toBeCloseTo(Math.max(...gaps), 12);
  });

  test("bins of equal mass part windows that one bin of equal width holds", () => {
    const close = Float64Array.from({ length: 30 }, (_, i) => 0.94 + i / 1000);
    const halves = Uint8Array.from({ length: 30 }, (_, i) => (i < 15 ? 1 : 0));
    const mean = close.reduce((a, b) => a + b, 0) / 30;
    expect(calibrationError(close, halves)).toBeCloseTo(Math.abs(0.5 - mean), 12);
    // seven bins all right, one half right, seven all wrong
    const byHand = Array.from({ length: 15 }, (_, bin) => {
      const own = (0.94 + (2 * bin) / 1000 + 0.94 + (2 * bin + 1) / 1000) / 2;
      return Math.abs((bin < 7 ? 1 : bin === 7 ? 0.5 : 0) - own);
    });
    expect(adaptiveCalibrationError(close, halves)).toBeCloseTo(byHand.reduce((a, b) => a + b, 0) / 15, 12);
  });

  test("the area under risk and coverage is the mean risk over what is answered, ties as their mean", () => {
    expect(riskCoverageArea([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0])).toBeCloseTo(
      (0 + 1 / 2 + 1 / 3 + 2 / 4) / 4,
      12,
    );
    expect(riskCoverageArea([0.9, 0.5, 0.5], [1, 0, 1])).toBeCloseTo((0 + 0.5 / 2 + 1 / 3) / 3, 12);
    expect(riskCoverageArea([0.5, 0.9, 0.5], [1, 1, 0])).toBeCloseTo((0 + 0.5 / 2 + 1 / 3) / 3, 12);
    expect(riskCoverageArea([], [])).toBe(0);
  });

  test("unusual windows are told from usual ones by their density alone", () => {
    expect(outlierAuroc([-1, -2], [-9, -8])).toBe(1);
    expect(outlierAuroc([-1, -8], [-2, -9])).toBeCloseTo(3 / 4, 12);
    expect(outlierAuroc([-1], [])).toBeNull();
  });

  test("a report carries them, and of each person what a comparison needs", () => {
    const report = evaluate(scored);
    // by confidence: 0.9 right, 0.8 and 0.8 one right, 0.7 right, 0.6 wrong, 0.55 right
    expect(report.aurc).toBeCloseTo((0 + 0.5 / 2 + 1 / 3 + 1 / 4 + 2 / 5 + 2 / 6) / 6, 12);
    expect(report.mce).toBeCloseTo(0.6, 12);
    const [a, b] = report.perSubject;
    expect([a?.byRecording, a?.balancedAccuracy]).toEqual([
      scoreOfPeople(scored, "accuracy").get("a"),
      scoreOfPeople(scored, "balancedAccuracy").get("a"),
    ]);
    expect(b?.brier).toBeCloseTo((2 * 0.8 ** 2 + 2 * 0.2 ** 2 + 2 * 0.45 ** 2) / 3, 12);
  });
});
