import {
  fitGaussianClasses,
  type GaussianClasses,
  type SoftRows,
} from "../distributions/gaussian-classes.ts";
import { patternsOf } from "../distributions/patterns.ts";
import { logSumExp } from "../linear-algebra.ts";
import type { WindowRows } from "../model.ts";

/** Normals a class from windows with labels: where rounds begin, when they end and by what they are told apart. */

/** Of labelled rows, with one covariance; classes as frequent as there. */
export const normalsOfLabels = (
  { x, observed, y, count, width, classes }: Omit<WindowRows, "x"> & Pick<SoftRows, "x">,
  shrink: number,
): GaussianClasses =>
  fitGaussianClasses({ x, observed, weights: y, count }, { width, classes, shrink, prior: "counts" });

export const TOLERANCE = 1e-9; // of the mean log likelihood
const MOST_WORK = 3e9; // multiplications of a round

/** Whether a round of EM is the last: nothing is missing, or all miss the same, or a further one would take too long. */
export function isOneRoundAll(rows: WindowRows): boolean {
  const patterns = patternsOf(rows, rows.width).length;
  return patterns === 1 || patterns * rows.classes * rows.width ** 3 > MOST_WORK;
}

/**
 * Mean over rows of ln p(label, inputs), or ln p(inputs) of those without a label where they count, by log joints
 * [n x k] of rows and classes.
 */
export function meanLogLikelihood(
  joint: Float64Array,
  { y, count, classes: k }: WindowRows,
  withUnlabelled: boolean,
): number {
  let [sum, mass] = [0, 0];
  for (let n = 0; n < count; n += 1) {
    const own = y.subarray(n * k, (n + 1) * k);
    const labels = own.reduce((total, share) => total + share, 0);
    if (labels === 0 && !withUnlabelled) continue;
    if (labels === 0) sum += logSumExp(joint, n * k, k);
    own.forEach((share, c) => (sum += share * (joint[n * k + c] ?? 0)));
    mass += labels === 0 ? 1 : labels;
  }
  return sum / Math.max(mass, 1);
}
