import Sqlite from "better-sqlite3";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import type { NewReading } from "../../preload/contract/reading.ts";
import { LabelSet, withLabels } from "../../preload/contract/label-set.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { BinnedRecording, RecordingDetail, RecordingSummary } from "../../preload/contract/recording.ts";
import type { Prediction, Run } from "../../preload/contract/run.ts";
import { BinnedRun, RunConfig } from "../../preload/contract/run.ts";
import { defaultSettings } from "../../preload/contract/settings.ts";
import { Database } from "./file/database.ts";
import { openLibrary, type OpenLibrary } from "./open-library.ts";
import { isAlive, thisProcess } from "./file/owner.ts";
import {
  block,
  channelHeader,
  inFolder,
  newRecording,
  ramp,
  withLibrary as withNew,
  purgeWhole,
} from "./testing.ts";

const withLibrary = <T>(work: (library: OpenLibrary, path: string) => T | Promise<T>): Promise<T> =>
  withNew(work, { now: () => new Date("2026-11-24T00:00:00Z") });

const annotation = (recordingId: string, change: Partial<NewAnnotation> = {}): NewAnnotation => ({
  recordingId,
  label: "deceleration",
  labelSet: "ctg-events",
  labelSetVersion: 1,
  onsetS: 10,
  durationS: 20,
  author: "Mori",
  source: "person",
  note: "",
  ...change,
});

const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

test("a recording is listed as it was made, with the share that its worst channel misses, and both shapes satisfy the contract", () =>
  withLibrary((library) => {
    const id = library.createRecording(
      newRecording([channelHeader(), channelHeader({ label: "UC", role: "uc", sampleRate: 2 })]),
    );
    library.appendBlocks(id, [
      block(0, 0, ramp(400), [{ first: 0, count: 100, reason: 1 }]),
      block(1, 0, ramp(100)),
    ]);
    library.closeRecording(id, {
      state: "complete",
      sha256: "ab".repeat(32),
      repairs: [{ code: "X", severity: "warning", message: "mended" }],
    });
    const detail = RecordingDetail.parse(library.getRecording(id));
    expect(detail).toMatchObject({
      name: "1001",
      state: "complete",
      durationS: 100,
      missingShare: 0.25, // FHR; UC misses nothing
      startedAt: "2020-01-02T03:04:05",
      importedAt: "2026-11-24T00:00:00.000Z",
      repairCount: 1,
      source: { format: "test", file: "1001.dat", sha256: "ab".repeat(32) },
      facts: { pH: "7.21" },
      note: "",
    });
    expect(library.listRecordings().map((summary) => RecordingSummary.parse(summary))).toEqual([
      RecordingSummary.parse(detail),
    ]);
  }));

test("a recording is found by its id, or by its name when that is unique", () =>
  withLibrary((library) => {
    const a = library.createRecording(newRecording());
    expect(library.findRecording("1001")).toBe(a);
    const b = library.createRecording(newRecording());
    expect(library.findRecording("1001")).toBeUndefined();
    expect(library.findRecording(b)).toBe(b);
    library.removeRecording(a);
    expect(library.findRecording("1001")).toBe(b);
    expect(library.findRecording(a)).toBeUndefined();
  }));

test("facts about a recording can be changed, are logged by what they are and not by what they say, and a wrong one changes nothing", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    expect(library.changeRecording(id, { name: "A", note: "twin", kind: "other" })).toMatchObject({
      name: "A",
      note: "twin",
      kind: "other",
      subject: "S1",
    });
    expect(JSON.parse(library.readLog(1)[0]!.detail)).toEqual({ fields: ["name", "note", "kind"] });
    expect(thrown(() => library.changeRecording(id, { name: "" }))).toMatchObject({
      code: "contract/bad-params",
    });
    expect(library.getRecording(id).name).toBe("A");
  }));

test("a removed recording comes back from the bin with everything; a purged one is gone with everything", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(300_000))]);
    library.addAnnotations([annotation(id)]);
    library.removeRecording(id);
    expect(library.listRecordings()).toEqual([]);
    expect(library.restoreRecording(id)).toMatchObject({ id, annotationCount: 1 });
    library.purgeRecording(id);
    expect(thrown(() => library.getRecording(id))).toMatchObject({ code: "storage/not-found" });
    const raw = new Sqlite(path, { readonly: true });
    for (const table of ["recording", "channel", "block", "pyramid", "annotation", "edit_step"]) {
      expect(raw.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 });
    }
    expect(raw.pragma("freelist_count", { simple: true })).toBe(0);
    raw.close();
  }));

test("the bin lists what lies in it, the last first, and gives back or purges; what is being written stays", () =>
  withLibrary((library) => {
    const make = (): string => library.createRecording(newRecording());
    const closed = (id: string): string => library.closeRecording(id, { state: "complete", repairs: [] }).id;
    const [a, b, c] = [closed(make()), closed(make()), make()];
    library.removeRecording(a);
    library.removeRecording(b);
    expect(BinnedRecording.array().parse(library.binPage({}).rows)).toMatchObject([{ id: b }, { id: a }]);
    library.restoreRecording(b);
    expect(purgeWhole(library, [a, b])).toEqual({ count: 2, copies: [] });
    expect(library.binPage({}).rows).toEqual([]);
    expect(thrown(() => purgeWhole(library, [c]))).toMatchObject({ code: "storage/in-use" });
    expect(library.listRecordings()).toMatchObject([{ id: c }]);
    library.saveRun(run("r"));
    library.removeRun("r");
    expect(BinnedRun.array().parse(library.listRunBin())).toMatchObject([{ id: "r" }]);
    library.purgeRuns(["r"]);
    expect(library.listRunBin()).toEqual([]);
    expect(thrown(() => library.purgeRuns(["r"]))).toMatchObject({ code: "storage/not-found" });
  }));

