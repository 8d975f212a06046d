import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { ALL_LABELS, type LabelSet } from "../../../preload/contract/label-set.ts";
import { fold, sortKey } from "../../../preload/contract/listing.ts";
import { type Run, RunConfig } from "../../../preload/contract/run.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, inFolder, newRecording, purgeWhole, ramp } from "../testing.ts";

const secrets = {
  name: "Yamada-Hanako-1031",
  formerName: "Hanako-of-ward-9",
  subject: "PATIENT-77310",
  formerSubject: "PATIENT-66310",
  errorDetail: "yamada room 4",
  file: "yamada_hanako_nst.dat",
  oldFile: "yamada_hanako_old.csv",
  note: "Gestational diabetes, twin of 77311",
  labelNote: "mother moved to the left side",
  fact: "Dr. Kuroda ward 12",
  labelText: "Twin B of Sato, moved",
  labelCode: "twin-b-of-sato-moved",
};

/** A pattern of samples that nothing else makes. */
const pattern = Int16Array.from({ length: 3000 }, (_, i) => ((i * 7121) % 30011) - 15000);
const patternBytes = Buffer.from(pattern.buffer).subarray(512, 576);

/** Which of the words and samples lie anywhere in any file of the folder, and where. */
function found(folder: string): string[] {
  const wanted: [string, Buffer][] = [
    ...Object.entries(secrets).flatMap(([what, text]): [string, Buffer][] => [
      [what, Buffer.from(text, "utf8")],
      [`${what} (UTF-16)`, Buffer.from(text, "utf16le")],
      [`${what} (for search)`, Buffer.from(fold(text), "utf8")],
      [`${what} (for order)`, Buffer.from(sortKey(text), "utf8")],
    ]),
    ["samples", patternBytes],
  ];
  return readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    return wanted.flatMap(([what, needle]) => (bytes.includes(needle) ? [`${what} in ${name}`] : []));
  });
}

