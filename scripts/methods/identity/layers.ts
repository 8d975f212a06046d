import { seededRandom } from "../../../main/models/random.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import {
  batchesOf,
  hidden,
  isInPatch,
  pictures,
  type Drawn,
} from "../../../main/training/fit/pictures.fixtures.ts";
import { mean, taught, type Rows } from "../../../main/training/fit/toy.fixtures.ts";
import { fitTemperature } from "../../../main/training/judge/calibration.ts";
import { traceLayers, type LayerTrace } from "../../../main/training/predict/explain.ts";
import { atLeast, atMost, type MethodCheck, type Outcome } from "../check.ts";
import { accuracyByLayer, descend, fitIdentity, judgeOn, randomNetwork, withRuntime } from "./networks.ts";

type Trained = Awaited<ReturnType<typeof fitIdentity>>;
const from = (number: number) =>
  ({ evidence: "computed", source: `identity-initialization.md §5.${number}` }) as const;

function traceOf({ model, params }: Trained, { x, width }: Drawn, n: number): LayerTrace {
  const row = x.subarray(n * width, (n + 1) * width);
  return traceLayers(taught(model.config, params), row, new Float32Array(width).fill(1));
}

const CASES = [1, 2, 3]; // of templates, of pictures
const everyTenth = (accuracies: readonly number[]): number[] => accuracies.filter((_, l) => l % 10 === 9);

/** Read after every tenth layer, beside the same depth from orthogonal weights. */
async function readable(runtime: Runtime, say: (line: string) => void): Promise<Outcome[]> {
  const training = { layers: 50, rate: 0.3, epochs: 5 };
  const [own, other]: [number[][], number[][]] = [[], []];
  let farthest = 0;
  for (const seed of CASES) {
    const of = { side: 12, classes: 10, seed };
    const [data, judged] = [pictures(of, 4000, 1), pictures(of, 2000, 2)];
    const identity = await fitIdentity(runtime, data, training);
    const shape = { features: data.width, classes: data.classes, layers: 50 };
    const orthogonal = await descend(runtime, randomNetwork(shape, "orthogonal"), data, training);
    own.push(everyTenth(await accuracyByLayer(runtime, identity, judged)));
    other.push(everyTenth(await accuracyByLayer(runtime, orthogonal, judged)));
    farthest = Math.max(farthest, await farthestApart(runtime, identity, judged));
    const shown = (all: readonly number[] | undefined): string =>
      (all ?? []).map((v) => v.toFixed(2)).join(" ");
    say(`data ${seed}, every tenth layer: identity ${shown(own.at(-1))}, orthogonal ${shown(other.at(-1))}`);
  }
  const means = (all: readonly number[][]): number[] =>
    (all[0] ?? []).map((_, l) => mean(all.map((one) => one[l] ?? 0)));
  return [
    atLeast(
      "least accurate of every tenth layer, identity, worst data set",
      Math.min(...own.flat()),
      0.75,
      from(5),
    ),
    atLeast("the same, mean over data sets", Math.min(...means(own)), 0.75, from(5)),
    atMost(
      "most accurate of every tenth layer but the last, orthogonal",
      Math.max(...means(other).slice(0, -1)),
      0.2,
      from(5),
    ),
    atMost("evidence and biases of all layers against the logit, farthest apart", farthest, 1e-5, from(2), 8),
  ];
}

/** Sum of the evidence of every input and layer and of every bias, against the logits of the engine, of 200 pictures. */
async function farthestApart(runtime: Runtime, fitted: Trained, judged: Drawn): Promise<number> {
  const { logits } = await judgeOn(runtime, fitted, judged);
  const { classes, width } = judged;
  let farthest = 0;
  for (let n = 0; n < 200; n += 1) {
    const { evidence, bias } = traceOf(fitted, judged, n);
    for (let c = 0; c < classes; c += 1) {
      const said = evidence.flatMap((by) => [...by.subarray(c * width, (c + 1) * width)]);
      const total = [...said, ...bias.map((by) => by[c] ?? 0)].reduce((a, b) => a + b, 0);
      farthest = Math.max(farthest, Math.abs(total - (logits[n * classes + c] ?? 0)));
    }
  }
  return farthest;
}

