import {
  add,
  cast,
  concat,
  elu,
  greater,
  greaterEqual,
  matMul,
  max,
  mul,
  softmax,
  sub,
  sum,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { sizeOf } from "../../../compute/feeds.ts";
import {
  arraysFrom,
  countOf,
  type NamedArrays,
  type NamedTensors,
  type ParameterShapes,
} from "../../../compute/parameters.ts";
import { categoricalLogProb } from "../../distributions/categorical.ts";
import type { Batch, Estimator } from "../../estimator.ts";
import { observedOnly } from "../../layers/observed-only.ts";
import { stopGradient } from "../../layers/stop-gradient.ts";
import { seededRandom, type Random } from "../../random.ts";
import type { WindowShape } from "../../model.ts";

/**
 * The network that all methods of this folder share, so that what is compared is what they learn from: two hidden layers
 * (ELU, He start) and a linear head. Which inputs are missing is told to it by a mask.
 */
export const EncoderShape = z.object({
  features: z.number().int().positive().max(16_384),
  classes: z.number().int().min(2).max(512),
  maskInputs: z.boolean().default(true),
  hidden: z.number().int().min(1).max(1024).default(64),
});
export type EncoderShape = z.infer<typeof EncoderShape>;

/** The same with what it takes to learn from its own sure predictions. */
export const TakingShape = EncoderShape.extend({
  threshold: z.number().min(0).max(1).default(0.95), // least probability of a label that is taken
  unlabelledWeight: z.number().nonnegative().default(0.3),
});
export type TakingShape = z.infer<typeof TakingShape>;

export const encoderFor = (
  { hidden }: { readonly hidden: number },
  { features, classes, maskInputs }: WindowShape,
): EncoderShape => ({ features, classes, maskInputs, hidden });

/** Of Adam: some tenths of it learn as well, more makes few labels a matter of luck. */
export const RATE = 0.003;

export const inputWidth = ({ features, maskInputs }: EncoderShape): number =>
  maskInputs ? 2 * features : features;

/** W and b of a layer from so many inputs. */
export const layerShapes = (name: string, inputs: number, outputs: number): [string, readonly number[]][] => [
  [`${name}.weights`, [inputs, outputs]],
  [`${name}.biases`, [outputs]],
];

export const encoderShapes = (shape: EncoderShape): ParameterShapes =>
  new Map([
    ...layerShapes("hidden1", inputWidth(shape), shape.hidden),
    ...layerShapes("hidden2", shape.hidden, shape.hidden),
    ...layerShapes("logits", shape.hidden, shape.classes),
  ]);

/** Normal with variance 2 / inputs for weights, 0 for biases. */
export function startValues(shapes: ParameterShapes, random: Random): NamedArrays {
  return arraysFrom(shapes, (_, of) => {
    const [rows = 1] = of;
    const spread = of.length === 2 ? Math.sqrt(2 / rows) : 0;
    return Float32Array.from({ length: sizeOf(of) }, () => spread * random.normal());
  });
}

export const encoderSize = (shape: EncoderShape): number => countOf(encoderShapes(shape));

/** x W + b of a layer. */
export const affine = (x: Tensor2D, params: NamedTensors, layer: string): Tensor2D =>
  add(matMul(x, params(`${layer}.weights`)), params(`${layer}.biases`));

/** Inputs and, where the network is told them, what is missing: observed − 1. */
export function networkInput({ maskInputs }: EncoderShape, x: Tensor2D, observed: Tensor2D): Tensor2D {
  const safe = observedOnly(x, observed);
  return maskInputs ? concat([safe, sub(observed, 1)], 1) : safe;
}

export function encoderLogits(
  shape: EncoderShape,
  params: NamedTensors,
  x: Tensor2D,
  observed: Tensor2D,
): { logits: Tensor2D; hidden: Tensor2D[] } {
  const first = elu(affine(networkInput(shape, x, observed), params, "hidden1"));
  const second = elu(affine(first, params, "hidden2"));
  return { logits: affine(second, params, "logits"), hidden: [first, second] };
}

/** 1 for a row without a label, [n, 1], however much it weighs; a row that fills the batch is none. */
const unlabelledRows = ({ y, weight }: Batch): Tensor2D =>
  mul(cast(greater(weight, 0), "float32"), sub(1, sum(y, 1, true)));

/** −Σ ln P(y|x) over labelled rows. */
export const labelLoss = (logits: Tensor2D, { y, weight }: Batch): Scalar =>
  sub(0, sum<Scalar>(mul(weight, categoricalLogProb(logits, y))));

/**
 * What the network is sure of, as labels of the rows without one, [n, k]: one-hot where the most probable class has at
 * least `threshold`, else zero. No gradient passes.
 */
export function takenLabels(logits: Tensor2D, batch: Batch, threshold: number): Tensor2D {
  const p = stopGradient(softmax(logits));
  const top = max(p, 1, true);
  const isSure = cast(greaterEqual(top, threshold), "float32");
  return mul(mul(cast(greaterEqual(p, top), "float32"), isSure), unlabelledRows(batch));
}

/** A classifier with this network, but for what it learns from. */
export function encoderNetwork<Config extends EncoderShape>(
  config: Config,
): Pick<Estimator<Config>, "config" | "parameters" | "init" | "forward"> {
  const parameters = encoderShapes(config);
  return {
    config: Object.freeze(config),
    parameters,
    init: (seed) => startValues(parameters, seededRandom(seed, 7300)),
    forward(params, x, observed) {
      const { logits, hidden } = encoderLogits(config, params, x, observed);
      return { logits, hidden, logDensity: mul(0, sum(logits, 1, true)) };
    },
  };
}