test("a purge cut short goes on at the next opening", () =>
  inFolder((folder) => {
    const path = join(folder, "p.kodo");
    let fails = false;
    const library = openLibrary(path, {
      beforeWrite: (sql) => {
        if (fails && sql.startsWith("DELETE FROM block")) throw new Error("planted");
      },
    });
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(100_000))]);
    fails = true;
    expect(() => library.purgeRecording(id)).toThrow("planted");
    expect(library.listRecordings()).toEqual([]);
    library.close();
    const again = openLibrary(path);
    expect(thrown(() => again.checksum(id))).toMatchObject({ code: "storage/not-found" });
    again.close();
    const raw = new Sqlite(path, { readonly: true });
    expect(raw.prepare("SELECT count(*) AS n FROM block").get()).toEqual({ n: 0 });
    raw.close();
  }));

test("mask spans hide samples from the counts and give them back", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording([channelHeader(), channelHeader({ label: "UC" })]));
    library.appendBlocks(id, [block(0, 0, ramp(400)), block(1, 0, ramp(400))]);
    const span = library.addMask({
      recordingId: id,
      channel: 1,
      layer: "person",
      reason: 7,
      onsetS: 10,
      durationS: 5,
      author: "Mori",
    });
    library.addMask({
      recordingId: id,
      layer: "model",
      reason: 8,
      onsetS: 12.5,
      durationS: 5,
      author: "run",
    });
    expect(library.listMasks(id)).toMatchObject([span, { layer: "model", reason: 8 }]);
    expect(library.getRecording(id).channels.map((channel) => channel.observedCount)).toEqual([380, 370]);
    expect([...library.samples(id, 1, 40, 30).reasons]).toEqual([
      ...Array<number>(20).fill(7),
      ...Array<number>(10).fill(8),
    ]);
    library.appendBlocks(id, [block(0, 400, ramp(10))]);
    library.removeMask(span.id);
    expect(library.getRecording(id).channels.map((channel) => channel.observedCount)).toEqual([390, 380]);
    expect(
      thrown(() =>
        library.addMask({
          recordingId: id,
          channel: 2,
          layer: "person",
          reason: 7,
          onsetS: 0,
          durationS: 1,
          author: "",
        }),
      ),
    ).toMatchObject({ code: "storage/not-found" });
    expect(
      thrown(() =>
        library.addMask({ recordingId: id, layer: "person", reason: 0, onsetS: 0, durationS: 1, author: "" }),
      ),
    ).toMatchObject({ code: "contract/bad-params" });
    expect(thrown(() => library.removeMask("none"))).toMatchObject({ code: "storage/not-found" });
  }));

test("who reads blind is shown samples with their own masks and those of rules, where it is asked for; counts stay whole", () =>
  withLibrary((library) => {
    const [id, other] = [newRecording(), newRecording()].map((one) => library.createRecording(one));
    for (const one of [id ?? "", other ?? ""]) {
      library.appendBlocks(one, [block(0, 0, ramp(400))]);
      const span = { recordingId: one, durationS: 5 };
      library.addMask({ ...span, layer: "person", reason: 7, onsetS: 0, author: "Mori" });
      library.addMask({ ...span, layer: "person", reason: 6, onsetS: 5, author: "Ito" });
      library.addMask({ ...span, layer: "model", reason: 8, onsetS: 10, author: "run" });
      library.addMask({ ...span, layer: "rule", reason: 5, onsetS: 15, author: "rule" });
    }
    const shown = (one: string | undefined, keepsBlind?: boolean): number[][] => {
      const { reasons } = library.samples(one ?? "", 0, 0, 400, keepsBlind);
      const { mask } = library.digitalBlock(one ?? "", 0, 0, 400, keepsBlind);
      const [tile] = library.tiles(one ?? "", 0, 16, 0, 1, keepsBlind);
      return [
        [0, 20, 40, 60].map((at) => reasons[at] ?? -1),
        mask.map(({ reason }) => reason),
        [...new Set(tile?.reason)].sort(),
      ];
    };
    const all = [
      [7, 6, 8, 5],
      [7, 6, 8, 5],
      [0, 5, 6, 7, 8],
    ];
    expect(shown(id, true)).toEqual(all);
    library.changeSettings({ author: "Ito", blind: [{ recordingId: id ?? "", reader: "Ito" }] });
    expect(shown(id, true)).toEqual([
      [0, 6, 0, 5],
      [6, 5],
      [0, 5, 6],
    ]);
    expect(shown(id)).toEqual(all); // what models learn and rules read
    expect(shown(other, true)).toEqual(all);
    expect(library.getRecording(id ?? "").channels[0]?.observedCount).toBe(320);
    library.changeSettings({ author: "Mori", blind: [{ recordingId: id ?? "", reader: "Ito" }] });
    expect(shown(id, true)).toEqual(all); // another works with the library
    library.changeSettings({ blind: [{ recordingId: id ?? "", reader: "Mori" }] });
    expect(shown(id, true)).toEqual([
      [7, 0, 0, 5],
      [7, 5],
      [0, 5, 7],
    ]);
  }));

test("undo and redo go as far as there were steps, in order, and survive a restart", () =>
  inFolder((folder) => {
    const path = join(folder, "undo.kodo");
    let library = openLibrary(path);
    const reopen = (): void => {
      library.close();
      library = openLibrary(path);
    };
    const id = library.createRecording(newRecording());
    const states = [library.listAnnotations(id)];
    const note = (): void => void states.push(library.listAnnotations(id));
    const [first] = library.addAnnotations([
      annotation(id),
      annotation(id, { onsetS: 50, label: "acceleration" }),
    ]);
    note();
    library.changeAnnotation({ id: first!.id, onsetS: 11, durationS: 0, note: "seen", channel: 0 });
    note();
    library.changeAnnotation({ id: first!.id, channel: undefined });
    note();
    library.removeAnnotation(first!.id);
    note();
    for (let i = 0; i < 100; i++) {
      library.addAnnotations([annotation(id, { onsetS: 100 + i })]);
      note();
    }
    expect(states[3]?.[0]).not.toHaveProperty("channel");
    reopen();
    for (let step = states.length - 2; step >= 0; step--) {
      library.undo(id);
      expect(library.listAnnotations(id)).toEqual(states[step]);
    }
    expect(library.undo(id)).toEqual({ history: { undo: 0, redo: 104 } });
    reopen();
    for (let step = 1; step < states.length; step++) {
      const redone = library.redo(id).step;
      const what = (["add", "change", "change", "remove"] as const)[step - 1] ?? "add";
      expect(redone).toEqual({ kind: "annotation", what });
      expect(library.listAnnotations(id)).toEqual(states[step]);
    }
    expect(library.redo(id)).toEqual({ history: { undo: 104, redo: 0 } });
    library.undo(id);
    library.addAnnotations([annotation(id)]);
    expect(library.history(id)).toEqual({ undo: 104, redo: 0 });
    library.close();
  }));

