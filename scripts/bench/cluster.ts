import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { setUpCluster } from "../../main/cluster/archive.ts";
import { type Cluster, joinCluster, type Taken } from "../../main/cluster/cluster.ts";
import { postgresFolder, startPostgres, type TestServer } from "../../main/cluster/postgres.fixtures.ts";
import { spawnLibrary } from "../../main/storage/client.ts";
import { newRun } from "../../main/storage/testing.ts";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import type { Row } from "./storage.ts";

const VERSION = "bench";
const LANES = 8;
const RECORDINGS = 10_000;
const SINGLE = Number(process.env["KODO_BENCH_JOBS"] ?? "1000");
const SWEEP = process.env["KODO_BENCH_SWEEP"] ?? "2x2x40"; // configurations, folds, epochs
const ALONE = Number(process.env["KODO_BENCH_ALONE"] ?? "200"); // jobs sent to a worker that waits
const CANCELS = 5;
const IDLE_MS = 500; // as a worker's lane looks again

/**
 * What sharing out costs, on one machine over loopback with TLS: how soon a worker that waits has a job, many small jobs, a
 * study of many recordings with its outcome, memory, how soon a cancel is heard, and a sweep here and there.
 * KODO_BENCH_SWEEP=24x5x40 is 144 fits.
 */
