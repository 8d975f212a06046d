import { sure } from "../../../preload/contract/sure.ts";
import { outside } from "../bounds.ts";
import type { ByteSource } from "../format.ts";

/**
 * FLAC as WFDB uses it (formats 508, 516 and 524): native streams of up to eight channels, one a signal, after RFC 9639.
 * Samples come out as the integers they were; every frame's checksums are verified.
 */
export interface FlacInfo {
  readonly channels: number;
  readonly bits: number;
  readonly samples: number; // a channel, as announced; 0: unknown
  readonly firstFrame: number; // byte of it
}

/** Samples of one frame, channel by channel. */
export interface FlacFrame {
  readonly channels: readonly Int32Array[];
  readonly at: number; // byte in the file
}

const MAGIC = 0x664c6143; // fLaC
const STREAMINFO_BYTES = 34;
const MAX_BLOCKS = 1000; // of metadata
const WINDOW_BYTES = 1 << 18;
const MAX_FRAME_BYTES = 16 << 20;

/** Throws data/bad-flac where the stream's description makes no sense. */
export async function openFlac(source: ByteSource): Promise<FlacInfo> {
  const refuse = (what: string, value: number, allowed: string, offset: number): never => {
    throw outside("data/bad-flac", what, value, allowed, { file: source.name, offset });
  };
  const head = view(await source.read(0, 8 + STREAMINFO_BYTES));
  if (head.byteLength < 8 + STREAMINFO_BYTES)
    return refuse("a FLAC file with a length", head.byteLength, `${8 + STREAMINFO_BYTES} bytes or more`, 0);
  if (head.getUint32(0) !== MAGIC) return refuse("first bytes", head.getUint32(0), `${MAGIC} (fLaC)`, 0);
  if ((head.getUint8(4) & 0x7f) !== 0)
    return refuse("a first block of type", head.getUint8(4) & 0x7f, "0 (STREAMINFO)", 4);
  const packed = head.getUint32(18); // rate 20, channels 3, bits 5, samples 36 bits
  const channels = ((packed >>> 9) & 7) + 1;
  const bits = ((packed >>> 4) & 31) + 1;
  const samples = (packed & 15) * 2 ** 32 + head.getUint32(22);
  if (bits > 24) return refuse("a number of bits a sample", bits, "4 to 24", 20);
  let at = 4;
  for (let block = 0; ; block++) {
    const bytes = view(await source.read(at, 4));
    if (bytes.byteLength < 4 || block > MAX_BLOCKS)
      return refuse("metadata up to block", block, `0 to ${MAX_BLOCKS}`, at);
    const word = bytes.getUint32(0);
    at += 4 + (word & 0xffffff);
    if (word >>> 31 === 1) return { channels, bits, samples, firstFrame: at };
  }
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export type FlacEnd = { readonly at: number; readonly isDamaged: boolean };

/** Frames from the first to the last that is whole and sound. Returns where that was, and whether more bytes follow. */
export async function* flacFrames(
  source: ByteSource,
  info: FlacInfo,
): AsyncGenerator<FlacFrame, FlacEnd, void> {
  let at = info.firstFrame;
  let [bytes, start] = [new Uint8Array(0), at];
  for (let window = WINDOW_BYTES; at < source.size;) {
    const frame = decodeFrame(bytes.subarray(at - start), info);
    if (frame === "damaged") return { at, isDamaged: true };
    if (frame === "cut") {
      if (start + bytes.length >= source.size && bytes.length > 0) return { at, isDamaged: true };
      if (at === start && bytes.length > 0) window *= 2; // a frame longer than the window
      if (window > MAX_FRAME_BYTES) return { at, isDamaged: true };
      [bytes, start] = [Uint8Array.from(await source.read(at, window)), at];
      if (bytes.length === 0) return { at, isDamaged: true };
      continue;
    }
    yield { channels: frame.channels, at };
    at += frame.bytes;
  }
  return { at, isDamaged: false };
}

/** Samples of a channel in a stream that does not say how many it holds. */
export async function countSamples(source: ByteSource, info: FlacInfo): Promise<number> {
  let samples = 0;
  for await (const { channels } of flacFrames(source, info)) samples += sure(channels[0]).length;
  return samples;
}

/** Bits of a frame, most significant first. Past the end it gives zeros and says so. */
class Bits {
  at = 0; // bit
  isPast = false;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Up to 32 bits, unsigned. */
  read(count: number): number {
    let value = 0;
    let left = count;
    while (left > 0) {
      const byte = this.bytes[this.at >> 3];
      if (byte === undefined) {
        this.isPast = true;
        return 0;
      }
      const room = 8 - (this.at & 7);
      const take = Math.min(room, left);
      value = value * 2 ** take + ((byte >> (room - take)) & ((1 << take) - 1));
      this.at += take;
      left -= take;
    }
    return value;
  }

  signed(count: number): number {
    const value = this.read(count);
    return count > 0 && value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** Zeros up to the next one bit, which is passed. */
  unary(): number {
    const from = this.at;
    let index = this.at >> 3;
    let byte = (this.bytes[index] ?? 0) & (0xff >> (this.at & 7));
    while (byte === 0) {
      if (++index >= this.bytes.length) {
        this.isPast = true;
        return 0;
      }
      byte = sure(this.bytes[index]);
    }
    this.at = index * 8 + Math.clz32(byte) - 24 + 1;
    return this.at - 1 - from;
  }
}

const blockSizes = (code: number): number =>
  code === 1 ? 192 : code >= 2 && code <= 5 ? 576 << (code - 2) : code >= 8 ? 256 << (code - 8) : 0;
const sampleBits: readonly number[] = [0, 8, 12, -1, 16, 20, 24, 32];

interface Decoded {
  readonly channels: readonly Int32Array[];
  readonly bytes: number;
}

function decodeFrame(bytes: Uint8Array, info: FlacInfo): Decoded | "cut" | "damaged" {
  if (bytes.length < 6) return "cut";
  const bits = new Bits(bytes);
  if (bits.read(15) !== 0x7ffc) return "damaged"; // sync code and a reserved bit
  bits.read(1); // blocking strategy: frames come in order either way
  const sizeCode = bits.read(4);
  const rateCode = bits.read(4);
  const assignment = bits.read(4);
  const width = sure(sampleBits[bits.read(3)]);
  if (bits.read(1) !== 0 || sizeCode === 0 || rateCode === 15 || assignment > 10 || width < 0)
    return "damaged";
  const lead = bits.read(8); // the frame's number, as UTF-8 writes one
  for (let more = lead < 0x80 ? 0 : Math.clz32(~(lead << 24)) - 1; more > 0; more--) bits.read(8);
  const size = sizeCode === 6 ? bits.read(8) + 1 : sizeCode === 7 ? bits.read(16) + 1 : blockSizes(sizeCode);
  if (rateCode >= 12) bits.read(rateCode === 12 ? 8 : 16);
  const headerBytes = bits.at >> 3;
  const check = bits.read(8);
  if (bits.isPast) return "cut";
  if (crc8(bytes.subarray(0, headerBytes)) !== check) return "damaged";
  const depth = width === 0 ? info.bits : width;
  const count = assignment < 8 ? assignment + 1 : 2;
  if (count !== info.channels || depth > 24) return "damaged";
  const channels: Int32Array[] = [];
  for (let channel = 0; channel < count; channel++) {
    const isSide = assignment === 9 ? channel === 0 : assignment >= 8 && channel === 1;
    const samples = subframe(bits, size, depth + (isSide ? 1 : 0));
    if (bits.isPast) return "cut";
    if (samples === undefined) return "damaged";
    channels.push(samples);
  }
  const end = (bits.at + 7) >> 3;
  if (end + 2 > bytes.length) return "cut";
  if (crc16(bytes.subarray(0, end)) !== ((sure(bytes[end]) << 8) | sure(bytes[end + 1]))) return "damaged";
  if (assignment >= 8) undoStereo(sure(channels[0]), sure(channels[1]), assignment);
  return { channels, bytes: end + 2 };
}

/** Left and side, side and right, or middle and side become left and right, in place. */
function undoStereo(a: Int32Array, b: Int32Array, assignment: number): void {
  for (let i = 0; i < a.length; i++) {
    const [first, second] = [sure(a[i]), sure(b[i])];
    if (assignment === 8) b[i] = first - second;
    else if (assignment === 9) a[i] = first + second;
    else {
      const middle = 2 * first + (second & 1);
      a[i] = (middle + second) >> 1;
      b[i] = (middle - second) >> 1;
    }
  }
}

/** Coefficients of the fixed predictors, the newest sample first. */
const fixed: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

/** One channel of a frame; undefined where it is of no known kind. */
function subframe(bits: Bits, size: number, width: number): Int32Array | undefined {
  if (bits.read(1) !== 0) return undefined;
  const type = bits.read(6);
  const wasted = bits.read(1) === 1 ? bits.unary() + 1 : 0;
  const depth = width - wasted;
  if (depth < 1) return undefined;
  const samples = new Int32Array(size);
  if (type === 0) samples.fill(bits.signed(depth));
  else if (type === 1) for (let i = 0; i < size && !bits.isPast; i++) samples[i] = bits.signed(depth);
  else {
    const predictor =
      type >= 8 && type <= 12 ? { order: type - 8 } : type >= 32 ? { order: type - 31 } : undefined;
    if (predictor === undefined || predictor.order > size) return undefined;
    const { order } = predictor;
    for (let i = 0; i < order; i++) samples[i] = bits.signed(depth);
    let [coefficients, shift] = [fixed[order] ?? [], 0];
    if (type >= 32) {
      const precision = bits.read(4) + 1;
      shift = bits.signed(5);
      if (precision === 16 || shift < 0) return undefined;
      coefficients = Array.from({ length: order }, () => bits.signed(precision));
    }
    if (!residual(bits, samples, order)) return bits.isPast ? samples : undefined;
    predict(samples, coefficients, shift);
  }
  if (wasted > 0) for (let i = 0; i < size; i++) samples[i] = sure(samples[i]) << wasted;
  return samples;
}

/** Rice-coded differences into the samples after the warm-up; false where they make no sense. */
function residual(bits: Bits, samples: Int32Array, order: number): boolean {
  const method = bits.read(2);
  if (method > 1) return false;
  const parameterBits = method === 0 ? 4 : 5;
  const partitions = 2 ** bits.read(4);
  const length = samples.length / partitions;
  if (!Number.isInteger(length) || length < order) return false;
  for (let partition = 0, at = order; partition < partitions; partition++) {
    const end = (partition + 1) * length;
    const parameter = bits.read(parameterBits);
    if (parameter === 2 ** parameterBits - 1) {
      const raw = bits.read(5);
      for (; at < end && !bits.isPast; at++) samples[at] = bits.signed(raw);
    } else {
      const step = 2 ** parameter;
      for (; at < end && !bits.isPast; at++) {
        const folded = bits.unary() * step + bits.read(parameter);
        samples[at] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      }
    }
    if (bits.isPast) return false;
  }
  return true;
}

/** sample = difference + floor(sum of coefficient * earlier sample / 2^shift); sums fit 53 bits. */
function predict(samples: Int32Array, coefficients: readonly number[], shift: number): void {
  const order = coefficients.length;
  const scale = 2 ** shift;
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += sure(coefficients[k]) * sure(samples[i - 1 - k]);
    samples[i] = sure(samples[i]) + Math.floor(sum / scale);
  }
}

const table = (width: 8 | 16, polynomial: number): Uint16Array =>
  Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++)
      value = value & (1 << (width - 1)) ? (value << 1) ^ polynomial : value << 1;
    return value & (2 ** width - 1);
  });
const table8 = table(8, 0x07);
const table16 = table(16, 0x8005);

function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = sure(table8[crc ^ byte]);
  return crc;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ sure(table16[(crc >> 8) ^ byte]);
  return crc;
}
