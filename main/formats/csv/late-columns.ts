import type { ByteSource } from "../format.ts";
import { decodeBytes, plainBytes, plainEncoding, type TableEncoding } from "./encoding.ts";
import { type Row, RowSplitter } from "./rows.ts";

interface Table {
  readonly separator: string;
  readonly encoding: TableEncoding;
  readonly headerRows: number;
  readonly isMissing: (cell: string) => boolean;
}

const ENOUGH = 20; // cells that tell what a column holds

/**
 * Cells of columns that the first rows leave empty, a row for each that has one: a second twin's heart rate may begin after
 * twenty minutes. The table is read until each column showed what it holds, or to its end.
 */
export async function lateCells(
  source: ByteSource,
  { separator, encoding, headerRows, isMissing }: Table,
  columns: readonly number[],
): Promise<readonly (readonly string[])[]> {
  const left = new Map(columns.map((index) => [index, ENOUGH]));
  const found: string[][] = [];
  const splitter = new RowSplitter(separator, source.name);
  let skip = headerRows;
  const take = ({ bytes, starts, ends, count }: Row): void => {
    if (skip > 0) {
      skip -= 1;
      return;
    }
    for (const [index, rest] of left) {
      if (index >= count || starts[index] === ends[index]) continue;
      const cell = decodeBytes(bytes.subarray(starts[index], ends[index]), plainEncoding(encoding));
      if (isMissing(cell)) continue;
      const row: string[] = [];
      row[index] = cell;
      found.push(row);
      if (rest === 1) left.delete(index);
      else left.set(index, rest - 1);
    }
  };
  for await (const chunk of plainBytes(source, encoding)) {
    splitter.push(chunk, take);
    if (left.size === 0) return found;
  }
  splitter.end(take);
  return found;
}
