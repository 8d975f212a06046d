import { expect, test } from "vitest";
import type { Run } from "../../../preload/contract/run.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import { modelOf } from "../../models/registry.ts";
import { packModel, type TrainedModel } from "../model-file/model-file.ts";
import { anyModel } from "../model-file/model.fixtures.ts";
import { picturesOfRun } from "./pictures.ts";

const runOf = (kind: string): Run => ({
  id: "run",
  config: RunConfig.parse({
    name: "run",
    ...{ recordingIds: ["a"], labelSet: "s", labels: ["p", "q"], channels: ["one"] },
    ...{ windowS: 0.5, strideS: 0.25, testSubjects: [], validationSubjects: [], kind },
  }),
  classes: ["p", "q"],
  phase: "done",
  createdAt: "2026-01-01T00:00:00.000Z",
  codeVersion: "0",
  data: [],
  curve: [],
  hasCheckpoint: false,
});

const lda: TrainedModel = {
  ...anyModel(1),
  front: "emg-amplitude",
  kind: "lda",
  classes: ["p", "q"],
  network: {},
  members: [],
  learned: [
    {
      width: 2,
      classes: 2,
      means: Float64Array.of(1, 0, -1, 0),
      covariance: Float64Array.of(4, 0, 0, 1),
      logPrior: Float64Array.of(Math.log(0.5), Math.log(0.5)),
    },
  ],
  standardisation: { mean: Float32Array.of(10, 20), scale: Float32Array.of(0.5, 0.25) },
};

test("normals are told in the units of the inputs and by their names, distances as they are", () => {
  const [components, distances] = picturesOfRun({ run: runOf("lda"), model: packModel(lda) });
  if (components?.kind !== "components" || distances?.kind !== "matrix") throw new Error("other pictures");
  expect(components.inputs).toEqual(["one amplitude", "one slope"]);
  expect(components.components.map(({ className }) => className)).toEqual(["p", "q"]);
  expect([...(components.components[0]?.mean ?? [])]).toEqual([12, 20]);
  expect([...(components.components[0]?.covariance ?? [])]).toEqual([16, 0, 0, 16]);
  expect([...distances.values]).toEqual([0, 1, 1, 0]); // 2 apart where the standard deviation is 2
});

test("a model that draws nothing shows nothing", () => {
  expect(modelOf("event-net").over).toBe("sequences");
  expect(picturesOfRun({ run: runOf("event-net"), model: new Uint8Array(0) })).toEqual([]);
});
