import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AsyncLibrary } from "../storage/api.ts";
import { openLibrary, type OpenLibrary } from "../storage/open-library.ts";
import { block, channelHeader, inFolder, newRecording, newRun, ramp } from "../storage/testing.ts";
import { addressFrom } from "./address.ts";
import { setUpCluster } from "./archive.ts";
import { joinCluster, type Work } from "./cluster.ts";
import { openCluster } from "./database.ts";
import { postgresFolder, startPostgres, type TestServer } from "./postgres.fixtures.ts";
import { pullRecording, pullRun } from "./pull.ts";
import { pushRecording, pushRun } from "./push.ts";
import { setUp, steps } from "./schema.ts";

const bin = postgresFolder();
if (bin === undefined)
  console.warn("SKIPPED: archives of earlier versions need Debian's postgresql, which is not installed here");

const asynchronous = (library: OpenLibrary): AsyncLibrary =>
  new Proxy(library, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return async (...args: unknown[]) => call.apply(target, args);
    },
  }) as unknown as AsyncLibrary;

/** What each table had in the first version, which the others only added to. */
const first: Readonly<Record<string, string>> = {
  recording:
    "id, sha256, name, subject, study, kind, duration_s, started_at, header, rest, pushed_by, pushed_at",
  block: "recording, channel, first_sample, sample_count, crc, samples, mask",
  paper: "recording, kind, id, content, pushed_by, pushed_at",
  alias: "local_id, recording",
  run: "id, content, model, pushed_by, pushed_at",
  finding: "recording, key, origin, content, pushed_by, pushed_at",
  label_set: "id, version, content, pushed_by, pushed_at",
};

const json = (value: unknown): string => `'${JSON.stringify(value).replaceAll("'", "''")}'`;

/** Two runs of three fits as a version of so many steps kept them: of one the first fit is done and the second begun, the other was cancelled. */
function shared(at: number): string {
  const values = (id: string): string => `'${id}', ${json(newRun(id))}, '[]', '0.1', 3, 'Ito'`;
  const labels = at < 4 ? "" : `UPDATE kodo.work SET label_set = '{}';`;
  const rows =
    at < 4
      ? `INSERT INTO kodo.result VALUES ('old', 0, '\\x0102', 'w', 'p', 7, 1);
         INSERT INTO kodo.checkpoint VALUES ('old', 1, '\\x03');`
      : `INSERT INTO kodo.asked SELECT id, fit, 'key of ' || id || fit FROM kodo.work, generate_series(0, 2) fit;
         INSERT INTO kodo.result (key, value, worker, processor, seconds, starts) VALUES ('key of old0', '\\x0102', 'w', 'p', 7, 1);
         INSERT INTO kodo.checkpoint (key, value) VALUES ('key of old1', '\\x03');`;
  const part =
    at < 5
      ? ""
      : `INSERT INTO kodo.work (id, kind, task, recordings, version, fits, submitted_by) VALUES ('study', 'analyse', '{}', '[]', '0.1', 1, 'Ito');
         INSERT INTO kodo.part VALUES ('study', 0, '[]');`;
  return `INSERT INTO kodo.work (id, run, recordings, version, fits, submitted_by) VALUES (${values("old")}), (${values("gone")});
    UPDATE kodo.work SET cancelled_at = now() WHERE id = 'gone'; ${labels} ${rows} ${part}
    INSERT INTO kodo.worker (id, host, processor, lanes) VALUES ('w', 'h', 'p', 2);`;
}

