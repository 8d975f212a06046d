import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ListFilter,
  listed,
  PAGE_ROWS,
  RecordingView,
  type Selection,
  SortColumn,
} from "../../../preload/contract/listing.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, newWhole, ramp, withLibrary } from "../testing.ts";

const byName = RecordingView.parse({ sort: { by: "name", isDescending: false } });
const whole = { query: "", kind: "all", filter: "all" } as const;

interface Facts {
  readonly name: string;
  readonly subject?: string;
  readonly study?: string;
  readonly startedAt?: string | undefined;
  readonly kind?: "ctg" | "emg";
  readonly samples?: number;
  readonly missing?: number; // samples
  readonly labels?: readonly number[]; // onsets
  readonly repairs?: number;
}

function add(library: OpenLibrary, facts: Facts): string {
  const { samples = 40, missing = 0, labels = [], repairs = 0 } = facts;
  const made = newWhole(
    [channelHeader()],
    [block(0, 0, ramp(samples), missing > 0 ? [{ first: 0, count: missing, reason: 1 }] : [])],
  );
  const startedAt = "startedAt" in facts ? facts.startedAt : made.header.startedAt;
  const [outcome] = library.addRecordings([
    {
      ...made,
      header: { ...made.header, name: facts.name, kind: facts.kind ?? "ctg", startedAt },
      subject: facts.subject ?? "S1",
      study: facts.study ?? "",
      annotations: labels.map((onsetS) => ({
        ...{ recordingId: made.id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 },
        ...{ onsetS, durationS: 2, author: "", source: "person" as const, note: "" },
      })),
      repairs: Array.from({ length: repairs }, () => ({
        ...{ code: "EDF_RECORD_COUNT", severity: "info" as const, message: "counted anew" },
      })),
    },
  ]);
  if (outcome?.ok !== true) throw new Error("the recording was not taken");
  return made.id;
}

