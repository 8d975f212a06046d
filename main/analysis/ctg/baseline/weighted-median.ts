/** Buckets that the order of values is cut into: a median is looked for among their sums, then within one of them. */
const BUCKETS = 256;
/** Below this share of the middle's weight a window is over. */
const NEGLIGIBLE = 1e-5;

interface MedianWindow {
  readonly centre: number; // samples
  readonly reach: number; // samples on each side at which the triangle ends
  readonly low: number; // values outside of these are left out
  readonly high: number;
  readonly extra: number; // one more value
  readonly topUpTo: number; // share of the window's weight that the extra value fills up to
}

interface MedianFound {
  readonly value: number; // NaN: nothing in the window has a weight
  readonly mass: number; // share of the window's weight that its values have, without the extra one
}

interface Shape {
  readonly under: Float64Array; // weight by distance from the middle, as far as it matters
  readonly upTo: Float64Array; // sums of those before
}

/**
 * Weighted medians under a triangle raised to a power of two. The values are sorted once; a window then costs its length and
 * no sorting. The median is the least value with which half of the weight is reached.
 */
export class WeightedMedians {
  readonly #values: Float64Array;
  readonly #weights: Float64Array;
  readonly #squarings: number;
  readonly #order: Int32Array; // samples in ascending order of value
  readonly #bucketOf: Uint16Array; // of each sample
  readonly #bucketSize: number;
  readonly #sums = new Float64Array(BUCKETS);
  readonly #shapes = new Map<number, Shape>();

  /** values, weights: [n]; weights in [0, 1]; power 1, 2, 4 … */
  constructor(values: Float64Array, weights: Float64Array, power: number) {
    this.#values = values;
    this.#weights = weights;
    this.#squarings = Math.round(Math.log2(power));
    this.#order = Int32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    this.#bucketSize = Math.max(1, Math.ceil(values.length / BUCKETS));
    this.#bucketOf = new Uint16Array(values.length);
    this.#order.forEach((sample, rank) => {
      this.#bucketOf[sample] = Math.floor(rank / this.#bucketSize);
    });
  }

  find(window: MedianWindow): MedianFound {
    const { centre, extra, topUpTo } = window;
    const shape = this.#shape(window.reach);
    const { under, upTo } = shape;
    const from = Math.max(0, centre - under.length + 1);
    const to = Math.min(this.#values.length, centre + under.length);
    this.#sums.fill(0);
    this.#count(-1, from - 1, under, window);
    this.#count(1, to, under, window);
    let mass = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) mass += this.#sums[bucket] ?? 0;
    const whole = (upTo[to - centre] ?? 0) + (upTo[centre - from + 1] ?? 0) - (upTo[1] ?? 0);
    const share = whole > 0 ? mass / whole : 0;
    const topUp = Math.max(0, topUpTo * whole - mass);
    if (mass + topUp <= 0) return { value: NaN, mass: share };
    if (topUp >= mass) return { value: extra, mass: share };
    const upper = this.#reached((mass + topUp) / 2, window, under);
    if (topUp === 0) return { value: upper, mass: share };
    const lower = this.#reached((mass - topUp) / 2, window, under);
    return { value: Math.min(upper, Math.max(lower, extra)), mass: share };
  }

  #count(side: -1 | 1, to: number, under: Float64Array, { centre, low, high }: MedianWindow): void {
    const [values, weights, bucketOf, sums] = [this.#values, this.#weights, this.#bucketOf, this.#sums];
    const count = Math.abs(to - centre);
    for (let distance = side < 0 ? 1 : 0; distance < count; distance += 1) {
      const i = centre + side * distance;
      const value = values[i] ?? 0;
      if (value < low || value > high) continue;
      const bucket = bucketOf[i] ?? 0;
      sums[bucket] = (sums[bucket] ?? 0) + (under[distance] ?? 0) * (weights[i] ?? 0);
    }
  }

  /** The least value with which so much of the window's weight is reached. */
  #reached(weight: number, { centre, low, high }: MedianWindow, under: Float64Array): number {
    const size = this.#bucketSize;
    const end = this.#order.length;
    let behind = 0;
    let bucket = 0;
    for (; (bucket + 1) * size < end && behind + (this.#sums[bucket] ?? 0) < weight; bucket += 1)
      behind += this.#sums[bucket] ?? 0;
    let value = NaN;
    for (let rank = bucket * size; rank < end && behind < weight; rank += 1) {
      const sample = this.#order[rank] ?? 0;
      const distance = Math.abs(sample - centre);
      if (distance >= under.length) continue;
      const own = this.#values[sample] ?? 0;
      const added = (under[distance] ?? 0) * (this.#weights[sample] ?? 0);
      if (added <= 0 || own < low || own > high) continue;
      behind += added;
      value = own;
    }
    return value;
  }

  #shape(reach: number): Shape {
    const known = this.#shapes.get(reach);
    if (known !== undefined) return known;
    const share = NEGLIGIBLE ** (0.5 ** this.#squarings);
    const length = Math.max(1, Math.ceil(reach * (1 - share)));
    const shape = { under: new Float64Array(length), upTo: new Float64Array(length + 1) };
    for (let i = 0; i < length; i += 1) {
      let weight = 1 - i / reach;
      for (let k = 0; k < this.#squarings; k += 1) weight *= weight;
      shape.under[i] = weight;
      shape.upTo[i + 1] = (shape.upTo[i] ?? 0) + weight;
    }
    this.#shapes.set(reach, shape);
    return shape;
  }
}
