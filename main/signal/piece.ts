import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { sampleArrays } from "./block.ts";

/** Consecutive samples of all channels of one stream, as the device gave them. */
export interface SamplePiece {
  readonly kind: "samples";
  readonly channel: number; // position of the stream's first channel in the recording
  readonly first: number;
  readonly count: number;
  readonly values: Float64Array; // digital, sample-major
  readonly reasons: Uint8Array; // in the same order; 0 observed
}

/** Samples that there are none of, however many: nothing is held for them. */
export interface GapPiece {
  readonly kind: "gap";
  readonly channel: number;
  readonly first: number;
  readonly count: number;
  readonly reason: number;
}
export type Piece = SamplePiece | GapPiece;

/** What was told of a stream, and when: monotonic seconds of the read that brought samples. */
export interface Heard {
  readonly piece: Piece;
  readonly width: number; // channels of the stream
  readonly arrivedS: number | undefined;
}

/** One channel of a piece as the library will give it: physical, float32, whatever lies beneath a reason kept. `at`: its place among the piece's channels. */
export function physicalOf(
  { count, values, reasons }: SamplePiece,
  { sampleType, gain, offset }: ChannelHeader,
  at: number,
): { readonly values: Float32Array; readonly reasons: Uint8Array } {
  const width = values.length / count;
  const stored = new sampleArrays[sampleType](count);
  const own = { values: new Float32Array(count), reasons: new Uint8Array(count) };
  values.forEach((value, k) => {
    if (k % width === at) stored[(k - at) / width] = value;
  });
  reasons.forEach((reason, k) => {
    if (k % width === at) own.reasons[(k - at) / width] = reason;
  });
  stored.forEach((value, i) => (own.values[i] = value * gain + offset));
  return own;
}
