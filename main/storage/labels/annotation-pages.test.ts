import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NewAnnotation } from "../../../preload/contract/annotation.ts";
import { block, newRecording, ramp, withLibrary } from "../testing.ts";
import { isSound } from "./annotations.ts";

test("annotations come in pages, in order of time, those of one label alone where they are asked for; damaged ones are left out", () =>
  withLibrary((library, path) => {
    const recordingId = library.createRecording(newRecording());
    library.appendBlocks(recordingId, [block(0, 0, ramp(400))]);
    library.closeRecording(recordingId, { state: "complete", repairs: [] });
    const { version } = library.getLabelSet("recording-marks");
    const marks = Array.from({ length: 25 }, (_, i): NewAnnotation => ({
      ...{ recordingId, label: i % 5 === 0 ? "fetal-movement" : "note", labelSet: "recording-marks" },
      ...{ labelSetVersion: version, onsetS: Math.floor(i / 3), durationS: 0 }, // three at a time
      ...{ author: "Mori", source: "person", note: String(i) },
    }));
    library.addAnnotations(marks);
    const notes = (wanted: { most: number; label?: string }): string[] => {
      const all: string[] = [];
      let page = library.annotationPage(recordingId, wanted);
      for (;;) {
        expect(page.annotations.length).toBeLessThanOrEqual(wanted.most);
        all.push(...page.annotations.map(({ note }) => note));
        if (page.next === undefined) return all;
        page = library.annotationPage(recordingId, { ...wanted, after: page.next });
      }
    };
    const all = marks.map(({ note }) => note);
    for (const most of [1, 4, 5, 25, 100]) expect(notes({ most })).toEqual(all);
    expect(notes({ most: 2, label: "fetal-movement" })).toEqual(["0", "5", "10", "15", "20"]);
    const raw = new Database(path);
    raw.prepare("UPDATE annotation SET note = 'x' WHERE note = '7'").run();
    raw.close();
    expect(notes({ most: 4 })).toEqual(all.filter((note) => note !== "7"));
  }));

const beat = (recordingId: string, i: number): NewAnnotation => ({
  ...{ recordingId, label: "note", labelSet: "recording-marks", labelSetVersion: 1, text: `beat ${i}` },
  ...{ onsetS: i / 100, durationS: 0, author: "a.csv", source: "import", note: i % 2 === 0 ? "" : `n ${i}` },
  ...(i % 3 === 0 ? { channel: 0 } : {}),
});

test("many that come at once are written a hundred at a time, side by side, and each is what it was", () => {
  let statements = 0;
  const beforeWrite = (sql: string): void => {
    if (sql.startsWith("INSERT INTO annotation ")) statements++;
  };
  return withLibrary(
    (library) => {
      const recordingId = library.createRecording(newRecording());
      const marks = Array.from({ length: 450 }, (_, i) => beat(recordingId, i));
      const added = library.addAnnotations(marks);
      expect(statements).toBe(4 + 50); // the rest one by one
      const there = library.listAnnotations(recordingId);
      expect(there).toEqual(added);
      expect(there.map((one) => NewAnnotation.parse(one))).toEqual(marks);
      const ids = there.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(ids.map((id) => id.slice(0, 24))).size).toBe(1);
      expect(ids).toEqual(ids.toSorted());
      expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      library.addAnnotations([beat(recordingId, 0)]);
      expect(
        library.listAnnotations(recordingId).filter(({ id }) => id.startsWith(ids[0]!.slice(0, 24))),
      ).toEqual(there);
      library.undo(recordingId);
      library.undo(recordingId);
      expect(library.listAnnotations(recordingId)).toEqual([]);
      library.redo(recordingId);
      expect(library.listAnnotations(recordingId)).toEqual(added);
    },
    { beforeWrite },
  );
});

test("an annotation is taken as it is where the schema would take it, and refused by the schema where not", () => {
  const odd = fc.oneof(
    fc.constantFrom(undefined, null, "", "x", -1, 0, 0.5, 1, 2, 2 ** 53, Number.NaN, Infinity, true, {}),
    fc.constantFrom("person", "model", "import"),
  );
  const fields = Object.keys(NewAnnotation.shape);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...fields), odd), { maxLength: 3 }), (changes) => {
      const one = { ...beat("r", 0), ...Object.fromEntries(changes) };
      expect(isSound(one)).toBe(NewAnnotation.safeParse(one).success);
    }),
    { numRuns: 2000 },
  );
});

test("the labels of a set that were read are read again where its row is another", () =>
  withLibrary((library, path) => {
    const recordingId = library.createRecording(newRecording());
    library.addAnnotations([beat(recordingId, 0)]);
    library.addAnnotations([beat(recordingId, 1)]);
    const raw = new Database(path);
    raw
      .prepare("UPDATE label_set SET content = '{}', row_crc = row_crc + 1 WHERE id = 'recording-marks'")
      .run();
    raw.close();
    expect(() => library.addAnnotations([beat(recordingId, 2)])).toThrow(
      expect.objectContaining({ code: "storage/corrupt" }),
    );
    expect(library.listAnnotations(recordingId)).toHaveLength(2);
  }));