/** All pages, one after the other; `between` is called before each but the first. */
function pages(
  library: OpenLibrary,
  view: RecordingView,
  limit: number,
  between: () => void = () => undefined,
): string[] {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    if (ids.length > 0) between();
    const page = library.listPage({ view, limit, ...(after === undefined ? {} : { after }) });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    ids.push(...page.rows.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

const details = (library: OpenLibrary): RecordingDetail[] =>
  library.listRecordings().map(({ id }) => library.getRecording(id));

const expected = (library: OpenLibrary, view: RecordingView): string[] =>
  listed(details(library), view).map(({ recording }) => recording.id);

const facts = fc.record({
  name: fc
    .constantFrom("CTG 2", "CTG 10", "ctg 2", "心拍 1", "ｼﾝﾊﾟｸ", "_a", "Ä b", "", "x-1")
    .map((name) => name || "?"),
  subject: fc.constantFrom("P2", "p2", "P10", "妊婦", "P-1"),
  study: fc.constantFrom("", "Study A", "周産期"),
  startedAt: fc.constantFrom(undefined, "2020-01-02T03:04:05", "2021-01-01"),
  kind: fc.constantFrom("ctg" as const, "emg" as const),
  samples: fc.constantFrom(40, 80),
  missing: fc.constantFrom(0, 2, 20),
  labels: fc.constantFrom<readonly number[]>([], [0], [1, 2], [0, 5]),
  repairs: fc.constantFrom(0, 1, 2),
});
const view = fc.record({
  query: fc.constantFrom("", "", "ctg", "P2 study", "しんぱく", "fhr 1 2 0", "心拍", "nothing"),
  kind: fc.constantFrom("all" as const, "ctg" as const, "emg" as const),
  filter: fc.constantFrom(...ListFilter.options),
  sort: fc.record({ by: fc.constantFrom(...SortColumn.options), isDescending: fc.boolean() }),
});

test(
  "pages one after the other are the whole list, filtered and in order, whatever their size",
  () =>
    withLibrary((library) => {
      fc.assert(
        fc.property(
          fc.array(facts, { minLength: 1, maxLength: 3 }),
          view,
          fc.integer({ min: 1, max: 7 }),
          (some, shown, limit) => {
            for (const one of some) add(library, one);
            expect(pages(library, shown, limit)).toEqual(expected(library, shown));
            expect(outline(library, shown, 3).shown).toBe(expected(library, shown).length);
          },
        ),
        { numRuns: 20 },
      );
    }),
  120_000,
);

test("a search that finds more than are put in order by themselves gives the same list", () =>
  withLibrary(
    (library) => {
      const ids = ["x 1", "y", "x 2", "x 3"].map((name) => add(library, { name }));
      const found = RecordingView.parse({ query: "x" });
      expect(pages(library, found, 2)).toEqual([ids[0], ids[2], ids[3]]);
      expect(pages(library, found, 2)).toEqual(expected(library, found));
    },
    { few: 2 },
  ));

test("a page reaches to a place, within equals and of a search too; what is synthetic is a filter", () =>
  withLibrary((library) => {
    const ids = Array.from({ length: 5 }, () => add(library, { name: "same" }));
    for (const change of [{}, { query: "same" }]) {
      const view = RecordingView.parse({ ...change, sort: { by: "name", isDescending: false } });
      const { next: after } = library.listPage({ view, limit: 1 });
      const { next: until } = library.listPage({ view, limit: 4 });
      const between = library.listPage({ view, ...(after && until ? { after, until } : {}) });
      expect(between.rows.map(({ id }) => id)).toEqual(ids.slice(1, 4));
    }
    library.addRecordings([{ ...newWhole([channelHeader()], [block(0, 0, ramp(40))]), synthetic: false }]);
    expect(pages(library, RecordingView.parse({}), 3)).toHaveLength(6);
    expect(pages(library, RecordingView.parse({ isSynthetic: true }), 3)).toEqual(ids);
    // A step that is told of rows before it and not where they end has no place for the page that ends there.
    expect(library.outlineStep(byName, { before: PAGE_ROWS }).marks).toEqual([]);
  }));

test(
  "while recordings come, go and change between pages, one that stays as it is comes once",
  () =>
    withLibrary((library) => {
      fc.assert(
        fc.property(
          fc.array(facts, { minLength: 4, maxLength: 6 }),
          fc.array(facts, { minLength: 1, maxLength: 4 }),
          view.map((one) => ({ ...one, query: "", filter: "all" as const, kind: "all" as const })),
          (before, between, shown) => {
            const stay = before.map((one) => add(library, one));
            const gone = add(library, { name: "goes" });
            const coming = [...between];
            const seen = pages(library, shown, 2, () => {
              const next = coming.pop();
              if (next !== undefined) add(library, next);
              else library.removeRecording(gone);
            });
            expect(new Set(seen).size).toBe(seen.length);
            expect(stay.filter((id) => !seen.includes(id))).toEqual([]);
          },
        ),
        { numRuns: 10 },
      );
    }),
  120_000,
);

/** An outline put together of steps of so many rows. */
function outline(library: OpenLibrary, shown: RecordingView, most: number, find?: string) {
  const marks: string[] = [];
  let before = 0;
  let at: number | undefined;
  let after: string | undefined;
  do {
    const step = library.outlineStep(shown, { after, before, find }, most);
    before += step.shown;
    marks.push(...step.marks);
    at ??= step.at;
    after = step.next;
  } while (after !== undefined);
  return { shown: before, marks, at };
}

test("an outline says how long the list is, where its pages end and where a recording stands, in steps of any size", () =>
  withLibrary((library) => {
    const ids = Array.from({ length: 2 * PAGE_ROWS + 5 }, (_, i) => add(library, { name: `CTG ${i}` }));
    const [found, last] = [ids[PAGE_ROWS + 7], ids.at(-1)];
    for (const most of [7, PAGE_ROWS, 1000]) {
      const made = outline(library, byName, most, found);
      expect([made.shown, made.at, made.marks.length]).toEqual([ids.length, PAGE_ROWS + 7, 2]);
      const read = [undefined, ...made.marks].flatMap((after, i) =>
        library
          .listPage({
            view: byName,
            ...(after === undefined ? {} : { after }),
            ...(made.marks[i] === undefined ? {} : { until: made.marks[i] }),
          })
          .rows.map(({ id }) => id),
      );
      expect(read).toEqual(ids);
    }
    expect(outline(library, RecordingView.parse({ kind: "emg" }), 9, last)).toEqual({
      shown: 0,
      marks: [],
      at: undefined,
    });
    const down = RecordingView.parse({ sort: { by: "repairs", isDescending: true } });
    expect(outline(library, down, 50).marks).toHaveLength(2);
  }));

test("a list follows what happens to its recordings: labels, masks, the note, the bin and back", () =>
  withLibrary((library) => {
    const id = add(library, { name: "a" });
    const other = add(library, { name: "b" });
    const shows = (change: object): string[] => pages(library, RecordingView.parse(change), 10);
    expect(shows({ filter: "labelled" })).toEqual([]);
    const [label] = library.addAnnotations([
      {
        ...{ recordingId: id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 },
        ...{ onsetS: 0, durationS: 5, author: "", source: "person", note: "" },
      },
    ]);
    expect(shows({ filter: "labelled" })).toEqual([id]);
    library.changeAnnotation({ id: label?.id ?? "", durationS: 10 });
    expect(shows({ sort: { by: "labelled", isDescending: true } })).toEqual([id, other]);
    library.removeAnnotation(label?.id ?? "");
    expect(shows({ filter: "labelled" })).toEqual([]);
    library.addMask({ recordingId: id, layer: "person", reason: 1, onsetS: 0, durationS: 5, author: "" });
    expect(shows({ filter: "gaps" })).toEqual([id]);
    library.changeRecording(id, { note: "Ｎｏｔｅ, einmalig", kind: "emg" });
    expect(shows({ query: "note EINMALIG" })).toEqual([id]);
    expect(shows({ kind: "emg" })).toEqual([id]);
    library.removeRecording(id);
    expect(shows({})).toEqual([other]);
    expect(library.libraryCounts()).toMatchObject({ recordings: 1, binned: 1 });
    library.restoreRecording(id);
    library.purgeRecording(other);
    expect(shows({})).toEqual([id]);
    expect(library.libraryCounts()).toEqual({ recordings: 1, subjects: 1, durationS: 10, binned: 0 });
  }));

test("what a search found is found anew once a recording is called otherwise, or one more is called so", () =>
  withLibrary((library) => {
    const shows = (query: string): string[] => pages(library, RecordingView.parse({ query }), 10);
    const id = add(library, { name: "first" });
    expect(shows("twin")).toEqual([]);
    library.changeRecording(id, { name: "Twin" });
    expect(shows("twin")).toEqual([id]);
    const other = add(library, { name: "twin B" });
    expect(shows("twin")).toEqual([id, other]);
    library.purgeRecording(other);
    expect(shows("twin")).toEqual([id]);
    const again = add(library, { name: "of the key that is free" });
    expect(shows("twin")).toEqual([id]);
    expect(shows("free")).toEqual([again]);
  }));

test("a recording that grows has its length written into the list, and nothing that is as it was", () =>
  inFolder((folder) => {
    let written: string[] = [];
    const library = openLibrary(join(folder, "g.kodo"), {
      beforeWrite: (sql) => {
        if (/ listing/.test(sql)) written.push(sql);
      },
    });
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(40))]);
    written = [];
    library.appendBlocks(id, [block(0, 40, ramp(40))]);
    expect(written).toEqual(["UPDATE listing SET length_s = ? WHERE recording = ?"]);
    expect(library.libraryCounts()).toMatchObject({ recordings: 1, durationS: 20 });
    library.close();
  }));

