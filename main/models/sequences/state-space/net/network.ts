import {
  add,
  clipByValue,
  exp,
  log1p,
  logSumExp,
  matMul,
  mul,
  reshape,
  slice,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Rank,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { AppError } from "../../../../../preload/contract/errors.ts";
import {
  named,
  type NamedArrays,
  type NamedTensors,
  type ParameterShapes,
  valuesOf,
} from "../../../../compute/parameters.ts";
import { logSumExp as logSumExpRow } from "../../../linear-algebra.ts";
import { seededRandom } from "../../../random.ts";

/**
 * One layer of tanh, then for each horizon a mixture: centres as distances from the filter's mean and scales as factors of
 * the filter's scale there, so that a network of zeros is the filter itself.
 */
export interface NetShape {
  readonly inputs: number;
  readonly hidden: number;
  readonly horizons: number;
  readonly components: number;
}

const PARTS = 3; // centres, logarithms of scales, logits of weights
export const LOG_SCALE_LIMIT = 3;

export const outputsOf = ({ horizons, components }: NetShape): number => PARTS * horizons * components;

/** Weights [in, out] and biases of both layers, in the order of files of before. */
export function parameterShapes(shape: NetShape): ParameterShapes {
  const { inputs, hidden } = shape;
  const outputs = outputsOf(shape);
  return new Map([
    ["layer1.weights", [inputs, hidden]],
    ["layer1.biases", [hidden]],
    ["layer2.weights", [hidden, outputs]],
    ["layer2.biases", [outputs]],
  ]);
}

/** One component starts as the filter; of several each starts somewhere else, the same at all horizons. */
export function initialParameters(shape: NetShape, seed: number): NamedArrays {
  const random = seededRandom(seed, 11);
  const { inputs, hidden, horizons, components } = shape;
  const first = Float32Array.from({ length: inputs * hidden }, () => random.normal() / Math.sqrt(inputs));
  const outputs = outputsOf(shape);
  const isMixed = components > 1;
  const second = Float32Array.from({ length: hidden * outputs }, () =>
    isMixed ? (0.1 * random.normal()) / Math.sqrt(hidden) : 0,
  );
  const biases = new Float32Array(outputs);
  for (let k = 0; isMixed && k < components; k += 1) {
    const centre = 0.5 * random.normal();
    const logScale = -1 + (1.5 * k) / (components - 1);
    for (let h = 0; h < horizons; h += 1) {
      biases[h * components + k] = centre;
      biases[(horizons + h) * components + k] = logScale;
    }
  }
  return named(parameterShapes(shape), [first, new Float32Array(hidden), second, biases]);
}

/**
 * −ln of the mixtures of t with `tails` degrees of freedom a horizon (Infinity: normal), up to a constant of the tails, a mean over rows and
 * horizons. x [n, inputs]; distance [n, horizons] from the filter's mean in its scale, 0 where missing; weight [n, horizons], 0 there.
 */
export function netLoss(
  params: NamedTensors,
  feeds: readonly Tensor[],
  shape: NetShape,
  tails: readonly number[],
): Scalar {
  const [x, distance, weight] = feeds;
  if (x === undefined || distance === undefined || weight === undefined)
    throw new AppError("model/wrong-feeds", "Rows have inputs, distances and weights", {
      feeds: feeds.length,
    });
  const { horizons, components } = shape;
  const rows = x.shape[0] ?? 0;
  const hidden = tanh(linear(params, "layer1", reshape<Rank.R2>(x, [rows, shape.inputs])));
  const out = linear(params, "layer2", hidden);
  const part = (index: number): Tensor3D =>
    reshape(slice(out, [0, index * horizons * components], [rows, horizons * components]), [
      rows,
      horizons,
      components,
    ]);
  const [centre, logits] = [part(0), part(2)];
  const logScale = clipByValue(part(1), -LOG_SCALE_LIMIT, LOG_SCALE_LIMIT);
  const z2 = square(mul(sub(reshape(distance, [rows, horizons, 1]), centre), exp(mul(-1, logScale))));
  const joint = add(sub(logits, logScale), logKernel(z2, tails));
  const nats = sub(logSumExp(logits, 2), logSumExp(joint, 2));
  return mul<Scalar>(sum<Scalar>(mul(nats, weight)), 1 / (rows * horizons));
}

/** h W + b */
const linear = (params: NamedTensors, layer: string, h: Tensor2D): Tensor2D =>
  add(matMul(h, params(`${layer}.weights`)), params(`${layer}.biases`));

function logKernel(z2: Tensor, tails: readonly number[]): Tensor {
  const each = (of: (nu: number) => number): Tensor => tensor(tails.map(of), [1, tails.length, 1]);
  if (tails.every((nu) => nu === Infinity)) return mul(-0.5, z2);
  return mul(
    each((nu) => -(nu + 1) / 2),
    log1p(
      mul(
        z2,
        each((nu) => 1 / nu),
      ),
    ),
  );
}

/** Network outputs of a row of inputs: centres, logarithms of scales and logits, [horizons x components] each. */
export function netOutputs(
  { inputs, hidden }: NetShape,
  member: NamedArrays,
  x: ArrayLike<number>,
): Float64Array {
  const [first, second] = [valuesOf(member, "layer1.weights"), valuesOf(member, "layer2.weights")];
  const layer = Float64Array.from(valuesOf(member, "layer1.biases"));
  for (let i = 0; i < inputs; i += 1) {
    const value = x[i] ?? 0;
    if (value === 0) continue;
    for (let j = 0; j < hidden; j += 1) layer[j] = (layer[j] ?? 0) + value * (first[i * hidden + j] ?? 0);
  }
  const out = Float64Array.from(valuesOf(member, "layer2.biases"));
  const width = out.length;
  for (let j = 0; j < hidden; j += 1) {
    const value = Math.tanh(layer[j] ?? 0);
    for (let o = 0; o < width; o += 1) out[o] = (out[o] ?? 0) + value * (second[j * width + o] ?? 0);
  }
  return out;
}

/** A mixture a horizon, in the filter's scale: [horizons x components of all networks]. */
export interface MixtureOutputs {
  readonly centre: Float64Array;
  readonly logScale: Float64Array;
  readonly logWeight: Float64Array;
}

/** What several networks say, each with the same share. */
export function mixtureOf(
  { horizons, components }: NetShape,
  outputs: readonly Float64Array[],
): MixtureOutputs {
  const width = components * outputs.length;
  const array = (): Float64Array => new Float64Array(horizons * width);
  const mixture = { centre: array(), logScale: array(), logWeight: array() };
  const block = horizons * components;
  outputs.forEach((out, m) => {
    for (let h = 0; h < horizons; h += 1) {
      const total = logSumExpRow(out, 2 * block + h * components, components) + Math.log(outputs.length);
      for (let k = 0; k < components; k += 1) {
        const [from, to] = [h * components + k, h * width + m * components + k];
        const logScale = out[block + from] ?? 0;
        mixture.centre[to] = out[from] ?? 0;
        mixture.logScale[to] = Math.min(LOG_SCALE_LIMIT, Math.max(-LOG_SCALE_LIMIT, logScale));
        mixture.logWeight[to] = (out[2 * block + from] ?? 0) - total;
      }
    }
  });
  return mixture;
}
