import { setTimeout as sleep } from "node:timers/promises";
import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { Library } from "../../storage/api.ts";
import { parentPort } from "./port.ts";
import { serveTrainer } from "./serve.ts";
import type { TrainingWork } from "../work.ts";

/*
 * A trainer process as the real one, protocol and all, around a fit that only counts: ten steps, a checkpoint each.
 * The run's name says how it misbehaves. For host.test.ts.
 */
const count: TrainingWork["fitRun"] = async (run, { onProgress, onCheckpoint, resume, signal }) => {
  const { name } = run.config;
  if (name === "refuses")
    throw new AppError("model/too-few-labels", "Only 2 labelled windows; 20 are needed", { labelled: 2 });
  if (name === "will not open") throw new Error("unreachable");
  for (let step = resume?.[0] ?? 0; step < 10; step++) {
    throwIfCancelled(signal);
    if (name === "stuck" && step === 3) for (;;); // deep in a native call: hears nothing
    if (name === "aborts" && step === 4) process.abort(); // as a native library does that finds itself broken
    if (name === "crashes" && step === 4 && resume === undefined) process.kill(process.pid, "SIGKILL");
    await sleep(name === "slow" ? 50 : 1);
    for (let i = 0; i < 100; i++) {
      onProgress({
        runId: run.id,
        phase: "training",
        done: step / 10,
        epoch: step,
        epochs: 10,
        stepsPerSecond: 1,
        curve: [],
      });
    }
    await onCheckpoint(run, Uint8Array.of(step + 1));
  }
  return {
    run: {
      ...run,
      curve: [{ epoch: 10, loss: resume === undefined ? 0 : 1, validationNll: 0, validationEce: 0 }],
    },
    model: Uint8Array.of(42, resume?.[0] ?? 0),
  };
};

const library = {
  getRun: (id: string) => ({ id, phase: "done", config: { name: id } }),
  loadModel: (id: string, kind: string) =>
    kind === "checkpoint" ? Uint8Array.of(4) : id === "untrained" ? undefined : Uint8Array.of(1),
  close: () => undefined,
} as unknown as Library & { close(): void };

serveTrainer({
  line: parentPort(),
  openLibrary: (path) => {
    if (path === "newer")
      throw new AppError("storage/newer-schema", "This library is newer than the program", { schema: 99 });
    if (path === "never opens") for (;;);
    return library;
  },
  chooseRuntime: () => Promise.reject(new Error("there is no engine here")),
  work: {
    listModels: () => [],
    previewRun: ({ model, data: { labels } }) => ({
      model,
      unit: "windows" as const,
      classes: labels,
      windows: { labelled: 1, unlabelled: 2, unassessable: 3 },
      perClass: [1],
      subjects: [],
      problems: [],
      readers: [],
      advice: [],
    }),
    fitRun: count,
    fitFold: () => Promise.reject(new Error("there is no engine here")),
    pooledFrom: () => Uint8Array.of(),
    findInRecording: () => Promise.resolve([]),
    fillRecording: () => Promise.reject(new Error("there is no engine here")),
    forecasting: { at: () => Promise.resolve(null), close: () => Promise.resolve() },
    openLive: () => Promise.reject(new Error("there is no engine here")),
    predictRecording: ({ run, recordingId, adaptation }) => {
      if (run.id === "aborts") process.abort();
      return Promise.resolve({
        runId: run.id,
        recordingId,
        adaptation,
        classes: ["a"],
        windowS: 1,
        onsetS: Float64Array.of(0, 1),
        probabilities: Float32Array.of(1, NaN),
        low: new Float32Array(2),
        high: new Float32Array(2),
        aleatoric: new Float32Array(2),
        epistemic: new Float32Array(2),
        typicality: new Float32Array(2),
        assessable: Uint8Array.of(1, 0),
        createdAt: "2026-01-01T00:00:00.000Z",
      });
    },
    explainWindow: () =>
      Promise.reject(new AppError("model/not-assessable", "Nothing is observed there", { timeS: 3 })),
    picturesOfRun: () => [],
    compareRuns: () => {
      throw new AppError("model/not-comparable", "There is nothing to compare");
    },
    judgeSweep: () => {
      throw new AppError("model/not-comparable", "There is nothing to compare");
    },
    rankWindows: () => Promise.resolve([]),
    exportModel: () => Promise.reject(new AppError("model/cannot-export", "This one cannot be exported")),
    testEngine: (name) => {
      if (name === "libtensorflow") process.kill(process.pid, "SIGSEGV"); // a library that does not suit the machine
      return Promise.resolve({ name, state: "ready" });
    },
    importModel: ({ file }) => {
      throw new AppError("data/not-onnx", `${file} is not an ONNX file`);
    },
  },
});
