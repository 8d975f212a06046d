import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Which cell of a long table it is, and all that makes its value: where that changes it is measured anew. */
export interface CellKey {
  readonly table: string;
  readonly method: string;
  readonly part: number;
  readonly made: unknown; // plain values
}

/** Cells of long tables, each kept in a file once it is measured: a table is measured in as many sittings as one likes. */
export interface Cells {
  /** What the cell held, or what is measured now. Undefined: it is not there, and none of its kind is begun in this sitting. */
  of<T>(key: CellKey, value: z.ZodType<T>, measure: () => Promise<T>): Promise<T | undefined>;
  /** Whether one may come of asking: something is kept there, of these windows or not, or it would be measured. */
  mayHold(key: Omit<CellKey, "made">): boolean;
}

export interface Sitting {
  readonly until: number; // no cell is begun later, in the milliseconds of performance.now()
  readonly methods: readonly string[]; // of these alone cells are begun; empty: of all
  readonly parts: number; // only of so many first parts of a table
  readonly say: (line: string) => void;
}

interface Line {
  readonly made: string;
  readonly day: string;
  readonly value: string; // JSON
}

const Part = z.string().regex(/^\d+$/);
const Made = z.string().regex(/^[0-9a-f]{16}$/);
const Day = z.iso.date();

const fileOf = (folder: string, table: string): string =>
  join(folder, `${table.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.tsv`);

const digestOf = (made: unknown): string =>
  createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 16);

/** The lines of a file by method and part, and how many of them are none. A file that is not there has no lines. */
function read(path: string): { readonly lines: Map<string, Line>; readonly broken: number } {
  const lines = new Map<string, Line>();
  let broken = 0;
  for (const text of textOf(path).split("\n")) {
    if (text === "") continue;
    const [method = "", part = "", made = "", day = "", value = ""] = text.split("\t");
    const isLine = Part.safeParse(part).success && Made.safeParse(made).success && Day.safeParse(day).success;
    if (isLine && isJson(value)) lines.set(`${method}\t${part}`, { made, day, value });
    else broken += 1;
  }
  return { lines, broken };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Methods by their name, the parts of each in their order. */
function inOrder([a]: readonly [string, Line], [b]: readonly [string, Line]): number {
  const [[method = "", part], [other = "", place]] = [a.split("\t"), b.split("\t")];
  if (method !== other) return method < other ? -1 : 1;
  return Number(part) - Number(place);
}

/**
 * One cell more in a file, which is exchanged whole: who is stopped while it is written leaves it as it was. It is read
 * anew before, for another sitting may have added to it.
 */
function keep(path: string, cell: readonly [string, Line]): void {
  const lines = read(path).lines.set(...cell);
  const text = [...lines]
    .sort(inOrder)
    .map(([at, { made, day, value }]) => `${at}\t${made}\t${day}\t${value}\n`);
  writeFileSync(`${path}.part`, text.join(""));
  renameSync(`${path}.part`, path);
}

/** Kept in `folder`, a file each table, a line each cell. Values are plain ones. */
export class KeptCells implements Cells {
  readonly #folder: string;
  readonly #sitting: Sitting;
  readonly #asked: Set<string>;
  readonly #told = new Set<string>();

  /** `asked`: names of methods that tables asked for are added to it. */
  constructor(folder: string, sitting: Sitting, asked: Set<string> = new Set()) {
    this.#folder = folder;
    this.#sitting = sitting;
    this.#asked = asked;
  }

  async of<T>(key: CellKey, schema: z.ZodType<T>, measure: () => Promise<T>): Promise<T | undefined> {
    const [path, made] = [fileOf(this.#folder, key.table), digestOf(key.made)];
    this.#asked.add(key.method);
    const kept = this.#lines(path).get(`${key.method}\t${key.part}`);
    if (kept?.made === made) {
      const found = schema.safeParse(JSON.parse(kept.value));
      if (found.success) return found.data;
    }
    if (!this.#isBegun(key)) return undefined;
    const value = schema.parse(await measure());
    mkdirSync(this.#folder, { recursive: true });
    const day = new Date().toISOString().slice(0, 10);
    keep(path, [`${key.method}\t${key.part}`, { made, day, value: JSON.stringify(value) }]);
    return value;
  }

  mayHold(key: Omit<CellKey, "made">): boolean {
    this.#asked.add(key.method);
    const lines = this.#lines(fileOf(this.#folder, key.table));
    return lines.has(`${key.method}\t${key.part}`) || this.#isBegun(key);
  }

  #isBegun({ method, part }: Omit<CellKey, "made">): boolean {
    const { methods, until, parts } = this.#sitting;
    const isWanted = methods.length === 0 || methods.includes(method);
    return isWanted && part < parts && performance.now() <= until;
  }

  #lines(path: string): ReadonlyMap<string, Line> {
    const { lines, broken } = read(path);
    if (broken > 0 && !this.#told.has(path)) {
      this.#told.add(path);
      this.#sitting.say(`${path}: ${broken} of its lines cannot be read; what they held is measured anew`);
    }
    return lines;
  }
}
