import { create } from "zustand";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";

export interface ImportFlow {
  readonly tables: readonly string[]; // text tables whose columns a person still has to confirm
}
export const useImportFlow = create<ImportFlow>(() => ({ tables: [] }));

const isTable = (path: string): boolean => /\.(csv|tsv|txt)$/i.test(path);

export const fileName = (path: string): string => path.split(/[\\/]/).pop() ?? path;

/** Files with a known header start at once; text tables go through the guided dialog first. */
export function beginImport(paths: readonly string[]): void {
  const tables = paths.filter(isTable);
  const others = paths.filter((path) => !isTable(path));
  if (others.length > 0) void startImport(others, {});
  if (tables.length > 0)
    useImportFlow.setState(({ tables: known }) => ({ tables: [...new Set([...known, ...tables])] }));
}

export async function startImport(paths: readonly string[], options: ImportOptions): Promise<void> {
  try {
    await request("import.start", { paths: [...paths], options });
  } catch (error) {
    notifyFailure(error);
  }
}

export async function chooseAndImport(): Promise<void> {
  try {
    beginImport(await request("import.choose", {}));
  } catch (error) {
    notifyFailure(error);
  }
}

export async function openSampleStudy(): Promise<void> {
  try {
    await request("sample.open", {});
  } catch (error) {
    notifyFailure(error);
  }
}

export const leaveTables = (): void => useImportFlow.setState({ tables: [] });
