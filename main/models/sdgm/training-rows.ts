import { drawCompletions } from "../distributions/completions.ts";
import type { GaussianMixture } from "../distributions/gaussian-mixture.ts";
import type { WindowRows } from "../model.ts";
import { seededRandom, shuffle } from "../random.ts";
import { labelledOf, pickedRows } from "../window-rows.ts";
import type { Design } from "./components.ts";
import { anchorOf } from "./judge.ts";
import { kernelDictionary, kernelValues, monomialCount, monomialsOf, type Form } from "./monomials.ts";

export interface RowsOptions {
  readonly form: Form | "kernel";
  readonly each: number; // components of a class
  readonly seed: number;
  readonly density: GaussianMixture;
  readonly anchor: GaussianMixture | undefined;
}

/** A kernel is a quadratic form over a dictionary. */
export const formOf = (form: Form | "kernel"): Form => (form === "kernel" ? "quadratic" : form);

const MOST_CENTRES = 100;
/** Numbers in the table of rows and weights, or monomials, 120 MB of them: more labelled windows than fit are a draw of them. */
const MOST_NUMBERS = 15_000_000;
const DRAWS = 8; // of what a window hides

/** Weights before any is pruned: the last component is the reference. */
export const weightCount = (form: Form | "kernel", width: number, components: number): number =>
  (components - 1) *
  (form === "kernel"
    ? Math.min(MOST_CENTRES + 1, monomialCount("quadratic", width))
    : monomialCount(form, width));

/** So many labelled windows are learned from at most. */
export const mostRows = (form: Form | "kernel", width: number, components: number): number =>
  Math.floor(
    MOST_NUMBERS / (1 + Math.max(weightCount(form, width, components), monomialCount(formOf(form), width))),
  );

/**
 * The windows in an order of their own, by label, mask and values, so that what is learned does not depend on the order
 * in which they come: clusters and draws begin alike.
 */
export function inOrder(data: WindowRows): WindowRows {
  const { width, classes, observed, y } = data;
  const x = data.x.map((value, at) => (observed[at] === 1 ? value : 0));
  const apart = (values: Float32Array | Uint8Array, a: number, b: number, each: number): number => {
    for (let i = 0; i < each; i += 1) {
      const difference = (values[a * each + i] ?? 0) - (values[b * each + i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const order = [...new Array(data.count).keys()].sort(
    (a, b) => apart(y, a, b, classes) || apart(observed, a, b, width) || apart(x, a, b, width),
  );
  return pickedRows({ ...data, x }, order);
}

/** Some of the rows, all of them where there are not too many; the same ones for the same seed. */
export function someOf(rows: readonly number[], most: number, seed: number): readonly number[] {
  if (rows.length <= most) return rows;
  return shuffle([...rows], seededRandom(seed, 11))
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** Labelled windows without gaps: one that hides something stands as several draws of it, each of that part of its weight. */
export function trainingRows(
  data: WindowRows,
  { form, each, seed, density, anchor }: RowsOptions,
): { readonly design: Design; readonly inputs: Float64Array } {
  const { width, classes } = data;
  const rows = pickedRows(data, someOf(labelledOf(data), mostRows(form, width, classes * each), seed));
  const inputs: number[] = [];
  const target: number[] = [];
  drawCompletions(density, rows, { draws: DRAWS, random: seededRandom(seed, 12) }, (n, x, weight) => {
    inputs.push(...x);
    for (let c = 0; c < classes; c += 1) target.push(weight * (rows.y[n * classes + c] ?? 0));
  });
  const x = Float64Array.from(inputs);
  return {
    inputs: x,
    design: designOf(x, Float64Array.from(target), { form, width, classes, seed, anchor }),
  };
}

/** inputs: [n x d], complete; target: [n x c]. */
export function designOf(
  inputs: Float64Array,
  target: Float64Array,
  {
    form,
    width,
    classes,
    seed,
    anchor,
  }: Pick<RowsOptions, "form" | "seed" | "anchor"> & { readonly width: number; readonly classes: number },
): Design {
  const rows = target.length / classes;
  const monomials = monomialCount(formOf(form), width);
  const phi = new Float64Array(rows * monomials);
  for (let n = 0; n < rows; n += 1)
    monomialsOf(formOf(form), inputs, { at: n * width, width }, phi, n * monomials);
  const common = {
    ...{ rows, classes, monomials, phi, target },
    anchor: anchor && anchorOf(anchor, { x: inputs, count: rows }),
  };
  if (form !== "kernel") return { ...common, atoms: monomials };
  const centres = someOf(
    Array.from({ length: rows }, (_, n) => n),
    MOST_CENTRES,
    seed,
  );
  const at = Float64Array.from(centres.flatMap((n) => [...inputs.subarray(n * width, (n + 1) * width)]));
  return {
    ...common,
    dictionary: kernelDictionary(at, centres.length, width),
    values: kernelValues(inputs, at, width),
    atoms: centres.length + 1,
  };
}
