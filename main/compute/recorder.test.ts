import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { TensorSpec } from "./tensors.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { rateSpec, trainingStep } from "./optimiser.ts";
import { constantBytes } from "./graph.ts";
import { onnx } from "./onnx/protobuf.ts";
import { onnxBytes } from "./onnx/graph.ts";
import { recordPredict, recordStep } from "./recorder.ts";
import "./self-check/reference.ts";
import { cnn, lstm, mlp } from "./self-check/workloads.ts";

const vector: TensorSpec = { shape: [3], dtype: "float32" };
const total = (x: Tensor): Scalar => tf.sum(x);

const failure = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("a recorded step", () => {
  test("that reads a value back is refused, with the line that did", () => {
    const error = failure(() => recordPredict(([x]) => [tf.mul(x!, total(x!).dataSync()[0]!)], [vector], []));
    expect(error.code).toBe("model/value-read-back");
    expect(error.detail["site"]).toContain("recorder.test.ts");
    expect(error.message).toContain("pure function");
  });

  test("that uses an op without a recorded form is refused, naming the op and the line", () => {
    const strange = (x: Tensor): Tensor => tf.spectral.rfft(x);
    const error = failure(() => recordPredict(([x]) => [tf.real(strange(x!))], [vector], []));
    expect(error.code).toBe("model/op-not-recorded");
    expect(error.detail["site"]).toContain("recorder.test.ts");
    const lrn = failure(() =>
      recordPredict(
        ([x]) => [tf.localResponseNormalization(tf.reshape<tf.Rank.R4>(x!, [1, 1, 1, 3]))],
        [vector],
        [],
      ),
    );
    expect(lrn.detail).toMatchObject({ op: "LRN" });
    expect(lrn.message).toContain("LRN");
    expect(lrn.detail["site"]).toContain("recorder.test.ts");
  });

  test("whose state changes shape is refused, saying from what to what", () => {
    const error = failure(() =>
      recordStep(([x]) => ({ state: [tf.concat([x!, x!])], loss: total(x!) }), [vector], []),
    );
    expect(error.code).toBe("model/state-changes");
    expect(error.message).toBe("State 0 goes in as float32 [3] and comes out as float32 [6]");
  });

  test("whose state changes type, or count, is refused", () => {
    expect(
      failure(() => recordStep(([x]) => ({ state: [tf.cast(x!, "int32")], loss: total(x!) }), [vector], []))
        .message,
    ).toContain("int32 [3]");
    expect(
      failure(() => recordStep(([x]) => ({ state: [], loss: total(x!) }), [vector], [])).detail,
    ).toMatchObject({ expected: 1, given: 0 });
  });

  test("whose loss is not one number is refused", () => {
    const error = failure(() => recordStep(([x]) => ({ state: [x!], loss: x! as Scalar }), [vector], []));
    expect(error.code).toBe("model/loss-not-scalar");
  });

  test("that draws random numbers is refused: they would be the same at every step", () => {
    const error = failure(() => recordPredict(([x]) => [tf.add(x!, tf.randomNormal([3]))], [vector], []));
    expect(error.code).toBe("model/step-not-pure");
    expect(error.message).toContain("must come in as feeds");
  });

  test("asks for the same thing once, however often the model does", () => {
    const graph = recordPredict(
      ([x]) => [tf.add(tf.exp(tf.mul(x!, 2)), tf.exp(tf.mul(x!, 2)))],
      [vector],
      [],
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Mul", "Exp", "Add", "Identity"]);
  });

  test("leaves out what no result needs", () => {
    const graph = recordPredict(
      ([x]) => {
        tf.exp(x!);
        return [tf.neg(x!)];
      },
      [vector],
      [],
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Neg", "Identity"]);
  });

  test("keeps a large constant of one value as a fill, not as bytes", () => {
    const graph = recordPredict(
      ([x]) => [tf.add(total(x!), tf.sum(tf.mul(tf.ones([1000, 1000]), tf.mean(x!))))],
      [vector],
      [],
    );
    expect(constantBytes(graph)).toBeLessThan(200);
    expect(onnxBytes(graph, "test").length).toBeLessThan(2000);
  });

  test.each([mlp(), cnn(), lstm()].map((workload) => [workload.name, workload] as const))(
    "of the workload %s, at full size, is kilobytes, its constants next to nothing",
    (_, { loss, specs, feedSpecs }) => {
      const training = trainingStep(loss, specs, { kind: "adam" });
      const graph = recordStep(training.step, training.state, [rateSpec, ...feedSpecs]);
      expect(constantBytes(graph)).toBeLessThan(4000); // the parameters alone are 100 to 600 kB
      expect(onnxBytes(graph, "test").length).toBeLessThan(200_000);
    },
  );

  test("is a file that ONNX's own schema reads back", () => {
    const graph = recordPredict(
      ([x]) => [tf.leakyRelu(tf.reshape(x!, [3, 1]), 0.3)],
      [vector],
      [{ shape: [2], dtype: "int32" }],
    );
    const model = onnx.ModelProto.decode(onnxBytes(graph, "file"));
    expect(onnx.ModelProto.verify(model)).toBeNull();
    expect(model.graph?.node?.map(({ opType }) => opType)).toEqual(["Reshape", "LeakyRelu"]); // the result is named where it is computed
    expect(model.graph?.node?.[1]?.output).toEqual(["output0"]);
    expect(model.graph?.node?.[1]?.attribute?.[0]?.f).toBeCloseTo(0.3, 6);
    expect(model.graph?.input?.map(({ name }) => name)).toEqual(["param0", "feed0"]);
    expect(Number(model.opsetImport[0]?.version)).toBe(17);
  });
});

describe("recording", () => {
  test("leaves the caller's backend, its tensors and the count of tensors as they were", async () => {
    await tf.setBackend("cpu");
    const outside = tf.tensor1d([1, 2, 3]);
    const before = tf.memory().numTensors;
    const graph = recordPredict(([x]) => [tf.mul(x!, outside)], [vector], []);
    expect(tf.getBackend()).toBe("cpu");
    expect(tf.memory().numTensors).toBe(before);
    expect([...graph.constants.values()].map(({ values }) => [...values])).toEqual([[1, 2, 3]]);
    expect([...outside.dataSync()]).toEqual([1, 2, 3]);
    expect([...tf.add(outside, 1).dataSync()]).toEqual([2, 3, 4]);
    outside.dispose();
  });

  test("that fails gives the backend back as well", async () => {
    await tf.setBackend("cpu");
    failure(() => recordPredict(([x]) => [tf.mul(x!, total(x!).dataSync()[0]!)], [vector], []));
    expect(tf.getBackend()).toBe("cpu");
    expect([...tf.tensor1d([1]).dataSync()]).toEqual([1]);
  });
});
