import { randomUUID } from "node:crypto";
import type { Annotation } from "../../preload/contract/annotation.ts";
import { AnnotationChange, type HistoryState, NewAnnotation } from "../../preload/contract/annotation.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { channelsOf, recordingKey } from "./channels.ts";
import { checked } from "./checked.ts";
import type { Context } from "./context.ts";
import type { Row } from "./database.ts";
import { getLabelSet } from "./label-sets.ts";

/** One annotation before and after: null before means it was added, null after that it was removed. */
interface Change {
  readonly before: Annotation | null;
  readonly after: Annotation | null;
}
type What = "add" | "change" | "remove";

export const listAnnotations = (context: Context, recordingId: string): Annotation[] =>
  context.database
    .all(
      `${select} WHERE a.recording = ? ORDER BY a.onset_s, a.key`,
      recordingKey(context.database, recordingId).key,
    )
    .map(annotationFrom);

/** All of them or none; one step of the history of each recording they belong to. */
export function addAnnotations(context: Context, annotations: readonly NewAnnotation[]): Annotation[] {
  return context.database.write(() => {
    const at = context.now();
    const added = annotations.map((annotation): Annotation => {
      const whole = {
        ...checked(NewAnnotation, annotation, "annotation"),
        id: randomUUID(),
        createdAt: at,
        changedAt: at,
      };
      refuse(context, whole);
      return whole;
    });
    const byRecording = new Map<string, Change[]>();
    for (const after of added) {
      const changes = byRecording.get(after.recordingId) ?? [];
      changes.push({ before: null, after });
      byRecording.set(after.recordingId, changes);
    }
    for (const [recordingId, changes] of byRecording) take(context, recordingId, "add", changes);
    return added;
  });
}

export function changeAnnotation(context: Context, change: AnnotationChange): Annotation {
  return context.database.write(() => {
    const fields = checked(AnnotationChange, change, "annotation change");
    const before = getAnnotation(context, fields.id);
    const after: Annotation = { ...before, ...defined(fields), changedAt: context.now() };
    if ("channel" in change && change.channel === undefined) delete after.channel; // to the whole recording
    refuse(context, after);
    take(context, before.recordingId, "change", [{ before, after }]);
    return after;
  });
}

export function removeAnnotation(context: Context, id: string): void {
  context.database.write(() => {
    const before = getAnnotation(context, id);
    take(context, before.recordingId, "remove", [{ before, after: null }]);
  });
}

export function history(context: Context, recordingId: string): HistoryState {
  const { key } = recordingKey(context.database, recordingId);
  const row = context.database.get(
    "SELECT count(*) FILTER (WHERE undone = 0) AS undo, count(*) FILTER (WHERE undone = 1) AS redo FROM annotation_step WHERE recording = ?",
    key,
  );
  return { undo: Number(row?.["undo"]), redo: Number(row?.["redo"]) };
}

/** Takes back the last step. `what` is that step's kind, empty when there was none. */
export function undo(context: Context, recordingId: string): { history: HistoryState; what: string } {
  return travel(context, recordingId, {
    action: "annotation.undo",
    step: "SELECT key, what, changes FROM annotation_step WHERE recording = ? AND undone = 0 ORDER BY key DESC LIMIT 1",
    undone: 1,
    turn: (changes) => changes.map(({ before, after }) => ({ before: after, after: before })).reverse(),
  });
}

export function redo(context: Context, recordingId: string): { history: HistoryState; what: string } {
  return travel(context, recordingId, {
    action: "annotation.redo",
    step: "SELECT key, what, changes FROM annotation_step WHERE recording = ? AND undone = 1 ORDER BY key LIMIT 1",
    undone: 0,
    turn: (changes) => changes,
  });
}

interface Direction {
  readonly action: string;
  readonly step: string;
  readonly undone: 0 | 1;
  readonly turn: (changes: Change[]) => Change[];
}

