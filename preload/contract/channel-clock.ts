import { z } from "zod";

/** Samples from `first` on, up to those of the next piece, lie at `atS + (i - first) / rate` of the recording's time. */
export const ClockPiece = z.object({
  first: z.number().int().nonnegative(),
  atS: z.number(),
  rate: z.number().positive(), // Hz, by the clock of the recording
});
export type ClockPiece = z.infer<typeof ClockPiece>;

/**
 * Where the samples of channels lie whose device has another clock than the recording, in order of samples. Channels that
 * none names lie at their nominal rate from 0 on.
 */
export const ChannelClock = z.object({
  channels: z.array(z.number().int().nonnegative()).min(1),
  pieces: z.array(ClockPiece).min(1),
});
export type ChannelClock = z.infer<typeof ChannelClock>;

export const piecesOf = (
  clocks: readonly ChannelClock[] | undefined,
  channel: number,
): readonly ClockPiece[] | undefined => clocks?.find(({ channels }) => channels.includes(channel))?.pieces;

/** The last piece of which `isBefore` holds, else the first. They are in order. */
function lastOf(
  pieces: readonly ClockPiece[],
  isBefore: (piece: ClockPiece) => boolean,
): { readonly piece: ClockPiece | undefined; readonly next: ClockPiece | undefined } {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const piece = pieces[middle];
    if (piece !== undefined && isBefore(piece)) low = middle;
    else high = middle - 1;
  }
  return { piece: pieces[low], next: pieces[low + 1] };
}

/** Where a sample lies, in seconds of the recording. */
export function timeOfSample(
  pieces: readonly ClockPiece[] | undefined,
  sampleRate: number,
  sample: number,
): number {
  const { piece } = lastOf(pieces ?? [], ({ first }) => first <= sample);
  return piece === undefined ? sample / sampleRate : piece.atS + (sample - piece.first) / piece.rate;
}

interface Sampled {
  readonly sampleRate: number;
  readonly sampleCount: number;
  readonly clock?: readonly ClockPiece[] | undefined; // absent: at its nominal rate
}

/** Seconds of the recording at which the samples of a channel end. */
export const endOfChannel = ({ clock, sampleRate, sampleCount }: Sampled): number =>
  timeOfSample(clock, sampleRate, sampleCount);

/** How long a recording is: up to the end of the samples that lie last in its time. */
export const lengthOf = (channels: readonly Sampled[]): number => Math.max(0, ...channels.map(endOfChannel));

/** The sample (with its fraction) that lies at a time of the recording. Between two pieces it is the first of the later one. */
export function sampleAtTime(
  pieces: readonly ClockPiece[] | undefined,
  sampleRate: number,
  timeS: number,
): number {
  const { piece, next } = lastOf(pieces ?? [], ({ atS }) => atS <= timeS);
  if (piece === undefined) return timeS * sampleRate;
  const sample = piece.first + (timeS - piece.atS) * piece.rate;
  return next === undefined ? sample : Math.min(sample, next.first);
}

/** How much later than at its nominal rate a sample lies, in seconds. */
export const shiftOfSample = (
  pieces: readonly ClockPiece[] | undefined,
  sampleRate: number,
  sample: number,
): number => timeOfSample(pieces, sampleRate, sample) - sample / sampleRate;

/**
 * Samples that are read for use have places in the recording's time, as many a second as the channel's nominal rate: each
 * sample has the nearest. Of a device that is slow some places stay empty, of one that is fast two samples fall on one place.
 */
export const placeOfSample = (
  pieces: readonly ClockPiece[] | undefined,
  sampleRate: number,
  sample: number,
): number =>
  pieces === undefined ? sample : Math.round(timeOfSample(pieces, sampleRate, sample) * sampleRate);

/** Places of a channel, up to that of its last sample. */
export const placesOf = (
  pieces: readonly ClockPiece[] | undefined,
  { sampleRate, sampleCount }: { readonly sampleRate: number; readonly sampleCount: number },
): number => (sampleCount === 0 ? 0 : Math.max(0, placeOfSample(pieces, sampleRate, sampleCount - 1) + 1));
