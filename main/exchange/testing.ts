import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ImportOptions, JobProgress } from "../../preload/contract/exchange.ts";
import type { SpawnedLibrary } from "../storage/client.ts";
import { spawnLibrary } from "../storage/client.ts";
import { importJob } from "./import-job.ts";
import type { JobWork } from "./jobs.ts";
import { doJob } from "./jobs.ts";
import type { LibraryChange } from "./protocol.ts";
import type { JobContext } from "./recording-group.ts";

/** The folder of real recordings, or undefined where this machine does not have it. */
export function sharedData(): string | undefined {
  if (process.env.KODO_SHARED !== undefined) return join(process.env.KODO_SHARED, "data");
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "shared", "data");
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

export interface Bench {
  readonly folder: string;
  readonly storage: SpawnedLibrary;
  readonly context: JobContext;
  readonly changes: LibraryChange[];
  readonly held: Set<string>;
  readonly said: JobProgress[];
  run(work: JobWork): Promise<JobProgress>;
  import(paths: string | readonly string[], options?: ImportOptions): Promise<JobProgress>;
  put(name: string, content: string | Uint8Array): string;
}

/** A real library in a folder of its own, in the real storage thread, and the jobs that write to it. */
export async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-exchange-"));
  const storage = spawnLibrary(
    join(folder, "library.kodo"),
    new URL("../storage/worker.ts", import.meta.url),
  );
  const changes: LibraryChange[] = [];
  const held = new Set<string>();
  const said: JobProgress[] = [];
  const context: JobContext = {
    library: storage.library,
    changed: (change) => changes.push(change),
    holding: (id, isHeld) => (isHeld ? held.add(id) : held.delete(id)),
  };
  let next = 0;
  const run = async (job: JobWork): Promise<JobProgress> => {
    next += 1;
    const report = (progress: JobProgress): void => void said.push(progress);
    const { signal } = new AbortController();
    const ended = await doJob({ jobId: `job ${next}`, kind: "import", signal, report }, job);
    said.push(ended);
    return ended;
  };
  try {
    await work({
      folder,
      storage,
      context,
      changes,
      held,
      said,
      run,
      import: (paths, options = {}) =>
        run(importJob(context, typeof paths === "string" ? [paths] : paths, options)),
      put: (name, content) => {
        const path = join(folder, name);
        writeFileSync(path, content);
        return path;
      },
    });
  } finally {
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A table of two channels at 100 Hz, as anyone's logger would write it. */
export function emgTable(rows: number, seed = 1): string {
  let state = seed;
  const lines = ["time_s,EMG biceps (uV),EMG triceps (uV)"];
  for (let i = 0; i < rows; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    lines.push(`${(i / 100).toFixed(2)},${(state >> 16) % 1000},${(state >> 8) % 500}`);
  }
  return `${lines.join("\n")}\n`;
}
