import Sqlite from "better-sqlite3";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import type { NewAnnotation } from "../../../preload/contract/annotation.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { Papers } from "../api.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp } from "../testing.ts";

const uc = channelHeader({ label: "UC", role: "uc", unit: "" });
const N = 40_000;

const label = (recordingId: string, change: Partial<NewAnnotation> = {}): NewAnnotation => ({
  ...{
    recordingId,
    label: "deceleration",
    labelSet: "ctg-events",
    labelSetVersion: 1,
    onsetS: 10,
    durationS: 30,
  },
  ...{ author: "Ito", source: "person", note: "" },
  ...change,
});

/** Two channels, gaps, a flat stretch, labels, masks, a reading and a history. */
function lived(library: OpenLibrary): string {
  const id = library.createRecording(newRecording([channelHeader(), uc]));
  const flat = ramp(N);
  flat.fill(7, 4000, 6000);
  library.appendBlocks(id, [
    block(0, 0, ramp(N), [{ first: 100, count: 50, reason: maskReasons.missingInSource }]),
    block(1, 0, flat.slice(0, 30_000)),
    block(1, 32_000, flat.slice(32_000)),
  ]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  library.changeRecording(id, { note: "twins" });
  const [kept] = library.addAnnotations([label(id), label(id, { onsetS: 900 })]);
  library.addMask({
    ...{ recordingId: id, channel: 0, layer: "person", reason: maskReasons.artefactByPerson },
    ...{ onsetS: 60, durationS: 20, author: "Ito" },
  });
  library.changeAnnotation({ id: kept?.id ?? "", durationS: 44 });
  library.addReading({
    ...{
      recordingId: id,
      labelSet: "ctg-events",
      labelSetVersion: 1,
      author: "Ito",
      onsetS: 0,
      durationS: 600,
    },
  });
  library.undo(id);
  library.setCtgContext(id, { gestationDays: 280, isLabour: true, anchors: [{ atS: 60, bpm: 140 }] });
  return id;
}

/** As another library takes it. */
function moved(from: OpenLibrary, to: OpenLibrary, id: string): void {
  const { name, kind, subject, study, synthetic, startedAt, facts, source, channels } = from.getRecording(id);
  to.createRecording({
    ...{ id, subject, study, synthetic, source, state: "importing" },
    header: { name, kind, subject, startedAt, facts, channels },
  });
  channels.forEach((_, channel) => {
    for (let at = 0; ;) {
      const blocks = from.storedBlocks(id, channel, at);
      const last = blocks.at(-1);
      if (last === undefined) break;
      at = last.firstSample + last.samples.length;
      to.appendBlocks(id, blocks);
    }
  });
  to.closeWithPapers(id, from.papersOf(id));
}

const both = <T>(work: (here: OpenLibrary, there: OpenLibrary) => T): Promise<T> =>
  inFolder((folder) => {
    const [here, there] = ["here", "there"].map((name) => openLibrary(join(folder, `${name}.kodo`)));
    if (here === undefined || there === undefined) throw new Error("two libraries");
    try {
      return work(here, there);
    } finally {
      here.close();
      there.close();
    }
  });

test("a recording in another library is the same, its gaps, masks, labels and history too", () =>
  both((here, there) => {
    const id = lived(here);
    moved(here, there, id);
    expect(there.checksum(id)).toEqual(here.checksum(id));
    expect(there.papersOf(id)).toEqual(here.papersOf(id));
    expect({ ...there.getRecording(id), importedAt: "" }).toEqual({
      ...here.getRecording(id),
      importedAt: "",
    });
    for (const channel of [0, 1]) {
      expect(there.samples(id, channel, 0, N)).toEqual(here.samples(id, channel, 0, N));
      expect(there.tiles(id, channel, 256, 0, 1)).toEqual(here.tiles(id, channel, 256, 0, 1));
    }
    expect(there.getCtgContext(id)).toEqual(here.getCtgContext(id));
    for (let i = 0; i < 4; i += 1) there.undo(id);
    expect([there.listAnnotations(id), there.history(id).undo]).toEqual([[], 0]);
  }));

test("what others marked comes beside what is here, never over it; what was removed here stays away", () =>
  both((here, there) => {
    const id = lived(here);
    moved(here, there, id);
    const [first, second] = here.listAnnotations(id);
    if (first === undefined || second === undefined) throw new Error("two labels");
    there.changeAnnotation({ id: first.id, onsetS: 12 });
    there.addAnnotations([label(id, { author: "Mori", onsetS: 500 })]);
    here.removeAnnotation(second.id);
    const before = here.listAnnotations(id);
    const merged = here.mergePapers(id, { papers: there.papersOf(id), lane: "archive" });
    expect(merged).toEqual({ added: 2, beside: 1, leftOut: 1 });
    const after = here.listAnnotations(id);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.map(({ author, onsetS }) => [author, onsetS])).toEqual([
      ["Ito", 10],
      ["Ito (archive)", 12],
      ["Mori", 500],
    ]);
    const again = here.mergePapers(id, { papers: there.papersOf(id), lane: "archive" });
    expect(again).toEqual({ added: 0, beside: 0, leftOut: 1 });
    const lane = here.listAnnotations(id).find(({ author }) => author === "Ito (archive)");
    here.removeAnnotation(lane?.id ?? "");
    here.mergePapers(id, { papers: there.papersOf(id), lane: "archive" });
    expect(here.listAnnotations(id).map(({ author }) => author)).toEqual(["Ito", "Mori"]);
    here.undo(id);
    here.undo(id);
    expect(here.listAnnotations(id)).toEqual(before);
  }));