/** What a person can have edited, and what it does to the samples that count; in an order that says nothing. */
const readThrough = (recordingId: string): NewReading => ({
  ...{ recordingId, labelSet: "ctg-events", labelSetVersion: 1 },
  ...{ author: "Mori", onsetS: 0, durationS: 100 },
});

test("a reading is of a label set that is there, and of a stretch; one that came with a recording is no step to undo", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "read.kodo"));
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(400))]);
    const given = readThrough(id);
    library.addReading(given, { isUndoable: false });
    expect(library.listReadings(id)).toMatchObject([given]);
    expect(library.history(id).undo).toBe(0);
    const refused = (change: Partial<NewReading>, code: string): void =>
      expect(() => library.addReading({ ...given, ...change })).toThrow(expect.objectContaining({ code }));
    refused({ labelSet: "nobody-s" }, "storage/not-found");
    refused({ labelSetVersion: 7 }, "storage/not-found");
    refused({ durationS: 0 }, "contract/bad-params");
    refused({ onsetS: -1 }, "contract/bad-params");
    refused({ recordingId: "none" }, "storage/not-found");
    expect(() => library.removeReading("none")).toThrow(
      expect.objectContaining({ code: "storage/not-found" }),
    );
    library.purgeRecording(id);
    expect(library.readLog(5)).toContainEqual(expect.objectContaining({ action: "reading.add" }));
    library.close();
  }));

const edited = (library: OpenLibrary, id: string): unknown => ({
  annotations: library.listAnnotations(id).sort((a, b) => a.id.localeCompare(b.id)),
  masks: library.listMasks(id).sort((a, b) => a.id.localeCompare(b.id)),
  readings: library.listReadings(id).sort((a, b) => a.id.localeCompare(b.id)),
  observed: library.getRecording(id).channels.map(({ observedCount }) => observedCount),
  reasons: [0, 1].map((channel) => library.samples(id, channel, 0, 400).reasons),
  tiles: [0, 1].map((channel) => library.tiles(id, channel, 64, 0, 1)),
});

test("labels, masks and readings are one history: whatever was edited, and closed in between, comes back step by step", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          edit: fc.constantFrom(
            "label",
            "relabel",
            "unlabel",
            "mask",
            "unmask",
            "read",
            "unread",
            "undo",
            "reopen",
          ),
          onsetS: fc.integer({ min: 0, max: 90 }),
          channel: fc.constantFrom(undefined, 0, 1),
        }),
        { minLength: 1, maxLength: 14 },
      ),
      (edits) =>
        inFolder((folder) => {
          const path = join(folder, "mixed.kodo");
          let tick = 0;
          const open = (): OpenLibrary => openLibrary(path, { now: () => new Date(++tick * 1000) });
          let library = open();
          const id = library.createRecording(
            newRecording([channelHeader(), channelHeader({ label: "UC", sampleType: "float32" })]),
          );
          library.appendBlocks(id, [
            block(0, 0, ramp(400), [{ first: 30, count: 50, reason: 1 }]),
            block(1, 0, ramp(400, "float32")),
          ]);
          const states = [edited(library, id)]; // of the history as it stands
          for (const { edit, onsetS, channel } of edits) {
            const annotationId = library.listAnnotations(id).at(-1)?.id;
            const maskId = library.listMasks(id).at(-1)?.id;
            const readingId = library.listReadings(id).at(-1)?.id;
            const on = channel === undefined ? {} : { channel };
            const span = {
              recordingId: id,
              ...on,
              layer: "person",
              reason: 7,
              onsetS,
              author: "Mori",
            } as const;
            if (edit === "label") library.addAnnotations([annotation(id, { onsetS, ...on })]);
            else if (edit === "mask") library.addMask({ ...span, durationS: 12 });
            else if (edit === "relabel" && annotationId !== undefined)
              library.changeAnnotation({ id: annotationId, onsetS, label: "acceleration", channel });
            else if (edit === "unlabel" && annotationId !== undefined) library.removeAnnotation(annotationId);
            else if (edit === "read")
              library.addReading({ ...readThrough(id), onsetS, durationS: 10, author: "Mori" });
            else if (edit === "unread" && readingId !== undefined) library.removeReading(readingId);
            else if (edit === "unmask" && maskId !== undefined) library.removeMask(maskId);
            else {
              if (edit === "undo" && library.undo(id).step !== undefined) states.pop();
              if (edit === "reopen") {
                library.close();
                library = open();
              }
              continue;
            }
            states.push(edited(library, id));
          }
          library.close();
          library = open();
          expect(library.history(id).undo).toBe(states.length - 1);
          for (const state of states.slice(0, -1).reverse()) {
            library.undo(id);
            expect(edited(library, id)).toEqual(state);
          }
          expect(library.undo(id).step).toBeUndefined();
          library.close();
          library = open();
          for (const state of states.slice(1)) {
            library.redo(id);
            expect(edited(library, id)).toEqual(state);
          }
          expect(library.verifyLog().brokenAt).toBeUndefined();
          library.close();
        }),
    ),
    { numRuns: 25 },
  ));

