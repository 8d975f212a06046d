import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MaskRun, maskReasons } from "../../../preload/contract/mask.ts";
import {
  BUCKETS_PER_TILE,
  bucketSizes,
  type SampleType,
  type Tile,
} from "../../../preload/contract/recording.ts";
import { sampleArrays } from "../../signal/block.ts";
import { paintRuns } from "../../signal/mask.ts";
import { commonestReasons, summarise } from "../../signal/pyramid.ts";
import { blockCapacity, bytesOf } from "./block-codec.ts";
import { openLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp, withLibrary } from "../testing.ts";

/** What a channel should read as, kept the plainest way. */
interface Model {
  values: number[]; // physical
  source: number[]; // reasons
}

function naiveTiles(model: Model, layers: readonly MaskRun[], size: number): Tile[] {
  const reasons = Uint8Array.from(model.source);
  paintRuns(reasons, 0, layers);
  const buckets = summarise(Float32Array.from(model.values), reasons, size);
  const source = summarise(Float32Array.from(model.values), Uint8Array.from(model.source), size);
  const isTouched = Uint8Array.from(buckets.min, (_, b) =>
    layers.some(({ first, count }) => first < (b + 1) * size && first + count > b * size) ? 1 : 0,
  );
  const beneath = (values: Float32Array, at: number): Float32Array =>
    values.slice(at, at + BUCKETS_PER_TILE).map((value, i) => (isTouched[at + i] === 1 ? value : NaN));
  const reason = commonestReasons(buckets);
  const tiles: Tile[] = [];
  for (let at = 0; at < reason.length; at += BUCKETS_PER_TILE) {
    const end = at + BUCKETS_PER_TILE;
    const [min, max] = [beneath(source.min, at), beneath(source.max, at)];
    tiles.push({
      index: at / BUCKETS_PER_TILE,
      samplesPerBucket: size,
      min: buckets.min.slice(at, end),
      max: buckets.max.slice(at, end),
      reason: reason.slice(at, end),
      ...(min.some((value) => !Number.isNaN(value)) ? { beneath: { min, max } } : {}),
    });
  }
  return tiles;
}

const appendStep = fc.record({
  kind: fc.constant("append" as const),
  gap: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(300), fc.nat(30_000)),
  length: fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 5000 }),
    fc.constantFrom(8192, 16384, 32768, 40_000),
  ),
  runs: fc.array(
    fc.record({
      at: fc.nat(40_000),
      count: fc.integer({ min: 1, max: 400 }),
      reason: fc.constantFrom(1, 3, 4),
    }),
    { maxLength: 4 },
  ),
});
const maskStep = fc.record({
  kind: fc.constant("mask" as const),
  layer: fc.constantFrom("person" as const, "model" as const),
  onsetS: fc.nat(20_000).map((quarter) => quarter / 4),
  durationS: fc
    .oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 20_000 }))
    .map((quarter) => quarter / 4),
});
const unmaskStep = fc.record({ kind: fc.constant("unmask" as const), which: fc.nat() });
const reopenStep = fc.record({ kind: fc.constant("reopen" as const) });
const steps = fc.array(
  fc.oneof({ weight: 6, arbitrary: appendStep }, { weight: 2, arbitrary: maskStep }, unmaskStep, reopenStep),
  { minLength: 1, maxLength: 12 },
);

