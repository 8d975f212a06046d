import { z } from "zod";
import { isPositiveDefinite, logSumExp } from "../linear-algebra.ts";
import type { WindowScores } from "../model.ts";

/** Parts that what models learned in rounds is saved with, so that a file is checked before anything is computed from it. */

export const Width = z.number().int().positive().max(16_384);
export const Classes = z.number().int().min(2).max(512);

/** Numbers of a model file: all finite. */
export const finiteDoubles = z
  .instanceof(Float64Array<ArrayBufferLike>)
  .refine((values) => values.every(Number.isFinite), "holds what is no number");

/** Whether arrays have the lengths that they must have. */
export const haveLengths = (pairs: readonly (readonly [ArrayLike<unknown>, number])[]): boolean =>
  pairs.every(([values, length]) => values.length === length);

/** Whether each [d x d] of `matrices`, one after the other, has a Cholesky factor. */
export function areCovariances(matrices: Float64Array, d: number): boolean {
  const size = d * d;
  for (let at = 0; at < matrices.length; at += size)
    if (!isPositiveDefinite(matrices.subarray(at, at + size), d)) return false;
  return true;
}

const FLOAT32_ROOM = 1e30;
const within = (value: number): number => Math.max(-FLOAT32_ROOM, Math.min(FLOAT32_ROOM, value));

/** Log joints of rows and classes [n x k] as log posteriors and log densities. */
export function scoresOf(joint: Float64Array, classes: number): WindowScores {
  const count = joint.length / classes;
  const logits = new Float32Array(joint.length);
  const logDensity = new Float32Array(count);
  for (let n = 0; n < count; n += 1) {
    const evidence = logSumExp(joint, n * classes, classes);
    logDensity[n] = within(evidence);
    for (let at = n * classes; at < (n + 1) * classes; at += 1)
      logits[at] = within((joint[at] ?? 0) - evidence);
  }
  return { logits, logDensity };
}
