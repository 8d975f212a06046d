import type { Random } from "../random.ts";

export interface Clusters {
  readonly labels: Int32Array; // [n]
  readonly centres: Float64Array; // [k x d]
  readonly within: number; // sum of squared distances to the own centre
}

const MOST_ROUNDS = 100;

/**
 * Lloyd's k-means from the seeds of k-means++ (Arthur and Vassilvitskii 2007). x: [n x d]. Fewer points than clusters
 * leave clusters empty.
 */
export function kMeans(
  x: ArrayLike<number>,
  { count, width, clusters }: { readonly count: number; readonly width: number; readonly clusters: number },
  random: Random,
): Clusters {
  const shape = { count, width, clusters };
  const centres = spreadSeeds(x, shape, random);
  const labels = new Int32Array(count).fill(-1);
  let within = 0;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = nearest(x, centres, shape, labels);
    within = next.within;
    if (!next.hasMoved) break;
    centresOf(x, labels, centres, shape);
  }
  return { labels, centres, within };
}

interface Shape {
  readonly count: number;
  readonly width: number;
  readonly clusters: number;
}

const distance = (
  x: ArrayLike<number>,
  row: number,
  centres: Float64Array,
  c: number,
  width: number,
): number => {
  let sum = 0;
  for (let i = 0; i < width; i += 1) {
    const apart = (x[row * width + i] ?? 0) - (centres[c * width + i] ?? 0);
    sum += apart * apart;
  }
  return sum;
};

/** Each further seed is a point drawn with the square of its distance to the seeds so far. */
function spreadSeeds(x: ArrayLike<number>, { count, width, clusters }: Shape, random: Random): Float64Array {
  const centres = new Float64Array(clusters * width);
  const apart = new Float64Array(count).fill(Infinity);
  for (let c = 0; c < clusters && count > 0; c += 1) {
    const chosen = c === 0 ? random.below(count) : drawn(apart, random);
    for (let i = 0; i < width; i += 1) centres[c * width + i] = x[chosen * width + i] ?? 0;
    for (let n = 0; n < count; n += 1) apart[n] = Math.min(apart[n] ?? 0, distance(x, n, centres, c, width));
  }
  return centres;
}

function drawn(mass: Float64Array, random: Random): number {
  let left = random.next() * mass.reduce((sum, one) => sum + one, 0);
  for (let n = 0; n < mass.length; n += 1) {
    left -= mass[n] ?? 0;
    if (left < 0) return n;
  }
  return mass.length - 1;
}

function nearest(
  x: ArrayLike<number>,
  centres: Float64Array,
  { count, width, clusters }: Shape,
  labels: Int32Array,
): { readonly within: number; readonly hasMoved: boolean } {
  let within = 0;
  let hasMoved = false;
  for (let n = 0; n < count; n += 1) {
    let [best, least] = [0, Infinity];
    for (let c = 0; c < clusters; c += 1) {
      const apart = distance(x, n, centres, c, width);
      if (apart < least) [best, least] = [c, apart];
    }
    hasMoved ||= labels[n] !== best;
    labels[n] = best;
    within += least;
  }
  return { within, hasMoved };
}

/** Means of the clusters in place of their centres; an empty one stays where it is. */
function centresOf(
  x: ArrayLike<number>,
  labels: Int32Array,
  centres: Float64Array,
  { count, width, clusters }: Shape,
): void {
  const size = new Float64Array(clusters);
  for (let n = 0; n < count; n += 1) size[labels[n] ?? 0] = (size[labels[n] ?? 0] ?? 0) + 1;
  for (let c = 0; c < clusters; c += 1) if ((size[c] ?? 0) > 0) centres.fill(0, c * width, (c + 1) * width);
  for (let n = 0; n < count; n += 1) {
    const at = (labels[n] ?? 0) * width;
    const share = 1 / (size[labels[n] ?? 0] ?? 1);
    for (let i = 0; i < width; i += 1)
      centres[at + i] = (centres[at + i] ?? 0) + share * (x[n * width + i] ?? 0);
  }
}
