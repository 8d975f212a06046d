// node scripts/measure/run.mjs NAME: bundles scripts/measure/NAME.mjs with the pipeline it measures, and runs it.
// TensorFlow.js cannot be loaded file by file under plain Node, so a bundle is made as for the application.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "rolldown";

const name = process.argv[2];
if (!name) throw new Error("which measurement? node scripts/measure/run.mjs emg|ctg [options]");
const root = resolve(import.meta.dirname, "../..");
const file = join(root, "out", "measure", `${name}-${process.pid}.mjs`);
await build({
  input: process.env.KODO_MEASURE_ENTRY ?? join(root, "scripts", "measure", `${name}.mjs`),
  external: [/^node:/, "onnxruntime-node"],
  platform: "node",
  logLevel: "warn",
  output: { file, format: "es" },
});
await import(pathToFileURL(file).href);
