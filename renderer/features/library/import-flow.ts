import { create } from "zustand";
import type { FileOutcome, ImportOptions } from "../../../preload/contract/exchange.ts";
import { request } from "../../bridge/client.ts";
import { dismissJob, shownJobs, useJobs } from "../../state/jobs.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { isAnnotationTable, shapeOf } from "./table-columns.ts";

export interface ImportFlow {
  readonly tables: readonly string[]; // text tables whose columns a person still has to confirm
  readonly events: readonly string[]; // tables of annotations that wait for those recordings
  readonly shapes: Readonly<Record<string, string>>; // by table: those of one shape may be read the same way
}
const nothing: ImportFlow = { tables: [], events: [], shapes: {} };
export const useImportFlow = create<ImportFlow>(() => nothing);

const isText = (path: string): boolean => /\.(csv|tsv|txt)(\.gz)?$/i.test(path);

export const fileName = (path: string): string => path.split(/[\\/]/).pop() ?? path;

type Kind = { readonly kind: "events" | "own" } | { readonly kind: "table"; readonly shape: string };

/**
 * A table of annotations and a table that Kodo wrote have nothing to set. One that cannot be previewed goes to the
 * dialog, which says why, and is like no other.
 */
async function kindOf(path: string): Promise<Kind> {
  try {
    const preview = await request("import.preview", { path });
    if (preview.isOwn === true) return { kind: "own" };
    return isAnnotationTable(preview) ? { kind: "events" } : { kind: "table", shape: shapeOf(preview) };
  } catch {
    return { kind: "table", shape: path };
  }
}

/**
 * Files with a known header and tables of annotations start at once; text tables go through the guided dialog first,
 * and annotations that came with them wait, since they speak about recordings that are not there yet.
 */
export async function beginImport(paths: readonly string[]): Promise<void> {
  const events: string[] = [];
  const tables: Record<string, string> = {};
  const others: string[] = [];
  for (const path of paths) {
    const found = isText(path) ? await kindOf(path) : undefined;
    if (found?.kind === "table") tables[path] = found.shape;
    else (found?.kind === "events" ? events : others).push(path);
  }
  const isWaiting = Object.keys(tables).length > 0 || useImportFlow.getState().tables.length > 0;
  const now = isWaiting ? others : [...others, ...events];
  if (isWaiting) ask(tables, events);
  if (now.length > 0) await startImport(now, {});
}

function ask(tables: Readonly<Record<string, string>>, events: readonly string[]): void {
  useImportFlow.setState((known) => ({
    tables: [...new Set([...known.tables, ...Object.keys(tables)])],
    events: [...new Set([...known.events, ...events])],
    shapes: { ...known.shapes, ...tables },
  }));
}

/** Errors that say how a table is to be read is unclear, or was set wrong. */
const settable = new Set([
  "data/no-rate",
  "data/rate-conflict",
  "data/irregular-time",
  "data/unclear-times",
  "data/date-order",
  "data/bad-cell",
  "data/bad-time",
  "data/no-columns",
  "data/no-rows",
]);

/** May a person put right how this file is read? */
export const canBeSet = ({ file, error }: FileOutcome): boolean =>
  error !== undefined && settable.has(error.code) && isText(file);

/** Opens the dialog for a table that failed, and behind it for the others of its job that failed for such a reason. */
export async function askAgain(first: string, failed: readonly string[]): Promise<void> {
  const tables: Record<string, string> = {};
  for (const path of [first, ...failed.filter((one) => one !== first)]) {
    const found = await kindOf(path);
    tables[path] = found.kind === "table" ? found.shape : path;
  }
  ask(tables, []);
}

/** The tables that may be read as the first one is, itself first, and those that are left. */
export function likeTheFirst({ tables, shapes }: ImportFlow): {
  readonly same: readonly string[];
  readonly rest: readonly string[];
} {
  const [first] = tables;
  const isLike = (path: string): boolean =>
    path === first || (first !== undefined && shapes[path] === shapes[first]);
  return { same: tables.filter(isLike), rest: tables.filter((path) => !isLike(path)) };
}

/** A job whose every failure is being tried again has nothing more to say. */
function dismissTriedAgain(paths: readonly string[]): void {
  for (const job of shownJobs(useJobs.getState())) {
    const failed = job.files.filter(({ error }) => error !== undefined);
    if (failed.length > 0 && failed.every(({ file }) => paths.includes(file))) dismissJob(job.jobId);
  }
}

/** Imports tables as a person set them; the annotations that wait go with the last ones, and the others are asked about next. */
export function importTables(paths: readonly string[], options: ImportOptions): void {
  const { tables, events } = useImportFlow.getState();
  const left = tables.filter((path) => !paths.includes(path));
  dismissTriedAgain(paths);
  void startImport(left.length === 0 ? [...paths, ...events] : paths, options);
  if (left.length === 0) leaveTables();
  else useImportFlow.setState({ tables: left });
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

/**
 * The recording of which it is said that whoever made the annotations added next read it completely: what they left
 * out was not there. Said for one recording and one time.
 */
export const useReadComplete = create<{ readonly recordingId: string | undefined }>(() => ({
  recordingId: undefined,
}));
export const sayReadComplete = (recordingId: string | undefined): void =>
  useReadComplete.setState({ recordingId });

/** Tables of annotations, or EDF+ files of nothing else, for a recording that they may name differently or not at all. */
export async function chooseAnnotationsFor(recordingId: string): Promise<void> {
  try {
    const paths = await request("import.choose", {});
    if (paths.length > 0) {
      const isRead = useReadComplete.getState().recordingId === recordingId;
      sayReadComplete(undefined);
      await startImport(paths, { attachTo: recordingId, ...(isRead ? { readComplete: true } : {}) });
    }
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
