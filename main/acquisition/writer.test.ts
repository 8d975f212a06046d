import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary, type SpawnedLibrary } from "../storage/client.ts";
import type { Batch } from "./batch.ts";
import { spillPath } from "../storage/samples/spill-path.ts";
import { leftSpills } from "./spill.ts";
import { recoverSpill, Writer } from "./writer.ts";

let folder: string;
let storage: SpawnedLibrary;
let library: AsyncLibrary;
let recordingId: string;
const libraryPath = (): string => join(folder, "library.kodo");

const channel = (label: string) => ({
  ...{ label, unit: "uV", sampleRate: 100, role: "emg" as const, sampleType: "int32" as const },
  ...{ gain: 1, offset: 0 },
});
const head = () => ({ recordingId, streams: [{ first: 0, channels: [channel("A"), channel("B")] }] });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "kodo-writer-"));
  storage = spawnLibrary(libraryPath(), new URL("../storage/worker.ts", import.meta.url));
  library = storage.library;
  recordingId = await library.createRecording({
    header: {
      ...{ name: "r", kind: "emg", subject: "S", startedAt: undefined, facts: {} },
      channels: [channel("A"), channel("B")],
    },
    ...{ subject: "S", study: "", synthetic: true, state: "recording" },
    source: { format: "sensor", file: "cyton", sha256: "" },
  });
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Ten samples a batch: index, and its negative. */
const batch = (k: number): Batch => ({
  endS: (k + 1) / 10,
  pieces: [
    {
      kind: "samples",
      ...{ channel: 0, first: 10 * k, count: 10 },
      values: Float64Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (10 * k + (i >> 1))),
      reasons: new Uint8Array(20),
    },
  ],
  times: {
    arrivals: [{ channel: 0, first: 10 * k, count: 10, arrivedS: (k + 1) / 10, session: 0 }],
    fits: [{ channel: 0, session: 0, first: 0, atS: 0, rate: 100, errorMs: 0.1 }],
  },
});

type Append = AsyncLibrary["appendBlocks"];
function writerOf(
  append: Append = library.appendBlocks,
  more: object = {},
): { writer: Writer; failures: string[] } {
  const failures: string[] = [];
  const writer = new Writer({
    library: { ...library, appendBlocks: append },
    head: head(),
    spillPath: spillPath(libraryPath(), recordingId),
    pause: (ms) => new Promise((done) => setTimeout(done, Math.min(ms, 5))),
    stored: () => undefined,
    failed: (error) => failures.push((error as Error).message),
    ...more,
  });
  return { writer, failures };
}

async function kept(): Promise<number[]> {
  const { channels } = await library.getRecording(recordingId);
  const { values } = await library.samples(recordingId, 0, 0, channels[0]?.sampleCount ?? 0);
  return [...values];
}
const counted = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test("batches lie in the library in their order, with when they came and by which clock", async () => {
  const { writer, failures } = writerOf();
  for (let k = 0; k < 20; k += 1) writer.add(batch(k));
  await writer.drain(5000);
  expect(await kept()).toEqual(counted(200));
  expect(writer.durableS).toBeCloseTo(2);
  expect(failures).toEqual([]);
  expect(await library.listArrivals(recordingId)).toHaveLength(20);
  expect(await library.listClockFits(recordingId)).toEqual([
    { channel: 0, session: 0, first: 0, atS: 0, rate: 100, errorMs: 0.1 },
  ]);
});

test("while the library takes nothing they wait in memory, then in a file of their own, and follow in order", async () => {
  let isDown = true;
  const { writer, failures } = writerOf(
    (...args) =>
      isDown ? Promise.reject(new AppError("storage/io", "the disk is slow")) : library.appendBlocks(...args),
    { memoryBytes: 1000 },
  );
  for (let k = 0; k < 30; k += 1) {
    writer.add(batch(k));
    await new Promise((done) => setTimeout(done, 2));
  }
  expect(writer.waiting.spillBytes).toBeGreaterThan(0);
  expect(writer.durableS).toBeCloseTo(3); // in the file
  expect(failures).toEqual(["the disk is slow"]); // told once
  isDown = false;
  await writer.drain(5000);
  expect(await kept()).toEqual(counted(300));
  expect(existsSync(spillPath(libraryPath(), recordingId))).toBe(false);
  expect(writer.failure).toBeUndefined();
});

test("a batch whose answer was lost is not stored twice", async () => {
  let calls = 0;
  const { writer } = writerOf(async (...args) => {
    await library.appendBlocks(...args);
    calls += 1;
    if (calls % 3 === 1) throw new AppError("storage/worker-lost", "the thread ended before it answered");
  });
  for (let k = 0; k < 12; k += 1) writer.add(batch(k));
  await writer.drain(5000);
  expect(await kept()).toEqual(counted(120));
});

