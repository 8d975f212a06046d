import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { channelHeader, newRun } from "../storage/testing.ts";
import { addressFrom } from "./address.ts";
import { setUpCluster } from "./archive.ts";
import { type Cluster, joinCluster, type Taken, type Work } from "./cluster.ts";
import { postgresFolder, startPostgres, type TestServer, tinyDisk } from "./postgres.fixtures.ts";
import { openCluster } from "./database.ts";
import { keysOf } from "./keys.ts";
import { QUEUE_STEP } from "./queue.ts";

const bin = postgresFolder();
if (bin === undefined)
  console.warn(
    "SKIPPED: work shared out over PostgreSQL needs Debian's postgresql, which is not installed here",
  );

const words = (en: string) => ({ en, ja: en });
const label = {
  code: "deceleration",
  name: words("Deceleration"),
  letter: "d",
  colour: "#112233",
  shape: "interval",
  key: "d",
};
const labelSet = LabelSet.parse({
  ...{ id: "ctg-events", version: 1, name: words("Events"), kind: "ctg" },
  labels: [label],
});

/** The run of one id asks for something else than that of another, unless the same is `asked`. */
const workOf = (id: string, fits = 3, asked = id): Work => {
  const run = newRun(id);
  const seed = Buffer.from(asked).readUIntBE(0, Math.min(6, asked.length));
  return {
    id,
    run: { ...run, config: { ...run.config, seed } },
    recordings: [],
    labelSet,
    version: "1",
    fits,
  };
};
const result = { value: Uint8Array.of(1, 2), worker: "w", seconds: 1 };

