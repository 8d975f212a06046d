import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { augmentWith, type Augmentation, type Shape } from "./sample-augmentation.ts";
import { seededRandom } from "./random.ts";

const shapes = fc.record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 40 }) });
const augmentations = fc.oneof(
  fc.record({ kind: fc.constant("time-shift" as const), columns: fc.integer({ min: 0, max: 60 }) }),
  fc.record({
    kind: fc.constant("amplitude-scale" as const),
    sd: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant("random-mask" as const),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
    longest: fc.integer({ min: 1, max: 60 }),
  }),
);

interface Window {
  readonly x: Float32Array;
  readonly observed: Float32Array;
}

/** A window in the middle of a batch of three, whose neighbours hold 7. */
function windowOf({ rows, columns }: Shape, seed: number): Window {
  const random = seededRandom(seed);
  const size = rows * columns;
  const observed = new Float32Array(3 * size).fill(1);
  const x = new Float32Array(3 * size).fill(7);
  for (let i = size; i < 2 * size; i += 1) {
    observed[i] = random.next() < 0.7 ? 1 : 0;
    x[i] = observed[i] === 1 ? random.normal() : 0;
  }
  return { x, observed };
}

function changed(list: readonly Augmentation[], shape: Shape, window: Window, seed: number): Window {
  const out = { x: window.x.slice(), observed: window.observed.slice() };
  augmentWith(list, shape)?.(out.x, out.observed, shape.rows * shape.columns, seededRandom(seed, 5));
  return out;
}

const cases = fc.record({
  shape: shapes,
  list: fc.array(augmentations, { minLength: 1, maxLength: 4 }),
  seed: fc.nat(9999),
});

describe("every augmentation", () => {
  test("leaves a mask of 0 and 1, and 0 wherever nothing is observed", () => {
    fc.assert(
      fc.property(cases, ({ shape, list, seed }) => {
        const { x, observed } = changed(list, shape, windowOf(shape, seed), seed);
        observed.forEach((is, i) => {
          expect(is === 0 || is === 1).toBe(true);
          if (is === 0) expect(x[i]).toBe(0);
          else expect(Number.isFinite(x[i])).toBe(true);
        });
      }),
    );
  });

  test("never observes more than there was, and never lets an unobserved sample change anything", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 200 }), ({ shape, list, seed }, pick) => {
        const window = windowOf(shape, seed);
        const size = shape.rows * shape.columns;
        const found = changed(list, shape, window, seed);
        const count = (mask: Float32Array): number => mask.reduce((a, b) => a + b, 0);
        expect(count(found.observed)).toBeLessThanOrEqual(count(window.observed));

        const at = size + (pick % size);
        const hidden = { x: window.x.slice(), observed: window.observed.slice() };
        hidden.observed[at] = 0; // now another sample is lost, whatever it was
        hidden.x[at] = 0;
        const without = changed(list, shape, hidden, seed);
        let differ = 0;
        found.x.forEach((value, i) => (differ += Object.is(value, without.x[i]) ? 0 : 1));
        expect(differ).toBeLessThanOrEqual(1); // only where it stood or moved to
        without.x.forEach((value, i) => {
          if (value !== found.x[i]) expect(without.observed[i]).toBe(0);
        });
      }),
    );
  });

  test("keeps to its own window", () => {
    fc.assert(
      fc.property(cases, ({ shape, list, seed }) => {
        const { x, observed } = changed(list, shape, windowOf(shape, seed), seed);
        const size = shape.rows * shape.columns;
        for (const i of [...Array(size).keys()].flatMap((one) => [one, one + 2 * size])) {
          expect(x[i]).toBe(7);
          expect(observed[i]).toBe(1);
        }
      }),
    );
  });

  test("is the same for the same seed", () => {
    fc.assert(
      fc.property(cases, ({ shape, list, seed }) => {
        const window = windowOf(shape, seed);
        expect(changed(list, shape, window, seed)).toEqual(changed(list, shape, window, seed));
      }),
    );
  });
});

const shape: Shape = { rows: 2, columns: 20 };
const whole: Window = {
  x: Float32Array.from({ length: 120 }, (_, i) => i),
  observed: new Float32Array(120).fill(1),
};
const rowsIn = ({ x, observed }: Window): { x: number[]; observed: number[] }[] =>
  [40, 60].map((at) => ({ x: [...x.subarray(at, at + 20)], observed: [...observed.subarray(at, at + 20)] }));

test("a shift moves all rows alike, within its limit, and what comes in is unobserved", () => {
  const shifts = new Set<number>();
  for (let seed = 0; seed < 200; seed += 1) {
    const [first, second] = rowsIn(changed([{ kind: "time-shift", columns: 3 }], shape, whole, seed));
    const at = first!.observed.indexOf(1);
    const shift = at > 0 ? at : first!.observed.lastIndexOf(1) - 19;
    shifts.add(shift);
    expect(second!.observed).toEqual(first!.observed);
    first!.observed.forEach((is, column) => {
      if (is === 1)
        expect([first!.x[column], second!.x[column]]).toEqual([40 + column - shift, 60 + column - shift]);
      else expect(first!.x[column]).toBe(0);
    });
    expect(first!.observed.filter((is) => is === 0)).toHaveLength(Math.abs(shift));
  }
  expect([...shifts].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
});

test("a scale multiplies the whole window by one factor of the spread asked for", () => {
  const logs: number[] = [];
  for (let seed = 0; seed < 2000; seed += 1) {
    const { x } = changed([{ kind: "amplitude-scale", sd: 0.3 }], shape, whole, seed);
    const factor = (x[50] as number) / 50;
    expect(x[75]! / 75).toBeCloseTo(factor, 5);
    logs.push(Math.log(factor));
  }
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
  const sd = Math.sqrt(logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / logs.length);
  expect(Math.abs(mean)).toBeLessThan(4 * (0.3 / Math.sqrt(2000)));
  expect(Math.abs(sd - 0.3)).toBeLessThan(0.02);
});

test("a random mask takes one stretch of the length allowed from the share of rows asked for", () => {
  let hit = 0;
  for (let seed = 0; seed < 1000; seed += 1) {
    const list = [{ kind: "random-mask", probability: 0.25, longest: 6 }] as const;
    for (const { observed } of rowsIn(changed(list, shape, whole, seed))) {
      const lost = observed.filter((is) => is === 0).length;
      if (lost === 0) continue;
      hit += 1;
      expect(lost).toBeLessThanOrEqual(6);
      expect(observed.lastIndexOf(0) - observed.indexOf(0) + 1).toBe(lost);
    }
  }
  expect(Math.abs(hit / 2000 - 0.25)).toBeLessThan(0.04);
});
