import { cholesky } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import type { GaussianClasses } from "./gaussian-classes.ts";
import {
  conditionalOf,
  patternsOf,
  type Conditional,
  type GappyRows,
  type Pattern,
} from "./normal-classes.ts";

/** Rows without gaps, made of rows with some. */
export interface Filled {
  readonly count: number;
  readonly x: Float64Array; // [count x d]
  readonly source: Int32Array; // [count], the row that it was
  readonly weight: Float64Array; // [count]; those of one source sum to 1
}

/**
 * Each row with gaps as `draws` rows, what is missing drawn from the normal of a class given what is observed; how many
 * draws a class gets goes by `shares` [n x k] (systematic sampling). The draws come in pairs on both sides of the mean and
 * depend on what is observed alone: a row is filled the same way wherever it stands.
 */
export function filledByDraws(
  model: GaussianClasses,
  rows: GappyRows,
  shares: ArrayLike<number>,
  draws: number,
): Filled {
  const { width: d } = model;
  const patterns = patternsOf(rows, d);
  const count = patterns.reduce(
    (sum, { missing, rows: own }) => sum + own.length * (missing.length === 0 ? 1 : draws),
    0,
  );
  const filled = {
    x: new Float64Array(count * d),
    source: new Int32Array(count),
    weight: new Float64Array(count),
  };
  let at = 0;
  for (const pattern of patterns) {
    const times = pattern.missing.length === 0 ? 1 : draws;
    const spread = times === 1 ? undefined : spreadOf(model, pattern);
    for (const n of pattern.rows) {
      for (let draw = 0; draw < times; draw += 1) {
        const to = (at + draw) * d;
        for (const i of pattern.kept) filled.x[to + i] = rows.x[n * d + i] ?? 0;
        filled.source[at + draw] = n;
        filled.weight[at + draw] = 1 / times;
      }
      if (spread !== undefined) drawGaps(model, { pattern, spread, times, shares, n }, filled.x, at * d);
      at += times;
    }
  }
  return { count, ...filled };
}

interface Spread extends Conditional {
  readonly lower: Float64Array; // Cholesky factor of the conditional covariance [m x m]
}

function spreadOf(model: GaussianClasses, pattern: Pattern): Spread {
  const one = { ...model, classes: 1, covariances: model.covariance };
  const conditional = conditionalOf(one, 0, pattern);
  const m = pattern.missing.length;
  const steady = conditional.covariance.map((value, at) => {
    const input = pattern.missing[at % m] ?? 0;
    return at % (m + 1) === 0 ? value + 1e-9 * (model.covariance[input * (model.width + 1)] ?? 0) : value;
  });
  return { ...conditional, lower: cholesky(steady, m) };
}

interface Gap {
  readonly pattern: Pattern;
  readonly spread: Spread;
  readonly times: number;
  readonly shares: ArrayLike<number>;
  readonly n: number;
}

function drawGaps(model: GaussianClasses, gap: Gap, x: Float64Array, at: number): void {
  const { width: d, classes: k, means } = model;
  const { pattern, spread, times } = gap;
  const { kept, missing } = pattern;
  const [o, m] = [kept.length, missing.length];
  const random = seededRandom(contentOf(x, at, kept));
  const normals = new Float64Array(m);
  const own = Array.from({ length: k }, (_, c) => gap.shares[gap.n * k + c] ?? 0);
  for (let draw = 0; draw < times; draw += 1) {
    const c = classAt(own, (draw + 0.5) / times);
    const isOther = draw % 2 === 1; // the other side of the draw before
    for (let i = 0; i < m; i += 1) normals[i] = isOther ? -(normals[i] ?? 0) : random.normal();
    missing.forEach((input, i) => {
      let value = means[c * d + input] ?? 0;
      for (let j = 0; j < o; j += 1) {
        const seen = kept[j] ?? 0;
        value += (spread.slope[i * o + j] ?? 0) * ((x[at + seen] ?? 0) - (means[c * d + seen] ?? 0));
      }
      for (let j = 0; j <= i; j += 1) value += (spread.lower[i * m + j] ?? 0) * (normals[j] ?? 0);
      x[at + draw * d + input] = value;
    });
  }
}

function classAt(shares: readonly number[], place: number): number {
  const total = shares.reduce((a, b) => a + b, 0);
  let reached = 0;
  for (const [c, share] of shares.entries()) {
    reached += share;
    if (reached > place * total) return c;
  }
  return shares.indexOf(Math.max(...shares));
}

/** 32 bits of what is observed (Fowler, Noll and Vo, 1a, over float32). */
function contentOf(x: Float64Array, at: number, kept: readonly number[]): number {
  const bits = new Uint32Array(Float32Array.from(kept, (i) => x[at + i] ?? 0).buffer);
  return bits.reduce((hash, one, i) => Math.imul(hash ^ one ^ (kept[i] ?? 0), 0x01000193), 0x811c9dc5) >>> 0;
}
