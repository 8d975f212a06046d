// node scripts/slurm-trial.mjs [--folds 4] [--epochs 4] [--json]: a cross-validation on workers that Slurm starts, of which one
// is killed and one is asked to end, beside the same cross-validation here. munge, slurmctld and slurmd run on loopback, as one
// node; Debian's slurmctld, slurmd, slurm-client, munge and postgresql are installed where they are not.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { nodePath } from "./runtime/node.mjs";
import { say } from "./runtime/say.mjs";
import { cli, openTrial } from "./runtime/shared-run.mjs";
import { ensurePrograms } from "./runtime/system.mjs";

const text = { type: "string" };
const { values: options } = parseArgs({
  options: {
    folds: { ...text, default: "4" },
    epochs: { ...text, default: "4" },
    json: { type: "boolean", default: false },
  },
});
const folds = Number(options.folds);
const STARTED_MS = 30_000;

await ensurePrograms(
  [["slurmctld"], ["slurmd"], ["sbatch", "slurm-client"], ["munged", "munge"]].map(
    ([program, name = program]) => ({ program, packages: [name] }),
  ),
);
const confIn = (folder) => join(folder, "slurm.conf");
const trial = await openTrial({ folds, epochs: options.epochs }, (folder) => ({
  SLURM_CONF: confIn(folder),
}));
const { env, folder, server } = trial;
const conf = confIn(folder);
const daemons = [];

/** A program that stays; its output lies beside its settings. */
function daemon(program, args) {
  const log = openSync(join(folder, `${program}.log`), "w");
  const child = spawn(program, args, { stdio: ["ignore", log, log], env });
  closeSync(log);
  daemons.push(child);
  return child;
}

const slurm = (program, ...args) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout.trim();
};

/** Until it is so; else with what the program said last. */
async function until(isSo, what, program) {
  const end = performance.now() + STARTED_MS;
  while (!isSo()) {
    if (performance.now() > end)
      throw new Error(`${what}: ${readFileSync(join(folder, `${program}.log`), "utf8").slice(-600)}`);
    await delay(250);
  }
}

async function startSlurm() {
  const { username } = userInfo();
  const [node] = hostname().split(".");
  const socket = join(folder, "munge.socket");
  const key = join(folder, "munge.key");
  writeFileSync(key, randomBytes(1024), { mode: 0o600 });
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
  const files = [
    "--key-file",
    key,
    "--pid-file",
    join(folder, "munge.pid"),
    "--seed-file",
    join(folder, "seed"),
  ];
  daemon("munged", [
    "--foreground",
    "--force",
    "--socket",
    socket,
    "--log-file",
    join(folder, "m.log"),
    ...files,
  ]);
  const settings = {
    ...{
      ClusterName: "kodo",
      SlurmctldHost: `${node}(127.0.0.1)`,
      SlurmUser: username,
      SlurmdUser: username,
    },
    ...{ AuthType: "auth/munge", AuthInfo: `socket=${socket}`, CredType: "cred/munge" },
    ...{ SlurmctldPort: 26_817, SlurmdPort: 26_818, SlurmctldPidFile: join(folder, "c.pid") },
    ...{ SlurmdPidFile: join(folder, "d.pid"), StateSaveLocation: join(folder, "state") },
    ...{ SlurmdSpoolDir: join(folder, "spool"), MailProg: "/bin/true", MpiDefault: "none" },
    ...{
      ProctrackType: "proctrack/linuxproc",
      TaskPlugin: "task/none",
      JobAcctGatherType: "jobacct_gather/none",
    },
    ...{
      SelectType: "select/cons_tres",
      SelectTypeParameters: "CR_CPU",
      SlurmdParameters: "config_overrides",
    },
    ...{ ReturnToService: 2, KillWait: 10, SchedulerType: "sched/backfill" },
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  lines.push(`NodeName=${node} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN`);
  lines.push("PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP");
  writeFileSync(conf, `${lines.join("\n")}\n`);
  const has = (...command) => spawnSync(command[0], command.slice(1), { env, encoding: "utf8" });
  await until(() => has("munge", "-n", "-S", socket).status === 0, "munge does not answer", "munged");
  daemon("slurmctld", ["-D", "-c", "-f", conf]);
  await until(() => has("scontrol", "ping").stdout.includes("UP"), "slurmctld does not answer", "slurmctld");
  daemon("slurmd", ["-D", "-f", conf, "-N", node]);
  await until(
    () => has("sinfo", "-h", "-o", "%t").stdout.trim() === "idle",
    "the node is not idle",
    "slurmd",
  );
}

/** Processes of a task of the array. */
const processesOf = (job, task) =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const said = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      return said.includes(`SLURM_ARRAY_JOB_ID=${job}`) && said.includes(`SLURM_ARRAY_TASK_ID=${task}`);
    } catch {
      return false; // ended just now
    }
  });

