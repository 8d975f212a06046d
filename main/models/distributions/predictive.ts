import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Predictive } from "../model.ts";
import { type StandardLaw, standardLaw } from "./student-t.ts";

/** A part of a mixture: Student's t with `nu` degrees of freedom, normal where they are infinite. */
export interface Component {
  readonly weight: number;
  readonly mean: number; // its centre
  readonly scale: number;
  readonly nu: number;
}

/** A distribution that says how far a value lies from it: the continuous ranked probability score, in the value's unit. */
export interface ScoredPredictive extends Predictive {
  crps(value: number): number;
}

const KNOTS = 39;

/**
 * What a model's shares have to be read as. Knot j is the share below which (j + 1) / 40 of what came lay; between the
 * knots, and from them to 0 and 1, it is linear.
 */
export const PitMap = z
  .array(z.number().gt(0).lt(1))
  .length(KNOTS)
  .refine((knots) => knots.every((knot, j) => j === 0 || knot > (knots[j - 1] ?? 0)), "knots rise");
export type PitMap = z.infer<typeof PitMap>;

const LEAST_STEP = 1e-5;

/** The map of shares that came (in any order). Undefined for too few to tell. */
export function pitMapOf(shares: ArrayLike<number>): PitMap | undefined {
  if (shares.length < 10 * (KNOTS + 1)) return undefined;
  const sorted = Float64Array.from(shares).sort();
  const knots: number[] = [];
  for (let j = 1; j <= KNOTS; j += 1) {
    const at = (j / (KNOTS + 1)) * sorted.length - 0.5;
    const from = Math.floor(at);
    const value = (sorted[from] ?? 0) + (at - from) * ((sorted[from + 1] ?? 0) - (sorted[from] ?? 0));
    const room = LEAST_STEP * (KNOTS + 1 - j); // for the knots that follow
    knots.push(Math.min(1 - room, Math.max(value, (knots.at(-1) ?? 0) + LEAST_STEP)));
  }
  return knots;
}

interface Law {
  readonly parts: readonly { readonly component: Component; readonly law: StandardLaw }[];
  readonly map: PitMap | undefined;
}

/** Of components whose weights sum to 1 (or are made to). */
export function mixturePredictive(components: readonly Component[], map?: PitMap): ScoredPredictive {
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  const isSound = components.every(
    ({ mean, scale, nu }) => Number.isFinite(mean) && scale > 0 && scale < Infinity && nu > 0,
  );
  if (!(total > 0) || !isSound)
    throw new AppError("model/wrong-parameters", "These components make no distribution", {
      components: components.length,
    });
  const parts = components.map((component) => ({
    component: { ...component, weight: component.weight / total },
    law: standardLaw(component.nu),
  }));
  const own: Law = { parts, map };
  let breaks: readonly number[] | undefined;
  let mean: number | undefined;
  return {
    get mean() {
      return (mean ??= meanOf(own)); // with a map as long as forty quantiles
    },
    logDensity: (value) => logDensity(own, value),
    cdf: (value) => cdf(own, value),
    quantile: (share) => quantile(own, share),
    crps: (value) => crpsOfOne(own, value) ?? crpsBetween(own, (breaks ??= breaksOf(own)), value),
  };
}

function rawCdf({ parts }: Law, value: number): number {
  let sum = 0;
  for (const { component, law } of parts)
    sum += component.weight * law.cdf((value - component.mean) / component.scale);
  return sum < 1 ? sum : 1;
}

function cdf(own: Law, value: number): number {
  const share = rawCdf(own, value);
  return own.map === undefined ? share : mapped(own.map, share);
}

const knotAt = (map: PitMap, j: number): number => (j < 0 ? 0 : j >= map.length ? 1 : (map[j] ?? 0));

