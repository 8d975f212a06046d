import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SourceAnnotation } from "../signal/block.ts";
import { edfWriter } from "../formats/edf/writer.ts";
import { exportSource, memoryFolder } from "../formats/memory.ts";
import { annotationTable } from "./annotation-table.ts";
import { sharedData, withBench, type Bench } from "./testing.ts";

const shared = sharedData();
const real = test.skipIf(shared === undefined);

interface Made {
  readonly startedAt?: string | undefined;
  readonly subject?: string;
  readonly seconds?: number; // of one EMG channel; 0 for a file of annotations alone
  readonly events?: readonly (readonly [onsetS: number, label: string])[];
}

/** An EDF+ file of ours in the bench's folder. */
async function put(bench: Bench, name: string, made: Made): Promise<string> {
  const { startedAt = "2024-05-06T07:08:09", subject = "S01", seconds = 0, events = [] } = made;
  const folder = memoryFolder();
  const channel = { label: "EMG", unit: "uV", sampleRate: 100, role: "emg" as const };
  const scale = { sampleType: "int16" as const, gain: 1, offset: 0 };
  const samples = Int16Array.from({ length: seconds * 100 }, (_, i) => i % 90);
  const source = exportSource({
    header: {
      name,
      kind: "emg",
      subject,
      startedAt: startedAt === "" ? undefined : startedAt,
      facts: {},
      channels: seconds === 0 ? [] : [{ ...channel, ...scale }],
    },
    channels: seconds === 0 ? [] : [{ samples, reason: new Uint8Array(samples.length) }],
    annotations: events.map(([onsetS, label]): SourceAnnotation => ({
      onsetS,
      durationS: 1,
      label,
      channel: undefined,
      note: "",
    })),
  });
  const options = { baseName: name, withAnnotations: true, withMask: true };
  await edfWriter.write(source, folder.open, options, () => undefined);
  return bench.put(`${name}.edf`, folder.files.get(`${name}.edf`)!);
}

const eventsOf = async (bench: Bench, id: string): Promise<readonly (readonly [number, string])[]> =>
  (await bench.storage.library.listAnnotations(id)).map(({ onsetS, label }) => [onsetS, label]);

test("annotations alone go to the one recording that starts when they do, in the same import", () =>
  withBench(async (bench) => {
    const paths = [
      await put(bench, "a-scores", { events: [[2, "fist"]] }), // before its recording
      await put(bench, "arm", { seconds: 10 }),
      await put(bench, "later", { seconds: 10, startedAt: "2024-05-06T07:30:00" }),
    ];
    const job = await bench.import(paths);
    expect(job.files.map(({ state }) => state)).toEqual(["done", "done", "done"]);
    const id = job.files[1]!.recordingIds[0]!;
    expect(job.files[0]).toMatchObject({ recordingIds: [id], annotations: 1 });
    expect(job.files[0]!.repairs.map(({ code }) => code)).toContain("ANNOTATIONS_BESIDE");
    expect(await eventsOf(bench, id)).toEqual([[2, "fist"]]);
    expect(await bench.storage.library.listRecordings()).toHaveLength(2);
    const [annotation] = await bench.storage.library.listAnnotations(id);
    expect(annotation?.author).toBe("a-scores.edf");
  }));

test("of two recordings that start together, the one of the same subject gets them", () =>
  withBench(async (bench) => {
    const recordings = [
      await put(bench, "mother", { seconds: 5, subject: "S01" }),
      await put(bench, "child", { seconds: 5, subject: "S02" }),
    ];
    const job = await bench.import(recordings);
    const scored = await bench.import(await put(bench, "scores", { subject: "S02", events: [[1, "x"]] }));
    expect(scored.files[0]!.recordingIds).toEqual(job.files[1]!.recordingIds);
  }));

test("where several recordings fit, or none, nothing is guessed", () =>
  withBench(async (bench) => {
    const scores = await put(bench, "scores", { subject: "S09", events: [[1, "x"]] });
    const alone = await bench.import(scores);
    expect(alone.files[0]!.error).toMatchObject({
      code: "data/annotations-alone",
      message: expect.stringContaining("2024-05-06T07:08:09") as string,
    });
    await bench.import([
      await put(bench, "mother", { seconds: 5, subject: "S01" }),
      await put(bench, "child", { seconds: 5, subject: "S02" }),
    ]);
    const several = await bench.import(scores);
    expect(several.files[0]!.error).toMatchObject({
      code: "data/recording-ambiguous",
      message: expect.stringMatching(/child, mother|mother, child/) as string,
    });
    const unknown = await bench.import(await put(bench, "undated", { startedAt: "", events: [[1, "x"]] }));
    expect(unknown.files[0]!.error?.code).toBe("data/annotations-alone");
  }));

