import { createHash, randomBytes } from "node:crypto";
import type { Hash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import type { Stats } from "node:fs";
import { open, readdir, rm, stat, statfs } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants as zlib, createGunzip } from "node:zlib";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { repairOf } from "../../preload/contract/recording.ts";
import type { ByteSource } from "../formats/format.ts";
import type { ReportRepair } from "../signal/block.ts";
import { naming } from "./file-error.ts";

/** Read-ahead unit. A reader that walks forward touches each page once; the checksum rides along. */
export const PAGE_BYTES = 1 << 20;
const PAGES_KEPT = 4;
/** An inflated file up to this size stays in memory; a larger one goes to a temporary file. */
const MEMORY_BYTES = 64 << 20;
/** A gzip file that inflates to more than this is refused. */
const INFLATED_LIMIT = 2 ** 35;
/** Deflate can blow a byte up to a thousand; recordings, text ones included, come to some twenty. Small files may. */
const RATIO_LIMIT = 100;
const RATIO_FROM_BYTES = 256 << 20;
/** What inflating leaves free on the disk of the temporary file. */
const SPARE_BYTES = 2 ** 30;

export interface FileSource extends ByteSource {
  readonly path: string;
  /** Bytes of this file and of every sibling opened so far: what a progress bar counts to. */
  readonly totalSize: number;
  sibling(name: string): Promise<FileSource | undefined>;
  above(name: string): Promise<FileSource | undefined>;
  /** SHA-256 of the file as it lies on disk. Hashes only what has not passed through `read` yet. */
  sha256(signal?: AbortSignal): Promise<string>;
  /** Closes this file and its siblings, and removes temporary files. */
  close(): Promise<void>;
}

