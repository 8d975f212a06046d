// npm run cluster-trial -- [--folds 6] [--kills 8] [--seed 1] [--epochs 4] [--json]: a cross-validation on two workers that are
// killed at random moments, and a database server that is killed once, beside the same cross-validation here. Needs Debian's
// postgresql. { folds, once, twice, lost, reports, equalToHere, kills, secondsLost, secondsHere, secondsThere }
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { nodePath } from "./runtime/node.mjs";
import { say } from "./runtime/say.mjs";
import { cli, openTrial } from "./runtime/shared-run.mjs";

const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    folds: { ...text, default: "6" },
    kills: { ...text, default: "8" },
    seed: { ...text, default: "1" },
    epochs: { ...text, default: "4" },
    json: { type: "boolean", default: false },
  },
});
const folds = Number(options.folds);
const kills = Number(options.kills);

/** Mulberry32: the same seed kills at the same moments. */
function drawer(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const trial = await openTrial({ folds, epochs: options.epochs });
const { env, run, server } = trial;

const workers = new Set();
let isOver = false;
function startWorker() {
  const worker = spawn(nodePath(), [cli, "worker"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  worker.stderr.resume();
  workers.add(worker);
  worker.once("exit", () => {
    workers.delete(worker);
    if (!isOver) startWorker(); // as systemd would
  });
}
/** The whole group: the trainer's process dies with its worker, as on a machine that loses its power. */
const killed = (worker) => {
  try {
    process.kill(-worker.pid, "SIGKILL");
  } catch {
    // ended just now
  }
};

try {
  const { report: here, seconds: secondsHere } = trial.here();
  say(`training them on two workers, of which ${kills} are killed`);
  for (let i = 0; i < 2; i += 1) startWorker();
  const { submitter, ended } = trial.there();
  const draw = drawer(Number(options.seed));
  let done = 0;
  let serverKills = 0;
  const apart = (1.2 * secondsHere) / (kills + 1);
  while (done < kills && submitter.exitCode === null) {
    await Promise.race([delay(1000 * apart * (0.4 + 1.2 * draw())), ended]);
    if (submitter.exitCode !== null) break;
    const [victim] = [...workers].sort(() => draw() - 0.5);
    if (victim === undefined) continue;
    killed(victim);
    done += 1;
    if (done === Math.ceil(kills / 2) && serverKills === 0) {
      serverKills = 1;
      await server.kill();
      await delay(2000);
      await server.start();
    }
  }
  const { report: there, seconds: secondsThere } = await ended;
  const made = (
    await server.sql(
      "SELECT fit, count(*), max(starts) FROM kodo.result JOIN kodo.asked USING (key) GROUP BY fit ORDER BY fit",
    )
  )
    .split("\n")
    .map((line) => line.split("|").map(Number));
  const used = Number(await server.sql("SELECT sum(seconds) FROM kodo.result"));
  const reports = JSON.parse(run("list", "--json")).runs.filter(({ config }) => config.name === "there");
  const result = {
    folds,
    once: made.filter(([, count]) => count === 1).length - 1, // the first fit learns from everybody
    twice: made.filter(([, count]) => count > 1).length,
    lost: folds + 1 - made.length,
    begunAgain: made.reduce((sum, [, , starts]) => sum + starts - 1, 0),
    reports: reports.filter(({ phase }) => phase === "done").length,
    equalToHere: isDeepStrictEqual(there.metrics, here.metrics),
    kills: done,
    serverKills,
    secondsHere: Math.round(secondsHere),
    secondsThere: Math.round(secondsThere),
    secondsOfFits: Math.round(used),
    secondsLost: Math.round(secondsThere - used / 2),
  };
  console.log(options.json ? JSON.stringify(result) : result);
  if (result.once !== folds || result.twice + result.lost > 0 || result.reports !== 1 || !result.equalToHere)
    process.exitCode = 1;
} finally {
  isOver = true;
  for (const worker of workers) killed(worker);
  await trial.close();
}
