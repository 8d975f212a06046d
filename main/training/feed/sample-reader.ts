import { sampleAt, windowOnsetS, type WindowGrid } from "../../signal/window.ts";
import { seededRandom, shuffle } from "../../models/random.ts";
import { spanOf, type Stretch, type WindowIndex } from "./window-index.ts";

/** Brings a channel's samples to the network's range: (value - mean) * scale, 0 where unobserved. */
export interface ChannelScale {
  readonly mean: number;
  readonly scale: number;
}

/** Samples of one stretch, scaled. */
interface Loaded {
  readonly first: number; // sample
  readonly values: readonly Float32Array[]; // by channel
  readonly observed: readonly Uint8Array[];
}

/** Standard deviation of the samples after scaling, as that of features. */
const INPUT_SD = 0.4;
/** Stretches that tell a channel's mean and spread. */
const SCALE_STRETCHES = 64;

/**
 * Copies windows of samples out of the library. The stretches used last stay in memory, a bounded number of them, so
 * that windows asked for nearby cost one read.
 */
export class SampleReader {
  readonly #index: WindowIndex;
  readonly #scales: readonly ChannelScale[];
  readonly #kept: number;
  readonly #loaded = new Map<number, Loaded>(); // least recently used first

  constructor(index: WindowIndex, scales: readonly ChannelScale[], kept: number) {
    this.#index = index;
    this.#scales = scales;
    this.#kept = kept;
  }

  /** Writes row `row` of the index as [rows x columns] at `at`; both arrays hold 0 there before. */
  copy(row: number, x: Float32Array, observed: Float32Array, at: number): void {
    const { columns, window, stretch, sampleRate } = this.#index;
    const grid = gridOf(this.#index, stretch[row] as number);
    const { first, values, observed: seen } = this.#at(stretch[row] as number);
    const from = sampleAt(windowOnsetS(grid, window[row] as number), sampleRate) - first;
    values.forEach((own, channel) => {
      x.set(own.subarray(from, from + columns), at + channel * columns);
      observed.set((seen[channel] as Uint8Array).subarray(from, from + columns), at + channel * columns);
    });
  }

  #at(number: number): Loaded {
    const known = this.#loaded.get(number);
    this.#loaded.delete(number);
    const loaded = known ?? scaled(load(this.#index, number), this.#scales);
    this.#loaded.set(number, loaded);
    for (const oldest of this.#loaded.keys()) {
      if (this.#loaded.size <= this.#kept) break;
      this.#loaded.delete(oldest);
    }
    return loaded;
  }
}

const gridOf = ({ grids, stretches }: WindowIndex, stretch: number): WindowGrid =>
  grids[(stretches[stretch] as Stretch).recording] as WindowGrid;

function load(index: WindowIndex, number: number): Loaded {
  const stretch = index.stretches[number] as Stretch;
  const [fromS, toS] = spanOf(stretch, gridOf(index, number));
  const first = sampleAt(fromS, index.sampleRate);
  const count = sampleAt(toS, index.sampleRate) - first;
  const source = index.sources[stretch.recording];
  const spans = source ? source.channels.map((_, channel) => source.read(channel, first, count)) : [];
  return {
    first,
    values: spans.map(({ values }) => values),
    observed: spans.map(({ observed }) => observed),
  };
}

/** In place. */
function scaled(loaded: Loaded, scales: readonly ChannelScale[]): Loaded {
  loaded.values.forEach((values, channel) => {
    const { mean, scale } = scales[channel] as ChannelScale;
    const observed = loaded.observed[channel] as Uint8Array;
    for (let i = 0; i < values.length; i += 1)
      values[i] = observed[i] === 1 ? ((values[i] as number) - mean) * scale : 0;
  });
  return loaded;
}

/** From the observed samples of some stretches, drawn by seed: a day of signal tells no more than half an hour of it. */
export function channelScales(index: WindowIndex, seed: number): ChannelScale[] {
  const drawn = shuffle(Int32Array.from(new Set(index.stretch)), seededRandom(seed, 303));
  const sums = Array.from({ length: index.rows }, () => ({ count: 0, sum: 0, squares: 0 }));
  for (const number of drawn.subarray(0, SCALE_STRETCHES)) {
    const { values, observed } = load(index, number);
    values.forEach((own, channel) => {
      const total = sums[channel] as (typeof sums)[number];
      own.forEach((value, i) => {
        if (observed[channel]?.[i] !== 1) return;
        total.count += 1;
        total.sum += value;
        total.squares += value * value;
      });
    });
  }
  return sums.map(({ count, sum, squares }) => {
    const mean = sum / Math.max(1, count);
    const variance = squares / Math.max(1, count) - mean * mean;
    return { mean, scale: variance > 0 ? INPUT_SD / Math.sqrt(variance) : 1 };
  });
}
