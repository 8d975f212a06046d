import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { NewAnnotation } from "../../../preload/contract/annotation.ts";
import { block, newRecording, ramp, withLibrary } from "../testing.ts";

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
