import Sqlite from "better-sqlite3";
import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { RecordingDetail, RecordingSummary } from "../../../preload/contract/recording.ts";
import { Prediction, Run, runSummary } from "../../../preload/contract/run.ts";
import { Settings } from "../../../preload/contract/settings.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { sealedTables } from "./row-crc.ts";
import {
  block,
  channelHeader,
  inFolder,
  newPrediction,
  newRecording,
  newRun,
  ramp,
  purgeWhole,
} from "../testing.ts";

interface World {
  readonly library: OpenLibrary;
  readonly ids: readonly [string, string];
}

/** Two recordings with everything a recording can have; the first one's row of one table is changed behind our back. */
const withDamage = (sql: string, work: (world: World) => void): Promise<void> =>
  inFolder((folder) => {
    const path = join(folder, "damaged.kodo");
    const library = openLibrary(path);
    const make = (): string => {
      const id = library.createRecording(newRecording([channelHeader(), channelHeader({ label: "UC" })]));
      for (const channel of [0, 1]) library.appendBlocks(id, [block(channel, 0, ramp(4000))]);
      library.closeRecording(id, { state: "complete", repairs: [] });
      const label = { recordingId: id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 };
      const whole = { ...label, durationS: 30, author: "a", source: "person", note: "" } as const;
      library.addAnnotations([
        { ...whole, onsetS: 10 },
        { ...whole, onsetS: 100 },
      ]);
      for (const onsetS of [10, 100])
        library.addMask({ recordingId: id, layer: "person", reason: 7, onsetS, durationS: 5, author: "a" });
      return id;
    };
    const ids = [make(), make()] as const;
    for (const id of ["r1", "r2"]) {
      library.saveRun(newRun(id));
      library.savePrediction(newPrediction(id, ids[0]));
    }
    const set = library.getLabelSet("signal-quality");
    library.saveLabelSet({ ...set, name: { en: "Quality", ja: "品質" } });
    library.close();
    const raw = new Sqlite(path);
    raw.pragma("ignore_check_constraints = ON");
    raw.exec(sql);
    raw.close();
    const again = openLibrary(path);
    try {
      work({ library: again, ids });
    } finally {
      again.close();
    }
  });

/** Every listing answers, in the contract's shape, with what is sound. */
function listings({ library, ids: [first, second] }: World) {
  return {
    recordings: RecordingSummary.array().parse(library.listRecordings()),
    details: [first, second].map((id) => RecordingDetail.parse(library.getRecording(id))),
    annotations: [first, second].map((id) => library.listAnnotations(id).length),
    masks: [first, second].map((id) => library.listMasks(id).length),
    runs: Run.array().parse(library.listRuns()),
    predictions: Prediction.array().parse(library.listPredictions(first)).length,
    sets: LabelSet.array().parse(library.listLabelSets()),
    settings: Settings.parse(library.getSettings()),
  };
}

test.each([
  [
    "a sample rate of 1e-320",
    "UPDATE channel SET sample_rate = 1e-320 WHERE key = 1",
    /Channel 0: .*1e-320 Hz/,
  ],
  ["an infinite gain", "UPDATE channel SET gain = 9e999 WHERE key = 1", /Channel 0/],
  ["a gain off by a digit", "UPDATE channel SET gain = 0.26 WHERE key = 1", /Channel 0/],
  ["another sample type", "UPDATE channel SET sample_type = 'int8' WHERE key = 1", /Channel 0/],
  ["more samples than there are", "UPDATE channel SET sample_count = 9e15 WHERE key = 1", /Channel 0/],
  ["another kind", "UPDATE recording SET kind = 'ecg' WHERE key = 1", /row/],
  ["another state", "UPDATE recording SET state = 'gone' WHERE key = 1", /row/],
  ["one letter of the subject", "UPDATE recording SET subject = 'S2' WHERE key = 1", /row/],
  ["facts that are no JSON", "UPDATE recording SET facts = '{' WHERE key = 1", /row/],
  ["repairs that are none", "UPDATE recording SET repairs = '[1, {}]' WHERE key = 1", /row/],
])("a recording with %s says so, and the rest is listed", (_what, sql, said) =>
  withDamage(sql, (world) => {
    const { recordings, details } = listings(world);
    expect(recordings.map(({ fault }) => fault)).toEqual([expect.stringMatching(said), undefined]);
    expect(details[0]?.fault).toBe(recordings[0]?.fault);
    expect(world.library.samples(world.ids[1], 0, 0, 4000).values).toHaveLength(4000);
    world.library.removeRecording(world.ids[0]);
    expect(world.library.binPage({}).rows).toMatchObject([{ fault: recordings[0]?.fault }]);
    purgeWhole(world.library, [world.ids[0]]);
    expect(world.library.listRecordings().map(({ fault }) => fault)).toEqual([undefined]);
  }),
);

test("samples are not read through a damaged row: its gain would make wrong values of them", () =>
  withDamage("UPDATE channel SET gain = 0.5 WHERE key = 1", ({ library, ids: [first] }) => {
    for (const read of [
      () => library.samples(first, 0, 0, 10),
      () => library.tiles(first, 0, 64, 0, 1),
      () => library.digitalBlock(first, 0, 0, 10),
      () => library.checksum(first),
    ])
      expect(read).toThrow(expect.objectContaining({ code: "storage/corrupt" }));
    expect(library.samples(first, 1, 0, 10).values).toHaveLength(10);
    library.changeRecording(first, { note: "seen" }); // says nothing about the channel
    expect(library.getRecording(first).fault).toMatch(/Channel 0/);
  }));

