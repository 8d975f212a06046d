import { crc32 } from "node:zlib";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { addMissing, type Buckets, storedSizes } from "../../signal/pyramid.ts";
import type { GrowingBucket } from "../../signal/pyramid-growth.ts";
import { bytesOf } from "./block-codec.ts";
import type { Database, Row } from "../file/database.ts";

/** Buckets a stored row holds: 504 * 8 bytes and its header, four times, fill a page of 16 KiB. A multiple of 4. */
export const BUCKETS_PER_PAGE = 504;

/** The row of a level being filled; buckets skipped in between are written as not recorded. */
export class GrowingPage {
  readonly level: number;
  readonly page: number;
  readonly end: number; // the first bucket behind it
  isChanged = false; // since it was saved
  readonly #min = new Float32Array(BUCKETS_PER_PAGE).fill(NaN);
  readonly #max = new Float32Array(BUCKETS_PER_PAGE).fill(NaN);
  readonly #missing = new Map<number, Uint32Array>();
  #count = 0;

  constructor(level: number, page: number, stored: Buckets | undefined) {
    this.level = level;
    this.page = page;
    this.end = (page + 1) * BUCKETS_PER_PAGE;
    if (stored === undefined) return;
    this.#min.set(stored.min);
    this.#max.set(stored.max);
    this.#count = stored.min.length;
    for (const [reason, counts] of stored.missing) {
      const whole = new Uint32Array(BUCKETS_PER_PAGE);
      whole.set(counts);
      this.#missing.set(reason, whole);
    }
  }

  put(bucket: number, content: GrowingBucket): void {
    const at = bucket - this.page * BUCKETS_PER_PAGE;
    const size = sure(storedSizes[this.level]);
    for (let i = this.#count; i < at; i++)
      addMissing(this.#missing, BUCKETS_PER_PAGE, maskReasons.notRecorded, i, size);
    this.#min[at] = content.min;
    this.#max[at] = content.max;
    for (const reason of content.seen)
      addMissing(this.#missing, BUCKETS_PER_PAGE, reason, at, sure(content.missing[reason]));
    this.#count = at + 1;
  }

  save(database: Database, channel: number): void {
    this.isChanged = false;
    const n = this.#count;
    const bounds = new Float32Array(2 * n);
    bounds.set(this.#min.subarray(0, n), 0);
    bounds.set(this.#max.subarray(0, n), n);
    const missing = new Uint32Array(this.#missing.size * (n + 1));
    [...this.#missing].forEach(([reason, counts], i) => {
      missing[i * (n + 1)] = reason;
      missing.set(counts.subarray(0, n), i * (n + 1) + 1);
    });
    const boundBytes = bytesOf(bounds);
    const missingBytes = missing.length === 0 ? null : bytesOf(missing);
    database.run(
      `INSERT INTO pyramid (channel, level, page, crc, bounds, missing) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (channel, level, page) DO UPDATE SET crc = excluded.crc, bounds = excluded.bounds, missing = excluded.missing`,
      channel,
      this.level,
      this.page,
      pageCrc(channel, this.level, this.page, boundBytes, missingBytes),
      boundBytes,
      missingBytes,
    );
  }
}

function pageCrc(
  channel: number,
  level: number,
  page: number,
  bounds: Uint8Array,
  missing: Uint8Array | null,
): number {
  const crc = crc32(bounds, crc32(bytesOf(Float64Array.of(channel, level, page))));
  return missing === null ? crc : crc32(missing, crc);
}

/** Are a row's bytes, read whole, what was written? */
export function isWholePage(row: Row): boolean {
  const { channel, level, page, crc, bounds, missing } = row;
  if (!(bounds instanceof Uint8Array) || !(missing === null || missing instanceof Uint8Array)) return false;
  return pageCrc(Number(channel), Number(level), Number(page), bounds, missing) === crc;
}

/** A stored row's buckets, undefined where there is none, "damaged" where its bytes are not what was written. */
export function loadPage(
  database: Database,
  channel: number,
  level: number,
  page: number,
): Buckets | undefined | "damaged" {
  const row = database.get(
    "SELECT crc, bounds, missing FROM pyramid WHERE channel = ? AND level = ? AND page = ?",
    channel,
    level,
    page,
  );
  if (row === undefined) return undefined;
  const bounds = row["bounds"] as Uint8Array;
  const missing = row["missing"] as Uint8Array | null;
  if (pageCrc(channel, level, page, bounds, missing) !== Number(row["crc"])) return "damaged";
  const floats = new Float32Array(bounds.slice().buffer);
  const n = floats.length / 2;
  const counts = new Map<number, Uint32Array>();
  if (missing !== null) {
    const words = new Uint32Array(missing.slice().buffer);
    for (let at = 0; at < words.length; at += n + 1)
      counts.set(sure(words[at]), words.subarray(at + 1, at + 1 + n));
  }
  return { min: floats.subarray(0, n), max: floats.subarray(n), missing: counts };
}
