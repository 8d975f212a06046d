import { beforeAll, describe, expect, test } from "vitest";
import { changed, type RunChange } from "../../../preload/contract/run.fixtures.ts";
import { RunMetrics, type RunProgress } from "../../../preload/contract/run.ts";
import { previewRun } from "../data/preview.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitFold, fitRun, pooledFrom } from "./fit-run.ts";
import { unpackModel } from "../model-file/model-file.ts";
import type { FitTools } from "../work.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const recordings = people.map((subject, i) => gestureRecording(subject, 40 + i));
const library = libraryOf(recordings);
const crossed = configOf(people, { folds: 3, testSubjects: [], epochs: 3 });

const fit = (config = crossed, tools: Partial<FitTools> = {}, from = library) =>
  fitRun(runOf(config), toolsFor(from, tools));

let fitted: Awaited<ReturnType<typeof fitRun>>;
let metrics: RunMetrics;
const progress: RunProgress[] = [];
beforeAll(async () => {
  fitted = await fit(crossed, { onProgress: (one) => progress.push(one) });
  metrics = RunMetrics.parse(fitted.run.metrics);
});

describe("a cross-validation", () => {
  test("tests everybody exactly once and pools what was said of them", () => {
    const folds = metrics.folds ?? [];
    expect(folds.map(({ subjects }) => subjects.length).sort()).toEqual([1, 2, 2]);
    expect(folds.flatMap(({ subjects }) => subjects).sort()).toEqual(people);
    expect(metrics.test.perSubject.map(({ subject }) => subject).sort()).toEqual(people);
    for (const report of [metrics.test, metrics.lda, metrics.supervisedOnly!])
      expect(report.windows).toBe(folds.reduce((sum, { windows }) => sum + windows, 0));
    expect(metrics.test.accuracy).toBeGreaterThan(0.85);
    expect(fitted.run.config).toEqual(crossed);
  });

  test("is the same to the last bit where each fit is done by itself and they are pooled", async () => {
    const start = runOf(crossed);
    const first = await fitFold(start, { index: 0, whole: undefined }, toolsFor(library, {}));
    const fits = [first.fitted];
    for (let index = first.of - 1; index > 0; index -= 1) {
      const one = await fitFold(start, { index, whole: first.fitted }, toolsFor(library, {}));
      fits[index] = one.fitted;
    }
    expect(first.of).toBe(4);
    const together = await fit(crossed, { resume: pooledFrom(fits) });
    expect(together.model).toEqual(fitted.model);
    expect(together.run.metrics).toEqual(fitted.run.metrics);
    await expect(
      fitFold(start, { index: 4, whole: first.fitted }, toolsFor(library, {})),
    ).rejects.toMatchObject({ code: "contract/bad-params" });
  });

  test("judges the people of a fold as a run of its own would that never trained on them", async () => {
    const [fold] = metrics.folds ?? [];
    const alone = await fit(configOf(people, { epochs: 3, testSubjects: fold?.subjects ?? [] }));
    const report = alone.run.metrics?.test;
    expect(fold).toMatchObject({ accuracy: report?.accuracy, nll: report?.nll, ece: report?.ece });
    expect(fold?.temperature).toBe(alone.run.metrics?.calibration.temperature);
  });

  test("tells the spread of its folds", () => {
    const nll = (metrics.folds ?? []).map((fold) => fold.nll);
    const mean = nll.reduce((a, b) => a + b, 0) / 3;
    expect(metrics.spread?.nll?.mean).toBeCloseTo(mean, 12);
    expect(metrics.spread?.nll?.lowest).toBe(Math.min(...nll));
    expect(metrics.spread?.nll?.highest).toBe(Math.max(...nll));
    const variance = nll.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2;
    expect(metrics.spread?.nll?.sd).toBeCloseTo(Math.sqrt(variance), 12);
  });

  test("keeps a model that learned from everybody, however many folds there are", async () => {
    const other = await fit(changed(crossed, { folds: 2 }));
    expect(unpackModel(other.model)).toEqual(unpackModel(fitted.model));
    expect(other.run.metrics?.calibration).toEqual(metrics.calibration);
    expect(metrics.calibration.subjects).toEqual(people);
    expect(other.run.metrics?.folds).toHaveLength(2);
  });

  test("never tests who has no labels, and trains on them in every fold", async () => {
    const unlabelled = recordings.map((one) => (one.subject === "p2" ? { ...one, annotations: [] } : one));
    const found = await fit(crossed, {}, libraryOf(unlabelled));
    expect(found.run.metrics?.test.perSubject.map(({ subject }) => subject).sort()).toEqual([
      "p1",
      "p3",
      "p4",
      "p5",
    ]);
    const preview = await previewRun(crossed, libraryOf(unlabelled));
    expect(preview.problems).toEqual([]);
    const folds = preview.subjects.map(({ subject, fold, part }) => ({ subject, fold, part }));
    expect(folds.filter(({ fold }) => fold === undefined)).toEqual([
      { subject: "p2", part: "train", fold: undefined },
    ]);
    expect(new Set(folds.flatMap(({ fold }) => (fold === undefined ? [] : [fold])))).toEqual(
      new Set([0, 1, 2]),
    );
  });

  test("says how far it is, never backwards, which fit it is at, and how long it will take", () => {
    const done = progress.map((one) => one.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
    expect(progress.at(-1)?.fits).toEqual({ done: 4, of: 4 });
    expect(progress.at(-1)?.secondsLeft).toBe(0);
    expect(progress.filter(({ secondsLeft }) => (secondsLeft ?? 0) > 0).length).toBeGreaterThan(0);
  });

  test.each([0, 2])(
    "stopped with %i of its fits done goes on from there to the same numbers",
    async (after) => {
      const cancel = new AbortController();
      let checkpoint: Uint8Array | undefined;
      let saved = fitted.run;
      const stopped = fit(crossed, {
        signal: cancel.signal,
        onProgress: ({ fits, epoch }) => {
          if ((fits?.done ?? 0) >= after && epoch >= 2) cancel.abort();
        },
        onCheckpoint: (run, bytes) => {
          [saved, checkpoint] = [run, bytes];
          return Promise.resolve();
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
      const seen: RunProgress[] = [];
      const resumed = await fitRun(
        saved,
        toolsFor(library, { resume: checkpoint, onProgress: (one) => seen.push(one) }),
      );
      expect(unpackModel(resumed.model)).toEqual(unpackModel(fitted.model));
      expect(resumed.run.metrics).toEqual(fitted.run.metrics);
      expect(resumed.run.curve).toEqual(fitted.run.curve);
      expect(seen.find(({ fits }) => fits)?.fits?.done).toBe(after);
    },
  );

  test("cannot begin with test people named beside it, nor with more folds than people", async () => {
    const problems = async (change: RunChange): Promise<string[]> =>
      (await previewRun(changed(crossed, change), library)).problems.map(({ code }) => code);
    expect(await problems({})).toEqual([]);
    expect(await problems({ testSubjects: ["p1"] })).toEqual(["FOLDS_AND_TEST_SUBJECTS"]);
    expect(await problems({ folds: 6 })).toEqual(["FOLDS_TOO_MANY"]);
    expect(await problems({ folds: 5, validationSubjects: ["p1"] })).toEqual(["FOLDS_TOO_MANY"]);
  });
});

describe("patience", () => {
  test("ends training after so many epochs without a better validation score and keeps the best", async () => {
    const config = configOf(people, { epochs: 30, learningRate: 0.3, patience: 2 });
    const { run } = await fit(config);
    const epochs = run.curve.length;
    expect(epochs).toBeLessThan(30);
    const longer = await fit(changed(config, { patience: 6 }));
    expect(longer.run.curve.slice(0, epochs)).toEqual(run.curve);
    expect(longer.run.curve.length).toBeGreaterThan(epochs);
  });
});
