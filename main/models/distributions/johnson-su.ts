import { sortedQuantile } from "../../signal/quantile.ts";
import { standardNormalCdf } from "./standard-normal.ts";

/** γ + δ asinh((x − ξ) / λ) is standard normal (Johnson 1949, system of unbounded curves); δ, λ > 0. */
export interface JohnsonSu {
  readonly gamma: number;
  readonly delta: number;
  readonly xi: number;
  readonly lambda: number;
}

/** Beyond so many λ from ξ a value says no more. */
const MOST = 1e6;

/** y = asinh((x − ξ) / λ) */
export const toNormalScale = (x: number, xi: number, lambda: number): number =>
  Math.asinh(Math.max(-MOST, Math.min(MOST, (x - xi) / lambda)));

/** ln dy/dx = −ln λ − ½ ln(1 + u²); of y, since 1 + u² = cosh² y. */
export const logSlope = (y: number, lambda: number): number => -Math.log(lambda) - Math.log(Math.cosh(y));

/** ln of the density at x. */
export function johnsonLogDensity({ gamma, delta, xi, lambda }: JohnsonSu, x: number): number {
  const y = toNormalScale(x, xi, lambda);
  const z = gamma + delta * y;
  return Math.log(delta) + logSlope(y, lambda) - 0.5 * Math.log(2 * Math.PI) - 0.5 * z * z;
}

/** P(X ≤ x) */
export const johnsonCdf = ({ gamma, delta, xi, lambda }: JohnsonSu, x: number): number =>
  standardNormalCdf(gamma + delta * Math.asinh((x - xi) / lambda));

/** The quantile whose share is Φ(z): ξ + λ sinh((z − γ) / δ). */
export const johnsonQuantile = ({ gamma, delta, xi, lambda }: JohnsonSu, z: number): number =>
  xi + lambda * Math.sinh((z - gamma) / delta);

/** Mean, variance and skewness; not finite where the tails are too heavy for numbers. */
export function johnsonMoments({ gamma, delta, xi, lambda }: JohnsonSu): {
  readonly mean: number;
  readonly variance: number;
  readonly skewness: number;
} {
  const omega = Math.exp(1 / delta ** 2);
  const angle = gamma / delta;
  const mean = xi - lambda * Math.sqrt(omega) * Math.sinh(angle);
  const spread = 0.5 * (omega - 1) * (omega * Math.cosh(2 * angle) + 1);
  const third =
    -0.25 *
    Math.sqrt(omega) *
    (omega - 1) ** 2 *
    (omega * (omega + 2) * Math.sinh(3 * angle) + 3 * Math.sinh(angle));
  return { mean, variance: lambda ** 2 * spread, skewness: third / spread ** 1.5 };
}

/** z₀: the quantiles looked at are those of ±z₀ and ±3 z₀, about 5.8, 30, 70 and 94.2 %. */
export const SLIFKER_Z = 0.5244;
const LEAST_TAILS = 1 + 1e-3;

/** Quantiles of −3 z₀, −z₀, z₀, 3 z₀. */
type Quantiles = readonly [number, number, number, number];

/**
 * The distribution with these quantiles (Slifker and Shapiro, Technometrics 22, 1980); none where their distances say
 * that the tails are as light as a normal's or lighter (m n / p² ≤ 1.001).
 */
export function slifkerShapiro([low, lower, upper, high]: Quantiles): JohnsonSu | undefined {
  const p = upper - lower;
  const [m, n] = [(high - upper) / p, (lower - low) / p];
  if (!(p > 0 && m > 0 && n > 0 && m * n > LEAST_TAILS && m * n < 1e12)) return undefined;
  const root = Math.sqrt(m * n - 1);
  const delta = (2 * SLIFKER_Z) / Math.acosh((m + n) / 2);
  return {
    delta,
    gamma: delta * Math.asinh((n - m) / (2 * root)),
    lambda: (2 * p * root) / ((m + n - 2) * Math.sqrt(m + n + 2)),
    xi: (upper + lower) / 2 + (p * (n - m)) / (2 * (m + n - 2)),
  };
}

/** Where and how wide the asinh bends. */
export interface Bend {
  readonly xi: number;
  readonly lambda: number;
  readonly isSu: boolean; // the tails are heavier than a normal's; else it hardly bends
}

const SHARES = [-3, -1, 1, 3].map((times) => standardNormalCdf(times * SLIFKER_Z));
const [LEAST_WIDTH, MOST_WIDTH] = [0.05, 20]; // interquartile ranges
const ALMOST_STRAIGHT = 3; // standard deviations

/** ξ and λ of ascending values, with nothing to choose: by quantiles, or hardly bent where these ask for no S_U. */
export function bendOf(sorted: Float64Array): Bend {
  const values = withoutEnds(sorted);
  const at = (share: number): number => sortedQuantile(values, values.length, share);
  const range = at(0.75) - at(0.25);
  const [low, lower, upper, high] = SHARES.map(at);
  const found = slifkerShapiro([low ?? NaN, lower ?? NaN, upper ?? NaN, high ?? NaN]);
  if (found !== undefined && range > 0)
    return {
      xi: found.xi,
      lambda: Math.max(LEAST_WIDTH * range, Math.min(MOST_WIDTH * range, found.lambda)),
      isSu: true,
    };
  const width = ALMOST_STRAIGHT * deviationOf(values);
  return { xi: values.length === 0 ? 0 : at(0.5), lambda: width > 1e-9 ? width : 1, isSu: false };
}

const ATOM_SHARE = 0.01;
const LEAST_ATOM = 3;

/**
 * Without one value repeated at an end, as shares cut off at 0 are: such an atom no smooth distribution fits, and it would
 * bend the rest. Values that are nothing but repetitions stay.
 */
function withoutEnds(sorted: Float64Array): Float64Array {
  const least = Math.max(LEAST_ATOM, ATOM_SHARE * sorted.length);
  const repeated = (end: number, way: 1 | -1): number => {
    let count = 0;
    while (count < sorted.length && sorted[end + way * count] === sorted[end]) count += 1;
    return count >= least ? count : 0;
  };
  const [low, high] = [repeated(0, 1), repeated(sorted.length - 1, -1)];
  return low + high > sorted.length / 2 ? sorted : sorted.subarray(low, sorted.length - high);
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length));
}
