import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { butterworth, CausalFilter } from "../../signal/iir.ts";
import { sampleAt, windowGrid, windowOnsetS, type WindowGrid } from "../../signal/window.ts";
import { seededRandom } from "../random.ts";
import { emptyTable, type FeatureTable, type Front, type SignalSource, type SourceChannel } from "./front.ts";
import { chooseFront, fronts } from "./registry.ts";

type Facts = Partial<Omit<SourceChannel, "sampleCount" | "sampleRate">>;
interface Channel {
  readonly facts?: Facts;
  readonly rate: number;
  readonly values: Float32Array;
  readonly observed?: Uint8Array;
}

/** Recorded samples as a front reads them: clipped to the channel's end. */
function sourceOf(channels: readonly Channel[]): SignalSource {
  return {
    durationS: Math.max(...channels.map(({ values, rate }) => values.length / rate)),
    channels: channels.map(({ facts, rate, values }, i) => ({
      label: `EMG${i + 1}`,
      unit: "uV",
      role: "emg",
      sampleType: "float32",
      gain: 1,
      offset: 0,
      ...facts,
      sampleRate: rate,
      sampleCount: values.length,
    })),
    read(channel, first, count) {
      const { values, observed } = channels[channel] as Channel;
      const found = values.slice(first, first + count);
      return {
        values: found,
        observed: observed?.slice(first, first + count) ?? new Uint8Array(found.length).fill(1),
      };
    },
  };
}

function extract(front: Front, channels: readonly Channel[], grid: WindowGrid): FeatureTable {
  const steps = front.extract(sourceOf(channels), grid);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    expect(step.value).toBeLessThanOrEqual(grid.count);
  }
}

const wave = (length: number, value: (i: number) => number): Float32Array =>
  Float32Array.from({ length }, (_, i) => value(i));

const fhr = { label: "FHR", unit: "bpm", role: "fhr" } as const;
const uc = { label: "UC", unit: "", role: "uc" } as const;

const cases = {
  "emg-amplitude": {
    windowS: 0.5,
    strideS: 0.25,
    rate: 100,
    seconds: 10,
    facts: [{}, {}] as Facts[],
    level: 0,
    sd: 20,
  },
  "emg-envelope": {
    ...{ windowS: 0.5, strideS: 0.25, rate: 100, seconds: 10 },
    ...{ facts: [{}, {}] as Facts[], level: 0, sd: 20 },
  },
  "emg-pattern": {
    ...{ windowS: 0.5, strideS: 0.25, rate: 100, seconds: 10 },
    ...{ facts: [{}, {}] as Facts[], level: 0, sd: 20 },
  },
  "ctg-deviation": {
    windowS: 120,
    strideS: 60,
    rate: 4,
    seconds: 900,
    facts: [fhr, uc] as Facts[],
    level: 140,
    sd: 8,
  },
  "window-mean": {
    windowS: 2,
    strideS: 1,
    rate: 50,
    seconds: 20,
    facts: [{}, {}] as Facts[],
    level: 5,
    sd: 3,
  },
  "raw-window": {
    windowS: 0.5,
    strideS: 0.25,
    rate: 100,
    seconds: 10,
    facts: [{}, {}] as Facts[],
    level: 700,
    sd: 20,
  },
};

