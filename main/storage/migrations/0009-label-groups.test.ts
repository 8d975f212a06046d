import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { ALL_LABELS, LabelSet } from "../../../preload/contract/label-set.ts";
import { runSummary } from "../../../preload/contract/run.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import { openLibrary } from "../open-library.ts";
import { rowCrc } from "../file/row-crc.ts";
import { inFolder } from "../testing.ts";

/** A copy of a kept library (testdata/README.md says what it holds). */
function kept(folder: string, schema: 2 | 4 | 8): string {
  const path = join(folder, "old.kodo");
  writeFileSync(
    path,
    gunzipSync(readFileSync(new URL(`./testdata/schema-${schema}.kodo.gz`, import.meta.url))),
  );
  return path;
}

test("0009 makes each set of before one group, and nothing else of the library another", () =>
  inFolder((folder) => {
    const library = openLibrary(kept(folder, 8));
    const [first, second] = library.listRecordings();
    const annotations = [first!.id, second!.id].flatMap((id) => library.listAnnotations(id));
    expect(annotations.map((one) => [one.label, one.labelSet, one.labelSetVersion, one.text])).toEqual([
      ["contraction", "ctg-events", 1, undefined],
      ["deceleration", "ctg-events", 1, undefined],
      ["note", "ctg-events", 1, undefined],
      ["acceleration", "ctg-events", 1, undefined],
      ["deceleration", "ctg-events", 1, undefined],
      ["noisy", "signal-quality", 2, undefined],
      ["wehe-stark-086708c2", "imported", 1, "Wehe 'stark'"],
    ]);
    const quality = library.getLabelSet("signal-quality");
    expect([quality.version, quality.name.ja, quality.groups]).toEqual([2, "品質", [ALL_LABELS]]);
    const imported = library.getLabelSet("imported");
    expect(imported.groups).toEqual([ALL_LABELS]);
    expect(imported.labels.map(({ name }) => name.en)).toEqual(["Wehe 'stark'", "体動"]);
    for (const set of [quality, imported, library.getLabelSet("ctg-events", 1)])
      expect([set.id, library.saveLabelSet(set).groups]).toEqual([set.id, [ALL_LABELS]]);
    expect(library.listReadings(first!.id)).toMatchObject([{ labelSet: "ctg-events", labelSetVersion: 1 }]);
    const [run] = library.listRuns();
    const [summary] = library.summariseRuns();
    expect(summary).toEqual(run && runSummary(run));
    expect(summary?.says).toBe(run?.metrics && "windows");
    expect(run?.config.data.labels).toEqual(["acceleration", "deceleration", "contraction"]); // of two groups, as it was
    expect(library.loadModel("run-1", "model")).toEqual(Uint8Array.of(1, 2, 3));
    expect(library.listPredictions(first!.id)).toHaveLength(1);
    expect(library.undo(second!.id).step).toEqual({ kind: "annotation", what: "add" });
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }));

test.each([2, 4, 8] as const)(
  "the built-in CTG set of schema %i gets its groups as its next version",
  (schema) =>
    inFolder((folder) => {
      const path = kept(folder, schema);
      openLibrary(path).close();
      const library = openLibrary(path); // a second start changes nothing
      const set = library.getLabelSet("ctg-events");
      expect(set).toEqual({ ...LabelSet.parse(ctgEvents), version: 2 });
      expect(library.saveLabelSet(set).version).toBe(2);
      const before = library.getLabelSet("ctg-events", 1);
      expect(before.groups).toEqual([ALL_LABELS]);
      expect(before.labels.map(({ code }) => code).sort()).toEqual(set.labels.map(({ code }) => code).sort());
      library.close();
    }),
);

test("a CTG set that a person changed becomes one group and stays theirs; a damaged row stays damaged", () =>
  inFolder((folder) => {
    const path = kept(folder, 8);
    const raw = new Sqlite(path);
    const content = raw
      .prepare("SELECT content FROM label_set WHERE id = 'ctg-events'")
      .pluck()
      .get() as string;
    const theirs = content.replace("Late deceleration", "Late \\u00b7 dip's");
    raw
      .prepare("INSERT INTO label_set VALUES ('ctg-events', 2, ?, '2026', ?)")
      .run(theirs, rowCrc(["ctg-events", 2, theirs, "2026"]));
    raw.exec("UPDATE label_set SET created_at = '1999' WHERE id = 'emg-gestures'");
    raw.close();
    const library = openLibrary(path);
    const set = library.getLabelSet("ctg-events");
    expect([set.version, set.groups]).toEqual([2, [ALL_LABELS]]);
    expect(set.labels.map(({ name }) => name.en)).toContain("Late · dip's");
    expect(() => library.getLabelSet("emg-gestures")).toThrow("is damaged");
    library.close();
  }));
