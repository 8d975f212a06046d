import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { postgresFolder, startPostgres, type TestServer, tinyDisk } from "../cluster/postgres.fixtures.ts";
import { pack, unpack } from "../compute/packed.ts";
import { outputs } from "./schemas.ts";

const cli = process.env.KODO_CLI ?? resolve(import.meta.dirname, "../../out/main/cli.js");
const bin = postgresFolder();
const isMissing = bin === undefined || !existsSync(cli);
if (isMissing)
  console.warn(
    "SKIPPED: sweeps and studies on real workers need Debian's postgresql and a build (npm run build)",
  );

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly told: () => string; // so far, on standard error
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe.skipIf(isMissing)("work of the command line on real workers", { timeout: 240_000 }, () => {
  let folder: string;
  let server: TestServer;
  const running = new Set<ChildProcess>();
  const workers = new Set<ChildProcess>();
  const path = (name: string): string => join(folder, `${name}.kodo`);

  /** In a process group of its own, so that its own processes can be killed with it. */
  function start(library: string, ...args: string[]): Started {
    return startAs(server.address(), library, args);
  }

  function startAs(
    address: string,
    library: string,
    args: readonly string[],
    temporary = join(folder, "tmp"),
  ): Started {
    const child = spawn(process.execPath, [cli, ...args, "--library", path(library)], {
      env: { ...process.env, KODO_CLUSTER: address, TMPDIR: temporary },
      detached: true,
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
    running.add(child);
    const ended = new Promise<Ended>((done) =>
      child.on("close", (code) => {
        running.delete(child);
        done({ code, out, err });
      }),
    );
    return { child, ended, told: () => err };
  }

  async function document<N extends keyof typeof outputs>(
    name: N,
    library: string,
    ...args: string[]
  ): Promise<z.output<(typeof outputs)[N]>> {
    const { code, out, err } = await start(library, ...args, "--json", "--quiet").ended;
    expect([code, err]).toEqual([0, expect.any(String)]);
    return outputs[name].parse(JSON.parse(out)) as z.output<(typeof outputs)[N]>;
  }

  async function request(library: string, name: string, params: object): Promise<unknown> {
    const { code, out, err } = await start(library, "request", name, JSON.stringify(params)).ended;
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out);
  }

  const told = new WeakMap<ChildProcess, () => string>(); // on standard error, so far

  function startWorker(temporary = join(folder, "tmp")): ChildProcess {
    const { child, told: said } = startAs(server.address(), "none", ["worker", "--lanes", "1"], temporary);
    workers.add(child);
    told.set(child, said);
    return child;
  }

  const kill = (child: ChildProcess): void => {
    workers.delete(child);
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // ended by itself
    }
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kodo-cli-cluster-"));
    mkdirSync(join(folder, "tmp"));
    server = await startPostgres(bin ?? "");
    await document("sample", "there", "sample");
    await request("there", "settings.set", { author: "Ito" });
    await document("cluster init", "there", "cluster", "init");
    copyFileSync(path("there"), path("here"));
  }, 120_000);

  afterAll(async () => {
    for (const child of running) kill(child); // also what a test that failed still waited for
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const grid = (name: string): string => {
    const base = { labelSet: "emg-gestures", windowS: 0.5, strideS: 0.25, members: 2 };
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ name, base, grid: { kind: ["lda", "qda"] }, folds: 3, seeds: [4] }));
    return file;
  };

  test("a sweep that is cancelled is cancelled there, and the same command goes on with it, though a worker is killed: as here, bit for bit", async () => {
    const asked = start("there", "sweep", grid("kinds"), "--on", "cluster", "--json");
    const jobs = async () => (await document("jobs", "there", "jobs")).jobs;
    await expect.poll(async () => (await jobs()).length, { timeout: 60_000, interval: 500 }).toBe(2);
    process.kill(asked.child.pid ?? 0, "SIGINT");
    expect(await asked.ended).toMatchObject({
      code: 130,
      err: expect.stringMatching(/2 of 2 runs were stopped/) as string,
    });
    expect((await jobs()).map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);

    const [first] = [startWorker(), startWorker()];
    const again = document("sweep", "there", "sweep", grid("kinds"), "--on", "cluster");
    await expect
      .poll(async () => (await jobs()).some(({ done }) => done > 0), { timeout: 60_000, interval: 200 })
      .toBe(true);
    kill(first);
    const there = await again;
    const here = await document("sweep", "here", "sweep", grid("kinds"), "--on", "here");
    const told = ({ report }: typeof here) => ({
      ...report,
      rows: report.rows.map((row) => ({ ...row, runIds: [], fitS: 0 })),
    });
    expect(told(there)).toEqual(told(here));
    expect(there.report.rows.map(({ runIds }) => runIds.length)).toEqual([1, 1]);
    const { runs } = await document("list", "there", "list");
    expect(runs.map(({ config, phase }) => `${config.comparison} ${phase}`)).toEqual([
      "kinds done",
      "kinds done",
    ]);
  });

  interface Said {
    readonly recording: string;
    readonly findings: readonly unknown[];
  }

  /** What a library keeps of what was said of its recordings, apart from when and under which id. */
  async function saidIn(
    library: string,
    recordings: readonly { id: string; name: string }[],
  ): Promise<Said[]> {
    const Listed = z.array(z.object({ id: z.string() }));
    const all: Said[] = [];
    for (const { id: recordingId, name } of recordings) {
      const findings: string[] = [];
      for (const { id } of Listed.parse(await request(library, "findings.list", { recordingId }))) {
        const { origin, content, isOutdated } = z
          .object({ origin: z.unknown(), content: z.unknown(), isOutdated: z.boolean() })
          .parse(await request(library, "findings.get", { id }));
        findings.push(JSON.stringify([origin, isOutdated, content], (_, one: unknown) => sorted(one)));
      }
      all.push({ recording: name, findings: findings.sort() });
    }
    return all;
  }

  const sorted = (one: unknown): unknown =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one;

  test("a study predicted and read by rule on workers says what this machine says; asked again it brings nothing new", async () => {
    if (workers.size === 0) startWorker();
    const windows = ["--label-set", "emg-gestures", "--window", "0.5", "--stride", "0.25"];
    const run = await document("train", "there", "train", ...windows, "--model", "lda", "--folds", "2");
    const { recordings } = await document("list", "there", "list");
    const few = recordings.filter(({ name }) => /ctg-01|emg-01/.test(name));
    const names = few.filter(({ kind }) => kind === "emg").map(({ name }) => name);
    const ctgId = few.find(({ kind }) => kind === "ctg")?.id;
    await request("there", "annotations.add", {
      ...{ recordingId: ctgId, label: "fetal-movement", labelSet: "recording-marks", labelSetVersion: 1 },
      ...{ onsetS: 100, durationS: 0, author: "Mori", source: "person", note: "" },
    });
    await request("there", "ctg.setContext", {
      recordingId: ctgId,
      context: { isLabour: false, anchors: [] },
    });
    copyFileSync(path("there"), path("apart"));
    await document("archive push", "there", "archive", "push", ...few.map(({ name }) => name));
    await document("predict", "apart", "predict", run.id, ...names);
    await document("analyse", "apart", "analyse", "synthetic-ctg-01");

    const predicted = await document(
      "study",
      "there",
      "predict",
      run.id,
      "--on",
      "cluster",
      "--search",
      "emg-01",
    );
    expect(predicted).toMatchObject({ differ: [], failures: [], known: 0 });
    const read = await document("study", "there", "analyse", "--on", "cluster", "--search", "ctg-01");
    expect(read).toMatchObject({ recordings: 1, differ: [], failures: [], known: 0 });
    expect(await saidIn("there", few)).toEqual(await saidIn("apart", few));

    const again = await document("study", "there", "analyse", "--on", "cluster", "--search", "ctg-01");
    expect(again).toMatchObject({ job: read.job, taken: 0, known: read.taken });
    const mask = {
      recordingId: ctgId,
      layer: "person",
      reason: 7,
      onsetS: 60,
      durationS: 60,
      author: "Ito",
    };
    await request("apart", "masks.add", mask);
    const other = await start("apart", "analyse", "--on", "cluster", "--search", "ctg-01", "--json").ended;
    expect([other.code, other.err]).toEqual([1, expect.stringMatching(/other masks, or other facts/)]);
    expect(JSON.parse(other.out)).toMatchObject({ taken: 0, differ: ["synthetic-ctg-01"] });
  });

  test("a command that matches nothing, or would pass over what was asked, says so", async () => {
    const told = async (...args: string[]): Promise<[number | null, string]> => {
      const { code, err } = await start("there", ...args, "--quiet").ended;
      return [code, err];
    };
    await document("archive push", "there", "archive", "push", "synthetic-emg-01");
    expect(await told("archive", "pull", "--study", "Nobody's")).toEqual([
      1,
      expect.stringContaining('data/recording-unknown: No recording of the archive has study "Nobody\'s"'),
    ]);
    expect(await told("archive", "pull", "--search", "zzz")).toEqual([
      1,
      expect.stringMatching(/search "zzz"/),
    ]);
    expect(await told("archive", "push", "--study", "zzz")).toEqual([
      1,
      expect.stringContaining('No recording of the library has study "zzz"'),
    ]);
    expect(await told("archive", "list", "synthetic-emg-01")).toEqual([2, expect.stringContaining("usage:")]);
    expect(await told("archive", "pull", "--manifest", "no/such.json")).toEqual([
      1,
      expect.stringContaining("data/file-missing: such.json is not there"),
    ]);
    const study = ["--study", "Sample study (synthetic)"];
    const both = await document("archive push", "there", "archive", "push", "synthetic-emg-01", ...study);
    expect(both.recordings.length).toBeGreaterThan(1);
  });

  test("a worker that dies over a study leaves nothing of its part; another says it once", async () => {
    for (const worker of [...workers]) kill(worker);
    await document("archive push", "there", "archive", "push", "--all");
    const asked = document("study", "there", "analyse", "--on", "cluster", "--rules", "figo");
    const first = startWorker();
    await expect
      .poll(
        // asked of the server itself: a worker says only every other second what it does, and may be done by then
        () => server.sql("SELECT count(*) FROM kodo_queue.job WHERE state = 'active'"),
        { timeout: 60_000, interval: 50 },
      )
      .toBe("1");
    await delay(500);
    kill(first);
    startWorker();
    expect(await asked).toMatchObject({ recordings: 3, failures: [], differ: [] });
    expect(
      await server.sql(
        "SELECT count(*) FROM kodo.finding WHERE basis IS NOT NULL GROUP BY recording, key HAVING count(*) > 1",
      ),
    ).toBe("");
  });

  test("what none of the recordings may do is said once, with how many were done", async () => {
    await server.sql("CREATE ROLE guest LOGIN PASSWORD 'x' IN ROLE kodo_reader");
    const guest = server.address({ name: "guest", password: "x" });
    const { code, out, err } = await startAs(guest, "here", ["archive", "push", "--all", "--quiet"]).ended;
    expect([code, out]).toEqual([1, ""]);
    expect(err.trim().split("\n")).toEqual([
      expect.stringMatching(/^0 of \d+ recordings are done; the same command goes on with the others$/),
      expect.stringMatching(/^error storage\/cluster-not-allowed: This user may not do that/),
    ]);
  });

  test("who asks while nobody of this version is at work is told that it waits", async () => {
    for (const worker of [...workers]) kill(worker);
    await server.sql("DELETE FROM kodo.worker");
    const told = async (line: RegExp): Promise<void> => {
      const asked = start("there", "analyse", "--on", "cluster", "--search", "ctg-02", "--quiet");
      await expect.poll(asked.told, { timeout: 60_000 }).toMatch(line);
      process.kill(asked.child.pid ?? 0, "SIGINT");
      await asked.ended;
    };
    await told(/^no worker is at work there: what is asked waits for one$/m);
    await server.sql(
      "INSERT INTO kodo.worker (id, host, processor, lanes, version) VALUES ('old', 'h', 'p', 1, '0.0.1')",
    );
    await told(/^of 1 worker\(s\) there none is of Kodo .*: what is asked waits for one$/m);
  });

  test("a worker that is told to end leaves nothing of what it fetched, nor of what a killed one had left", async () => {
    const left = (): string[] =>
      readdirSync(join(folder, "tmp")).filter((name) => name.startsWith("kodo-worker-"));
    for (const worker of [...workers]) kill(worker);
    await document("archive push", "there", "archive", "push", "--all");
    const asked = document("study", "there", "analyse", "--on", "cluster", "--rules", "nichd");
    const first = startWorker();
    await expect
      .poll(() => server.sql("SELECT count(*) FROM kodo_queue.job WHERE state = 'active'"), {
        ...{ timeout: 60_000, interval: 50 },
      })
      .toBe("1");
    kill(first);
    expect(left().length).toBeGreaterThan(0);
    const second = startWorker();
    expect(await asked).toMatchObject({ failures: [] });
    expect(left()).toEqual([expect.stringContaining(`-${second.pid ?? 0}-`)]);
    const ended = new Promise((resolve) => second.once("exit", resolve));
    second.kill("SIGTERM");
    expect(await ended).toBe(0);
    workers.delete(second);
    expect(left()).toEqual([]);
  });

  const endedBy = async (worker: ChildProcess): Promise<void> => {
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    worker.kill("SIGTERM");
    expect(await ended).toBe(0);
    workers.delete(worker);
  };

  test("a worker whose disk is full says so and gives its part back; another does it, and nothing is lost", async (context) => {
    const disk = await tinyDisk(join(folder, "tiny"), 1);
    if (disk === undefined) {
      console.warn("SKIPPED: a worker with a full disk needs a file system that this user may not mount");
      context.skip();
      return;
    }
    try {
      for (const worker of [...workers]) kill(worker);
      await document("archive push", "there", "archive", "push", "--all");
      const full = startWorker(disk.folder);
      const asked = document("study", "there", "analyse", "--on", "cluster", "--rules", "jsog");
      await expect.poll(told.get(full) ?? (() => ""), { timeout: 60_000 }).toMatch(/^part 0 of .*: .*full/m);
      expect(await server.sql("SELECT state FROM kodo_queue.job ORDER BY created_on DESC LIMIT 1")).toBe(
        "retry",
      );
      startWorker();
      expect(await asked).toMatchObject({ recordings: 3, failures: [], differ: [] });
      await endedBy(full);
      expect(readdirSync(disk.folder)).toEqual([]);
    } finally {
      await disk.remove();
    }
  });

  test("a fit that was given back goes on from its checkpoint: what it had learned is not learned again, and the report is the same", async () => {
    for (const worker of [...workers]) kill(worker);
    const train = (library: string, ...on: string[]) =>
      document(
        ...([
          "train",
          library,
          "train",
          "--label-set",
          "emg-gestures",
          "--window",
          "0.5",
          "--stride",
          "0.5",
        ] as const),
        ...["--folds", "2", "--epochs", "90", "--members", "2", "--name", "on", "--seed", "9", ...on],
      );
    const asked = train("there", "--on", "cluster");
    const Kept = z.looseObject({
      main: z.looseObject({ scores: z.array(z.looseObject({ epoch: z.number() })).min(1) }),
    });
    const underWay = async () => {
      const text = await server.sql("SELECT encode(value, 'hex') FROM kodo.checkpoint");
      return text === "" ? undefined : Kept.safeParse(unpack(Buffer.from(text, "hex"))).data;
    };
    let kept = await underWay();
    for (let tries = 0; tries < 6 && kept === undefined; tries += 1) {
      const worker = startWorker();
      await expect
        .poll(() => server.sql("SELECT count(*) FROM kodo_queue.job WHERE state = 'active'"), {
          ...{ timeout: 60_000, interval: 50 },
        })
        .toBe("1");
      await delay(1500 * (tries + 1)); // before it learns it makes ready; on a quick machine it has soon learned all
      await endedBy(worker);
      kept = await underWay();
      await server.sql("UPDATE kodo_queue.job SET start_after = now() WHERE state = 'retry'");
    }
    const told = {
      ...kept,
      main: { ...kept?.main, scores: kept?.main.scores.map((one) => ({ ...one, loss: 12_345 })) },
    };
    const epochs = kept?.main.scores.length ?? 0;
    const changed = join(server.folder, "checkpoint");
    writeFileSync(changed, pack(told));
    await server.sql(`UPDATE kodo.checkpoint SET value = pg_read_binary_file('${changed}')`);
    startWorker();
    const there = await asked;
    const here = await train("here");
    expect(there.metrics).toEqual(here.metrics);
    const losses = there.curve.map(({ loss }) => loss);
    expect(losses.filter((loss) => loss === 12_345)).toHaveLength(epochs); // as it was kept
    expect(losses.slice(epochs)).toEqual(here.curve.slice(epochs).map(({ loss }) => loss));
    expect(losses.length).toBeGreaterThan(epochs);
  }, 480_000);

  test("a grid whose values cannot be is refused before anything is asked", async () => {
    const file = join(folder, "bad.json");
    const base = { labelSet: "emg-gestures", windowS: 0.5, strideS: 0.25 };
    writeFileSync(file, JSON.stringify({ base, grid: { learningRate: [0.01, "fast"] }, folds: 3 }));
    const { code, err } = await start("here", "sweep", file, "--on", "cluster", "--quiet").ended;
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/bad\.json, configuration 2 \(learningRate fast\): model\.learningRate: /),
    ]);
  });
});
