import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readWhole } from "./read-whole.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const limits = { what: "a model file", most: 3_000_000 };

test("a file is read to its end, and not beyond what is allowed", async () => {
  const content = Uint8Array.from({ length: 2_500_000 }, (_, i) => i * 31);
  const file = join(folder, "a.onnx");
  writeFileSync(file, content);
  expect(Buffer.from(await readWhole(file, limits)).equals(content)).toBe(true);
  await expect(readWhole(file, { ...limits, most: 2_499_999 })).rejects.toMatchObject({
    code: "data/file-too-large",
    message: "a.onnx has 2500000 bytes; a model file has at most 2499999",
  });
});

test("a folder, and what is not there, are named", async () => {
  await expect(readWhole(folder, limits)).rejects.toMatchObject({ code: "data/not-a-file" });
  await expect(readWhole(join(folder, "no"), limits)).rejects.toMatchObject({ code: "data/file-missing" });
});

test.skipIf(process.platform === "win32")("what never ends or never begins is not read", async () => {
  const pipe = join(folder, "pipe");
  spawnSync("mkfifo", [pipe]); // nobody writes into it
  for (const path of ["/dev/zero", "/dev/tty", pipe])
    await expect(readWhole(path, limits)).rejects.toThrow(/is no ordinary file; expected a model file$/);
});
