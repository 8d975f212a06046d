import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { fitsAsPart, mainPartOf, MARK, readOwnTable } from "../formats/csv/own-table.ts";
import type { FormatReader } from "../formats/format.ts";
import { naming } from "./file-error.ts";
import { openFileSource } from "./file-source.ts";

const DEPTH_LIMIT = 16;
const FILES_LIMIT = 100_000;

/** A file to import. `asked` is true when a person named it, false when it was found in a folder they named. */
export interface Candidate {
  readonly path: string;
  readonly asked: boolean;
}

const withoutGz = (name: string): string => name.replace(/\.gz$/i, "");

/** Lower-case extension with the dot, `.gz` taken off. */
export const extensionOf = (name: string): string => extname(withoutGz(name)).toLowerCase();

/**
 * Files behind the paths a person dropped or typed: folders are walked, companions of a header (signal and annotation
 * files of a WFDB record, the segments of one that has several) stand back behind it, nothing comes twice. In natural
 * order within a folder.
 */
export async function expandPaths(
  paths: readonly string[],
  readers: readonly FormatReader[],
  signal?: AbortSignal,
): Promise<readonly Candidate[]> {
  const known = new Set(readers.flatMap((reader) => reader.extensions));
  const found = new Map<string, Candidate>();
  for (const path of paths) {
    throwIfCancelled(signal);
    const full = resolve(path);
    const facts = await naming(full, () => stat(full)).catch(() => undefined);
    if (facts?.isDirectory() === true) {
      const inside = new Set<string>();
      for (const file of await walk(full, known, signal)) inside.add(await standsFor(file));
      const segments = await segmentsAmong(inside, signal);
      for (const file of inside) {
        if (!found.has(file) && !segments.has(file)) found.set(file, { path: file, asked: false });
      }
    } else {
      const file = await standsFor(full);
      found.set(file, { path: file, asked: true }); // a missing file is reported when it is opened
    }
  }
  return [...found.values()];
}

async function walk(
  root: string,
  known: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const files: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    throwIfCancelled(signal);
    const entries = await naming(folder, () => readdir(folder, { withFileTypes: true }));
    entries.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < DEPTH_LIMIT) await visit(path, depth + 1);
      else if (entry.isFile() && known.has(extensionOf(entry.name))) files.push(path);
      if (files.length > FILES_LIMIT) {
        const detail = { folder: root, limit: FILES_LIMIT };
        throw new AppError(
          "data/too-many-files",
          `${basename(root)} holds more than ${FILES_LIMIT} files`,
          detail,
        );
      }
    }
  };
  await visit(root, 0);
  return files;
}

/** The file to open for this one: a record's header, the table that a further table of ours belongs to, else itself. */
async function standsFor(path: string): Promise<string> {
  const table = await describedTable(path);
  return (extensionOf(table) === ".csv" ? await mainTableOf(table) : undefined) ?? headerOf(table);
}

const META = /\.meta\.json$/i;

/** Our own table beside what we write to describe it, else the file itself. */
async function describedTable(path: string): Promise<string> {
  const table = path.replace(META, ".csv");
  return META.test(path) && (await startsWith(table, MARK)) ? table : path;
}

/** The table that stands for a recording of which this one holds the channels of a further rate, where both are there. */
async function mainTableOf(path: string): Promise<string | undefined> {
  if (!(await startsWith(path, MARK))) return undefined;
  const source = await openFileSource(path);
  try {
    const own = await readOwnTable(source);
    const name = own && mainPartOf(own);
    const main = name === undefined ? undefined : await source.sibling(name);
    const theirs = main && (await readOwnTable(main));
    return own && theirs && fitsAsPart(theirs, own, own.parts?.index ?? 0) ? main?.path : undefined;
  } finally {
    await source.close();
  }
}

async function startsWith(path: string, mark: string): Promise<boolean> {
  const handle = await open(path, "r").catch(() => undefined); // what cannot be opened is told when it is read
  try {
    const start = await handle?.read(Buffer.alloc(mark.length), 0, mark.length, 0);
    return start?.buffer.toString("latin1") === mark;
  } finally {
    await handle?.close();
  }
}

const companions = new Set([".dat", ".mat", ".atr", ".qrs", ".ann"]);

/** The header of the WFDB record whose signal or annotation file this is, where it lies beside it. */
async function headerOf(path: string): Promise<string> {
  if (!companions.has(extensionOf(path))) return path;
  const name = basename(withoutGz(path));
  const header = `${name.slice(0, name.length - extname(name).length)}.hea`.toLowerCase();
  const names = await readdir(dirname(path)).catch(() => []);
  const actual = names.find((one) => withoutGz(one).toLowerCase() === header);
  return actual === undefined ? path : join(dirname(path), actual);
}

/** A master header lists its segments in a line each: 200,000 lines at most, far less than this. */
const LONGEST_HEADER = 16 << 20;

/** Headers that another header lists as its segments: their samples come with it, and would come twice. */
async function segmentsAmong(files: ReadonlySet<string>, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const segments = new Set<string>();
  for (const path of files) {
    if (extensionOf(path) !== ".hea") continue;
    throwIfCancelled(signal);
    const size = (await stat(path).catch(() => undefined))?.size ?? Infinity;
    if (size > LONGEST_HEADER || /\.gz$/i.test(path)) continue;
    const lines = (await readFile(path, "latin1").catch(() => "")) // what cannot be read is told when it is opened
      .split(/\r\n|\n|\r/)
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    const count = /^\S+\/(\d+)\s/.exec(lines[0] ?? "")?.[1];
    for (const line of lines.slice(1, 1 + Number(count ?? 0)))
      segments.add(join(dirname(path), `${line.split(/\s/)[0]}.hea`));
  }
  return segments;
}
