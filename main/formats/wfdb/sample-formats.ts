import type { SampleType } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";

/** How one WFDB storage format packs samples (signal(5)). `group` samples share whole bytes. */
export interface SampleFormat {
  readonly code: number;
  readonly sampleType: SampleType;
  readonly missing: number | undefined; // the value that means "no sample"
  readonly group: number;
  /** Whole samples in so many bytes from a group's start. */
  samplesIn(bytes: number): number;
  bytesFor(samples: number): number;
  /** A FLAC stream (flac.ts): `bytesFor` then says what its samples take once unpacked, and `decode` is not asked. */
  readonly isFlac?: true;
  /** Unpacks `count` samples. Format 8 gives differences, which the caller sums. */
  decode(bytes: Uint8Array, count: number, out: Int32Array): void;
}

/** Our platforms are; then a copy is faster than assembling bytes. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

const wholeBytes = (width: number) => ({
  group: 1,
  samplesIn: (bytes: number) => Math.floor(bytes / width),
  bytesFor: (samples: number) => samples * width,
});

/** Byte at `i`, 0 past the end: a cut file's last group is completed by zeros and its samples are not counted. */
const at = (bytes: Uint8Array, i: number): number => bytes[i] ?? 0;
const signed10 = (value: number): number => (value << 22) >> 22;

function decode310(bytes: Uint8Array, count: number, out: Int32Array): void {
  for (let i = 0, p = 0; i < count; i += 3, p += 4) {
    const w0 = at(bytes, p) | (at(bytes, p + 1) << 8);
    const w1 = at(bytes, p + 2) | (at(bytes, p + 3) << 8);
    out[i] = signed10(w0 >> 1);
    if (i + 1 < count) out[i + 1] = signed10(w1 >> 1);
    if (i + 2 < count) out[i + 2] = signed10((w0 >> 11) | ((w1 >> 11) << 5));
  }
}

function decode311(bytes: Uint8Array, count: number, out: Int32Array): void {
  for (let i = 0, p = 0; i < count; i += 3, p += 4) {
    const word = at(bytes, p) | (at(bytes, p + 1) << 8) | (at(bytes, p + 2) << 16) | (at(bytes, p + 3) << 24);
    out[i] = signed10(word);
    if (i + 1 < count) out[i + 1] = signed10(word >> 10);
    if (i + 2 < count) out[i + 2] = signed10(word >> 20);
  }
}

function decode212(bytes: Uint8Array, count: number, out: Int32Array): void {
  for (let i = 0, p = 0; i < count; i += 2, p += 3) {
    const middle = at(bytes, p + 1);
    out[i] = ((at(bytes, p) | ((middle & 0x0f) << 8)) << 20) >> 20;
    if (i + 1 < count) out[i + 1] = ((at(bytes, p + 2) | ((middle & 0xf0) << 4)) << 20) >> 20;
  }
}

const flac = (code: number, sampleType: SampleType, bits: number): SampleFormat => ({
  code,
  sampleType,
  missing: -(2 ** (bits - 1)),
  isFlac: true,
  ...wholeBytes(sampleType === "int8" ? 1 : sampleType === "int16" ? 2 : 4),
  decode: () => undefined,
});