test("what is read blind is told by no filter of labels, and stands last in their order both ways", () =>
  withLibrary((library) => {
    const [a = "", b = "", c = ""] = [[0], [0, 2, 4], []].map((labels, i) =>
      add(library, { name: `r${i}`, labels }),
    );
    const shows = (change: object): string[] => pages(library, RecordingView.parse(change), 10);
    library.changeSettings({ author: "Mori", blind: [{ recordingId: b, reader: "Mori" }] });
    expect(shows({ filter: "labelled" })).toEqual([a]);
    expect(shows({ filter: "unlabelled" })).toEqual([c]);
    expect(shows({ sort: { by: "labelled", isDescending: true } })).toEqual([a, c, b]);
    expect(shows({ sort: { by: "labelled", isDescending: false } })).toEqual([c, a, b]);
    library.changeSettings({ author: "Sato" });
    expect(shows({ filter: "labelled" })).toEqual([a, b]);
  }));

test("what others and models masked is not missing for whoever reads blind, in the list's order and filter neither", () =>
  withLibrary((library) => {
    const [a = "", b = ""] = [
      { missing: 0, samples: 400 },
      { missing: 4, samples: 400 },
    ].map((facts, i) => add(library, { name: `r${i}`, ...facts }));
    const shows = (change: object): string[] => pages(library, RecordingView.parse(change), 10);
    const most = { sort: { by: "missing", isDescending: true } };
    const mask = { recordingId: a, reason: maskReasons.artefactByPerson, durationS: 10 };
    library.addMask({ ...mask, layer: "person", onsetS: 0, author: "Sato" });
    library.addMask({ ...mask, layer: "model", onsetS: 20, author: "" });
    expect([shows({ filter: "gaps" }), shows(most)]).toEqual([[a], [a, b]]);
    library.changeSettings({ author: "Mori", blind: [{ recordingId: a, reader: "Mori" }] });
    expect([shows({ filter: "gaps" }), shows(most)]).toEqual([[], [b, a]]);
    expect(library.observedBy(a, "Mori")).toEqual([400]);
    expect(library.observedBy(a, "Sato")).toEqual([360]);
    library.addMask({ ...mask, layer: "rule", onsetS: 40, author: "" });
    library.addMask({ ...mask, layer: "person", onsetS: 60, author: "Mori" });
    expect(shows({ filter: "gaps" })).toEqual([a]);
    expect(library.observedBy(a, "Mori")).toEqual([320]);
    library.changeSettings({ blind: [] });
    expect(library.getRecording(a).channels[0]?.observedCount).toBe(240);
  }));

