import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FileGroup } from "./file-sink.ts";
import { noteFoldersBeside, removeNoted } from "./parts.ts";

const folder = mkdtempSync(join(tmpdir(), "kodo-parts-"));
const [library, out] = [join(folder, "a [1].kodo"), join(folder, "out")];
const notes = (): string[] => readdirSync(folder).filter((name) => name.includes("-parts-"));
beforeAll(() => {
  mkdirSync(out);
  noteFoldersBeside(library);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file there in a process of its own that is killed in the middle. */
async function killed(directory: string): Promise<void> {
  const at = (file: string): string => pathToFileURL(join(import.meta.dirname, file)).href;
  const script = `
    const { FileGroup } = await import(${JSON.stringify(at("file-sink.ts"))});
    const { noteFoldersBeside } = await import(${JSON.stringify(at("parts.ts"))});
    noteFoldersBeside(${JSON.stringify(library)});
    await new FileGroup(${JSON.stringify(directory)}).open("x.edf");
    process.stdout.write("open");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((done) => child.stdout.once("data", done));
  child.kill("SIGKILL");
  await new Promise((done) => child.once("exit", done));
}

test("where files are being written is noted beside the library until they are there, or are not wanted", async () => {
  const group = new FileGroup(out);
  const sink = await group.open("a.edf");
  expect(notes()).toHaveLength(1);
  await sink.close();
  await group.publish();
  expect(notes()).toEqual([]);
  const other = new FileGroup(out);
  await other.open("b.edf");
  await removeNoted(library); // of a process that is alive: stays
  expect([notes().length, readdirSync(out).length]).toEqual([1, 2]);
  await other.discard();
  expect([notes(), readdirSync(out)]).toEqual([[], ["a.edf"]]);
});

test("what a killed process left in a folder goes at the next start of its library, and of no other", async () => {
  await killed(out);
  writeFileSync(join(out, ".kodo.part"), "somebody's");
  expect([notes().length, readdirSync(out).length]).toEqual([1, 3]);
  await removeNoted(join(folder, "a .kodo"));
  expect(notes()).toHaveLength(1);
  await removeNoted(library);
  expect([notes(), readdirSync(out).sort()]).toEqual([[], [".kodo.part", "a.edf"]]);
});

test("a folder that is not there is looked for again, and forgotten after ninety days", async () => {
  const stick = join(folder, "stick");
  mkdirSync(stick);
  await killed(stick);
  rmSync(stick, { recursive: true });
  await removeNoted(library);
  const [note] = notes();
  expect(note).toBeDefined();
  const longAgo = Date.now() / 1000 - 91 * 86_400;
  utimesSync(join(folder, note ?? ""), longAgo, longAgo);
  await removeNoted(library);
  expect(notes()).toEqual([]);
  expect(existsSync(stick)).toBe(false);
});

test("a library in a folder that is not there, or cannot be written to, keeps nobody from writing", async () => {
  await removeNoted(join(folder, "gone", "b.kodo"));
  noteFoldersBeside(join(folder, "gone", "b.kodo"));
  const group = new FileGroup(out);
  await group.open("c.edf");
  await group.discard();
  noteFoldersBeside(library);
  expect(readdirSync(out)).not.toContain("c.edf");
});
