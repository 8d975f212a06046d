import {
  add,
  conv2d,
  div,
  max,
  maximum,
  mul,
  softplus,
  sum,
  where,
  cast,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Random } from "../random.ts";
import { kernelsOf, type Kernels } from "./pooling-windows.ts";

/** Convolution over time, as long as its input, through ln(1 + e^z): a rectifier whose slope does not jump. x: [n, t, 1, c], weights [taps, 1, c, f], biases [f]. */
export const convolved = (x: Tensor4D, weights: Tensor4D, biases: Tensor): Tensor4D =>
  softplus(add(conv2d(x, weights, 1, "same"), biases));

/** Weights of a rectified layer (He et al. 2015): normal, variance 2 over what comes in. */
export function heStart(shape: readonly number[], random: Random): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const sd = Math.sqrt((2 * (shape.at(-1) ?? 1)) / size);
  return Float32Array.from({ length: size }, () => sd * random.normal());
}

/** Mean of the observed samples of each kernel; 0 where there is none. [n, h, w, c] -> [n, h / rows, w / columns, c] */
export function meanPooling(x: Tensor4D, seen: Tensor4D, by: Kernels): Tensor4D {
  const known = kernelsOf(seen, by);
  return div(sum(mul(kernelsOf(x, by), known), -1), maximum(sum(known, -1), 1));
}

/** Largest observed sample of each kernel, of samples that are not negative; 0 where there is none. */
export function maxPooling(x: Tensor4D, seen: Tensor4D, by: Kernels): Tensor4D {
  return max(where(cast(kernelsOf(seen, by), "bool"), kernelsOf(x, by), 0), -1);
}
