import { butterworth, CausalFilter } from "../../signal/iir.ts";
import { sortedQuantile } from "../../signal/quantile.ts";
import { sampleAt, windowEnd, windowOnsetS, type WindowGrid } from "../../signal/window.ts";
import { MIN_OBSERVED, scaleOf } from "./emg-amplitude.ts";
import { emptyTable, type FeatureTable, type Front, type FrontLayout, type SignalSource } from "./front.ts";

/** Seconds before a window after which what the filter began with is forgotten (to 2e-10 of it). */
const PAST_S = 1;
const EDGE_HZ = 5;
const CHUNK_WINDOWS = 256;

const lowPass = (rate: number): CausalFilter =>
  new CausalFilter(
    butterworth({ kind: "low-pass", order: 2, hz: Math.min(EDGE_HZ, 0.2 * rate) }, rate),
    rate,
  );

/** Mean of the observed values; 0 where there is none. */
function meanOf(values: Float32Array, observed: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    if (observed[i] !== 1) continue;
    sum += values[i] ?? 0;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** A recording's electrode through the filter: |x − mean| smoothed, never below 0, after each sample. */
function* envelope(values: Float32Array, observed: Uint8Array, rate: number): Generator<number> {
  const filter = lowPass(rate);
  const mean = meanOf(values, observed);
  let last = NaN;
  for (let i = 0; i < values.length; i += 1) {
    if (observed[i] === 1) last = Math.max(0, filter.next(Math.abs((values[i] ?? 0) - mean)));
    else filter.skip(1);
    yield last;
  }
}

/** The envelope at the end of values whose last `own` are the window; NaN where too few of those are observed. */
function atEnd(values: Float32Array, observed: Uint8Array, own: number, rate: number): number {
  let count = 0;
  for (let i = Math.max(0, values.length - own); i < values.length; i += 1) count += observed[i] ?? 0;
  if (count < MIN_OBSERVED * own) return NaN;
  let last = NaN;
  for (const value of envelope(values, observed, rate)) last = value;
  return last;
}

/**
 * Envelopes in microvolts at the end of each window, [windows x electrodes]; NaN where unobserved. Each is worked out from
 * the window and the second before it, so that it does not matter how a stream is cut. Yields windows done.
 */
function* envelopes(source: SignalSource, grid: WindowGrid): Generator<number, Float64Array> {
  const electrodes = source.channels.length;
  const found = new Float64Array(grid.count * electrodes).fill(NaN);
  for (let from = 0; from < grid.count; from += CHUNK_WINDOWS) {
    const to = Math.min(grid.count, from + CHUNK_WINDOWS);
    source.channels.forEach((channel, electrode) => {
      const { sampleRate: rate } = channel;
      const first = Math.max(0, sampleAt(windowOnsetS(grid, from) - PAST_S, rate));
      const { values, observed } = source.read(electrode, first, windowEnd(grid, to - 1, rate) - first);
      for (let window = from; window < to; window += 1) {
        const onsetS = windowOnsetS(grid, window);
        const begin = Math.max(0, sampleAt(onsetS - PAST_S, rate)) - first;
        const own = Math.round(grid.windowS * rate);
        const end = sampleAt(onsetS, rate) + own - first;
        // What was missed after the recording's end counts as unobserved.
        const missed = Math.max(0, end - values.length);
        const level =
          missed > (1 - MIN_OBSERVED) * own
            ? NaN
            : atEnd(values.subarray(begin, end), observed.subarray(begin, end), own, rate);
        found[window * electrodes + electrode] = level * scaleOf(channel).factor;
      }
    });
    yield to;
  }
  return found;
}

const layoutOf = (rows: readonly string[], windowS: number): FrontLayout => ({
  ...{ width: rows.length, rows, columns: 1, columnS: windowS },
  ...{ scaling: "each", maskInputs: true, ring: undefined, isAdaptable: false },
});

/**
 * The level of each electrode at the end of the window: rectified, then smoothed by a causal Butterworth low-pass of second
 * order at 5 Hz. Skewed, as a model that bends its inputs expects them; no logarithm is taken.
 */
export const emgEnvelope: Front = {
  name: "emg-envelope",
  mayScale: true,
  looksBeyond: false,
  pastS: PAST_S,
  layout: (labels, windowS) =>
    layoutOf(
      labels.map((label) => `${label} envelope`),
      windowS,
    ),
  *extract(source, grid) {
    const table = emptyTable(grid.count, source.channels.length);
    const found = yield* envelopes(source, grid);
    found.forEach((level, at) => put(table, at, level));
    return table;
  },
};

function put(table: FeatureTable, at: number, value: number): void {
  if (Number.isNaN(value)) return;
  table.x[at] = value;
  table.observed[at] = 1;
}

/**
 * How the activity is shared out among the electrodes, and how much there is of it: levels above rest as shares of their
 * sum, of which the last says nothing more and is left out, then their mean. Without any activity shares are unobserved.
 * Rest is the level that an electrode falls below for a twentieth of the recording, so the whole of it has to be there.
 */
export const emgPattern: Front = {
  name: "emg-pattern",
  mayScale: true,
  looksBeyond: true,
  layout: (labels, windowS) =>
    layoutOf([...labels.slice(0, -1).map((label) => `${label} share`), "Force (µV)"], windowS),
  *extract(source, grid) {
    const electrodes = source.channels.length;
    const table = emptyTable(grid.count, electrodes);
    const rest = yield* restOf(source);
    const found = yield* envelopes(source, grid);
    for (let window = 0; window < grid.count; window += 1) {
      const at = window * electrodes;
      const above = Array.from(found.subarray(at, at + electrodes), (level, i) =>
        // NaN, where the electrode is unobserved, stays
        level <= (rest[i] ?? 0) ? 0 : level - (rest[i] ?? 0),
      );
      const sum = above.reduce((a, b) => a + b, 0);
      above.slice(0, -1).forEach((level, i) => put(table, at + i, sum > 0 ? level / sum : NaN));
      put(table, at + electrodes - 1, sum / electrodes);
    }
    return table;
  },
};

const REST_SHARE = 0.05;
const REST_EVERY_S = 0.1;
const REST_CHUNK_S = 60;

/** The resting level of each electrode in microvolts; 0 where nothing is observed. Yields 0 now and then. */
function* restOf(source: SignalSource): Generator<number, readonly number[]> {
  const levels: number[] = [];
  for (const [electrode, channel] of source.channels.entries()) {
    const { sampleRate: rate, sampleCount } = channel;
    const step = Math.max(1, Math.round(REST_EVERY_S * rate));
    const chunk = Math.max(step, Math.round(REST_CHUNK_S * rate));
    const found: number[] = [];
    for (let from = 0; from < sampleCount; from += chunk) {
      const { values, observed } = source.read(electrode, from, Math.min(chunk, sampleCount - from));
      let i = 0;
      for (const level of envelope(values, observed, rate)) {
        if (i % step === step - 1 && observed[i] === 1) found.push(level);
        i += 1;
      }
      yield 0;
    }
    const rest = sortedQuantile(Float64Array.from(found).sort(), found.length, REST_SHARE);
    levels.push(Number.isNaN(rest) ? 0 : rest * scaleOf(channel).factor);
  }
  return levels;
}
