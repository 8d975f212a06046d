import { expect, test } from "vitest";
import type { NewAnnotation } from "../../../preload/contract/annotation.ts";
import { CtgContext } from "../../../preload/contract/ctg.ts";
import type { FindingOrigin } from "../../../preload/contract/finding.ts";
import type { Verdicts } from "../../../preload/contract/verdict.ts";
import type { OpenLibrary } from "../open-library.ts";
import { block, newRecording, ramp, withLibrary } from "../testing.ts";

const rule: FindingOrigin = { kind: "rule", rule: "ctg/figo-2015", version: "1", config: { draws: 0 } };

const verdicts = (minutes: number): Verdicts => ({
  kind: "verdicts",
  scheme: "figo-2015",
  codes: ["normal", "suspicious", "pathological"],
  verdicts: Array.from({ length: minutes }, (_, i) => ({
    ...{ onsetS: 60 * i, durationS: 60, code: i === 0 ? null : "normal", value: i / 4 },
    ...{ probability: { normal: 0.75, suspicious: 0.25 }, assessable: i / minutes },
    reasons: [
      {
        code: "baseline-normal",
        clause: "FIGO 2015, Table 3: baseline",
        evidence: "verified" as const,
        values: { bpm: 140, of: "FHR" },
      },
    ],
    missing: [],
  })),
});

