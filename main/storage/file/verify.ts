import { crc32 } from "node:zlib";
import type { VerifyPart, VerifyProblem } from "../../../preload/contract/care.ts";
import { fillIn } from "../../../preload/contract/sentences.ts";
import {
  type VerifyCode,
  verifySentences,
  type VerifyValues,
} from "../../../preload/contract/verify-sentences.ts";
import { SampleType } from "../../../preload/contract/recording.ts";
import { decodeBlock } from "../samples/block-codec.ts";
import type { Database, Row } from "./database.ts";
import { verifyLog } from "./event-log.ts";
import { unpacked } from "../runs/finding-content.ts";
import { isWholePage } from "../samples/pyramid-pages.ts";
import { isWhole, sealed, type SealedTable, sealedTables } from "./row-crc.ts";
import { ARRAY_COLUMNS, crcOf } from "../runs/runs.ts";

/** Where a check goes on. */
export interface VerifyCursor {
  readonly part: VerifyPart;
  readonly table?: number; // of the rows
  readonly after?: number; // key of the last row seen
}

/** One bounded step of a check. */
export interface VerifyStep {
  readonly problems: readonly VerifyProblem[];
  readonly seen: number; // rows, blocks, pages or entries of this step
  readonly done: number; // of the whole, 0 to 1
  readonly next: VerifyCursor | undefined;
  readonly logHead?: string;
}

export const VERIFY_START: VerifyCursor = { part: "file" };

/** How much of one step: about 16 MB, a few hundredths of a second. */
const STEP = { rows: 5000, blocks: 256, overviews: 2000 } as const;
/** Of tables whose rows hold documents and arrays. */
const LARGE_ROWS: Partial<Record<SealedTable, number>> = {
  recording: 500,
  ctg_context: 500,
  edit_step: 100,
  label_set: 100,
  run: 16,
  prediction: 16,
  finding: 16,
};
/** Where each part begins in the bar; blocks are nearly everything a library holds. */
const begins: Readonly<Record<VerifyPart, number>> = {
  file: 0,
  rows: 0.15,
  blocks: 0.2,
  overviews: 0.9,
  log: 0.98,
};

/**
 * Goes through the file's own structure, every row, block, pyramid page and log entry, a bounded step a call. A step sees
 * one moment: rows that are compared with each other may be written meanwhile.
 */
export const verifyStep = (database: Database, cursor: VerifyCursor): VerifyStep =>
  database.read(() => stepOf(database, cursor));

function stepOf(database: Database, cursor: VerifyCursor): VerifyStep {
  switch (cursor.part) {
    case "file":
      return file(database);
    case "rows":
      return rows(database, cursor.table ?? 0, cursor.after ?? 0);
    case "blocks":
      return blocks(database, cursor.after ?? 0);
    case "overviews":
      return overviews(database, cursor.after ?? 0);
    case "log":
      return log(database);
  }
}

/** A problem with the words for it. */
function problemOf<Code extends VerifyCode>(
  part: VerifyPart,
  code: Code,
  values: VerifyValues<Code>,
  of: ReturnType<typeof ownerOf> = {},
): VerifyProblem {
  return { part, code, values, message: fillIn(verifySentences[code].en, values), ...of };
}

/** SQLite's own check of the whole file; empty when it is sound. */
export function fileProblems(database: Database): string[] {
  const said = database.all("PRAGMA integrity_check").map((row) => String(row["integrity_check"]));
  return said.length === 1 && said[0] === "ok" ? [] : said;
}

function file(database: Database): VerifyStep {
  const loose = database
    .all("PRAGMA foreign_key_check")
    .map((row) => problemOf("file", "LOOSE_ROW", { table: String(row["table"]) }));
  const said = fileProblems(database).map((line) => problemOf("file", "FILE", { said: line }));
  const problems = [...said, ...loose];
  return { problems, seen: 0, done: begins.rows, next: { part: "rows" } };
}

