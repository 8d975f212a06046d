import { normalFrom } from "../../../signal/random.ts";
import { CTG_HZ, type Baseline } from "../trace.ts";
import { LENGTH_S } from "./anchors.ts";
import { BAND_SDS } from "./posterior.ts";

const EVERY_S = 30;
const EVERY = EVERY_S * CTG_HZ; // samples
/** Memory of the process over one knot: Matérn of order 3/2, counted in standard deviations. */
const A = (Math.sqrt(3) * EVERY_S) / LENGTH_S;
const FALL = Math.exp(-A);
const STEP = { a: FALL * (1 + A), b: FALL * A, c: -FALL * A, d: FALL * (1 - A) } as const;
const NEW = (() => {
  const { a, b, c, d } = STEP;
  const own = Math.sqrt(1 - a * a - b * b);
  const shared = -(a * c + b * d) / own;
  return { own, shared, slope: Math.sqrt(1 - c * c - d * d - shared * shared) };
})();

/**
 * One line that the baseline may be: its value and a smooth deviation whose size at each sample is the band's and which stays
 * much the same over three minutes. What two sides of an anchor have in common beyond it is not drawn.
 * @param uniform numbers in [0, 1)
 * @returns [n] beats a minute
 */
export function drawBaseline({ value, low, high }: Baseline, uniform: () => number): Float64Array {
  const n = value.length;
  const knots = deviations(Math.floor(Math.max(0, n - 1) / EVERY) + 3, normalFrom(uniform));
  const drawn = new Float64Array(n);
  for (let from = 0, k = 0; from < n; from += EVERY, k += 1) {
    // a cubic through the deviation and its slope at both knots
    const [z, v] = [knots.deviation[k] ?? 0, knots.slope[k] ?? 0];
    const [nextZ, nextV] = [knots.deviation[k + 1] ?? 0, knots.slope[k + 1] ?? 0];
    const rise = nextZ - z;
    const [square, cube] = [3 * rise - 2 * v - nextV, v + nextV - 2 * rise];
    const to = Math.min(n, from + EVERY);
    for (let i = from; i < to; i += 1) {
      const u = (i - from) / EVERY;
      const deviation = z + u * (v + u * (square + u * cube));
      drawn[i] = (value[i] ?? 0) + (((high[i] ?? 0) - (low[i] ?? 0)) / 2 / BAND_SDS) * deviation;
    }
  }
  return drawn;
}

/** A stationary process and its slope a knot: both of variance 1, the slope then in standard deviations a knot. */
function deviations(
  count: number,
  normal: () => number,
): { readonly deviation: Float64Array; readonly slope: Float64Array } {
  const deviation = new Float64Array(count);
  const slope = new Float64Array(count);
  let [z, v] = [normal(), normal()];
  for (let k = 0; k < count; k += 1) {
    deviation[k] = z;
    slope[k] = A * v;
    const [first, second] = [normal(), normal()];
    [z, v] = [
      STEP.a * z + STEP.b * v + NEW.own * first,
      STEP.c * z + STEP.d * v + NEW.shared * first + NEW.slope * second,
    ];
  }
  return { deviation, slope };
}
