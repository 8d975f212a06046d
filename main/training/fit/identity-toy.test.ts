import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identityCoupled } from "../../models/windows/identity-coupled.ts";
import { seededRandom } from "../../models/random.ts";
import { fitTemperature } from "../judge/calibration.ts";
import { onnxRuntime } from "../../compute/onnx/runtime.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { distancesFromIdentity, traceLayers, type LayerTrace } from "../predict/explain.ts";
import { constantRate } from "../../compute/schedule.ts";
import { batchesOf, hidden, isInPatch, pictures, type Drawn } from "./pictures.fixtures.ts";
import { fitToy, judgeToy, mean, taught, type Rows, type Verdict } from "./toy.fixtures.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await onnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

interface Training {
  readonly layers: number;
  readonly rate: number; // of plain gradient descent, times the number of layers
  readonly epochs: number;
  readonly maskInputs?: boolean;
  readonly batch?: (step: number) => Rows;
}

async function trained(data: Drawn, { layers, rate, epochs, maskInputs = false, batch }: Training) {
  const { width: features, classes } = data;
  const model = identityCoupled({ features, classes, layers, maskInputs, generativeWeight: 0 });
  const all = batchesOf(data);
  const params = await fitToy(runtime, model, batch ?? ((step) => all[step % all.length] as Rows), {
    features,
    classes,
    steps: epochs * all.length,
    rate: constantRate(rate / layers),
    optimiser: { kind: "sgd", beta1: 0 },
  });
  return { model, params };
}

type Fitted = Awaited<ReturnType<typeof trained>>;
const accuracyOf = async ({ model, params }: Fitted, drawn: Drawn): Promise<number> =>
  (await judgeToy(runtime, model, params, drawn, { features: drawn.width, classes: drawn.classes })).accuracy;

function traceOf({ model, params }: Fitted, drawn: Drawn, n: number): LayerTrace {
  const { width } = drawn;
  return traceLayers(
    taught(model.config, params),
    drawn.x.subarray(n * width, (n + 1) * width),
    new Float32Array(width).fill(1),
  );
}

const leading = (values: Float64Array): number => values.indexOf(Math.max(...values));

describe.each([
  { layers: 20, distance: 0.08 },
  { layers: 50, distance: 0.03 },
])("$layers identity layers after one epoch of pictures", ({ layers, distance }) => {
  const of = { side: 12, classes: 10 };
  const judged = pictures(of, 2000, 2);
  let fitted: Fitted;
  beforeAll(async () => {
    fitted = await trained(pictures(of, 4000, 1), { layers, rate: 0.3, epochs: 1 });
  }, 60_000);

  test("tell four pictures of five, and are still near the identity", async () => {
    expect(await accuracyOf(fitted, judged)).toBeGreaterThanOrEqual(0.8);
    const moved = distancesFromIdentity(taught(fitted.model.config, fitted.params));
    expect(mean(moved)).toBeLessThanOrEqual(distance);
    expect(Math.min(...moved)).toBeGreaterThan(0);
  });

  test("can be read at every tenth layer", () => {
    const rows = 200;
    const right = new Float64Array(layers);
    for (let n = 0; n < rows; n += 1)
      traceOf(fitted, judged, n).likelihood.forEach((p, l) => {
        if (leading(p) === judged.labels[n]) right[l]! += 1 / rows;
      });
    for (let l = 10; l <= layers; l += 10) expect(right[l - 1]).toBeGreaterThanOrEqual(0.75);
  });
});

test.each([10, 20, 40])(
  "%i layers learn at rates of 0.3 and 1 over their number, and not at 3",
  async (layers) => {
    const of = { side: 8, classes: 6 };
    const [data, judged] = [pictures(of, 2000, 1), pictures(of, 1000, 2)];
    const after = async (rate: number): Promise<number> =>
      accuracyOf(await trained(data, { layers, rate, epochs: 1 }), judged);
    expect(await after(0.3)).toBeGreaterThan(0.6);
    expect(await after(1)).toBeGreaterThan(0.6);
    expect(await after(3)).toBeLessThan(0.25);
  },
);

test("evidence lies where the classes differ", async () => {
  const of = { side: 12, classes: 4, patch: 4 };
  const judged = pictures(of, 200, 2);
  const { width } = judged;
  const fitted = await trained(pictures(of, 4000, 1), { layers: 20, rate: 0.3, epochs: 3 });
  let [inside, everywhere] = [0, 0];
  judged.labels.forEach((_, n) => {
    const { evidence, logits } = traceOf(fitted, judged, n);
    const first = leading(logits);
    const second = leading(logits.map((v, c) => (c === first ? -Infinity : v)));
    for (let i = 0; i < width; i += 1) {
      const said = evidence.map(
        (by) => (by[first * width + i] as number) - (by[second * width + i] as number),
      );
      const contrast = Math.abs(said.reduce((a, b) => a + b, 0));
      everywhere += contrast;
      if (isInPatch(i, of.side, of.patch)) inside += contrast;
    }
  });
  expect(inside / everywhere).toBeGreaterThanOrEqual(0.7); // of 11 % of the area
});

test("a network that saw masks in training loses little where three inputs of ten are hidden, and knows it", async () => {
  const of = { side: 8, classes: 6 };
  const shape = { features: 64, classes: 6 };
  const data = pictures(of, 2000, 1);
  const all = batchesOf(data);
  const [held, judged] = [pictures(of, 1000, 2), pictures(of, 2000, 3)];
  const training = { layers: 10, rate: 0.3, epochs: 5 };
  const whole = await accuracyOf(await trained(data, training), judged);
  const { model, params } = await trained(data, {
    ...training,
    maskInputs: true,
    batch: (step) => hidden(all[step % all.length] as Rows, seededRandom(1, 1000 + step)),
  });
  const on = (drawn: Drawn, stream: number, temperature = 1): Promise<Verdict> =>
    judgeToy(runtime, model, params, hidden(drawn, seededRandom(1, stream)), { ...shape, temperature });
  const temperature = fitTemperature({
    members: [(await on(held, 10)).logits],
    labels: held.labels,
    subjects: Array.from(held.labels, () => "one"),
    classes: of.classes,
  });
  const raw = await on(judged, 11);
  expect(raw.accuracy).toBeGreaterThanOrEqual(whole - 0.15);
  expect(raw.ece).toBeLessThanOrEqual(0.12);
  expect((await on(judged, 11, temperature)).ece).toBeLessThanOrEqual(0.05);
});
