import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { AppError, type ErrorCode } from "../../../preload/contract/errors.ts";

type Known = readonly [RegExp, ErrorCode, string];
const full: Known = [
  /^SQLITE_FULL/,
  "storage/disk-full",
  "The disk is full; nothing of the last step was written",
];
const known: readonly Known[] = [
  full,
  [/^SQLITE_READONLY/, "storage/read-only", "The library can only be read here; nothing was changed"],
  [/^SQLITE_(BUSY|LOCKED)/, "storage/busy", "Another program has been writing to the library for over 5 s"],
  [/^SQLITE_(CORRUPT|NOTADB)/, "storage/corrupt", "The library file is damaged"],
  [/^SQLITE_ERROR no such (table|column)/, "storage/corrupt", "A part of the library is missing"],
  [/^SQLITE_CANTOPEN/, "storage/cannot-open", "The library file cannot be opened"],
  [/^SQLITE_(IOERR|PERM|TOOBIG|NOMEM)/, "storage/io", "Reading or writing the library file failed"],
];

/** Less than a page and its entry in the log of writes: a write that failed, failed for want of room. */
const NO_ROOM_BYTES = 65_536;

/** SQLite's expected failures as AppErrors, with the file and the cause; everything else as it came. */
export function asAppError(error: unknown, path: string, freeBytes = freeBytesBeside): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error;
  // The shared memory and the log that cannot grow are "disk I/O errors" to SQLite, whatever the reason.
  const isFull = /^SQLITE_IOERR/.test(code) && freeBytes(path) < NO_ROOM_BYTES;
  const match = isFull ? full : known.find(([pattern]) => pattern.test(`${code} ${error.message}`));
  if (match === undefined) return error;
  const [, ours, said] = match;
  const cause = isFull ? "no space left" : error.message;
  return new AppError(ours, `${said} (${path}: ${cause})`, { file: path, sqlite: code }, error);
}

function freeBytesBeside(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return Infinity; // unknown: what SQLite says stands
  }
}