test("a mask keeps its author, its id and its time through undo and redo, and the log says who took it away", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(400))]);
    const before = library.samples(id, 0, 0, 400).values;
    const span = {
      recordingId: id,
      layer: "person",
      reason: 7,
      onsetS: 0,
      durationS: 50,
      author: "Mori",
    } as const;
    const made = library.addMask(span);
    library.changeSettings({ author: "Sato" });
    expect(library.removeMask(made.id)).toBe(id);
    expect(library.undo(id)).toEqual({
      history: { undo: 1, redo: 1 },
      step: { kind: "mask", what: "remove" },
    });
    expect(library.listMasks(id)).toEqual([made]);
    expect(library.samples(id, 0, 0, 400).values).toEqual(before); // the samples beneath are what they were
    library.undo(id);
    expect(library.listMasks(id)).toEqual([]);
    library.redo(id);
    expect(library.listMasks(id)).toEqual([made]);
    expect(library.readLog(5).map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      "Sato mask.redo",
      "Sato mask.undo",
      "Sato mask.undo",
      "Sato mask.remove",
      "Sato settings.change",
    ]);
    expect(library.readLog(6).at(-1)).toMatchObject({ actor: "Mori", action: "mask.add" });
  }));

test("what came with a recording is no edit: it cannot be undone, and it is in the log", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    const [one, silent] = [{ isUndoable: false }, { isUndoable: false, isAnswered: false }];
    expect(library.addAnnotations([annotation(id)], one)).toHaveLength(1);
    expect(library.addAnnotations([annotation(id)], silent)).toEqual([]); // nobody asked what they became
    expect(library.history(id)).toEqual({ undo: 0, redo: 0 });
    expect(library.undo(id).step).toBeUndefined();
    expect(library.listAnnotations(id)).toHaveLength(2);
    expect(library.readLog(1)[0]).toMatchObject({ action: "annotation.add", subject: id });
  }));

test("an annotation goes to a label of another version of its set, or of another set, and back", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    const set = library.getLabelSet("ctg-events");
    const overshoot = { ...set.labels[0]!, code: "overshoot", key: "w", letter: "W" };
    const newer = library.saveLabelSet({ ...set, labels: [...set.labels, overshoot] });
    const [made] = library.addAnnotations([annotation(id)]);
    expect(thrown(() => library.changeAnnotation({ id: made!.id, label: "overshoot" }))).toMatchObject({
      code: "data/label-unknown",
    });
    const moved = library.changeAnnotation({
      id: made!.id,
      label: "overshoot",
      labelSetVersion: newer.version,
    });
    expect(moved).toMatchObject({ label: "overshoot", labelSetVersion: 2 });
    library.changeAnnotation({
      id: made!.id,
      label: library.getLabelSet("signal-quality").labels[0]!.code,
      labelSet: "signal-quality",
      labelSetVersion: 1,
    });
    library.undo(id);
    expect(library.listAnnotations(id)).toEqual([moved]);
    library.undo(id);
    expect(library.listAnnotations(id)).toEqual([made]);
  }));

test("annotations of several recordings are one step in each", () =>
  withLibrary((library) => {
    const a = library.createRecording(newRecording());
    const b = library.createRecording(newRecording());
    library.addAnnotations([annotation(a), annotation(b), annotation(a)]);
    expect([library.history(a), library.history(b)]).toEqual([
      { undo: 1, redo: 0 },
      { undo: 1, redo: 0 },
    ]);
    library.undo(a);
    expect([library.listAnnotations(a).length, library.listAnnotations(b).length]).toEqual([0, 1]);
  }));

test.each([
  ["an unknown label", { label: "sleep" }, "data/label-unknown"],
  ["an unknown label set", { labelSet: "none" }, "storage/not-found"],
  ["a version that does not exist", { labelSetVersion: 7 }, "storage/not-found"],
  ["a channel that does not exist", { channel: 9 }, "data/bad-annotation"],
  ["a negative duration", { durationS: -1 }, "contract/bad-params"],
  ["an onset that is no number", { onsetS: NaN }, "contract/bad-params"],
  ["an unknown recording", { recordingId: "none" }, "storage/not-found"],
])("an annotation with %s is refused, and with it the whole step", (_what, change, code) =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    expect(thrown(() => library.addAnnotations([annotation(id), annotation(id, change)]))).toMatchObject({
      code,
    });
    expect(library.listAnnotations(id)).toEqual([]);
    expect(library.history(id)).toEqual({ undo: 0, redo: 0 });
  }),
);

test("the labelled length is that of the union of the annotations", () =>
  withLibrary((library) => {
    const [a, b] = [library.createRecording(newRecording()), library.createRecording(newRecording())];
    const spans = [
      [0, 10],
      [5, 10],
      [6, 2],
      [100, 0],
      [200, 5],
    ] as const;
    library.addAnnotations(spans.map(([onsetS, durationS]) => annotation(a, { onsetS, durationS })));
    library.addAnnotations([annotation(b, { onsetS: 1, durationS: 3 })]);
    expect(
      library.listRecordings().map(({ annotationCount, labelledS }) => [annotationCount, labelledS]),
    ).toEqual([
      [5, 20],
      [1, 3],
    ]);
  }));

test("a new library has the built-in label sets, each sound and in both languages", () =>
  withLibrary((library) => {
    const sets = library.listLabelSets();
    expect(sets.map((set) => `${set.id} ${set.version}`)).toEqual([
      "ctg-events 1",
      "decisions 1",
      "emg-gestures 1",
      "recording-marks 1",
      "signal-quality 1",
      "signal-trust 1",
    ]);
    for (const set of sets) {
      LabelSet.parse(set);
      for (const label of set.labels) expect(label.name.ja).toMatch(/[\u1040-\u30ff\u4e00-\u9fff]/);
      for (const field of ["code", "key", "letter", "colour"] as const) {
        const values = set.labels.map((label) => label[field]);
        expect(new Set(values).size, `${set.id} ${field}`).toBe(values.length);
      }
    }
  }));

