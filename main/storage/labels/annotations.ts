import { randomUUID } from "node:crypto";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import {
  AnnotationChange,
  AnnotationSource,
  type EditWhat,
  NewAnnotation,
} from "../../../preload/contract/annotation.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { isReadByRules } from "../../../preload/contract/ctg-reading.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { channelsOf, recordingKey } from "../samples/channels.ts";
import { checked } from "../checked.ts";
import type { AnnotationOptions, AnnotationPage, AnnotationPageRequest, EditOptions } from "../api.ts";
import type { Context } from "../context.ts";
import type { Database, Row, SqlValue } from "../file/database.ts";
import { type Change, keepStep, logEdit } from "./edit-history.ts";
import { getLabelSet } from "./label-sets.ts";
import { refuseOfAnother } from "./other-reader.ts";
import { outdateRules } from "../runs/outdated.ts";
import { isWhole, rowCrc, sealed } from "../file/row-crc.ts";
import { authorNow } from "../settings.ts";

/** Those that are what was written. */
export const listAnnotations = (context: Context, recordingId: string): Annotation[] =>
  context.lost.keep(
    recordingId,
    "annotation",
    context.database.all(
      `${select} WHERE a.recording = ? ORDER BY a.onset_s, a.key`,
      recordingKey(context.database, recordingId).key,
    ),
    annotationFrom,
  );

/** Some of them at a time: those of a long recording are too many to be in memory at once in every thread that asks. */
export function annotationPage(
  { database }: Context,
  recordingId: string,
  { most, after, label }: AnnotationPageRequest,
): AnnotationPage {
  const rows = database.all(
    `${select} WHERE a.recording = ? AND (a.onset_s, a.key) > (?, ?)${label === undefined ? "" : " AND a.label = ?"}
     ORDER BY a.onset_s, a.key LIMIT ?`,
    ...[recordingKey(database, recordingId).key, after?.onsetS ?? -Infinity, after?.key ?? 0],
    ...(label === undefined ? [] : [label]),
    most,
  );
  const last = rows.length === most ? rows.at(-1) : undefined;
  return {
    annotations: rows.flatMap((row) => annotationFrom(row) ?? []),
    next: last && { onsetS: Number(last["onset_s"]), key: Number(last["key"]) },
  };
}

/** All of them or none; one step of the history of each recording they belong to, unless they came with it. */
export function addAnnotations(
  context: Context,
  annotations: readonly NewAnnotation[],
  { isUndoable = true, isAnswered = true, isMore = false, by }: AnnotationOptions = {},
): Annotation[] {
  const add = (): Annotation[] => {
    const at = context.now();
    const rules = new Rules(context);
    const ids = neighbours();
    const added = annotations.map((given): Annotation => {
      const sound = isSound(given) ? given : checked(NewAnnotation, given, "annotation");
      const { recordingId, channel, label, text, labelSet, labelSetVersion, onsetS, durationS } = sound;
      const whole: Annotation = {
        ...{ id: ids(), recordingId, label, labelSet, labelSetVersion, onsetS, durationS },
        ...{ author: sound.author, source: sound.source, note: sound.note, createdAt: at, changedAt: at },
      };
      if (channel !== undefined) whole.channel = channel;
      if (text !== undefined) whole.text = text;
      rules.check(whole);
      return whole;
    });
    const byRecording = new Map<string, Change<Annotation>[]>();
    for (const after of added) {
      const changes = byRecording.get(after.recordingId) ?? [];
      changes.push({ before: null, after });
      byRecording.set(after.recordingId, changes);
    }
    for (const [recordingId, changes] of byRecording) {
      const edit = { what: "add", changes } as const;
      const { author: named, source } = sure(sure(changes[0]).after);
      const author = by ?? (source === "import" ? "import" : named); // of a file: its name stays out of the log
      if (isUndoable) take(context, recordingId, edit, author);
      else carryOut(context, recordingId, edit, author);
    }
    return isAnswered ? added : [];
  };
  return context.database.write(add, { isMore });
}

/**
 * What `NewAnnotation` takes as it is. The schema makes objects of every field: of thousands of annotations that come at
 * once they would be more than half of the memory that is gone through.
 */
export const isSound = (one: NewAnnotation): boolean =>
  isText(one.recordingId) &&
  (one.channel === undefined || (Number.isSafeInteger(one.channel) && one.channel >= 0)) &&
  isText(one.label) &&
  (one.text === undefined || isText(one.text)) &&
  isText(one.labelSet) &&
  Number.isSafeInteger(one.labelSetVersion) &&
  one.labelSetVersion > 0 &&
  Number.isFinite(one.onsetS) &&
  Number.isFinite(one.durationS) &&
  one.durationS >= 0 &&
  isText(one.author) &&
  sources.has(one.source) &&
  isText(one.note);

