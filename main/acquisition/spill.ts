import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import { ChannelHeader } from "../../preload/contract/recording.ts";
import type { Batch, StreamChannels } from "./batch.ts";

/**
 * Where samples wait while the library does not take them: a file beside it, read by its user only. `KSPILL1\n`, then
 * records of a length and a CRC-32 (uint32, little endian) and their bytes: first what the recording is, then batches. A
 * record cut short by the end of its process is no record; those before it are whole.
 */
export interface SpillHead {
  readonly recordingId: string;
  readonly streams: readonly StreamChannels[];
}

const MAGIC = Buffer.from("KSPILL1\n");
const RECORD_MAX = 256 << 20;

const Head = z.object({
  recordingId: z.string(),
  streams: z.array(z.object({ first: z.number().int(), channels: z.array(ChannelHeader) })),
});
const bytes = z.instanceof(Uint8Array);
const place = { channel: z.number().int(), first: z.number().int(), count: z.number().int().positive() };
const Stored = z.object({
  endS: z.number(),
  pieces: z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("samples"), ...place, values: z.instanceof(Float64Array), reasons: bytes }),
      z.object({ kind: z.literal("gap"), ...place, reason: z.number().int() }),
    ]),
  ),
  times: z.object({
    arrivals: z.array(z.object({ ...place, arrivedS: z.number(), session: z.number().int() })),
    fits: z.array(
      z.object({
        ...{ channel: z.number().int(), session: z.number().int(), first: z.number().int() },
        ...{ atS: z.number(), rate: z.number(), errorMs: z.number() },
      }),
    ),
  }),
});

/** Of recordings that ended before all of theirs was stored. */
export function leftSpills(libraryPath: string): string[] {
  const stem = `${basename(libraryPath)}.`;
  try {
    return readdirSync(dirname(libraryPath))
      .filter((name) => name.startsWith(stem) && name.endsWith(".spill"))
      .map((name) => join(dirname(libraryPath), name));
  } catch {
    return [];
  }
}

/** Written at its end and read from its beginning. */
export class SpillFile {
  readonly path: string;
  readonly head: SpillHead;
  #file: number | undefined;
  #readAt = 0;
  #end = 0;

  private constructor(path: string, head: SpillHead) {
    this.path = path;
    this.head = head;
  }

  /** Throws where there is one already: what is in it has not been stored. */
  static create(path: string, head: SpillHead): SpillFile {
    const spill = new SpillFile(path, head);
    const file = openSync(path, "wx+", 0o600);
    try {
      const bytes = Buffer.concat([MAGIC, recordOf(head)]);
      writeAll(file, bytes, 0);
      spill.#readAt = spill.#end = bytes.length;
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    spill.#file = file;
    return spill;
  }

  /** One that an earlier process left. Undefined where it holds nothing that can be told whose it is. */
  static open(path: string): SpillFile | undefined {
    const file = openSync(path, "r+");
    const magic = Buffer.alloc(MAGIC.length);
    readSync(file, magic, 0, magic.length, 0);
    const first = magic.equals(MAGIC) ? recordAt(file, MAGIC.length) : undefined;
    const head = Head.safeParse(first?.value);
    if (!head.success || first === undefined) {
      closeSync(file);
      return undefined;
    }
    const spill = new SpillFile(path, head.data);
    spill.#file = file;
    spill.#readAt = first.next;
    spill.#end = Number.MAX_SAFE_INTEGER; // as far as its records are whole
    return spill;
  }

  /** Bytes still to be read. */
  get waiting(): number {
    return Math.max(0, this.#end - this.#readAt);
  }

  /** Durable when it returns. What cannot be written whole leaves the file as it was, and throws. */
  append(batch: Batch): void {
    const file = this.#file;
    if (file === undefined) throw new AppError("storage/closed", "The spill file has been removed");
    const record = recordOf(batch);
    try {
      writeAll(file, record, this.#end);
      fsyncSync(file);
    } catch (error) {
      ftruncateSync(file, this.#end);
      throw error;
    }
    this.#end += record.length;
  }

  /** The next batch that is whole, without taking it away. */
  peek(): { readonly batch: Batch; readonly taken: () => void } | undefined {
    if (this.#file === undefined || this.#readAt >= this.#end) return undefined;
    const record = recordAt(this.#file, this.#readAt);
    const batch = Stored.safeParse(record?.value);
    if (record === undefined || !batch.success) {
      this.#end = this.#readAt;
      return undefined;
    }
    return { batch: batch.data, taken: () => void (this.#readAt = record.next) };
  }

  /** It stays as it is. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#end = this.#readAt = 0;
  }

  /** Everything has been taken: the file goes. */
  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

function recordOf(value: unknown): Buffer {
  const body = serialize(value);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([head, body]);
}

function recordAt(file: number, at: number): { readonly value: unknown; readonly next: number } | undefined {
  const head = Buffer.alloc(8);
  if (readSync(file, head, 0, 8, at) < 8) return undefined;
  const length = head.readUInt32LE(0);
  if (length > RECORD_MAX) return undefined;
  const body = Buffer.alloc(length);
  if (readSync(file, body, 0, length, at + 8) < length || crc32(body) !== head.readUInt32LE(4))
    return undefined;
  try {
    return { value: deserialize(body), next: at + 8 + length };
  } catch {
    return undefined;
  }
}

function writeAll(file: number, from: Buffer, at: number): void {
  for (let done = 0; done < from.length;) {
    const written = writeSync(file, from, done, from.length - done, at + done);
    if (written === 0) throw new AppError("storage/disk-full", "The spill file cannot be written");
    done += written;
  }
}
