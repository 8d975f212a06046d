import type { Component } from "./predictive.ts";
import { standardLaw } from "./student-t.ts";

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);
const MOST_STEPS = 60;
const NEAR = 1e-10; // of a value and of 1
const CLOSE = 1e-7; // of a share: one step from so near misses by less than 1e-9,
const SMALL = 5e-5; // if it is no longer than this many scales: where next to nothing lies it may be

/** Normals, a column each: reading them is most of the work. */
interface Mixed {
  readonly weights: Float64Array;
  readonly means: Float64Array;
  readonly scales: Float64Array;
  readonly least: number; // of the scales
}

/**
 * Quantiles of a mixture of normals whose weights sum to 1, at rising shares between 0 and 1: by Newton's steps from the one
 * before, halving what is known to hold it where they would leave that or not halve: between narrow parts they go to and fro. A fan has more than two hundred of them, and a live one is
 * drawn every second.
 */
export function normalMixtureQuantiles(
  parts: readonly Omit<Component, "nu">[],
  shares: readonly number[],
): Float64Array {
  const scales = Float64Array.from(parts, ({ scale }) => scale);
  const mixed: Mixed = {
    weights: Float64Array.from(parts, ({ weight }) => weight),
    means: Float64Array.from(parts, ({ mean }) => mean),
    scales,
    least: scales.reduce((least, scale) => Math.min(least, scale), Infinity),
  };
  const out = new Float64Array(shares.length);
  let at = parts.reduce((sum, { weight, mean }) => sum + weight * mean, 0);
  shares.forEach((share, i) => {
    const z = standardLaw(Infinity).quantile(share);
    let low = Infinity;
    let high = out[i - 1] ?? -Infinity;
    for (const { mean, scale } of parts) {
      low = Math.min(low, mean + scale * z);
      high = Math.max(high, mean + scale * z);
    }
    at = quantileBetween(mixed, share, { low: Math.max(low, out[i - 1] ?? low), high, from: at });
    out[i] = at;
  });
  return out;
}

function quantileBetween(
  mixed: Mixed,
  share: number,
  ends: { readonly low: number; readonly high: number; readonly from: number },
): number {
  let { low, high } = ends;
  let at = Math.min(high, Math.max(low, ends.from));
  let before = 2 * (high - low); // how long the step before was
  for (let step = 0; step < MOST_STEPS && high - low > NEAR * (1 + Math.abs(low)); step += 1) {
    const { below, density } = sharesAt(mixed, at);
    if (below < share) low = at;
    else high = at;
    const next = at - (below - share) / density;
    const isTaken = next >= low && next <= high && 2 * Math.abs(next - at) <= before;
    const taken = isTaken ? next : (low + high) / 2;
    before = Math.abs(taken - at);
    at = taken;
    if (isTaken && Math.abs(below - share) <= CLOSE && before <= SMALL * mixed.least) break;
  }
  return at;
}

/** What share lies below a value, and how dense it is there. */
function sharesAt(
  { weights, means, scales }: Mixed,
  value: number,
): { readonly below: number; readonly density: number } {
  let [below, density] = [0, 0];
  for (let k = 0; k < weights.length; k += 1) {
    const [weight, scale] = [weights[k] ?? 0, scales[k] ?? 1];
    const z = (value - (means[k] ?? 0)) / scale;
    const bell = Math.exp(-0.5 * z * z);
    const tail = tailOf(Math.abs(z), bell);
    below += weight * (z > 0 ? 1 - tail : tail);
    density += (weight * bell) / scale;
  }
  return { below, density: density / ROOT_TWO_PI };
}

const FAR = 7.07106781186547;

/** Normal tail beyond z >= 0, of e^(−z²/2), to 1e-14: Hart's rational function (as in West 2005), faster than Φ to the last bit. */
function tailOf(z: number, bell: number): number {
  if (z > FAR) return bell / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / ROOT_TWO_PI;
  let over = 3.52624965998911e-2 * z + 0.700383064443688;
  over = over * z + 6.37396220353165;
  over = over * z + 33.912866078383;
  over = over * z + 112.079291497871;
  over = over * z + 221.213596169931;
  over = over * z + 220.206867912376;
  let under = 8.83883476483184e-2 * z + 1.75566716318264;
  under = under * z + 16.064177579207;
  under = under * z + 86.7807322029461;
  under = under * z + 296.564248779674;
  under = under * z + 637.333633378831;
  under = under * z + 793.826512519948;
  under = under * z + 440.413735824752;
  return (bell * over) / under;
}
