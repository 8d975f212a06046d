import {
  add,
  exp,
  logSumExp,
  matMul,
  mean,
  mul,
  reshape,
  square,
  sub,
  sum,
  tensor2d,
  transpose,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import type { NamedTensors, ParameterShapes } from "../../compute/parameters.ts";
import { logWeights } from "../distributions/categorical.ts";
import { sharedNormalLogProb } from "../distributions/normal.ts";

/**
 * Generative head: π_c N(h; μ_c, Σ) with Σ⁻¹ = L Lᵀ shared by all classes.
 * Stored values are a tenth of those used, which is a learning rate ten times as high under Adam: the density has to
 * keep up with features that move.
 */
export interface GenerativeParams {
  readonly means: Tensor2D; // [k, d]
  readonly weights: Tensor1D; // ρ [k]: π = softmax
  readonly logDiagonal: Tensor1D; // [d]
  readonly below: Tensor2D; // [d, d], of which only the part below the diagonal is used
}
export const GENERATIVE_SCALE = 10;

const DENSITY = {
  means: "density.means",
  weights: "density.weights",
  logDiagonal: "density.logDiagonal",
  below: "density.below",
} as const;

/** Of k classes over d features. */
export const generativeShapes = (k: number, d: number): ParameterShapes =>
  new Map([
    [DENSITY.means, [k, d]],
    [DENSITY.weights, [k]],
    [DENSITY.logDiagonal, [d]],
    [DENSITY.below, [d, d]],
  ]);

/** Where they begin: no prior is preferred, and inputs are about `inputSd` wide; class means as stored [k x d], else 0. */
export function generativeStart(
  name: string,
  size: number,
  { inputSd, means }: { readonly inputSd: number; readonly means?: Float32Array | undefined },
): Float32Array {
  if (name === DENSITY.logDiagonal)
    return new Float32Array(size).fill(Math.log(1 / inputSd) / GENERATIVE_SCALE);
  return (name === DENSITY.means ? means : undefined) ?? new Float32Array(size);
}

export const generativeParams = (params: NamedTensors): GenerativeParams => ({
  means: params(DENSITY.means) as Tensor2D,
  weights: params(DENSITY.weights) as Tensor1D,
  logDiagonal: params(DENSITY.logDiagonal) as Tensor1D,
  below: params(DENSITY.below) as Tensor2D,
});

export interface GenerativeHead {
  readonly means: Tensor2D;
  readonly logPrior: Tensor2D; // [1, k]
  readonly lower: Tensor2D;
  readonly logDiagonal: Tensor1D;
}

export function generativeHead(params: GenerativeParams): GenerativeHead {
  const d = params.logDiagonal.shape[0];
  const logDiagonal = mul(params.logDiagonal, GENERATIVE_SCALE) as Tensor1D;
  const below = mul(mul(params.below, GENERATIVE_SCALE), strictlyLower(d));
  return {
    means: mul(params.means, GENERATIVE_SCALE),
    logPrior: logWeights(reshape(mul(params.weights, GENERATIVE_SCALE), [1, -1]) as Tensor2D),
    lower: add(below, mul(reshape(exp(logDiagonal), [-1, 1]), eye(d))),
    logDiagonal,
  };
}

function strictlyLower(d: number): Tensor2D {
  return tensor2d(
    Float32Array.from({ length: d * d }, (_, at) => (at % d < Math.floor(at / d) ? 1 : 0)),
    [d, d],
  );
}

const eye = (d: number): Tensor2D =>
  tensor2d(
    Float32Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0)),
    [d, d],
  );

/** ln π_c N(h; μ_c, Σ). h: [n, d] -> [n, k] */
export function generativeLogJoint(head: GenerativeHead, h: Tensor2D): Tensor2D {
  return add(sharedNormalLogProb(h, head), head.logPrior);
}

/**
 * The generative part of the objective for each row: ln π_y N(h; μ_y, Σ) for a labelled row (soft labels average it),
 * ln Σ_c π_c N(h; μ_c, Σ) for an unlabelled one. `y`: [n, k], all-zero rows unlabelled. -> [n, 1]
 */
export function generativeLogProb(head: GenerativeHead, h: Tensor2D, y: Tensor2D): Tensor2D {
  const joint = generativeLogJoint(head, h);
  const labelled = sum(y, 1, true);
  return add(sum(mul(y, joint), 1, true), mul(sub(1, labelled), logSumExp(joint, 1, true))) as Tensor2D;
}

/**
 * Σ_c ‖w_c − w~_c‖² + (b_c − b~_c)² with w~_c = Σ⁻¹ μ_c and b~_c = ln π_c − ½ μ_cᵀ Σ⁻¹ μ_c, the values that would make
 * the discriminative head the Bayes posterior of the generative one. Softmax does not see a common shift of all classes,
 * so the class mean is taken out of both sides first. weights: [k, d], biases: [1, k].
 */
export function couplingPenalty(head: GenerativeHead, weights: Tensor2D, biases: Tensor2D): Scalar {
  const centres = matMul(head.means, head.lower); // [k, d]
  const tied = matMul(centres, head.lower, false, true);
  const tiedBias = sub(head.logPrior, mul(0.5, transpose(sum(square(centres), 1, true) as Tensor2D)));
  const apart = sub(weights, tied);
  const apartBias = sub(biases, tiedBias);
  const gauged = sub(apart, mean(apart, 0, true));
  const gaugedBias = sub(apartBias, mean(apartBias, 1, true));
  return add(sum(square(gauged)), sum(square(gaugedBias)));
}

/**
 * ½ ε ‖L‖²_F: what a jitter of variance ε on every feature adds to the expected −ln density. It keeps Σ above ε I, so
 * that features which are constant, or functions of each other, cannot make the density infinite.
 */
export function jitterPenalty(head: GenerativeHead, variance: number): Scalar {
  return mul(sum(square(head.lower)), 0.5 * variance);
}
