import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunChange } from "../../../preload/contract/run.fixtures.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { RunConfig, RunProgress } from "../../../preload/contract/run.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";
import { fitThreads } from "./threads.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { bundleFolder } from "../../compute/bundle.fixtures.ts";
import { buildTrainer } from "../process/trainer.fixtures.ts";

const outDir = bundleFolder("fit-threads-test");
const people = ["p1", "p2", "p3", "p4"];
const library = libraryOf(people.map((subject, i) => gestureRecording(subject, 60 + i)));
const crossed = (change: RunChange = {}): RunConfig =>
  configOf(people, { folds: 4, testSubjects: [], epochs: 3, ...change });
const threads = {
  fits: fitThreads(pathToFileURL(join(outDir, "trainer.js")), () => ({ lanes: 2, threads: 1 })),
};

beforeAll(() => buildTrainer(outDir), 120_000);
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

describe("folds side by side in threads", { timeout: 120_000 }, () => {
  test("come out as one after the other, with progress and a checkpoint of each", async () => {
    const expected = await fitRun(runOf(crossed()), toolsFor(library));
    const seen: RunProgress[] = [];
    let checkpoints = 0;
    const found = await fitRun(
      runOf(crossed()),
      toolsFor(library, {
        onProgress: (one) => seen.push(one),
        onCheckpoint: () => Promise.resolve(void (checkpoints += 1)),
      }),
      threads,
    );
    expect(unpackModel(found.model)).toEqual(unpackModel(expected.model));
    expect(found.run.metrics).toEqual(expected.run.metrics);
    expect(checkpoints).toBeGreaterThanOrEqual(5); // one a fit at least
    const done = seen.map((one) => one.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(seen.at(-1)?.fits).toEqual({ done: 5, of: 5 });
  });

  test("vary the samples as one after the other would: whoever started a thread reads for it", async () => {
    const variation = { shiftS: 0.1, gainSd: 0.2, lossesPerMinute: 10, lossS: 0.5 };
    const config = crossed({ variation });
    const expected = await fitRun(runOf(config), toolsFor(library));
    const found = await fitRun(runOf(config), toolsFor(library), threads);
    expect(unpackModel(found.model)).toEqual(unpackModel(expected.model));
    expect(found.run.metrics).toEqual(expected.run.metrics);
    const plain = await fitRun(runOf(crossed()), toolsFor(library));
    expect(found.run.metrics?.test).not.toEqual(plain.run.metrics?.test);
  });

  test("end with the reason where a varied recording cannot be read", async () => {
    let isGone = false;
    const failing = {
      ...library,
      samples: (...place: Parameters<typeof library.samples>) => {
        if (isGone) throw new AppError("storage/not-found", "The recording is gone", {});
        return library.samples(...place);
      },
    };
    const config = crossed({ variation: { shiftS: 0.1, gainSd: 0, lossesPerMinute: 0, lossS: 0 } });
    const tools = toolsFor(failing, { onProgress: ({ fits }) => (isGone = (fits?.done ?? 0) > 0) });
    await expect(fitRun(runOf(config), tools, threads)).rejects.toMatchObject({ code: "storage/not-found" });
  });

  test("stop together when cancelled, and go on from where each was", async () => {
    const config = crossed({ epochs: 15, patience: 15 });
    const expected = await fitRun(runOf(config), toolsFor(library));
    const cancel = new AbortController();
    let checkpoint: Uint8Array | undefined;
    let saved = runOf(config);
    const stopped = fitRun(
      saved,
      toolsFor(library, {
        signal: cancel.signal,
        onProgress: ({ fits, epoch }) => {
          if (fits?.done === 1 && epoch > 3 && epoch < 15) cancel.abort();
        },
        onCheckpoint: (run, bytes) => {
          [saved, checkpoint] = [run, bytes];
          return Promise.resolve();
        },
      }),
      threads,
    );
    await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
    const resumed = await fitRun(saved, toolsFor(library, { resume: checkpoint }), threads);
    expect(unpackModel(resumed.model)).toEqual(unpackModel(expected.model));
    expect(resumed.run.metrics).toEqual(expected.run.metrics);
  });

  test("end with the reason of the first that fails", async () => {
    const config = crossed({ learningRate: 100, epochs: 2 });
    await expect(fitRun(runOf(config), toolsFor(library), threads)).rejects.toMatchObject({
      code: "model/diverged",
    });
  });
});
