import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { amplitude } from "../../signal/feature.ts";
import { sampleAt, windowEnd, windowOnsetS } from "../../signal/window.ts";
import { emptyTable, type Front } from "./front.ts";

/** Least share of observed samples for an electrode to say anything about a window. */
export const MIN_OBSERVED = 0.3;
/** Windows read at a time: bounds memory for recordings of any length. */
const CHUNK_WINDOWS = 256;
/** A bracelet has at least this many electrodes; fewer are single muscles, which do not turn into each other. */
const MIN_RING = 6;

/**
 * Per electrode ln(mean |x - mean| + floor) and ln(mean |dx| + floor), over observed samples only: first all
 * amplitudes, then all slopes. The floor is a tenth of the converter's step, as in the recipe this follows
 * (counts of an int8 bracelet, + 0.1), so that silence is finite and quantisation does not speak.
 */
export const emgAmplitude: Front = {
  name: "emg-amplitude",
  mayScale: true,
  looksBeyond: false,
  layout(labels, windowS) {
    return {
      width: 2 * labels.length,
      rows: [...labels.map((label) => `${label} amplitude`), ...labels.map((label) => `${label} slope`)],
      columns: 1,
      columnS: windowS,
      scaling: "shared",
      maskInputs: true,
      ring: isBracelet(labels)
        ? { electrodes: labels.length, blocks: 2, profiles: ["amplitude", "slope"] }
        : undefined,
      isAdaptable: true,
    };
  },
  *extract(source, grid) {
    const electrodes = source.channels.length;
    const width = 2 * electrodes;
    const table = emptyTable(grid.count, width);
    for (let from = 0; from < grid.count; from += CHUNK_WINDOWS) {
      const to = Math.min(grid.count, from + CHUNK_WINDOWS);
      source.channels.forEach((channel, electrode) => {
        const rate = channel.sampleRate;
        const first = sampleAt(windowOnsetS(grid, from), rate);
        const last = windowEnd(grid, to - 1, rate);
        const { values, observed } = source.read(electrode, first, last - first);
        const { factor, floor } = scaleOf(channel);
        for (let window = from; window < to; window += 1) {
          const begin = sampleAt(windowOnsetS(grid, window), rate) - first;
          const end = begin + Math.round(grid.windowS * rate);
          const found = amplitude(values, observed, begin, end);
          if (found.observedShare < MIN_OBSERVED || Number.isNaN(found.meanDifference)) continue;
          const at = window * width + electrode;
          table.x[at] = Math.log(found.meanAbsolute * factor + floor);
          table.x[at + electrodes] = Math.log(found.meanDifference * factor + floor);
          table.observed[at] = 1;
          table.observed[at + electrodes] = 1;
        }
      });
      yield to;
    }
    return table;
  },
};

/** Electrodes numbered in a row under one name, at least six of them, are taken for a closed bracelet. */
function isBracelet(labels: readonly string[]): boolean {
  if (labels.length < MIN_RING) return false;
  const parts = labels.map((label) => /^(.*?)(?<!\d)(\d+)$/.exec(label.trim()));
  const first = parts[0];
  if (!first) return false;
  return parts.every(
    (part, i) => part !== null && part[1] === first[1] && Number(part[2]) === Number(first[2]) + i,
  );
}

const microvolts: Readonly<Record<string, number>> = { V: 1e6, mV: 1e3, uV: 1, µV: 1, μV: 1, nV: 1e-3 };

/** Voltages in microvolts whatever the file's unit, so that recordings of one study compare; the floor in the same unit. */
export function scaleOf(channel: ChannelHeader): { factor: number; floor: number } {
  const factor = microvolts[channel.unit.trim()] ?? 1;
  const isInteger = channel.sampleType !== "float32" && channel.sampleType !== "float64";
  return { factor, floor: isInteger ? 0.1 * Math.abs(channel.gain) * factor : 0.1 };
}
