import fc from "fast-check";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { annotationTables, fuzzBytes, fuzzReaders, fuzzSeeds } from "../../scripts/bench/fuzz-formats.ts";
import {
  fidelity,
  readAnything,
  roundTrip,
  sourceOf,
  unalignedSource,
  type FileSet,
  type Meters,
} from "./laws.ts";
import { readWhole } from "./memory.ts";
import { recordings } from "./recordings.test-support.ts";
import { readers, recognise, writers } from "./registry.ts";
import { sharedFile } from "./shared-data.test-support.ts";

const meters: Meters = {
  now: () => performance.now(),
  bufferBytes: () => process.memoryUsage().arrayBuffers,
};
const seeds = await fuzzSeeds([]);

test("every table another program writes is a seed of the fuzzer", () => {
  const tables = seeds.map(({ main }) => main).filter((main) => main.startsWith("table"));
  expect(tables).toEqual([
    "table0.csv",
    "table1.csv",
    "table2.csv",
    "table3.csv",
    "table4.csv",
    "table5.csv",
  ]);
});

describe.each(readers.map((reader) => [reader.id, reader] as const))("reader %s", (id, reader) => {
  const own = seeds.filter((seed) => seed.reader.id === id);

  test("takes at least one valid small file, and reads it without a broken law", async () => {
    expect(own.length).toBeGreaterThan(0);
    for (const seed of own) {
      expect(await readAnything(reader, seed, {}, meters)).toMatchObject({ code: "ok", broken: [] });
    }
  });

  test("reads or refuses by name every prefix of its files", async () => {
    for (const seed of own) {
      const whole = seed.files.get(seed.main)!;
      const cuts = Math.min(400, Math.ceil(2000 / own.length)); // of each, so that many seeds take no longer than few
      const step = Math.max(1, Math.floor(whole.length / cuts));
      for (let length = 0; length < whole.length; length += step) {
        const cut: FileSet = {
          main: seed.main,
          files: new Map([...seed.files, [seed.main, whole.subarray(0, length)]]),
        };
        const { broken } = await readAnything(reader, cut, {}, meters);
        expect(broken, `${seed.main} cut to ${length} of ${whole.length} bytes`).toEqual([]);
      }
    }
  });

  test("takes no longer over a run of one character, in place of its head or within it", async () => {
    for (const seed of own.slice(0, 2)) {
      const whole = seed.files.get(seed.main)!;
      const half = new TextDecoder("latin1").decode(whole.subarray(0, Math.min(200, whole.length >> 1)));
      for (const run of [
        " ",
        "\t",
        "\n",
        "\r",
        "0",
        "9",
        "-",
        "_",
        ".",
        ",",
        "(",
        "[",
        "#",
        "a ",
        "1 ",
        "#\n",
        " \n",
      ]) {
        for (const text of [run.repeat(20_000), `${half}${run.repeat(20_000)}`, `${run.repeat(41)}!`]) {
          const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
          const set = { main: seed.main, files: new Map([...seed.files, [seed.main, bytes]]) };
          for (const one of readers) one.recognises(bytes.subarray(0, 4096), seed.main);
          const { broken } = await readAnything(reader, set, {}, meters);
          expect(broken, JSON.stringify(text.slice(0, 60))).toEqual([]);
        }
      }
    }
  });

  test("gives the same samples whatever address its bytes lie at", async () => {
    for (const seed of own) {
      const [straight, shifted] = [
        await readWhole(reader, sourceOf(seed)),
        await readWhole(reader, unalignedSource(seed)),
      ];
      expect(shifted).toEqual(straight);
    }
  });

  test("stops when it is cancelled", async () => {
    for (const seed of own) {
      const recording = await reader.open(sourceOf(seed), {}, () => undefined);
      const stopped = recording.blocks(() => undefined, AbortSignal.abort());
      await expect(stopped[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: "cancelled/by-user",
      });
    }
  });

  test("has an id, a title and lower-case extensions", () => {
    expect(reader.title).not.toBe("");
    for (const extension of reader.extensions) expect(extension).toMatch(/^\.[a-z0-9]+$/);
  });
});

test("mutated files of every reader are read or refused by name, in time and within memory", async () => {
  const report = await fuzzReaders({ count: 3000, seed: 20240305, meters });
  expect(report.crashes).toEqual([]);
  expect(Object.keys(report.perReader).toSorted()).toEqual(readers.map(({ id }) => id).toSorted());
  expect(report.errors["ok"]).toBeGreaterThan(0);
}, 60_000);

test("mutated tables of annotations are read or refused by name", async () => {
  const report = await fuzzBytes(annotationTables, { count: 3000, seed: 7, meters });
  expect(report.crashes).toEqual([]);
  expect(report.errors["ok"]).toBeGreaterThan(300);
  expect(Object.keys(report.errors).length).toBeGreaterThan(2);
});

test("an error without a name counts as a crash, with what was done to the bytes", async () => {
  const read = (): never => {
    throw new RangeError("Invalid array length");
  };
  const report = await fuzzBytes({ ...annotationTables, read }, { count: 3, seed: 7, meters });
  expect(report.crashes).toHaveLength(3);
  expect(report.crashes[2]).toMatchObject({ input: 2, broken: ["RangeError: Invalid array length"] });
});

describe.each(writers.map((writer) => [writer.id, writer] as const))("writer %s", (id, writer) => {
  test("what it writes reads back the same, over random recordings", async () => {
    // One rate a file where the format has only that; several rates are the format's own tests' business there.
    const shape = id === "wfdb" ? { oneRate: true, mostChannels: 12 } : {};
    expect(fidelity[id]).toBeDefined();
    await fc.assert(
      fc.asyncProperty(recordings(shape), async (content) => {
        const { differences } = await roundTrip(writer, recognise, content);
        expect(differences).toEqual([]);
      }),
      { numRuns: 120, seed: 7 },
    );
  }, 60_000);

  test("the same recording gives the same bytes", async () => {
    const [content] = fc.sample(recordings({ oneRate: true }), { numRuns: 1, seed: 3 });
    const [first, second] = [
      await roundTrip(writer, recognise, content!),
      await roundTrip(writer, recognise, content!),
    ];
    expect(second.set.files).toEqual(first.set.files);
  });
});

describe("public files", () => {
  const paths = [
    "formats/edf/test.edf",
    "formats/edf/test_generator_2.edf",
    "formats/edf/short_psg.edf",
    "formats/edf/SC4001EC-Hypnogram.edf",
    "formats/bdf/test.bdf",
    "formats/bdf/short_psg.bdf",
    "ctg-fhrma-ma/signals/train01.fhr.gz",
    "ctg-fhrma-fs/DopMHRTrain/DopMHRTrain0001.fhrm.gz",
  ];
  for (const path of paths) {
    const file = sharedFile(path);
    (file === undefined ? test.skip : test)(`${path} breaks no law`, async () => {
      const raw = readFileSync(file!);
      const name = path.split("/").at(-1)!.replace(/\.gz$/, "");
      const bytes = new Uint8Array(path.endsWith(".gz") ? gunzipSync(raw) : raw);
      const set = { main: name, files: new Map([[name, bytes]]) };
      const reader = recognise(bytes.subarray(0, 4096), name)!;
      expect(await readAnything(reader, set, {}, meters)).toMatchObject({ code: "ok", broken: [] });
    });
  }
});
