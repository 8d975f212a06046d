import { add, mean, mul, square, sub, sum } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { TensorSpec } from "./tensors.ts";
import type { TypedArray } from "./runtime.ts";
import { referenceRuntime } from "./self-check/reference.ts";
import { rateSpec, trainingStep } from "./optimiser.ts";
import type { OptimiserOptions } from "./optimiser.ts";
import { constantRate, cosineRate, oneCycleRate } from "./schedule.ts";

const specs: readonly TensorSpec[] = [
  { shape: [2], dtype: "float32" },
  { shape: [1, 2], dtype: "float32" },
];
const start = [Float32Array.of(1, -2), Float32Array.of(0.5, 4)];
const target: TensorSpec = { shape: [2], dtype: "float32" };

/** Quadratic bowls of different widths around the target, so that the optimisers' paths differ. */
const bowls = ([a, b]: readonly Tensor[], [goal]: readonly Tensor[]): Scalar =>
  add(sum(square(sub(a!, goal!))), mul(3, mean(square(b!))));
const slope = ([a1, a2, b1, b2]: readonly number[], [t1, t2]: readonly number[]): number[] => [
  2 * (a1! - t1!),
  2 * (a2! - t2!),
  3 * b1!,
  3 * b2!,
];

async function walk(
  options: OptimiserOptions,
  steps: number,
  rate = 0.1,
): Promise<{ last: number[]; averaged: number[] | undefined; losses: number[] }> {
  const training = trainingStep(bowls, specs, options);
  const compiled = await referenceRuntime().compile(training.step, training.state, [rateSpec, target]);
  await compiled.write(training.initialState(start));
  const losses: number[] = [];
  for (let step = 0; step < steps; step++)
    losses.push(await compiled.run([Float32Array.of(rate), Float32Array.of(3, 0)]));
  const state = await compiled.read();
  const flat = (which: "last" | "averaged"): number[] =>
    training.parameters(state, which).flatMap((part) => [...part]);
  return {
    last: flat("last"),
    averaged: options.averaging === undefined ? undefined : flat("averaged"),
    losses,
  };
}

/** The textbook's Adam, in float64. */
function adamByHand(steps: number, { rate = 0.1, clip = Infinity, decay = 0 } = {}): number[] {
  const p = [1, -2, 0.5, 4];
  const [m, v] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  for (let t = 1; t <= steps; t++) {
    const raw = slope(p, [3, 0]);
    const shorten = Math.min(1, clip / Math.hypot(...raw));
    raw.forEach((g, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g * shorten;
      v[i] = 0.999 * v[i]! + 0.001 * (g * shorten) ** 2;
      p[i] =
        p[i]! -
        rate * decay * p[i]! -
        (rate * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    });
  }
  return p;
}

const near = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
};

describe("the flat optimiser step", () => {
  test("is Adam as published, over 50 steps", async () =>
    near((await walk({ kind: "adam" }, 50)).last, adamByHand(50)));
  test("shortens the gradient of all parameters together", async () =>
    near((await walk({ kind: "adam", clipNorm: 0.5 }, 20)).last, adamByHand(20, { clip: 0.5 })));
  test("decays towards zero apart from the gradient, as AdamW", async () =>
    near(
      (await walk({ kind: "adam", decay: [{ rate: 0.2 }, { rate: 0.2 }] }, 30)).last,
      adamByHand(30, { decay: 0.2 }),
    ));

  test("decays towards a target where one is given, and leaves the rest alone", async () => {
    const training = trainingStep(([a]) => mul(0, sum(a!)), specs, {
      kind: "sgd",
      decay: [undefined, { rate: 1, towards: Float32Array.of(2, 0) }],
    });
    const compiled = await referenceRuntime().compile(training.step, training.state, [rateSpec]);
    await compiled.write(training.initialState(start));
    for (let step = 0; step < 60; step++) await compiled.run([Float32Array.of(0.2)]);
    const [a, b] = training.parameters(await compiled.read());
    near([...a!], [1, -2]);
    near([...b!], [2, 0]);
  });

  test("is gradient descent with momentum", async () => {
    const p = [1, -2, 0.5, 4];
    const v = [0, 0, 0, 0];
    for (let t = 0; t < 10; t++)
      slope(p, [3, 0]).forEach((g, i) => {
        v[i] = 0.9 * v[i]! + g;
        p[i] = p[i]! - 0.02 * v[i];
      });
    near((await walk({ kind: "sgd" }, 10, 0.02)).last, p);
  });

  test("keeps a running mean of the parameters beside them", async () => {
    const { averaged, last } = await walk({ kind: "adam", averaging: 0.5 }, 1);
    near(
      averaged!,
      [1, -2, 0.5, 4].map((first, index) => 0.5 * first + 0.5 * last[index]!),
    );
  });

  test("walks downhill", async () => {
    const { losses } = await walk({ kind: "adam" }, 100);
    expect(losses.at(-1)).toBeLessThan(0.01 * losses[0]!);
  });

  test("refuses decays that do not fit the parameters", () => {
    expect(() => trainingStep(bowls, specs, { kind: "adam", decay: [undefined] })).toThrow(
      "1 decays for 2 parameters",
    );
    expect(() => trainingStep(bowls, specs, { kind: "adam", clipNorm: 0 })).toThrow("must be above 0");
    expect(() => trainingStep(bowls, specs, { kind: "adam" }).initialState([start[0]!])).toThrow(
      "Parameter 1 has 0 values, 2 are expected",
    );
  });
});

