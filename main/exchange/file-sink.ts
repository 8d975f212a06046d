import { access, chmod, link, open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { ByteSink } from "../formats/format.ts";
import { naming } from "./file-error.ts";
import { noteFolder, removeLeft, temporaryIn } from "./parts.ts";

const BUFFER_BYTES = 1 << 18;

/**
 * The files of one export. They are written under temporary names beside their place; `publish` gives all of them
 * their names once every one is whole and on disk, `discard` removes them. An existing file is never overwritten.
 */
export class FileGroup {
  readonly #directory: string;
  readonly #sinks: FileSink[] = [];
  #forget: () => void = () => undefined; // the note of where it writes

  constructor(directory: string) {
    this.#directory = directory;
  }

  readonly open = async (name: string): Promise<ByteSink> => {
    if (name === "" || name.startsWith(".") || /[/\\\0:]/.test(name)) {
      throw new AppError("data/bad-file-name", `"${name}" cannot be used as a file name`, { name });
    }
    const path = join(this.#directory, name);
    await naming(this.#directory, () => access(this.#directory)); // else it is the file that "is not there"
    if (await exists(path)) throw taken(path);
    const temporary = temporaryIn(this.#directory);
    if (this.#sinks.length === 0) {
      await removeLeft(this.#directory);
      this.#forget = noteFolder(this.#directory);
    }
    const handle = await naming(path, () => open(temporary, "wx"));
    const { mode } = await handle.stat();
    await handle.chmod(0o600); // until it is whole, nobody else's
    const sink = new FileSink(handle, temporary, path, mode & 0o777);
    this.#sinks.push(sink);
    return sink;
  };

  /** Names of the files, once each was closed. */
  async publish(): Promise<readonly string[]> {
    const unfinished = this.#sinks.find((sink) => !sink.isClosed);
    if (unfinished !== undefined)
      throw new Error(`${basename(unfinished.path)} was not closed by its writer`);
    const published: string[] = [];
    try {
      for (const sink of this.#sinks) {
        await chmod(sink.temporary, sink.mode); // whole: as any file a person saves here
        await moveWithoutOverwriting(sink.temporary, sink.path);
        published.push(sink.path);
      }
    } catch (error) {
      for (const path of published) await rm(path, { force: true });
      throw error;
    }
    this.#forget();
    await syncDirectory(this.#directory);
    return published;
  }

  async discard(): Promise<void> {
    for (const sink of this.#sinks) await sink.discard();
    this.#forget();
  }
}

export class FileSink implements ByteSink {
  readonly temporary: string;
  readonly path: string;
  readonly mode: number; // of a file made here
  readonly #handle: FileHandle;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #end = 0; // bytes handed to the system
  isClosed = false;

  constructor(handle: FileHandle, temporary: string, path: string, mode: number) {
    this.mode = mode;
    this.#handle = handle;
    this.temporary = temporary;
    this.path = path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(bytes.slice()); // the caller may use its buffer again
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= BUFFER_BYTES) await this.#flush();
  }

  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#flush();
    if (offset < 0 || offset + bytes.length > this.#end) {
      throw new RangeError(
        `patch of ${bytes.length} bytes at ${offset} lies outside the ${this.#end} bytes written`,
      );
    }
    await naming(this.path, () => writeAll(this.#handle, bytes, offset));
  }

  async #flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const bytes = this.#pending.length === 1 ? sure(this.#pending[0]) : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await naming(this.path, () => writeAll(this.#handle, bytes, this.#end));
    this.#end += bytes.length;
  }

  async close(): Promise<void> {
    await this.#flush();
    await naming(this.path, () => this.#handle.sync());
    await this.#handle.close();
    this.isClosed = true;
  }

  async discard(): Promise<void> {
    if (!this.isClosed) await this.#handle.close().catch(() => undefined);
    this.isClosed = true;
    await rm(this.temporary, { force: true });
  }
}

/** Bytes of a name that leave room for a number and an ending; most file systems take 255. */
const NAME_BYTES = 200;

/** The beginning of a name that any file system takes, in whole characters: one of a Japanese name has three bytes. */
export function shortened(name: string, characters: number): string {
  let bytes = 0;
  const fits = (one: string): boolean => (bytes += Buffer.byteLength(one)) <= NAME_BYTES;
  const all = Array.from(name).slice(0, characters);
  const end = all.findIndex((one) => !fits(one));
  return (end < 0 ? all : all.slice(0, end)).join("");
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, offset + at);
    at += bytesWritten;
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const taken = (path: string): AppError =>
  new AppError("data/file-exists", `${basename(path)} exists already and is not overwritten`, { file: path });

/** A rename would silently replace a file of that name; a hard link refuses. Where links do not exist (FAT), look first. */
async function moveWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EEXIST" || (await exists(to))) throw taken(to);
    await naming(to, () => rename(from, to));
    return;
  }
  await rm(from, { force: true });
}

/** Makes the new names survive a power cut. Not every system lets a folder be synced; the files themselves are. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(dirname(join(directory, "x")), "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
