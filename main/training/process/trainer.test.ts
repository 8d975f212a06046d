import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunChange } from "../../../preload/contract/run.fixtures.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { Run, RunProgress } from "../../../preload/contract/run.ts";
import { openLibrary } from "../../storage/open-library.ts";
import { forked } from "./child.ts";
import type { ChildLine } from "../../calls/child.ts";
import { seeded } from "../../compute/seeded.ts";
import type { Trainer, TrainWatch } from "./host-api.ts";
import { createTrainer } from "./host.ts";
import { createLiveJudge } from "./live-host.ts";
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

const children: ChildLine[] = [];
function newTrainer(): Trainer {
  const spawn = (file: string): ChildLine => {
    const child = forked(file);
    children.push(child);
    return child;
  };
  return createTrainer({
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

/** Trains and keeps what comes of it, as the service does. */
async function train(
  host: Trainer,
  run: Run,
  {
    resume = false,
    onProgress = () => undefined,
    signal = new AbortController().signal,
  }: Partial<Omit<TrainWatch, "onCheckpoint">> & { readonly resume?: boolean } = {},
): Promise<Run> {
  library.saveRun(run);
  const onCheckpoint = async (at: Run, bytes: Uint8Array): Promise<void> => {
    await Promise.resolve();
    library.saveModel(at.id, "checkpoint", bytes);
    library.saveRun(at);
  };
  const trained = await host.train({ run, resume }, { signal, onProgress, onCheckpoint });
  library.saveModel(run.id, "model", trained.model);
  library.saveRun({ ...trained.run, phase: "done" });
  return library.getRun(run.id);
}

/** Priorities of the trainers that run, as the system has them; only where it lists processes as files. */
function priorities(): number[] {
  const isTrainer = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(join(outDir, "trainer.js"));
    } catch {
      return false; // none, or it has ended
    }
  };
  return readdirSync("/proc")
    .filter(isTrainer)
    .map((pid) => getPriority(Number(pid)));
}

describe("the trainer process", { timeout: 120_000 }, () => {
  test("previews, trains, saves, predicts, explains and ranks; ONNX Runtime chosen by test", async () => {
    const host = newTrainer();
    const run = newRun("whole");
    const preview = await host.preview(run.config);
    expect(preview.problems).toEqual([]);
    expect(preview.windows.labelled).toBeGreaterThan(200);

    const phases = new Set<string>();
    const onProgress = ({ phase }: RunProgress): unknown => phases.add(phase);
    const ended = await train(host, run, { onProgress });
    expect(ended.engine?.name).toMatch(/^onnxruntime cpu x\d+$/);
    expect(ended.engine?.chosenBecause).toContain("passed its test");
    expect(ended.metrics?.test.accuracy).toBeGreaterThan(0.8); // amplitudes apart by seven times: nearly free
    expect(ended.curve.length).toBeGreaterThan(0);
    expect([...phases]).toEqual(expect.arrayContaining(["reading", "training", "evaluating"]));

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
    const layers = await host.layers({ runId: "whole", recordingId: recordingIds[4]!, timeS: 4 });
    expect(layers.layers).toHaveLength(3);
    expect((await host.rank({ runId: "whole", limit: 5 })).length).toBeLessThanOrEqual(5);

    library.pseudonymKey(); // as the service does: the trainer only reads
    const exported = await host.exportModel("whole");
    expect(exported.check.windows).toBeGreaterThan(0);
    expect(exported.check.largestDifference).toBeLessThan(1e-5);
    const file = { file: "whole.onnx", bytes: exported.bytes };
    const imported = await host.importModel(file);
    expect(() => library.addTrainedRun(imported)).toThrow(/in the library already, as whole/);
    const damaged = { ...file, bytes: exported.bytes.subarray(1) };
    await expect(host.importModel(damaged)).rejects.toMatchObject({ code: "data/model-damaged" });
    await host.dispose();
  });

  test.skipIf(process.platform !== "linux")(
    "gives way to what records; one that judges a recording as it comes does not",
    async () => {
      const host = newTrainer();
      await host.models();
      expect(priorities()).toEqual([constants.priority.PRIORITY_BELOW_NORMAL]);
      await host.dispose();
      const judge = createLiveJudge({ libraryPath, workerFile: join(outDir, "trainer.js"), spawn: forked });
      let seen: number[] = [];
      const judging = judge.open(
        { runId: "none", kind: "emg", channels: [], adaptation: "none" },
        { judged: () => undefined, failed: () => undefined },
      );
      const looking = setInterval(() => (seen = [...seen, ...priorities()]), 20);
      await expect(judging).rejects.toMatchObject({ code: "storage/not-found" });
      clearInterval(looking);
      expect(new Set(seen)).toEqual(new Set([constants.priority.PRIORITY_NORMAL]));
    },
  );

  test("killed while it trains: the run fails with its checkpoint, a new process resumes it to the same numbers", async () => {
    const config = { epochs: 60, members: 3, layers: 6 };
    const host = newTrainer();
    const expected = await train(host, newRun("uninterrupted", config));

    const stop = new AbortController();
    const cancelled = train(host, newRun("interrupted", config), {
      signal: stop.signal,
      onProgress: ({ phase, epoch }) => {
        if (phase === "training" && epoch >= 3) stop.abort(); // leaves a checkpoint of the very step
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(library.getRun("interrupted").hasCheckpoint).toBe(true);

    const alive = children.at(-1);
    const killed = train(host, library.getRun("interrupted"), {
      resume: true,
      onProgress: ({ phase }) => {
        if (phase === "training") alive?.kill();
      },
    });
    await expect(killed).rejects.toMatchObject({ code: "model/trainer-died" });

    const resumed = await train(host, library.getRun("interrupted"), { resume: true });
    expect(resumed.metrics).toEqual(expected.metrics);
    expect(library.loadModel("interrupted", "model")).toEqual(library.loadModel("uninterrupted", "model"));
    await host.dispose();
  });

  test("killed in the middle of a cross-validation: a new process goes on with the fits that are left, to the same numbers", async () => {
    const config = { epochs: 40, folds: 3, testSubjects: [], validationSubjects: [] }; // long enough to be met under way
    const host = newTrainer();
    const expected = await train(host, newRun("crossed", config));
    expect(expected.metrics?.folds).toHaveLength(3);

    const failed = train(host, newRun("crossed-killed", config), {
      onProgress: ({ fits }) => {
        if ((fits?.done ?? 0) >= 1) children.at(-1)?.kill();
      },
    });
    await expect(failed).rejects.toMatchObject({ code: "model/trainer-died" });
    const resumed = await train(host, library.getRun("crossed-killed"), { resume: true });
    expect(resumed.metrics).toEqual(expected.metrics);
    expect(library.loadModel("crossed-killed", "model")).toEqual(library.loadModel("crossed", "model"));
    await host.dispose();
  });
});
