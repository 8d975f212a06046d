import { expect, test } from "vitest";
import { openModelFile } from "../../compute/onnx/file-session.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { forksModel } from "../../models/sequences/forks/model.ts";
import { HORIZONS_S, INPUTS } from "../../models/sequences/forks/blocks.ts";
import type { LearnedForks } from "../../models/sequences/forks/learned.ts";
import { type ForkShape, initialParameters } from "../../models/sequences/forks/shape.ts";
import { configOf, runOf } from "../fit/fit.fixtures.ts";
import { readModelFile } from "./read.ts";
import { exportStep } from "./steps.ts";

const codes = ["acceleration", "deceleration"];
const shapeOf = (change: Partial<ForkShape>): ForkShape => ({
  ...{
    inputs: INPUTS,
    hidden: 16,
    classes: 3,
    components: 4,
    horizons: HORIZONS_S.length,
    dims: 1,
    head: 12,
  },
  ...{ seesInputs: true, squash: "tanh", weights: "horizon", firstSpread: [-1, 0.5] },
  leastSpread: HORIZONS_S.map((h) => Math.log(0.3 / h)),
  ...change,
});
const learnedOf = (shape: ForkShape, seeds = [1, 2]): LearnedForks => ({
  ...{ codes: shape.classes === 1 ? [] : codes, shape, scales: HORIZONS_S.map((h) => 2 + h / 4) },
  members: seeds.map((seed) => initialParameters(shape, seed)),
  calibration: {
    ...{ temperature: 1.3, biases: shape.classes === 1 ? [] : [-0.4, 0.2] },
    widths: HORIZONS_S.map((h) => 1 + h / 300),
  },
});
const run = runOf(configOf(["p1"]));

test.each<[what: string, change: Partial<ForkShape>, seeds: number[]]>([
  ["three classes", {}, [1, 2]],
  ["one network", {}, [1]],
  ["no classes", { classes: 1 }, [1, 2]],
  ["neither classes nor a second network", { classes: 1 }, [1]],
  ["weights of a path", { weights: "path", squash: "relu", seesInputs: false }, [1, 2]],
])("a step of forks says in plain ONNX Runtime what Kodo says, with %s", async (_, change, seeds) => {
  const learned = learnedOf(shapeOf(change), seeds);
  const { bytes, card, check } = await exportStep(run, { kind: "forks", learned });
  expect(check.windows).toBe(48);
  expect(check.largestDifference).toBeGreaterThan(0);
  expect(check.largestDifference).toBeLessThan(2e-5);
  const session = await openModelFile(bytes);
  expect(session.inputs).toEqual(card.inputs.map(({ name }) => name));
  expect(session.outputs).toEqual(card.outputs.map(({ name }) => name));
  const said = await session.run(
    Object.fromEntries(
      card.inputs.map(({ name, shape: own }) => [
        name,
        { shape: own, values: new Float32Array(own.reduce((a, b) => a * b, 1)) },
      ]),
    ),
  );
  await session.dispose();
  expect(said["probabilities"]?.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  const weights = said["weights"] ?? new Float32Array(0);
  for (let h = 0; h < HORIZONS_S.length; h += 1)
    expect(weights.filter((_, i) => i % HORIZONS_S.length === h).reduce((a, b) => a + b, 0)).toBeCloseTo(
      1,
      5,
    );
});

test("the file says whose step it is, and is not taken for a model that can be brought back", async () => {
  const { bytes } = await exportStep(run, { kind: "forks", learned: learnedOf(shapeOf({})) });
  const [entry] = onnx.ModelProto.decode(bytes).metadataProps;
  expect(JSON.parse(entry?.value ?? "")).toMatchObject({
    model: "forks",
    classes: ["none", ...codes],
    members: 2,
  });
  expect(() => readModelFile(bytes, "step.onnx")).toThrow(/one step of a model of whole recordings/);
  expect(forksModel.can).toContain("export");
});

test("a model of whole recordings that has no step is refused by name", async () => {
  await expect(exportStep(run, { kind: "state-space", learned: {} })).rejects.toMatchObject({
    code: "model/no-export",
  });
});
