import type { Objective } from "./lbfgs.ts";

/** What a softmax regression looks at: rows of features, the first of them 1. */
export interface Design {
  readonly count: number;
  readonly features: number; // H, the constant included
  readonly classes: number;
  /** Classes look at features of their own; otherwise all at the same. */
  readonly isPerClass: boolean;
  /** Writes the features of `rows` rows from `first` on to `out` [rows x H]; of class c where each has its own. */
  fill(c: number, first: number, rows: number, out: Float64Array): void;
  readonly offsets?: Float64Array; // [n x k], added to the logits
  readonly y: ArrayLike<number>; // [n x k] soft labels; an all-zero row counts for nothing
  readonly weights?: Float64Array; // [n], times what y says; 1 unless given
}

const ROWS = 32; // at a time: features and logits stay in the cache
/** On the constants, so that the optimum stays one and a class without windows stays finite. */
const CONSTANT_RIDGE = 1e-6;

/**
 * (1/N) Σ_n Σ_c −y_nc ln softmax(a_n)_c + ½ ρ ‖β‖², a_nc = β_cᵀ f_nc + offset_nc, over β [k x H]; N is the mass of the
 * labels. Strictly convex: one optimum, whatever the start.
 */
export function softmaxLoss(design: Design, ridge: number): Objective {
  const { count, features: h, classes: k } = design;
  const blocks = blocksOf(design);
  const residuals = new Float64Array(ROWS * k);
  const mass = Math.max(labelMass(design), 1e-12);
  return (at, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let first = 0; first < count; first += ROWS) {
      const rows = Math.min(ROWS, count - first);
      const views = blocks(first, rows);
      for (let c = 0; c < k; c += 1) forward(viewOf(views, c), at, { c, k, h, rows }, residuals);
      loss += toResiduals(design, first, rows, residuals);
      for (let c = 0; c < k; c += 1) backward(viewOf(views, c), residuals, { c, k, h, rows }, gradient);
    }
    for (let i = 0; i < gradient.length; i += 1) {
      const own = at[i] ?? 0;
      const held = i % h === 0 ? CONSTANT_RIDGE : ridge;
      gradient[i] = (gradient[i] ?? 0) / mass + held * own;
      loss += 0.5 * held * own * own * mass;
    }
    return loss / mass;
  };
}

/** What class c looks at. */
const viewOf = (views: readonly Float64Array[], c: number): Float64Array =>
  views[views.length === 1 ? 0 : c] ?? new Float64Array(0);

const MOST_STORED = 16_000_000; // numbers: 128 MB

/** Gives features of ROWS rows, [ROWS x H] a view: worked out once where there is room for all, else each time. */
function blocksOf(design: Design): (first: number, rows: number) => readonly Float64Array[] {
  const { count, features: h, classes: k, isPerClass } = design;
  const length = isPerClass ? k : 1;
  const padded = Math.ceil(count / ROWS) * ROWS;
  const isStored = padded * h * length <= MOST_STORED;
  const held = Array.from({ length }, () => new Float64Array((isStored ? padded : ROWS) * h));
  if (isStored) held.forEach((all, c) => design.fill(c, 0, count, all));
  return (first, rows) => {
    if (isStored) return held.map((all) => all.subarray(first * h, (first + ROWS) * h));
    held.forEach((block, c) => design.fill(c, first, rows, block));
    return held;
  };
}

const labelMass = ({ y, weights, classes, count }: Design): number => {
  let mass = 0;
  for (let at = 0; at < count * classes; at += 1)
    mass += (y[at] ?? 0) * (weights?.[Math.floor(at / classes)] ?? 1);
  return mass;
};

interface Part {
  readonly c: number;
  readonly k: number;
  readonly h: number;
  readonly rows: number;
}

