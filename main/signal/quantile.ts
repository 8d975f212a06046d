import { sure } from "../../preload/contract/sure.ts";

/** Quantile of a sorted array with linear interpolation between order statistics. */
export function sortedQuantile(sorted: ArrayLike<number>, count: number, share: number): number {
  if (count === 0) return NaN;
  const at = share * (count - 1);
  const below = Math.floor(at);
  const low = sure(sorted[below]);
  const high = sure(sorted[Math.min(below + 1, count - 1)]);
  return low + (high - low) * (at - below);
}

export interface RunningOptions {
  readonly halfWidth: number; // samples on each side
  readonly step: number; // samples between exact values; in between linear
  readonly minCount: number; // fewer observed samples than this: the nearest exact value is taken
  readonly shares: readonly number[]; // quantiles wanted
}

/**
 * Quantiles of the observed samples within +-halfWidth of every sample, exact on a grid of `step` samples and linear
 * in between. Where a stretch has too few observed samples the nearest stretch that has enough stands in; without any
 * the result is NaN. Not causal: it looks ahead by halfWidth. The stretch moves over a tree of counts a value (Fenwick
 * 1994), so that its width costs nothing.
 * @returns one array [n] a share
 */
export function runningQuantiles(
  values: Float32Array,
  observed: Uint8Array,
  options: RunningOptions,
): readonly Float32Array[] {
  const { halfWidth, step, minCount, shares } = options;
  const n = values.length;
  const knots = n === 0 ? 0 : Math.floor((n - 1) / step) + 1;
  const exact = shares.map(() => new Float64Array(knots).fill(NaN));
  const counted = new CountedValues(values.filter((_, i) => observed[i] === 1));
  let [from, to] = [0, 0]; // samples [from, to) are counted
  for (let knot = 0; knot < knots; knot += 1) {
    const end = Math.min(n, knot * step + halfWidth + 1);
    const begin = Math.max(0, knot * step - halfWidth);
    for (; to < end; to += 1) if (observed[to] === 1) counted.add(sure(values[to]), 1);
    for (; from < begin; from += 1) if (observed[from] === 1) counted.add(sure(values[from]), -1);
    if (counted.count === 0 || counted.count < minCount) continue;
    shares.forEach((share, s) => {
      (exact[s] as Float64Array)[knot] = counted.quantile(share);
    });
  }
  return exact.map((knotValues) => interpolate(fillNearest(knotValues), step, n));
}

/**
 * The median of the observed samples among the `width` before every sample, NaN where fewer than `minCount` of them were
 * observed. Causal: the sample itself does not count.
 */
export function pastMedians(
  values: Float32Array,
  observed: Uint8Array,
  { width, minCount }: { readonly width: number; readonly minCount: number },
): Float32Array {
  const counted = new CountedValues(values.filter((_, i) => observed[i] === 1));
  const count = (at: number, times: number): void => {
    if (observed[at] === 1) counted.add(sure(values[at]), times);
  };
  return values.map((_, i) => {
    count(i - 1, 1);
    count(i - 1 - width, -1);
    return counted.count < minCount ? NaN : counted.quantile(0.5);
  });
}

/** How often each of some values is there. Adding, taking away and finding the k-th take the logarithm of their number. */
class CountedValues {
  readonly #sorted: Float32Array;
  readonly #tree: Int32Array; // counts from 1; node i holds those of (i - (i & -i), i]
  readonly #top: number; // the largest power of two within
  count = 0;

  constructor(possible: Float32Array) {
    this.#sorted = possible.sort();
    this.#tree = new Int32Array(possible.length + 1);
    this.#top = possible.length === 0 ? 0 : 2 ** Math.floor(Math.log2(possible.length));
  }

  add(value: number, times: number): void {
    this.count += times;
    for (let i = this.#placeOf(value) + 1; i < this.#tree.length; i += i & -i)
      this.#tree[i] = sure(this.#tree[i]) + times;
  }

  /** As sortedQuantile of all that are there. */
  quantile(share: number): number {
    const at = share * (this.count - 1);
    const below = Math.floor(at);
    const low = this.#at(below);
    const high = this.#at(Math.min(below + 1, this.count - 1));
    return low + (high - low) * (at - below);
  }

  /** The value with `before` others in front of it. */
  #at(before: number): number {
    let node = 0;
    let left = before;
    for (let reach = this.#top; reach >= 1; reach /= 2) {
      const next = node + reach;
      const own = this.#tree[next];
      if (own === undefined || own > left) continue;
      node = next;
      left -= own;
    }
    return sure(this.#sorted[node]);
  }

  #placeOf(value: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sure(this.#sorted[middle]) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Replaces NaN by the nearest value that is not; ties go to the earlier one. All NaN stays NaN. */
function fillNearest(values: Float64Array): Float64Array {
  const n = values.length;
  const before = new Int32Array(n).fill(-1);
  const after = new Int32Array(n).fill(-1);
  for (let i = 0, last = -1; i < n; i += 1) {
    if (!Number.isNaN(values[i])) last = i;
    before[i] = last;
  }
  for (let i = n - 1, next = -1; i >= 0; i -= 1) {
    if (!Number.isNaN(values[i])) next = i;
    after[i] = next;
  }
  return Float64Array.from(values, (_, i) => {
    const left = sure(before[i]);
    const right = sure(after[i]);
    if (left < 0 && right < 0) return NaN;
    if (left < 0) return sure(values[right]);
    if (right < 0) return sure(values[left]);
    return sure(values[i - left <= right - i ? left : right]);
  });
}

function interpolate(knots: Float64Array, step: number, n: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const at = i / step;
    const left = Math.floor(at);
    const low = sure(knots[left]);
    const high = sure(knots[Math.min(left + 1, knots.length - 1)]);
    return low + (high - low) * (at - left);
  });
}