test("tiles of every size, samples and counts are what a plain copy of the channel gives, at every step of its growth", async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.constantFrom<SampleType>("int8", "uint8", "int16", "int32", "float32", "float64"),
      fc.constantFrom(1, -0.25),
      fc.nat(1000),
      (list, sampleType, gain, probe) =>
        inFolder((folder) => {
          const path = join(folder, "growing.kodo");
          let library = openLibrary(path);
          const offset = gain < 0 ? 100 : 0;
          const id = library.createRecording(
            newRecording([channelHeader({ label: "other" }), channelHeader({ sampleType, gain, offset })]),
          );
          const model: Model = { values: [], source: [] };
          const spans: { id: string; run: MaskRun; layer: string }[] = [];
          for (const step of list) {
            if (step.kind === "append") {
              for (let i = 0; i < step.gap; i++) {
                model.values.push(NaN);
                model.source.push(maskReasons.notRecorded);
              }
              const samples = ramp(step.length, sampleType, model.values.length);
              const reasons = new Uint8Array(step.length);
              const runs: MaskRun[] = [];
              for (const { at, count, reason } of [...step.runs].sort((a, b) => a.at - b.at)) {
                const last = runs.at(-1);
                const first = Math.max(at, last === undefined ? 0 : last.first + last.count);
                if (first + count <= step.length) runs.push({ first, count, reason });
              }
              paintRuns(reasons, 0, runs);
              library.appendBlocks(id, [block(1, model.values.length, samples, runs)]);
              for (let i = 0; i < step.length; i++) {
                model.values.push(samples[i]! * gain + offset);
                model.source.push(reasons[i]!);
              }
            } else if (step.kind === "mask") {
              const reason =
                step.layer === "person" ? maskReasons.artefactByPerson : maskReasons.artefactByModel;
              const span = library.addMask({
                recordingId: id,
                channel: 1,
                layer: step.layer,
                reason,
                onsetS: step.onsetS,
                durationS: step.durationS,
                author: "a",
              });
              spans.push({
                id: span.id,
                layer: step.layer,
                run: { first: step.onsetS * 4, count: step.durationS * 4, reason },
              });
            } else if (step.kind === "unmask") {
              const [gone] = spans.splice(step.which % Math.max(1, spans.length), 1);
              if (gone !== undefined) library.removeMask(gone.id);
            } else {
              library.close();
              library = openLibrary(path);
            }
          }
          const layers = [
            ...spans.filter((span) => span.layer === "person"),
            ...spans.filter((span) => span.layer === "model"),
          ].map((span) => span.run);
          for (const size of bucketSizes)
            expect(library.tiles(id, 1, size, 0, 4000)).toEqual(naiveTiles(model, layers, size));
          const reasons = Uint8Array.from(model.source);
          paintRuns(reasons, 0, layers);
          expect(library.samples(id, 1, probe, 1e9)).toEqual({
            first: Math.min(probe, model.values.length),
            values: Float32Array.from(model.values.slice(probe)),
            reasons: reasons.slice(probe),
          });
          const observed = reasons.filter((reason) => reason === 0).length;
          expect(library.getRecording(id).channels[1]).toMatchObject({
            sampleCount: model.values.length,
            observedCount: observed,
          });
          expect(library.checkIntegrity()).toEqual([]);
          library.close();
        }),
    ),
    { numRuns: 40 },
  );
}, 120_000);

test("a tile in the middle is the same as when all are asked for", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(200_000))]);
    for (const size of [1, 16, 64]) {
      const all = library.tiles(id, 0, size, 0, 400);
      expect(library.tiles(id, 0, size, 2, 2)).toEqual(all.slice(2, 4));
    }
    expect(library.tiles(id, 0, 64, 7, 3)).toEqual([]);
  }));

test("a channel past the coarsest bucket has its tiles, and a gap of a day costs nothing", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording([channelHeader({ sampleRate: 1000 })]));
    library.appendBlocks(id, [block(0, 0, ramp(1_200_000))]);
    library.appendBlocks(id, [block(0, 90_000_000, ramp(10))]);
    const [tile] = library.tiles(id, 0, 1_048_576, 0, 1);
    expect(tile?.min).toHaveLength(86);
    expect(tile?.reason[0]).toBe(0);
    expect([...tile!.reason.subarray(1)].every((reason) => reason === maskReasons.notRecorded)).toBe(true);
    expect(tile?.max[85]).toBe(Math.max(...ramp(10)) * 0.25);
  }));

test("a library that was moved away while it is open takes no samples, which nobody would find, and says so; once it is back it does", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(4))]);
    renameSync(path, `${path}.moved`);
    expect(() => library.appendBlocks(id, [block(0, 4, ramp(4))])).toThrow(
      "was moved or deleted while it was open",
    );
    expect(() => library.closeRecording(id, { state: "complete", repairs: [] })).toThrow(
      "was moved or deleted while it was open",
    );
    renameSync(`${path}.moved`, path);
    library.appendBlocks(id, [block(0, 4, ramp(4))]);
    expect(library.getRecording(id).channels[0]?.sampleCount).toBe(8);
  }));