test("a changed label set becomes the next version, the same one stays, and annotations keep theirs", () =>
  withLibrary((library) => {
    const set = library.getLabelSet("ctg-events");
    expect(library.saveLabelSet({ ...set, version: 17 })).toEqual(set);
    const id = library.createRecording(newRecording());
    library.addAnnotations([annotation(id)]);
    const changed = library.saveLabelSet({
      ...set,
      labels: set.labels.filter((label) => label.code !== "deceleration"),
    });
    expect(changed.version).toBe(2);
    expect(library.listLabelSets().find(({ id }) => id === "ctg-events")?.version).toBe(2);
    expect(library.getLabelSet("ctg-events", 1)).toEqual(set);
    expect(library.listAnnotations(id)[0]?.labelSetVersion).toBe(1);
    expect(
      thrown(() => library.saveLabelSet(withLabels(set, [set.labels[0]!, set.labels[0]!]))),
    ).toMatchObject({ code: "data/label-ambiguous" });
    expect(thrown(() => library.saveLabelSet({ ...set, labels: set.labels.slice(1, 3) }))).toMatchObject({
      code: "contract/bad-params",
      message: 'The label set is not valid: groups.1: group "contractions" has no label',
    });
    expect(thrown(() => library.saveLabelSet({ ...set, id: "Not A Slug" }))).toMatchObject({
      code: "contract/bad-params",
    });
  }));

test("how often a label is in use is counted over all versions of its set and all recordings", () =>
  withLibrary((library) => {
    const [a, b] = [library.createRecording(newRecording()), library.createRecording(newRecording())];
    const set = library.getLabelSet("ctg-events");
    library.saveLabelSet(withLabels(set, set.labels.slice(0, 2)));
    library.addAnnotations([annotation(a), annotation(a, { labelSetVersion: 2 }), annotation(b)]);
    library.addAnnotations([annotation(a, { label: "acceleration" })]);
    expect(library.labelUsage("ctg-events")).toEqual([
      { label: "acceleration", annotations: 1, recordings: 1 },
      { label: "deceleration", annotations: 3, recordings: 2 },
    ]);
    expect(library.labelUsage("signal-quality")).toEqual([]);
  }));

test("a damaged block is among the recording's facts, by channel and time, once it has been read", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording([channelHeader(), channelHeader({ label: "UC" })]));
    library.appendBlocks(id, [block(0, 0, ramp(400)), block(1, 0, ramp(400)), block(1, 500, ramp(100))]);
    const raw = new Sqlite(path);
    raw.exec("UPDATE block SET crc = crc + 1 WHERE first_sample = 500");
    raw.close();
    expect(library.getRecording(id).damaged).toEqual([]);
    expect(library.samples(id, 1, 390, 120).reasons).toContain(9);
    expect(library.getRecording(id).damaged).toEqual([{ channel: 1, onsetS: 125, durationS: 25 }]);
    expect(library.samples(id, 0, 0, 400).reasons).not.toContain(9);
    expect(library.samples(id, 1, 0, 400).reasons).not.toContain(9);
  }));

test("what came damaged from another library stays uncounted under a mask that hides it again", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    const lost = [{ first: 0, count: 8, reason: maskReasons.damagedBlock }];
    library.appendBlocks(id, [block(0, 0, ramp(12), lost)]);
    const span = { recordingId: id, layer: "person", onsetS: 0, durationS: 1.25, author: "A" } as const;
    library.addMask({ ...span, reason: maskReasons.artefactByPerson });
    expect(library.getRecording(id).channels[0]).toMatchObject({ sampleCount: 12, observedCount: 4 });
  }));

test("a damaged block of which most was missing leaves the channel readable", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    const missing = [{ first: 0, count: 9, reason: maskReasons.missingInSource }];
    library.appendBlocks(id, [block(0, 0, ramp(10), missing)]);
    const raw = new Sqlite(path);
    raw.exec("UPDATE block SET crc = crc + 1");
    raw.close();
    expect(library.samples(id, 0, 0, 10).reasons).toEqual(new Uint8Array(10).fill(9));
    expect(library.getRecording(id).channels[0]).toMatchObject({ sampleCount: 10, observedCount: 0 });
  }));

test("settings start as their defaults, keep what is changed, and pass over what a newer Kodo stored", () =>
  withLibrary((library, path) => {
    expect(library.getSettings()).toEqual(defaultSettings);
    expect(library.changeSettings({ author: "Mori", paperSpeed: 3 })).toEqual({
      ...defaultSettings,
      author: "Mori",
      paperSpeed: 3,
    });
    const raw = new Sqlite(path);
    raw.exec(`INSERT INTO setting VALUES ('theme', '"sepia"'), ('future', '1')`);
    raw.close();
    expect(library.getSettings()).toEqual({ ...defaultSettings, author: "Mori", paperSpeed: 3 });
    expect(thrown(() => library.changeSettings({ pixelsPerCm: 5 }))).toMatchObject({
      code: "contract/bad-params",
      message: expect.stringContaining("pixelsPerCm") as string,
    });
  }));

test("the log grows, refuses every other change, and shows one that was forced", () =>
  withLibrary((library, path) => {
    for (let i = 0; i < 5; i++)
      library.log({ actor: "Mori", action: "test", subject: `${i}`, detail: { i } });
    const sound = library.verifyLog();
    expect(sound).toMatchObject({ entries: 11, brokenAt: undefined });
    expect(library.readLog(2).map((entry) => [entry.sequence, entry.subject, entry.detail])).toEqual([
      [11, "4", '{"i":4}'],
      [10, "3", '{"i":3}'],
    ]);
    const raw = new Sqlite(path);
    for (const sql of [
      "UPDATE event_log SET actor = 'x' WHERE sequence = 5",
      "DELETE FROM event_log WHERE sequence = 9",
      "INSERT OR REPLACE INTO event_log SELECT 5, at, actor, action, subject, detail, hash FROM event_log WHERE sequence = 4",
      "INSERT INTO event_log SELECT 20, at, actor, action, subject, detail, hash FROM event_log WHERE sequence = 4",
    ])
      expect(() => raw.exec(sql)).toThrow("append-only");
    raw.exec("DROP TRIGGER event_log_keeps; UPDATE event_log SET subject = 'other' WHERE sequence = 6");
    raw.close();
    expect(library.verifyLog()).toMatchObject({ brokenAt: 6 });
    expect(sound.head).not.toBe(library.verifyLog().head);
  }));

