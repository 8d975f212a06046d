import { add, mul, square, sub, sum } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { onnxRuntime } from "./onnx/runtime.ts";
import { referenceRuntime } from "./self-check/reference.ts";
import type { Runtime } from "./runtime.ts";
import { rateSpec, trainingStep } from "./optimiser.ts";

const specs = [{ shape: [2], dtype: "float32" }] as const;

/** Rosenbrock's valley, its floor at (1, 1). */
const valley = ([p]: readonly Tensor[]): Scalar => {
  const [x, y] = [sum(mul(p!, [1, 0])), sum(mul(p!, [0, 1]))];
  return add<Scalar>(square(sub(1, x)), mul(100, square(sub(y, square(x)))));
};
const height = ([x, y]: readonly number[]): number => (1 - x!) ** 2 + 100 * (y! - x! ** 2) ** 2;
const slope = ([x, y]: readonly number[]): number[] => [
  -2 * (1 - x!) - 400 * x! * (y! - x! ** 2),
  200 * (y! - x! ** 2),
];
const start = [-1.2, 1];

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, value, index) => total + value * b[index]!, 0);

/** The textbook's two loops over lists that grow and are cut, in float64. */
function byHand(steps: number, { memory = 8, tries = 8 } = {}): number[] {
  let p = start;
  let past: { s: number[]; y: number[] }[] = [];
  let before: { p: number[]; g: number[] } | undefined;
  for (let step = 0; step < steps; step++) {
    const g = slope(p);
    if (before !== undefined) {
      const [from, then] = [before.p, before.g];
      const s = p.map((value, i) => value - from[i]!);
      const y = g.map((value, i) => value - then[i]!);
      if (dot(s, y) > 1e-8 * dot(y, y)) past = [...past, { s, y }].slice(-memory);
    }
    before = { p, g };
    let q = g;
    const alphas = past.toReversed().map(({ s, y }) => {
      const alpha = dot(s, q) / dot(s, y);
      q = q.map((value, i) => value - alpha * y[i]!);
      return alpha;
    });
    const last = past.at(-1);
    const scale = last ? dot(last.s, last.y) / dot(last.y, last.y) : 1 / Math.max(1, Math.sqrt(dot(g, g)));
    let direction = q.map((value) => scale * value);
    past.forEach(({ s, y }, at) => {
      const beta = dot(y, direction) / dot(s, y);
      direction = direction.map((value, i) => value + s[i]! * (alphas[past.length - 1 - at]! - beta));
    });
    const at = (length: number): number[] => p.map((value, i) => value - length * direction[i]!);
    const lengths = [0, ...Array.from({ length: tries }, (_, attempt) => 2 ** -attempt)];
    p = at(lengths.reduce((best, length) => (height(at(length)) < height(at(best)) ? length : best)));
  }
  return p;
}

async function walk(
  runtime: Runtime,
  steps: number,
  options: { memory?: number; tries?: number } = {},
): Promise<{ p: number[]; losses: number[] }> {
  const training = trainingStep(valley, specs, { kind: "lbfgs", ...options });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec]);
  await compiled.write(training.initialState([Float32Array.from(start)]));
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push(await compiled.run([Float32Array.of(1)]));
  const [p] = training.parameters(await compiled.read());
  await compiled.dispose();
  return { p: [...p!], losses };
}

describe.each([
  ["the reference", () => Promise.resolve(referenceRuntime())],
  ["ONNX Runtime", () => onnxRuntime({ threads: 1 })],
] as const)("L-BFGS on %s", (_, open) => {
  test.each([
    { steps: 6, memory: 8 },
    { steps: 12, memory: 2 },
  ])("takes the textbook's $steps steps with a memory of $memory", async ({ steps, memory }) => {
    const runtime = await open();
    const { p } = await walk(runtime, steps, { memory });
    await runtime.dispose();
    byHand(steps, { memory }).forEach((value, index) => expect(p[index]).toBeCloseTo(value, 2));
  });

  test("comes down Rosenbrock's valley in 60 steps, never up", async () => {
    const runtime = await open();
    const { p, losses } = await walk(runtime, 60);
    await runtime.dispose();
    losses.slice(1).forEach((loss, index) => expect(loss).toBeLessThanOrEqual(losses[index]!));
    expect(p[0]).toBeCloseTo(1, 3);
    expect(p[1]).toBeCloseTo(1, 3);
  });
});

test("a memory or a number of tries that is no whole number from 1 is refused", () => {
  expect(() => trainingStep(valley, specs, { kind: "lbfgs", memory: 0 })).toThrow(
    "L-BFGS needs a whole memory of 1 or more, not 0",
  );
  expect(() => trainingStep(valley, specs, { kind: "lbfgs", tries: 1.5 })).toThrow(
    "whole tries of 1 or more, not 1.5",
  );
});
