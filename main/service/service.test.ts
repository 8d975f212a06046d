import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { madeUpAbout } from "../../preload/contract/method.fixtures.ts";
import type { EventName } from "../../preload/contract/channels.ts";
import { requests } from "../../preload/contract/channels.ts";
import type { EngineInstall } from "../../preload/contract/engine.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { Content } from "../../preload/contract/finding.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import type { ModelCard } from "../../preload/contract/model-file.ts";
import { noteIn } from "../../preload/contract/noted.ts";
import { PassOrder } from "../../preload/contract/pass.ts";
import { problemOf, RunConfig } from "../../preload/contract/run.ts";
import type { Run, PackedPreview, RunProgress } from "../../preload/contract/run.ts";
import { createClusterThread } from "../cluster/process/host.ts";
import { createCtgThread } from "../ctg/host.ts";
import { createExchange, type Exchange } from "../exchange/host.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary } from "../storage/client.ts";
import type { Trainer, TrainWatch } from "../training/process/host-api.ts";
import { ServiceEvents } from "./events.ts";
import { Jobs } from "./jobs.ts";
import { old } from "./passes.fixtures.ts";
import { Passes } from "./passes.ts";
import { thisMachine } from "./place.ts";
import { Runs } from "./runs.ts";
import { createAcquisition } from "../acquisition/process/host.ts";
import type { EngineHost, Service } from "./service.ts";
import { createService } from "./service.ts";

const preview: PackedPreview = {
  model: { kind: "identity-coupled" },
  unit: "windows",
  classes: ["none", "rest"],
  windows: { labelled: 8, unlabelled: 2, unassessable: 0 },
  perClass: [4, 4],
  people: "[]",
  problems: [],
  readers: [],
  advice: [],
};

const eventModel: ModelDescription = {
  kind: "event-net",
  name: { en: "Events", ja: "所見" },
  sentence: { en: "Says events.", ja: "所見を示します。" },
  over: "sequences",
  labels: "needed",
  kinds: ["ctg"],
  usualFor: [],
  learning: "descent",
  can: [],
  fields: [],
  about: madeUpAbout,
};

/** Engines of a machine that has ONNX Runtime; installing fails when the test says so. */
class PacedEngines implements EngineHost {
  readonly calls: string[] = [];
  fails = false;
  readonly #listeners = new Set<(progress: EngineInstall) => void>();

  list: EngineHost["list"] = ({ again } = {}) => {
    this.calls.push(again === true ? "list again" : "list");
    return Promise.resolve({ engines: [{ name: "onnxruntime", state: "ready" }], offers: [] });
  };
  install: EngineHost["install"] = (variant) => {
    this.calls.push(`install ${variant}`);
    for (const tell of this.#listeners) tell({ variant, state: "running", step: "download", done: 0.5 });
    return this.fails
      ? Promise.reject(new AppError("model/engine-install", "PyPI cannot be reached"))
      : Promise.resolve({ name: "libtensorflow", state: "ready" });
  };
  cancel: EngineHost["cancel"] = () => void this.calls.push("cancel");
  remove: EngineHost["remove"] = () => Promise.resolve(this.calls.push("remove"));
  offers: EngineHost["offers"] = () => [];
  progress: EngineHost["progress"] = () => undefined;
  onProgress: EngineHost["onProgress"] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  dispose: EngineHost["dispose"] = () => Promise.resolve();
}

interface Reached extends TrainWatch {
  readonly run: Run;
  readonly end: (change?: Partial<Run>) => void;
  readonly fail: (error: unknown) => void;
}

/** A trainer whose runs end when the test says so. Everything else about the service is real. */
class PacedTrainer implements Trainer {
  readonly calls: string[] = [];
  readonly running = new Map<string, Reached>();
  problems: PackedPreview["problems"] = [];
  begin: Trainer["begin"] = () => Promise.resolve();
  models: Trainer["models"] = () => Promise.resolve([eventModel]);
  find: Trainer["find"] = () => Promise.resolve([]);
  fold: Trainer["fold"] = () => Promise.reject(new AppError("model/not-trained", "no fold"));
  fill: Trainer["fill"] = () => Promise.reject(new AppError("model/no-fill", "It fills nothing"));
  forecast: Trainer["forecast"] = () => Promise.resolve(null);

  preview: Trainer["preview"] = () => Promise.resolve({ ...preview, problems: this.problems });
  train: Trainer["train"] = ({ run, resume }, watch) => {
    this.calls.push(`train ${run.config.name}${resume ? " again" : ""}`);
    return new Promise((done, fail) => {
      const end = (change: Partial<Run> = {}): void =>
        done({ run: { ...run, ...change }, model: Uint8Array.of(42) });
      this.running.set(run.id, { ...watch, run, end, fail });
      watch.signal.addEventListener("abort", () => {
        this.calls.push("cancel");
        if (!this.isDeaf) fail(new AppError("cancelled/by-user", "Cancelled"));
      });
    });
  };
  isDeaf = false;
  predict: Trainer["predict"] = () => Promise.reject(new AppError("model/not-trained", "no model"));
  layers: Trainer["layers"] = () => Promise.reject(new AppError("model/not-trained", "no model"));
  pictures: Trainer["pictures"] = () => Promise.resolve([]);
  compare: Trainer["compare"] = () => Promise.reject(new AppError("model/not-comparable", "nothing"));
  sweep: Trainer["sweep"] = () => Promise.reject(new AppError("model/not-comparable", "nothing"));
  rank: Trainer["rank"] = () => Promise.resolve([]);
  exportModel: Trainer["exportModel"] = (runId) => {
    if (this.exported === undefined) return Promise.reject(new AppError("model/not-trained", "no model"));
    this.calls.push(`export ${runId}`);
    return Promise.resolve(this.exported);
  };
  exported: Awaited<ReturnType<Trainer["exportModel"]>> | undefined;
  importModel: Trainer["importModel"] = ({ file, bytes }) =>
    Promise.reject(new AppError("data/not-onnx", `${file} of ${bytes.length} bytes is not an ONNX file`));
  dispose: Trainer["dispose"] = () => Promise.resolve(void this.calls.push("dispose"));

