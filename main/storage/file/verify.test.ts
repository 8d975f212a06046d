import Sqlite from "better-sqlite3";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { VerifyProblem } from "../../../preload/contract/care.ts";
import { Database, type Row, type SqlValue } from "./database.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { sealed, type SealedTable, sealedTables } from "./row-crc.ts";
import { block, inFolder, newPrediction, newRecording, newRun, ramp } from "../testing.ts";
import { VERIFY_START, type VerifyCursor, verifyStep } from "./verify.ts";

function problemsOf(library: Pick<OpenLibrary, "verifyStep">): VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  for (let cursor: VerifyCursor | undefined = VERIFY_START; cursor !== undefined;) {
    const step = library.verifyStep(cursor);
    problems.push(...step.problems);
    cursor = step.next;
  }
  return problems;
}

/** Something of everything, changed, undone and done again. */
function fill(path: string): void {
  const library = openLibrary(path);
  const id = library.createRecording(newRecording());
  library.appendBlocks(id, [block(0, 0, ramp(100_000))]);
  for (let at = 100_000; at < 101_000; at += 100)
    library.appendBlocks(id, [block(0, at, ramp(100, "int16", at))]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  library.changeRecording(id, { name: "renamed", note: "seen" });
  const label = { recordingId: id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 };
  const [one] = library.addAnnotations([
    { ...label, onsetS: 10, durationS: 30, author: "a", source: "person", note: "" },
  ]);
  library.changeAnnotation({ id: one!.id, onsetS: 12 });
  library.addMask({ recordingId: id, layer: "person", reason: 7, onsetS: 5, durationS: 20, author: "a" });
  library.addReading({
    recordingId: id,
    labelSet: "ctg-events",
    labelSetVersion: 1,
    author: "a",
    onsetS: 0,
    durationS: 60,
  });
  library.setCtgContext(id, { gestationDays: 280, anchors: [] });
  library.saveFinding({
    recordingId: id,
    origin: { kind: "rule", rule: "figo", version: "1", config: {} },
    content: { kind: "events", labelSet: "ctg-events", events: [], notAssessable: [] },
  });
  library.undo(id);
  library.redo(id);
  library.removeRecording(id);
  library.restoreRecording(id);
  library.close();
}

test("after every kind of edit everything is as it was written", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    fill(path);
    const library = openLibrary(path);
    expect(problemsOf(library)).toEqual([]);
    library.close();
  }));

const values: Partial<Record<string, string>> = {
  kind: "'emg'",
  state: "'interrupted'",
  facts: '\'{"a":"b"}\'',
};
const changed = (column: string): string =>
  values[column] ??
  `CASE typeof(${column}) WHEN 'text' THEN ${column} || ' ' WHEN 'null' THEN 1 ELSE ${column} + 1 END`;

test("a change of any column of any row shows, and says which recording it is of", () =>
  inFolder((folder) => {
    const sound = join(folder, "sound.kodo");
    fill(sound);
    const path = join(folder, "a.kodo");
    const missed: string[] = [];
    const tables = sealedTables.filter((table) => table !== "run" && table !== "prediction");
    for (const [table, column] of tables.flatMap((one: SealedTable) =>
      sealed[one].map((name) => [one, name] as const),
    )) {
      if (column === "recording" || (table === "label_set" && column !== "content")) continue; // they are keys
      copyFileSync(sound, path);
      const raw = new Sqlite(path);
      raw.pragma("ignore_check_constraints = ON");
      raw.pragma("foreign_keys = OFF");
      raw.exec(
        `UPDATE ${table} SET ${column} = ${column === "what" ? "'change'" : column === "layer" ? "'model'" : column === "role" || column === "sample_type" || column === "source" ? "'other'" : changed(column)} WHERE rowid = (SELECT max(rowid) FROM ${table})`,
      );
      raw.close();
      const library = openLibrary(path);
      const found = problemsOf(library).filter(({ part }) => part === "rows");
      if (found.length === 0 || (table !== "label_set" && found[0]!.recordingId === undefined))
        missed.push(`${table}.${column}`);
      library.close();
    }
    expect(missed).toEqual([]);
  }));