test("where more of the same come, the list follows with the last of them, or with what is written next", () =>
  withLibrary((library, path) => {
    const [a, b] = [add(library, { name: "a" }), add(library, { name: "b" })];
    const labelled = () => pages(library, { ...byName, filter: "labelled" }, 5);
    const label = (recordingId: string, onsetS: number) => ({
      ...{ recordingId, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1, onsetS },
      ...{ durationS: 2, author: "", source: "person" as const, note: "" },
    });
    library.addAnnotations([label(a, 1)], { isMore: true });
    expect(labelled()).toEqual([]);
    library.addAnnotations([label(a, 2)]);
    expect(labelled()).toEqual([a]);
    library.addAnnotations([label(b, 1)], { isMore: true });
    openLibrary(path).close(); // what a process left undone as it ended is laid by the next
    expect(labelled()).toEqual([a, b]);
  }));

test("another connection's changes are in the list and in what a search finds, also of one that only reads", () =>
  withLibrary((library, path) => {
    add(library, { name: "a" });
    const reader = openLibrary(path, { readOnly: true });
    expect(pages(reader, RecordingView.parse({ query: "b" }), 5)).toEqual([]);
    const id = add(library, { name: "b" });
    expect(pages(reader, RecordingView.parse({ query: "b" }), 5)).toEqual([id]);
    reader.close();
  }));

