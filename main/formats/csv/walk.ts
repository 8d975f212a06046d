import { AppError } from "../../../preload/contract/errors.ts";
import type { ByteSource } from "../format.ts";
import type { Dialect } from "./dialect.ts";
import { plainBytes } from "./encoding.ts";
import { RowSplitter, type Row } from "./rows.ts";

/** Hands every row below the header rows to `onRow`; yields the source bytes used so far after each chunk. */
export async function* walkRows(
  source: ByteSource,
  dialect: Pick<Dialect, "separator" | "encoding" | "headerRows">,
  onRow: (row: Row) => void,
): AsyncGenerator<number> {
  const splitter = new RowSplitter(dialect.separator, source.name);
  let skip = dialect.headerRows;
  const take = (row: Row): void => {
    if (skip > 0) skip--;
    else onRow(row);
  };
  let used = 0;
  for await (const chunk of plainBytes(source, dialect.encoding, (bytes) => (used = bytes))) {
    splitter.push(chunk, take);
    yield used;
  }
  splitter.end(take);
  yield source.size;
}

/** The same to the end of the table. */
export async function scanRows(...args: Parameters<typeof walkRows>): Promise<void> {
  const rows = walkRows(...args);
  for (let next = await rows.next(); next.done !== true;) next = await rows.next();
}

export function badCell(
  file: string,
  line: number,
  dialect: Dialect,
  index: number,
  value: string,
): AppError {
  const column = dialect.columns[index]?.name || `${index + 1}`;
  const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  const allowed = `a number with "${dialect.decimal}" as decimal mark, or a missing-value word (empty, NaN, NA, -)`;
  return new AppError(
    "data/bad-cell",
    `${file}, line ${line}, column ${column}: "${shown}" is not ${allowed}`,
    { file, line, column, value: shown, allowed },
  );
}

const MAX_SAMPLE = 2 ** 48;

/** Refuses a row whose time lies absurdly far from the first row's. */
export function checkPlace(at: number | undefined, file: string, row: Row): void {
  if (at === undefined || at <= MAX_SAMPLE) return;
  throw new AppError(
    "data/bad-time",
    `${file}, line ${row.line}: its time lies ${at} samples after the first row's; at most ${MAX_SAMPLE} are possible`,
    {
      file,
      line: row.line,
      value: at,
      allowed: `at most ${MAX_SAMPLE}`,
    },
  );
}
