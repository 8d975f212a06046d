// npm run methods [-- --only ID,ID...] [--json] [--markdown] [--minutes N] [--methods NAME;NAME...] [--parts N]: the acceptance
// checks and headline numbers of every method, each reached beside expected. --json prints the rows; --markdown writes
// scripts/methods/RESULTS.md, where the tables of checks that were not run now stay as they are. Long tables keep each cell (a
// method learned on one part) in scripts/methods/cells once it is measured, and measure it again where its settings or its
// windows change (after a change of a method itself take its lines away). With --minutes none is begun later than that in a
// check, with --methods only those of these are, with --parts only those of so many first parts; of what is not there yet a
// table says so. Fails where a figure is missed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { projectFolder } from "./runtime/build.mjs";
import { bundleForNode } from "./runtime/bundle.mjs";
import { say } from "./runtime/say.mjs";

const flag = { type: "boolean", default: false };
const options = understood();

function understood() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string" },
        json: flag,
        markdown: flag,
        minutes: { type: "string" },
        methods: { type: "string" },
        parts: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    return refused(error.message);
  }
}

function refused(why) {
  say(why);
  process.exit(2);
}

/** What was listed: nothing where the option was not given. An option without a name in it is a slip, not a wish for all. */
function listed(option, by) {
  const text = options[option];
  if (text === undefined) return [];
  const names = text.split(by).flatMap((name) => name.trim() || []);
  return names.length > 0 ? names : refused(`--${option} names nothing`);
}

/** A number of at least 0; undefined where the option was not given. */
function counted(option, what) {
  const text = options[option];
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return value >= 0
    ? value
    : refused(`--${option} ${text}: a number of ${what} is wanted, 0 for none to be begun`);
}

const wanted = listed("only", ",");
const methods = listed("methods", ";");
const minutes = counted("minutes", "minutes");
const parts = counted("parts", "parts");
const folder = await bundleForNode({ methods: "scripts/methods/run.ts" }, "methods");
const { ids, runChecks, withResults } = await import(pathToFileURL(join(folder, "methods.js")).href);
const unknown = wanted.filter((id) => !ids().includes(id));
if (unknown.length > 0) refused(`no check is called ${unknown.join(", ")}; there are ${ids().join(", ")}`);
const tell = options.json ? say : (line) => console.log(line);
const { rows, asked } = await runChecks(wanted, {
  project: projectFolder,
  say: tell,
  minutes,
  methods,
  parts,
});
if (options.json) console.log(JSON.stringify(rows.map(({ source: _source, ...row }) => row)));
if (options.markdown) {
  const file = join(projectFolder, "scripts", "methods", "RESULTS.md");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  writeFileSync(file, await format(withResults(before, rows), { parser: "markdown" }));
}
const strange = methods.filter((name) => !asked.includes(name));
if (strange.length > 0)
  refused(
    `no table asked for ${strange.join("; ")}; there are ${asked.join("; ") || "no methods in cells here"}`,
  );
process.exit(rows.every(({ pass }) => pass !== false) ? 0 : 1);
