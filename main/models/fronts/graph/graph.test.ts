import "@tensorflow/tfjs-backend-cpu";
import { tensor2d, tidy, where, zerosLike, greater, type Tensor2D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChannelHeader } from "../../../../preload/contract/recording.ts";
import { windowGrid, windowOnsetS, type WindowGrid } from "../../../signal/window.ts";
import { seededRandom } from "../../random.ts";
import type { FeatureTable, Front, SignalSource } from "../front.ts";
import { fronts } from "../registry.ts";
import type { FrontGraph } from "./front-graph.ts";
import { graphOf } from "./registry.ts";
import { signalFor, type WindowSignal } from "./signal.ts";

interface Channel {
  readonly facts: Pick<ChannelHeader, "label" | "role" | "unit"> & Partial<ChannelHeader>;
  readonly rate: number;
  readonly values: Float32Array;
  readonly observed: Uint8Array;
}

function sourceOf(channels: readonly Channel[]): SignalSource {
  return {
    durationS: Math.max(...channels.map(({ values, rate }) => values.length / rate)),
    channels: channels.map(({ facts, rate, values }) => ({
      sampleType: "float32",
      gain: 1,
      offset: 0,
      ...facts,
      sampleRate: rate,
      sampleCount: values.length,
    })),
    read: (channel, first, count) => {
      const { values, observed } = channels[channel] as Channel;
      return { values: values.slice(first, first + count), observed: observed.slice(first, first + count) };
    },
  };
}