function record(library: OpenLibrary, change: { name: string; subject: string; note: string }): string {
  const { header, ...rest } = newRecording();
  const id = library.createRecording({
    ...rest,
    header: { ...header, name: "to be renamed", facts: { doctor: secrets.fact } },
    subject: change.subject,
    source: { format: "wfdb", file: secrets.file, sha256: "ab".repeat(32) },
  });
  for (let at = 0; at < pattern.length; at += 100)
    // small pieces, which are joined: their old places are given up
    library.appendBlocks(id, [block(0, at, pattern.slice(at, at + 100))]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  library.changeRecording(id, { name: change.name, note: change.note });
  const label = { recordingId: id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 };
  const whole = { ...label, onsetS: 10, durationS: 30, note: secrets.labelNote } as const;
  library.addAnnotations([{ ...whole, author: secrets.file, source: "import" }], { isUndoable: false });
  const [one] = library.addAnnotations([{ ...whole, author: "Mori", source: "person" }]);
  library.changeAnnotation({ id: one!.id, note: `${secrets.labelNote}!` });
  library.removeAnnotation(one!.id);
  library.undo(id);
  const typed = library.saveLabelSet(importedSet([secrets.labelText, secrets.labelCode], ["pause", "pause"]));
  for (const { code } of typed.labels)
    library.addAnnotations(
      [
        {
          ...whole,
          labelSet: typed.id,
          labelSetVersion: 1,
          label: code,
          author: secrets.file,
          source: "import",
        },
      ],
      { isUndoable: false },
    );
  const reading = { recordingId: id, labelSet: "ctg-events", labelSetVersion: 1, onsetS: 0, durationS: 60 };
  library.addReading({ ...reading, author: secrets.file }, { isUndoable: false, isFromFile: true });
  library.addReading({ ...reading, author: secrets.oldFile }); // as files were logged once
  return id;
}

const importedSet = (...labels: readonly (readonly [text: string, code: string])[]): LabelSet => ({
  id: "imported",
  version: 1,
  name: { en: "Imported", ja: "取り込み" },
  kind: "other",
  groups: [ALL_LABELS],
  labels: labels.map(([text, code]) => ({
    ...{ code, name: { en: text, ja: text }, letter: "T", colour: "#0072b2", shape: "interval" },
    group: "all",
  })),
});

const run = (ids: readonly string[], subjects: readonly string[], name: string): Run => ({
  id: "r",
  config: RunConfig.parse({
    name: "first",
    recordingIds: ids,
    labelSet: "ctg-events",
    labels: ["deceleration"],
    channels: ["FHR"],
    windowS: 1,
    strideS: 1,
    testSubjects: [subjects[0]],
    validationSubjects: [subjects[1]],
  }),
  classes: ["deceleration"],
  phase: "failed",
  createdAt: "2026-11-24T00:00:00Z",
  codeVersion: "0",
  data: ids.map((recordingId, i) => ({
    recordingId,
    recording: i === 0 ? name : "other",
    subject: subjects[i]!,
    checksum: "00",
  })),
  curve: [],
  hasCheckpoint: false,
  error: {
    code: "model/data-changed",
    message: `Labels or masks of ${name} changed`,
    detail: { recording: secrets.errorDetail },
  },
});

const withSecrets = (
  folder: string,
  work: (world: { library: OpenLibrary; path: string; id: string; other: string }) => void,
): void => {
  const path = join(folder, "library.kodo");
  const library = openLibrary(path);
  const id = record(library, secrets);
  const other = library.createRecording(newRecording(undefined, { subject: "S2" }));
  library.closeRecording(other, { state: "complete", repairs: [] });
  library.saveRun(run([id, other], [secrets.subject, "S2"], secrets.name));
  library.saveRun({ ...run([id, other], [secrets.formerSubject, "S2"], secrets.formerName), id: "earlier" });
  expect(found(folder).join()).toMatch(/name.*subject.*file.*note.*samples/);
  expect(found(folder).join()).toMatch(/name \(for search\).*name \(for order\).*note \(for search\)/);
  work({ library, path, id, other });
};

test("nothing of a purged recording is left in any file: no word, no sample, while the library is still open", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, id, other }) => {
      expect(purgeWhole(library, [id])).toEqual({ count: 1, copies: [] });
      expect(found(folder)).toEqual([]);
      expect(library.listRecordings()).toMatchObject([{ id: other }]);
      expect(library.verifyLog()).toMatchObject({ brokenAt: undefined, cuts: [] });
      const log = library.readLog(100);
      expect(log.find(({ action }) => action === "log.redact")?.detail).toContain(id);
      expect(log.filter(({ subject }) => subject === id).length).toBeGreaterThan(5); // that it was there is no secret
      library.close();
      expect(found(folder)).toEqual([]);
    }),
  ));

test("a run over it keeps its results, under a code that says nothing; others' codes stay", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, id, other }) => {
      purgeWhole(library, [id]);
      const { data, config, error } = library.getRun("r");
      const code = data[0]!.subject;
      expect(code).toMatch(/^purged-/);
      expect(data).toMatchObject([
        { recordingId: id },
        { recordingId: other, subject: "S2", recording: "other" },
      ]);
      expect(data[0]).not.toHaveProperty("recording");
      expect([config.split.testSubjects, config.split.validationSubjects]).toEqual([[code], ["S2"]]);
      expect(error?.message).toBe(`Labels or masks of ${id} changed`);
      library.close();
    }),
  ));

test("a run that was under way when a recording was purged does not bring its name back", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, id, other }) => {
      purgeWhole(library, [id]);
      const done = run([id, other], [secrets.subject, "S2"], secrets.name);
      library.saveRun({ ...done, phase: "done" });
      const { data, config, error } = library.getRun("r");
      expect(data).toMatchObject([
        { recordingId: id, subject: `purged-${id.slice(0, 8)}` },
        { recordingId: other, subject: "S2", recording: "other" },
      ]);
      expect(config.split.testSubjects).toEqual([data[0]?.subject]);
      expect(error?.message).toBe(`Labels or masks of ${id} changed`);
      library.close();
      expect(found(folder)).toEqual([]);
    }),
  ));

