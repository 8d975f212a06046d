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

/** What a block says. */
interface Block {
  readonly last: number; // the last value seen; NaN before there was one
  readonly gap: number; // seconds since then
}

/**
 * The inputs, in order: five deviations from the median of the last 5 min, their masks, five steps from the second before;
 * the last value seen, ln(1 + gap), the median against 140; contractions: mean, slope, mask; lowest and highest deviation
 * over 2, 5 and 10 min, ln of the mean step over 1, 5 and 10 min, mean deviation over 1 and 2 min, share seen in the last minute.
 */
export function blocksOf(seconds: Seconds, phase = 0): Blocks {
  const count = Math.max(0, Math.floor((seconds.count - phase) / BLOCK_S));
  const x = new Float32Array(count * INPUTS);
  const [last, gap] = [new Float32Array(count).fill(NaN), new Float32Array(count)];
  const past = heardPast();
  const read = blockReader(past);
  for (let block = 0, t = 0; block < count; block += 1) {
    for (; t <= lastSecond(phase, block); t += 1) past.hear(secondAt(seconds, t));
    const own = read(x.subarray(block * INPUTS, (block + 1) * INPUTS));
    last[block] = own.last;
    gap[block] = own.gap;
  }
  return { phase, count, x, last, gap };
}

/** A second as it is known when it has passed. */
interface HeardSecond {
  readonly fhr: number;
  readonly isFhrSeen: boolean;
  readonly uc: number;
  readonly isUcSeen: boolean;
}

const secondAt = ({ fhr, fhrSeen, uc, ucSeen }: Seconds, t: number): HeardSecond => ({
  ...{ fhr: fhr[t] ?? 0, isFhrSeen: fhrSeen[t] === 1 },
  ...{ uc: uc[t] ?? 0, isUcSeen: ucSeen[t] === 1 },
});

/** Blocks that follow each other, five seconds apart: each is read into a row of zeros when its last second has been heard. */
export function blockReader(past: Past): (row: Float32Array) => Block {
  const tone = toneOf(past);
  let median = NaN;
  return (row) => {
    median = past.median() ?? median;
    const seen = past.lastSeen();
    if (seen === undefined) {
      tone(row);
      return { last: NaN, gap: 0 };
    }
    if (Number.isNaN(median)) median = seen.value;
    writeNear(row, past, median);
    row[15] = (seen.value - median) / DEVIATION;
    row[16] = Math.log1p(seen.gap) / 3;
    row[17] = (median - LEVEL_BPM) / DEVIATION;
    tone(row);
    past.write(row, median);
    return { last: seen.value, gap: seen.gap };
  };
}

function writeNear(row: Float32Array, past: Past, median: number): void {
  for (let i = 0; i < BLOCK_S; i += 1) {
    const [value, before] = [past.fhr(BLOCK_S - 1 - i), past.fhr(BLOCK_S - i)];
    if (value === undefined) continue;
    row[i] = (value - median) / DEVIATION;
    row[BLOCK_S + i] = 1;
    if (before !== undefined) row[2 * BLOCK_S + i] = (value - before) / STEP;
  }
}

/** What was heard so far, seen from the last second of it; values as float32. */
interface Past {
  hear(second: HeardSecond): void;
  /** `agoS` seconds before the last one; undefined where none was seen. */
  fhr(agoS: number): number | undefined;
  uc(agoS: number): number | undefined;
  lastSeen(): { readonly value: number; readonly gap: number } | undefined; // heart rate
  /** Of the heart rates seen in the last five minutes; undefined where they are too few. */
  median(): number | undefined;
  /** Contractions of the last five and thirty minutes, by size. */
  tone(): { readonly near: Float32Array; readonly far: Float32Array };
  /** What the last minutes were like, against a median. */
  write(row: Float32Array, median: number): void;
}

/** The values that were seen in the last `length` seconds, by size. */
function bySize(length: number) {
  const sorted = new Float32Array(length);
  let count = 0;
  const placeOf = (value: number): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    /** What is seen no more, then what is new. */
    turn: (leaves: number | undefined, enters: number | undefined): void => {
      if (leaves !== undefined) {
        const place = placeOf(leaves);
        sorted.copyWithin(place, place + 1, count);
        count -= 1;
      }
      if (enters === undefined) return;
      const place = placeOf(enters);
      sorted.copyWithin(place + 1, place, count);
      sorted[place] = enters;
      count += 1;
    },
    seen: (): Float32Array => sorted.subarray(0, count),
  };
}

const KEPT = 2048; // seconds: a power of two above the furthest that is looked back
const slot = (t: number): number => t & (KEPT - 1);

