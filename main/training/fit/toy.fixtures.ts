import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import {
  inOrder,
  named,
  type NamedArrays,
  namedTensors,
  specsOf,
  valuesOf,
} from "../../compute/parameters.ts";
import type { Params } from "../../compute/tensors.ts";
import type { Batch, Estimator } from "../../models/estimator.ts";
import type { GaussianClasses } from "../../models/distributions/gaussian-classes.ts";
import type { IdentityCoupledConfig } from "../../models/windows/identity-coupled.ts";
import { GENERATIVE_SCALE } from "../../models/layers/coupled-head.ts";
import { invertLower, softmaxRows } from "../../models/linear-algebra.ts";
import { seededRandom } from "../../models/random.ts";
import type { Runtime } from "../../compute/runtime.ts";
import { calibrationError } from "../judge/calibration-error.ts";
import { negativeLogLikelihood, topOf } from "../judge/evaluation.ts";
import { anyModel } from "../model-file/model.fixtures.ts";
import type { TrainedModel } from "../model-file/model-file.ts";
import { rateSpec, trainingStep, type OptimiserOptions } from "../../compute/optimiser.ts";
import { traceLayers } from "../predict/explain.ts";
import { createScorer } from "../predict/score.ts";
import type { Schedule } from "../../compute/schedule.ts";

/** Small made-up problems for tests of what a model learns: the rows of one batch, the labelled ones first. */
export interface Rows {
  readonly count: number;
  readonly x: Float32Array; // [n x d]
  readonly observed?: Float32Array; // [n x d]; absent: all observed
  readonly y: Float32Array; // [n x k], all zero without a label
}

/** Whole rows to judge by. */
export interface Examples {
  readonly x: Float32Array; // [n x d]
  readonly observed?: Float32Array;
  readonly labels: Int32Array; // [n]
}

export interface Fit {
  readonly features: number;
  readonly classes: number;
  readonly steps: number;
  readonly rate: Schedule;
  readonly optimiser: OptimiserOptions;
  /** Looks at the parameters after every so many steps. */
  readonly watch?: { readonly every: number; see(params: NamedArrays): void };
}

/** The parameters after `steps` steps, each on the rows that `batch` gives for it, all of one count. */
export async function fitToy(
  runtime: Runtime,
  model: Estimator<unknown>,
  batch: (step: number) => Rows,
  { features, classes, steps, rate, optimiser, watch }: Fit,
): Promise<NamedArrays> {
  const { count } = batch(0);
  const { parameters } = model;
  const loss = (params: Params, feeds: readonly Tensor[]) => {
    const [x, observed, y, weight] = feeds as readonly Tensor2D[];
    return model.loss(namedTensors(parameters, params), { x, observed, y, weight } as Batch);
  };
  const training = trainingStep(loss, specsOf(parameters), optimiser);
  const learned = async (): Promise<NamedArrays> =>
    named(parameters, training.parameters(await compiled.read()));
  const feeds = [features, features, classes, 1].map((columns) => ({
    shape: [count, columns],
    dtype: "float32" as const,
  }));
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feeds]);
  await compiled.write(training.initialState(inOrder(parameters, model.init(0))));
  const ones = (columns: number): Float32Array => new Float32Array(count * columns).fill(1);
  for (let step = 0; step < steps; step += 1) {
    const { x, observed, y } = batch(step);
    await compiled.run([Float32Array.of(rate(step)), x, observed ?? ones(features), y, ones(1)]);
    if (watch && (step + 1) % watch.every === 0) watch.see(await learned());
  }
  const params = await learned();
  await compiled.dispose();
  return params;
}

export interface Verdict {
  readonly accuracy: number;
  readonly nll: number;
  readonly ece: number;
  readonly logits: Float32Array; // [n x k]
}

