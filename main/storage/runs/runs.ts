import { crc32 } from "node:zlib";
import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Purged } from "../../../preload/contract/recording.ts";
import {
  type BinnedRun,
  isAtRest,
  Prediction,
  Run,
  RunConfig,
  runSummary,
  type RunSummary,
  SummarisedRun,
} from "../../../preload/contract/run.ts";
import type { WindowClasses } from "../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { bytesOf } from "../samples/block-codec.ts";
import { recordingKey } from "../samples/channels.ts";
import { checked, parsedJson } from "../checked.ts";
import { type Context, LIBRARY } from "../context.ts";
import type { Database, Row } from "../file/database.ts";
import { erase } from "../recordings/erase.ts";
import { withoutPurged } from "../recordings/purge.ts";
import { saveLabelSet } from "../labels/label-sets.ts";
import { keepRunJob } from "./jobs.ts";
import { outdateByRun } from "./outdated.ts";
import { isAlive, ownerFrom } from "../file/owner.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
import { amend, seal } from "../file/seal.ts";
import { authorNow } from "../settings.ts";

/** Newest first, without those in the bin. */
export const listRuns = (context: Context): Run[] => listedRows(context).map(runFrom);

/** A run as it was listed last: as long as its record is that one, it is not taken apart again. */
interface Listed {
  readonly record: string;
  readonly summary: RunSummary;
}
const listed = new WeakMap<Context, ReadonlyMap<string, Listed>>();

/** The same, without what takes long to check: reports, people, curves. */
export function summariseRuns(context: Context): RunSummary[] {
  const before = listed.get(context);
  const now = new Map(
    listedRows(context).map((row) => {
      const [id, record] = [String(row["id"]), `${String(row["row_crc"])} ${String(row["has_checkpoint"])}`];
      const known = before?.get(id);
      const isSame = known?.record === record && isWhole("run", row);
      return [id, isSame ? known : { record, summary: summaryFrom(row) }];
    }),
  );
  listed.set(context, now);
  return [...now.values()].map(({ summary }) => summary);
}

const listedRows = ({ database }: Context): Row[] =>
  database.all(`${select} WHERE r.binned_at IS NULL ORDER BY r.created_at DESC, r.id`);

export function getRun(context: Context, id: string): Run {
  const row = context.database.get(`${select} WHERE r.id = ?`, id);
  if (row === undefined) throw notFound(id);
  return runFrom(row);
}

/** One that is done keeps no checkpoint: there is nothing left to go on with. */
export function saveRun(context: Context, run: Run, idempotencyKey?: string): void {
  const whole = checked(Run, run, "run");
  const { database } = context;
  database.write(() => {
    const before = database.get("SELECT content FROM run WHERE id = ?", whole.id);
    const told = before === undefined ? whole : withoutPurged(database, parsedJson(before["content"]), whole);
    database.run(
      `INSERT INTO run (id, created_at, phase, owner, content) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET phase = excluded.phase, owner = excluded.owner, content = excluded.content`,
      whole.id,
      whole.createdAt,
      whole.phase,
      isAtRest(whole.phase) ? null : context.owner, // at rest no process has to be alive for it
      JSON.stringify(told),
    );
    seal(database, "run", "id = ?", whole.id);
    keepRunJob(context, whole, idempotencyKey);
    if (whole.phase === "done")
      database.run("DELETE FROM model WHERE run = ? AND kind = 'checkpoint'", whole.id);
  });
}

const ChangeShape = z.object({ name: z.string().trim().min(1).optional(), note: z.string().optional() });

/** Renames a run or notes something about it. Its record stays as it was written. */
export function changeRun(context: Context, id: string, change: z.input<typeof ChangeShape>): Run {
  const { database } = context;
  const { name, note } = checked(ChangeShape, change, "change");
  database.write(() => {
    const before = getRun(context, id);
    const fields = [
      ...(name === undefined || name === before.config.name ? [] : ["name"]),
      ...(note === undefined || note === (before.note ?? "") ? [] : ["note"]),
    ];
    if (fields.length === 0) return;
    amend(database, "run", ["id = ?", id], () =>
      database.run(
        "UPDATE run SET name = coalesce(?, name), note = coalesce(?, note) WHERE id = ?",
        name ?? null,
        note ?? null,
        id,
      ),
    );
    context.log({ actor: LIBRARY, action: "run.change", subject: id, detail: { fields } });
  });
  return getRun(context, id);
}