const run = (id: string, change: Partial<Run> = {}): Run => ({
  id,
  classes: ["a", "b"],
  phase: "training",
  createdAt: `2026-11-24T00:00:0${id.length}Z`,
  codeVersion: "1",
  data: [],
  curve: [],
  hasCheckpoint: false,
  config: RunConfig.parse({
    name: "r",
    recordingIds: ["x"],
    labelSet: "emg-gestures",
    labels: ["neutral"],
    channels: ["c"],
    windowS: 1,
    strideS: 1,
    testSubjects: [],
    validationSubjects: [],
  }),
  ...change,
});

test("runs, their model files and whether they can be resumed", () =>
  withLibrary((library, path) => {
    library.saveRun(run("r"));
    library.saveRun(run("r22"));
    expect(library.listRuns().map(({ id }) => id)).toEqual(["r22", "r"]);
    expect(library.loadModel("r", "checkpoint")).toBeUndefined();
    library.saveModel("r", "checkpoint", Uint8Array.of(1, 2));
    library.saveModel("r", "checkpoint", Uint8Array.of(3, 4, 5));
    library.saveRun(run("r", { phase: "paused" }));
    expect(library.getRun("r")).toEqual(run("r", { phase: "paused", hasCheckpoint: true }));
    expect(library.loadModel("r", "checkpoint")).toEqual(Uint8Array.of(3, 4, 5));
    library.saveModel("r22", "checkpoint", Uint8Array.of(7));
    library.saveModel("r22", "model", Uint8Array.of(8));
    library.saveRun(run("r22", { phase: "done" }));
    expect(library.getRun("r22")).toEqual(run("r22", { phase: "done" }));
    expect(library.loadModel("r22", "checkpoint")).toBeUndefined();
    expect(library.loadModel("r22", "model")).toEqual(Uint8Array.of(8));
    expect(thrown(() => library.saveModel("none", "model", new Uint8Array(1)))).toMatchObject({
      code: "storage/not-found",
    });
    expect(thrown(() => library.getRun("none"))).toMatchObject({ code: "storage/not-found" });
    const raw = new Sqlite(path);
    raw.exec("UPDATE model SET bytes = x'010406'");
    raw.close();
    expect(thrown(() => library.loadModel("r", "checkpoint"))).toMatchObject({ code: "storage/corrupt" });
  }));

test("a run trained elsewhere comes in whole, with its label set where there is none of that id", () =>
  withLibrary((library) => {
    const imported = { file: "m.onnx", sha256: "ab", importedAt: "2026", channels: [] };
    const known = library.getLabelSet("emg-gestures");
    const labelSet = { ...known, id: "theirs", version: 4 };
    const model = Uint8Array.of(1, 2, 3);
    const added = library.addTrainedRun({ run: run("r", { phase: "done", imported }), model, labelSet });
    expect(added).toEqual(run("r", { phase: "done", imported }));
    expect(library.loadModel("r", "model")).toEqual(model);
    expect(library.getLabelSet("theirs")).toEqual({ ...labelSet, version: 1 });
    expect(library.readLog(1)[0]).toMatchObject({ action: "model.import", subject: "r" });
    const other = { ...known, kind: "other" as const };
    library.addTrainedRun({ run: run("r22", { phase: "done", imported }), model, labelSet: other });
    expect(library.getLabelSet("emg-gestures")).toEqual(known); // this library's own stays

    expect(thrown(() => library.addTrainedRun({ run: run("r"), model: Uint8Array.of(9) }))).toMatchObject({
      code: "data/model-known",
      message: "This model is in the library already, as r",
    });
    library.removeRun("r");
    expect(library.addTrainedRun({ run: run("r"), model: Uint8Array.of(9) }).id).toBe("r");
    expect(library.listRuns()).toHaveLength(2);
    expect(library.loadModel("r", "model")).toEqual(model); // from the bin, as it was
  }));

test("a run is renamed and noted beside its record, which the trainer may write at the same time", () =>
  withLibrary((library) => {
    library.saveRun(run("r"));
    expect(library.changeRun("r", { name: "night shift", note: "left arm only" })).toMatchObject({
      config: { name: "night shift" },
      note: "left arm only",
    });
    library.saveRun(run("r", { phase: "done" })); // the trainer knows nothing of it
    expect(library.getRun("r")).toMatchObject({
      phase: "done",
      config: { name: "night shift" },
      note: "left arm only",
    });
    library.changeRun("r", { note: "" });
    library.changeRun("r", {});
    expect(library.getRun("r").note).toBeUndefined();
    expect(library.getRun("r").config.name).toBe("night shift");
    const said = library.readLog(10).filter(({ action }) => action === "run.change");
    expect(said.map(({ detail }) => JSON.parse(detail) as unknown)).toEqual([
      { fields: ["note"] },
      { fields: ["name", "note"] },
    ]);
    expect(thrown(() => library.changeRun("r", { name: " " }))).toMatchObject({
      code: "contract/bad-params",
    });
    expect(thrown(() => library.changeRun("none", {}))).toMatchObject({ code: "storage/not-found" });
  }));

test("a run in the bin is not listed, nor are its predictions, until it is brought back", () =>
  withLibrary((library) => {
    library.saveRun(run("r"));
    library.saveModel("r", "model", Uint8Array.of(7));
    const id = library.createRecording(newRecording());
    library.savePrediction(prediction(id));
    library.removeRun("r");
    expect(library.listRuns()).toEqual([]);
    expect(library.listPredictions(id)).toEqual([]);
    expect(library.restoreRun("r").id).toBe("r");
    expect(library.listRuns()).toHaveLength(1);
    expect(library.listPredictions(id)).toHaveLength(1);
    expect(library.loadModel("r", "model")).toEqual(Uint8Array.of(7));
    expect(library.readLog(2).map(({ action }) => action)).toEqual(["run.restore", "run.remove"]);
    expect(thrown(() => library.removeRun("none"))).toMatchObject({ code: "storage/not-found" });
  }));

