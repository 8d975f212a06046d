import {
  add,
  cast,
  clipByValue,
  concat,
  exp,
  less,
  log,
  logSumExp,
  matMul,
  mul,
  reshape,
  sigmoid,
  slice,
  softmax,
  softplus,
  square,
  sub,
  sum,
  tensor2d,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { monomialCount, type Form } from "../sdgm/monomials.ts";

/**
 * A sparse discriminative Gaussian mixture as the last layer of a network: logits z = φ(h) Wᵀ + b of K = C·M components,
 * those of a class added up. Each weight is a normal N(M, σ²) under a prior that favours 0 (variational dropout,
 * Molchanov et al. 2017), in place of the stand-alone method's Laplace.
 *
 * No noise is drawn, since a recorded step has none: with W normal, z is normal with mean μ = φ Mᵀ + b and variance
 * s² = (φ∘φ) σ²ᵀ, and what noise costs on average is bounded from above:
 *   E ln Σ_k exp z_k ≤ ½ Σ_k a_k² s_k² + ln Σ_k exp(μ_k + (½ − a_k) s_k²)   for any a, here softmax(μ) (Knowles and Minka 2011)
 *   E ln Σ_m exp z_cm ≥ ln Σ_m exp μ_cm                                     (Jensen)
 */
export interface SdgmHeadShape {
  readonly features: number; // D
  readonly classes: number; // C
  readonly each: number; // M, components of a class
  readonly form: Form;
}

export interface SdgmHead {
  readonly means: Tensor2D; // M [k, H]
  readonly logVariances: Tensor2D; // ln σ² [k, H]
  readonly biases: Tensor1D; // b [k], ln π in it
}

/** H: the constant is in the biases. */
export const headWidth = ({ form, features }: Pick<SdgmHeadShape, "form" | "features">): number =>
  monomialCount(form, features) - 1;

/** φ(h) without the constant, as sdgm/monomials.ts orders it. h: [n, d] -> [n, H] */
export function monomialsOfRows(form: Form, h: Tensor2D): Tensor2D {
  if (form === "diagonal") return concat([h, square(h)], 1);
  const [rows, d] = h.shape;
  const products = Array.from({ length: d }, (_, i): Tensor2D =>
    mul(slice(h, [0, i], [rows, 1]), slice(h, [0, i], [rows, d - i])),
  );
  return concat([h, ...products], 1);
}

const TINY = 1e-15;
const MOST_LOG_ALPHA = 10;
/** ln α from which a weight is 0: its noise is twenty times its square. */
export const GONE = 3;

/** ln α = ln σ² − ln M² */
const logAlpha = ({ means, logVariances }: SdgmHead): Tensor2D =>
  clipByValue(sub(logVariances, log(add(square(means), TINY))), -MOST_LOG_ALPHA, MOST_LOG_ALPHA);

const [K1, K2, K3] = [0.63576, 1.8732, 1.48695];

/** KL of one weight from its prior, by its ln α: the approximation of Molchanov et al. */
export const divergence = (logAlphas: Tensor2D): Tensor2D =>
  add(mul(K1, sub(1, sigmoid(add(K2, mul(K3, logAlphas))))), mul(0.5, softplus(mul(-1, logAlphas))));

export const headDivergence = (head: SdgmHead): Scalar => sum(divergence(logAlpha(head)));

/** The weights that are used: those of which hardly anything is known are 0. */
export function sparseMeans(head: SdgmHead): Tensor2D {
  const isLeft: Tensor2D = cast(less(logAlpha(head), GONE), "float32");
  return mul(head.means, isLeft);
}

/** ln Σ_m exp z_cm. z: [n, k] -> [n, c] */
const ofClasses = (z: Tensor2D, { classes, each }: SdgmHeadShape): Tensor2D =>
  logSumExp(reshape(z, [z.shape[0], classes, each]), 2);

/** 1 where a component belongs to a class: [c, k] */
const classRows = ({ classes, each }: SdgmHeadShape): Tensor2D =>
  tensor2d(
    Float32Array.from({ length: classes * classes * each }, (_, at) =>
      Math.floor((at % (classes * each)) / each) === Math.floor(at / (classes * each)) ? 1 : 0,
    ),
    [classes, classes * each],
  );

/** Class logits, from the weights that are used. h: [n, d] -> [n, c] */
export function headLogits(head: SdgmHead, shape: SdgmHeadShape, h: Tensor2D): Tensor2D {
  const z: Tensor2D = add(
    matMul(monomialsOfRows(shape.form, h), sparseMeans(head), false, true),
    head.biases,
  );
  return ofClasses(z, shape);
}

/**
 * A bound from below of E ln P(y | x) over the weights. y: [n, c] soft labels; an all-zero row gives 0. base: [n, c], class
 * logits that the mixture is added to. -> [n, 1]
 */
export function headLogProb(
  head: SdgmHead,
  shape: SdgmHeadShape,
  h: Tensor2D,
  { y, base }: { readonly y: Tensor2D; readonly base?: Tensor2D | undefined },
): Tensor2D {
  const phi = monomialsOfRows(shape.form, h);
  const own: Tensor2D = add(matMul(phi, head.means, false, true), head.biases);
  const mean: Tensor2D = base ? add(own, matMul(base, classRows(shape))) : own;
  const variance = matMul(square(phi), exp(head.logVariances), false, true);
  const shares = softmax(mean);
  const spread = mul(0.5, sum(mul(square(shares), variance), 1, true));
  const all = add(spread, logSumExp(add(mean, mul(sub(0.5, shares), variance)), 1, true));
  return sum(mul(y, sub(ofClasses(mean, shape), all)), 1, true);
}
