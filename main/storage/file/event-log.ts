import { createHash } from "node:crypto";
import type { LogEntry } from "../../../preload/contract/settings.ts";
import type { Database, Row } from "./database.ts";
import { rowCrc, wellFormed } from "./row-crc.ts";

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

/** Entries by which the library says something about its own log. */
const CUT = "log.cut";
const REDACT = "log.redact";

/**
 * Appends to the log. Each entry's hash covers the one before it, so a later change of any of them shows; where the log
 * ends is kept apart, so that a cut end shows too. An entry that finds it cut says so before it follows.
 */
export function appendLog(database: Database, at: string, ...entries: readonly NewLogEntry[]): void {
  if (entries.length === 0) return;
  database.write(() => {
    const found = lastEntry(database);
    const kept = keptHead(database);
    const isCut = kept?.sequence !== found.sequence || kept.hash !== found.hash;
    const detail = { found: found.sequence, expected: kept?.sequence ?? null };
    let end = isCut
      ? put(database, at, found, { actor: "library", action: CUT, subject: "log", detail })
      : found;
    for (const entry of entries) end = put(database, at, end, entry);
    keepHead(database, end);
  });
}

function put(
  database: Database,
  at: string,
  { sequence: last, hash: before }: LogEnd,
  entry: NewLogEntry,
): LogEnd {
  const { action } = entry;
  const [actor, subject] = [wellFormed(entry.actor), wellFormed(entry.subject)];
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

/** What a redacted entry says instead. */
const REDACTED = '{"redacted":true}';

/**
 * Takes what the log's entries say about some subjects out of it; that they were there, when and what kind stays. The
 * chain is computed anew from the first of them on, and an entry says so, with the hash that the log ended in before.
 * The chain as it was is checked on the way: redacting must not make a changed log look like a whole one.
 */
export function redactLog(
  database: Database,
  at: string,
  { actor, subjects }: { readonly actor: string; readonly subjects: readonly string[] },
): void {
  const of = new Set(subjects);
  const first = firstOf(database, subjects);
  if (first === undefined) return;
  const trigger = database.get("SELECT sql FROM sqlite_schema WHERE name = 'event_log_keeps'");
  database.exec("DROP TRIGGER event_log_keeps");
  const start = database.get("SELECT hash FROM event_log WHERE sequence = ?", first - 1);
  let [was, is] = [String(start?.["hash"] ?? ""), String(start?.["hash"] ?? "")];
  let brokenAt: number | undefined;
  let entries = 0;
  const ids = database.all("SELECT sequence FROM event_log WHERE sequence >= ? ORDER BY sequence", first);
  for (const { sequence } of ids) {
    const row = database.get("SELECT * FROM event_log WHERE sequence = ?", Number(sequence)) ?? {};
    const entry = entryFrom(row);
    if (hashOf(entry, was) !== row["hash"]) brokenAt ??= entry.sequence;
    was = String(row["hash"]);
    const told = of.has(entry.subject) ? redacted(entry) : entry;
    if (told !== entry) entries++;
    is = hashOf(told, is);
    database.run(
      "UPDATE event_log SET actor = ?, detail = ?, hash = ? WHERE sequence = ?",
      ...[told.actor, told.detail, is, told.sequence],
    );
  }
  database.exec(String(trigger?.["sql"]));
  const end = { sequence: first + ids.length - 1, hash: is };
  const kept = keptHead(database);
  if (kept?.sequence === end.sequence && kept.hash === was) keepHead(database, end); // else the next entry says it is cut
  const detail = { entries, first, subjects, endedIn: was, ...(brokenAt === undefined ? {} : { brokenAt }) };
  appendLog(database, at, { actor, action: REDACT, subject: "log", detail });
}

function firstOf(database: Database, subjects: readonly string[]): number | undefined {
  const first = database.get(
    "SELECT min(sequence) AS first FROM event_log WHERE subject IN (SELECT value FROM json_each(?))",
    JSON.stringify(subjects),
  )?.["first"];
  return typeof first === "number" ? first : undefined;
}

/**
 * Annotations and readings that came with a file were once logged under the file's name. Of readings the entry does not
 * tell whether a person declared them: the actor goes with every one that may hold such a name.
 */
const redacted = (entry: LogEntry): LogEntry => ({ ...entry, actor: actorLeft(entry), detail: REDACTED });

function actorLeft({ actor, action, detail }: LogEntry): string {
  if (/"source":"import"/.test(detail)) return "import";
  return action.startsWith("reading.") && actor !== "import" ? "redacted" : actor;
}

/** The newest entries, newest first. */
export const readLog = (database: Database, limit: number): LogEntry[] =>
  database.all("SELECT * FROM event_log ORDER BY sequence DESC LIMIT ?", limit).map(entryFrom);

export interface LogVerdict {
  readonly entries: number;
  readonly head: string; // hash of the newest entry: print it elsewhere and later tampering shows
  readonly brokenAt: number | undefined; // sequence of the first entry that does not fit, or is missing
  readonly cuts: readonly number[]; // entries that found the ones before them cut off or changed
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
      if (entry.action === CUT || (entry.action === REDACT && entry.detail.includes('"brokenAt"')))
        cuts.push(entry.sequence);
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
