import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Database, Row } from "./database.ts";

/** A process that may hold recordings open: its id and when it began, since ids are used again. */
export interface Owner {
  readonly pid: number;
  readonly started: string; // "" where the system does not tell
  readonly host: string;
}

export const ownerFrom = (row: Row): Owner => ({
  pid: Number(row["pid"]),
  started: String(row["started"]),
  host: String(row["host"]),
});

export const ownerToken = (owner: Owner): string => `${owner.host}/${owner.pid}/${owner.started}`;

export const thisProcess = (): Owner => ({
  pid: process.pid,
  started: startOf(process.pid),
  host: hostname(),
});

/** Is that process still running here? Unknown counts as running: a recording is not called interrupted on a guess. */
export function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return false; // the file was copied here
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM" && sameStart(owner);
  }
  return sameStart(owner);
}

/** Processes on this machine, other than `own`, that once had the library open to write and still run. */
export const otherOwners = (database: Database, own: string): Owner[] =>
  database.all("SELECT pid, started, host FROM owner WHERE token <> ?", own).map(ownerFrom).filter(isAlive);

const sameStart = (owner: Owner): boolean => {
  const started = startOf(owner.pid);
  return started === "" || owner.started === "" || started === owner.started;
};

/** Boot id and ticks since boot at which the process began; "" elsewhere than on Linux [field 22 of proc(5) stat]. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name may hold spaces
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot}:${String(fields[19])}`;
  } catch {
    return "";
  }
}