test("of several that are purged at once a run forgets each, also one that was under way", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, id, other }) => {
      const content = run([id, other], [secrets.subject, "S2"], secrets.name);
      const message = `Labels of ${secrets.name} and masks of other changed`;
      const both = { ...content, error: { code: "x", message, detail: {} } };
      library.saveRun(both);
      purgeWhole(library, [id, other]);
      const coded = [id, other].map((one) => `purged-${one.slice(0, 8)}`);
      for (const isUnderWay of [false, true]) {
        if (isUnderWay) library.saveRun(both);
        const { data, error } = library.getRun("r");
        expect(data.map(({ recording, subject }) => [recording, subject])).toEqual(
          coded.map((code) => [undefined, code]),
        );
        expect(error?.message).toBe(`Labels of ${id} and masks of ${other} changed`);
      }
    }),
  ));

test("a run forgets the name and the code that the recording had when it began, a damaged one all it says", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, path, id, other }) => {
      library.saveRun({ ...run([id], [secrets.subject, "S2"], secrets.name), id: "cut" });
      library.close();
      const raw = new Sqlite(path);
      raw.pragma("ignore_check_constraints = ON");
      raw.exec("UPDATE run SET content = substr(content, 1, length(content) - 1) WHERE id = 'cut'");
      raw.close();
      const again = openLibrary(path);
      purgeWhole(again, [id]);
      const { data, config, error } = again.getRun("earlier");
      const code = data[0]!.subject;
      expect(code).toMatch(/^purged-/);
      expect(data).toMatchObject([{ recordingId: id }, { recordingId: other, subject: "S2" }]);
      expect(config.split.testSubjects).toEqual([code]);
      expect(error).toEqual({ code: "model/data-changed", message: `Labels or masks of ${id} changed` });
      expect(again.getRun("cut").error?.code).toBe("storage/corrupt");
      again.close();
      expect(found(folder)).toEqual([]);
    }),
  ));

test("of the words that files brought those stay that another recording, a step of its history or a run uses", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, id, other }) => {
      const words = ["pause", "undone", "learned", "nobody"].map((word) => [word, word] as const);
      library.saveLabelSet(importedSet([secrets.labelText, secrets.labelCode], ...words));
      const common = {
        recordingId: other,
        labelSet: "imported",
        labelSetVersion: 2,
        note: "",
        author: "Mori",
      };
      const one = { ...common, onsetS: 1, durationS: 1, source: "person" } as const;
      library.addAnnotations([{ ...one, label: "pause" }]);
      library.addAnnotations([{ ...one, label: "undone" }]);
      library.undo(other);
      const learned = run([other, other], ["S2", "S2"], "other");
      library.saveRun({
        ...learned,
        id: "learned",
        config: {
          ...learned.config,
          data: { ...learned.config.data, labelSet: "imported", labels: ["learned"] },
        },
        classes: ["learned"],
      });
      purgeWhole(library, [id]);
      const codes = (version: number): string[] =>
        library.getLabelSet("imported", version).labels.map(({ code }) => code);
      expect([codes(1), codes(2)]).toEqual([["pause"], ["pause", "undone", "learned"]]);
      library.redo(other);
      library.purgeRuns(["learned"]);
      purgeWhole(library, [other]);
      expect(library.listLabelSets().map((set) => set.id)).not.toContain("imported");
      library.close();
      expect(found(folder)).toEqual([]);
    }),
  ));

test("a purge under a reader says that bytes are left, and they go once the reader is gone", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, path, id, other }) => {
      const reader = new Sqlite(path, { readonly: true });
      reader.exec("BEGIN");
      reader.prepare("SELECT count(*) FROM recording").get();
      expect(() => purgeWhole(library, [id])).toThrow(
        expect.objectContaining({ code: "storage/not-erased" }),
      );
      expect(library.listRecordings().map((one) => one.id)).toEqual([other]);
      expect(found(folder)).not.toEqual([]);
      reader.close();
      purgeWhole(library, []);
      expect(found(folder)).toEqual([]);
      library.close();
    }),
  ));

