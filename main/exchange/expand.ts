import { open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import { descriptionsAmong, isBareSignal } from "../formats/bids/names.ts";
import { fitsAsPart, mainPartOf, MARK, readOwnTable } from "../formats/csv/own-table.ts";
import type { FormatReader } from "../formats/format.ts";
import { sidecarName } from "../formats/csv/sidecar.ts";
import { annotationExtensions } from "../formats/wfdb/events.ts";
import { isFindingsFile } from "./findings-file.ts";
import { naming } from "./file-error.ts";
import { openFileSource } from "./file-source.ts";

const DEPTH_LIMIT = 64;
const FILES_LIMIT = 100_000;
const NAMES_SHOWN = 8;

/** A file to import. `asked` is true when a person named it, false when it was found in a folder they named. */
export interface Candidate {
  readonly path: string;
  readonly asked: boolean;
}

/** Files of a folder that nothing is known about: how many, and the first names, within the folder. */
export interface LeftOut {
  readonly folder: string;
  readonly count: number;
  readonly names: readonly string[];
}

export interface Expansion {
  readonly candidates: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
}

const withoutGz = (name: string): string => name.replace(/\.gz$/i, "");

/** Lower-case extension with the dot, `.gz` taken off. */
export const extensionOf = (name: string): string => extname(withoutGz(name)).toLowerCase();

const stemOf = (name: string): string =>
  withoutGz(name).slice(0, -extname(withoutGz(name)).length || undefined);

/**
 * Files behind the paths a person dropped or typed: folders are walked, links followed once, companions of another file
 * (signal and annotation files of a WFDB record, the segments of one that has several, what lies beside a table) stand
 * back behind it, nothing comes twice. In natural order within a folder.
 */
export async function expandPaths(
  paths: readonly string[],
  readers: readonly FormatReader[],
  signal?: AbortSignal,
): Promise<Expansion> {
  const known = new Set(readers.flatMap((reader) => reader.extensions));
  const found = new Map<string, Candidate>();
  const leftOut: LeftOut[] = [];
  for (const path of paths) {
    throwIfCancelled(signal);
    const full = resolve(path);
    const facts = await naming(full, () => stat(full)).catch(() => undefined);
    if (facts?.isDirectory() === true) {
      const { files, unknown } = await new Walk(full, known, signal).run();
      for (const inside of files) {
        const file = extensionOf(inside) === ".csv" ? await standsFor(inside) : inside;
        if (!found.has(file)) found.set(file, { path: file, asked: false });
      }
      if (unknown.count > 0) leftOut.push(unknown);
    } else {
      const file = facts?.isFile() === true ? await standsFor(full) : full;
      found.set(file, { path: file, asked: true }); // a missing file is reported when it is opened
    }
  }
  return { candidates: [...found.values()], leftOut };
}

const collator = new Intl.Collator("en", { numeric: true });
/** Natural order; names that collate alike still have one order. */
const inOrder = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : 1);

/** One folder, walked once: every folder below it, in order, none twice however the links go. */
class Walk {
  private readonly root: string;
  private readonly known: ReadonlySet<string>;
  private readonly signal: AbortSignal | undefined;
  private readonly visited = new Set<string>(); // real paths of folders
  private readonly regular = new Set<string>(); // real paths of files that are no links
  private readonly links = new Map<string, string>(); // of files that are, by their real paths
  private readonly files: string[] = [];
  private readonly names: string[] = [];
  private unknown = 0;

  constructor(root: string, known: ReadonlySet<string>, signal: AbortSignal | undefined) {
    this.root = root;
    this.known = known;
    this.signal = signal;
  }

  async run(): Promise<{ readonly files: readonly string[]; readonly unknown: LeftOut }> {
    await this.visit(this.root, 0);
    const again = new Set([...this.links].flatMap(([real, path]) => (this.regular.has(real) ? [path] : [])));
    const files = this.files.filter((path) => !again.has(path));
    return { files, unknown: { folder: this.root, count: this.unknown, names: this.names } };
  }

  private async visit(folder: string, depth: number): Promise<void> {
    throwIfCancelled(this.signal);
    const real = await naming(folder, () => realpath(folder));
    if (this.visited.has(real)) return;
    this.visited.add(real);
    const { files, folders } = await this.list(folder, real);
    const behind = await companionsAmong(folder, files, this.signal);
    const isDescription = descriptionsAmong(files);
    const entries = [
      ...files.map((name) => ({ name, isFolder: false })),
      ...folders.map((name) => ({ name, isFolder: true })),
    ].sort((a, b) => inOrder(a.name, b.name));
    for (const { name, isFolder } of entries) {
      const path = join(folder, name);
      if (isFolder && depth < DEPTH_LIMIT) await this.visit(path, depth + 1);
      else if (isFolder) this.leave(path);
      else if (behind.has(name) || isDescription(name) || isFindingsFile(name)) continue;
      else if (isBareSignal(name)) this.leave(path);
      else if (this.known.has(extensionOf(name)) && !signalFiles.has(extensionOf(name)))
        this.files.push(path);
      else this.leave(path); // a signal file that no header names cannot be read
      if (this.files.length > FILES_LIMIT) throw tooMany(this.root);
    }
  }

