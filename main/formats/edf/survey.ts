import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ExportSource, WriteOptions } from "../format.ts";
import { MaskRunBuilder, reasonsOf, runsOf } from "../mask-runs.ts";
import { keepsValue } from "./missing.ts";

/** What a channel holds, seen once before anything is written. */
export interface ChannelSurvey {
  readonly low: number; // smallest value that will be written, in the source's digital units; Infinity when there is none
  readonly high: number;
  /** Fewest decimals (0 to 6) that give every value to within its type's precision; undefined where none do. */
  readonly decimals: number | undefined;
  readonly mask: readonly MaskRun[]; // ascending, from the first sample on
  readonly lost: number; // observed samples that are no finite number
}

const CHUNK = 1 << 16;
const MOST_DECIMALS = 6;

/** Is the value beneath this reason written? Without the mask in the file, an unobserved value must not look observed. */
export const isWritten = (reason: number, options: WriteOptions): boolean =>
  reason === maskReasons.observed || (options.withMask && keepsValue(reason));

export async function surveyChannel(
  source: ExportSource,
  channel: number,
  options: WriteOptions,
  progress: (samples: number) => void,
): Promise<ChannelSurvey> {
  const count = sure(source.sampleCounts[channel]);
  // Float32 carries 24 bits: 0.1f is "0.1" to within half a unit of its last place.
  const precision = sure(source.header.channels[channel]).sampleType === "float32" ? 2 ** -23 : 2 ** -50;
  const mask = new MaskRunBuilder();
  let [low, high, decimals, lost] = [Infinity, -Infinity, 0, 0];
  for (let first = 0; first < count; first += CHUNK) {
    throwIfCancelled(options.signal);
    const wanted = Math.min(CHUNK, count - first);
    const { samples, mask: runs } = await source.read(channel, first, wanted);
    const isFloat = samples instanceof Float32Array || samples instanceof Float64Array;
    for (const { from, to, reason } of stretches(runs, samples.length)) {
      const isKept = isWritten(reason, options);
      if (!isFloat) {
        mask.add(first + from, to - from, reason);
        for (let i = from; isKept && i < to; i++) {
          const value = sure(samples[i]);
          if (value < low) low = value;
          if (value > high) high = value;
        }
        continue;
      }
      for (let i = from; i < to; i++) {
        const value = sure(samples[i]);
        const isLost = reason === maskReasons.observed && !Number.isFinite(value);
        if (isLost) lost++;
        mask.add(first + i, 1, isLost ? maskReasons.missingInSource : reason);
        if (!isKept || !Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
        while (decimals <= MOST_DECIMALS && !hasDecimals(value, decimals, precision)) decimals++;
      }
    }
    mask.add(first + samples.length, wanted - samples.length, maskReasons.notRecorded);
    progress(wanted);
  }
  return { low, high, decimals: decimals > MOST_DECIMALS ? undefined : decimals, mask: mask.done(), lost };
}

/** A block from end to end: stretches of one reason each, observed ones between them. */
export function* stretches(
  runs: readonly MaskRun[],
  length: number,
): Generator<{ readonly from: number; readonly to: number; readonly reason: number }> {
  let at = 0;
  for (const { first, count, reason } of runsOf(reasonsOf(runs, runs.length === 0 ? 0 : length))) {
    if (first > at) yield { from: at, to: first, reason: maskReasons.observed };
    yield { from: first, to: first + count, reason };
    at = first + count;
  }
  if (at < length) yield { from: at, to: length, reason: maskReasons.observed };
}

function hasDecimals(value: number, decimals: number, precision: number): boolean {
  const scaled = value * 10 ** decimals;
  return Math.abs(scaled - Math.round(scaled)) <= Math.abs(scaled) * precision;
}
