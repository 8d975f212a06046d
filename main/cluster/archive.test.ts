import { randomUUID } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { sampleArrays } from "../signal/block.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { encodeBlock } from "../storage/samples/block-codec.ts";
import { SampleDigest } from "../storage/samples/sample-digest.ts";
import { openLibrary, type OpenLibrary } from "../storage/open-library.ts";
import { block, channelHeader, inFolder, newRecording, newRun, ramp } from "../storage/testing.ts";
import { addressFrom } from "./address.ts";
import { ArchiveManifest, openArchive } from "./archive.ts";
import type { Field } from "./copy.ts";
import { copyOut } from "./copy-out.ts";
import { type ClusterDatabase, openCluster } from "./database.ts";
import { postgresFolder, startPostgres, type TestServer } from "./postgres.fixtures.ts";
import { pullRecording, pullRun } from "./pull.ts";
import { pushRecording, pushRun } from "./push.ts";
import type { Queue } from "./queue.ts";
import { refuseOther, setUp } from "./schema.ts";
import { studiesOf } from "./studies.ts";

const bin = postgresFolder();
if (bin === undefined)
  console.warn("SKIPPED: the archive on PostgreSQL needs Debian's postgresql, which is not installed here");

const asynchronous = (library: OpenLibrary): AsyncLibrary =>
  new Proxy(library, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return async (...args: unknown[]) => call.apply(target, args);
    },
  }) as unknown as AsyncLibrary;

const label = (recordingId: string, change: Partial<NewAnnotation> = {}): NewAnnotation => ({
  ...{ recordingId, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 },
  ...{ onsetS: 10, durationS: 30, author: "Ito", source: "person", note: "" },
  ...change,
});

interface Whose {
  readonly subject?: string;
  readonly startedAt?: string;
  readonly file?: string; // digest of its bytes
}

