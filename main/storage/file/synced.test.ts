import { statSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp } from "../testing.ts";
import { Database } from "./database.ts";

const [NORMAL, FULL] = [1, 2]; // as SQLite numbers them

test("only what is said not to wait for the disk does not: the next write waits again, also where one failed", () =>
  inFolder((folder) => {
    const database = new Database(join(folder, "synced.kodo"));
    database.useWriteAheadLog();
    database.exec("CREATE TABLE one (a)");
    const how = (): unknown => database.pragma("synchronous");
    expect(database.write(how)).toBe(FULL);
    expect(database.write(how, { isSynced: false })).toBe(NORMAL);
    expect(how()).toBe(FULL);
    const fails = (): void => {
      throw new Error("midway");
    };
    expect(() => database.write(fails, { isSynced: false })).toThrow("midway");
    expect(how()).toBe(FULL);
    expect(database.write(() => database.write(how, { isSynced: false }))).toBe(FULL); // it is part of what waits
    database.close();
  }));

test("what came without waiting is there once it is closed", () =>
  inFolder((folder) => {
    const path = join(folder, "closed.kodo");
    const library = openLibrary(path);
    const id = library.createRecording(newRecording([channelHeader()]));
    library.appendBlocks(id, [block(0, 0, ramp(9000))], undefined, { isSafeOnceClosed: true });
    library.closeRecording(id, { state: "complete", repairs: [] });
    const before = library.checksum(id);
    library.close();
    const again = openLibrary(path);
    expect(again.checksum(id)).toEqual(before);
    again.close();
  }));

test("what comes without waiting stays in the log until no more comes, and is read and kept as before", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log.kodo");
    const database = new Database(path);
    database.useWriteAheadLog();
    database.exec("CREATE TABLE one (a BLOB)");
    const put = (): unknown => database.run("INSERT INTO one VALUES (randomblob(16000000))");
    for (let i = 0; i < 5; i += 1) database.write(put, { isSynced: false }); // 80 MB, where 64 MiB are moved else
    database.write(put);
    const sizes = (): number[] => [path, `${path}-wal`].map((file) => statSync(file).size);
    expect(sizes()[0]).toBeLessThan(1e6);
    expect(sizes()[1]).toBeGreaterThan(96e6);
    const other = new Sqlite(path, { readonly: true });
    expect(other.prepare("SELECT sum(length(a)) AS bytes FROM one").get()).toEqual({ bytes: 96_000_000 });
    other.close();
    await expect.poll(() => sizes()[0], { timeout: 5000 }).toBeGreaterThan(96e6);
    database.write(put); // over what was moved
    expect(sizes()[1]).toBeLessThan(70e6); // cut to what it is else
    for (let i = 0; i < 4; i += 1) database.write(put);
    expect(sizes()[0]).toBeGreaterThan(150e6); // moved in the midst of them again
    database.close();
    expect(statSync(path).size).toBeGreaterThan(170e6);
  }));

test("where others write, too, the log is moved as early as ever: none of them is to do it for who fetches", () =>
  inFolder((folder) => {
    const path = join(folder, "shared.kodo");
    const database = new Database(path);
    database.useWriteAheadLog();
    database.exec("CREATE TABLE one (a BLOB)");
    const put = (): unknown => database.run("INSERT INTO one VALUES (randomblob(16000000))");
    const other = new Database(path);
    const size = (): number => statSync(path).size;
    other.write(() => other.run("INSERT INTO one VALUES (1)")); // before the first part came
    for (let i = 0; i < 5; i += 1) database.write(put, { isSynced: false });
    expect(size()).toBeGreaterThan(64e6);
    const before = size();
    other.write(() => other.run("INSERT INTO one VALUES (2)")); // and in the midst of them
    for (let i = 0; i < 5; i += 1) database.write(put, { isSynced: false });
    expect(size()).toBeGreaterThan(before + 60e6);
    other.close();
    database.close();
  }));

test("a log that cannot be moved stays as it is, and what is asked goes on", () =>
  inFolder(async (folder) => {
    const database = new Database(join(folder, "stuck.kodo"));
    database.useWriteAheadLog();
    database.exec("CREATE TABLE one (a)");
    database.write(() => database.run("INSERT INTO one VALUES (1)"), { isSynced: false });
    const reading = database.pluck("SELECT a FROM one")[Symbol.iterator]();
    reading.next(); // a checkpoint is refused as long as the same connection reads
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(() => database.pragma("wal_checkpoint(PASSIVE)")).toThrow();
    reading.return?.();
    expect(database.get("SELECT a FROM one")).toEqual({ a: 1 });
    database.close();
  }));
