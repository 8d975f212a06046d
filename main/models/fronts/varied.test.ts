import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Variation } from "../../../preload/contract/run.ts";
import { windowGrid } from "../../signal/window.ts";
import { seededRandom } from "../random.ts";
import type { FeatureTable, SignalSource } from "./front.ts";
import { fronts } from "./registry.ts";
import { varied } from "./varied.ts";

/** Channel c holds its sample numbers + 1000 c, at its own rate; some samples are missing and hold `hidden`. */
function sourceOf(rates: readonly number[], seconds: number, missing = 0, hidden = 0): SignalSource {
  const channels = rates.map((sampleRate, c) => ({
    label: `C${c}`,
    unit: "uV",
    sampleRate,
    role: "emg" as const,
    sampleType: "float32" as const,
    gain: 1,
    offset: 0,
    sampleCount: Math.round(seconds * sampleRate),
  }));
  const whole = channels.map(({ sampleCount }, c) => {
    const random = seededRandom(3, c);
    const observed = Uint8Array.from({ length: sampleCount }, () => (random.next() < missing ? 0 : 1));
    return { observed, values: Float32Array.from(observed, (is, i) => (is === 1 ? i + 1000 * c : hidden)) };
  });
  return {
    channels,
    durationS: seconds,
    read: (channel, first, count) => {
      const { values, observed } = whole[channel]!;
      expect(first).toBeGreaterThanOrEqual(0);
      return {
        values: values.slice(first, first + count),
        observed: observed.slice(first, first + count),
      };
    },
  };
}

const key = { seed: 1, epoch: 2, recordingId: "r" };
const whole = (source: SignalSource, channel: number) =>
  source.read(channel, 0, source.channels[channel]!.sampleCount);
const variationOf = (change: Partial<Variation>): Variation => Variation.parse(change);
const variations = fc.record({
  shiftS: fc.double({ min: 0, max: 60, noNaN: true }),
  gainSd: fc.double({ min: 0, max: 1, noNaN: true }),
  lossesPerMinute: fc.double({ min: 0, max: 60, noNaN: true }),
  lossS: fc.double({ min: 0, max: 60, noNaN: true }),
});
const keys = fc.record({ seed: fc.nat(), epoch: fc.nat(500), recordingId: fc.uuid() });

/** How far the observed samples of a channel of numbers were moved; all of them alike. */
function shiftOf({ values, observed }: ReturnType<typeof whole>): number {
  const shifts = new Set([...values].map((value, i) => i - value).filter((_, i) => observed[i] === 1));
  expect(shifts.size).toBe(1);
  return [...shifts][0]!;
}

