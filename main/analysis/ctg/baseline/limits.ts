import type { Samples } from "../trace.ts";

const LEAST_SHARE = 0.5; // of a block that is observed; of less it says nothing

/**
 * What a value must lie within to occur in every block that covers a place: the greatest of the blocks' least values and the
 * least of their greatest (an opening and a closing). Infinite where no block can say.
 * @param block length of a block, in values
 */
export function slidingLimits(
  { values, observed }: Samples,
  block: number,
): { readonly low: Float64Array; readonly high: Float64Array } {
  const n = values.length;
  if (n === 0) return { low: new Float64Array(0), high: new Float64Array(0) };
  const size = Math.min(block, n);
  const isEnough = blocksObserved(observed, size);
  const side = (sign: 1 | -1): Float64Array => {
    const signed = values.map((v, i) => (observed[i] === 1 ? sign * v : Infinity));
    const least = slidingLeast(signed, size).map((v, b) => (isEnough[b] === 1 ? v : -Infinity));
    // block b covers places b … b + size - 1, so place t is covered by blocks t - size + 1 … t
    const padded = new Float64Array(n + size - 1).fill(Infinity);
    padded.set(
      least.map((v) => -v),
      size - 1,
    );
    return slidingLeast(padded, size).map((v) => sign * -v);
  };
  const [low, high] = [side(1), side(-1)];
  low.forEach((v, i) => {
    if (v <= (high[i] ?? 0)) return; // only where the place itself is not observed
    low[i] = -Infinity;
    high[i] = Infinity;
  });
  return { low, high };
}

function blocksObserved(observed: Uint8Array, size: number): Uint8Array {
  const enough = new Uint8Array(Math.max(0, observed.length - size + 1));
  let seen = 0;
  observed.forEach((is, i) => {
    seen += is - (i >= size ? (observed[i - size] ?? 0) : 0);
    if (i >= size - 1) enough[i - size + 1] = seen >= LEAST_SHARE * size ? 1 : 0;
  });
  return enough;
}

/** Least of each `size` neighbours: [n - size + 1]. A queue of candidates, each second enters and leaves once. */
function slidingLeast(values: Float64Array, size: number): Float64Array {
  const least = new Float64Array(Math.max(0, values.length - size + 1));
  const queue = new Int32Array(values.length);
  let [front, end] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    while (end > front && (values[queue[end - 1] ?? 0] ?? 0) >= value) end -= 1;
    queue[end] = i;
    end += 1;
    if ((queue[front] ?? 0) <= i - size) front += 1;
    if (i >= size - 1) least[i - size + 1] = values[queue[front] ?? 0] ?? 0;
  }
  return least;
}
