import { describe, expect, test } from "vitest";
import type { Tile } from "../../../preload/contract/recording.ts";
import { intersect } from "./mask.ts";
import { niceStep, formatTick, numbersOf } from "../strip/gutter.ts";
import { autoRange, gainStep, withGain } from "./range.ts";

const tileOf = (min: readonly number[], max: readonly number[]): Tile => ({
  index: 0,
  samplesPerBucket: 64,
  min: Float32Array.from(min),
  max: Float32Array.from(max),
  reason: new Uint8Array(min.length),
});

describe("automatic range", () => {
  test("EMG is symmetric about zero and one wild bucket in a thousand does not flatten the rest", () => {
    const max = Array.from({ length: 1000 }, () => 10);
    max[500] = 9000;
    const range = autoRange(
      [
        tileOf(
          max.map(() => -8),
          max,
        ),
      ],
      "emg",
    );
    expect(range).toEqual({ low: -11, high: 11 });
  });
  test("nothing observed: no range", () => {
    expect(autoRange([tileOf([Number.NaN], [Number.NaN])], "other")).toBeUndefined();
    expect(autoRange([], "emg")).toBeUndefined();
  });
  test("a constant channel still has a height", () => {
    const range = autoRange([tileOf([5, 5], [5, 5])], "other")!;
    expect(range.high - range.low).toBeGreaterThan(1);
  });
  test("gain works about the middle and steps back to where it was", () => {
    expect(withGain({ low: 0, high: 10 }, 2)).toEqual({ low: 2.5, high: 7.5 });
    let gain = 1;
    for (let i = 0; i < 10; i++) gain = gainStep(gain, 1);
    expect(gain).toBeCloseTo(10, 9);
    for (let i = 0; i < 10; i++) gain = gainStep(gain, -1);
    expect(gain).toBeCloseTo(1, 9);
  });
});

describe("axis numbers", () => {
  test("steps are 1, 2 or 5 times a power of ten, and numbers show the decimals they need", () => {
    expect(niceStep(10, 5)).toBe(2);
    expect(niceStep(0.3, 3)).toBeCloseTo(0.1, 12);
    expect(formatTick(-0.2, 0.1)).toBe("−0.2");
    expect(formatTick(-0.00001, 0.1)).toBe("0.0");
    expect(formatTick(200, 20)).toBe("200");
  });
});

describe("gaps of a shared panel", () => {
  test("hatched only where every channel is missing", () => {
    expect(
      intersect(
        [
          [0, 10],
          [20, 30],
        ],
        [
          [5, 22],
          [29, 40],
        ],
      ),
    ).toEqual([
      [5, 10],
      [20, 22],
      [29, 30],
    ]);
    expect(intersect([[0, 10]], [])).toEqual([]);
  });
});

test("the numbers beside a low panel are fewer, and never in each other", () => {
  const paper = (kind: "fhr" | "uc" | "plain", low: number, high: number, height: number) =>
    numbersOf({ kind, values: { low, high, top: 7, height }, bpmPerCm: 20, paperSpeed: 1 }, 1);
  const valuesOf = (height: number): number[] => paper("fhr", 50, 210, height).map(({ value }) => value);
  expect(valuesOf(200)).toEqual([60, 80, 100, 120, 140, 160, 180, 200]);
  expect(valuesOf(50)).toEqual([80, 120, 160, 200]);
  expect(paper("uc", 0, 100, 50).map(({ value }) => formatTick(value, 40))).toEqual(["0", "40", "80"]);
  for (let height = 12; height < 300; height += 1)
    for (const numbers of [
      paper("fhr", 50, 210, height),
      paper("uc", 0, 100, height),
      paper("plain", -720, 690, height),
    ])
      expect(numbers.every(({ y }, i) => y <= (numbers[i - 1]?.y ?? Infinity) - 10)).toBe(true);
});
