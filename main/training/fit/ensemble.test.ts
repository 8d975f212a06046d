import { describe, expect, test } from "vitest";
import { identityCoupled } from "../../models/windows/identity-coupled.ts";
import { onnxRuntime, type OnnxOptions } from "../../compute/onnx/runtime.ts";
import { distance } from "../../compute/self-check/op-battery.ts";
import { planBatches, type TrainingWindows } from "../data/batches.ts";
import { heldOutLogits, probeOf, type EnsembleOptions, type HeldOut } from "./ensemble.ts";
import { rateSpec, trainingStep } from "../../compute/optimiser.ts";
import { seededRandom } from "../../models/random.ts";

const heldOut = (group: readonly number[]): HeldOut => ({
  x: new Float32Array(group.length),
  observed: new Uint8Array(group.length),
  labels: new Int16Array(group.length),
  subjects: group.map((one) => `p${one}`),
  group: Int32Array.from(group),
});
const logits = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(10, 20, 30, 40, 50, 60)];

describe("what is said of a held-out window", () => {
  test("is every member's word where nobody saw the person", () => {
    expect(heldOutLogits(logits, heldOut([-1, -1, -1]), 2)).toEqual(logits);
  });

  test("is only the word of the member that left the person out", () => {
    const found = heldOutLogits(logits, heldOut([1, 0, -1]), 2);
    expect(found.map((own) => [...own])).toEqual([
      [10, 20, 3, 4, 5, 6],
      [10, 20, 3, 4, 50, 60],
    ]);
    expect([...(logits[0] as Float32Array)]).toEqual([1, 2, 3, 4, 5, 6]); // the members' own stay as they were
  });

  test("is one word where each person was left out by one member", () => {
    expect(heldOutLogits(logits, heldOut([1, 0, 1]), 2).map((own) => [...own])).toEqual([
      [10, 20, 3, 4, 50, 60],
    ]);
  });
});

/** Two classes, every third window without a label, in batches of 32. */
function ensembleOf(members: number): EnsembleOptions {
  const random = seededRandom(3);
  const [count, width, classes] = [96, 4, 2];
  const windows: TrainingWindows = {
    count,
    width,
    classes,
    x: Float32Array.from({ length: count * width }, () => 0.4 * random.normal()),
    observed: new Uint8Array(count * width).fill(1),
    y: Float32Array.from({ length: count * classes }, (_, at) => {
      const n = at >> 1;
      return n % 3 !== 0 && (n & 1) === (at & 1) ? 1 : 0;
    }),
    group: new Int32Array(count).fill(-1),
    person: new Int32Array(count),
  };
  return {
    estimator: identityCoupled({ features: width, classes, layers: 3, labelledCount: 64 }),
    members,
    windows,
    plan: planBatches(windows, 32, 3),
    augment: undefined,
    sampling: "windows",
    seed: 1,
    epochs: 1,
    patience: undefined,
    rate: 0.01,
    optimiser: { kind: "adam" },
  };
}

describe("the step of an ensemble", () => {
  const stepsOn = async (members: number, options: OnnxOptions) => {
    const { loss, specs, values, rows, feeds, batch } = probeOf(ensembleOf(members));
    const training = trainingStep(loss, specs, { kind: "adam" });
    const runtime = await onnxRuntime(options);
    const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feeds(rows)]);
    await compiled.write(training.initialState(values));
    const losses: number[] = [];
    for (let step = 0; step < 9; step += 1)
      losses.push(await compiled.run([Float32Array.of(0.01), ...batch(rows)]));
    const [parameters] = await compiled.read();
    await compiled.dispose();
    await runtime.dispose();
    return { losses, parameters: parameters as Float32Array };
  };

  test("trains a member on each thread, to the same bits", async () => {
    const [alone, apart] = [
      await stepsOn(3, { threads: 1 }),
      await stepsOn(3, { threads: 3, sharing: "models" }),
    ];
    expect(apart.parameters).toEqual(alone.parameters);
  });

  test("shares out the rows of a single model, none left out and none counted twice", async () => {
    const [alone, parts] = [
      await stepsOn(1, { threads: 1 }),
      await stepsOn(1, { threads: 2, sharing: "parts" }),
    ];
    expect(distance(parts.losses, alone.losses)).toBeLessThan(1e-5);
    expect(distance(parts.parameters, alone.parameters)).toBeLessThan(1e-4);
    expect(parts.losses).not.toEqual(alone.losses); // added in another order
    expect(alone.losses.at(-1)).toBeLessThan(alone.losses[0] as number);
  });

  test("makes as many parts as its rows can be dealt out to evenly", () => {
    const { loss } = probeOf(ensembleOf(1));
    expect(loss.inParts?.(2)).toHaveLength(2);
    expect(loss.inParts?.(7)).toHaveLength(4); // of 32 rows
    expect(loss.inParts?.(1)).toHaveLength(1);
    expect(probeOf(ensembleOf(2)).loss.inParts).toBeUndefined();
  });
});
