import type { Objective } from "../convex/lbfgs.ts";
import { affine } from "../linear-algebra.ts";
import { fill, fillingOf, jointOf, type Filling } from "./gaps.ts";
import {
  headsOf,
  partsOf,
  timesLower,
  timesTransposed,
  type CoupledHeads,
  type CoupledParameters,
} from "./parameters.ts";
import { addCross, addSpread, addSquare, shared, type DensityRows, type DensitySums } from "./sums.ts";
import { WIDE, wideDensity } from "./wide.ts";

/** Rows to learn from. */
export interface CoupledRows extends DensityRows {
  readonly count: number;
  readonly squares?: Squares; // of these x, weights and gaps; worked out anew where absent
}

/** Σ weight x xᵀ of each gap in which nothing is missing, lower half; undefined of the others. */
type Squares = () => readonly (Float64Array | undefined)[];

/**
 * Where the classifier is taught: a labelled row as it is, or, where inputs are missing, at several places of what they
 * may have been, each with its share.
 */
export interface Places {
  readonly rows: Int32Array; // [r] of CoupledRows
  readonly from: Int32Array; // [r + 1] first place of each row
  readonly share: Float64Array; // [places], summing to 1 in a row
  readonly x: Float64Array; // [places x d]
}

export interface Coupling {
  readonly generativeWeight: number; // λ_g
  readonly couplingVariance: number; // σ²
  readonly scale: number; // apartScale(σ²)
  readonly jitter: number; // ε
}

/**
 * −J / n of the flat parameters, with over labelled rows ℒ and unlabelled ones 𝒰 (after Lasserre et al. 2006; Hayashi and Uchida 2020),
 *
 *   J = Σ_ℒ ln P(c|x) + λ_g [ Σ_ℒ ln π_c N(x_o; μ_c,o, Σ_oo) + Σ_𝒰 ln Σ_c π_c N(x_o; μ_c,o, Σ_oo) − ½ n ε ‖L‖² ]
 *       − (1/2σ²) Σ_c ‖w_c − w~_c‖² + (b_c − b~_c)²,   the class mean taken out of both sides first.
 *
 * Unobserved inputs are integrated out of the density exactly; P(c|x_o) is the mean of P(c|x) over `places`. ε keeps Σ above
 * ε I. The derivative of ln p(x_o) is the mean of that of ln p(x) over what is missing, so that only expected sums are needed.
 */
export function coupledLoss(
  rows: CoupledRows,
  places: Places,
  coupling: Coupling,
  densityOf: typeof wideDensity = rows.width >= WIDE ? wideDensity : narrowDensity,
): Objective {
  const { width: d, classes: k } = rows;
  const squares = (rows.squares ?? squaresIn(rows))();
  const mass = rows.weight.reduce((a, b) => a + b, 0);
  return (flat, gradient) => {
    gradient.fill(0);
    const heads = headsOf(flat, d, k, coupling.scale);
    const up = upstream(gradient, d, k);
    let value = taught(rows, places, heads, up);
    if (coupling.generativeWeight > 0) {
      const density = densityOf(rows, squares, heads, up.density);
      value += coupling.generativeWeight * (density - 0.5 * mass * coupling.jitter * squareOf(heads.lower));
    }
    value -= backwards(flat, heads, coupling, mass, up);
    for (let i = 0; i < gradient.length; i += 1) gradient[i] = -(gradient[i] ?? 0) / mass;
    return -value / mass;
  };
}

/** What gradients are gathered in before they go back to the parameters. */
interface Upstream {
  readonly out: CoupledParameters;
  readonly w: Float64Array; // [k x d]
  readonly b: Float64Array; // [k]
  readonly density: DensitySums;
}

const upstream = (gradient: Float64Array, d: number, k: number): Upstream => ({
  out: partsOf(gradient, d, k),
  w: new Float64Array(k * d),
  b: new Float64Array(k),
  density: {
    mass: new Float64Array(k),
    offset: new Float64Array(k * d),
    scatter: new Float64Array(d * d),
  },
});

const squareOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

