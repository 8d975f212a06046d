import { create } from "zustand";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { isAnnotationTable } from "./table-columns.ts";

export interface ImportFlow {
  readonly tables: readonly string[]; // text tables whose columns a person still has to confirm
  readonly events: readonly string[]; // tables of annotations that wait for those recordings
}
const nothing: ImportFlow = { tables: [], events: [] };
export const useImportFlow = create<ImportFlow>(() => nothing);

const isText = (path: string): boolean => /\.(csv|tsv|txt)(\.gz)?$/i.test(path);

export const fileName = (path: string): string => path.split(/[\\/]/).pop() ?? path;

/** A table of annotations has nothing to set. One that cannot be previewed goes to the dialog, which says why. */
async function isEvents(path: string): Promise<boolean> {
  try {
    return isAnnotationTable(await request("import.preview", { path }));
  } catch {
    return false;
  }
}

/**
 * Files with a known header and tables of annotations start at once; text tables go through the guided dialog first,
 * and annotations that came with them wait, since they speak about recordings that are not there yet.
 */
export async function beginImport(paths: readonly string[]): Promise<void> {
  const events: string[] = [];
  const tables: string[] = [];
  const others: string[] = [];
  for (const path of paths) {
    if (!isText(path)) others.push(path);
    else if (await isEvents(path)) events.push(path);
    else tables.push(path);
  }
  const isWaiting = tables.length > 0 || useImportFlow.getState().tables.length > 0;
  const now = isWaiting ? others : [...others, ...events];
  if (isWaiting)
    useImportFlow.setState((known) => ({
      tables: [...new Set([...known.tables, ...tables])],
      events: [...new Set([...known.events, ...events])],
    }));
  if (now.length > 0) await startImport(now, {});
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
    await beginImport(await request("import.choose", {}));
  } catch (error) {
    notifyFailure(error);
  }
}

/** Tables of annotations, or EDF+ files of nothing else, for a recording that they may name differently or not at all. */
export async function chooseAnnotationsFor(recordingId: string): Promise<void> {
  try {
    const paths = await request("import.choose", {});
    if (paths.length > 0) await startImport(paths, { attachTo: recordingId });
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

export const leaveTables = (): void => useImportFlow.setState(nothing);
