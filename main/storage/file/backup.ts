import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";
import type { BackUpOptions } from "../api.ts";
import { Database, isOpenElsewhere } from "./database.ts";
import { checkSchema } from "../migrations/index.ts";
import { asAppError } from "./sqlite-errors.ts";
import { fileProblems } from "./verify.ts";

/** What SQLite keeps beside a file. */
const COMPANIONS = ["-wal", "-shm", "-journal"] as const;

const partOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);

/**
 * A copy of the library as it is at this moment, by SQLite's online backup: writers go on meanwhile. It gets its name
 * once it was opened, checked and is on the disk; only `replace` lets it take the name of another file.
 */
export async function backUp(
  database: Database,
  path: string,
  { replace, part = partOf(path) }: BackUpOptions,
): Promise<{ readonly bytes: number }> {
  if (!existsSync(dirname(path)))
    throw new AppError("storage/cannot-open", `There is no folder ${dirname(path)}`, { file: path });
  if (!replace && existsSync(path)) throw taken(path);
  try {
    closeSync(openSync(part, "wx", 0o600));
    await database.copyTo(part);
    check(part);
    sync(part, "r+");
    const { size } = statSync(part);
    if (replace) putInPlace(part, path);
    else publish(part, path);
    sync(dirname(path), "r");
    return { bytes: size };
  } finally {
    for (const suffix of ["", ...COMPANIONS]) rmSync(`${part}${suffix}`, { force: true });
  }
}

/** Sound, ours, and readable where nothing can be written beside it. */
function check(part: string): void {
  const copy = new Database(part);
  try {
    checkSchema(copy);
    copy.pragma("journal_mode = DELETE");
    const [problem] = fileProblems(copy);
    if (problem === undefined) return;
    throw new AppError(
      "storage/corrupt",
      `The copy was not kept, since the library's file is damaged: ${problem}`,
      {
        file: part,
      },
    );
  } finally {
    copy.close();
  }
}

/** What lies beside the file of before goes first: SQLite would play its log of writes into the copy. */
function putInPlace(part: string, path: string): void {
  if (existsSync(`${path}-wal`)) refuseInUse(path);
  for (const suffix of COMPANIONS) rmSync(`${path}${suffix}`, { force: true });
  renameSync(part, path);
}

/** A library that somebody has open is not taken from under them: what they write next would be lost. */
function refuseInUse(path: string): void {
  let isHeld: boolean;
  try {
    const before = new Database(path);
    try {
      isHeld = isOpenElsewhere(before);
    } finally {
      before.close();
    }
  } catch (error) {
    const mapped = asAppError(error, path);
    if (mapped instanceof AppError && mapped.code === "storage/corrupt") return; // nobody can work with it
    throw mapped;
  }
  if (!isHeld) return;
  throw new AppError(
    "storage/in-use",
    `${basename(path)} is open, here or in another process; close it there first`,
    { file: path },
  );
}

/** A hard link refuses a name that is taken, where a rename would replace it. Where links do not exist, look first. */
function publish(part: string, path: string): void {
  try {
    linkSync(part, path);
  } catch {
    if (existsSync(path)) throw taken(path);
    renameSync(part, path);
  }
}

const taken = (path: string): AppError =>
  new AppError("data/file-exists", `${basename(path)} exists already and is not overwritten`, { file: path });

/** On the disk, its name too. Not every system lets a folder be synced. */
function sync(path: string, flags: "r" | "r+"): void {
  try {
    const descriptor = openSync(path, flags);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (flags === "r+") throw error;
  }
}
