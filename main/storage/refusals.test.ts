import Sqlite from "better-sqlite3";
import { closeSync, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Prediction } from "../../preload/contract/run.ts";
import type { Settings } from "../../preload/contract/settings.ts";
import { decodeBlock, samplesIn } from "./samples/block-codec.ts";
import { spawnLibrary } from "./client.ts";
import { Database } from "./file/database.ts";
import { migrate, SCHEMA } from "./migrations/index.ts";
import { openLibrary } from "./open-library.ts";
import { isAlive, thisProcess } from "./file/owner.ts";
import { memoryOf } from "../calls/transfer.ts";
import { asAppError } from "./file/sqlite-errors.ts";
import { block, channelHeader, inFolder, newRecording, ramp, withLibrary } from "./testing.ts";

const float = (label = "EMG") => channelHeader({ label, sampleType: "float32", gain: 1, offset: 0 });

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("what is not in the library is refused by name, with what is there", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    expect(() => library.samples(id, 3, 0, 1)).toThrow(`Recording ${id} has no channel 3; it has 1`);
    expect(() => library.getLabelSet("ctg-events", 99)).toThrow("no label set ctg-events version 99");
    expect(() => library.getLabelSet("none")).toThrow("no label set none in");
    expect(() => library.removeAnnotation("none")).toThrow("There is no annotation none");
    const prediction: Prediction = {
      runId: "gone",
      recordingId: id,
      classes: ["a", "b"],
      adaptation: "none",
      windowS: 1,
      onsetS: Float64Array.of(0),
      probabilities: Float32Array.of(0.5, 0.5),
      low: Float32Array.of(0, 0),
      high: Float32Array.of(1, 1),
      aleatoric: Float32Array.of(0),
      epistemic: Float32Array.of(0),
      typicality: Float32Array.of(0),
      assessable: Uint8Array.of(1),
      createdAt: "2026-11-24T01:00:00Z",
    };
    expect(() => library.savePrediction(prediction)).toThrow(/gone/);
  }));

test("a change that changes nothing is not logged, and an absent setting is left as it is", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    const entries = library.readLog(100).length;
    const same = { study: "trial", subject: undefined } as unknown as { study: string };
    expect(library.changeRecording(id, same)).toMatchObject({ study: "trial", subject: "S1" });
    expect(library.readLog(100)).toHaveLength(entries);
    const before = library.getSettings();
    expect(library.changeSettings({ author: undefined } as unknown as Partial<Settings>)).toEqual(before);
  }));

test("a log entry without detail is kept, and the chain holds", () =>
  withLibrary((library) => {
    library.log({ actor: "Mori", action: "note", subject: "s", detail: undefined });
    expect(library.readLog(1)).toMatchObject([{ action: "note", detail: "null" }]);
    expect(library.verifyLog().brokenAt).toBeUndefined();
  }));

test("a value that is no number keeps the reason its source gave, and a gap of measured values is not a number", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording([float()]));
    const values = Float32Array.of(1, NaN, NaN, Infinity);
    library.appendBlocks(id, [
      block(0, 0, values, [{ first: 1, count: 1, reason: maskReasons.droppedPacket }]),
    ]);
    library.appendBlocks(id, [block(0, 6, Float32Array.of(2))]);
    const { samples, mask } = library.digitalBlock(id, 0, 0, 7);
    expect(mask).toEqual([
      { first: 1, count: 1, reason: maskReasons.droppedPacket },
      { first: 2, count: 1, reason: maskReasons.missingInSource },
      { first: 3, count: 1, reason: maskReasons.outOfRange },
      { first: 4, count: 2, reason: maskReasons.notRecorded },
    ]);
    expect([...samples.subarray(4)]).toEqual([NaN, NaN, 2]);
  }));

test("a mask span between two samples hides none", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(100))]);
    const span = { recordingId: id, channel: 0, layer: "person", reason: 7, author: "Mori" } as const;
    library.addMask({ ...span, onsetS: 1.05, durationS: 0.1 });
    expect(library.getRecording(id).channels[0]).toMatchObject({ observedCount: 100 });
    expect(library.samples(id, 0, 0, 100).reasons).toEqual(new Uint8Array(100));
  }));

