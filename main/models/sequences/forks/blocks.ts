import type { Seconds } from "../seconds.ts";

export const BLOCK_S = 5;
/** Seconds after the last one seen, of which the network speaks. */
export const HORIZONS_S: readonly number[] = [1, ...Array.from({ length: 12 }, (_, i) => 5 * (i + 1))];
export const INPUTS = 33;

/** What the network sees at the end of each block of five seconds; the first block begins at `phase` seconds. */
export interface Blocks {
  readonly phase: number;
  readonly count: number;
  readonly x: Float32Array; // [count, INPUTS]
  readonly last: Float32Array; // the last value seen; NaN before there was one
  readonly gap: Float32Array; // seconds since then
}

/** Units of the inputs: beats a minute of a deviation, and of a step from second to second. */
const [DEVIATION, STEP] = [15, 3];
const LEVEL_BPM = 140;
/** Seconds of past. */
const MEDIAN_S = 300;
const FEWEST = 30; // seen, for a median
const EXTREMES_S = [120, 300, 600] as const;
const MOVES_S = [60, 300, 600] as const;
const MEANS_S = [60, 120] as const;
const [TONE_S, TONE_SPAN_S, TONE_EVERY] = [300, 1800, 12] as const; // of contractions; looked at anew every minute

/** Index of the last second before the end of a block. */
export const lastSecond = (phase: number, block: number): number => phase + BLOCK_S * (block + 1) - 1;

/**
 * The inputs, in order: five deviations from the median of the last 5 min, their masks, five steps from the second before;
 * the last value seen, ln(1 + gap), the median against 140; contractions: mean, slope, mask; lowest and highest deviation
 * over 2, 5 and 10 min, ln of the mean step over 1, 5 and 10 min, mean deviation over 1 and 2 min, share seen in the last minute.
 */
export function blocksOf(seconds: Seconds, phase = 0): Blocks {
  const count = Math.max(0, Math.floor((seconds.count - phase) / BLOCK_S));
  const x = new Float32Array(count * INPUTS);
  const [last, gap] = [new Float32Array(count).fill(NaN), new Float32Array(count)];
  const past = pastOf(seconds);
  const tone = toneOf(seconds);
  let median = NaN;
  for (let block = 0; block < count; block += 1) {
    const t = lastSecond(phase, block);
    median = past.median(t) ?? median;
    const seen = past.lastSeen(t);
    if (seen === undefined) {
      tone.write(x, block, t);
      continue;
    }
    if (Number.isNaN(median)) median = seconds.fhr[seen] ?? LEVEL_BPM;
    last[block] = seconds.fhr[seen] ?? NaN;
    gap[block] = t - seen;
    const row = x.subarray(block * INPUTS, (block + 1) * INPUTS);
    writeNear(row, { seconds, t, median });
    row[15] = ((last[block] ?? 0) - median) / DEVIATION;
    row[16] = Math.log1p(t - seen) / 3;
    row[17] = (median - LEVEL_BPM) / DEVIATION;
    tone.write(x, block, t);
    past.write(row, t, median);
  }
  return { phase, count, x, last, gap };
}

function writeNear(
  row: Float32Array,
  {
    seconds: { fhr, fhrSeen },
    t,
    median,
  }: { readonly seconds: Seconds; readonly t: number; readonly median: number },
): void {
  for (let i = 0; i < BLOCK_S; i += 1) {
    const s = t - BLOCK_S + 1 + i;
    if (fhrSeen[s] !== 1) continue;
    row[i] = ((fhr[s] ?? 0) - median) / DEVIATION;
    row[BLOCK_S + i] = 1;
    if (fhrSeen[s - 1] === 1) row[2 * BLOCK_S + i] = ((fhr[s] ?? 0) - (fhr[s - 1] ?? 0)) / STEP;
  }
}

interface Past {
  /** Of the seconds seen in the last five minutes; undefined where they are too few. */
  median(t: number): number | undefined;
  lastSeen(t: number): number | undefined;
  write(row: Float32Array, t: number, median: number): void;
}

/** The values that were seen in the last `length` seconds up to t, by size; to be asked of later and later moments. */
function bySize(values: Float32Array, seen: Uint8Array, length: number): (t: number) => Float32Array {
  const sorted = new Float32Array(length);
  let [count, next] = [0, 0];
  const placeOf = (value: number): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const leave = (s: number): void => {
    if (seen[s] !== 1) return;
    const place = placeOf(values[s] ?? 0);
    sorted.copyWithin(place, place + 1, count);
    count -= 1;
  };
  const enter = (s: number): void => {
    if (seen[s] !== 1) return;
    const value = values[s] ?? 0;
    const place = placeOf(value);
    sorted.copyWithin(place + 1, place, count);
    sorted[place] = value;
    count += 1;
  };
  return (t) => {
    for (; next <= t; next += 1) {
      leave(next - length);
      enter(next);
    }
    return sorted.subarray(0, count);
  };
}

