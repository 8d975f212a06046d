import { add, div, logSoftmax, matMul, mul, neg, sum, zeros } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { madeUpAbout } from "../../../preload/contract/method.fixtures.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { sizeOf } from "../../compute/feeds.ts";
import { arraysFrom } from "../../compute/parameters.ts";
import type { Estimator } from "../../models/estimator.ts";
import { labelledWeight } from "../../models/labelled.ts";
import { observedOnly } from "../../models/layers/observed-only.ts";
import type { DescentModel } from "../../models/model.ts";
import { descriptionOf, registered } from "../../models/registry.ts";
import { previewRun } from "../data/preview.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { predictRecording } from "../predict/predict.ts";
import { checkpointAt, configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const library = libraryOf(people.map((subject, seed) => gestureRecording(subject, 80 + seed)));
const withToy = (more: object = {}) => ({
  ...configOf(people),
  model: { kind: "one-matrix", members: 2, ...more },
});

const Network = z.object({ features: z.number(), classes: z.number(), shrink: z.number() });
type Network = z.infer<typeof Network>;

function oneMatrix(config: Network): Estimator<Network> {
  const { features, classes, shrink } = config;
  const parameters = new Map<string, readonly number[]>([
    ["matrix", [features, classes]],
    ["bias", [classes]],
  ]);
  return {
    name: "one-matrix",
    config,
    parameters,
    init: () => arraysFrom(parameters, (_, shape) => new Float32Array(sizeOf(shape))),
    loss(params, batch) {
      const { logits } = this.forward(params, batch.x, batch.observed);
      const told = sum(mul(batch.weight, mul(batch.y, logSoftmax(logits))));
      const matrix = params("matrix");
      return add(neg(div(told, labelledWeight(batch))), mul(shrink, sum(mul(matrix, matrix))));
    },
    forward(params, x, observed) {
      const logits: Tensor2D = add(matMul(observedOnly(x, observed), params("matrix")), params("bias"));
      return { logits, logDensity: zeros([x.shape[0], 1]), hidden: [] };
    },
  };
}

/** Softmax regression by descent. What a newcomer would write, and nothing else. */
const toy: DescentModel<{ readonly shrink: number }> = {
  kind: "one-matrix",
  name: { en: "One matrix", ja: "行列1つ" },
  sentence: { en: "A matrix and a softmax.", ja: "行列とソフトマックス。" },
  over: "windows",
  config: z.strictObject({
    kind: z.literal("one-matrix"),
    members: z.number().default(2),
    epochs: z.number().int().default(30),
    shrink: z.number().min(0).max(1).default(1e-4),
  }),
  kinds: ["emg"],
  usualFor: [],
  can: ["ensemble"],
  about: madeUpAbout,
  learning: {
    kind: "descent",
    network: ({ shrink }, { features, classes }) => ({ features, classes, shrink }),
    estimator: (network) => oneMatrix(Network.parse(network)),
    size: (network) => (({ features, classes }) => (features + 1) * classes)(Network.parse(network)),
    rate: () => 0.05,
  },
};

let takeOut: () => void = () => undefined;
afterEach(() => {
  takeOut();
  takeOut = () => undefined;
});

test("a model that learns by descent trains, is judged, saved, read and predicts without any other file knowing it", async () => {
  takeOut = registered(toy);
  expect(descriptionOf(toy)).toMatchObject({ kind: "one-matrix", learning: "descent" });
  const config = withToy();
  const preview = await previewRun(config, library);
  expect(preview.problems).toEqual([]);
  expect(preview.model).toEqual({ kind: "one-matrix", members: 2, epochs: 30, shrink: 1e-4 });
  const { run, model } = await fitRun(runOf(config), toolsFor(library));
  expect(run.metrics?.test.accuracy).toBeGreaterThan(0.8);
  expect(run.engine?.name).toBeDefined();
  expect(unpackModel(model)).toMatchObject({ kind: "one-matrix", network: { classes: 3, shrink: 1e-4 } });
  const prediction = await predictRecording(
    { run, model, recordingId: "rec-p5", adaptation: "none" },
    toolsFor(library),
  );
  expect(prediction.probabilities.length).toBe(prediction.onsetS.length * 3);
  expect([...prediction.probabilities.slice(0, 3)].reduce((a, b) => a + b)).toBeCloseTo(1, 5);
});

test("it goes on from a checkpoint to the same bits, and a setting out of its range is refused by name", async () => {
  takeOut = registered(toy);
  const run = runOf(withToy({ epochs: 8 }));
  const whole = await fitRun(run, toolsFor(library));
  const checkpoint = await checkpointAt(
    (hooks) => fitRun(run, { ...toolsFor(library), ...hooks }),
    ["training", 4],
  );
  expect(checkpoint).toBeDefined();
  const resumed = await fitRun(run, toolsFor(library, { resume: checkpoint }));
  expect(resumed.model).toEqual(whole.model);
  await expect(previewRun(withToy({ shrink: 2 }), library)).rejects.toThrow("model.shrink: ");
});

test("a checkpoint says which parameters lie in its state: those of before, without, are taken as they lie", async () => {
  takeOut = registered(toy);
  const run = runOf(withToy({ epochs: 8 }));
  const whole = await fitRun(run, toolsFor(library));
  const bytes = await checkpointAt(
    (hooks) => fitRun(run, { ...toolsFor(library), ...hooks }),
    ["training", 4],
  );
  const place = unpack(bytes as Uint8Array) as { main: { parameters: { name: string }[] } };
  expect(place.main.parameters.map(({ name }) => name)).toEqual([
    ...["member0.matrix", "member0.bias", "member1.matrix", "member1.bias"],
  ]);
  const { parameters, ...before } = place.main;
  const resumedFrom = (main: object) => fitRun(run, toolsFor(library, { resume: pack({ ...place, main }) }));
  expect((await resumedFrom(before)).model).toEqual(whole.model);
  const renamed = parameters.map((one) => (one.name === "member1.bias" ? { ...one, name: "shift" } : one));
  await expect(resumedFrom({ ...before, parameters: renamed })).rejects.toMatchObject({
    code: "model/wrong-parameters",
    message: "The parameter member1.bias is missing",
  });
});