/** Recordings of every sample type, with gaps between and within blocks, labels, masks and a history. */
function recorded(library: OpenLibrary, seed: number, name = `R${seed}`, whose: Whose = {}): string {
  const types = ["int8", "uint8", "int16", "int32", "float32", "float64"] as const;
  const type = types[seed % types.length] ?? "int16";
  const header = channelHeader({ sampleType: type, gain: 0.5, sampleRate: 4 + seed });
  const made = newRecording([header, channelHeader({ label: "UC", role: "uc", unit: "" })]);
  const { subject = made.subject, startedAt = made.header.startedAt, file = made.source.sha256 } = whose;
  const id = library.createRecording({
    ...{ ...made, subject, source: { ...made.source, sha256: file } },
    header: { ...made.header, subject, startedAt, name },
    study: `study ${seed % 2}`,
  });
  const samples = block(0, 0, ramp(9000)).samples;
  const typed = new sampleArrays[type](Array.from(samples, (v) => (v + seed) % 100));
  library.appendBlocks(id, [
    {
      channel: 0,
      firstSample: 17 * seed,
      samples: typed,
      mask: [{ first: 3, count: 5 + seed, reason: maskReasons.saturated }],
    },
    block(1, 0, ramp(50_000 + 999 * seed)),
    block(1, 200_000, ramp(700)),
  ]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  library.addAnnotations([label(id, { onsetS: seed })]);
  library.addMask({
    ...{ recordingId: id, channel: 1, layer: "person", reason: maskReasons.artefactByPerson },
    ...{ onsetS: 5, durationS: 1 + seed, author: "Ito" },
  });
  return id;
}

describe.skipIf(bin === undefined)("an archive on PostgreSQL", () => {
  let server: TestServer;
  let database: ClusterDatabase;

  beforeAll(async () => {
    server = await startPostgres(bin ?? "");
    database = await openCluster(addressFrom(server.address()));
    await expect(refuseOther(database)).rejects.toMatchObject({ code: "storage/cluster-not-set-up" });
    expect(await setUp(database)).toEqual({ from: 0, to: 6 });
    expect(await setUp(database)).toEqual({ from: 6, to: 6 });
    await refuseOther(database);
    await server.sql("CREATE ROLE hand LOGIN PASSWORD 'x' IN ROLE kodo_worker");
  }, 60_000);

  afterAll(async () => {
    await database.close();
    await server.remove();
  });

  const libraries = <T>(work: (here: OpenLibrary, there: OpenLibrary) => Promise<T>): Promise<T> =>
    inFolder(async (folder) => {
      const here = openLibrary(join(folder, "here.kodo"));
      const there = openLibrary(join(folder, "there.kodo"));
      try {
        return await work(here, there);
      } finally {
        here.close();
        there.close();
      }
    });

  test("gives varied recordings back as they were, to the last bit and step", () =>
    libraries(async (here, there) => {
      const ids = Array.from({ length: 50 }, (_, seed) =>
        recorded(here, seed, `varied ${seed}`, { file: `${seed}`.padStart(64, "a") }),
      );
      for (const id of ids)
        expect(await pushRecording(database, asynchronous(here), id, { by: "Ito" })).toMatchObject({
          isNew: true,
        });
      for (const id of ids) {
        expect(await pullRecording(database, asynchronous(there), id)).toMatchObject({ id, isNew: true });
        expect(there.checksum(id)).toEqual(here.checksum(id));
        expect(there.papersOf(id)).toEqual(here.papersOf(id));
        expect({ ...there.getRecording(id), importedAt: "" }).toEqual({
          ...here.getRecording(id),
          importedAt: "",
        });
      }
    }));

  test("keeps once what two people push, and neither's labels over the other's", () =>
    libraries(async (here, there) => {
      const [mine, theirs] = [recorded(here, 40), recorded(there, 40)];
      const pushed = await Promise.all([
        pushRecording(database, asynchronous(here), mine, { by: "Ito" }),
        pushRecording(database, asynchronous(there), theirs, { by: "Mori" }),
      ]);
      expect(pushed.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
      expect(new Set(pushed.map(({ id }) => id)).size).toBe(1);
      const [one] = pushed;
      const count = `SELECT count(*) FROM kodo.block WHERE recording = '${one?.id ?? ""}'`;
      expect(Number(await server.sql(count))).toBeGreaterThan(1);
      await pullRecording(database, asynchronous(here), mine);
      await pullRecording(database, asynchronous(there), theirs);
      expect([here.listRecordings().length, there.listRecordings().length]).toEqual([1, 1]);
      const [first] = here.listAnnotations(mine);
      there.changeAnnotation({ id: there.listAnnotations(theirs)[0]?.id ?? "", durationS: 99 });
      here.changeAnnotation({ id: first?.id ?? "", durationS: 77 });
      for (const [library, id, by] of [
        [here, mine, "Ito"],
        [there, theirs, "Mori"],
      ] as const)
        for (let i = 0; i < 2; i += 1) await pushRecording(database, asynchronous(library), id, { by });
      await pullRecording(database, asynchronous(here), one?.id ?? "");
      const lengths = here.listAnnotations(mine).map(({ durationS }) => durationS);
      expect(lengths).toEqual(expect.arrayContaining([77, 99]));
      expect(new Set(here.listAnnotations(mine).map(({ author }) => author)).size).toBeGreaterThan(1);
    }));

  test.each([
    ["of two people", { subject: "S1" }, { subject: "S2" }],
    ["of nobody that is named, and of somebody", { subject: "" }, { subject: "S2" }],
    ["of two days", { startedAt: "2020-01-02T03:04:05" }, { startedAt: "2020-01-03T03:04:05" }],
    ["out of two files", { file: "1".repeat(64) }, { file: "2".repeat(64) }],
    ["side by side in one library", {}, {}],
  ])("two recordings of equal samples are two: %s", (name, one, other) =>
    libraries(async (here, there) => {
      const seed = 100 + name.length;
      const [first, second] = [recorded(here, seed, "first", one), recorded(here, seed, "second", other)];
      expect(here.checksum(first)).toEqual(here.checksum(second));
      here.addAnnotations([label(second, { note: "of the second" })]);
      const ids = [first, second];
      for (const id of ids)
        expect(await pushRecording(database, asynchronous(here), id, { by: "Ito" })).toMatchObject({
          ...{ id, isNew: true },
        });
      for (const id of ids)
        expect(await pushRecording(database, asynchronous(here), id, { by: "Ito" })).toMatchObject({
          ...{ id, isNew: false, papers: 0 },
        });
      const theirs = [recorded(there, seed, "second", other), recorded(there, seed, "first", one)];
      const places = [second, first];
      for (const [i, id] of theirs.entries())
        expect(await pushRecording(database, asynchronous(there), id, { by: "Mori" })).toMatchObject({
          ...{ id: places[i], isNew: false },
        });
      for (const [i, id] of theirs.entries())
        expect(await pullRecording(database, asynchronous(there), places[i] ?? "")).toMatchObject({ id });
      const settings = CtgSettings.parse({});
      const order = { kind: "analyse" as const, settings, rules: ["ctg/baseline" as const] };
      const how = { order, where: { ids }, by: "Ito", version: "1", priority: 0 };
      const queue = { send: () => Promise.resolve() } as unknown as Queue;
      const study = studiesOf(database, queue);
      const { id: work, ...asked } = await study.ask(asynchronous(here), how);
      expect(asked).toMatchObject({ recordings: 2, parts: 1 });
      const { recordings } = await study.part(work, 0);
      expect(recordings.map((one) => one.archived).sort()).toEqual([...ids].sort());
      const notes = theirs.map((id) => there.listAnnotations(id).some(({ note }) => note !== ""));
      expect([notes, there.listRecordings().length]).toEqual([[true, false], 2]);
    }),
  );

  test("an archive in which equal samples were one goes on: what is pushed anew comes to be of its own", () =>
    libraries(async (here, there) => {
      const [first, second] = [recorded(here, 96), recorded(here, 96, "twin", { subject: "S2" })];
      await pushRecording(database, asynchronous(here), first, { by: "Ito" });
      await server.sql(`DROP VIEW kodo.known_as; DROP INDEX kodo.recording_by_samples;
        CREATE TABLE put_away AS SELECT * FROM kodo.recording WHERE sha256 IN (SELECT sha256 FROM kodo.recording GROUP BY sha256 HAVING count(*) > 1);
        DELETE FROM kodo.recording WHERE id IN (SELECT id FROM put_away);
        ALTER TABLE kodo.recording ADD CONSTRAINT recording_sha256_key UNIQUE (sha256);
        DELETE FROM kodo.step WHERE number = 6;
        INSERT INTO kodo.alias VALUES ('${second}', '${first}')`);
      await expect(refuseOther(database)).rejects.toMatchObject({ code: "storage/cluster-not-set-up" });
      expect(await setUp(database)).toEqual({ from: 5, to: 6 });
      expect(await pullRecording(database, asynchronous(there), second)).toMatchObject({ id: first }); // as it was then
      expect(await pushRecording(database, asynchronous(here), second, { by: "Ito" })).toMatchObject({
        ...{ id: second, isNew: true },
      });
      expect(await pullRecording(database, asynchronous(there), second)).toMatchObject({
        ...{ id: second, isNew: true },
      });
      expect(there.getRecording(second).subject).toBe("S2");
      there.purgeRecording(first);
      expect(await pullRecording(database, asynchronous(there), first)).toMatchObject({
        ...{ id: first, isNew: true },
      });
    }));

  test("what a killed pull left is fetched anew, and is not taken for the recording", () =>
    libraries(async (here, there) => {
      const id = recorded(here, 81, "broken off");
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      const { channels, ...detail } = here.getRecording(id);
      const begin = (): void => {
        const header = { ...detail, startedAt: detail.startedAt, channels };
        there.createRecording({ ...detail, id, state: "importing", header });
        there.appendBlocks(id, here.storedBlocks(id, 0, 0));
      };
      begin();
      await expect(pullRecording(database, asynchronous(there), id)).rejects.toMatchObject({
        code: "storage/in-use", // by a process that lives
      });
      there.closeRecording(id, { state: "interrupted", repairs: [] }); // as the next start closes it
      expect(await pullRecording(database, asynchronous(there), id)).toMatchObject({ isNew: true });
      expect(there.checksum(id)).toEqual(here.checksum(id));
      there.purgeRecording(id);
      begin();
      there.closeRecording(id, { state: "interrupted", repairs: [] });
      there.addAnnotations([label(id, { author: "Mori" })]);
      await expect(pullRecording(database, asynchronous(there), id)).rejects.toMatchObject({
        code: "data/archive-differs",
      });
      expect(there.listAnnotations(id)).toHaveLength(1);
    }));

  const where = "WHERE recording = 'ID'";
  test.each([
    ["another digest", "UPDATE kodo.recording SET sha256 = repeat('0', 64) WHERE id = 'ID'"],
    ["a count beyond all measure", `UPDATE kodo.block SET sample_count = 2147483647 ${where}`],
    ["a block of 5 MB", `UPDATE kodo.block SET samples = decode(repeat('00', 5000000), 'hex') ${where}`],
    [
      "a place beyond all measure",
      `UPDATE kodo.block SET first_sample = 9000000000000000000 ${where} AND channel = 0`,
    ],
    ["a mask that is none", `UPDATE kodo.block SET mask = 'x' ${where}`],
    ["a header that is none", "UPDATE kodo.recording SET header = '7' WHERE id = 'ID'"],
    [
      "a rate below zero",
      "UPDATE kodo.recording SET header = jsonb_set(header, '{channels,0,sampleRate}', '-1') WHERE id = 'ID'",
    ],
    [
      "no channels",
      "UPDATE kodo.recording SET header = jsonb_set(header, '{channels}', '[]') WHERE id = 'ID'",
    ],
    ["a paper that is a number", `UPDATE kodo.paper SET content = '7' ${where}`],
    [
      "a label of text for a time",
      `UPDATE kodo.paper SET content = jsonb_set(content, '{onsetS}', '"soon"') ${where} AND kind = 'annotation'`,
    ],
    [
      "a label of another recording",
      `UPDATE kodo.paper SET content = jsonb_set(content, '{recordingId}', '"x"') ${where} AND kind = 'annotation'`,
    ],
    [
      "a history that is none",
      `UPDATE kodo.paper SET content = jsonb_set(content, '{changes}', '"[7]"') ${where} AND kind = 'step'`,
    ],
    ["rest that is none", "UPDATE kodo.recording SET rest = '[]' WHERE id = 'ID'"],
    [
      "a finding that nobody wrote",
      'INSERT INTO kodo.finding VALUES (\'ID\', \'k\', \'{"kind": "rule", "rule": "r", "config": "c"}\', \'boo\', \'x\')',
    ],
  ])("what somebody put into the archive is refused in a sentence, and leaves nothing: %s", (name, sql) =>
    libraries(async (here, there) => {
      const id = recorded(here, 90, name);
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      await server.sql(sql.replaceAll("ID", id));
      const refused = pullRecording(database, asynchronous(there), id);
      await expect(refused).rejects.toThrow(AppError);
      await expect(refused).rejects.toMatchObject({
        code: expect.stringMatching(/^(data|contract|storage)\//) as string,
      });
      expect([there.listRecordings(), there.binPage({}).rows]).toEqual([[], []]);
      await server.sql(`DELETE FROM kodo.recording WHERE id = '${id}'`);
    }),
  );

  test("labels are laid on no other recording than theirs, whatever the archive says of ids", () =>
    libraries(async (here, there) => {
      const [theirs, mine] = [recorded(here, 93), recorded(there, 94)];
      await pushRecording(database, asynchronous(here), theirs, { by: "Ito" });
      await server.sql(`INSERT INTO kodo.alias VALUES ('${mine}', '${theirs}')`);
      const before = there.papersOf(mine);
      expect(await pullRecording(database, asynchronous(there), theirs)).toMatchObject({
        id: theirs,
        isNew: true,
      });
      await server.sql(`DELETE FROM kodo.alias WHERE local_id = '${mine}'`);
      const foreign = recorded(here, 95);
      await pushRecording(database, asynchronous(here), foreign, { by: "Ito" });
      await server.sql(
        `INSERT INTO kodo.recording SELECT '${mine}', 'x', name, subject, study, kind, duration_s, started_at, header, rest, 'x' FROM kodo.recording WHERE id = '${foreign}'`,
      );
      await expect(pullRecording(database, asynchronous(there), mine)).rejects.toMatchObject({
        code: "data/archive-differs",
      });
      expect(there.papersOf(mine)).toEqual(before);
    }));

  test("a push or a pull that fails midway leaves nothing on either side", () =>
    libraries(async (here, there) => {
      const id = recorded(here, 71, "halfway");
      const breaking = {
        ...asynchronous(here),
        storedBlocks: (_: string, channel: number) =>
          channel === 1
            ? Promise.reject(new Error("unplugged"))
            : Promise.resolve(here.storedBlocks(id, channel, 0).slice(0, 0)),
        getRecording: () => Promise.resolve(here.getRecording(id)),
        papersOf: () => Promise.resolve(here.papersOf(id)),
        checksum: () => Promise.resolve({ sha256: "0".repeat(64), damagedBlocks: 0 }),
        getLabelSet: (set: string, version?: number) => Promise.resolve(here.getLabelSet(set, version)),
      };
      await expect(pushRecording(database, breaking, id, { by: "Ito" })).rejects.toThrow(/unplugged/);
      await expect(pullRecording(database, asynchronous(there), id)).rejects.toMatchObject({
        code: "data/recording-unknown",
      });
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      await server.sql(
        `UPDATE kodo.block SET crc = crc + 1 WHERE recording = '${id}' AND channel = 1 AND first_sample > 0`,
      );
      await expect(pullRecording(database, asynchronous(there), id)).rejects.toMatchObject({
        code: "data/bad-block",
      });
      expect([there.listRecordings(), there.binPage({}).rows]).toEqual([[], []]);
      const stop = AbortSignal.abort();
      await expect(pullRecording(database, asynchronous(there), id, { signal: stop })).rejects.toMatchObject({
        code: "cancelled/by-user",
      });
      expect(there.listRecordings()).toEqual([]);
    }));

  test("what another says for reading a recording stands beside what was said first, is told on either way, and is never changed", () =>
    libraries(async (here, there) => {
      const [mine, theirs] = [recorded(here, 86, "facts"), recorded(there, 86, "facts")];
      const push = (library: OpenLibrary, id: string, by: string) =>
        pushRecording(database, asynchronous(library), id, { by });
      here.changeSettings({ author: "Ito" });
      there.changeSettings({ author: "Mori" });
      expect(await push(there, theirs, "Mori")).toMatchObject({ isNew: true, otherwise: [] });
      expect(await push(here, mine, "Ito")).toMatchObject({ id: theirs, isNew: false, otherwise: [] });
      here.setCtgContext(mine, { gestationDays: 280, anchors: [] });
      expect(await push(here, mine, "Ito")).toMatchObject({ otherwise: [] });
      there.setCtgContext(theirs, { gestationDays: 280, anchors: [] }); // the same
      expect(await push(there, theirs, "Mori")).toMatchObject({ otherwise: [] });
      const kept = `SELECT string_agg(content ->> 'author', ' ' ORDER BY place) FROM kodo.paper WHERE kind = 'context' AND recording = '${theirs}'`;
      expect(await server.sql(kept)).toBe("Ito");
      there.setCtgContext(theirs, { gestationDays: 200, isLabour: true, anchors: [] });
      const said = there.getCtgContext(theirs);
      for (const papers of [2, 0])
        // with the step of the history; then nothing more
        expect(await push(there, theirs, "Mori")).toMatchObject({ papers, beside: 0, otherwise: ["Ito"] });
      expect(await server.sql(kept)).toBe("Ito Mori");
      expect(await push(here, mine, "Ito")).toMatchObject({ papers: 0, otherwise: ["Mori"] });

      expect(await pullRecording(database, asynchronous(there), theirs)).toMatchObject({
        otherwise: ["Ito"],
      });
      expect(there.getCtgContext(theirs)).toEqual(said);
      const { subject } = there.getRecording(theirs);
      there.changeRecording(theirs, { subject: "S corrected" });
      expect(await push(there, theirs, "Mori")).toMatchObject({ id: theirs, isNew: false, subject });
      expect(await pullRecording(database, asynchronous(there), theirs)).toMatchObject({ subject });
      there.purgeRecording(theirs);
      expect(await pullRecording(database, asynchronous(there), theirs)).toMatchObject({
        ...{ isNew: true, otherwise: ["Mori"], subject: null },
      });
      expect(there.papersOf(theirs).context).toMatchObject({
        author: "Ito",
        context: { gestationDays: 280 },
      });
    }));

  test("of copies that are asked one behind the other each gives its own rows; who throws at one, and what the server refuses, leaves the line as it was", async () => {
    const numbers = (from: number) =>
      `SELECT n, repeat('x', 5000) FROM generate_series(${from}, ${from + 999}) n`;
    const each = (seen: number[]) => ({ take: ([n]: Field[]) => void seen.push(n?.readInt32BE() ?? -1) });
    const fails = {
      take: () => {
        throw new Error("no room");
      },
    };
    await database.transaction(async (session) => {
      const copying = copyOut(session);
      const [first, third]: [number[], number[]] = [[], []];
      const settled = await Promise.allSettled([
        copying.rows(numbers(0), each(first)),
        copying.rows(numbers(5000), fails),
        copying.rows(numbers(9000), each(third)),
      ]);
      await copying.end();
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect([first.length, first[999], third.length, third[0]]).toEqual([1000, 999, 1000, 9000]);
      expect((await session.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
      await copyOut(session).end(); // nothing was asked
      await session.query("SAVEPOINT before");
      const refused = copyOut(session);
      const asked = [refused.rows("SELECT 1 / 0", each([])), refused.rows(numbers(0), each([]))];
      for (const one of await Promise.allSettled(asked))
        expect(one).toMatchObject({ status: "rejected", reason: { code: "22012" } });
      await expect(refused.rows(numbers(0), each([]))).rejects.toMatchObject({ code: "22012" });
      await refused.end();
      await session.query("ROLLBACK TO before");
      expect((await session.query("SELECT 2 AS two")).rows).toEqual([{ two: 2 }]);
    });
  });

  test("a mask and a reading that read differently there under one id stand beside each other, are told, and come once", () =>
    libraries(async (here, there) => {
      const id = recorded(here, 98, "two minds");
      const reading = { recordingId: id, labelSet: "ctg-events", labelSetVersion: 1, author: "Ito" };
      here.addReading({ ...reading, onsetS: 0, durationS: 60 });
      const push = () => pushRecording(database, asynchronous(here), id, { by: "Ito" });
      const pull = (library: OpenLibrary) => pullRecording(database, asynchronous(library), id);
      expect(await push()).toMatchObject({ beside: 0 });
      await server.sql(
        `UPDATE kodo.paper SET content = jsonb_set(content, '{durationS}', '7') WHERE kind IN ('mask', 'reading') AND recording = '${id}'`,
      );
      const kept = `SELECT string_agg(kind || ' ' || (content ->> 'durationS'), ', ' ORDER BY place) FROM kodo.paper WHERE kind IN ('mask', 'reading') AND recording = '${id}'`;
      const both = "mask 7, reading 7, mask 99, reading 60";
      expect(await push()).toMatchObject({ papers: 2, beside: 2 });
      expect(await push()).toMatchObject({ papers: 0, beside: 0 });
      expect(await server.sql(kept)).toBe(both);

      const lengths = (library: OpenLibrary) =>
        [library.listMasks(id), library.listReadings(id)].map((all) =>
          all.map(({ durationS, author }) => [durationS, author]).sort(),
        );
      const all = [
        [
          [7, "Ito"],
          [99, "Ito"],
        ],
        [
          [60, "Ito"],
          [7, "Ito"],
        ],
      ];
      expect(await pull(there)).toMatchObject({ isNew: true });
      expect(lengths(there)).toEqual(all);
      expect(await pull(here)).toMatchObject({ isNew: false, beside: 2 });
      expect(await pull(here)).toMatchObject({ isNew: false, added: 0, beside: 0 });
      expect(lengths(here)).toEqual(all);
      await push(); // what came is there already, under another id
      expect(await server.sql(kept)).toBe(both);
      here.removeMask(here.listMasks(id).find(({ durationS }) => durationS === 7)?.id ?? "");
      expect(await pull(here)).toMatchObject({ added: 0 }); // what was removed stays so
      expect(here.listMasks(id)).toHaveLength(1);
    }));

  test("what an archive says of its samples is compared with what is kept here: a number that is none counts as missing", () =>
    libraries(async (here, there) => {
      const id = recorded(here, 88, "no number"); // of float32
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      const { channels } = here.getRecording(id);
      const digest = new SampleDigest();
      for (const [position, channel] of channels.entries()) {
        const blocks = here.storedBlocks(id, position, 0);
        const extents = blocks.map(({ firstSample, samples }) => ({
          first: firstSample,
          count: samples.length,
        }));
        digest.begin(position, channel, extents);
        for (const { firstSample, samples, mask } of blocks) {
          if (position === 0) samples[0] = NaN;
          const { crc, samples: bytes } = encodeBlock(position, firstSample, samples, mask);
          digest.add(bytes, mask);
          if (position > 0) continue;
          await server.sql(
            `UPDATE kodo.block SET crc = ${crc}, samples = '\\x${Buffer.from(bytes).toString("hex")}'
             WHERE recording = '${id}' AND channel = ${position} AND first_sample = ${firstSample}`,
          );
        }
      }
      await server.sql(`UPDATE kodo.recording SET sha256 = '${digest.digest()}' WHERE id = '${id}'`);
      await expect(pullRecording(database, asynchronous(there), id)).rejects.toMatchObject({
        code: "data/archive-differs",
      });
      expect(there.listRecordings()).toEqual([]);
    }));

  test("a long recording comes a few parts ahead of what is stored, and leaves nothing where it is cancelled then", () =>
    libraries(async (here, there) => {
      const id = here.createRecording(newRecording([channelHeader({ sampleType: "float64" })]));
      for (let part = 0; part < 9; part += 1) {
        const samples = Float64Array.from(ramp(600_000), (value) => value + part);
        here.appendBlocks(id, [{ channel: 0, firstSample: part * 600_000, samples, mask: [] }]);
      }
      here.closeRecording(id, { state: "complete", repairs: [] });
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      const calls = asynchronous(there);
      const stop = new AbortController();
      let begun = 0;
      let held: readonly number[] = [];
      let letGo = (): void => undefined;
      const free = new Promise<void>((resolve) => (letGo = resolve));
      const slow = new Proxy(calls, {
        get: (target, name) => {
          if (name !== "appendBlocks") return Reflect.get(target, name) as unknown;
          return async (...asked: Parameters<AsyncLibrary["appendBlocks"]>) => {
            begun += 1;
            if (begun === 2) setTimeout(letGo, 300); // a third would have come by then
            await free;
            if (held.length < 2) held = [...held, begun];
            if (held.length === 2) stop.abort();
            await calls.appendBlocks(...asked);
          };
        },
      });
      await expect(pullRecording(database, slow, id, { signal: stop.signal })).rejects.toMatchObject({
        code: "cancelled/by-user",
      });
      expect(held).toEqual([2, 2]); // as many were begun when the first of them was stored
      expect(there.listRecordings()).toEqual([]);
      expect(await pullRecording(database, calls, id)).toMatchObject({ isNew: true, bytes: 43_200_000 });
      expect(there.checksum(id)).toEqual(here.checksum(id));
    }));

  test("memory is filled anew only once what lay in it is stored: hundreds of small blocks of odd lengths and long masks come whole where storing is slow", () =>
    libraries(async (here, there) => {
      const types = ["int8", "float32", "int16", "float64"] as const;
      const headers = types.map((sampleType, at) => channelHeader({ label: `C${at}`, sampleType }));
      const id = here.createRecording(newRecording(headers));
      const masked = Array.from({ length: 1500 }, (_, i) => ({
        ...{ first: 2 * i, count: 1, reason: i % 2 === 0 ? maskReasons.saturated : maskReasons.notRecorded },
      }));
      const blocks = Array.from({ length: 200 }, (_, at) =>
        types.map((type, channel) => ({
          ...{ channel, firstSample: 10_000 * at },
          samples: new sampleArrays[type](Array.from(ramp(5001 + 2 * at), (value) => (value + at) % 97)), // bytes of 8, and not
          mask: at % 3 === 0 ? masked : [],
        })),
      );
      here.appendBlocks(id, blocks.flat());
      here.closeRecording(id, { state: "complete", repairs: [] });
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      const calls = asynchronous(there);
      let last = Promise.resolve();
      const slow = new Proxy(calls, {
        get: (target, name) => {
          if (name !== "appendBlocks") return Reflect.get(target, name) as unknown;
          return (...asked: Parameters<AsyncLibrary["appendBlocks"]>) =>
            (last = last.then(async () => {
              await delay(60); // what comes meanwhile would lie over it
              await calls.appendBlocks(...asked);
            }));
        },
      });
      expect(await pullRecording(database, slow, id)).toMatchObject({ isNew: true });
      expect(there.checksum(id)).toEqual(here.checksum(id));
      expect(there.checkIntegrity()).toEqual([]);
    }));

  test("is searched by study and text a part at a time, and a list of it names its recordings by their samples", () =>
    libraries(async (here) => {
      const ids = [120, 122, 124].map((seed) => recorded(here, seed, `listed ${seed}`));
      for (const id of ids) await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      const archive = await openArchive(server.address(), asynchronous(here), "Ito");
      try {
        const names = async (search: object) =>
          (await archive.list({ limit: 10, ...search })).map(({ name }) => name);
        const all = ["listed 120", "listed 122", "listed 124"];
        expect(await names({ text: "LISTED 12" })).toEqual(all);
        expect(await names({ text: "listed 12", study: "study 1" })).toEqual([]);
        expect(await names({ text: "listed 12", limit: 2 })).toEqual(all.slice(0, 2));
        expect(await names({ text: "listed 12", after: ids[1] })).toEqual(all.slice(2));
        expect(await names({ text: "%" })).toEqual([]); // no pattern
        const recordings = await archive.list({ text: "listed 12", limit: 10 }); // as `archive list --json` prints it
        expect(await archive.idsIn({ recordings })).toEqual(ids);
        const [first, ...rest] = recordings;
        const { id = "", name = "" } = first ?? {};
        await expect(
          archive.idsIn({ recordings: [...rest, { id, sha256: "0".repeat(64) }] }),
        ).rejects.toMatchObject({
          code: "data/archive-differs",
          message: expect.stringContaining(name) as string,
        });
        const gone = "00000000-0000-4000-8000-000000000000";
        await expect(archive.idsIn({ recordings: [{ id: gone, sha256: "" }] })).rejects.toMatchObject({
          code: "data/recording-unknown",
          message: expect.stringContaining(gone) as string,
        });
        expect(await archive.idsOf(["listed 122"])).toEqual([ids[1]]);
        await expect(archive.idsOf(["listed"])).rejects.toMatchObject({ code: "data/recording-unknown" });
      } finally {
        await archive.close();
      }
    }));

  test("hands on runs and what they found", () =>
    libraries(async (here, there) => {
      const id = recorded(here, 72);
      here.saveRun(newRun("run-1"));
      here.saveModel("run-1", "model", Uint8Array.of(1, 2, 3));
      const value = Float32Array.of(140, 141);
      here.saveFinding({
        recordingId: id,
        origin: { kind: "run", runId: "run-1", adaptation: "none" },
        content: {
          kind: "curves",
          forecasts: [],
          series: [{ name: "baseline", unit: "bpm", sampleRate: 1, value, observed: Uint8Array.of(1, 0) }],
        },
      });
      expect(await pushRun(database, asynchronous(here), "run-1", { by: "Ito" })).toBe(true);
      expect(await pushRecording(database, asynchronous(here), id, { by: "Ito" })).toMatchObject({
        findings: 1,
      });
      expect(await pullRun(database, asynchronous(there), "run-1")).toBe(true);
      expect(await pullRecording(database, asynchronous(there), id)).toMatchObject({ findings: 1 });
      const [ours, theirs] = [here, there].map((library) =>
        library.getFinding(library.listFindings(id)[0]?.id ?? ""),
      );
      expect(theirs?.content).toEqual(ours?.content);
      expect(await pullRecording(database, asynchronous(there), id)).toMatchObject({
        isNew: false,
        added: 0,
        findings: 0,
      });
    }));

  test("a worker may add and look, and change or remove nothing", async () => {
    const hand = await openCluster(addressFrom(server.address({ name: "hand", password: "x" })));
    for (const sql of [
      "DELETE FROM kodo.block",
      "UPDATE kodo.block SET crc = 0",
      "UPDATE kodo.paper SET content = '{}'",
      "TRUNCATE kodo.recording",
      "CREATE TABLE kodo.mine (a int)",
      "DROP TABLE kodo.paper",
    ])
      await expect(hand.rows(sql)).rejects.toMatchObject({ code: "storage/cluster-not-allowed" });
    await libraries(async (here) => {
      const id = recorded(here, 60);
      expect(await pushRecording(hand, asynchronous(here), id, { by: "hand" })).toMatchObject({
        isNew: true,
      });
    });
    await hand.close();
  });

  test("says in a sentence why it is not let in, and speaks with nobody it cannot tell", async () => {
    const tried = async (address: string): Promise<unknown> => {
      const opened = await openCluster(addressFrom(address));
      return opened.rows("SELECT 1").finally(() => opened.close());
    };
    await expect(tried(server.address({ name: "owner", password: "wrong" }))).rejects.toMatchObject({
      code: "storage/cluster-refused",
    });
    expect(addressFrom(server.address(undefined, { password: "secret" })).shown).not.toMatch(
      /secret|heartbeat/,
    );
    for (const sslmode of ["require", "disable", "verify-ca"])
      expect(() => addressFrom(server.address(undefined, { sslmode }))).toThrow(/verify-full/);
    await expect(tried(server.address().replace("localhost", "127.0.0.1"))).rejects.toMatchObject({
      code: "device/cluster-certificate",
    });
    const unknown = new URL(server.address());
    unknown.searchParams.delete("sslrootcert"); // of an authority that the system does not know
    await expect(tried(unknown.href)).rejects.toMatchObject({ code: "device/cluster-certificate" });
    await expect(tried(server.address(undefined, { sslrootcert: "/none.pem" }))).rejects.toMatchObject({
      code: "data/file-not-readable",
    });
    const port = new URL(server.address()).port;
    await expect(tried(server.address().replace(port, "1"))).rejects.toMatchObject({
      code: "device/cluster-lost",
    });
  });

  test("a server that speaks without TLS only is refused before a password is sent", async () => {
    const heard: Buffer[] = [];
    const plain = createServer((line) => {
      line.on("data", (bytes) => {
        heard.push(bytes);
        line.write("N"); // documentation, "SSL Session Encryption": unwilling
      });
      line.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const { port } = plain.address() as AddressInfo;
    const opened = await openCluster(addressFrom(server.address().replace(/:\d+\//, `:${port}/`)));
    await expect(opened.rows("SELECT 1")).rejects.toMatchObject({
      code: "device/cluster-plaintext",
      message: expect.stringMatching(/without TLS/) as string,
    });
    expect(Buffer.concat(heard)).toHaveLength(8); // the question alone
    await opened.close();
    plain.close();
  });

  test("who was stopped in the middle of something holds nobody up for ever", async () => {
    const name = "idle_in_transaction_session_timeout";
    expect(await database.rows(`SHOW ${name}`)).toEqual([{ [name]: "2min" }]);
    const stopped = database.transaction(async (session) => {
      await session.query(`SET LOCAL ${name} = '100ms'`);
      await delay(500);
      await session.query("SELECT 1");
    });
    await expect(stopped).rejects.toMatchObject({ code: "device/cluster-lost" });
  });

  test("two that put the same label sets there for the first time do not wait for each other for ever", () =>
    libraries(async (here, there) => {
      await server.sql("DELETE FROM kodo.label_set");
      const movement = { label: "fetal-movement", labelSet: "recording-marks", durationS: 0 };
      const both = [here, there].map((library, i) => {
        const id = recorded(library, 41 + i);
        library.addAnnotations([label(id, { ...movement, onsetS: i === 0 ? 1 : 90 })]); // before the other set's, or after
        return { library, id };
      });
      let asked = 0;
      const pushes = both.map(({ library, id }) => {
        const calls = asynchronous(library);
        const getLabelSet: AsyncLibrary["getLabelSet"] = async (set, version) => {
          asked += 1;
          for (let i = 0; i < 20 && asked < 4; i += 1) await delay(20); // both have put one there, where they can
          return calls.getLabelSet(set, version);
        };
        const slow = new Proxy(calls, {
          get: (target, name) =>
            name === "getLabelSet" ? getLabelSet : (Reflect.get(target, name) as unknown),
        });
        return pushRecording(database, slow, id, { by: "Ito" });
      });
      expect((await Promise.all(pushes)).map(({ isNew }) => isNew)).toEqual([true, true]);
    }));

  test.each([
    ["a character that is none", 44, { note: "a\u0000b" }],
    [
      "a name beyond all measure",
      48,
      { name: Array.from({ length: 9000 }, (_, i) => i.toString(36)).join("") },
    ],
  ])(
    "text that it cannot keep is refused in a sentence about the recording, not about the server: %s",
    (_, seed, change) =>
      libraries(async (here) => {
        const id = recorded(here, seed);
        here.changeRecording(id, change);
        const refused = pushRecording(database, asynchronous(here), id, { by: "Ito" });
        await expect(refused).rejects.toMatchObject({ code: "data/archive-text" });
        expect(await server.sql(`SELECT count(*) FROM kodo.recording WHERE id = '${id}'`)).toBe("0");
      }),
  );

  test("a label set that is here with other labels under the same version is refused by name, on either way, and nothing is laid on it", () =>
    libraries(async (here, there) => {
      const set = { ...here.getLabelSet("ctg-events"), id: "ward", version: 1 };
      const one = { id: recorded(here, 49), labels: set.labels };
      const other = { id: recorded(there, 50), labels: set.labels.map((each) => ({ ...each, letter: "Z" })) };
      for (const [library, { id, labels }] of [
        [here, one],
        [there, other],
      ] as const) {
        library.takeLabelSet({ ...set, labels });
        library.addAnnotations([label(id, { labelSet: "ward", onsetS: 3 })]);
      }
      await pushRecording(database, asynchronous(here), one.id, { by: "Ito" });
      const differs = (where: string) => ({
        code: "data/label-set-differs",
        message: `Version 1 of label set ward reads differently in ${where}`,
      });
      await expect(
        pushRecording(database, asynchronous(there), other.id, { by: "Mori" }),
      ).rejects.toMatchObject(differs("the archive"));
      await expect(pullRecording(database, asynchronous(there), one.id)).rejects.toMatchObject(
        differs("this library"),
      );
      expect(await server.sql(`SELECT count(*) FROM kodo.recording WHERE id = '${other.id}'`)).toBe("0");
      expect(there.listRecordings().map(({ id }) => id)).toEqual([other.id]);
    }));

  test("a name of quotes, percents and ten thousand letters comes back as it was, and is found by it", () =>
    libraries(async (here, there) => {
      const archive = await openArchive(server.address(), asynchronous(there), "Ito");
      const names = [`'; DROP TABLE kodo.block; -- "%_\\`, "長".repeat(10_000), "line\nbreak\t\u0007"];
      for (const [i, name] of names.entries()) {
        const id = recorded(here, 51 + i);
        here.changeRecording(id, { name, study: name.slice(0, 20) });
        await pushRecording(database, asynchronous(here), id, { by: "Ito" });
        expect(await archive.idsOf([name])).toEqual([id]);
        expect(await archive.list({ text: name, limit: 10 })).toMatchObject([{ id, name }]);
        await archive.pull(id);
        expect(there.getRecording(id).name).toBe(name);
      }
      await archive.close();
    }));

  test("an archive that a newer Kodo brought up to date meanwhile is left alone, and that is said", () =>
    libraries(async (here, there) => {
      const [before, after] = [recorded(here, 45), recorded(here, 46)];
      await pushRecording(database, asynchronous(here), before, { by: "Ito" });
      await server.sql("INSERT INTO kodo.step (number) VALUES (99)");
      const told = { code: "storage/newer-schema" };
      const pushed = pushRecording(database, asynchronous(here), after, { by: "Ito" });
      await expect(pushed).rejects.toMatchObject(told);
      await expect(pullRecording(database, asynchronous(there), before)).rejects.toMatchObject(told);
      await server.sql("DELETE FROM kodo.step WHERE number = 99");
      expect(await server.sql(`SELECT count(*) FROM kodo.recording WHERE id = '${after}'`)).toBe("0");
      expect(there.listRecordings()).toEqual([]);
    }));

  test("it is brought up to date once what is being pushed is there, and not in the middle of it", () =>
    libraries(async (here) => {
      const id = recorded(here, 47);
      const calls = asynchronous(here);
      const steps: string[] = [];
      let begun = (): void => undefined;
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      const slow = new Proxy(calls, {
        get: (target, name) => {
          if (name !== "storedBlocks") return Reflect.get(target, name) as unknown;
          return async (...asked: Parameters<AsyncLibrary["storedBlocks"]>) => {
            begun();
            await delay(200);
            return calls.storedBlocks(...asked);
          };
        },
      });
      const pushing = pushRecording(database, slow, id, { by: "Ito" }).then(() => steps.push("pushed"));
      await isBegun;
      await setUp(database).then(() => steps.push("brought up to date"));
      await pushing;
      expect(steps).toEqual(["pushed", "brought up to date"]);
    }));

  test("what a manifest names and the archive has not is told whole, and nothing of it is fetched", async () => {
    const archive = await openArchive(server.address(), {} as AsyncLibrary, "Ito");
    const named = [randomUUID(), randomUUID(), randomUUID()].map((id) => ({ id, sha256: "0" }));
    await expect(archive.idsIn({ recordings: named })).rejects.toMatchObject({
      code: "data/recording-unknown",
      message: `The manifest names ${named[0]?.id ?? ""} and 2 more, which the archive has not`,
    });
    for (const id of ["'; DROP TABLE kodo.recording --", "a\u0000b", "x".repeat(10_000)])
      expect(ArchiveManifest.safeParse({ recordings: [{ id, sha256: "0" }] }).success).toBe(false);
    await archive.close();
  });

  test("who may only look is told so where they would push", async () => {
    await server.sql("CREATE ROLE guest LOGIN PASSWORD 'x' IN ROLE kodo_reader");
    const guest = await openCluster(addressFrom(server.address({ name: "guest", password: "x" })));
    await libraries(async (here, there) => {
      const id = recorded(here, 61);
      await expect(pushRecording(guest, asynchronous(here), id, { by: "guest" })).rejects.toMatchObject({
        code: "storage/cluster-not-allowed",
      });
      await pushRecording(database, asynchronous(here), id, { by: "Ito" });
      expect(await pullRecording(guest, asynchronous(there), id)).toMatchObject({ isNew: true });
    });
    await guest.close();
  });

  test("a server that is killed is lost in words, and is back when it is; an expired certificate is refused", async () => {
    const midway = database.transaction(async (session) => {
      await session.query("SELECT 1");
      await server.kill(); // while the line is in use and nothing is asked over it
      await delay(100);
      await session.query("SELECT 1");
    });
    await expect(midway).rejects.toMatchObject({ code: "device/cluster-lost" });
    await expect(database.rows("SELECT 1")).rejects.toMatchObject({ code: "device/cluster-lost" });
    await server.certify(-1);
    await server.start();
    await expect(database.rows("SELECT 1")).rejects.toMatchObject({ code: "device/cluster-expired" });
    await server.kill();
    await server.certify(30);
    await server.start();
    expect(await database.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  }, 60_000);
});