export async function benchCluster(cli: string, node: string): Promise<Row[]> {
  const bin = postgresFolder();
  if (bin === undefined) throw new Error("Debian's postgresql is not installed");
  const server = await startPostgres(bin);
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  try {
    await setUpCluster(server.address());
    const cluster = await joinCluster(server.address());
    const rows = [
      ...(await dispatch(cluster)),
      await singleJobs(cluster),
      ...(await study(cluster, server, folder)),
    ];
    const place = { cli, node, server, folder };
    rows.push(...(await cancels(place, cluster)));
    await cluster.close();
    return [...rows, ...(await sweep(place))];
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const row = (name: string, value: number, unit: string, goal?: number): Row => ({
  ...{ name: `cluster: ${name}`, value, unit, peer: goal === undefined ? "none" : "goal" },
  ...{ peerValue: goal ?? Number.NaN, ratio: goal === undefined ? Number.NaN : goal / value },
});

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

const labelSet = {
  ...{ id: "bench", version: 1, name: { en: "bench", ja: "bench" }, kind: "other" as const },
  ...{ groups: [], labels: [] },
};
const workOf = (id: string, fits: number) => ({
  ...{ id, run: newRun(id), recordings: [], labelSet, version: VERSION, fits },
});
const done = { value: Uint8Array.of(1), worker: "bench", seconds: 0 };

/** From when it was asked for until a lane has it that looks every half second. */
async function dispatch({ works, queue }: Cluster): Promise<Row[]> {
  const took: number[] = [];
  for (let i = 0; i < ALONE; i += 1) {
    const work = workOf(`alone-${i}`, 2);
    work.run.config.seed = i;
    const sent = performance.now();
    const [taken] = await Promise.all([lookedFor(queue), works.submit(work, "bench", 0)]);
    took.push(performance.now() - sent);
    await works.finish(taken, done);
    await works.cancel(work.id);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.min(ALONE - 1, Math.ceil(ALONE * share) - 1)] ?? 0;
  return [
    row("dispatch: a job with a worker that waits, p50", at(0.5), "ms"),
    row(`the same, p99 of ${ALONE}`, at(0.99), "ms"),
  ];
}

/** By a lane that is somewhere between two looks. */
async function lookedFor(queue: Cluster["queue"]): Promise<Taken> {
  for (let restMs = IDLE_MS * Math.random(); ; restMs = IDLE_MS) {
    await delay(restMs);
    const taken = await queue.take(VERSION);
    if (taken !== undefined) return taken;
  }
}

async function inLanes({ queue }: Cluster, end: (taken: Taken) => Promise<void>): Promise<number> {
  let count = 0;
  const lane = async (): Promise<void> => {
    for (let misses = 0; misses < 3;) {
      const taken = await queue.take(VERSION);
      if (taken === undefined) {
        misses += 1;
        await delay(50);
        continue;
      }
      misses = 0;
      await end(taken);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return count;
}

/** Fits that take no time, each taken, ended and kept in a transaction of its own; then all of what came is read. */
async function singleJobs(cluster: Cluster): Promise<Row> {
  const { works } = cluster;
  const work = workOf("single", SINGLE);
  work.run.config.seed = 999_999;
  const begun = performance.now();
  await works.submit(work, "bench", 0);
  const count = await inLanes(cluster, (taken) => works.finish(taken, done));
  for (let fit = 0; fit < SINGLE; fit += 1) await works.result(work.id, fit);
  if (count !== SINGLE) throw new Error(`${count} of ${SINGLE} jobs were done`);
  return row(`${SINGLE} jobs one by one on ${LANES} lanes, kept and read`, secondsSince(begun), "s");
}

/** Small things judged a hundred a job: findings in the archive, and the outcome of all. */
async function study(cluster: Cluster, server: TestServer, folder: string): Promise<Row[]> {
  const { works, studies } = cluster;
  await server.sql(
    `INSERT INTO kodo.recording (id, sha256, name, subject, study, kind, duration_s, header, rest, pushed_by)
     SELECT gen_random_uuid(), 'sha ' || n, 'R' || n, 'S' || n, 'bench', 'ctg', 3600, '{}', '{}', 'bench' FROM generate_series(1, ${RECORDINGS}) n`,
  );
  const storage = spawnLibrary(join(folder, "study.kodo"), new URL("./storage-worker.js", import.meta.url));
  const begun = performance.now();
  const { id, parts } = await studies.ask(storage.library, {
    order: { kind: "analyse", settings: CtgSettings.parse({}), rules: ["ctg/figo-2015"] },
    ...{ where: { study: "bench" }, by: "bench", version: VERSION, priority: 0 },
  });
  let memory = 0;
  const finding = {
    origin: { kind: "rule" as const, rule: "ctg/events", version: "1", config: {} },
    content: { kind: "events" as const, labelSet: "ctg-events", events: [], notAssessable: [] },
  };
  const count = await inLanes(cluster, async (taken) => {
    const part = await studies.part(taken.job.work, taken.job.fit);
    const judged = part.recordings.map((recording) => ({ recording, findings: [finding] }));
    const value = studies.result(judged, []);
    await works.finish(taken, { ...done, value }, (session) => studies.keep(session, judged, part.by));
    memory = Math.max(memory, serverBytes(server));
  });
  const { signal } = new AbortController();
  const { elsewhere } = await studies.fetch(storage.library, id, { signal, again: false });
  const took = secondsSince(begun);
  await storage.close();
  if (count !== parts || elsewhere !== RECORDINGS)
    throw new Error(`${elsewhere} of ${RECORDINGS} were judged`);
  return [
    row(`${RECORDINGS} small things in ${parts} jobs, kept, and their outcome`, took, "s", 15),
    row("memory of PostgreSQL, its own", memory / 1e6, "MB"),
    row("memory of the process with 8 lanes", process.memoryUsage().rss / 1e6, "MB"),
  ];
}

/** What the server's processes have that they share with nobody. */
function serverBytes({ folder }: TestServer): number {
  const [pid = ""] = readFileSync(join(folder, "data", "postmaster.pid"), "utf8").split("\n");
  let kilobytes = 0;
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(join("/proc", entry, "status"), "utf8");
      if (entry !== pid && /^PPid:\s*(\d+)/m.exec(status)?.[1] !== pid) continue;
      kilobytes += Number(/^RssAnon:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
      // it ended just now
    }
  }
  return kilobytes * 1024;
}

interface Place {
  readonly cli: string;
  readonly node: string;
  readonly server: TestServer;
  readonly folder: string;
}

/** A command of its own process; resolves with what it said. */
function kodoAt({ cli, node, server, folder }: Place) {
  const env = { ...process.env, KODO_CLUSTER: server.address() };
  return (library: string, ...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn(node, [cli, ...args, "--library", join(folder, `${library}.kodo`)], { env });
      let [out, problems] = ["", ""];
      child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
      child.stderr.on("data", (piece: Buffer) => (problems += piece.toString()));
      child.once("exit", (code) =>
        code === 0 ? resolve(out) : reject(new Error(`${args[0]}: ${problems}`)),
      );
    });
}

function workerAt({ cli, node, server, folder }: Place, lanes: number) {
  const env = { ...process.env, KODO_CLUSTER: server.address() };
  const child = spawn(node, [cli, "worker", "--lanes", String(lanes), "--library", join(folder, "none")], {
    env,
  });
  child.stderr.setEncoding("utf8").resume();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  return {
    said: child.stderr,
    off: async (): Promise<void> => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** From the cancel until the worker that fits has let go of the fit. */
async function cancels(place: Place, { works }: Cluster): Promise<Row[]> {
  const kodo = kodoAt(place);
  await kodo("cancels", "sample", "--quiet");
  await kodo("cancels", "request", "settings.set", '{"author":"Bench"}');
  const worker = workerAt(place, 1);
  const took: number[] = [];
  try {
    for (let i = 0; i < CANCELS; i += 1) {
      const shape = ["--label-set", "emg-gestures", "--window", "0.5", "--stride", "0.25"];
      const length = ["--epochs", "500", "--seed", String(i), "--folds", "2", "--on", "cluster"];
      const asked = kodo("cancels", "train", ...shape, ...length, "--quiet").then(
        () => "it ended by itself",
        (error: unknown) => String(error), // it ends cancelled
      );
      const work = await Promise.race([underWay(works), asked.then((why) => Promise.reject(new Error(why)))]);
      await delay(IDLE_MS * (1 + Math.random()));
      const begun = performance.now();
      const heard = new Promise<void>((done) => {
        const listen = (text: string): void => {
          if (!text.includes(work)) return;
          worker.said.off("data", listen);
          done();
        };
        worker.said.on("data", listen);
      });
      await works.cancel(work);
      await heard;
      took.push(secondsSince(begun));
      await asked;
    }
  } finally {
    await worker.off();
  }
  took.sort((a, b) => a - b);
  return [
    row("a cancel until its worker let go, p50", took[Math.floor(CANCELS / 2)] ?? 0, "s"),
    row(`the same, the longest of ${CANCELS}`, took.at(-1) ?? 0, "s"),
  ];
}

/** The run that a worker is fitting, once there is one that was not cancelled. */
async function underWay(works: Cluster["works"]): Promise<string> {
  for (;;) {
    const open = new Set(
      (await works.list(100)).filter(({ state }) => state === "waiting").map((one) => one.id),
    );
    for (const { doing } of await works.workers())
      for (const { work } of doing) if (open.has(work)) return work;
    await delay(100);
  }
}

/** The same sweep here and by a worker of one and of two lanes; seconds of the fits themselves beside those of the clock. */
async function sweep(place: Place): Promise<Row[]> {
  const { server, folder } = place;
  const [configurations = 2, folds = 2, epochs = 40] = SWEEP.split("x").map(Number);
  const kodo = kodoAt(place);
  const rates = Array.from({ length: configurations }, (_, i) => 0.005 * (i + 1));
  const base = { labelSet: "emg-gestures", windowS: 0.5, strideS: 0.25, members: 2, epochs };
  const file = join(folder, "grid.json");
  const write = (name: string): void =>
    writeFileSync(file, JSON.stringify({ name, base, folds, grid: { learningRate: rates } }));
  const fits = configurations * (folds + 1);
  const timed = async (library: string, ...args: string[]): Promise<number> => {
    write(library);
    await kodo(library, "sample", "--quiet");
    await kodo(library, "request", "settings.set", '{"author":"Bench"}');
    const begun = performance.now();
    await kodo(library, "sweep", file, "--quiet", ...args);
    return secondsSince(begun);
  };
  const here = await timed("here", "--on", "here");
  const rows = [row(`sweep ${configurations} × ${folds} (${fits} fits, ${epochs} epochs), here`, here, "s")];
  for (const lanes of [1, 2]) {
    await server.sql("TRUNCATE kodo.work, kodo.result, kodo.checkpoint CASCADE");
    const worker = workerAt(place, lanes);
    const took = await timed(`lanes-${lanes}`, "--on", "cluster").finally(() => worker.off());
    const [used = 0, from = 0, to = 0] = (
      await server.sql(
        "SELECT sum(seconds), extract(epoch FROM min(made_at - seconds * interval '1 s')), extract(epoch FROM max(made_at)) FROM kodo.result",
      )
    )
      .split("|")
      .map(Number);
    rows.push({
      ...{ name: `cluster: the same by ${lanes} lane(s), clock`, value: took, unit: "s" },
      ...{ peer: "here", peerValue: here, ratio: here / took },
    });
    rows.push(row(`the same by ${lanes} lane(s), a fit`, used / fits, "s"));
    rows.push(
      row(`the same by ${lanes} lane(s), lanes without a fit`, 100 * (1 - used / (lanes * (to - from))), "%"),
    );
  }
  return rows;
}