const isText = (value: unknown): boolean => typeof value === "string";
const sources: ReadonlySet<string> = new Set(AnnotationSource.options);

/**
 * Ids of what comes together: one left to chance, and those that follow it. So they lie side by side in the index of ids;
 * spread over all of it, each of thousands would have a page of its own read, changed and written.
 */
function neighbours(): () => string {
  const first = randomUUID();
  const begun = first.slice(0, -DIGITS);
  let last = Number.parseInt(first.slice(-DIGITS), 16) % 2 ** 40; // room for a million millions
  return () => begun + (last++).toString(16).padStart(DIGITS, "0");
}
const DIGITS = 12;

export function changeAnnotation(
  context: Context,
  change: AnnotationChange,
  options: EditOptions = {},
): Annotation {
  return context.database.write(() => {
    const fields = checked(AnnotationChange, change, "annotation change");
    const before = getAnnotation(context, fields.id);
    refuseLabelOfAnother(context, before, options);
    const after: Annotation = { ...before, ...defined(fields), changedAt: context.now() };
    if ("channel" in change && change.channel === undefined) delete after.channel; // to the whole recording
    if (after.label !== before.label || after.labelSet !== before.labelSet) delete after.text; // of the label it had
    new Rules(context).check(after);
    take(context, before.recordingId, { what: "change", changes: [{ before, after }] }, authorNow(context));
    return after;
  });
}

/** Says which recording it belonged to. */
export function removeAnnotation(context: Context, id: string, options: EditOptions = {}): string {
  return context.database.write(() => {
    const before = getAnnotation(context, id);
    refuseLabelOfAnother(context, before, options);
    take(
      context,
      before.recordingId,
      { what: "remove", changes: [{ before, after: null }] },
      authorNow(context),
    );
    return before.recordingId;
  });
}

/** What a model offers is everybody's. */
function refuseLabelOfAnother(
  context: Context,
  { source, author, recordingId }: Annotation,
  options: EditOptions,
): void {
  if (source !== "model") refuseOfAnother(context, { author, what: "label", recordingId }, options);
}

interface Edit {
  readonly what: EditWhat;
  readonly changes: readonly Change<Annotation>[];
}

/** Carries out an edit and notes it in the log: no step of a history. */
export function carryOut(context: Context, recordingId: string, edit: Edit, author: string): void {
  applyAnnotations(context, edit.changes);
  logEdit(context, recordingId, { kind: "annotation", ...edit }, author);
}

/** Carries out an edit and keeps it as a step of the recording's history. */
function take(context: Context, recordingId: string, edit: Edit, author: string): void {
  carryOut(context, recordingId, edit, author);
  keepStep(context, recordingId, { kind: "annotation", ...edit }, { author });
}

