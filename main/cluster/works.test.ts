import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newRun } from "../storage/testing.ts";
import { addressFrom } from "./address.ts";
import { setUpCluster } from "./archive.ts";
import { type Cluster, joinCluster, type Taken, type Work } from "./cluster.ts";
import { postgresFolder, startPostgres, type TestServer } from "./postgres.fixtures.ts";
import { openCluster } from "./database.ts";

const bin = postgresFolder();
if (bin === undefined)
  console.warn(
    "SKIPPED: work shared out over PostgreSQL needs Debian's postgresql, which is not installed here",
  );

const workOf = (id: string, fits = 3): Work => ({ id, run: newRun(id), recordings: [], version: "1", fits });
const result = { value: Uint8Array.of(1, 2), worker: "w", seconds: 1 };

describe.skipIf(bin === undefined)("work that machines share", () => {
  let server: TestServer;
  let boss: Cluster; // who submits
  let hand: Cluster; // a worker

  beforeAll(async () => {
    server = await startPostgres(bin ?? "");
    await setUpCluster(server.address());
    await server.sql("CREATE ROLE hand LOGIN PASSWORD 'x' IN ROLE kodo_worker");
    boss = await joinCluster(server.address());
    hand = await joinCluster(server.address({ name: "hand", password: "x" }));
  }, 60_000);

  afterAll(async () => {
    await hand.close();
    await boss.close();
    await server.remove();
  });

  const taken = async (cluster: Cluster): Promise<Taken> => {
    for (let i = 0; i < 100; i += 1) {
      const one = await cluster.queue.take("1");
      if (one !== undefined) return one;
      await delay(100);
    }
    throw new Error("nothing came");
  };

  test("begins with the fit of everybody, then the others, each once, however often it is submitted", async () => {
    for (let i = 0; i < 2; i += 1) await boss.works.submit(workOf("a"), "Ito", 0);
    const first = await taken(hand);
    expect(first.job).toEqual({ work: "a", fit: 0 });
    expect(await hand.queue.take("1")).toBeUndefined();
    await hand.works.saveCheckpoint(first, Uint8Array.of(9));
    expect(await hand.works.checkpoint("a", 0)).toEqual(Uint8Array.of(9));
    await hand.works.finish(first, result, [1, 2]);
    expect(await hand.works.checkpoint("a", 0)).toBeUndefined();
    await boss.works.submit(workOf("a"), "Ito", 0);
    const rest = [await taken(hand), await taken(hand)];
    expect(rest.map(({ job }) => job.fit).sort()).toEqual([1, 2]);
    expect(await hand.queue.take("1")).toBeUndefined();
    for (const one of rest) await hand.works.finish(one, result, []);
    expect(await boss.works.state("a")).toMatchObject({ done: 3, fits: 3, active: 0, waiting: 0 });
    expect(await boss.works.result("a", 2)).toEqual(result.value);
  }, 30_000);

  test("takes no late result of a worker that was thought dead, and gives the fit to another", async () => {
    await boss.works.submit(workOf("frozen"), "Ito", 0);
    const frozen = await taken(hand);
    await server.sql(
      "UPDATE kodo_queue.job SET heartbeat_on = now() - interval '1 minute' WHERE state = 'active'",
    );
    const other = await taken(boss);
    expect(other).toMatchObject({ id: frozen.id, starts: frozen.starts + 1 });
    expect(await hand.queue.hold(frozen)).toBe(false);
    await expect(hand.works.finish(frozen, result, [1])).rejects.toMatchObject({
      code: "storage/cluster-superseded",
    });
    expect(await boss.works.result("frozen", 0)).toBeUndefined();
    await boss.works.finish(other, result, []);
    await expect(boss.works.finish(other, result, [])).rejects.toMatchObject({
      code: "storage/cluster-superseded",
    });
    expect(await boss.works.state("frozen")).toMatchObject({ done: 1 });
  }, 60_000);

  test("a cancelled run is no longer held by its workers; submitted again it goes on", async () => {
    await boss.works.submit(workOf("c"), "Ito", 0);
    const one = await taken(hand);
    await boss.works.cancel("c");
    expect(await hand.queue.hold(one)).toBe(false);
    expect(await boss.works.state("c")).toMatchObject({ isCancelled: true, active: 0, waiting: 0 });
    await boss.works.submit(workOf("c"), "Ito", 0);
    const again = await taken(hand);
    await hand.works.finish(again, result, []);
    expect(await boss.works.state("c")).toMatchObject({ isCancelled: false, done: 1 });
  }, 30_000);

  test("what no worker can do ends the run in words; what is given back is tried again", async () => {
    await boss.works.submit(workOf("f"), "Ito", 0);
    const one = await taken(hand);
    await hand.queue.giveBack(one, "the line was lost");
    const again = await taken(hand);
    expect(again.id).toBe(one.id);
    const why = { code: "model/data-changed", message: "Labels of R1 changed", detail: {} };
    await hand.works.fail("f", why);
    expect(await boss.works.state("f")).toMatchObject({ failure: why, active: 0, waiting: 0 });
    expect((await boss.works.list(10)).find(({ id }) => id === "f")).toMatchObject({ state: "failed" });
  }, 30_000);

  test("what one version asked waits for a worker of that version, and is cancelled by any", async () => {
    await boss.works.submit({ ...workOf("other"), version: "2+ab" }, "Ito", 0);
    expect(await hand.queue.take("1")).toBeUndefined();
    expect(await boss.works.submit(workOf("other"), "Ito", 0)).toBe("2+ab");
    expect(await hand.queue.take("1")).toBeUndefined();
    const one = await hand.queue.take("2+ab");
    expect(one?.job).toEqual({ work: "other", fit: 0 });
    await boss.works.cancel("other");
    expect(one && (await hand.queue.hold(one))).toBe(false);
  }, 30_000);

  test("a run that is cancelled while its first fit ends sends no others", async () => {
    await boss.works.submit(workOf("late"), "Ito", 7);
    const one = await taken(hand);
    await server.sql("UPDATE kodo.work SET cancelled_at = now() WHERE id = 'late'"); // before its jobs are looked for
    await hand.works.finish(one, result, [1, 2]);
    expect(await boss.works.state("late")).toMatchObject({ done: 1, waiting: 0 });
    await boss.works.submit(workOf("late"), "Ito", 7);
    const rest = [await taken(hand), await taken(hand)];
    expect(rest.map(({ priority }) => priority)).toEqual([7, 7]);
    for (const other of rest) await hand.works.finish(other, result, []);
  }, 30_000);

  test("a row that is no work ends neither the worker nor the others' work", async () => {
    await boss.works.submit(workOf("sound"), "Ito", 0);
    await server.sql(
      "INSERT INTO kodo_queue.job (name, data, priority, policy, heartbeat_seconds) VALUES ('fit/1', '{\"rm\": \"-rf\"}', 9, 'exclusive', 10)",
    );
    await server.sql(
      "INSERT INTO kodo.work (id, run, recordings, version, fits, submitted_by) VALUES ('odd', '7', '{}', '1', 3, 'x')",
    );
    expect(await hand.queue.take("1")).toBeUndefined();
    const one = await taken(hand);
    expect(one.job.work).toBe("sound");
    await hand.works.finish(one, result, []);
    await expect(hand.works.load("odd")).rejects.toMatchObject({ code: "contract/bad-params" });
    expect((await hand.works.list(10)).map(({ id }) => id)).toContain("odd");
  }, 30_000);

  test("a worker may take and end work, and change nothing that was asked or found", async () => {
    const raw = await openCluster(addressFrom(server.address({ name: "hand", password: "x" })));
    for (const sql of [
      "UPDATE kodo.work SET run = '{}'",
      "DELETE FROM kodo.work",
      "UPDATE kodo.result SET value = ''",
      "DELETE FROM kodo.result",
      "DROP TABLE kodo_queue.job",
      "CREATE TABLE kodo_queue.mine (a int)",
    ])
      await expect(raw.rows(sql)).rejects.toMatchObject({ code: "storage/cluster-not-allowed" });
    await raw.close();
    await hand.works.present({ id: "w1", version: "1", lanes: 2, doing: [{ work: "a", fit: 1 }] });
    expect(await boss.works.workers()).toMatchObject([
      { id: "w1", version: "1", lanes: 2, doing: [{ work: "a", fit: 1 }] },
    ]);
    await hand.works.leave("w1");
    expect(await boss.works.workers()).toEqual([]);
  });
});
