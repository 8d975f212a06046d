import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import Sqlite from "better-sqlite3";
import { APPLICATION_ID, Database } from "../file/database.ts";
import { openLibrary } from "../open-library.ts";
import { block, inFolder, newRecording, ramp } from "../testing.ts";
import { schemaDigest } from "../file/schema-check.ts";
import { checkSchema, migrate, OWN_DIGEST, SCHEMA } from "./index.ts";

const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

/** A library as the first schema left it, with a row of everything it knew. */
function buildFirst(path: string): void {
  const database = new Database(path);
  database.useWriteAheadLog();
  migrate(database, 1);
  database.exec(`
    INSERT INTO owner VALUES ('h/1/x', 1, 'x', 'h', '2026-01-01');
    INSERT INTO recording (key, id, name, kind, subject, study, synthetic, imported_at, state, facts, source_format, source_file, source_sha256)
      VALUES (1, 'r1', 'old', 'ctg', 'S', 'T', 0, '2026-01-01', 'complete', '{}', 'wfdb', 'a.dat', 'ff');
    INSERT INTO channel (key, recording, position, label, unit, sample_rate, role, sample_type, gain, offset, sample_count, source_observed)
      VALUES (1, 1, 0, 'FHR', 'bpm', 4, 'fhr', 'int16', 1, 0, 2, 2);
    INSERT INTO annotation (id, recording, label, label_set, label_set_version, onset_s, duration_s, author, source, note, created_at, changed_at)
      VALUES ('a1', 1, 'acceleration', 'ctg-events', 1, 0, 0.25, 'me', 'person', '', '2026', '2026');
    INSERT INTO setting VALUES ('author', '"me"');
  `);
  database.close();
}

test("the digest that a library is known by is that of what the migrations make", () => {
  const database = new Database(":memory:");
  migrate(database);
  expect(schemaDigest(database)).toBe(OWN_DIGEST); // a new migration brings a new one
  database.exec("CREATE TRIGGER t AFTER INSERT ON setting BEGIN SELECT 1; END");
  expect(schemaDigest(database)).not.toBe(OWN_DIGEST);
  database.close();
});

test("0002 keeps what a library of schema 1 held and adds runs, after a copy that opens", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    buildFirst(path);
    const library = openLibrary(path);
    expect(library.info().schema).toBe(SCHEMA);
    expect(library.listRecordings()).toMatchObject([
      { id: "r1", name: "old", annotationCount: 1, labelledS: 0.25, channels: [{ sampleCount: 2 }] },
    ]);
    expect(library.getSettings().author).toBe("me");
    expect(library.listRuns()).toEqual([]);
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
    expect(readdirSync(folder).sort()).toEqual(["old.kodo", "old.kodo.schema-1.backup"]);
    const copy = new Database(`${path}.schema-1.backup`, { readOnly: true });
    expect(copy.pragma("user_version")).toBe(1);
    expect(copy.pragma("application_id")).toBe(APPLICATION_ID);
    expect(copy.pragma("page_size")).toBe(16384);
    expect(copy.get("SELECT name FROM recording")).toEqual({ name: "old" });
    expect(copy.pragma("integrity_check")).toBe("ok");
    copy.close();
  }));

test("0003 keeps a run as it was and lets it be renamed, noted and put in the bin", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    const database = new Database(path);
    database.useWriteAheadLog();
    migrate(database, 2);
    const content = JSON.stringify({ id: "r", phase: "done", config: { name: "old" } });
    database.run("INSERT INTO run (id, created_at, phase, content) VALUES ('r', '2026', 'done', ?)", content);
    database.close();
    const library = openLibrary(path);
    expect(library.listRuns()).toMatchObject([{ id: "r", error: { code: "storage/corrupt" } }]); // no record a run can have
    expect(library.changeRun("r", { name: "new" }).config.name).toBe("new");
    library.removeRun("r");
    expect(library.listRuns()).toEqual([]);
    library.close();
    expect(readdirSync(folder)).toContain("old.kodo.schema-2.backup");
  }));

test("an earlier copy is never written over", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    writeFileSync(`${path}.schema-1.backup`, "kept");
    buildFirst(path);
    openLibrary(path).close();
    expect(readFileSync(`${path}.schema-1.backup`, "utf8")).toBe("kept");
    expect(readdirSync(folder)).toContain("old.kodo.schema-1-2.backup");
  }));

test("a migration that fails leaves the schema, the rows and the next try as they were", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    buildFirst(path);
    let failed = false;
    const beforeWrite = (sql: string): void => {
      if (!sql.includes("CREATE TABLE prediction")) return;
      failed = true;
      throw new Error("planted");
    };
    expect(() => openLibrary(path, { beforeWrite })).toThrow("planted");
    expect(failed).toBe(true);
    const after = new Database(path);
    expect(after.pragma("user_version")).toBe(1);
    expect(after.get("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'run'")).toEqual({ n: 0 });
    after.close();
    const library = openLibrary(path);
    expect(library.listRecordings()).toHaveLength(1);
    library.close();
  }));

