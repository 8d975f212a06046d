import { affine, cholesky, invertLower } from "../linear-algebra.ts";
import { LOG_TWO_PI, type Gap } from "./gaps.ts";
import { timesLower, type CoupledHeads } from "./parameters.ts";
import { addCross, addSpread, addSquare, shared, type DensityRows, type DensitySums } from "./sums.ts";

/**
 * Inputs from which on the density is summed as here. With few, (x − μ_c)ᵀΛ(x − μ_c) of each row costs next to nothing;
 * with hundreds it is all the work there is.
 */
export const WIDE = 64;

/** Shares below this are rounding errors beside the others of their row. */
const LEAST_SHARE = 1e-18;

/** Of one gap, what its rows are judged by: v_c = Σ_oo⁻¹ μ_c,o, 0 where missing. */
interface Facing {
  readonly gap: Gap;
  readonly constant: number; // of ln N(x_o; μ_o, Σ_oo)
  readonly root: Float64Array; // inverse Cholesky factor of Λ_mm [m x m]
  readonly centres: Float64Array; // (μ_o, −A μ_o), A = Λ_mm⁻¹ Λ_mo [k x d]
  readonly pull: Float64Array; // v_c [k x d]
  readonly bias: Float64Array; // −½ v_cᵀμ_c,o [k]
}

/**
 * Σ of the log density of the rows and the sums for its derivative, as narrowDensity gathers them, to the same numbers but for
 * rounding. All classes have one Λ: x_oᵀΣ_oo⁻¹x_o is the same for each of them, so that of a row by itself only
 * v_cᵀx_o − ½ v_cᵀμ_c,o is worked out, with k·d multiplications instead of d²; and summed over the rows it follows from
 * the scatter, which is needed anyway: Σ r (x − μ_c)ᵀΛ(x − μ_c) = tr Λ scatter, less what is missing.
 */
export function wideDensity(
  rows: DensityRows,
  squares: readonly (Float64Array | undefined)[],
  heads: CoupledHeads,
  sums: DensitySums,
): number {
  const { width: d, classes: k, lower, projected, precision } = heads;
  const tied = new Float64Array(k * d); // Λ μ_c
  for (let c = 0; c < k; c += 1)
    timesLower(lower, d, projected.subarray(c * d, (c + 1) * d), tied.subarray(c * d, (c + 1) * d));
  let [value, missing] = [0, 0];
  rows.gaps.forEach((gap, g) => {
    const facing = gap.missing.length === 0 ? whole(heads, gap, tied) : facingOf(heads, gap, tied);
    const { linear, mass } = gathered(rows, facing, squares[g], heads, sums);
    value += linear;
    missing += mass * gap.missing.length;
  });
  return value - 0.5 * (traceOf(precision, sums.scatter, d) - missing);
}

/** tr A B of two symmetric matrices, of the second the lower half. */
function traceOf(a: Float64Array, b: Float64Array, d: number): number {
  let [diagonal, below] = [0, 0];
  for (let i = 0; i < d; i += 1) {
    for (let at = i * d; at < i * d + i; at += 1) below += (a[at] ?? 0) * (b[at] ?? 0);
    diagonal += (a[i * (d + 1)] ?? 0) * (b[i * (d + 1)] ?? 0);
  }
  return diagonal + 2 * below;
}

const constantOf = ({ logDeterminant }: CoupledHeads, gap: Gap): number =>
  logDeterminant - 0.5 * gap.kept.length * LOG_TWO_PI;

function whole(heads: CoupledHeads, gap: Gap, tied: Float64Array): Facing {
  const { width: d, classes: k, means } = heads;
  const bias = Float64Array.from({ length: k }, (_, c) => -0.5 * innerOf(tied, means, c * d, gap.kept));
  return {
    ...{ gap, bias, centres: means, pull: tied },
    ...{ constant: constantOf(heads, gap), root: new Float64Array(0) },
  };
}

function innerOf(a: Float64Array, b: Float64Array, from: number, kept: readonly number[]): number {
  let sum = 0;
  for (const i of kept) sum += (a[from + i] ?? 0) * (b[from + i] ?? 0);
  return sum;
}

/** With t_c = Λ_mm⁻¹ (Λ μ_c)_m: v_c = (Λ μ_c)_o − Λ_om t_c, and −A μ_o = μ_m − t_c. */
function facingOf(heads: CoupledHeads, gap: Gap, tied: Float64Array): Facing {
  const { width: d, classes: k, means, precision } = heads;
  const { kept, missing } = gap;
  const m = missing.length;
  const part = new Float64Array(m * m);
  missing.forEach((row, i) =>
    missing.forEach((column, j) => (part[i * m + j] = precision[row * d + column] ?? 0)),
  );
  const factor = cholesky(part, m);
  const root = invertLower(factor, m);
  let constant = constantOf(heads, gap);
  for (let i = 0; i < m; i += 1) constant -= Math.log(factor[i * m + i] ?? 1);
  const [centres, pull, bias] = [means.slice(), tied.slice(), new Float64Array(k)];
  const [own, turned] = [new Float64Array(m), new Float64Array(m)];
  for (let c = 0; c < k; c += 1) {
    missing.forEach((at, i) => (own[i] = tied[c * d + at] ?? 0));
    solved(root, own, turned);
    missing.forEach((at, i) => {
      const value = own[i] ?? 0;
      centres[c * d + at] = (means[c * d + at] ?? 0) - value;
      for (const j of kept) pull[c * d + j] = (pull[c * d + j] ?? 0) - value * (precision[at * d + j] ?? 0);
      pull[c * d + at] = 0;
    });
    bias[c] = -0.5 * innerOf(pull, means, c * d, kept);
  }
  return { gap, constant, root, centres, pull, bias };
}