/** What lasts as long as the rows do, worked out when it is first asked for. */
export function squaresIn(rows: Omit<CoupledRows, "y" | "squares">): Squares {
  let known: ReturnType<Squares> | undefined;
  return () =>
    (known ??= rows.gaps.map((gap) => (gap.missing.length === 0 ? squaresOf(rows, gap.rows) : undefined)));
}

/** Σ weight x xᵀ of some rows, lower half. */
function squaresOf(
  { x, weight, width: d }: Pick<CoupledRows, "x" | "weight" | "width">,
  rows: readonly number[],
): Float64Array {
  const out = new Float64Array(d * d);
  for (const n of rows) addSquare(out, x.subarray(n * d, (n + 1) * d), weight[n] ?? 0, d);
  return out;
}

/** Σ ln P(y|x) of the labelled rows; its derivative by w and b is added to theirs. */
function taught(rows: CoupledRows, places: Places, heads: CoupledHeads, up: Upstream): number {
  const k = rows.classes;
  const count = places.rows.length;
  let most = 1;
  for (let r = 0; r < count; r += 1) most = Math.max(most, (places.from[r + 1] ?? 0) - (places.from[r] ?? 0));
  const p = new Float64Array(most * k);
  const pull = new Float64Array(k);
  let value = 0;
  for (let r = 0; r < count; r += 1) {
    const n = places.rows[r] ?? 0;
    const weight = rows.weight[n] ?? 0;
    const [first, end] = [places.from[r] ?? 0, places.from[r + 1] ?? 0];
    pull.fill(0);
    for (let s = first; s < end; s += 1) {
      const at = (s - first) * k;
      softmaxAt(heads, places.x, s * rows.width, p, at);
      for (let c = 0; c < k; c += 1) pull[c] = (pull[c] ?? 0) + (places.share[s] ?? 0) * (p[at + c] ?? 0);
    }
    for (let c = 0; c < k; c += 1) {
      const label = rows.y[n * k + c] ?? 0;
      const mean = Math.max(pull[c] ?? 0, 1e-300);
      if (label > 0) value += weight * label * Math.log(mean);
      pull[c] = label / mean;
    }
    for (let s = first; s < end; s += 1)
      teach({ p, at: (s - first) * k, pull, times: weight * (places.share[s] ?? 0) }, places.x, s, up, rows);
  }
  return value;
}

/** softmax(W x + b) of the row that begins at `at` of x, into `out` from `to` on. */
export function softmaxAt(
  { w, b, width: d, classes: k }: CoupledHeads,
  x: Float64Array,
  at: number,
  out: Float64Array,
  to: number,
): void {
  affine(w, b, { columns: d, x, at }, out, to);
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < k; c += 1) {
    const logit = out[to + c] ?? 0;
    if (logit > top) top = logit;
  }
  let total = 0;
  for (let c = 0; c < k; c += 1) {
    const share = Math.exp((out[to + c] ?? 0) - top);
    out[to + c] = share;
    total += share;
  }
  for (let c = 0; c < k; c += 1) out[to + c] = (out[to + c] ?? 0) / total;
}

interface Lesson {
  readonly p: Float64Array; // what is said at this place, from `at` on
  readonly at: number;
  readonly pull: Float64Array; // y_c / P_c of the row
  readonly times: number;
}

function teach(
  { p, at, pull, times }: Lesson,
  x: Float64Array,
  place: number,
  { w, b }: Upstream,
  { width: d, classes: k }: CoupledRows,
): void {
  let total = 0;
  for (let c = 0; c < k; c += 1) total += (pull[c] ?? 0) * (p[at + c] ?? 0);
  for (let c = 0; c < k; c += 1) {
    const own = times * (p[at + c] ?? 0) * ((pull[c] ?? 0) - total);
    if (own === 0) continue;
    b[c] = (b[c] ?? 0) + own;
    for (let i = 0; i < d; i += 1) w[c * d + i] = (w[c * d + i] ?? 0) + own * (x[place * d + i] ?? 0);
  }
}

/** Σ of the log density of the rows, labelled ones with their class; expected sums for its derivative. */
export function narrowDensity(
  rows: DensityRows,
  squares: readonly (Float64Array | undefined)[],
  heads: CoupledHeads,
  sums: DensitySums,
): number {
  let value = 0;
  rows.gaps.forEach((gap, g) => {
    const filling = fillingOf(heads, gap);
    value += gathered(rows, filling, squares[g], heads, sums);
  });
  return value;
}