describe("a schedule", () => {
  test("rises, peaks at the rate and ends low", () => {
    const cosine = cosineRate({ rate: 1, steps: 100, warmup: 10, last: 0.01 });
    expect(cosine(0)).toBeLessThan(0.1);
    expect(cosine(10)).toBeCloseTo(1, 6);
    expect(cosine(100)).toBeCloseTo(0.01, 6);
    const cycle = oneCycleRate({ rate: 1, steps: 100 });
    expect(cycle(0)).toBeCloseTo(0.04, 6);
    expect(cycle(29)).toBeCloseTo(1, 6);
    expect(cycle(99)).toBeCloseTo(0.04 / 1e4, 9);
    expect(constantRate(0.3)(7)).toBe(0.3);
  });
  test("of no length or rate is refused", () => {
    expect(() => cosineRate({ rate: 1, steps: 0 })).toThrow("both must be above 0");
    expect(() => oneCycleRate({ rate: 0, steps: 5 })).toThrow("both must be above 0");
  });
});

describe("a state that was kept with the names of its parameters", () => {
  const one = { name: "one", shape: [2] };
  const two = { name: "two", shape: [1, 2] };
  const named = [one, two].map((spec): TensorSpec => ({ ...spec, dtype: "float32" }));
  const other = [two, one].map((spec): TensorSpec => ({ ...spec, dtype: "float32" }));
  const training = trainingStep(bowls, named, { kind: "adam", averaging: 0.5 });
  const turned = trainingStep(([b, a], feeds) => bowls([a!, b!], feeds), other, {
    ...{ kind: "adam", averaging: 0.5 },
  });
  const stepped = async (of: typeof training, state: readonly TypedArray[], steps: number) => {
    const compiled = await referenceRuntime().compile(of.step, of.state, [rateSpec, target]);
    await compiled.write(state);
    for (let step = 0; step < steps; step++)
      await compiled.run([Float32Array.of(0.1), Float32Array.of(3, 0)]);
    return compiled.read();
  };

  test("goes on with them in another order as if they had always lain so, moments and running mean too", async () => {
    const half = await stepped(training, training.initialState(start), 5);
    const whole = await stepped(training, half, 5);
    const again = await stepped(turned, turned.laidOut(half, [one, two]), 5);
    expect(turned.parameters(again).reverse()).toEqual(training.parameters(whole));
    expect(turned.parameters(again, "averaged").reverse()).toEqual(training.parameters(whole, "averaged"));
    expect(training.laidOut(again, [two, one])).toEqual(whole);
  });

  test.each([
    ["missing", [one], "The parameter two is missing"],
    ["doubled", [one, two, one], "The parameter one is there twice"],
    [
      "of another shape",
      [one, { ...two, shape: [2, 1] }],
      "The parameter two is [2, 1], it has to be [1, 2]",
    ],
    ["unknown", [one, two, { name: "three", shape: [1] }], "The parameter three is none of these"],
  ])("is refused by the name of one that is %s", (_, kept, message) => {
    expect(() => training.laidOut(training.initialState(start), kept)).toThrow(
      expect.objectContaining({ code: "model/wrong-parameters", message }) as Error,
    );
  });

  test("begins with as many values as each parameter has, or says which has others", () => {
    expect(() => training.initialState([start[0]!, Float32Array.of(1)])).toThrow(
      "Parameter two has 1 values, 2 are expected",
    );
  });
});
