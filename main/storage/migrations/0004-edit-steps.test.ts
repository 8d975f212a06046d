import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Database } from "../file/database.ts";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";
import { migrate } from "./index.ts";

/** A copy of a kept library of schema 2 (testdata/README.md says what it holds), brought to schema 3. */
function schema3(folder: string): string {
  const path = join(folder, "old.kodo");
  const kept = new URL("./testdata/schema-2.kodo.gz", import.meta.url);
  writeFileSync(path, gunzipSync(readFileSync(kept)));
  const database = new Database(path);
  database.useWriteAheadLog();
  migrate(database, 3);
  database.close();
  return path;
}

test("0004 takes the annotations' history along: undo and redo go on where schema 3 left them", () =>
  inFolder((folder) => {
    const library = openLibrary(schema3(folder));
    const { id } = library.listRecordings()[0]!;
    const onsets = (): number[] => library.listAnnotations(id).map(({ onsetS }) => onsetS);
    expect(library.history(id)).toEqual({ undo: 3, redo: 1 });
    expect(onsets()).toEqual([12, 200]);
    expect(library.redo(id).step).toEqual({ kind: "annotation", what: "remove" });
    expect(onsets()).toEqual([200]);
    for (const expected of [[12, 200], [12], [10], []]) {
      expect(library.undo(id).step?.kind).toBe("annotation");
      expect(onsets()).toEqual(expected);
    }
    expect(library.undo(id)).toEqual({ history: { undo: 0, redo: 4 } });
    library.close();
  }));

test("0004 says of every step who made it", () =>
  inFolder((folder) => {
    const path = schema3(folder);
    openLibrary(path).close();
    const database = new Database(path);
    expect(database.all("SELECT kind, what, author, at, undone FROM edit_step ORDER BY key")).toEqual([
      { kind: "annotation", what: "add", author: "Mori", at: "2026-11-24T00:00:17.000Z", undone: 0 },
      { kind: "annotation", what: "change", author: "Mori", at: "2026-11-24T00:00:21.000Z", undone: 0 },
      { kind: "annotation", what: "add", author: "Mori", at: "2026-11-24T00:00:28.000Z", undone: 0 },
      { kind: "annotation", what: "remove", author: "Mori", at: "2026-11-24T00:00:31.000Z", undone: 1 },
    ]);
    expect(
      database.get("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE 'annotation_step%'"),
    ).toEqual({
      n: 0,
    });
    database.close();
  }));

test("0004 keeps samples, masks, label sets and runs; a mask of before can be taken away and brought back", () =>
  inFolder((folder) => {
    const library = openLibrary(schema3(folder));
    const { id, channels } = library.listRecordings()[0]!;
    expect(channels.map(({ sampleCount, observedCount }) => [sampleCount, observedCount])).toEqual([
      [4000, 3780],
      [4000, 4000],
    ]);
    expect(library.checksum(id).damagedBlocks).toBe(0);
    expect(library.getLabelSet("signal-quality")).toMatchObject({ version: 2, kind: "ctg" });
    expect(library.getSettings()).toMatchObject({ author: "Mori", paperSpeed: 3 });
    expect(library.loadModel("run", "model")).toEqual(Uint8Array.of(1, 2, 3));
    const masks = library.listMasks(id);
    expect(masks).toMatchObject([{ author: "Sato", onsetS: 100, durationS: 50, channel: 0 }]);
    library.removeMask(masks[0]!.id);
    expect(library.getRecording(id).channels[0]!.observedCount).toBe(3980);
    library.undo(id);
    expect(library.listMasks(id)).toEqual(masks);
    expect(library.getRecording(id).channels[0]!.observedCount).toBe(3780);
    expect(library.verifyLog().brokenAt).toBeUndefined();
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }));
