import { existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type BackupReport,
  type VerifyProblem,
  type VerifyProgress,
  type VerifyReport,
} from "../../preload/contract/care.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { within } from "../../preload/contract/within.ts";
import { noteFolder, removeLeft, temporaryIn } from "../exchange/parts.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { LibraryReader, SpawnedLibrary } from "../storage/client.ts";

/** Problems that are listed; the rest is counted. */
const MOST_LISTED = 500;

export interface VerifyOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: VerifyProgress) => void;
}

/** Checks everything in a library, step by step, so that it can be followed and stopped. */
export async function verifyAll(
  library: Pick<AsyncLibrary, "verifyStep">,
  { signal, progress }: VerifyOptions,
): Promise<VerifyReport> {
  const problems: VerifyProblem[] = [];
  const seen = { file: 0, rows: 0, blocks: 0, overviews: 0, log: 0 };
  let count = 0;
  let logHead = "";
  for (
    let cursor: Parameters<AsyncLibrary["verifyStep"]>[0] | undefined = { part: "file" };
    cursor !== undefined;
  ) {
    throwIfCancelled(signal);
    const { part } = cursor;
    const step: Awaited<ReturnType<AsyncLibrary["verifyStep"]>> = await library.verifyStep(cursor);
    count += step.problems.length;
    problems.push(...step.problems.slice(0, MOST_LISTED - problems.length));
    seen[part] += step.seen;
    logHead = step.logHead ?? logHead;
    progress({ part, done: step.done });
    cursor = step.next;
  }
  const { rows, blocks, overviews, log: entries } = seen;
  return { problems, count, rows, blocks, overviews, entries, logHead };
}

/** A check between two steps hears that it is stopped. One within SQLite's own check of the file does not for minutes, and is ended. */
const PATIENCE_MS = 300;

/** Whoever reads the library is ended with the signal, whatever it is doing; recording and labelling go on beside it. */
async function withReader<T>(
  reader: LibraryReader,
  signal: AbortSignal,
  work: (library: AsyncLibrary) => Promise<T>,
): Promise<T> {
  const working = work(reader.library);
  const end = (): void => void within(PATIENCE_MS, working).then((isOver) => isOver || reader.kill());
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    return await working;
  } catch (error) {
    throwIfCancelled(signal); // also where the process was ended
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
    await reader.close();
  }
}

/** What is done for a library as a whole, in a process with a reading connection of its own: recording goes on. */
export class Care {
  readonly #openReader: () => LibraryReader;
  readonly #progress: (progress: VerifyProgress) => void;
  readonly #closing = new AbortController();
  readonly #backups = new Set<Promise<unknown>>();
  #verifying: { readonly stop: AbortController; readonly report: Promise<VerifyReport> } | undefined;

  constructor(openReader: () => LibraryReader, progress: (progress: VerifyProgress) => void) {
    this.#openReader = openReader;
    this.#progress = progress;
  }

