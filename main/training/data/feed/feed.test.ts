import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunChange } from "../../../../preload/contract/run.fixtures.ts";
import { RunConfig } from "../../../../preload/contract/run.ts";
import { seededRandom } from "../../../models/random.ts";
import { openLibrary, type OpenLibrary } from "../../../storage/open-library.ts";
import { readRecording } from "../dataset.ts";
import { chooseFront } from "../../../models/fronts/registry.ts";
import { runOf, toolsFor } from "../../fit/fit.fixtures.ts";
import { fitRun } from "../../fit/fit-run.ts";
import { unpackModel } from "../../model-file/model-file.ts";
import { readVaried, type VariedRequest } from "../variation.ts";
import { Feed } from "./feed.ts";

const RATE = 100;
const SECONDS = 120;
const workerFile = new URL("./worker.ts", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "kodo-feed-"));
const path = join(folder, "library.kodo");
const LABELS = ["neutral", "wrist-flexion", "hand-close"];

/** `beneath` lies under the mask: nothing may depend on it. */
function addPerson(library: OpenLibrary, subject: string, beneath: number): string {
  const id = library.createRecording({
    header: {
      name: `${subject} ${beneath}`,
      kind: "emg",
      subject,
      startedAt: undefined,
      facts: {},
      channels: [1, 2].map((n) => ({
        label: `EMG${n}`,
        unit: "uV",
        sampleRate: RATE,
        role: "emg",
        sampleType: "float32",
        gain: 1,
        offset: 0,
      })),
    },
    subject,
    study: "",
    synthetic: true,
    source: { format: "test", file: "", sha256: "" },
    state: "importing",
  });
  for (const channel of [0, 1]) {
    const random = seededRandom(subject.charCodeAt(0), channel);
    // Each sample tells where it lies: its second, and a little noise.
    const samples = Float32Array.from({ length: SECONDS * RATE }, (_, i) =>
      isHidden(channel, i) ? beneath : Math.floor(i / RATE) + 0.1 * random.next(),
    );
    const mask = [{ first: 40 * RATE, count: 15, reason: 3 }];
    library.appendBlocks(id, [{ channel, firstSample: 0, samples, mask: channel === 0 ? mask : [] }]);
  }
  library.closeRecording(id, { state: "complete", repairs: [] });
  const { version } = library.getLabelSet("emg-gestures");
  // Half of the recording is labelled, a class ten times as often as the others.
  library.addAnnotations(
    Array.from({ length: 60 }, (_, at) => ({
      recordingId: id,
      label: LABELS[at % 12 === 0 ? 1 : at % 12 === 1 ? 2 : 0]!,
      labelSet: "emg-gestures",
      labelSetVersion: version,
      onsetS: at,
      durationS: 1,
      author: "test",
      source: "import" as const,
      note: "",
    })),
  );
  return id;
}
const isHidden = (channel: number, i: number): boolean =>
  channel === 0 && i >= 40 * RATE && i < 40 * RATE + 15;

let feed: Feed;
let ids: string[];
let others: string[];
beforeAll(() => {
  const library = openLibrary(path);
  ids = ["a", "b", "c"].map((subject) => addPerson(library, subject, 0));
  others = ["a", "b", "c"].map((subject) => addPerson(library, subject, 1e6));
  library.close();
  feed = new Feed(workerFile, path);
});
afterAll(async () => {
  await feed.close();
  rmSync(folder, { recursive: true, force: true });
});

const configOf = (change: RunChange = {}): RunConfig =>
  RunConfig.parse({
    name: "feed",
    recordingIds: ids,
    labelSet: "emg-gestures",
    labels: LABELS,
    channels: ["EMG1", "EMG2"],
    windowS: 0.5,
    strideS: 0.5,
    testSubjects: [],
    validationSubjects: [],
    batchSize: 20,
    ...change,
  });

const front = chooseFront("emg-amplitude", []);
const variation = { shiftS: 0.1, gainSd: 0.2, lossesPerMinute: 6, lossS: 1 };
const requestOf = (recordingId: string, epoch = 1): VariedRequest => ({
  recordingId,
  epoch,
  windows: Int32Array.from({ length: 200 }, (_, n) => n + 20),
});

