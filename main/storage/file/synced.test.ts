import { join } from "node:path";
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
