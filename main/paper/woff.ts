import { inflateSync } from "node:zlib";

const WOFF = 0x774f4646; // "wOFF"
const HEADER_BYTES = 44;
const ENTRY_BYTES = 20;
const SFNT_HEADER_BYTES = 12;
const SFNT_ENTRY_BYTES = 16;

const padded = (bytes: number): number => (bytes + 3) & ~3;

/** Substitutions by context: they make nothing that a report says more readable, and take most of the time of a text. */
const LEFT_OUT = "GSUB";

/**
 * The font inside a WOFF 1 file, every table unpacked once (WOFF File Format 1.0, sections 3 to 5). The library that
 * embeds fonts would unpack the table of outlines anew for every glyph.
 */
export function sfntOf(file: Buffer): Buffer {
  if (file.readUInt32BE(0) !== WOFF) throw new Error("not a WOFF file");
  const tables = Array.from({ length: file.readUInt16BE(12) }, (_, i) => {
    const at = HEADER_BYTES + i * ENTRY_BYTES;
    const field = (place: number): number => file.readUInt32BE(at + place);
    const [offset, packedBytes, bytes] = [field(4), field(8), field(12)];
    const packed = file.subarray(offset, offset + packedBytes);
    return {
      tag: file.toString("latin1", at, at + 4),
      checksum: file.readUInt32BE(at + 16),
      bytes: packedBytes < bytes ? inflateSync(packed) : packed,
    };
  }).filter(({ tag }) => tag !== LEFT_OUT);
  const count = tables.length;
  const head = SFNT_HEADER_BYTES + count * SFNT_ENTRY_BYTES;
  const font = Buffer.alloc(tables.reduce((sum, { bytes }) => sum + padded(bytes.length), head));
  file.copy(font, 0, 4, 8); // flavour
  const power = Math.floor(Math.log2(count));
  font.writeUInt16BE(count, 4);
  font.writeUInt16BE(16 * 2 ** power, 6);
  font.writeUInt16BE(power, 8);
  font.writeUInt16BE(16 * (count - 2 ** power), 10);
  let place = head;
  for (const [i, { tag, checksum, bytes }] of tables.entries()) {
    const at = SFNT_HEADER_BYTES + i * SFNT_ENTRY_BYTES;
    font.write(tag, at, "latin1");
    font.writeUInt32BE(checksum, at + 4);
    font.writeUInt32BE(place, at + 8);
    font.writeUInt32BE(bytes.length, at + 12);
    bytes.copy(font, place);
    place += padded(bytes.length);
  }
  return font;
}
