import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformWithOxc } from "vite";

const projectFolder = join(import.meta.dirname, "..");
const plainFolder = join(projectFolder, "test-results", "plain");

/**
 * Before the tests: the sources that threads load, without their types, where `plain-sources.mjs` finds them. Node would
 * take the types away with WebAssembly in every thread. One test process of a whole run ended by SIGTRAP when all of its
 * tests had passed; that this came of WebAssembly in threads that come and go is a guess by likeness, for it was not
 * made to happen again. This way threads need none for that, and start sooner.
 */
export default async function preparePlainSources(): Promise<void> {
  process.env["KODO_PLAIN_SOURCES"] = plainFolder;
  for (const folder of ["main", "preload"])
    for (const name of readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      await writePlain(join(folder, name));
    }
}

/** As old as its source, by which it is known to be of that. A source with a mistake is left to whoever loads it. */
async function writePlain(name: string): Promise<void> {
  const source = join(projectFolder, name);
  const plain = join(plainFolder, name);
  const { mtime } = statSync(source);
  if (statSync(plain, { throwIfNoEntry: false })?.mtime.getTime() === mtime.getTime()) return;
  const made = await transformWithOxc(readFileSync(source, "utf8"), source, { sourcemap: false }).catch(
    () => undefined,
  );
  if (made === undefined) return;
  mkdirSync(dirname(plain), { recursive: true });
  writeFileSync(plain, made.code);
  utimesSync(plain, mtime, mtime);
}
