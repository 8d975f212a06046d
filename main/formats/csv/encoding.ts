import iconv from "iconv-lite";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ByteSource } from "../format.ts";

export type TableEncoding = NonNullable<TableOptions["encoding"]>;

const CHUNK_BYTES = 1024 * 1024;

/** The encoding of a text by its first bytes: a byte order mark, else what its bytes can only be. */
export function detectEncoding(head: Uint8Array): TableEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const [even, odd] = zeros(head);
  if (odd > head.length / 8 && even < odd / 4) return "utf-16le"; // Latin letters and digits have a zero high byte
  if (even > head.length / 8 && odd < even / 4) return "utf-16be";
  if (isUtf8(head)) return "utf-8";
  if (isEucJp(head)) return "euc-jp";
  return isShiftJis(head) ? "shift_jis" : "latin1";
}

function zeros(bytes: Uint8Array): readonly [even: number, odd: number] {
  let [even, odd] = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  return [even, odd];
}

/** Valid UTF-8; a character cut by the end of `bytes` is allowed. */
function isUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length;) {
    const lead = sure(bytes[i]);
    const more =
      lead < 0x80
        ? 0
        : lead >= 0xc2 && lead < 0xe0
          ? 1
          : lead >= 0xe0 && lead < 0xf0
            ? 2
            : lead >= 0xf0 && lead < 0xf5
              ? 3
              : -1;
    if (more < 0) return false;
    for (let k = 1; k <= more && i + k < bytes.length; k++)
      if ((sure(bytes[i + k]) & 0xc0) !== 0x80) return false;
    i += more + 1;
  }
  return true;
}

const within = (byte: number | undefined, low: number, high: number): boolean =>
  byte === undefined || (byte >= low && byte <= high);

function isEucJp(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length;) {
    const lead = sure(bytes[i]);
    if (lead < 0x80) i += 1;
    else if (lead === 0x8e && within(bytes[i + 1], 0xa1, 0xdf)) i += 2;
    else if (lead === 0x8f && within(bytes[i + 1], 0xa1, 0xfe) && within(bytes[i + 2], 0xa1, 0xfe)) i += 3;
    else if (lead >= 0xa1 && lead <= 0xfe && within(bytes[i + 1], 0xa1, 0xfe)) i += 2;
    else return false;
  }
  return true;
}

/** Valid Shift-JIS with something Latin-1 would not have: a common kana or kanji row, or half-width kana side by side. */
function isShiftJis(bytes: Uint8Array): boolean {
  let isJapanese = false;
  let halfWidth = 0;
  for (let i = 0; i < bytes.length;) {
    const lead = sure(bytes[i]);
    if (lead >= 0xa1 && lead <= 0xdf) {
      if (++halfWidth >= 2) isJapanese = true;
      i += 1;
      continue;
    }
    halfWidth = 0;
    if (lead < 0x80) i += 1;
    else if ((lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc)) {
      const trail = bytes[i + 1];
      if (!within(trail, 0x40, 0xfc) || trail === 0x7f) return false;
      if (lead <= 0x9f) isJapanese = true;
      i += 2;
    } else return false;
  }
  return isJapanese;
}

export const decodeBytes = (bytes: Uint8Array, encoding: TableEncoding): string =>
  iconv.decode(bytes, encoding);

/**
 * The source's bytes from its start in an encoding whose separators, quotes, digits and line ends are single ASCII
 * bytes: as they are, or UTF-16 turned into UTF-8. A byte order mark is left out.
 */
export async function* plainBytes(
  source: ByteSource,
  encoding: TableEncoding,
  done: (bytes: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const isWide = encoding === "utf-16le" || encoding === "utf-16be";
  const decoder = isWide ? iconv.getDecoder(encoding) : undefined;
  for (let offset = 0; offset < source.size;) {
    const chunk = await source.read(offset, CHUNK_BYTES);
    if (chunk.length === 0) break;
    const isStart = offset === 0;
    offset += chunk.length;
    done(offset);
    const hasMark =
      isStart && encoding === "utf-8" && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    if (decoder !== undefined) yield iconv.encode(decoder.write(chunk as Buffer), "utf-8");
    else yield hasMark ? chunk.subarray(3) : chunk;
  }
  const rest = decoder?.end();
  if (rest) yield iconv.encode(rest, "utf-8");
}

/** How cells of `plainBytes` are turned into text. */
export const plainEncoding = (encoding: TableEncoding): TableEncoding =>
  encoding === "utf-16le" || encoding === "utf-16be" ? "utf-8" : encoding;