/** Sums up to each second, so that a mean over any stretch is two look-ups. */
function pastOf({ count, fhr, fhrSeen }: Seconds): Past {
  const [sum, seen, moves, pairs] = [0, 1, 2, 3].map(() => new Float64Array(count + 1));
  const lastAt = new Int32Array(count).fill(-1);
  for (let t = 0; t < count; t += 1) {
    const is = fhrSeen[t] === 1;
    const both = is && fhrSeen[t - 1] === 1;
    lastAt[t] = is ? t : (lastAt[t - 1] ?? -1);
    add(sum, t, is ? (fhr[t] ?? 0) : 0);
    add(seen, t, Number(is));
    add(moves, t, both ? Math.abs((fhr[t] ?? 0) - (fhr[t - 1] ?? 0)) : 0);
    add(pairs, t, Number(both));
  }
  const over = (sums: Float64Array | undefined, t: number, length: number): number =>
    (sums?.[t + 1] ?? 0) - (sums?.[Math.max(0, t + 1 - length)] ?? 0);
  const lately = bySize(fhr, fhrSeen, MEDIAN_S);
  return {
    lastSeen: (t) => {
      const at = lastAt[t] ?? -1;
      return at < 0 ? undefined : at;
    },
    median: (t) => {
      const own = lately(t);
      return own.length < FEWEST ? undefined : own[own.length >> 1];
    },
    write: (row, t, median) => {
      EXTREMES_S.forEach((length, i) => {
        let [low, high] = [Infinity, -Infinity];
        for (let s = Math.max(0, t + 1 - length); s <= t; s += 1) {
          if (fhrSeen[s] !== 1) continue;
          const value = fhr[s] ?? 0;
          if (value < low) low = value;
          if (value > high) high = value;
        }
        row[21 + 2 * i] = low > high ? 0 : (low - median) / DEVIATION;
        row[22 + 2 * i] = low > high ? 0 : (high - median) / DEVIATION;
      });
      MOVES_S.forEach((length, i) => {
        const mean = over(moves, t, length) / Math.max(1, over(pairs, t, length));
        row[27 + i] = Math.log(0.02 + mean / STEP) / 2;
      });
      MEANS_S.forEach((length, i) => {
        const many = over(seen, t, length);
        row[30 + i] = many === 0 ? 0 : (over(sum, t, length) / many - median) / DEVIATION;
      });
      row[32] = over(seen, t, 60) / 60;
    },
  };
}

function add(sums: Float64Array | undefined, t: number, value: number): void {
  if (sums !== undefined) sums[t + 1] = (sums[t] ?? 0) + value;
}

/** Contractions against their tone, in their span of the last half hour, within −1 to 3. */
function toneOf({ uc, ucSeen }: Seconds): { write(x: Float32Array, block: number, t: number): void } {
  let [tone, span] = [0, 5];
  let before: number | undefined;
  const [lately, long] = [bySize(uc, ucSeen, TONE_S), bySize(uc, ucSeen, TONE_SPAN_S)];
  const at = (sorted: Float32Array, share: number): number =>
    sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    write: (x, block, t) => {
      if (block % TONE_EVERY === 0) {
        const [near, far] = [lately(t), long(t)];
        tone = at(near, 0.1);
        span = Math.max(5, at(far, 0.95) - at(far, 0.1));
      }
      let [sum, count] = [0, 0];
      for (let s = t - BLOCK_S + 1; s <= t; s += 1) {
        if (ucSeen[s] !== 1) continue;
        sum += Math.min(3, Math.max(-1, ((uc[s] ?? 0) - tone) / span));
        count += 1;
      }
      const mean = count === 0 ? undefined : sum / count;
      x[block * INPUTS + 18] = mean ?? 0;
      x[block * INPUTS + 19] = mean === undefined || before === undefined ? 0 : mean - before;
      x[block * INPUTS + 20] = Number(count > 0);
      before = mean;
    },
  };
}

/** Where the heart rate went from the last value seen, a horizon each; NaN where it was not seen. */
export function targetAt(
  { came }: Seconds,
  { t, last }: { readonly t: number; readonly last: number },
  h: number,
): number {
  const at = t + (HORIZONS_S[h] ?? 0);
  return came.observed[at] === 1 ? (came.values[at] ?? NaN) - last : NaN;
}
