import type { ChannelRole, Tile } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sure(sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]);

/**
 * The range a channel is drawn in, from its coarse tiles: all but the outermost 0.2 % of the buckets fit.
 * EMG is drawn symmetrically about zero. Undefined where nothing is observed.
 */
export function autoRange(tiles: readonly Tile[], role: ChannelRole): ValueRange | undefined {
  const lows: number[] = [];
  const highs: number[] = [];
  for (const tile of tiles) {
    for (let i = 0; i < tile.min.length; i++) {
      const low = sure(tile.min[i]);
      if (Number.isNaN(low)) continue;
      lows.push(low);
      highs.push(sure(tile.max[i]));
    }
  }
  if (lows.length === 0) return undefined;
  const low = quantile(
    lows.sort((a, b) => a - b),
    0.002,
  );
  const high = quantile(
    highs.sort((a, b) => a - b),
    0.998,
  );
  if (role === "emg" && low < 0 && high > 0) {
    const reach = (Math.max(-low, high) || 1) * 1.1;
    return { low: -reach, high: reach };
  }
  if (low === high)
    return { low: low - Math.max(1, Math.abs(low) * 0.1), high: high + Math.max(1, Math.abs(high) * 0.1) };
  const pad = (high - low) * 0.05;
  return { low: low - pad, high: high + pad };
}

/** The range at a gain: 2 shows half the values at twice the height, about the same middle. */
export function withGain(range: ValueRange, gain: number): ValueRange {
  const middle = (range.low + range.high) / 2;
  const half = (range.high - range.low) / 2 / gain;
  return { low: middle - half, high: middle + half };
}

/** Gains step through 1, 1.25, 1.6, 2, 2.5, ... : ten steps to a factor of ten. */
export const gainStep = (gain: number, direction: 1 | -1): number =>
  Math.min(1000, Math.max(0.001, 10 ** ((Math.round(Math.log10(gain) * 10) + direction) / 10)));
