import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { Prediction, Run, RunProgress } from "../../../preload/contract/run.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { AsyncLibrary } from "../../storage/api.ts";
import { forked } from "./child.ts";
import type { ChildLike } from "./child.ts";
import type { Trainer } from "./host-api.ts";
import { createTrainer } from "./host.ts";

const workerFile = fileURLToPath(new URL("./host.fake-trainer.ts", import.meta.url));

/** Keeps what the host saves, in order. */
function memoryLibrary(beforeWrite: (what: string) => void = () => undefined) {
  const runs = new Map<string, Run>();
  const models = new Map<string, Uint8Array>();
  const predictions: Prediction[] = [];
  const order: string[] = [];
  const write = async (what: string, work: () => void): Promise<void> => {
    beforeWrite(what);
    order.push(what);
    work();
    await Promise.resolve();
  };
  const library = {
    saveRun: (run: Run) => write(`run ${run.phase}`, () => runs.set(run.id, run)),
    saveModel: (id: string, kind: string, bytes: Uint8Array) =>
      write(kind, () => models.set(`${id} ${kind}`, bytes)),
    savePrediction: (prediction: Prediction) => write("prediction", () => predictions.push(prediction)),
  } as unknown as AsyncLibrary;
  return { library, runs, models, predictions, order };
}

const runNamed = (name: string): Run => ({
  id: name,
  phase: "waiting",
  classes: ["a"],
  createdAt: "2026-01-01T00:00:00.000Z",
  codeVersion: "test",
  data: [],
  curve: [],
  hasCheckpoint: false,
  config: RunConfig.parse({
    name,
    recordingIds: ["r"],
    labelSet: "s",
    labels: ["a"],
    channels: ["c"],
    windowS: 1,
    strideS: 1,
    testSubjects: [],
    validationSubjects: [],
  }),
});

const open: Trainer[] = [];
const children: ChildLike[] = [];
function trainer(library: AsyncLibrary, libraryPath = "any", patienceMs = 300): Trainer {
  const spawn = (file: string): ChildLike => {
    const child = forked(file);
    children.push(child);
    return child;
  };
  const host = createTrainer({
    library,
    libraryPath,
    workerFile,
    spawn,
    patienceMs,
    now: () => new Date("2026-02-03T04:05:06.000Z"),
  });
  open.push(host);
  return host;
}
afterEach(async () => {
  for (const host of open.splice(0)) await host.dispose();
  children.length = 0;
});

