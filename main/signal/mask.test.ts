import fc from "fast-check";
import { expect, test } from "vitest";
import type { MaskRun } from "../../preload/contract/mask.ts";
import { clipRuns, decodeRuns, encodeRuns, layRuns, maskProblem, paintRuns, runsOf } from "./mask.ts";

const LENGTH = 300;
const reasons = fc.uint8Array({ max: 4, minLength: 0, maxLength: LENGTH });
const looseRuns = fc.array(
  fc.record({
    first: fc.nat(LENGTH),
    count: fc.integer({ min: 1, max: 80 }),
    reason: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 12 },
);

const painted = (runs: readonly MaskRun[], length = LENGTH + 80): Uint8Array => {
  const bytes = new Uint8Array(length);
  paintRuns(bytes, 0, runs);
  return bytes;
};

test("runs of reasons painted again give the reasons", () => {
  fc.assert(
    fc.property(reasons, fc.nat(1000), (bytes, first) => {
      const runs = runsOf(bytes, first);
      const again = new Uint8Array(bytes.length);
      paintRuns(again, first, runs);
      expect(again).toEqual(bytes);
      expect(maskProblem(runs, first + bytes.length)).toBeUndefined();
    }),
  );
});

test("runs come back from their bytes", () => {
  fc.assert(
    fc.property(reasons, (bytes) => {
      const runs = runsOf(bytes);
      expect(decodeRuns(encodeRuns(runs), bytes.length)).toEqual(runs);
    }),
  );
  const far: MaskRun[] = [{ first: 2 ** 40, count: 2 ** 33, reason: 255 }];
  expect(decodeRuns(encodeRuns(far), 2 ** 41)).toEqual(far);
});

test("any bytes decode to sound runs or fail by name", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(500), (bytes, length) => {
      try {
        expect(maskProblem(decodeRuns(bytes, length), length)).toBeUndefined();
      } catch (error) {
        expect(error).toMatchObject({ code: "data/bad-mask" });
      }
    }),
    { numRuns: 2000 },
  );
});

test("bytes cut anywhere or with a bit flipped never give runs past the end", () => {
  fc.assert(
    fc.property(reasons, fc.nat(), fc.nat(), (source, cut, flip) => {
      const bytes = encodeRuns(runsOf(source));
      if (bytes.length > 0) bytes[flip % bytes.length]! ^= 1 << (flip % 8);
      try {
        expect(
          maskProblem(decodeRuns(bytes.subarray(0, cut % (bytes.length + 1)), source.length), source.length),
        ).toBeUndefined();
      } catch (error) {
        expect(error).toMatchObject({ code: "data/bad-mask" });
      }
    }),
    { numRuns: 1000 },
  );
});

test("laid runs paint what the loose ones paint in their order, and are ascending and disjoint", () => {
  fc.assert(
    fc.property(looseRuns, (runs) => {
      const laid = layRuns(runs);
      expect(painted(laid)).toEqual(painted(runs));
      expect(laid).toEqual(runsOf(painted(runs)));
    }),
  );
});

test("clipped runs paint the part they were clipped to", () => {
  fc.assert(
    fc.property(looseRuns, fc.nat(LENGTH), fc.nat(80), (runs, first, count) => {
      expect(painted(clipRuns(layRuns(runs), first, count), count)).toEqual(
        painted(runs).slice(first, first + count),
      );
    }),
  );
});

test.each([
  ["a count of nothing", [{ first: 0, count: 0, reason: 1 }], /count of 1 or more/],
  ["a start that is not whole", [{ first: 0.5, count: 1, reason: 1 }], /whole first/],
  ["a reason of nothing", [{ first: 0, count: 1, reason: 0 }], /reason in 1-255/],
  ["a reason past a byte", [{ first: 0, count: 1, reason: 256 }], /reason in 1-255/],
  [
    "an overlap",
    [
      { first: 0, count: 5, reason: 1 },
      { first: 4, count: 1, reason: 1 },
    ],
    /begins before sample 5/,
  ],
  ["an end past the samples", [{ first: 8, count: 3, reason: 1 }], /ends at 11, past the 10/],
])("runs with %s are refused with the number", (_what, runs, message) => {
  expect(maskProblem(runs, 10)).toMatch(message);
});
