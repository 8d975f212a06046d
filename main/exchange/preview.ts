import type { TableOptions, TablePreview } from "../../preload/contract/exchange.ts";
import { previewTable } from "../formats/csv/reader.ts";
import { openFileSource } from "./file-source.ts";

/** What the guided import of a table shows before anything is imported. */
export async function previewFile(path: string, table: TableOptions | undefined): Promise<TablePreview> {
  const source = await openFileSource(path);
  try {
    return await previewTable(source, table === undefined ? {} : { table });
  } finally {
    await source.close();
  }
}