function travel(
  context: Context,
  recordingId: string,
  direction: Direction,
): { history: HistoryState; what: string } {
  const { database } = context;
  return database.write(() => {
    const step = database.get(direction.step, recordingKey(database, recordingId).key);
    if (step === undefined) return { history: history(context, recordingId), what: "" };
    const changes = JSON.parse(String(step["changes"])) as Change[];
    for (const change of direction.turn(changes)) apply(context, change);
    database.run(
      "UPDATE annotation_step SET undone = ? WHERE key = ?",
      direction.undone,
      Number(step["key"]),
    );
    context.log({
      actor: authorOf(changes),
      action: direction.action,
      subject: recordingId,
      detail: { what: step["what"], changes },
    });
    return { history: history(context, recordingId), what: String(step["what"]) };
  });
}

/** Carries out a new step. What had been undone before it can no longer be done again. */
function take(context: Context, recordingId: string, what: What, changes: readonly Change[]): void {
  const { database } = context;
  const { key } = recordingKey(database, recordingId);
  for (const change of changes) apply(context, change);
  database.run("DELETE FROM annotation_step WHERE recording = ? AND undone = 1", key);
  database.run(
    "INSERT INTO annotation_step (recording, what, changes, at) VALUES (?, ?, ?, ?)",
    key,
    what,
    JSON.stringify(changes),
    context.now(),
  );
  context.log({
    actor: authorOf(changes),
    action: `annotation.${what}`,
    subject: recordingId,
    detail: { changes },
  });
}

const authorOf = (changes: readonly Change[]): string =>
  changes[0]?.after?.author ?? changes[0]?.before?.author ?? "";

function apply(context: Context, { before, after }: Change): void {
  const { database } = context;
  if (after === null) {
    database.run("DELETE FROM annotation WHERE id = ?", before!.id);
    return;
  }
  const { key } = recordingKey(database, after.recordingId);
  database.run(
    `INSERT INTO annotation (id, recording, channel, label, label_set, label_set_version, onset_s, duration_s, author, source, note, created_at, changed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, label = excluded.label, onset_s = excluded.onset_s,
       duration_s = excluded.duration_s, note = excluded.note, changed_at = excluded.changed_at`,
    after.id,
    key,
    after.channel ?? null,
    after.label,
    after.labelSet,
    after.labelSetVersion,
    after.onsetS,
    after.durationS,
    after.author,
    after.source,
    after.note,
    after.createdAt,
    after.changedAt,
  );
}

/** An annotation must mean something: a label of a stored version of its set, a channel that exists, times that are numbers. */
function refuse(context: Context, annotation: Annotation): void {
  const { database } = context;
  const set = getLabelSet(context, annotation.labelSet, annotation.labelSetVersion);
  if (!set.labels.some((label) => label.code === annotation.label)) {
    throw new AppError(
      "data/label-unknown",
      `Label "${annotation.label}" is not in label set ${set.id} version ${set.version}; it has ${set.labels.map((label) => label.code).join(", ")}`,
      { label: annotation.label, labelSet: set.id, version: set.version },
    );
  }
  const recording = recordingKey(database, annotation.recordingId);
  if (annotation.channel === undefined) return;
  const channels = channelsOf(database, recording.key).length;
  if (annotation.channel >= channels) {
    throw new AppError(
      "data/bad-annotation",
      `The recording has no channel ${annotation.channel}; it has ${channels}, counted from 0`,
      {
        channel: annotation.channel,
        channels,
      },
    );
  }
}

function getAnnotation(context: Context, id: string): Annotation {
  const row = context.database.get(`${select} WHERE a.id = ?`, id);
  if (row === undefined)
    throw new AppError("storage/not-found", `There is no annotation ${id} in this library`, { id });
  return annotationFrom(row);
}

const select = "SELECT a.*, r.id AS recording_id FROM annotation a JOIN recording r ON r.key = a.recording";

const annotationFrom = (row: Row): Annotation => ({
  id: String(row["id"]),
  recordingId: String(row["recording_id"]),
  ...(row["channel"] === null ? {} : { channel: Number(row["channel"]) }),
  label: String(row["label"]),
  labelSet: String(row["label_set"]),
  labelSetVersion: Number(row["label_set_version"]),
  onsetS: Number(row["onset_s"]),
  durationS: Number(row["duration_s"]),
  author: String(row["author"]),
  source: String(row["source"]) as Annotation["source"],
  note: String(row["note"]),
  createdAt: String(row["created_at"]),
  changedAt: String(row["changed_at"]),
});

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
const defined = <T extends object>(fields: T): Partial<Defined<T>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
