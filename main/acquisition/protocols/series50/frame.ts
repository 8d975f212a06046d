import { joined } from "../bytes.ts";
import { crc16Xmodem } from "../crc16.ts";
import { bytesOf } from "../text.ts";

/** Data link of the Series 50: DLE STX, payload with every DLE doubled, DLE ETX, checksum (high byte first, not doubled). */
const DLE = 0x10;
const STX = 0x02;
const ETX = 0x03;
/** The longest payload is a note of 510 bytes. */
const PAYLOAD_MAX = 512;

/**
 * Which bytes the checksum covers. The guide's way is "transmitted" [V-code]; the others are tried by hand where a monitor
 * sends well-framed blocks whose checksum does not fit (none was seen on a monitor yet).
 */
export const checksums = ["transmitted", "payload", "unescaped", "low-byte-first", "initial-ffff"] as const;
export type Checksum = (typeof checksums)[number];

/** Checksum of a frame as its two bytes make a number, high byte first. `end`: past DLE ETX. */
function checksumOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  payload: Uint8Array,
  kind: Checksum,
): number {
  if (kind === "payload") return crc16Xmodem(payload);
  if (kind === "unescaped") return crc16Xmodem(Uint8Array.of(DLE, STX, ...payload, DLE, ETX));
  const crc = crc16Xmodem(bytes, start, end, kind === "initial-ffff" ? 0xffff : 0);
  return kind === "low-byte-first" ? ((crc & 0xff) << 8) | (crc >> 8) : crc;
}

export function encodeFrame(payload: Uint8Array, kind: Checksum = "transmitted"): Uint8Array {
  const bytes = [DLE, STX];
  for (const byte of payload) {
    bytes.push(byte);
    if (byte === DLE) bytes.push(DLE);
  }
  bytes.push(DLE, ETX);
  const crc = checksumOf(Uint8Array.from(bytes), 0, bytes.length, payload, kind);
  return Uint8Array.of(...bytes, crc >> 8, crc & 0xff);
}

export const textFrame = (text: string, kind?: Checksum): Uint8Array => encodeFrame(bytesOf(text), kind);

export interface Frame {
  readonly payload: Uint8Array;
  readonly end: number; // past its checksum
}

/** The frame that begins at `start`, if one does. "damaged": whole, and its checksum does not fit. */
export function frameAt(
  bytes: Uint8Array,
  start: number,
  kind: Checksum,
): Frame | "incomplete" | "not-a-frame" | "damaged" {
  if (bytes[start] !== DLE) return "not-a-frame";
  if (start + 1 === bytes.length) return "incomplete";
  if (bytes[start + 1] !== STX) return "not-a-frame";
  const payload: number[] = [];
  let at = start + 2;
  while (payload.length <= PAYLOAD_MAX) {
    const byte = bytes[at];
    const next = byte === DLE ? bytes[at + 1] : byte;
    if (byte === undefined || next === undefined) return "incomplete";
    if (byte === DLE && next === ETX) {
      if (at + 4 > bytes.length) return "incomplete";
      const whole = Uint8Array.from(payload);
      const told = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
      return checksumOf(bytes, start, at + 2, whole, kind) === told
        ? { payload: whole, end: at + 4 }
        : "damaged";
    }
    if (byte === DLE && next !== DLE) return "not-a-frame";
    payload.push(byte);
    at += byte === DLE ? 2 : 1;
  }
  return "not-a-frame";
}

export interface FrameListener {
  frame(payload: Uint8Array): void;
  /** Framed like a block, and its checksum does not fit. */
  damaged(): void;
  skipped(bytes: number): void;
}

/** Finds frames in a stream cut anywhere. After a failed frame it goes on one byte further. */
export class FrameReader {
  readonly #kind: Checksum;
  #kept = new Uint8Array(0); // begins with DLE, or is empty; at most one unfinished frame

  constructor(kind: Checksum) {
    this.#kind = kind;
  }

  push(chunk: Uint8Array, listener: FrameListener): void {
    const bytes = this.#kept.length === 0 ? chunk : joined(this.#kept, chunk);
    let at = 0;
    while (at < bytes.length) {
      const found = bytes.indexOf(DLE, at);
      const start = found < 0 ? bytes.length : found;
      if (start > at) listener.skipped(withoutFillers(bytes, at, start));
      at = start;
      if (start === bytes.length) break;
      const frame = frameAt(bytes, start, this.#kind);
      if (frame === "incomplete") break;
      if (typeof frame === "string") {
        if (frame === "damaged") listener.damaged();
        listener.skipped(1);
        at = start + 1;
      } else {
        listener.frame(frame.payload);
        at = frame.end;
      }
    }
    this.#kept = bytes.slice(at);
  }

  reset(): void {
    this.#kept = new Uint8Array(0);
  }
}

/** A sender that was interrupted after DLE ETX may send zeros before its next block: they are no loss. */
function withoutFillers(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (bytes[i] !== 0) count++;
  return count;
}
