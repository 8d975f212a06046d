import {
  add,
  clipByValue,
  concat,
  matMul,
  mul,
  relu,
  slice,
  sum,
  zeros,
  type Rank,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import {
  arraysFrom,
  type NamedArrays,
  type NamedTensors,
  valuesOf,
} from "../../../main/compute/parameters.ts";
import { constantRate } from "../../../main/compute/schedule.ts";
import { categoricalLogProb } from "../../../main/models/distributions/categorical.ts";
import type { Estimator } from "../../../main/models/estimator.ts";
import { layerNames } from "../../../main/models/layers/identity.ts";
import type { JacobianLayer } from "../../../main/models/layers/isometry.ts";
import { seededRandom, shuffle, type Random } from "../../../main/models/random.ts";
import { identityCoupled } from "../../../main/models/windows/identity-coupled.ts";
import { batchesOf, type Drawn } from "../../../main/training/fit/pictures.fixtures.ts";
import { fitToy, judgeToy, type Rows } from "../../../main/training/fit/toy.fixtures.ts";
import { probeLayers } from "../../../main/training/predict/probe-layers.ts";

/** Runs on the engine that the product trains on, one thread of the processor. */
export async function withRuntime<T>(work: (runtime: Runtime) => Promise<T>): Promise<T> {
  const runtime = await onnxRuntime({ threads: 1 });
  try {
    return await work(runtime);
  } finally {
    await runtime.dispose();
  }
}

interface Shape {
  readonly features: number;
  readonly classes: number;
  readonly layers: number;
}
type Start = "he" | "orthogonal";

/**
 * What an identity network is set against: the same width and depth from random weights, [x; 0] in, the last layer
 * linear, its class units the logits. He with rectifiers, or orthogonal with hard-tanh.
 */
export function randomNetwork({ features, classes, layers }: Shape, start: Start): Estimator<unknown> {
  const n = features + classes;
  const activate = (z: Tensor2D): Tensor2D => (start === "he" ? relu(z) : clipByValue(z, -1, 1));
  const parameters = new Map(
    Array.from({ length: layers }, (_, l): [string, readonly number[]][] => [
      [layerNames(l).weights, [n, n]],
      [layerNames(l).biases, [n]],
    ]).flat(),
  );
  const states = (params: NamedTensors, x: Tensor2D): Tensor2D[] => {
    let h: Tensor2D = concat([x, zeros<Rank.R2>([x.shape[0], classes])], 1);
    const all = [h];
    for (let l = 0; l < layers; l += 1) {
      const { weights, biases } = layerNames(l);
      const z: Tensor2D = add(matMul(h, params(weights)), params(biases));
      h = l === layers - 1 ? z : activate(z);
      all.push(h);
    }
    return all;
  };
  const logitsOf = (all: readonly Tensor2D[]): Tensor2D =>
    slice(all[layers] as Tensor2D, [0, features], [-1, classes]);
  return {
    name: start,
    config: Object.freeze({}),
    parameters,
    init: (seed) => {
      const random = seededRandom(seed, 7);
      return arraysFrom(parameters, (_, shape) => {
        if (shape.length === 1) return new Float32Array(n);
        return start === "he" ? gaussian(n, Math.sqrt(2 / n), random) : orthogonal(n, random);
      });
    },
    loss(params, { x, y, weight }) {
      const said = mul(weight, categoricalLogProb(logitsOf(states(params, x)), y));
      return mul(sum(said), -1 / x.shape[0]);
    },
    forward(params, x) {
      const all = states(params, x);
      const logits = logitsOf(all);
      return { logits, logDensity: mul(0, sum(logits, 1, true)), hidden: all.slice(0, -1) };
    },
  };
}

const gaussian = (n: number, sd: number, random: Random): Float32Array =>
  Float32Array.from({ length: n * n }, () => sd * random.normal());

/** Rows of a Gaussian matrix made orthonormal one after the other (Gram and Schmidt, twice). */
function orthogonal(n: number, random: Random): Float32Array {
  const rows: Float64Array[] = [];
  for (let i = 0; i < n; i += 1) {
    const own = Float64Array.from({ length: n }, () => random.normal());
    for (const other of [...rows, ...rows]) {
      const along = other.reduce((s, v, j) => s + v * (own[j] ?? 0), 0);
      other.forEach((v, j) => (own[j] = (own[j] ?? 0) - along * v));
    }
    const size = Math.hypot(...own);
    rows.push(own.map((v) => v / size));
  }
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** The layers of a random network as matrices, at the window x, for its Jacobian. */
export function randomLayers(
  { features, classes, layers }: Shape,
  start: Start,
  params: NamedArrays,
  x: ArrayLike<number>,
): JacobianLayer[] {
  const n = features + classes;
  let h = Float64Array.from({ length: n }, (_, i) => (i < features ? (x[i] ?? 0) : 0));
  return Array.from({ length: layers }, (_, l) => {
    const names = layerNames(l);
    const [from, biases] = [valuesOf(params, names.weights), valuesOf(params, names.biases)];
    const weights = Float64Array.from(
      { length: n * n },
      (_v, at) => from[(at % n) * n + Math.floor(at / n)] ?? 0,
    );
    const z = Float64Array.from({ length: n }, (_v, to) =>
      h.reduce((s, v, i) => s + v * (weights[to * n + i] ?? 0), biases[to] ?? 0),
    );
    const isLast = l === layers - 1;
    const passes = (v: number): boolean => isLast || (start === "he" ? v > 0 : Math.abs(v) <= 1);
    h = z.map((v) => (start === "he" ? Math.max(0, v) : Math.max(-1, Math.min(1, v))));
    return { weights, slopes: z.map((v) => (passes(v) ? 1 : 0)) };
  });
}

export interface Training {
  readonly layers: number;
  readonly rate: number; // of plain gradient descent, times the number of layers
  readonly epochs: number;
  readonly maskInputs?: boolean;
  readonly batch?: (step: number) => Rows;
}

export interface Fitted<Model extends Estimator<unknown> = Estimator<unknown>> {
  readonly model: Model;
  readonly params: NamedArrays;
}

/** Batches in another order each epoch. */
function inTurn(all: readonly Rows[]): (step: number) => Rows {
  const orders: Int32Array[] = [];
  return (step) => {
    const epoch = Math.floor(step / all.length);
    const order = (orders[epoch] ??= shuffle(Int32Array.from(all.keys()), seededRandom(1, 50 + epoch)));
    return all[order[step % all.length] ?? 0] as Rows;
  };
}

/** Plain gradient descent in batches of 64, the rate divided by the number of layers. */
export async function descend<Model extends Estimator<unknown>>(
  runtime: Runtime,
  model: Model,
  data: Drawn,
  { layers, rate, epochs, batch }: Training,
): Promise<Fitted<Model>> {
  const all = batchesOf(data);
  const params = await fitToy(runtime, model, batch ?? inTurn(all), {
    features: data.width,
    classes: data.classes,
    steps: epochs * all.length,
    rate: constantRate(rate / layers),
    optimiser: { kind: "sgd", beta1: 0 },
  });
  return { model, params };
}

export const identityNetwork = ({ width, classes }: Drawn, { layers, maskInputs = false }: Training) =>
  identityCoupled({ features: width, classes, layers, maskInputs, generativeWeight: 0 });

export const fitIdentity = (runtime: Runtime, data: Drawn, training: Training) =>
  descend(runtime, identityNetwork(data, training), data, training);

export const judgeOn = (runtime: Runtime, { model, params }: Fitted, drawn: Drawn, temperature = 1) =>
  judgeToy(runtime, model, params, drawn, { features: drawn.width, classes: drawn.classes, temperature });

/** Accuracy of each layer alone. */
export async function accuracyByLayer(
  runtime: Runtime,
  { model, params }: Fitted,
  drawn: Drawn,
): Promise<number[]> {
  const probe = { estimator: model, members: [params], temperature: 1 };
  const { right, windows } = await probeLayers(runtime, probe, {
    ...drawn,
    observed: new Uint8Array(drawn.x.length).fill(1),
  });
  return right.map((count) => count / windows);
}
