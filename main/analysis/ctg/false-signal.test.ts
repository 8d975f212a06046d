import { expect, test } from "vitest";
import { falseSignal } from "./false-signal.ts";
import type { Samples } from "./trace.ts";

const [HZ, SECONDS] = [4, 900];
const [FROM_S, TO_S] = [300, 500]; // the fetal channel draws the mother

function madeUp({ hiddenS = [100, 120], garbage = 0 } = {}): {
  readonly fhr: Samples;
  readonly mhr: Samples;
} {
  const noise = (i: number): number => 2 * Math.sin(1.7 * i) + Math.sin(0.31 * i * i);
  const mother = (i: number): number => 85 + 6 * Math.sin(i / 160) + noise(i) / 2;
  const isHidden = (i: number): boolean => i >= (hiddenS[0] ?? 0) * HZ && i < (hiddenS[1] ?? 0) * HZ;
  const isMother = (i: number): boolean => i >= FROM_S * HZ && i < TO_S * HZ;
  const samples = (value: (i: number) => number, isSeen: (i: number) => boolean): Samples => ({
    values: Float64Array.from({ length: SECONDS * HZ }, (_, i) => (isSeen(i) ? value(i) : garbage)),
    observed: Uint8Array.from({ length: SECONDS * HZ }, (_, i) => Number(isSeen(i))),
  });
  return {
    fhr: samples(
      (i) => (isMother(i) ? mother(i) : 140 + 8 * Math.sin(i / 100) + noise(i)),
      (i) => !isHidden(i),
    ),
    mhr: samples(mother, () => true),
  };
}

const mean = (values: Float64Array, fromS: number, toS: number): number =>
  values.subarray(fromS * HZ, toS * HZ).reduce((sum, one) => sum + one, 0) / ((toS - fromS) * HZ);

test("the mother drawn as the fetus is told by her own heart rate, and a gap says nothing", () => {
  const { probability, isKnown } = falseSignal({ ...madeUp(), isScalp: false });
  expect(mean(probability, FROM_S + 10, TO_S - 10)).toBeGreaterThan(0.9);
  expect(mean(probability, 150, 280)).toBeLessThan(0.05);
  expect(isKnown.subarray(100 * HZ, 120 * HZ).includes(1)).toBe(false);
  expect(isKnown.subarray(0, 100 * HZ).includes(0)).toBe(false);
});

test("what lies behind a mask changes nothing", () => {
  const [one, other] = [0, 187].map((garbage) => falseSignal({ ...madeUp({ garbage }), isScalp: false }));
  expect(one).toEqual(other);
});

test("without a maternal heart rate a middling probability is unknown", () => {
  const { fhr } = madeUp();
  const { probability, isKnown } = falseSignal({ fhr, mhr: undefined, isScalp: false });
  const likely = (p: number): boolean => p < 0.2 || p > 0.8;
  expect(isKnown).toEqual(Uint8Array.from(probability, (p, i) => Number(fhr.observed[i] === 1 && likely(p))));
});
