import { basename } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import type { ErrorCode } from "../../preload/contract/errors.ts";

const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ["data/file-missing", "is not there"],
  EACCES: ["data/file-not-readable", "may not be opened: permission denied"],
  EPERM: ["data/file-not-readable", "may not be opened: permission denied"],
  EISDIR: ["data/not-a-file", "is a folder"],
  ENOTDIR: ["data/not-a-file", "lies below something that is not a folder"],
  ENAMETOOLONG: ["data/name-too-long", "has a name too long for this file system"],
  ELOOP: ["data/file-missing", "is a link that leads nowhere: it goes round in a circle"],
  EMFILE: ["internal/too-many-files", "was not opened: too many files are open"],
  EIO: ["device/read-failed", "was not read: the disk reports an input/output error"],
  ENOSPC: ["storage/disk-full", "was not written: the disk is full"],
  EDQUOT: ["storage/disk-full", "was not written: the disk quota is used up"],
  EROFS: ["storage/read-only", "was not written: the file system is read-only"],
  EEXIST: ["data/file-exists", "exists already and is not overwritten"],
};

/** A file system error as one of ours, naming the file. Everything else passes through. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !("code" in error)) return error;
  const known = codes[String(error.code)];
  if (known === undefined) return error;
  const [code, what] = known;
  return new AppError(code, `${basename(path)} ${what}`, { file: path, cause: String(error.code) }, error);
}

/** Runs file system work on `path`; its failures leave as AppError. */
export async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, path);
  }
}
