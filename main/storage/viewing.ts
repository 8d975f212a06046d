import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";

/** Begins the name of every folder with a private copy, so that those of killed processes are found. */
export const VIEW_PREFIX = "kodo-view-";

/** May this process write the library and beside it? Write permission, an immutable file and a read-only mount all count. */
export function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    accessSync(dirname(file), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export interface PrivateCopy {
  readonly path: string;
  readonly remove: () => void;
}

/**
 * A copy in a folder of our own, for looking at a library that cannot be written: SQLite needs files beside one that is
 * in write-ahead mode, and an older schema has to be brought up to date. What its log of writes holds comes along.
 */
export function privateCopy(file: string, temporary = tmpdir()): PrivateCopy {
  const parts = [file, `${file}-wal`].filter((part) => existsSync(part));
  refuseLack(file, temporary, parts);
  const folder = mkdtempSync(join(temporary, `${VIEW_PREFIX}${process.pid}-`)); // 0700
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  try {
    for (const part of parts) {
      const to = join(folder, basename(part));
      copyFileSync(part, to, constants.COPYFILE_FICLONE);
      chmodSync(to, 0o600); // the original's may forbid writing
    }
    return { path: join(folder, basename(file)), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function refuseLack(file: string, temporary: string, parts: readonly string[]): void {
  const bytes = parts.reduce((sum, part) => sum + statSync(part).size, 0);
  const { bavail, bsize } = statfsSync(temporary);
  if (bavail * bsize > bytes * 1.1) return;
  const [needed, free] = [bytes, bavail * bsize].map((size) => Math.ceil(size / 1e6));
  throw new AppError(
    "storage/disk-full",
    `${file} can only be read here, and looking at it takes a private copy of ${needed} MB; ${temporary} has ${free} MB free`,
    { file, folder: temporary, neededBytes: bytes, freeBytes: bavail * bsize },
  );
}

/** An error about the copy, told of the library it is a copy of. */
export function toldOf(error: unknown, copy: string, file: string): unknown {
  if (!(error instanceof AppError)) return error;
  const said = (text: string): string => text.replaceAll(copy, file);
  const detail = Object.fromEntries(
    Object.entries(error.detail).map(([name, value]) => [
      name,
      typeof value === "string" ? said(value) : value,
    ]),
  );
  return new AppError(error.code, said(error.message), detail, error.cause);
}