  /** Waits until the run has reached the trainer. */
  async reached(id: string): Promise<Reached> {
    for (;;) {
      const handle = this.running.get(id);
      if (handle !== undefined) return handle;
      await new Promise((done) => setTimeout(done, 2));
    }
  }
}

const card: ModelCard = {
  format: 1,
  name: "first",
  runId: "r",
  codeVersion: "1",
  trainedAt: "2026",
  notice: { en: "Research use only.", ja: "研究用です。" },
  licence: "",
  front: "window-mean",
  frontText: "",
  windowS: 1,
  strideS: 1,
  minObserved: 0.5,
  context: null,
  inputs: [{ signal: "signal", observed: "observed", channels: ["EMG"], sampleRate: 100, samples: 100 }],
  places: [],
  outputs: [],
  channels: [
    {
      label: "EMG",
      unit: "uV",
      role: "emg",
      sampleRate: 100,
      sampleType: "float32",
      gain: 1,
      offset: 0,
      alsoLearnedFrom: [],
    },
  ],
  labelSet: null,
  classes: [],
  members: 1,
  temperature: 1,
  calibration: null,
  test: null,
};

interface World {
  readonly folder: string;
  /** With its parts beside it, past what it tells. */
  readonly service: Omit<Service, "library" | "exchange"> & {
    readonly library: AsyncLibrary;
    readonly exchange: Exchange;
  };
  readonly trainer: PacedTrainer;
  readonly engines: PacedEngines;
  readonly heard: { readonly name: EventName; readonly payload: unknown }[];
  readonly recordingId: string;
  readonly failures: string[];
}

async function withService(work: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-service-"));
  const storage = spawnLibrary(
    join(folder, "library.kodo"),
    new URL("../storage/worker.ts", import.meta.url),
  );
  const trainer = new PacedTrainer();
  const exchange = createExchange({
    library: storage.library,
    openLibraryPort: () => storage.port(),
    fontFolder: "",
    workerFile: new URL("../exchange/worker.ts", import.meta.url),
  });
  const engines = new PacedEngines();
  const failures: string[] = [];
  const service = createService({
    library: storage.library,
    exchange,
    trainer,
    engines,
    acquisition: createAcquisition({
      libraryPath: join(folder, "library.kodo"),
      workerFile: "never-started",
      storageWorker: "never-started",
      failed: (where) => failures.push(where),
    }),
    ctg: createCtgThread({
      openLibraryPort: () => storage.port(),
      workerFile: new URL("../ctg/worker.ts", import.meta.url),
    }),
    cluster: createClusterThread({ openLibraryPort: () => storage.port(), workerFile: "never-started" }),
    openReader: () => ({
      ...spawnLibrary(join(folder, "library.kodo"), new URL("../storage/worker.ts", import.meta.url), {
        readOnly: true,
      }),
      kill: () => undefined,
    }),
    codeVersion: "0+test",
    failed: (where) => failures.push(where),
  });
  await storage.library.changeSettings({ author: "A" }); // whose labels the tests give and take away
  const heard: World["heard"] = [];
  service.on((name, payload) => heard.push({ name, payload }));
  try {
    const rows = Array.from({ length: 200 }, (_, i) => `${i / 100},${i % 50}`);
    writeFileSync(join(folder, "arm.csv"), `time_s,EMG (uV)\n${rows.join("\n")}\n`);
    const { jobId } = await service.handlers["import.start"]({
      paths: [join(folder, "arm.csv")],
      options: {},
    });
    const job = await exchange.finished(jobId);
    await work({
      folder,
      service: { ...service, library: storage.library, exchange },
      trainer,
      engines,
      heard,
      recordingId: job.files[0]!.recordingIds[0]!,
      failures,
    });
  } finally {
    await service.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const config = (recordingId: string, name = "first"): RunConfig =>
  RunConfig.parse({
    name,
    seed: 3,
    recordingIds: [recordingId],
    labelSet: "emg-gestures",
    labels: ["neutral"],
    channels: ["EMG"],
    windowS: 0.5,
    strideS: 0.25,
    testSubjects: [],
    validationSubjects: [],
  });

test("every request that needs no window has a handler, and its answer has the contract's shape", () =>
  withService(async ({ service }) => {
    const missing = Object.keys(requests).filter((name) => !(name in service.handlers));
    expect(missing.sort()).toEqual([
      "app.info",
      "capture.start",
      "cluster.agree",
      "cluster.chooseCertificate",
      "cluster.connect",
      "cluster.forget",
      "cluster.state",
      "cluster.test",
      "comparisons.saveTable",
      "ctg.chooseReference",
      "export.chooseDirectory",
      "import.choose",
      "library.backup",
      "models.choose",
      "recorder.silence",
      "runs.saveRecord",
    ]);
    for (const name of [
      "recordings.counts",
      "labelSets.list",
      "settings.get",
      "runs.list",
      "runs.reads",
      "runs.progress",
      "jobs.list",
      "engines.list",
      "engines.progress",
      "recorder.state",
      "recorder.templates",
      "capture.state",
      "contact.state",
    ] as const) {
      const result: unknown = await (service.handlers[name] as (params: object) => unknown)({});
      expect(requests[name].result.safeParse(result).error).toBeUndefined();
    }
  }));

test("what a run predicts is a finding of the recording from then on, told once it is stored, and read by span", () =>
  withService(async ({ service: { handlers }, trainer, heard, recordingId }) => {
    const run = await handlers["runs.start"](config(recordingId));
    const ones = Float32Array.of(1, 1);
    trainer.predict = (request) =>
      Promise.resolve({
        ...{ ...request, classes: ["neutral"], windowS: 1, onsetS: Float64Array.of(0, 1) },
        ...{ probabilities: ones, low: ones, high: ones, aleatoric: ones, epistemic: ones, typicality: ones },
        ...{ assessable: Uint8Array.of(1, 1), createdAt: "2026-11-28T00:00:00Z" },
      });
    const told = () => heard.filter(({ name }) => name === "findings.changed").map(({ payload }) => payload);
    await handlers["predictions.make"]({ runId: run.id, recordingId, adaptation: "none" });
    expect(told()).toEqual([{ ids: [recordingId] }]);
    const [listed] = requests["findings.list"].result.parse(await handlers["findings.list"]({ recordingId }));
    expect(listed?.content).toMatchObject({ kind: "window-classes", windows: 2 });
    const span = { fromS: 1, toS: 2 };
    const found: unknown = await handlers["findings.get"]({ id: listed?.id ?? "", span });
    expect(requests["findings.get"].result.parse(found).content).toMatchObject({
      onsetS: Float64Array.of(1),
    });
  }));

test("a recording in the bin cannot be opened until it is brought back, and purged it is gone", () =>
  withService(async ({ service: { handlers }, recordingId: id }) => {
    const open = () => Promise.resolve(handlers["recordings.get"]({ id }));
    await handlers["recordings.remove"]({ id });
    await expect(open()).rejects.toMatchObject({ code: "storage/in-bin" });
    await handlers["recordings.restore"]({ id });
    await expect(open()).resolves.toMatchObject({ id });
    await handlers["recordings.remove"]({ id });
    await handlers["recordings.purge"]({ ids: [id] });
    await expect(open()).rejects.toMatchObject({ code: "storage/not-found" });
  }));

test("an engine's installation is told as it goes, and its end, good or bad, as a change of the engines", () =>
  withService(async ({ service, engines, heard, failures }) => {
    const { handlers } = service;
    await handlers["engines.install"]({ variant: "cpu" });
    engines.fails = true;
    await handlers["engines.install"]({ variant: "cuda" });
    await handlers["engines.list"]({ again: true });
    expect(engines.calls).toEqual(["install cpu", "install cuda", "list again"]);
    const told = heard.filter(({ name }) => name.startsWith("engines.")).map(({ name }) => name);
    expect(told.sort()).toEqual([
      "engines.changed",
      "engines.changed",
      "engines.progress",
      "engines.progress",
    ]);
    expect(failures).toEqual(["engines.install"]);
  }));

test("what changes a recording says which one, whether it was removed by the recording's id or by its own", () =>
  withService(async ({ service, heard, recordingId }) => {
    const { handlers } = service;
    const mark = {
      recordingId,
      label: "neutral",
      labelSet: "emg-gestures",
      labelSetVersion: 1,
      onsetS: 0.1,
      durationS: 0.5,
      author: "A",
      source: "person" as const,
      note: "",
    };
    const first = await handlers["annotations.add"](mark);
    await handlers["annotations.change"]({ id: first.id, durationS: 0.4 });
    await handlers["annotations.remove"]({ id: first.id });
    await handlers["annotations.undo"]({ recordingId });
    const span = await handlers["masks.add"]({
      recordingId,
      layer: "person",
      reason: 7,
      onsetS: 0,
      durationS: 0.2,
      author: "A",
    });
    await handlers["masks.remove"]({ id: span.id });
    expect(await handlers["annotations.undo"]({ recordingId })).toEqual({
      history: { undo: 3, redo: 1 },
      step: { kind: "mask", what: "remove" },
    });
    await handlers["annotations.redo"]({ recordingId });
    await handlers["annotations.redo"]({ recordingId }); // nothing is left to do again: nothing is heard
    await handlers["recordings.change"]({ id: recordingId, note: "n" });
    const said = heard
      .filter(({ name }) => name !== "jobs.progress")
      .map(({ name, payload }) => [name, payload]);
    const annotated = ["annotations.changed", { recordingId }];
    const changed = ["recordings.changed", { ids: [recordingId] }];
    const masked = Array.from({ length: 4 }, () => [
      changed,
      ["findings.changed", { ids: [recordingId] }],
    ]).flat();
    expect(said).toEqual([changed, annotated, annotated, annotated, annotated, ...masked, changed]);
  }));

test("an annotation nobody has listed yet is found, so that its removal is heard", () =>
  withService(async ({ service, heard, recordingId }) => {
    const mark = {
      recordingId,
      label: "neutral",
      labelSet: "emg-gestures",
      labelSetVersion: 1,
      onsetS: 0.1,
      durationS: 0.5,
      author: "A",
      source: "person" as const,
      note: "",
    };
    const [added] = await service.library.addAnnotations([mark]); // past the service: another process did it
    await service.handlers["annotations.remove"]({ id: added!.id });
    expect(heard.at(-1)).toEqual({ name: "annotations.changed", payload: { recordingId } });
  }));

test("a run is recorded with its data's checksums, the code's version and the seed before training begins", () =>
  withService(async ({ service, trainer, recordingId, heard }) => {
    const run = await service.handlers["runs.start"](config(recordingId));
    const { sha256 } = await service.library.checksum(recordingId);
    expect(await service.library.getRun(run.id)).toMatchObject({
      codeVersion: "0+test",
      classes: preview.classes,
      windows: preview.windows,
      data: [{ recordingId, recording: "arm", subject: "arm", checksum: sha256 }],
      config: { seed: 3 },
    });
    (await trainer.reached(run.id)).end();
    expect((await service.runs.finished(run.id)).phase).toBe("done");
    expect(heard.filter(({ name }) => name === "runs.changed")).toHaveLength(2);
    const log = await service.library.readLog(20);
    expect(log.filter(({ subject }) => subject === run.id).map(({ action }) => action)).toEqual(
      expect.arrayContaining(["run.start", "run.done"]),
    );
  }));

test("a configuration with problems starts nothing and says them", () =>
  withService(async ({ service, trainer, recordingId }) => {
    trainer.problems = [problemOf("NO_TEST_SUBJECT", {})];
    await expect(service.handlers["runs.start"](config(recordingId))).rejects.toMatchObject({
      code: "model/cannot-start",
      message: expect.stringContaining("No test subject") as string,
    });
    expect(await service.library.listRuns()).toEqual([]);
  }));

test("runs are trained one after another, and one that is cancelled while it waits is never begun", () =>
  withService(async ({ service, trainer, recordingId, heard }) => {
    const [a, b, c] = [
      await service.handlers["runs.start"](config(recordingId, "a")),
      await service.handlers["runs.start"](config(recordingId, "b")),
      await service.handlers["runs.start"](config(recordingId, "c")),
    ];
    await trainer.reached(a.id);
    expect(service.handlers["runs.progress"]({})).toMatchObject([
      { runId: b.id, phase: "waiting", ahead: 1 },
      { runId: c.id, phase: "waiting", ahead: 2 },
    ]);
    await service.handlers["runs.cancel"]({ id: b.id });
    expect((await service.runs.finished(b.id)).phase).toBe("cancelled"); // at once, not when its turn comes
    expect(heard.at(-2)).toMatchObject({ name: "runs.changed", payload: { id: b.id } });
    expect(heard.at(-1)).toMatchObject({ name: "runs.progress", payload: { runId: c.id, ahead: 1 } });
    (await trainer.reached(a.id)).end();
    (await trainer.reached(c.id)).end();
    await service.runs.finished(c.id);
    expect(trainer.calls.filter((call) => call.startsWith("train"))).toEqual(["train a", "train c"]);
  }));

test("a run whose trainer throws is marked failed with the reason", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const run = await service.handlers["runs.start"](config(recordingId));
    (await trainer.reached(run.id)).fail(new AppError("model/diverged", "The loss is not finite"));
    expect(await service.runs.finished(run.id)).toMatchObject({
      phase: "failed",
      error: { code: "model/diverged", message: "The loss is not finite" },
    });
    expect((await service.library.getRun(run.id)).phase).toBe("failed");
  }));

test("a cancelled run goes on from its checkpoint; a finished one, one without and one on changed data do not", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const run = await service.handlers["runs.start"](config(recordingId));
    await trainer.reached(run.id);
    await expect(service.handlers["runs.resume"]({ id: run.id })).rejects.toMatchObject({
      code: "model/already-running",
    });
    await (await trainer.reached(run.id)).onCheckpoint(run, new Uint8Array(4));
    await service.handlers["runs.cancel"]({ id: run.id });
    expect(await service.runs.finished(run.id)).toMatchObject({ phase: "cancelled", hasCheckpoint: true });
    trainer.running.clear();
    const resumed = await service.handlers["runs.resume"]({ id: run.id });
    expect(resumed.phase).toBe("waiting");
    (await trainer.reached(run.id)).end();
    await service.runs.finished(run.id);
    expect(trainer.calls).toContain("train first again");
    await expect(service.handlers["runs.resume"]({ id: run.id })).rejects.toMatchObject({
      code: "model/already-done",
    });
    await service.library.saveRun({ ...run, id: "none", phase: "failed", hasCheckpoint: false });
    await expect(service.handlers["runs.resume"]({ id: "none" })).rejects.toMatchObject({
      code: "model/no-checkpoint",
    });
    await service.library.saveRun({
      ...run,
      id: "moved",
      phase: "failed",
      hasCheckpoint: true,
      data: [{ recordingId, subject: "arm", checksum: "00" }],
    });
    await service.library.saveModel("moved", "checkpoint", new Uint8Array(4));
    await expect(service.handlers["runs.resume"]({ id: "moved" })).rejects.toMatchObject({
      code: "model/data-changed",
    });
  }));

