import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunChange } from "../../../preload/contract/run.fixtures.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { Run, RunProgress } from "../../../preload/contract/run.ts";
import type { AsyncLibrary, Library } from "../../storage/api.ts";
import { openLibrary } from "../../storage/open-library.ts";
import { forked } from "./child.ts";
import type { ChildLike } from "./child.ts";
import { seeded } from "../../compute/seeded.ts";
import type { Trainer } from "./host-api.ts";
import { createTrainer } from "./host.ts";
import { bundleFolder } from "../../compute/bundle.fixtures.ts";
import { buildTrainer } from "./trainer.fixtures.ts";

/*
 * The real trainer process, bundled as for the application and forked, on a real library: nothing is faked.
 * TensorFlow.js and ONNX Runtime live in that process only.
 */
const outDir = bundleFolder("trainer-test");
const folder = mkdtempSync(join(tmpdir(), "kodo-trainer-"));
const libraryPath = join(folder, "library.kodo");

const RATE = 200;
const GESTURES = ["neutral", "wrist-flexion", "wrist-extension"] as const;
const SECONDS = 3; // of each gesture

let library: ReturnType<typeof openLibrary>;
let recordingIds: string[];

const asynchronous = (of: Library): AsyncLibrary =>
  new Proxy(of, {
    get:
      (target, name) =>
      async (...args: unknown[]) => {
        await Promise.resolve();
        return (target[name as keyof Library] as (...given: unknown[]) => unknown)(...args);
      },
  }) as unknown as AsyncLibrary;

/** Four electrodes; each gesture makes another pair of them loud. Three rounds of all gestures. */
function addPerson(subject: string, seed: number): string {
  const random = seeded(seed);
  const count = 3 * GESTURES.length * SECONDS * RATE;
  const id = library.createRecording({
    header: {
      name: `${subject} arm`,
      kind: "emg",
      subject,
      startedAt: undefined,
      facts: {},
      channels: [0, 1, 2, 3].map((electrode) => ({
        label: `EMG${electrode + 1}`,
        unit: "count",
        sampleRate: RATE,
        role: "emg",
        sampleType: "float32",
        gain: 1,
        offset: 0,
      })),
    },
    subject,
    study: "test",
    synthetic: true,
    source: { format: "test", file: "none", sha256: "" },
    state: "importing",
  });
  for (let channel = 0; channel < 4; channel++) {
    const samples = Float32Array.from({ length: count }, (_, index) => {
      const gesture = Math.floor(index / (SECONDS * RATE)) % GESTURES.length;
      return random.normal() * (gesture > 0 && channel >> 1 === gesture - 1 ? 20 : 3);
    });
    library.appendBlocks(id, [{ channel, firstSample: 0, samples, mask: [] }]);
  }
  library.closeRecording(id, { state: "complete", repairs: [] });
  const { version } = library.getLabelSet("emg-gestures");
  library.addAnnotations(
    Array.from({ length: 3 * GESTURES.length }, (_, at) => ({
      recordingId: id,
      label: GESTURES[at % GESTURES.length]!,
      labelSet: "emg-gestures",
      labelSetVersion: version,
      onsetS: at * SECONDS,
      durationS: SECONDS,
      author: "test",
      source: "import" as const,
      note: "",
    })),
  );
  return id;
}

const children: ChildLike[] = [];
function newTrainer(): Trainer {
  const spawn = (file: string): ChildLike => {
    const child = forked(file);
    children.push(child);
    return child;
  };
  return createTrainer({
    library: asynchronous(library),
    libraryPath,
    workerFile: join(outDir, "trainer.js"),
    spawn,
    patienceMs: 60_000, // a starved machine is no reason to end it by force: host.test.ts asks for that
  });
}

function newRun(id: string, change: RunChange = {}): Run {
  const config = RunConfig.parse({
    name: id,
    recordingIds,
    labelSet: "emg-gestures",
    labels: [...GESTURES],
    channels: ["EMG1", "EMG2", "EMG3", "EMG4"],
    windowS: 0.5,
    strideS: 0.25,
    testSubjects: ["p5"],
    validationSubjects: ["p4"],
    layers: 3,
    members: 2,
    epochs: 4,
    ...change,
  });
  return {
    id,
    config,
    classes: [...GESTURES],
    phase: "waiting",
    createdAt: "2026-01-01T00:00:00.000Z",
    codeVersion: "test",
    data: [],
    curve: [],
    hasCheckpoint: false,
  };
}

