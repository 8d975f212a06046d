import { concatenated, logSumExp } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import { fill, fillingOf, gapsOf, jointOf, type Filling, type Gap } from "./gaps.ts";
import { softmaxAt, type CoupledRows, type Places } from "./objective.ts";
import type { CoupledHeads } from "./parameters.ts";

/** What both heads say of rows. */
export interface CoupledAnswers {
  readonly discriminative: Float64Array; // P(c|x_o) [n x k]
  readonly generative: Float64Array; // π_c N(x_o; μ_c,o, Σ_oo) / Σ [n x k]
  readonly logDensity: Float64Array; // ln p(x_o) [n]
}

/** Draws of what is missing, each with its opposite, for each class that the observed part leaves possible. */
export const DRAWS = 64;
const TEACHING_DRAWS = 8;
/** Classes less probable than this are left out of them. */
const LEAST_SHARE = 1e-3;

/** Standard normals, each followed by its opposite; the same for every row, so that an answer depends on its row alone. */
function drawsOf(width: number, count: number): Float64Array {
  const random = seededRandom(0, 7001);
  const out = new Float64Array(count * width);
  for (let s = 0; s < count; s += 2) {
    for (let i = 0; i < width; i += 1) {
      const value = random.normal();
      out[s * width + i] = value;
      out[(s + 1) * width + i] = -value;
    }
  }
  return out;
}

/** The draws of missing inputs as what is added to their mean: rootᵀ ε has covariance Λ_mm⁻¹. [draws x m] */
function spreadOf({ gap: { missing }, root }: Filling, draws: Float64Array, width: number): Float64Array {
  const m = missing.length;
  const count = draws.length / width;
  const out = new Float64Array(count * m);
  for (let s = 0; s < count; s += 1) {
    for (let i = 0; i < m; i += 1) {
      let sum = 0;
      for (let l = i; l < m; l += 1) sum += (root[l * m + i] ?? 0) * (draws[s * width + l] ?? 0);
      out[s * m + i] = sum;
    }
  }
  return out;
}

interface Told {
  readonly shares: Float64Array; // of the classes
  readonly logDensity: number;
}

/** Goes through rows by their gaps; `see` gets (x_o, −A x_o) and what the density says. */
function eachRow(
  heads: CoupledHeads,
  gaps: readonly Gap[],
  x: Float64Array,
  see: (n: number, filled: Float64Array, told: Told, filling: Filling) => void,
): void {
  const { width: d, classes: k } = heads;
  const [filled, projected, shares] = [new Float64Array(d), new Float64Array(d), new Float64Array(k)];
  for (const gap of gaps) {
    if (gap.rows.length === 0) continue;
    const filling = fillingOf(heads, gap);
    for (const n of gap.rows) {
      fill(gap, filling.regression, x.subarray(n * d, (n + 1) * d), filled);
      jointOf(heads, filling, filled, projected, shares);
      const logDensity = logSumExp(shares, 0, k);
      for (let c = 0; c < k; c += 1) shares[c] = Math.exp((shares[c] ?? 0) - logDensity);
      see(n, filled, { shares, logDensity }, filling);
    }
  }
}

/** Puts x_m = μ_m − A (x_o − μ_o) of a class, and a draw of what is left, into `to`. */
function complete(
  { gap: { missing }, centres }: Filling,
  { means, width: d }: CoupledHeads,
  filled: Float64Array,
  c: number,
  spread: Float64Array,
  draw: number,
  to: Float64Array,
): void {
  to.set(filled);
  const m = missing.length;
  for (let i = 0; i < m; i += 1) {
    const at = missing[i] ?? 0;
    const centre = (means[c * d + at] ?? 0) - (centres[c * d + at] ?? 0);
    to[at] = (filled[at] ?? 0) + centre + (spread[draw * m + i] ?? 0);
  }
}

/** A place where a row may lie, its share among those of the row, and what the density says of the row. */
export interface Place {
  readonly n: number;
  readonly x: Float64Array; // [d], good until the next one is seen
  readonly share: number;
  readonly c: number; // class that the draw was made for; 0 where nothing was drawn
  readonly told: Told;
}

/**
 * Goes through rows by their gaps: each as it is, or, where inputs are missing, completed by draws of them for each class
 * that may be, weighed by how probable that is.
 */
