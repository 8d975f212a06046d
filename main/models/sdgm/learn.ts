import { kMeans } from "../distributions/k-means.ts";
import type { Random } from "../random.ts";
import {
  countOf,
  effectiveWeights,
  logLikelihood,
  penalty,
  posteriorOf,
  responsibilities,
  type Components,
  type Design,
  type Posterior,
} from "./components.ts";
import { activeWeights, climb, curvatureOf } from "./newton.ts";

const MOST_PRECISION = 1e5; // α from which a weight is gone for good
const LEAST_PRECISION = 1e-12;
const LEAST_MIX = 1e-5; // π of a component that is dropped
const EM_STILL = 1e-3; // mean change of the responsibilities
const MOST_EM_STEPS = 100;

/** Components without a weight different from 0, and responsibilities that tell them apart: k-means within each class. */
export interface Start {
  readonly components: Components;
  readonly shares: Float64Array; // r [n x k]
}

/**
 * inputs: [n x d], complete. Components of a class are its clusters; the last component of the last class is the
 * reference and has no weights. A class with fewer rows than components has as many as it has rows.
 */
export function begun(
  design: Design,
  inputs: Float64Array,
  { each, random }: { readonly each: number; readonly random: Random },
): Start {
  const { rows, classes, target, atoms } = design;
  const width = inputs.length / Math.max(rows, 1);
  const members = Array.from({ length: classes }, (_, c) =>
    Array.from({ length: rows }, (_row, n) => n).filter((n) => (target[n * classes + c] ?? 0) > 0),
  );
  const sizes = members.map((own) => Math.max(1, Math.min(each, own.length)));
  const classOf = Int32Array.from(sizes.flatMap((size, c) => new Array<number>(size).fill(c)));
  const k = classOf.length;
  const shares = new Float64Array(rows * k);
  const logMix = new Float64Array(k);
  let first = 0;
  members.forEach((own, c) => {
    const [size, base] = [sizes[c] ?? 1, first];
    first += size;
    const x = Float64Array.from(own.flatMap((n) => [...inputs.subarray(n * width, (n + 1) * width)]));
    const { labels } = kMeans(x, { count: own.length, width, clusters: size }, random);
    own.forEach((n, i) => (shares[n * k + base + (labels[i] ?? 0)] = target[n * classes + c] ?? 0));
    logMix.fill(-Math.log(size), base, base + size);
  });
  const precisions = new Float64Array(k * atoms).fill(1);
  precisions.fill(Infinity, (k - 1) * atoms);
  return { components: { classOf, logMix, weights: new Float64Array(k * atoms), precisions }, shares };
}

export interface Settled {
  readonly components: Components;
  readonly posterior: Posterior;
  readonly shares: Float64Array;
}

/** EM with the precisions and the mixture held. `seen` hears the penalised log likelihood after each step. */
export async function expectAndClimb(
  design: Design,
  start: Start,
  pause: () => Promise<void>,
  seen?: (penalised: number) => void,
): Promise<Settled> {
  let { components, shares } = start;
  let posterior: Posterior;
  for (let step = 1; ; step += 1) {
    ({ components, posterior } = await climb(design, components, shares, pause));
    const next = responsibilities(design, components, posterior);
    let moved = 0;
    for (let at = 0; at < next.length; at += 1) moved += Math.abs((next[at] ?? 0) - (shares[at] ?? 0));
    const isStill = moved <= EM_STILL * next.length;
    shares = next;
    seen?.(logLikelihood(design, posterior) - penalty(components));
    if (isStill || step >= MOST_EM_STEPS) return { components, posterior, shares };
  }
}

/** Responsibilities as the components see them now. */
export const expected = (design: Design, components: Components): Float64Array =>
  responsibilities(design, components, posteriorOf(design, components, effectiveWeights(components, design)));

/**
 * What is relevant, after EM has settled: α_i ← γ_i / w_i² with γ_i = 1 − α_i (Λ⁻¹)_ii, π from the responsibilities.
 * Weights of which α passes the limit are gone, components with next to no share too.
 */