function gathered(
  { x, y, weight, width: d, classes: k }: DensityRows,
  filling: Filling,
  squares: Float64Array | undefined,
  heads: CoupledHeads,
  sums: DensitySums,
): number {
  const { gap, regression, centres } = filling;
  const [filled, projected, joint] = [new Float64Array(d), new Float64Array(d), new Float64Array(k)];
  const mass = new Float64Array(k);
  const first = new Float64Array(k * d);
  const second = squares?.slice() ?? new Float64Array(d * d);
  let [value, total] = [0, 0];
  for (const n of gap.rows) {
    fill(gap, regression, x.subarray(n * d, (n + 1) * d), filled);
    jointOf(heads, filling, filled, projected, joint);
    const own = weight[n] ?? 0;
    value += own * shared(joint, y, n * k);
    total += own;
    if (squares === undefined) addSquare(second, filled, own, d);
    for (let c = 0; c < k; c += 1) {
      const r = own * (joint[c] ?? 0);
      if (r === 0) continue;
      mass[c] = (mass[c] ?? 0) + r;
      for (let i = 0; i < d; i += 1) first[c * d + i] = (first[c * d + i] ?? 0) + r * (filled[i] ?? 0);
    }
  }
  for (let c = 0; c < k; c += 1) {
    const own = mass[c] ?? 0;
    const centre = centres.subarray(c * d, (c + 1) * d);
    const sum = first.subarray(c * d, (c + 1) * d);
    sums.mass[c] = (sums.mass[c] ?? 0) + own;
    for (let i = 0; i < d; i += 1)
      sums.offset[c * d + i] = (sums.offset[c * d + i] ?? 0) + (sum[i] ?? 0) - own * (centre[i] ?? 0);
    addCross(second, sum, centre, -1, d);
    addSquare(second, centre, own, d);
  }
  addSpread(second, filling, total, d);
  for (let i = 0; i < second.length; i += 1) sums.scatter[i] = (sums.scatter[i] ?? 0) + (second[i] ?? 0);
  return value;
}

/** From the gathered derivatives to those of the parameters. Returns the penalty. */
function backwards(
  flat: Float64Array,
  heads: CoupledHeads,
  coupling: Coupling,
  mass: number,
  up: Upstream,
): number {
  const { width: d, classes: k, lower } = heads;
  const turned = new Float64Array(d * d); // derivative by L
  throughTied(heads, up, turned);
  const λ = coupling.generativeWeight;
  if (λ > 0) throughDensity(heads, up, { λ, jitter: mass * coupling.jitter }, turned);
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j < i; j += 1) up.out.factor[i * d + j] = turned[i * d + j] ?? 0;
    const own = (turned[i * d + i] ?? 0) * (lower[i * d + i] ?? 0);
    const all = λ * up.density.mass.reduce((a, b) => a + b, 0);
    up.out.factor[i * d + i] = own + (λ > 0 ? all : 0);
  }
  const own = partsOf(flat, d, k);
  const stiffness = coupling.scale ** 2 / coupling.couplingVariance;
  return (
    pulled(own.apart, up.w, up.out.apart, { columns: d, scale: coupling.scale, stiffness }) +
    pulled(own.apartBias, up.b, up.out.apartBias, { columns: 1, scale: coupling.scale, stiffness })
  );
}

