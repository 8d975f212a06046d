import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uniformFrom } from "../../../signal/random.ts";
import { CTG_HZ, type Samples } from "../trace.ts";
import { drawBaseline } from "./draw.ts";
import { baselineRules } from "./registry.ts";

const MINUTE = 60 * CTG_HZ;
const series = (minutes: number, bpm: (minute: number) => number): Samples => ({
  values: Float64Array.from({ length: minutes * MINUTE }, (_, i) => bpm(i / MINUTE)),
  observed: new Uint8Array(minutes * MINUTE).fill(1),
});
const hidden = ({ values, observed }: Samples, fromMinute: number, toMinute: number): Samples => ({
  values,
  observed: Uint8Array.from(observed).fill(0, fromMinute * MINUTE, toMinute * MINUTE),
});
const furthest = (values: Float64Array, from: number): number =>
  values.reduce((most, v) => Math.max(most, Math.abs(v - from)), 0);
const at = (row: Float64Array | Uint8Array, minute: number): number =>
  row[Math.round(minute * MINUTE)] ?? NaN;
/** Level with an oscillation of some bpm, 20 s long decelerations and slow waves: a made-up heart rate. */
const lively = (seed: number, minutes: number): Samples => {
  const uniform = uniformFrom(seed);
  let drift = 0;
  return series(minutes, (minute) => {
    drift = 0.995 * drift + (uniform() - 0.5);
    const dip = minute % 7 > 6.5 ? 30 * Math.sin((minute % 7) * 2 * Math.PI) ** 2 : 0;
    return 138 + drift + 3 * Math.sin(minute * 2 * Math.PI * 3) - dip;
  });
};

