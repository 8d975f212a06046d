import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../exchange/parts.ts";

/** Folders of private copies, of a sample study under way and of a worker's recordings; the number is the process that made them. */
const NAME = /^kodo-(?:view|sample|worker)-(\d+)-/;

/** Removes what processes that were killed left among the temporary files. */
export function removeLeftTemporaries(folder: string): void {
  for (const name of namesIn(folder)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeQuietly(join(folder, name));
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a library opens without it
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Another user's: it is theirs to remove.
  }
}
