import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { asAppError } from "./sqlite-errors.ts";
import { block, inFolder, newRecording, ramp } from "../testing.ts";
import { privateCopy, VIEW_PREFIX } from "./viewing.ts";

/** Permissions do not bind root; the immutable flag does. */
const isRoot = process.getuid?.() === 0;
const chattr = (flag: "+i" | "-i", path: string): boolean => spawnSync("chattr", [flag, path]).status === 0;

/** Takes the right to write `path` away; says whether that is possible here. */
function lock(path: string, mode: number): boolean {
  if (isRoot) return chattr("+i", path);
  chmodSync(path, mode);
  return true;
}
function unlock(path: string, mode: number): void {
  if (isRoot) chattr("-i", path);
  else chmodSync(path, mode);
}

const canLock = await inFolder((folder) => {
  const path = join(folder, "probe");
  writeFileSync(path, "");
  const can = process.platform !== "win32" && lock(path, 0o444);
  if (can) unlock(path, 0o600);
  return can;
});
const needs = canLock ? "" : " (needs a file system that can forbid writing, here chattr)";

const views = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(VIEW_PREFIX));

const schema4 = (): Buffer =>
  gunzipSync(readFileSync(new URL("../migrations/testdata/schema-4.kodo.gz", import.meta.url)));

function fill(path: string): string {
  const library = openLibrary(path);
  const id = library.createRecording(newRecording());
  library.appendBlocks(id, [block(0, 0, ramp(5000))]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  copyFileSync(`${path}-wal`, `${path}.log`); // as a killed process leaves it
  copyFileSync(path, `${path}.main`);
  library.close();
  return id;
}

test.skipIf(!canLock).each([
  ["closed", "file and folder"],
  ["closed", "folder"],
  ["closed", "file"],
  ["left with its log of writes", "file and folder"],
] as const)(
  `a library that was %s, of which the %s cannot be written, opens to be looked at${needs}`,
  (state, what) =>
    inFolder((outer) => {
      const folder = join(outer, "place");
      mkdirSync(folder);
      const path = join(folder, "a.kodo");
      const id = fill(join(outer, "made.kodo"));
      copyFileSync(join(outer, state === "closed" ? "made.kodo" : "made.kodo.main"), path);
      if (state !== "closed") copyFileSync(join(outer, "made.kodo.log"), `${path}-wal`);
      const locked = [...(what === "folder" ? [] : [path]), ...(what === "file" ? [] : [folder])];
      const before = readdirSync(folder);
      const there = views();
      for (const one of locked) lock(one, one === path ? 0o444 : 0o555);
      try {
        const library = openLibrary(path, { mayView: true });
        expect(library.info()).toMatchObject({ path, readOnly: true });
        expect(library.listRecordings()).toMatchObject([{ id, durationS: 1250 }]);
        expect(library.samples(id, 0, 0, 5000).values).toHaveLength(5000);
        expect(() => library.changeRecording(id, { note: "x" })).toThrow(
          expect.objectContaining({
            code: "storage/read-only",
            message: "a.kodo can only be read here; nothing was changed",
          }),
        );
        library.log({ actor: "a", action: "recording.export", subject: id, detail: {} });
        library.close();
        expect(readdirSync(folder)).toEqual(before);
        expect(views()).toEqual(there);
      } finally {
        for (const one of locked.reverse()) unlock(one, one === path ? 0o600 : 0o700);
      }
    }),
);

test.skipIf(!canLock)(`one of an older schema, too, and stays as it is${needs}`, () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    writeFileSync(path, schema4());
    lock(path, 0o444);
    try {
      const library = openLibrary(path, { mayView: true });
      expect(library.listRecordings()).toMatchObject([{ name: "hanako-a" }, { name: "taro-1" }]);
      library.close();
    } finally {
      unlock(path, 0o600);
    }
    expect(readFileSync(path).equals(schema4())).toBe(true);
    expect(readdirSync(folder)).toEqual(["old.kodo"]);
  }),
);

test.skipIf(process.platform === "win32")("a file that its owner made read-only is not made writable", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    fill(path);
    chmodSync(path, 0o444);
    openLibrary(path, { readOnly: false, mayView: true }).close();
    expect(statSync(path).mode & 0o222).toBe(0);
  }),
);

test("a private copy is of one moment, also where somebody writes meanwhile", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    const writer = openLibrary(path);
    writer.changeSettings({ author: "before" });
    let isWriting = true;
    const copyFile: typeof copyFileSync = (from, to, mode) => {
      copyFileSync(from, to, mode);
      if (!isWriting || from !== path) return;
      isWriting = false;
      const raw = new Sqlite(path);
      raw.pragma("wal_checkpoint(TRUNCATE)"); // what the log held is in the file now, and no longer in the log
      raw.close();
    };
    const copy = privateCopy(path, { temporary: folder, copyFile });
    expect(isWriting).toBe(false);
    const copied = openLibrary(copy.path);
    expect(copied.getSettings().author).toBe("before");
    copied.close();
    copy.remove();
    const always: typeof copyFileSync = (from, to, mode) => {
      copyFileSync(from, to, mode);
      writer.changeSettings({ author: `${writer.getSettings().author}+` });
    };
    expect(() => privateCopy(path, { temporary: folder, copyFile: always })).toThrow(
      expect.objectContaining({ code: "storage/busy" }),
    );
    writer.close();
    expect(readdirSync(folder)).toEqual(["a.kodo"]);
  }));

test("a write that fails on a full disk says so, whatever SQLite calls it, with path and cause", () => {
  const failure = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_SHMSIZE" });
  expect(asAppError(failure, "/data/a.kodo", () => 0)).toMatchObject({
    code: "storage/disk-full",
    message: "The disk is full; nothing of the last step was written (/data/a.kodo: no space left)",
  });
  expect(asAppError(failure, "/data/a.kodo", () => 1e9)).toMatchObject({
    code: "storage/io",
    message: "Reading or writing the library file failed (/data/a.kodo: disk I/O error)",
  });
  const lacking = Object.assign(new Error("no such table: block"), { code: "SQLITE_ERROR" });
  expect(asAppError(lacking, "/data/a.kodo")).toMatchObject({ code: "storage/corrupt" });
});