test("a named recording gets them, moved by the difference of the starts; what lies outside is listed", () =>
  withBench(async (bench) => {
    const job = await bench.import(await put(bench, "arm", { seconds: 10 }));
    const id = job.files[0]!.recordingIds[0]!;
    const scores = await put(bench, "scores", {
      startedAt: "2024-05-06T07:08:11",
      events: [
        [1, "fist"],
        [30, "rest"],
      ],
    });
    const named = await bench.import(scores, { attachTo: id });
    expect(named.files[0]).toMatchObject({ state: "done", annotations: 1 });
    const { repairs } = named.files[0]!;
    expect(repairs.map(({ code }) => code)).toContain("ANNOTATIONS_OUTSIDE");
    expect(repairs.map(({ code }) => code)).not.toContain("ANNOTATIONS_BESIDE");
    expect(await eventsOf(bench, id)).toEqual([[3, "fist"]]);
    const undated = await put(bench, "undated", { startedAt: "", events: [[4, "rest"]] });
    await bench.import(undated, { attachTo: id });
    expect(await eventsOf(bench, id)).toEqual([
      [3, "fist"],
      [4, "rest"],
    ]);
    const lost = await bench.import(scores, { attachTo: "no-such-recording" });
    expect(lost.files[0]?.error?.code).toBe("storage/not-found");
  }));

test("where a start is unknown, the recording of the same name gets them", () =>
  withBench(async (bench) => {
    const job = await bench.import([
      await put(bench, "arm", { seconds: 10 }),
      await put(bench, "leg", { seconds: 10, startedAt: "2024-05-06T07:30:00" }),
    ]);
    const scores = await put(bench, "leg", { startedAt: "", events: [[4, "rest"]] }); // over the file, now known
    const named = await bench.import(scores);
    expect(named.files[0]).toMatchObject({
      state: "done",
      recordingIds: job.files[1]!.recordingIds,
      repairs: [
        { code: "ANNOTATIONS_BY_NAME" },
        { code: "LABELS_UNKNOWN" },
        { code: "ANNOTATIONS_ADDED", values: { count: 1, recording: "leg" } },
      ],
    });
    expect(await eventsOf(bench, job.files[1]!.recordingIds[0]!)).toEqual([[4, "rest"]]);
  }));

test("a second import of the same annotations adds none, and one that was added can be undone", () =>
  withBench(async (bench) => {
    const job = await bench.import(await put(bench, "arm", { seconds: 10 }));
    const id = job.files[0]!.recordingIds[0]!;
    const scores = await put(bench, "scores", {
      events: [
        [1, "fist"],
        [2, "rest"],
      ],
    });
    expect((await bench.import(scores)).files[0]!.annotations).toBe(2);
    const again = await bench.import(scores);
    expect(again.files[0]).toMatchObject({ state: "done", annotations: 0 });
    expect(again.files[0]!.repairs.map(({ code }) => code)).toContain("ANNOTATIONS_KNOWN");
    expect(await eventsOf(bench, id)).toHaveLength(2);
    await bench.storage.library.undo(id);
    expect(await eventsOf(bench, id)).toEqual([]);
  }));

test("of a table that says the same twice nothing comes again, but what another reader said and what differs in one thing does", () =>
  withBench(async (bench) => {
    const job = await bench.import(await put(bench, "arm", { seconds: 10 }));
    const id = job.files[0]!.recordingIds[0]!;
    const head = "recording,label,onset_s,duration_s,author,note\n";
    const same = `${head}arm,fist,1,2,,a\narm,fist,1,2,,a\narm,fist 1,1,2,,a\n`;
    expect((await bench.import(bench.put("a.csv", same))).files[0]!.annotations).toBe(3);
    expect((await bench.import(bench.put("a.csv", same))).files[0]!.annotations).toBe(0);
    const others = `${head}arm,fist,1,2,Mori,a\narm,fist,1,2,,\narm,fist,1,2.5,,a\narm,fist,1,2,,a\narm,fis,1,2,,ta\n`;
    const again = await bench.import(bench.put("b.csv", others));
    expect(again.files[0]!.annotations).toBe(4);
    expect(await eventsOf(bench, id)).toHaveLength(7);
  }));

