// npm run faults -- [--runs 500] [--seed 1] [--json] [--protocol KIND] [--only SEED,… [--times N]] [--at-once 8]: records from
// simulated devices while cables are pulled, processes killed, disks filled and the line damaged, each run from its own seed,
// and compares what was stored with what was sent. --only repeats the runs of some seeds, N times each, and tells what they
// were made of.
import { fork } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ensureBuilt, projectFolder } from "./runtime/build.mjs";
import { bundleForNode } from "./runtime/bundle.mjs";
import { say } from "./runtime/say.mjs";
import { ensurePrograms } from "./runtime/system.mjs";

const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    runs: { ...text, default: "500" },
    seed: { ...text, default: "1" },
    "at-once": { ...text, default: "8" },
    json: { type: "boolean", default: false },
    protocol: text,
    only: text,
    times: { ...text, default: "1" },
  },
});

await ensurePrograms([{ program: "socat", packages: ["socat"] }]);
ensureBuilt();
const folder = await bundleForNode(
  {
    "faults-plan": "scripts/faults/plan.ts",
    "faults-summary": "scripts/faults/summary.ts",
    "faults-main": "scripts/faults/main-process.ts",
    "faults-run": "scripts/faults/run-process.ts",
  },
  "faults",
);
const load = (name) => import(pathToFileURL(join(folder, `${name}.js`)).href);
const { planOf } = await load("faults-plan");
const { summaryOf } = await load("faults-summary");
const files = {
  main: join(folder, "faults-main.js"),
  recorder: join(projectFolder, "out", "main", "recorder.js"),
  storageWorker: join(projectFolder, "out", "main", "storage-worker.js"),
  hook: join(projectFolder, "scripts", "faults", "recorder-hook.mjs"),
};

const TOO_LONG_MS = 300_000;

/** One run in its process; what went wrong with the run itself is a problem like any other. */
function run(plan) {
  const { seed, protocol, faults } = plan;
  const failed = (problem) => ({
    ...{ seed, protocol, faults: faults.map(({ kind }) => kind), notDone: [], problems: [problem] },
    ...{
      samples: 0,
      lostSamples: 0,
      unmarkedGaps: 0,
      damagedTaken: 0,
      untoldGaps: 0,
      excusedSamples: 0,
      timeErrorsMs: [],
      lineErrorsMs: [],
      shows: [],
      resumes: [],
      lateness: { beginningMs: 0, loopMs: 0, deviceMsP99: 0, deviceMs: 0, readerMsP99: 0, readerMs: 0 },
    },
  });
  return new Promise((resolve) => {
    const child = fork(join(folder, "faults-run.js"), [], {
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "advanced",
      execArgv: [],
    });
    const late = setTimeout(() => child.kill("SIGKILL"), TOO_LONG_MS);
    child.once("message", ({ verdict, error }) => resolve(verdict ?? failed(error)));
    child.once("exit", (code, signal) => {
      clearTimeout(late);
      resolve(failed(`the run ended: ${signal ?? code}`));
    });
    child.send({ plan, files });
  });
}

const seeds =
  options.only === undefined
    ? Array.from({ length: Number(options.runs) }, (_, i) => Number(options.seed) + i)
    : Array.from({ length: Number(options.times) }, () => options.only.split(",").map(Number)).flat();
const count = seeds.length;
const plans = seeds.map((seed) => planOf(seed, options.protocol));
const verdicts = [];
async function worker() {
  for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) {
    if (options.only !== undefined) say(JSON.stringify(plan));
    const verdict = await run(plan);
    verdicts.push(verdict);
    if (options.only !== undefined)
      say(
        JSON.stringify(verdict, (key, value) =>
          key === "timeErrorsMs" || key === "lineErrorsMs" ? value.length : value,
        ),
      );
    if (verdict.problems.length > 0)
      say(
        `seed ${verdict.seed} (${verdict.protocol}, ${verdict.faults.join(", ")}): ${verdict.problems.join("; ")}`,
      );
    if (verdicts.length % 50 === 0) say(`${verdicts.length} of ${count}`);
  }
}
await Promise.all(Array.from({ length: Math.max(1, Number(options["at-once"])) }, worker));
const summary = summaryOf(verdicts.sort((a, b) => a.seed - b.seed));
for (const [kind, runs] of Object.entries(summary.notDone))
  say(
    `NOT DONE: ${kind} in ${runs} of ${count} runs: this machine does not let this user mount a small disk`,
  );
if (options.json) console.log(JSON.stringify(summary));
else console.dir(summary, { depth: 4 });
for (const { goal, limit, measured } of summary.missed)
  say(`MISSED: ${goal} is ${measured}, ${limit} wanted`);
process.exit(summary.failed === 0 && summary.missed.length === 0 ? 0 : 1);
