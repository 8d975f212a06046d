import { logSumExp } from "../linear-algebra.ts";

/** Rows to learn from, as EM and Newton see them. */
export interface Design {
  readonly rows: number;
  readonly classes: number;
  readonly monomials: number; // H
  readonly phi: Float64Array; // [n x H]
  readonly target: Float64Array; // [n x c]: labels, times what the row counts
  readonly anchor?: Float64Array | undefined; // [n x c]: a log posterior that the mixture corrects
  readonly dictionary?: Float64Array | undefined; // [a x H]: what a weight multiplies; absent: a monomial each
  readonly atoms: number; // weights a component can have
  readonly values?: Float64Array | undefined; // [n x a]: what each of the dictionary is at each row, where it is at hand
}

/** Components of all classes. One without weights is its class's share alone, and so is the reference. */
export interface Components {
  readonly classOf: Int32Array; // [k]
  readonly logMix: Float64Array; // [k]: ln π, within the class
  readonly weights: Float64Array; // [k x a]
  readonly precisions: Float64Array; // α [k x a]; Infinity: gone for good
}

export const countOf = ({ classOf }: Components): number => classOf.length;

/** Weights that are left, as places in [k x a]. */
export function activeOf({ precisions }: Components): Int32Array {
  const active: number[] = [];
  precisions.forEach((precision, at) => {
    if (precision !== Infinity) active.push(at);
  });
  return Int32Array.from(active);
}

/** The weights of each component as weights of the monomials: [k x H]. */
export function effectiveWeights(
  { weights }: Pick<Components, "weights">,
  { monomials: h, dictionary, atoms }: Pick<Design, "monomials" | "dictionary" | "atoms">,
): Float64Array {
  if (dictionary === undefined) return Float64Array.from(weights);
  const out = new Float64Array((weights.length / atoms) * h);
  weights.forEach((weight, at) => {
    if (weight === 0) return;
    const [k, a] = [Math.floor(at / atoms), at % atoms];
    for (let i = 0; i < h; i += 1)
      out[k * h + i] = (out[k * h + i] ?? 0) + weight * (dictionary[a * h + i] ?? 0);
  });
  return out;
}

/** Everything said of rows, in logarithms. */
export interface Posterior {
  readonly logShares: Float64Array; // ln y [n x k]
  readonly logClass: Float64Array; // ln P(c | x) [n x c]
}

/** y_k = π_k exp(v_k·φ) / Σ_j, on top of the anchor. effective: v [k x H]. */
export function posteriorOf(
  { rows, classes, monomials: h, phi, anchor }: Omit<Design, "target" | "atoms" | "dictionary">,
  { classOf, logMix }: Pick<Components, "classOf" | "logMix">,
  effective: Float64Array,
): Posterior {
  const k = classOf.length;
  const logShares = new Float64Array(rows * k);
  const logClass = new Float64Array(rows * classes);
  for (let n = 0; n < rows; n += 1) {
    for (let j = 0; j < k; j += 1) {
      let sum =
        (logMix[j] ?? 0) + (anchor === undefined ? 0 : (anchor[n * classes + (classOf[j] ?? 0)] ?? 0));
      for (let i = 0, at = n * h, of = j * h; i < h; i += 1)
        sum += (effective[of + i] ?? 0) * (phi[at + i] ?? 0);
      logShares[n * k + j] = sum;
    }
    const total = logSumExp(logShares, n * k, k);
    for (let j = 0; j < k; j += 1) logShares[n * k + j] = (logShares[n * k + j] ?? 0) - total;
    addUp(logShares, logClass, { n, classes, classOf });
  }
  return { logShares, logClass };
}

/** ln Σ of the shares of each class's components. */
function addUp(
  logShares: Float64Array,
  logClass: Float64Array,
  { n, classes, classOf }: { readonly n: number; readonly classes: number; readonly classOf: Int32Array },
): void {
  const k = classOf.length;
  const at = n * classes;
  logClass.fill(-Infinity, at, at + classes);
  for (let j = 0; j < k; j += 1) {
    const c = at + (classOf[j] ?? 0);
    const [one, other] = [logShares[n * k + j] ?? 0, logClass[c] ?? 0];
    const top = Math.max(one, other);
    logClass[c] = top === -Infinity ? top : top + Math.log1p(Math.exp(Math.min(one, other) - top));
  }
}

/** r_nk = t_n,cls(k) y_nk / P(cls(k) | x_n): [n x k] */
export function responsibilities(
  { rows, classes, target }: Pick<Design, "rows" | "classes" | "target">,
  { classOf }: Pick<Components, "classOf">,
  { logShares, logClass }: Posterior,
): Float64Array {
  const k = classOf.length;
  const out = new Float64Array(rows * k);
  for (let n = 0; n < rows; n += 1)
    for (let j = 0; j < k; j += 1) {
      const at = n * classes + (classOf[j] ?? 0);
      const mass = target[at] ?? 0;
      if (mass > 0) out[n * k + j] = mass * Math.exp((logShares[n * k + j] ?? 0) - (logClass[at] ?? 0));
    }
  return out;
}

/** Σ_n Σ_c t_nc ln P(c | x_n) */
export function logLikelihood({ target }: Pick<Design, "target">, { logClass }: Posterior): number {
  let sum = 0;
  for (let at = 0; at < target.length; at += 1)
    if ((target[at] ?? 0) > 0) sum += (target[at] ?? 0) * (logClass[at] ?? 0);
  return sum;
}

/** ½ Σ α w² of the weights that are left. */
export function penalty({ weights, precisions }: Pick<Components, "weights" | "precisions">): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at += 1) {
    const weight = weights[at] ?? 0;
    if (weight !== 0) sum += 0.5 * (precisions[at] ?? 0) * weight * weight;
  }
  return sum;
}