export async function judgeToy(
  runtime: Runtime,
  model: Estimator<unknown>,
  params: NamedArrays,
  { x, observed, labels }: Examples,
  { features, classes, temperature = 1 }: { features: number; classes: number; temperature?: number },
): Promise<Verdict> {
  const scorer = await createScorer(runtime, model, { members: 1, width: features, classes });
  await scorer.write([params]);
  const seen = Uint8Array.from(observed ?? new Float32Array(x.length).fill(1));
  const { logits: members } = await scorer.score(x, seen);
  await scorer.dispose();
  const logits = members[0] as Float32Array;
  const p = softmaxRows(logits, classes, temperature);
  const { confidence, isRight } = topOf(p, labels, classes);
  return {
    accuracy: isRight.reduce((a, b) => a + b, 0) / labels.length,
    nll: negativeLogLikelihood(p, labels, classes),
    ece: calibrationError(confidence, isRight),
    logits,
  };
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

export type Point = readonly [number, number];

/** Points of two classes in turn; those of `unlabelled` lose their class. */
export const rowsOf = (
  labelled: readonly (readonly number[])[],
  unlabelled: readonly (readonly number[])[],
): Rows => ({
  count: labelled.length + unlabelled.length,
  x: Float32Array.from([...labelled, ...unlabelled].flat()),
  y: Float32Array.from({ length: 2 * (labelled.length + unlabelled.length) }, (_, at) =>
    at < 2 * labelled.length && at % 2 === Math.floor(at / 2) % 2 ? 1 : 0,
  ),
});

export const examplesOf = (points: readonly Point[]): Examples => ({
  x: Float32Array.from(points.flat()),
  labels: Int32Array.from(points, (_, n) => n % 2),
});

export interface CornersToy {
  readonly labelled: readonly Point[]; // five a class, from opposite corners
  readonly unlabelled: readonly Point[];
  readonly unrelated: readonly Point[]; // two clusters that are not the classes: N((0, ∓2), I)
  readonly judged: readonly Point[];
}

/**
 * Hayashi and Uchida's toy (MIRU 2020): N((−2, 0), I) against N((2, 0), I), five labels a class from opposite corners,
 * 200 windows without a label. Supervised 87 %, the hybrid 97 %; the Bayes rule 97.7 %. All of it times `scale`.
 */
export function cornersToy(seed: number, scale = 1): CornersToy {
  const random = seededRandom(seed);
  const apart = (c: number): number => scale * ((c === 0 ? -2 : 2) + random.normal());
  const within = (): number => scale * random.normal();
  const draw = (_: unknown, n: number): Point => [apart(n % 2), within()];
  const biased = (_: unknown, n: number): Point => {
    for (;;) {
      const point = draw(_, n);
      if (n % 2 === 0 ? point[1] > scale : point[1] < -scale) return point;
    }
  };
  return {
    labelled: Array.from({ length: 10 }, biased),
    unlabelled: Array.from({ length: 200 }, draw),
    judged: Array.from({ length: 4000 }, draw),
    unrelated: Array.from({ length: 200 }, (_, n): Point => [within(), apart(n % 2)]),
  };
}

/** The classes that the density of a Gaussian-coupled model describes. */
export function densityOf(params: NamedArrays): GaussianClasses {
  const used = (name: string): Float64Array =>
    Float64Array.from(valuesOf(params, `density.${name}`), (v) => GENERATIVE_SCALE * v);
  const [means, weights, logDiagonal] = [used("means"), used("weights"), used("logDiagonal")];
  const below = used("below");
  const d = logDiagonal.length;
  const lower = below.map((v, i) => {
    const [row, column] = [Math.floor(i / d), i % d];
    return row === column ? Math.exp(logDiagonal[row] as number) : row > column ? v : 0;
  });
  const inverse = invertLower(lower, d);
  const covariance = inverse.map((_, i) => {
    let sum = 0;
    for (let r = 0; r < d; r += 1)
      sum += (inverse[r * d + Math.floor(i / d)] as number) * (inverse[r * d + (i % d)] as number);
    return sum;
  });
  const logPrior = softmaxRows(weights, weights.length).map(Math.log);
  return { width: d, classes: weights.length, means, covariance, logPrior };
}

/** A network that was taught, as the rest of the program knows it. */
export const taught = (network: IdentityCoupledConfig, params: NamedArrays): TrainedModel => ({
  ...anyModel(0),
  network,
  members: [params],
});

/** f^{L−1} of every row: what the last layer and the density are given. [n x d] */
export function lastFeatures(
  network: IdentityCoupledConfig,
  params: NamedArrays,
  { x, count }: Rows,
): Float64Array {
  const d = network.features;
  const observed = new Float32Array(d).fill(1);
  const rows = Array.from({ length: count }, (_, n) => {
    const own = x.subarray(n * d, (n + 1) * d);
    const moved = traceLayers(taught(network, params), own, observed).contribution.at(-1) as Float64Array;
    return [...own].map((v, i) => v + (moved[i] as number));
  });
  return Float64Array.from(rows.flat());
}

/** Trace of the covariance of rows of d numbers. */
export function spread(values: ArrayLike<number>, d: number): number {
  const columns = Array.from({ length: d }, (_, i) =>
    Array.from({ length: values.length / d }, (_v, n) => values[n * d + i] as number),
  );
  return columns.map((of) => mean(of.map((v) => (v - mean(of)) ** 2))).reduce((a, b) => a + b, 0);
}
