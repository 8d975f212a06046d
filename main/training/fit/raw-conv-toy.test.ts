import { afterAll, beforeAll, expect, test } from "vitest";
import { onnxRuntime } from "../../compute/onnx/runtime.ts";
import { constantRate } from "../../compute/schedule.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { Picture } from "../../../preload/contract/method.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { predictRecording } from "../predict/predict.ts";
import { fitRun } from "./fit-run.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitToy, judgeToy, type Examples } from "./toy.fixtures.ts";
import { seededRandom } from "../../models/random.ts";
import { rawConvModel } from "../../models/windows/raw-conv.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const [columns, rows, classes] = [60, 2, 2];
const features = columns * rows;
const names = { inputs: [], classes: [] };

/** Noise, and somewhere in the first channel a wave of one of two lengths; one sample in ten is missing. */
function waves(count: number, seed: number): Examples & { readonly observed: Float32Array } {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: count }, (_, n) => n % classes);
  const observed = Float32Array.from({ length: count * features }, () => (random.next() < 0.1 ? 0 : 1));
  const x = observed.map((seen) => seen * 0.3 * random.normal());
  labels.forEach((label, n) => {
    const at = random.below(columns - 20);
    for (let i = 0; i < 20; i += 1) {
      const place = n * features + at + i;
      if (observed[place] === 1)
        x[place] = (x[place] ?? 0) + Math.sin((2 * Math.PI * i) / (label === 0 ? 4 : 10));
    }
  });
  return { x, observed, labels };
}

test.each(["max", "mean", "regularised", "parameterised"] as const)(
  "with %s pooling, recorded and run whole, tells waves wherever they lie",
  async (pooling) => {
    const settings = rawConvModel.config.parse({ pooling });
    const shape = { features, columns, classes, maskInputs: true, ring: undefined, labelledCount: 256 };
    const network = rawConvModel.learning.network(settings, shape);
    const model = rawConvModel.learning.estimator(network);
    const taught = waves(256, 1);
    const batch = 64;
    const batches = [0, 1, 2, 3].map((b) => ({
      count: batch,
      x: taught.x.slice(b * batch * features, (b + 1) * batch * features),
      observed: taught.observed.slice(b * batch * features, (b + 1) * batch * features),
      y: Float32Array.from({ length: batch * classes }, (_, at) =>
        taught.labels[b * batch + Math.floor(at / classes)] === at % classes ? 1 : 0,
      ),
    }));
    const params = await fitToy(
      runtime,
      model,
      (step) => batches[step % 4] ?? { count: 0, x: taught.x, y: taught.x },
      {
        ...{ features, classes, steps: 120 },
        rate: constantRate(4e-3),
        optimiser: { kind: "adam" },
      },
    );
    const { accuracy } = await judgeToy(runtime, model, params, waves(400, 2), { features, classes });
    expect(accuracy).toBeGreaterThan(0.9);
    const sizes = Object.values(params).map(({ values }) => values.length);
    expect(rawConvModel.learning.size(network)).toBe(sizes.reduce((a, b) => a + b));
    const pictures = rawConvModel.pictures?.(network, params, names) ?? [];
    expect(pictures.map((one) => Picture.parse(one).kind)).toEqual(
      pooling === "parameterised" ? ["curves", "curves"] : ["curves"],
    );
  },
);

test("is made for any number of points and channels, and for no part of one", () => {
  for (const points of [1, 2, 3, 4, 5, 7, 11, 40]) {
    for (const isShared of [true, false]) {
      const config = { ...rawConvModel.config.parse({ isShared }) };
      const shape = {
        features: 3 * points,
        columns: points,
        classes: 2,
        maskInputs: true,
        ring: undefined,
        labelledCount: 1,
      };
      const network = rawConvModel.learning.network(config, shape);
      const { parameters } = rawConvModel.learning.estimator(network);
      expect([...parameters.values()].every((of) => of.every((size) => size > 0))).toBe(true);
    }
  }
  expect(() => rawConvModel.learning.estimator({ features: 7, columns: 3, classes: 2 })).toThrow(
    "not whole channels",
  );
});

test("a run that names no front reads the samples themselves, and its model judges a recording", async () => {
  const people = ["p1", "p2", "p3", "p4", "p5"];
  const library = libraryOf(people.map((subject, seed) => gestureRecording(subject, 60 + seed)));
  const config = { ...configOf(people), model: { kind: "raw-conv", members: 2, epochs: 3 } };
  const { run, model } = await fitRun(runOf(config), toolsFor(library));
  expect(unpackModel(model).front).toBe("raw-window");
  expect(run.metrics?.test.accuracy).toBeGreaterThan(0.5); // three gestures
  expect(run.metrics?.layerAccuracy).toBeUndefined();
  const { probabilities } = await predictRecording(
    { run, model, recordingId: "rec-p5", adaptation: "none" },
    toolsFor(library),
  );
  expect([...probabilities.slice(0, 3)].reduce((a, b) => a + b)).toBeCloseTo(1, 5);
}, 120_000);
