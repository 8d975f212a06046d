import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";

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

interface CopyOptions {
  readonly temporary?: string;
  readonly copyFile?: typeof copyFileSync; // for tests
}

export interface PrivateCopy {
  readonly path: string;
  readonly remove: () => void;
}

/**
 * A copy in a folder of our own, for looking at a library that cannot be written: SQLite needs files beside one that is
 * in write-ahead mode, and an older schema has to be brought up to date. What its log of writes holds comes along.
 */
export function privateCopy(
  file: string,
  { temporary = tmpdir(), copyFile = copyFileSync }: CopyOptions = {},
): PrivateCopy {
  refuseLack(file, temporary, partsOf(file));
  const folder = mkdtempSync(join(temporary, `${VIEW_PREFIX}${process.pid}-`)); // 0700
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  try {
    copyAtRest(file, folder, copyFile);
    return { path: join(folder, basename(file)), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The file and its log of writes belong together: where somebody wrote meanwhile they are copied again. */
function copyAtRest(file: string, folder: string, copyFile: typeof copyFileSync): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = stateOf(file);
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const part of partsOf(file)) {
      const to = join(folder, basename(part));
      try {
        copyFile(part, to, constants.COPYFILE_FICLONE);
      } catch (error) {
        if (existsSync(part)) throw error;
        continue; // the last writer took its log away: the file's state tells
      }
      chmodSync(to, 0o600); // the original's may forbid writing
    }
    if (stateOf(file) === before) return;
  }
  throw new AppError(
    "storage/busy",
    `${file} can only be read here, and was written to by another process each of the ${ATTEMPTS} times it was copied`,
    { file, attempts: ATTEMPTS },
  );
}

const ATTEMPTS = 5;

const partsOf = (file: string): string[] => [file, `${file}-wal`].filter((part) => existsSync(part));

/** Another text after a commit or a checkpoint. */
const stateOf = (file: string): string =>
  partsOf(file)
    .map((part) => {
      const found = statSync(part, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? "" : `${found.ino}/${found.size}/${found.mtimeNs}`;
    })
    .join(" ");

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
