import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { inFolder, purgeWhole } from "../testing.ts";

/** A copy of a kept library of schema 4 (testdata/README.md says what it holds). */
function schema4(folder: string): string {
  const path = join(folder, "old.kodo");
  writeFileSync(path, gunzipSync(readFileSync(new URL("./testdata/schema-4.kodo.gz", import.meta.url))));
  return path;
}

test("0006 opens a library of schema 4 with everything in it, and every row can be believed", () =>
  inFolder((folder) => {
    const library = openLibrary(schema4(folder));
    const recordings = library.listRecordings();
    expect(recordings.map(({ name, fault, annotationCount }) => [name, fault, annotationCount])).toEqual([
      ["hanako-a", undefined, 2],
      ["taro-1", undefined, 0],
    ]);
    expect(library.binPage({}).rows).toMatchObject([{ name: "hanako-2" }]);
    const { id } = recordings[0]!;
    expect(library.getRecording(id)).toMatchObject({ note: "twin of P-016", repairCount: 1 });
    expect(library.listAnnotations(id)).toMatchObject([{ onsetS: 12, note: "late?" }, { onsetS: 200 }]);
    expect(library.listMasks(id)).toMatchObject([{ author: "Sato", onsetS: 100 }]);
    expect(library.history(id)).toEqual({ undo: 4, redo: 0 });
    expect(library.undo(id).step).toEqual({ kind: "mask", what: "add" });
    expect(library.listRuns()).toMatchObject([{ id: "run-1", note: "left out twins", phase: "done" }]);
    expect(library.loadModel("run-1", "model")).toEqual(Uint8Array.of(1, 2, 3));
    expect(library.getLabelSet("signal-quality")).toMatchObject({ version: 2, name: { ja: "品質" } });
    expect(library.getSettings()).toMatchObject({ author: "Mori", theme: "dark" });
    expect(library.verifyLog().brokenAt).toBeUndefined();
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }));

test("0006 waits until no earlier Kodo has the library open, whose rows would have no checksums", () =>
  inFolder((folder) => {
    const path = schema4(folder);
    const earlier = new Sqlite(path);
    earlier.prepare("INSERT INTO owner VALUES ('other', ?, '', ?, '2026')").run(process.ppid, hostname());
    expect(() => openLibrary(path)).toThrow(
      expect.objectContaining({
        code: "storage/in-use",
        message: expect.stringContaining(String(process.ppid)) as string,
      }),
    );
    expect(earlier.pragma("user_version", { simple: true })).toBe(4);
    expect(readdirSync(folder).filter((name) => name.includes("backup"))).toEqual([]);
    earlier.close();
    let registers = true; // between the first look and the lock
    const beforeWrite = (sql: string): void => {
      if (!registers || !sql.startsWith("VACUUM INTO")) return;
      registers = false;
      const late = new Sqlite(path);
      late.prepare("INSERT INTO owner VALUES ('late', ?, '', ?, '2026')").run(process.pid, hostname());
      late.close();
    };
    expect(() => openLibrary(path, { beforeWrite })).toThrow(
      expect.objectContaining({ code: "storage/in-use" }),
    );
    expect(registers).toBe(false);
    const library = openLibrary(path); // like a copy, which names processes that have another file open
    expect(library.listRecordings().map(({ fault }) => fault)).toEqual([undefined, undefined]);
    library.close();
  }));

test("0006 lists a library whose rate makes no duration: the recording says what is wrong with it", () =>
  inFolder((folder) => {
    const path = schema4(folder);
    const raw = new Sqlite(path);
    raw.exec("UPDATE channel SET sample_rate = 1e-320 WHERE recording = 1 AND position = 0");
    raw.close();
    const library = openLibrary(path);
    const [first, second] = library.listRecordings();
    expect(first).toMatchObject({ durationS: 500, fault: expect.stringContaining("1e-320 Hz") as string });
    expect(second?.fault).toBeUndefined();
    purgeWhole(library, [first!.id]);
    expect(library.listRecordings()).toHaveLength(1);
    library.close();
  }));