test("what can be kept nowhere is a gap with its reason, and what came before and after is there", async () => {
  let isDown = true;
  const { writer } = writerOf(
    (...args) =>
      isDown ? Promise.reject(new AppError("storage/disk-full", "full")) : library.appendBlocks(...args),
    { memoryBytes: 0, limitBytes: 1200, spillPath: join(folder, "no", "such", "folder") },
  );
  for (let k = 0; k < 20; k += 1) writer.add(batch(k));
  expect(writer.lostSamples).toBeGreaterThan(0);
  isDown = false;
  await writer.drain(5000);
  writer.add(batch(20));
  await writer.drain(5000);
  const { reasons, values } = await library.samples(recordingId, 0, 0, 210);
  const missing = [...reasons].filter((one) => one !== 0);
  expect(missing).toEqual(Array(writer.lostSamples).fill(maskReasons.notStored));
  for (const [i, value] of values.entries()) if (reasons[i] === 0) expect(value).toBe(i);
  expect([...reasons.slice(200)]).toEqual(Array(10).fill(0));
});

test("what is refused again and again lies in a file before there is much of it, so that a kill loses none", async () => {
  let isDown = true;
  const { writer } = writerOf((...args) =>
    isDown ? Promise.reject(new AppError("storage/disk-full", "full")) : library.appendBlocks(...args),
  );
  writer.add(batch(0));
  await expect.poll(() => writer.waiting.spillBytes).toBeGreaterThan(0);
  writer.add(batch(1));
  expect([writer.durableS.toFixed(1), writer.waiting.memoryBytes]).toEqual(["0.2", 0]);
  isDown = false;
  await writer.drain(5000);
  expect(await kept()).toEqual(counted(20));
});

test("where neither the library nor a file takes anything that is told for as long as it is so", async () => {
  let isDown = true;
  let refused = 0;
  const refuse = (): Promise<never> => {
    refused += 1;
    return Promise.reject(new AppError("storage/disk-full", "full"));
  };
  const { writer } = writerOf((...args) => (isDown ? refuse() : library.appendBlocks(...args)), {
    spillPath: join(folder, "no", "such", "folder"),
  });
  writer.add(batch(0));
  expect(writer.isHeld, "it may only be slow").toBe(false);
  await expect.poll(() => writer.isHeld).toBe(true);
  const before = refused;
  await expect
    .poll(() => {
      expect(writer.isHeld).toBe(true);
      return refused;
    })
    .toBeGreaterThan(before + 2);
  isDown = false;
  await writer.drain(5000);
  expect(writer.isHeld).toBe(false);
  expect(await kept()).toEqual(counted(10));
});

test("what is still in memory at the end, and no file takes, is counted as lost", () => {
  const { writer } = writerOf(() => Promise.reject(new AppError("storage/disk-full", "full")), {
    spillPath: join(folder, "no", "such", "folder"),
  });
  for (let k = 0; k < 3; k += 1) writer.add(batch(k));
  writer.end();
  expect(writer.lostSamples).toBe(30);
});

test("what lies in a spill file when the process ends is put in at the next start, up to where it was cut", async () => {
  const { writer } = writerOf(() => Promise.reject(new AppError("storage/io", "gone")), { memoryBytes: 0 });
  for (let k = 0; k < 9; k += 1) writer.add(batch(k));
  writer.end();
  const [path] = leftSpills(libraryPath());
  expect(path).toBe(spillPath(libraryPath(), recordingId));
  if (path === undefined) return;
  expect(await recoverSpill(library, path)).toBeUndefined(); // it is still being recorded, by us
  await library.closeRecording(recordingId, { state: "interrupted", repairs: [] });
  truncateSync(path, readFileSync(path).length - 3); // the last record was not written whole
  expect(await recoverSpill(library, path)).toBe(recordingId);
  expect(await kept()).toEqual(counted(80));
  expect((await library.getRecording(recordingId)).state).toBe("interrupted");
  expect(leftSpills(libraryPath())).toEqual([]);
});

test("a spill file that is none, or whose recording was deleted, changes nothing", async () => {
  const path = spillPath(libraryPath(), recordingId);
  writeFileSync(path, "something else");
  expect(await recoverSpill(library, path)).toBeUndefined();
  rmSync(path);
  const { writer } = writerOf(() => Promise.reject(new AppError("storage/io", "gone")), { memoryBytes: 0 });
  writer.add(batch(0));
  writer.end();
  await library.closeRecording(recordingId, { state: "interrupted", repairs: [] });
  await library.purgeRecording(recordingId);
  expect(leftSpills(libraryPath())).toEqual([]); // deleted with it
});
