import type { ByteSource } from "../format.ts";

/** The chunks of an XDF file: `[1, 4 or 8][length, little-endian][tag u16][content]`; the length counts tag and content. */
export const tags = {
  fileHeader: 1,
  streamHeader: 2,
  samples: 3,
  clockOffset: 4,
  boundary: 5,
  streamFooter: 6,
} as const;

export interface Chunk {
  readonly tag: number;
  readonly stream: number | undefined; // of the tags that have one
  readonly start: number; // of the content after the stream's number
  readonly end: number; // past its last byte, within the file
  readonly isCut: boolean; // the file ends inside it
}

export interface Corruption {
  readonly at: number;
  readonly resumedAt: number; // the file's size where nothing follows
}

const ofStream: ReadonlySet<number> = new Set([2, 3, 4, 6]);
const MAGIC_BYTES = 4;
/** Content of a boundary chunk: the place from which a damaged file can be read again. */
const BOUNDARY = Uint8Array.of(
  ...[0x43, 0xa5, 0x46, 0xdc, 0xcb, 0xf5, 0x41, 0x0f, 0xb3, 0x0e, 0xd5, 0x46, 0x73, 0x83, 0xcb, 0xe4],
);
const SCAN_BYTES = 1 << 20;

/** Walks from chunk to chunk without reading their contents. What is no chunk is skipped up to the next boundary. */
export async function* walkChunks(
  source: ByteSource,
  corrupt: (where: Corruption) => void,
): AsyncGenerator<Chunk, void, void> {
  for (let at = MAGIC_BYTES; at < source.size;) {
    const chunk = readChunk(await source.read(at, 15), at, source.size);
    if (chunk !== undefined) {
      yield chunk;
      at = chunk.end;
      continue;
    }
    const next = await afterBoundary(source, at);
    corrupt({ at, resumedAt: next });
    at = next;
  }
}

function readChunk(head: Uint8Array, at: number, size: number): Chunk | undefined {
  const width = head[0];
  if ((width !== 1 && width !== 4 && width !== 8) || head.length < 1 + width + 2) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length =
    width === 1
      ? view.getUint8(1)
      : width === 4
        ? view.getUint32(1, true)
        : Number(view.getBigUint64(1, true));
  const tag = view.getUint16(1 + width, true);
  const hasStream = ofStream.has(tag);
  const content = at + 1 + width;
  if (length < (hasStream ? 6 : 2) || tag < 1 || tag > 6 || (hasStream && head.length < 7 + width))
    return undefined;
  const end = content + length;
  return {
    tag,
    stream: hasStream ? view.getUint32(3 + width, true) : undefined,
    start: content + (hasStream ? 6 : 2),
    end: Math.min(end, size),
    isCut: end > size,
  };
}

/** The byte after the next boundary from `from` on. */
async function afterBoundary(source: ByteSource, from: number): Promise<number> {
  for (let at = from; at < source.size; at += SCAN_BYTES - BOUNDARY.length) {
    const bytes = await source.read(at, SCAN_BYTES);
    for (let i = bytes.indexOf(0x43); i !== -1; i = bytes.indexOf(0x43, i + 1)) {
      if (i + BOUNDARY.length <= bytes.length && BOUNDARY.every((byte, k) => bytes[i + k] === byte))
        return at + i + BOUNDARY.length;
    }
    if (bytes.length < SCAN_BYTES) break;
  }
  return source.size;
}
