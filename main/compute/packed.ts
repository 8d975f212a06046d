import { crc32 } from "node:zlib";
import { AppError } from "../../preload/contract/errors.ts";

/*
 * Plain values with typed arrays in them as bytes: checkpoints and model files. Layout, little-endian:
 * "KODOPACK", u32 version, u32 checksum (CRC-32 of all that follows), u32 length of the JSON, JSON, then each array
 * from a multiple of 8 bytes. In the JSON an array is {"$array": [type, offset, length]}, offset counted from the first.
 */

const MAGIC = new TextEncoder().encode("KODOPACK");
/** The first can be read by every Kodo; what was packed as the second is refused by those that know the first alone. */
const FIRST = 1;
export const AFTER_FIRST = 2;
type Version = typeof FIRST | typeof AFTER_FIRST;
const HEADER = 20;

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const;
type ArrayType = keyof typeof arrayTypes;
type Packable = InstanceType<(typeof arrayTypes)[ArrayType]>;

const typeOf = (value: unknown): ArrayType | undefined =>
  (Object.keys(arrayTypes) as ArrayType[]).find((type) => value instanceof arrayTypes[type]);

const aligned = (offset: number): number => Math.ceil(offset / 8) * 8;

export function pack(value: unknown, version: Version = FIRST): Uint8Array {
  const arrays: { array: Packable; offset: number }[] = [];
  let end = 0;
  const json = JSON.stringify(value, (_, item: unknown) => {
    const type = typeOf(item);
    if (type === undefined) return item;
    const array = item as Packable;
    arrays.push({ array, offset: end });
    const place = { $array: [type, end, array.length] };
    end = aligned(end + array.byteLength);
    return place;
  });
  const text = new TextEncoder().encode(json);
  const body = aligned(HEADER + text.length);
  const bytes = new Uint8Array(body + end);
  bytes.set(MAGIC, 0);
  bytes.set(text, HEADER);
  for (const { array, offset } of arrays)
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), body + offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, version, true);
  view.setUint32(16, text.length, true);
  view.setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

export function unpack(given: Uint8Array): unknown {
  const bytes = new Uint8Array(given); // arrays need an aligned start, which a view into a database row may not have
  if (bytes.length < HEADER || MAGIC.some((byte, at) => bytes[at] !== byte)) {
    throw new AppError("storage/corrupt", "This is not a model or checkpoint of Kodo", {
      bytes: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer);
  const version = view.getUint32(8, true);
  if (version !== FIRST && version !== AFTER_FIRST) {
    throw new AppError(
      "storage/newer-schema",
      `This model or checkpoint has version ${version}; versions up to ${AFTER_FIRST} can be read`,
      { version },
    );
  }
  if (view.getUint32(12, true) !== crc32(bytes.subarray(16))) {
    throw new AppError(
      "storage/corrupt",
      "This model or checkpoint is damaged: its checksum does not match",
      { bytes: bytes.length },
    );
  }
  const length = view.getUint32(16, true);
  const body = aligned(HEADER + length);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER, HEADER + length)), (_, item: unknown) => {
    const place = placeOf(item);
    if (place === undefined) return item;
    const [type, offset, count] = place;
    return new arrayTypes[type](
      bytes.buffer.slice(body + offset, body + offset + count * arrayTypes[type].BYTES_PER_ELEMENT),
    );
  });
}

const placeOf = (item: unknown): [ArrayType, number, number] | undefined =>
  typeof item === "object" && item !== null && "$array" in item
    ? (item.$array as [ArrayType, number, number])
    : undefined;
