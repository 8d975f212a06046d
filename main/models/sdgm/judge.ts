import { eachCompletion } from "../distributions/completions.ts";
import { mixtureLogJoint, type GaussianMixture } from "../distributions/gaussian-mixture.ts";
import type { MaskedRows } from "../distributions/patterns.ts";
import { normalDesigns } from "../distributions/normal-design.ts";
import { logSumExp } from "../linear-algebra.ts";
import type { Random } from "../random.ts";
import { effectiveWeights, posteriorOf, type Components, type Design, type Posterior } from "./components.ts";
import { monomialCount, monomialsOf, type Form } from "./monomials.ts";
import { activeWeights, curvatureOf } from "./newton.ts";

/** What judges rows: components whose weights of the monomials are one set, or many drawn from what is known of them. */
export interface SdgmJudge {
  readonly form: Form;
  readonly width: number;
  readonly classes: number;
  readonly classOf: Int32Array; // [k]
  readonly logMix: Float64Array; // [k]
  readonly weights: Float64Array; // [s x k x H]
  readonly anchor: GaussianMixture | undefined; // a component a class
  readonly density: GaussianMixture; // of the inputs: what fills in what a row hides
}

/** Draws of the weights out of Laplace's normal about their mode, as weights of the monomials: [s x k x H]. */
export function weightDraws(
  design: Design,
  components: Components,
  shares: Float64Array,
  { draws, random }: { readonly draws: number; readonly random: Random },
): Float64Array {
  const mode = effectiveWeights(components, design);
  const { at } = activeWeights(components, design.atoms);
  if (at.length === 0) return mode;
  const curvature = curvatureOf(design, components, shares, posteriorOf(design, components, mode));
  const out = new Float64Array(draws * mode.length);
  for (let s = 0; s < draws; s += 1) {
    const moved = curvature.draw(random);
    const weights = Float64Array.from(components.weights);
    at.forEach((place, q) => (weights[place] = (weights[place] ?? 0) + (moved[q] ?? 0)));
    out.set(effectiveWeights({ weights }, design), s * mode.length);
  }
  return out;
}

/** Complete rows that wait to be judged together. */
const BLOCK = 512;
const DESIGN_SEED = 1;

/**
 * P(c | x_o) = E P(c | x_o, x_m) over the input density and the draws of the weights, in logarithms: [n x c]. Rows
 * without gaps need no density.
 */
export const judged = (judge: SdgmJudge, rows: MaskedRows): Float64Array =>
  shares(judge, rows, "logClass").map((share) => Math.log(Math.max(share, Number.MIN_VALUE)));

/** The component of the class of each row that has the largest share of it, the components of a class counted from 1; 0: it has none. */
export function winningComponents(
  judge: SdgmJudge,
  rows: MaskedRows,
  classOf: ArrayLike<number>,
): Uint8Array {
  const k = judge.classOf.length;
  const found = shares(judge, rows, "logShares");
  return Uint8Array.from({ length: rows.count }, (_, n) => {
    let [number, winner, most] = [0, 0, -1];
    for (let j = 0; j < k; j += 1) {
      if (judge.classOf[j] !== classOf[n]) continue;
      number += 1;
      const share = found[n * k + j] ?? 0;
      if (share > most) [winner, most] = [number, share];
    }
    return winner;
  });
}

/** E of the shares of classes, or of components, that a posterior has in logarithms: [n x c] or [n x k]. */
function shares(judge: SdgmJudge, rows: MaskedRows, of: keyof Posterior): Float64Array {
  const { form, width, classes } = judge;
  const h = monomialCount(form, width);
  const sums = new Float64Array(rows.count * (of === "logClass" ? classes : judge.classOf.length));
  const waiting = {
    x: new Float64Array(BLOCK * width),
    row: new Int32Array(BLOCK),
    weight: new Float64Array(BLOCK),
    count: 0,
  };
  const phi = new Float64Array(BLOCK * h);
  const empty = (): void => {
    const { x, row, weight, count } = waiting;
    for (let n = 0; n < count; n += 1) monomialsOf(form, x, { at: n * width, width }, phi, n * h);
    const anchor = judge.anchor && anchorOf(judge.anchor, { x, count });
    const design = { rows: count, classes, monomials: h, phi, anchor };
    addProbabilities(judge, design, { of, row, weight, sums });
    waiting.count = 0;
  };
  eachCompletion(judge.density, rows, normalDesigns(DESIGN_SEED), (n, x, weight) => {
    const at = waiting.count;
    waiting.x.set(x, at * width);
    waiting.row[at] = n;
    waiting.weight[at] = weight;
    waiting.count = at + 1;
    if (waiting.count === BLOCK) empty();
  });
  if (waiting.count > 0) empty();
  return sums;
}

function addProbabilities(
  { weights, classOf, logMix }: SdgmJudge,
  design: Parameters<typeof posteriorOf>[0],
  {
    of,
    row,
    weight,
    sums,
  }: {
    readonly of: keyof Posterior;
    readonly row: Int32Array;
    readonly weight: Float64Array;
    readonly sums: Float64Array;
  },
): void {
  const size = classOf.length * design.monomials;
  const draws = weights.length / size;
  const columns = of === "logClass" ? design.classes : classOf.length;
  for (let s = 0; s < draws; s += 1) {
    const said = posteriorOf(design, { classOf, logMix }, weights.subarray(s * size, (s + 1) * size));
    for (let n = 0; n < design.rows; n += 1)
      for (let c = 0, to = (row[n] ?? 0) * columns; c < columns; c += 1)
        sums[to + c] =
          (sums[to + c] ?? 0) + ((weight[n] ?? 0) / draws) * Math.exp(said[of][n * columns + c] ?? 0);
  }
}

/** ln P(c | x) of classes as normals: [n x c] */
export function anchorOf(classes: GaussianMixture, rows: MaskedRows): Float64Array {
  const joint = mixtureLogJoint(classes, rows);
  const c = classes.components;
  for (let n = 0; n < rows.count; n += 1) {
    const total = logSumExp(joint, n * c, c);
    for (let at = n * c; at < (n + 1) * c; at += 1) joint[at] = (joint[at] ?? 0) - total;
  }
  return joint;
}