describe.each(fronts)("the front $name", (front) => {
  const { windowS, strideS, rate, seconds, facts, level, sd } = cases[front.name as keyof typeof cases];
  const grid = windowGrid(seconds, windowS, strideS);
  const layout = front.layout(["EMG1", "EMG2"], windowS);

  /** Stretches of noise, of which some are unobserved. */
  const recording = (seed: number, hidden: (i: number) => number): Channel[] =>
    facts.map((own, channel) => {
      const random = seededRandom(seed, channel);
      const length = seconds * rate;
      const observed = new Uint8Array(length).fill(1);
      for (let burst = 0; burst < 4; burst += 1) {
        const from = random.below(length);
        observed.fill(0, from, from + 1 + random.below(Math.round(2 * windowS * rate)));
      }
      const values = wave(length, (i) => {
        const value = level + sd * random.normal();
        return observed[i] === 1 ? value : hidden(i);
      });
      return { facts: own, rate, values, observed };
    });

  test("says rows times columns inputs for each window and gives as many", () => {
    expect(layout.width).toBe(layout.rows.length * layout.columns);
    const table = extract(
      front,
      recording(1, () => 0),
      grid,
    );
    expect(table.x.length).toBe(grid.count * layout.width);
    expect(table.observed.length).toBe(grid.count * layout.width);
    expect(table.observed.some((seen) => seen === 1)).toBe(true);
  });

  test("gives the same inputs whatever lies in unobserved samples", () => {
    fc.assert(
      fc.property(fc.nat(1e5), (seed) => {
        const plain = extract(
          front,
          recording(seed, () => 0),
          grid,
        );
        const spoiled = extract(
          front,
          recording(seed, (i) => (i % 3 === 0 ? Number.NaN : 1e6)),
          grid,
        );
        expect(spoiled).toEqual(plain);
      }),
      { numRuns: 12 },
    );
  });

  test("is finite, and 0 where it observed nothing", () => {
    const { x, observed } = extract(
      front,
      recording(2, () => Number.NaN),
      grid,
    );
    x.forEach((v, at) => {
      expect(Number.isFinite(v)).toBe(true);
      if (observed[at] === 0) expect(v).toBe(0);
    });
    const nothing = recording(3, () => 0).map((channel) => ({
      ...channel,
      observed: new Uint8Array(channel.values.length),
    }));
    const blank = extract(front, nothing, grid);
    const isMask = (at: number): boolean =>
      (layout.rows[Math.floor((at % layout.width) / layout.columns)] as string).endsWith("present");
    blank.observed.forEach((seen, at) => expect(seen).toBe(isMask(at) ? 1 : 0));
    expect(blank.x.every((v) => v === 0)).toBe(true);
  });
});

describe("EMG amplitudes", () => {
  const front = chooseFront("emg-amplitude", []);
  const grid = windowGrid(2, 1, 1);
  // Mean 7, |x − 7| = 4, |dx| = 8: in counts of 0.5 uV, or whatever the unit says.
  const square = wave(200, (i) => (i % 2 === 0 ? 3 : 11));

  test("are ln(mean |x − mean| + 0.1) of each electrode, then ln(mean |dx| + 0.1) of each", () => {
    const flat = wave(200, () => 5);
    const { x } = extract(
      front,
      [
        { rate: 100, values: square },
        { rate: 100, values: flat },
      ],
      grid,
    );
    const window = [Math.log(4.1), Math.log(0.1), Math.log(8.1), Math.log(0.1)];
    expect(x).toEqual(Float32Array.from([...window, ...window]));
    expect(front.layout(["a", "b"], 1).rows).toEqual(["a amplitude", "b amplitude", "a slope", "b slope"]);
  });

  test("are in microvolts whatever the unit, with a floor of a tenth of the converter's step", () => {
    const volts = wave(200, (i) => (square[i] as number) * 1e-6);
    const { x } = extract(front, [{ rate: 100, values: volts, facts: { unit: "V" } }], grid);
    expect(x[0]).toBeCloseTo(Math.log(4.1), 5);
    const counts = extract(
      front,
      [{ rate: 100, values: square, facts: { unit: "uV", sampleType: "int16", gain: 0.5 } }],
      grid,
    );
    expect(counts.x[0]).toBeCloseTo(Math.log(4.05), 6);
  });

  test("of an electrode observed for less than 30 % of a window are unobserved", () => {
    const observed = Uint8Array.from({ length: 200 }, (_, i) => (i % 100 < 29 || i >= 100 ? 1 : 0));
    const table = extract(front, [{ rate: 100, values: square, observed }], grid);
    expect([...table.observed]).toEqual([0, 0, 1, 1]);
  });

  test("count what an electrode missed of a window after its recording ended", () => {
    const whole = { rate: 100, values: square };
    const tables = [29, 30].map((more) =>
      extract(front, [whole, { rate: 100, values: square.slice(0, 100 + more) }], grid),
    );
    expect(tables.map(({ observed }) => [...observed.subarray(4)])).toEqual([
      [1, 0, 1, 0],
      [1, 1, 1, 1],
    ]);
  });

  test("come from a bracelet only where at least six electrodes are numbered in a row under one name", () => {
    const numbered = (n: number, from = 1): string[] => Array.from({ length: n }, (_, i) => `EMG${from + i}`);
    const ring = (labels: readonly string[]) => front.layout(labels, 1).ring;
    expect(ring(numbered(8))).toMatchObject({ electrodes: 8, blocks: 2 });
    expect(ring(numbered(8, 0))).toMatchObject({ electrodes: 8, blocks: 2 });
    expect(ring(numbered(5))).toBeUndefined();
    expect(ring([...numbered(7), "EMG9"])).toBeUndefined();
    expect(ring(["biceps", "triceps", "deltoid", "flexor", "extensor", "soleus"])).toBeUndefined();
  });
});