test("a paused run belongs to no process and waits as it is", () =>
  inFolder((folder) => {
    const path = join(folder, "paused.kodo");
    const dead = openLibrary(path, { owner: { pid: gonePid(), started: "", host: hostname() } });
    dead.saveRun(run("r", { phase: "paused" }));
    dead.close();
    const library = openLibrary(path);
    expect(library.getRun("r").phase).toBe("paused");
    library.close();
  }));

const prediction = (recordingId: string, change: Partial<Prediction> = {}): Prediction => ({
  runId: "r",
  recordingId,
  classes: ["a", "b"],
  adaptation: "none",
  windowS: 2,
  onsetS: Float64Array.of(0, 1, 2),
  probabilities: Float32Array.of(0.1, 0.9, 0.5, 0.5, NaN, NaN),
  low: new Float32Array(6),
  high: new Float32Array(6).fill(1),
  aleatoric: Float32Array.of(1, 2, NaN),
  epistemic: Float32Array.of(3, 4, NaN),
  typicality: Float32Array.of(0.5, 0.5, NaN),
  assessable: Uint8Array.of(1, 1, 0),
  createdAt: "2026-11-24T01:00:00Z",
  ...change,
});

test("a prediction comes back bit for bit, replaces its predecessor, and the newest is first", () =>
  withLibrary((library) => {
    library.saveRun(run("r"));
    const id = library.createRecording(newRecording());
    library.savePrediction(prediction(id, { windowS: 1 }));
    library.savePrediction(prediction(id));
    library.savePrediction(
      prediction(id, { adaptation: "transductive-balanced", createdAt: "2026-11-24T02:00:00Z" }),
    );
    expect(library.listPredictions(id)).toEqual([
      prediction(id, { adaptation: "transductive-balanced", createdAt: "2026-11-24T02:00:00Z" }),
      prediction(id),
    ]);
    expect(thrown(() => library.savePrediction(prediction(id, { low: new Float32Array(5) })))).toMatchObject({
      code: "contract/bad-params",
      detail: { field: "low", expected: 6 },
    });
  }));

test("the parts that answered are kept with a prediction and under its checksum", () =>
  withLibrary((library, path) => {
    library.saveRun(run("r"));
    const id = library.createRecording(newRecording());
    const causal = prediction(id, { adaptation: "causal", part: Uint8Array.of(0, 2, 3) });
    library.savePrediction(causal);
    expect(library.listPredictions(id)).toEqual([causal]);
    expect(thrown(() => library.savePrediction(prediction(id, { part: Uint8Array.of(1) })))).toMatchObject({
      code: "contract/bad-params",
      detail: { field: "part", expected: 3 },
    });
    const beside = new Sqlite(path);
    beside.prepare("UPDATE prediction SET part = x'000003'").run();
    beside.close();
    expect(library.listPredictions(id)).toEqual([]);
  }));

test("a reading connection reads everything and refuses to write by name", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(5000))]);
    const reader = openLibrary(path, { readOnly: true });
    expect(reader.listRecordings()).toEqual(library.listRecordings());
    expect(reader.tiles(id, 0, 64, 0, 1)).toEqual(library.tiles(id, 0, 64, 0, 1));
    library.appendBlocks(id, [block(0, 5000, ramp(5000, "int16", 5000))]);
    expect(reader.samples(id, 0, 0, 1e6)).toEqual(library.samples(id, 0, 0, 1e6));
    for (const write of [
      () => reader.createRecording(newRecording()),
      () => reader.appendBlocks(id, [block(0, 10_000, ramp(5))]),
      () => reader.addAnnotations([annotation(id)]),
      () => reader.purgeRecording(id),
      () => reader.changeSettings({ author: "x" }),
      () => reader.saveRun(run("r")),
      () => reader.undo(id),
      () => reader.removeRecording(id),
    ])
      expect(thrown(write)).toMatchObject({ code: "storage/read-only" });
    reader.close();
  }));

/** The id of a process that has ended. */
const gonePid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

test("recordings and runs whose process is gone are interrupted at the next opening, those of a living one are not", () =>
  inFolder((folder) => {
    const path = join(folder, "owners.kodo");
    const dead = openLibrary(path, { owner: { pid: gonePid(), started: "", host: hostname() } });
    const lost = dead.createRecording(newRecording(undefined, { state: "recording" }));
    dead.appendBlocks(lost, [block(0, 0, ramp(100))]);
    dead.saveRun(run("r"));
    dead.saveModel("r", "checkpoint", Uint8Array.of(1));
    const alive = openLibrary(path, { owner: { ...thisProcess(), pid: process.ppid, started: "" } });
    expect(alive.info().interrupted).toEqual([lost]);
    const kept = alive.createRecording(newRecording());
    const mine = openLibrary(path);
    expect(mine.info().interrupted).toEqual([]);
    expect(mine.getRecording(kept).state).toBe("importing");
    expect(mine.getRecording(lost)).toMatchObject({
      state: "interrupted",
      channels: [{ sampleCount: 100, observedCount: 100 }],
    });
    expect(
      mine
        .readLog(100)
        .filter((entry) => entry.action === "recording.interrupted")
        .map((entry) => entry.subject),
    ).toEqual([lost]);
    expect(mine.getRun("r")).toMatchObject({
      phase: "failed",
      hasCheckpoint: true,
      error: { code: "internal/interrupted" },
    });
    for (const library of [dead, alive, mine]) library.close();
  }));