test("a paused run leaves its place to the next and goes on later; one paused while it waits begins then", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const { handlers, library } = service;
    const [a, b, c] = [
      await handlers["runs.start"](config(recordingId, "a")),
      await handlers["runs.start"](config(recordingId, "b")),
      await handlers["runs.start"](config(recordingId, "c")),
    ];
    await trainer.reached(a.id);
    await handlers["runs.pause"]({ id: c.id });
    expect(await service.runs.finished(c.id)).toMatchObject({ phase: "paused", hasCheckpoint: false });
    await library.saveModel(a.id, "checkpoint", new Uint8Array(4));
    await handlers["runs.pause"]({ id: a.id });
    const paused = await service.runs.finished(a.id);
    expect(paused).toMatchObject({ phase: "paused", hasCheckpoint: true });
    expect(paused.error).toBeUndefined();
    expect(paused.finishedAt).toBeUndefined();
    (await trainer.reached(b.id)).end();
    await service.runs.finished(b.id);
    trainer.running.clear();
    await handlers["runs.resume"]({ id: a.id });
    (await trainer.reached(a.id)).end();
    await handlers["runs.resume"]({ id: c.id });
    (await trainer.reached(c.id)).end();
    expect((await service.runs.finished(c.id)).phase).toBe("done");
    expect(trainer.calls.filter((call) => call.startsWith("train"))).toEqual([
      "train a",
      "train b",
      "train a again",
      "train c",
    ]);
  }));

