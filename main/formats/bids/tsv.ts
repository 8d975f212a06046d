import type { ByteSource } from "../format.ts";
import { decodeUtf8OrLatin1 } from "../wfdb/text.ts";

/** A table as BIDS writes one: a row of names, tabs between cells, `n/a` for what is not known. */
export interface Tsv {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly TsvRow[];
}

export interface TsvRow {
  readonly line: number;
  /** The cell of a column; undefined where there is none, or `n/a`. */
  readonly cell: (column: string) => string | undefined;
}

const MAX_BYTES = 32 << 20;
const MAX_ROWS = 500_000;
const MAX_COLUMNS = 500;

/** The table; "too long" where it is longer than any that describes one recording. */
export async function readTsv(source: ByteSource): Promise<Tsv | "too long"> {
  if (source.size > MAX_BYTES) return "too long";
  const lines = decodeUtf8OrLatin1(await source.read(0, source.size))
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/);
  if (lines.length > MAX_ROWS) return "too long";
  const columns = (lines[0] ?? "").split("\t", MAX_COLUMNS).map((name) => name.trim().toLowerCase());
  const places = new Map(columns.map((name, index) => [name, index] as const).toReversed());
  const rows = lines.slice(1).flatMap((line, index): TsvRow[] => {
    if (line.trim() === "") return [];
    const cell = (column: string): string | undefined => {
      const place = places.get(column);
      const text = place === undefined ? undefined : line.split("\t", place + 1)[place]?.trim();
      return text === undefined || text === "" || text.toLowerCase() === "n/a" ? undefined : text;
    };
    return [{ line: index + 2, cell }];
  });
  return { file: source.name, columns, rows };
}
