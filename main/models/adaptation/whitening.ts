import type { GaussianClasses } from "../distributions/gaussian-classes.ts";
import { cholesky, invertLower } from "../linear-algebra.ts";

/** Of the inputs that are observed: what brings their covariance to the identity. */
interface Whitening {
  readonly kept: Int32Array;
  readonly inverse: Float64Array; // of the Cholesky factor of Σ_oo, [m x m]
  readonly constant: number; // −½ m ln 2π − ½ ln |Σ_oo|
}

/** Class means as they lie once whitened, under one mask. */
type Centres = Float64Array; // [classes x m]

/** A row as it lies once whitened; its mask says which centres it is measured from. */
export interface WhiteRow {
  readonly mask: string;
  readonly z: Float64Array;
}

const WHOLE = "all";

/** Masks whose factor is kept. A stream sees few: an electrode is off, or it is not. */
const MOST_MASKS = 64;

/**
 * ln π_c N(x_o; μ_c,o, Σ_oo) of one row after another, for means that move while the covariance stays: it is factored
 * once a mask, and a row is whitened once however often the means move.
 */
export class Whitener {
  readonly #gaussian: GaussianClasses;
  readonly #known = new Map<string, Whitening>();

  constructor(gaussian: GaussianClasses) {
    this.#gaussian = gaussian;
  }

  /** x, observed: [width] */
  row(x: Float64Array, observed: Uint8Array): WhiteRow {
    const mask = maskOf(observed);
    const { kept, inverse } = this.#of(mask);
    return { mask, z: product(inverse, kept, x, 0) };
  }

  /**
   * ln π_c N of a row for each class, by means [classes x width]. `centres` remembers these means between rows, `out`
   * is written to where there is one.
   */
  logJoint(
    { mask, z }: WhiteRow,
    means: Float64Array,
    centres: Map<string, Centres>,
    out = new Float64Array(this.#gaussian.classes),
  ): Float64Array {
    const { classes, logPrior } = this.#gaussian;
    const whitening = this.#of(mask);
    let own = centres.get(mask);
    if (!own) centres.set(mask, (own = this.#centresOf(whitening, means)));
    const m = z.length;
    for (let c = 0; c < classes; c += 1) {
      let distance = 0;
      for (let i = 0; i < m; i += 1) {
        const difference = (z[i] ?? 0) - (own[c * m + i] ?? 0);
        distance += difference * difference;
      }
      out[c] = (logPrior[c] ?? 0) + whitening.constant - 0.5 * distance;
    }
    return out;
  }

  #centresOf({ kept, inverse }: Whitening, means: Float64Array): Centres {
    const { width, classes } = this.#gaussian;
    const m = kept.length;
    const out = new Float64Array(classes * m);
    for (let c = 0; c < classes; c += 1) out.set(product(inverse, kept, means, c * width), c * m);
    return out;
  }

  #of(mask: string): Whitening {
    const known = this.#known.get(mask);
    if (known) return known;
    if (this.#known.size >= MOST_MASKS) this.#known.clear();
    const found = whiteningOf(this.#gaussian, mask);
    this.#known.set(mask, found);
    return found;
  }
}

/** A name for what is observed; whole rows, which nearly all are, come by it quickly. */
function maskOf(observed: Uint8Array): string {
  for (const seen of observed) if (seen !== 1) return observed.join("");
  return WHOLE;
}

/** Lower triangle times the kept entries of x from `at` on. */
function product(lower: Float64Array, kept: Int32Array, x: Float64Array, at: number): Float64Array {
  const m = kept.length;
  const out = new Float64Array(m);
  for (let i = 0; i < m; i += 1) {
    let sum = 0;
    for (let j = 0; j <= i; j += 1) sum += (lower[i * m + j] ?? 0) * (x[at + (kept[j] ?? 0)] ?? 0);
    out[i] = sum;
  }
  return out;
}

function whiteningOf({ width, covariance }: GaussianClasses, mask: string): Whitening {
  const isSeen = (i: number): boolean => mask === WHOLE || mask[i] === "1";
  const kept = Int32Array.from({ length: width }, (_, i) => i).filter(isSeen);
  const m = kept.length;
  const part = new Float64Array(m * m);
  kept.forEach((from, i) => {
    kept.forEach((to, j) => (part[i * m + j] = covariance[from * width + to] ?? 0));
  });
  const lower = cholesky(part, m);
  let constant = -0.5 * m * Math.log(2 * Math.PI);
  for (let i = 0; i < m; i += 1) constant -= Math.log(lower[i * m + i] ?? 1);
  return { kept, inverse: invertLower(lower, m), constant };
}