test("a run is saved with its model before it is said to be done, its checkpoints and its phases on the way", () =>
  withService(async ({ service, trainer, recordingId, heard }) => {
    const { library } = service;
    const { id } = await service.handlers["runs.start"](config(recordingId));
    const at = await trainer.reached(id);
    const told: RunProgress = {
      runId: id,
      phase: "training",
      done: 0.5,
      epoch: 1,
      epochs: 2,
      stepsPerSecond: 3,
      secondsLeft: 4,
      curve: [],
    };
    at.onProgress(told);
    expect(service.handlers["runs.progress"]({})).toEqual([told]);
    await at.onCheckpoint(at.run, Uint8Array.of(7));
    expect(await library.getRun(id)).toMatchObject({ phase: "training", hasCheckpoint: true });
    expect(await library.loadModel(id, "checkpoint")).toEqual(Uint8Array.of(7));
    at.end();
    expect(await service.runs.finished(id)).toMatchObject({ phase: "done", hasCheckpoint: false });
    expect(await library.loadModel(id, "model")).toEqual(Uint8Array.of(42));
    const last: RunProgress = { ...told, phase: "done", done: 1 };
    delete last.secondsLeft;
    expect(heard.filter(({ name }) => name === "runs.progress").at(-1)?.payload).toEqual(last);
  }));

test("whoever looks while a run is being paused never reads that it was cancelled, nor in the log", () =>
  withService(async ({ service, trainer, recordingId, heard }) => {
    const { library, handlers } = service;
    trainer.isDeaf = true;
    const { id } = await handlers["runs.start"](config(recordingId));
    const at = await trainer.reached(id);
    at.onProgress({
      runId: id,
      phase: "training",
      done: 0.5,
      epoch: 1,
      epochs: 2,
      stepsPerSecond: 3,
      curve: [],
    });
    const seen: string[] = [];
    let isOver = false;
    const looking = (async () => {
      while (!isOver) seen.push((await library.getRun(id)).phase);
    })();
    await handlers["runs.pause"]({ id });
    await at.onCheckpoint(at.run, Uint8Array.of(7)); // of the very step
    at.fail(new AppError("cancelled/by-user", "Cancelled"));
    const paused = await service.runs.finished(id);
    isOver = true;
    await looking;
    expect(paused).toMatchObject({ phase: "paused", hasCheckpoint: true });
    expect(seen).toContain("training");
    expect(seen).not.toContain("cancelled");
    const told = heard
      .filter(({ name }) => name === "runs.progress")
      .map(({ payload }) => payload as RunProgress);
    expect(told.map(({ phase }) => phase)).toEqual(["training", "paused"]);
    const log = (await library.readLog(20)).filter(({ subject }) => subject === id);
    expect(log.map(({ action }) => action)).toEqual(["run.paused", "run.start"]);
  }));

test("a run whose checkpoint cannot be kept ends with the reason of the storage", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const { id } = await service.handlers["runs.start"](config(recordingId));
    const at = await trainer.reached(id);
    const unsound = { ...at.run, curve: [{ epoch: 1 }] } as unknown as Run;
    await expect(at.onCheckpoint(unsound, Uint8Array.of(7))).rejects.toMatchObject({
      code: "contract/bad-params",
    });
    expect(await service.runs.finished(id)).toMatchObject({ phase: "failed" });
    expect(trainer.calls).toContain("cancel");
  }));

test("a run whose labels or masks were changed since it began does not go on", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const { handlers } = service;
    const run = await handlers["runs.start"](config(recordingId));
    await trainer.reached(run.id);
    await service.library.saveModel(run.id, "checkpoint", new Uint8Array(4));
    await handlers["runs.pause"]({ id: run.id });
    await service.runs.finished(run.id);
    const mask = { recordingId, layer: "person" as const, reason: 7, onsetS: 0, durationS: 0.2, author: "A" };
    const { id } = await handlers["masks.add"](mask);
    await expect(handlers["runs.resume"]({ id: run.id })).rejects.toMatchObject({
      code: "model/data-changed",
      message: "Labels or masks of arm changed since the run began",
    });
    await handlers["masks.remove"]({ id });
    trainer.running.clear();
    await handlers["runs.resume"]({ id: run.id });
    (await trainer.reached(run.id)).end();
    expect((await service.runs.finished(run.id)).phase).toBe("done");
  }));

