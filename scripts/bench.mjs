// npm run bench [-- NAME...] [--json] [--markdown]: each benchmark measures Kodo and a peer in the same run, and prints the
// ratio. --markdown also writes main/training/engine/RESULTS.md, with the table of ops, from what `training` measured.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectFolder } from "./runtime/build.mjs";
import { bundleForNode } from "./runtime/bundle.mjs";
import { makeReady } from "./runtime/ready.mjs";
import { say } from "./runtime/say.mjs";
import { withDisplay } from "./runtime/system.mjs";

const args = process.argv.slice(2);
const json = args.includes("--json");
const markdown = args.includes("--markdown");
const wanted = args.filter((argument) => !argument.startsWith("-"));

/** Runs a benchmark's exported function, bundled for Node with the threads it starts. */
async function inNode(entry, name, threads = {}, ...given) {
  const folder = await bundleForNode({ [name]: entry, ...threads }, "bench");
  const module = await import(pathToFileURL(join(folder, `${name}.js`)).href);
  return Object.values(module)[0](...given);
}

async function drawing() {
  const { electron, env } = await makeReady();
  const script = join(projectFolder, "renderer", "trace", "bench", "run.mjs");
  const [command, commandArgs] = withDisplay(process.execPath, [script]);
  const result = spawnSync(command, commandArgs, {
    cwd: projectFolder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (result.status !== 0) throw new Error(`drawing benchmark failed in Electron ${electron.version}`);
  return JSON.parse(result.stdout.slice(result.stdout.indexOf("[")));
}

const benchmarks = {
  drawing,
  storage: () => inNode("main/storage/bench.ts", "storage"),
  import: () => inNode("main/formats/bench.ts", "import"),
  training: () => inNode("main/training/engine/bench.ts", "training"),
  feed: () =>
    inNode("main/training/feed/bench.ts", "feed", {
      "feed-worker": "main/training/feed/worker.ts",
    }),
};

const unknown = wanted.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  say(`no benchmark called ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}`);
  process.exit(2);
}
const rows = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(benchmarks)) {
  say(`measuring ${name}`);
  const measured = await benchmarks[name]();
  rows.push(...measured);
  if (markdown && name === "training") {
    const file = join("main", "training", "engine", "RESULTS.md");
    const text = await inNode("main/training/engine/bench-results.ts", "training-results", {}, measured);
    writeFileSync(join(projectFolder, file), text);
    say(`wrote ${file}`);
  }
}
if (json) console.log(JSON.stringify(rows));
else
  console.table(
    rows.map(({ name, value, unit, peer, peerValue, ratio }) => ({
      name,
      value,
      unit,
      peer,
      peerValue,
      ratio,
    })),
  );
process.exit(0);
