import { createHash } from "node:crypto";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Database } from "./database.ts";

/** A table, index, trigger or view as a file declares it. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string; // without comments, blanks joined
}

/** Tables SQLite itself makes when somebody runs ANALYZE: harmless, and not in a fresh database. */
const statistics: readonly SchemaObject[] = [
  ["sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"] as const,
  ["sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"] as const,
].map(([name, sql]) => ({ type: "table", name, table: name, sql }));

/**
 * Refuses a library that declares anything but what the migrations made: a trigger or a view in it would run with the
 * first statement that touches its table. `expected` is what a fresh database of the same version holds. Nothing of the file's
 * content is queried before.
 */
export function refuseForeignSchema(database: Database, expected: readonly SchemaObject[]): void {
  const ours = new Map([...statistics, ...expected].map((object) => [nameOf(object), object]));
  const theirs = schemaOf(database);
  for (const object of theirs) {
    const known = ours.get(nameOf(object));
    if (known === undefined) throw foreign(database, object, "is none of Kodo's");
    if (known.sql !== object.sql || known.table !== object.table)
      throw foreign(database, object, "is not as Kodo makes it");
  }
  const present = new Set(theirs.map(nameOf));
  const missing = expected.find((object) => !present.has(nameOf(object)));
  if (missing !== undefined) {
    throw new AppError(
      "storage/corrupt",
      `${database.path} is damaged: its ${missing.type} ${shown(missing.name)} is missing. It was left as it is`,
      { file: database.path, object: missing.name },
    );
  }
}

/** Of what a file declares, in whatever order; the statistics of SQLite are left out. */
export function schemaDigest(database: Database): string {
  const others = new Set(statistics.map(nameOf));
  const lines = schemaOf(database)
    .filter((object) => !others.has(nameOf(object)))
    .map((object) => JSON.stringify(object))
    .sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

const foreign = ({ path }: Database, { type, name }: SchemaObject, why: string): AppError =>
  new AppError(
    "storage/foreign-schema",
    `${path} was not opened: its ${type} ${shown(name)} ${why}, so reading it could do anything. It was left as it is`,
    { file: path, object: name.slice(0, 200) },
  );

const nameOf = ({ type, name }: SchemaObject): string => `${type} ${name}`;
const shown = (name: string): string => JSON.stringify(name.slice(0, 80));

export const schemaOf = (database: Database): readonly SchemaObject[] =>
  database.all("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid").map((row) => ({
    type: String(row["type"]),
    name: String(row["name"]),
    table: String(row["tbl_name"]),
    sql: plainSql(row["sql"] === null ? "" : String(row["sql"])),
  }));

/** Comments and blanks become one blank, except inside quotes. */
export function plainSql(sql: string): string {
  let plain = "";
  for (let at = 0; at < sql.length;) {
    const end = quoteEnd(sql, at) ?? gapEnd(sql, at);
    if (end === undefined) plain += sql.charAt(at++);
    else {
      const isGap = gapEnd(sql, at) !== undefined;
      plain += isGap ? (plain.endsWith(" ") ? "" : " ") : sql.slice(at, end);
      at = end;
    }
  }
  return plain.trim();
}

const closing: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]" };

/** Where the quoted text that begins here ends; a doubled quote reads as two texts side by side. */
function quoteEnd(sql: string, at: number): number | undefined {
  const close = closing[sql.charAt(at)];
  return close === undefined ? undefined : after(sql, close, at + 1);
}

/** Where the comment or the blanks that begin here end. */
function gapEnd(sql: string, at: number): number | undefined {
  if (sql.startsWith("--", at)) return after(sql, "\n", at);
  if (sql.startsWith("/*", at)) return after(sql, "*/", at + 2);
  let end = at;
  while (end < sql.length && sql.charAt(end).trim() === "") end++;
  return end > at ? end : undefined;
}

function after(sql: string, what: string, from: number): number {
  const found = sql.indexOf(what, from);
  return found < 0 ? sql.length : found + what.length;
}
