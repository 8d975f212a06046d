import {
  cast,
  div,
  greaterEqual,
  less,
  logicalAnd,
  matMul,
  maximum,
  mul,
  range,
  reshape,
  tensor2d,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";

/** 0, 1, …, count − 1 as a row. [1, count] */
export const indexRow = (count: number): Tensor2D => reshape(range(0, count, 1), [1, count]);
export const indexColumn = (count: number): Tensor2D => reshape(range(0, count, 1), [count, 1]);
export const row = (values: readonly number[]): Tensor2D => tensor2d([...values], [1, values.length]);

/** A condition as 1 and 0. */
export const asNumber = (condition: Tensor): Tensor2D => cast(condition, "float32") as Tensor2D;

/** Which of `samples` samples lie in [from, to) of each part. from, to: [1, parts] -> [samples, parts] of 1 and 0 */
export function membership(samples: number, from: Tensor2D, to: Tensor2D): Tensor2D {
  const index = indexColumn(samples);
  return asNumber(logicalAnd(greaterEqual(index, from), less(index, to)));
}

/** Means of the observed samples of each part, 0 without one, and how many there are. [1, parts] each */
export function partMeans(
  values: Tensor2D,
  observed: Tensor2D,
  parts: Tensor2D,
): { mean: Tensor2D; count: Tensor2D } {
  const count: Tensor2D = matMul(observed, parts);
  const total = matMul(mul(values, observed) as Tensor2D, parts);
  return { mean: div(total, maximum(count, 1)), count };
}

/** The least whole count whose share of `size` is not below `share`, as `count / size < share` decides it. */
export function leastCount(share: number, size: number): number {
  let count = Math.max(0, Math.floor(share * size) - 1);
  while (count / size < share) count += 1;
  return count;
}
