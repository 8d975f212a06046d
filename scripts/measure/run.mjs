// npm run measure -- NAME [held=A,B] [share=0.05] [--json] ...: bundles scripts/measure/NAME.mjs with the pipeline it
// measures, and runs it. TensorFlow.js cannot be loaded file by file under plain Node, so a bundle is made as for the
// application. People (or recordings) named by held= are tested and all others train; without it there are five folds.
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "rolldown";

const helpers = ["run.mjs", "data.mjs", "measuring.mjs", "gestures.mjs", "streams.mjs"];
const measurements = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".mjs") && !helpers.includes(file))
  .map((file) => file.replace(".mjs", ""));
const name = process.argv[2];
const own = process.env.KODO_MEASURE_ENTRY;
if (own ? !existsSync(own) : !measurements.includes(name)) {
  console.error(
    `which measurement? npm run measure -- ${measurements.join("|")} [held=A,B] [share=0.05] [--json]`,
  );
  process.exit(2);
}
const root = resolve(import.meta.dirname, "../..");
const file = join(root, "out", "measure", `${name}-${process.pid}.mjs`);
await build({
  input: own ?? join(import.meta.dirname, `${name}.mjs`),
  external: [/^node:/, "onnxruntime-node"],
  platform: "node",
  logLevel: "warn",
  output: { file, format: "es" },
});
await import(pathToFileURL(file).href);
