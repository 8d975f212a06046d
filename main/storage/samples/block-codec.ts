import { crc32 } from "node:zlib"; // Node >= 20.15, so in Electron 33 too
import type { MaskRun } from "../../../preload/contract/mask.ts";
import type { SampleType } from "../../../preload/contract/recording.ts";
import { sampleArrays, type Samples } from "../../signal/block.ts";
import { decodeRuns, encodeRuns } from "../../signal/mask.ts";
import type { Row } from "../file/database.ts";

export const BLOCK_BYTES = 65536;

/** Samples a full block of this type holds. No stored block holds more, which bounds the search for one. */
export const blockCapacity = (type: SampleType): number => BLOCK_BYTES / sampleArrays[type].BYTES_PER_ELEMENT;

export interface EncodedBlock {
  readonly crc: number;
  readonly samples: Uint8Array;
  readonly mask: Uint8Array | null;
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** CRC-32 over where the block belongs, its samples and its mask: a block in the wrong place is a damaged one. */
function blockCrc(
  channel: number,
  first: number,
  count: number,
  samples: Uint8Array,
  mask: Uint8Array | null,
): number {
  const place = crc32(bytesOf(Float64Array.of(channel, first, count)));
  const crc = crc32(samples, place);
  return mask === null ? crc : crc32(mask, crc);
}

/** `mask` counts from the first sample given. Samples are stored as the machine has them: little endian on all we run on. */
export function encodeBlock(
  channel: number,
  first: number,
  samples: Samples,
  mask: readonly MaskRun[],
): EncodedBlock {
  const bytes = bytesOf(samples);
  const runs = mask.length === 0 ? null : encodeRuns(mask);
  return { crc: blockCrc(channel, first, samples.length, bytes, runs), samples: bytes, mask: runs };
}

export interface StoredBlock {
  readonly first: number;
  readonly samples: Samples;
  readonly mask: readonly MaskRun[];
}

/** The block of a row, or undefined when its bytes are not what was written. */
export function decodeBlock(channel: number, type: SampleType, row: Row): StoredBlock | undefined {
  const first = Number(row["first_sample"]);
  const count = Number(row["sample_count"]);
  const bytes = row["samples"] as Uint8Array;
  const mask = row["mask"] as Uint8Array | null;
  if (count > blockCapacity(type) || bytes.length !== count * sampleArrays[type].BYTES_PER_ELEMENT)
    return undefined;
  if (blockCrc(channel, first, count, bytes, mask) !== Number(row["crc"])) return undefined;
  return { first, samples: samplesIn(bytes, type), mask: mask === null ? [] : decodeRuns(mask, count) };
}

/** A view where alignment allows one, else a copy. */
export function samplesIn(bytes: Uint8Array, type: SampleType): Samples {
  const kind = sampleArrays[type];
  const size = kind.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new kind(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
}
