import { BLOCK_S, blockMedians, HALF_WIDTH, pastBlockMedians } from "../../../signal/block-medians.ts";
import { sortedQuantile } from "../../../signal/quantile.ts";
import { averageBins, type Resampled } from "../../../signal/resample.ts";
import { isScalpElectrode } from "../../../signal/scalp.ts";
import type { SignalSource } from "../../fronts/front.ts";

/** Samples a second at which it is read and judged. */
export const TRUST_HZ = 4;
/** A heart rate outside this range is no heart rate of anybody. */
const RANGE_BPM = [30, 240] as const;

/** A recording at 4 Hz. A heart rate is 0 where it was not observed. */
export interface TrustInput {
  readonly count: number; // samples
  readonly fhr: Resampled; // beats a minute
  readonly mhr: Resampled;
  readonly isScalp: boolean; // an electrode on the fetus, not ultrasound
}

/** Indices of the channels in a source; either may be missing. */
export interface TrustChannels {
  readonly fhr: number | undefined;
  readonly mhr: number | undefined;
}

export function channelsOf({ channels }: Pick<SignalSource, "channels">): TrustChannels {
  const first = (wanted: "fhr" | "mhr"): number | undefined => {
    const index = channels.findIndex(({ role }) => role === wanted);
    return index < 0 ? undefined : index;
  };
  return { fhr: first("fhr"), mhr: first("mhr") };
}

export function trustInput(source: SignalSource, channels = channelsOf(source)): TrustInput {
  const label = channels.fhr === undefined ? "" : (source.channels[channels.fhr]?.label ?? "");
  const fhr = readRate(source, channels.fhr);
  const mhr = readRate(source, channels.mhr);
  return { count: fhr.values.length, fhr, mhr, isScalp: isScalpElectrode(label) };
}

const CHUNK_S = 3600; // read at a time

/** A heart rate at 4 Hz: means of a faster channel; a value of a slower one stands until the next. */
function readRate(source: SignalSource, channel: number | undefined): Resampled {
  const count = Math.ceil(source.durationS * TRUST_HZ - 1e-9);
  const whole = { values: new Float32Array(count), observed: new Uint8Array(count) };
  const facts = channel === undefined ? undefined : source.channels[channel];
  if (channel === undefined || facts === undefined) return whole;
  const { sampleRate: rate, sampleCount } = facts;
  for (let fromS = 0; fromS < source.durationS; fromS += CHUNK_S) {
    const first = Math.min(sampleCount, Math.floor(fromS * rate + 1e-9));
    const end = Math.min(sampleCount, Math.floor((fromS + CHUNK_S) * rate + 1e-9));
    if (end <= first) continue;
    const read = source.read(channel, first, end - first);
    const believed = believable(read);
    const here =
      rate > TRUST_HZ
        ? averageBins(believed.values, believed.observed, rate, 1 / TRUST_HZ, 0.5)
        : held(believed, rate);
    const at = Math.round(fromS * TRUST_HZ);
    whole.values.set(here.values.subarray(0, count - at), at);
    whole.observed.set(here.observed.subarray(0, count - at), at);
  }
  return whole;
}

function believable({ values, observed }: Resampled): Resampled {
  const [low, high] = RANGE_BPM;
  const isBelieved = observed.map((is, i) => {
    const value = values[i] ?? NaN;
    return is === 1 && value >= low && value <= high ? 1 : 0;
  });
  return { values: values.map((value, i) => (isBelieved[i] === 1 ? value : 0)), observed: isBelieved };
}

function held(read: Resampled, rate: number): Resampled {
  if (rate === TRUST_HZ) return read;
  const count = Math.ceil((read.values.length / rate) * TRUST_HZ - 1e-9);
  const at = (i: number): number =>
    Math.min(read.values.length - 1, Math.floor((i / TRUST_HZ) * rate + 1e-9));
  return {
    values: Float32Array.from({ length: count }, (_, i) => read.values[at(i)] ?? 0),
    observed: Uint8Array.from({ length: count }, (_, i) => read.observed[at(i)] ?? 0),
  };
}

