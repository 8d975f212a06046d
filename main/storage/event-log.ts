import { createHash } from "node:crypto";
import type { LogEntry } from "../../preload/contract/settings.ts";
import type { Database, Row } from "./database.ts";

export interface NewLogEntry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
}

/** Appends to the log. Each entry's hash covers the one before it, so a later change of any of them shows. */
export function appendLog(database: Database, at: string, entry: NewLogEntry): void {
  database.write(() => {
    const last = database.get("SELECT sequence, hash FROM event_log ORDER BY sequence DESC LIMIT 1");
    const sequence = Number(last?.["sequence"] ?? 0) + 1;
    const detail = JSON.stringify(entry.detail ?? null);
    const next = { sequence, at, actor: entry.actor, action: entry.action, subject: entry.subject, detail };
    const hash = hashOf(next, String(last?.["hash"] ?? ""));
    database.run(
      "INSERT INTO event_log VALUES (?, ?, ?, ?, ?, ?, ?)",
      sequence,
      at,
      next.actor,
      next.action,
      next.subject,
      detail,
      hash,
    );
  });
}

/** The newest entries, newest first. */
export const readLog = (database: Database, limit: number): LogEntry[] =>
  database.all("SELECT * FROM event_log ORDER BY sequence DESC LIMIT ?", limit).map(entryFrom);

export interface LogVerdict {
  readonly entries: number;
  readonly head: string; // hash of the newest entry: print it elsewhere and later tampering shows
  readonly brokenAt: number | undefined; // sequence of the first entry that does not fit
}

export function verifyLog(database: Database): LogVerdict {
  let head = "";
  let expected = 1;
  for (;;) {
    const rows = database.all(
      "SELECT * FROM event_log WHERE sequence >= ? ORDER BY sequence LIMIT 1000",
      expected,
    );
    if (rows.length === 0) return { entries: expected - 1, head, brokenAt: undefined };
    for (const row of rows) {
      const entry = entryFrom(row);
      const hash = hashOf(entry, head);
      if (entry.sequence !== expected || hash !== row["hash"])
        return { entries: expected - 1, head, brokenAt: expected };
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
