import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { csvWriter } from "../formats/csv/writer.ts";
import type { OpenRecording } from "../formats/format.ts";
import { exportSource, memoryFolder } from "../formats/memory.ts";
import { noteIn, noteOf } from "../../preload/contract/noted.ts";
import { exportJob } from "./export-job.ts";
import { codeOf } from "./labels.ts";
import { importJob } from "./import-job.ts";
import { storeRecording } from "./store-recording.ts";
import { emgTable, sharedData, withBench } from "./testing.ts";

const shared = sharedData();
const ctu = shared === undefined ? undefined : join(shared, "ctg-ctu-uhb", "records");
const real = test.skipIf(shared === undefined);

test("a table becomes a complete recording with its samples, its checksum and its author's kind", () =>
  withBench(async (bench) => {
    const path = bench.put("arm.csv", emgTable(500));
    const job = await bench.import(path, { study: "pilot", subject: "S01" });
    expect(job).toMatchObject({ state: "done", done: 1, files: [{ state: "done", annotations: 0 }] });
    const [summary] = await bench.storage.library.listRecordings();
    expect(summary).toMatchObject({
      name: "arm",
      kind: "emg",
      subject: "S01",
      study: "pilot",
      state: "complete",
      durationS: 5,
      missingShare: 0,
    });
    const detail = await bench.storage.library.getRecording(summary!.id);
    expect(detail.source).toEqual({
      format: "csv",
      file: "arm.csv",
      sha256: createHash("sha256").update(readFileSync(path)).digest("hex"),
    });
    const { values } = await bench.storage.library.samples(summary!.id, 0, 0, 500);
    expect(Array.from(values)).toEqual(
      emgTable(500)
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => Number(line.split(",")[1])),
    );
    expect(bench.changes).toContainEqual({ kind: "recordings", ids: [summary!.id] });
    expect(bench.held.size).toBe(0);
  }));

test("the same file is refused a second time, and the refusal names the recording that has it", () =>
  withBench(async (bench) => {
    const path = bench.put("arm.csv", emgTable(300));
    const first = await bench.import(path);
    await bench.storage.library.changeRecording(first.files[0]!.recordingIds[0]!, { name: "left arm" });
    const again = await bench.import(path);
    expect(again.state).toBe("failed");
    expect(again.files[0]).toMatchObject({
      recordingIds: first.files[0]!.recordingIds,
      error: { code: "data/already-imported", message: expect.stringContaining("left arm") as string },
    });
    expect(await bench.storage.library.listRecordings()).toHaveLength(1);
  }));

test("another file of the same name is another recording, under a name of its own, and that is said", () =>
  withBench(async (bench) => {
    await bench.import(bench.put("arm.csv", emgTable(300, 1)));
    const job = await bench.import(bench.put("arm.csv", emgTable(300, 2)));
    expect(job.files[0]?.repairs.map(({ code }) => code)).toContain("NAME_TAKEN");
    expect((await bench.storage.library.listRecordings()).map(({ name }) => name).sort()).toEqual([
      "arm",
      "arm (2)",
    ]);
  }));

test("a file in the bin does not stand in the way of its next import", () =>
  withBench(async (bench) => {
    const path = bench.put("arm.csv", emgTable(300));
    const first = await bench.import(path);
    await bench.storage.library.removeRecording(first.files[0]!.recordingIds[0]!);
    expect((await bench.import(path)).state).toBe("done");
  }));

test.each([
  ["notes.pdf", "%PDF-1.7", "data/foreign-format"],
  ["empty.edf", "", "data/empty-file"],
  ["broken.edf", "0       " + " ".repeat(300), undefined],
  ["missing.hea", undefined, "data/file-missing"],
])("%s is refused by name and leaves nothing", (name, content, code) =>
  withBench(async (bench) => {
    const path = content === undefined ? join(bench.folder, name) : bench.put(name, content);
    const job = await bench.import(path);
    expect(job.state).toBe("failed");
    const { error } = job.files[0]!;
    if (code !== undefined) expect(error?.code).toBe(code);
    expect(error?.code).toMatch(/^data\//);
    expect(error?.message).toContain(name);
    expect(await bench.storage.library.listRecordings()).toEqual([]);
  }),
);

test("a header that no sample follows is refused, and nothing of it stays", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const whole = await bench.import(bench.put("arm.csv", emgTable(300)));
    const request = { format: "edf", directory: bench.folder, deidentify: false } as const;
    const exported = exportJob(bench.context, {
      ...request,
      recordingIds: whole.files[0]!.recordingIds,
      withAnnotations: false,
      withMask: false,
    });
    await bench.run(exported);
    const header = readFileSync(join(bench.folder, "arm.edf")).subarray(0, 256 * 4);
    const job = await bench.import(bench.put("stopped.edf", header));
    expect(job.files[0]?.error).toMatchObject({
      code: "data/no-samples",
      message: "stopped.edf has a header, and no sample follows it",
    });
    expect((await library.listRecordings()).map(({ name }) => name)).toEqual(["arm"]);
    expect(bench.held.size).toBe(0);
  }));

