import { z } from "zod";
import { refuse } from "../file-parts.ts";
import { isPositiveDefinite, logSumExp } from "../linear-algebra.ts";
import type { WindowScores } from "../model.ts";

export const Width = z.number().int().positive().max(16_384);
export const Classes = z.number().int().min(2).max(512);

/** Refuses `matrices` [d x d] by their name, one after the other in one array, unless each has a Cholesky factor. */
export function haveFactors(context: z.RefinementCtx, name: string, matrices: Float64Array, d: number): void {
  const size = d * d;
  for (let at = 0; at < matrices.length; at += size) {
    if (isPositiveDefinite(matrices.subarray(at, at + size), d)) continue;
    refuse(context, name, "holds what is no covariance");
    return;
  }
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
