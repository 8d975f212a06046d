import { chmodSync, closeSync, existsSync, openSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const PRIVATE = 0o600;

/** Makes the file where it is not there, so that SQLite opens one that nobody else may read; it makes the others alike. */
export function makePrivate(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, "a", PRIVATE));
  } catch {
    // SQLite, which opens it next, says why it cannot be made.
  }
}

/**
 * The library, its log of writes, its copies: for this user alone, also those of an earlier version. What nobody may write
 * stays so.
 */
export function tighten(path: string): void {
  const file = basename(path);
  const folder = dirname(path);
  const own = readdirSync(folder).filter(
    (name) => name === file || name.startsWith(`${file}-`) || name.startsWith(`${file}.`),
  );
  for (const name of own) tightenOne(join(folder, name));
}

function tightenOne(path: string): void {
  try {
    const facts = statSync(path);
    if (facts.isFile() && (facts.mode & 0o077) !== 0) chmodSync(path, facts.mode & PRIVATE);
  } catch {
    // Somebody else's file, or gone since: it is as private as its owner made it.
  }
}