test("digital samples come back as given, gaps and masks as runs", () =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [
      block(0, 0, Int16Array.of(1, 2, 3, -32768), [{ first: 1, count: 1, reason: 4 }]),
    ]);
    library.appendBlocks(id, [block(0, 6, Int16Array.of(7, 8))]);
    library.addMask({
      recordingId: id,
      layer: "person",
      reason: 7,
      onsetS: 0.5,
      durationS: 0.25,
      author: "a",
    });
    expect(library.digitalBlock(id, 0, 0, 100)).toEqual({
      channel: 0,
      firstSample: 0,
      samples: Int16Array.of(1, 2, 3, -32768, 0, 0, 7, 8),
      mask: [
        { first: 1, count: 1, reason: 4 },
        { first: 2, count: 1, reason: 7 },
        { first: 4, count: 2, reason: 2 },
      ],
    });
    expect(library.samples(id, 0, 1, 2)).toEqual({
      first: 1,
      values: Float32Array.of(0.5, 0.75),
      reasons: Uint8Array.of(4, 7),
    });
  }));

test("a value that is no number was not observed", () =>
  withLibrary((library) => {
    const id = library.createRecording(
      newRecording([channelHeader({ sampleType: "float64", gain: 1, offset: 0 })]),
    );
    library.appendBlocks(id, [
      block(0, 0, Float64Array.of(1, NaN, Infinity, 1e300, 5), [{ first: 0, count: 1, reason: 4 }]),
    ]);
    expect([...library.samples(id, 0, 0, 5).reasons]).toEqual([4, 1, 5, 5, 0]);
    expect(library.tiles(id, 0, 64, 0, 1)[0]).toMatchObject({
      min: Float32Array.of(5),
      max: Float32Array.of(5),
    });
  }));

test("small blocks become whole ones, and the checksum does not see how the samples were cut", () =>
  withLibrary((library, path) => {
    const sums: string[] = [];
    for (const piece of [777, 4096, 100_000]) {
      const id = library.createRecording(newRecording());
      const mask = [
        { first: 10, count: 3, reason: 1 },
        { first: 60_000, count: 20_000, reason: 3 },
      ];
      for (let at = 0; at < 100_000; at += piece) {
        const length = Math.min(piece, 100_000 - at);
        const runs = mask.flatMap((run) => {
          const first = Math.max(0, run.first - at);
          const end = Math.min(length, run.first + run.count - at);
          return end > first ? [{ ...run, first, count: end - first }] : [];
        });
        library.appendBlocks(id, [block(0, at, ramp(length, "int16", at), runs)]);
      }
      library.closeRecording(id, { state: "complete", repairs: [] });
      sums.push(library.checksum(id).sha256);
    }
    expect(new Set(sums).size).toBe(1);
    const raw = new Sqlite(path, { readonly: true });
    const counts = raw
      .prepare("SELECT sample_count FROM block WHERE channel = 1 ORDER BY first_sample")
      .pluck()
      .all();
    raw.close();
    expect(counts).toEqual([32768, 32768, 32768, 1696]);
  }));

test("the checksum changes with any sample, mask or header", () =>
  withLibrary((library) => {
    const sumOf = (samples: Int16Array, mask: MaskRun[], gain = 1): string => {
      const id = library.createRecording(newRecording([channelHeader({ gain })]));
      library.appendBlocks(id, [block(0, 0, samples, mask)]);
      return library.checksum(id).sha256;
    };
    const sums = [
      sumOf(Int16Array.of(1, 2, 3), []),
      sumOf(Int16Array.of(1, 2, 4), []),
      sumOf(Int16Array.of(1, 2, 3), [{ first: 0, count: 1, reason: 1 }]),
      sumOf(Int16Array.of(1, 2, 3), [{ first: 0, count: 1, reason: 3 }]),
      sumOf(Int16Array.of(1, 2, 3), [], 2),
    ];
    expect(new Set(sums).size).toBe(5);
  }));

