import { crc16CcittFalse } from "../crc16.ts";
import { SAMPLES_MAX } from "./setup.ts";

/** Our own template's frame body, little-endian: type, counter u16, device time u32 in us, content, CRC-16 of all before. */
export const types = { data16: 0xd1, info: 0xd2, mark: 0xd3, status: 0xd4, data24: 0xd9 } as const;
const known: ReadonlySet<number> = new Set(Object.values(types));
export const isType = (byte: number | undefined): boolean => byte !== undefined && known.has(byte);

const HEAD_BYTES = 7;
const DATA_HEAD_BYTES = 9; // number of channels and samples of each follow the head
const CRC_BYTES = 2;
/** Most of a text that is read. */
const TEXT_BYTES_MAX = 4096;

export interface DataFrame {
  readonly kind: "data";
  readonly counter: number;
  readonly timeUs: number; // of the first sample
  readonly samples: number; // of each channel
  /** Sample-major. Its buffer is used again for the next frame. */
  readonly values: Int32Array;
  readonly missing: number; // the value that marks a sample as missing or saturated
}
export interface TextFrame {
  readonly kind: "info" | "mark" | "status";
  readonly counter: number;
  readonly timeUs: number;
  readonly content: Uint8Array;
}
export type BodyFrame = DataFrame | TextFrame;

const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
const uint32 = (bytes: Uint8Array, at: number): number => uint16(bytes, at) + 0x10000 * uint16(bytes, at + 2);

/** Reads bodies of a device with so many channels. */
export class BodyReader {
  readonly #channels: number;
  #values = new Int32Array(64);

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** undefined: no body, or a damaged one. Lengths are compared before the checksum, which passes one in 65,536 by chance. */
  read(bytes: Uint8Array, length: number): BodyFrame | undefined {
    const type = bytes[0] ?? 0;
    if (length < HEAD_BYTES + CRC_BYTES || !isType(type)) return undefined;
    const width = type === types.data16 ? 2 : type === types.data24 ? 3 : 0;
    if (width > 0 && !this.#isData(bytes, length, width)) return undefined;
    if (width === 0 && length > HEAD_BYTES + TEXT_BYTES_MAX + CRC_BYTES) return undefined;
    const end = length - CRC_BYTES;
    if (crc16CcittFalse(bytes, 0, end) !== uint16(bytes, end)) return undefined;
    const head = { counter: uint16(bytes, 1), timeUs: uint32(bytes, 3) };
    if (width > 0) return { kind: "data", ...head, ...this.#data(bytes, width) };
    const kind = type === types.info ? "info" : type === types.mark ? "mark" : "status";
    return { kind, ...head, content: bytes.slice(HEAD_BYTES, end) };
  }

  #isData(bytes: Uint8Array, length: number, width: number): boolean {
    const samples = bytes[8] ?? 0;
    return (
      bytes[7] === this.#channels &&
      samples > 0 &&
      samples <= SAMPLES_MAX &&
      length === DATA_HEAD_BYTES + width * this.#channels * samples + CRC_BYTES
    );
  }

  #data(bytes: Uint8Array, width: number): Pick<DataFrame, "samples" | "values" | "missing"> {
    const samples = bytes[8] ?? 0;
    const count = this.#channels * samples;
    if (this.#values.length < count) this.#values = new Int32Array(count);
    const values = this.#values.subarray(0, count);
    for (let i = 0, at = DATA_HEAD_BYTES; i < count; i++, at += width)
      values[i] =
        width === 2
          ? (uint16(bytes, at) << 16) >> 16
          : ((uint16(bytes, at) | ((bytes[at + 2] ?? 0) << 16)) << 8) >> 8;
    return { samples, values, missing: width === 2 ? -0x8000 : -0x800000 };
  }
}

interface Head {
  readonly counter: number;
  readonly timeUs: number;
}

export function encodeText(type: "info" | "mark" | "status", head: Head, content: Uint8Array): Uint8Array {
  const body = new Uint8Array(HEAD_BYTES + content.length + CRC_BYTES);
  body.set(content, HEAD_BYTES);
  return finished(body, types[type], head);
}

export function encodeData(
  bits: 16 | 24,
  head: Head,
  channels: number,
  values: readonly number[],
): Uint8Array {
  const width = bits / 8;
  const body = new Uint8Array(DATA_HEAD_BYTES + width * values.length + CRC_BYTES);
  body[7] = channels;
  body[8] = values.length / channels;
  values.forEach((value, i) => {
    for (let byte = 0; byte < width; byte++) body[DATA_HEAD_BYTES + width * i + byte] = value >> (8 * byte);
  });
  return finished(body, bits === 16 ? types.data16 : types.data24, head);
}

function finished(body: Uint8Array, type: number, { counter, timeUs }: Head): Uint8Array {
  const view = new DataView(body.buffer);
  body[0] = type;
  view.setUint16(1, counter, true);
  view.setUint32(3, timeUs, true);
  const end = body.length - CRC_BYTES;
  view.setUint16(end, crc16CcittFalse(body, 0, end), true);
  return body;
}
