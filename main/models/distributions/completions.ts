import { cholesky, softmaxRows } from "../linear-algebra.ts";
import type { Random } from "../random.ts";
import { glimpse, hiddenMean, whitened, type GaussianMixture, type Glimpse } from "./gaussian-mixture.ts";
import { patternsOf, type MaskedRows, type Pattern } from "./patterns.ts";
import type { NormalDesign } from "./normal-design.ts";
import { standardNormalCdf } from "./standard-normal.ts";

/** A row with its hidden entries filled in; `x` is used again for the next one. */
type Visit = (row: number, x: Float64Array, weight: number) => void;

/** Components that explain less than this of a row say nothing about what it hides. */
const LEAST_SHARE = 1e-4;

/** Goes through p(x_m | x_o) of every row: each component's normal by the points of a design. Rows without gaps come once. */
export function eachCompletion(
  mixture: GaussianMixture,
  rows: MaskedRows,
  design: (dimensions: number) => NormalDesign,
  visit: Visit,
): void {
  eachWithGaps(mixture, rows, visit, (pattern, filler) => {
    const { points, weights } = design(pattern.missing.length);
    for (const n of pattern.rows) {
      const shares = filler.shares(n);
      shares.forEach((share, j) => {
        if (share === 0) return;
        for (let s = 0; s < weights.length; s += 1)
          visit(n, filler.filled(n, j, points, s), share * (weights[s] ?? 0));
      });
    }
  });
}

/**
 * The same by as many points as the design has, whatever the components: its first dimension chooses one by their shares.
 * A row is completed alike whatever rows are beside it.
 */
export function evenCompletions(
  mixture: GaussianMixture,
  rows: MaskedRows,
  design: (dimensions: number) => NormalDesign,
  visit: Visit,
): void {
  eachWithGaps(mixture, rows, visit, (pattern, filler) => {
    const size = 1 + pattern.missing.length;
    const { points, weights } = design(size);
    const each = Array.from(weights, (weight, s) => ({
      weight,
      level: standardNormalCdf(points[s * size] ?? 0),
      point: points.subarray(s * size + 1, (s + 1) * size),
    }));
    for (const n of pattern.rows) {
      const shares = filler.shares(n);
      for (const { weight, level, point } of each)
        visit(n, filler.filled(n, reachedAt(shares, level), point, 0), weight);
    }
  });
}

/** So many draws out of p(x_m | x_o) of every row, each with weight 1 / draws; rows without gaps come once. */
export function drawCompletions(
  mixture: GaussianMixture,
  rows: MaskedRows,
  { draws, random }: { readonly draws: number; readonly random: Random },
  visit: Visit,
): void {
  eachWithGaps(mixture, rows, visit, (pattern, filler) => {
    const point = new Float64Array(pattern.missing.length);
    for (const n of pattern.rows) {
      const shares = filler.shares(n);
      for (let s = 0; s < draws; s += 1) {
        const j = reachedAt(shares, random.next());
        point.forEach((_, a) => (point[a] = random.normal()));
        visit(n, filler.filled(n, j, point, 0), 1 / draws);
      }
    }
  });
}

/** Rows without gaps are visited as they are, once; those of every other pattern are told together. */
function eachWithGaps(
  mixture: GaussianMixture,
  rows: MaskedRows,
  visit: Visit,
  told: (pattern: Pattern, filler: Filler) => void,
): void {
  for (const pattern of patternsOf(rows, mixture.width)) {
    const filler = fillerOf(mixture, rows, pattern);
    if (pattern.missing.length > 0) told(pattern, filler);
    else for (const n of pattern.rows) visit(n, filler.seen(n), 1);
  }
}

/** Where the sum of the shares passes a level in (0, 1). */
function reachedAt(shares: Float64Array, level: number): number {
  let left = level;
  let last = 0;
  for (let j = 0; j < shares.length; j += 1) {
    const share = shares[j] ?? 0;
    if (share === 0) continue;
    last = j;
    left -= share;
    if (left < 0) return j;
  }
  return last;
}

interface Filler {
  /** What each component explains of a row: [j], sum 1; 0 where it is next to nothing. */
  shares(n: number): Float64Array;
  /** The row with the s-th of standard normal points [s x m] carried into component j. */
  filled(n: number, j: number, points: Float64Array, s: number): Float64Array;
  seen(n: number): Float64Array;
}

function fillerOf(mixture: GaussianMixture, rows: MaskedRows, pattern: Pattern): Filler {
  const { width: d, components: k, spread } = mixture;
  const parts = Array.from({ length: k }, (_, j) => glimpse(mixture, j, pattern));
  const roots = parts.map((part) => rootOf(part, pattern.missing.length, spread));
  const x = new Float64Array(d);
  const z = new Float64Array(d);
  const hidden = new Float64Array(pattern.missing.length);
  const whiten = (n: number, j: number): number => {
    const part = parts[j];
    return part ? whitened(mixture, j, pattern, part, { x: rows.x, at: n * d }, z) : 0;
  };
  const seen = (n: number): Float64Array => {
    for (const i of pattern.kept) x[i] = rows.x[n * d + i] ?? 0;
    return x;
  };
  return {
    seen,
    shares(n) {
      const joint = Float64Array.from(parts, (_, j) => (mixture.logWeights[j] ?? 0) + whiten(n, j));
      const raw = softmaxRows(joint, k).map((share) => (share < LEAST_SHARE ? 0 : share));
      const total = raw.reduce((sum, share) => sum + share, 0);
      return raw.map((share) => share / total);
    },
    filled(n, j, points, s) {
      const [part, root] = [parts[j], roots[j]];
      if (!part || !root) return x;
      whiten(n, j);
      hiddenMean(mixture, j, pattern, part, z, hidden);
      const m = pattern.missing.length;
      seen(n);
      pattern.missing.forEach((i, a) => {
        let value = hidden[a] ?? 0;
        if (spread === "diagonal") value += (root[a] ?? 0) * (points[s * m + a] ?? 0);
        else for (let b = 0; b <= a; b += 1) value += (root[a * m + b] ?? 0) * (points[s * m + b] ?? 0);
        x[i] = value;
      });
      return x;
    },
  };
}

/** A root of the covariance of what is hidden, given what is seen. */
function rootOf({ conditional }: Glimpse, m: number, spread: GaussianMixture["spread"]): Float64Array {
  if (spread === "diagonal") return conditional.map(Math.sqrt);
  const safe = Float64Array.from(conditional, (value, at) =>
    Math.floor(at / m) === at % m ? value + 1e-9 * Math.max(value, 1) : value,
  );
  return cholesky(safe, m);
}
