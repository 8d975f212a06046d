import { sampleAt, windowOnsetS } from "../../signal/window.ts";
import { emptyTable, type Front, type SignalSource } from "./front.ts";

/** Points a second, and the least and most in a window, whatever the recording's rate: a network has one width. */
const POINTS_S = 200;
const LEAST = 20;
const MOST = 200;
const CHUNK_WINDOWS = 256;
const CHUNK_SAMPLES = 1 << 20;

const pointsOf = (windowS: number): number => Math.max(LEAST, Math.min(MOST, Math.round(POINTS_S * windowS)));

/** Mean and standard deviation of the observed samples of a whole channel; 1 where nothing varies. */
function levelOf(source: SignalSource, channel: number): { readonly mean: number; readonly sd: number } {
  const total = source.channels[channel]?.sampleCount ?? 0;
  let [count, mean, squares] = [0, 0, 0];
  for (let first = 0; first < total; first += CHUNK_SAMPLES) {
    const { values, observed } = source.read(channel, first, Math.min(CHUNK_SAMPLES, total - first));
    for (let i = 0; i < values.length; i += 1) {
      if (observed[i] !== 1) continue;
      const value = values[i] ?? 0;
      const apart = value - mean;
      count += 1;
      mean += apart / count;
      squares += apart * (value - mean);
    }
  }
  const sd = Math.sqrt(squares / Math.max(1, count));
  return { mean, sd: sd > 0 ? sd : 1 };
}

/**
 * The samples themselves, each channel brought to mean 0 and variance 1 over its recording, with their masks. Of signals
 * faster than the points of a window it picks one sample a point and does not average: an average of a muscle's signal
 * is next to nothing.
 */
export const rawWindow: Front = {
  name: "raw-window",
  mayScale: false,
  looksBeyond: true,
  layout(labels, windowS) {
    const columns = pointsOf(windowS);
    return {
      width: labels.length * columns,
      rows: labels,
      columns,
      columnS: windowS / columns,
      scaling: "none",
      maskInputs: true,
      ring: undefined,
      isAdaptable: false,
    };
  },
  *extract(source, grid) {
    const columns = pointsOf(grid.windowS);
    const width = source.channels.length * columns;
    const table = emptyTable(grid.count, width);
    const levels = source.channels.map((_, row) => levelOf(source, row));
    for (let from = 0; from < grid.count; from += CHUNK_WINDOWS) {
      const to = Math.min(grid.count, from + CHUNK_WINDOWS);
      source.channels.forEach(({ sampleRate }, row) => {
        const first = sampleAt(windowOnsetS(grid, from), sampleRate);
        const last = sampleAt(windowOnsetS(grid, to - 1) + grid.windowS, sampleRate);
        const { values, observed } = source.read(row, first, last - first);
        const { mean, sd } = levels[row] ?? { mean: 0, sd: 1 };
        for (let window = from; window < to; window += 1) {
          for (let column = 0; column < columns; column += 1) {
            const timeS = windowOnsetS(grid, window) + (column * grid.windowS) / columns;
            const sample = sampleAt(timeS, sampleRate) - first;
            if (observed[sample] !== 1) continue;
            const at = window * width + row * columns + column;
            table.x[at] = ((values[sample] ?? mean) - mean) / sd;
            table.observed[at] = 1;
          }
        }
      });
      yield to;
    }
    return table;
  },
};
