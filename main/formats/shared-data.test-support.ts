import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A file of the recordings kept beside the project, or undefined where they are absent. KODO_SHARED overrides. */
export function sharedFile(path: string): string | undefined {
  const override = process.env["KODO_SHARED"];
  if (override !== undefined) return existing(join(override, "data", path)) ?? existing(join(override, path));
  for (let folder = resolve(import.meta.dirname); ; folder = dirname(folder)) {
    const found = existing(join(folder, "shared", "data", path));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

const existing = (path: string): string | undefined => (existsSync(path) ? path : undefined);
