import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { madeUpAbout } from "../../../preload/contract/method.fixtures.ts";
import { settingsSeen } from "../../../preload/contract/run.ts";
import type { RoundsModel } from "../../models/model.ts";
import { descriptionOf, models, registered } from "../../models/registry.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { predictRecording } from "../predict/predict.ts";
import { previewRun } from "../data/preview.ts";
import { changed } from "../../../preload/contract/run.fixtures.ts";
import { checkpointAt, configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const library = libraryOf(people.map((subject, seed) => gestureRecording(subject, 60 + seed)));
const withKind = (kind: string, more: object = {}) => {
  const config = changed(configOf(people), {});
  return { ...config, model: { kind, members: 2, ...more } };
};

/** The nearest mean of a class, found in as many rounds as it is told. What a newcomer would write, and nothing else. */
const Learned = z.object({ means: z.array(z.array(z.number())), rounds: z.number() });
const nearest: RoundsModel<{ readonly steps: number }, z.infer<typeof Learned>> = {
  kind: "nearest-mean",
  name: { en: "Nearest mean", ja: "最近傍平均" },
  sentence: { en: "The class whose mean is nearest.", ja: "平均が最も近いクラス。" },
  over: "windows",
  config: z.strictObject({
    kind: z.literal("nearest-mean"),
    members: z.number().default(2),
    steps: z.number().int().default(4),
  }),
  kinds: ["emg"],
  usualFor: [],
  can: ["ensemble"],
  about: madeUpAbout,
  file: Learned,
  learning: {
    kind: "rounds",
    mostRounds: 50,
    begin: (_config, { classes, width }) => ({
      means: Array.from({ length: classes }, () => new Array<number>(width).fill(0)),
      rounds: 0,
    }),
    round: ({ means, rounds }, { steps }, { x, y, count, width, classes }) => {
      const next = means.map((mean, c) =>
        mean.map((value, i) => {
          let [sum, mass] = [0, 0];
          for (let n = 0; n < count; n += 1) {
            const weight = y[n * classes + c] ?? 0;
            sum += weight * (x[n * width + i] ?? 0);
            mass += weight;
          }
          return value + (sum / Math.max(1, mass) - value) / 2;
        }),
      );
      const learned = { means: next, rounds: rounds + 1 };
      return Promise.resolve({ learned, score: -rounds, isSettled: learned.rounds >= steps });
    },
  },
  score: ({ means }, { count, x }) => {
    const width = x.length / count;
    const logits = new Float32Array(count * means.length);
    for (let n = 0; n < count; n += 1)
      means.forEach((mean, c) => {
        logits[n * means.length + c] = -mean.reduce(
          (sum, m, i) => sum + ((x[n * width + i] ?? 0) - m) ** 2,
          0,
        );
      });
    return { logits, logDensity: new Float32Array(count) };
  },
};

let takeOut: () => void = () => undefined;
afterEach(() => {
  takeOut();
  takeOut = () => undefined;
});

describe("a model that learns in rounds", () => {
  test("trains, is judged, saved, read and predicts without any other file knowing it", async () => {
    takeOut = registered(nearest);
    expect(descriptionOf(nearest)).toMatchObject({ kind: "nearest-mean", learning: "rounds" });
    const config = withKind("nearest-mean");
    const preview = await previewRun(config, library);
    expect(preview.problems).toEqual([]);
    expect(preview.model).toEqual({ kind: "nearest-mean", members: 2, steps: 4 });
    const { run, model } = await fitRun(runOf(config), toolsFor(library));
    expect(run.metrics?.test.accuracy).toBeGreaterThan(0.8);
    expect(run.metrics?.supervisedOnly).toBeUndefined();
    expect(run.engine).toBeUndefined();
    const saved = unpackModel(model);
    expect(saved.learned).toHaveLength(2);
    const prediction = await predictRecording(
      { run, model, recordingId: "rec-p5", adaptation: "none" },
      toolsFor(library),
    );
    expect(prediction.probabilities.length).toBe(prediction.onsetS.length * 3);
    expect([...prediction.probabilities.slice(0, 3)].reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  test("goes on from its last whole round to the same bits", async () => {
    takeOut = registered(nearest);
    const run = runOf(withKind("nearest-mean", { steps: 30 }));
    const whole = await fitRun(run, toolsFor(library));
    const checkpoint = await checkpointAt(
      (hooks) => fitRun(run, { ...toolsFor(library), ...hooks }),
      ["training", 12],
    );
    expect(checkpoint).toBeDefined();
    const resumed = await fitRun(run, toolsFor(library, { resume: checkpoint }));
    expect(resumed.model).toEqual(whole.model);
    expect(resumed.run.metrics).toEqual(whole.run.metrics);
  });
});

/** So that each is done in seconds. */
const short: Readonly<Record<string, object>> = {
  sdgm: { steps: 3, starts: 1 },
  "coupled-softmax": { couplingVariance: 1, generativeWeight: 1 },
  "coupled-energy": { couplingVariance: 1, generativeWeight: 1, hidden: 0 },
};
const inRounds = models()
  .filter(({ over, learning }) => over === "windows" && learning.kind === "rounds")
  .map(({ kind }) => kind);

test.each(inRounds)(
  "%s that was cancelled goes on to the model, byte for byte, that it would have been",
  async (kind) => {
    const run = runOf(withKind(kind, { ...short[kind], members: 2 }));
    const whole = await fitRun(run, toolsFor(library));
    const checkpoint = await checkpointAt(
      (hooks) => fitRun(run, { ...toolsFor(library), ...hooks }),
      ["training", 1],
    );
    const resumed = await fitRun(run, toolsFor(library, { resume: checkpoint }));
    expect(resumed.model).toEqual(whole.model);
  },
  60_000,
);

test("the largest seed there is has members of its own, too", async () => {
  const config = withKind("coupled-softmax", { ...short["coupled-softmax"], members: 2 });
  const { model } = await fitRun(runOf({ ...config, seed: Number.MAX_SAFE_INTEGER }), toolsFor(library));
  expect(unpackModel(model).learned).toMatchObject([{ seed: 0 }, { seed: 1 }]);
});

test("the linear discriminant can be chosen and kept; a cross-validation of it needs no engine", async () => {
  const config = withKind("lda");
  const { run, model } = await fitRun(runOf(config), toolsFor(library));
  expect(settingsSeen(run.config).epochs).toBeUndefined();
  expect(run.metrics?.test.accuracy).toBeGreaterThan(0.85);
  expect(run.metrics?.distanceFromIdentity).toEqual([]);
  expect(unpackModel(model).kind).toBe("lda");
  const crossed = { ...config, split: { testSubjects: [], validationSubjects: [], folds: 3 } };
  const { run: pooled } = await fitRun(runOf(crossed), toolsFor(library));
  expect(pooled.metrics?.folds).toHaveLength(3);
});