test("nothing of a purged run is left in any file while the library is still open: no word, no number of its model", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "library.kodo"));
    library.saveRun({ ...run(["a", "b"], [secrets.subject, "S2"], secrets.name), note: secrets.note });
    library.saveModel("r", "checkpoint", new Uint8Array(pattern.buffer));
    expect(found(folder).join()).toMatch(/name.*subject.*samples/);
    expect(library.purgeRuns(["r"])).toEqual({ count: 1, copies: [] });
    expect(found(folder)).toEqual([]);
    library.close();
  }));

test("a subject with a recording left in the library keeps its code", () =>
  inFolder((folder) =>
    withSecrets(folder, ({ library, id }) => {
      const twin = library.createRecording(newRecording(undefined, { subject: secrets.subject }));
      purgeWhole(library, [id]);
      expect(library.getRun("r").data[0]).toMatchObject({ subject: secrets.subject });
      expect(library.getRecording(twin).subject).toBe(secrets.subject);
      library.close();
    }),
  ));

test("a long recording goes in slices, and others are written and read between two", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "library.kodo"));
    const made = (): string => library.createRecording(newRecording());
    const [long, other] = [made(), made()];
    const pieces = Array.from({ length: 60 }, (_, i) => block(0, i * 32_768, ramp(32_768)));
    library.appendBlocks(long, pieces);
    library.closeRecording(long, { state: "complete", repairs: [] });
    library.beginPurge([long]);
    let slices = 0;
    while (library.purgeSome()) {
      slices += 1;
      library.appendBlocks(other, [block(0, (slices - 1) * 100, ramp(100))]);
      expect(library.listRecordings().map(({ id }) => id)).toEqual([other]);
    }
    expect(slices).toBeGreaterThan(1);
    expect(library.getRecording(other).channels[0]?.sampleCount).toBe(100 * slices);
    expect(library.endPurge()).toEqual([]);
    library.close();
  }));

test("a purge that was cut short is finished at the next opening", () =>
  inFolder((folder) => {
    const path = join(folder, "library.kodo");
    let cut = false;
    const beforeWrite = (sql: string): void => {
      if (cut && sql.startsWith("DELETE FROM block")) throw new Error("planted");
    };
    const library = openLibrary(path, { beforeWrite });
    const id = record(library, secrets);
    cut = true;
    expect(() => purgeWhole(library, [id])).toThrow("planted");
    library.close();
    openLibrary(path).close();
    expect(found(folder)).toEqual([]);
  }));

test("in a library of before, what was deleted and renamed earlier goes too, with its log and its copy", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    writeFileSync(
      path,
      gunzipSync(readFileSync(new URL("../migrations/testdata/schema-4.kodo.gz", import.meta.url))),
    );
    const words = ["hanako-a", "hanako-1", "P-017", "twin of P-016", "hanako-2", "late?"];
    const inFiles = (): string[] =>
      readdirSync(folder).flatMap((name) => {
        const bytes = readFileSync(join(folder, name));
        return words.filter((word) => bytes.includes(word)).map((word) => `${word} in ${name}`);
      });
    const library = openLibrary(path);
    expect(inFiles().join()).toMatch(/hanako-1.*old\.kodo\.schema-4\.backup/);
    mkdirSync(join(folder, "unrelated"));
    writeFileSync(join(folder, "old.kodo.replaced-2026-11-28"), "aside");
    const ids = [
      ...library.listRecordings().filter(({ subject }) => subject === "P-017"),
      ...library.binPage({}).rows,
    ];
    expect(
      purgeWhole(
        library,
        ids.map(({ id }) => id),
      ),
    ).toEqual({
      count: 2,
      copies: ["old.kodo.replaced-2026-11-28"],
    });
    library.close();
    const left = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    expect(left.map(({ name }) => name).sort()).toEqual(["old.kodo", "old.kodo.replaced-2026-11-28"]);
    const bytes = readFileSync(path);
    expect(words.filter((word) => bytes.includes(word))).toEqual([]);
    const again = openLibrary(path);
    expect(again.listRecordings()).toMatchObject([{ name: "taro-1" }]);
    expect(again.verifyLog().brokenAt).toBeUndefined();
    expect(again.checkIntegrity()).toEqual([]);
    again.close();
  }));