/** Share of the evidence for the leading class against the runner-up that lies where the classes differ. */
async function localised(runtime: Runtime): Promise<Outcome> {
  const of = { side: 12, classes: 4, patch: 4 };
  const judged = pictures(of, 500, 2);
  const { width } = judged;
  const fitted = await fitIdentity(runtime, pictures(of, 4000, 1), { layers: 20, rate: 0.3, epochs: 5 });
  let [inside, everywhere] = [0, 0];
  for (let n = 0; n < judged.labels.length; n += 1) {
    const { evidence, logits } = traceOf(fitted, judged, n);
    const [first = 0, second = 0] = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
    for (let i = 0; i < width; i += 1) {
      const said = evidence.map((by) => (by[first * width + i] ?? 0) - (by[second * width + i] ?? 0));
      const contrast = Math.abs(said.reduce((a, b) => a + b, 0));
      everywhere += contrast;
      if (isInPatch(i, of.side, of.patch)) inside += contrast;
    }
  }
  return atLeast(
    "evidence within the patch that tells the classes apart, % (11 % of the area)",
    (100 * inside) / everywhere,
    70,
    from(7),
    1,
  );
}

/** 30 % of the inputs hidden, at random and in training too. */
async function masked(runtime: Runtime): Promise<Outcome[]> {
  const of = { side: 12, classes: 10 };
  const data = pictures(of, 4000, 1);
  const all = batchesOf(data);
  const [held, judged] = [pictures(of, 1000, 2), pictures(of, 2000, 3)];
  const training = { layers: 20, rate: 0.3, epochs: 10 };
  const complete = await judgeOn(runtime, await fitIdentity(runtime, data, training), judged);
  const fitted = await fitIdentity(runtime, data, {
    ...training,
    maskInputs: true,
    batch: (step) => hidden(all[step % all.length] as Rows, seededRandom(1, 1000 + step)),
  });
  const on = (drawn: Drawn, stream: number, temperature = 1) =>
    judgeOn(runtime, fitted, hidden(drawn, seededRandom(1, stream)), temperature);
  const temperature = fitTemperature({
    members: [(await on(held, 10)).logits],
    labels: held.labels,
    subjects: Array.from(held.labels, () => "one"),
    classes: of.classes,
  });
  const raw = await on(judged, 11);
  return [
    atMost(
      "accuracy lost with 30 % of the inputs hidden, points",
      100 * (complete.accuracy - raw.accuracy),
      15,
      from(8),
      1,
    ),
    atMost("calibration error with 30 % hidden", raw.ece, 0.12, from(8)),
    atMost(
      "the same at a temperature chosen on other pictures",
      (await on(judged, 11, temperature)).ece,
      0.05,
      from(8),
    ),
  ];
}

/** The rate that learns goes with one over depth. */
async function depthLaw(runtime: Runtime, say: (line: string) => void): Promise<Outcome[]> {
  const of = { side: 12, classes: 10 };
  const [data, judged] = [pictures(of, 4000, 1), pictures(of, 1000, 2)];
  const reached = new Map<number, number[]>();
  for (const layers of [10, 20, 40]) {
    for (const rate of [0.3, 1, 3]) {
      const { accuracy } = await judgeOn(
        runtime,
        await fitIdentity(runtime, data, { layers, rate, epochs: 1 }),
        judged,
      );
      say(`${layers} layers at ${rate}/L: ${(100 * accuracy).toFixed(1)} %`);
      reached.set(rate, [...(reached.get(rate) ?? []), accuracy]);
    }
  }
  const worst = (rate: number): number => Math.min(...(reached.get(rate) ?? [0]));
  return [
    atLeast("least right at a rate of 0.3/L, 10 to 40 layers", worst(0.3), 0.75, from(6)),
    atLeast("least right at a rate of 1/L", worst(1), 0.75, from(6)),
    atMost(
      "most right at a rate of 3/L: does not learn",
      Math.max(...(reached.get(3) ?? [1])),
      0.25,
      from(6),
    ),
  ];
}

export const identityLayersCheck: MethodCheck = {
  id: "identity-layers",
  about:
    "What the layers of identity networks say: each alone, evidence, masks, and the law of depth and rate",
  run: ({ say }) =>
    withRuntime(async (runtime) => [
      ...(await readable(runtime, say)),
      await localised(runtime),
      ...(await masked(runtime)),
      ...(await depthLaw(runtime, say)),
    ]),
};