/** Every part of a selection, of so many recordings. */
function parts(library: OpenLibrary, selection: Selection, limit: number): string[] {
  const ids: string[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const step: ReturnType<OpenLibrary["selectionStep"]> = library.selectionStep(selection, { after, limit });
    ids.push(...step.ids);
    after = step.next;
  }
  return ids;
}

test("a selection by a filter is what passed it when it was chosen, with what was ticked besides", () =>
  withLibrary((library) => {
    const ids = ["a", "b", "c", "d"].map((name) => add(library, { name, kind: "emg" }));
    const ctg = add(library, { name: "0" });
    const [, b, c] = ids;
    const { newest } = library.outlineStep(byName, { before: 0 });
    const later = add(library, { name: "later", kind: "emg" });
    const chosen: Selection = {
      ...{ kind: "filtered", filter: { ...whole, kind: "emg" }, newest },
      ...{ except: [b ?? ""], also: [ctg, c ?? "", "gone"] },
    };
    const told = [ids[0], ids[2], ids[3], ctg];
    for (const limit of [1, 2, 3, 100]) expect(parts(library, chosen, limit)).toEqual(told);
    expect(library.selectionStep(chosen, { after: 0, filter: { ...whole, query: "d" } })).toMatchObject({
      ...{ count: 4, shown: 1, ids: [], next: undefined },
    });
    expect(library.selectionStep(chosen, { after: 0, filter: whole })).toMatchObject({ count: 4, shown: 4 });
    expect(library.firstOf(chosen, 2).map(({ name }) => name)).toEqual(["0", "a"]);
    const page = library.listPage({ view: byName, selection: chosen });
    expect(
      page.rows
        .map(({ id }) => id)
        .filter((_, i) => page.isChosen?.[i] === true)
        .sort(),
    ).toEqual([...told].sort());
    expect(page.rows.map(({ id }) => id)).toContain(later);
    const these: Selection = { kind: "these", ids: [ctg, "gone", ids[0] ?? ""] };
    expect(parts(library, these, 1)).toEqual([ids[0], ctg]);
    expect(library.firstOf(these, 1).map(({ name }) => name)).toEqual(["0"]);
    expect(library.listPage({ view: byName, selection: these, limit: 2 }).isChosen).toEqual([true, true]);
    const searched: Selection = { ...chosen, filter: { ...whole, query: "c" }, except: [], also: [] };
    expect(parts(library, searched, 10)).toEqual([ids[2]]);
  }));

test("several go to the bin and come back together, those of another moment apart", () =>
  withLibrary((library) => {
    const [a = "", b = "", c = ""] = ["a", "b", "c"].map((name) => add(library, { name }));
    library.binRecordings([a, b], "2026-01-01T00:00:00Z");
    library.binRecordings([c], "2026-01-01T00:00:01Z");
    expect(pages(library, byName, 10)).toEqual([]);
    expect(library.someRecordings([a, c])).toEqual([]);
    expect(library.namesOf([a, "gone"])).toEqual({ [a]: "a" });
    expect(library.restoreBinned("2026-01-01T00:00:00Z", 1)).toEqual([a]);
    expect(library.restoreBinned("2026-01-01T00:00:00Z", 5)).toEqual([b]);
    expect(library.restoreBinned("2026-01-01T00:00:00Z", 5)).toEqual([]);
    expect(pages(library, byName, 10)).toEqual([a, b]);
    expect(library.someRecordings([b, "gone", a]).map(({ id }) => id)).toEqual([b, a]);
  }));

test("a place that the library never gave is refused", () =>
  withLibrary((library) => {
    for (const after of ["", "{}", "[1]", "no"])
      expect(() => library.listPage({ view: byName, after })).toThrow(
        expect.objectContaining({ code: "contract/bad-params" }),
      );
  }));
