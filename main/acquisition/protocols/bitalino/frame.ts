import { crc4 } from "../crc4.ts";

/** Length of a frame of so many channels, bytes. */
export const frameBytes = (channels: number): number => [0, 3, 4, 6, 7, 8, 8][channels] ?? 8;

/** Channels 1 to 4 of the selection have 10 bits, 5 and 6 have 6. */
export const bitsOf = (channel: number): 10 | 6 => (channel < 4 ? 10 : 6);

export const isFrame = (bytes: Uint8Array, at: number, length: number): boolean =>
  crc4(bytes, at, length) === ((bytes[at + length - 1] ?? 0) & 15);

export const sequenceOf = (bytes: Uint8Array, at: number, length: number): number =>
  (bytes[at + length - 1] ?? 0) >> 4;

/** Digital inputs I1, I2 and outputs O1, O2 (classic board: I1 to I4), from bit 3 down. */
export const digitalOf = (bytes: Uint8Array, at: number, length: number): number =>
  (bytes[at + length - 2] ?? 0) >> 4;

/** Value of a channel of the selection, from 0. Bytes are counted from the end: the frame has no head. */
export function analogOf(bytes: Uint8Array, end: number, channel: number): number {
  const fromEnd = (k: number): number => bytes[end - k] ?? 0;
  switch (channel) {
    case 0:
      return ((fromEnd(2) & 0x0f) << 6) | (fromEnd(3) >> 2);
    case 1:
      return ((fromEnd(3) & 0x03) << 8) | fromEnd(4);
    case 2:
      return (fromEnd(5) << 2) | (fromEnd(6) >> 6);
    case 3:
      return ((fromEnd(6) & 0x3f) << 4) | (fromEnd(7) >> 4);
    case 4:
      return ((fromEnd(7) & 0x0f) << 2) | (fromEnd(8) >> 6);
    default:
      return fromEnd(8) & 0x3f;
  }
}

/** A frame as the device sends it. `analog`: one to six values; `digital`: I1, I2, O1, O2 from bit 3 down. */
export function frameOf(sequence: number, digital: number, analog: readonly number[]): Uint8Array {
  const length = frameBytes(analog.length);
  const frame = new Uint8Array(8); // of six channels; a shorter one is its end
  const value = (channel: number): number => analog[channel] ?? 0;
  frame[0] = ((value(4) & 3) << 6) | value(5);
  frame[1] = ((value(3) & 15) << 4) | (value(4) >> 2);
  frame[2] = ((value(2) & 3) << 6) | (value(3) >> 4);
  frame[3] = value(2) >> 2;
  frame[4] = value(1) & 255;
  frame[5] = ((value(0) & 63) << 2) | (value(1) >> 8);
  frame[6] = (digital << 4) | (value(0) >> 6);
  frame[7] = sequence << 4;
  const bytes = frame.slice(8 - length);
  bytes[length - 1] = (sequence << 4) | crc4(bytes, 0, length);
  return bytes;
}
