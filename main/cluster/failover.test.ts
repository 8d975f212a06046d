import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { spawnLibrary } from "../storage/client.ts";
import { block, channelHeader, inFolder, newRun, newWhole, ramp } from "../storage/testing.ts";
import { openArchive, setUpCluster } from "./archive.ts";
import { type Cable, cableTo } from "./cable.fixtures.ts";
import { type Cluster, joinCluster, type Taken, type Work } from "./cluster.ts";
import {
  postgresFolder,
  type Standby,
  STANDBY,
  startPostgres,
  type TestServer,
  untilSo,
} from "./postgres.fixtures.ts";

const bin = postgresFolder();
if (bin === undefined)
  console.warn("SKIPPED: a standby that takes over needs Debian's postgresql, which is not installed here");

const words = (en: string) => ({ en, ja: en });
const label = { code: "a", name: words("A"), letter: "a", colour: "#112233", shape: "interval", key: "a" };
const labelSet = LabelSet.parse({
  ...{ id: "s", version: 1, name: words("S"), kind: "ctg", labels: [label] },
});

const workOf = (id: string, version = "1"): Work => {
  const run = newRun(id);
  const seed = id.charCodeAt(0);
  return {
    ...{ id, run: { ...run, config: { ...run.config, seed } }, recordings: [], labelSet, version },
    fits: 4,
  };
};
const BLOCK = 32_768; // samples
const result = { value: Uint8Array.of(1, 2), worker: "w", seconds: 1 };

