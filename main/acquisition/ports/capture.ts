/**
 * A capture: what a port brought, byte by byte, with its times. Its own small format, so that what a device sent can be kept
 * before anyone can read it, sent to somebody, and played back (replay.ts).
 *
 *     KODO-CAPTURE 1\n
 *     {"port": …, "line": …, "beganAt": wall clock, ISO 8601, "beganS": monotonic seconds}\n
 *     records, each: u64 nanoseconds since beganS · u32 length n · n bytes · u32 CRC-32 of all before it in the record
 *
 * Numbers are little-endian; n is 1 to 1 MiB. A file that ends within a record was cut off, by a crash or a full disk, and is
 * good up to there; a CRC that does not match is damage. Both are told with the offset of the record.
 */
import { open, type FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { LineChoice } from "../../../preload/contract/acquisition.ts";
import { AppError } from "../../../preload/contract/errors.ts";

const MAGIC = "KODO-CAPTURE 1\n";
const HEADER_MAX = 64 * 1024;
const RECORD_MAX = 1024 * 1024;
const BEFORE = 12; // bytes of a record before its data
const AFTER = 4;
const FLUSH_MS = 1000;
const WAITING_MAX = 16 * 1024 * 1024; // bytes that a slow disk may keep waiting
const READ_BYTES = 64 * 1024;

const CaptureHeader = z.object({
  port: z.string(),
  line: LineChoice,
  beganAt: z.iso.datetime(),
  beganS: z.number().nonnegative(),
});
export type CaptureHeader = z.infer<typeof CaptureHeader>;

export interface CaptureRecord {
  readonly sinceS: number; // seconds since the capture began
  readonly bytes: Uint8Array;
}

/** How a capture ends: whole, cut off within a record, or damaged there. */
export interface CaptureEnd {
  readonly end: "whole" | "cut-off" | "damaged";
  readonly offset: number; // where reading ended
}

function recordOf(bytes: Uint8Array, sinceS: number): Buffer {
  const record = Buffer.alloc(BEFORE + bytes.length + AFTER);
  record.writeBigUInt64LE(BigInt(Math.max(0, Math.round(sinceS * 1e9))), 0);
  record.writeUInt32LE(bytes.length, 8);
  record.set(bytes, BEFORE);
  record.writeUInt32LE(crc32(record.subarray(0, BEFORE + bytes.length)), BEFORE + bytes.length);
  return record;
}

export interface CaptureWriter {
  /** Kept at once, and on the disk within about a second. Ignored once it failed or was closed. */
  readonly write: (bytes: Uint8Array, arrivedS: number) => void;
  /** Writes what waits. Rejects with storage/… where something could not be written. */
  readonly close: () => Promise<void>;
}

/** Begins a file that only its owner may read. Never overwrites one. `failed` is told once, when writing no longer works. */
export async function writeCapture(
  path: string,
  header: CaptureHeader,
  failed: (cause: AppError) => void,
): Promise<CaptureWriter> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  const flusher = createFlusher(file, path, failed);
  flusher.add(Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`));
  const timer = setInterval(() => void flusher.flush(), FLUSH_MS);
  return {
    write: (bytes, arrivedS) => {
      for (let at = 0; at < bytes.length; at += RECORD_MAX)
        flusher.add(recordOf(bytes.subarray(at, at + RECORD_MAX), arrivedS - header.beganS));
    },
    close: async () => {
      clearInterval(timer);
      await flusher.flush();
      await file.close();
      const cause = flusher.failure();
      if (cause !== undefined) throw cause;
    },
  };
}

const cannotWrite = (path: string, error: unknown): AppError => {
  const said = error instanceof Error ? error.message : String(error);
  const code = said.includes("ENOSPC") ? "storage/disk-full" : "storage/capture-failed";
  const why = said.startsWith("EEXIST")
    ? "there is such a file already, and none is overwritten"
    : said.startsWith("ENOENT")
      ? "its folder is not there"
      : said;
  return new AppError(code, `${path} cannot be written: ${why}`, { path }, error);
};

/** Appends in order, one write at a time, each synced to the disk. After a failure nothing more is taken. */
function createFlusher(file: FileHandle, path: string, failed: (cause: AppError) => void) {
  let waiting: Buffer[] = [];
  let [waitingBytes, writing] = [0, Promise.resolve()];
  let failure: AppError | undefined;
  const fail = (error: unknown): void => {
    if (failure !== undefined) return;
    failure = cannotWrite(path, error);
    waiting = [];
    failed(failure);
  };
  const flush = (): Promise<void> => {
    writing = writing
      .then(async () => {
        const bytes = Buffer.concat(waiting);
        [waiting, waitingBytes] = [[], 0];
        if (bytes.length === 0) return;
        await file.appendFile(bytes);
        await file.datasync();
      })
      .catch(fail);
    return writing;
  };
  return {
    flush,
    failure: () => failure,
    add: (bytes: Buffer): void => {
      if (failure !== undefined) return;
      waitingBytes += bytes.length;
      if (waitingBytes > WAITING_MAX) fail(new Error("the disk is slower than the port"));
      else waiting.push(bytes);
    },
  };
}

/** Reads a capture in pieces of any size; keeps no more than one record. */
export interface CaptureReader {
  /** The records that these bytes complete. Throws data/not-a-capture where they are of no capture. */
  readonly push: (bytes: Uint8Array) => readonly CaptureRecord[];
  /** Known once the second line is read. */
  readonly header: () => CaptureHeader | undefined;
  readonly isDamaged: () => boolean;
  /** After the last push. */
  readonly end: () => CaptureEnd;
}

export function createCaptureReader(): CaptureReader {
  let header: CaptureHeader | undefined;
  let rest = Buffer.alloc(0);
  let [offset, isDamaged] = [0, false];
  const skip = (count: number): void => {
    rest = rest.subarray(count);
    offset += count;
  };
  return {
    header: () => header,
    isDamaged: () => isDamaged,
    push: (bytes) => {
      if (isDamaged) return [];
      rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      if (header === undefined) {
        const found = headerOf(rest);
        if (found === undefined) return [];
        header = found.header;
        skip(found.length);
      }
      const records: CaptureRecord[] = [];
      for (;;) {
        const record = recordAt(rest);
        if (record === "incomplete") return records;
        if (record === "damaged") {
          isDamaged = true;
          return records;
        }
        records.push(record);
        skip(BEFORE + record.bytes.length + AFTER);
      }
    },
    end: () => {
      if (header === undefined) throw notACapture("it ends before its header does");
      return { end: isDamaged ? "damaged" : rest.length > 0 ? "cut-off" : "whole", offset };
    },
  };
}

const notACapture = (why: string): AppError =>
  new AppError("data/not-a-capture", `This is no capture: ${why}`);

/** The header and how many bytes it takes; undefined: more must be read. */
function headerOf(bytes: Buffer): { header: CaptureHeader; length: number } | undefined {
  const start = bytes.toString("latin1", 0, MAGIC.length);
  if (!MAGIC.startsWith(start)) throw notACapture('it does not begin with "KODO-CAPTURE 1"');
  const end = bytes.indexOf("\n", MAGIC.length);
  if (end < 0 && bytes.length > HEADER_MAX) throw notACapture("its header does not end");
  if (end < 0) return undefined;
  try {
    const header = CaptureHeader.parse(JSON.parse(bytes.toString("utf8", MAGIC.length, end)));
    return { header, length: end + 1 };
  } catch {
    throw notACapture("its header is damaged");
  }
}

function recordAt(bytes: Buffer): CaptureRecord | "incomplete" | "damaged" {
  if (bytes.length < BEFORE) return "incomplete";
  const length = bytes.readUInt32LE(8);
  if (length === 0 || length > RECORD_MAX) return "damaged";
  const end = BEFORE + length;
  if (bytes.length < end + AFTER) return "incomplete";
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return "damaged";
  return {
    sinceS: Number(bytes.readBigUInt64LE(0)) / 1e9,
    bytes: new Uint8Array(bytes.subarray(BEFORE, end)),
  };
}

/** A capture on the disk, read as it is asked for. */
export interface OpenCapture {
  readonly header: CaptureHeader;
  /** Its records in order, then how it ends. */
  readonly records: AsyncGenerator<CaptureRecord, CaptureEnd>;
  readonly close: () => Promise<void>;
}

export async function openCapture(path: string): Promise<OpenCapture> {
  const file = await open(path, "r");
  const reader = createCaptureReader();
  const buffer = Buffer.alloc(READ_BYTES);
  const more = async (): Promise<readonly CaptureRecord[] | undefined> => {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
    return bytesRead === 0 ? undefined : reader.push(buffer.subarray(0, bytesRead));
  };
  async function* readOn(first: readonly CaptureRecord[]): AsyncGenerator<CaptureRecord, CaptureEnd> {
    yield* first;
    for (;;) {
      const records = reader.isDamaged() ? undefined : await more();
      if (records === undefined) return reader.end();
      yield* records;
    }
  }
  try {
    let first: readonly CaptureRecord[] | undefined = [];
    while (reader.header() === undefined && first !== undefined) first = await more();
    const header = reader.header();
    if (header === undefined) throw notACapture("it ends before its header does");
    return { header, records: readOn(first ?? []), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
