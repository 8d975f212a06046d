import type { MaskedRows } from "./patterns.ts";
import { bendOf, logSlope, toNormalScale } from "./johnson-su.ts";
import {
  expectedMoments,
  fromMoments,
  logJoints,
  type HeldBack,
  type Moments,
  type NormalClasses,
} from "./normal-classes.ts";

/** Where and how wide each input bends: one view for all classes, or a view each. */
export interface Bends {
  readonly width: number;
  readonly views: number;
  readonly xi: Float64Array; // [v x d]
  readonly lambda: Float64Array; // [v x d]
  readonly isSu: Uint8Array; // [v x d] 1: the tails asked for it
}

/** Classes whose inputs, each bent by itself, are normal with a covariance each: the multivariate Johnson S_U system. */
export interface JohnsonClasses {
  readonly bends: Bends;
  readonly normals: NormalClasses; // of the bent inputs
}

type Rows = Required<Pick<MaskedRows, "x" | "count">> & { readonly observed: ArrayLike<number> };

/** A view that sees fewer values of an input takes those of all rows. */
const LEAST_VALUES = 40;

/** From the rows of each view, by quantiles of what is observed. */
export function bendsOf(rows: Rows, width: number, views: readonly (readonly number[])[]): Bends {
  const all = [...new Set(views.flat())];
  const bends = {
    ...{ width, views: views.length },
    xi: new Float64Array(views.length * width),
    lambda: new Float64Array(views.length * width),
    isSu: new Uint8Array(views.length * width),
  };
  for (let i = 0; i < width; i += 1) {
    const pooled = bendOf(ascending(rows, width, i, all));
    views.forEach((own, v) => {
      const values = ascending(rows, width, i, own);
      const { xi, lambda, isSu } =
        views.length === 1 || values.length < LEAST_VALUES ? pooled : bendOf(values);
      bends.xi[v * width + i] = xi;
      bends.lambda[v * width + i] = lambda;
      bends.isSu[v * width + i] = isSu ? 1 : 0;
    });
  }
  return bends;
}

const ascending = (
  { x, observed }: Rows,
  width: number,
  input: number,
  rows: readonly number[],
): Float64Array =>
  Float64Array.from(
    rows.filter((n) => observed[n * width + input] === 1),
    (n) => x[n * width + input] ?? 0,
  ).sort();

/** Rows as one view sees them. */
export interface Bent {
  readonly y: Float64Array; // [n x d] asinh((x − ξ) / λ); 0 where unobserved
  readonly logSlope: Float64Array; // [n] Σ ln dy/dx over what is observed
}

export function bent({ width: d, xi, lambda }: Bends, view: number, rows: Rows): Bent {
  const y = new Float64Array(rows.count * d);
  const slopes = new Float64Array(rows.count);
  for (let n = 0; n < rows.count; n += 1) {
    let slope = 0;
    for (let i = 0, at = n * d, own = view * d; i < d; i += 1, at += 1, own += 1) {
      if (rows.observed[at] !== 1) continue;
      const width = lambda[own] ?? 1;
      const value = toNormalScale(rows.x[at] ?? 0, xi[own] ?? 0, width);
      y[at] = value;
      slope += logSlope(value, width);
    }
    slopes[n] = slope;
  }
  return { y, logSlope: slopes };
}

/** Rows in every view. */
export const bentEach = (bends: Bends, rows: Rows): readonly Bent[] =>
  Array.from({ length: bends.views }, (_, view) => bent(bends, view, rows));

const oneClass = ({ width: d, means, covariances, logPrior }: NormalClasses, c: number): NormalClasses => ({
  ...{ width: d, classes: 1 },
  means: means.subarray(c * d, (c + 1) * d),
  covariances: covariances.subarray(c * d * d, (c + 1) * d * d),
  logPrior: logPrior.subarray(c, c + 1),
});

/** ln π_c p(x_o | c) of rows and classes, exact whatever is missing: the bend is an input's own. [n x k] */
export function johnsonLogJoints(
  normals: NormalClasses,
  views: readonly Bent[],
  { observed, count }: Rows,
): Float64Array {
  const { classes: k } = normals;
  const [only] = views;
  const isShared = views.length === 1 && only !== undefined;
  const joint = isShared ? logJoints(normals, { x: only.y, observed, count }) : new Float64Array(count * k);
  if (!isShared)
    views.forEach(({ y }, c) =>
      logJoints(oneClass(normals, c), { x: y, observed, count }).forEach((value, n) => {
        joint[n * k + c] = value;
      }),
    );
  for (let at = 0; at < joint.length; at += 1) {
    const view = views[isShared ? 0 : at % k];
    joint[at] = (joint[at] ?? 0) + (view?.logSlope[Math.floor(at / k)] ?? 0);
  }
  return joint;
}

/** One EM step of the normals of bent rows: `weights` [n x k] say how much a row counts for a class. */
export function johnsonStep(
  normals: NormalClasses,
  views: readonly Bent[],
  { observed, count }: Rows,
  weights: ArrayLike<number>,
  held: HeldBack,
): NormalClasses {
  const { width: d, classes: k } = normals;
  const [only] = views;
  if (views.length === 1 && only !== undefined)
    return fromMoments(expectedMoments(normals, { x: only.y, observed, count }, weights), held, d);
  const moments: Moments = {
    mass: new Float64Array(k),
    means: new Float64Array(k * d),
    covariances: new Float64Array(k * d * d),
  };
  views.forEach(({ y }, c) => {
    const own = Float64Array.from({ length: count }, (_, n) => weights[n * k + c] ?? 0);
    const found = expectedMoments(oneClass(normals, c), { x: y, observed, count }, own);
    moments.mass.set(found.mass, c);
    moments.means.set(found.means, c * d);
    moments.covariances.set(found.covariances, c * d * d);
  });
  return fromMoments(moments, held, d);
}
