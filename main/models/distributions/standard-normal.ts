/** φ(z), the standard normal density. */
const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

const FAR = 3;

/** Φ(z) to a relative error of 1e-13, in the lower tail too: by its power series near 0, by Laplace's continued fraction far out. */
export function standardNormalCdf(z: number): number {
  if (z < -FAR) return tail(-z);
  if (z > FAR) return 1 - tail(z);
  let term = z;
  let sum = z;
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && i < 400; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + density(z) * sum;
}

/** Over z: the further out, the fewer terms tell of the last bit. */
const TERMS = 180;

/** 1 − Φ(z) for z > 3: φ(z) / (z + 1 / (z + 2 / (z + 3 / …))). */
function tail(z: number): number {
  let below = z;
  for (let i = Math.ceil(TERMS / z) + 4; i >= 1; i -= 1) below = z + i / below;
  return density(z) / below;
}
