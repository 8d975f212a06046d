import { isPositiveDefinite } from "../linear-algebra.ts";
import type { GaussianClasses } from "./gaussian-classes.ts";
import { mixtureLogJoint, type GaussianMixture } from "./gaussian-mixture.ts";
import type { MaskedRows } from "./patterns.ts";
import { expectedSums } from "./mixture-fit.ts";

/** Classes as normals with a covariance each, in float64. */
export interface NormalClasses {
  readonly width: number;
  readonly classes: number;
  readonly means: Float64Array; // [k x d]
  readonly covariances: Float64Array; // [k x d x d]
  readonly logPrior: Float64Array; // [k]
}

/** All classes with the one covariance. */
export function withCovarianceEach({ covariance, ...shared }: GaussianClasses): NormalClasses {
  const covariances = new Float64Array(shared.classes * covariance.length);
  for (let c = 0; c < shared.classes; c += 1) covariances.set(covariance, c * covariance.length);
  return { ...shared, covariances };
}

const asMixture = ({ width, classes, logPrior, means, covariances }: NormalClasses): GaussianMixture => ({
  ...{ spread: "full", width, components: classes },
  ...{ logWeights: logPrior, means, covariances },
});

/** ln π_c N(x_o; μ_c,o, Σ_c,oo) of rows and classes: the exact marginal of what is observed. [n x k] */
export const logJoints = (model: NormalClasses, rows: MaskedRows): Float64Array =>
  mixtureLogJoint(asMixture(model), rows);

/** Mean and covariance of each class under weights, what is missing in expectation under the model before. */
export interface Moments {
  readonly mass: Float64Array; // [k]
  readonly means: Float64Array; // [k x d]; the model's own where there is no mass
  readonly covariances: Float64Array; // [k x d x d], maximum likelihood; 0 where there is no mass
}

/** The E step of a normal a class: `weights` [n x k] say how much a row counts for a class. */
export function expectedMoments(model: NormalClasses, rows: MaskedRows, weights: ArrayLike<number>): Moments {
  const { width: d, classes: k } = model;
  const { mass, first, second } = expectedSums(asMixture(model), rows, weights);
  const means = model.means.slice();
  const covariances = new Float64Array(k * d * d);
  for (let c = 0; c < k; c += 1) {
    const own = mass[c] ?? 0;
    if (own === 0) continue;
    for (let i = 0; i < d; i += 1) {
      const moved = (first[c * d + i] ?? 0) / own;
      means[c * d + i] = (means[c * d + i] ?? 0) + moved;
      for (let j = 0, at = (c * d + i) * d; j < d; j += 1, at += 1)
        covariances[at] = (second[at] ?? 0) / own - (moved * (first[c * d + j] ?? 0)) / own;
    }
  }
  return { mass, means, covariances };
}

/** How a class's own covariance is held back: shares that, with what is left for its own, sum to 1. */
export interface HeldBack {
  readonly pooled: number; // of the covariance within classes, all together
  readonly diagonal: number; // of its own diagonal
}

/** The M step: means, prior and covariances, each (1 − p − q) S_c + p S + q diag S_c, and definite whatever came. */
export function fromMoments(moments: Moments, { pooled, diagonal }: HeldBack, width: number): NormalClasses {
  const { mass, means } = moments;
  const [d, k] = [width, mass.length];
  const total = mass.reduce((a, b) => a + b, 0);
  const within = pooledCovariance(moments, d);
  const covariances = new Float64Array(k * d * d);
  for (let c = 0; c < k; c += 1) {
    const isThere = (mass[c] ?? 0) > 0;
    const own = moments.covariances.subarray(c * d * d, (c + 1) * d * d);
    const held = within.map((shared, at) => {
      if (!isThere) return shared;
      const value = own[at] ?? 0;
      return (1 - pooled - diagonal) * value + pooled * shared + (at % (d + 1) === 0 ? diagonal * value : 0);
    });
    covariances.set(definite(held, within, d), c * d * d);
  }
  const logPrior = mass.map((own) => Math.log(Math.max(own, 0.5) / Math.max(total, 0.5)));
  return { width, classes: k, means, covariances, logPrior };
}

function pooledCovariance({ mass, covariances }: Moments, d: number): Float64Array {
  const within = new Float64Array(d * d);
  const total = mass.reduce((a, b) => a + b, 0);
  if (total === 0) return within.map((_, at) => (at % (d + 1) === 0 ? 1 : 0));
  mass.forEach((own, c) => {
    for (let at = 0; at < d * d; at += 1)
      within[at] = (within[at] ?? 0) + (own / total) * (covariances[c * d * d + at] ?? 0);
  });
  return within;
}

const LEAST_SHARE = 1e-6;
const ROOM = 1e-9; // of the variance that a pivot has at least
const LEAST_VARIANCE = 1e-9;

/**
 * Mixed with the diagonal of the pooled covariance by the first of 1e-6, 2e-6, … that leaves a factor with some room,
 * where it has none by itself: a pivot made of rounding errors is no variance.
 */
function definite(covariance: Float64Array, within: Float64Array, d: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < d; i += 1) trace += within[i * (d + 1)] ?? 0;
  const least = Math.max(LEAST_VARIANCE, (1e-3 * trace) / d);
  const isDiagonal = (at: number): boolean => at % (d + 1) === 0;
  const floor = covariance.map((_, at) => (isDiagonal(at) ? Math.max(within[at] ?? 0, least) : 0));
  const mixed = (share: number): Float64Array =>
    covariance.map((value, at) => (1 - share) * value + share * (floor[at] ?? 0));
  const hasRoom = (tried: Float64Array): boolean =>
    isPositiveDefinite(
      tried.map((value, at) => value - ROOM * (floor[at] ?? 0)),
      d,
    );
  if (hasRoom(covariance)) return covariance;
  for (let share = LEAST_SHARE; share < 1; share *= 2) {
    const tried = mixed(share);
    if (hasRoom(tried)) return tried;
  }
  return mixed(1);
}