const stateOf = (job, task) =>
  /JobState=(\w+)/.exec(slurm("scontrol", "show", "job", `${job}_${task}`, "-o"))?.[1] ?? "gone";

try {
  say("starting munge, slurmctld and slurmd");
  await startSlurm();
  const { report: here, seconds: secondsHere } = trial.here();

  say("training them on an array of three workers; one is killed, one is asked to end");
  const began = performance.now();
  const { submitter, ended } = trial.there();
  const asked = async (sql) => Number(await server.sql(sql));
  while (submitter.exitCode === null && (await asked("SELECT count(*) FROM kodo.work")) === 0)
    await delay(500);
  const wrap = `exec ${nodePath()} ${cli} worker --until-idle`;
  const job = slurm(
    ...[
      "sbatch",
      "--parsable",
      "--array=0-2",
      "--requeue",
      "--output",
      join(folder, "worker-%a.log"),
      "--wrap",
      wrap,
    ],
  );
  const working = async () => (await asked("SELECT count(*) FROM kodo.worker")) >= 3;
  while (submitter.exitCode === null && !(await working())) await delay(250);
  const secondsToStart = (performance.now() - began) / 1000;
  while (submitter.exitCode === null && (await asked("SELECT count(*) FROM kodo.result")) < 1)
    await delay(250);
  await delay(2000); // the folds are under way
  for (const pid of processesOf(job, 1)) process.kill(Number(pid), "SIGKILL");
  const stopped = performance.now();
  slurm("scancel", `${job}_2`);
  while (processesOf(job, 2).length > 0 && performance.now() - stopped < 30_000) await delay(100);
  const secondsToEnd = (performance.now() - stopped) / 1000;
  const { report: there, seconds: secondsThere } = await ended;
  await delay(3000);
  const states = [0, 1, 2].map((task) => stateOf(job, task));
  slurm("scontrol", "requeue", `${job}_1`); // as its owner may
  const [, eligible] = /EligibleTime=(\S+)/.exec(slurm("scontrol", "show", "job", `${job}_1`, "-o")) ?? [];
  slurm("scancel", job);
  const left = readdirSync(tmpdir()).filter((name) => /^kodo-worker-/.test(name));
  const result = {
    slurm: slurm("sinfo", "--version"),
    folds,
    results: await asked("SELECT count(*) FROM kodo.result"),
    workers: await asked("SELECT count(DISTINCT worker) FROM kodo.result"),
    begunAgain: await asked("SELECT sum(starts) - count(*) FROM kodo.result"),
    equalToHere: isDeepStrictEqual(there.metrics, here.metrics),
    states: { untouched: states[0], killed: states[1], cancelled: states[2] },
    requeuedWaitsUntil: eligible,
    secondsToStart: Math.round(secondsToStart),
    secondsToEndWhenAsked: Number(secondsToEnd.toFixed(1)),
    secondsHere: Math.round(secondsHere),
    secondsThere: Math.round(secondsThere),
    foldersLeft: left.length,
  };
  console.log(options.json ? JSON.stringify(result) : result);
  if (!result.equalToHere || result.results !== folds + 1) process.exitCode = 1;
} finally {
  for (const child of daemons.reverse()) child.kill("SIGTERM");
  await delay(1000);
  for (const child of daemons) child.kill("SIGKILL");
  await trial.close();
}
