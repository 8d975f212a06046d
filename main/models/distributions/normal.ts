import {
  add,
  div,
  log,
  matMul,
  mul,
  square,
  sub,
  sum,
  transpose,
  where,
  zerosLike,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";

export const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * Log density of the observed entries under independent normals. x, observed (bool), loc, scale: [n, d] -> [n]; 0 for a
 * row with none. The mask is applied before the density, so that NaN stays out of the gradient too, and after it.
 */
export function normalLogProb(x: Tensor2D, observed: Tensor2D, loc: Tensor2D, scale: Tensor2D): Tensor1D {
  const safe = where(observed, x, loc);
  const z = sub(safe, loc);
  const ratio = mul(z, div(z, square(scale)));
  const logProb = sub(mul(-0.5, ratio), add(log(scale), LOG_SQRT_TWO_PI));
  return sum(where(observed, logProb, zerosLike(logProb)), 1);
}

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
