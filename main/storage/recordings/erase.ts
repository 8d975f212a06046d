import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Context } from "../context.ts";

/** So long it waits for those who just then read pages as they were before. */
const WAIT_MS = 1000;

/** What is deleted is zeroed within pages that stay (secure_delete); whole pages given up are cut off the file here. */
export const giveBackPages = ({ database }: Context): void => database.exec("PRAGMA incremental_vacuum");

/**
 * Overwrites what may still lie in unused parts of the library's files. A library that once deleted without overwriting
 * is rewritten whole, once. Returns the copies beside it that a person has to decide about; those a migration made go.
 */
export function erase(context: Context): string[] {
  const { database } = context;
  const isDue = database.get("SELECT is_due FROM erasure")?.["is_due"] !== 0;
  try {
    if (isDue) {
      database.exec("VACUUM");
      database.write(() => database.run("UPDATE erasure SET is_due = 0"));
    } else if (Number(database.pragma("freelist_count")) > 0) giveBackPages(context);
  } catch (error) {
    throw notErased(context, error);
  }
  if (!context.emptyLog(WAIT_MS)) throw notErased(context);
  return settleCopies(database.path);
}

const notErased = ({ database }: Context, cause?: unknown): AppError =>
  new AppError(
    "storage/not-erased",
    cause === undefined
      ? "Deleted, but while another process or a backup reads the library its bytes cannot be overwritten; that is done once nobody does"
      : "Deleted, but its bytes could not be overwritten yet; deleting anything again tries once more",
    { file: database.path },
    cause,
  );

/** Removes the copies that migrations left, which hold all of it; names what a restore has set aside. */
function settleCopies(path: string): string[] {
  const folder = dirname(path);
  const file = basename(path);
  const beside = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${file}.`)) : [];
  for (const name of beside.filter((one) => /\.schema-\d+(-\d+)?\.backup(\.part)?$/.test(one)))
    rmSync(join(folder, name), { force: true });
  return beside.filter((name) => name.startsWith(`${file}.replaced-`)).sort();
}
