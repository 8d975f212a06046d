import { logSumExp, softmaxRows } from "../../linear-algebra.ts";
import type { Random } from "../../random.ts";
import type { ForkShape } from "./shape.ts";

/** One class' future: components x horizons, in units of the horizon's scale; arrays [components x horizons]. */
export interface ClassFuture {
  readonly share: ArrayLike<number>;
  readonly means: readonly ArrayLike<number>[]; // a dimension
  readonly spreads: readonly ArrayLike<number>[]; // standard deviations
  readonly turn: ArrayLike<number> | undefined; // correlation of the two dimensions
}

/** What one network says at one moment. */
export interface Fork {
  readonly components: number;
  readonly horizons: number;
  readonly probability: Float64Array; // a class
  readonly futures: readonly ClassFuture[];
}

/** Rows of a prediction's tensors (network.ts) as forks: as many as there were places. */
export function forksOf(shape: ForkShape, tensors: readonly ArrayLike<number>[]): Fork[] {
  const { classes, components, horizons, dims } = shape;
  const left = [...tensors];
  const next = (): ArrayLike<number> => left.shift() ?? [];
  const logits = classes > 1 ? next() : undefined;
  const logShare = next();
  const tables = Array.from({ length: dims }, () => ({ mean: next(), spread: next() }));
  const turn = dims === 2 ? next() : undefined;
  const size = components * horizons;
  const across = shape.weights === "path" ? 1 : horizons;
  const rows = logShare.length / (classes * components * across);
  const row = (table: ArrayLike<number>, at: number, map = (value: number): number => value): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => map(table[at * size + i] ?? 0));
  const shareAt = (at: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => {
      const k = Math.floor(i / horizons);
      return Math.exp(logShare[(at * components + k) * across + (across === 1 ? 0 : i % horizons)] ?? 0);
    });
  return Array.from({ length: rows }, (_, n) => ({
    components,
    horizons,
    probability: softmaxRows(
      Float64Array.from({ length: classes }, (_, c) => logits?.[n * classes + c] ?? 0),
      classes,
    ),
    futures: Array.from({ length: classes }, (_, c): ClassFuture => {
      const at = n * classes + c;
      return {
        share: shareAt(at),
        means: tables.map(({ mean }) => row(mean, at)),
        spreads: tables.map(({ spread }) => row(spread, at, Math.exp)),
        turn: turn === undefined ? undefined : row(turn, at),
      };
    }),
  }));
}

const logSum = (values: ArrayLike<number>): number => logSumExp(values, 0, values.length);

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** ln Σ_k a_k N of one class at a horizon; a coordinate of the target that is NaN is left out of the normals. */
export function classLogDensity(
  { components, horizons }: Fork,
  future: ClassFuture,
  h: number,
  target: readonly number[],
): number {
  const each = new Float64Array(components);
  for (let k = 0; k < components; k += 1) {
    const i = k * horizons + h;
    each[k] = Math.log(future.share[i] ?? 0) + partLogDensity(future, i, target);
  }
  return logSum(each);
}

function partLogDensity({ means, spreads, turn }: ClassFuture, i: number, target: readonly number[]): number {
  const z: number[] = [];
  let constant = 0;
  means.forEach((mean, dim) => {
    const value = target[dim] ?? NaN;
    if (Number.isNaN(value)) return;
    const spread = spreads[dim]?.[i] ?? 1;
    z.push((value - (mean[i] ?? 0)) / spread);
    constant -= 0.5 * LOG_TWO_PI + Math.log(spread);
  });
  const [first = 0, second = 0] = z;
  const r = z.length === 2 ? (turn?.[i] ?? 0) : 0;
  const upright = 1 - r * r;
  return (
    constant -
    0.5 * Math.log(upright) -
    (0.5 * (first * first + second * second - 2 * r * first * second)) / upright
  );
}

/** ln Σ_c p_c Σ_k a_ck N at a horizon. */
export function logDensityOf(fork: Fork, h: number, target: readonly number[]): number {
  return logSum(
    fork.futures.map(
      (future, c) => Math.log(fork.probability[c] ?? 0) + classLogDensity(fork, future, h, target),
    ),
  );
}

/** Mean and variance of one class at a horizon, a dimension. */
export function classMoments(
  { components, horizons }: Fork,
  { share, means, spreads }: ClassFuture,
  h: number,
): { readonly mean: number; readonly variance: number }[] {
  return means.map((values, dim) => {
    let [mean, square] = [0, 0];
    for (let k = 0; k < components; k += 1) {
      const i = k * horizons + h;
      const [weight, own, spread] = [share[i] ?? 0, values[i] ?? 0, spreads[dim]?.[i] ?? 0];
      mean += weight * own;
      square += weight * (own * own + spread * spread);
    }
    return { mean, variance: Math.max(0, square - mean * mean) };
  });
}