/** Of the pieces between knots, the one a share lies in: from knot j − 1 to knot j. */
function pieceOf(map: PitMap, share: number): number {
  let [low, high] = [0, map.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (share < knotAt(map, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const slopeOf = (map: PitMap, j: number): number =>
  1 / ((map.length + 1) * (knotAt(map, j) - knotAt(map, j - 1)));

const mapped = (map: PitMap, share: number): number => {
  const j = pieceOf(map, share);
  return j / (map.length + 1) + slopeOf(map, j) * (share - knotAt(map, j - 1));
};

function unmapped(map: PitMap, share: number): number {
  const at = share * (map.length + 1);
  const j = Math.min(map.length, Math.floor(at));
  return knotAt(map, j - 1) + (at - j) * (knotAt(map, j) - knotAt(map, j - 1));
}

function logDensity(own: Law, value: number): number {
  let most = -Infinity;
  const terms = own.parts.map(({ component, law }) => {
    const z = (value - component.mean) / component.scale;
    const term = Math.log(component.weight) - Math.log(component.scale) + law.logDensity(z);
    most = Math.max(most, term);
    return term;
  });
  const plain = most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
  if (own.map === undefined) return plain;
  return plain + Math.log(slopeOf(own.map, pieceOf(own.map, rawCdf(own, value))));
}

function quantile(own: Law, share: number): number {
  return rawQuantile(own, own.map === undefined ? share : unmapped(own.map, share));
}

/** Between the quantiles of its parts, by regula falsi that halves an end that stays (Illinois). */
function rawQuantile(own: Law, share: number): number {
  if (share <= 0) return -Infinity;
  if (share >= 1) return Infinity;
  let [low, high] = [Infinity, -Infinity];
  let known: { readonly law: StandardLaw; readonly z: number } | undefined; // parts mostly share one law
  for (const { component, law } of own.parts) {
    if (known?.law !== law) known = { law, z: law.quantile(share) };
    const end = component.mean + component.scale * known.z;
    [low, high] = [Math.min(low, end), Math.max(high, end)];
  }
  if (own.parts.length === 1) return low;
  let [below, above] = [rawCdf(own, low) - share, rawCdf(own, high) - share];
  for (let step = 0; step < 100 && high - low > 1e-10 * (1 + Math.abs(low)); step += 1) {
    if (below >= 0 || above <= 0) break;
    const isBisected = step % 4 === 3;
    const middle = isBisected ? (low + high) / 2 : low + ((high - low) * below) / (below - above);
    const off = rawCdf(own, middle) - share;
    if (off === 0) return middle;
    if (off < 0) [low, below, above] = [middle, off, isBisected ? above : above / 2];
    else [high, above, below] = [middle, off, isBisected ? below : below / 2];
  }
  return (low + high) / 2;
}

function meanOf({ parts, map }: Law): number {
  if (map === undefined)
    return parts.reduce((sum, { component: { weight, mean } }) => sum + weight * mean, 0);
  const own: Law = { parts, map };
  let [sum, before, lower] = [0, 0, 0];
  for (let j = 0; j <= map.length; j += 1) {
    const isLast = j === map.length;
    const end = isLast ? Infinity : rawQuantile(own, knotAt(map, j));
    const until = parts.reduce((total, { component: { weight, mean, scale }, law }) => {
      if (isLast) return total + weight * mean;
      const z = (end - mean) / scale;
      return total + weight * (mean * law.cdf(z) + scale * law.meanBelow(z));
    }, 0);
    sum += slopeOf(map, j) * (until - before);
    [before, lower] = [until, end];
  }
  return Number.isFinite(sum) ? sum : lower;
}

function crpsOfOne({ parts, map }: Law, value: number): number | undefined {
  const [only] = parts;
  if (only === undefined || parts.length > 1 || map !== undefined || only.law.nu <= 1) return undefined;
  const { component, law } = only;
  return component.scale * law.crps((value - component.mean) / component.scale);
}

const AROUND = [-40, -8, -2.5, -0.8, 0.8, 2.5, 8, 40]; // scales from a centre
const OUTERMOST = 400;
const NEAREST = 0.4; // of a scale: breaks closer together say no more
const SLIGHT = 2e-3; // weight of a component that bends nothing

/** Where a distribution function may turn quickly: between these it is smooth. */
function breaksOf({ parts }: Law): readonly number[] {
  const heavy = parts.filter(({ component }) => component.weight >= SLIGHT);
  const all = heavy
    .flatMap(({ component: { mean, scale } }) =>
      AROUND.map((far) => ({ at: mean + far * scale, least: NEAREST * scale * Math.min(1, Math.abs(far)) })),
    )
    .sort((a, b) => a.at - b.at);
  const ends = parts.map(({ component: { mean, scale } }) => [
    mean - OUTERMOST * scale,
    mean + OUTERMOST * scale,
  ]);
  const kept = [Math.min(...ends.map(([low = 0]) => low))];
  for (const { at, least } of all) if (at - (kept.at(-1) ?? -Infinity) >= least) kept.push(at);
  kept.push(Math.max(...ends.map(([, high = 0]) => high)));
  return kept.sort((a, b) => a - b);
}

const LEGENDRE = [
  [0.3399810435848563, 0.6521451548625461],
  [0.8611363115940526, 0.3478548451374538],
] as const;

/** ∫ (F − [value <= x])² dx by Gauss and Legendre's rule of four points between breaks, the value among them. */
function crpsBetween(own: Law, breaks: readonly number[], value: number): number {
  let sum = 0;
  const add = (from: number, to: number, isAbove: boolean): void => {
    const [middle, half] = [(from + to) / 2, (to - from) / 2];
    for (const [node, weight] of LEGENDRE) {
      const [left, right] = [cdf(own, middle - half * node), cdf(own, middle + half * node)];
      const [a, b] = isAbove ? [1 - left, 1 - right] : [left, right];
      sum += half * weight * (a * a + b * b);
    }
  };
  const points = [...breaks, value].sort((a, b) => a - b);
  points.reduce((from, to) => {
    if (to > from) add(from, to, from >= value);
    return to;
  });
  return sum;
}

/** The same of any distribution, by its quantiles alone: within about one in a hundred. */
export function crpsOf(predictive: Predictive, value: number): number {
  if (isScored(predictive)) return predictive.crps(value);
  let sum = 0;
  for (let at = 0; at < SHARES; at += 1) {
    const share = (at + 0.5) / SHARES;
    const below = predictive.quantile(share);
    sum += 2 * ((value < below ? 1 : 0) - share) * (below - value);
  }
  return sum / SHARES;
}
const SHARES = 200;
const isScored = (one: Predictive): one is ScoredPredictive => "crps" in one;
