import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { VerifyReport } from "../../preload/contract/care.ts";
import type { VerifyProgress } from "../../preload/contract/care.ts";
import type { SpawnedLibrary } from "../storage/client.ts";
import { type LibraryReader, spawnLibrary, spawnReader } from "../storage/client.ts";
import { Care, restoreLibrary } from "./care.ts";

let folder: string;
let path: string;
const opened: Pick<SpawnedLibrary, "close">[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-care-"));
  path = join(folder, "library.kodo");
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(file = path, readOnly = false): SpawnedLibrary {
  const spawned = spawnLibrary(file, new URL("../storage/worker.ts", import.meta.url), { readOnly });
  opened.push(spawned);
  return spawned;
}
/** In a thread, which begins sooner than a process; where being ended matters it is a process. */
const read = (file = path): LibraryReader => ({ ...open(file, true), kill: () => undefined });
const readerFile = fileURLToPath(new URL("../storage/reader-process.ts", import.meta.url));
const readApart = (): LibraryReader => spawnReader(path, readerFile);

async function fill({ library }: SpawnedLibrary, name: string): Promise<string> {
  const id = await library.createRecording({
    header: {
      name,
      kind: "ctg",
      subject: "S1",
      startedAt: undefined,
      channels: [
        { label: "FHR", unit: "bpm", sampleRate: 4, role: "fhr", sampleType: "int16", gain: 0.25, offset: 0 },
      ],
      facts: {},
    },
    subject: "S1",
    study: "",
    synthetic: true,
    source: { format: "test", file: `${name}.dat`, sha256: "" },
    state: "importing",
  });
  const samples = Int16Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200);
  await library.appendBlocks(id, [{ channel: 0, firstSample: 0, samples, mask: [] }]);
  await library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}

const never = new AbortController().signal;
const quiet = { signal: never, progress: () => undefined };
const restore = (from: string, anyway = false): ReturnType<typeof restoreLibrary> =>
  restoreLibrary({
    ...quiet,
    libraryPath: path,
    from,
    anyway,
    open: (file) => open(file),
    read,
    now: () => new Date("2026-11-28T10:00:00Z"),
  });
const names = async (file: string): Promise<string[]> => {
  const spawned = read(file);
  const found = (await spawned.library.listRecordings()).map(({ name }) => name);
  await spawned.close();
  return found;
};

test("a check goes through everything while the library is in use, and can be followed and stopped", async () => {
  await fill(open(), "a");
  const told: VerifyProgress[] = [];
  const care = new Care(
    () => read(),
    (progress) => told.push(progress),
  );
  const report = VerifyReport.parse(await care.verify());
  expect(report).toMatchObject({ count: 0, problems: [], blocks: 7 });
  expect([report.rows > 3, report.overviews > 3, report.entries > 2]).toEqual([true, true, true]);
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
  expect([...new Set(told.map(({ part }) => part))]).toEqual(["file", "rows", "blocks", "overviews", "log"]);
  const stopped = care.verify();
  care.cancel();
  await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
});

/** A process that, where a file is large, does not come back from SQLite: no signal and no message reaches it. */
function deaf(deafTo: string): LibraryReader {
  const script = join(folder, "deaf.mjs");
  const code = `
    import { writeFileSync } from "node:fs";
    process.on("SIGTERM", () => undefined);
    process.on("message", ({ kind, call, name, ask }) => {
      if (name === "close") process.exit(0);
      if (kind !== "ask") return;
      if (name === "backUp") writeFileSync(ask[1].part, "half");
      if (name === "${deafTo}") {
        writeFileSync(${JSON.stringify(join(folder, "deaf.pid"))}, String(process.pid));
        for (;;);
      }
      process.send({ kind: "answer", call, outcome: { ok: true, value: { path: "/library.kodo" } } });
    });`;
  writeFileSync(script, code);
  return spawnReader(path, script);
}

/** The process that does not hear, once it is where it does not. */
async function deafPid(): Promise<number> {
  const note = join(folder, "deaf.pid");
  await vi.waitFor(() => expect(existsSync(note) && readFileSync(note, "utf8")).toMatch(/^\d+$/), 10_000);
  const pid = Number(readFileSync(note, "utf8"));
  rmSync(note);
  return pid;
}

const hasEnded = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