describe("EMG envelopes", () => {
  const front = chooseFront("emg-envelope", []);
  const rate = 200;
  const random = seededRandom(4);
  const size = wave(20 * rate, (i) => (10 + 9 * Math.sin(i / 300)) * Math.abs(random.normal()));
  const noise = size.map((v, i) => (i % 2 === 0 ? v : -(size[i - 1] as number))); // of mean 0
  test("are the rectified signal smoothed through the whole recording, at the end of each window", () => {
    const grid = windowGrid(20, 0.26, 0.13);
    const { x } = extract(front, [{ rate, values: noise }], grid);
    const filter = new CausalFilter(butterworth({ kind: "low-pass", order: 2, hz: 5 }, rate), rate);
    const smooth = Float64Array.from(noise, (v) => filter.next(Math.abs(v)));
    for (let window = 20; window < grid.count; window += 1) {
      const end = sampleAt(windowOnsetS(grid, window), rate) + 52;
      const own = smooth[end - 1] as number;
      expect(Math.abs((x[window] as number) - own)).toBeLessThan(0.02 * own + 0.1);
    }
  });

  test("are the same for windows asked for alone", () => {
    const all = extract(front, [{ rate, values: noise }], windowGrid(20, 0.26, 0.13));
    const some = extract(front, [{ rate, values: noise }], {
      windowS: 0.26,
      strideS: 0.13,
      count: 5,
      first: 60,
    });
    expect(some.x).toEqual(all.x.slice(60, 65));
  });

  test("in shares add up to less than one by what the last electrode has, and are none at rest; force is their mean", () => {
    const pattern = chooseFront("emg-pattern", []);
    const active = (s: number): boolean => s > 10;
    // Square waves: an electrode's envelope is its amplitude. At rest 2, then 8, 5 and 5.
    const electrode = (level: number) => ({
      rate,
      values: wave(20 * rate, (i) => (i % 2 === 0 ? 1 : -1) * (active(i / rate) ? level : 2)),
    });
    const grid = windowGrid(20, 0.5, 0.5);
    const { x, observed } = extract(pattern, [electrode(8), electrode(5), electrode(5)], grid);
    const last = x.subarray(3 * (grid.count - 1));
    expect(last[0]).toBeCloseTo(0.5, 3);
    expect(last[1]).toBeCloseTo(0.25, 3);
    expect(last[2]).toBeCloseTo(4, 2);
    expect([...observed.subarray(-3)]).toEqual([1, 1, 1]);
    expect(x[3 * 4 + 2]).toBeCloseTo(0, 2);
    const silent = { rate, values: new Float32Array(20 * rate) };
    const none = extract(pattern, [silent, silent, silent], grid);
    expect([...none.observed.subarray(0, 3)]).toEqual([0, 0, 1]);
    expect(none.x.every((v) => v === 0)).toBe(true);
    expect(pattern.layout(["a", "b", "c"], 1).rows).toEqual(["a share", "b share", "Force (µV)"]);
  });
});

