import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
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

/** A block has 64 KiB, and its mask less; whoever put in more would fill the memory. */
export const MOST_BYTES = 4 << 20;
const MOST_FIELDS = 64; // of a row

export interface Rows {
  readonly take: (row: Field[]) => void;
  readonly memory?: (bytes: number) => Buffer; // for a long field; else it has memory of its own
}

/**
 * Rows in pieces of bytes cut anywhere. Throws data/bad-block where they are none. What comes is copied once, to where it
 * stays.
 */
export class RowReader {
  isOver = false;
  readonly #rows: Rows;
  #fields: Field[] = [];
  #missing = 0; // fields of the row
  #into: Buffer = Buffer.alloc(HEADER.length);
  #filled = 0;
  #whole: (bytes: Buffer) => void = (bytes) => this.#begin(bytes);

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  take(piece: Buffer): void {
    for (let at = 0; at < piece.length && !this.isOver;) {
      const length = Math.min(piece.length - at, this.#into.length - this.#filled);
      piece.copy(this.#into, this.#filled, at, at + length); // `set` takes more than twice as long where memory is shared
      this.#filled += length;
      at += length;
      if (this.#filled === this.#into.length) this.#whole(this.#into);
    }
  }

  #await(length: number, whole: (bytes: Buffer) => void): void {
    const { memory = (bytes: number) => Buffer.allocUnsafeSlow(bytes) } = this.#rows;
    this.#into = length < LONG ? Buffer.allocUnsafe(length) : memory(length);
    this.#filled = 0;
    this.#whole = whole;
    if (length === 0) whole(this.#into);
  }

  #begin(header: Buffer): void {
    if (!header.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw badCopy("no signature");
    const extension = header.readUInt32BE(SIGNATURE.length + 4);
    if (extension > MOST_BYTES) throw badCopy(`an extension of ${extension} bytes`);
    this.#await(extension, () => this.#awaitRow());
  }

  #awaitRow(): void {
    this.#await(2, (bytes) => {
      this.#missing = bytes.readInt16BE();
      this.isOver = this.#missing === -1;
      if (this.#missing < -1 || this.#missing > MOST_FIELDS)
        throw badCopy(`a row of ${this.#missing} fields`);
      if (!this.isOver) this.#awaitField();
    });
  }

  #awaitField(): void {
    if (this.#missing === 0) {
      const row = this.#fields;
      this.#fields = [];
      this.#awaitRow();
      this.#rows.take(row);
      return;
    }
    this.#missing -= 1;
    this.#await(4, (bytes) => {
      const length = bytes.readInt32BE();
      if (length < -1 || length > MOST_BYTES) throw badCopy(`a field of ${length} bytes`);
      if (length === -1) this.#keep(null);
      else this.#await(length, (field) => this.#keep(field));
    });
  }

  #keep(field: Field): void {
    this.#fields.push(field);
    this.#awaitField();
  }
}

export const badCopy = (why: string): AppError =>
  new AppError("data/bad-block", `The copy cannot be read: ${why}`);