test("damage in blocks, pages of the pyramid and the log is found by its place", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    fill(path);
    const raw = new Sqlite(path);
    raw.exec("UPDATE block SET samples = zeroblob(length(samples)) WHERE key = 1");
    raw.exec("UPDATE pyramid SET bounds = zeroblob(length(bounds)) WHERE key = 2");
    raw.exec("UPDATE channel SET sample_count = sample_count + 1");
    raw.exec("DROP TRIGGER event_log_stays; DELETE FROM event_log WHERE sequence > 3");
    raw.exec(
      "CREATE TRIGGER event_log_stays BEFORE DELETE ON event_log BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;",
    );
    raw.close();
    const library = openLibrary(path, { readOnly: true });
    const found = problemsOf(library);
    expect(found.map(({ part }) => part)).toEqual(["rows", "rows", "blocks", "overviews", "log"]);
    expect(found[1]!.message).toMatch(/101001 samples; its last block ends at 101000/);
    expect(found[2]).toMatchObject({
      recording: "renamed",
      message: expect.stringMatching(/^Channel 0: 32768 samples from 0.000 s/) as string,
    });
    expect(found[4]!.message).toMatch(/3 whole entries, and entry 4/);
    library.close();
    const again = openLibrary(path); // what is done next does not paint it over
    again.changeSettings({ author: "b" });
    expect(problemsOf(again).filter(({ part }) => part === "log")[0]?.message).toMatch(
      /before entry 4, which says so/,
    );
    again.close();
  }));

test("a recording under way is sound: what is compared is of one moment", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    const writer = openLibrary(path);
    const id = writer.createRecording(newRecording());
    writer.appendBlocks(id, [block(0, 0, ramp(100))]);
    let written = 100;
    class Watched extends Database {
      override all(sql: string, ...values: SqlValue[]): Row[] {
        const rows = super.all(sql, ...values);
        if (!sql.includes("FROM channel") || rows.length === 0) return rows;
        writer.appendBlocks(id, [block(0, written, ramp(100, "int16", written))]);
        written += 100;
        return rows;
      }
    }
    const reader = new Watched(path, { readOnly: true });
    expect(problemsOf({ verifyStep: (cursor) => verifyStep(reader, cursor) })).toEqual([]);
    expect(written).toBe(200);
    reader.close();
    writer.close();
  }));

test("what models said is checked too, and no step holds more of it than one prediction", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    const library = openLibrary(path);
    const id = library.createRecording(newRecording());
    const windows = 20_000; // 33 bytes each
    for (let i = 0; i < 5; i++) {
      library.saveRun(newRun(`r${i}`));
      library.saveModel(`r${i}`, "model", Uint8Array.of(i));
      library.savePrediction(newPrediction(`r${i}`, id, windows));
    }
    let most = 0;
    const bytesOf = (row: Row | undefined): number =>
      Object.values(row ?? {}).reduce<number>(
        (sum, one) => sum + (one instanceof Uint8Array ? one.length : 0),
        0,
      );
    class Watched extends Database {
      override all(sql: string, ...values: SqlValue[]): Row[] {
        const rows = super.all(sql, ...values);
        most = Math.max(
          most,
          rows.reduce((sum, row) => sum + bytesOf(row), 0),
        );
        return rows;
      }
      override get(sql: string, ...values: SqlValue[]): Row | undefined {
        const row = super.get(sql, ...values);
        most = Math.max(most, bytesOf(row));
        return row;
      }
    }
    const reader = new Watched(path, { readOnly: true });
    const check = (): VerifyProblem[] => problemsOf({ verifyStep: (cursor) => verifyStep(reader, cursor) });
    expect(check()).toEqual([]);
    expect(most).toBeLessThan(34 * windows);
    const raw = new Sqlite(path);
    raw.exec("UPDATE prediction SET typicality = zeroblob(length(typicality)) WHERE run = 'r3'");
    raw.exec("UPDATE model SET bytes = x'07' WHERE run = 'r1'");
    raw.close();
    expect(check()).toEqual([
      {
        ...{ part: "rows", code: "RUN_MODEL", values: { run: "r1" } },
        message: "The model of run r1 is damaged",
      },
      {
        part: "rows",
        ...{ code: "PREDICTION", values: { run: "r3" } },
        message: "What run r3 predicted is not what was written",
        recordingId: id,
        recording: "1001",
      },
    ]);
    reader.close();
    library.close();
  }));

test("random damage to what is not samples never passes unseen as other facts", () =>
  inFolder((folder) => {
    const sound = join(folder, "sound.kodo");
    fill(sound);
    const bytes = readFileSync(sound);
    const path = join(folder, "a.kodo");
    const needle = (text: string): number => bytes.indexOf(Buffer.from(text));
    const places = ["renamed", "S1trial", "deceleration", "seen", "bpm"].map(needle).filter((at) => at > 0);
    expect(places.length).toBeGreaterThan(2);
    for (const at of places) {
      const damaged = Buffer.from(bytes);
      damaged[at] = bytes.readUInt8(at) ^ 1;
      writeFileSync(path, damaged);
      const library = openLibrary(path, { readOnly: true });
      expect(problemsOf(library).length, `byte ${at}`).toBeGreaterThan(0);
      library.close();
    }
  }));
