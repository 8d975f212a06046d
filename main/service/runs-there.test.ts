import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { RunConfig, type PackedPreview } from "../../preload/contract/run.ts";
import { spawnLibrary, type SpawnedLibrary } from "../storage/client.ts";
import type { Trainer, TrainWatch } from "../training/process/host-api.ts";
import { ServiceEvents } from "./events.ts";
import type { Place } from "./place.ts";
import { Runs } from "./runs.ts";

const config = RunConfig.parse({
  ...{ name: "shared", recordingIds: ["r1"], labelSet: "s", labels: ["a"], channels: ["EMG"] },
  ...{ windowS: 1, strideS: 1, testSubjects: [], validationSubjects: [], folds: 2 },
  model: { kind: "lda" },
});
const preview = {
  ...{ model: config.model, classes: ["a"], problems: [], advice: [], people: "[]", perClass: [1] },
  ...{ unit: "windows", windows: { labelled: 1, unlabelled: 0, unassessable: 0 } },
} as unknown as PackedPreview;

let folder: string;
let storage: SpawnedLibrary;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-runs-there-"));
  storage = spawnLibrary(join(folder, "library.kodo"), new URL("../storage/worker.ts", import.meta.url));
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs of a window whose trainings end when they are told to, here or there. */
function runsOf(agreed: () => string = () => "db.example.org/kodo", known = "db.example.org/kodo") {
  const asked: string[] = [];
  const watches = new Map<string, TrainWatch>();
  const ends = new Map<string, () => void>();
  const place =
    (where: string): Place["train"] =>
    ({ run, isTakenUp }, watch) =>
      new Promise((done, fail) => {
        asked.push(`${where} ${run.config.name}${isTakenUp ? ", taken up" : ""}`);
        watches.set(run.id, watch);
        ends.set(run.id, () => done({ run, model: Uint8Array.of(1) }));
        watch.signal.addEventListener("abort", () => fail(new AppError("cancelled/by-user", "Cancelled")));
      });
  const trainer = {
    preview: () => Promise.resolve(preview),
    models: () => Promise.resolve([]),
  } as unknown as Trainer;
  // What a recording is does not matter here: its facts are not looked at again.
  const library = Object.assign(Object.create(storage.library) as typeof storage.library, storage.library, {
    getRecording: () => Promise.resolve({ subject: "P", name: "R1" }),
    checksum: () => Promise.resolve({ sha256: "0", damagedBlocks: 0 }),
    listAnnotations: () => Promise.resolve([]),
    listMasks: () => Promise.resolve([]),
    listReadings: () => Promise.resolve([]),
  });
  const runs = new Runs({
    ...{ library, trainer, events: new ServiceEvents(), codeVersion: "1", failed: () => undefined },
    place: { name: "here", train: place("here"), atOnce: 1 } as unknown as Place,
    there: { train: place("there"), agreed, isKnown: (name) => name === known },
  });
  return { runs, asked, watches, ends };
}

test("it goes on beside what is trained here, is not paused, and says where its folds were done", async () => {
  const { runs, asked, ends } = runsOf();
  await runs.start({ ...config, name: "first" });
  await runs.start({ ...config, name: "second" });
  const run = await runs.startThere(config);
  await expect.poll(() => asked).toEqual(["here first", "there shared"]);
  expect(() => runs.pause(run.id)).toThrow(expect.objectContaining({ code: "model/not-paused" }));
  expect((await storage.library.listJobs()).find(({ id }) => id === run.id)?.place).toBe(
    "db.example.org/kodo",
  );
  ends.get(run.id)?.();
  expect(await runs.finished(run.id)).toMatchObject({ phase: "done", place: "db.example.org/kodo" });
  await runs.close();
});

test("a program that ends leaves it waiting, however far it was told, and the next one takes it up there", async () => {
  const first = runsOf();
  const { id } = await first.runs.startThere(config);
  await expect.poll(() => first.watches.has(id)).toBe(true);
  first.watches.get(id)?.onProgress({
    ...{ runId: id, phase: "training", done: 0.5, epoch: 0, epochs: 0, stepsPerSecond: 0, curve: [] },
  });
  expect((await storage.library.getRun(id)).phase).toBe("waiting"); // also of a program that is killed now
  await first.runs.close();
  expect(await storage.library.getRun(id)).toMatchObject({ phase: "waiting" });
  const second = runsOf();
  await second.runs.takeUp();
  await expect.poll(() => second.asked).toEqual(["there shared, taken up"]);
  second.runs.cancel(id);
  expect(await second.runs.finished(id)).toMatchObject({ phase: "cancelled" });
  await expect(runsOf(undefined, "other.example.org/kodo").runs.resume(id)).rejects.toMatchObject({
    code: "contract/cluster-none", // its record would say that it was done where it was not
  });
  const again = await second.runs.resume(id); // what was done there is kept: it needs no checkpoint here
  expect(again.phase).toBe("waiting");
  expect(second.asked.at(-1)).toBe("there shared"); // a person goes on with it
  await second.runs.close();
});

test("nothing leaves for a cluster before a person agreed, and what has no folds is not shared out", async () => {
  const { runs, asked } = runsOf(() => {
    throw new AppError("contract/cluster-not-agreed", "Nobody has agreed yet");
  });
  await expect(runs.startThere(config)).rejects.toMatchObject({ code: "contract/cluster-not-agreed" });
  const plain = { ...config, split: { testSubjects: [], validationSubjects: [] } };
  await expect(runsOf().runs.startThere(plain)).rejects.toMatchObject({ code: "model/not-shared-out" });
  expect(asked).toEqual([]);
  expect(await storage.library.listRuns()).toEqual([]);
});
