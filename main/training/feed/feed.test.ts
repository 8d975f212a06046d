import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RunConfig } from "../../../preload/contract/run.ts";
import { seededRandom } from "../../models/random.ts";
import type { Augmentation } from "../../models/sample-augmentation.ts";
import { openLibrary, type OpenLibrary } from "../../storage/open-library.ts";
import { readRecording } from "../dataset.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import type { FeedBatch } from "./batches.ts";
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

const configOf = (change: Partial<RunConfig> = {}): RunConfig =>
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

async function epochOf(
  change: Partial<RunConfig> = {},
  augmentations: readonly Augmentation[] = [],
  epoch = 0,
): Promise<FeedBatch[]> {
  await feed.open(configOf(change), { augmentations });
  const batches: FeedBatch[] = [];
  for await (const batch of feed.epoch(epoch)) batches.push(batch);
  return batches;
}

interface Row {
  readonly x: Float32Array;
  readonly observed: Float32Array;
  readonly y: readonly number[];
}
const rowsOf = (batches: readonly FeedBatch[]): Row[] =>
  batches.flatMap(([x, observed, y, weight]) =>
    Array.from(weight, (_, i) => ({
      x: x.subarray(i * 100, (i + 1) * 100),
      observed: observed.subarray(i * 100, (i + 1) * 100),
      y: [...y.subarray(i * 3, (i + 1) * 3)],
    })),
  );
const classCounts = (batches: readonly FeedBatch[]): number[] =>
  [0, 1, 2].map((c) => rowsOf(batches).filter(({ y }) => y[c] === 1).length);

describe("a feed of sample windows", { timeout: 60_000 }, () => {
  test("says what there is, and gives full batches with labelled and unlabelled windows side by side", async () => {
    const shape = await feed.open(configOf(), { augmentations: [] });
    expect(shape).toMatchObject({
      rows: 20,
      steps: 36,
      channels: 2,
      columns: 50,
      classes: 3,
      labelled: 360,
      unlabelled: 360,
    });
    let steps = 0;
    for await (const [x, observed, y, weight] of feed.epoch(3)) {
      steps += 1;
      expect([x.length, observed.length, y.length, weight.length]).toEqual([2000, 2000, 60, 20]);
      expect(rowsOf([[x, observed, y, weight]]).filter(({ y: own }) => own.includes(1))).toHaveLength(10);
      expect([...weight]).toEqual(new Array(20).fill(1)); // as many of the one as of the other
    }
    expect(steps).toBe(36);
  });

  test("shows every window once an epoch, each the samples that lie there, with its own label", async () => {
    const { scales } = await feed.open(configOf(), { augmentations: [] });
    const seen = new Map<string, number>();
    for await (const batch of feed.epoch(0)) {
      for (const { x, observed, y } of rowsOf([batch])) {
        const { mean, scale } = scales[1]!;
        const seconds = Array.from(x.subarray(50), (value) => Math.floor(value / scale + mean + 1e-4));
        expect(new Set(seconds).size).toBe(1); // a window of 0.5 s lies within one second
        const second = seconds[0]!;
        const code = second >= 60 ? -1 : second % 12 === 0 ? 1 : second % 12 === 1 ? 2 : 0;
        expect(y.indexOf(1)).toBe(code);
        seen.set(x.join(), (seen.get(x.join()) ?? 0) + 1);
        observed.subarray(50).forEach((is) => expect(is).toBe(1));
      }
    }
    expect(seen.size).toBe(720);
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
  });

  test("is the same for the same seed and epoch, and in another order otherwise", async () => {
    const augmentations: Augmentation[] = [{ kind: "amplitude-scale", sd: 0.2 }];
    const once = await epochOf({}, augmentations, 2);
    expect(await epochOf({}, augmentations, 2)).toEqual(once);
    expect(await epochOf({}, augmentations, 3)).not.toEqual(once);
    expect(await epochOf({ seed: 1 }, augmentations, 2)).not.toEqual(once);
  });

  test("begins an epoch anew where the last was left early", async () => {
    const whole = await epochOf();
    await feed.open(configOf(), { augmentations: [] });
    for await (const batch of feed.epoch(0)) {
      expect(batch).toEqual(whole[0]);
      break;
    }
    const again: FeedBatch[] = [];
    for await (const batch of feed.epoch(0)) again.push(batch);
    expect(again).toEqual(whole);
  });

  test("balanced by class shows each equally often, and people alike", async () => {
    const plain = classCounts(await epochOf());
    expect(plain).toEqual([300, 30, 30]);
    const balanced = classCounts(await epochOf({ sampling: "classes" }));
    expect(balanced).toEqual([120, 120, 120]);
    expect(classCounts(await epochOf({ sampling: "people-of-classes" }))).toEqual([120, 120, 120]);
  });

  test("cannot be changed by what lies in unobserved samples, whatever is done to the windows", async () => {
    const augmentations: Augmentation[] = [
      { kind: "time-shift", columns: 20 },
      { kind: "amplitude-scale", sd: 0.3 },
      { kind: "random-mask", probability: 0.3, longest: 20 },
    ];
    expect(await epochOf({ recordingIds: others }, augmentations)).toEqual(await epochOf({}, augmentations));
    const lost = rowsOf(await epochOf()).flatMap(({ x, observed }) =>
      [...x].filter((_, i) => observed[i] === 0),
    );
    expect(lost).toEqual(new Array(3 * 15).fill(0));
  });

  test("leaves test people out", async () => {
    const shape = await feed.open(configOf({ testSubjects: ["a"] }), { augmentations: [] });
    expect(shape.labelled + shape.unlabelled).toBe(480);
  });

  test("fails with the reason where nothing is labelled or the library cannot be opened", async () => {
    const failing = new Feed(workerFile, path);
    await expect(
      failing.open(configOf({ labels: ["hand-open", "ulnar-deviation"] }), { augmentations: [] }),
    ).rejects.toMatchObject({ code: "model/too-few-labels" });
    await failing.close();
    const none = new Feed(workerFile, join(folder, "none.kodo"));
    await expect(none.open(configOf(), { augmentations: [] })).rejects.toThrow();
    await none.close();
  });
});

test("a recording's features read in the thread are those read here", async () => {
  const library = openLibrary(path, { readOnly: true });
  const config = configOf();
  for (const id of ids) {
    const found = await feed.table(config, "emg-amplitude", id);
    expect(found).toEqual(await readRecording(config, library, chooseFront("emg-amplitude", []), id));
  }
  await expect(feed.table(config, "emg-amplitude", "nobody")).rejects.toMatchObject({
    code: "storage/not-found",
  });
  const ended = new Feed(workerFile, path);
  await ended.close();
  await expect(ended.table(config, "emg-amplitude", ids[0]!)).rejects.toMatchObject({
    code: "storage/worker-lost",
  });
  library.close();
});
