import { logSumExp } from "../linear-algebra.ts";
import { glimpse, hiddenMean, mixtureLogJoint, whitened, type GaussianMixture } from "./gaussian-mixture.ts";
import { patternsOf, type MaskedRows, type Pattern } from "./patterns.ts";

export interface MixtureOptions {
  readonly least: number; // variance added to every input; keeps a component from closing in on a point
  /** Rows' worth of the covariance common to all components mixed into each, or that share of it; 0: maximum likelihood. */
  readonly pooled: number | { readonly share: number };
  readonly shares?: Float64Array; // what each component has of each row, where that is known: [n x j]
}

/**
 * A mixture to begin with: rows of one cluster are one component, with their observed means and variances. labels: [n],
 * -1 for a row that is in none.
 */
export function mixtureFromClusters(
  rows: MaskedRows,
  labels: ArrayLike<number>,
  shape: Pick<GaussianMixture, "width" | "components" | "spread">,
): GaussianMixture {
  const { width: d, components: k, spread } = shape;
  const mass = new Float64Array(k * d);
  const [means, squares] = [new Float64Array(k * d), new Float64Array(k * d)];
  const size = new Float64Array(k);
  for (let n = 0; n < rows.count; n += 1) {
    const j = labels[n] ?? -1;
    if (j < 0) continue;
    size[j] = (size[j] ?? 0) + 1;
    for (let i = 0; i < d; i += 1) {
      if (rows.observed !== undefined && rows.observed[n * d + i] !== 1) continue;
      const value = rows.x[n * d + i] ?? 0;
      mass[j * d + i] = (mass[j * d + i] ?? 0) + 1;
      means[j * d + i] = (means[j * d + i] ?? 0) + value;
      squares[j * d + i] = (squares[j * d + i] ?? 0) + value * value;
    }
  }
  const variances = new Float64Array(k * d);
  for (let at = 0; at < k * d; at += 1) {
    const own = Math.max(mass[at] ?? 0, 1);
    const mean = (means[at] ?? 0) / own;
    means[at] = mean;
    variances[at] = (mass[at] ?? 0) < 2 ? 1 : Math.max((squares[at] ?? 0) / own - mean * mean, 1e-3);
  }
  const total = size.reduce((sum, one) => sum + one, 0);
  const logWeights = size.map((one) => Math.log((one + 0.5) / (total + 0.5 * k)));
  const covariances = spread === "diagonal" ? variances : onDiagonals(variances, k, d);
  return { spread, width: d, components: k, logWeights, means, covariances };
}

function onDiagonals(variances: Float64Array, k: number, d: number): Float64Array {
  const full = new Float64Array(k * d * d);
  for (let j = 0; j < k; j += 1)
    for (let i = 0; i < d; i += 1) full[j * d * d + i * d + i] = variances[j * d + i] ?? 0;
  return full;
}

/** Sums about the old means, with what the hidden entries are expected to be. */
export interface Sums {
  readonly mass: Float64Array; // [j]
  readonly first: Float64Array; // [j x d]
  readonly second: Float64Array; // as the covariances
}

/** One EM step; `logLikelihood` is of the mixture given, Σ_n ln p(x_n,o). */
export function mixtureStep(
  mixture: GaussianMixture,
  rows: MaskedRows,
  options: MixtureOptions,
): { readonly mixture: GaussianMixture; readonly logLikelihood: number } {
  const { components: k } = mixture;
  const joint = mixtureLogJoint(mixture, rows);
  let logLikelihood = 0;
  for (let n = 0; n < rows.count; n += 1) {
    const total = logSumExp(joint, n * k, k);
    logLikelihood += total;
    for (let j = 0; j < k; j += 1) joint[n * k + j] = Math.exp((joint[n * k + j] ?? 0) - total);
  }
  const sums = expectedSums(mixture, rows, options.shares ?? joint);
  return { mixture: fromSums(mixture, sums, options), logLikelihood };
}

/** What rows come to for each component they share in: shares [n x j]. */
export function expectedSums(mixture: GaussianMixture, rows: MaskedRows, shares: ArrayLike<number>): Sums {
  const { components: k, width: d, spread } = mixture;
  const sums: Sums = {
    mass: new Float64Array(k),
    first: new Float64Array(k * d),
    second: new Float64Array(mixture.covariances.length),
  };
  for (const pattern of patternsOf(rows, d))
    for (let j = 0; j < k; j += 1) addPattern(mixture, rows, { pattern, j, shares }, sums);
  if (spread === "full") mirror(sums.second, d);
  return sums;
}

/** Lower halves onto upper ones. */
function mirror(matrices: Float64Array, d: number): void {
  for (let from = 0; from < matrices.length; from += d * d)
    for (let i = 0; i < d; i += 1)
      for (let l = 0; l < i; l += 1) matrices[from + l * d + i] = matrices[from + i * d + l] ?? 0;
}