beforeAll(async () => {
  await buildTrainer(outDir);
  library = openLibrary(libraryPath);
  recordingIds = ["p1", "p2", "p3", "p4", "p5"].map(addPerson);
}, 120_000);
afterAll(() => {
  library.close();
  rmSync(outDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

describe("the trainer process", { timeout: 120_000 }, () => {
  test("previews, trains, saves, predicts, explains and ranks; ONNX Runtime chosen by test", async () => {
    const host = newTrainer();
    const run = newRun("whole");
    const preview = await host.preview(run.config);
    expect(preview.problems).toEqual([]);
    expect(preview.windows.labelled).toBeGreaterThan(200);

    const phases = new Set<string>();
    host.onProgress(({ phase }: RunProgress) => phases.add(phase));
    library.saveRun(run);
    const ended = await host.train(run, { resume: false });
    expect(ended.error).toBeUndefined();
    expect(ended.phase).toBe("done");
    expect(ended.engine?.name).toMatch(/^onnxruntime cpu x\d+$/);
    expect(ended.engine?.chosenBecause).toContain("passed its test");
    expect(ended.metrics?.test.accuracy).toBeGreaterThan(0.8); // amplitudes apart by seven times: nearly free
    expect(ended.curve.length).toBeGreaterThan(0);
    expect(library.getRun("whole")).toEqual(ended);
    expect([...phases]).toEqual(expect.arrayContaining(["training", "done"]));

    const prediction = await host.predict({
      runId: "whole",
      recordingId: recordingIds[4]!,
      adaptation: "none",
    });
    const k = prediction.classes.length;
    expect(prediction.probabilities).toHaveLength(prediction.onsetS.length * k);
    prediction.onsetS.forEach((_, window) => {
      if (prediction.assessable[window] === 0) return;
      const row = prediction.probabilities.subarray(window * k, (window + 1) * k);
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    });
    expect(library.listPredictions(recordingIds[4]!)).toHaveLength(1);
    const layers = await host.layers({ runId: "whole", recordingId: recordingIds[4]!, timeS: 4 });
    expect(layers.layers).toHaveLength(3);
    expect((await host.rank({ runId: "whole", limit: 5 })).length).toBeLessThanOrEqual(5);

    library.pseudonymKey(); // as the service does: the trainer only reads
    const exported = await host.exportModel("whole");
    expect(exported.check.windows).toBeGreaterThan(0);
    expect(exported.check.largestDifference).toBeLessThan(1e-5);
    const file = { file: "whole.onnx", bytes: exported.bytes };
    await expect(host.importModel(file)).rejects.toMatchObject({ code: "data/model-known" });
    const damaged = { ...file, bytes: exported.bytes.subarray(1) };
    await expect(host.importModel(damaged)).rejects.toMatchObject({ code: "data/model-damaged" });
    await host.dispose();
  });

  test("killed while it trains: the run fails with its checkpoint, a new process resumes it to the same numbers", async () => {
    const config = { epochs: 60, members: 3, layers: 6 };
    const host = newTrainer();
    const whole = newRun("uninterrupted", config);
    library.saveRun(whole);
    const expected = await host.train(whole, { resume: false });
    expect(expected.phase).toBe("done");

    const run = newRun("interrupted", config);
    library.saveRun(run);
    let begun = false;
    host.onProgress(({ runId, phase, epoch }) => {
      if (begun || runId !== "interrupted" || phase !== "training" || epoch < 3) return;
      begun = true;
      host.cancel("interrupted"); // leaves a checkpoint of the very step
    });
    const cancelled = await host.train(run, { resume: false });
    expect(cancelled).toMatchObject({ phase: "cancelled", hasCheckpoint: true });
    expect(library.loadModel("interrupted", "checkpoint")).toBeDefined();

    const killed = host.train(cancelled, { resume: true });
    const alive = children.at(-1)!;
    await new Promise<void>((done) =>
      host.onProgress(({ phase }) => {
        if (phase === "training") done();
      }),
    );
    alive.kill();
    expect(await killed).toMatchObject({
      phase: "failed",
      hasCheckpoint: true,
      error: { code: "model/trainer-died" },
    });

    const resumed = await host.train(library.getRun("interrupted"), { resume: true });
    expect(resumed.phase).toBe("done");
    expect(resumed.metrics).toEqual(expected.metrics);
    expect(library.loadModel("interrupted", "model")).toEqual(library.loadModel("uninterrupted", "model"));
    await host.dispose();
  });

  test("killed in the middle of a cross-validation: a new process goes on with the fits that are left, to the same numbers", async () => {
    const config = { epochs: 40, folds: 3, testSubjects: [], validationSubjects: [] }; // long enough to be met under way
    const host = newTrainer();
    const whole = newRun("crossed", config);
    library.saveRun(whole);
    const expected = await host.train(whole, { resume: false });
    expect(expected.error).toBeUndefined();
    expect(expected.metrics?.folds).toHaveLength(3);

    const run = newRun("crossed-killed", config);
    library.saveRun(run);
    let killed = false;
    const off = host.onProgress(({ runId, fits }) => {
      if (killed || runId !== run.id || (fits?.done ?? 0) < 1) return;
      killed = true;
      children.at(-1)!.kill();
    });
    const failed = await host.train(run, { resume: false });
    off();
    expect(failed).toMatchObject({
      phase: "failed",
      hasCheckpoint: true,
      error: { code: "model/trainer-died" },
    });
    const resumed = await host.train(library.getRun(run.id), { resume: true });
    expect(resumed.phase).toBe("done");
    expect(resumed.metrics).toEqual(expected.metrics);
    expect(library.loadModel(run.id, "model")).toEqual(library.loadModel(whole.id, "model"));
    await host.dispose();
  });
});
