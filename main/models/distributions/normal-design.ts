import { seededRandom, shuffle, type Random } from "../random.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** Points with weights that stand for a standard normal: Σ_s w_s f(u_s) is about E f(u). */
export interface NormalDesign {
  readonly points: Float64Array; // [s x m]
  readonly weights: Float64Array; // [s], sum 1
}

/**
 * Gauss-Hermite nodes for the weight exp(−x²/2)/√2π, by Newton's method on the normalised Hermite polynomials from
 * starts between the nodes of one degree less.
 */
export function hermiteNodes(count: number): NormalDesign {
  let roots: number[] = [];
  for (let degree = 1; degree <= count; degree += 1) {
    const reach = 2 * Math.sqrt(degree) + 2;
    const bounds = [-reach, ...roots, reach];
    roots = Array.from({ length: degree }, (_, i) => rootWithin(degree, bounds[i] ?? 0, bounds[i + 1] ?? 0));
  }
  const raw = roots.map((x) => 1 / hermite(count, x).before ** 2 / count);
  const total = raw.reduce((sum, one) => sum + one, 0);
  return { points: Float64Array.from(roots), weights: Float64Array.from(raw, (one) => one / total) };
}

/** He_n(x)/√n! and the same of degree n − 1. */
function hermite(degree: number, x: number): { readonly value: number; readonly before: number } {
  let [before, value] = [0, 1];
  for (let n = 1; n <= degree; n += 1)
    [before, value] = [value, (x * value - Math.sqrt(n - 1) * before) / Math.sqrt(n)];
  return { value, before };
}

/** Between two nodes of one degree less lies one node; halving finds it to the last bit. */
function rootWithin(degree: number, low: number, high: number): number {
  let [from, to] = [low, high];
  const sign = Math.sign(hermite(degree, from).value) || 1;
  for (let step = 0; step < 100; step += 1) {
    const middle = (from + to) / 2;
    if (middle === from || middle === to) break;
    if (sign * hermite(degree, middle).value > 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** Every combination of one-dimensional nodes. */
function grid({ points, weights }: NormalDesign, dimensions: number): NormalDesign {
  const each = points.length;
  const count = each ** dimensions;
  const out = { points: new Float64Array(count * dimensions), weights: new Float64Array(count).fill(1) };
  for (let s = 0; s < count; s += 1)
    for (let i = 0, rest = s; i < dimensions; i += 1, rest = Math.floor(rest / each)) {
      out.points[s * dimensions + i] = points[rest % each] ?? 0;
      out.weights[s] = (out.weights[s] ?? 0) * (weights[rest % each] ?? 0);
    }
  return out;
}

/** A Latin hypercube (McKay et al. 1979): every input has one point in each of `count` slices of equal probability. */
function latin(count: number, dimensions: number, random: Random): NormalDesign {
  const points = new Float64Array(count * dimensions);
  for (let i = 0; i < dimensions; i += 1) {
    const order = shuffle(
      Array.from({ length: count }, (_, s) => s),
      random,
    );
    order.forEach((slice, s) => (points[s * dimensions + i] = normalQuantile((slice + 0.5) / count)));
  }
  return { points, weights: new Float64Array(count).fill(1 / count) };
}

const NODES = 20;
const SPREAD_POINTS = 64;

type Designs = (dimensions: number) => NormalDesign;

/** Each is made once. */
function remembered(make: Designs): Designs {
  const made = new Map<number, NormalDesign>();
  return (dimensions) => {
    const known = made.get(dimensions);
    if (known) return known;
    const design = make(dimensions);
    made.set(dimensions, design);
    return design;
  };
}

/** Gauss-Hermite up to two dimensions, a Latin hypercube beyond; the same for the same number of dimensions. */
export const normalDesigns = (seed: number): Designs =>
  remembered((dimensions) =>
    dimensions <= 2
      ? grid(hermiteNodes(NODES), dimensions)
      : latin(SPREAD_POINTS, dimensions, seededRandom(seed, dimensions)),
  );

/** A Latin hypercube of so many points whatever the dimensions. */
export const latinDesigns = (count: number, seed: number): Designs =>
  remembered((dimensions) => latin(count, dimensions, seededRandom(seed, dimensions)));