test("annotations written alone as EDF+ come back to their recording, its channels and their notes", () =>
  withBench(async (bench) => {
    const arm = await put(bench, "arm", { seconds: 10 });
    const job = await bench.import(arm);
    const id = job.files[0]!.recordingIds[0]!;
    const { library } = bench.storage;
    const base = { recordingId: id, labelSet: "emg-gestures", labelSetVersion: 1, source: "person" } as const;
    await library.addAnnotations([
      { ...base, label: "hand-close", onsetS: 1.25, durationS: 2, channel: 0, author: "A", note: "体位変換" },
      { ...base, label: "neutral", onsetS: 4, durationS: 0.5, channel: 0, author: "A", note: "" },
      { ...base, label: "neutral", onsetS: 6, durationS: 0, author: "A", note: "two\nlines" },
    ]);
    const file = join(bench.folder, "arm scores.edf");
    await annotationTable(library, { recordingIds: [id], file, deidentify: false });
    await expect(
      annotationTable(library, { recordingIds: [id], file, deidentify: false }),
    ).rejects.toMatchObject({
      code: "data/file-exists",
    });
    await withBench(async (other) => {
      const [elsewhere] = (await other.import(arm)).files[0]!.recordingIds;
      const back = await other.import(file);
      expect(back.files[0]).toMatchObject({ state: "done", recordingIds: [elsewhere], annotations: 3 });
      const brief = (await other.storage.library.listAnnotations(elsewhere!)).map(
        ({ label, onsetS, durationS, channel, note }) => [label, onsetS, durationS, channel, note],
      );
      expect(brief).toEqual([
        ["hand-close", 1.25, 2, 0, "体位変換"],
        ["neutral", 4, 0.5, 0, ""],
        ["neutral", 6, 0, undefined, "two\nlines"],
      ]);
    });
  }));

test("a file of EDF+ holds the annotations of one recording", () =>
  withBench(async (bench) => {
    const file = join(bench.folder, "all.edf");
    await expect(
      annotationTable(bench.storage.library, { recordingIds: [], file, deidentify: false }),
    ).rejects.toMatchObject({
      code: "data/recording-ambiguous",
      detail: { value: 0, allowed: "1 recording" },
    });
    expect(existsSync(file)).toBe(false);
  }));

test("a table given to one recording may call it what it likes, but speaks of one only", () =>
  withBench(async (bench) => {
    const job = await bench.import(await put(bench, "arm", { seconds: 10 }));
    const id = job.files[0]!.recordingIds[0]!;
    const head = "recording,label,onset_s,duration_s\n";
    const one = await bench.import(bench.put("one.csv", `${head}S1 left,fist,1,2\nS1 left,rest,3,1\n`), {
      attachTo: id,
    });
    expect(one.files[0]).toMatchObject({ state: "done", recordingIds: [id], annotations: 2 });
    const two = await bench.import(bench.put("two.csv", `${head}S1,fist,1,2\nS2,rest,3,1\n`), {
      attachTo: id,
    });
    expect(two.files[0]?.error).toMatchObject({
      code: "data/recording-ambiguous",
      message: "two.csv names 2 recordings (S1, S2); its annotations cannot all belong to one",
    });
  }));

test("a table that is refused at its last row leaves no annotation and no new label", () =>
  withBench(async (bench) => {
    const job = await bench.import([
      await put(bench, "arm", { seconds: 10 }),
      await put(bench, "leg", { seconds: 5, startedAt: "2024-05-06T07:30:00" }),
    ]);
    const before = await bench.storage.library.listLabelSets();
    const rows = "recording,label,onset_s,duration_s\narm,a new word,1,2\nleg,another,7,1\n";
    const refused = await bench.import(bench.put("events.csv", rows));
    expect(refused.files[0]?.error).toMatchObject({ code: "data/onset-outside", detail: { line: 3 } });
    expect(await bench.storage.library.listLabelSets()).toEqual(before);
    for (const { recordingIds } of job.files) expect(await eventsOf(bench, recordingIds[0]!)).toEqual([]);
  }));

test("a file with neither signals nor annotations is refused", () =>
  withBench(async (bench) => {
    const job = await bench.import(await put(bench, "hollow", {}));
    expect(job.files[0]!.error?.code).toBe("data/no-signals");
  }));

real("the hypnogram of Sleep-EDF finds the recording it was scored on [needs shared/data]", () =>
  withBench(async (bench) => {
    const at = (name: string): string => join(shared!, "formats", "edf", name);
    const job = await bench.import([at("SC4001EC-Hypnogram.edf"), at("short_psg.edf")]);
    const [hypnogram, recording] = job.files;
    expect(hypnogram).toMatchObject({ state: "done", recordingIds: recording!.recordingIds });
    expect(hypnogram!.annotations).toBeGreaterThan(0);
    expect(hypnogram!.repairs.map(({ code }) => code)).toContain("ANNOTATIONS_OUTSIDE"); // the night goes on
  }),
);
