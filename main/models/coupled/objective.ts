import type { Objective } from "../convex/lbfgs.ts";
import { logSumExp } from "../linear-algebra.ts";
import { fill, fillingOf, jointOf, type Filling, type Gap } from "./gaps.ts";
import {
  headsOf,
  partsOf,
  timesLower,
  timesTransposed,
  type CoupledHeads,
  type CoupledParameters,
} from "./parameters.ts";

/** Rows to learn from. A row of y sums to 1, or is all zero where unlabelled. */
export interface CoupledRows {
  readonly count: number;
  readonly width: number;
  readonly classes: number;
  readonly x: Float64Array; // [n x d]
  readonly y: ArrayLike<number>; // [n x k]
  readonly weight: Float64Array; // [n]: how many rows it stands for
  readonly gaps: readonly Gap[];
}

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
export function coupledLoss(rows: CoupledRows, places: Places, coupling: Coupling): Objective {
  const { width: d, classes: k } = rows;
  const squares = rows.gaps.map((gap) => (gap.missing.length === 0 ? squaresOf(rows, gap.rows) : undefined));
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

/** Expected sums over what is missing. */
interface DensitySums {
  readonly mass: Float64Array; // Σ r [k]
  readonly offset: Float64Array; // Σ r (x − μ_c) [k x d]
  readonly scatter: Float64Array; // Σ_c r (x − μ_c)(x − μ_c)ᵀ [d x d], lower half
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

/** Σ weight x xᵀ, lower half. */
function squaresOf({ x, weight, width: d }: CoupledRows, rows: readonly number[]): Float64Array {
  const out = new Float64Array(d * d);
  for (const n of rows) addSquare(out, x.subarray(n * d, (n + 1) * d), weight[n] ?? 0, d);
  return out;
}

function addSquare(to: Float64Array, v: Float64Array, times: number, d: number): void {
  for (let i = 0; i < d; i += 1) {
    const value = times * (v[i] ?? 0);
    if (value === 0) continue;
    for (let j = 0; j <= i; j += 1) to[i * d + j] = (to[i * d + j] ?? 0) + value * (v[j] ?? 0);
  }
}

/** Adds times (a bᵀ + b aᵀ), lower half. */
function addCross(to: Float64Array, a: Float64Array, b: Float64Array, times: number, d: number): void {
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1)
      to[i * d + j] = (to[i * d + j] ?? 0) + times * ((a[i] ?? 0) * (b[j] ?? 0) + (b[i] ?? 0) * (a[j] ?? 0));
  }
}

/** Σ ln P(y|x) of the labelled rows; its derivative by w and b is added to theirs. */
function taught(rows: CoupledRows, places: Places, heads: CoupledHeads, up: Upstream): number {
  const { width: d, classes: k } = rows;
  let most = 1;
  places.rows.forEach((_row, r) => {
    most = Math.max(most, (places.from[r + 1] ?? 0) - (places.from[r] ?? 0));
  });
  const p = new Float64Array(most * k);
  const mean = new Float64Array(k);
  let value = 0;
  places.rows.forEach((n, r) => {
    const [first, end] = [places.from[r] ?? 0, places.from[r + 1] ?? 0];
    mean.fill(0);
    for (let s = first; s < end; s += 1) {
      const own = p.subarray((s - first) * k, (s - first + 1) * k);
      softmaxAt(heads, places.x, s * d, own);
      for (let c = 0; c < k; c += 1) mean[c] = (mean[c] ?? 0) + (places.share[s] ?? 0) * (own[c] ?? 0);
    }
    const weight = rows.weight[n] ?? 0;
    for (let c = 0; c < k; c += 1) {
      const label = rows.y[n * k + c] ?? 0;
      if (label > 0) value += weight * label * Math.log(Math.max(mean[c] ?? 0, 1e-300));
      mean[c] = label / Math.max(mean[c] ?? 0, 1e-300);
    }
    for (let s = first; s < end; s += 1) {
      const own = p.subarray((s - first) * k, (s - first + 1) * k);
      teach(own, mean, weight * (places.share[s] ?? 0), places.x, s * d, up, d);
    }
  });
  return value;
}

/** softmax(W x + b). */
export function softmaxAt(
  { w, b, width: d }: CoupledHeads,
  x: Float64Array,
  at: number,
  out: Float64Array,
): void {
  for (let c = 0; c < b.length; c += 1) {
    let logit = b[c] ?? 0;
    for (let i = 0; i < d; i += 1) logit += (w[c * d + i] ?? 0) * (x[at + i] ?? 0);
    out[c] = logit;
  }
  const total = logSumExp(out, 0, b.length);
  for (let c = 0; c < b.length; c += 1) out[c] = Math.exp((out[c] ?? 0) - total);
}

/** `perShare`: y_c / P_c of the row. */
function teach(
  p: Float64Array,
  perShare: Float64Array,
  times: number,
  x: Float64Array,
  at: number,
  { w, b }: Upstream,
  d: number,
): void {
  let total = 0;
  for (let c = 0; c < p.length; c += 1) total += (perShare[c] ?? 0) * (p[c] ?? 0);
  for (let c = 0; c < p.length; c += 1) {
    const pull = times * (p[c] ?? 0) * ((perShare[c] ?? 0) - total);
    if (pull === 0) continue;
    b[c] = (b[c] ?? 0) + pull;
    for (let i = 0; i < d; i += 1) w[c * d + i] = (w[c * d + i] ?? 0) + pull * (x[at + i] ?? 0);
  }
}

/** Σ of the log density of the rows, labelled ones with their class; expected sums for its derivative. */
function densityOf(
  rows: CoupledRows,
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
  { x, y, weight, width: d, classes: k }: CoupledRows,
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

/** The log density of a row: of its class where labelled, of all classes else. `joint` is left holding its shares. */
function shared(joint: Float64Array, y: ArrayLike<number>, at: number): number {
  let [labelled, value] = [0, 0];
  for (let c = 0; c < joint.length; c += 1) {
    const label = y[at + c] ?? 0;
    labelled += label;
    if (label > 0) value += label * (joint[c] ?? 0);
  }
  if (labelled > 0) {
    for (let c = 0; c < joint.length; c += 1) joint[c] = y[at + c] ?? 0;
    return value;
  }
  const total = logSumExp(joint, 0, joint.length);
  for (let c = 0; c < joint.length; c += 1) joint[c] = Math.exp((joint[c] ?? 0) - total);
  return total;
}

/** Adds times Λ_mm⁻¹ at the places of the missing inputs, lower half. */
function addSpread(to: Float64Array, { gap: { missing }, root }: Filling, times: number, d: number): void {
  const m = missing.length;
  for (let i = 0; i < m; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let l = i; l < m; l += 1) sum += (root[l * m + i] ?? 0) * (root[l * m + j] ?? 0);
      const at = (missing[i] ?? 0) * d + (missing[j] ?? 0);
      to[at] = (to[at] ?? 0) + times * sum;
    }
  }
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
  for (let i = 0; i < d; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = jitter * (lower[i * d + j] ?? 0);
      for (let l = j; l < d; l += 1)
        sum += (scatter[l <= i ? i * d + l : l * d + i] ?? 0) * (lower[l * d + j] ?? 0);
      turned[i * d + j] = (turned[i * d + j] ?? 0) - λ * sum;
    }
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
