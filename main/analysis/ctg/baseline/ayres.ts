import { bridge } from "../bridge.ts";
import { CTG_HZ, type Samples } from "../trace.ts";

const WINDOW = 600 * CTG_HZ; // samples
const STEP = 300 * CTG_HZ;
/** On each side of a sample; together 2.75 s, found by the stored outputs [M]. */
const SMOOTH = 5;
const LOWEST_BPM = 110;
const HIGHEST_BPM = 256;
/** A value that this share of a window does not have is no frequent one, found by the stored outputs [M]. */
const FREQUENT_SHARE = 0.05;
const STILL_BPM = 1;

/**
 * Baseline of SisPorto 2.0, Ayres-de-Campos 2000, as in ctg.md §3.2 [V]: in 10-min windows every 5 min, the last one at the
 * end, from the mode of the smoothed heart rate down to the lowest frequent value over 110 bpm that is common enough for how
 * still the heart rate is. From a mode below 110 bpm up to the lowest frequent value above, where there is one [M].
 */
export function ayresLevel(fhr: Samples): Float64Array {
  const whole = bridge(fhr);
  const n = whole.length;
  const rounded = smoothed(whole).map((v) => Math.floor(v + 0.5));
  const level = new Float64Array(n);
  const size = Math.min(WINDOW, n);
  const starts = Array.from({ length: Math.floor((n - size) / STEP) + 1 }, (_, k) => k * STEP);
  if ((n - size) % STEP > 0) starts.push(n - size);
  for (const start of n === 0 ? [] : starts) {
    const window = rounded.subarray(start, start + size);
    const found = levelOf(window, stillShare(whole.subarray(start, start + size)));
    level.fill(found, start === 0 ? 0 : start + STEP / 2);
  }
  return level;
}

function levelOf(window: Float64Array, still: number): number {
  const counts = new Float64Array(HIGHEST_BPM);
  for (const value of window) counts[value] = (counts[value] ?? 0) + 1;
  const most = counts.reduce((max, v) => Math.max(max, v), 0);
  const mode = counts.indexOf(most);
  const isFrequent = (bpm: number): boolean => (counts[bpm] ?? 0) > FREQUENT_SHARE * window.length;
  if (mode < LOWEST_BPM) {
    const above = counts.findIndex((_, bpm) => bpm >= LOWEST_BPM && isFrequent(bpm));
    if (above >= 0) return above;
  }
  const enough = (mode > 152 ? 1.6 : factor(still)) * still * most;
  const from = mode > LOWEST_BPM ? LOWEST_BPM : 0;
  return counts.findIndex(
    (count, bpm) => bpm === mode || (bpm > from && bpm < mode && isFrequent(bpm) && count > enough),
  );
}

/** By the share of samples whose short-term variability is abnormal. */
function factor(still: number): number {
  if (still < 0.2) return 4;
  if (still < 0.3) return 2;
  if (still < 0.4) return 1;
  return still < 0.6 ? 0.5 : 1;
}

/** Share of neighbours that differ by no more than 1 bpm. */
function stillShare(values: Float64Array): number {
  let still = 0;
  for (let i = 1; i < values.length; i += 1)
    if (Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0)) <= STILL_BPM) still += 1;
  return still / Math.max(1, values.length - 1);
}

/** Running means, the ends held. */
function smoothed(values: Float64Array): Float64Array {
  const last = values.length - 1;
  let sum = 0;
  const at = (i: number): number => values[Math.min(last, Math.max(0, i))] ?? 0;
  for (let i = -SMOOTH - 1; i < SMOOTH; i += 1) sum += at(i);
  return values.map((_, i) => {
    sum += at(i + SMOOTH) - at(i - SMOOTH - 1);
    return sum / (2 * SMOOTH + 1);
  });
}