/** Ten minutes of heart rate at 4 Hz. */
function record(library: OpenLibrary): string {
  const id = library.createRecording(newRecording());
  library.appendBlocks(id, [block(0, 0, ramp(2400))]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}

test("verdicts come back as they were, whole or those that touch a span, and a list of them carries none", () =>
  withLibrary((library) => {
    const recordingId = record(library);
    const saved = library.saveFinding({ recordingId, origin: rule, content: verdicts(10) });
    expect(library.getFinding(saved.id).content).toEqual(verdicts(10));
    const { content } = library.getFinding(saved.id, { fromS: 119, toS: 180 });
    expect(content).toEqual({ ...verdicts(10), verdicts: verdicts(10).verdicts.slice(1, 3) });
    expect(library.listFindings(recordingId)[0]?.content).toEqual({ ...verdicts(0), verdicts: 10 });
  }));

test("what is known of a recording is kept whole, in order of time, and undone and done again with the rest", () =>
  withLibrary((library) => {
    const recordingId = record(library);
    expect(library.getCtgContext(recordingId)).toBeUndefined();
    const first = CtgContext.parse({ gestationDays: 280, isLabour: true });
    const anchors = [
      { atS: 300, bpm: 140 },
      { atS: 60, bpm: 135 },
    ];
    library.setCtgContext(recordingId, first);
    library.setCtgContext(recordingId, first); // nothing new: no step
    library.setCtgContext(recordingId, { ...first, anchors });
    expect(library.getCtgContext(recordingId)?.anchors).toEqual(anchors.toReversed());
    expect(library.undo(recordingId).step).toEqual({ kind: "context", what: "change" });
    expect(library.getCtgContext(recordingId)).toEqual(first);
    expect(library.undo(recordingId).step).toEqual({ kind: "context", what: "add" });
    expect(library.getCtgContext(recordingId)).toBeUndefined();
    expect(library.redo(recordingId).history).toEqual({ undo: 1, redo: 1 });
    expect(library.getCtgContext(recordingId)).toEqual(first);
    library.setCtgContext(recordingId, null);
    expect(library.getCtgContext(recordingId)).toBeUndefined();
    expect(library.history(recordingId)).toEqual({ undo: 2, redo: 0 });
    expect(() => library.setCtgContext(recordingId, { gestationDays: 3, anchors: [] })).toThrow(
      expect.objectContaining({ code: "contract/bad-params" }),
    );
    const details = library.readLog(20).filter(({ action }) => action.startsWith("context."));
    expect(details).toHaveLength(6);
    expect(details.map(({ detail }) => detail).join(" ")).not.toContain("280"); // which facts, never what they are
  }));

test("what rules said is outdated by a mask, by its undoing and by other facts; what a run said is not", () =>
  withLibrary((library) => {
    const recordingId = record(library);
    const save = () => library.saveFindings([{ recordingId, origin: rule, content: verdicts(3) }]);
    const isOutdated = () => library.listFindings(recordingId).map((one) => one.isOutdated);
    save();
    expect(isOutdated()).toEqual([false]);
    library.addMask({
      ...{ recordingId, layer: "person", reason: 7, onsetS: 0, durationS: 60, author: "Mori" },
    });
    expect(isOutdated()).toEqual([true]);
    save();
    expect(isOutdated()).toEqual([false]); // replaced
    library.undo(recordingId);
    expect(isOutdated()).toEqual([true]);
    save();
    library.setCtgContext(recordingId, { anchors: [{ atS: 30, bpm: 140 }] });
    expect(isOutdated()).toEqual([true]);
    save();
    library.addAnnotations([
      {
        ...{ recordingId, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 },
        ...{ onsetS: 0, durationS: 40, author: "Mori", source: "person", note: "" },
      },
    ]);
    expect(isOutdated()).toEqual([false]);
  }));

test("what rules said is outdated by a movement that a person marked, by its undoing, and by none that a monitor saw", () =>
  withLibrary((library) => {
    const recordingId = record(library);
    const { version } = library.getLabelSet("recording-marks");
    const mark: NewAnnotation = {
      ...{ recordingId, label: "fetal-movement", labelSet: "recording-marks", labelSetVersion: version },
      ...{ onsetS: 30, durationS: 0, author: "Mori", source: "person", note: "" },
    };
    const bases = new Set([library.basisOf(recordingId).whole]);
    const outdates = (edit: () => unknown): boolean => {
      library.saveFindings([{ recordingId, origin: rule, content: verdicts(3) }]);
      edit();
      return library.listFindings(recordingId).some((one) => one.isOutdated);
    };
    expect(outdates(() => library.addAnnotations([mark]))).toBe(true);
    bases.add(library.basisOf(recordingId).whole);
    expect(outdates(() => library.undo(recordingId))).toBe(true);
    expect(bases).toContain(library.basisOf(recordingId).whole);
    expect(outdates(() => library.redo(recordingId))).toBe(true);
    const [id = ""] = library.listAnnotations(recordingId).map((one) => one.id);
    expect(outdates(() => library.changeAnnotation({ id, onsetS: 40 }))).toBe(true);
    bases.add(library.basisOf(recordingId).whole);
    expect(outdates(() => library.changeAnnotation({ id, label: "note" }))).toBe(true);
    expect(outdates(() => library.addAnnotations([{ ...mark, source: "import" }]))).toBe(false);
    expect(outdates(() => library.removeAnnotation(id))).toBe(false);
    expect(bases.size).toBe(3);
  }));

test("what was read of a recording that has changed meanwhile is kept as outdated, and what it replaces goes", () =>
  withLibrary((library) => {
    const recordingId = record(library);
    const other: FindingOrigin = { ...rule, config: { draws: 200 } };
    const [before] = library.saveFindings([{ recordingId, origin: other, content: verdicts(1) }]);
    const { whole: basis, samples } = library.basisOf(recordingId);
    expect(library.basisOf(recordingId)).toMatchObject({ whole: basis, samples });
    const read = [{ recordingId, origin: rule, content: verdicts(3) }];
    expect(library.saveFindings(read, { basis })).toMatchObject([{ isOutdated: false }]);
    library.setCtgContext(recordingId, { isLabour: true, anchors: [] });
    expect(library.basisOf(recordingId).samples).toBe(samples);
    expect(library.saveFindings(read, { basis, replaced: [before?.id ?? "", "gone"] })).toMatchObject([
      { isOutdated: true },
    ]);
    expect(library.listFindings(recordingId)).toMatchObject([{ isOutdated: true, origin: rule }]);
  }));

test("a reading may be of one group of labels, and then says nothing of the others", () =>
  withLibrary((library) => {
    const recordingId = record(library);
    const { version } = library.getLabelSet("ctg-events");
    const reading = {
      ...{ recordingId, labelSet: "ctg-events", labelSetVersion: version, author: "Mori" },
      ...{ onsetS: 0, durationS: 600 },
    };
    const added = library.addReading({ ...reading, group: "contractions" });
    expect(library.listReadings(recordingId)).toEqual([added]);
    expect(added.group).toBe("contractions");
    library.undo(recordingId);
    library.redo(recordingId);
    expect(library.listReadings(recordingId)).toEqual([added]);
    expect(() => library.addReading({ ...reading, group: "weather" })).toThrow(
      expect.objectContaining({ code: "data/label-unknown" }),
    );
  }));
