// Loaded first in every process and thread of the unit tests: what `threads-of-tests.ts` prepared is taken for the source.
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const projectFolder = join(import.meta.dirname, "..");

registerHooks({
  load(url, context, next) {
    const plainFolder = process.env.KODO_PLAIN_SOURCES;
    if (plainFolder === undefined || !url.startsWith("file:") || !url.endsWith(".ts"))
      return next(url, context);
    const plain = join(plainFolder, relative(projectFolder, fileURLToPath(url)));
    if (!existsSync(plain)) return next(url, context);
    return { format: "module", source: readFileSync(plain), shortCircuit: true };
  },
});
