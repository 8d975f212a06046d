import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { Run, RunProgress } from "../../../preload/contract/run.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { forked } from "./child.ts";
import type { ChildLine } from "../../calls/child.ts";
import type { Trainer, TrainOrder, TrainWatch } from "./host-api.ts";
import { createTrainer } from "./host.ts";

const workerFile = fileURLToPath(new URL("./host.fake-trainer.ts", import.meta.url));

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
const children: ChildLine[] = [];
function trainer(libraryPath = "any", patienceMs = 300): Trainer {
  const spawn = (file: string): ChildLine => {
    const child = forked(file);
    children.push(child);
    return child;
  };
  const host = createTrainer({ libraryPath, workerFile, spawn, patienceMs });
  open.push(host);
  return host;
}
afterEach(async () => {
  for (const host of open.splice(0)) await host.dispose();
  children.length = 0;
});

interface Watched extends TrainWatch {
  readonly stop: AbortController;
  readonly seen: RunProgress[];
  readonly checkpoints: Uint8Array[];
}
function watch(onProgress: (stop: AbortController) => void = () => undefined): Watched {
  const stop = new AbortController();
  const seen: RunProgress[] = [];
  const checkpoints: Uint8Array[] = [];
  return {
    stop,
    seen,
    checkpoints,
    signal: stop.signal,
    onProgress: (progress) => {
      seen.push(progress);
      onProgress(stop);
    },
    onCheckpoint: (_, bytes) => Promise.resolve(void checkpoints.push(bytes)),
  };
}
const order = (name: string, resume = false): TrainOrder => ({ run: runNamed(name), resume });

describe("a run", () => {
  test("comes back trained, with a checkpoint of each step on the way", async () => {
    const watched = watch();
    const { run, model } = await trainer().train(order("plain"), watched);
    expect(run).toMatchObject({ id: "plain", curve: [{ epoch: 10, loss: 0 }] });
    expect(model).toEqual(Uint8Array.of(42, 0));
    expect(watched.checkpoints.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("goes on only when its checkpoint is kept, and ends with the reason where it cannot be", async () => {
    const watched = watch();
    const full = {
      ...watched,
      onCheckpoint: async (_: Run, bytes: Uint8Array) => {
        watched.checkpoints.push(bytes);
        await new Promise((done) => setTimeout(done, 50));
        throw new AppError("storage/disk-full", "The disk is full");
      },
    };
    await expect(trainer().train(order("plain"), full)).rejects.toMatchObject({ code: "storage/disk-full" });
    expect(watched.checkpoints).toHaveLength(1);
  });

  test("whose process is killed says so; the next request has a new process, and it resumes", async () => {
    const host = trainer();
    const watched = watch();
    await expect(host.train(order("crashes"), watched)).rejects.toMatchObject({
      code: "model/trainer-died",
      detail: { reason: "signal SIGKILL" },
    });
    expect(watched.checkpoints.at(-1)).toEqual(Uint8Array.of(4));
    const resumed = await host.train(order("crashes", true), watch());
    expect(resumed.model).toEqual(Uint8Array.of(42, 4)); // went on from the fourth step
    expect(children).toHaveLength(2);
  });

  test("whose process aborts in a native call says so; what was asked beside it fails, what comes later does not", async () => {
    const host = trainer();
    const work = host.train(order("aborts"), watch());
    work.catch(() => undefined);
    const beside = host.predict({ runId: "aborts", recordingId: "r", adaptation: "none" });
    const died = { code: "model/trainer-died", detail: { reason: "signal SIGABRT" } };
    await expect(beside).rejects.toMatchObject(died);
    await expect(work).rejects.toMatchObject(died);
    await expect(host.train(order("aborts"), watch())).rejects.toMatchObject(died);
    const prediction = await host.predict({ runId: "plain", recordingId: "r", adaptation: "none" });
    expect(prediction.runId).toBe("plain");
    expect(children).toHaveLength(3);
  });

  test("fails with the reason the fit gave", async () => {
    await expect(trainer().train(order("refuses"), watch())).rejects.toMatchObject({
      code: "model/too-few-labels",
      message: "Only 2 labelled windows; 20 are needed",
      detail: { labelled: 2 },
    });
  });

  test("that is cancelled ends at once, and no process is harmed", async () => {
    const host = trainer();
    const watched = watch((stop) => stop.abort());
    await expect(host.train(order("slow"), watched)).rejects.toMatchObject({ code: "cancelled/by-user" });
    await host.preview(runNamed("x").config);
    expect(children).toHaveLength(1);
  });

  test("that no longer listens is ended with its process when cancelled", async () => {
    const host = trainer();
    const watched = watch((stop) => setTimeout(() => stop.abort(), 100));
    await expect(host.train(order("stuck"), watched)).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(watched.checkpoints).toHaveLength(3);
    await host.train(order("plain"), watch());
    expect(children).toHaveLength(2);
  });

  test("in a process that never opens its library is cancelled, and the handle can be disposed of", async () => {
    const host = trainer("never opens");
    const watched = watch();
    const work = host.train(order("plain"), watched);
    watched.stop.abort();
    await expect(work).rejects.toMatchObject({ code: "cancelled/by-user" });
    const asked = host.preview(runNamed("x").config);
    asked.catch(() => undefined);
    await new Promise((done) => setTimeout(done, 50));
    await host.dispose();
    await expect(asked).rejects.toMatchObject({ code: "model/trainer-died" });
  });

  test("tells its progress at most four times a second", async () => {
    const watched = watch();
    const started = performance.now();
    await trainer().train(order("slow"), watched);
    const seconds = (performance.now() - started) / 1000;
    expect(watched.seen.length).toBeGreaterThan(0);
    expect(watched.seen.length).toBeLessThanOrEqual(1 + Math.ceil(4 * seconds)); // a thousand were made
  });
});

describe("a request", () => {
  test("for a prediction is answered with its arrays", async () => {
    const prediction = await trainer().predict({
      runId: "plain",
      recordingId: "r",
      adaptation: "none",
    });
    expect(prediction.probabilities).toEqual(Float32Array.of(1, NaN));
    expect(prediction.onsetS).toEqual(Float64Array.of(0, 1));
  });

  test("is answered while a run goes on", async () => {
    const host = trainer();
    const work = host.train(order("slow"), watch());
    expect((await host.preview(runNamed("x").config)).windows.unlabelled).toBe(2);
    expect((await work).run.id).toBe("slow");
  });

  test("that fails keeps its code and its numbers", async () => {
    const host = trainer();
    await expect(host.layers({ runId: "plain", recordingId: "r", timeS: 3 })).rejects.toMatchObject({
      code: "model/not-assessable",
      detail: { timeS: 3 },
    });
    await expect(host.rank({ runId: "untrained", limit: 3 })).rejects.toMatchObject({
      code: "model/not-trained",
    });
  });

  test("to a trainer whose library does not open says why", async () => {
    await expect(trainer("newer").preview(runNamed("x").config)).rejects.toMatchObject({
      code: "storage/newer-schema",
    });
  });

  test("after the handle was disposed of is refused", async () => {
    const host = trainer();
    await host.preview(runNamed("x").config);
    await host.dispose();
    await expect(host.preview(runNamed("x").config)).rejects.toMatchObject({ code: "cancelled/by-user" });
  });
});