describe("a run", () => {
  test("is saved with its model before it is said to be done, its checkpoints on the way", async () => {
    const { library, runs, models, order } = memoryLibrary();
    const ended = await trainer(library).train(runNamed("plain"), { resume: false });
    expect(ended).toMatchObject({
      phase: "done",
      finishedAt: "2026-02-03T04:05:06.000Z",
      hasCheckpoint: false,
    });
    expect(runs.get("plain")).toEqual(ended);
    expect(models.get("plain model")).toEqual(Uint8Array.of(42, 0));
    expect(models.get("plain checkpoint")).toEqual(Uint8Array.of(10));
    expect(order.slice(-2)).toEqual(["model", "run done"]);
    expect(order.filter((what) => what === "checkpoint")).toHaveLength(10);
  });

  test("whose process is killed is failed with its last checkpoint; the next request has a new process, and it resumes", async () => {
    const { library, runs, models } = memoryLibrary();
    const host = trainer(library);
    const failed = await host.train(runNamed("crashes"), { resume: false });
    expect(failed).toMatchObject({
      phase: "failed",
      hasCheckpoint: true,
      error: { code: "model/trainer-died" },
    });
    expect(failed.error?.message).toContain("SIGKILL");
    expect(runs.get("crashes")).toEqual(failed);
    expect(models.get("crashes checkpoint")).toEqual(Uint8Array.of(4));
    const resumed = await host.train(failed, { resume: true });
    expect(resumed).toMatchObject({ phase: "done", hasCheckpoint: false });
    expect(resumed.error).toBeUndefined();
    expect(models.get("crashes model")).toEqual(Uint8Array.of(42, 4)); // went on from the fourth step
    expect(children).toHaveLength(2);
  });

  test("whose process aborts in a native call says so and keeps its checkpoint; what was asked beside it fails, what comes later does not", async () => {
    const { library, runs, models } = memoryLibrary();
    const host = trainer(library);
    const work = host.train(runNamed("aborts"), { resume: false });
    const beside = host.predict({ runId: "aborts", recordingId: "r", adaptation: "none" });
    await expect(beside).rejects.toMatchObject({
      code: "model/trainer-died",
      detail: { reason: "signal SIGABRT" },
    });
    expect(await work).toMatchObject({ phase: "failed", error: { code: "model/trainer-died" } });
    expect(runs.get("aborts")?.phase).toBe("failed");
    const alone = await host.train(runNamed("aborts"), { resume: false });
    expect(alone.error?.message).toContain("SIGABRT");
    expect(models.get("aborts checkpoint")).toEqual(Uint8Array.of(4));
    const prediction = await host.predict({ runId: "plain", recordingId: "r", adaptation: "none" });
    expect(prediction.runId).toBe("plain");
    expect(children).toHaveLength(3);
  });

  test("fails with the reason the fit gave", async () => {
    const { library, runs } = memoryLibrary();
    const ended = await trainer(library).train(runNamed("refuses"), { resume: false });
    expect(ended).toMatchObject({
      phase: "failed",
      hasCheckpoint: false,
      error: { code: "model/too-few-labels", message: "Only 2 labelled windows; 20 are needed" },
    });
    expect(runs.get("refuses")).toEqual(ended);
  });

  test("that is cancelled ends at once, is saved as cancelled and can be resumed", async () => {
    const { library, runs } = memoryLibrary();
    const host = trainer(library);
    const work = host.train(runNamed("slow"), { resume: false });
    await new Promise<void>((done) => host.onProgress(() => done()));
    host.cancel("slow");
    expect(await work).toMatchObject({
      phase: "cancelled",
      hasCheckpoint: true,
      error: { code: "cancelled/by-user" },
    });
    expect(runs.get("slow")?.phase).toBe("cancelled");
    expect(children).toHaveLength(1); // no process was harmed
  });

  test("that no longer listens is ended with its process when cancelled", async () => {
    const { library, runs } = memoryLibrary();
    const host = trainer(library);
    let progress = 0;
    const work = host.train(runNamed("stuck"), { resume: false });
    await new Promise<void>((done) =>
      host.onProgress(() => {
        if (++progress === 1) setTimeout(done, 100);
      }),
    );
    host.cancel("stuck");
    expect(await work).toMatchObject({
      phase: "cancelled",
      hasCheckpoint: true,
      error: { code: "cancelled/by-user" },
    });
    expect(runs.get("stuck")?.phase).toBe("cancelled");
    expect((await host.train(runNamed("plain"), { resume: false })).phase).toBe("done"); // in a new process
  });

  test("in a process that never opens its library is cancelled, and the handle can be disposed of", async () => {
    const host = trainer(memoryLibrary().library, "never opens");
    const work = host.train(runNamed("plain"), { resume: false });
    host.cancel("plain");
    expect((await work).phase).toBe("cancelled");
    const asked = host.preview(runNamed("x").config);
    asked.catch(() => undefined);
    await new Promise((done) => setTimeout(done, 50));
    await host.dispose();
    await expect(asked).rejects.toMatchObject({ code: "model/trainer-died" });
  });

  test("cannot be started twice at once", async () => {
    const host = trainer(memoryLibrary().library);
    const work = host.train(runNamed("slow"), { resume: false });
    await expect(host.train(runNamed("slow"), { resume: false })).rejects.toMatchObject({
      code: "model/already-running",
    });
    host.cancel("slow");
    await work;
  });

  test("whose checkpoint cannot be written ends with the reason of the storage", async () => {
    let full = false;
    const { library } = memoryLibrary((what) => {
      if (what !== "checkpoint" || full) return;
      full = true;
      throw new AppError("storage/disk-full", "The disk is full");
    });
    const ended = await trainer(library).train(runNamed("slow"), { resume: false });
    expect(ended).toMatchObject({ phase: "failed", error: { code: "storage/disk-full" } });
  });

  test("tells its progress at most four times a second, and its end", async () => {
    const host = trainer(memoryLibrary().library);
    const seen: RunProgress[] = [];
    host.onProgress((progress) => seen.push(progress));
    const started = performance.now();
    await host.train(runNamed("slow"), { resume: false });
    const seconds = (performance.now() - started) / 1000;
    expect(seen.length).toBeLessThanOrEqual(2 + Math.ceil(4 * seconds)); // a thousand were made
    expect(seen.at(-1)).toMatchObject({ runId: "slow", phase: "done", done: 1 });
    expect(host.progress()).toEqual([]);
  });
});

describe("a request", () => {
  test("for a prediction is answered with its arrays and saved", async () => {
    const { library, predictions } = memoryLibrary();
    const prediction = await trainer(library).predict({
      runId: "plain",
      recordingId: "r",
      adaptation: "none",
    });
    expect(prediction.probabilities).toEqual(Float32Array.of(1, NaN));
    expect(prediction.onsetS).toEqual(Float64Array.of(0, 1));
    expect(predictions).toEqual([prediction]);
  });

  test("is answered while a run goes on", async () => {
    const host = trainer(memoryLibrary().library);
    const work = host.train(runNamed("slow"), { resume: false });
    expect((await host.preview(runNamed("x").config)).windows.unlabelled).toBe(2);
    expect(host.progress().length).toBeLessThanOrEqual(1);
    expect((await work).phase).toBe("done");
  });

  test("that fails keeps its code and its numbers", async () => {
    const host = trainer(memoryLibrary().library);
    await expect(host.layers({ runId: "plain", recordingId: "r", timeS: 3 })).rejects.toMatchObject({
      code: "model/not-assessable",
      detail: { timeS: 3 },
    });
    await expect(host.rank({ runId: "untrained", limit: 3 })).rejects.toMatchObject({
      code: "model/not-trained",
    });
  });

  test("to a trainer whose library does not open says why", async () => {
    await expect(
      trainer(memoryLibrary().library, "newer").preview(runNamed("x").config),
    ).rejects.toMatchObject({ code: "storage/newer-schema" });
  });

  test("after the handle was disposed of is refused", async () => {
    const host = trainer(memoryLibrary().library);
    await host.preview(runNamed("x").config);
    await host.dispose();
    await expect(host.preview(runNamed("x").config)).rejects.toMatchObject({ code: "cancelled/by-user" });
  });
});