test("a new library gets the schema, our mark in its header and pages of 16 KiB", () =>
  inFolder((folder) => {
    const path = join(folder, "new.kodo");
    openLibrary(path).close();
    const database = new Database(path);
    expect([
      database.pragma("user_version"),
      database.pragma("application_id"),
      database.pragma("page_size"),
    ]).toEqual([SCHEMA, APPLICATION_ID, 16384]);
    expect(
      database.all(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%STRICT%'",
      ),
    ).toEqual([]);
    database.close();
    expect(readdirSync(folder)).toEqual(["new.kodo"]);
  }));

test.each([[false], [true]])(
  "a library of a newer schema is refused politely and stays untouched (read only: %s)",
  (readOnly) =>
    inFolder((folder) => {
      const path = join(folder, "newer.kodo");
      openLibrary(path).close();
      const raw = new Sqlite(path);
      raw.pragma("user_version = 99");
      raw.close();
      const before = digest(path);
      expect(() => openLibrary(path, { readOnly })).toThrow(
        expect.objectContaining({
          code: "storage/newer-schema",
          detail: { file: "newer.kodo", schema: 99, known: SCHEMA },
        }),
      );
      expect(() => openLibrary(path, { readOnly })).toThrow(
        `(schema 99, this one knows up to ${SCHEMA}). It was left untouched`,
      );
      expect(digest(path)).toBe(before);
      expect(readdirSync(folder)).toEqual(["newer.kodo"]);
    }),
);

test("an older library cannot be read without being brought up to date first", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    buildFirst(path);
    expect(() => openLibrary(path, { readOnly: true })).toThrow(
      expect.objectContaining({ code: "storage/older-schema" }),
    );
  }));

test("a file that is no library is refused with its name, and stays as it is", () =>
  inFolder((folder) => {
    const path = join(folder, "some.kodo");
    for (const content of ["short", "x".repeat(5000)]) {
      writeFileSync(path, content);
      expect(() => openLibrary(path)).toThrow(
        expect.objectContaining({
          code: "storage/corrupt",
          message: expect.stringContaining("some.kodo") as string,
        }),
      );
      expect(readFileSync(path, "utf8")).toBe(content);
    }
    expect(() => openLibrary(folder)).toThrow(expect.objectContaining({ code: "storage/cannot-open" }));
    expect(() => openLibrary(join(folder, "none.kodo"), { readOnly: true })).toThrow(
      expect.objectContaining({ code: "storage/not-found" }),
    );
    expect(() => openLibrary(join(folder, "no", "folder.kodo"))).toThrow(
      expect.objectContaining({ code: "storage/cannot-open" }),
    );
  }));

test("an SQLite file of another program is refused", () =>
  inFolder((folder) => {
    const path = join(folder, "other.db");
    const raw = new Sqlite(path);
    raw.exec("CREATE TABLE theirs (a)");
    raw.close();
    const before = digest(path);
    expect(() => openLibrary(path)).toThrow(expect.objectContaining({ code: "storage/not-a-library" }));
    expect(digest(path)).toBe(before);
  }));

test("a damaged header is named; damage further in fails by name or is caught by a checksum, never by a crash", () =>
  inFolder((folder) => {
    const sound = join(folder, "sound.kodo");
    const library = openLibrary(sound);
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(200_000))]);
    library.closeRecording(id, { state: "complete", repairs: [] });
    const values = library.samples(id, 0, 0, 200_000).values;
    library.close();
    const bytes = readFileSync(sound);
    const path = join(folder, "damaged.kodo");
    let noticed = 0;
    for (let trial = 0; trial < 60; trial++) {
      const at = trial < 10 ? trial * 2 : Math.floor((bytes.length * (trial - 9)) / 51) - 1;
      copyFileSync(sound, path);
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x55;
      writeFileSync(path, damaged);
      try {
        const opened = openLibrary(path, { readOnly: true });
        try {
          const read = opened.samples(id, 0, 0, 200_000);
          if (opened.checksum(id).damagedBlocks > 0) noticed++;
          for (let i = 0; i < read.values.length; i++)
            if (read.reasons[i] === 0 && read.values[i] !== values[i]) throw new Error(`sample ${i} differs`);
        } finally {
          opened.close();
        }
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^storage\//) as string });
        noticed++;
      }
    }
    expect(noticed).toBeGreaterThan(20);
  }));

test("what checks the schema changes nothing", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    buildFirst(path);
    const before = digest(path);
    const database = new Database(path);
    checkSchema(database);
    database.close();
    expect(digest(path)).toBe(before);
  }));