describe("a recording's features read in the thread", { timeout: 60_000 }, () => {
  test("are those read here, as recorded and varied", async () => {
    const library = openLibrary(path, { readOnly: true });
    const config = configOf({ variation });
    for (const id of ids) {
      const here = await readRecording({ config }, library, front, id);
      expect(await feed.table(config, front.name, id)).toEqual(here);
      const found = await feed.varied(config, front.name, requestOf(id));
      expect(found).toEqual(await readVaried(config, library, front, requestOf(id)));
      expect(found.x).toHaveLength(200 * 4);
      expect(found.x).not.toEqual(here.table.x.subarray(20 * 4, 220 * 4));
    }
    library.close();
  });

  test("come as they were recorded where the variation asks for nothing", async () => {
    const config = configOf({ variation: { shiftS: 0, gainSd: 0, lossesPerMinute: 0, lossS: 0 } });
    const { table } = await feed.table(config, front.name, ids[0]!);
    const found = await feed.varied(config, front.name, requestOf(ids[0]!));
    expect(found.x).toEqual(table.x.slice(20 * 4, 220 * 4));
    expect(found.observed).toEqual(table.observed.slice(20 * 4, 220 * 4));
  });

  test("differ from epoch to epoch and come out the same again", async () => {
    const config = configOf({ variation });
    const once = await feed.varied(config, front.name, requestOf(ids[0]!, 2));
    expect(await feed.varied(config, front.name, requestOf(ids[0]!, 2))).toEqual(once);
    expect(await feed.varied(config, front.name, requestOf(ids[0]!, 3))).not.toEqual(once);
    expect(await feed.varied({ ...config, seed: 1 }, front.name, requestOf(ids[0]!, 2))).not.toEqual(once);
  });

  test("cannot be changed by what lies in unobserved samples", async () => {
    const config = configOf({ variation });
    const library = openLibrary(path, { readOnly: true });
    const [plain, spoiled] = [ids[0]!, others[0]!].map((id) =>
      readVaried(
        config,
        { ...library, samples: (_id, ...place) => library.samples(id, ...place) },
        front,
        requestOf(ids[0]!),
      ),
    );
    expect(await spoiled).toEqual(await plain);
    library.close();
  });

  test("fail with the reason", async () => {
    const config = configOf({ variation });
    await expect(feed.table(config, front.name, "nobody")).rejects.toMatchObject({
      code: "storage/not-found",
    });
    await expect(feed.varied(config, "no-front", requestOf(ids[0]!))).rejects.toMatchObject({
      code: "model/unknown-front",
    });
    const ended = new Feed(workerFile, path);
    await ended.close();
    await expect(ended.table(config, front.name, ids[0]!)).rejects.toMatchObject({
      code: "storage/worker-lost",
    });
    const none = new Feed(workerFile, join(folder, "none.kodo"));
    await expect(none.table(config, front.name, ids[0]!)).rejects.toMatchObject({
      code: "storage/not-found",
    });
    await none.close();
  });

  test("fail as cancelled once the signal says so, and so does what is asked for afterwards", async () => {
    const cancel = new AbortController();
    const stopped = new Feed(workerFile, path, cancel.signal);
    const asked = stopped.varied(configOf({ variation }), front.name, requestOf(ids[0]!));
    cancel.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled/by-user" });
    await expect(stopped.table(configOf(), front.name, ids[0]!)).rejects.toMatchObject({
      code: "cancelled/by-user",
    });
    await stopped.close();
    const late = new Feed(workerFile, path, AbortSignal.abort());
    await expect(late.table(configOf(), front.name, ids[0]!)).rejects.toMatchObject({
      code: "cancelled/by-user",
    });
  });
});

test("a run trained through the thread on varied samples is the one that reads here", async () => {
  const library = openLibrary(path, { readOnly: true });
  const run = runOf(configOf({ variation, testSubjects: ["c"], layers: 2, members: 2, epochs: 3 }));
  const here = await fitRun(run, toolsFor(library));
  const found = await fitRun(run, toolsFor(library), { feedFile: workerFile });
  expect(unpackModel(found.model)).toEqual(unpackModel(here.model));
  expect(found.run.metrics).toEqual(here.run.metrics);
  library.close();
});
