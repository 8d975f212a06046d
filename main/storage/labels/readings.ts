import { randomUUID } from "node:crypto";
import { AppError } from "../../../preload/contract/errors.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { NewReading, type Reading } from "../../../preload/contract/reading.ts";
import type { EditOptions, ReadingOptions } from "../api.ts";
import { recordingKey } from "../samples/channels.ts";
import { checked } from "../checked.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { type Change, keepStep, logEdit } from "./edit-history.ts";
import { getLabelSet } from "./label-sets.ts";
import { refuseOfAnother } from "./other-reader.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
import { authorNow } from "../settings.ts";

/** Those that are what was written. */
export const listReadings = (context: Context, recordingId: string): Reading[] =>
  context.lost.keep(
    recordingId,
    "reading",
    context.database.all(
      `${select} WHERE g.recording = ? ORDER BY g.onset_s, g.key`,
      recordingKey(context.database, recordingId).key,
    ),
    readingFrom,
  );

/** One step of the recording's history, unless it came with the recording. */
export function addReading(
  context: Context,
  reading: NewReading,
  { isUndoable = true, isFromFile = false }: ReadingOptions = {},
): Reading {
  return context.database.write(() => {
    const whole = {
      ...checked(NewReading, reading, "reading"),
      id: randomUUID(),
      createdAt: context.now(),
    };
    refuseUnknownGroup(whole, getLabelSet(context, whole.labelSet, whole.labelSetVersion)); // or refuses
    const edit = { what: "add", change: { before: null, after: whole } } as const;
    const author = isFromFile ? "import" : whole.author; // a file's name stays out of the log
    take(context, whole, edit, { author, isUndoable });
    return whole;
  });
}

function refuseUnknownGroup({ group }: NewReading, { id, groups }: LabelSet): void {
  if (group === undefined || groups.some(({ code }) => code === group)) return;
  throw new AppError("data/label-unknown", `The label set ${id} has no group ${group}`, {
    ...{ labelSet: id, group },
    allowed: groups.map(({ code }) => code).join(", "),
  });
}

/** Says which recording it belonged to. */
export function removeReading(context: Context, id: string, options: EditOptions = {}): string {
  return context.database.write(() => {
    const row = context.database.get(`${select} WHERE g.id = ?`, id);
    if (row === undefined)
      throw new AppError("storage/not-found", `There is no reading ${id} in this library`, { id });
    const before = readingFrom(row);
    if (before === undefined)
      throw new AppError("storage/corrupt", `Reading ${id} is damaged and was left as it is`, { id });
    refuseOfAnother(
      context,
      { author: before.author, what: "declaration", recordingId: before.recordingId },
      options,
    );
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
  if (isUndoable) keepStep(context, recordingId, step, { author });
  logEdit(context, recordingId, step, author);
}

/** Takes a reading away or puts it in its place; one that comes again keeps its id and its time. */
export function applyReading({ database }: Context, { before, after }: Change<Reading>): void {
  if (before !== null) database.run("DELETE FROM reading WHERE id = ?", before.id);
  if (after === null) return;
  const { id, recordingId, labelSet, labelSetVersion, group, author, onsetS, durationS, createdAt } = after;
  const { key } = recordingKey(database, recordingId);
  const values = [
    ...[id, key, labelSet, labelSetVersion, author, onsetS, durationS, createdAt],
    group ?? null,
  ];
  database.run(
    "INSERT INTO reading (id, recording, label_set, label_set_version, author, onset_s, duration_s, created_at, label_group, row_crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ...values,
    rowCrc(values),
  );
}

const select = "SELECT g.*, r.id AS recording_id FROM reading g JOIN recording r ON r.key = g.recording";

/** Undefined where the row is not what was written, or its times are no times. */
function readingFrom(row: Row): Reading | undefined {
  const onsetS = Number(row["onset_s"]);
  const durationS = Number(row["duration_s"]);
  if (!isWhole("reading", row) || !(onsetS >= 0 && onsetS + durationS < Infinity && durationS > 0))
    return undefined;
  return {
    id: String(row["id"]),
    recordingId: String(row["recording_id"]),
    labelSet: String(row["label_set"]),
    labelSetVersion: Number(row["label_set_version"]),
    ...(row["label_group"] === null ? {} : { group: String(row["label_group"]) }),
    author: String(row["author"]),
    onsetS,
    durationS,
    createdAt: String(row["created_at"]),
  };
}
