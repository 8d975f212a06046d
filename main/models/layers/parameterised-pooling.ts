import {
  abs,
  add,
  div,
  exp,
  log,
  logSumExp,
  maximum,
  mul,
  reshape,
  sigmoid,
  step,
  sub,
  sum,
  where,
  cast,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Random } from "../random.ts";
import { kernelsOf, splitOf, type Kernels } from "./pooling-windows.ts";

/**
 * Parameterised pooling (Otsuzuki, Song, Uchida and Hayashi, ICDAR 2021): each place of the pooled map learns the shape
 * of its kernel and what it does there, one for all channels,
 *
 *   y = ( Σ v_i |x_i|^p / n )^{1/p}        v = sigmoid(5 m),  p = e^ρ
 *
 * the mean of |x| for p = 1 and v = 1, the maximum for p → ∞; a sample with v = 0 is not in the kernel. In logarithms, so
 * that no power overflows. Unobserved samples leave the sum, and n counts those that are observed: exact for mean and
 * maximum. n is not corrected by Σ v.
 */
export interface Parameterised {
  readonly masks: Tensor; // m [places, samples of a kernel]
  readonly exponents: Tensor; // ρ [places]
}

const SLOPE = 5;
const SMALL = 1e-12; // keeps the logarithms finite
const NEVER = -1e30;

/** Sizes of m and ρ for images of h x w. */
export function parameterisedShapes(h: number, w: number, kernels: Kernels): readonly [number[], number[]] {
  const { rows, columns, height, width } = splitOf([1, h, w, 1], kernels);
  return [[rows * columns, height * width], [rows * columns]];
}

/** m uniform in (0, 1); ρ = 4 for images, so nearly the maximum, and 2 for signals. */
export function parameterisedStart(
  h: number,
  w: number,
  kernels: Kernels,
  random: Random,
): [Float32Array, Float32Array] {
  const [[places = 0, samples = 0]] = parameterisedShapes(h, w, kernels);
  const isSignal = kernels.size[1] === 1;
  return [
    Float32Array.from({ length: places * samples }, () => random.next()),
    new Float32Array(places).fill(isSignal ? 2 : 4),
  ];
}

/**
 * x [n, h, w, c], seen the same of 0 and 1 or absent where all is -> [n, h / rows, w / columns, c]. `isFinal`: masks are
 * cut at v = 1/2 to 0 or 1.
 */
export function parameterisedPooling(
  x: Tensor4D,
  seen: Tensor4D | undefined,
  { masks, exponents }: Parameterised,
  by: Kernels & { readonly isFinal?: boolean },
): Tensor4D {
  const { n, rows, columns, channels, height, width } = splitOf(x.shape, by);
  const samples = height * width;
  const values = kernelsOf(x, by);
  const known = seen && kernelsOf(seen, by);
  const shape = by.isFinal === true ? step(masks) : sigmoid(mul(masks, SLOPE));
  const weight = reshape(log(add(shape, SMALL)), [1, rows, columns, 1, samples]);
  const power = reshape(exp(exponents), [1, rows, columns, 1, 1]);
  const terms = add(weight, mul(power, log(add(abs(values), SMALL))));
  const summed = logSumExp(known ? where(cast(known, "bool"), terms, NEVER) : terms, -1);
  const count = known ? log(maximum(sum(known, -1), 1)) : Math.log(samples);
  const mean = div(sub(summed, count), reshape(power, [1, rows, columns, 1]));
  return reshape(exp(mean), [n, rows, columns, channels]);
}
