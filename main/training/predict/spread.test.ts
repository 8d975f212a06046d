import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spread, type Pool } from "./spread.ts";

interface Named extends Pool {
  readonly name: string;
}

const poolOf = (name: string, epistemic: readonly number[], answered: readonly number[] = []): Named => ({
  name,
  open: epistemic.map((value, n) => ({ n, onsetS: n, epistemic: value })),
  answered,
  durationS: epistemic.length + 1,
  windowS: 2,
});

/** Doubt that peaks at some second of a recording, as a model's does. */
const peak = (at: number, height: number): number[] =>
  Array.from({ length: 200 }, (_, n) => height * Math.exp(-(((n - at) / 15) ** 2)));

const chosen = (pools: readonly Named[], limit: number): string[] =>
  spread(pools, limit).map(({ pool, n }) => `${pool.name} ${n}`);

describe("the windows to ask about", () => {
  test("are of every recording once before any comes twice, the most uncertain first", () => {
    const pools = [poolOf("a", peak(50, 0.6)), poolOf("b", peak(80, 0.2)), poolOf("c", peak(120, 0.4))];
    expect(chosen(pools, 3)).toEqual(["a 50", "c 120", "b 80"]);
    expect(spread(pools, 6).map(({ pool }) => pool.name)).toEqual(["a", "c", "b", "a", "c", "b"]);
  });

  test("lie apart in time: of one doubtful minute not five neighbours", () => {
    const onsets = spread([poolOf("a", peak(100, 0.5))], 5).map(({ n }) => n);
    expect(onsets[0]).toBe(100);
    for (const [i, one] of onsets.entries())
      for (const other of onsets.slice(0, i)) expect(Math.abs(one - other)).toBeGreaterThanOrEqual(10);
  });

  test("come last from where people have answered since the model was trained, and not from beside the answer", () => {
    const pools = [poolOf("a", peak(50, 0.6), [50]), poolOf("b", peak(80, 0.2))];
    const [first, second] = spread(pools, 2);
    expect([first?.pool.name, second?.pool.name]).toEqual(["b", "a"]);
    expect(Math.abs((second?.n ?? 50) - 50)).toBeGreaterThanOrEqual(10);
  });

  test("never overlap, never come twice, are as many as fit, and are the same every time", () => {
    const pools = fc.array(
      fc.record({
        epistemic: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
        answered: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 3 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(pools, fc.integer({ min: 1, max: 40 }), (made, limit) => {
        const given = made.map(({ epistemic, answered }, i) => poolOf(String(i), epistemic, answered));
        const found = spread(given, limit);
        expect(spread(given, limit)).toEqual(found);
        expect(found.length).toBeLessThanOrEqual(limit);
        for (const pool of given) {
          const own = found.filter((one) => one.pool === pool).map(({ n }) => n);
          own
            .sort((a, b) => a - b)
            .forEach((n, i) => i > 0 && expect(n - own[i - 1]!).toBeGreaterThanOrEqual(2));
          if (found.length === limit) continue;
          for (const { onsetS } of pool.open) expect(own.some((n) => Math.abs(n - onsetS) < 2)).toBe(true);
        }
      }),
    );
  });
});
