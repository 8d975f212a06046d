import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformWithOxc } from "vite";

const projectFolder = join(import.meta.dirname, "..");
const plainFolder = join(projectFolder, "test-results", "plain");

/**
 * Before the tests: the sources that threads and child processes load, without their types, where `plain-sources.mjs`
 * finds them. Node would take the types away with WebAssembly in every thread, and where many threads come and go at
 * once V8 aborts the whole process now and then (SIGTRAP); this way there is none, and a thread starts sooner.
 */
export default async function preparePlainSources(): Promise<void> {
  process.env["KODO_PLAIN_SOURCES"] = plainFolder;
  for (const folder of ["main", "preload"])
    for (const name of readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      await writePlain(join(folder, name));
    }
}

async function writePlain(name: string): Promise<void> {
  const source = join(projectFolder, name);
  const plain = join(plainFolder, name);
  const { mtimeMs } = statSync(source);
  if ((statSync(plain, { throwIfNoEntry: false })?.mtimeMs ?? 0) > mtimeMs) return;
  const { code } = await transformWithOxc(readFileSync(source, "utf8"), source, { sourcemap: false });
  mkdirSync(dirname(plain), { recursive: true });
  writeFileSync(plain, code);
}
