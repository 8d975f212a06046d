import { randomUUID } from "node:crypto";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import { AnnotationChange, type EditWhat, NewAnnotation } from "../../../preload/contract/annotation.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { isReadByRules } from "../../../preload/contract/ctg-reading.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { channelsOf, recordingKey } from "../samples/channels.ts";
import { checked } from "../checked.ts";
import type { AnnotationOptions, AnnotationPage, AnnotationPageRequest, EditOptions } from "../api.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { type Change, keepStep, logEdit } from "./edit-history.ts";
import { getLabelSet } from "./label-sets.ts";
import { refuseOfAnother } from "./other-reader.ts";
import { outdateRules } from "../runs/outdated.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
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
    const added = annotations.map((annotation): Annotation => {
      const whole = {
        ...checked(NewAnnotation, annotation, "annotation"),
        id: randomUUID(),
        createdAt: at,
        changedAt: at,
      };
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
  for (const change of edit.changes) applyAnnotation(context, change);
  logEdit(context, recordingId, { kind: "annotation", ...edit }, author);
}

/** Carries out an edit and keeps it as a step of the recording's history. */
function take(context: Context, recordingId: string, edit: Edit, author: string): void {
  carryOut(context, recordingId, edit, author);
  keepStep(context, recordingId, { kind: "annotation", ...edit }, { author });
}

export function applyAnnotation(context: Context, { before, after }: Change<Annotation>): void {
  const { database } = context;
  for (const one of [before, after])
    if (one && isReadByRules(one)) outdateRules(context, recordingKey(database, one.recordingId).key);
  if (after === null) {
    database.run("DELETE FROM annotation WHERE id = ?", sure(before).id);
    return;
  }
  const { key } = recordingKey(database, after.recordingId);
  const values = [
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
    after.text ?? null,
  ];
  database.run(
    `INSERT INTO annotation (id, recording, channel, label, label_set, label_set_version, onset_s, duration_s, author, source, note, created_at, changed_at, text, row_crc)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, label = excluded.label, label_set = excluded.label_set,
       label_set_version = excluded.label_set_version, onset_s = excluded.onset_s, duration_s = excluded.duration_s,
       note = excluded.note, changed_at = excluded.changed_at, text = excluded.text,
       row_crc = excluded.row_crc`,
    ...values,
    rowCrc(values),
  );
}

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
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const codes = new Set(getLabelSet(this.#context, id, version).labels.map(({ code }) => code));
    this.#codes.set(key, codes);
    return codes;
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
