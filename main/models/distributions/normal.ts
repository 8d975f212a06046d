import {
  add,
  matMul,
  mul,
  square,
  sub,
  sum,
  transpose,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";

export const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Parts of class-conditional normals with one precision matrix L Lᵀ for all classes. */
export interface SharedPrecision {
  readonly means: Tensor2D; // [k, d]
  readonly lower: Tensor2D; // L [d, d], lower triangular
  readonly logDiagonal: Tensor1D | Tensor2D; // ln of L's diagonal
}

/**
 * ln N(h; μ_c, (L Lᵀ)⁻¹) for each class: Σ ln L_ii − ½ ‖(h − μ_c)ᵀ L‖² − d/2 ln 2π, by matrix products only.
 * h: [n, d] -> [n, k]
 */
export function sharedNormalLogProb(h: Tensor2D, { means, lower, logDiagonal }: SharedPrecision): Tensor2D {
  const projected = matMul(h, lower);
  const centres = matMul(means, lower);
  const squares = add(
    sub(sum(square(projected), 1, true), mul(2, matMul(projected, centres, false, true))),
    transpose(sum(square(centres), 1, true)),
  );
  const constant = sub(sum(logDiagonal), LOG_SQRT_TWO_PI * h.shape[1]);
  return add(mul(-0.5, squares), constant);
}
