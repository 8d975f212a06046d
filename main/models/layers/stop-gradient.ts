import { clone, customGrad, zerosLike, type Tensor } from "@tensorflow/tfjs-core";

/** The same values, through which no gradient passes. TensorFlow.js has no op of its own for it. */
export function stopGradient<T extends Tensor>(x: T): T {
  const held = customGrad((input) => ({
    value: clone(input as Tensor),
    gradFunc: (dy: Tensor) => zerosLike(dy),
  }));
  return held(x) as T;
}
