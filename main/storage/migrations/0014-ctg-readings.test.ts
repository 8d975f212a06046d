import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";
import { VERIFY_START, type VerifyCursor } from "../file/verify.ts";

/** A copy of the library of schema 13 that is kept (testdata/README.md says what it holds). */
function kept(folder: string): string {
  const path = join(folder, "old.kodo");
  writeFileSync(path, gunzipSync(readFileSync(new URL("./testdata/schema-13.kodo.gz", import.meta.url))));
  return path;
}

test("0014 keeps findings with the channels of their curves, readings and the history, and every row of it is sound", () =>
  inFolder((folder) => {
    const library = openLibrary(kept(folder));
    const ids = library.listRecordings().map(({ id }) => id);
    const found = ids.flatMap((id) => library.listFindings(id));
    expect(found.map(({ content }) => content.kind).sort()).toEqual([
      "curves",
      "curves",
      "curves",
      "events",
      "window-classes",
    ]);
    // Of the recording whose mask was taken back, nobody knows when: what was said of it may be another now.
    expect(found.filter(({ isOutdated }) => isOutdated).map(({ origin }) => origin)).toMatchObject([
      { kind: "rule", version: "1" },
      { kind: "run" },
      { kind: "run" },
    ]);
    for (const { id, recordingId, content } of found.filter((one) => one.content.kind === "curves")) {
      const whole = library.getFinding(id).content;
      if (content.kind !== "curves" || whole.kind !== "curves") throw new Error("curves were stored");
      const [series, second] = whole.series;
      expect(series?.observed.reduce((sum, one) => sum + one, 0)).toBe(500);
      expect((series?.high?.[10] ?? 0) - (series?.low?.[10] ?? 0)).toBeCloseTo(0.5);
      expect(second?.value[0]).toBeCloseTo((series?.value[0] ?? 0) + 0.1);
      expect(library.tiles(recordingId, content.series[0]?.value ?? -1, 4, 0, 1)).toHaveLength(1);
    }
    const first = ids.find((id) => library.listReadings(id).length > 0) ?? "";
    expect(library.listReadings(first).map(({ author, group }) => [author, group])).toEqual([
      ["Mori", undefined],
      ["Sato", undefined],
    ]);
    expect(library.history(first)).toEqual({ undo: 4, redo: 1 });
    expect(library.redo(first).step).toEqual({ kind: "mask", what: "add" });
    let cursor: VerifyCursor | undefined = VERIFY_START;
    while (cursor !== undefined) {
      const step = library.verifyStep(cursor);
      expect(step.problems).toEqual([]);
      cursor = step.next;
    }
    library.close();
  }));

test("a finding, a channel and a reading that were damaged before stay damaged", () =>
  inFolder((folder) => {
    const path = kept(folder);
    const raw = new Sqlite(path);
    raw.exec("UPDATE reading SET author = 'Somebody' WHERE author = 'Mori'");
    raw.exec("UPDATE finding SET created_at = '1999' WHERE kind = 'events'");
    raw.exec("UPDATE channel SET gain = 3 WHERE key = (SELECT max(key) FROM channel)");
    raw.close();
    const library = openLibrary(path);
    const ids = library.listRecordings().map(({ id }) => id);
    expect(ids.flatMap((id) => library.listReadings(id)).map(({ author }) => author)).toEqual(["Sato"]);
    expect(ids.flatMap((id) => library.listFindings(id)).map(({ content }) => content.kind)).not.toContain(
      "events",
    );
    const damaged = ids
      .flatMap((id) => library.listFindings(id))
      .filter(({ id }) => {
        try {
          library.getFinding(id);
          return false;
        } catch {
          return true;
        }
      });
    expect(damaged).toHaveLength(1);
    library.close();
  }));
