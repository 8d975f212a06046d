import { describe, expect, test } from "vitest";
import { mixturePredictive } from "../../../distributions/predictive.ts";
import { seededRandom } from "../../../random.ts";
import type { Seen } from "./inputs.ts";
import { type Said, Surprises, usualAdapting } from "./surprises.ts";

const SECONDS = 5000;
const said: Said = (_, wider = 0) =>
  mixturePredictive([{ weight: 1, mean: 0, scale: Math.exp(wider), nu: Infinity }]);
const make = (): Said => said;

/** Values about 0 with that deviation; of those not observed another stands behind the mask. */
function seenOf(deviation: number, { behind = 0, until = SECONDS, gapFrom = SECONDS } = {}): Seen {
  const random = seededRandom(8);
  const y = Float64Array.from({ length: SECONDS }, () => deviation * random.normal());
  const observed = Uint8Array.from(y, (_, t) => Number(t % 7 !== 0 && t < gapFrom));
  return {
    y: y.map((own, t) => (observed[t] === 1 ? own : behind)).slice(0, until),
    observed: observed.slice(0, until),
    after: new Float64Array(0),
    contractions: { level: [], observed: [] },
  };
}

const wideningAt = (seen: Seen, t: number, past = new Surprises()): readonly number[] =>
  [1, 5, 15, 22, 60, 120].map(past.wideningAt(t, seen, make, usualAdapting));

describe("how forecasts of a recording came true so far", () => {
  test("widens what is said where they lay further off than promised, narrows it where nearer, in proportion", () => {
    for (const deviation of [0.4, 2.5]) {
      const [one = NaN, five = NaN, fifteen = NaN, between = NaN, sixty = NaN, furthest] = wideningAt(
        seenOf(deviation),
        4000,
      );
      expect(one).toBe(0);
      for (const own of [five, fifteen, between, sixty])
        expect(Math.sign(own)).toBe(Math.sign(Math.log(deviation)));
      expect(Math.abs(five)).toBeLessThan(Math.abs(fifteen));
      expect(Math.min(fifteen, sixty)).toBeLessThanOrEqual(between);
      expect(Math.max(fifteen, sixty)).toBeGreaterThanOrEqual(between);
      expect(furthest).toBe(sixty);
    }
    const asPromised = wideningAt(seenOf(1), 4000);
    for (const own of asPromised) expect(Math.abs(own)).toBeLessThan(0.08);
  });

  test("counts for nothing before any came", () => {
    expect(wideningAt(seenOf(3), 120)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(wideningAt(seenOf(3, { gapFrom: 0 }), 4000)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("knows nothing later and nothing behind the mask, in whatever order it is asked", () => {
    const seen = seenOf(2);
    const past = new Surprises();
    for (const t of [4321, 700, 2009, 4321, 709]) {
      const fresh = wideningAt(seenOf(2, { until: t + 1 }), t);
      expect(wideningAt(seen, t, past)).toEqual(fresh);
      expect(wideningAt(seenOf(2, { behind: 1e6 }), t)).toEqual(fresh);
    }
  });

  test("follows a recording that has become lively, and forgets what is over an hour old", () => {
    const seen = seenOf(1);
    const lively = { ...seen, y: Float64Array.from(seen.y, (own, t) => (t < 1000 ? 5 * own : own)) };
    const [after, later] = [1100, 4700].map((t) => wideningAt(lively, t)[4] ?? NaN);
    expect(after).toBeGreaterThan(0.1);
    expect(later).toBe(wideningAt(seen, 4700)[4]);
  });

  test("makes once what will be looked back at, and keeps none of it for good", () => {
    let made = 0;
    const counting = (): Said => {
      made += 1;
      return said;
    };
    const past = new Surprises();
    const seen = seenOf(1);
    for (let t = 119; t < 1119; t += 10) {
      past.wideningAt(t, seen, counting, usualAdapting);
      past.said(t, counting);
    }
    expect(made).toBe(100);
    past.said(119, counting);
    expect(made).toBe(101); // it was let go
  });
});