test("a run of whole recordings does not go on once other stretches were read, whatever unmarked windows count as", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const { handlers } = service;
    const events = { ...config(recordingId), model: { kind: "event-net" } };
    trainer.preview = () => Promise.resolve({ ...preview, model: events.model, problems: [] });
    const run = await handlers["runs.start"](events);
    await trainer.reached(run.id);
    await service.library.saveModel(run.id, "checkpoint", new Uint8Array(4));
    await handlers["runs.pause"]({ id: run.id });
    await service.runs.finished(run.id);
    const span = { labelSet: "emg-gestures", labelSetVersion: 1, author: "A", onsetS: 0, durationS: 0.2 };
    const { id } = await handlers["readings.add"]({ recordingId, ...span });
    await expect(handlers["runs.resume"]({ id: run.id })).rejects.toMatchObject({
      code: "model/data-changed",
    });
    await handlers["readings.remove"]({ id });
    trainer.running.clear();
    await handlers["runs.resume"]({ id: run.id });
    (await trainer.reached(run.id)).end();
    expect((await service.runs.finished(run.id)).phase).toBe("done");
  }));

test("a run told twice to go on begins once, and is not removed while its data is being checked", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const { handlers } = service;
    const run = await handlers["runs.start"](config(recordingId));
    await trainer.reached(run.id);
    await service.library.saveModel(run.id, "checkpoint", new Uint8Array(4));
    await handlers["runs.pause"]({ id: run.id });
    await service.runs.finished(run.id);
    trainer.running.clear();
    const again = await Promise.allSettled([
      handlers["runs.resume"]({ id: run.id }),
      handlers["runs.resume"]({ id: run.id }),
      handlers["runs.remove"]({ id: run.id }),
    ]);
    expect(again.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    (await trainer.reached(run.id)).end();
    await service.runs.finished(run.id);
    expect(trainer.calls.filter((call) => call === "train first again")).toHaveLength(1);
  }));

test("a run is renamed, noted, removed and brought back, and each is heard; one that trains is not removed", () =>
  withService(async ({ service, trainer, recordingId, heard }) => {
    const { handlers } = service;
    const run = await handlers["runs.start"](config(recordingId));
    await trainer.reached(run.id);
    await expect(handlers["runs.remove"]({ id: run.id })).rejects.toMatchObject({
      code: "model/already-running",
    });
    (await trainer.reached(run.id)).end();
    await service.runs.finished(run.id);
    const before = heard.length;
    expect(await handlers["runs.change"]({ id: run.id, name: "b", note: undefined })).toMatchObject({
      config: { name: "b" },
    });
    await handlers["runs.remove"]({ id: run.id });
    expect(await handlers["runs.list"]({})).toEqual([]);
    await handlers["runs.restore"]({ id: run.id });
    expect(await handlers["runs.list"]({})).toMatchObject([{ id: run.id, config: { name: "b" } }]);
    expect(heard.slice(before)).toEqual(
      Array.from({ length: 3 }, () => ({ name: "runs.changed", payload: { id: run.id } })),
    );
  }));

test("closing pauses what trains; what waits goes on waiting, and is trained by the next", () =>
  withService(async ({ service, trainer, recordingId, failures }) => {
    const run = await service.handlers["runs.start"](config(recordingId));
    const next = await service.handlers["runs.start"](config(recordingId, "next"));
    await trainer.reached(run.id);
    await service.close();
    expect((await service.library.getRun(run.id)).phase).toBe("paused");
    expect((await service.library.getRun(next.id)).phase).toBe("waiting");
    expect(trainer.calls).toEqual(["train first", "cancel", "dispose"]);
    expect(failures).toEqual([]);
    await service.runs.takeUp(); // as the next start does
    (await trainer.reached(next.id)).end();
    expect((await service.runs.finished(next.id)).phase).toBe("done");
    const states = (await service.library.listJobs()).map(({ id, state, attempt }) => [id, state, attempt]);
    expect(states.slice(-2)).toEqual([
      [run.id, "paused", 1],
      [next.id, "done", 1],
    ]);
  }));

test("a model is written whole under its name or not at all, and never over a file that is there", () =>
  withService(async ({ service, trainer, recordingId, folder }) => {
    const run = await service.handlers["runs.start"](config(recordingId, "arm: first/second"));
    (await trainer.reached(run.id)).end();
    await service.runs.finished(run.id);
    const models = (): string[] => readdirSync(folder).filter((name) => /onnx|part/.test(name));
    const request = { runId: run.id, directory: folder };
    await expect(service.handlers["models.export"](request)).rejects.toMatchObject({
      code: "model/not-trained",
    });
    expect(models()).toEqual([]);
    const check = { windows: 3, largestDifference: 1e-7 };
    trainer.exported = { bytes: Uint8Array.of(1, 2, 3), card, check };
    const written = await service.handlers["models.export"](request);
    expect(requests["models.export"].result.parse(written)).toEqual({
      file: join(folder, "arm first second.onnx"),
      bytes: 3,
      card,
      check,
    });
    expect(readFileSync(written.file)).toEqual(Buffer.of(1, 2, 3));
    trainer.exported = { bytes: Uint8Array.of(9), card, check };
    await expect(service.handlers["models.export"](request)).rejects.toMatchObject({
      code: "data/file-exists",
    });
    await service.handlers["models.export"]({ ...request, name: "other" });
    const nowhere = { ...request, directory: join(folder, "nowhere") };
    await expect(service.handlers["models.export"](nowhere)).rejects.toMatchObject({
      code: "data/file-missing",
    });
    expect(models().sort()).toEqual(["arm first second.onnx", "other.onnx"]);
    await service.handlers["runs.change"]({ id: run.id, name: "握".repeat(100) });
    const long = await service.handlers["models.export"](request);
    expect(long.file).toBe(join(folder, `${"握".repeat(66)}.onnx`)); // 203 bytes: a file system takes 255
    expect(readFileSync(written.file)).toEqual(Buffer.of(1, 2, 3));
    expect((await service.library.readLog(1))[0]).toMatchObject({ action: "model.export", subject: run.id });
  }));

