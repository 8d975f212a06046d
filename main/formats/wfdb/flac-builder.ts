import { sure } from "../../../preload/contract/sure.ts";
/** Bits, written one after another: an encoder of the kinds of frames that libFLAC was not asked for. */
export class BitWriter {
  private readonly bits: number[] = [];
  put(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) this.bits.push(Math.floor(value / 2 ** bit) & 1);
    return this;
  }
  signed(value: number, count: number): this {
    return this.put(value < 0 ? value + 2 ** count : value, count);
  }
  bytes(): number[] {
    const out: number[] = [];
    for (let at = 0; at < this.bits.length; at += 8)
      out.push(
        Array.from({ length: 8 }, (_, bit) => this.bits[at + bit] ?? 0).reduce(
          (sum, bit) => 2 * sum + bit,
          0,
        ),
      );
    return out;
  }
}
const crc = (bytes: readonly number[], width: number, polynomial: number): number =>
  bytes.reduce((crcSoFar, byte) => {
    let value = crcSoFar ^ (byte << (width - 8));
    for (let bit = 0; bit < 8; bit++)
      value = value & (1 << (width - 1)) ? (value << 1) ^ polynomial : value << 1;
    return value & (2 ** width - 1);
  }, 0);

/** A stream of one channel of 16 bits with one frame, whose subframe `write` makes. */
export function streamOf(
  size: number,
  write: (bits: BitWriter) => void,
  announced = size,
): Uint8Array<ArrayBuffer> {
  const info = new BitWriter()
    .put(size, 16)
    .put(size, 16)
    .put(0, 48)
    .put(250, 20)
    .put(0, 3)
    .put(15, 5)
    .put(announced, 36);
  const head = new BitWriter()
    .put(0x7ffc, 15)
    .put(0, 1)
    .put(7, 4)
    .put(0, 4)
    .put(0, 4)
    .put(4, 3)
    .put(0, 1)
    .put(0, 8)
    .put(size - 1, 16);
  const header = head.bytes();
  const body = new BitWriter();
  for (const byte of [...header, crc(header, 8, 0x07)]) body.put(byte, 8);
  write(body);
  const frame = body.bytes();
  const check = crc(frame, 16, 0x8005);
  return Uint8Array.from([
    ...[0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34],
    ...info.bytes(),
    ...Array<number>(16).fill(0),
    ...frame,
    check >> 8,
    check & 255,
  ]);
}
/** A subframe's kind, with `wasted` low bits that are zero in every sample. */
export const kind = (bits: BitWriter, type: number, wasted = 0): BitWriter => {
  bits
    .put(0, 1)
    .put(type, 6)
    .put(wasted > 0 ? 1 : 0, 1);
  if (wasted > 0) bits.put(1, wasted);
  return bits;
};

/** A record of one signal in a stream of differences: for the fuzzer. */
export function smallFlacRecord(): ReadonlyMap<string, Uint8Array> {
  const samples = Array.from({ length: 120 }, (_, i) => Math.round(50 * Math.sin(i / 9)));
  const stream = streamOf(samples.length, (bits) => {
    kind(bits, 9).signed(sure(samples[0]), 16).put(0, 2).put(0, 4).put(3, 4);
    for (const [i, sample] of samples.entries()) {
      if (i === 0) continue;
      const step = sample - sure(samples[i - 1]);
      const folded = step < 0 ? -2 * step - 1 : 2 * step;
      bits.put(1, 1 + (folded >> 3)).put(folded & 7, 3);
    }
  });
  const header = new TextEncoder().encode("packed 1 250 120\npacked.dat 516 2/mV\n");
  return new Map([
    ["packed.hea", header],
    ["packed.dat", stream],
  ]);
}
