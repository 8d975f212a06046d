import { expect, test } from "vitest";
import { BLOCK_S, blockMedians, pastBlockMedians } from "./block-medians.ts";

const SECONDS = 1200;
const signal = (observed: (second: number) => boolean) => ({
  values: Float32Array.from({ length: SECONDS }, (_, i) => (i % 50 === 0 ? 900 : 140)),
  observed: Uint8Array.from({ length: SECONDS }, (_, i) => Number(observed(i))),
});

test("a running median is a value a block, and no outlier moves it", () => {
  const medians = blockMedians(
    signal(() => true),
    1,
  );
  expect(medians).toHaveLength(SECONDS / BLOCK_S);
  expect(new Set(medians)).toEqual(new Set([140]));
});

test("where nothing is observed, or nothing is there, there is none", () => {
  expect(
    blockMedians(
      signal(() => false),
      1,
    ),
  ).toBeUndefined();
  expect(blockMedians({ values: new Float32Array(0), observed: new Uint8Array(0) }, 1)).toBeUndefined();
  const brief = blockMedians(
    signal((second) => second < 60),
    1,
  );
  expect(brief?.at(-1)).toBe(140);
});

test("a median of the past is that of whole blocks before, and nothing until three have come", () => {
  const rising = signal((second) => second >= 20);
  rising.values.forEach((_, i) => (rising.values[i] = Math.floor(i / BLOCK_S)));
  const medians = pastBlockMedians(rising, 1, 12);
  expect([...medians.subarray(0, 7)].every(Number.isNaN)).toBe(true);
  expect([...medians.subarray(7, 10)]).toEqual([5, 5.5, 6]);
  expect(medians[100]).toBe(93.5);
});
