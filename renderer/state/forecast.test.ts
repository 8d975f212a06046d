import { expect, test } from "vitest";
import { bandsOf, forkMoments, forkOf, middleOf, stepAt } from "./forecast.ts";

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const quantiles = [
  { share: 0.05, value: floats(1, 2) },
  { share: 0.25, value: floats(3, 4) },
  { share: 0.5, value: floats(5, 6) },
  { share: 0.75, value: floats(7, 8) },
  { share: 0.95, value: floats(9, 10) },
];

test("bands are those whose two ends are there, the widest first", () => {
  expect(bandsOf(quantiles)).toEqual([
    { share: 0.9, low: floats(1, 2), high: floats(9, 10) },
    { share: 0.5, low: floats(3, 4), high: floats(7, 8) },
  ]);
  expect(bandsOf([{ share: 0.05, value: floats(1) }])).toEqual([]);
  expect(middleOf({ quantiles })).toEqual(floats(5, 6));
});

test("a step is found by the seconds ahead of it, and none beyond the horizon", () => {
  const forecast = { stepS: 0.5, horizonS: 60 };
  expect([0.5, 15, 60].map((aheadS) => stepAt(forecast, aheadS))).toEqual([0, 29, 119]);
  expect([0, 61, 90].map((aheadS) => stepAt(forecast, aheadS))).toEqual([undefined, undefined, undefined]);
});

test("a fork is pointed at only where its index is high enough, at the first such moment", () => {
  const forkIndex = floats(0.1, 0.3, 0.45, 0.61, 0.2);
  expect(forkOf({ forkIndex, stepS: 2 })?.aheadS).toBe(6);
  expect(forkOf({ forkIndex, stepS: 2 })?.index).toBeCloseTo(0.61);
  expect(forkOf({ forkIndex: floats(0.1, 0.39), stepS: 1 })).toBeUndefined();
  expect(forkOf({ stepS: 1 })).toBeUndefined();
});

test("a stretch in which the ways part is one moment, at the end of the step that first says so; a gap ends it", () => {
  const value = floats(0.5, 0.6, 0.1, 0.3, 0.4, 0.9, 0.9);
  const observed = Uint8Array.from([1, 1, 1, 1, 0, 1, 1]);
  const found = forkMoments({ value, observed, sampleRate: 0.2 });
  expect(found.map(({ timeS }) => timeS)).toEqual([5, 30]);
  expect(found[1]?.index).toBeCloseTo(0.9);
  expect(forkMoments({ value, observed, sampleRate: 0.2, startS: 100 })[0]?.timeS).toBe(105);
});