test("a check and a copy that do not come back are ended at once with their process, and leave nothing half behind", async () => {
  const checking = new Care(
    () => deaf("verifyStep"),
    () => undefined,
  );
  const stopped = checking.verify();
  const pid = await deafPid();
  const began = performance.now();
  checking.cancel();
  await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect([performance.now() - began < 3000, hasEnded(pid)]).toEqual([true, true]);
  const atClosing = expect(checking.verify()).rejects.toMatchObject({ code: "cancelled/by-user" });
  const second = await deafPid();
  await checking.close();
  await atClosing;
  expect(hasEnded(second)).toBe(true);

  const copying = new Care(
    () => deaf("backUp"),
    () => undefined,
  );
  const copy = join(folder, "copy.kodo");
  const ended = expect(copying.backUp(copy, { replace: false })).rejects.toMatchObject({
    code: "cancelled/by-user",
  });
  const third = await deafPid();
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toHaveLength(1);
  await copying.close();
  await ended;
  expect([readdirSync(folder), hasEnded(third)]).toEqual([["deaf.mjs"], true]);
  await expect(copying.backUp(copy, { replace: false })).rejects.toMatchObject({ code: "cancelled/by-user" });
});

test("a check that is stopped before its process has begun starts nothing, and one whose process dies says so", async () => {
  await fill(open(), "a");
  const dies = join(folder, "dies.mjs");
  writeFileSync(dies, "process.exit(3);");
  const care = new Care(
    () => spawnReader(path, dies),
    () => undefined,
  );
  await expect(care.verify()).rejects.toMatchObject({ code: "storage/worker-lost" });
  const stopped = care.verify();
  care.cancel();
  await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
  const never = new Care(
    () => spawnReader(path, readerFile, () => Promise.reject(new Error("no more processes"))),
    () => undefined,
  );
  await expect(never.verify()).rejects.toThrow("no more processes");
  await never.close();
});

test("a library is written while its check reads it, also where that is ended in the middle", async () => {
  const storage = open();
  const id = await fill(storage, "a");
  const care = new Care(readApart, () => undefined);
  const checked = care.verify();
  await storage.library.changeRecording(id, { name: "b" });
  expect(await checked).toMatchObject({ count: 0 });
  const held = readApart();
  await held.library.verifyStep({ part: "file" });
  held.kill();
  await held.close();
  await storage.library.changeRecording(id, { name: "c" });
  expect(await care.verify()).toMatchObject({ count: 0 });
  expect(await names(path)).toEqual(["c"]);
});

test("a copy is whole, checked, ours alone to read, and never takes the place of a file unasked", async () => {
  const storage = open();
  await fill(storage, "a");
  const care = new Care(
    () => read(),
    () => undefined,
  );
  const to = join(folder, "copy.kodo");
  const made = await care.backUp(to, { replace: false });
  expect(made).toEqual({ path: to, bytes: statSync(to).size, problems: 0 });
  if (process.platform !== "win32") expect(statSync(to).mode & 0o777).toBe(0o600);
  expect(await names(to)).toEqual(["a"]);
  await fill(storage, "b");
  const before = readFileSync(to);
  await expect(care.backUp(to, { replace: false })).rejects.toMatchObject({ code: "data/file-exists" });
  await expect(care.backUp(path, { replace: true })).rejects.toMatchObject({ code: "data/file-exists" });
  expect(readFileSync(to).equals(before)).toBe(true);
  await care.backUp(to, { replace: true });
  expect(await names(to)).toEqual(["a", "b"]);
  expect(readdirSync(folder).filter((name) => name.includes(".part"))).toEqual([]);
});

test("what a killed backup left is gone after the next one there", async () => {
  await fill(open(), "a");
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  const left = join(folder, `.kodo.${gone}-0123456789ab.part`);
  for (const suffix of ["", "-wal", "-journal"]) writeFileSync(`${left}${suffix}`, "all of a library");
  const care = new Care(
    () => read(),
    () => undefined,
  );
  await care.backUp(join(folder, "copy.kodo"), { replace: false });
  expect(readdirSync(folder).filter((name) => name.includes(".part"))).toEqual([]);
});

