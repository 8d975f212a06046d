import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { naming } from "./file-error.ts";

/** A temporary name, with what SQLite lays beside its files; the number is the process that writes under it. */
const LEFT = /^\..*\.(\d+)-[0-9a-f]{12}\.part(-wal|-shm|-journal)?$/;

/** Of this process; short: a name may be as long as the file system takes. */
export const temporaryIn = (directory: string): string =>
  join(directory, `.kodo.${process.pid}-${randomBytes(6).toString("hex")}.part`);

/** Removes what exports and backups that were killed left in a folder. */
export async function removeLeft(directory: string): Promise<void> {
  for (const name of await naming(directory, () => readdir(directory))) {
    const owner = LEFT.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await rm(join(directory, name), { force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whose library this process or thread writes files out of; undefined: nothing is noted. */
let libraryPath: string | undefined;
export const noteFoldersBeside = (path: string): void => void (libraryPath = path);

/** What the name of a note has behind that of its library: the number is the process that wrote it. */
const NOTE = /^-parts-(\d+)-[0-9a-f]{12}$/;

/**
 * Says beside the library that files are being written in a folder, until what is returned is called: should the process be
 * killed, the next start finds what it left there.
 */
export function noteFolder(directory: string): () => void {
  if (libraryPath === undefined) return () => undefined;
  const note = `${libraryPath}-parts-${process.pid}-${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(note, resolve(directory), { mode: 0o600, flag: "wx" });
  } catch {
    return () => undefined; // a library on a disk that cannot be written to: what is left goes with the next export there
  }
  return () => rmSync(note, { force: true });
}

const FORGOTTEN_MS = 90 * 86_400_000;

/** Removes what killed processes left in the folders they noted. One that is not there (a stick) is looked for for ninety days. */
export async function removeNoted(library: string): Promise<void> {
  const name = basename(library);
  for (const file of namesIn(dirname(library))) {
    const owner = file.startsWith(name) ? NOTE.exec(file.slice(name.length))?.[1] : undefined;
    if (owner === undefined || isAlive(Number(owner))) continue;
    const note = join(dirname(library), file);
    try {
      await removeLeft(readFileSync(note, "utf8"));
      rmSync(note, { force: true });
    } catch {
      const writtenMs = statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (Date.now() - writtenMs > FORGOTTEN_MS) rmSync(note, { force: true });
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a library that is not there says so when it is opened
  }
}
