import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressFrom } from "./address.ts";
import { type Cable, cableTo } from "./cable.fixtures.ts";
import { copyIn, int4 } from "./copy.ts";
import { copyOut } from "./copy-out.ts";
import { type ClusterDatabase, openCluster } from "./database.ts";
import { postgresFolder, startPostgres, type TestServer } from "./postgres.fixtures.ts";
import { PATIENCE } from "./watched-client.ts";

const bin = postgresFolder();
if (bin === undefined)
  console.warn(
    "SKIPPED: lines to PostgreSQL that are cut need Debian's postgresql, which is not installed here",
  );

describe.skipIf(bin === undefined)("a line to PostgreSQL that is cut", () => {
  let server: TestServer;
  let cable: Cable;
  let database: ClusterDatabase;
  const patience = { silentMs: 600, answerMs: 500 };

  beforeAll(async () => {
    server = await startPostgres(bin ?? "");
    await server.sql("CREATE TABLE put (a int, b bytea)");
    const { port } = new URL(server.address());
    cable = await cableTo(Number(port));
    database = await openCluster(
      addressFrom(server.address().replace(`:${port}/`, `:${cable.port}/`)),
      patience,
    );
  }, 60_000);

  afterAll(async () => {
    cable.close();
    await database.close();
    await server.remove();
  });

  const megabyte = Buffer.alloc(1 << 20, 7);
  /** So much is put there, and the cable pulled at a part of it. */
  const putting = (megabytes: number, pulledAt: number): Promise<void> =>
    database.transaction((session) => {
      async function* rows() {
        for (let i = 0; i < megabytes; i += 1) {
          if (i === pulledAt) cable.pull();
          yield [int4(i), megabyte];
          await new Promise(setImmediate);
        }
      }
      return copyIn(session, "put", rows());
    });
  const toldOf = async (work: Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await expect(work).rejects.toMatchObject({
      code: "device/cluster-lost",
      message: expect.stringMatching(/cannot be reached/) as string,
    });
    cable.mend();
    return performance.now() - began;
  };

  test("is told to who puts much there, who puts little, who asks, who fetches and who only waits", async () => {
    expect(PATIENCE.silentMs * (1 + 1 / 9) + PATIENCE.answerMs).toBeLessThan(20_000);
    expect(await toldOf(putting(60, 5))).toBeLessThan(8000);
    expect(await toldOf(putting(2, 1))).toBeLessThan(8000);
    const asked = database.rows("SELECT pg_sleep(0.3)");
    setTimeout(() => cable.pull(), 100);
    expect(await toldOf(asked)).toBeLessThan(8000);
    const fetched = database.transaction(async (session) => {
      await copyOut(session).rows("SELECT repeat('x', 1000000) FROM generate_series(1, 80)", {
        take: ([text]) => {
          if (text?.length === 1_000_000) cable.pull();
        },
      });
    });
    expect(await toldOf(fetched)).toBeLessThan(8000);
    const waits = database.transaction(async (session) => {
      await session.query("SELECT 1");
      cable.pull();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await session.query("SELECT 1");
    });
    await toldOf(waits);
    expect(await database.rows("SELECT count(*)::int AS count FROM put")).toEqual([{ count: 0 }]);
  });

  test("is none where the server is merely slow, or takes in what is put there slowly", async () => {
    const lines = cable.lines();
    expect(await database.rows("SELECT 1 AS one FROM pg_sleep(2.5)")).toEqual([{ one: 1 }]);
    expect(cable.lines()).toBeGreaterThan(lines); // it was asked
    const held = server.sql("BEGIN; LOCK put; SELECT pg_sleep(2); COMMIT");
    await putting(20, -1);
    await held;
    expect(await server.sql("SELECT count(*) FROM put")).toBe("20");
  });
});