test("a copy that replaces a library is what is read afterwards, and a library in use is left alone", async () => {
  const storage = open();
  await fill(storage, "a");
  const care = new Care(
    () => read(),
    () => undefined,
  );
  const before = join(folder, "before.kodo");
  const other = open(before);
  await fill(other, "before");
  for (const suffix of ["", "-wal"]) copyFileSync(`${before}${suffix}`, join(folder, `killed.kodo${suffix}`));
  const killed = join(folder, "killed.kodo"); // its log of writes holds what its file does not
  await care.backUp(killed, { replace: true });
  expect(existsSync(`${killed}-wal`)).toBe(false);
  expect(await names(killed)).toEqual(["a"]);
  writeFileSync(killed, "no database");
  copyFileSync(`${before}-wal`, `${killed}-wal`);
  await care.backUp(killed, { replace: true });
  expect(await names(killed)).toEqual(["a"]);

  await expect(care.backUp(before, { replace: true })).rejects.toMatchObject({ code: "storage/in-use" });
  await other.close();
  expect(await names(before)).toEqual(["before"]);
  const link = join(folder, "link.kodo");
  linkSync(path, link);
  await expect(care.backUp(link, { replace: true })).rejects.toMatchObject({ code: "data/file-exists" });
  expect(await names(path)).toEqual(["a"]);
});

test("restoring checks the copy and keeps the library of before", async () => {
  const storage = open();
  await fill(storage, "a");
  const copy = join(folder, "copy.kodo");
  await new Care(
    () => read(),
    () => undefined,
  ).backUp(copy, { replace: false });
  await fill(storage, "b");
  await storage.close();
  const { aside } = await restore(copy);
  expect(aside).toBe(`${path}.replaced-2026-11-28`);
  expect(await names(path)).toEqual(["a"]);
  expect(await names(aside!)).toEqual(["a", "b"]);
  expect((await restore(aside!)).aside).toBe(`${path}.replaced-2026-11-28-2`);
  expect(await names(path)).toEqual(["a", "b"]);
});

test("a copy that an earlier Kodo made, or a later one before it brought the library up to date, is restored", async () => {
  const storage = open();
  await fill(storage, "a");
  await storage.close();
  const copy = `${path}.schema-4.backup`;
  const kept = gunzipSync(
    readFileSync(new URL("../storage/migrations/testdata/schema-4.kodo.gz", import.meta.url)),
  );
  writeFileSync(copy, kept);
  const { aside, report } = await restore(copy);
  expect(report).toMatchObject({ count: 0, blocks: expect.any(Number) as number });
  expect(report.rows).toBeGreaterThan(5);
  expect(await names(path)).toEqual(["hanako-a", "taro-1"]);
  expect(await names(aside!)).toEqual(["a"]);
  expect(readFileSync(copy).equals(kept)).toBe(true);
});

test("nothing is restored over a library that another process has open", async () => {
  const storage = open();
  await fill(storage, "a");
  await storage.close();
  const copy = join(folder, "copy.kodo");
  copyFileSync(path, copy);
  const script = fileURLToPath(new URL("../storage/open-child.test-support.ts", import.meta.url));
  const other = spawn(process.execPath, [script, path], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    expect(String((await once(other.stdout, "data"))[0])).toBe("open\n");
    const before = readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name));
    await expect(restore(copy)).rejects.toMatchObject({
      code: "storage/in-use",
      message: expect.stringContaining(String(other.pid)) as string,
    });
    expect(readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(before);
  } finally {
    other.stdin.end();
    await once(other, "exit");
  }
  expect((await restore(copy)).aside).toBeDefined();
});

test("a damaged copy is not restored unless it is asked for, and nothing has changed", async () => {
  const storage = open();
  await fill(storage, "a");
  await storage.close();
  const damaged = join(folder, "damaged.kodo");
  copyFileSync(path, damaged);
  const bytes = readFileSync(damaged);
  const at = bytes.indexOf(
    Buffer.from(Int16Array.from({ length: 30 }, (_, i) => ((i + 60_000) * 7919) % 200).buffer),
  );
  expect(at).toBeGreaterThan(0);
  bytes[at] = bytes.readUInt8(at) ^ 1;
  writeFileSync(damaged, bytes);
  const before = readFileSync(path);
  await expect(restore(damaged)).rejects.toMatchObject({
    code: "storage/corrupt",
    message: expect.stringMatching(/1 problem.*Channel 0: \d+ samples from/) as string,
  });
  expect(readFileSync(path).equals(before)).toBe(true);
  expect((await restore(damaged, true)).report.count).toBe(1);
  await expect(restore(join(folder, "none.kodo"))).rejects.toMatchObject({ code: "storage/not-found" });
  expect(existsSync(path)).toBe(true);
});