test("a file that is no model leaves the library as it was, and says which file", () =>
  withService(async ({ service, folder }) => {
    const file = join(folder, "photo.onnx");
    writeFileSync(file, "not a model");
    await expect(service.handlers["models.import"]({ file })).rejects.toMatchObject({
      code: "data/not-onnx",
      message: "photo.onnx of 11 bytes is not an ONNX file",
    });
    await expect(
      service.handlers["models.import"]({ file: join(folder, "none.onnx") }),
    ).rejects.toMatchObject({ code: "data/file-missing" });
    expect(await service.library.listRuns()).toEqual([]);
  }));

test("what is asked twice under one key is done once, also when the first asking has not been answered", () =>
  withService(async ({ service, trainer, recordingId, folder }) => {
    const { runs, handlers, exchange, library } = service;
    const [a, b] = await Promise.all([
      runs.start(config(recordingId), "key"),
      runs.start(config(recordingId), "key"),
    ]);
    (await trainer.reached(a.id)).end();
    await runs.finished(a.id);
    const late = await runs.start(config(recordingId), "key");
    expect([b.id, late.id]).toEqual([a.id, a.id]);
    expect(trainer.calls).toEqual(["train first"]);
    const imported = { paths: [join(folder, "arm.csv")], options: {}, idempotencyKey: "import" };
    const first = await handlers["import.start"](imported);
    await exchange.finished(first.jobId);
    await handlers["jobs.list"]({});
    const again = await handlers["import.start"](imported); // it failed: what it holds is here already
    expect(again.jobId).toBe(first.jobId);
    await exchange.finished(again.jobId);
    expect(await library.findJob("import")).toMatchObject({ kind: "import", place: "here", attempt: 2 });
    await expect(runs.start(config(recordingId), "import")).rejects.toMatchObject({
      code: "storage/asked-before",
    });
    trainer.preview = async () => {
      await library.saveRun({ ...late, id: "theirs", phase: "paused" }, "both"); // another process is quicker
      return { ...preview, problems: [] };
    };
    expect(await runs.start(config(recordingId), "both")).toMatchObject({ id: "theirs", phase: "paused" });
    expect((await library.listRuns()).map(({ id }) => id).sort()).toEqual([a.id, "theirs"].sort());
    expect(trainer.calls).toEqual(["train first"]);
  }));

test("what an earlier process left without an end is told once, and what waited there goes on", () =>
  withService(async ({ service, recordingId, trainer }) => {
    const { handlers, library, runs } = service;
    const left = { id: "left", kind: "import", place: "here", idempotencyKey: "left" } as const;
    await library.queueJob(left);
    await library.changeJob("left", { state: "interrupted", progress: 0.4 });
    await library.queueJob({ ...left, id: "engine cpu", kind: "engine", idempotencyKey: "engine cpu" });
    await library.changeJob("engine cpu", { state: "interrupted", progress: 0 });
    const listed = requests["jobs.list"].result.parse(await handlers["jobs.list"]({}));
    expect(listed[0]).toMatchObject({
      ...{ jobId: "left", kind: "import", state: "failed", done: 0.4 },
      files: [{ error: { code: "internal/interrupted" } }],
    });
    expect(await handlers["engines.progress"]({})).toMatchObject({
      ...{ variant: "cpu", state: "failed" },
      error: { code: "internal/interrupted" },
    });
    await handlers["jobs.dismiss"]({ jobId: "left" });
    expect((await handlers["jobs.list"]({})).map(({ jobId }) => jobId)).not.toContain("left");
    const run = await runs.start(config(recordingId));
    (await trainer.reached(run.id)).end();
    await runs.finished(run.id);
    await library.saveRun({ ...run, id: "waits", phase: "waiting" }); // nobody has it in line
    expect((await runs.resume("waits")).phase).toBe("waiting");
    (await trainer.reached("waits")).end();
    expect((await runs.finished("waits")).phase).toBe("done");
  }));

test("of what is found together nothing stays where a part of it cannot be stored", () =>
  withService(async ({ service: { handlers, library }, trainer, heard, recordingId }) => {
    const run = await handlers["runs.start"](config(recordingId));
    const events: Content = { kind: "events", labelSet: "ctg-events", events: [], notAssessable: [] };
    const series = { name: "x", unit: "probability", sampleRate: 1, observed: Uint8Array.of(1) };
    const ragged: Content = {
      ...{ kind: "curves", forecasts: [] },
      series: [{ ...series, value: Float32Array.of(0, 1) }],
    };
    const found = vi.spyOn(trainer, "find");
    found.mockResolvedValueOnce([events, ragged]);
    const ask = { runId: run.id, recordingId };
    await expect(handlers["findings.make"](ask)).rejects.toMatchObject({ code: "contract/bad-params" });
    expect(await library.listFindings(recordingId)).toEqual([]);
    expect(heard.map(({ name }) => name)).not.toContain("findings.changed");
    found.mockResolvedValueOnce([events]);
    expect(await handlers["findings.make"](ask)).toMatchObject([{ recordingId, content: { events: 0 } }]);
  }));

test("gaps are filled beside the recording, told, and go again; a moment's forecast is stored nowhere", () =>
  withService(async ({ service: { handlers, library }, trainer, heard, recordingId }) => {
    const { id: runId } = await handlers["runs.start"](config(recordingId));
    const ask = { runId, recordingId };
    await expect(handlers["findings.fill"](ask)).rejects.toMatchObject({ code: "model/no-fill" });
    const [value, observed] = [Float32Array.of(1, 2), Uint8Array.of(0, 1)];
    const series = { name: "FHR", unit: "bpm", sampleRate: 1, value, observed, as: "filled" as const };
    vi.spyOn(trainer, "fill").mockResolvedValue({ kind: "curves", series: [series], forecasts: [] });
    const first = await handlers["findings.fill"](ask);
    const filled = requests["findings.fill"].result.parse(await handlers["findings.fill"](ask)); // replaces the first
    expect(filled).toMatchObject({ origin: { step: "fill" }, content: { series: [{ as: "filled" }] } });
    expect((await library.listFindings(recordingId)).map(({ id }) => id)).toEqual([filled.id]);
    await expect(handlers["findings.remove"]({ ids: [first.id] })).rejects.toMatchObject({
      code: "storage/not-found",
    });
    expect(await handlers["forecasts.at"]({ ...ask, atS: 1 })).toBeNull();
    await handlers["findings.remove"]({ ids: [filled.id] });
    expect(await library.listFindings(recordingId)).toEqual([]);
    expect(heard.filter(({ name }) => name === "findings.changed")).toHaveLength(3);
  }));

