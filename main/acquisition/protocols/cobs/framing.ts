import { CHANNELS_MAX } from "../own-channels.ts";
import { SAMPLES_MAX } from "./setup.ts";

/** Longest body: header, int24 samples, checksum. */
const BODY_MAX = 9 + 3 * CHANNELS_MAX * SAMPLES_MAX + 2;

/** How bodies are told apart on the line. */
export interface Framing {
  readonly delimiter: number;
  readonly lengthMax: number; // of an encoded body, without delimiters
  /** Place of the byte that stands for the first of a body, from the start of the encoded one. */
  readonly firstAt: number;
  encode(body: Uint8Array): Uint8Array;
  /** Decodes what lies between two delimiters into `out` and returns its length; -1: it is nothing encoded. */
  decode(bytes: Uint8Array, from: number, to: number, out: Uint8Array): number;
}

/** Consistent Overhead Byte Stuffing: no zero but the delimiter; each block says how far the next zero is. */
export const cobsFraming: Framing = {
  delimiter: 0,
  lengthMax: BODY_MAX + Math.ceil(BODY_MAX / 254) + 1,
  firstAt: 1,
  encode(body) {
    const bytes: number[] = [];
    let block: number[] = [];
    const close = (): void => {
      bytes.push(block.length + 1, ...block);
      block = [];
    };
    for (const byte of body) {
      if (byte !== 0) block.push(byte);
      if (byte === 0 || block.length === 254) close();
    }
    close();
    return Uint8Array.of(...bytes, 0);
  },
  decode(bytes, from, to, out) {
    let length = 0;
    let at = from;
    while (at < to) {
      const code = bytes[at] ?? 0;
      const end = at + code;
      if (code === 0 || end > to) return -1;
      while (++at < end) out[length++] = bytes[at] ?? 0;
      if (code < 0xff && at < to) out[length++] = 0;
    }
    return length;
  },
};

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

/** SLIP, RFC 1055, with END on both sides. */
export const slipFraming: Framing = {
  delimiter: END,
  lengthMax: 2 * BODY_MAX,
  firstAt: 0,
  encode(body) {
    const bytes = [END];
    for (const byte of body) {
      if (byte === END) bytes.push(ESCAPE, ESCAPED_END);
      else if (byte === ESCAPE) bytes.push(ESCAPE, ESCAPED_ESCAPE);
      else bytes.push(byte);
    }
    return Uint8Array.of(...bytes, END);
  },
  decode(bytes, from, to, out) {
    let length = 0;
    for (let at = from; at < to && length < out.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte !== ESCAPE) {
        out[length++] = byte;
        continue;
      }
      const escaped = at + 1 < to ? (bytes[++at] ?? 0) : 0;
      if (escaped !== ESCAPED_END && escaped !== ESCAPED_ESCAPE) return -1;
      out[length++] = escaped === ESCAPED_END ? END : ESCAPE;
    }
    return length;
  },
};