export function eachPlace(
  heads: CoupledHeads,
  { gaps, x }: Pick<CoupledRows, "gaps" | "x">,
  count: number,
  see: (place: Place) => void,
): void {
  const draws = drawsOf(heads.width, count);
  const spreads = new WeakMap<Filling, Float64Array>();
  const place = new Float64Array(heads.width);
  eachRow(heads, gaps, x, (n, filled, told, filling) => {
    if (filling.gap.missing.length === 0) {
      place.set(filled);
      see({ n, x: place, share: 1, c: 0, told });
      return;
    }
    const spread = spreads.get(filling) ?? spreadOf(filling, draws, heads.width);
    spreads.set(filling, spread);
    const total = likely(told.shares) * count;
    told.shares.forEach((share, c) => {
      if (share < LEAST_SHARE) return;
      for (let s = 0; s < count; s += 1) {
        complete(filling, heads, filled, c, spread, s, place);
        see({ n, x: place, share: share / total, c, told });
      }
    });
  });
}

/**
 * Both heads on rows. The generative head is exact. Where inputs are missing the discriminative one is the mean of P(c|x)
 * over 64 draws of them for each class that may be, weighed by how probable that is.
 */
export function answersOf(
  heads: CoupledHeads,
  x: Float64Array,
  observed: ArrayLike<number>,
  count: number,
): CoupledAnswers {
  const { width: d, classes: k } = heads;
  const answers = {
    discriminative: new Float64Array(count * k),
    generative: new Float64Array(count * k),
    logDensity: new Float64Array(count),
  };
  const p = new Float64Array(k);
  eachPlace(heads, { gaps: gapsOf(observed, count, d), x }, DRAWS, ({ n, x: at, share, told }) => {
    answers.logDensity[n] = told.logDensity;
    answers.generative.set(told.shares, n * k);
    softmaxAt(heads, at, 0, p, 0);
    const out = answers.discriminative.subarray(n * k, (n + 1) * k);
    for (let c = 0; c < k; c += 1) out[c] = (out[c] ?? 0) + share * (p[c] ?? 0);
  });
  return answers;
}

/** Σ of the shares that count. */
const likely = (shares: Float64Array): number =>
  shares.reduce((sum, share) => (share < LEAST_SHARE ? sum : sum + share), 0);

/** Where the classifier is taught, from what the density now says of missing inputs. */
export function placesOf(heads: CoupledHeads, rows: CoupledRows): Places {
  const d = rows.width;
  const found: Record<"rows" | "from" | "share", number[]> = { rows: [], from: [], share: [] };
  const x: Float64Array[] = [];
  const put = (n: number, at: Float64Array, share: number): void => {
    if (found.rows.at(-1) !== n) {
      found.rows.push(n);
      found.from.push(found.share.length);
    }
    found.share.push(share);
    x.push(at);
  };
  const gaps = rows.gaps.map((gap) => ({ ...gap, rows: gap.rows.filter((n) => isLabelled(rows, n)) }));
  const drawn = (some: readonly Gap[]): void =>
    eachPlace(heads, { gaps: some, x: rows.x }, TEACHING_DRAWS, (at) => put(at.n, at.x.slice(), at.share));
  const whole = gaps.findIndex(({ missing }) => missing.length === 0);
  drawn(gaps.slice(0, Math.max(0, whole)));
  for (const n of gaps[whole]?.rows ?? []) put(n, rows.x.subarray(n * d, (n + 1) * d), 1);
  drawn(gaps.slice(whole + 1));
  return {
    rows: Int32Array.from(found.rows),
    from: Int32Array.from([...found.from, found.share.length]),
    share: Float64Array.from(found.share),
    x: concatenated(x),
  };
}

export function isLabelled({ y, classes: k }: Pick<CoupledRows, "y" | "classes">, n: number): boolean {
  for (let c = 0; c < k; c += 1) if ((y[n * k + c] ?? 0) > 0) return true;
  return false;
}

/** Σ_c P ln (P/Q) of discriminative P and generative Q, nats, of each row: how far the heads disagree. */
export function disagreementOf(
  { discriminative, generative }: CoupledAnswers,
  classes: number,
): Float64Array {
  return Float64Array.from({ length: discriminative.length / classes }, (_, n) => {
    let sum = 0;
    for (let at = n * classes; at < (n + 1) * classes; at += 1) {
      const [p, q] = [discriminative[at] ?? 0, Math.max(generative[at] ?? 0, 1e-300)];
      if (p > 0) sum += p * Math.log(p / q);
    }
    return sum;
  });
}
