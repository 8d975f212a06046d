import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NamedArrays } from "../../compute/parameters.ts";
import { identityCoupled, type IdentityCoupledConfig } from "../../models/windows/identity-coupled.ts";
import { onnxRuntime } from "../../compute/onnx/runtime.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { cosineRate } from "../../compute/schedule.ts";
import {
  cornersToy,
  densityOf,
  examplesOf,
  fitToy,
  judgeToy,
  lastFeatures,
  mean,
  rowsOf,
  spread,
  type Rows,
  type Verdict,
} from "./toy.fixtures.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const LAYERS = 3;
const STEPS = 500;
/** The corners toy drawn so that its inputs lie in [−1, 1], where layers do not clip. */
const SCALE = 0.2;

const networkOf = (change: Partial<IdentityCoupledConfig>) =>
  identityCoupled({
    features: 2,
    classes: 2,
    layers: LAYERS,
    maskInputs: false,
    labelledCount: 10,
    couplingVariance: 1,
    ...change,
  });
type Network = ReturnType<typeof networkOf>;

const trained = (model: Network, rows: Rows, see?: (params: NamedArrays) => void): Promise<NamedArrays> =>
  fitToy(runtime, model, () => rows, {
    features: model.config.features,
    classes: 2,
    steps: STEPS,
    rate: cosineRate({ rate: 0.03 / LAYERS, steps: STEPS }),
    optimiser: { kind: "adam" },
    ...(see ? { watch: { every: 50, see } } : {}),
  });

describe("five draws of the corners toy, learned by a network", () => {
  const found: Record<"supervised" | "coupled" | "unrelated", Verdict[]> = {
    supervised: [],
    coupled: [],
    unrelated: [],
  };
  beforeAll(async () => {
    for (let seed = 0; seed < 5; seed += 1) {
      const { labelled, unlabelled, unrelated, judged } = cornersToy(seed, SCALE);
      const by = async (generativeWeight: number, others: typeof unlabelled): Promise<Verdict> => {
        const model = networkOf({ generativeWeight });
        const params = await trained(model, rowsOf(labelled, others));
        return judgeToy(runtime, model, params, examplesOf(judged), { features: 2, classes: 2 });
      };
      found.supervised.push(await by(0, unlabelled));
      found.coupled.push(await by(10, unlabelled));
      found.unrelated.push(await by(10, unrelated));
    }
  }, 60_000);
  const over = (of: keyof typeof found, what: "accuracy" | "nll"): number =>
    mean(found[of].map((verdict) => verdict[what]));

  test("windows without labels make it better, and surer where it is right", () => {
    expect(over("coupled", "accuracy")).toBeGreaterThan(over("supervised", "accuracy") + 0.015);
    expect(over("coupled", "nll")).toBeLessThan(over("supervised", "nll"));
  });

  test("windows without labels that have nothing to do with the classes are of no use to it", () => {
    expect(over("unrelated", "accuracy")).toBeLessThanOrEqual(over("supervised", "accuracy"));
  });
});

test("a density that weighs a hundred times the labels does not pull the features together", async () => {
  const { labelled, unlabelled } = cornersToy(0, SCALE);
  const rows = rowsOf(labelled, unlabelled);
  const model = networkOf({ generativeWeight: 100 });
  const start = spread(rows.x, 2);
  const seen: number[] = [];
  await trained(model, rows, (params) =>
    seen.push(spread(lastFeatures(model.config, params, rows), 2) / start),
  );
  expect(Math.min(...seen)).toBeGreaterThan(0.1);
  expect(seen).toHaveLength(STEPS / 50);
});

test("two inputs that say the same leave the density as wide between them as its jitter", async () => {
  const { labelled, unlabelled } = cornersToy(0, SCALE);
  const [three, again] = [labelled, unlabelled].map((points) => points.map(([a, b]) => [a, b, b] as const));
  const model = networkOf({ features: 3, generativeWeight: 10 });
  const least = 2 * model.config.jitter; // the variance of the difference of two jitters
  const seen: number[] = [];
  await trained(model, rowsOf(three ?? [], again ?? []), (params) => {
    const { covariance, width } = densityOf(params);
    const of = (i: number, j: number): number => covariance[i * width + j] as number;
    seen.push((of(1, 1) + of(2, 2) - 2 * of(1, 2)) / least);
  });
  expect(Math.min(...seen)).toBeGreaterThan(0.9);
  expect(seen.at(-1)).toBeCloseTo(1, 1);
});