/** Rows of the network's input. */
export const CHANNELS = 13;

/** Running medians of both heart rates, and the middle of the fetal one: what a sample is compared with, a value a block. */
export interface Levels {
  readonly fhr: Float32Array; // NaN: the middle stands in
  readonly mhr: Float32Array | undefined; // undefined without any maternal heart rate; NaN where none has come yet
  readonly middle: Float64Array; // beats a minute
}

/** Samples of a block of the medians. */
export const BLOCK = BLOCK_S * TRUST_HZ;
const [FEWEST_SAMPLES, USUAL_BPM] = [100, 140];
/** Blocks before one that its levels are the medians of, by the past alone: 10 and 30 min. Decided, not compared. */
export const PAST = { level: 2 * HALF_WIDTH, middle: 6 * HALF_WIDTH } as const;

/** `pastOnly`: those of a block by the blocks before it; else by five minutes around, the middle by the whole. */
export function levelsOf({ fhr, mhr }: TrustInput, pastOnly: boolean): Levels {
  if (pastOnly) {
    const middle = Float64Array.from(pastBlockMedians(fhr, TRUST_HZ, PAST.middle), (own) =>
      Number.isNaN(own) ? USUAL_BPM : own,
    );
    return {
      fhr: pastBlockMedians(fhr, TRUST_HZ, PAST.level),
      mhr: pastBlockMedians(mhr, TRUST_HZ, PAST.level),
      middle,
    };
  }
  const seen = fhr.values.filter((_, i) => fhr.observed[i] === 1).sort();
  const middle = seen.length < FEWEST_SAMPLES ? USUAL_BPM : sortedQuantile(seen, seen.length, 0.5);
  const blocks = Math.ceil(fhr.values.length / BLOCK);
  return {
    fhr: blockMedians(fhr, TRUST_HZ) ?? new Float32Array(blocks).fill(middle),
    mhr: blockMedians(mhr, TRUST_HZ),
    middle: new Float64Array(blocks).fill(middle),
  };
}

const clip = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
const bell = (distance: number, width: number): number => Math.exp(-((distance / width) ** 2));

/**
 * What the network sees, [count, CHANNELS]: both heart rates with their masks, how far apart they are, how far each is
 * from its own level and from the mother's, and the sensor. All is 0 where it was not observed.
 */
export function rowsOf({ count, fhr, mhr, isScalp }: TrustInput, levels: Levels): Float32Array {
  const rows = new Float32Array(count * CHANNELS);
  for (let i = 0; i < count; i += 1) {
    const at = i * CHANNELS;
    const block = Math.floor(i / BLOCK);
    const maternal = levels.mhr?.[block] ?? NaN;
    const [level, middle] = [levels.fhr[block] ?? NaN, levels.middle[block] ?? USUAL_BPM];
    const hasMhr = mhr.observed[i] === 1;
    const m = mhr.values[i] ?? 0;
    rows[at + 7] = isScalp ? 1 : 0;
    rows[at + 12] = Number.isNaN(maternal) ? 0 : (maternal - 90) / 40;
    if (hasMhr) {
      rows[at + 2] = (m - 90) / 40;
      rows[at + 3] = 1;
    }
    if (fhr.observed[i] !== 1) continue;
    const f = fhr.values[i] ?? 0;
    rows[at] = (f - 130) / 40;
    rows[at + 1] = 1;
    if (hasMhr) {
      rows[at + 4] = clip((f - m) / 20, 3);
      rows[at + 5] = bell(f - m, 5);
      rows[at + 6] = bell(f - 2 * m, 8);
    }
    rows[at + 8] = clip((f - (Number.isNaN(level) ? middle : level)) / 20, 4);
    rows[at + 11] = clip((f - middle) / 20, 4);
    if (Number.isNaN(maternal)) continue;
    rows[at + 9] = clip((f - maternal) / 20, 4);
    rows[at + 10] = bell(f - maternal, 8);
  }
  return rows;
}
