import { basename } from "node:path";
import { AppError, type ErrorCode } from "../../preload/contract/errors.ts";

const known: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/^SQLITE_FULL/, "storage/disk-full", "The disk is full; nothing of the last step was written"],
  [/^SQLITE_READONLY/, "storage/read-only", "The library can only be read here"],
  [/^SQLITE_(BUSY|LOCKED)/, "storage/busy", "Another program has been writing to the library for over 5 s"],
  [/^SQLITE_(CORRUPT|NOTADB)/, "storage/corrupt", "The library file is damaged"],
  [/^SQLITE_CANTOPEN/, "storage/cannot-open", "The library file cannot be opened"],
  [/^SQLITE_(IOERR|PERM|TOOBIG|NOMEM)/, "storage/io", "Reading or writing the library file failed"],
];

/** SQLite's expected failures as AppErrors; everything else as it came. */
export function asAppError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error;
  const match = known.find(([pattern]) => pattern.test(code));
  if (match === undefined) return error;
  const file = basename(path);
  return new AppError(match[1], `${match[2]} (${file}: ${error.message})`, { file, sqlite: code }, error);
}