function addPattern(
  mixture: GaussianMixture,
  rows: MaskedRows,
  {
    pattern,
    j,
    shares,
  }: { readonly pattern: Pattern; readonly j: number; readonly shares: ArrayLike<number> },
  { mass, first, second }: Sums,
): void {
  const { width: d, components: k, means, spread } = mixture;
  const part = glimpse(mixture, j, pattern);
  const z = new Float64Array(d);
  const hidden = new Float64Array(pattern.missing.length);
  const apart = new Float64Array(d);
  let total = 0;
  for (const n of pattern.rows) {
    const share = shares[n * k + j] ?? 0;
    if (share < 1e-12) continue;
    total += share;
    if (hidden.length > 0) {
      whitened(mixture, j, pattern, part, { x: rows.x, at: n * d }, z);
      hiddenMean(mixture, j, pattern, part, z, hidden);
    }
    for (const i of pattern.kept) apart[i] = (rows.x[n * d + i] ?? 0) - (means[j * d + i] ?? 0);
    pattern.missing.forEach((i, a) => (apart[i] = (hidden[a] ?? 0) - (means[j * d + i] ?? 0)));
    for (let i = 0; i < d; i += 1) {
      const own = share * (apart[i] ?? 0);
      first[j * d + i] = (first[j * d + i] ?? 0) + own;
      if (spread === "diagonal") second[j * d + i] = (second[j * d + i] ?? 0) + own * (apart[i] ?? 0);
      else
        for (let l = 0, at = (j * d + i) * d; l <= i; l += 1)
          second[at + l] = (second[at + l] ?? 0) + own * (apart[l] ?? 0);
    }
  }
  mass[j] = (mass[j] ?? 0) + total;
  addUncertainty(pattern, { j, d, total, conditional: part.conditional, spread }, second);
}

/** What is hidden varies about what it is expected to be. */
function addUncertainty(
  { missing: hidden }: Pattern,
  {
    j,
    d,
    total,
    conditional,
    spread,
  }: {
    readonly j: number;
    readonly d: number;
    readonly total: number;
    readonly conditional: Float64Array;
    readonly spread: GaussianMixture["spread"];
  },
  second: Float64Array,
): void {
  const m = hidden.length;
  hidden.forEach((i, a) => {
    if (spread === "diagonal") {
      second[j * d + i] = (second[j * d + i] ?? 0) + total * (conditional[a] ?? 0);
      return;
    }
    hidden.forEach((l, b) => {
      const at = (j * d + i) * d + l;
      second[at] = (second[at] ?? 0) + total * (conditional[a * m + b] ?? 0);
    });
  });
}

/** Σ_j = (1 − s) S_j + s Σ_common + least I, s = pooled / (N_j + pooled). A component that nothing belongs to stays as it is. */
function fromSums(
  mixture: GaussianMixture,
  { mass, first, second }: Sums,
  { least, pooled }: MixtureOptions,
): GaussianMixture {
  const { width: d, components: k, spread } = mixture;
  const size = spread === "diagonal" ? d : d * d;
  const means = Float64Array.from(mixture.means);
  const covariances = Float64Array.from(mixture.covariances);
  const common = new Float64Array(size);
  const count = Math.max(
    mass.reduce((sum, own) => sum + own, 0),
    1e-12,
  );
  for (let j = 0; j < k; j += 1) {
    const own = mass[j] ?? 0;
    if (own < 1e-6) continue;
    for (let i = 0; i < d; i += 1) means[j * d + i] = (means[j * d + i] ?? 0) + (first[j * d + i] ?? 0) / own;
    for (let at = 0; at < size; at += 1) {
      const [i, l] = spread === "diagonal" ? [at, at] : [Math.floor(at / d), at % d];
      const moved = ((first[j * d + i] ?? 0) / own) * ((first[j * d + l] ?? 0) / own);
      const value = (second[j * size + at] ?? 0) / own - moved;
      covariances[j * size + at] = value;
      common[at] = (common[at] ?? 0) + (own / count) * value;
    }
  }
  const isOnDiagonal = (at: number): boolean => spread === "diagonal" || Math.floor(at / d) === at % d;
  for (let j = 0; j < k; j += 1) {
    const own = mass[j] ?? 0;
    if (own < 1e-6) continue;
    const share = typeof pooled === "number" ? pooled / (own + pooled) : pooled.share;
    for (let at = 0; at < size; at += 1) {
      const value = covariances[j * size + at] ?? 0;
      covariances[j * size + at] =
        (1 - share) * value + share * (common[at] ?? 0) + (isOnDiagonal(at) ? least : 0);
    }
  }
  const logWeights = mass.map((own) => Math.log(Math.max(own, 1e-12) / count));
  return { ...mixture, means, covariances, logWeights };
}

/** EM until the log likelihood a row grows by less than `tolerance`, or so many rounds. */
export function fitMixture(
  rows: MaskedRows,
  start: GaussianMixture,
  options: MixtureOptions & { readonly rounds: number; readonly tolerance: number },
): { readonly mixture: GaussianMixture; readonly logLikelihood: number } {
  let mixture = start;
  let before = -Infinity;
  for (let round = 0; round < options.rounds; round += 1) {
    const next = mixtureStep(mixture, rows, options);
    if (next.logLikelihood - before < options.tolerance * rows.count)
      return { mixture, logLikelihood: next.logLikelihood };
    mixture = next.mixture;
    before = next.logLikelihood;
  }
  return { mixture, logLikelihood: before };
}