describe.each(baselineRules.map((rule) => [rule.name, rule] as const))("%s", (_, rule) => {
  test("a heart rate that stays is its own baseline, told everywhere", () => {
    const found = rule.find(
      series(30, () => 142),
      [],
    );
    expect(furthest(found.value, 142)).toBeLessThan(0.2);
    expect(found.observed.every((is) => is === 1)).toBe(true);
    expect(at(found.high, 15) - at(found.low, 15)).toBeLessThan(rule.name === "mantel" ? 40 : 11);
  });

  test("a new level that stays becomes the baseline, and a fall of a minute does not", () => {
    const waves = (minute: number): number => 3 * Math.sin(minute * 2 * Math.PI * 3.1);
    const step = rule.find(
      series(100, (minute) => (minute < 50 ? 130 : 144) + waves(minute)),
      [],
    );
    expect(Math.abs(at(step.value, 25) - 130)).toBeLessThan(5);
    expect(Math.abs(at(step.value, 75) - 144)).toBeLessThan(5);
    const fall = rule.find(
      series(60, (minute) => (minute > 30 && minute < 31 ? 95 : 140) + waves(minute)),
      [],
    );
    expect(Math.abs(at(fall.value, 30.5) - 140)).toBeLessThan(4);
  });

  test("nothing is told in a long gap, nor where nothing was observed at all; short ones are bridged", () => {
    const whole = lively(1, 60);
    const gap = rule.find(hidden(whole, 20, 40), []);
    expect([at(gap.observed, 10), at(gap.observed, 30), at(gap.observed, 50)]).toEqual([1, 0, 1]);
    expect(at(gap.high, 30) - at(gap.low, 30)).toBeGreaterThan(at(gap.high, 10) - at(gap.low, 10));
    expect(at(rule.find(hidden(whole, 20, 21), []).observed, 20.5)).toBe(1);
    expect(rule.find(hidden(whole, 0, 60), [{ atS: 60, bpm: 140 }]).observed).toEqual(
      new Uint8Array(60 * MINUTE),
    );
    expect(
      rule.find(
        series(0, () => 0),
        [],
      ).value,
    ).toHaveLength(0);
  });

  test("ten beats more are ten beats more of baseline", () => {
    if (rule.name === "mantel" || rule.name === "pardey" || rule.name === "ayres") return; // of intervals, and of 110 bpm
    const whole = hidden(lively(6, 45), 20, 21);
    const more = { ...whole, values: whole.values.map((v) => v + 10) };
    const [before, after] = [rule.find(whole, []), rule.find(more, [])];
    expect(
      furthest(
        after.value.map((v, i) => v - (before.value[i] ?? 0)),
        10,
      ),
    ).toBeLessThan(1e-6);
  });

  test("a line stays within what was observed, however the heart rate swings", () => {
    const levels = [50, 193, 50, 54, 53, 107, 194, 50, 168];
    const times = [68, 808, 189, 628, 180, 400, 396, 594, 889];
    const values = Float64Array.from(levels.flatMap((bpm, k) => new Array<number>(times[k] ?? 0).fill(bpm)));
    const { value } = rule.find({ values, observed: new Uint8Array(values.length).fill(1) }, []);
    expect(furthest(value, 122)).toBeLessThanOrEqual(73);
  });

  test("values that are masked change nothing, whatever they are", () => {
    const seen = hidden(hidden(lively(2, 30), 3, 5), 12, 13);
    const other = { ...seen, values: seen.values.map((v, i) => (seen.observed[i] === 1 ? v : NaN)) };
    expect(rule.find(other, [])).toEqual(rule.find(seen, []));
  });

  test("an anchor moves the line to it and narrows the band there, and far from it all stays", () => {
    const whole = lively(3, 60);
    const plain = rule.find(whole, []);
    const anchored = rule.find(whole, [{ atS: 30 * 60, bpm: at(plain.value, 30) + 8 }]);
    const moved = (minute: number): number => at(anchored.value, minute) - at(plain.value, minute);
    expect(moved(30)).toBeGreaterThan(6);
    expect(moved(28)).toBeGreaterThan(1);
    expect(moved(28)).toBeLessThan(moved(30));
    expect(Math.abs(moved(5))).toBeLessThan(0.01);
    expect(at(anchored.high, 30) - at(anchored.low, 30)).toBeLessThan(2);
    expect(at(anchored.high, 5)).toBeCloseTo(at(plain.high, 5), 3);
  });

  test("an anchor in a long gap tells the baseline there", () => {
    const found = rule.find(hidden(lively(4, 60), 15, 45), [{ atS: 28 * 60, bpm: 150 }]);
    expect(at(found.observed, 28)).toBe(1);
    expect(Math.abs(at(found.value, 28) - 150)).toBeLessThan(1);
    expect(at(found.observed, 20)).toBe(0);
  });

  test("anchors that contradict each other within seconds leave the line between what they and the method say", () => {
    const anchors = [
      { atS: 1000, bpm: 170 },
      { atS: 1015, bpm: 110 },
    ];
    const plain = rule.find(lively(3, 60), []);
    const found = rule.find(lively(3, 60), anchors);
    const told = found.value.filter((_, i) => found.observed[i] === 1);
    const line = plain.value.filter((_, i) => plain.observed[i] === 1);
    expect(told.length).toBeGreaterThan(0);
    expect(Math.min(...told)).toBeGreaterThanOrEqual(Math.min(110, ...line) - 1);
    expect(Math.max(...told)).toBeLessThanOrEqual(Math.max(170, ...line) + 1);
  });

  test("of any short recording every told value is a number within its band", () => {
    const sample = fc.record({
      bpm: fc.integer({ min: 50, max: 220 }),
      times: fc.integer({ min: 1, max: 900 }),
    });
    const gap = fc.record({ from: fc.nat(20), length: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 12 }), gap, (levels, { from, length }) => {
        const values = Float64Array.from(
          levels.flatMap(({ bpm, times }) => new Array<number>(times).fill(bpm)),
        );
        const seen = hidden({ values, observed: new Uint8Array(values.length).fill(1) }, from, from + length);
        const { value, low, high, observed } = rule.find(seen, []);
        expect(value).toHaveLength(values.length);
        const wrong = value.findIndex(
          (v, i) =>
            observed[i] === 1 && !(v >= 30 && v <= 240 && (low[i] ?? NaN) < v && v < (high[i] ?? NaN)),
        );
        expect(wrong).toBe(-1);
      }),
      { numRuns: 12 },
    );
  });
});

test("draws have the baseline in their middle, the band's size, and are smooth", () => {
  const rule = baselineRules[0];
  if (rule === undefined) throw new Error("no rule");
  const baseline = rule.find(lively(5, 60), []);
  const uniform = uniformFrom(9);
  const draws = Array.from({ length: 500 }, () => drawBaseline(baseline, uniform));
  for (const minute of [0, 10.2, 33.3, 59.9]) {
    const within = draws.filter(
      (drawn) =>
        at(drawn, minute) >= at(baseline.low, minute) && at(drawn, minute) <= at(baseline.high, minute),
    );
    expect(within.length / draws.length).toBeGreaterThan(0.86);
    expect(within.length / draws.length).toBeLessThan(0.94);
    const mean = draws.reduce((sum, drawn) => sum + at(drawn, minute), 0) / draws.length;
    expect(Math.abs(mean - at(baseline.value, minute))).toBeLessThan(0.5);
  }
  const [first] = draws;
  const deviation = first?.map((v, i) => v - (baseline.value[i] ?? 0)) ?? new Float64Array();
  const steps = deviation.map((v, i) => Math.abs(v - (deviation[i - 1] ?? v)));
  expect(Math.max(...steps)).toBeLessThan(0.1);
  expect(drawBaseline(baseline, uniformFrom(9))).toEqual(first);
});
