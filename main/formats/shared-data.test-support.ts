import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The folder of recordings kept beside the project, or undefined where there is none. KODO_SHARED overrides. */
export function sharedData(): string | undefined {
  const override = process.env["KODO_SHARED"];
  if (override !== undefined) return [join(override, "data"), override].find(existsSync);
  for (let folder = resolve(import.meta.dirname); ; folder = dirname(folder)) {
    const found = join(folder, "shared", "data");
    if (existsSync(found)) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/** A file of those recordings, or undefined where it is absent. */
export function sharedFile(path: string): string | undefined {
  const folder = sharedData();
  return folder !== undefined && existsSync(join(folder, path)) ? join(folder, path) : undefined;
}
