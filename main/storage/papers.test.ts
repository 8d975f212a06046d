import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { openLibrary, type OpenLibrary } from "./open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp } from "./testing.ts";

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
    here.undo(id);
    expect(here.listAnnotations(id)).toEqual(before);
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