  /** One check at a time: who asks while one is under way waits for that one. */
  verify(): Promise<VerifyReport> {
    if (this.#verifying !== undefined) return this.#verifying.report;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#closing.signal]);
    const report = this.#withReader(signal, (library) =>
      verifyAll(library, { signal, progress: this.#progress }),
    ).finally(() => (this.#verifying = undefined));
    this.#verifying = { stop, report };
    return report;
  }

  cancel(): void {
    this.#verifying?.stop.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([this.#verifying?.report, ...this.#backups]);
  }

  /** A checked copy under a new name, or, where that was agreed to, in the place of another file. */
  backUp(path: string, how: { readonly replace: boolean }): Promise<BackupReport> {
    const backup = this.#backUp(path, how).finally(() => this.#backups.delete(backup));
    this.#backups.add(backup);
    return backup;
  }

  async #backUp(path: string, { replace }: { readonly replace: boolean }): Promise<BackupReport> {
    const { signal } = this.#closing;
    const part = temporaryIn(dirname(path));
    let forget = (): void => undefined;
    try {
      return await this.#withReader(signal, async (library) => {
        const { path: own } = await library.info();
        if (isSameFile(path, own))
          throw new AppError("data/file-exists", `${basename(path)} is the library itself`, { file: path });
        throwIfCancelled(signal);
        await removeLeft(dirname(path)); // a whole library, where a backup was killed
        forget = noteFolder(dirname(path));
        const { bytes } = await library.backUp(path, { replace, part });
        const { count } = await verifyAll(library, { signal, progress: () => undefined });
        return { path, bytes, problems: count };
      });
    } finally {
      for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(`${part}${suffix}`, { force: true });
      forget();
    }
  }

  async #withReader<T>(signal: AbortSignal, work: (library: AsyncLibrary) => Promise<T>): Promise<T> {
    throwIfCancelled(signal);
    return withReader(this.#openReader(), signal, work);
  }
}

/** By any of its names: links count. */
function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [a, b].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

export interface RestoreOptions extends VerifyOptions {
  readonly libraryPath: string;
  readonly from: string;
  /** Also a copy in which something is damaged. */
  readonly anyway: boolean;
  readonly open: (path: string) => SpawnedLibrary;
  readonly read: (path: string) => LibraryReader;
  readonly now: () => Date;
}

export interface Restored {
  readonly aside: string | undefined; // where the library of before lies
  readonly report: VerifyReport;
}

/**
 * Puts a copy in the library's place, after it was checked. What was there is set aside, and nobody may have it open.
 * Until the last step, which is one renaming, everything is as it was.
 */
export async function restoreLibrary(options: RestoreOptions): Promise<Restored> {
  const { libraryPath, from, anyway, open, now, signal } = options;
  const copy = join(dirname(libraryPath), `.${basename(libraryPath)}.restored`);
  throwIfCancelled(signal);
  const report = await withReader(options.read(from), signal, async (library) => {
    const found = await verifyAll(library, options);
    if (found.count > 0 && !anyway) {
      const [first] = found.problems;
      throw new AppError(
        "storage/corrupt",
        `${basename(from)} has ${found.count} problem(s) and was not restored (--anyway restores it all the same): ${first?.message ?? ""}`,
        { file: from, problems: found.count },
      );
    }
    rmSync(copy, { force: true });
    await library.backUp(copy, { replace: false });
    return found;
  });
  try {
    if (existsSync(libraryPath)) await foldUp(open(libraryPath), libraryPath);
    return { aside: putInPlace(copy, libraryPath, now()), report };
  } finally {
    rmSync(copy, { force: true });
  }
}

/** Brings everything of the library of before into its one file. One that does not open is set aside as it is. */
async function foldUp(current: SpawnedLibrary, path: string): Promise<void> {
  try {
    const others = await current.library.otherProcesses().catch((error: unknown) => {
      if (error instanceof AppError && /^storage\/(corrupt|foreign-schema|not-a-library)$/.test(error.code))
        return [];
      throw error;
    });
    if (others.length > 0) {
      throw new AppError(
        "storage/in-use",
        `${basename(path)} is open in process ${others.join(", ")}; close it there first`,
        { file: path, process: others[0] ?? null },
      );
    }
  } finally {
    await current.close();
  }
}

function putInPlace(copy: string, path: string, now: Date): string | undefined {
  const aside = existsSync(path) ? freeName(`${path}.replaced-${now.toISOString().slice(0, 10)}`) : undefined;
  if (aside !== undefined) setAside(path, aside);
  renameSync(copy, path);
  return aside;
}

/** Both names at once where the system has links: there is no moment without a library. Its log of writes goes along. */
function setAside(path: string, aside: string): void {
  try {
    linkSync(path, aside);
  } catch {
    renameSync(path, aside);
  }
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
}

function freeName(wanted: string): string {
  let free = wanted;
  for (let n = 2; existsSync(free); n++) free = `${wanted}-${n}`;
  return free;
}