export function relevant(
  design: Design,
  { components, posterior, shares }: Settled,
): { readonly components: Components; readonly change: number } {
  const { at, precision } = activeWeights(components, design.atoms);
  const variances =
    at.length === 0 ? new Float64Array(0) : curvatureOf(design, components, shares, posterior).variances();
  const weights = Float64Array.from(components.weights);
  const precisions = Float64Array.from(components.precisions);
  let change = 0;
  at.forEach((place, q) => {
    const [alpha, weight] = [precision[q] ?? 0, weights[place] ?? 0];
    const known = Math.min(1, Math.max(0, 1 - alpha * (variances[q] ?? 0)));
    const next =
      weight === 0
        ? MOST_PRECISION
        : Math.min(Math.max(known / weight ** 2, LEAST_PRECISION), MOST_PRECISION);
    change += (next - alpha) ** 2;
    precisions[place] = next < MOST_PRECISION ? next : Infinity;
    if (next >= MOST_PRECISION) weights[place] = 0;
  });
  const mixed = { ...components, weights, precisions, logMix: mixOf(components, shares) };
  return { components: merged(without(mixed, design.atoms), design.atoms), change };
}

function mixOf({ classOf }: Components, shares: Float64Array): Float64Array {
  const k = classOf.length;
  const mass = new Float64Array(k);
  shares.forEach((one, at) => (mass[at % k] = (mass[at % k] ?? 0) + one));
  const ofClass = new Map<number, number>();
  classOf.forEach((c, j) => ofClass.set(c, (ofClass.get(c) ?? 0) + (mass[j] ?? 0)));
  return mass.map((own, j) => {
    const all = ofClass.get(classOf[j] ?? 0) ?? 0;
    return all > 0 ? Math.log(own / all) : -Math.log(classOf.filter((c) => c === classOf[j]).length);
  });
}

/** The components of those numbers, in that order. */
function chosen(components: Components, kept: readonly number[], atoms: number): Components {
  const pick = (from: Float64Array): Float64Array =>
    Float64Array.from(
      { length: kept.length * atoms },
      (_, at) => from[(kept[Math.floor(at / atoms)] ?? 0) * atoms + (at % atoms)] ?? 0,
    );
  return {
    classOf: Int32Array.from(kept, (j) => components.classOf[j] ?? 0),
    logMix: Float64Array.from(kept, (j) => components.logMix[j] ?? 0),
    weights: pick(components.weights),
    precisions: pick(components.precisions),
  };
}

/** Drops components with next to no share of their class. */
function without(components: Components, atoms: number): Components {
  const limit = Math.log(LEAST_MIX);
  const kept = [...components.logMix.keys()].filter((j) => (components.logMix[j] ?? 0) > limit);
  return kept.length === countOf(components) ? components : chosen(components, kept, atoms);
}

/** Components of one class that have no weights left say the same and become one. */
function merged(components: Components, atoms: number): Components {
  const isBare = (j: number): boolean =>
    components.precisions.subarray(j * atoms, (j + 1) * atoms).every((precision) => precision === Infinity);
  const logMix = Float64Array.from(components.logMix);
  const bareOf = new Map<number, number>();
  const kept = [...logMix.keys()].filter((j) => {
    if (!isBare(j)) return true;
    const c = components.classOf[j] ?? 0;
    const first = bareOf.get(c);
    if (first === undefined) {
      bareOf.set(c, j);
      return true;
    }
    logMix[first] = Math.log(Math.exp(logMix[first] ?? 0) + Math.exp(logMix[j] ?? 0));
    return false;
  });
  return kept.length === logMix.length ? components : chosen({ ...components, logMix }, kept, atoms);
}

const RELEVANCE_STILL = 1e-5; // Σ (Δα)²

/** Nothing changes any more, or nothing is left that could. */
export const isSettledAt = ({ atoms }: Design, components: Components, change: number): boolean =>
  change <= RELEVANCE_STILL || activeWeights(components, atoms).at.length === 0;

export interface Learned extends Settled {
  readonly penalised: number; // ln P(labels) − ½ Σ α w²
  readonly evidence: number; // the same with the weights integrated out (Laplace): what the precisions were chosen to raise
}

/** Until the precisions stand still, no weight is left, or so many steps. */
export async function learn(
  design: Design,
  start: Start,
  { steps, pause }: { readonly steps: number; readonly pause: () => Promise<void> },
): Promise<Learned> {
  let at: Start = start;
  for (let step = 0; step < steps; step += 1) {
    const { components, change } = relevant(design, await expectAndClimb(design, at, pause));
    at = { components, shares: expected(design, components) };
    if (isSettledAt(design, components, change)) break;
  }
  return concluded(design, at, pause);
}

/** The mode under the precisions found last. */
export async function concluded(design: Design, start: Start, pause: () => Promise<void>): Promise<Learned> {
  const settled = await expectAndClimb(design, start, pause);
  const { components, posterior, shares } = settled;
  const penalised = logLikelihood(design, posterior) - penalty(components);
  const { logVolume } = curvatureOf(design, components, shares, posterior);
  return { ...settled, penalised, evidence: penalised - 0.5 * logVolume };
}