test("the key of a fit is of all that decides it, and of nothing else", () => {
  const mask = { id: "m", recordingId: "r", layer: "person" as const, reason: 1, onsetS: 1, durationS: 2 };
  const papers = {
    ...{
      state: "complete" as const,
      note: "",
      repairs: [],
      annotations: [],
      readings: [],
      steps: [],
      context: null,
    },
    ...{ masks: [{ ...mask, author: "reader-1", createdAt: "a" }], times: { arrivals: [], fits: [] } },
  };
  const header = {
    ...{ name: "R1", kind: "ctg" as const, subject: "S1", study: "", synthetic: false, facts: {} },
    ...{ source: { format: "edf", file: "", sha256: "" }, channels: [channelHeader()] },
  };
  const recording = { id: "r", archived: "r", sha256: "1", header, papers };
  const work = { ...workOf("a"), recordings: [recording] };
  const keys = keysOf(work);
  expect(new Set(keys).size).toBe(3);
  const { run } = work;
  const named = {
    ...run,
    id: "b",
    config: { ...run.config, name: "else", data: { ...run.config.data, recordingIds: ["y"] } },
  };
  const elsewhere = { ...recording, id: "y", archived: "z", header: { ...header, name: "R9" } };
  const again = {
    ...papers,
    masks: [{ ...mask, id: "n", recordingId: "y", author: "reader-1", createdAt: "b" }],
  };
  expect(keysOf({ ...work, run: named, recordings: [{ ...elsewhere, papers: again }] })).toEqual(keys);
  const others: Omit<Work, "id">[] = [
    { ...work, run: { ...run, config: { ...run.config, seed: 5 } } },
    { ...work, run: { ...run, config: { ...run.config, engine: "onnxruntime" } } },
    { ...work, version: "2" },
    { ...work, fits: 4 },
    { ...work, labelSet: { ...labelSet, version: 2 } },
    { ...work, recordings: [{ ...recording, sha256: "2" }] },
    { ...work, recordings: [{ ...recording, header: { ...header, subject: "S2" } }] },
    { ...work, recordings: [{ ...recording, papers: { ...papers, masks: [] } }] },
    { ...work, recordings: [recording, recording] },
  ];
  const first = [work, ...others].map((one) => keysOf(one)[0]);
  expect(new Set(first).size).toBe(first.length);
});

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
    expect(first.job).toMatchObject({ work: "a", fit: 0 });
    expect(await hand.queue.take("1")).toBeUndefined();
    await hand.works.saveCheckpoint(first, Uint8Array.of(9));
    expect(await hand.works.checkpoint(first)).toEqual(Uint8Array.of(9));
    await hand.works.finish(first, result);
    expect(await hand.works.checkpoint(first)).toBeUndefined();
    await boss.works.submit(workOf("a"), "Ito", 0);
    const rest = [await taken(hand), await taken(hand)];
    expect(rest.map(({ job }) => job.fit).sort()).toEqual([1, 2]);
    expect(await hand.queue.take("1")).toBeUndefined();
    for (const one of rest) await hand.works.finish(one, result);
    expect(await boss.works.state("a")).toMatchObject({ done: 3, fits: 3, active: 0, waiting: 0 });
    expect(await boss.works.result("a", 2)).toEqual(result.value);
  }, 30_000);

  test("a fit whose end finds the disk of the server full is told in a sentence, kept where it was, and ended once there is room", async (context) => {
    const disk = await tinyDisk(join(server.folder, "tiny"), 6);
    if (disk === undefined) {
      console.warn("SKIPPED: a server with a full disk needs a file system that this user may not mount");
      context.skip();
      return;
    }
    try {
      await server.sql(`CREATE TABLESPACE tiny LOCATION '${disk.folder}'`);
      await server.sql("ALTER TABLE kodo.result SET TABLESPACE tiny");
      await boss.works.submit(workOf("full", 2), "Ito", 0);
      const one = await taken(hand);
      await hand.works.saveCheckpoint(one, Uint8Array.of(7));
      const large = { ...result, value: randomBytes(12 << 20) };
      await expect(hand.works.finish(one, large)).rejects.toMatchObject({
        code: "storage/cluster-full",
        message: expect.stringMatching(/^The disk of .* is full; nothing was left half-written$/) as string,
      });
      expect(await boss.works.state("full")).toMatchObject({ done: 0, active: 1, failure: undefined });
      expect(await hand.queue.hold(one)).toBe(true);
      await hand.queue.giveBack(one, "The disk of the server is full");
      expect(await boss.works.state("full")).toMatchObject({ done: 0, waiting: 1, failure: undefined });
      await disk.grow(64);
      const again = await taken(boss);
      expect(again).toMatchObject({ id: one.id, starts: one.starts + 1 });
      expect(await boss.works.checkpoint(again)).toEqual(Uint8Array.of(7)); // it goes on from there
      await boss.works.finish(again, large);
      expect(Buffer.compare((await boss.works.result("full", 0)) ?? Uint8Array.of(), large.value)).toBe(0);
      await hand.works.finish(await taken(hand), result);
      expect(await boss.works.state("full")).toMatchObject({ done: 2, active: 0, waiting: 0 });
    } finally {
      await server.sql("ALTER TABLE kodo.result SET TABLESPACE pg_default");
      await server.sql("DROP TABLESPACE IF EXISTS tiny");
      await disk.remove();
    }
  }, 60_000);

  test("takes no late result of a worker that was thought dead, and gives the fit to another", async () => {
    await boss.works.submit(workOf("frozen"), "Ito", 0);
    const frozen = await taken(hand);
    await server.sql(
      "UPDATE kodo_queue.job SET heartbeat_on = now() - interval '1 minute' WHERE state = 'active'",
    );
    const other = await taken(boss);
    expect(other).toMatchObject({ id: frozen.id, starts: frozen.starts + 1 });
    expect(await hand.queue.hold(frozen)).toBe(false);
    await expect(hand.works.finish(frozen, result)).rejects.toMatchObject({
      code: "storage/cluster-superseded",
    });
    expect(await boss.works.result("frozen", 0)).toBeUndefined();
    await boss.works.finish(other, result);
    await boss.works.finish(other, result); // as it does who did not hear the answer
    for (const late of [
      () => hand.works.saveCheckpoint(frozen, result.value),
      () => hand.works.fail(frozen, { code: "model/data-changed", message: "R1 changed", detail: {} }),
      () => boss.works.finish(other, { ...result, worker: "v" }),
    ])
      await expect(late()).rejects.toMatchObject({ code: "storage/cluster-superseded" });
    expect(await server.sql("SELECT count(*) FROM kodo.checkpoint")).toBe("0");
    for (let i = 0; i < 2; i += 1) await hand.works.finish(await taken(hand), result);
    expect(await boss.works.state("frozen")).toMatchObject({ done: 3 });
  }, 60_000);

  test("a cancelled run is no longer held by its workers; submitted again it goes on", async () => {
    await boss.works.submit(workOf("c"), "Ito", 0);
    const one = await taken(hand);
    await boss.works.cancel("c");
    expect(await hand.queue.hold(one)).toBe(false);
    expect(await boss.works.state("c")).toMatchObject({ isCancelled: true, active: 0, waiting: 0 });
    await boss.works.submit(workOf("c"), "Ito", 0);
    const again = await taken(hand);
    await hand.works.finish(again, result);
    for (let i = 0; i < 2; i += 1) await hand.works.finish(await taken(hand), result);
    expect(await boss.works.state("c")).toMatchObject({ isCancelled: false, done: 3 });
  }, 30_000);

  test("what no worker can do ends the run in words; what is given back is tried again", async () => {
    await boss.works.submit(workOf("f"), "Ito", 0);
    const one = await taken(hand);
    await hand.queue.giveBack(one, "the line was lost");
    const again = await taken(hand);
    expect(again.id).toBe(one.id);
    const why = { code: "model/data-changed", message: "Labels of R1 changed", detail: {} };
    await hand.works.fail(again, why);
    expect(await boss.works.state("f")).toMatchObject({ failure: why, active: 0, waiting: 0 });
    expect((await boss.works.list(10)).find(({ id }) => id === "f")).toMatchObject({ state: "failed" });
  }, 30_000);

  test("what one version asked waits for a worker of that version, and is cancelled by any", async () => {
    await boss.works.submit({ ...workOf("other"), version: "2+ab" }, "Ito", 0);
    expect(await hand.queue.take("1")).toBeUndefined();
    expect(await boss.works.submit(workOf("other"), "Ito", 0)).toEqual({
      ...{ version: "2+ab", known: 0 },
    });
    expect(await hand.queue.take("1")).toBeUndefined();
    const one = await hand.queue.take("2+ab");
    expect(one?.job).toMatchObject({ work: "other", fit: 0 });
    await boss.works.cancel("other");
    expect(one && (await hand.queue.hold(one))).toBe(false);
  }, 30_000);

  test("what somebody asked before is not computed again, under whatever name, and is lost to nobody who waits", async () => {
    await boss.works.submit(workOf("mine", 3, "same"), "Ito", 0);
    const first = await taken(hand);
    await boss.works.submit(workOf("yours", 3, "same"), "Mori", 0);
    expect(await hand.queue.take("1")).toBeUndefined();
    expect(await boss.works.state("yours")).toMatchObject({ active: 1, waiting: 0, done: 0 });
    await boss.works.cancel("mine"); // its first fit is under way for the other too
    expect(await hand.queue.hold(first)).toBe(true);
    await hand.works.finish(first, result);
    const rest = [await taken(hand), await taken(hand)];
    expect(rest.map(({ job: { work, fit } }) => [work, fit])).toEqual([
      ["yours", 1],
      ["yours", 2],
    ]);
    for (const one of rest) await hand.works.finish(one, result);
    expect(await boss.works.state("yours")).toMatchObject({ done: 3, isCancelled: false });
    expect(await boss.works.submit(workOf("third", 3, "same"), "Sato", 0)).toEqual({
      version: "1",
      known: 3,
    });
    expect(await boss.works.state("third")).toMatchObject({ done: 3, fits: 3, active: 0, waiting: 0 });
    expect(await boss.works.result("third", 2)).toEqual(result.value);
  }, 30_000);

  test("a fit that came while it was sent again is not computed a second time; a failure is told to all who wait", async () => {
    await boss.works.submit(workOf("x", 3, "twin"), "Ito", 0);
    const one = await taken(hand);
    expect(await hand.works.finishKnown(one)).toBe(false);
    await server.sql(
      `INSERT INTO kodo.result (key, value, worker, processor, seconds, starts) VALUES ('${one.job.key}', '', 'w', 'p', 1, 1)`,
    );
    expect(await hand.works.finishKnown(one)).toBe(true);
    await boss.works.submit(workOf("y", 3, "twin"), "Mori", 0);
    const other = await taken(hand);
    await hand.works.fail(other, { code: "model/data-changed", message: "R1 changed", detail: {} });
    for (const id of ["x", "y"])
      expect(await boss.works.state(id)).toMatchObject({
        failure: { message: "R1 changed" },
        active: 0,
        waiting: 0,
      });
  }, 30_000);

  test("a run that is cancelled while its first fit ends sends no others", async () => {
    await boss.works.submit(workOf("late"), "Ito", 7);
    const one = await taken(hand);
    await server.sql("UPDATE kodo.work SET cancelled_at = now() WHERE id = 'late'"); // before its jobs are looked for
    await hand.works.finish(one, result);
    expect(await boss.works.state("late")).toMatchObject({ done: 1, waiting: 0 });
    await boss.works.submit(workOf("late"), "Ito", 7);
    const rest = [await taken(hand), await taken(hand)];
    expect(rest.map(({ priority }) => priority)).toEqual([7, 7]);
    for (const other of rest) await hand.works.finish(other, result);
  }, 30_000);

  test("what is asked with a higher priority goes first", async () => {
    await boss.works.submit(workOf("waits"), "Ito", 0);
    await boss.works.submit(workOf("urgent"), "Mori", 5);
    expect([(await taken(hand)).job.work, (await taken(hand)).job.work]).toEqual(["urgent", "waits"]);
    for (const id of ["urgent", "waits"]) await boss.works.cancel(id);
  }, 30_000);

  test("a fit that was begun again and again ends its run in words, with what was said last; asked again it goes on", async () => {
    const usedUp = (key: string) =>
      server.sql(`UPDATE kodo_queue.job SET retry_count = retry_limit WHERE singleton_key = '${key}'`);
    for (const [id, why] of [
      ["tired", "the disk is full"],
      ["dead", undefined], // its worker was killed
    ] as const) {
      await boss.works.submit(workOf(id), "Ito", 0);
      await usedUp(keysOf(workOf(id))[0] ?? "");
      const last = await taken(hand);
      if (why !== undefined) await hand.queue.giveBack(last, why);
      else
        await server.sql(
          "UPDATE kodo_queue.job SET heartbeat_on = now() - interval '1 minute' WHERE state = 'active'",
        );
      await expect
        .poll(async () => (await boss.works.state(id)).failure, { timeout: 20_000, interval: 200 })
        .toMatchObject({
          code: "model/cluster-gave-up",
          message: expect.stringContaining(why ?? "its workers may lack memory") as string,
          detail: { fit: 0 },
        });
      expect(await boss.works.state(id)).toMatchObject({ active: 0, waiting: 0, done: 0 });
      await boss.works.submit(workOf(id), "Ito", 0);
      const again = await taken(hand);
      expect(again.job).toMatchObject({ work: id, fit: 0 });
      expect((await boss.works.state(id)).failure).toBeUndefined();
      await boss.works.cancel(id);
    }
  }, 60_000);

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
    await hand.works.finish(one, result);
    await expect(hand.works.load("odd")).rejects.toMatchObject({ code: "contract/bad-params" });
    expect((await hand.works.list(10)).map(({ id }) => id)).toContain("odd");
  }, 30_000);

  test("a queue that another Kodo made is refused by name, and is not made into one of before", async () => {
    const known = await server.sql("SELECT version FROM kodo_queue.version");
    expect(known).toBe(String(QUEUE_STEP));
    const madeAt = (at: string | number) => server.sql(`UPDATE kodo_queue.version SET version = ${at}`);
    await madeAt(QUEUE_STEP - 1);
    await expect(joinCluster(server.address())).rejects.toMatchObject({
      code: "storage/cluster-not-set-up",
      message: expect.stringContaining(
        `is of an earlier Kodo (${QUEUE_STEP - 1}; this one needs ${QUEUE_STEP})`,
      ) as string,
    });
    await madeAt(QUEUE_STEP + 1);
    for (const ask of [joinCluster, setUpCluster])
      await expect(ask(server.address())).rejects.toMatchObject({
        code: "storage/newer-schema",
        message: expect.stringContaining(
          `is of a newer Kodo (${QUEUE_STEP + 1}; this one knows ${QUEUE_STEP})`,
        ) as string,
      });
    await madeAt(known);
    await server.sql("ALTER SCHEMA kodo_queue RENAME TO away");
    await expect(joinCluster(server.address())).rejects.toMatchObject({ code: "storage/cluster-not-set-up" });
    await server.sql("ALTER SCHEMA away RENAME TO kodo_queue");
  });

  test("who joined before a newer Kodo set it up writes nothing there any more; what it had goes back", async () => {
    await boss.works.submit(workOf("newer"), "Ito", 0);
    const one = await taken(hand);
    await server.sql("INSERT INTO kodo.step (number) VALUES (99)");
    const told = { code: "storage/newer-schema" };
    await expect(hand.refuseOther()).rejects.toMatchObject(told);
    await expect(hand.works.finish(one, result)).rejects.toMatchObject(told);
    await expect(boss.works.submit(workOf("too late"), "Ito", 0)).rejects.toMatchObject(told);
    await hand.queue.giveBack(one, "it is of a newer Kodo");
    await server.sql("DELETE FROM kodo.step WHERE number = 99");
    await hand.refuseOther();
    while ((await boss.works.state("newer")).done < 3) await hand.works.finish(await taken(hand), result); // and what other tests left
  }, 30_000);

  test("a worker may take and end work, and change nothing that was asked or found", async () => {
    const raw = await openCluster(addressFrom(server.address({ name: "hand", password: "x" })));
    for (const sql of [
      "UPDATE kodo.work SET run = '{}'",
      "DELETE FROM kodo.work",
      "UPDATE kodo.result SET value = ''",
      "DELETE FROM kodo.result",
      "UPDATE kodo.work SET version = '2'",
      "INSERT INTO kodo.step (number) VALUES (99)",
      "UPDATE kodo_queue.version SET version = 99",
      "DELETE FROM kodo_queue.version",
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