export const removeRun = (context: Context, id: string): void =>
  setBinned(context, id, context.now(), "run.remove");

export function restoreRun(context: Context, id: string): Run {
  setBinned(context, id, null, "run.restore");
  return getRun(context, id);
}

function setBinned(context: Context, id: string, at: string | null, action: string): void {
  context.database.write(() => {
    getRun(context, id); // it exists
    amend(context.database, "run", ["id = ?", id], () =>
      context.database.run("UPDATE run SET binned_at = ? WHERE id = ?", at, id),
    );
    if (at !== null) outdateByRun(context, id);
    context.log({ actor: LIBRARY, action, subject: id, detail: {} });
  });
}

/** Last binned first. */
export const listBin = (context: Context): BinnedRun[] =>
  context.database
    .all(`${select} WHERE r.binned_at IS NOT NULL ORDER BY r.binned_at DESC, r.id`)
    .map((row) => ({ ...summaryFrom(row), binnedAt: String(row["binned_at"]) }));

/** For good, with model, checkpoint and predictions: no byte of them stays in the library's files. */
export function purgeRuns(context: Context, ids: readonly string[]): Purged {
  const { database } = context;
  database.write(() => {
    const actor = authorNow(context);
    for (const id of ids) {
      refuseHeld(context, id);
      if (database.run("DELETE FROM run WHERE id = ?", id).changes === 0) throw notFound(id);
      database.run("DELETE FROM job WHERE id = ?", id);
      outdateByRun(context, id);
      context.log({ actor, action: "run.purge", subject: id, detail: {} });
    }
  });
  return { count: ids.length, copies: erase(context) };
}

/** Another process that trains it would write it anew. */
function refuseHeld({ database, owner }: Context, id: string): void {
  const held = database.get(
    "SELECT o.* FROM run r JOIN owner o ON o.token = r.owner WHERE r.id = ? AND o.token <> ?",
    id,
    owner,
  );
  if (held === undefined || !isAlive(ownerFrom(held))) return;
  throw new AppError(
    "storage/in-use",
    `Run ${id} is under way in another process; it can be deleted once that has ended`,
    { run: id, process: Number(held["pid"]) },
  );
}

/** Runs under way whose process is gone have failed; a checkpoint they saved lets them be resumed. Those that waited go on waiting. */
export function failInterruptedRuns(context: Context): void {
  const { database } = context;
  const rows = database
    .all(
      "SELECT r.id, o.pid, o.started, o.host, o.token FROM run r JOIN owner o ON o.token = r.owner WHERE r.phase NOT IN ('waiting', 'done', 'failed', 'cancelled', 'paused')",
    )
    .filter((row) => row["token"] !== context.owner && !isAlive(ownerFrom(row)));
  for (const row of rows) {
    const id = String(row["id"]);
    database.write(() => {
      const stored = storedRun(database, id);
      const error = { code: "internal/interrupted", message: "Its process ended before the run did" };
      if (stored === undefined) letGo(database, id);
      else saveRun(context, { ...stored, phase: "failed", finishedAt: context.now(), error });
      context.log({ actor: LIBRARY, action: "run.interrupted", subject: id, detail: {} });
    });
  }
}

/** A run whose record is damaged keeps what is left of it: what it is shown as is not written in its place. */
const letGo = (database: Database, id: string): void => {
  database.run("UPDATE job SET state = 'failed', owner = NULL WHERE id = ?", id);
  amend(database, "run", ["id = ?", id], () =>
    database.run("UPDATE run SET phase = 'failed', owner = NULL WHERE id = ?", id),
  );
};

/** One that lies in the bin is brought back; one that is listed is refused. */
export function addTrainedRun(
  context: Context,
  { run, model, labelSet }: { run: Run; model: Uint8Array; labelSet?: LabelSet | undefined },
): Run {
  const { database } = context;
  return database.write(() => {
    const known = database.get("SELECT binned_at FROM run WHERE id = ?", run.id);
    if (known !== undefined) {
      if (known["binned_at"] !== null) return restoreRun(context, run.id);
      const { config } = getRun(context, run.id);
      throw new AppError("data/model-known", `This model is in the library already, as ${config.name}`, {
        run: run.id,
      });
    }
    const isKnownSet =
      labelSet === undefined ||
      database.get("SELECT 1 FROM label_set WHERE id = ?", labelSet.id) !== undefined;
    if (!isKnownSet) saveLabelSet(context, labelSet, LIBRARY);
    saveRun(context, run);
    saveModel(context, run.id, "model", model);
    context.log({ actor: LIBRARY, action: "model.import", subject: run.id, detail: {} });
    return getRun(context, run.id);
  });
}

