import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";

/** A copy of the library of schema 8 that is kept (testdata/README.md says what it holds). */
function kept(folder: string): string {
  const path = join(folder, "old.kodo");
  writeFileSync(path, gunzipSync(readFileSync(new URL("./testdata/schema-8.kodo.gz", import.meta.url))));
  return path;
}

test("0012 keeps every channel sound and reads predictions of before as findings", () =>
  inFolder((folder) => {
    const library = openLibrary(kept(folder));
    const [first, ...others] = library.listRecordings();
    for (const one of [first, ...others]) expect(one).not.toHaveProperty("fault");
    const [prediction] = library.listPredictions(first?.id ?? "");
    const [found] = library.listFindings(first?.id ?? "");
    expect(found).toMatchObject({ origin: { kind: "run", runId: prediction?.runId }, isOutdated: false });
    const { content } = library.getFinding(found?.id ?? "");
    expect(content).toMatchObject({ kind: "window-classes", probabilities: prediction?.probabilities });
    library.close();
  }));

test("a channel that was damaged before stays damaged", () =>
  inFolder((folder) => {
    const path = kept(folder);
    const raw = new Sqlite(path);
    raw.exec("UPDATE channel SET gain = 77 WHERE key = 1");
    raw.close();
    const library = openLibrary(path);
    expect(library.listRecordings().map(({ fault }) => fault)).toContain(
      "Channel 0: its row is not what was written",
    );
    library.close();
  }));

test("a library opens though the record of a run in it is no JSON any more", () =>
  inFolder((folder) => {
    const path = kept(folder);
    const raw = new Sqlite(path);
    raw.pragma("ignore_check_constraints = ON"); // as a damaged byte does
    raw.exec(`UPDATE run SET phase = 'failed', content = '{"a'`);
    raw.close();
    const library = openLibrary(path);
    expect(library.listJobs()).toMatchObject([{ kind: "run", state: "failed" }]);
    library.close();
  }));