function rows(database: Database, index: number, after: number): VerifyStep {
  const table = sealedTables[index];
  if (table === undefined) return { problems: [], seen: 0, done: begins.blocks, next: { part: "blocks" } };
  const found = database.all(
    `SELECT ${columnsOf(table)} FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
    after,
    LARGE_ROWS[table] ?? STEP.rows,
  );
  const problems = found
    .filter((row) => !isWhole(table, row))
    .map((row) => {
      const owner = ownerOf(database, table === "recording" ? row["key"] : row["recording"]);
      return problemOf("rows", "ROW", { table, row: Number(row["row_id"]) }, owner);
    });
  const last = found.at(-1);
  return {
    problems: [
      ...problems,
      ...(table === "channel" ? found.flatMap((row) => wrongEnd(database, row)) : []),
      ...(table === "run" ? found.flatMap((row) => models(database, row)) : []),
      ...(table === "finding" ? found.flatMap((row) => lostChannels(database, row)) : []),
      ...(table === "prediction" ? found.flatMap((row) => arrays(database, row)) : []),
    ],
    seen: found.length,
    done: begins.rows + ((begins.blocks - begins.rows) * index) / sealedTables.length,
    next:
      last === undefined
        ? { part: "rows", table: index + 1 }
        : { part: "rows", table: index, after: Number(last["row_id"]) },
  };
}

/** Never the arrays: a library's predictions together are larger than memory. */
const columnsOf = (table: SealedTable): string =>
  ["rowid AS row_id", "row_crc", ...(keyed.has(table) ? ["key"] : []), ...sealed[table]].join(", ");
const keyed: ReadonlySet<SealedTable> = new Set(["recording", "channel"]);

/** A channel ends where its last block ends. */
function wrongEnd(database: Database, channel: Row): VerifyProblem[] {
  const last = database.get(
    "SELECT first_sample + sample_count AS ends FROM block WHERE channel = ? ORDER BY first_sample DESC LIMIT 1",
    Number(channel["key"]),
  );
  const ends = Number(last?.["ends"] ?? 0);
  if (ends === Number(channel["sample_count"])) return [];
  const says = { channel: Number(channel["position"]), count: Number(channel["sample_count"]), end: ends };
  return [problemOf("rows", "CHANNEL_END", says, ownerOf(database, channel["recording"]))];
}

/** The files of a run: model and checkpoint. */
function models(database: Database, { id }: Row): VerifyProblem[] {
  return (["model", "checkpoint"] as const).flatMap((kind) => {
    const row = database.get("SELECT crc, bytes FROM model WHERE run = ? AND kind = ?", String(id), kind);
    if (row === undefined || (row["bytes"] instanceof Uint8Array && crc32(row["bytes"]) === row["crc"]))
      return [];
    const code = kind === "model" ? "RUN_MODEL" : "RUN_CHECKPOINT";
    return [problemOf("rows", code, { run: String(id) })];
  });
}

/** What a model said about a recording. */
function arrays(database: Database, { row_id, recording, run, crc }: Row): VerifyProblem[] {
  const stored = database.get(
    `SELECT ${ARRAY_COLUMNS.join(", ")}, part FROM prediction WHERE rowid = ?`,
    Number(row_id),
  );
  const blobs = ARRAY_COLUMNS.map((name) => stored?.[name]);
  const part = stored?.["part"] instanceof Uint8Array ? stored["part"] : null;
  if (blobs.every((blob) => blob instanceof Uint8Array) && crcOf([...blobs, part]) === crc) return [];
  return [problemOf("rows", "PREDICTION", { run: String(run) }, ownerOf(database, recording))];
}

/** A curve lies in the channels its finding names. */
function lostChannels(database: Database, { id, recording, content }: Row): VerifyProblem[] {
  const stored = unpacked(content);
  if (stored?.kind !== "curves") return [];
  const rows = database.all("SELECT position FROM channel WHERE origin = ?", String(id));
  const there = new Set(rows.map(({ position }) => Number(position)));
  const lost = stored.series
    .flatMap(({ name, value, low, high }) => [value, low, high].map((at) => ({ name, at })))
    .filter(({ at }) => at !== undefined)
    .find(({ at }) => !there.has(Number(at)));
  if (lost === undefined) return [];
  const values = { finding: String(id), curve: lost.name };
  return [problemOf("rows", "CURVE", values, ownerOf(database, recording))];
}

function blocks(database: Database, after: number): VerifyStep {
  const found = database.all(
    `SELECT b.*, c.position, c.sample_type, c.sample_rate, c.recording FROM block b JOIN channel c ON c.key = b.channel
     WHERE b.key > ? ORDER BY b.key LIMIT ?`,
    after,
    STEP.blocks,
  );
  const problems = found.filter(isDamaged).map((row) => {
    const onset = Number(row["first_sample"]) / Number(row["sample_rate"]);
    const count = Number(row["sample_count"]);
    const values = { channel: Number(row["position"]), count, fromS: onset.toFixed(3) };
    return problemOf("blocks", "BLOCK", values, ownerOf(database, row["recording"]));
  });
  return step(database, { part: "blocks", table: "block", next: "overviews" }, found, problems);
}

function isDamaged(row: Row): boolean {
  const type = SampleType.safeParse(row["sample_type"]).data;
  return type === undefined || decodeBlock(Number(row["channel"]), type, row) === undefined;
}

function overviews(database: Database, after: number): VerifyStep {
  const found = database.all(
    `SELECT p.*, c.position, c.recording FROM pyramid p JOIN channel c ON c.key = p.channel
     WHERE p.key > ? ORDER BY p.key LIMIT ?`,
    after,
    STEP.overviews,
  );
  const problems = found
    .filter((row) => !isWholePage(row))
    .map(({ position, page, level, recording }) => {
      const values = { channel: Number(position), page: Number(page), level: Number(level) };
      return problemOf("overviews", "OVERVIEW", values, ownerOf(database, recording));
    });
  return step(database, { part: "overviews", table: "pyramid", next: "log" }, found, problems);
}

function step(
  database: Database,
  {
    part,
    table,
    next,
  }: { readonly part: "blocks" | "overviews"; readonly table: string; readonly next: VerifyPart },
  found: readonly Row[],
  problems: readonly VerifyProblem[],
): VerifyStep {
  const last = Number(found.at(-1)?.["key"] ?? Infinity);
  const most = Number(database.get(`SELECT max(key) AS most FROM ${table}`)?.["most"] ?? 1);
  const share = Math.min(1, last / most);
  return {
    problems,
    seen: found.length,
    done: begins[part] + share * (begins[next] - begins[part]),
    next: found.length === 0 ? { part: next } : { part, after: last },
  };
}

function log(database: Database): VerifyStep {
  const { entries, head, brokenAt, cuts } = verifyLog(database);
  const problems = [
    ...(brokenAt === undefined ? [] : [problemOf("log", "LOG_BROKEN", { entries, entry: brokenAt })]),
    ...cuts.map((sequence) => problemOf("log", "LOG_CUT", { entry: sequence })),
  ];
  return { problems, seen: entries, done: 1, next: undefined, logHead: head };
}

function ownerOf(database: Database, key: unknown): { recordingId?: string; recording?: string } {
  if (typeof key !== "number") return {};
  const row = database.get("SELECT id, name FROM recording WHERE key = ?", key);
  return row === undefined ? {} : { recordingId: String(row["id"]), recording: String(row["name"]) };
}