/** v = rootᵀ root v, in place. */
function solved(root: Float64Array, v: Float64Array, turned: Float64Array): void {
  const m = v.length;
  timesLower(root, m, v, turned);
  v.fill(0);
  for (let i = 0; i < m; i += 1)
    for (let j = 0, value = turned[i] ?? 0; j <= i; j += 1)
      v[j] = (v[j] ?? 0) + value * (root[i * m + j] ?? 0);
}

/** `linear`: Σ of the log density of the rows, to which −½ Σ r (x − μ_c)ᵀΛ(x − μ_c) is still to be added. */
function gathered(
  { x, y, weight, width: d, classes: k }: DensityRows,
  facing: Facing,
  squares: Float64Array | undefined,
  heads: CoupledHeads,
  sums: DensitySums,
): { readonly linear: number; readonly mass: number } {
  const { gap, pull, bias, constant, centres } = facing;
  const [filled, apart] = [new Float64Array(d), new Float64Array(d)];
  const [joint, fits] = [new Float64Array(k), new Float64Array(k)];
  const [own, turned] = [new Float64Array(gap.missing.length), new Float64Array(gap.missing.length)];
  const fit = Float64Array.from(bias, (value, c) => value + (heads.logPrior[c] ?? 0));
  const masses = new Float64Array(k);
  const first = new Float64Array(k * d);
  const isAlone = squares === undefined && gap.rows.length <= FEW;
  let [linear, mass] = [0, 0];
  for (const n of gap.rows) {
    complete(heads, facing, x, n, filled, own, turned);
    affine(pull, fit, { columns: d, x: filled, at: 0 }, fits, 0);
    joint.set(fits);
    const weighs = weight[n] ?? 0;
    const value = shared(joint, y, n * k) + constant;
    mass += weighs;
    linear += weighs * value;
    for (let c = 0; c < k; c += 1) {
      const r = weighs * (joint[c] ?? 0);
      if (!(r > LEAST_SHARE * weighs)) continue;
      // Of ‖x − μ_c‖² under Λ what is not xᵀΛx: it stays when that is taken from the scatter.
      linear -= r * ((fits[c] ?? 0) - (heads.logPrior[c] ?? 0));
      masses[c] = (masses[c] ?? 0) + r;
      for (let i = 0; i < d; i += 1) first[c * d + i] = (first[c * d + i] ?? 0) + r * (filled[i] ?? 0);
      if (!isAlone) continue;
      for (let i = 0; i < d; i += 1) apart[i] = (filled[i] ?? 0) - (centres[c * d + i] ?? 0);
      addSquare(sums.scatter, apart, r, d);
    }
    if (squares === undefined && !isAlone) addSquare(sums.scatter, filled, weighs, d);
  }
  if (squares !== undefined)
    for (let i = 0; i < squares.length; i += 1) sums.scatter[i] = (sums.scatter[i] ?? 0) + (squares[i] ?? 0);
  for (let c = 0; c < k; c += 1) {
    const all = masses[c] ?? 0;
    if (all === 0) continue;
    sums.mass[c] = (sums.mass[c] ?? 0) + all;
    const centre = centres.subarray(c * d, (c + 1) * d);
    const sum = first.subarray(c * d, (c + 1) * d);
    for (let i = 0; i < d; i += 1) {
      sums.offset[c * d + i] = (sums.offset[c * d + i] ?? 0) + (sum[i] ?? 0) - all * (centre[i] ?? 0);
      sum[i] = (sum[i] ?? 0) - 0.5 * all * (centre[i] ?? 0);
    }
    if (!isAlone) addCross(sums.scatter, sum, centre, -1, d);
  }
  if (gap.missing.length > 0) addSpread(sums.scatter, facing, mass, d);
  return { linear, mass };
}

/** Rows of a gap up to which each is squared by itself, about its classes. */
const FEW = 2;

/** filled = (x_o, −A x_o). */
function complete(
  { precision, width: d }: CoupledHeads,
  { gap: { kept, missing }, root }: Facing,
  x: Float64Array,
  n: number,
  filled: Float64Array,
  own: Float64Array,
  turned: Float64Array,
): void {
  if (missing.length === 0) {
    filled.set(x.subarray(n * d, (n + 1) * d));
    return;
  }
  for (const j of kept) filled[j] = x[n * d + j] ?? 0;
  missing.forEach((at, i) => {
    let sum = 0;
    for (const j of kept) sum += (precision[at * d + j] ?? 0) * (x[n * d + j] ?? 0);
    own[i] = -sum;
  });
  solved(root, own, turned);
  missing.forEach((at, i) => (filled[at] = own[i] ?? 0));
}
