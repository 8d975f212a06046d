import type { Annotation, EditKind, EditWhat, HistoryState } from "../../preload/contract/annotation.ts";
import type { MaskSpan } from "../../preload/contract/mask.ts";
import type { Reading } from "../../preload/contract/reading.ts";
import { recordingKey } from "./channels.ts";
import type { Context } from "./context.ts";

/** One thing before and after: null before means it was added, null after that it was removed. */
export interface Change<T> {
  readonly before: T | null;
  readonly after: T | null;
}

/** One edit of one recording, as it is kept. */
export type EditStep =
  | { readonly kind: "annotation"; readonly what: EditWhat; readonly changes: readonly Change<Annotation>[] }
  | { readonly kind: "mask"; readonly what: EditWhat; readonly changes: readonly Change<MaskSpan>[] }
  | { readonly kind: "reading"; readonly what: EditWhat; readonly changes: readonly Change<Reading>[] };

/** Keeps a step that has been carried out. What had been undone before it can no longer be done again. */
export function keepStep(context: Context, recordingId: string, step: EditStep, author: string): void {
  const { database } = context;
  const { key } = recordingKey(database, recordingId);
  database.run("DELETE FROM edit_step WHERE recording = ? AND undone = 1", key);
  database.run(
    "INSERT INTO edit_step (recording, kind, what, changes, author, at) VALUES (?, ?, ?, ?, ?, ?)",
    key,
    step.kind,
    step.what,
    JSON.stringify(step.changes),
    author,
    context.now(),
  );
}

/** Every edit is in the log, also one that the history has since forgotten. */
export const logEdit = (context: Context, recordingId: string, step: EditStep, actor: string): void =>
  context.log({
    actor,
    action: `${step.kind}.${step.what}`,
    subject: recordingId,
    detail: { changes: step.changes },
  });

export function history(context: Context, recordingId: string): HistoryState {
  const { key } = recordingKey(context.database, recordingId);
  const row = context.database.get(
    "SELECT count(*) FILTER (WHERE undone = 0) AS undo, count(*) FILTER (WHERE undone = 1) AS redo FROM edit_step WHERE recording = ?",
    key,
  );
  return { undo: Number(row?.["undo"]), redo: Number(row?.["redo"]) };
}

export type Way = "undo" | "redo";

const nextStep = {
  undo: "SELECT key, kind, what, changes FROM edit_step WHERE recording = ? AND undone = 0 ORDER BY key DESC LIMIT 1",
  redo: "SELECT key, kind, what, changes FROM edit_step WHERE recording = ? AND undone = 1 ORDER BY key LIMIT 1",
} as const;

/** Takes the next step of the history as undone or done again; undefined where there is none. */
export function turnStep(context: Context, recordingId: string, way: Way): EditStep | undefined {
  const { database } = context;
  const row = database.get(nextStep[way], recordingKey(database, recordingId).key);
  if (row === undefined) return undefined;
  database.run("UPDATE edit_step SET undone = ? WHERE key = ?", Number(way === "undo"), Number(row["key"]));
  return {
    kind: row["kind"] as EditKind,
    what: row["what"] as EditWhat,
    changes: JSON.parse(String(row["changes"])) as never,
  };
}
