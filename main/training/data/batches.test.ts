import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochBatches, planBatches, type MemberBatches, type TrainingWindows } from "./batches.ts";

/** Windows whose first input is their own number. Window n is labelled where `isLabelled` says so. */
function windowsOf(count: number, groups: number, isLabelled: (n: number) => boolean): TrainingWindows {
  const [width, classes] = [2, 2];
  return {
    count,
    width,
    classes,
    x: Float32Array.from({ length: count * width }, (_, at) => (at % width === 0 ? at / width : 0.5)),
    observed: new Uint8Array(count * width).fill(1),
    y: Float32Array.from({ length: count * classes }, (_, at) => {
      const n = Math.floor(at / classes);
      return isLabelled(n) && at % classes === n % classes ? 1 : 0;
    }),
    group: Int32Array.from({ length: count }, (_, n) => (groups === 0 ? -1 : n % groups)),
    person: new Int32Array(count),
  };
}

const options = (windows: TrainingWindows, more: Partial<MemberBatches> = {}): MemberBatches => ({
  windows,
  plan: planBatches(windows, 64),
  augment: undefined,
  sampling: "windows",
  seed: 1,
  members: 2,
  ...more,
});

/** The numbers of the windows that a member saw in an epoch, step by step. */
const seen = (batches: readonly (readonly Float32Array[])[], member: number): number[][] =>
  batches.map((feeds) => {
    const x = feeds[4 * member] as Float32Array;
    return Array.from({ length: x.length / 2 }, (_, i) => x[2 * i] as number);
  });

const sizes = fc.record({
  count: fc.integer({ min: 4, max: 300 }),
  every: fc.integer({ min: 1, max: 6 }),
  batchSize: fc.integer({ min: 16, max: 64 }),
});

describe("a plan of batches", () => {
  test("counts labelled and unlabelled windows, and weighs both sums as if every window counted once", () => {
    fc.assert(
      fc.property(sizes, ({ count, every, batchSize }) => {
        const windows = windowsOf(count, 0, (n) => n % every === 0);
        const plan = planBatches(windows, batchSize);
        expect(plan.labelled.length + plan.unlabelled.length).toBe(count);
        expect([...plan.labelled].every((n) => n % every === 0)).toBe(true);
        expect(plan.rows).toBeLessThanOrEqual(Math.max(16, batchSize));
        expect(plan.rows * plan.steps).toBeGreaterThanOrEqual(count);
        const others = plan.rows - plan.labelledRows;
        if (plan.unlabelled.length === 0) expect(others).toBe(0);
        else
          expect((others * plan.unlabelledWeight) / plan.labelledRows).toBeCloseTo(
            plan.unlabelled.length / plan.labelled.length,
            9,
          );
      }),
    );
  });
});

describe("the batches of an epoch", () => {
  test("are the same for the same seed and epoch, others for another, and full every time", () => {
    fc.assert(
      fc.property(sizes, fc.nat(100), ({ count, every }, epoch) => {
        const windows = windowsOf(count, 0, (n) => n % every === 0);
        const given = options(windows);
        const once = [...epochBatches(given, epoch)];
        expect(once).toEqual([...epochBatches(given, epoch)]);
        expect(once).toHaveLength(given.plan.steps);
        expect(once.every((feeds) => feeds.length === 8 && feeds[0]?.length === given.plan.rows * 2)).toBe(
          true,
        );
        if (count < 20) return;
        expect(seen(once, 0)).not.toEqual(seen([...epochBatches(given, epoch + 1)], 0));
        expect(seen(once, 0)).not.toEqual(seen(once, 1)); // each member has its own order
      }),
      { numRuns: 30 },
    );
  });

  test("never show a member the people it leaves out, and show it every other window", () => {
    const windows = windowsOf(240, 3, (n) => n % 2 === 0);
    const batches = [...epochBatches(options(windows, { members: 3 }), 0)];
    for (const member of [0, 1, 2]) {
      const rows = new Set(seen(batches, member).flat());
      expect([...rows].some((n) => windows.group[n] === member)).toBe(false);
      const labelled = [...rows].filter((n) => n % 2 === 0);
      expect(labelled.length).toBe(80);
    }
  });

  test("give each row its own labels, and unlabelled rows none", () => {
    const windows = windowsOf(100, 0, (n) => n % 3 === 0);
    for (const feeds of epochBatches(options(windows), 4)) {
      const [x, , y, weight] = feeds as [Float32Array, Float32Array, Float32Array, Float32Array];
      weight.forEach((w, i) => {
        const n = x[2 * i] as number;
        const own = [...y.subarray(2 * i, 2 * i + 2)];
        expect(own).toEqual(n % 3 === 0 ? (n % 2 === 0 ? [1, 0] : [0, 1]) : [0, 0]);
        expect(w).toBeGreaterThan(0);
      });
    }
  });

  test("are augmented row by row without touching the windows themselves", () => {
    const windows = windowsOf(60, 0, () => true);
    const before = windows.x.slice();
    const augment: MemberBatches["augment"] = (x, _observed, at, random) => {
      x[at + 1] = 10 + random.next();
    };
    const [feeds] = [...epochBatches(options(windows, { augment }), 0)];
    const x = feeds?.[0] as Float32Array;
    expect(x.every((v, i) => i % 2 === 0 || v >= 10)).toBe(true);
    expect(windows.x).toEqual(before);
    expect(new Set(x.filter((_, i) => i % 2 === 1)).size).toBeGreaterThan(10);
  });

  test("are labelled windows alone for a member that leaves out everybody without labels", () => {
    const windows = windowsOf(40, 0, (n) => n < 30);
    const group = Int32Array.from({ length: 40 }, (_, n) => (n < 30 ? -1 : 0));
    for (const feeds of epochBatches(options({ ...windows, group }), 0)) {
      const [x, , , weight] = feeds as [Float32Array, Float32Array, Float32Array, Float32Array];
      expect(x.every((n, at) => at % 2 === 1 || n < 30)).toBe(true);
      expect(weight.every((w) => w === 1)).toBe(true);
    }
  });
});
