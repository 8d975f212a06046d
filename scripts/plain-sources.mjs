// Loaded first in every process and thread of the unit tests: what `threads-of-tests.ts` prepared is taken for the source,
// unless that was changed since, or another took its place.
import { readFileSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const projectFolder = join(import.meta.dirname, "..");
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtime.getTime();

registerHooks({
  load(url, context, next) {
    const plainFolder = process.env.KODO_PLAIN_SOURCES;
    if (plainFolder === undefined || !url.startsWith("file:") || !url.endsWith(".ts"))
      return next(url, context);
    const source = fileURLToPath(url);
    const plain = join(plainFolder, relative(projectFolder, source));
    if (changedAt(plain) !== changedAt(source)) return next(url, context);
    return { format: "module", source: readFileSync(plain), shortCircuit: true };
  },
});