export function saveModel(
  context: Context,
  runId: string,
  kind: "model" | "checkpoint",
  bytes: Uint8Array,
): void {
  const { database } = context;
  database.write(() => {
    if (database.get("SELECT 1 FROM run WHERE id = ?", runId) === undefined) throw notFound(runId);
    database.run(
      `INSERT INTO model VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (run, kind) DO UPDATE SET crc = excluded.crc, bytes = excluded.bytes, saved_at = excluded.saved_at`,
      runId,
      kind,
      crc32(bytes),
      bytes,
      context.now(),
    );
  });
}

export function loadModel(
  context: Context,
  runId: string,
  kind: "model" | "checkpoint",
): Uint8Array | undefined {
  const row = context.database.get("SELECT crc, bytes FROM model WHERE run = ? AND kind = ?", runId, kind);
  if (row === undefined) return undefined;
  const bytes = new Uint8Array(row["bytes"] as Buffer);
  if (crc32(bytes) === Number(row["crc"])) return bytes;
  throw new AppError("storage/corrupt", `The ${kind} of run ${runId} is damaged (checksum differs)`, {
    run: runId,
    kind,
    bytes: bytes.length,
  });
}

const arrays = [
  "onsetS",
  "probabilities",
  "low",
  "high",
  "aleatoric",
  "epistemic",
  "typicality",
  "assessable",
  "part", // not in every prediction
] as const;

