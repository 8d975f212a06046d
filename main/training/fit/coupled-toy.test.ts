import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coupledLinear, type CoupledLinearConfig } from "../../models/windows/coupled-linear.ts";
import { logJoint, posteriors } from "../../models/distributions/gaussian-classes.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { seededRandom, type Random } from "../../models/random.ts";
import { onnxRuntime } from "../../compute/onnx/runtime.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { cosineRate } from "../../compute/schedule.ts";
import {
  cornersToy,
  densityOf,
  examplesOf,
  fitToy,
  judgeToy,
  mean,
  rowsOf,
  type Fit,
  type Point,
  type Verdict,
} from "./toy.fixtures.ts";

const shape = { features: 2, classes: 2 };
const fitFor = (rate: number, steps: number): Fit => ({
  ...shape,
  steps,
  rate: cosineRate({ rate, steps }),
  optimiser: { kind: "adam" },
});
const GENTLE = fitFor(0.03, 800);
/** Near the lowest point of the objective, so that nothing but the objective decides: no stopping early. */
const THOROUGH = fitFor(0.3, 400);

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

/** The coupled classifier whose density starts at the means of the labelled points. */
const modelFor = (labelled: readonly Point[], change: Partial<CoupledLinearConfig>) =>
  coupledLinear({
    ...shape,
    labelledCount: labelled.length,
    classMeans: [0, 1].flatMap((c) => {
      const own = labelled.filter((_, n) => n % 2 === c);
      return [mean(own.map(([a]) => a)), mean(own.map(([, b]) => b))];
    }),
    ...change,
  });

interface Toy {
  readonly labelled: readonly Point[];
  readonly unlabelled: readonly Point[];
  readonly judged: readonly Point[];
}

async function judged(change: Partial<CoupledLinearConfig>, toy: Toy): Promise<Verdict> {
  const model = modelFor(toy.labelled, change);
  const rows = rowsOf(toy.labelled, toy.unlabelled);
  const params = await fitToy(runtime, model, () => rows, GENTLE);
  return judgeToy(runtime, model, params, examplesOf(toy.judged), shape);
}

describe("ten draws of a toy with labels from opposite corners", () => {
  const found: Record<"supervised" | "hybrid" | "unrelated", Verdict[]> = {
    supervised: [],
    hybrid: [],
    unrelated: [],
  };
  beforeAll(async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const toy = cornersToy(seed);
      found.supervised.push(await judged({ generativeWeight: 0 }, toy));
      found.hybrid.push(await judged({}, toy));
      found.unrelated.push(await judged({}, { ...toy, unlabelled: toy.unrelated }));
    }
  }, 60_000);
  const accuracy = (of: keyof typeof found): number => mean(found[of].map((verdict) => verdict.accuracy));

  test("the coupled classifier learns from windows without labels what the supervised one cannot", () => {
    expect(accuracy("supervised")).toBeGreaterThan(0.83);
    expect(accuracy("supervised")).toBeLessThan(0.92);
    expect(accuracy("hybrid")).toBeGreaterThanOrEqual(0.965);
    expect(mean(found.hybrid.map(({ ece }) => ece))).toBeLessThanOrEqual(0.02);
  });

  test("windows without labels that have nothing to do with the classes are of no use to it", () => {
    expect(accuracy("unrelated")).toBeLessThanOrEqual(accuracy("supervised"));
  });
});

test("tightly coupled, the classifier is the posterior of the density", async () => {
  const { labelled, unlabelled, judged: points } = cornersToy(0);
  const model = modelFor(labelled, { couplingVariance: 1e-6 });
  const params = await fitToy(runtime, model, () => rowsOf(labelled, unlabelled), GENTLE);
  const examples = examplesOf(points);
  const { logits } = await judgeToy(runtime, model, params, examples, shape);
  const discriminative = softmaxRows(logits, 2);
  const joint = logJoint(densityOf(params), examples.x, undefined, points.length);
  const generative = posteriors(joint, 2).probabilities;
  const apart = discriminative.map((p, i) => Math.abs(p - (generative[i] as number)));
  expect(Math.max(...apart)).toBeLessThan(1e-3);
});

/*
 * A density that is wrong: the second class is two clusters, at 1.1 and at 6, with standard deviation 0.6 in the input
 * that tells the classes apart; the first lies at −1.1. One normal a class cannot say that.
 */
describe("six draws of a toy whose classes are no normals", () => {
  const drawn = (random: Random, length: number): Point[] =>
    Array.from({ length }, (_, n) => {
      const centre = n % 2 === 0 ? -1.1 : random.next() < 0.5 ? 1.1 : 6;
      return [centre + 0.6 * random.normal(), random.normal()];
    });
  const plain: Verdict[] = [];
  const tight: Verdict[] = [];
  const chosen: Verdict[] = [];
  beforeAll(async () => {
    for (let seed = 0; seed < 6; seed += 1) {
      const random = seededRandom(seed);
      const [labelled, held, unlabelled] = [drawn(random, 40), drawn(random, 40), drawn(random, 300)];
      const points = drawn(random, 2000);
      const by = async (change: Partial<CoupledLinearConfig>) => {
        const model = modelFor(labelled, change);
        const rows = rowsOf(labelled, unlabelled);
        const params = await fitToy(runtime, model, () => rows, THOROUGH);
        const on = (judged: readonly Point[]) => judgeToy(runtime, model, params, examplesOf(judged), shape);
        return { held: await on(held), verdict: await on(points) };
      };
      plain.push((await by({ generativeWeight: 0 })).verdict);
      tight.push((await by({ couplingVariance: 1 })).verdict);
      const loose = [await by({ couplingVariance: 10 }), await by({ couplingVariance: 100 })];
      chosen.push(loose.reduce((best, one) => (one.held.nll < best.held.nll ? one : best)).verdict);
    }
  }, 60_000);
  const over = (verdicts: readonly Verdict[], of: "accuracy" | "nll"): number =>
    mean(verdicts.map((verdict) => verdict[of]));

  test("coupled tightly to such a density it is worse than without windows that have no labels", () => {
    expect(over(tight, "accuracy")).toBeLessThan(over(plain, "accuracy") - 0.02);
  });

  test("coupled as held-out labels like it best it loses nothing, and says better how sure it is", () => {
    expect(over(chosen, "accuracy")).toBeGreaterThanOrEqual(over(plain, "accuracy") - 0.005);
    expect(over(chosen, "nll")).toBeLessThan(over(plain, "nll"));
  });
});