describe("CTG deviations", () => {
  const front = chooseFront("ctg-deviation", []);
  const grid = windowGrid(1200, 240, 60);
  const columns = 60;
  const signal = (seconds: number, value: (s: number) => number): Float32Array =>
    wave(seconds * 4, (i) => value(i / 4));
  const rate = signal(1200, (s) => (s >= 600 && s < 630 ? 170 : 130));
  const toco = (s: number): number => 10 + 40 * Math.max(0, Math.sin(s / 40)) + Math.sin(3 * s);
  const pressure = signal(1200, toco);
  const table = extract(
    front,
    [
      { facts: fhr, rate: 4, values: rate },
      { facts: uc, rate: 4, values: pressure },
    ],
    grid,
  );
  const at = (window: number, row: number, column: number): number =>
    table.x[window * 7 * columns + row * columns + column] as number;

  test("lay out seven rows of 4 s: an acceleration shows in its own columns", () => {
    const window = 8; // 480 s to 720 s: 600 s is column 30
    for (const row of [0, 1]) {
      expect(at(window, row, 29)).toBeCloseTo(0, 5);
      expect(at(window, row, 31)).toBeCloseTo(2, 5); // 40 bpm of 20
      expect(at(window, row, 45)).toBeCloseTo(0, 5);
    }
    expect(at(window, 2, 29)).toBeCloseTo(-10 / 40, 5);
    expect(at(window, 2, 31)).toBeCloseTo(30 / 40, 5);
    expect(at(window, 3, 31)).toBe(1);
    const seconds = Array.from({ length: 16 }, (_, i) => toco(480 + i / 4));
    const mean = seconds.reduce((a, b) => a + b, 0) / 16;
    expect(at(window, 5, 0)).toBeCloseTo((mean - 30) / 30, 5);
    expect(at(window, 6, 0)).toBe(1);
  });

  test("find the heart rate and the contractions by role, in any order", () => {
    const swapped = extract(
      front,
      [
        { facts: uc, rate: 4, values: pressure },
        { facts: fhr, rate: 4, values: rate },
      ],
      grid,
    );
    expect(swapped).toEqual(table);
    expect(() => extract(front, [{ facts: uc, rate: 4, values: pressure }], grid)).toThrow(
      expect.objectContaining({ code: "model/wrong-channels" }) as Error,
    );
  });

  test("do without contractions, and say so in the mask row", () => {
    const alone = extract(front, [{ facts: fhr, rate: 4, values: rate }], grid);
    const row = (of: FeatureTable, r: number) => of.x.subarray(r * columns, (r + 1) * columns);
    expect(row(alone, 0)).toEqual(row(table, 0));
    expect(row(alone, 6).every((v) => v === 0)).toBe(true);
    expect(alone.observed.subarray(4 * columns, 6 * columns).every((seen) => seen === 0)).toBe(true);
  });

  test("do not believe 300 bpm, a run of under 5 s, or a toco that does not move for a minute", () => {
    const odd = signal(1200, (s) => (s >= 240 && s < 300 ? 300 : 130));
    const short = Uint8Array.from(odd, (_, i) =>
      i >= 4 * 360 && i < 4 * 420 && !(i >= 4 * 388 && i < 4 * 391) ? 0 : 1,
    );
    const stuck = signal(1200, (s) => (s >= 480 && s < 600 ? 20 : toco(s)));
    const { x } = extract(
      front,
      [
        { facts: fhr, rate: 4, values: odd, observed: short },
        { facts: uc, rate: 4, values: stuck },
      ],
      windowGrid(1200, 240, 240),
    );
    const mask = (row: number, s: number): number =>
      x[Math.floor(s / 240) * 7 * columns + row * columns + Math.floor((s % 240) / 4)] as number;
    expect([mask(3, 236), mask(3, 240), mask(3, 296), mask(3, 300)]).toEqual([1, 0, 0, 1]);
    expect(mask(3, 388)).toBe(0);
    expect([mask(6, 470), mask(6, 484), mask(6, 596), mask(6, 608)]).toEqual([1, 0, 0, 1]);
  });
});

describe("window means", () => {
  test("are the means of ten equal parts of each channel, channel by channel", () => {
    const front = chooseFront("window-mean", []);
    const ramp = wave(100, (i) => i);
    const down = wave(100, (i) => -i);
    const { x, observed } = extract(
      front,
      [
        { rate: 10, values: ramp },
        { rate: 10, values: down },
      ],
      windowGrid(10, 5, 5),
    );
    const first = Array.from({ length: 10 }, (_, part) => 5 * part + 2);
    expect([...x.subarray(0, 20)]).toEqual([...first, ...first.map((v) => -v)]);
    expect([...x.subarray(20, 30)]).toEqual(first.map((v) => v + 50));
    expect(observed.every((seen) => seen === 1)).toBe(true);
  });
});

describe("the choice of a front", () => {
  test("goes by kind, by means where kinds are mixed, and by name where one is given", () => {
    expect(chooseFront("auto", ["emg", "emg"]).name).toBe("emg-amplitude");
    expect(chooseFront("auto", ["ctg"]).name).toBe("ctg-deviation");
    expect(chooseFront("auto", ["other"]).name).toBe("window-mean");
    expect(chooseFront("auto", ["ctg", "emg"]).name).toBe("window-mean");
    expect(chooseFront("window-mean", ["emg"]).name).toBe("window-mean");
    expect(() => chooseFront("wavelet", ["emg"])).toThrow(
      /emg-amplitude, emg-envelope, emg-pattern, ctg-deviation, window-mean/,
    );
  });
});

test("more windows than a machine can hold are refused before memory is taken for them", () => {
  expect(() => emptyTable(86_400_000, 16)).toThrow(
    /86400000 windows of 16 inputs in one recording are more than/,
  );
  expect(emptyTable(3, 2)).toEqual({ x: new Float32Array(6), observed: new Uint8Array(6) });
});
