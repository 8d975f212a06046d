import {
  type Annotation,
  EditKind,
  type EditWhat,
  type HistoryState,
} from "../../../preload/contract/annotation.ts";
import type { CtgContext } from "../../../preload/contract/ctg.ts";
import type { MaskSpan } from "../../../preload/contract/mask.ts";
import type { Reading } from "../../../preload/contract/reading.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { recordingKey } from "../samples/channels.ts";
import type { Context } from "../context.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
import { authorNow } from "../settings.ts";

/** One thing before and after: null before means it was added, null after that it was removed. */
export interface Change<T> {
  readonly before: T | null;
  readonly after: T | null;
}

/** Changes as they are kept: of a step that was one of many made at once, the first names the pass. */
type KeptChange<T> = Change<T> & { readonly pass?: string };

/** Of a step that is about masks. */
export const maskChanges = ({ changes }: Pick<KeptStep, "changes">): KeptChange<MaskSpan>[] =>
  JSON.parse(changes) as KeptChange<MaskSpan>[];

/** What is known of a recording beside its signals, as a person said it. */
export interface SaidContext {
  readonly recordingId: string;
  readonly context: CtgContext;
  readonly author: string;
  readonly changedAt: string;
}

/** One edit of one recording, as it is kept. */
export type EditStep =
  | { readonly kind: "annotation"; readonly what: EditWhat; readonly changes: readonly Change<Annotation>[] }
  | { readonly kind: "mask"; readonly what: EditWhat; readonly changes: readonly Change<MaskSpan>[] }
  | { readonly kind: "reading"; readonly what: EditWhat; readonly changes: readonly Change<Reading>[] }
  | { readonly kind: "context"; readonly what: EditWhat; readonly changes: readonly Change<SaidContext>[] };

/** A step as it lies in the library; its changes are JSON. */
export interface KeptStep {
  readonly kind: EditKind;
  readonly what: EditWhat;
  readonly changes: string;
  readonly author: string;
  readonly at: string;
  readonly isUndone: boolean;
}

/** Keeps a step that has been carried out. What had been undone before it can no longer be done again. */
export function keepStep(
  context: Context,
  recordingId: string,
  step: EditStep,
  { author, pass }: { readonly author: string; readonly pass?: string | undefined },
): void {
  const { database } = context;
  const { key } = recordingKey(database, recordingId);
  keepTakenBack(context, key);
  database.run("DELETE FROM edit_step WHERE recording = ? AND undone = 1", key);
  const changes = step.changes.map((change, i) =>
    pass !== undefined && i === 0 ? { ...change, pass } : change,
  );
  insertStep(context, key, { ...step, changes: JSON.stringify(changes), author });
}

/** Before steps that were undone go: a rule that somebody took back stays known as lifted, by a step of its own. */
function keepTakenBack(context: Context, key: number): void {
  const { database } = context;
  const rows = database.all(
    "SELECT * FROM edit_step WHERE recording = ? AND undone = 1 AND kind = 'mask' AND what = 'add' ORDER BY key",
    key,
  );
  for (const row of rows) {
    if (!isWhole("edit_step", row)) continue;
    const laid = maskChanges({ changes: String(row["changes"]) }).filter(
      ({ after }) => after?.layer === "rule",
    );
    if (laid.length === 0) continue;
    database.run("UPDATE edit_step SET undone = 0 WHERE key = ?", Number(row["key"]));
    insertStep(context, key, {
      ...{ kind: "mask", what: "remove", author: authorNow(context) },
      changes: JSON.stringify(laid.map(({ after }) => ({ before: after, after: null }))),
    });
  }
}

function insertStep(
  { database, now }: Context,
  recording: number,
  { kind, what, changes, author }: Pick<KeptStep, "kind" | "what" | "changes" | "author">,
): void {
  const values = [recording, kind, what, changes, author, now()];
  database.run(
    "INSERT INTO edit_step (recording, kind, what, changes, author, at, row_crc) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ...values,
    rowCrc(values),
  );
}

/**
 * Every edit is in the log, also one that the history has since forgotten: what was where before and after. Notes and
 * names of people stay out of it: entries outlive what they tell of.
 */