test("a sweep asked again goes on where it was stopped: what is done stays, what changed is trained anew", () =>
  withService(async ({ service, trainer, recordingId }) => {
    const { handlers, library } = service;
    const points = (name: string) => ({
      ...{ name, seeds: [0, 1] },
      configurations: [1, 2].map((layers) => ({
        ...{ label: `layers ${layers}`, values: { layers } },
        config: { ...config(recordingId), model: { kind: "identity-coupled", layers } },
      })),
    });
    const first = await service.startSweep(points("s"));
    const ids = first.flatMap(({ runIds }) => runIds);
    expect(new Set(ids).size).toBe(4);
    (await trainer.reached(ids[0] ?? "")).end();
    await service.runs.finished(ids[0] ?? "");
    await trainer.reached(ids[1] ?? "");
    for (const id of ids) service.runs.cancel(id);
    const phases = async (): Promise<string[]> =>
      (await Promise.all(ids.map((id) => library.getRun(id)))).map(({ phase }) => phase);
    for (const id of ids) await service.runs.finished(id);
    expect(await phases()).toEqual(["done", "cancelled", "cancelled", "cancelled"]);
    trainer.running.clear();
    expect(await service.startSweep(points("s"))).toEqual(first);
    expect(await phases()).toEqual(["done", "waiting", "waiting", "waiting"]);
    for (const id of ids.slice(1)) {
      (await trainer.reached(id)).end();
      await service.runs.finished(id);
    }
    expect(
      (await library.listRuns()).map(({ config: { name, comparison } }) => `${comparison} | ${name}`).sort(),
    ).toEqual([
      "s | s: layers 1, seed 0",
      "s | s: layers 1, seed 1",
      "s | s: layers 2, seed 0",
      "s | s: layers 2, seed 1",
    ]);
    await library.removeRun(ids[0] ?? "");
    const mask = { layer: "person", reason: 7, onsetS: 0, durationS: 0.1, author: "A" } as const;
    await handlers["masks.add"]({ recordingId, ...mask });
    const again = await service.startSweep(points("s"));
    expect(again.flatMap(({ runIds }) => runIds).filter((id) => ids.includes(id))).toEqual([]);
    for (const id of again.flatMap(({ runIds }) => runIds)) service.runs.cancel(id);
  }));

test("a run that waits or trains in another process does not go on here as well", () =>
  withService(
    async ({ service: { handlers, library, exchange }, trainer, engines, recordingId, failures }) => {
      const run = await handlers["runs.start"](config(recordingId));
      (await trainer.reached(run.id)).end();
      const runs = new Runs({
        ...{ library: { ...library, takeWaitingRuns: () => Promise.resolve([]) }, trainer }, // a living process has them
        place: thisMachine({ trainer, exchange, engines }),
        ...{ events: new ServiceEvents(), codeVersion: "0+test", failed: (where) => failures.push(where) },
      });
      for (const phase of ["waiting", "training"] as const) {
        await library.saveRun({ ...run, id: phase, phase });
        await library.saveModel(phase, "checkpoint", new Uint8Array(4));
        await expect(runs.resume(phase)).rejects.toMatchObject({ code: "model/already-running" });
        expect((await library.getRun(phase)).phase).toBe(phase);
      }
    },
  ));

test("a pass that the program's end cuts is told to the next, which takes it back wherever it had come", () =>
  withService(async ({ service: { library, exchange, studies }, engines }) => {
    const ids = await old(library, 5);
    const order = PassOrder.parse({ what: "lay", selection: { kind: "these", ids } });
    const masks = async (): Promise<number[]> =>
      Promise.all(ids.map(async (id) => (await library.listMasks(id)).length));
    const place = thisMachine({ trainer: new PacedTrainer(), exchange, engines });
    const failed = (where: string, error: unknown): void => expect.fail(`${where}: ${String(error)}`);
    /** A process: `third` is called before its third recording is changed. */
    const begin = (third: () => Promise<void>): { passes: Passes; jobs: Jobs } => {
      let calls = 0;
      const takeRules: typeof library.takeRules = async (asked) => {
        if (++calls === 3) await third();
        return library.takeRules({ ...asked, parts: asked.parts.slice(0, 1) });
      };
      const passes = new Passes({ library: { ...library, takeRules }, events: new ServiceEvents(), failed });
      return { passes, jobs: new Jobs({ library, exchange, studies, passes, engines, place, failed }) };
    };
    let ending: Promise<void> | undefined;
    const first = begin(() => {
      ending = first.jobs.close();
      return Promise.resolve();
    });
    const { jobId } = await first.passes.handlers["passes.start"](order);
    await expect.poll(() => ending !== undefined, { timeout: 20_000 }).toBe(true);
    await ending;
    expect(await library.findJob(jobId)).toMatchObject({ kind: "masks", state: "interrupted" });
    expect(await masks()).toEqual([1, 1, 1, 0, 0]);

    const next = begin(() => Promise.resolve());
    expect((await next.jobs.list()).filter(({ kind }) => kind === "masks")).toMatchObject([
      {
        ...{ jobId, state: "failed", files: [{ error: { code: "internal/interrupted" } }] },
        pass: { what: "lay", of: 5, isUndone: false },
      },
    ]);
    const undone = await next.passes.handlers["passes.undo"]({ jobId });
    const undoing = (): JobProgress | undefined =>
      next.passes.jobs().find((one) => one.jobId === undone.jobId);
    await expect.poll(() => undoing()?.state, { timeout: 20_000 }).toBe("done");
    expect(undoing()?.pass?.recordings).toBe(3);
    expect(await masks()).toEqual([0, 0, 0, 0, 0]);
    expect(await library.findJob(jobId)).toBeUndefined(); // nothing of it is told once more
    await next.jobs.close();
  }));

test("jobs go on being kept after the library could not be asked once; what an engine refuses is no job", () =>
  withService(async ({ service: { library, exchange, studies }, engines, folder }) => {
    const failed: string[] = [];
    const lost = new AppError("storage/worker-lost", "The storage thread ended");
    const info = vi.fn(library.info);
    const place = thisMachine({ trainer: new PacedTrainer(), exchange, engines });
    const jobs = new Jobs({
      ...{ exchange, studies, engines, place, library: { ...library, info } },
      passes: new Passes({ library, events: new ServiceEvents(), failed: (where) => failed.push(where) }),
      failed: (where) => failed.push(where),
    });
    const order = { kind: "import", paths: [join(folder, "arm.csv")], options: {}, only: undefined } as const;
    const first = exchange.start(order);
    info.mockRejectedValue(lost);
    await exchange.finished(first);
    await expect.poll(() => failed.length).toBeGreaterThan(0);
    info.mockImplementation(library.info);
    const { jobId } = await jobs.exchange(order, "again");
    await exchange.finished(jobId);
    await expect.poll(async () => (await library.findJob("again"))?.state).toBe("failed");
    engines.progress = () => ({ variant: "cpu", state: "running", step: "download", done: 0 });
    engines.fails = true;
    await expect((await jobs.install("cuda")).ended).rejects.toMatchObject({ code: "model/engine-install" });
    expect((await library.listJobs()).map(({ kind }) => kind)).not.toContain("engine");
    await jobs.close();
  }));