test("a full tail whose joining failed is joined when the next samples come", () =>
  inFolder((folder) => {
    let fails = true;
    const path = join(folder, "full-tail.kodo");
    const library = openLibrary(path, {
      beforeWrite: (sql) => {
        if (fails && sql.startsWith("DELETE FROM block"))
          throw Object.assign(new Error("full"), { code: "SQLITE_FULL" });
      },
    });
    const id = library.createRecording(newRecording());
    for (let i = 0; i < 32; i++)
      library.appendBlocks(id, [block(0, i * 1024, ramp(1024, "int16", i * 1024))]);
    fails = false;
    library.appendBlocks(id, [block(0, 32768, ramp(100, "int16", 32768))]);
    const raw = new Sqlite(path, { readonly: true });
    expect(raw.prepare("SELECT sample_count FROM block ORDER BY first_sample").pluck().all()).toEqual([
      32768, 100,
    ]);
    raw.close();
    expect(library.digitalBlock(id, 0, 0, 32868).samples).toEqual(ramp(32868));
    library.close();
  }));

test("a piece that is gone from the file leaves the others as they are", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    for (let i = 0; i < 10; i++) library.appendBlocks(id, [block(0, i * 100, ramp(100, "int16", i * 100))]);
    const raw = new Sqlite(path);
    raw.prepare("DELETE FROM block WHERE first_sample = 900").run();
    raw.close();
    library.closeRecording(id, { state: "complete", repairs: [] });
    const { samples, mask } = library.digitalBlock(id, 0, 0, 1000);
    expect(mask).toEqual([{ first: 900, count: 100, reason: maskReasons.notRecorded }]);
    expect(samples.subarray(0, 900)).toEqual(ramp(900));
  }));

test("damage found in a recording that another connection purges meanwhile is no longer reported", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(1000))]);
    const raw = new Sqlite(path);
    const other = new Sqlite(path);
    raw.prepare("UPDATE block SET crc = crc + 1").run();
    raw.close();
    // The block is read and found damaged; before that is written down, the rows are gone.
    const get = vi.spyOn(Database.prototype, "write").mockImplementationOnce(function (this: Database, work) {
      get.mockRestore();
      other.pragma("foreign_keys = ON");
      other.prepare("DELETE FROM recording WHERE id = ?").run(id);
      return this.write(work);
    });
    library.samples(id, 0, 0, 10);
    other.close();
    expect(library.readLog(100).map(({ action }) => action)).not.toContain("recording.damaged");
    expect(library.checkIntegrity()).toEqual([]);
  }));

test("a file damaged between its pages is told by the integrity check", () =>
  inFolder((folder) => {
    const path = join(folder, "pages.kodo");
    const library = openLibrary(path);
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(40 * 32768))]);
    library.close();
    const file = openSync(path, "r+");
    const middle = Math.floor(statSync(path).size / 16384 / 2); // samples go on in the next page, named by its number
    writeSync(file, Buffer.alloc(4, 0x7f), 0, 4, middle * 16384);
    closeSync(file);
    const again = openLibrary(path);
    expect(again.checkIntegrity().join(" ")).toMatch(/page/i);
    again.close();
  }));

test("an empty file becomes a library, is none to a reader, and a folder is refused", () =>
  inFolder((folder) => {
    const path = join(folder, "empty.kodo");
    writeFileSync(path, "");
    expect(() => openLibrary(path, { readOnly: true })).toThrow("empty.kodo is not a Kodo library");
    openLibrary(path).close();
    expect(statSync(path).size).toBeGreaterThan(0);
    expect(() => openLibrary(folder)).toThrow("is not a file");
    expect(() => openLibrary(join(folder, "missing", "x.kodo"))).toThrow(/x\.kodo/);
    expect(() => openLibrary(join(folder, "x".repeat(300)))).toThrow("The library file cannot be opened");
  }));

