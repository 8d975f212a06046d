import { z } from "zod";
import { Search, searched, searchFrom, searchLengths } from "../convex/lbfgs.ts";
import { softmaxLogits, softmaxLoss, type Design } from "../convex/softmax-regression.ts";
import { columnsOf, quadraticTerms, standardise, termCount, writeTerms } from "../convex/terms.ts";
import type { Bends, Bent } from "../distributions/johnson-classes.ts";
import type { WindowRows } from "../model.ts";
import { finiteDoubles } from "../file-parts.ts";

/** Weights of the log-linearised network: 1, y and its products, for each class in its own view or all in one. */
export const JohnsonNetwork = z.strictObject({
  centre: finiteDoubles, // [v x H]
  scale: finiteDoubles, // [v x H]
  weights: finiteDoubles, // [k x H] of standardised terms
  search: Search.nullable(), // under way
});
export type JohnsonNetwork = z.infer<typeof JohnsonNetwork>;

const termsOf = (width: number): number => termCount(width, quadraticTerms(width));

/** What its arrays must be as long as, by their names in a file; none where there is no network. */
export function networkLengths(
  network: JohnsonNetwork | null,
  { width, classes, views }: { readonly width: number; readonly classes: number; readonly views: number },
): Record<string, readonly [Float64Array, number]> {
  if (network === null) return {};
  const h = termsOf(width);
  return {
    "network.centre": [network.centre, views * h],
    "network.scale": [network.scale, views * h],
    "network.weights": [network.weights, classes * h],
    ...searchLengths(network.search, classes * h, "network.search"),
  };
}

/** Rows that a network can speak about, in every view. */
export interface NetworkRows {
  readonly count: number;
  readonly views: readonly Bent[];
}

/** Those rows out of all. */
export function picked(views: readonly Bent[], rows: readonly number[], d: number): NetworkRows {
  const own = views.map(({ y, logSlope }): Bent => {
    const some = new Float64Array(rows.length * d);
    rows.forEach((n, at) => some.set(y.subarray(n * d, (n + 1) * d), at * d));
    return { y: some, logSlope: Float64Array.from(rows, (n) => logSlope[n] ?? 0) };
  });
  return { count: rows.length, views: own };
}

type Columns = Pick<JohnsonNetwork, "centre" | "scale">;

function designOf(
  { width: d }: Bends,
  { count, views }: NetworkRows,
  { centre, scale }: Columns,
  classes: number,
): Omit<Design, "y"> {
  const terms = quadraticTerms(d);
  const h = termsOf(d);
  const isPerClass = views.length > 1;
  const columns = views.map((_, v) => ({
    centre: centre.subarray(v * h, (v + 1) * h),
    scale: scale.subarray(v * h, (v + 1) * h),
  }));
  const offsets = Float64Array.from(
    { length: isPerClass ? count * classes : 0 },
    (_, at) => views[at % classes]?.logSlope[Math.floor(at / classes)] ?? 0,
  );
  return {
    ...{ count, features: h, classes, isPerClass, ...(isPerClass ? { offsets } : {}) },
    fill(c, first, rows, out) {
      const v = isPerClass ? c : 0;
      const [y, own] = [views[v]?.y, columns[v]];
      if (y === undefined || own === undefined) return;
      for (let row = 0; row < rows; row += 1) {
        writeTerms(y, (first + row) * d, { d, terms }, out, row * h);
        standardise(own, out, row * h);
      }
    },
  };
}

/** A network before its first step: columns standardised by the rows it learns from, weights 0. */
export function networkBegun(
  { width: d }: Bends,
  { count, views }: NetworkRows,
  classes: number,
): JohnsonNetwork {
  const terms = quadraticTerms(d);
  const h = termsOf(d);
  const centre = new Float64Array(views.length * h);
  const scale = new Float64Array(views.length * h);
  views.forEach(({ y }, v) => {
    const columns = columnsOf(
      { count, features: h },
      (row, out) => writeTerms(y, row * d, { d, terms }, out, 0),
      () => 1,
    );
    centre.set(columns.centre, v * h);
    scale.set(columns.scale, v * h);
  });
  return { centre, scale, weights: new Float64Array(classes * h), search: null };
}

const TOLERANCE = 1e-7; // of the gradient: the loss is within 1e-11 of its least
const MOST_STEPS = 3000;
const ROUND_WORK = 4e8; // multiplications

/** Some steps further down the convex loss: about a second's work at most. */
export function networkRound(
  network: JohnsonNetwork,
  bends: Bends,
  rows: NetworkRows & { readonly y: Float64Array },
  { ridge, classes }: { readonly ridge: number; readonly classes: number },
): { readonly network: JohnsonNetwork; readonly loss: number; readonly isSettled: boolean } {
  const objective = softmaxLoss({ ...designOf(bends, rows, network, classes), y: rows.y }, ridge);
  const before = network.search ?? searchFrom(network.weights, objective);
  const work = 6 * rows.count * termsOf(bends.width) * classes;
  const steps = Math.max(1, Math.min(100, Math.floor(ROUND_WORK / Math.max(1, work))));
  const search = searched(before, objective, { steps, tolerance: TOLERANCE });
  const isSettled = search.isSettled || search.steps >= MOST_STEPS;
  return {
    network: { ...network, weights: search.at, search: isSettled ? null : search },
    loss: search.value,
    isSettled,
  };
}

export const networkLogits = (
  network: JohnsonNetwork,
  bends: Bends,
  rows: NetworkRows,
  classes: number,
): Float64Array => softmaxLogits(designOf(bends, rows, network, classes), network.weights);

/** Rows without gaps that have a label; undefined where a class that occurs has fewer than two of them. */
export function completeRows({
  y,
  observed,
  count,
  width,
  classes: k,
}: WindowRows): readonly number[] | undefined {
  const [all, complete] = [new Float64Array(k), new Float64Array(k)];
  const rows: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const own = y.subarray(n * k, (n + 1) * k);
    if (!own.some((share) => share > 0)) continue;
    const isComplete = observed.subarray(n * width, (n + 1) * width).every((seen) => seen === 1);
    if (isComplete) rows.push(n);
    own.forEach((share, c) => {
      all[c] = (all[c] ?? 0) + share;
      if (isComplete) complete[c] = (complete[c] ?? 0) + share;
    });
  }
  const isEnough = rows.length > 0 && all.every((mass, c) => mass === 0 || (complete[c] ?? 0) >= 2);
  return isEnough ? rows : undefined;
}
