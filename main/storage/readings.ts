import { randomUUID } from "node:crypto";
import { AppError } from "../../preload/contract/errors.ts";
import { NewReading, type Reading } from "../../preload/contract/reading.ts";
import type { AddOptions } from "./api.ts";
import { recordingKey } from "./channels.ts";
import { checked } from "./checked.ts";
import type { Context } from "./context.ts";
import type { Row } from "./database.ts";
import { type Change, keepStep, logEdit } from "./edit-history.ts";
import { getLabelSet } from "./label-sets.ts";
import { authorNow } from "./settings.ts";

export const listReadings = (context: Context, recordingId: string): Reading[] =>
  context.database
    .all(
      `${select} WHERE g.recording = ? ORDER BY g.onset_s, g.key`,
      recordingKey(context.database, recordingId).key,
    )
    .map(readingFrom);

/** One step of the recording's history, unless it came with the recording. */
export function addReading(
  context: Context,
  reading: NewReading,
  { isUndoable = true }: AddOptions = {},
): Reading {
  return context.database.write(() => {
    const whole = {
      ...checked(NewReading, reading, "reading"),
      id: randomUUID(),
      createdAt: context.now(),
    };
    getLabelSet(context, whole.labelSet, whole.labelSetVersion); // or refuses
    const edit = { what: "add", change: { before: null, after: whole } } as const;
    take(context, whole, edit, { author: whole.author, isUndoable });
    return whole;
  });
}

/** Says which recording it belonged to. */
export function removeReading(context: Context, id: string): string {
  return context.database.write(() => {
    const row = context.database.get(`${select} WHERE g.id = ?`, id);
    if (row === undefined)
      throw new AppError("storage/not-found", `There is no reading ${id} in this library`, { id });
    const before = readingFrom(row);
    const edit = { what: "remove", change: { before, after: null } } as const;
    take(context, before, edit, { author: authorNow(context), isUndoable: true });
    return before.recordingId;
  });
}

function take(
  context: Context,
  { recordingId }: Reading,
  edit: { readonly what: "add" | "remove"; readonly change: Change<Reading> },
  { author, isUndoable }: { readonly author: string; readonly isUndoable: boolean },
): void {
  const { what, change } = edit;
  const step = { kind: "reading", what, changes: [change] } as const;
  applyReading(context, change);
  if (isUndoable) keepStep(context, recordingId, step, author);
  logEdit(context, recordingId, step, author);
}

/** Takes a reading away or puts it in its place; one that comes again keeps its id and its time. */
export function applyReading({ database }: Context, { before, after }: Change<Reading>): void {
  if (before !== null) database.run("DELETE FROM reading WHERE id = ?", before.id);
  if (after === null) return;
  const { id, recordingId, labelSet, labelSetVersion, author, onsetS, durationS, createdAt } = after;
  database.run(
    "INSERT INTO reading (id, recording, label_set, label_set_version, author, onset_s, duration_s, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ...[id, recordingKey(database, recordingId).key, labelSet, labelSetVersion],
    ...[author, onsetS, durationS, createdAt],
  );
}

const select = "SELECT g.*, r.id AS recording_id FROM reading g JOIN recording r ON r.key = g.recording";

const readingFrom = (row: Row): Reading => ({
  id: String(row["id"]),
  recordingId: String(row["recording_id"]),
  labelSet: String(row["label_set"]),
  labelSetVersion: Number(row["label_set_version"]),
  author: String(row["author"]),
  onsetS: Number(row["onset_s"]),
  durationS: Number(row["duration_s"]),
  createdAt: String(row["created_at"]),
});
