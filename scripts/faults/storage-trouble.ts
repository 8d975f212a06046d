import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

let locks: { readonly other: Sqlite.Database; held: number } | undefined; // of the one library of a run

/** Another program that writes and does not stop. Answers how to end it; of several the last one ends it. */
export function lockLibrary(path: string): () => void {
  locks ??= { other: begun(path), held: 0 };
  const own = locks;
  own.held += 1;
  return () => {
    own.held -= 1;
    if (own.held > 0) return;
    locks = undefined;
    own.other.prepare("ROLLBACK").run();
    own.other.close();
  };
}

function begun(path: string): Sqlite.Database {
  const other = new Sqlite(path, { timeout: 3000 });
  other.prepare("BEGIN IMMEDIATE").run();
  return other;
}

const DISK_MB = 24;

/** A small disk of its own in a folder; undefined where this user may not mount one. */
export function smallDisk(
  folder: string,
): { readonly fill: () => () => void; readonly end: () => void } | undefined {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "kodo-faults", folder]);
  if (mounted.status !== 0) return undefined;
  return {
    fill: () => fillDisk(folder),
    end: () => void spawnSync("umount", ["-l", folder]),
  };
}

/** Until nothing more fits. Answers how to empty it again. */
function fillDisk(folder: string): () => void {
  const path = join(folder, "filler");
  const file = openSync(path, "w");
  try {
    for (const block of [Buffer.alloc(1 << 16), Buffer.alloc(512)]) {
      const { bavail, bsize } = statfsSync(folder);
      for (let left = bavail * bsize + block.length; left > 0; left -= block.length) writeSync(file, block);
    }
  } catch {
    // It is full.
  }
  closeSync(file);
  return () => rmSync(path, { force: true });
}
