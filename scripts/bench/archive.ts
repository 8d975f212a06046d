import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { openArchive, setUpCluster } from "../../main/cluster/archive.ts";
import { openCluster } from "../../main/cluster/database.ts";
import { addressFrom } from "../../main/cluster/address.ts";
import { postgresFolder, startPostgres, type TestServer } from "../../main/cluster/postgres.fixtures.ts";
import { type ClusterThread, createClusterThread } from "../../main/cluster/process/host.ts";
import { seededRandom } from "../../main/models/random.ts";
import { type SpawnedLibrary, spawnLibrary } from "../../main/storage/client.ts";
import { Database } from "../../main/storage/file/database.ts";
import { openLibrary, type OpenLibrary } from "../../main/storage/open-library.ts";
import { channelHeader, newRecording } from "../../main/storage/testing.ts";
import type { Row } from "./storage.ts";

const run = promisify(execFile);

const BLOCKS = 1600; // of 64 KiB: 105 MB
const RECORDINGS = 100_000;
const ROUNDS = 3;
const SAMPLES = 32_768;
/** What a pull left in the log is moved into the file, beside which nothing is measured. */
const SETTLE_MS = 2000;

/**
 * A recording of 105 MB pushed into an archive and pulled out of it as the window does so, TLS and checksums included, beside
 * the same rows through psql's \copy over the same TLS, and beside what SQLite alone takes to keep them; and how long a list,
 * a search and a study take among 100,000 recordings. The server syncs no disk for either; what is pulled is on the disk when
 * it is told of, psql's file need not be.
 */
