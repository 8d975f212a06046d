import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import { Database } from "./database.ts";
import { checkSchema } from "./migrations/index.ts";
import { fileProblems } from "./verify.ts";

/**
 * A copy of the library as it is at this moment, by SQLite's online backup: writers go on meanwhile. It gets its name
 * once it was opened, checked and is on the disk; only `replace` lets it take the name of another file.
 */
export async function backUp(
  database: Database,
  path: string,
  { replace }: { readonly replace: boolean },
): Promise<{ readonly bytes: number }> {
  if (!existsSync(dirname(path)))
    throw new AppError("storage/cannot-open", `There is no folder ${dirname(path)}`, { file: path });
  if (!replace && existsSync(path)) throw taken(path);
  const part = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);
  try {
    closeSync(openSync(part, "wx", 0o600));
    await database.copyTo(part);
    check(part);
    sync(part, "r+");
    const { size } = statSync(part);
    if (replace) renameSync(part, path);
    else publish(part, path);
    sync(dirname(path), "r");
    return { bytes: size };
  } finally {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(`${part}${suffix}`, { force: true });
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