test.each([
  [
    "one that overlaps",
    block(0, 50, ramp(10)),
    "data/block-overlap",
    /samples 50-59 overlap 0-99, which are stored/,
  ],
  ["one that reaches back from a gap", block(0, 95, ramp(10)), "data/block-overlap", /overlap 0-99/],
  [
    "one that belongs into a gap already passed",
    block(0, 120, ramp(10)),
    "data/block-out-of-order",
    /begins at sample 120, before the end of the channel at 217/,
  ],
  [
    "one of another sample type",
    block(0, 210, ramp(10, "int32")),
    "data/bad-block",
    /samples are Int32Array, the channel holds int16/,
  ],
  ["one without samples", block(0, 210, ramp(0)), "data/bad-block", /holds no samples/],
  ["one at half a sample", block(0, 210.5, ramp(1)), "data/bad-block", /first sample is 210.5/],
  [
    "one whose mask passes its end",
    block(0, 210, ramp(5), [{ first: 3, count: 3, reason: 1 }]),
    "data/bad-block",
    /ends at 6, past the 5/,
  ],
  [
    "one of a channel that is not there",
    block(3, 0, ramp(5)),
    "data/bad-block",
    /no channel 3; the recording has 1/,
  ],
])("a block is refused and nothing of its call is stored: %s", (_what, bad, code, message) =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(100)), block(0, 200, ramp(10))]);
    const before = library.checksum(id);
    let error: unknown;
    try {
      library.appendBlocks(id, [
        block(0, 210, ramp(7)),
        { ...bad, firstSample: bad.firstSample === 210 ? 217 : bad.firstSample },
      ]);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toMatch(message);
    expect(library.checksum(id)).toEqual(before);
    library.appendBlocks(id, [block(0, 210, ramp(7))]);
    expect(library.getRecording(id).channels[0]?.sampleCount).toBe(217);
  }),
);

test("a closed recording, and one of another process, take no more blocks", () =>
  inFolder((folder) => {
    const path = join(folder, "two.kodo");
    const library = openLibrary(path);
    const id = library.createRecording(newRecording());
    const other = openLibrary(path, { owner: { pid: process.ppid, started: "", host: "elsewhere" } });
    expect(() => other.appendBlocks(id, [block(0, 0, ramp(1))])).toThrow(/being written by another process/);
    library.closeRecording(id, { state: "complete", repairs: [] });
    expect(() => library.appendBlocks(id, [block(0, 0, ramp(1))])).toThrow(
      /is complete; only one that is being imported or recorded can grow/,
    );
    other.close();
    library.close();
  }));

/** Flips one bit of a stored block, from outside. */
function damage(path: string, table: "block" | "pyramid", column: string, where: string): void {
  const raw = new Sqlite(path);
  const row = raw.prepare(`SELECT key, ${column} AS bytes FROM ${table} WHERE ${where}`).get() as {
    key: number;
    bytes: Buffer;
  };
  row.bytes[Math.floor(row.bytes.length / 2)]! ^= 4;
  raw.prepare(`UPDATE ${table} SET ${column} = ? WHERE key = ?`).run(row.bytes, row.key);
  raw.close();
}

test("a damaged block reads as damaged, is counted and logged once with its time, and the rest stays readable", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording([channelHeader({ sampleRate: 1000, gain: 1 })]));
    library.appendBlocks(id, [block(0, 0, ramp(100_000), [{ first: 32_770, count: 5, reason: 1 }])]);
    library.closeRecording(id, { state: "complete", repairs: [] });
    const sound = library.checksum(id);
    damage(path, "block", "samples", "first_sample = 32768");
    expect(library.checksum(id)).toEqual({
      sha256: expect.not.stringMatching(sound.sha256) as string,
      damagedBlocks: 1,
    });
    const { values, reasons } = library.samples(id, 0, 0, 100_000);
    expect(reasons.subarray(0, 32768).every((reason) => reason === 0)).toBe(true);
    expect(reasons.subarray(32768, 65536).every((reason) => reason === maskReasons.damagedBlock)).toBe(true);
    expect(reasons.subarray(65536).every((reason) => reason === 0)).toBe(true);
    expect(values[32768]).toBeNaN();
    expect(values[65536]).toBe(ramp(1, "int16", 65536)[0]);
    const tiles = library.tiles(id, 0, 64, 0, 4);
    expect(tiles[1]!.reason.every((reason) => reason === maskReasons.damagedBlock)).toBe(true);
    expect(tiles[0]!.reason.every((reason) => reason === 0)).toBe(true);
    const entries = library.readLog(100).filter((entry) => entry.action === "recording.damaged");
    expect(entries).toHaveLength(1);
    expect(entries[0]?.subject).toBe(id);
    expect(JSON.parse(entries[0]!.detail)).toMatchObject({
      channel: 0,
      firstSample: 32768,
      samples: 32768,
      onsetS: 32.768,
      durationS: 32.768,
    });
    expect(library.getRecording(id).channels[0]?.observedCount).toBe(100_000 - 32768);
  }));

test("damage of a mask is damage of its block", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(100), [{ first: 3, count: 2, reason: 1 }])]);
    damage(path, "block", "mask", "1");
    expect(library.checksum(id).damagedBlocks).toBe(1);
    expect(
      library.samples(id, 0, 0, 100).reasons.every((reason) => reason === maskReasons.damagedBlock),
    ).toBe(true);
  }));

