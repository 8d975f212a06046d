// npm run methods [-- --only ID,ID...] [--json] [--markdown]: the acceptance checks and headline numbers of every method, each
// reached beside expected. --json prints the rows; --markdown writes scripts/methods/RESULTS.md, where the tables of checks
// that were not run now stay as they are. Fails where a figure is missed.
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
  options: { only: { type: "string", default: "" }, json: flag, markdown: flag },
});
const folder = await bundleForNode({ methods: "scripts/methods/run.ts" }, "methods");
const { ids, markdown, runChecks, withSections } = await import(
  pathToFileURL(join(folder, "methods.js")).href
);
const wanted = options.only.split(",").filter((id) => id !== "");
const unknown = wanted.filter((id) => !ids().includes(id));
if (unknown.length > 0) {
  say(`no check is called ${unknown.join(", ")}; there are ${ids().join(", ")}`);
  process.exit(2);
}
const rows = await runChecks(wanted, projectFolder, options.json ? say : (line) => console.log(line));
if (options.json) console.log(JSON.stringify(rows.map(({ source: _source, ...row }) => row)));
if (options.markdown) {
  const file = join(projectFolder, "scripts", "methods", "RESULTS.md");
  writeFileSync(file, await format(withSections(file, markdown(rows)), { parser: "markdown" }));
}
process.exit(rows.every(({ pass }) => pass) ? 0 : 1);
