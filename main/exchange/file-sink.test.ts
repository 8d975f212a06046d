import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileGroup } from "./file-sink.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-sink-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("files appear together, under their names, once all of them are whole", async () => {
  const files = new FileGroup(folder);
  const header = await files.open("a.hea");
  const data = await files.open("a.dat");
  for (let i = 0; i < 3000; i++) await data.write(bytes(String(i % 10).repeat(200)));
  await header.write(bytes("count ????"));
  await header.patch(6, bytes("3000"));
  await data.close();
  expect(readdirSync(folder).every((name) => name.endsWith(".part"))).toBe(true);
  await header.close();
  expect(existsSync(join(folder, "a.hea"))).toBe(false);
  await files.publish();
  expect(readdirSync(folder).sort()).toEqual(["a.dat", "a.hea"]);
  expect(readFileSync(join(folder, "a.hea"), "utf8")).toBe("count 3000");
  expect(readFileSync(join(folder, "a.dat"))).toHaveLength(600_000);
});

test("a name may be as long as the file system takes", async () => {
  const name = `${"胎".repeat(83)}.edf`; // 253 bytes
  const files = new FileGroup(folder);
  await (await files.open(name)).close();
  await files.publish();
  expect(readdirSync(folder)).toEqual([name]);
});

test("what a killed export left in a folder goes with the next one there; what another is writing, or others own, stays", async () => {
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  const left = `.kodo.${gone}-0123456789ab.part`;
  const others = [`.kodo.${process.ppid}-0123456789ab.part`, ".kodo.part", "notes.part"];
  for (const name of [left, ...others]) writeFileSync(join(folder, name), "half");
  const files = new FileGroup(folder);
  await (await files.open("a.edf")).close();
  await files.publish();
  expect(readdirSync(folder).sort()).toEqual([...others, "a.edf"].sort());
});

test("what is discarded leaves nothing", async () => {
  const files = new FileGroup(folder);
  const sink = await files.open("a.edf");
  await sink.write(bytes("half"));
  await (await files.open("b.edf")).close();
  await files.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test("an existing file is never overwritten, not even one that came in the meantime", async () => {
  writeFileSync(join(folder, "a.edf"), "old");
  const files = new FileGroup(folder);
  await expect(files.open("a.edf")).rejects.toMatchObject({ code: "data/file-exists" });
  const [first, second] = [await files.open("b.edf"), await files.open("c.edf")];
  await first.close();
  await second.close();
  writeFileSync(join(folder, "c.edf"), "newcomer");
  await expect(files.publish()).rejects.toMatchObject({ code: "data/file-exists" });
  await files.discard();
  expect(readdirSync(folder).sort()).toEqual(["a.edf", "c.edf"]);
  expect(readFileSync(join(folder, "a.edf"), "utf8")).toBe("old");
  expect(readFileSync(join(folder, "c.edf"), "utf8")).toBe("newcomer");
});

test("a file its writer forgot to close is not published", async () => {
  const files = new FileGroup(folder);
  await files.open("a.edf");
  await expect(files.publish()).rejects.toThrow(/not closed/);
  await files.discard();
});

test.each(["../a.edf", "/tmp/a.edf", "a\\b.edf", ".hidden", "", "con:x"])(
  "%j is no file name",
  async (name) => {
    await expect(new FileGroup(folder).open(name)).rejects.toMatchObject({ code: "data/bad-file-name" });
  },
);

test("a folder that is not there is named", async () => {
  await expect(new FileGroup(join(folder, "none")).open("a.edf")).rejects.toMatchObject({
    code: "data/file-missing",
  });
});

test("the caller may use its buffer again after a write", async () => {
  const files = new FileGroup(folder);
  const sink = await files.open("a.bin");
  const buffer = bytes("1111");
  await sink.write(buffer);
  buffer.fill(0x32);
  await sink.write(buffer);
  await sink.close();
  await files.publish();
  expect(readFileSync(join(folder, "a.bin"), "utf8")).toBe("11112222");
});

test("a patch outside what was written is refused", async () => {
  const files = new FileGroup(folder);
  const sink = await files.open("a.bin");
  await sink.write(bytes("1234"));
  await expect(sink.patch(2, bytes("abc"))).rejects.toThrow(RangeError);
  await files.discard();
});
