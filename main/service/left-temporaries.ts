import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
