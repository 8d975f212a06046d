import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changed, type RunChange } from "../../../preload/contract/run.fixtures.ts";
import { RunConfig, RunMetrics } from "../../../preload/contract/run.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { openLibrary, type OpenLibrary } from "../../storage/open-library.ts";
import { readRecording } from "../data/dataset.ts";
import type { MemoryRecording } from "../data/memory-library.ts";
import { Feed } from "../data/feed/feed.ts";
import { runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { readVaried } from "../data/variation.ts";

/* Bracelet recordings of six people, kept beside the project; without them this says so and is skipped. */

const loader = resolve(import.meta.dirname, "../../../scripts/measure/data.mjs");
const isThere = ((): boolean => {
  const named = process.env["KODO_SHARED"];
  const data = "data/emg-myo-armband/segments.csv";
  if (named !== undefined) return existsSync(join(named, data));
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "shared", data))) return true;
    if (dirname(folder) === folder) return false;
  }
})();
if (!isThere)
  console.warn("SKIPPED: no shared/data/emg-myo-armband, so nothing was trained on real recordings");

const folder = mkdtempSync(join(tmpdir(), "kodo-real-"));
const path = join(folder, "library.kodo");
const feedFile = new URL("../data/feed/worker.ts", import.meta.url);
const PEOPLE = 6;
let library: OpenLibrary;
let ids: string[] = [];

function add({ id: name, subject, channels, annotations }: MemoryRecording): string {
  const id = library.createRecording({
    header: {
      name,
      kind: "emg",
      subject,
      startedAt: undefined,
      facts: {},
      channels: channels.map(({ label, unit, sampleRate, role }) => ({
        label,
        unit,
        sampleRate,
        role,
        sampleType: "int8" as const,
        gain: 1,
        offset: 0,
      })),
    },
    subject,
    study: "",
    synthetic: false,
    source: { format: "test", file: name, sha256: "" },
    state: "importing",
  });
  channels.forEach(({ values }, channel) =>
    library.appendBlocks(id, [{ channel, firstSample: 0, samples: Int8Array.from(values), mask: [] }]),
  );
  library.closeRecording(id, { state: "complete", repairs: [] });
  library.addAnnotations(
    annotations.map((one) => ({
      ...one,
      recordingId: id,
      labelSet: "emg-gestures",
      labelSetVersion: library.getLabelSet("emg-gestures").version,
      author: "test",
      source: "import" as const,
      note: "",
    })),
  );
  return id;
}

/** The files' gestures, by the codes of the label set. */
const codes: Readonly<Record<string, string>> = {
  neutral: "neutral",
  radial: "radial-deviation",
  flexion: "wrist-flexion",
  ulnar: "ulnar-deviation",
  extension: "wrist-extension",
  close: "hand-close",
  open: "hand-open",
};

const variation = { shiftS: 0.05, gainSd: 0.1, lossesPerMinute: 2, lossS: 0.2 };

const configOf = (change: RunChange = {}): RunConfig =>
  RunConfig.parse({
    name: "bracelet",
    recordingIds: ids,
    labelSet: "emg-gestures",
    labels: Object.values(codes),
    channels: Array.from({ length: 8 }, (_, i) => `EMG${i + 1}`),
    windowS: 0.26,
    strideS: 0.26,
    folds: 3,
    testSubjects: [],
    validationSubjects: [],
    layers: 3,
    members: 2,
    epochs: 3,
    ...change,
  });

beforeAll(async () => {
  library = openLibrary(path);
  if (!isThere) return;
  const { emgRecordings } = (await import(pathToFileURL(loader).href)) as {
    emgRecordings: () => MemoryRecording[];
  };
  const seen = new Set<string>();
  const chosen = emgRecordings().filter(
    ({ subject }) => seen.size < PEOPLE && seen.size < seen.add(subject).size,
  );
  ids = chosen.map((one) =>
    add({
      ...one,
      annotations: one.annotations.map((mark) => ({ ...mark, label: codes[mark.label] as string })),
    }),
  );
}, 60_000);
afterAll(() => {
  library.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!isThere)("bracelet recordings of real people", { timeout: 180_000 }, () => {
  test("are cross-validated through the reading thread, stopped and continued to the same numbers", async () => {
    const run = runOf(configOf());
    const threads = { feedFile };
    const whole = await fitRun(run, toolsFor(library), threads);
    const metrics = RunMetrics.parse(whole.run.metrics);
    expect(metrics.folds?.flatMap(({ subjects }) => subjects)).toHaveLength(PEOPLE);
    expect(metrics.test.subjects).toBe(PEOPLE);
    expect(metrics.test.accuracy).toBeGreaterThan(2 / 7); // twice chance, after three epochs on four people

    const cancel = new AbortController();
    let [saved, checkpoint]: [typeof run, Uint8Array | undefined] = [run, undefined];
    const stopped = fitRun(
      run,
      toolsFor(library, {
        signal: cancel.signal,
        onProgress: ({ fits }) => {
          if (fits?.done === 2) cancel.abort();
        },
        onCheckpoint: (at, bytes) => {
          [saved, checkpoint] = [at, bytes];
          return Promise.resolve();
        },
      }),
      threads,
    );
    await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
    const resumed = await fitRun(saved, toolsFor(library, { resume: checkpoint }), threads);
    expect(unpackModel(resumed.model)).toEqual(unpackModel(whole.model));
    expect(resumed.run.metrics).toEqual(whole.run.metrics);
  });

  test("give the same features in the thread as here, as recorded and varied", async () => {
    const feed = new Feed(feedFile, path);
    const config = configOf({ variation });
    const front = chooseFront("emg-amplitude", []);
    for (const recordingId of ids.slice(0, 2)) {
      const here = await readRecording({ config }, library, front, recordingId);
      expect(await feed.table(config, front.name, recordingId)).toEqual(here);
      const windows = Int32Array.from(here.isAssessable.keys());
      const request = { recordingId, epoch: 3, windows };
      const found = await feed.varied(config, front.name, request);
      expect(found).toEqual(await readVaried(config, library, front, request));
      expect(found).not.toEqual(here.table);
    }
    await feed.close();
  });

  test("are learned from with their samples varied anew each epoch", async () => {
    const run = runOf(configOf({ variation }));
    const found = await fitRun(run, toolsFor(library), { feedFile });
    const metrics = RunMetrics.parse(found.run.metrics);
    expect(metrics.test.subjects).toBe(PEOPLE);
    expect(metrics.test.accuracy).toBeGreaterThan(2 / 7);
  });

  test("are learned from by class and person in equal turns, and training may stop early", async () => {
    const config = configOf({ sampling: "people-of-classes", epochs: 8, patience: 1, learningRate: 0.1 });
    delete config.split.folds;
    const [first] = ids;
    const one = changed(config, { testSubjects: [library.getRecording(first as string).subject] });
    const { run } = await fitRun(runOf(one), toolsFor(library), { feedFile });
    expect(run.metrics?.test.accuracy).toBeGreaterThan(2 / 7);
    expect(run.curve.length).toBeLessThanOrEqual(8);
  });
});
