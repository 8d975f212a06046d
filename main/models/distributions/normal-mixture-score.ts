import type { Component } from "./predictive.ts";
import { standardLaw } from "./student-t.ts";

const normal = standardLaw(Infinity);
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** E|X| of a normal X. */
function meanSize(mean: number, variance: number): number {
  const scale = Math.sqrt(variance);
  const z = mean / scale;
  return (2 * scale * Math.exp(-0.5 * z * z)) / ROOT_TWO_PI + mean * (2 * normal.cdf(z) - 1);
}

/**
 * Continuous ranked probability score of a mixture of normals, in closed form (Grimit and others 2006):
 * Σ w_i E|X_i − y| − ½ Σ w_i w_j E|X_i − X_j|. Weights sum to 1.
 */
export function normalMixtureScore(parts: readonly Omit<Component, "nu">[], value: number): number {
  let sum = 0;
  parts.forEach(({ weight, mean, scale }, i) => {
    sum += weight * meanSize(mean - value, scale * scale);
    sum -= 0.5 * weight * weight * meanSize(0, 2 * scale * scale);
    for (let j = 0; j < i; j += 1) {
      const other = parts[j];
      if (other === undefined) continue;
      sum -= weight * other.weight * meanSize(mean - other.mean, scale * scale + other.scale * other.scale);
    }
  });
  return sum;
}
