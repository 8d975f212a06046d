import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uniformFrom } from "../../signal/random.ts";
import { hidden, levelOf, traceOf } from "./ctg.fixtures.ts";
import { findEvents } from "./events/find.ts";
import { sinusoidalStretches } from "./sinusoidal.ts";

const wave = (cyclesPerMinute: number, amplitude: number) => (s: number) =>
  140 + amplitude * Math.sin((2 * Math.PI * cyclesPerMinute * s) / 60);

const found = (seconds: number, fhr: (s: number) => number) =>
  sinusoidalStretches(traceOf(seconds, fhr), levelOf(seconds, 140), []);

describe("a sinusoidal pattern", () => {
  test("is told with its length, frequency and amplitude, and by whose definition it is one", () => {
    const [one, ...others] = found(2400, wave(4, 8));
    expect(others).toEqual([]);
    expect(one).toMatchObject({ fromS: 0, toS: 2400, meets: { figo: true, nichd: true, jsog: true } });
    expect(one?.cyclesPerMinute).toBeCloseTo(4, 6);
    expect(one?.amplitudeBpm).toBeCloseTo(8, 0);
    expect(one?.probability).toBeGreaterThan(0.9);
  });

  test.each([
    [1500, 4, 8, { figo: false, nichd: true, jsog: true }], // too short for FIGO
    [900, 4, 8, { figo: false, nichd: false, jsog: true }],
    [2400, 2.4, 8, { figo: false, nichd: false, jsog: true }],
    [2400, 4, 3, { figo: false, nichd: true, jsog: false }],
    [2400, 4, 20, { figo: false, nichd: true, jsog: false }],
  ])("of %i s, %d a minute and %i bpm is one by some guidelines only", (seconds, cycles, bpm, meets) => {
    expect(found(seconds, wave(cycles, bpm))[0]?.meets).toEqual(meets);
  });

  test("is found within a record that is otherwise lively, where it is", () => {
    const next = uniformFrom(5, 0);
    const steps = Array.from({ length: 3600 }, () => 24 * (next() - 0.5));
    const [one] = found(3600, (s) =>
      s > 1200 && s < 2700 ? wave(4, 8)(s) : 140 + (steps[Math.floor(s / 2)] ?? 0),
    );
    expect(Math.abs((one?.fromS ?? 0) - 1200)).toBeLessThanOrEqual(300);
    expect(Math.abs((one?.toS ?? 0) - 2700)).toBeLessThanOrEqual(300);
  });

  test("is no irregular swing, no two waves at once, no quicker or slower one", () => {
    const next = uniformFrom(7, 0);
    const steps = Array.from({ length: 3000 }, () => 20 * (next() - 0.5));
    expect(found(2400, (s) => 140 + (steps[Math.floor(s / 4)] ?? 0))).toEqual([]);
    expect(found(2400, (s) => wave(2.5, 7)(s) + wave(5, 7)(s) - 140)).toEqual([]);
    expect(found(2400, wave(8, 8))).toEqual([]);
    expect(found(2400, wave(1, 8))).toEqual([]);
  });

  test("has no acceleration in it", () => {
    const trace = traceOf(1200, (s) => wave(4, 8)(s) + (s > 570 && s < 630 ? 40 : 0));
    const { accelerations } = findEvents(trace, levelOf(1200, 140), { contractions: [] });
    expect(accelerations.length).toBeGreaterThan(0);
    expect(sinusoidalStretches(trace, levelOf(1200, 140), accelerations)).toEqual([]);
  });

  test("lasts from the first second of it that is seen to the last", () => {
    const trace = traceOf(2400, wave(4, 8));
    const fhr = hidden(hidden(trace.fhr, 0, 130), 2250, 2400);
    const [one, ...others] = sinusoidalStretches({ ...trace, fhr }, levelOf(2400, 140), []);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ fromS: 130, toS: 2250 });
  });

  test("needs 70 % of its window, and does not change with what lies behind the mask", () => {
    const trace = traceOf(600, wave(4, 8));
    const over = (toS: number, junk: number) =>
      sinusoidalStretches({ ...trace, fhr: hidden(trace.fhr, 200, toS, junk) }, levelOf(600, 140), []);
    expect(over(400, 0)).toEqual([]);
    expect(over(215, 0)).toHaveLength(1);
    fc.assert(
      fc.property(fc.double(), (junk) => {
        expect(over(215, junk)).toEqual(over(215, 0));
      }),
      { numRuns: 5 },
    );
  });
});