const formats: readonly SampleFormat[] = [
  {
    code: 8,
    sampleType: "int32",
    missing: undefined,
    ...wholeBytes(1),
    decode: (bytes, count, out) => {
      for (let i = 0; i < count; i++) out[i] = (at(bytes, i) << 24) >> 24;
    },
  },
  {
    code: 16,
    sampleType: "int16",
    missing: -32768,
    ...wholeBytes(2),
    decode: (bytes, count, out) => {
      if (isLittleEndian) out.set(new Int16Array(bytes.slice(0, 2 * count).buffer));
      else
        for (let i = 0, p = 0; i < count; i++, p += 2)
          out[i] = ((at(bytes, p) | (at(bytes, p + 1) << 8)) << 16) >> 16;
    },
  },
  {
    code: 61,
    sampleType: "int16",
    missing: -32768,
    ...wholeBytes(2),
    decode: (bytes, count, out) => {
      for (let i = 0, p = 0; i < count; i++, p += 2)
        out[i] = ((at(bytes, p + 1) | (at(bytes, p) << 8)) << 16) >> 16;
    },
  },
  {
    code: 24,
    sampleType: "int32",
    missing: -8388608,
    ...wholeBytes(3),
    decode: (bytes, count, out) => {
      for (let i = 0, p = 0; i < count; i++, p += 3) {
        out[i] = ((at(bytes, p) | (at(bytes, p + 1) << 8) | (at(bytes, p + 2) << 16)) << 8) >> 8;
      }
    },
  },
  {
    code: 32,
    sampleType: "int32",
    missing: -2147483648,
    ...wholeBytes(4),
    decode: (bytes, count, out) => {
      for (let i = 0, p = 0; i < count; i++, p += 4) {
        out[i] = at(bytes, p) | (at(bytes, p + 1) << 8) | (at(bytes, p + 2) << 16) | (at(bytes, p + 3) << 24);
      }
    },
  },
  {
    code: 80,
    sampleType: "int8",
    missing: -128,
    ...wholeBytes(1),
    decode: (bytes, count, out) => {
      for (let i = 0; i < count; i++) out[i] = at(bytes, i) - 128;
    },
  },
  {
    code: 160,
    sampleType: "int16",
    missing: -32768,
    ...wholeBytes(2),
    decode: (bytes, count, out) => {
      for (let i = 0, p = 0; i < count; i++, p += 2)
        out[i] = (at(bytes, p) | (at(bytes, p + 1) << 8)) - 32768;
    },
  },
  {
    code: 212,
    sampleType: "int16",
    missing: -2048,
    group: 2,
    samplesIn: (bytes) => Math.floor(bytes / 3) * 2 + (bytes % 3 === 2 ? 1 : 0),
    bytesFor: (samples) => Math.floor(samples / 2) * 3 + (samples % 2) * 2,
    decode: decode212,
  },
  {
    code: 310,
    sampleType: "int16",
    missing: -512,
    group: 3,
    samplesIn: (bytes) => Math.floor(bytes / 4) * 3 + (bytes % 4 >= 2 ? 1 : 0),
    bytesFor: (samples) => Math.floor(samples / 3) * 4 + sure([0, 2, 4][samples % 3]),
    decode: decode310,
  },
  {
    code: 311,
    sampleType: "int16",
    missing: -512,
    group: 3,
    samplesIn: (bytes) => Math.floor(bytes / 4) * 3 + sure([0, 0, 1, 2][bytes % 4]),
    bytesFor: (samples) => Math.floor(samples / 3) * 4 + sure([0, 2, 3][samples % 3]),
    decode: decode311,
  },
  flac(508, "int8", 8),
  flac(516, "int16", 16),
  flac(524, "int32", 24),
];

const byCode = new Map(formats.map((format) => [format.code, format]));

export const sampleFormat = (code: number): SampleFormat | undefined => byCode.get(code);
export const readableFormats: readonly number[] = formats.map((format) => format.code);

/** Packs samples for writing. Formats 16, 24 and 32: little-endian two's complement of that many bits. */
export function encodeSamples(values: Int32Array, bits: 16 | 24 | 32): Uint8Array {
  if (isLittleEndian && bits === 32) return new Uint8Array(values.slice().buffer);
  if (isLittleEndian && bits === 16) return new Uint8Array(Int16Array.from(values).buffer);
  const width = bits / 8;
  const bytes = new Uint8Array(values.length * width);
  for (let i = 0, p = 0; i < values.length; i++) {
    const value = sure(values[i]);
    for (let b = 0; b < width; b++) bytes[p++] = (value >> (8 * b)) & 0xff;
  }
  return bytes;
}
