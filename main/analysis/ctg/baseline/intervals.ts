import { bridge, epochs, wholeMeans } from "../bridge.ts";
import type { Samples } from "../trace.ts";

/** Milliseconds between beats at one a minute. */
export const MINUTE_MS = 60_000;
/** Of the histogram of pulse intervals, in bins of 1 ms. */
const SHORTEST_MS = 300;
const LONGEST_MS = 600;
/** So much of the data may lie at shorter intervals than the reference level, its own bin included. */
const MOST_SHORTER = 0.875;
const SHORTER_NEIGHBOURS = 5;

/** Mean pulse intervals (ms) of whole epochs; gaps are bridged, and not observed. */
export function pulseIntervals(fhr: Samples, size: number): Samples {
  const whole = bridge(fhr).map((bpm) => MINUTE_MS / Math.max(1, bpm));
  const values = wholeMeans(whole, size);
  return { values, observed: epochs(fhr, size).observed.subarray(0, values.length) };
}

interface ReferenceLook {
  /** Weights of each bin and its two neighbours; [0, 1, 0] leaves the histogram as it is. */
  readonly smooth: readonly [number, number, number];
  /** Whether a peak may be taken, by its distance from the mode (ms) and the share of the data in its bin. */
  readonly mayBe: (fromMode: number, share: number) => boolean;
}

/**
 * Dawes' reference level: the longest interval (ms) whose bin exceeds its five shorter neighbours and the next longer one and
 * which has an eighth of the data at longer intervals; the mode where there is none (ctg.md §3.2, MT and P [V]). Undefined
 * where nothing was observed between 300 and 600 ms.
 */
export function referenceLevel(
  { values, observed }: Samples,
  { smooth, mayBe }: ReferenceLook,
): number | undefined {
  const raw = new Float64Array(LONGEST_MS - SHORTEST_MS + 1);
  let total = 0;
  values.forEach((interval, k) => {
    const bin = Math.round(interval) - SHORTEST_MS;
    if (observed[k] !== 1 || bin < 0 || bin >= raw.length) return;
    raw[bin] = (raw[bin] ?? 0) + 1;
    total += 1;
  });
  if (total === 0) return undefined;
  const [before, own, after] = smooth;
  const counts = raw.map((count, b) => before * (raw[b - 1] ?? 0) + own * count + after * (raw[b + 1] ?? 0));
  const most = counts.reduce((max, count) => Math.max(max, count), 0);
  const mode = counts.indexOf(most);
  let shorter = 0;
  let found = mode;
  for (let bin = 0; bin < counts.length; bin += 1) {
    shorter += raw[bin] ?? 0;
    if (shorter > MOST_SHORTER * total) break;
    if (isPeak(counts, bin) && mayBe(Math.abs(bin - mode), (counts[bin] ?? 0) / total)) found = bin;
  }
  return SHORTEST_MS + found;
}

function isPeak(counts: Float64Array, bin: number): boolean {
  const own = counts[bin] ?? 0;
  if (own <= (counts[bin + 1] ?? 0)) return false;
  for (let k = 1; k <= SHORTER_NEIGHBOURS; k += 1) if (own <= (counts[bin - k] ?? 0)) return false;
  return true;
}
