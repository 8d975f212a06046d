import { appendFileSync, cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { nodePath } from "../runtime/node.mjs";
import { say } from "../runtime/say.mjs";
import { cli, openTrial } from "../runtime/shared-run.mjs";
import { ensurePrograms } from "../runtime/system.mjs";
import { openNetwork, whyNoMachines } from "./network.mjs";
import { countedOf, killed, linesOf } from "./workers.mjs";

const SLOW = { delayMs: 50, lossPercent: 5 }; // each way
const LOST = /cannot be reached/;

const all = {
  cut: whileCut,
  silent: whileSilent,
  clocks: withWrongClocks,
  version: ofOtherVersion,
  slow: overSlowLine,
};

/** Workers, and who asks, each on a machine of its own. One result for each of what is tried. */
export async function machinesTrial({ folds, epochs, only }) {
  const wanted = only?.split(",") ?? Object.keys(all);
  const unknown = wanted.find((name) => !(name in all));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is ${Object.keys(all).join(", ")}`);
  const why = whyNoMachines();
  if (why !== undefined) throw new Error(why);
  await ensurePrograms([
    { program: "socat", packages: ["socat"] },
    { program: "faketime", packages: ["faketime"] },
  ]);
  const network = openNetwork();
  let trial;
  try {
    trial = await openTrial({ folds, epochs, reached: network });
    const { report: here, seconds } = trial.here();
    const place = { trial, network, here, folds };
    const results = [];
    for (const name of wanted) {
      results.push({ secondsHere: Math.round(seconds), ...(await onMachines(place, name)) });
      say(JSON.stringify(results.at(-1)));
    }
    return results;
  } finally {
    await trial?.close();
    network.close();
  }
}

/** Nothing is on the cluster of what was tried before. */
const forgetAll = (server) =>
  server.sql(
    "TRUNCATE kodo.work, kodo.result, kodo.checkpoint, kodo.worker, kodo.recording CASCADE; DELETE FROM kodo_queue.job",
  );

async function onMachines({ trial, network, here, folds }, name) {
  const { server, env, folder, library, run } = trial;
  await forgetAll(server);
  say(`on machines of their own: ${name}`);
  const started = new Set();
  const envWith = (certificate) => ({
    ...env,
    KODO_CLUSTER: server
      .address(undefined, { sslrootcert: certificate })
      .replace("@localhost:", `@${network.address}:`),
  });
  const machineOf = async (own, line) => {
    const machine = await network.machine(own, line);
    const { certificate } = server;
    const start = (command, isApart) => {
      const of = isApart ? network.certificate : certificate;
      const child = machine.start(command, { env: envWith(of), certificate, folder, isApart });
      started.add(child);
      child.once("exit", () => started.delete(child));
      return child;
    };
    return {
      ...machine,
      /** `by`: what starts it; `program`: of another version. */
      work: (by = [], program = cli) => {
        const child = start([...by, nodePath(), program, "worker"], true);
        child.stdout.resume();
        return { child, lines: linesOf(child) };
      },
      ask: (by = []) => trial.there(name, (command) => start([...by, ...command], false)),
      kodo: async (...args) => {
        const child = start([nodePath(), cli, ...args], false);
        const lines = linesOf(child);
        child.stdout.resume();
        const began = performance.now();
        const code = await new Promise((resolve) => child.once("close", resolve));
        if (code !== 0) throw new Error(`kodo ${args.join(" ")}: ${lines().join("\n")}`);
        return Math.round((performance.now() - began) / 1000);
      },
    };
  };
  const counted = async (ended) => {
    const { report: there, seconds } = await ended;
    const count = await countedOf(server, { run, folds, name, there, here });
    return { tried: name, ...count, secondsThere: Math.round(seconds) };
  };
  try {
    return await all[name]({ server, library, machineOf, counted });
  } finally {
    for (const child of started) killed(child);
  }
}

const kept = async (server) => Number(await server.sql("SELECT count(*) FROM kodo.result"));

async function until(isSo, mostS = 300) {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > 1000 * mostS) throw new Error(`Not so after ${mostS} s: ${isSo}`);
    await delay(100);
  }
  return Number(((performance.now() - began) / 1000).toFixed(1));
}

/** Everybody 100 ms there and back from the server, and one frame of twenty lost each way. */
async function overSlowLine({ server, library, machineOf, counted }) {
  const desk = await machineOf("slowd", SLOW);
  const workers = [await machineOf("slow1", SLOW), await machineOf("slow2", SLOW)];
  const idle = workers.map((one) => one.work());
  const { ended } = desk.ask();
  const count = await counted(ended);
  await forgetAll(server); // for its recordings went there with the run
  const secondsToPush = await desk.kodo("archive", "push", "--all", "--quiet", "--library", library);
  const other = `${library}.pulled.kodo`;
  await desk.kodo("request", "settings.set", '{"author":"Other"}', "--library", other);
  const ids = (await server.sql("SELECT id FROM kodo.recording")).split("\n");
  const secondsToPull = await desk.kodo("archive", "pull", ...ids, "--quiet", "--library", other);
  return {
    ...count,
    recordings: ids.length,
    secondsToPush,
    secondsToPull,
    said: idle.flatMap(({ lines }) => lines()),
  };
}

/** One worker is cut off in the middle of a fit, and comes back once another has it. */
async function whileCut({ server, machineOf, counted }) {
  const desk = await machineOf("cutd");
  const [one, other] = [await machineOf("cut1"), await machineOf("cut2")];
  const [first] = [one.work(), other.work()];
  const { submitter, ended } = desk.ask();
  const isAtWork = `SELECT EXISTS (SELECT 1 FROM kodo.worker WHERE host = 'cut1' AND doing <> '[]')
    AND EXISTS (SELECT 1 FROM kodo.result WHERE worker LIKE 'cut1-%')`;
  await until(async () => (await server.sql(isAtWork)) === "t"); // it has the recordings, and learns from them anew
  await delay(2000);
  one.unplug();
  const active = "SELECT count(*) FROM kodo_queue.job WHERE state = 'active' AND retry_count > 0";
  const secondsUntilTakenOver = await until(async () => (await server.sql(active)) !== "0");
  await delay(6000);
  one.plug();
  const count = await counted(ended);
  return { ...count, secondsUntilTakenOver, submitter: submitter.exitCode, said: first.lines() };
}

/** Who asks and a worker hear nothing any more, for good: what they say, and when; then the worker is asked to end. */
async function whileSilent({ server, machineOf, counted }) {
  const desk = await machineOf("silentd");
  const [one, other] = [await machineOf("silent1"), await machineOf("silent2")];
  const [first] = [one.work(), other.work()];
  const { ended, told } = desk.ask();
  await until(async () => (await kept(server)) >= 1);
  desk.unplug();
  one.unplug();
  const isLost = () => LOST.test(first.lines().join("\n"));
  const secondsUntilAskerSaysSo = await until(() => LOST.test(told()));
  const secondsMoreUntilWorkerSaysSo = await until(isLost);
  one.end(first.child);
  const secondsUntilWorkerEnded = await until(() => first.child.exitCode !== null);
  desk.plug();
  const secondsUntilBack = await until(() => /the cluster is back/.test(told()));
  return {
    ...(await counted(ended)),
    ...{ secondsUntilAskerSaysSo, secondsMoreUntilWorkerSaysSo, secondsUntilWorkerEnded, secondsUntilBack },
    said: [...told().split("\n"), ...first.lines()],
  };
}

/** A worker three hours ahead, and one two days behind, before the server's certificate began; who asks is ninety minutes ahead. */
async function withWrongClocks({ machineOf, counted }) {
  const desk = await machineOf("clockd");
  const [ahead, behind] = [await machineOf("clock1"), await machineOf("clock2")];
  const late = behind.work(["faketime", "-f", "-2d"]);
  const secondsUntilRefused = await until(() => late.child.exitCode !== null);
  const early = ahead.work(["faketime", "-f", "+3h"]);
  const { ended } = desk.ask(["faketime", "-f", "+90m"]);
  return { ...(await counted(ended)), secondsUntilRefused, said: [...late.lines(), ...early.lines()] };
}

/** A worker of another version, with which nothing is done, until one of the same comes. */
async function ofOtherVersion({ server, machineOf, counted }) {
  const desk = await machineOf("verd");
  const [one, other] = [await machineOf("ver1"), await machineOf("ver2")];
  const folder = join(dirname(dirname(cli)), `other-${process.pid}`); // beside, where its packages are found
  cpSync(dirname(cli), folder, { recursive: true });
  try {
    appendFileSync(join(folder, "trainer.js"), "\n// another version\n");
    const unlike = one.work([], join(folder, "cli.js"));
    await until(async () => (await server.sql("SELECT count(*) FROM kodo.worker")) === "1");
    const { ended, told } = desk.ask();
    await until(() => /waits for one/.test(told()));
    await delay(5000);
    const keptByOther = await kept(server);
    other.work();
    const count = await counted(ended);
    return { ...count, keptByOther, said: [...told().split("\n"), ...unlike.lines()] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