describe.skipIf(bin === undefined)("a standby that takes over from a server that died", () => {
  let server: TestServer;
  let standby: Standby;
  let cable: Cable; // the address that both share
  let address: string;
  let cluster: Cluster;

  beforeAll(async () => {
    server = await startPostgres(bin ?? "");
    await setUpCluster(server.address());
  }, 60_000);

  beforeEach(async () => {
    standby = await server.standby();
    cable = await cableTo(server.port);
    address = server.address().replace(`:${server.port}/`, `:${cable.port}/`);
    cluster = await joinCluster(address);
  }, 60_000);

  afterEach(async () => {
    cable.close();
    await cluster.close();
    await standby.remove();
    await server.start(); // as if it had never known the other
    await server.sql("ALTER SYSTEM RESET synchronous_standby_names");
    await server.sql("SELECT pg_reload_conf()"); // else a commit would wait for nobody
    await server.sql("TRUNCATE kodo.work, kodo.result, kodo.checkpoint CASCADE; DELETE FROM kodo_queue.job");
  }, 60_000);

  afterAll(() => server.remove());

  const failOver = async (): Promise<void> => {
    await server.loseMachine();
    cable.leadTo(standby.port);
    cable.mend();
    await standby.promote();
  };

  /** Once there is an answer. */
  const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (let i = 0; ; i += 1)
      try {
        return await ask();
      } catch (error) {
        if (i === 100 || !/cannot be reached/.test(String(error))) throw error;
        await delay(100);
      }
  };

  const taken = async (version = "1"): Promise<Taken> => {
    for (let i = 0; i < 200; i += 1) {
      const one = await answered(() => cluster.queue.take(version));
      if (one !== undefined) return one;
      await delay(100);
    }
    throw new Error("nothing came");
  };

  test("has all that was told done where every commit waits for it, and takes in what is handed in meanwhile", async () => {
    await server.sql(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
    await server.sql("SELECT pg_reload_conf()");
    await untilSo(server, "SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication");
    await cluster.works.submit(workOf("a"), "Ito", 0);
    await cluster.works.finish(await taken(), result);
    await cluster.works.finish(await taken(), result);
    const [underway, waiting] = [await taken(), await taken()];
    await cluster.works.saveCheckpoint(underway, Uint8Array.of(7));
    await failOver();
    expect(await answered(() => cluster.works.state("a"))).toMatchObject({ done: 2, active: 2 });
    expect(await cluster.works.checkpoint(underway)).toEqual(Uint8Array.of(7));
    for (const one of [underway, waiting]) await answered(() => cluster.works.finish(one, result));
    await cluster.works.finish(waiting, result); // whoever heard nothing of it hands it in again
    expect(await cluster.works.state("a")).toMatchObject({ done: 4, active: 0, waiting: 0 });
    expect(await standby.sql("SELECT count(*), sum(starts) FROM kodo.result")).toBe("4|4");
  }, 60_000);

  test("lacks the last that was told done where it lags: that is done again, and nobody ends a run by what it lacks", async () => {
    await cluster.works.submit(workOf("a"), "Ito", 0);
    const first = await taken();
    await untilSo(
      server,
      "SELECT bool_and(replay_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication", // the first is under way there, too
    );
    await standby.stopFollowing();
    await cluster.works.finish(first, result);
    const lost = await taken(); // of which the standby will know nothing
    await cluster.works.submit(workOf("b", "2"), "Mori", 0);
    expect(await cluster.works.state("a")).toMatchObject({ done: 1 });
    await failOver();
    expect(await answered(() => cluster.works.state("a"))).toMatchObject({ done: 0, active: 1 });
    expect(await answered(() => cluster.queue.hold(lost))).toBe(false);
    const why = { code: "model/data-changed", message: "the first fit is not there", detail: {} };
    const gone = { code: "storage/cluster-superseded" };
    await expect(answered(() => cluster.works.fail(lost, why))).rejects.toMatchObject(gone);
    await expect(cluster.works.saveCheckpoint(lost, result.value)).rejects.toMatchObject(gone);
    await expect(cluster.works.finish(lost, result)).rejects.toMatchObject(gone);
    await expect(cluster.works.state("b")).rejects.toMatchObject({ code: "data/job-unknown" });
    await cluster.works.submit(workOf("b", "2"), "Mori", 0); // its queue was lost with it
    expect((await taken("2")).job).toMatchObject({ work: "b", fit: 0 });
    await cluster.works.finish(first, result); // it is still under way there
    for (let i = 0; i < 3; i += 1) await cluster.works.finish(await taken(), result);
    expect(await cluster.works.state("a")).toMatchObject({ done: 4, failure: undefined });
    expect(await standby.sql("SELECT count(*) FROM kodo.result")).toBe("4");
  }, 60_000);

  test(
    "refuses in a sentence what is asked of it before, and has nothing half-written of a push, nor a pull here",
    () =>
      inFolder(async (folder) => {
        const worker = new URL("../storage/worker.ts", import.meta.url);
        const here = spawnLibrary(join(folder, "here.kodo"), worker);
        const there = spawnLibrary(join(folder, "there.kodo"), worker);
        const blocks = Array.from({ length: 200 }, (_, at) => block(0, at * BLOCK, ramp(BLOCK)));
        const whole = newWhole([channelHeader()], blocks); // 13 MB
        await here.library.addRecordings([whole]);
        const mine = await openArchive(address, here.library, "Ito");
        const theirs = await openArchive(address, there.library, "Mori");
        try {
          cable.leadTo(standby.port);
          await expect(
            joined(address, (other) => other.works.submit(workOf("c"), "Ito", 0)),
          ).rejects.toMatchObject({
            code: "device/cluster-lost",
            message: expect.stringContaining("a standby, which takes nothing in") as string,
          });
          cable.leadTo(server.port);
          const pushing = mine.push(whole.id);
          await cable.pullAfter(2 << 20);
          const failing = failOver();
          await expect(pushing).rejects.toMatchObject({ code: "device/cluster-lost" });
          await failing;
          expect(await standby.sql("SELECT count(*) FROM kodo.recording")).toBe("0");
          expect(await standby.sql("SELECT count(*) FROM kodo.block")).toBe("0");
          expect(await answered(() => mine.push(whole.id))).toMatchObject({ isNew: true });

          const pulling = theirs.pull(whole.id);
          await cable.pullAfter(2 << 20);
          await standby.loseMachine();
          cable.mend();
          await expect(pulling).rejects.toMatchObject({ code: "device/cluster-lost" });
          expect(await there.library.listSources()).toEqual([]);
          await standby.start();
          expect(await answered(() => theirs.pull(whole.id))).toMatchObject({ isNew: true });
          expect(await there.library.checksum(whole.id)).toEqual(await here.library.checksum(whole.id));
        } finally {
          for (const one of [mine, theirs, here, there]) await one.close();
        }
      }),
    60_000,
  );
});

async function joined<T>(address: string, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await joinCluster(address);
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}
