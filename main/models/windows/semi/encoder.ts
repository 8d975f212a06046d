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
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Params, TensorSpec } from "../../../compute/tensors.ts";
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

export const encoderShapes = (shape: EncoderShape): readonly (readonly number[])[] => [
  [inputWidth(shape), shape.hidden],
  [shape.hidden],
  [shape.hidden, shape.hidden],
  [shape.hidden],
  [shape.hidden, shape.classes],
  [shape.classes],
];

/** Normal with variance 2 / inputs for weights, 0 for biases. */
export function startValues(shapes: readonly (readonly number[])[], random: Random): Float32Array[] {
  return shapes.map((of) => {
    const [rows = 1] = of;
    const spread = of.length === 2 ? Math.sqrt(2 / rows) : 0;
    return Float32Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => spread * random.normal());
  });
}

export const sizeOf = (shapes: readonly (readonly number[])[]): number =>
  shapes.reduce((sum, of) => sum + of.reduce((a, b) => a * b, 1), 0);

export const encoderSize = (shape: EncoderShape): number => sizeOf(encoderShapes(shape));

export const asSpecs = (shapes: readonly (readonly number[])[]): TensorSpec[] =>
  shapes.map((shape): TensorSpec => ({ shape: [...shape], dtype: "float32" }));

/** Throws where there are fewer. */
export function parameter(params: Params, at: number): Tensor {
  const found = params[at];
  if (found === undefined) throw new RangeError(`no parameter ${at} among ${params.length}`);
  return found;
}

/** x W + b, of two parameters that follow each other. */
export const affine = (x: Tensor2D, params: Params, at: number): Tensor2D =>
  add(matMul(x, parameter(params, at)), parameter(params, at + 1));

/** Inputs and, where the network is told them, what is missing: observed − 1. */
export function networkInput({ maskInputs }: EncoderShape, x: Tensor2D, observed: Tensor2D): Tensor2D {
  const safe = observedOnly(x, observed);
  return maskInputs ? concat([safe, sub(observed, 1)], 1) : safe;
}

/** The first six of `params`. */
export function encoderLogits(
  shape: EncoderShape,
  params: Params,
  x: Tensor2D,
  observed: Tensor2D,
): { logits: Tensor2D; hidden: Tensor2D[] } {
  const first = elu(affine(networkInput(shape, x, observed), params, 0));
  const second = elu(affine(first, params, 2));
  return { logits: affine(second, params, 4), hidden: [first, second] };
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
): Pick<Estimator<Config>, "config" | "init" | "forward"> {
  const shapes = encoderShapes(config);
  return {
    config: Object.freeze(config),
    init: (seed) => ({ specs: asSpecs(shapes), values: startValues(shapes, seededRandom(seed, 7300)) }),
    forward(params, x, observed) {
      const { logits, hidden } = encoderLogits(config, params, x, observed);
      return { logits, hidden, logDensity: mul(0, sum(logits, 1, true)) };
    },
  };
}