test("a damaged row of the pyramid is computed anew and never drawn, also while the channel grows over it", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(70_000))]);
    const sound = bucketSizes.map((size) => library.tiles(id, 0, size, 0, 200));
    library.close();
    for (const level of [0, 1, 2, 3]) damage(path, "pyramid", "bounds", `level = ${level}`);
    damage(path, "pyramid", "bounds", "level = 0 AND page = 2");
    const again = openLibrary(path);
    expect(bucketSizes.map((size) => again.tiles(id, 0, size, 0, 200))).toEqual(sound);
    again.appendBlocks(id, [block(0, 70_000, ramp(50_000, "int16", 70_000))]);
    const whole = again.createRecording(newRecording());
    again.appendBlocks(whole, [block(0, 0, ramp(120_000))]);
    for (const size of bucketSizes)
      expect(again.tiles(id, 0, size, 0, 400)).toEqual(again.tiles(whole, 0, size, 0, 400));
    again.close();
  }));

test.each([
  ["samplesPerBucket", [65, 0, 1]],
  ["first tile", [64, -1, 1]],
  ["tile count", [64, 0, 1.5]],
] as const)("tiles with a wrong %s are refused with the allowed values", (_what, [size, first, count]) =>
  withLibrary((library) => {
    const id = library.createRecording(newRecording());
    expect(() => library.tiles(id, 0, size, first, count)).toThrow(/needed/);
  }),
);

test("full blocks are 64 KiB whatever the type", () => {
  for (const type of Object.keys(sampleArrays) as SampleType[])
    expect(bytesOf(new sampleArrays[type](blockCapacity(type)))).toHaveLength(65536);
});

test("damage once found is known at the next opening, before anything is read", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    library.appendBlocks(id, [block(0, 0, ramp(40_000))]);
    damage(path, "block", "samples", "first_sample = 0");
    expect(library.checksum(id).damagedBlocks).toBe(1);
    const again = openLibrary(path, { readOnly: true });
    const [tile] = again.tiles(id, 0, 1024, 0, 1);
    expect([...tile!.reason]).toEqual([
      ...Array<number>(32).fill(maskReasons.damagedBlock),
      ...Array<number>(8).fill(0),
    ]);
    expect(again.getRecording(id).channels[0]?.observedCount).toBe(40_000 - 32768);
    again.close();
  }));

test("a damaged piece is not joined away: the pieces stay as they are and the channel goes on", () =>
  withLibrary((library, path) => {
    const id = library.createRecording(newRecording());
    for (let i = 0; i < 10; i++)
      library.appendBlocks(id, [block(0, i * 1000, ramp(1000, "int16", i * 1000))]);
    damage(path, "block", "samples", "first_sample = 3000");
    for (let i = 10; i < 100; i++)
      library.appendBlocks(id, [block(0, i * 1000, ramp(1000, "int16", i * 1000))]);
    library.closeRecording(id, { state: "complete", repairs: [] });
    const { samples, mask } = library.digitalBlock(id, 0, 0, 100_000);
    expect(mask).toEqual([{ first: 3000, count: 1000, reason: maskReasons.damagedBlock }]);
    expect(samples.subarray(4000)).toEqual(ramp(96_000, "int16", 4000));
    expect(library.checksum(id).damagedBlocks).toBe(1);
  }));

test("a joining that fails is put off, and the samples are safe meanwhile", () =>
  inFolder((folder) => {
    let fails = true;
    const path = join(folder, "join.kodo");
    const library = openLibrary(path, {
      beforeWrite: (sql) => {
        if (fails && sql.startsWith("DELETE FROM block"))
          throw Object.assign(new Error("full"), { code: "SQLITE_FULL" });
      },
    });
    const id = library.createRecording(newRecording());
    for (let i = 0; i < 70; i++) library.appendBlocks(id, [block(0, i * 400, ramp(400, "int16", i * 400))]);
    const raw = new Sqlite(path, { readonly: true });
    const rows = raw.prepare("SELECT count(*) FROM block").pluck();
    expect(rows.get()).toBe(70);
    fails = false;
    library.appendBlocks(id, [block(0, 28_000, ramp(8000, "int16", 28_000))]);
    expect(rows.get()).toBe(2);
    raw.close();
    expect(library.digitalBlock(id, 0, 0, 1e6).samples).toEqual(ramp(36_000));
    library.close();
  }));
