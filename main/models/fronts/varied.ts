import type { Variation } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleAt } from "../../signal/window.ts";
import { seededRandom, type Random } from "../random.ts";
import type { SignalSource } from "./front.ts";

/** Which of the variations of a run's samples: the same one each time it is asked for. */
export interface VariationKey {
  readonly seed: number;
  readonly epoch: number;
  readonly recordingId: string;
}

/** Losses are drawn a cell at a time, each from a stream of its own; none is longer than a cell. */
const CELL_S = 64;

/**
 * The source with its samples varied: moved in time by one draw for all channels (what moves in from outside is
 * unobserved), each channel times one factor exp(N(0, gainSd)), and stretches of each lost: a Poisson process of
 * `lossesPerMinute` with lengths uniform in (0, lossS]. What is missing stays missing. A sample depends on the key, the
 * channel and its place alone, not on the stretch it is read in.
 */
export function varied(source: SignalSource, variation: Variation, key: VariationKey): SignalSource {
  const randomOf = (...what: readonly (string | number)[]): Random =>
    seededRandom(key.seed, streamOf([key.epoch, key.recordingId, ...what].join(" ")));
  const shiftS = variation.shiftS * (2 * randomOf("shift").next() - 1); // later where positive
  const gains = source.channels.map((_, channel) =>
    Math.exp(variation.gainSd * randomOf("gain", channel).normal()),
  );
  return {
    channels: source.channels,
    durationS: source.durationS,
    read(channel, first, count) {
      const { sampleRate, sampleCount } = source.channels[channel] as SignalSource["channels"][number];
      const wanted = Math.max(0, Math.min(count, sampleCount - first));
      const values = new Float32Array(wanted);
      const observed = new Uint8Array(wanted);
      const shift = Math.round(shiftS * sampleRate);
      const from = Math.max(0, first - shift);
      const to = Math.min(sampleCount, first - shift + wanted);
      if (to > from) {
        const read = source.read(channel, from, to - from);
        const gain = sure(gains[channel]);
        values.set(gain === 1 ? read.values : read.values.map((value) => value * gain), from + shift - first);
        observed.set(read.observed, from + shift - first);
      }
      const untilS = (first + wanted) / sampleRate;
      for (const [startS, endS] of losses(variation, first / sampleRate, untilS, (cell) =>
        randomOf("losses", channel, cell),
      )) {
        const begin = Math.max(0, sampleAt(startS, sampleRate) - first);
        const end = Math.max(begin, sampleAt(endS, sampleRate) - first);
        observed.fill(0, begin, end);
      }
      return { values, observed };
    },
  };
}

/** Losses [start, end) in seconds that may reach into [fromS, toS). */
function* losses(
  { lossesPerMinute, lossS }: Variation,
  fromS: number,
  toS: number,
  randomOf: (cell: number) => Random,
): Generator<readonly [number, number]> {
  if (lossesPerMinute === 0 || lossS === 0) return;
  const last = Math.ceil(toS / CELL_S);
  for (let cell = Math.max(0, Math.floor(fromS / CELL_S) - 1); cell < last; cell += 1) {
    const random = randomOf(cell);
    const wait = (): number => (-Math.log(1 - random.next()) * 60) / lossesPerMinute;
    for (let at = wait(); at < CELL_S; at += wait()) {
      const startS = cell * CELL_S + at;
      yield [startS, startS + lossS * (1 - random.next())];
    }
  }
}

/** 32 bits of a text (Fowler, Noll and Vo, 1a): a stream of random numbers by what it is for. */
function streamOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
