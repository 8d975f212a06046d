import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { VERIFY_START, type VerifyCursor } from "../file/verify.ts";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";

/** A copy of the library of schema 13 that is kept (testdata/README.md says what it holds). */
function kept(folder: string): string {
  const path = join(folder, "old.kodo");
  writeFileSync(path, gunzipSync(readFileSync(new URL("./testdata/schema-13.kodo.gz", import.meta.url))));
  return path;
}

const changedAt = (path: string): Record<string, unknown> => {
  const raw = new Sqlite(path, { readonly: true });
  const rows = raw.prepare("SELECT id, masks_changed_at AS at FROM recording").all();
  raw.close();
  return Object.fromEntries(rows.map((row) => [(row as { id: string }).id, (row as { at: unknown }).at]));
};

test("0017 takes over when masks changed last: by those that are there, by the history, now where a step was undone", () =>
  inFolder((folder) => {
    const path = kept(folder);
    const raw = new Sqlite(path);
    const ids = raw.prepare("SELECT id, key FROM recording ORDER BY key").all() as {
      id: string;
      key: number;
    }[];
    const [first, ...others] = ids;
    raw.exec("DELETE FROM edit_step WHERE kind = 'mask'");
    raw.exec("DELETE FROM mask_span");
    raw
      .prepare(
        `INSERT INTO edit_step (recording, kind, what, changes, author, at, undone)
         VALUES (?, 'mask', 'remove', '[]', 'Ito', '2025-05-05T00:00:00.000Z', 0)`,
      )
      .run(first?.key);
    raw.close();
    openLibrary(path).close();
    expect(changedAt(path)[first?.id ?? ""]).toBe("2025-05-05T00:00:00.000Z");
    expect(others.map(({ id }) => changedAt(path)[id])).toEqual(others.map(() => null));

    const again = kept(folder);
    for (const end of ["-wal", "-shm"]) writeFileSync(again + end, "");
    const before = new Date().toISOString();
    const library = openLibrary(again); // with a step that was undone
    let cursor: VerifyCursor | undefined = VERIFY_START;
    while (cursor !== undefined) {
      const step = library.verifyStep(cursor);
      expect(step.problems).toEqual([]);
      cursor = step.next;
    }
    library.close();
    expect(Object.values(changedAt(again)).some((at) => typeof at === "string" && at >= before)).toBe(true);
  }));

test("a recording that was damaged before stays so, and a time that is changed by nobody shows", () =>
  inFolder((folder) => {
    const path = kept(folder);
    const raw = new Sqlite(path);
    raw.exec("UPDATE recording SET note = 'other' WHERE key = (SELECT min(key) FROM recording)");
    raw.close();
    openLibrary(path).close();
    const after = new Sqlite(path);
    after.exec("UPDATE recording SET masks_changed_at = '1999' WHERE key = (SELECT max(key) FROM recording)");
    after.close();
    const library = openLibrary(path);
    const faulty = library.listRecordings().filter(({ fault }) => fault !== undefined);
    expect(faulty).toHaveLength(2);
    library.close();
  }));