  /** Names of the regular files and folders, through links; a link to a file of this walk is that file again. */
  private async list(
    folder: string,
    real: string,
  ): Promise<{ files: readonly string[]; folders: readonly string[] }> {
    const entries = await naming(folder, () => readdir(folder, { withFileTypes: true }));
    const files: string[] = [];
    const folders: string[] = [];
    const links: string[] = [];
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isSymbolicLink()) links.push(entry.name);
      else if (entry.isFile()) {
        files.push(entry.name);
        this.regular.add(join(real, entry.name));
      } else this.leave(join(folder, entry.name)); // a device, a pipe, a socket
    }
    for (const name of links.sort(inOrder)) {
      const path = join(folder, name);
      const target = await realpath(path).catch(() => undefined); // leads nowhere, or round in a circle
      const facts = target === undefined ? undefined : await stat(target).catch(() => undefined);
      if (target === undefined || facts === undefined) this.leave(path);
      else if (facts.isDirectory()) folders.push(name);
      else if (!facts.isFile()) this.leave(path);
      else if (!this.links.has(target)) {
        this.links.set(target, path);
        files.push(name);
      }
    }
    return { files, folders };
  }

  private leave(path: string): void {
    this.unknown++;
    if (this.names.length < NAMES_SHOWN) this.names.push(path.slice(this.root.length + 1));
  }
}

const tooMany = (root: string): AppError =>
  new AppError("data/too-many-files", `${basename(root)} holds more than ${FILES_LIMIT} files`, {
    folder: root,
    limit: FILES_LIMIT,
  });

/** What holds the samples of a record whose header stands elsewhere. */
const signalFiles: ReadonlySet<string> = new Set([".dat", ".mat"]);
const wfdbFiles: ReadonlySet<string> = new Set([
  ...signalFiles,
  ...annotationExtensions.map((extension) => `.${extension}`),
]);

/** The files of a folder that come with another of its files, and would be read twice, or wrongly, on their own. */
async function companionsAmong(
  folder: string,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const behind = new Set<string>();
  const folded = (name: string): string => withoutGz(name).toLowerCase();
  const stems = new Set<string>();
  const named = new Set<string>();
  for (const name of files) {
    if (extensionOf(name) === ".csv") named.add(folded(sidecarName(name)));
    if (extensionOf(name) !== ".hea") continue;
    throwIfCancelled(signal);
    stems.add(folded(stemOf(name)));
    for (const one of await namedBy(join(folder, name))) if (one !== name) named.add(one.toLowerCase());
  }
  for (const name of files) {
    const isOfRecord = wfdbFiles.has(extensionOf(name)) && stems.has(folded(stemOf(name)));
    if (isOfRecord || named.has(folded(name))) behind.add(name);
  }
  return behind;
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

/** The header of the WFDB record whose signal or annotation file this is, where it lies beside it. */
async function headerOf(path: string): Promise<string> {
  if (!wfdbFiles.has(extensionOf(path))) return path;
  const name = withoutGz(basename(path)).toLowerCase();
  const header = `${stemOf(basename(path))}.hea`.toLowerCase();
  const names = await readdir(dirname(path)).catch(() => []);
  const own = names.find((one) => withoutGz(one).toLowerCase() === header);
  if (own !== undefined) return join(dirname(path), own);
  if (!signalFiles.has(extensionOf(path))) return path;
  for (const one of names.filter((each) => extensionOf(each) === ".hea").sort(inOrder)) {
    const full = join(dirname(path), one);
    if ((await namedBy(full)).some((each) => each.toLowerCase() === name)) return full;
  }
  return path;
}

/** A header has a line a signal or a segment: 200,000 lines at most, far less than this. */
const LONGEST_HEADER = 16 << 20;

/** Signal files and segment headers that a WFDB header lists: their samples come with it, and would come twice. */
async function namedBy(path: string): Promise<readonly string[]> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true || facts.size > LONGEST_HEADER || /\.gz$/i.test(path)) return [];
  const lines = (await readFile(path, "latin1").catch(() => "")) // what cannot be read is told when it is opened
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [record = "", signals = ""] = (lines[0] ?? "").split(/\s+/);
  const segments = record.split("/")[1];
  const listed = lines
    .slice(1, 1 + (Number(segments ?? signals) || 0))
    .map((line) => line.split(/\s/)[0] ?? "");
  return segments === undefined ? listed : listed.map((name) => `${name}.hea`);
}