test("masks and readings that differ under one id come beside, once; what says the same under another id does not come", () =>
  both((here, there) => {
    const id = lived(here);
    const read = { recordingId: id, labelSet: "ctg-events", labelSetVersion: 1, author: "Ito" };
    here.addReading({ ...read, onsetS: 0, durationS: 600 });
    moved(here, there, id);
    const papers = there.papersOf(id);
    const differing: Papers = {
      ...papers,
      masks: papers.masks.flatMap((one) => [
        one.layer === "person" ? { ...one, durationS: 33 } : one,
        { ...one, id: `${one.id}-again` },
      ]),
      readings: papers.readings.map((one) => ({ ...one, durationS: 44 })),
    };
    const merge = () => here.mergePapers(id, { papers: differing, lane: "archive" });
    const before = papers.masks.length;
    expect(merge()).toEqual({ added: 2, beside: 2, leftOut: 0 });
    expect(merge()).toEqual({ added: 0, beside: 0, leftOut: 0 });
    expect(here.listMasks(id)).toHaveLength(before + 1);
    expect(here.listReadings(id).map(({ durationS }) => durationS)).toEqual([600, 44]);
    const laid = here.listMasks(id).find(({ durationS }) => durationS === 33);
    here.removeMask(laid?.id ?? "");
    expect(merge()).toEqual({ added: 0, beside: 0, leftOut: 0 });
    expect(here.listMasks(id)).toHaveLength(before);
  }));

test("papers that speak of another recording, or in a label set that is not here, change nothing", () =>
  both((here, there) => {
    const id = lived(here);
    moved(here, there, id);
    const other = lived(there);
    const papers = here.papersOf(id);
    const bad = [
      { ...papers, annotations: there.listAnnotations(other) },
      {
        ...papers,
        annotations: papers.annotations.map((one) => ({ ...one, id: "new", labelSet: "unknown" })),
      },
    ];
    for (const one of bad) expect(() => there.mergePapers(id, { papers: one, lane: "x" })).toThrow(AppError);
    expect(there.papersOf(id)).toEqual(papers);
  }));

test("papers under the ids of another recording's, or with a history that would reach into it, change nothing", () =>
  both((here, there) => {
    const id = lived(here);
    moved(here, there, id);
    const other = lived(there);
    const papers = here.papersOf(id);
    const [before, theirs] = [there.papersOf(other), there.listAnnotations(other)[0]];
    const history = (changes: string): Papers => ({
      ...papers,
      steps: [{ kind: "annotation", what: "add", changes, author: "x", at: "", isUndone: false }],
    });
    const aimed = { ...papers.annotations[0], id: theirs?.id };
    const bad = [
      { ...papers, annotations: papers.annotations.map((one) => ({ ...one, id: theirs?.id ?? "" })) },
      { ...papers, masks: papers.masks.map((one) => ({ ...one, id: there.listMasks(other)[0]?.id ?? "" })) },
      { ...papers, context: papers.context && { ...papers.context, recordingId: other } },
      history("no changes"),
      history('[{ "before": null }]'),
      history(JSON.stringify([{ before: theirs, after: null }])),
      history(JSON.stringify([{ before: aimed, after: null }])),
      history(JSON.stringify([{ before: null, after: aimed }])),
    ];
    for (const one of bad)
      expect(() => there.mergePapers(id, { papers: one, lane: "x" })).toThrow(/belongs to another recording/);
    expect([there.papersOf(id), there.papersOf(other)]).toEqual([papers, before]);
  }));