test.skipIf(process.platform !== "linux")("a file whose bytes cannot be read says why", () => {
  expect(() => openLibrary("/proc/self/mem")).toThrow(/mem cannot be opened: .*EIO/);
});

test("an older Electron's addon is looked for where it was built, and named where it is not", () =>
  inFolder((folder) => {
    vi.stubEnv("KODO_SQLITE_BINDING", join(folder, "gone.node"));
    expect(() => openLibrary(join(folder, "a.kodo"))).toThrow(/a\.kodo cannot be opened: .*gone\.node/s);
  }));

test("reads of one moment nest, and end even where the transaction under them was given up", () =>
  inFolder((folder) => {
    const database = new Database(join(folder, "reads.kodo"));
    database.exec("CREATE TABLE t (a INTEGER)");
    const count = (): number => Number(database.get("SELECT count(*) AS n FROM t")?.["n"]);
    expect(database.read(() => database.read(count))).toBe(0);
    database.read(() => database.exec("ROLLBACK"));
    expect(database.read(count)).toBe(0);
    database.close();
  }));

test("two processes that bring the same library up to date do it once", () =>
  inFolder((folder) => {
    const path = join(folder, "race.kodo");
    const first = new Database(path);
    migrate(first, 2);
    const second = new Database(path);
    // Between the second one's look at the schema and its first step the other has done all of them.
    vi.spyOn(second, "pragma").mockImplementationOnce((source) => {
      const seen = first.pragma(source);
      migrate(first);
      return seen;
    });
    expect(migrate(second)).toMatchObject({ from: 2, to: SCHEMA });
    expect(Number(second.pragma("user_version"))).toBe(SCHEMA);
    first.close();
    second.close();
  }));

test("a process of another person is known by its start too", () => {
  const me = thisProcess();
  vi.spyOn(process, "kill").mockImplementation(() => {
    throw Object.assign(new Error("not permitted"), { code: "EPERM" });
  });
  expect(isAlive(me)).toBe(true);
  if (me.started !== "") expect(isAlive({ ...me, started: "another boot:1" })).toBe(false);
});

test("samples are viewed where they lie, and copied where they lie askew", () => {
  const bytes = new Uint8Array(9);
  bytes.set([1, 0, 2, 0], 1);
  expect([...samplesIn(bytes.subarray(1, 5), "int16")]).toEqual([1, 2]);
  const straight = samplesIn(bytes.subarray(2, 4), "int16");
  expect(straight.buffer).toBe(bytes.buffer);
});

test("a row whose count is not that of its bytes is no block", () => {
  const row = { first_sample: 0, samples: Buffer.alloc(4), mask: null, crc: 0 };
  expect(decodeBlock(1, "int16", { ...row, sample_count: 3 })).toBeUndefined();
  expect(decodeBlock(1, "int16", { ...row, sample_count: 1e9 })).toBeUndefined();
});

test("a failure that is none of SQLite's known ones stays as it is", () => {
  const unknown = Object.assign(new Error("x"), { code: "SQLITE_MISUSE" });
  expect(asAppError(unknown, "/x/a.kodo")).toBe(unknown);
});

test("plain numbers of an answer are looked at once, not one by one", () => {
  expect(memoryOf([1, 2, 3])).toEqual([]);
  expect(memoryOf([{ values: Float32Array.of(1) }])).toHaveLength(1);
});

test("a call that cannot be sent fails alone; closing twice, or before the thread was needed again, is closing", () =>
  inFolder(async (folder) => {
    const spawned = spawnLibrary(join(folder, "c.kodo"), new URL("./worker.ts", import.meta.url));
    await expect(
      spawned.library.log({ actor: "a", action: "b", subject: "c", detail: () => 1 }),
    ).rejects.toMatchObject({ code: "contract/bad-params", detail: { name: "log" } });
    expect(await spawned.library.listRecordings()).toEqual([]);
    await spawned.close();
    await spawned.close();
    await expect(spawned.library.listRecordings()).rejects.toMatchObject({ code: "storage/closed" });
  }));
