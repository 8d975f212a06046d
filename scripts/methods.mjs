// npm run methods [-- --only ID,ID...] [--json] [--markdown] [--minutes N] [--methods NAME;NAME...]: the acceptance checks and
// headline numbers of every method, each reached beside expected. --json prints the rows; --markdown writes
// scripts/methods/RESULTS.md, where the tables of checks that were not run now stay as they are. Long tables keep each cell in
// out/methods/cells once it is measured and do not measure it again (delete the folder to measure anew, as after a change of the
// methods). With --minutes none is begun later than that in a check, with --methods only those of these are; what is not there
// yet is told as not measured. Fails where a figure is missed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { projectFolder } from "./runtime/build.mjs";
import { bundleForNode } from "./runtime/bundle.mjs";
import { say } from "./runtime/say.mjs";

const flag = { type: "boolean", default: false };
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    json: flag,
    markdown: flag,
    minutes: { type: "string" },
    methods: { type: "string", default: "" },
  },
});
const folder = await bundleForNode({ methods: "scripts/methods/run.ts" }, "methods");
const { ids, markdown, runChecks, withSections } = await import(
  pathToFileURL(join(folder, "methods.js")).href
);
const listed = (text, by = ",") => text.split(by).flatMap((name) => name.trim() || []);
const wanted = listed(options.only);
const unknown = wanted.filter((id) => !ids().includes(id));
if (unknown.length > 0) {
  say(`no check is called ${unknown.join(", ")}; there are ${ids().join(", ")}`);
  process.exit(2);
}
const minutes = options.minutes === undefined ? Number.POSITIVE_INFINITY : Number(options.minutes);
if (!(minutes >= 0)) {
  say(`--minutes ${options.minutes}: a number of minutes is wanted, 0 for none to be begun`);
  process.exit(2);
}
const methods = listed(options.methods, ";");
const tell = options.json ? say : (line) => console.log(line);
const rows = await runChecks(wanted, { project: projectFolder, say: tell, minutes, methods });
if (options.json) console.log(JSON.stringify(rows.map(({ source: _source, ...row }) => row)));
if (options.markdown) {
  const file = join(projectFolder, "scripts", "methods", "RESULTS.md");
  writeFileSync(file, await format(withSections(file, markdown(rows)), { parser: "markdown" }));
}
process.exit(rows.every(({ pass }) => pass !== false) ? 0 : 1);