/** A library with one recording whose file is changed behind its back. */
const damaged = (sql: string, work: (library: OpenLibrary, id: string) => void): Promise<void> =>
  inFolder((folder) => {
    const path = join(folder, "damaged.kodo");
    const library = openLibrary(path);
    const id = lived(library);
    library.close();
    const raw = new Sqlite(path);
    raw.exec(sql);
    raw.close();
    const again = openLibrary(path);
    try {
      work(again, id);
    } finally {
      again.close();
    }
  });

test.each([
  [
    "its row",
    "UPDATE recording SET name = 'other'",
    (library: OpenLibrary, id: string) => library.papersOf(id),
  ],
  [
    "a step",
    "UPDATE edit_step SET author = 'other'",
    (library: OpenLibrary, id: string) => library.papersOf(id),
  ],
  [
    "a block",
    "UPDATE block SET samples = zeroblob(length(samples)) WHERE first_sample = 0",
    (library: OpenLibrary, id: string) => library.storedBlocks(id, 0, 0),
  ],
])("what is damaged is not handed on as whole: %s", (_, sql, ask) =>
  damaged(sql, (library, id) => {
    expect(() => ask(library, id)).toThrow(expect.objectContaining({ code: "storage/corrupt" }));
  }),
);

test("facts for reading that are damaged are known no more, and the recording is not handed on", () =>
  damaged("UPDATE ctg_context SET author = 'other'", (library, id) => {
    expect(library.getCtgContext(id)).toBeUndefined();
    expect(() => library.papersOf(id)).toThrow(expect.objectContaining({ code: "storage/corrupt" }));
    expect(library.listAnnotations(id)).toHaveLength(2);
  }));

test("a recording that is still written has no papers yet; one without facts takes those of others", () =>
  both((here, there) => {
    const open = here.createRecording(newRecording());
    expect(() => here.papersOf(open)).toThrow(expect.objectContaining({ code: "storage/in-use" }));
    const id = lived(here);
    here.setCtgContext(id, null);
    moved(here, there, id);
    expect(there.getCtgContext(id)).toBeUndefined();
    there.setCtgContext(id, { isLabour: false, anchors: [] });
    there.addMask({
      ...{ recordingId: id, channel: 0, layer: "person", reason: maskReasons.artefactByPerson },
      ...{ onsetS: 500, durationS: 20, author: "Mori" },
    });
    there.redo(id);
    there.addReading({
      ...{
        recordingId: id,
        labelSet: "ctg-events",
        labelSetVersion: 1,
        author: "Mori",
        onsetS: 700,
        durationS: 60,
      },
    });
    expect(here.mergePapers(id, { papers: there.papersOf(id), lane: "archive" }).added).toBe(3);
    expect(here.getCtgContext(id)?.isLabour).toBe(false);
    expect(here.mergePapers(id, { papers: there.papersOf(id), lane: "archive" }).added).toBe(0);
  }));

test("a version of a label set is taken as it is, once, and never over another of its number", () =>
  both((here, there) => {
    const set = here.getLabelSet("emg-gestures");
    const next = here.saveLabelSet({ ...set, name: { en: "Gestures of ours", ja: "" } });
    there.takeLabelSet(next);
    there.takeLabelSet(next);
    expect(there.getLabelSet(next.id, next.version)).toEqual(next);
    const other = { ...next, name: { en: "Others", ja: "" } };
    expect(() => there.takeLabelSet(other)).toThrow(
      expect.objectContaining({ code: "data/label-set-differs" }),
    );
  }));

test("what another reader marked is changed only by who was asked about it", () =>
  both((here) => {
    here.changeSettings({ author: "Mori" });
    const id = lived(here);
    const [label1] = here.listAnnotations(id);
    const remove = (isOwnOnly: boolean): string => here.removeAnnotation(label1?.id ?? "", { isOwnOnly });
    expect(() => remove(true)).toThrow(expect.objectContaining({ code: "data/other-reader" }));
    expect(remove(false)).toBe(id);
    const [own] = here.addAnnotations([label(id, { author: "Mori", onsetS: 50 })]);
    expect(here.removeAnnotation(own?.id ?? "", { isOwnOnly: true })).toBe(id);
  }));
