import { cast, where, zerosLike, type Tensor2D } from "@tensorflow/tfjs-core";

/** x where observed is 1, else 0: whatever lies behind the mask, NaN included, reaches neither value nor gradient. */
export function observedOnly(x: Tensor2D, observed: Tensor2D): Tensor2D {
  return where(cast(observed, "bool"), x, zerosLike(x));
}
