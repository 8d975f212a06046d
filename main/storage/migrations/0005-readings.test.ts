import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Database } from "../file/database.ts";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";
import { migrate } from "./index.ts";

/** A copy of a kept library of schema 2 (testdata/README.md says what it holds), brought to schema 4. */
function schema4(folder: string): string {
  const path = join(folder, "old.kodo");
  const kept = new URL("./testdata/schema-2.kodo.gz", import.meta.url);
  writeFileSync(path, gunzipSync(readFileSync(kept)));
  const database = new Database(path);
  database.useWriteAheadLog();
  migrate(database, 4);
  database.close();
  return path;
}

test("readings join a history that goes on where it was, and nothing of before counts as read", () =>
  inFolder((folder) => {
    const library = openLibrary(schema4(folder));
    const { id, durationS } = library.listRecordings()[0]!;
    const before = library.history(id);
    expect(before.undo).toBeGreaterThan(0);
    expect(library.listReadings(id)).toEqual([]);
    const { version } = library.getLabelSet("ctg-events");
    library.addReading({
      ...{ recordingId: id, labelSet: "ctg-events", labelSetVersion: version },
      ...{ author: "Mori", onsetS: 0, durationS },
    });
    expect(library.undo(id).step).toEqual({ kind: "reading", what: "add" });
    expect(library.undo(id).step).toEqual({ kind: "annotation", what: "add" });
    library.close();
  }));

test("predictions by the rule of before are gone, their runs and models stay", () =>
  inFolder((folder) => {
    const library = openLibrary(schema4(folder));
    const { id } = library.listRecordings()[0]!;
    expect(library.listPredictions(id)).toEqual([]);
    expect(library.loadModel("run", "model")).toEqual(Uint8Array.of(1, 2, 3));
    library.close();
  }));

test("the built-in label sets of before declare what their labels are about, in the version they have", () =>
  inFolder((folder) => {
    const library = openLibrary(schema4(folder));
    const set = library.getLabelSet("ctg-events");
    const about = Object.fromEntries(set.labels.map((label) => [label.code, label.about]));
    expect(about).toMatchObject({
      acceleration: ["fhr"],
      contraction: ["uc"],
      "late-deceleration": ["fhr", "uc"],
    });
    expect(library.saveLabelSet(set).version).toBe(set.version);
    library.close();
  }));
