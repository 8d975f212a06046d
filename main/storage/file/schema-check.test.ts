import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { plainSql } from "./schema-check.ts";
import { block, inFolder, newRecording, ramp } from "../testing.ts";

const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

function craft(path: string, sql: string): void {
  const raw = new Sqlite(path).unsafeMode(true);
  raw.pragma("writable_schema = ON");
  raw.exec(sql);
  raw.pragma("journal_mode = DELETE");
  raw.close();
}

test.each([
  [
    "a trigger that empties blocks",
    "evil",
    "CREATE TRIGGER evil AFTER UPDATE ON recording BEGIN DELETE FROM block; END",
  ],
  [
    "a view in place of a table",
    "setting",
    "DROP TABLE setting; CREATE VIEW setting AS WITH RECURSIVE n(name) AS (VALUES (1) UNION ALL SELECT name + 1 FROM n) SELECT name, '1' AS value FROM n",
  ],
  ["one more table", "more", "CREATE TABLE more (a)"],
  ["an index over an expression", "slow", "CREATE INDEX slow ON block (length(samples))"],
  [
    "a table without its rule",
    "mask_span",
    "UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (duration_s > 0)', '') WHERE name = 'mask_span'",
  ],
  ["the log without what keeps it", "event_log_stays", "DROP TRIGGER event_log_stays"],
])(
  "a library with %s is refused by file and object before a row is read, and stays as it was",
  (_what, object, sql) =>
    inFolder((folder) => {
      const path = join(folder, "crafted.kodo");
      const library = openLibrary(path);
      const id = library.createRecording(newRecording());
      library.appendBlocks(id, [block(0, 0, ramp(1000))]);
      library.close();
      craft(path, sql);
      const before = digest(path);
      for (const readOnly of [false, true]) {
        expect(() => openLibrary(path, { readOnly })).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^storage\/(foreign-schema|corrupt)$/) as string,
            message: expect.stringContaining(path) as string,
            detail: { file: path, object },
          }),
        );
        expect(() => openLibrary(path, { readOnly })).toThrow(JSON.stringify(object));
      }
      expect(digest(path)).toBe(before);
    }),
);

test("what ANALYZE leaves behind is no reason to refuse", () =>
  inFolder((folder) => {
    const path = join(folder, "analysed.kodo");
    openLibrary(path).close();
    craft(path, "ANALYZE");
    openLibrary(path).close();
  }));

test("comments and blanks do not matter to a declaration, what is quoted does", () => {
  expect(plainSql("CREATE TABLE a ( -- why\n  b   TEXT /* c\n */ DEFAULT '-- x  y'\n)")).toBe(
    "CREATE TABLE a ( b TEXT DEFAULT '-- x  y' )",
  );
});