test("nobody changes, removes or takes back what another reader did without being asked", () =>
  withService(async ({ service, recordingId }) => {
    const { handlers } = service;
    const mark = {
      ...{ recordingId, label: "neutral", labelSet: "emg-gestures", labelSetVersion: 1 },
      ...{ onsetS: 0.1, durationS: 0.5, author: "B", note: "" },
      source: "person" as const,
    };
    const { id } = await handlers["annotations.add"](mark);
    const span = { labelSet: "emg-gestures", labelSetVersion: 1, onsetS: 0, durationS: 0.2 };
    const read = await handlers["readings.add"]({ recordingId, author: "B", ...span });
    const refused = { code: "data/other-reader", detail: { reader: "B" } };
    await expect(handlers["annotations.change"]({ id, durationS: 1 })).rejects.toMatchObject(refused);
    await expect(handlers["annotations.remove"]({ id })).rejects.toMatchObject(refused);
    await expect(handlers["readings.remove"]({ id: read.id })).rejects.toMatchObject(refused);
    await expect(handlers["annotations.undo"]({ recordingId })).rejects.toMatchObject(refused);
    expect(await handlers["annotations.history"]({ recordingId })).toEqual({ undo: 2, redo: 0 }); // still to be undone
    await handlers["annotations.undo"]({ recordingId, evenOfOthers: true });
    await handlers["annotations.change"]({ id, durationS: 1, evenOfOthers: true });
    await handlers["annotations.remove"]({ id, evenOfOthers: true });
    expect(await handlers["annotations.list"]({ recordingId })).toEqual([]);
  }));

test("of a recording that is read blind there is paper of the strip alone", () =>
  withService(async ({ service, recordingId, folder }) => {
    const { handlers } = service;
    await handlers["settings.set"]({ author: "B", blind: [{ recordingId, reader: "B" }] });
    const asked = {
      ...{ recordingIds: [recordingId], files: ["pdf" as const], directory: folder, deidentify: false },
      ...{ paperSpeed: 1 as const, fhrRange: "50-210" as const, language: "en" as const },
    };
    for (const shown of [
      { withOverlays: true, withAnnotations: false },
      { withOverlays: false, withAnnotations: true },
    ])
      await expect(handlers["report.start"]({ ...asked, ...shown })).rejects.toMatchObject({
        ...{ code: "data/read-blind", detail: { reader: "B" } },
      });
    const plain = { ...asked, withOverlays: false, withAnnotations: false };
    expect(await handlers["report.start"](plain)).toHaveProperty("jobId");
    await handlers["settings.set"]({ author: "C" });
    expect(await handlers["report.start"]({ ...plain, withAnnotations: true })).toHaveProperty("jobId");
  }));

test("a reader who is asked for and has read nothing is told of, with those who have, or that nobody has", () =>
  withService(async ({ service, recordingId }) => {
    const { handlers } = service;
    const asked = { recordingIds: [recordingId], labelSet: "emg-gestures", readers: ["A"] };
    const told = async (): Promise<unknown> => handlers["agreement.report"](asked);
    await expect(told()).rejects.toThrow("No labels or readings by A here, nor by anybody else");
    for (const author of ["B", ""])
      await handlers["annotations.add"]({
        ...{ recordingId, labelSet: "emg-gestures", labelSetVersion: 1, label: "neutral", author, note: "" },
        ...{ onsetS: 0, durationS: 0.6, source: "person" },
      });
    await expect(told()).rejects.toThrow("there are those by readers without a name, B");
  }));

test("readers are compared and a disagreement is decided: one step, by the consensus, with who decided", () =>
  withService(async ({ service, recordingId }) => {
    const { handlers } = service;
    const given = { recordingId, labelSet: "emg-gestures", labelSetVersion: 1 };
    for (const [author, label, onsetS] of [
      ["B", "neutral", 0],
      ["C", "neutral", 0.1],
      ["B", "hand-open", 1],
      ["C", "hand-close", 1],
    ] as const)
      await handlers["annotations.add"]({
        ...{ ...given, author, label, onsetS, durationS: 0.6, note: "" },
        source: "person",
      });
    for (const author of ["B", "C"])
      await handlers["readings.add"]({ ...given, author, onsetS: 0, durationS: 1.9 });
    const before = await handlers["agreement.report"]({ recordingIds: [recordingId] });
    expect(before).toMatchObject({ labelSet: "emg-gestures", compared: ["B", "C"] });
    expect(before.agreed).toMatchObject([{ label: "neutral", onsetS: 0.05, isKept: false }]);
    const [place] = before.disagreements;
    expect(place).toMatchObject({ kind: "label", onsetS: 1, decision: null });
    const choice = { kind: "verdict", verdict: "cannot-tell" } as const;
    const decided = await handlers["agreement.decide"]({
      ...{ recordingId, labelSet: "emg-gestures", place: place!, choice },
    });
    expect(decided).toMatchObject({ author: "consensus", label: "cannot-tell" });
    expect(noteIn(decided.note, "en")).toBe(
      "Decided by A. B: Hand open 1.0 to 1.6 s; C: Hand close 1.0 to 1.6 s",
    );
    expect(noteIn(decided.note, "ja")).toMatch(/^決定: A。B: .* 1\.0〜1\.6 秒。C: /);
    const [one, other] = place!.opinions;
    const unnamed = await handlers["agreement.decide"]({
      ...{ recordingId, labelSet: "emg-gestures", choice },
      place: { ...place!, opinions: [{ ...one!, reader: "" }, other!] },
    });
    expect(noteIn(unnamed.note, "en")).toContain("Decided by A. an earlier reader: Hand open");
    await handlers["annotations.undo"]({ recordingId });
    const report = () => handlers["agreement.report"]({ recordingIds: [recordingId], readers: ["C", "B"] });
    expect((await report()).disagreements[0]?.decision).toMatchObject({ id: decided.id });
    await handlers["agreement.keep"]({
      ...{ recordingId, labelSet: "emg-gestures", events: before.agreed, readers: before.compared },
    });
    expect((await report()).agreed[0]?.isKept).toBe(true);
    await handlers["annotations.undo"]({ recordingId }); // what A did is A's, whoever the labels belong to
    await handlers["annotations.undo"]({ recordingId });
    expect(await report()).toMatchObject({
      agreed: [{ isKept: false }],
      disagreements: [{ decision: null }],
    });
  }));