/** Changes of annotations that are each named once. */
export function applyAnnotations(context: Context, changes: readonly Change<Annotation>[]): void {
  const { database } = context;
  const keys = new Map<string, number>(); // of recordings
  const keyOf = (id: string): number => {
    const key = keys.get(id) ?? recordingKey(database, id).key;
    keys.set(id, key);
    return key;
  };
  const read = new Set<string>();
  const gone: string[] = [];
  const there: Annotation[] = [];
  for (const { before, after } of changes) {
    if (before !== null && isReadByRules(before)) read.add(before.recordingId);
    if (after !== null && isReadByRules(after)) read.add(after.recordingId);
    if (after === null) gone.push(sure(before).id);
    else there.push(after);
  }
  for (const id of read) outdateRules(context, keyOf(id));
  if (gone.length > 0)
    database.run("DELETE FROM annotation WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(gone));
  for (let from = 0; from < there.length;) {
    const rows = there.length - from < ROWS ? 1 : ROWS;
    const values = new Array<SqlValue>(rows * CELLS);
    for (let i = 0; i < rows; i++) {
      const one = sure(there[from + i]);
      const row = rowOf(one, keyOf(one.recordingId));
      for (let k = 0; k < row.length; k++) values[i * CELLS + k] = row[k] ?? null;
      values[i * CELLS + row.length] = rowCrc(row);
    }
    database.run(putting(rows), ...values);
    from += rows;
  }
}

/**
 * Annotations of one statement. As rows come with what follows from them, SQLite keeps every page that a statement changes
 * as it was, in a file beside, in case its last row is refused: row by row that was fifty kilobytes for each.
 */
const ROWS = 100;

const columns = sealed.annotation.join(", ");
const CELLS = sealed.annotation.length + 1; // with the checksum
const places = `(${[...sealed.annotation, "row_crc"].map(() => "?").join(", ")})`;

/** Those that are there are changed: whose they are, and where they came from, stays. */
const putting = (rows: number): string =>
  `INSERT INTO annotation (${columns}, row_crc) VALUES ${Array.from({ length: rows }, () => places).join(", ")}
   ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, label = excluded.label, label_set = excluded.label_set,
     label_set_version = excluded.label_set_version, onset_s = excluded.onset_s, duration_s = excluded.duration_s,
     note = excluded.note, changed_at = excluded.changed_at, text = excluded.text,
     row_crc = excluded.row_crc`;

/** What its checksum covers, in that order. */
const rowOf = (one: Annotation, recording: number): readonly SqlValue[] => [
  one.id,
  recording,
  one.channel ?? null,
  one.label,
  one.labelSet,
  one.labelSetVersion,
  one.onsetS,
  one.durationS,
  one.author,
  one.source,
  one.note,
  one.createdAt,
  one.changedAt,
  one.text ?? null,
];

/**
 * An annotation must mean something: a label of a stored version of its set, a channel that exists, times that are
 * numbers. Sets and recordings are looked up once for all annotations that come together.
 */
class Rules {
  readonly #context: Context;
  readonly #codes = new Map<string, ReadonlySet<string>>(); // by set and version
  readonly #channels = new Map<string, number>(); // by recording

  constructor(context: Context) {
    this.#context = context;
  }

  check({ label, labelSet, labelSetVersion: version, recordingId, channel }: Annotation): void {
    const codes = this.#codesOf(labelSet, version);
    if (!codes.has(label)) {
      const [known, more] = [[...codes].slice(0, LABELS_NAMED), codes.size - LABELS_NAMED];
      throw new AppError(
        "data/label-unknown",
        `Label "${label}" is not in label set ${labelSet} version ${version}; it has ${known.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
        { label, labelSet, version },
      );
    }
    const channels = this.#channelsOf(recordingId);
    if (channel !== undefined && channel >= channels) {
      throw new AppError(
        "data/bad-annotation",
        `The recording has no channel ${channel}; it has ${channels}, counted from 0`,
        { channel, channels },
      );
    }
  }

  #codesOf(id: string, version: number): ReadonlySet<string> {
    const key = `${id} ${version}`;
    const known = this.#codes.get(key) ?? codesOf(this.#context, id, version);
    this.#codes.set(key, known);
    return known;
  }

  #channelsOf(id: string): number {
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const { database } = this.#context;
    const count = channelsOf(database, recordingKey(database, id).key).length;
    this.#channels.set(id, count);
    return count;
  }
}

/**
 * The codes of a version of a set, which nothing changes: those that were read whole are not read again as long as the
 * row has the checksum it had. Of a set of a thousand labels that would take longer than hundreds of annotations.
 */
function codesOf(context: Context, id: string, version: number): ReadonlySet<string> {
  const { database } = context;
  const row = database.get("SELECT row_crc FROM label_set WHERE id = ? AND version = ?", id, version);
  const crc = Number(row?.["row_crc"]);
  const known = codesRead.get(database) ?? new Map<string, Codes>();
  codesRead.set(database, known);
  const key = `${id} ${version}`;
  const last = known.get(key);
  if (last?.crc === crc) return last.codes;
  const codes = new Set(getLabelSet(context, id, version).labels.map(({ code }) => code));
  known.set(key, { crc, codes });
  return codes;
}

interface Codes {
  readonly crc: number;
  readonly codes: ReadonlySet<string>;
}
const codesRead = new WeakMap<Database, Map<string, Codes>>();

const LABELS_NAMED = 30;

function getAnnotation(context: Context, id: string): Annotation {
  const row = context.database.get(`${select} WHERE a.id = ?`, id);
  if (row === undefined)
    throw new AppError("storage/not-found", `There is no annotation ${id} in this library`, { id });
  const annotation = annotationFrom(row);
  if (annotation === undefined)
    throw new AppError("storage/corrupt", `Annotation ${id} is damaged and was left as it is`, { id });
  return annotation;
}

const select = "SELECT a.*, r.id AS recording_id FROM annotation a JOIN recording r ON r.key = a.recording";

/** Undefined where the row is not what was written, or its times are no times. */
function annotationFrom(row: Row): Annotation | undefined {
  const onsetS = Number(row["onset_s"]);
  const durationS = Number(row["duration_s"]);
  if (!isWhole("annotation", row) || !Number.isFinite(onsetS) || !(durationS >= 0 && durationS < Infinity))
    return undefined;
  return {
    id: String(row["id"]),
    recordingId: String(row["recording_id"]),
    ...(row["channel"] === null ? {} : { channel: Number(row["channel"]) }),
    label: String(row["label"]),
    ...(row["text"] === null ? {} : { text: String(row["text"]) }),
    labelSet: String(row["label_set"]),
    labelSetVersion: Number(row["label_set_version"]),
    onsetS,
    durationS,
    author: String(row["author"]),
    source: String(row["source"]) as Annotation["source"],
    note: String(row["note"]),
    createdAt: String(row["created_at"]),
    changedAt: String(row["changed_at"]),
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
const defined = <T extends object>(fields: T): Partial<Defined<T>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