test("the segments of a record come with it, not a second time as recordings of their own", () =>
  withBench(async (bench) => {
    const folder = join(bench.folder, "record");
    mkdirSync(folder);
    const write = (name: string, content: string | Uint8Array): void =>
      writeFileSync(join(folder, name), content);
    write("night.hea", "# a master header\nnight/3 1 100 7\npart1 2\n~ 3\npart2 2\n");
    for (const part of ["part1", "part2"]) {
      write(`${part}.hea`, `${part} 1 100 2\n${part}.dat 16 1(0)/uV 16 0 1 3 0 EMG\n`);
      write(`${part}.dat`, Uint8Array.of(1, 0, 2, 0));
    }
    write("single.hea", "single 1 100 2\npart1.dat 16 1(0)/uV 16 0 1 3 0 EMG\n");
    const job = await bench.import(folder);
    expect(job.files.map(({ file, state }) => [basename(file), state])).toEqual([
      ["night.hea", "done"],
      ["single.hea", "done"],
    ]);
    const asked = await bench.import(join(folder, "part2.hea")); // named by a person, it is theirs
    expect(asked.files[0]).toMatchObject({ state: "done" });
  }));

test("the tables of a recording of several rates are one recording, whichever of them is named", () =>
  withBench(async (bench) => {
    const files = memoryFolder();
    const channel = (label: string, sampleRate: number) =>
      ({ label, unit: "uV", role: "emg", sampleRate, sampleType: "int16", gain: 1, offset: 0 }) as const;
    const samples = Int16Array.of(1, 2, 3);
    await csvWriter.write(
      exportSource({
        header: {
          name: "two",
          kind: "emg",
          subject: undefined,
          startedAt: undefined,
          channels: [channel("arm", 1000), channel("tilt", 50)],
          facts: {},
        },
        channels: [1, 2].map(() => ({ samples, reason: new Uint8Array(3) })),
        annotations: [],
      }),
      files.open,
      { baseName: "two", withAnnotations: true, withMask: true },
      () => undefined,
    );
    const folder = join(bench.folder, "exported");
    mkdirSync(folder);
    for (const [name, bytes] of files.files) writeFileSync(join(folder, name), bytes);
    const part = await bench.import(join(folder, "two_2.csv"));
    expect(part.files.map(({ file, state }) => [basename(file), state])).toEqual([["two.csv", "done"]]);
    const whole = await bench.import(folder);
    expect(whole.files.map(({ error }) => error?.code)).toEqual(["data/already-imported"]);
    const [recording] = await bench.storage.library.listRecordings();
    expect(recording?.channels.map((c) => [c.label, c.sampleRate, c.sampleCount])).toEqual([
      ["arm", 1000, 3],
      ["tilt", 50, 3],
    ]);
  }));

