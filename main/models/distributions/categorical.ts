import { logSoftmax, logSumExp, mul, sub, sum, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";

/**
 * Log probability of soft labels: Σ_c y_c ln softmax(logits)_c. logits, y: [n, k] -> [n, 1]; an all-zero row of y
 * (unlabelled) gives 0.
 */
export function categoricalLogProb(logits: Tensor2D, y: Tensor2D): Tensor2D {
  return sum(mul(y, logSoftmax(logits)), 1, true) as Tensor2D;
}

/** Normalised log weights. rho: [1, k] or [k] -> same shape. */
export function logWeights<T extends Tensor1D | Tensor2D>(rho: T): T {
  return sub(rho, logSumExp(rho, -1, true)) as T;
}
