import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { type AsyncLibrary } from "./api.ts";
import { connectLibrary, spawnLibrary, spawnReader, type SpawnedLibrary } from "./client.ts";
import { SCHEMA } from "./migrations/index.ts";
import { block, inFolder, newRecording, ramp } from "./testing.ts";

const workerFile = new URL("./worker.ts", import.meta.url);

const withThread = (
  work: (library: AsyncLibrary, spawned: SpawnedLibrary, path: string) => Promise<void>,
): Promise<void> =>
  inFolder(async (folder) => {
    const path = join(folder, "thread.kodo");
    const spawned = spawnLibrary(path, workerFile);
    try {
      await work(spawned.library, spawned, path);
    } finally {
      await spawned.close();
    }
  });

test("a library in its own thread answers like one here", () =>
  withThread(async (library, _spawned, path) => {
    expect(await library.info()).toEqual({
      path,
      readFrom: path,
      schema: SCHEMA,
      interrupted: [],
      readOnly: false,
    });
    const id = await library.createRecording(newRecording());
    await library.appendBlocks(id, [block(0, 0, ramp(1000))]);
    const span = await library.samples(id, 0, 10, 3);
    expect(span.values).toEqual(Float32Array.from(ramp(3, "int16", 10), (value) => value * 0.25));
    const tiles = await library.tiles(id, 0, 64, 0, 1);
    expect(tiles[0]?.min).toHaveLength(16);
  }));

test("samples are handed over, not copied; which files are here is told without them", () =>
  withThread(async (library) => {
    const id = await library.createRecording(newRecording());
    const given = block(0, 0, ramp(1000));
    await library.appendBlocks(id, [given]);
    expect(given.samples).toHaveLength(0); // their memory went with them
    expect((await library.samples(id, 0, 999, 1)).values[0]).toBe(ramp(1000)[999]! * 0.25);
    await library.closeRecording(id, { state: "complete", repairs: [], sha256: "ab" });
    const { name, source } = await library.getRecording(id);
    expect(await library.listSources()).toEqual([
      { id, name, file: source.file, sha256: "ab", state: "complete" },
    ]);
    await library.removeRecording(id);
    expect(await library.listSources()).toEqual([]);
  }));

test("calls are carried out in the order they were made", () =>
  withThread(async (library) => {
    const id = await library.createRecording(newRecording());
    const appended = Array.from({ length: 50 }, (_, i) =>
      library.appendBlocks(id, [block(0, i * 10, ramp(10))]),
    );
    const summary = await library.getRecording(id);
    expect(summary.channels[0]?.sampleCount).toBe(500);
    await Promise.all(appended);
  }));

test("an expected failure keeps its code, its sentence and its numbers across the boundary", () =>
  withThread(async (library) => {
    const error = await library.getRecording("none").catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code: "storage/not-found",
      message: "There is no recording none in this library",
      detail: { recording: "none" },
    });
  }));

test("a library that cannot be opened answers every call with the reason", () =>
  inFolder(async (folder) => {
    const spawned = spawnLibrary(join(folder, "missing", "x.kodo"), workerFile);
    await expect(spawned.library.info()).rejects.toMatchObject({ code: "storage/cannot-open" });
    await expect(spawned.library.listRecordings()).rejects.toMatchObject({ code: "storage/cannot-open" });
    await spawned.close();
  }));

test("a part of a larger buffer arrives alone, and the caller keeps its own", () =>
  withThread(async (library) => {
    const id = await library.createRecording(newRecording());
    const whole = ramp(1000) as Int16Array;
    await library.appendBlocks(id, [block(0, 0, whole.subarray(500, 600))]);
    expect(whole).toHaveLength(1000);
    expect((await library.digitalBlock(id, 0, 0, 1000)).samples).toEqual(whole.slice(500, 600));
  }));

test("another thread reaches the library over a port of its own", () =>
  withThread(async (library, spawned) => {
    const id = await library.createRecording(newRecording());
    const importer = new Worker(
      `const { parentPort, workerData } = require("node:worker_threads");
       import(workerData.client).then(async ({ connectLibrary }) => {
         const library = connectLibrary(workerData.port);
         await library.appendBlocks(workerData.id, [{ channel: 0, firstSample: 0, samples: new Int16Array(700), mask: [] }]);
         parentPort.postMessage(await library.listRecordings());
         workerData.port.close();
       });`,
      (() => {
        const port = spawned.port();
        return {
          eval: true,
          workerData: { id, port, client: new URL("./client.ts", import.meta.url).href },
          transferList: [port],
        };
      })(),
    );
    const listed = await new Promise<{ channels: { sampleCount: number }[] }[]>((resolve, reject) => {
      importer.once("message", resolve);
      importer.once("error", reject);
    });
    expect(listed[0]?.channels[0]?.sampleCount).toBe(700);
    expect((await library.getRecording(id)).channels[0]?.sampleCount).toBe(700);
  }));

test("a thread ended by an exception fails what is under way and is replaced; the recording under way goes on", () =>
  inFolder(async (folder) => {
    // The real worker, with one more message that makes it throw where nothing catches it.
    const failing = `import { parentPort } from "node:worker_threads";
      parentPort.on("message", (message) => { if (message.name === "log" && message.ask[0].action === "test.fail") throw new Error("planted"); });
      await import(${JSON.stringify(workerFile.href)});`;
    const spawned = spawnLibrary(
      join(folder, "thread.kodo"),
      new URL(`data:text/javascript,${encodeURIComponent(failing)}`),
    );
    const { library } = spawned;
    const id = await library.createRecording(newRecording(undefined, { state: "recording" }));
    await library.appendBlocks(id, [block(0, 0, ramp(100))]);
    const other = connectLibrary(spawned.port());
    await other.info();
    await expect(
      library.log({ actor: "t", action: "test.fail", subject: "", detail: {} }),
    ).rejects.toMatchObject({ code: "storage/worker-lost" });
    await expect(other.info()).rejects.toMatchObject({ code: "storage/worker-lost" });
    await library.appendBlocks(id, [block(0, 100, ramp(100))]);
    expect(await library.getRecording(id)).toMatchObject({
      state: "recording",
      channels: [{ sampleCount: 200 }],
    });
    expect((await library.info()).interrupted).toEqual([]);
    await spawned.close();
  }));

test("after closing, calls fail by name and the file is closed", () =>
  inFolder(async (folder) => {
    const spawned = spawnLibrary(join(folder, "thread.kodo"), workerFile);
    const last = spawned.library.createRecording(newRecording());
    await spawned.close();
    expect(await last).toMatch(/^[0-9a-f-]{36}$/);
    await expect(spawned.library.info()).rejects.toMatchObject({ code: "storage/closed" });
    await spawned.close();
  }));

test("a library is read in a process of its own, and one that is ended before it answers is lost", () =>
  withThread(async (library, _spawned, path) => {
    const readerFile = fileURLToPath(new URL("./reader-process.ts", import.meta.url));
    const id = await library.createRecording(newRecording());
    const reader = spawnReader(path, readerFile);
    expect((await reader.library.listRecordings()).map((one) => one.id)).toEqual([id]);
    await expect(reader.library.removeRecording(id)).rejects.toMatchObject({ code: "storage/read-only" });
    await reader.close();
    const ended = spawnReader(path, readerFile);
    const asked = ended.library.info();
    ended.kill();
    await expect(asked).rejects.toMatchObject({ code: "storage/worker-lost" });
    await ended.close();
  }));
