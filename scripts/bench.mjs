// npm run bench [-- NAME...] [--json] [--markdown] [--seconds=600]: each benchmark measures Kodo, and a peer in the same run where there
// is one, with the ratio. --markdown also writes scripts/bench/RESULTS.md, with the table of ops, from what `training` measured.
import { spawnSync } from "node:child_process";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { largeEdf, manyAnnotations } from "./bench/large-files.mjs";
import { smallRecords } from "./bench/small-records.mjs";
import { ensureBuilt, projectFolder } from "./runtime/build.mjs";
import { bundleForNode } from "./runtime/bundle.mjs";
import { nodePath } from "./runtime/node.mjs";
import { makeReady } from "./runtime/ready.mjs";
import { say } from "./runtime/say.mjs";
import { withDisplay } from "./runtime/system.mjs";

const args = process.argv.slice(2);
const json = args.includes("--json");
const markdown = args.includes("--markdown");
const wanted = args.filter((argument) => !argument.startsWith("-"));
const seconds = Number(args.find((argument) => argument.startsWith("--seconds="))?.split("=")[1] ?? 30);

/** A benchmark's module, bundled for Node with the threads it starts. */
async function bundled(entry, name, threads = {}) {
  const folder = await bundleForNode({ [name]: entry, ...threads }, "bench");
  return import(pathToFileURL(join(folder, `${name}.js`)).href);
}

/** Runs the one function that a benchmark's module exports. */
async function inNode(entry, name, threads = {}) {
  return Object.values(await bundled(entry, name, threads))[0]();
}

async function importing() {
  const { benchImport, bigFile } = await bundled("scripts/bench/import.ts", "import");
  return [
    ...(await benchImport()),
    intoLibrary(await bigFile()),
    ...smallRecords(),
    ...largeEdf(),
    ...manyAnnotations(),
  ];
}

const ROUNDS = 3;

/** The file through the command line into a new library, start included, beside a plain copy; both are on the disk at the end. */
function intoLibrary(bytes) {
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  const file = join(folder, "bench.edf");
  const timed = (work) => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const copy = () => {
    const to = openSync(file, "w");
    writeSync(to, bytes);
    fsyncSync(to);
    closeSync(to);
  };
  const take = (round) => {
    const cli = join(projectFolder, "out", "main", "cli.js");
    const library = join(folder, `${round}.kodo`);
    const { status } = spawnSync(process.execPath, [cli, "import", file, "--library", library, "--quiet"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error("the import failed");
  };
  try {
    let [ours, plain] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      plain = Math.min(plain, timed(copy));
      ours = Math.min(
        ours,
        timed(() => take(round)),
      );
    }
    const rate = (ms) => bytes.length / 1e6 / (ms / 1000);
    return {
      name: "import: EDF+ file into a library, command line",
      value: rate(ours),
      unit: "MB/s",
      peer: "copy of the file, synced to disk",
      peerValue: rate(plain),
      ratio: plain / ours,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a script that measures in Electron and prints its rows. */
async function inElectron(...script) {
  const { electron, env } = await makeReady();
  ensureBuilt();
  const [command, commandArgs] = withDisplay(nodePath(), [join(projectFolder, ...script)]);
  const result = spawnSync(command, commandArgs, {
    cwd: projectFolder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (result.status !== 0) throw new Error(`${script.at(-1)} failed in Electron ${electron.version}`);
  return JSON.parse(result.stdout.slice(result.stdout.indexOf("[")));
}

/** The real recorder's process, from a device of our own at a virtual port; as long as --seconds says. */
async function recording() {
  ensureBuilt();
  const main = { "recording-main": "scripts/faults/main-process.ts" };
  const { benchRecording } = await bundled("scripts/bench/recording.ts", "recording", main);
  const built = (name) => join(projectFolder, "out", "main", name);
  const files = {
    main: join(projectFolder, "out", "bench", "recording-main.js"),
    recorder: built("recorder.js"),
    storageWorker: built("storage-worker.js"),
    hook: join(projectFolder, "scripts", "faults", "recorder-hook.mjs"),
    cli: built("cli.js"),
  };
  return benchRecording(files, seconds);
}

/** Jobs and a sweep on a database server of its own; see scripts/bench/cluster.ts for how much of it. */
async function sharing() {
  ensureBuilt();
  const threads = { "storage-worker": "main/storage/worker.ts" };
  const { benchCluster } = await bundled("scripts/bench/cluster.ts", "cluster", threads);
  return benchCluster(join(projectFolder, "out", "main", "cli.js"), nodePath());
}

// Bundled together: two copies of TensorFlow.js in one process get in each other's way.
const results = { "training-results": "scripts/bench/training-results.ts" };

const benchmarks = {
  application: () => inElectron("scripts", "bench", "application.mjs"),
  drawing: () => inElectron("scripts", "bench", "drawing", "run.mjs"),
  storage: () => inNode("scripts/bench/storage.ts", "storage"),
  import: importing,
  archive: () =>
    inNode("scripts/bench/archive.ts", "archive", {
      "storage-worker": "main/storage/worker.ts",
      "cluster-worker": "main/cluster/process/worker.ts",
    }),
  cluster: sharing,
  library: async () => [
    ...(await inNode("scripts/bench/library.ts", "library", { "storage-worker": "main/storage/worker.ts" })),
    ...(await inElectron("scripts", "bench", "library-window.mjs")),
  ],
  protocols: () => inNode("scripts/bench/protocols.ts", "protocols"),
  recording,
  live: () => inElectron("scripts", "bench", "live.mjs"),
  training: () => inNode("scripts/bench/training.ts", "training", results),
  classical: () => inNode("scripts/bench/classical.ts", "classical"),
  ctg: () => inNode("scripts/bench/ctg.ts", "ctg"),
  states: () => inNode("scripts/bench/states.ts", "states"),
  "ctg-baseline": () => inNode("scripts/bench/ctg-baseline.ts", "ctg-baseline"),
  folds: () =>
    inNode("scripts/bench/folds.ts", "folds", {
      trainer: "main/training/process/trainer.ts",
      "feed-worker": "main/training/data/feed/worker.ts",
    }),
  feed: () =>
    inNode("scripts/bench/feed.ts", "feed", {
      "feed-worker": "main/training/data/feed/worker.ts",
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
    const file = join("scripts", "bench", "RESULTS.md");
    const { trainingResults } = await import(
      pathToFileURL(join(projectFolder, "out", "bench", "training-results.js")).href
    );
    const text = await trainingResults(measured);
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