export async function benchArchive(): Promise<Row[]> {
  const bin = postgresFolder();
  if (bin === undefined) throw new Error("Debian's postgresql is not installed");
  const server = await startPostgres(bin);
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  try {
    await setUpCluster(server.address());
    const rows = [...(await moving(server, bin, folder)), ...(await searching(server, folder))];
    return rows;
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

async function moving(server: TestServer, bin: string, folder: string): Promise<Row[]> {
  const path = join(folder, "from.kodo");
  const made = openLibrary(path);
  const ids = Array.from({ length: ROUNDS }, (_, round) => recorded(made, round));
  made.changeSettings({ author: "bench" });
  made.close();
  const [from, to] = [path, join(folder, "to.kodo")].map((file) => spawnLibrary(file, storageWorker()));
  if (from === undefined || to === undefined) throw new Error("two libraries");
  const [here, there] = [await threadOf(from, server), await threadOf(to, server)];
  const file = join(folder, "blocks");
  const psql = (command: string): Promise<unknown> =>
    run(join(bin, "psql"), ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, server.address()]);
  const signal = new AbortController().signal;
  let [push, pull, copyIn, copyOut, blobs] = [Infinity, Infinity, Infinity, Infinity, Infinity];
  await server.sql("CREATE TABLE plain (LIKE kodo.block INCLUDING ALL)");
  for (const [round, id] of ids.entries()) {
    await server.sql("TRUNCATE kodo.recording CASCADE");
    push = Math.min(push, await seconds(() => here.call("push", { id }, { signal })));
    copyOut = Math.min(copyOut, await seconds(() => psql(`\\copy kodo.block TO '${file}' (FORMAT binary)`)));
    await server.sql("TRUNCATE plain");
    copyIn = Math.min(copyIn, await seconds(() => psql(`\\copy plain FROM '${file}' (FORMAT binary)`)));
    await there.call("list", { limit: 1 }); // its line is open, and the file is made
    pull = Math.min(pull, await seconds(() => there.call("pull", { id }, { signal })));
    await delay(SETTLE_MS);
    blobs = Math.min(blobs, blobsAlone(join(folder, `blobs-${round}`)));
  }
  for (const one of [here, there, from, to]) await one.close();
  const megabytes = (BLOCKS * SAMPLES * 2) / 1e6;
  const row = (name: string, own: number, peer: string, its: number): Row => ({
    ...{ name: `archive: ${name}`, unit: "MB/s", peer },
    ...{ value: megabytes / own, peerValue: megabytes / its, ratio: its / own },
  });
  return [
    row(
      "a recording out of a library into PostgreSQL, checked",
      push,
      "psql \\copy FROM of the same rows",
      copyIn,
    ),
    row(
      "a recording out of PostgreSQL into a library, checked",
      pull,
      "psql \\copy TO of the same rows",
      copyOut,
    ),
    row("the same", pull, "its blobs alone, put into a file of SQLite that is kept as a library is", blobs),
    row("the same", pull, "both of them, one after the other", copyOut + blobs),
  ];
}

/** The thread that speaks with the cluster, as the window has it. */
async function threadOf(library: SpawnedLibrary, server: TestServer): Promise<ClusterThread> {
  const workerFile = new URL("cluster-worker.js", import.meta.url);
  const thread = createClusterThread({ openLibraryPort: () => library.port(), workerFile });
  await thread.open(server.address());
  return thread;
}

/** Seconds that no library takes less than: as many bytes, on the disk with the last commit, and nothing computed of them. */
function blobsAlone(path: string): number {
  const database = new Database(path);
  database.useWriteAheadLog();
  database.exec("CREATE TABLE block (key INTEGER PRIMARY KEY, samples BLOB NOT NULL)");
  const samples = new Uint8Array(2 * SAMPLES).map((_, i) => i * i);
  const began = performance.now();
  for (let block = 0; block < BLOCKS; block += 64)
    database.write(
      () => {
        for (let i = 0; i < 64; i += 1) database.run("INSERT INTO block (samples) VALUES (?)", samples);
      },
      { isSynced: block + 64 >= BLOCKS },
    );
  const took = performance.now() - began;
  database.close();
  return took / 1000;
}

/** Noise, which nothing can make smaller. */
function recorded(library: OpenLibrary, seed: number): string {
  const random = seededRandom(seed);
  const id = library.createRecording(
    newRecording([channelHeader({ label: "EMG", role: "emg", sampleRate: 2000 })]),
  );
  for (let block = 0; block < BLOCKS; block += 1) {
    const samples = Int16Array.from({ length: SAMPLES }, () => (random.next() - 0.5) * 60_000);
    library.appendBlocks(id, [{ channel: 0, firstSample: block * SAMPLES, samples, mask: [] }]);
  }
  library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}

async function searching(server: TestServer, folder: string): Promise<Row[]> {
  await server.sql("TRUNCATE kodo.recording CASCADE");
  await server.sql(
    `INSERT INTO kodo.recording (id, sha256, name, subject, study, kind, duration_s, header, rest, pushed_by)
     SELECT gen_random_uuid(), md5(n::text), 'R' || n, 'S' || n % 20000, 'study ' || n % 300, 'ctg', 5400, '{}', '{}', 'bench'
     FROM generate_series(1, ${RECORDINGS}) n`,
  );
  await server.sql("ANALYZE kodo.recording");
  const made = spawnLibrary(join(folder, "search.kodo"), storageWorker());
  const archive = await openArchive(server.address(), made.library, "bench");
  const naive = await openCluster(addressFrom(server.address()));
  const asked: readonly [string, { study?: string; text?: string }][] = [
    ["the first hundred", {}],
    ["a word in them", { text: "r9999" }],
    ["one study", { study: "study 7" }],
  ];
  const rows: Row[] = [];
  const everything = await least(() => naive.rows("SELECT * FROM kodo.recording ORDER BY study, name, id"));
  for (const [name, search] of asked) {
    const own = await least(() =>
      archive.list({ ...search, limit: search.study === undefined ? 100 : 1000 }),
    );
    rows.push({
      name: `archive: ${name} of 100,000 recordings`,
      ...{
        value: own * 1000,
        unit: "ms",
        peer: "all of them read",
        peerValue: everything * 1000,
        ratio: own / everything,
      },
    });
  }
  await archive.close();
  await naive.close();
  await made.close();
  return rows;
}

async function least(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS + 2; round += 1) best = Math.min(best, await seconds(work));
  return best;
}

const storageWorker = (): URL => new URL("storage-worker.js", import.meta.url);