test.each([
  ["annotation", "UPDATE annotation SET onset_s = 11 WHERE key = 1", "annotations"],
  ["annotation", "UPDATE annotation SET duration_s = 9e999 WHERE key = 1", "annotations"],
  ["mask", "UPDATE mask_span SET reason = 8 WHERE key = 1", "masks"],
] as const)("a damaged %s is left out and counted, the others stay", (_what, sql, kind) =>
  withDamage(sql, (world) => {
    expect(listings(world)[kind]).toEqual([1, 2]);
    expect(world.library.getRecording(world.ids[0]).fault).toMatch(/^1 of its annotations, masks/);
    expect(world.library.getRecording(world.ids[1]).fault).toBeUndefined();
  }),
);

test.each([
  "UPDATE run SET content = '{}' WHERE id = 'r1'",
  "UPDATE run SET content = replace(content, '\"done\"', '\"gone\"') WHERE id = 'r1'",
  "UPDATE run SET content = 'x' WHERE id = 'r1'",
])("a damaged run is listed as failed and can be purged: %s", (sql) =>
  withDamage(sql, (world) => {
    const { runs } = listings(world);
    expect(world.library.summariseRuns()).toEqual(runs.map(runSummary));
    const { phase, error } = runs.find(({ id }) => id === "r1")!;
    expect([phase, error?.code]).toEqual(["failed", "storage/corrupt"]);
    expect(runs.find(({ id }) => id === "r2")?.phase).toBe("done");
    world.library.purgeRuns(["r1"]);
    expect(world.library.listRuns().map(({ id }) => id)).toEqual(["r2"]);
  }),
);

test.each([
  "UPDATE prediction SET assessable = x'00' WHERE run = 'r1'",
  "UPDATE prediction SET window_s = 2 WHERE run = 'r1'",
  "UPDATE prediction SET classes = '[1' WHERE run = 'r1'",
])("a damaged prediction is left out: %s", (sql) =>
  withDamage(sql, (world) => {
    expect(listings(world).predictions).toBe(1);
    expect(world.library.getRecording(world.ids[0]).fault).toMatch(/^1 of its/);
  }),
);

test("a damaged run whose process is gone has failed, and keeps what is left of its record", () =>
  inFolder((folder) => {
    const path = join(folder, "a.kodo");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const dead = openLibrary(path, { owner: { pid, started: "", host: hostname() } });
    dead.saveRun({ ...newRun("r1"), phase: "training" });
    dead.close();
    const raw = new Sqlite(path);
    raw.exec("UPDATE run SET content = replace(content, 'deceleration', 'acceleration')");
    const stored = (): unknown => raw.prepare("SELECT content FROM run").pluck().get();
    const left = stored();
    for (let opening = 0; opening < 2; opening++) {
      const library = openLibrary(path);
      expect(library.listRuns()).toMatchObject([
        { id: "r1", phase: "failed", error: { code: "storage/corrupt" } },
      ]);
      expect(library.readLog(10).filter(({ action }) => action === "run.interrupted")).toHaveLength(1);
      expect(library.verifyStep({ part: "rows", table: sealedTables.indexOf("run") }).problems).toHaveLength(
        1,
      );
      library.close();
      expect(stored()).toBe(left);
    }
    raw.close();
  }));

test("a damaged version of a label set gives way to the sound one before it", () =>
  withDamage(
    "UPDATE label_set SET content = replace(content, 'Quality', 'Quantity') WHERE version = 2",
    (world) => {
      const set = listings(world).sets.find(({ id }) => id === "signal-quality");
      expect(set?.version).toBe(1);
      expect(world.library.getLabelSet("signal-quality").version).toBe(1);
      expect(() => world.library.getLabelSet("signal-quality", 2)).toThrow(
        expect.objectContaining({ code: "storage/corrupt" }),
      );
    },
  ));

test("half of a character is stored as the sign for it, and what holds it is whole", () =>
  withDamage("SELECT 1", ({ library, ids: [id] }) => {
    const half = "cut \ud83d";
    const label = { recordingId: id, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 };
    const times = { onsetS: 200, durationS: 5 };
    library.addAnnotations([
      { ...label, ...times, author: half, source: "person", note: half, text: "\udc00 cut" },
    ]);
    library.addMask({ recordingId: id, layer: "person", reason: 7, ...times, author: half });
    library.addReading({
      recordingId: id,
      labelSet: "ctg-events",
      labelSetVersion: 1,
      ...times,
      author: half,
    });
    library.changeRecording(id, { name: half, note: half });
    expect(library.listAnnotations(id).at(-1)).toMatchObject({ note: "cut \ufffd", text: "\ufffd cut" });
    expect(library.listMasks(id).map(({ author }) => author)).toContain("cut \ufffd");
    expect(library.listReadings(id)).toMatchObject([{ author: "cut \ufffd" }]);
    expect(library.getRecording(id)).toMatchObject({ name: "cut \ufffd" });
    for (let steps = 0; steps < 2; steps++) {
      library.undo(id);
      library.redo(id);
    }
    expect(library.getRecording(id).fault).toBeUndefined();
    expect(library.verifyLog().brokenAt).toBeUndefined();
  }));

test("a damaged setting counts as not set", () =>
  withDamage("INSERT INTO setting VALUES ('theme', '{'), ('author', '7')", (world) => {
    expect(listings(world).settings).toMatchObject({ theme: "system", author: "" });
  }));

test("a damaged step is not carried out by undo", () =>
  withDamage("UPDATE edit_step SET changes = replace(changes, '100', '900')", ({ library, ids: [first] }) => {
    expect(() => library.undo(first)).toThrow(expect.objectContaining({ code: "storage/corrupt" }));
    expect(library.listMasks(first)).toHaveLength(2);
  }));
