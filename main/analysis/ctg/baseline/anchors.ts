import type { Anchor } from "../../../../preload/contract/ctg.ts";

/** How well an anchor tells the baseline (beats a minute): so well that the line passes there [D]. */
const ANCHOR_SD_BPM = 0.3;
/** Over this time a method's error stays much the same: Matérn process of order 3/2, its length in seconds [D]. */
export const LENGTH_S = 180;

interface Correction {
  readonly shift: Float64Array; // beats a minute, onto the method's line
  readonly narrowed: Float64Array; // what is left of its standard deviation, in (0, 1]
}

/** Mean, and covariance of a deviation in standard deviations and of its slope, both of variance 1 without evidence. */
interface Belief {
  readonly mean: readonly [number, number];
  readonly covariance: readonly [number, number, number]; // of the deviation, of both, of the slope
}

const PRIOR: Belief = { mean: [0, 0], covariance: [1, 0, 1] };

/**
 * A method errs by a smooth process of its own standard deviation; each anchor observes the true baseline. What both make of
 * it, exactly, in time that grows with the number of knots: beliefs from the left and from the right are joined. Between anchors that
 * contradict each other within seconds it would swing far past both: the line stays between the lowest and the highest that
 * the method or an anchor says.
 * @param level, sd of the method, at knots that are `everyS` apart, the first one at `firstS`
 */
export function conditioned(
  { level, sd }: { readonly level: Float64Array; readonly sd: Float64Array },
  anchors: readonly Anchor[],
  { firstS, everyS }: { readonly firstS: number; readonly everyS: number },
): Correction {
  const count = level.length;
  const correction = { shift: new Float64Array(count), narrowed: new Float64Array(count).fill(1) };
  if (anchors.length === 0 || count === 0) return correction;
  const at = new Map<number, { sum: number; times: number }>();
  for (const { atS, bpm } of anchors) {
    const knot = Math.min(count - 1, Math.max(0, Math.round((atS - firstS) / everyS)));
    const here = at.get(knot) ?? { sum: 0, times: 0 };
    at.set(knot, { sum: here.sum + bpm - (level[knot] ?? 0), times: here.times + 1 });
  }
  const observe = (belief: Belief, knot: number): Belief => {
    const here = at.get(knot);
    const own = sd[knot] ?? 1;
    if (here === undefined) return belief;
    return updated(belief, here.sum / here.times / own, ANCHOR_SD_BPM ** 2 / here.times / own ** 2);
  };
  const told = anchors.map(({ bpm }) => bpm);
  const [lowest, highest] = level.reduce(
    ([low, high], bpm) => [Math.min(low, bpm), Math.max(high, bpm)] as const,
    [Math.min(...told), Math.max(...told)] as const,
  );
  const step = transition(everyS);
  const left: Belief[] = [];
  for (let knot = 0, belief = PRIOR; knot < count; knot += 1) {
    belief = observe(knot === 0 ? PRIOR : predicted(belief, step), knot);
    left.push(belief);
  }
  for (let knot = count - 1, right = PRIOR; knot >= 0; knot -= 1) {
    const { mean, variance } = joined(left[knot] ?? PRIOR, right);
    const [line, shift] = [level[knot] ?? 0, mean * (sd[knot] ?? 0)];
    correction.shift[knot] = Math.min(highest, Math.max(lowest, line + shift)) - line;
    correction.narrowed[knot] = Math.sqrt(variance);
    right = predicted(observe(right, knot), step);
  }
  return correction;
}

/** From one knot to the next. The slope is counted in its own standard deviations. */
function transition(everyS: number): readonly [number, number, number, number] {
  const a = (Math.sqrt(3) * everyS) / LENGTH_S;
  const fall = Math.exp(-a);
  return [fall * (1 + a), fall * a, -fall * a, fall * (1 - a)];
}

function predicted({ mean, covariance }: Belief, step: readonly [number, number, number, number]): Belief {
  const [a, b, c, d] = step;
  const [p, q, r] = [covariance[0] - 1, covariance[1], covariance[2] - 1]; // less than no evidence leaves
  return {
    mean: [a * mean[0] + b * mean[1], c * mean[0] + d * mean[1]],
    covariance: [
      1 + a * a * p + 2 * a * b * q + b * b * r,
      a * c * p + (a * d + b * c) * q + b * d * r,
      1 + c * c * p + 2 * c * d * q + d * d * r,
    ],
  };
}

function updated({ mean, covariance }: Belief, value: number, noise: number): Belief {
  const [p, q, r] = covariance;
  const [gain, slopeGain] = [p / (p + noise), q / (p + noise)];
  const missed = value - mean[0];
  return {
    mean: [mean[0] + gain * missed, mean[1] + slopeGain * missed],
    covariance: [p * (1 - gain), q * (1 - gain), r - slopeGain * q],
  };
}

/** The deviation where evidence from the left (with the knot's own) meets that from the right, whose slope runs backwards. */
function joined(left: Belief, right: Belief): { readonly mean: number; readonly variance: number } {
  const l = precision(left.covariance);
  const r = precision([right.covariance[0], -right.covariance[1], right.covariance[2]]);
  const [p, q, s] = [l[0] + r[0] - 1, l[1] + r[1], l[2] + r[2] - 1];
  const determinant = p * s - q * q;
  const [ml, nl] = left.mean;
  const [mr, nr] = [right.mean[0], -right.mean[1]];
  const pull = l[0] * ml + l[1] * nl + r[0] * mr + r[1] * nr;
  const slopePull = l[1] * ml + l[2] * nl + r[1] * mr + r[2] * nr;
  return { mean: (s * pull - q * slopePull) / determinant, variance: s / determinant };
}

function precision([p, q, r]: readonly [number, number, number]): readonly [number, number, number] {
  const determinant = p * r - q * q;
  return [r / determinant, -q / determinant, p / determinant];
}
