import { cholesky } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import type { GaussianClasses } from "./gaussian-classes.ts";
import { glimpse, hiddenMean, whitened, type GaussianMixture, type Glimpse } from "./gaussian-mixture.ts";
import { patternsOf, type MaskedRows, type Pattern } from "./patterns.ts";

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
  rows: MaskedRows,
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
  const mixture = tied(model);
  let at = 0;
  for (const pattern of patterns) {
    const times = pattern.missing.length === 0 ? 1 : draws;
    const spread = times === 1 ? undefined : spreadOf(mixture, pattern);
    for (const n of pattern.rows) {
      for (let draw = 0; draw < times; draw += 1) {
        const to = (at + draw) * d;
        for (const i of pattern.kept) filled.x[to + i] = rows.x[n * d + i] ?? 0;
        filled.source[at + draw] = n;
        filled.weight[at + draw] = 1 / times;
      }
      const own = Array.from({ length: model.classes }, (_, c) => shares[n * model.classes + c] ?? 0);
      if (spread !== undefined) drawGaps(mixture, { pattern, spread, times, own }, filled.x, at * d);
      at += times;
    }
  }
  return { count, ...filled };
}

/** Only the first covariance is looked at: it is all classes'. */
const tied = ({ width, classes, logPrior, means, covariance }: GaussianClasses): GaussianMixture => ({
  ...{ spread: "full", width, components: classes },
  ...{ logWeights: logPrior, means, covariances: covariance },
});

interface Spread extends Glimpse {
  readonly lower: Float64Array; // Cholesky factor of the conditional covariance [m x m]
}

function spreadOf(mixture: GaussianMixture, pattern: Pattern): Spread {
  const part = glimpse(mixture, 0, pattern);
  const m = pattern.missing.length;
  const steady = part.conditional.map((value, at) => {
    const input = pattern.missing[at % m] ?? 0;
    return at % (m + 1) === 0
      ? value + 1e-9 * (mixture.covariances[input * (mixture.width + 1)] ?? 0)
      : value;
  });
  return { ...part, lower: cholesky(steady, m) };
}

interface Gap {
  readonly pattern: Pattern;
  readonly spread: Spread;
  readonly times: number;
  readonly own: readonly number[]; // shares of the classes
}

function drawGaps(mixture: GaussianMixture, gap: Gap, x: Float64Array, at: number): void {
  const { width: d } = mixture;
  const { pattern, spread, times, own } = gap;
  const m = pattern.missing.length;
  const random = seededRandom(contentOf(x, at, pattern.kept));
  const [normals, mean, z] = [new Float64Array(m), new Float64Array(m), new Float64Array(d)];
  for (let draw = 0; draw < times; draw += 1) {
    const c = classAt(own, (draw + 0.5) / times);
    const isOther = draw % 2 === 1; // the other side of the draw before
    for (let i = 0; i < m; i += 1) normals[i] = isOther ? -(normals[i] ?? 0) : random.normal();
    whitened(mixture, c, pattern, spread, { x, at }, z);
    hiddenMean(mixture, c, pattern, spread, z, mean);
    pattern.missing.forEach((input, i) => {
      let value = mean[i] ?? 0;
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
function contentOf(x: Float64Array, at: number, seen: readonly number[]): number {
  const bits = new Uint32Array(Float32Array.from(seen, (i) => x[at + i] ?? 0).buffer);
  return bits.reduce((hash, one, i) => Math.imul(hash ^ one ^ (seen[i] ?? 0), 0x01000193), 0x811c9dc5) >>> 0;
}
