import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { augmentationFor, type Augment } from "./augmentation.ts";
import { fronts } from "./fronts/registry.ts";
import { seededRandom } from "./random.ts";

const bracelet = Array.from({ length: 8 }, (_, i) => `EMG${i + 1}`);
const layouts = fronts.map((front) => ({
  name: front.name,
  layout: front.layout(front.name.startsWith("emg-") ? bracelet : ["FHR", "UC"], 240),
}));
const cases = layouts.flatMap(({ name, layout }) =>
  (["mild", "strong"] as const).map((strength) => ({ name, layout, strength })),
);

interface Rows {
  readonly x: Float32Array;
  readonly observed: Float32Array;
}

/** Two rows of standardised inputs, 0 where unobserved; the mask rows of the CTG front hold their mask. */
function rowsOf(width: number, seed: number, share = 0.8): Rows {
  const random = seededRandom(seed, 3);
  const observed = Float32Array.from({ length: 2 * width }, () => (random.next() < share ? 1 : 0));
  return { observed, x: observed.map((seen) => (seen === 1 ? 0.4 * random.normal() : 0)) };
}

function augmented(augment: Augment, { x, observed }: Rows, at: number, seed: number): Rows {
  const copy = { x: x.slice(), observed: observed.slice() };
  augment(copy.x, copy.observed, at, seededRandom(seed));
  return copy;
}

test("no augmentation is none", () => {
  for (const { name, layout } of layouts) expect(augmentationFor(name, layout, "none", 0.4)).toBeUndefined();
});

describe.each(cases)("$strength augmentation of $name", ({ name, layout, strength }) => {
  const augment = augmentationFor(name, layout, strength, 0.4) as Augment;
  const { width } = layout;

  test("depends on its seed alone and leaves the other rows as they are", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const rows = rowsOf(width, seed);
        const once = augmented(augment, rows, width, seed);
        expect(once).toEqual(augmented(augment, rows, width, seed));
        expect(once.x.subarray(0, width)).toEqual(rows.x.subarray(0, width));
        expect(once.observed.subarray(0, width)).toEqual(rows.observed.subarray(0, width));
        expect(once.x).not.toEqual(rows.x);
      }),
      { numRuns: 40 },
    );
  });

  test("leaves 0 wherever nothing is observed and never makes more of nothing", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const { x, observed } = augmented(augment, rowsOf(width, seed), 0, seed);
        observed.forEach((seen, i) => {
          expect(seen === 0 || seen === 1).toBe(true);
          expect(Number.isFinite(x[i])).toBe(true);
          if (seen === 0) expect(x[i]).toBe(0);
        });
        const nothing = augmented(augment, rowsOf(width, seed, 0), 0, seed);
        expect(nothing.observed.every((seen) => seen === 0)).toBe(true);
        expect(nothing.x.every((v) => v === 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

test("a bracelet's turn hides an electrode in every block at once, and one electrode more at the most of what is whole", () => {
  const { layout } = layouts.find(({ name }) => name === "emg-amplitude") as (typeof layouts)[number];
  const augment = augmentationFor("emg-amplitude", layout, "strong", 0.4) as Augment;
  let hidden = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    const { observed } = augmented(augment, rowsOf(layout.width, seed, 1), 0, seed);
    expect(observed.subarray(0, 8)).toEqual(observed.subarray(8, 16));
    const lost = 8 - observed.subarray(0, 8).reduce((a, b) => a + b, 0);
    expect(lost).toBeLessThanOrEqual(1);
    hidden += lost;
  }
  expect(Math.abs(hidden / 300 - 0.3)).toBeLessThan(0.13); // 5 sd
});

test("the CTG front's stretches of loss are told to the mask rows too", () => {
  const { layout } = layouts.find(({ name }) => name === "ctg-deviation") as (typeof layouts)[number];
  const augment = augmentationFor("ctg-deviation", layout, "strong", 0.5) as Augment;
  const { columns, width } = layout;
  let losses = 0;
  for (let seed = 0; seed < 200; seed += 1) {
    const observed = new Float32Array(width).fill(1);
    const x = new Float32Array(width).fill(0.5);
    augment(x, observed, 0, seededRandom(seed));
    for (let column = 0; column < columns; column += 1) {
      const isLost = (row: number): boolean => observed[row * columns + column] === 0;
      const mask = (row: number): number => x[row * columns + column] as number;
      expect([isLost(0), isLost(1), isLost(2)]).toEqual(new Array(3).fill(mask(3) === 0));
      expect([isLost(4), isLost(5)]).toEqual(new Array(2).fill(mask(6) === 0));
      expect(isLost(3) || isLost(6)).toBe(false); // the mask itself is always known
      losses += isLost(0) ? 1 : 0;
    }
  }
  expect(losses).toBeGreaterThan(0);
});

test("about one window in ten of a bracelet learned from strongly is the other way up, none where learned from mildly", () => {
  const { layout } = layouts.find(({ name }) => name === "emg-amplitude") as (typeof layouts)[number];
  const share = (strength: "mild" | "strong"): number => {
    const augment = augmentationFor("emg-amplitude", layout, strength, 0) as Augment; // no gain: positions alone change
    const rising = Float32Array.from({ length: layout.width }, (_, i) => i % 8);
    let mirrored = 0;
    for (let seed = 0; seed < 1000; seed += 1) {
      const whole = new Float32Array(layout.width).fill(1);
      const { x, observed } = augmented(augment, { x: rising, observed: whole }, 0, seed);
      let ups = 0;
      for (let e = 0; e < 8; e += 1) {
        const next = (e + 1) % 8;
        if (observed[e] === 1 && observed[next] === 1)
          ups += Math.sign((x[next] as number) - (x[e] as number));
      }
      mirrored += ups < 0 ? 1 : 0;
    }
    return mirrored / 1000;
  };
  expect(share("mild")).toBe(0);
  expect(share("strong")).toBeGreaterThan(0.07);
  expect(share("strong")).toBeLessThan(0.16);
});