export function savePrediction(context: Context, prediction: Prediction): void {
  const { database } = context;
  const whole = checked(Prediction, prediction, "prediction");
  refuseRagged(whole);
  const blobs = arrays.map((name) => {
    const values = whole[name];
    return values === undefined ? null : bytesOf(values);
  });
  database.write(() => {
    if (database.get("SELECT 1 FROM run WHERE id = ?", whole.runId) === undefined)
      throw notFound(whole.runId);
    const { key } = recordingKey(database, whole.recordingId);
    database.run(
      "DELETE FROM prediction WHERE run = ? AND recording = ? AND adaptation = ?",
      whole.runId,
      key,
      whole.adaptation,
    );
    const facts = [
      whole.runId,
      key,
      whole.adaptation,
      JSON.stringify(whole.classes),
      whole.windowS,
      whole.createdAt,
      crcOf(blobs),
    ];
    database.run(
      `INSERT INTO prediction (run, recording, adaptation, classes, window_s, created_at, crc, onset_s, probabilities, low, high,
         aleatoric, epistemic, typicality, assessable, part, row_crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...facts,
      ...blobs,
      rowCrc(facts),
    );
  });
}

/** A stored prediction, its arrays checked; undefined where there is none, or its run lies in the bin. */
export function getPrediction(
  { database }: Context,
  { runId, recordingId, adaptation }: Pick<Prediction, "runId" | "recordingId" | "adaptation">,
): Prediction | undefined {
  const row = database.get(
    `SELECT p.* FROM prediction p JOIN run r ON r.id = p.run JOIN recording o ON o.key = p.recording
     WHERE p.run = ? AND o.id = ? AND o.purging = 0 AND p.adaptation = ? AND r.binned_at IS NULL`,
    runId,
    recordingId,
    adaptation,
  );
  if (row === undefined) return undefined;
  const prediction = predictionFrom(row, recordingId);
  if (prediction !== undefined) return prediction;
  throw new AppError("storage/corrupt", `What run ${runId} predicted of ${recordingId} is damaged`, {
    run: runId,
    recording: recordingId,
  });
}

/** Stored predictions of a recording that are what was written, newest first; those of runs in the bin are left out. */
export function listPredictions(context: Context, recordingId: string): Prediction[] {
  const { database } = context;
  const rows = database.all(
    `SELECT p.* FROM prediction p JOIN run r ON r.id = p.run
     WHERE p.recording = ? AND r.binned_at IS NULL ORDER BY p.created_at DESC, p.rowid DESC`,
    recordingKey(database, recordingId).key,
  );
  return context.lost.keep(recordingId, "prediction", rows, (row) => predictionFrom(row, recordingId));
}

export function refuseRagged(prediction: Omit<WindowClasses, "kind">): void {
  const windows = prediction.onsetS.length;
  for (const name of arrays) {
    const isMatrix = name === "probabilities" || name === "low" || name === "high";
    const expected = isMatrix ? windows * prediction.classes.length : windows;
    const length = prediction[name]?.length ?? expected;
    if (length === expected) continue;
    throw new AppError(
      "contract/bad-params",
      `Prediction field ${name} has ${length} values; ${expected} are needed`,
      { field: name, length, expected },
    );
  }
}

function predictionFrom(row: Row, recordingId: string): Prediction | undefined {
  const blobs = ARRAY_COLUMNS.map((name) => new Uint8Array(row[name] as Buffer));
  const part = row["part"] instanceof Uint8Array ? new Uint8Array(row["part"]) : undefined;
  if (crcOf([...blobs, part ?? null]) !== Number(row["crc"]) || !isWhole("prediction", row)) return undefined;
  const floats = (index: number): Float32Array => new Float32Array(sure(blobs[index]).buffer);
  const whole = Prediction.safeParse({
    runId: String(row["run"]),
    recordingId,
    classes: parsedJson(row["classes"]),
    adaptation: row["adaptation"],
    windowS: Number(row["window_s"]),
    onsetS: new Float64Array(sure(blobs[0]).buffer),
    probabilities: floats(1),
    low: floats(2),
    high: floats(3),
    aleatoric: floats(4),
    epistemic: floats(5),
    typicality: floats(6),
    assessable: blobs[7],
    ...(part ? { part } : {}),
    createdAt: String(row["created_at"]),
  });
  return whole.data;
}

/** In the order of the checksum over them; `part`, where there is one, comes last. */
export const ARRAY_COLUMNS = [
  "onset_s",
  "probabilities",
  "low",
  "high",
  "aleatoric",
  "epistemic",
  "typicality",
  "assessable",
] as const;

/** One that is absent adds nothing. */
export const crcOf = (blobs: readonly (Uint8Array | null)[]): number => {
  let crc = 0;
  for (const blob of blobs) if (blob !== null) crc = crc32(blob, crc);
  return crc;
};

const select =
  "SELECT r.*, EXISTS (SELECT 1 FROM model m WHERE m.run = r.id AND m.kind = 'checkpoint') AS has_checkpoint FROM run r";

const runFrom = (row: Row): Run => soundRun(row) ?? standIn(row);

/** Undefined where there is none, or its record cannot be believed. */
export function storedRun(database: Database, id: string): Run | undefined {
  const row = database.get(`${select} WHERE r.id = ?`, id);
  return row === undefined ? undefined : soundRun(row);
}

const summaryFrom = (row: Row): RunSummary => runSummary(recordOf(row, SummarisedRun) ?? standIn(row));

const soundRun = (row: Row): Run | undefined => recordOf(row, Run);

/** Undefined where its record cannot be believed. */
function recordOf<R extends Pick<Run, "config" | "note" | "hasCheckpoint">>(
  row: Row,
  shape: z.ZodType<R>,
): R | undefined {
  const { name, note } = row;
  const run = isWhole("run", row) ? shape.safeParse(parsedJson(row["content"])).data : undefined;
  if (run === undefined) return undefined;
  return {
    ...run,
    config: { ...run.config, ...(typeof name === "string" ? { name } : {}) },
    ...(typeof note === "string" && note !== "" ? { note } : {}),
    hasCheckpoint: row["has_checkpoint"] === 1,
  };
}

/** Of a run whose record cannot be believed: listed as failed, so that it can be seen, and purged. */
function standIn(row: Row): Run {
  const id = String(row["id"]);
  const none = ["?"];
  return {
    id,
    config: RunConfig.parse({
      name:
        typeof row["name"] === "string" && row["name"] !== ""
          ? row["name"].slice(0, 500)
          : `Run ${id.slice(0, 8)}`,
      recordingIds: none,
      labelSet: "?",
      labels: none,
      channels: none,
      windowS: 1,
      strideS: 1,
      testSubjects: [],
      validationSubjects: [],
    }),
    classes: [],
    phase: "failed",
    createdAt: String(row["created_at"]),
    codeVersion: "",
    data: [],
    curve: [],
    hasCheckpoint: false,
    error: { code: "storage/corrupt", message: `The stored record of run ${id} is damaged` },
  };
}

const notFound = (run: string): AppError =>
  new AppError("storage/not-found", `There is no run ${run} in this library`, { run });
