import { sortedQuantile } from "../../../../signal/quantile.ts";
import type { Random } from "../../../random.ts";
import { LONGEST_GAP_S } from "./both-ways.ts";

/** Where a contiguous stretch may be hidden: [from, to) in seconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const BURST = { meanS: 12, share: 0.1 };
const DIP = { leastS: 10, mostS: 30, share: 0.8 }; // share of the dips that have a piece hidden
const DEPTH = 10; // beats a minute below the middle of ten minutes
const MIDDLE_S = 300;
const LEAST_DIP_S = 12;

/** A tenth of what was observed, in bursts of twelve seconds on average: of the mask that is left, 0 where hidden. */
export function hiddenBursts(observed: Uint8Array, random: Random): Uint8Array {
  const left = observed.slice();
  const wanted = BURST.share * observed.reduce((sum, one) => sum + one, 0);
  let hidden = 0;
  for (let tries = 0; hidden < wanted && tries < 20 * observed.length; tries += 1) {
    const from = random.below(observed.length);
    const length = Math.ceil(-BURST.meanS * Math.log(1 - random.next()));
    if (length > LONGEST_GAP_S) continue;
    // A second more on each side stays, so that bursts do not grow together.
    let isFree = from > 0 && from + length < observed.length;
    for (let t = from - 1; isFree && t <= from + length; t += 1) isFree = left[t] === 1;
    if (!isFree) continue;
    left.fill(0, from, from + length);
    hidden += length;
  }
  return left;
}

/** 10 to 30 seconds inside stretches, where all of them were observed. */
export function hiddenInside(
  observed: Uint8Array,
  stretches: readonly Stretch[],
  random: Random,
): Uint8Array {
  const left = observed.slice();
  for (const { from, to } of stretches) {
    if (random.next() > DIP.share) continue;
    const most = Math.min(DIP.mostS, to - from - 2);
    if (most < DIP.leastS) continue;
    const length = DIP.leastS + random.below(most - DIP.leastS + 1);
    const start = from + 1 + random.below(Math.max(1, to - from - length - 1));
    let isFree = start > 0;
    for (let t = start - 1; isFree && t <= start + length; t += 1) isFree = left[t] === 1;
    if (isFree) left.fill(0, start, start + length);
  }
  return left;
}

/** Stretches where the rate lies well below its middle of ten minutes: a rule that needs no reader. */
export function dipsOf(y: Float64Array, observed: Uint8Array): Stretch[] {
  const dips: Stretch[] = [];
  let from = -1;
  let middle = Number.NaN;
  for (let t = 0; t <= y.length; t += 1) {
    if (t % 15 === 0) middle = middleAround(y, observed, t);
    const isLow = observed[t] === 1 && (y[t] ?? 0) < middle - DEPTH;
    if (isLow && from < 0) from = t;
    if (!isLow && from >= 0) {
      if (t - from >= LEAST_DIP_S) dips.push({ from, to: t });
      from = -1;
    }
  }
  return dips;
}

function middleAround(y: Float64Array, observed: Uint8Array, t: number): number {
  const values: number[] = [];
  for (let i = Math.max(0, t - MIDDLE_S); i < Math.min(y.length, t + MIDDLE_S); i += 2)
    if (observed[i] === 1) values.push(y[i] ?? 0);
  return sortedQuantile(
    values.sort((a, b) => a - b),
    values.length,
    0.5,
  );
}