/** w~_c = L Lᵀμ_c and b~_c = ln π_c − ½ ‖Lᵀμ_c‖². */
function throughTied(heads: CoupledHeads, up: Upstream, turned: Float64Array): void {
  const { width: d, classes: k, lower, means, projected, logPrior } = heads;
  const inner = new Float64Array(d);
  const total = up.b.reduce((a, b) => a + b, 0);
  for (let c = 0; c < k; c += 1) {
    const w = up.w.subarray(c * d, (c + 1) * d);
    const centre = projected.subarray(c * d, (c + 1) * d);
    const bias = up.b[c] ?? 0;
    timesTransposed(lower, d, w, inner);
    for (let j = 0; j < d; j += 1) inner[j] = (inner[j] ?? 0) - bias * (centre[j] ?? 0);
    for (let i = 0; i < d; i += 1) {
      const mean = means[c * d + i] ?? 0;
      for (let j = 0; j <= i; j += 1)
        turned[i * d + j] =
          (turned[i * d + j] ?? 0) + (w[i] ?? 0) * (centre[j] ?? 0) + mean * (inner[j] ?? 0);
    }
    timesLower(lower, d, inner, up.out.means.subarray(c * d, (c + 1) * d));
    up.out.weights[c] = bias - total * Math.exp(logPrior[c] ?? 0);
  }
}

function throughDensity(
  heads: CoupledHeads,
  up: Upstream,
  { λ, jitter }: { readonly λ: number; readonly jitter: number },
  turned: Float64Array,
): void {
  const { width: d, classes: k, lower, precision, logPrior } = heads;
  const { mass, offset, scatter } = up.density;
  const total = mass.reduce((a, b) => a + b, 0);
  for (let c = 0; c < k; c += 1) {
    up.out.weights[c] = (up.out.weights[c] ?? 0) + λ * ((mass[c] ?? 0) - total * Math.exp(logPrior[c] ?? 0));
    for (let i = 0; i < d; i += 1) {
      let sum = 0;
      for (let j = 0; j < d; j += 1) sum += (precision[i * d + j] ?? 0) * (offset[c * d + j] ?? 0);
      up.out.means[c * d + i] = (up.out.means[c * d + i] ?? 0) + λ * sum;
    }
  }
  const sums = new Float64Array(d);
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1) sums[j] = jitter * (lower[i * d + j] ?? 0);
    addRowTimes(scatter, lower, i, d, sums);
    for (let j = 0; j <= i; j += 1) turned[i * d + j] = (turned[i * d + j] ?? 0) - λ * (sums[j] ?? 0);
  }
}

/** Adds row i of S L up to its diagonal to `to`, for symmetric S of which the lower half is there and lower triangular L. */
function addRowTimes(S: Float64Array, lower: Float64Array, i: number, d: number, to: Float64Array): void {
  const at = (l: number): number => S[l <= i ? i * d + l : l * d + i] ?? 0;
  let l = 0;
  for (; l < i; l += 1) {
    const value = at(l);
    for (let j = 0; j <= l; j += 1) to[j] = (to[j] ?? 0) + value * (lower[l * d + j] ?? 0);
  }
  for (; l + 3 < d; l += 4) {
    // Four rows at once, added one after the other: the same bits, and `to` is read and written a quarter as often.
    const [p, q, r, s] = [at(l), at(l + 1), at(l + 2), at(l + 3)];
    for (let j = 0, from = l * d; j <= i; j += 1, from += 1)
      to[j] =
        (to[j] ?? 0) +
        p * (lower[from] ?? 0) +
        q * (lower[from + d] ?? 0) +
        r * (lower[from + 2 * d] ?? 0) +
        s * (lower[from + 3 * d] ?? 0);
  }
  for (; l < d; l += 1) {
    const value = at(l);
    for (let j = 0; j <= i; j += 1) to[j] = (to[j] ?? 0) + value * (lower[l * d + j] ?? 0);
  }
}

/** −½ stiffness ‖apart − its class mean‖², its derivative and that of the data. Returns the half square. */
function pulled(
  apart: Float64Array,
  data: Float64Array,
  out: Float64Array,
  {
    columns,
    scale,
    stiffness,
  }: { readonly columns: number; readonly scale: number; readonly stiffness: number },
): number {
  const k = apart.length / columns;
  let penalty = 0;
  for (let i = 0; i < columns; i += 1) {
    let mean = 0;
    for (let c = 0; c < k; c += 1) mean += (apart[c * columns + i] ?? 0) / k;
    for (let c = 0; c < k; c += 1) {
      const at = c * columns + i;
      const own = (apart[at] ?? 0) - mean;
      penalty += 0.5 * stiffness * own * own;
      out[at] = scale * (data[at] ?? 0) - stiffness * own;
    }
  }
  return penalty;
}
