import { naturalSpline } from "./spline.ts";

const CHANGE = 0.1;
const MOST_SIFTS = 50;

/** Indices of local maxima and minima of a series; of a plateau its first sample. */
export function extremaOf(values: Float64Array): {
  readonly maxima: readonly number[];
  readonly minima: readonly number[];
} {
  const found: { maxima: number[]; minima: number[] } = { maxima: [], minima: [] };
  let rising = 0;
  let turn = 0;
  for (let i = 1; i < values.length; i += 1) {
    const step = (values[i] ?? 0) - (values[i - 1] ?? 0);
    if (step === 0) continue;
    if (rising > 0 && step < 0) found.maxima.push(turn);
    if (rising < 0 && step > 0) found.minima.push(turn);
    rising = step;
    turn = i;
  }
  return found;
}

/**
 * What empirical mode decomposition leaves of a series after its fastest `modes` modes (Huang 1998): each is sifted, the mean
 * of the envelopes taken out, until what changes is a tenth of it in squares.
 */
export function withoutFastModes(values: Float64Array, modes: number): Float64Array {
  let rest = Float64Array.from(values);
  for (let mode = 0; mode < modes; mode += 1) {
    const fast = sifted(rest);
    if (fast === undefined) return rest;
    rest = rest.map((v, i) => v - (fast[i] ?? 0));
  }
  return rest;
}

/** The fastest mode; undefined where too few extrema are left for one. */
function sifted(values: Float64Array): Float64Array | undefined {
  let mode = values;
  for (let sift = 0; sift < MOST_SIFTS; sift += 1) {
    const { maxima, minima } = extremaOf(mode);
    if (maxima.length < 2 || minima.length < 2) return sift === 0 ? undefined : mode;
    const [upper, lower] = [envelope(mode, maxima), envelope(mode, minima)];
    let [change, whole] = [0, 0];
    mode = mode.map((v, i) => {
      const middle = ((upper[i] ?? 0) + (lower[i] ?? 0)) / 2;
      change += middle * middle;
      whole += v * v;
      return v - middle;
    });
    if (change <= CHANGE * whole) return mode;
  }
  return mode;
}

/** A spline through extrema, the outermost two mirrored beyond each end. */
function envelope(values: Float64Array, at: readonly number[]): Float64Array {
  const last = values.length - 1;
  const before = at.slice(0, 2).reverse();
  const after = at.slice(-2).reverse();
  const places = [...before.map((i) => -i), ...at, ...after.map((i) => 2 * last - i)];
  const own = [...before, ...at, ...after];
  const isNew = (k: number): boolean => k === 0 || (places[k] ?? 0) > (places[k - 1] ?? 0);
  const kept = [...places.keys()].filter(isNew);
  return naturalSpline(
    Float64Array.from(kept, (k) => places[k] ?? 0),
    Float64Array.from(kept, (k) => values[own[k] ?? 0] ?? 0),
    values.length,
  );
}
