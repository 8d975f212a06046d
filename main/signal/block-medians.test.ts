import { expect, test } from "vitest";
import { BLOCK_S, blockMedians } from "./block-medians.ts";

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
