import { observedMean } from "../../signal/feature.ts";
import { sampleAt, windowOnsetS } from "../../signal/window.ts";
import { emptyTable, type Front } from "./front.ts";

export const COLUMNS = 10;
/** Least share of observed samples for a part to have a mean. */
export const MIN_OBSERVED = 0.3;
const CHUNK_WINDOWS = 256;

/** The mean of each channel in ten equal parts of the window: for signals nothing more particular is known of. */
export const windowMean: Front = {
  name: "window-mean",
  mayScale: false,
  looksBeyond: false,
  layout(labels, windowS) {
    return {
      width: labels.length * COLUMNS,
      rows: labels,
      columns: COLUMNS,
      columnS: windowS / COLUMNS,
      scaling: "each",
      maskInputs: true,
      ring: undefined,
      isAdaptable: false,
    };
  },
  *extract(source, grid) {
    const width = source.channels.length * COLUMNS;
    const table = emptyTable(grid.count, width);
    const partS = grid.windowS / COLUMNS;
    for (let from = 0; from < grid.count; from += CHUNK_WINDOWS) {
      const to = Math.min(grid.count, from + CHUNK_WINDOWS);
      source.channels.forEach(({ sampleRate }, row) => {
        const first = sampleAt(windowOnsetS(grid, from), sampleRate);
        const last = sampleAt(windowOnsetS(grid, to - 1) + grid.windowS, sampleRate);
        const { values, observed } = source.read(row, first, last - first);
        for (let window = from; window < to; window += 1) {
          const onset = windowOnsetS(grid, window);
          for (let column = 0; column < COLUMNS; column += 1) {
            const begin = sampleAt(onset + column * partS, sampleRate) - first;
            const end = Math.max(begin + 1, sampleAt(onset + (column + 1) * partS, sampleRate) - first);
            const found = observedMean(values, observed, begin, end);
            if (found.observedShare < MIN_OBSERVED) continue;
            const at = window * width + row * COLUMNS + column;
            table.x[at] = found.mean;
            table.observed[at] = 1;
          }
        }
      });
      yield to;
    }
    return table;
  },
};