export interface SourceOptions {
  readonly repair?: ReportRepair;
  readonly signal?: AbortSignal;
  /** Told how far into the file reading has got. */
  reached?: (bytes: number) => void;
  /** What the folders of a job hold, where several of its files lie in one. */
  readonly folders?: Folders;
  readonly memoryBytes?: number;
  readonly inflatedLimit?: number;
  readonly ratioFromBytes?: number;
  readonly temporaryDirectory?: string;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Random access over bytes wherever they lie. */
interface Store {
  readonly size: number;
  read(into: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

const withoutGz = (name: string): string => name.replace(/\.gz$/i, "");

/** Opens a file for a reader; `.gz` is inflated first and its name loses the suffix. */
export async function openFileSource(path: string, options: SourceOptions = {}): Promise<FileSource> {
  return naming(path, async () => {
    const { handle, facts } = await openRegular(path);
    if (!/\.(gz|xdfz)$/i.test(path))
      return new PagedFile(path, handleStore(handle, facts.size), new RunningHash(), options, facts.mtimeMs);
    await handle.close();
    return openGzip(path, facts.size, options);
  });
}

/** Opens without waiting: a pipe has no end, and a device holds whatever it likes. */
async function openRegular(path: string): Promise<{ readonly handle: FileHandle; readonly facts: Stats }> {
  const before = await stat(path);
  const refuse = (): AppError =>
    new AppError("data/not-a-file", `${basename(path)} is not a file`, {
      file: path,
      value: before.isDirectory() ? "folder" : "device or pipe",
      allowed: "a file",
    });
  if (!before.isFile()) throw refuse(); // opening some devices does something
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const facts = await handle.stat(); // of what was opened, whatever took its name in between
  if (facts.isFile()) return { handle, facts };
  await handle.close();
  throw refuse();
}

function handleStore(handle: FileHandle, size: number, remove?: string): Store {
  return {
    size,
    read: async (into, offset) => {
      let filled = 0;
      while (filled < into.length) {
        const { bytesRead } = await handle.read(into, filled, into.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    close: async () => {
      await handle.close();
      if (remove !== undefined) await rm(remove, { force: true });
    },
  };
}

const memoryStore = (bytes: Uint8Array): Store => ({
  size: bytes.length,
  read: (into, offset) => {
    const piece = bytes.subarray(offset, offset + into.length);
    into.set(piece);
    return Promise.resolve(piece.length);
  },
  close: () => Promise.resolve(),
});

/** SHA-256 fed in order; pieces that come early are left for later. */
class RunningHash {
  readonly #hash: Hash = createHash("sha256");
  #upTo = 0;
  #hex: string | undefined;

  get upTo(): number {
    return this.#upTo;
  }

  offer(offset: number, bytes: Uint8Array): void {
    if (offset > this.#upTo || offset + bytes.length <= this.#upTo) return;
    this.#hash.update(bytes.subarray(this.#upTo - offset));
    this.#upTo = offset + bytes.length;
  }

  hex(): string {
    return (this.#hex ??= this.#hash.digest("hex"));
  }
}

class PagedFile implements FileSource {
  readonly path: string;
  readonly name: string;
  readonly #store: Store;
  readonly #hash: RunningHash;
  readonly #options: SourceOptions;
  readonly #pages = new Map<number, Promise<Uint8Array>>();
  readonly #siblings = new Map<string, Promise<FileSource>>();
  readonly #opened: FileSource[] = [];
  readonly #mtimeMs: number | undefined; // undefined: the checksum is already whole (gzip)
  #listing: Promise<Listing> | undefined;
  #sha256: string | undefined; // once it was seen that the file had not changed meanwhile

  constructor(path: string, store: Store, hash: RunningHash, options: SourceOptions, mtimeMs?: number) {
    this.path = path;
    this.name = withoutGz(basename(path));
    this.#store = store;
    this.#hash = hash;
    this.#options = options;
    this.#mtimeMs = mtimeMs;
  }

  get size(): number {
    return this.#store.size;
  }

  get totalSize(): number {
    return this.#opened.reduce((sum, sibling) => sum + sibling.totalSize, this.size);
  }

  /** What lies within one page is a view of it: bytes of a source are not to be written to. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    throwIfCancelled(this.#options.signal); // readers may look through a whole table before their first block
    const first = Math.min(Math.max(0, offset), this.size);
    const end = Math.min(this.size, Math.max(first, offset + length));
    const index = Math.floor(first / PAGE_BYTES);
    if (end <= (index + 1) * PAGE_BYTES) {
      const from = first - index * PAGE_BYTES;
      return first === end ? new Uint8Array(0) : (await this.#page(index)).subarray(from, from + end - first);
    }
    if (end - first >= PAGE_BYTES / 2) return this.#straight(first, end - first);
    const out = fresh(end - first);
    for (let at = first; at < end;) {
      const page = await this.#page(Math.floor(at / PAGE_BYTES));
      const from = at % PAGE_BYTES;
      const piece = page.subarray(from, from + end - at);
      if (piece.length === 0) return out.subarray(0, at - first); // the file shrank under us
      out.set(piece, at - first);
      at += piece.length;
    }
    return out;
  }

  /** A long read goes past the pages: a reader that walks forward in large steps asks for no byte twice. */
  async #straight(offset: number, length: number): Promise<Uint8Array> {
    const bytes = fresh(length);
    const filled = await this.readInto(offset, bytes);
    return filled === length ? bytes : bytes.subarray(0, filled);
  }

  async readInto(offset: number, into: Uint8Array): Promise<number> {
    throwIfCancelled(this.#options.signal);
    const first = Math.min(Math.max(0, offset), this.size);
    const bytes = into.subarray(0, Math.min(into.length, this.size - first));
    const filled = await naming(this.path, () => this.#store.read(bytes, first));
    this.#options.reached?.(first + filled);
    if (this.#mtimeMs !== undefined) this.#hash.offer(first, bytes.subarray(0, filled));
    return filled;
  }

  #page(index: number): Promise<Uint8Array> {
    const kept = this.#pages.get(index);
    if (kept !== undefined) return kept;
    const page = this.#load(index);
    this.#pages.set(index, page);
    if (this.#pages.size > PAGES_KEPT) {
      const oldest = this.#pages.keys().next().value;
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    page.catch(() => this.#pages.delete(index));
    return page;
  }

  async #load(index: number): Promise<Uint8Array> {
    const offset = index * PAGE_BYTES;
    const bytes = fresh(Math.min(PAGE_BYTES, this.size - offset));
    const filled = await naming(this.path, () => this.#store.read(bytes, offset));
    const page = bytes.subarray(0, filled);
    this.#options.reached?.(offset + filled);
    if (this.#mtimeMs !== undefined) this.#hash.offer(offset, page);
    return page;
  }

  async sibling(name: string): Promise<FileSource | undefined> {
    if (!isPlainName(name)) return undefined; // a header may not reach elsewhere
    this.#listing ??= (this.#options.folders ?? new Folders()).listing(dirname(this.path));
    const names = await this.#listing;
    const actual = closestName(names, name) ?? closestName(names, `${name}.gz`);
    if (actual === undefined) return undefined;
    return this.#beside(join(dirname(this.path), actual));
  }

  async above(name: string): Promise<FileSource | undefined> {
    if (!isPlainName(name)) return undefined;
    for (let folder = dirname(this.path), level = 0; level < LEVELS_ABOVE; level++) {
      folder = dirname(folder);
      const names = await readdir(folder).catch((): string[] => []); // a folder above may be closed to us
      if (names.includes(name)) return this.#beside(join(folder, name));
    }
    return undefined;
  }

  async #beside(path: string): Promise<FileSource> {
    let opened = this.#siblings.get(path);
    if (opened === undefined) {
      const options = { ...this.#options };
      delete options.reached; // it is about this file
      opened = openFileSource(path, options);
      this.#siblings.set(path, opened);
      this.#opened.push(await opened);
    }
    return opened;
  }

  async sha256(signal?: AbortSignal): Promise<string> {
    if (this.#mtimeMs === undefined) return this.#hash.hex();
    if (this.#sha256 !== undefined) return this.#sha256;
    const bytes = fresh(Math.min(PAGE_BYTES, this.size - this.#hash.upTo));
    while (this.#hash.upTo < this.size) {
      throwIfCancelled(signal);
      const offset = this.#hash.upTo;
      const filled = await naming(this.path, () => this.#store.read(bytes, offset));
      if (filled === 0) throw this.#changed();
      this.#hash.offer(offset, bytes.subarray(0, filled));
    }
    const now = await naming(this.path, () => stat(this.path));
    if (now.size !== this.size || now.mtimeMs !== this.#mtimeMs) throw this.#changed();
    this.#sha256 = this.#hash.hex();
    return this.#sha256;
  }

  #changed(): AppError {
    return new AppError("data/file-changed", `${this.name} changed while it was read`, {
      file: this.path,
      size: this.size,
    });
  }

  async close(): Promise<void> {
    for (const sibling of this.#siblings.values()) {
      const source = await sibling.catch(() => undefined);
      await source?.close();
    }
    this.#pages.clear();
    await this.#store.close();
  }
}

/** Memory that is about to be filled: not zeroed, not a Buffer (whose slices are views), not of a shared pool. */
const fresh = (length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);

/** A folder of recordings lies four levels below its data set at most: sub-01/ses-1/emg/. */
const LEVELS_ABOVE = 4;

const isPlainName = (name: string): boolean =>
  name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);

/** The names in a folder, as they are and by their lower case, of which the first counts. */
interface Listing {
  readonly exact: ReadonlySet<string>;
  readonly folded: ReadonlyMap<string, string>;
}

/**
 * The names in the folder that was asked about last, as they were when that began: a job goes through folder after
 * folder, and listing one of a thousand files anew for each of them takes longer than reading it.
 */
export class Folders {
  #last: { readonly folder: string; readonly listing: Promise<Listing> } | undefined;

  listing(folder: string): Promise<Listing> {
    if (this.#last?.folder !== folder) this.#last = { folder, listing: listingOf(folder) };
    const { listing } = this.#last;
    listing.catch(() => (this.#last = undefined));
    return listing;
  }
}

async function listingOf(folder: string): Promise<Listing> {
  const names = await readdir(folder);
  const pairs = names.map((name) => [name.toLowerCase(), name] as const);
  return { exact: new Set(names), folded: new Map(pairs.toReversed()) };
}

/** The exact name where it is there, else one that differs in case only. */
const closestName = ({ exact, folded }: Listing, wanted: string): string | undefined =>
  exact.has(wanted) ? wanted : folded.get(wanted.toLowerCase());

async function openGzip(path: string, size: number, options: SourceOptions): Promise<FileSource> {
  const hash = new RunningHash();
  const inflated = new Inflated(path, size, options);
  try {
    await inflate(path, hash, inflated, options);
    return new PagedFile(path, await inflated.store(), hash, options);
  } catch (error) {
    await inflated.discard();
    throw error;
  }
}

async function inflate(
  path: string,
  hash: RunningHash,
  into: Inflated,
  options: SourceOptions,
): Promise<void> {
  let consumed = 0;
  let tail = new Uint8Array(0);
  async function* tapped(): AsyncGenerator<Uint8Array> {
    for await (const piece of createReadStream(path, {
      highWaterMark: 1 << 18,
    }) as AsyncIterable<Uint8Array>) {
      throwIfCancelled(options.signal);
      hash.offer(consumed, piece);
      consumed += piece.length;
      tail = Uint8Array.from([...tail, ...piece.subarray(-4)]).slice(-4);
      yield piece;
    }
  }
  const where = { file: path, offset: 0 };
  try {
    const gunzip = createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH });
    await pipeline(tapped, gunzip, async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) await into.add(piece);
    });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("Z_")) throw error;
    if (into.size === 0) {
      throw new AppError(
        "data/bad-gzip",
        `${basename(path)} is not a gzip file: ${error.message}`,
        where,
        error,
      );
    }
    await drain(path, consumed, hash);
    const file = basename(path);
    const values = { file, inflated: into.size, cause: error.message };
    options.repair?.(repairOf("GZIP_DAMAGED", "warning", values, { file }));
    return;
  }
  if (into.size === 0 && consumed > 0 && tail.length < 4)
    throw new AppError("data/bad-gzip", `${basename(path)} is not a gzip file`, where);
  // RFC 1952, 2.3.1: the last four bytes are the inflated length modulo 2^32 (of the last member).
  const stated =
    tail.length === 4 ? new DataView(tail.buffer, tail.byteOffset).getUint32(0, true) : undefined;
  if (stated !== undefined && stated !== into.size % 2 ** 32 && consumed > 0) {
    const file = basename(path);
    options.repair?.(repairOf("GZIP_LENGTH", "warning", { file, inflated: into.size, stated }, { file }));
  }
}

/** Takes the rest of a damaged file into the checksum, which is of the whole file. */
async function drain(path: string, from: number, hash: RunningHash): Promise<void> {
  let at = from;
  for await (const piece of createReadStream(path, { start: from }) as AsyncIterable<Uint8Array>) {
    hash.offer(at, piece);
    at += piece.length;
  }
}

/** Inflated bytes: in memory while small, in a temporary file beyond. */
class Inflated {
  readonly #path: string;
  readonly #packed: number;
  readonly #options: SourceOptions;
  #unchecked = 0; // bytes written since the disk was last asked
  #pieces: Uint8Array[] = [];
  #spill: { readonly handle: FileHandle; readonly path: string } | undefined;
  size = 0;

  constructor(path: string, packed: number, options: SourceOptions) {
    this.#path = path;
    this.#packed = packed;
    this.#options = options;
  }

  async add(piece: Uint8Array): Promise<void> {
    const { inflatedLimit = INFLATED_LIMIT, ratioFromBytes = RATIO_FROM_BYTES } = this.#options;
    const byRatio = Math.max(ratioFromBytes, RATIO_LIMIT * this.#packed);
    const limit = Math.min(inflatedLimit, byRatio);
    if (this.size + piece.length > limit) {
      const why = byRatio < inflatedLimit ? `, ${RATIO_LIMIT} times its ${this.#packed} bytes and more` : "";
      const message = `${basename(this.#path)} inflates to more than ${limit} bytes${why}; inflate it yourself if it is what it should be`;
      throw new AppError("data/too-large", message, { file: this.#path, limit, packed: this.#packed });
    }
    this.size += piece.length;
    this.#pieces.push(piece);
    if (this.size > (this.#options.memoryBytes ?? MEMORY_BYTES)) await this.#flush();
  }

  /** Refuses before it writes what would fill the disk: asked every 64 MB. */
  async #leaveRoom(folder: string): Promise<void> {
    this.#unchecked -= this.#pieces.reduce((sum, { length }) => sum + length, 0);
    if (this.#unchecked > 0) return;
    const free = await (this.#options.freeBytes ?? freeBytesOf)(folder);
    this.#unchecked = Math.min(MEMORY_BYTES, Math.max(0, free - SPARE_BYTES));
    if (free >= SPARE_BYTES) return;
    const message = `${basename(this.#path)} holds ${this.size} bytes and more when inflated; ${folder} has ${free} bytes free, of which ${SPARE_BYTES} are left alone`;
    throw new AppError("data/no-room", message, {
      file: this.#path,
      folder,
      value: free,
      allowed: `>= ${SPARE_BYTES}`,
    });
  }

  async #flush(): Promise<void> {
    const folder = this.#options.temporaryDirectory ?? tmpdir();
    await this.#leaveRoom(folder);
    if (this.#spill === undefined) {
      const path = join(folder, `kodo-${randomBytes(8).toString("hex")}.inflated`);
      const handle = await open(path, "wx+", 0o600);
      this.#spill = { handle, path };
      // On POSIX the name may go at once: whatever happens to this process, nothing is left behind.
      if (process.platform !== "win32") await rm(path, { force: true });
    }
    const { handle, path } = this.#spill;
    const pieces = this.#pieces;
    this.#pieces = [];
    await naming(path, async () => {
      for (const piece of pieces) await handle.appendFile(piece);
    });
  }

  async store(): Promise<Store> {
    if (this.#spill === undefined) return memoryStore(Buffer.concat(this.#pieces));
    await this.#flush();
    return handleStore(this.#spill.handle, this.size, this.#spill.path);
  }

  async discard(): Promise<void> {
    this.#pieces = [];
    if (this.#spill === undefined) return;
    await this.#spill.handle.close();
    await rm(this.#spill.path, { force: true });
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
