import { expect, test } from "vitest";
import { readTrace, type ChannelSamples } from "./read.ts";

const channel = (sampleRate: number, values: readonly number[]): ChannelSamples => ({
  sampleRate,
  values: Float32Array.from(values),
  observed: Uint8Array.from(values, (v) => (Number.isNaN(v) ? 0 : 1)),
});
const still = (seconds: number, value: number, rate = 4): number[] =>
  new Array<number>(seconds * rate).fill(value);
const none = { uc: undefined, mhr: undefined };

test("any rate comes onto 4 Hz: faster ones as means, slower ones held, missing ones missing", () => {
  const of = (rate: number, values: readonly number[], durationS: number) =>
    readTrace({ durationS, fhr: [channel(rate, values)], ...none }).fhr;
  expect([...of(4, [140, NaN, 142, 143], 1).observed]).toEqual([1, 0, 1, 1]);
  expect([...of(8, [140, 142, NaN, 150, NaN, NaN, 1, 3], 1).values]).toEqual([141, 150, 0, 2]);
  expect([...of(8, [140, 142, NaN, 150, NaN, NaN, 1, 3], 1).observed]).toEqual([1, 1, 0, 1]);
  expect([...of(1, [140, NaN, 150], 3).values]).toEqual([...still(1, 140), 0, 0, 0, 0, ...still(1, 150)]);
  expect(of(4, [140, 141], 2).observed).toEqual(Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0));
});

test("two sensors of one fetus: the larger one, and the other where one is lost", () => {
  const fhr = [channel(4, [140, 70, NaN, NaN]), channel(4, [139, 141, 138, NaN])];
  const read = readTrace({ durationS: 1, fhr, ...none });
  expect([...read.fhr.values.subarray(0, 3)]).toEqual([140, 141, 138]);
  expect([...read.fhr.observed]).toEqual([1, 1, 1, 0]);
  expect(readTrace({ durationS: 1, fhr: [], ...none }).fhr.observed).toEqual(new Uint8Array(4));
});

test("contractions that stand still for a minute are not observed, short zeros are", () => {
  const uc = channel(4, [...still(20, 0), ...still(60, 12), ...still(59, 0), ...still(1, 3)]);
  const read = readTrace({ durationS: 140, fhr: [], uc, mhr: undefined });
  const at = (second: number) => read.uc?.observed[second * 4];
  expect([at(10), at(20), at(79), at(80), at(138), at(139)]).toEqual([1, 0, 0, 1, 1, 1]);
});

test("a heart rate in the place of contractions, or of another sign, is none; nor is what is too seldom to show one", () => {
  const seen = (values: readonly number[], rate = 4) =>
    readTrace({ durationS: values.length / rate, fhr: [], uc: channel(rate, values), mhr: undefined }).uc
      ?.observed;
  expect(seen([10, 127.5, 128, 140, -5, -20, -21, 0])).toEqual(Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 1));
  expect(seen([1, 2, 3, 4, 5], 0.1)?.[0]).toBe(1);
  expect(seen([1, 2, 3, 4, 5], 1 / 60)?.every((is) => is === 0)).toBe(true);
});