describe.skipIf(bin === undefined)("an archive that an earlier version set up and filled", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startPostgres(bin ?? "");
  }, 60_000);

  afterAll(() => server.remove());

  const addressOf = (name: string): string => server.address().replace("/postgres?", `/${name}?`);

  test(
    "goes on with all that lies in it, from any of them",
    () =>
      inFolder(async (folder) => {
        const here = openLibrary(join(folder, "here.kodo"));
        const id = here.createRecording(newRecording([channelHeader()]));
        here.appendBlocks(id, [block(0, 3, ramp(40_000))]);
        here.closeRecording(id, { state: "complete", repairs: [] });
        here.addAnnotations([
          {
            ...{ recordingId: id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 },
            ...{ onsetS: 10, durationS: 30, author: "Ito", source: "person", note: "" },
          },
        ]);
        here.saveRun(newRun("run-1"));
        here.saveModel("run-1", "model", Uint8Array.of(1, 2, 3));
        const content = { kind: "events" as const, labelSet: "ctg-events", events: [], notAssessable: [] };
        here.saveFinding({
          recordingId: id,
          origin: { kind: "rule", rule: "ctg/x", config: {}, version: "1" },
          content,
        });
        const now = await openCluster(addressFrom(server.address()));
        await setUp(now);
        await pushRun(now, asynchronous(here), "run-1", { by: "Ito" });
        expect(await pushRecording(now, asynchronous(here), id, { by: "Ito" })).toMatchObject({
          findings: 1,
        });
        const alias = "11111111-2222-4333-8444-555555555555";
        await server.sql(`INSERT INTO kodo.alias VALUES ('${alias}', '${id}')`);
        for (const [table, columns] of Object.entries(first))
          await server.sql(
            `COPY (SELECT ${columns} FROM kodo.${table}) TO '${join(server.folder, table)}' (FORMAT binary)`,
          );
        await now.close();

        for (let at = 1; at < steps.length; at += 1) {
          const name = `v${at}`;
          await server.sql(`CREATE DATABASE ${name}`);
          const made = await openCluster(addressFrom(addressOf(name)));
          await made.rows(
            "CREATE SCHEMA kodo; CREATE TABLE kodo.step (number integer PRIMARY KEY, taken_at timestamptz NOT NULL DEFAULT now())",
          );
          for (const [i, sql] of steps.slice(0, at).entries())
            await made.rows(`${sql}; INSERT INTO kodo.step (number) VALUES (${i + 1})`);
          for (const [table, columns] of Object.entries(first))
            await made.rows(
              `COPY kodo.${table} (${columns}) FROM '${join(server.folder, table)}' (FORMAT binary)`,
            );
          if (at >= 2) await made.rows(shared(at));

          expect(await setUpCluster(addressOf(name))).toMatchObject({ from: at, to: steps.length });
          const there = openLibrary(join(folder, `${name}.kodo`));
          const calls = asynchronous(there);
          expect(await pullRun(made, calls, "run-1")).toBe(true);
          expect(await pullRecording(made, calls, alias)).toMatchObject({ id, isNew: true, findings: 1 });
          expect(there.checksum(id)).toEqual(here.checksum(id));
          expect(there.papersOf(id)).toEqual(here.papersOf(id));
          expect(there.listFindings(id)[0]?.content).toEqual(here.listFindings(id)[0]?.content);
          expect(await pushRecording(made, asynchronous(here), id, { by: "Mori" })).toMatchObject({
            ...{ id, isNew: false, papers: 0 },
          });
          there.close();

          const cluster = await joinCluster(addressOf(name));
          const { works } = cluster;
          const listed = await works.list(10);
          const seen = listed.map(
            (one) => `${one.kind} ${one.id} ${one.done}/${one.fits} ${one.state} ${one.seconds}`,
          );
          expect(seen.sort()).toEqual([
            ...(at >= 5 ? ["analyse study 0/1 waiting 0"] : []),
            ...(at >= 2 ? ["fit gone 0/3 cancelled 0", "fit old 1/3 waiting 7"] : []),
          ]);
          if (at >= 2) {
            expect(await works.state("old")).toMatchObject({ done: 1, fits: 3, isCancelled: false });
            expect(await works.result("old", 0)).toEqual(Uint8Array.of(1, 2));
            expect(await works.result("old", 1)).toBeUndefined();
            const begun = "SELECT count(*)::int AS count FROM kodo.checkpoint";
            expect(await made.rows(begun)).toEqual([{ count: at < 4 ? 0 : 1 }]); // of another version: begun anew
            expect((await works.workers()).map(({ version }) => version)).toEqual([""]);
            await works.cancel("old");
            expect(await works.state("old")).toMatchObject({ isCancelled: true });
          }
          const labelSet = here.getLabelSet("ctg-events");
          const work: Work = {
            id: "new",
            run: newRun("new"),
            recordings: [],
            labelSet,
            version: "1",
            fits: 2,
          };
          await works.submit(work, "Ito", 0);
          expect((await works.load("new")).run).toEqual(work.run);
          const taken = await cluster.queue.take("1");
          expect(taken?.job).toMatchObject({ work: "new", fit: 0 });
          await cluster.close();
          await made.close();
        }
        here.close();
      }),
    90_000,
  );
});
