import { createHash } from "node:crypto";
import { readdirSync, readlinkSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "../exchange/parts.ts";

/**
 * Folders of private copies, of a sample study under way and of a worker's recordings; the number is the process that made
 * them, on the machine whose mark follows, if any does.
 */
const NAME = /^kodo-(?:view|sample|worker)-(\d+)-(?:([0-9a-f]{8})-)?/;

/** Of a machine, or a container: workers of several may share a folder of temporary files, and know none of the others' processes. */
export const machineMark = (): string =>
  createHash("sha256").update(`${hostname()} ${processNames()}`).digest("hex").slice(0, 8);

/** Removes what processes that were killed left among the temporary files. */
export function removeLeftTemporaries(folder: string): void {
  for (const name of namesIn(folder)) {
    const [, owner, machine = machineMark()] = NAME.exec(name) ?? [];
    if (owner !== undefined && machine === machineMark() && !isAlive(Number(owner)))
      removeQuietly(join(folder, name));
  }
}

/** Within which a process goes by its number. */
function processNames(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return ""; // one for the whole system
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