export const logEdit = (context: Context, recordingId: string, step: EditStep, actor: string): void =>
  context.log({
    actor,
    action: `${step.kind}.${step.what}`,
    subject: recordingId,
    detail: { changes: loggedChanges(step) },
  });

export function loggedChanges(step: EditStep): readonly Change<object>[] {
  switch (step.kind) {
    case "annotation":
      return step.changes.map(both(placeOfLabel));
    case "mask":
      return step.changes.map(both(placeOfMask));
    case "reading":
      return step.changes.map(both(placeOfReading));
    case "context":
      return step.changes.map(both(fieldsOfContext));
  }
}

const both =
  <T>(place: (one: T) => object) =>
  ({ before, after }: Change<T>): Change<object> => ({
    before: before === null ? null : place(before),
    after: after === null ? null : place(after),
  });

const placeOfLabel = ({
  id,
  channel,
  label,
  labelSet,
  labelSetVersion,
  onsetS,
  durationS,
}: Annotation): object => ({
  id,
  channel,
  label,
  labelSet,
  labelSetVersion,
  onsetS,
  durationS,
});

/** Which facts were known, never what they are: entries outlive who they tell of. */
const fieldsOfContext = ({ context: { anchors, ...facts } }: SaidContext): object => ({
  known: Object.keys(facts).sort(),
  anchors: anchors.length,
});

const placeOfReading = ({ id, labelSet, labelSetVersion, group, onsetS, durationS }: Reading): object => ({
  id,
  labelSet,
  labelSetVersion,
  group,
  onsetS,
  durationS,
});

const placeOfMask = ({ id, channel, layer, reason, onsetS, durationS }: MaskSpan): object => ({
  id,
  channel,
  layer,
  reason,
  onsetS,
  durationS,
});

/** All of it, in order, those undone too. Throws storage/corrupt where a step is not what was written. */
export function listSteps(context: Context, recordingId: string): KeptStep[] {
  const { database } = context;
  const { key } = recordingKey(database, recordingId);
  return database.all("SELECT * FROM edit_step WHERE recording = ? ORDER BY key", key).map((row) => {
    if (!isWhole("edit_step", row))
      throw new AppError("storage/corrupt", "A step of the history is damaged", { recording: recordingId });
    return {
      kind: row["kind"] as EditKind,
      what: row["what"] as EditWhat,
      changes: String(row["changes"]),
      author: String(row["author"]),
      at: String(row["at"]),
      isUndone: Number(row["undone"]) === 1,
    };
  });
}

/** A step as another library kept it, within the caller's transaction. */
export function restoreStep(
  { database }: Context,
  recordingId: string,
  { kind, what, changes, author, at, isUndone }: KeptStep,
): void {
  const values = [recordingKey(database, recordingId).key, kind, what, changes, author, at];
  database.run(
    "INSERT INTO edit_step (recording, kind, what, changes, author, at, undone, row_crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ...[...values, Number(isUndone), rowCrc(values)],
  );
}

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
  undo: "SELECT * FROM edit_step WHERE recording = ? AND undone = 0 ORDER BY key DESC LIMIT 1",
  redo: "SELECT * FROM edit_step WHERE recording = ? AND undone = 1 ORDER BY key LIMIT 1",
} as const;

/** Takes the next step of the history as undone or done again; undefined where there is none. */
export function turnStep(
  context: Context,
  recordingId: string,
  way: Way,
): (EditStep & { readonly author: string }) | undefined {
  const { database } = context;
  const row = database.get(nextStep[way], recordingKey(database, recordingId).key);
  if (row === undefined) return undefined;
  if (!isWhole("edit_step", row)) {
    throw new AppError("storage/corrupt", `The next step to ${way} is damaged; nothing was changed`, {
      recording: recordingId,
    });
  }
  database.run("UPDATE edit_step SET undone = ? WHERE key = ?", Number(way === "undo"), Number(row["key"]));
  return {
    kind: EditKind.parse(row["kind"]),
    what: row["what"] as EditWhat,
    changes: JSON.parse(String(row["changes"])) as never,
    author: String(row["author"]),
  };
}