/** Logits of class c of a block, four rows at a time: a weight is read once for them, and no sum waits for another. */
function forward(
  block: Float64Array,
  weights: Float64Array,
  { c, k, h, rows }: Part,
  out: Float64Array,
): void {
  const base = c * h;
  for (let row = 0; row < rows; row += 4) {
    const f0 = row * h;
    const f1 = f0 + h;
    const f2 = f1 + h;
    const f3 = f2 + h;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0; i < h; i += 1) {
      const weight = weights[base + i] ?? 0;
      s0 += weight * (block[f0 + i] ?? 0);
      s1 += weight * (block[f1 + i] ?? 0);
      s2 += weight * (block[f2 + i] ?? 0);
      s3 += weight * (block[f3 + i] ?? 0);
    }
    const at = row * k + c;
    out[at] = s0;
    if (row + 1 < rows) out[at + k] = s1;
    if (row + 2 < rows) out[at + 2 * k] = s2;
    if (row + 3 < rows) out[at + 3 * k] = s3;
  }
}

/** Adds Σ_n r_nc f_n of a block to the gradient, four rows at a time. */
function backward(
  block: Float64Array,
  residuals: Float64Array,
  { c, k, h, rows }: Part,
  gradient: Float64Array,
): void {
  const base = c * h;
  const residual = (row: number): number => (row < rows ? (residuals[row * k + c] ?? 0) : 0);
  for (let row = 0; row < rows; row += 4) {
    const r0 = residual(row);
    const r1 = residual(row + 1);
    const r2 = residual(row + 2);
    const r3 = residual(row + 3);
    const f0 = row * h;
    const f1 = f0 + h;
    const f2 = f1 + h;
    const f3 = f2 + h;
    for (let i = 0; i < h; i += 1)
      gradient[base + i] =
        (gradient[base + i] ?? 0) +
        (r0 * (block[f0 + i] ?? 0) +
          r1 * (block[f1 + i] ?? 0) +
          (r2 * (block[f2 + i] ?? 0) + r3 * (block[f3 + i] ?? 0)));
  }
}

/** Logits become residuals (probability minus label, times the row's mass); returns the loss of the block. */
function toResiduals(
  { y, weights, offsets, classes: k }: Design,
  first: number,
  rows: number,
  a: Float64Array,
): number {
  let loss = 0;
  for (let row = 0; row < rows; row += 1) {
    const [from, label] = [row * k, (first + row) * k];
    const weight = weights?.[first + row] ?? 1;
    let top = -Infinity;
    let mass = 0;
    for (let c = 0; c < k; c += 1) {
      const logit = (a[from + c] ?? 0) + (offsets?.[label + c] ?? 0);
      a[from + c] = logit;
      top = Math.max(top, logit);
      const own = weight * (y[label + c] ?? 0);
      mass += own;
      loss -= own * logit;
    }
    let sum = 0;
    for (let c = 0; c < k; c += 1) {
      const share = Math.exp((a[from + c] ?? 0) - top);
      a[from + c] = share;
      sum += share;
    }
    loss += mass * (top + Math.log(sum));
    for (let c = 0; c < k; c += 1)
      a[from + c] = (mass / sum) * (a[from + c] ?? 0) - weight * (y[label + c] ?? 0);
  }
  return loss;
}

/** The logits of every row of a design. [n x k] */
export function softmaxLogits(design: Omit<Design, "y" | "weights">, weights: Float64Array): Float64Array {
  const { count, features: h, classes: k, isPerClass, offsets } = design;
  const out = new Float64Array(count * k);
  const block = new Float64Array(ROWS * h);
  for (let first = 0; first < count; first += ROWS) {
    const rows = Math.min(ROWS, count - first);
    const own = out.subarray(first * k, (first + rows) * k);
    for (let c = 0; c < k; c += 1) {
      if (c === 0 || isPerClass) design.fill(c, first, rows, block);
      forward(block, weights, { c, k, h, rows }, own);
    }
  }
  if (offsets !== undefined)
    for (let at = 0; at < out.length; at += 1) out[at] = (out[at] ?? 0) + (offsets[at] ?? 0);
  return out;
}
