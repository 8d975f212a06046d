import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Ends of the names say whose folder it is: the process that made it, which outlives the one that uses it. */
const NAME = /^kodo-trainer-(\d+)-/;

export interface OwnTemporary {
  readonly folder: string;
  /** To be set in the environment of the process that uses it: libraries ask for one of these three. */
  readonly environment: Readonly<Record<"TMPDIR" | "TMP" | "TEMP", string>>;
  remove(): void;
}

/**
 * A folder that only this user can read (0700), for whatever a process that runs native libraries leaves. It goes when that
 * process has ended, or when this one does, and else at the next start.
 */
export function ownTemporary(parent = tmpdir()): OwnTemporary {
  removeLeft(parent);
  const folder = mkdtempSync(join(parent, `kodo-trainer-${process.pid}-`));
  const remove = (): void => {
    process.off("exit", remove);
    removeQuietly(folder);
  };
  process.on("exit", remove);
  return { folder, environment: { TMPDIR: folder, TMP: folder, TEMP: folder }, remove };
}

/** What processes that were ended by force left. */
function removeLeft(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (!isAlive(owner)) removeQuietly(join(parent, name));
  }
}

function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Another user's, or still held open on Windows: the next start tries again.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // another user's
  }
}
