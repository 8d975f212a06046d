import { AppError } from "../../preload/contract/errors.ts";
import {
  CHANNELS_MAX,
  GAIN_MAX,
  GAIN_MIN,
  OFFSET_MAX,
  SAMPLE_RATE_MAX,
  SAMPLE_RATE_MIN,
} from "../../preload/contract/recording.ts";

/** Where in which file a value stands. */
export interface Place {
  readonly file: string;
  readonly offset?: number | undefined; // byte
  readonly line?: number | undefined;
  readonly channel?: string | undefined;
}

export const isSampleRate = (value: number): boolean => value >= SAMPLE_RATE_MIN && value <= SAMPLE_RATE_MAX;

/** A gain may be negative, never 0 and never so small or large that physical values leave the finite numbers. */
export const isGain = (value: number): boolean => Math.abs(value) >= GAIN_MIN && Math.abs(value) <= GAIN_MAX;

export const isOffset = (value: number): boolean => Math.abs(value) <= OFFSET_MAX;

/** Throws data/sample-rate where a rate is none that a recording may have. */
export function checkSampleRate(value: number, place: Place): number {
  if (isSampleRate(value)) return value;
  throw outside(
    "data/sample-rate",
    "a sample rate",
    value,
    `${SAMPLE_RATE_MIN} to ${SAMPLE_RATE_MAX} Hz`,
    place,
  );
}

/** Throws data/scaling where gain or offset is none that a channel may have. */
export function checkScaling(gain: number, offset: number, place: Place): void {
  if (!isGain(gain))
    throw outside("data/scaling", "a gain", gain, `${GAIN_MIN} to ${GAIN_MAX}, either sign`, place);
  if (!isOffset(offset))
    throw outside("data/scaling", "an offset", offset, `${-OFFSET_MAX} to ${OFFSET_MAX}`, place);
}

export function checkChannelCount(count: number, place: Place): void {
  if (count > CHANNELS_MAX)
    throw outside("data/too-many-channels", "a number of channels", count, `0 to ${CHANNELS_MAX}`, place);
}

/** The error for a value outside what is allowed: file, place, value and range. */
export function outside(
  code: `data/${string}`,
  what: string,
  value: number,
  allowed: string,
  { file, offset, line, channel }: Place,
): AppError {
  const where = [
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(offset === undefined ? [] : [`byte ${offset}`]),
    ...(channel === undefined ? [] : [`channel "${channel.slice(0, 40)}"`]),
  ].join(", ");
  return new AppError(
    code,
    `${file}${where === "" ? "" : `, ${where}`}: ${what} of ${value} cannot be used (allowed: ${allowed})`,
    {
      file,
      ...(offset === undefined ? {} : { offset }),
      ...(line === undefined ? {} : { line }),
      ...(channel === undefined ? {} : { channel: channel.slice(0, 200) }),
      value: Number.isFinite(value) ? value : String(value), // JSON has no Infinity
      allowed,
    },
  );
}
