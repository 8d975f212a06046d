import { createHash } from "node:crypto";
import type { LogEntry } from "../../preload/contract/settings.ts";
import type { Database, Row } from "./database.ts";
import { rowCrc } from "./row-crc.ts";

export interface NewLogEntry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
}

/** Where the log ends. */
interface LogEnd {
  readonly sequence: number;
  readonly hash: string;
}

/** The entry that says that those before it were cut off. */
const CUT = "log.cut";

/**
 * Appends to the log. Each entry's hash covers the one before it, so a later change of any of them shows; where the log
 * ends is kept apart, so that a cut end shows too. An entry that finds it cut says so before it follows.
 */
export function appendLog(database: Database, at: string, entry: NewLogEntry): void {
  database.write(() => {
    const found = lastEntry(database);
    const kept = keptHead(database);
    const isCut = kept?.sequence !== found.sequence || kept.hash !== found.hash;
    const detail = { found: found.sequence, expected: kept?.sequence ?? null };
    const end = isCut
      ? put(database, at, found, { actor: "library", action: CUT, subject: "log", detail })
      : found;
    keepHead(database, put(database, at, end, entry));
  });
}

function put(
  database: Database,
  at: string,
  { sequence: last, hash: before }: LogEnd,
  entry: NewLogEntry,
): LogEnd {
  const { actor, action, subject } = entry;
  const detail = JSON.stringify(entry.detail ?? null);
  const sequence = last + 1;
  const hash = hashOf({ sequence, at, actor, action, subject, detail }, before);
  database.run(
    "INSERT INTO event_log VALUES (?, ?, ?, ?, ?, ?, ?)",
    ...[sequence, at, actor, action, subject, detail, hash],
  );
  return { sequence, hash };
}

function lastEntry(database: Database): LogEnd {
  const row = database.get("SELECT sequence, hash FROM event_log ORDER BY sequence DESC LIMIT 1");
  return { sequence: Number(row?.["sequence"] ?? 0), hash: String(row?.["hash"] ?? "") };
}

/** The end as it was kept; undefined where that row is damaged or gone. */
function keptHead(database: Database): LogEnd | undefined {
  const row = database.get("SELECT sequence, hash, row_crc FROM log_head");
  if (row === undefined) return undefined;
  const end = { sequence: Number(row["sequence"]), hash: String(row["hash"]) };
  return rowCrc([end.sequence, end.hash]) === row["row_crc"] ? end : undefined;
}

const keepHead = (database: Database, { sequence, hash }: LogEnd): void =>
  void database.run(
    "INSERT INTO log_head VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, row_crc = excluded.row_crc",
    sequence,
    hash,
    rowCrc([sequence, hash]),
  );

/** The newest entries, newest first. */
export const readLog = (database: Database, limit: number): LogEntry[] =>
  database.all("SELECT * FROM event_log ORDER BY sequence DESC LIMIT ?", limit).map(entryFrom);

export interface LogVerdict {
  readonly entries: number;
  readonly head: string; // hash of the newest entry: print it elsewhere and later tampering shows
  readonly brokenAt: number | undefined; // sequence of the first entry that does not fit, or is missing
  readonly cuts: readonly number[]; // entries that found the ones before them cut off
}

export function verifyLog(database: Database): LogVerdict {
  let head = "";
  let expected = 1;
  const cuts: number[] = [];
  for (;;) {
    const rows = database.all(
      "SELECT * FROM event_log WHERE sequence >= ? ORDER BY sequence LIMIT 1000",
      expected,
    );
    if (rows.length === 0) {
      const kept = keptHead(database);
      const isWhole = kept?.sequence === expected - 1 && kept.hash === head;
      return { entries: expected - 1, head, brokenAt: isWhole ? undefined : expected, cuts };
    }
    for (const row of rows) {
      const entry = entryFrom(row);
      const hash = hashOf(entry, head);
      if (entry.sequence !== expected || hash !== row["hash"])
        return { entries: expected - 1, head, brokenAt: expected, cuts };
      if (entry.action === CUT) cuts.push(entry.sequence);
      head = hash;
      expected++;
    }
  }
}

const hashOf = (entry: LogEntry, before: string): string =>
  createHash("sha256")
    .update(
      JSON.stringify([
        before,
        entry.sequence,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
      ]),
    )
    .digest("hex");

const entryFrom = (row: Row): LogEntry => ({
  sequence: Number(row["sequence"]),
  at: String(row["at"]),
  actor: String(row["actor"]),
  action: String(row["action"]),
  subject: String(row["subject"]),
  detail: String(row["detail"]),
});