/** Values of the last half hour, a second each. */
function keptValues() {
  const values = new Float32Array(KEPT).fill(NaN); // where it was not seen
  let count = 0;
  return {
    keep: (value: number | undefined): void => {
      values[slot(count)] = value ?? NaN;
      count += 1;
    },
    ago: (agoS: number): number | undefined => {
      const value = agoS < count ? (values[slot(count - 1 - agoS)] ?? NaN) : NaN;
      return Number.isNaN(value) ? undefined : value;
    },
    extremes: (length: number): readonly [low: number, high: number] => {
      let [low, high] = [Infinity, -Infinity];
      for (let t = Math.max(0, count - length); t < count; t += 1) {
        const value = values[slot(t)] ?? NaN;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      return [low, high];
    },
  };
}

/** Sums up to each of the last seconds: that of any stretch is two look-ups. */
function keptSums() {
  const sums = new Float64Array(KEPT);
  let count = 0;
  return {
    add: (value: number): void => {
      sums[slot(count + 1)] = (sums[slot(count)] ?? 0) + value;
      count += 1;
    },
    over: (length: number): number =>
      (sums[slot(count)] ?? 0) - (sums[slot(Math.max(0, count - length))] ?? 0),
  };
}

/** Nothing heard yet. */
export function heardPast(): Past {
  const [fhr, uc] = [keptValues(), keptValues()];
  const [sum, seen, moves, pairs] = [keptSums(), keptSums(), keptSums(), keptSums()];
  const [lately, near, far] = [bySize(MEDIAN_S), bySize(TONE_S), bySize(TONE_SPAN_S)];
  let last: { value: number; gap: number } | undefined;
  return {
    hear: (second) => {
      const before = fhr.ago(0);
      const leaves = [fhr.ago(MEDIAN_S - 1), uc.ago(TONE_S - 1), uc.ago(TONE_SPAN_S - 1)] as const;
      fhr.keep(second.isFhrSeen ? second.fhr : undefined);
      uc.keep(second.isUcSeen ? second.uc : undefined);
      const [value, tone] = [fhr.ago(0), uc.ago(0)];
      lately.turn(leaves[0], value);
      near.turn(leaves[1], tone);
      far.turn(leaves[2], tone);
      const move = value === undefined || before === undefined ? undefined : Math.abs(value - before);
      sum.add(value ?? 0);
      seen.add(Number(value !== undefined));
      moves.add(move ?? 0);
      pairs.add(Number(move !== undefined));
      last = value === undefined ? last && { ...last, gap: last.gap + 1 } : { value, gap: 0 };
    },
    fhr: fhr.ago,
    uc: uc.ago,
    lastSeen: () => last,
    median: () => {
      const own = lately.seen();
      return own.length < FEWEST ? undefined : own[own.length >> 1];
    },
    tone: () => ({ near: near.seen(), far: far.seen() }),
    write: (row, median) => {
      EXTREMES_S.forEach((length, i) => {
        const [low, high] = fhr.extremes(length);
        row[21 + 2 * i] = low > high ? 0 : (low - median) / DEVIATION;
        row[22 + 2 * i] = low > high ? 0 : (high - median) / DEVIATION;
      });
      MOVES_S.forEach((length, i) => {
        const mean = moves.over(length) / Math.max(1, pairs.over(length));
        row[27 + i] = Math.log(0.02 + mean / STEP) / 2;
      });
      MEANS_S.forEach((length, i) => {
        const many = seen.over(length);
        row[30 + i] = many === 0 ? 0 : (sum.over(length) / many - median) / DEVIATION;
      });
      row[32] = seen.over(60) / 60;
    },
  };
}

/** Contractions against their tone, in their span of the last half hour, within −1 to 3. */
function toneOf(past: Past): (row: Float32Array) => void {
  let [tone, span, block] = [0, 5, 0];
  let before: number | undefined;
  const at = (sorted: Float32Array, share: number): number =>
    sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return (row) => {
    if (block % TONE_EVERY === 0) {
      const { near, far } = past.tone();
      tone = at(near, 0.1);
      span = Math.max(5, at(far, 0.95) - at(far, 0.1));
    }
    block += 1;
    let [sum, count] = [0, 0];
    for (let agoS = BLOCK_S - 1; agoS >= 0; agoS -= 1) {
      const value = past.uc(agoS);
      if (value === undefined) continue;
      sum += Math.min(3, Math.max(-1, (value - tone) / span));
      count += 1;
    }
    const mean = count === 0 ? undefined : sum / count;
    row[18] = mean ?? 0;
    row[19] = mean === undefined || before === undefined ? 0 : mean - before;
    row[20] = Number(count > 0);
    before = mean;
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
