import {
  activeOf,
  countOf,
  effectiveWeights,
  penalty,
  posteriorOf,
  type Components,
  type Design,
  type Posterior,
} from "./components.ts";
import { directCurvature, gram, lowRankCurvature, packed, type Active, type Curvature } from "./curvature.ts";

/** Where the weights that are left stand. */
export function activeWeights(components: Components, atoms: number): Active & { readonly at: Int32Array } {
  const at = activeOf(components);
  return {
    at,
    component: at.map((place) => Math.floor(place / atoms)),
    atom: at.map((place) => place % atoms),
    precision: Float64Array.from(at, (place) => components.precisions[place] ?? 0),
  };
}

/** Σ_k r_nk: what each row counts. [n] */
const massOf = (shares: Float64Array, rows: number): Float64Array => {
  const k = shares.length / Math.max(rows, 1);
  const mass = new Float64Array(rows);
  shares.forEach((one, at) => (mass[Math.floor(at / k)] = (mass[Math.floor(at / k)] ?? 0) + one));
  return mass;
};

/** Q(w) = Σ r ln y − ½ Σ α w² */
export function expectedObjective(
  components: Components,
  shares: Float64Array,
  { logShares }: Posterior,
): number {
  let sum = 0;
  for (let at = 0; at < shares.length; at += 1)
    if ((shares[at] ?? 0) > 0) sum += (shares[at] ?? 0) * (logShares[at] ?? 0);
  return sum - penalty(components);
}

/** g_k = Ψᵀ(r_k − m y_k) − α∘w over the weights that are left: [p]. */
export function gradientOf(
  design: Design,
  components: Components,
  shares: Float64Array,
  { logShares }: Posterior,
): Float64Array {
  const { rows, monomials: h, phi, dictionary, atoms } = design;
  const k = countOf(components);
  const mass = massOf(shares, rows);
  const pull = new Float64Array(k * h);
  for (let n = 0; n < rows; n += 1)
    for (let j = 0; j < k; j += 1) {
      const apart = (shares[n * k + j] ?? 0) - (mass[n] ?? 0) * Math.exp(logShares[n * k + j] ?? 0);
      if (apart !== 0)
        for (let i = 0; i < h; i += 1)
          pull[j * h + i] = (pull[j * h + i] ?? 0) + apart * (phi[n * h + i] ?? 0);
    }
  const { at, component, atom, precision } = activeWeights(components, atoms);
  return Float64Array.from(at, (place, q) => {
    const [from, of] = [(component[q] ?? 0) * h, atom[q] ?? 0];
    let sum = -(precision[q] ?? 0) * (components.weights[place] ?? 0);
    if (dictionary === undefined) return sum + (pull[from + of] ?? 0);
    for (let i = 0; i < h; i += 1) sum += (dictionary[of * h + i] ?? 0) * (pull[from + i] ?? 0);
    return sum;
  });
}

/** Λ of the weights that are left, through whichever is smaller: the weights or the monomials behind them. */
export function curvatureOf(
  design: Design,
  components: Components,
  shares: Float64Array,
  { logShares }: Posterior,
  features?: Float64Array, // packed(design, active), where it is at hand
): Curvature {
  const { rows, monomials: h, phi, dictionary, atoms } = design;
  const active = activeWeights(components, atoms);
  const weighing = {
    shares: logShares.map(Math.exp),
    mass: massOf(shares, rows),
    count: countOf(components),
  };
  const used = [...new Set(active.component)];
  if (dictionary === undefined || active.at.length <= used.length * h)
    return directCurvature(
      gram(features ?? packed(design, active), active.component, weighing),
      active.precision,
    );
  const r = used.length * h;
  const spread = new Float64Array(rows * r);
  for (let n = 0; n < rows; n += 1)
    for (let u = 0; u < used.length; u += 1) spread.set(phi.subarray(n * h, (n + 1) * h), n * r + u * h);
  const owner = Int32Array.from({ length: r }, (_, i) => used[Math.floor(i / h)] ?? 0);
  const loadings = new Float64Array(active.at.length * r);
  active.atom.forEach((of, q) => {
    const to = used.indexOf(active.component[q] ?? 0);
    loadings.set(dictionary.subarray(of * h, (of + 1) * h), q * r + to * h);
  });
  return lowRankCurvature(gram(spread, owner, weighing), r, loadings, active.precision);
}

const STILL = 1e-5; // ‖g‖ at which a step is one too many
const MOST_STEPS = 100;
const LEAST_LENGTH = 1e-8;
const ENOUGH = 1e-4; // share of the promised gain that a step has to bring (Armijo)

interface Climbed {
  readonly components: Components;
  readonly posterior: Posterior;
}

/** The M step: Newton's steps on Q, each cut in half until it gains, with the responsibilities held. */
export async function climb(
  design: Design,
  start: Components,
  shares: Float64Array,
  pause: () => Promise<void>,
): Promise<Climbed> {
  const active = activeWeights(start, design.atoms);
  const isDirect =
    design.dictionary === undefined || active.at.length <= new Set(active.component).size * design.monomials;
  const features = isDirect ? packed(design, active) : undefined;
  let components = start;
  let posterior = posteriorOf(design, components, effectiveWeights(components, design));
  let value = expectedObjective(components, shares, posterior);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const gradient = gradientOf(design, components, shares, posterior);
    if (lengthOf(gradient) <= STILL) break;
    await pause();
    const direction = curvatureOf(design, components, shares, posterior, features).solve(gradient);
    const next = stepAlong(design, { components, value, shares }, { at: active.at, gradient, direction });
    if (next === undefined) break;
    ({ components, posterior, value } = next);
  }
  return { components, posterior };
}

const lengthOf = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, one) => sum + one * one, 0));

function stepAlong(
  design: Design,
  from: { readonly components: Components; readonly value: number; readonly shares: Float64Array },
  way: { readonly at: Int32Array; readonly gradient: Float64Array; readonly direction: Float64Array },
): (Climbed & { readonly value: number }) | undefined {
  const { at, gradient, direction } = way;
  const promised = gradient.reduce((sum, one, q) => sum + one * (direction[q] ?? 0), 0);
  for (let length = 1; length >= LEAST_LENGTH; length /= 2) {
    const weights = Float64Array.from(from.components.weights);
    at.forEach((place, q) => (weights[place] = (weights[place] ?? 0) + length * (direction[q] ?? 0)));
    const components = { ...from.components, weights };
    const posterior = posteriorOf(design, components, effectiveWeights(components, design));
    const value = expectedObjective(components, from.shares, posterior);
    if (value >= from.value + ENOUGH * length * promised) return { components, posterior, value };
  }
  return undefined;
}