test.each([
  [
    "MATLAB 5.0 MAT-file, Platform: GLNXA64",
    "data/foreign-format",
    /MATLAB file \(level 5\).*writetable.*edfwrite/,
  ],
  ["MATLAB 7.3 MAT-file, Platform: GLNXA64", "data/foreign-format", /MATLAB file \(version 7\.3\)/],
  ["\x89HDF\r\n\x1a\n", "data/foreign-format", /HDF5|MATLAB/],
  ["PK\x03\x04\x14", "data/foreign-format", /zip archive.*CSV/],
  ["%PDF-1.7", "data/foreign-format", /ask for the recording/],
  ["GDFX and nothing known", "data/unknown-format", /no format Kodo reads/],
])("%j is refused with what to do instead", (head, code, message) =>
  withBench(async (bench) => {
    const job = await bench.import(bench.put("brought.mat", Buffer.from(head, "latin1")));
    expect(job.files[0]?.error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  }),
);

test("a bad file does not stop the good ones beside it", () =>
  withBench(async (bench) => {
    const job = await bench.import([bench.put("bad.edf", "nothing"), bench.put("arm.csv", emgTable(100))]);
    expect(job.state).toBe("done");
    expect(job.files.map(({ state }) => state)).toEqual(["failed", "done"]);
  }));

test("a folder gives its recordings, packed ones too, then its tables of annotations; the rest is left out", () =>
  withBench(async (bench) => {
    const folder = join(bench.folder, "study");
    mkdirSync(join(folder, "s02"), { recursive: true });
    writeFileSync(
      join(folder, "events.csv"),
      "recording,label,onset_s,duration_s,channel\ns1,Contraction A,0.5,1,EMG triceps\ns10,rest,1,0,\nghost,rest,1,0,\n",
    );
    writeFileSync(join(folder, "s10.csv"), emgTable(300, 3));
    writeFileSync(join(folder, "s02", "s1.csv.gz"), gzipSync(emgTable(200, 4)));
    writeFileSync(join(folder, "s02", "photo.jpg"), "jpeg");
    writeFileSync(join(folder, ".hidden.csv"), emgTable(10));
    const job = await bench.import(folder);
    expect(
      job.files.map(({ file, state, annotations }) => [file.slice(folder.length + 1), state, annotations]),
    ).toEqual([
      ["events.csv", "done", 2],
      ["s02/s1.csv.gz", "done", 0],
      ["s10.csv", "done", 0],
      ["", "done", 0],
    ]);
    expect(job.files[3]?.repairs).toMatchObject([
      {
        code: "FILES_LEFT_OUT",
        severity: "info",
        values: { folder: "study", count: 1, files: "s02/photo.jpg" },
      },
    ]);
    expect(
      job.files[0]?.repairs.map(({ code, message }) => [code, message.includes("ghost")]),
    ).toContainEqual(["RECORDINGS_UNKNOWN", true]);
    const recordings = await bench.storage.library.listRecordings();
    const s1 = recordings.find(({ name }) => name === "s1")!;
    const [event] = await bench.storage.library.listAnnotations(s1.id);
    expect(event).toMatchObject({
      label: codeOf("Contraction A"),
      text: "Contraction A",
      labelSet: "imported",
      onsetS: 0.5,
      durationS: 1,
      channel: 1,
      source: "import",
      author: "events.csv",
    });
  }));

test.each([
  ["recording,label,onset_s,duration_s\narm,rest,abc,1\n", "data/bad-cell", /line 2/],
  ["recording,label,onset_s,duration_s\narm,rest,99,1\n", "data/onset-outside", /line 2.*99 s.*\(3 s\)/],
  [
    "recording,label,onset_s,duration_s,channel\narm,rest,1,1,EMG soleus\n",
    "data/channel-unknown",
    /EMG soleus.*EMG biceps/,
  ],
  ["recording,label,onset_s,duration_s\nleg,rest,1,1\n", "data/recording-unknown", /leg/],
  ["recording,label,onset_s,duration_s\n", "data/no-rows", /events\.csv/],
])("a table of annotations with a bad row is refused whole (%#)", (table, code, message) =>
  withBench(async (bench) => {
    const recording = await bench.import(bench.put("arm.csv", emgTable(300)));
    const job = await bench.import(
      bench.put("events.csv", table.replace(",1,1,E", ",1,1,E").replace("\narm,rest,abc", "\narm,rest,abc")),
    );
    expect(job.files[0]?.error?.code).toBe(code);
    expect(job.files[0]?.error?.message).toMatch(message);
    expect(await bench.storage.library.listAnnotations(recording.files[0]!.recordingIds[0]!)).toEqual([]);
  }),
);

/** A source that gives a block a call and then waits to be told to go on. */
function slowRecording(onBlock: (index: number) => void | Promise<void>): OpenRecording {
  return {
    header: {
      name: "slow",
      kind: "emg",
      subject: undefined,
      startedAt: undefined,
      facts: {},
      channels: [
        { label: "EMG", unit: "uV", sampleRate: 1000, role: "emg", sampleType: "int16", gain: 1, offset: 0 },
      ],
    },
    blocks: async function* (done) {
      for (let index = 0; index < 100; index++) {
        await onBlock(index);
        done(index * 65536);
        yield {
          channel: 0,
          firstSample: index * 32768,
          samples: new Int16Array(32768).fill(index),
          mask: [],
        };
      }
    },
    annotations: () => Promise.resolve([]),
  };
}

test("a cancelled import leaves no recording, no block and no hold", () =>
  withBench(async (bench) => {
    const stop = new AbortController();
    const opened = slowRecording((index) => (index === 50 ? stop.abort() : undefined));
    const origin = { format: "test", file: "slow", author: "slow", sha256: () => Promise.resolve("00") };
    const stored = storeRecording(bench.context, opened, opened.header, origin, [], {
      signal: stop.signal,
      done: () => undefined,
    });
    await expect(stored).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(await bench.storage.library.listRecordings()).toEqual([]);
    expect(bench.held.size).toBe(0);
  }));

test.each([
  ["the reader", 30],
  ["the reader, on the first block", 0],
])("an import that fails in %s leaves nothing", (_where, at) =>
  withBench(async (bench) => {
    const opened = slowRecording((index) => {
      if (index === at)
        throw new AppError("data/bad-checksum", "block 30 of slow is damaged", { offset: 30 });
    });
    const origin = { format: "test", file: "slow", author: "slow", sha256: () => Promise.resolve("00") };
    const stored = storeRecording(bench.context, opened, opened.header, origin, [], {
      signal: new AbortController().signal,
      done: () => undefined,
    });
    await expect(stored).rejects.toMatchObject({ code: "data/bad-checksum" });
    expect(await bench.storage.library.listRecordings()).toEqual([]);
  }),
);

test("cancelling a job of several files keeps the files that were done and nothing of the one under way", () =>
  withBench(async (bench) => {
    const paths = [1, 2, 3].map((n) => bench.put(`t${n}.csv`, emgTable(2000, n)));
    const job = await bench.run((handle) => {
      const own = new AbortController();
      const watched = {
        ...handle,
        signal: own.signal,
        outcome: (...args: Parameters<typeof handle.outcome>) => {
          handle.outcome(...args);
          if (args[0] === 1 && args[1].state === "running") own.abort();
        },
      };
      return importJob(bench.context, paths, {})(watched);
    });
    expect(job.state).toBe("cancelled");
    expect(job.files.map(({ state }) => state)).toEqual(["done", "cancelled", "cancelled"]);
    expect((await bench.storage.library.listRecordings()).map(({ name }) => name)).toEqual(["t1"]);
  }));

test("a file that comes twice in one job is refused while the first of it is still on its way", () =>
  withBench(async (bench) => {
    const folder = join(bench.folder, "study");
    for (const part of ["a", "b"]) {
      mkdirSync(join(folder, part), { recursive: true });
      writeFileSync(join(folder, part, "arm.csv"), emgTable(300));
    }
    const job = await bench.import(folder);
    const [first, second] = job.files;
    expect(second).toMatchObject({
      state: "failed",
      recordingIds: first?.recordingIds,
      error: { code: "data/already-imported" },
    });
    expect(await bench.storage.library.listRecordings()).toHaveLength(1);
  }));

test("a recording that the library refuses fails alone, and its name is free again", () =>
  withBench(async (bench) => {
    const paths = [1, 2].map((n) => {
      mkdirSync(join(bench.folder, `${n}`));
      const path = join(bench.folder, `${n}`, "arm.csv");
      writeFileSync(path, emgTable(300, n));
      return path;
    });
    const { library } = bench.storage;
    let isFirst = true;
    const addRecordings: typeof library.addRecordings = (list) => {
      const given = isFirst ? list.map((one) => ({ ...one, id: "mine" })) : list;
      isFirst = false;
      return library.addRecordings(given);
    };
    const context = { ...bench.context, library: { ...library, addRecordings } };
    const job = await bench.run(importJob(context, paths, {}));
    expect(job.files.map(({ state, error }) => [state, error?.code])).toEqual([
      ["failed", "contract/bad-params"],
      ["done", undefined],
    ]);
    expect((await library.listRecordings()).map(({ name }) => name)).toEqual(["arm"]);
  }));

real(
  "a CTU-UHB record is imported from its header, its signal file or its folder alike [needs shared/data]",
  () =>
    withBench(async (bench) => {
      const folder = join(bench.folder, "records");
      mkdirSync(folder);
      for (const name of ["1001.hea", "1001.dat"]) copyFileSync(join(ctu!, name), join(folder, name));
      const job = await bench.import([join(folder, "1001.dat"), join(folder, "1001.hea"), folder]);
      expect(job.files).toHaveLength(1);
      expect(job.files[0]).toMatchObject({ state: "done", file: join(folder, "1001.hea") });
      const detail = await bench.storage.library.getRecording(job.files[0]!.recordingIds[0]!);
      expect(detail).toMatchObject({ name: "1001", kind: "ctg", state: "complete" });
      expect(
        detail.channels.map(({ role, sampleRate, sampleCount }) => [role, sampleRate, sampleCount]),
      ).toEqual([
        ["fhr", 4, 19200],
        ["uc", 4, 19200],
      ]);
      expect(detail.missingShare).toBeGreaterThan(0);
      expect(detail.missingShare).toBeLessThan(0.5);
    }),
);

real("a packed FHRMA record is read as what it holds [needs shared/data]", () =>
  withBench(async (bench) => {
    const folder = join(shared!, "ctg-fhrma-ma", "signals");
    const job = await bench.import(join(folder, "train01.fhr.gz"));
    expect(job.files[0]?.error).toBeUndefined();
    const detail = await bench.storage.library.getRecording(job.files[0]!.recordingIds[0]!);
    expect(detail).toMatchObject({ kind: "ctg", source: { format: "fhr", file: "train01.fhr.gz" } });
    expect(detail.source.sha256).toBe(
      createHash("sha256")
        .update(readFileSync(join(folder, "train01.fhr.gz")))
        .digest("hex"),
    );
  }),
);

test("an exported folder imported again brings its recordings, and no annotation twice", () =>
  withBench(async (bench) => {
    const { library } = bench.storage;
    const first = await bench.import(bench.put("arm.csv", emgTable(300)));
    const id = first.files[0]!.recordingIds[0]!;
    const head = "recording,label,onset_s,duration_s,channel,author,note\n";
    await bench.import(
      bench.put("events.csv", `${head}arm,中文测试八个字,0.5,1,,A,=2\narm,(N,1,0,EMG triceps,B,\n`),
    );
    const [decided] = await library.listAnnotations(id);
    const note = noteOf({ code: "agreed", by: "A", readers: ["B", "C"] }); // which files have in words
    await library.changeAnnotation({ id: decided!.id, note });
    const directory = join(bench.folder, "out");
    const common = { recordingIds: [id], withAnnotations: true, withMask: true, deidentify: false };
    for (const format of ["csv", "edf", "wfdb", "json"] as const)
      await bench.run(exportJob(bench.context, { ...common, format, directory }));
    const before = await library.listAnnotations(id);
    const job = await bench.import(directory);
    expect(job.files.map(({ error }) => error)).toEqual(job.files.map(() => undefined));
    expect(await library.listAnnotations(id)).toEqual(before);
    const table = job.files.find(({ file }) => file.endsWith(".annotations.csv"));
    expect(table?.annotations).toBe(0);
    expect(table?.repairs.map(({ code }) => code)).toContain("ANNOTATIONS_KNOWN");
    const essence = (list: typeof before) =>
      list.map((one) => [one.text, noteIn(one.note, "en"), one.author, one.channel]);
    expect(essence(before)[0]?.[1]).toBe("B, C agree; kept by A");
    const copies = (await library.listRecordings()).filter((one) => one.id !== id);
    expect(copies).toHaveLength(4);
    for (const copy of copies)
      expect(essence(await library.listAnnotations(copy.id))).toEqual(essence(before));
  }));

test("where the library fails a group, the job fails with it, though others wait for their turn", () =>
  withBench(async (bench) => {
    const paths = Array.from({ length: 200 }, (_, i) => bench.put(`${i}.csv`, emgTable(20, i)));
    const full = new AppError("storage/disk-full", "The disk is full");
    const library = {
      ...bench.storage.library,
      addRecordings: async () => {
        await new Promise((done) => setTimeout(done, 500)); // the next group gathers meanwhile
        throw full;
      },
    };
    const job = await bench.run(importJob({ ...bench.context, library }, paths, {}));
    expect(job.state).toBe("failed");
    expect(new Set(job.files.map(({ state, error }) => `${state} ${error?.code ?? ""}`))).toEqual(
      new Set(["failed storage/disk-full"]),
    );
    expect(bench.held.size).toBe(0);
  }));