/** The variance of what comes, by where it is from: noise within a class, the fork between classes, and what the members do not agree on. Sums of the dimensions. */
export interface VarianceParts {
  readonly noise: number;
  readonly fork: number;
  readonly model: number;
}

/** Var = E_m Σ_c p_c σ_c² + E_m Σ_c p_c (μ_c − μ_m)² + Var_m μ_m, over members m of equal weight. */
export function varianceParts(members: readonly Fork[], h: number): VarianceParts {
  const dims = members[0]?.futures[0]?.means.length ?? 0;
  const own = members.map((fork) => {
    const moments = fork.futures.map((future) => classMoments(fork, future, h));
    return Array.from({ length: dims }, (_, dim) => {
      const each = moments.map((moment, c) => ({ p: fork.probability[c] ?? 0, ...(moment[dim] ?? NOTHING) }));
      const mean = each.reduce((sum, { p, mean: centre }) => sum + p * centre, 0);
      return {
        mean,
        noise: each.reduce((sum, { p, variance }) => sum + p * variance, 0),
        fork: each.reduce((sum, { p, mean: centre }) => sum + p * (centre - mean) ** 2, 0),
      };
    });
  });
  const parts = { noise: 0, fork: 0, model: 0 };
  for (let dim = 0; dim < dims; dim += 1) {
    const all = own.map((one) => one[dim] ?? { mean: 0, noise: 0, fork: 0 });
    const centre = all.reduce((sum, { mean }) => sum + mean, 0) / all.length;
    for (const { mean, noise, fork } of all) {
      parts.noise += noise / all.length;
      parts.fork += fork / all.length;
      parts.model += (mean - centre) ** 2 / all.length;
    }
  }
  return parts;
}
const NOTHING = { mean: 0, variance: 0 };

export const entropyOf = (probability: ArrayLike<number>): number => {
  let sum = 0;
  for (let c = 0; c < probability.length; c += 1) {
    const p = probability[c] ?? 0;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
};

/** B = H[p] x (variance between classes / total variance), in nats: 0 where there is one future, ln 2 at a fork of two equal ones. */
export function bifurcationIndex(fork: Fork, h: number): number {
  const { noise, fork: between } = varianceParts([fork], h);
  return noise + between > 0 ? (entropyOf(fork.probability) * between) / (noise + between) : 0;
}

/** How far the means of the two most probable classes lie apart, in their pooled standard deviations. */
export function separationOf(fork: Fork, h: number): number {
  const [first, second] = [...fork.probability.keys()].sort(
    (a, b) => (fork.probability[b] ?? 0) - (fork.probability[a] ?? 0),
  );
  const of = (c: number | undefined) => {
    const future = fork.futures[c ?? -1];
    return future === undefined ? [] : classMoments(fork, future, h);
  };
  const [a, b] = [of(first), of(second)];
  const square = a.reduce((sum, { mean }, dim) => sum + (mean - (b[dim]?.mean ?? mean)) ** 2, 0);
  const pooled = [...a, ...b].reduce((sum, { variance }) => sum + variance, 0) / (2 * a.length || 1);
  return pooled > 0 ? Math.sqrt(square / pooled) : 0;
}

/** Marks a fork: an index above `index` nats and the two means more than `apart` deviations from one another. */
export interface ForkRule {
  readonly index: number;
  readonly apart: number;
}
/** Of the thresholds tried on handwriting these missed least: three in ten moments flagged, two in three forks among them. */
export const usualForkRule: ForkRule = { index: 0.4, apart: 1 };

export const isFork = (fork: Fork, h: number, rule = usualForkRule): boolean =>
  bifurcationIndex(fork, h) > rule.index && separationOf(fork, h) > rule.apart;

/** A way that what comes may take. Class, component and noise are drawn once and held: redrawn at every step, a path would zigzag between ways. [dims][horizons] */
export function sampledPath(
  fork: Fork,
  random: Random,
): { readonly path: Float64Array[]; readonly c: number; readonly k: number } {
  const c = drawn(fork.probability, random);
  const future = fork.futures[c];
  if (future === undefined) return { path: [], c, k: 0 };
  const { components, horizons } = fork;
  const whole = Float64Array.from({ length: components }, (_, k) => {
    let sum = 0;
    for (let h = 0; h < horizons; h += 1) sum += future.share[k * horizons + h] ?? 0;
    return sum / horizons;
  });
  const k = drawn(whole, random);
  const noise = future.means.map(() => random.normal());
  const path = future.means.map((mean, dim) =>
    Float64Array.from(
      { length: horizons },
      (_, h) =>
        (mean[k * horizons + h] ?? 0) + (noise[dim] ?? 0) * (future.spreads[dim]?.[k * horizons + h] ?? 0),
    ),
  );
  return { path, c, k };
}

function drawn(share: Float64Array, random: Random): number {
  let left = random.next() * share.reduce((a, b) => a + b, 0);
  for (let c = 0; c < share.length; c += 1) {
    left -= share[c] ?? 0;
    if (left < 0) return c;
  }
  return share.length - 1;
}
