import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { AppError } from "../../preload/contract/errors.ts";
import type { Session } from "./database.ts";

/**
 * PostgreSQL's binary COPY (documentation, "COPY", File Formats): a signature, then a row as a count of fields and each
 * field as its length and bytes, big endian; no query reads or writes bytes as fast.
 */
export type Field = Buffer | null;

const SIGNATURE = Buffer.from([0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00]);
const HEADER = Buffer.concat([SIGNATURE, Buffer.alloc(8)]); // no flags, no extension
const END = Buffer.from([0xff, 0xff]);

export function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

export const uuid = (text: string): Buffer => Buffer.from(text.replaceAll("-", ""), "hex");

/** In pieces: a long field is not copied. */
export function encodeRow(fields: readonly Field[]): Buffer[] {
  const pieces: Buffer[] = [];
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  let short: Buffer[] = [count];
  for (const field of fields) {
    short.push(int4(field === null ? -1 : field.length));
    if (field === null) continue;
    if (field.length < LONG) short.push(field);
    else {
      pieces.push(Buffer.concat(short), field);
      short = [];
    }
  }
  return [...pieces, Buffer.concat(short)];
}
const LONG = 4096;

/** All rows, or none where the caller's transaction fails. */
export async function copyIn(
  session: Session,
  into: string,
  rows: AsyncIterable<readonly Field[]>,
): Promise<void> {
  const { from } = await import("pg-copy-streams");
  async function* bytes(): AsyncGenerator<Buffer> {
    yield HEADER;
    for await (const row of rows) yield* encodeRow(row);
    yield END;
  }
  await pipeline(Readable.from(bytes()), session.query(from(`COPY ${into} FROM STDIN (FORMAT binary)`)));
}

/**
 * Rows of a query, as they come. Who stops before the end waits until the rest has come: the server listens to nothing
 * else before, so a query should give no more than a few mebibytes.
 */
export async function* copyOut(session: Session, query: string): AsyncGenerator<Field[]> {
  const { to } = await import("pg-copy-streams");
  const stream = session.query(to(`COPY (${query}) TO STDOUT (FORMAT binary)`));
  const ended = finished(stream);
  ended.catch(() => undefined); // told when it is waited for
  try {
    yield* rowsIn(stream.iterator({ destroyOnReturn: false }));
  } finally {
    stream.resume();
    await ended;
  }
}

/** Rows in pieces of bytes cut anywhere. Throws data/bad-block where they are none. */
export async function* rowsIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Field[]> {
  let [held, at] = [Buffer.alloc(0), 0];
  let isBegun = false;
  let isOver = false;
  for await (const piece of pieces) {
    held = Buffer.concat([held.subarray(at), piece]);
    at = 0;
    if (!isBegun) {
      if (held.length < HEADER.length) continue;
      if (!held.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw badCopy("no signature");
      at = HEADER.length + held.readUInt32BE(SIGNATURE.length + 4);
      isBegun = true;
    }
    while (!isOver) {
      const row = rowAt(held, at);
      if (row === undefined) break;
      isOver = row.fields === null;
      at = row.end;
      if (row.fields !== null) yield row.fields;
    }
  }
  if (!isOver) throw badCopy("it ends before its end");
}

/** A block has 64 KiB, and its mask less; whoever put in more would fill the memory. */
const MOST_BYTES = 4 << 20;

interface RowAt {
  readonly fields: Field[] | null; // null: the end
  readonly end: number;
}

/** Undefined where not all of it is there yet. */
function rowAt(bytes: Buffer, from: number): RowAt | undefined {
  if (bytes.length < from + 2) return undefined;
  const count = bytes.readInt16BE(from);
  let at = from + 2;
  if (count === -1) return { fields: null, end: at };
  if (count < 0) throw badCopy(`a row of ${count} fields`);
  const fields: Field[] = [];
  for (let i = 0; i < count; i += 1) {
    if (bytes.length < at + 4) return undefined;
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < -1 || length > MOST_BYTES) throw badCopy(`a field of ${length} bytes`);
    if (length === -1) {
      fields.push(null);
      continue;
    }
    if (bytes.length < at + length) return undefined;
    fields.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { fields, end: at };
}

const badCopy = (why: string): AppError => new AppError("data/bad-block", `The copy cannot be read: ${why}`);