test("a recording whose process dies while this library is open is noticed when recordings are listed", () =>
  inFolder((folder) => {
    const path = join(folder, "owners.kodo");
    const mine = openLibrary(path);
    const dead = openLibrary(path, { owner: { pid: gonePid(), started: "", host: hostname() } });
    const id = dead.createRecording(newRecording());
    dead.close();
    expect(mine.listRecordings()).toMatchObject([{ id, state: "interrupted" }]);
    expect(mine.info().interrupted).toEqual([id]);
    mine.close();
  }));

test("a process is known by its start, not by its number alone", () => {
  const me = thisProcess();
  expect(isAlive(me)).toBe(true);
  expect(isAlive({ ...me, host: "elsewhere" })).toBe(false);
  expect(isAlive({ ...me, started: "" })).toBe(true);
  if (me.started !== "") expect(isAlive({ ...me, started: "another boot:1" })).toBe(false);
  expect(isAlive({ ...me, pid: gonePid(), started: "" })).toBe(false);
});

test("a wrong recording is refused with the field's name", () =>
  withLibrary((library) => {
    expect(thrown(() => library.createRecording(newRecording([])))).toMatchObject({
      code: "contract/bad-params",
      message: expect.stringContaining("header.channels") as string,
    });
    expect(
      thrown(() => library.createRecording(newRecording([channelHeader({ sampleRate: 0 })]))),
    ).toMatchObject({ message: expect.stringContaining("sampleRate") as string });
    expect(library.listRecordings()).toEqual([]);
  }));

test("what is remembered of a purged recording does not meet the one that comes after it", () =>
  withLibrary((library, path) => {
    const make = (): string => {
      const id = library.createRecording(newRecording());
      library.appendBlocks(id, [block(0, 0, ramp(1000))]);
      return id;
    };
    const first = make();
    library.addMask({
      recordingId: first,
      layer: "person",
      reason: 7,
      onsetS: 0,
      durationS: 50,
      author: "a",
    });
    const raw = new Sqlite(path);
    raw.exec("UPDATE block SET crc = crc + 1");
    raw.close();
    expect(library.samples(first, 0, 0, 1).reasons[0]).toBe(9);
    library.purgeRecording(first);
    const second = make();
    library.addMask({
      recordingId: second,
      layer: "person",
      reason: 7,
      onsetS: 100,
      durationS: 50,
      author: "a",
    });
    const { reasons } = library.samples(second, 0, 0, 1000);
    expect([reasons[0], reasons[399], reasons[400], reasons[600]]).toEqual([0, 0, 7, 0]);
    expect(library.tiles(second, 0, 64, 0, 1)[0]?.reason[0]).toBe(0);
  }));

test("a mask whose writing failed leaves no trace in what is drawn", () =>
  inFolder((folder) => {
    let fails = false;
    const library = openLibrary(join(folder, "m.kodo"), {
      beforeWrite: (sql) => {
        if (fails && sql === "COMMIT") throw Object.assign(new Error("full"), { code: "SQLITE_FULL" });
      },
    });
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(1000))]);
    const span = { recordingId: id, layer: "person", reason: 7, durationS: 10, author: "a" } as const;
    fails = true;
    expect(thrown(() => library.addMask({ ...span, onsetS: 0 }))).toMatchObject({
      code: "storage/disk-full",
    });
    fails = false;
    library.addMask({ ...span, onsetS: 100 });
    const { reasons } = library.samples(id, 0, 0, 1000);
    expect([reasons[0], reasons[400]]).toEqual([0, 7]);
    library.close();
  }));

test("damage that cannot be written down does not keep the rest from being read", () =>
  inFolder((folder) => {
    let fails = false;
    const path = join(folder, "d.kodo");
    const library = openLibrary(path, {
      beforeWrite: () => {
        if (fails) throw Object.assign(new Error("full"), { code: "SQLITE_FULL" });
      },
    });
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(1000)), block(0, 2000, ramp(10))]);
    const raw = new Sqlite(path);
    raw.exec("UPDATE block SET crc = crc + 1 WHERE first_sample = 0");
    raw.close();
    fails = true;
    expect(library.samples(id, 0, 2000, 1).reasons[0]).toBe(0);
    expect(library.samples(id, 0, 0, 1).reasons[0]).toBe(9);
    fails = false;
    expect(library.readLog(1)[0]?.action).toBe("recording.create");
    expect(library.readLog(1)[0]?.action).toBe("recording.damaged");
    library.close();
  }));

test("two connections of one process may take turns at one recording", () =>
  inFolder((folder) => {
    const path = join(folder, "turns.kodo");
    const [a, b] = [openLibrary(path), openLibrary(path)];
    const id = a.createRecording(newRecording());
    for (let i = 0; i < 10; i++)
      (i % 2 === 0 ? a : b).appendBlocks(id, [block(0, i * 500, ramp(500, "int16", i * 500))]);
    expect(thrown(() => b.appendBlocks(id, [block(0, 4400, ramp(500))]))).toMatchObject({
      code: "data/block-overlap",
    });
    expect(a.digitalBlock(id, 0, 0, 1e6).samples).toEqual(ramp(5000));
    expect(a.tiles(id, 0, 64, 0, 1)).toEqual(b.tiles(id, 0, 64, 0, 1));
    a.close();
    b.close();
  }));

test("what is acknowledged is on the disk: every commit is synced, whatever it is of", () =>
  inFolder((folder) => {
    const path = join(folder, "sync.kodo");
    openLibrary(path).close();
    const database = new Database(path);
    database.useWriteAheadLog();
    expect([database.pragma("journal_mode"), database.pragma("synchronous")]).toEqual(["wal", 2]); // 2: FULL
    database.close();
  }));

test("what a file called an event stays with it until it gets another label, and undo brings it back", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    const [made] = library.addAnnotations([annotation(id, { text: "Accél. (douteuse)" })]);
    const moved = library.changeAnnotation({ id: made!.id, onsetS: 1 });
    expect(moved.text).toBe("Accél. (douteuse)");
    expect(library.changeAnnotation({ id: made!.id, label: "late-deceleration" }).text).toBeUndefined();
    library.undo(id);
    expect(library.listAnnotations(id)).toEqual([moved]);
  }));