describe("varied samples", () => {
  test("do not depend on the stretches they are read in", () => {
    fc.assert(
      fc.property(
        variations,
        keys,
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 }),
        (variation, which, lengths) => {
          const source = varied(sourceOf([10, 4], 300, 0.1), variation, which);
          for (const channel of [0, 1]) {
            const { values, observed } = whole(source, channel);
            let at = 0;
            for (const length of lengths) {
              const here = source.read(channel, at, length);
              expect(here.values).toEqual(values.slice(at, at + length));
              expect(here.observed).toEqual(observed.slice(at, at + length));
              at += Math.ceil(length / 2);
            }
          }
        },
      ),
    );
  });

  test("are the same for the same seed, epoch and recording, and others otherwise", () => {
    const variation = variationOf({ shiftS: 2, gainSd: 0.2, lossesPerMinute: 10, lossS: 2 });
    const read = (which: typeof key) => whole(varied(sourceOf([10], 300), variation, which), 0);
    const once = read(key);
    expect(read({ ...key })).toEqual(once);
    for (const other of [
      { ...key, seed: 2 },
      { ...key, epoch: 3 },
      { ...key, recordingId: "s" },
    ])
      expect(read(other)).not.toEqual(once);
  });

  test("are those recorded where nothing is varied", () => {
    const source = sourceOf([10, 4], 100, 0.2, 7);
    for (const channel of [0, 1])
      expect(whole(varied(source, variationOf({}), key), channel)).toEqual(whole(source, channel));
  });

  test("missing ones stay missing, and what lies in them changes no other", () => {
    fc.assert(
      fc.property(variations, keys, (variation, which) => {
        const seen = (hidden: number) => {
          const { values, observed } = whole(varied(sourceOf([10], 120, 0.3, hidden), variation, which), 0);
          return { values: values.map((value, i) => (observed[i] === 1 ? value : 0)), observed };
        };
        expect(seen(NaN)).toEqual(seen(0));
        const { observed } = seen(0);
        expect(observed.every((is) => is === 0 || is === 1)).toBe(true);
        const recorded = whole(sourceOf([10], 120, 0.3), 0).observed;
        const count = (mask: Uint8Array): number => mask.reduce((a, b) => a + b, 0);
        expect(count(observed)).toBeLessThanOrEqual(count(recorded));
      }),
    );
  });

  test("a shift moves all channels alike, either way, and leaves what moves in unobserved", () => {
    const found = Array.from({ length: 60 }, (_, epoch) => {
      const source = varied(sourceOf([10, 20], 100), variationOf({ shiftS: 3 }), { ...key, epoch });
      const [slow, fast] = [whole(source, 0), whole(source, 1)];
      const shift = shiftOf(slow);
      const moved = shiftOf({ ...fast, values: fast.values.map((value) => value - 1000) });
      expect(Math.abs(moved - 2 * shift)).toBeLessThanOrEqual(1);
      expect(slow.observed.filter((is) => is === 0)).toHaveLength(Math.abs(shift));
      return shift;
    });
    expect(Math.max(...found)).toBeGreaterThan(20);
    expect(Math.min(...found)).toBeLessThan(-20);
    expect(Math.max(...found.map(Math.abs))).toBeLessThanOrEqual(30);
  });

  test("a shift beyond the recording's length leaves nothing", () => {
    const { observed } = whole(varied(sourceOf([10], 2), variationOf({ shiftS: 60 }), key), 0);
    expect([...observed]).toEqual(new Array(20).fill(0));
  });

  test("a gain is one factor a channel, as widely spread as asked", () => {
    const logs = Array.from({ length: 400 }, (_, epoch) => {
      const source = varied(sourceOf([10, 10], 5), variationOf({ gainSd: 0.2 }), { ...key, epoch });
      return [0, 1].map((channel) => {
        const recorded = whole(sourceOf([10, 10], 5), channel).values;
        const factors = whole(source, channel).values.map((value, i) => value / recorded[i]!);
        for (const factor of factors.slice(1)) expect(factor / factors[1]!).toBeCloseTo(1, 5);
        return Math.log(factors[1]!);
      });
    });
    for (const channel of [0, 1]) {
      const own = logs.map((pair) => pair[channel]!);
      expect(Math.abs(own.reduce((a, b) => a + b, 0) / own.length)).toBeLessThan(0.04);
      const sd = Math.sqrt(own.reduce((sum, log) => sum + log * log, 0) / own.length);
      expect(sd).toBeGreaterThan(0.17);
      expect(sd).toBeLessThan(0.23);
    }
    expect(logs.some(([a, b]) => Math.abs(a! - b!) > 0.1)).toBe(true);
  });

  test("losses come as often as asked, none longer than asked, in each channel elsewhere", () => {
    const [minutes, rate] = [200, 20];
    const variation = variationOf({ lossesPerMinute: 3, lossS: 2 });
    const source = varied(sourceOf([rate, rate], 60 * minutes), variation, key);
    const runs = [0, 1].map((channel) => {
      const { observed } = whole(source, channel);
      return [...observed.join("").matchAll(/0+/g)].map(({ index, 0: run }) => ({
        index,
        length: run.length,
      }));
    });
    for (const own of runs) {
      expect(own.length / minutes).toBeGreaterThan(2.4); // some overlap
      expect(own.length / minutes).toBeLessThan(3.3);
      const lost = own.reduce((sum, { length }) => sum + length, 0);
      expect(lost / (60 * minutes * rate)).toBeCloseTo((3 * 1) / 60, 1); // one second on average
      const alone = own.filter(({ length }) => length <= 2 * rate);
      expect(alone.length / own.length).toBeGreaterThan(0.9);
      expect(Math.max(...own.map(({ length }) => length))).toBeLessThan(5 * 2 * rate);
    }
    expect(runs[0]).not.toEqual(runs[1]);
    const plain = varied(sourceOf([rate], 60), variationOf({ lossesPerMinute: 3 }), key);
    expect(whole(plain, 0).observed.every((is) => is === 1)).toBe(true); // of no length
  });
});

test("every front takes varied samples: a table of the same size, 0 where nothing is observed, no number that is none", () => {
  const source = sourceOf([4, 4], 900, 0.1, NaN);
  const grid = windowGrid(900, 60, 30);
  const variation = variationOf({ shiftS: 30, gainSd: 0.5, lossesPerMinute: 5, lossS: 30 });
  for (const front of fronts) {
    const tableOf = (from: SignalSource): FeatureTable => {
      const extraction = front.extract(from, grid);
      for (;;) {
        const step = extraction.next();
        if (step.done) return step.value;
      }
    };
    const [plain, other] = [tableOf(source), tableOf(varied(source, variation, key))];
    expect(other.x).toHaveLength(plain.x.length);
    expect(other.x).not.toEqual(plain.x);
    other.x.forEach((value, at) => {
      expect(Number.isFinite(value)).toBe(true);
      if (other.observed[at] === 0) expect(value).toBe(0);
    });
  }
});

test("only the fronts of electromyograms say that their samples may be scaled", () => {
  expect(fronts.filter(({ mayScale }) => mayScale).map(({ name }) => name)).toEqual([
    "emg-amplitude",
    "emg-envelope",
    "emg-pattern",
  ]);
});
