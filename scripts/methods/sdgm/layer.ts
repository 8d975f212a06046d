import { tensor2d } from "@tensorflow/tfjs-core";
import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { cosineRate } from "../../../main/compute/schedule.ts";
import { divergence } from "../../../main/models/layers/sdgm-head.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { identitySdgm, weightsLeft } from "../../../main/models/windows/identity-sdgm.ts";
import { fitToy, judgeToy } from "../../../main/training/fit/toy.fixtures.ts";
import { atLeast, atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { ripley } from "./benchmarks.ts";
import { targetOf, type Points } from "../points.ts";
import { meanOf } from "./fitted.ts";

const RATE = 0.005; // of the mixture alone
const NETWORK_RATE = 0.03; // over the number of layers
const STEPS = 1500;

interface LayerTask {
  readonly layers: number;
  readonly each: number;
  readonly seed: number;
}

/** Trained on all rows at once. */
async function trained(runtime: Runtime, train: Points, test: Points, { layers, each, seed }: LayerTask) {
  const rate = layers === 0 ? RATE : NETWORK_RATE / layers;
  const count = train.labels.length;
  const model = identitySdgm({
    ...{ features: 2, classes: 2, layers, each, form: "quadratic", maskInputs: false },
    ...{ labelledCount: count, ramp: 0.41 * rate * STEPS },
  });
  const rows = { count, x: Float32Array.from(train.x), y: Float32Array.from(targetOf(train, 2)) };
  const params = await fitToy(runtime, { ...model, init: () => model.init(seed) }, () => rows, {
    ...{ features: 2, classes: 2, steps: STEPS },
    rate: cosineRate({ rate, steps: STEPS }),
    optimiser: { kind: "adam" },
  });
  const judged = { x: Float32Array.from(test.x), labels: test.labels };
  const { accuracy } = await judgeToy(runtime, model, params, judged, { features: 2, classes: 2 });
  return { accuracy, weights: weightsLeft(params) };
}

/** Two half circles that reach into each other, a fifth of noise; scaled for a network whose features end at ±1. */
function moons(count: number, seed: number): Points {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: count }, (_, n) => n % 2);
  const x = new Float64Array(2 * count);
  labels.forEach((label, n) => {
    const angle = Math.PI * random.next();
    const [a, b] =
      label === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    x[2 * n] = 0.4 * (a - 0.5 + 0.2 * random.normal());
    x[2 * n + 1] = 0.4 * (b - 0.25 + 0.2 * random.normal());
  });
  return { x, labels, width: 2 };
}

/** Check 7. */
function fixtures(): Outcome[] {
  const of = (logAlpha: number): number => divergence(tensor2d([logAlpha], [1, 1])).dataSync()[0] ?? NaN;
  const from = { evidence: "computed", source: "sdgm.md check 7" } as const;
  const path = Array.from({ length: 201 }, (_, i) => of(-10 + i / 10));
  const rise = Math.max(...path.slice(1).map((value, i) => value - (path[i] ?? 0)));
  return [
    ...(
      [
        [0, 0.431239],
        [3, 0.02542],
        [-10, 5.635781],
      ] as const
    ).map(([logAlpha, wanted]) =>
      atMost(
        `divergence of a weight at ln α = ${logAlpha}, from ${wanted}`,
        Math.abs(of(logAlpha) - wanted),
        2e-6,
        from,
        9,
      ),
    ),
    atMost("largest rise of the divergence with ln α", rise, 0, from, 9),
  ];
}

async function onRipley(runtime: Runtime, data: string): Promise<Outcome[]> {
  const [train, test] = ripley(data);
  const found: Awaited<ReturnType<typeof trained>>[] = [];
  for (let seed = 0; seed < 8; seed += 1)
    found.push(await trained(runtime, train, test, { layers: 0, each: 3, seed }));
  const errors = found.map(({ accuracy }) => 100 * (1 - accuracy));
  const weights = found.map((one) => one.weights);
  const from = { evidence: "computed", source: "sdgm.md §3" } as const;
  return [
    atMost(
      `Ripley, 8 runs (${errors.map((error) => figure(error, 1)).join(", ")}): largest error, %`,
      Math.max(...errors),
      9.9,
      from,
      2,
    ),
    atMost("Ripley: mean error, % (9.0 to 9.9 there)", meanOf(errors), 9.9, from, 2),
    atMost(`Ripley: most weights of 30 (${weights.join(", ")}; 4 to 9 there)`, Math.max(...weights), 9, from),
  ];
}

async function onMoons(runtime: Runtime): Promise<Outcome[]> {
  const [train, test] = [moons(300, 1), moons(4000, 2)];
  const { accuracy: single } = await trained(runtime, train, test, { layers: 4, each: 1, seed: 1 });
  const { accuracy: several } = await trained(runtime, train, test, { layers: 4, each: 3, seed: 1 });
  const from = { evidence: "derived", source: "sdgm.md check 10" } as const;
  return [
    atLeast(
      "two moons through four layers: accuracy with three components less that with one, points",
      100 * (several - single),
      0,
      from,
      2,
    ),
    atLeast(
      "two moons: accuracy with three components, %",
      100 * several,
      90,
      { evidence: "derived", source: "our judgement" },
      2,
    ),
  ];
}

export const sdgmLayer: MethodCheck = {
  id: "sdgm-layer",
  about: "SDGM as a network's last layer, without drawn noise: a closed-form bound in its place",
  async run({ data }) {
    const runtime = await onnxRuntime({ threads: 1 });
    try {
      return [...fixtures(), ...(await onRipley(runtime, data())), ...(await onMoons(runtime))];
    } finally {
      await runtime.dispose();
    }
  },
};