function extract(front: Front, source: SignalSource, grid: WindowGrid): FeatureTable {
  const steps = front.extract(source, grid);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

const one = (value: number): Tensor2D => tensor2d([value], [1, 1]);

function graphFeatures(
  graph: FrontGraph,
  source: SignalSource,
  windowS: number,
  signal: WindowSignal,
): { x: Float32Array; observed: Float32Array } {
  let out = { x: new Float32Array(0), observed: new Float32Array(0) };
  tidy(() => {
    const channels = signal.channels.map(({ values, observed }, i) => {
      const raw = tensor2d(values, [1, values.length]);
      const mask = tensor2d(observed, [1, observed.length]);
      return {
        facts: source.channels[i]!,
        values: where(greater(mask, 0), raw, zerosLike(raw)),
        observed: mask,
      };
    });
    const { x, observed } = graph.features(channels, {
      windowS,
      onsetS: one(signal.onsetS),
      endS: one(signal.endS),
    });
    out = { x: Float32Array.from(x.dataSync()), observed: Float32Array.from(observed.dataSync()) };
  });
  return out;
}

/** The largest difference over the windows asked for; a window that is observed in one form only counts as infinite. */
function difference(
  front: Front,
  source: SignalSource,
  grid: WindowGrid,
  windows: readonly number[],
): number {
  const graph = graphOf(front.name);
  const table = extract(front, source, grid);
  const width = table.x.length / grid.count;
  let largest = 0;
  for (const window of windows) {
    const signal = signalFor(graph, source, grid.windowS, windowOnsetS(grid, window));
    const found = graphFeatures(graph, source, grid.windowS, signal);
    expect(found.x).toHaveLength(width);
    for (let i = 0; i < width; i += 1) {
      const at = window * width + i;
      if (found.observed[i] !== table.observed[at]) return Infinity;
      largest = Math.max(largest, Math.abs((found.x[i] as number) - (table.x[at] as number)));
    }
  }
  return largest;
}

interface Shape {
  readonly seed: number;
  readonly seconds: number;
  readonly bursts: number;
  readonly burstS: number;
}

/** Noise with unobserved stretches; what lies in them is not a number, or far away. */
function channelOf(
  facts: Channel["facts"],
  rate: number,
  { seed, seconds, bursts, burstS }: Shape,
  value: (i: number, noise: () => number) => number,
): Channel {
  const random = seededRandom(seed, facts.label.length + rate);
  const length = Math.round(seconds * rate);
  const observed = new Uint8Array(length).fill(1);
  for (let burst = 0; burst < bursts; burst += 1) {
    const from = random.below(length);
    observed.fill(0, from, from + 1 + random.below(Math.ceil(burstS * rate)));
  }
  const values = Float32Array.from({ length }, (_, i) => {
    const found = value(i, () => random.normal());
    return observed[i] === 1 ? found : i % 2 === 0 ? Number.NaN : 1e6;
  });
  return { facts, rate, values, observed };
}

const seeds = fc.nat(1e6);
const frontNamed = (name: string): Front => fronts.find((front) => front.name === name) as Front;

test("a front has a form that a model file can hold, or is refused by its name", () => {
  const refused = ["emg-envelope", "emg-pattern", "raw-window"]; // recursive filters that wait through gaps, and levels of a whole recording
  for (const { name } of fronts) if (!refused.includes(name)) expect(graphOf(name).front).toBe(name);
  for (const name of [...refused, "spectrogram"])
    expect(() => graphOf(name)).toThrow(
      expect.objectContaining({
        code: "model/cannot-export",
        message: expect.stringContaining(name) as string,
      }) as Error,
    );
});

describe("emg-amplitude in tensors", () => {
  test("is what the front computes, whatever the window, rate, unit, converter and mask", () => {
    const units = fc.constantFrom("uV", "mV", "V", "counts");
    const types = fc.constantFrom("int16" as const, "float32" as const);
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom(100, 200, 1000, 1926),
        fc.constantFrom(0.1, 0.26, 0.5),
        units,
        types,
        fc.nat(12),
        (seed, rate, windowS, unit, sampleType, bursts) => {
          const shape = { seed, seconds: 3, bursts, burstS: 2 * windowS };
          const channels = ["EMG1", "EMG12", "EMG123"].map((label, c) =>
            channelOf(
              { label, role: "emg", unit, sampleType, gain: 0.5 },
              rate,
              shape,
              (_i, noise) => 3 * c + 10 ** (c - 1) * noise(),
            ),
          );
          const source = sourceOf(channels);
          const grid = windowGrid(source.durationS, windowS, windowS / 2);
          // A last window may reach past the end by a sample.
          const windows = Array.from({ length: grid.count - 1 }, (_, n) => n);
          expect(difference(frontNamed("emg-amplitude"), source, grid, windows)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("window-mean in tensors", () => {
  test("is what the front computes for windows that begin on a sample, channels of different rates included", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom([50, 50], [100, 20], [12, 5], [256, 1000]),
        fc.constantFrom([2, 1] as const, [2.5, 5] as const, [15, 3] as const),
        fc.nat(12),
        (seed, rates, [windowS, strideS], bursts) => {
          const shape = { seed, seconds: 4 * windowS, bursts, burstS: windowS };
          const channels = rates.map((rate, c) =>
            channelOf(
              { label: "x".repeat(c + 1), role: "other", unit: "" },
              rate,
              shape,
              (_i, noise) => 5 + noise(),
            ),
          );
          const source = sourceOf(channels);
          const grid = windowGrid(source.durationS, windowS, strideS);
          const windows = Array.from({ length: grid.count }, (_, n) => n);
          expect(difference(frontNamed("window-mean"), source, grid, windows)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("ctg-deviation in tensors", () => {
  const fhr = { label: "FHR", unit: "bpm", role: "fhr" } as const;
  const uc = { label: "UC", unit: "", role: "uc" } as const;
  const ctg = (shape: Shape, rates: readonly [number, number]): SignalSource =>
    sourceOf([
      channelOf(fhr, rates[0], shape, (i, noise) =>
        i % (97 * rates[0]) < rates[0] ? 30 : 138 + 15 * Math.sin(i / (40 * rates[0])) + 4 * noise(),
      ),
      channelOf(uc, rates[1], { ...shape, seed: shape.seed + 1 }, (i, noise) =>
        i % (600 * rates[1]) < 90 * rates[1]
          ? 7 // a belt that lost contact
          : 12 + 30 * Math.max(0, Math.sin(i / (35 * rates[1]))) + Math.round(noise()),
      ),
    ]);

  test("is what the front computes at every place of a recording, its ends included", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom([4, 4], [4, 1], [2, 4]),
        fc.constantFrom(60, 120),
        fc.constantFrom(10, 7.5, 15),
        fc.integer({ min: 150, max: 3000 }),
        fc.nat(3),
        (seed, rates, windowS, strideS, seconds, quarter) => {
          const source = ctg(
            { seed, seconds: seconds + quarter / 4, bursts: 14, burstS: 60 },
            rates as [number, number],
          );
          const grid = windowGrid(source.durationS, windowS, strideS);
          const random = seededRandom(seed, 5);
          const windows = [0, grid.count - 1, random.below(grid.count)];
          expect(difference(frontNamed("ctg-deviation"), source, grid, windows)).toBeLessThan(2e-5);
        },
      ),
      { numRuns: 4 },
    );
  }, 120_000);

  test("without a toco channel its rows say that there is none", () => {
    const whole = ctg({ seed: 3, seconds: 700, bursts: 5, burstS: 30 }, [4, 4]);
    const alone: SignalSource = { ...whole, channels: whole.channels.slice(0, 1) };
    const grid = windowGrid(alone.durationS, 120, 60);
    expect(difference(frontNamed("ctg-deviation"), alone, grid, [0, 4])).toBeLessThan(2e-5);
  });

  test("behind a gap longer than its context the level is unknown, where the front takes it from farther away", () => {
    const source = ctg({ seed: 4, seconds: 4000, bursts: 0, burstS: 1 }, [4, 4]);
    const read: SignalSource["read"] = (channel, first, count) => {
      const found = source.read(channel, first, count);
      // Signal in the first ten minutes, then only twenty seconds at 3000 s.
      const observed = found.observed.map((_, i) => {
        const s = (first + i) / 4;
        return s < 600 || (s >= 3000 && s < 3020) ? 1 : 0;
      });
      return { values: found.values, observed };
    };
    const sparse = { ...source, read };
    const front = frontNamed("ctg-deviation");
    const grid = windowGrid(sparse.durationS, 120, 60);
    const window = 49; // 2940 s to 3060 s
    const { columns, width } = front.layout([], 120);
    const table = extract(front, sparse, grid);
    const found = graphFeatures(
      graphOf(front.name),
      sparse,
      120,
      signalFor(graphOf(front.name), sparse, 120, 2940),
    );
    const at = 15; // its column from 3000 s on
    expect(table.observed[window * width + at]).toBe(1);
    expect(found.observed[at]).toBe(0);
    expect(found.observed[2 * columns + at]).toBe(1); // against 140 bpm nothing needs to be known
    expect(found.x[2 * columns + at]).toBeCloseTo(table.x[window * width + 2 * columns + at] as number, 5);
  });

  test("a rate that is no whole number of samples a second is refused", () => {
    expect(() => graphOf("ctg-deviation").samples(120, 2.5)).toThrow(/2.5 Hz has no exact form/);
  });
});
